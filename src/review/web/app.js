// The review screens: a few modules, no libraries, no inline anything. Whatever came from a fax or a file
// name is only ever set as text. Imports point down: app -> screens -> item -> frame -> supply -> state.
import { S, go, app, call } from './state.js';
import { next, show, single } from './single.js';
import { grid } from './grid.js';
import { home } from './home.js';
import './keys.js';

Object.assign(go, { next, show, single, grid, home });

async function main() {
  const start = await call('/api/start');
  Object.assign(S, start, { sent: [], run: {} });
  await home();
}

main().catch((e) => { if (e.status === 401) location.assign('/'); else app.textContent = String(e.message); });
