// What is decided goes to the server; where another person was first, the screen asks.
import { S, app, t, el, key, call, say, questionOf, valueText } from './state.js';
import { save } from './saver.js';
import { picture } from './pictures.js';

export function commit(items, did) {
  const now = performance.now();
  const took = Math.round((now - S.shownAt) / items.length);
  const rows = items.map((item, i) => ({ key: item.key, seen: item.rev, took_ms: took, ...did[i] }));
  S.done += items.length;
  return save(async () => {
    const told = await call('/api/decide', { items: rows });
    told.items.forEach((o, i) => outcome(o, items[i], did[i]));
    return told;
  });
}

export function outcome(o, item, did) {
  if (o.disagree) say(t('disagree'));
  if (o.kept) return;
  S.done -= 1;
  if (o.problem) { say(t('refused', { problem: o.problem }), 'bad'); return; }
  dialogs.push({ item, did, o });
  if (dialogs.length === 1) showDialog();
}

export const dialogs = [];

export function showDialog() {
  document.querySelector('.dialog')?.remove();
  const d = dialogs[0];
  if (!d) return;
  const q = questionOf(d.item);
  const head = t('conflict', { who: d.o.who, value: valueText(q, d.o.value) });
  const close = (mine) => {
    dialogs.shift();
    document.querySelector('.dialog')?.remove();
    if (mine) commit([{ ...d.item, rev: d.o.rev }], [d.did]);
    showDialog();
  };
  const leave = el('button', { on: { click: () => close(false) } }, key('Enter'), t('accept'));
  app.append(el('div', { class: 'dialog', role: 'alertdialog', 'aria-modal': 'true', 'aria-label': head },
    el('div', {}, el('p', {}, head), d.item.kind === 'page' ? null : picture(d.item, false), el('p', { class: 'hint' }, t('conflict_hint')),
      el('div', { class: 'row' }, leave, el('button', { on: { click: () => close(true) } }, key('O'), valueText(q, d.did.value ?? d.did.verdict ?? t(d.did.do)))))));
  leave.focus();
  showDialog.close = close;
}
