// The queue: what waits, by question, by reason, by file.
import { S, app, t, el, key, call, say, optionLabel } from './state.js';
import { begin } from './supply.js';
import { frame, back } from './frame.js';
import { single } from './single.js';
import { grid } from './grid.js';

export async function home(given) {
  begin({});
  const run = S.run;
  const q = given?.fields ? given : await call('/api/queue').catch(() => null);
  if (run !== S.run) return;
  if (!q) { say(t('not_saved'), 'stay'); return; }
  S.queue = q;
  const open = (filter, mode) => () => (mode === 'grid' ? grid(filter) : single(filter));
  const most = Math.max(1, ...[...q.fields, ...q.reasons].map((c) => c.items));
  const row = (label, n, filter) => el('li', {},
    el('button', { class: 'line', title: label, 'data-filter': JSON.stringify(filter), on: { click: open(filter) } },
      el('span', {}, label), meter(n / most), el('b', {}, grouped(n))),
    filter.kind === 'answer'
      ? el('button', { class: 'small', on: { click: open(filter, 'grid') }, 'aria-label': `${t('grid')}: ${label}` }, key('G')) : null);
  const name = (c) => {
    if (c.kind === 'page') return t('pages');
    const question = S.forms.flatMap((f) => f.questions).find((x) => x.id === c.name);
    // What tells one line from the next comes first.
    return c.option ? `${c.name} › ${optionLabel(question, c.option)}` : `${c.name} ${question?.label ?? ''}`;
  };
  const list = (title, rows) => rows.length ? el('section', {}, el('h2', {}, title), el('ul', {}, rows)) : null;
  const fields = q.fields.map((c) => row(name(c), c.items,
    { kind: c.kind, field: c.name, option: c.kind === 'answer' ? (c.option || '-') : undefined }));
  const reasons = q.reasons.map((c) => row(c.label || c.name, c.items, { reason: c.name }));
  const files = q.files.map((c) => row(c.name, c.items, { file: c.name }));
  const shelves = [['escalated', 'escalated', q.escalated], ['cannot_tell', 'cannot_tell_shelf', q.cannot_tell],
    ['set_aside', 'set_aside_shelf', q.set_aside], ['audit', 'audit_shelf', q.audit_left]]
    .filter(([, , n]) => n).map(([shelf, name, n]) => row(t(name), n, { shelf }));
  const start = el('button', { class: 'start', on: { click: open({}) } }, key('Enter'), t('start'));
  frame('home', [
    { code: 'Enter', cap: 'Enter', run: open({}) },
    { code: 'KeyD', cap: 'D', label: t('dashboard'), run: () => location.assign('/dashboard') },
    { code: 'KeyG', cap: 'G', label: t('grid'), run: gridFocused },
    { code: 'KeyU', cap: 'U', label: t('undo'), run: () => back('undo') },
    { code: 'KeyR', cap: 'R', label: t('redo'), run: () => back('redo') },
    { code: 'KeyL', cap: 'L', label: t('language'), run: language },
    { code: 'ArrowDown', cap: '↓', label: t('move'), run: () => moveFocus(1) },
    { code: 'ArrowUp', cap: '↑', run: () => moveFocus(-1) },
  ],
  el('section', { class: 'head' },
    el('p', { class: 'big' }, el('b', {}, grouped(q.open)), ' ', t('open')),
    q.open ? start : el('p', { class: 'empty' }, t('empty')),
    q.taken ? el('p', {}, `${t('taken')}: ${q.taken}`) : null,
    q.entered ? el('p', {}, `${t('entered')}: ${q.entered}`) : null,
    el('form', { method: 'post', action: '/logout' }, el('button', { class: 'small' }, t('sign_out')))),
  el('div', { class: 'lists' }, el('div', {}, list(t('by_question'), fields)),
    el('div', {}, list(t('others'), shelves), list(t('by_reason'), reasons)),
    el('div', {}, list(t('by_file'), files))));
  if (q.open) start.focus(); else app.querySelector('button')?.focus();
}

// 25,377: read at a glance. Not `toLocaleString`: the first in a browser's life loads 25 ms of other languages.
const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

function meter(share) {
  const bar = el('span', { class: 'meter', 'aria-hidden': 'true' }, el('i'));
  bar.firstChild.style.width = `${Math.round(Math.min(1, share) * 100)}%`;
  return bar;
}

export function moveFocus(by) {
  const all = [...app.querySelectorAll('main button')];
  const at = all.indexOf(document.activeElement);
  all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
}

export function gridFocused() {
  const data = document.activeElement?.dataset?.filter ?? app.querySelector('[data-filter]')?.dataset.filter;
  const filter = data ? JSON.parse(data) : {};
  if (filter.kind === 'answer') grid(filter); else single(filter);
}

export function language() {
  document.cookie = `lang=${S.lang === 'ja' ? 'en' : 'ja'}; path=/; SameSite=Strict; max-age=31536000`;
  location.reload();
}
