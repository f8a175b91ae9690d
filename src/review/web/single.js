// One by one.
import { S, go, t, el } from './state.js';
import { sheetOf } from './pictures.js';
import { BUFFER, supply, after, begin } from './supply.js';
import { frame, common } from './frame.js';
import { showAnswer } from './choice.js';
import { showText } from './writing.js';
import { showPage } from './page.js';

export const AHEAD = 3;

export async function single(filter) {
  begin(filter);
  frame('wait', common(), el('p', { class: 'loading' }, t('loading')));
  await after(supply(BUFFER), next);
}

export function next() {
  const item = S.buffer.shift();
  // Before more is asked for: what is on the screen must not come twice.
  S.current = item ?? null;
  if (S.buffer.length < BUFFER / 2) supply(BUFFER - S.buffer.length);
  if (item) { show(item); return; }
  if (S.supplying) { after(S.supplying, next); return; }
  S.current = null;
  // What others gave back, or what came in meanwhile.
  if (!S.ended) { after(supply(BUFFER), next); return; }
  finished();
}

// Nothing is left of what was wanted; of the rest there may be.
export function finished() {
  const some = Object.values(S.filter).some(Boolean);
  frame('done', [{ code: 'Enter', cap: 'Enter', label: some ? t('go_on') : t('home'), run: () => (some ? single({}) : go.home()) }, ...common()],
    el('p', { class: 'empty' }, t(some ? 'empty_here' : 'empty')), el('p', {}, t('empty_hint')));
}

export function show(item) {
  S.current = item;
  S.shownAt = performance.now();
  S.confirmed = false;
  S.banner = false;
  S.view = { big: false, zoom: 1, turn: 0, x: 0, y: 0 };
  S.value = Array.isArray(item.guess) ? [...item.guess] : item.guess;
  if (item.kind === 'page') showPage(item);
  else if (item.kind === 'text') showText(item);
  else showAnswer(item);
  S.buffer.slice(0, AHEAD).forEach(sheetOf);
}
