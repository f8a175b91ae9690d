// What every single item offers: leave it, pass it on, and settle it.
import { S, go, app, t, el, key, valueText } from './state.js';
import { unseen } from './pictures.js';
import { commit } from './decide.js';
import { common } from './frame.js';
import { applyView, zoom, togglePage, banner } from './view.js';

export function settle(did) {
  const item = S.current;
  if (!item || (!['skip', 'escalate'].includes(did.do) && unseen([item]))) return;
  S.sent.push(item.key);
  commit([item], [did]).then(() => { S.sent = S.sent.filter((k) => k !== item.key); });
  go.next();
}

export function withNote(what) {
  const input = el('input', { class: 'note', 'aria-label': t('note'), maxlength: 400 });
  const done = () => settle({ do: what, note: input.value });
  const line = el('form', { class: 'noteline', on: { submit: (e) => { e.preventDefault(); done(); } } },
    el('label', {}, `${t(what)} · ${t('note')} `, input), el('button', {}, key('Enter'), t(what)));
  app.querySelector('.noteline')?.remove();
  app.querySelector('main').append(line);
  input.focus();
}

export const itemKeys = () => [
  { code: 'KeyX', cap: 'X', label: t('cannot_tell'), run: () => settle({ do: 'cannot_tell' }) },
  { code: 'KeyS', cap: 'S', label: t('skip'), run: () => withNote('skip') },
  { code: 'KeyE', cap: 'E', label: t('escalate'), run: () => withNote('escalate') },
  ...common().slice(0, 2),
  { code: 'KeyP', cap: 'P', label: t('page_key'), run: togglePage },
  { code: 'KeyZ', cap: 'Z', label: t('zoom'), run: zoom },
  { code: 'KeyT', cap: 'T', label: t('turn'), run: () => { S.view.turn = (S.view.turn + 90) % 360; applyView(); } },
  { code: 'KeyB', cap: 'B', label: t('banner_key'), run: banner },
  ...common().slice(2),
  ...[['ArrowLeft', 60, 0], ['ArrowRight', -60, 0], ['ArrowUp', 0, 60], ['ArrowDown', 0, -60]].map(([code, x, y]) => ({
    code, cap: '←→↑↓', label: code === 'ArrowLeft' ? t('pan') : undefined, run: () => { S.view.x += x; S.view.y += y; applyView(); },
  })),
];

// The item's former decision, and what others noted.
export function remarks(item, q) {
  return [
    item.again ? el('p', { class: 'again' }, t('again', { value: valueText(q, item.guess) })) : null,
    ...item.remarks.filter((r) => r.note).map((r) => el('p', { class: 'again' }, `${r.who}: ${r.note}`)),
  ];
}
