// The review screens: a few modules, no libraries, no inline anything. Whatever came from a fax or a file
// name is only ever set as text. Imports point down: app -> screens -> item -> frame -> supply -> state.
import { S, go, app } from './state.js';
import { next, show, single } from './single.js';
import { grid } from './grid.js';
import { home } from './home.js';
import './keys.js';

Object.assign(go, { next, show, single, grid, home });

// What the first screen needs came with the page.
const { queue, ...opening } = JSON.parse(document.getElementById('opening').textContent);
Object.assign(S, opening, { sent: [], run: {} });
home(queue).catch((e) => { app.textContent = String(e.message); });
