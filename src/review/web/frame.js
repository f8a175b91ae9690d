// The frame of every screen, and what every screen can take back.
import { S, go, app, t, el, key, call, live, say } from './state.js';
import { save, showSaving } from './saver.js';
import { preload } from './pictures.js';
import { BUFFER } from './supply.js';

export function frame(name, keys, ...content) {
  S.screen = name;
  S.keys = keys;
  const bar = keys.filter((k) => k.label).map((k) =>
    el('button', { type: 'button', class: 'key', tabindex: '0', on: { click: k.run } }, key(k.cap), k.label));
  app.replaceChildren(
    el('header', {},
      el('h1', {}, 'faxtally ', t('title')),
      el('span', { class: 'count' }),
      el('span', { class: 'saving' }),
      el('span', { class: 'who' }, S.who)),
    el('main', { class: name }, ...content),
    el('footer', {}, el('div', { role: 'toolbar', 'aria-label': t('help') }, ...bar)),
    live);
  showSaving();
  counts();
}

export function counts() {
  const node = document.querySelector('header .count');
  if (node && S.screen !== 'home') node.textContent = t('count', { n: S.done, left: S.left === null ? '' : t('count_left', { n: S.left }) });
}

export const common = () => [
  { code: 'KeyU', cap: 'U', label: t('undo'), run: () => back('undo') },
  { code: 'KeyR', cap: 'R', label: t('redo'), run: () => back('redo') },
  { code: 'Escape', cap: 'Esc', label: t('home'), run: go.home },
];

export async function back(what) {
  const run = S.run;
  const told = await save(() => call(`/api/${what}`, {}));
  if (!told || run !== S.run) return;
  if (!told.keys) { say(t(`nothing_${what}`)); return; }
  say(t(what === 'undo' ? 'undone' : 'redone'));
  S.done += what === 'undo' ? -told.keys.length : told.keys.length;
  S.sent = S.sent?.filter((k) => !told.keys.includes(k)) ?? [];
  S.ended = false;
  if (S.screen === 'home') { go.home(); return; }
  if (S.screen === 'grid') { go.grid(S.filter); return; }
  if (what === 'undo') await recall(told.keys);
  else if (told.keys.includes(S.current?.key)) go.next();
  counts();
}

// What was taken back is shown again, and what was on the screen comes after it.
export async function recall(keys) {
  const found = [];
  for (const k of keys.slice(0, BUFFER)) {
    const [response, kind, ...field] = k.split('/');
    const got = await call('/api/take', { filter: { response, kind, field: field.join('/') }, n: 1 });
    found.push(...got.items);
  }
  found.forEach(preload);
  // One of the blind audit comes again by itself.
  if (found.length === 0) { if (S.current) go.show(S.current); else go.next(); return; }
  S.buffer = [...found.slice(1), S.current, ...S.buffer.filter((i) => !keys.includes(i.key))].filter(Boolean);
  go.show(found[0]);
}
