// The review screens. One file, no libraries, no inline anything. Whatever came from a fax or a file name
// is only ever set as text. Keys go by event.code, so that an input method neither swallows nor triggers
// them; in an edit line nothing happens while a word is being composed.
'use strict';

const S = {
  words: {}, forms: [], lexicons: {}, who: '', lang: 'en',
  screen: null, filter: {}, buffer: [], current: null, done: 0, left: 0, ended: false,
  value: null, shownAt: 0, confirmed: false, banner: false, epoch: 0,
  view: { big: false, zoom: 1, turn: 0, x: 0, y: 0 },
};
const app = document.getElementById('app');
const BUFFER = 12;
const SCREEN = 24;
const AHEAD = 3;

// ---- small things -------------------------------------------------------------------------------

const t = (key, fill = {}) =>
  Object.entries(fill).reduce((s, [k, v]) => s.replace(`{${k}}`, v), S.words[key] ?? key);

function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) {
    if (v === undefined || v === null || v === false) continue;
    if (k === 'on') for (const [e, f] of Object.entries(v)) node.addEventListener(e, f);
    else if (k === 'class') node.className = v;
    else node.setAttribute(k, v === true ? '' : v);
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

async function call(path, body) {
  const init = body === undefined ? {} : {
    method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' },
  };
  const answer = await fetch(path, init);
  if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status, text: await answer.text() });
  return answer.status === 204 ? null : answer.json();
}

const live = el('div', { class: 'live', role: 'status', 'aria-live': 'polite' });
function say(text, kind = '') {
  live.textContent = text;
  live.className = `live ${kind}`;
  clearTimeout(say.timer);
  if (kind !== 'stay') say.timer = setTimeout(() => { live.textContent = ''; }, 4000);
}

const formOf = (id) => S.forms.find((f) => f.id === id) ?? S.forms[0];
const questionOf = (item) => formOf(item.form)?.questions.find((q) => q.id === item.field);
const optionLabel = (q, id) => q?.options.find((o) => o.id === id)?.label ?? id;

function valueText(q, value) {
  if (value && typeof value === 'object' && !Array.isArray(value)) return value.status ?? '';
  if (Array.isArray(value)) return value.length ? value.map((v) => optionLabel(q, v)).join(S.lang === 'ja' ? '、' : ', ') : t('blank');
  return value === '' ? t('blank') : String(value ?? '');
}

// ---- saving: one after another, again until it is there ------------------------------------------

const saver = { chain: Promise.resolve(), waiting: 0 };

function save(work) {
  saver.waiting += 1;
  showSaving();
  const run = async () => {
    for (let pause = 500; ; pause = Math.min(pause * 2, 8000)) {
      try {
        return await work();
      } catch (e) {
        if (e.status && e.status !== 401 && e.status < 500) { say(t('refused', { problem: e.text }), 'bad'); return null; }
        say(t(e.status === 401 ? 'signed_out' : 'not_saved'), 'stay');
        await new Promise((r) => setTimeout(r, pause));
      }
    }
  };
  saver.chain = saver.chain.then(run).then((v) => {
    saver.waiting -= 1;
    if (live.className.includes('stay')) say('');
    showSaving();
    return v;
  });
  return saver.chain;
}

function showSaving() {
  const mark = document.querySelector('.saving');
  if (mark) mark.textContent = saver.waiting ? `${t('saving')} ${saver.waiting}` : t('saved');
}

window.addEventListener('beforeunload', (e) => { if (saver.waiting) e.preventDefault(); });

function commit(items, did) {
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

function outcome(o, item, did) {
  if (o.disagree) say(t('disagree'));
  if (o.kept) return;
  S.done -= 1;
  if (o.problem) { say(t('refused', { problem: o.problem }), 'bad'); return; }
  dialogs.push({ item, did, o });
  if (dialogs.length === 1) showDialog();
}

// ---- another person was first ---------------------------------------------------------------------

const dialogs = [];

function showDialog() {
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

// ---- pictures -------------------------------------------------------------------------------------

const key = (name) => el('kbd', {}, name);

function pictureUrl(item, option) {
  const q = new URLSearchParams();
  if (option) q.set('option', option);
  if (S.banner) q.set('banner', '1');
  q.set('v', S.epoch);
  return `/picture/${item.response}/${item.kind}/${encodeURIComponent(item.field)}?${q}`;
}

function pageUrl(response, how) {
  const q = new URLSearchParams();
  if (how) q.set('as', how);
  if (S.banner) q.set('banner', '1');
  q.set('v', S.epoch);
  return `/picture/page/${response}?${q}`;
}

async function failed(img) {
  try {
    const answer = await fetch(img.src);
    if (!answer.ok) img.replaceWith(el('p', { class: 'missing' }, t(await answer.text())));
  } catch { /* the saver says that the server is away */ }
}

function image(url, alt) {
  const img = new Image();
  img.alt = alt;
  img.decoding = 'sync';
  img.src = url;
  img.addEventListener('error', () => failed(img), { once: true });
  return img;
}

// A cut-out with its boxes outlined; the outline lies around the ink, never on it.
function picture(item, whole, given) {
  const q = questionOf(item);
  const option = whole ? null : item.option;
  const label = `${t('picture')}: ${q?.label ?? ''}`;
  const img = given ?? image(pictureUrl(item, option), label);
  const figure = el('figure', { class: 'crop' }, img);
  const region = option ? q?.options.find((o) => o.id === option)?.region : q?.region;
  if (!q || !region) return figure;
  const share = (v) => `${v * 100}%`;
  const [x, y, w, h] = region;
  figure.style.aspectRatio = `${w} / ${h}`;
  q.options.forEach((o, i) => {
    if (option && o.id !== option) return;
    const mark = el('span', { class: `box${o.id === item.option ? ' doubt' : ''}`, 'aria-hidden': 'true' });
    mark.style.left = share((o.box[0] - 0.7 - x) / w);
    mark.style.top = share((o.box[1] - 0.7 - y) / h);
    mark.style.width = share((o.box[2] + 1.4) / w);
    mark.style.height = share((o.box[3] + 1.4) / h);
    if (!option) mark.append(el('i', {}, String(i + 1)));
    figure.append(mark);
  });
  return figure;
}

// ---- the queue's supply ---------------------------------------------------------------------------

// Nothing is decided about a picture that is not there yet.
function unseen(items) {
  const waiting = items.some((i) => i.img && !i.img.complete);
  if (waiting) say(t('loading'));
  return waiting;
}

function preload(item) {
  if (item.kind === 'page') { item.img = image(pageUrl(item.response), t('page_picture')); return; }
  const q = questionOf(item);
  item.img = image(pictureUrl(item, item.option), `${t('picture')}: ${q?.label ?? ''}`);
  if (item.option) item.whole = image(pictureUrl(item, null), `${t('picture')}: ${q?.label ?? ''}`);
  item.img.decode().catch(() => {});
}

// The page beside the cut-out: painted when it can be, and fetched only for what comes next.
function sheetOf(item) {
  if (item.kind === 'page' || item.sheet) return item.sheet;
  item.sheet = image(pageUrl(item.response), t('page_picture'));
  item.sheet.decoding = 'async';
  item.sheet.fetchPriority = 'low';
  return item.sheet;
}

let supplying = null;
function supply(n) {
  if (supplying || S.ended) return supplying ?? Promise.resolve();
  const run = S.run;
  const have = [S.current, ...(S.screenItems ?? []), ...S.buffer].filter(Boolean).map((i) => i.key);
  supplying = call('/api/take', { filter: S.filter, n, have: [...new Set([...have, ...S.sent])] })
    .then((got) => {
      if (run !== S.run) { call('/api/release', { keys: got.items.map((i) => i.key) }); return; }
      const known = new Set([...have, ...S.sent, S.current?.key, ...S.buffer.map((i) => i.key)]);
      const fresh = got.items.filter((i) => !known.has(i.key));
      fresh.forEach(preload);
      S.buffer.push(...fresh);
      if (got.items.length === 0) S.ended = true;
    })
    .catch((e) => { if (e.status === 401) say(t('signed_out'), 'stay'); })
    .finally(() => { supplying = null; });
  return supplying;
}

// What follows a wait is done only if the person is still where they were.
function then(promise, next) {
  const run = S.run;
  return promise.then(() => (run === S.run ? next() : undefined));
}

function begin(filter) {
  const keys = [S.current, ...(S.screenItems ?? []), ...S.buffer].filter(Boolean).map((i) => i.key);
  if (keys.length) call('/api/release', { keys }).catch(() => {});
  Object.assign(S, { filter, buffer: [], current: null, screenItems: null, ended: false, sent: [], run: {} });
  supplying = null;
}

// ---- the frame of every screen --------------------------------------------------------------------

function frame(name, keys, ...content) {
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

function counts() {
  const node = document.querySelector('header .count');
  if (node && S.screen !== 'home') node.textContent = `${t('done_here')}: ${S.done}`;
}

const common = () => [
  { code: 'KeyU', cap: 'U', label: t('undo'), run: () => back('undo') },
  { code: 'KeyR', cap: 'R', label: t('redo'), run: () => back('redo') },
  { code: 'Escape', cap: 'Esc', label: t('home'), run: home },
];

async function back(what) {
  const run = S.run;
  const told = await save(() => call(`/api/${what}`, {}));
  if (!told || run !== S.run) return;
  if (!told.keys) { say(t(`nothing_${what}`)); return; }
  say(t(what === 'undo' ? 'undone' : 'redone'));
  S.done += what === 'undo' ? -told.keys.length : told.keys.length;
  S.sent = S.sent?.filter((k) => !told.keys.includes(k)) ?? [];
  S.ended = false;
  if (S.screen === 'home') { home(); return; }
  if (S.screen === 'grid') { grid(S.filter); return; }
  if (what === 'undo') await recall(told.keys);
  else if (told.keys.includes(S.current?.key)) next();
  counts();
}

// What was taken back is shown again, and what was on the screen comes after it.
async function recall(keys) {
  const found = [];
  for (const k of keys.slice(0, BUFFER)) {
    const [response, kind, ...field] = k.split('/');
    const got = await call('/api/take', { filter: { response, kind, field: field.join('/') }, n: 1 });
    found.push(...got.items);
  }
  found.forEach(preload);
  // One of the blind audit comes again by itself.
  if (found.length === 0) { if (S.current) show(S.current); else next(); return; }
  S.buffer = [...found.slice(1), S.current, ...S.buffer.filter((i) => !keys.includes(i.key))].filter(Boolean);
  show(found[0]);
}

// ---- home -----------------------------------------------------------------------------------------

async function home() {
  begin({});
  const run = S.run;
  const q = await call('/api/queue').catch(() => null);
  if (run !== S.run) return;
  if (!q) { say(t('not_saved'), 'stay'); return; }
  S.queue = q;
  const open = (filter, mode) => () => (mode === 'grid' ? grid(filter) : single(filter));
  const row = (label, n, filter, worst) => el('li', {},
    el('button', { class: 'line', 'data-filter': JSON.stringify(filter), on: { click: open(filter) } },
      el('span', {}, label), el('b', {}, n), meter(worst)),
    filter.kind === 'answer'
      ? el('button', { class: 'small', on: { click: open(filter, 'grid') }, 'aria-label': `${t('grid')}: ${label}` }, key('G')) : null);
  const name = (c) => {
    if (c.kind === 'page') return t('pages');
    const question = S.forms.flatMap((f) => f.questions).find((x) => x.id === c.name);
    const option = c.option ? ` › ${optionLabel(question, c.option)}` : '';
    return `${c.name} ${question?.label ?? ''}${option}`;
  };
  const list = (title, rows) => rows.length ? el('section', {}, el('h2', {}, title), el('ul', {}, rows)) : null;
  const fields = q.fields.map((c) => row(name(c), c.items,
    { kind: c.kind, field: c.name, option: c.kind === 'answer' ? (c.option || '-') : undefined }, c.worst));
  const reasons = q.reasons.map((c) => row(c.label || c.name, c.items, { reason: c.name }, c.worst));
  const files = q.files.map((c) => row(c.name, c.items, { file: c.name }, c.worst));
  const shelves = [['escalated', q.escalated], ['cannot_tell', q.cannot_tell], ['audit', q.audit_left]]
    .filter(([, n]) => n).map(([s, n]) => row(t(s === 'audit' ? 'audit_shelf' : s === 'escalated' ? 'escalated' : 'cannot_tell_shelf'), n, { shelf: s }));
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
    el('p', { class: 'big' }, el('b', {}, q.open), ' ', t('open')),
    q.open ? start : el('p', { class: 'empty' }, t('empty')),
    q.taken ? el('p', {}, `${t('taken')}: ${q.taken}`) : null,
    q.entered ? el('p', {}, `${t('entered')}: ${q.entered}`) : null,
    el('form', { method: 'post', action: '/logout' }, el('button', { class: 'small' }, t('sign_out')))),
  el('div', { class: 'lists' }, list(t('by_question'), fields), list(t('by_reason'), reasons),
    list(t('by_file'), files), list(t('others'), shelves)));
  if (q.open) start.focus(); else app.querySelector('button')?.focus();
}

function meter(worst) {
  if (worst === undefined) return null;
  const bar = el('span', { class: 'meter', 'aria-hidden': 'true' }, el('i'));
  bar.firstChild.style.width = `${Math.round((1 - worst) * 100)}%`;
  return bar;
}

function moveFocus(by) {
  const all = [...app.querySelectorAll('main button')];
  const at = all.indexOf(document.activeElement);
  all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
}

function gridFocused() {
  const data = document.activeElement?.dataset?.filter ?? app.querySelector('[data-filter]')?.dataset.filter;
  const filter = data ? JSON.parse(data) : {};
  if (filter.kind === 'answer') grid(filter); else single(filter);
}

function language() {
  document.cookie = `lang=${S.lang === 'ja' ? 'en' : 'ja'}; path=/; SameSite=Strict; max-age=31536000`;
  location.reload();
}

// ---- one by one -----------------------------------------------------------------------------------

async function single(filter) {
  begin(filter);
  frame('wait', common(), el('p', { class: 'loading' }, t('loading')));
  await then(supply(BUFFER), next);
}

function next() {
  const item = S.buffer.shift();
  // Before more is asked for: what is on the screen must not come twice.
  S.current = item ?? null;
  if (S.buffer.length < BUFFER / 2) supply(BUFFER - S.buffer.length);
  if (item) { show(item); return; }
  if (supplying) { then(supplying, next); return; }
  S.current = null;
  // What others gave back, or what came in meanwhile.
  if (!S.ended) { then(supply(BUFFER), next); return; }
  frame('done', common(), el('p', { class: 'empty' }, t('empty')), el('p', {}, t('empty_hint')));
}

function show(item) {
  S.current = item;
  S.shownAt = performance.now();
  S.confirmed = false;
  S.view = { big: false, zoom: 1, turn: 0, x: 0, y: 0 };
  S.value = Array.isArray(item.guess) ? [...item.guess] : item.guess;
  if (item.kind === 'page') showPage(item);
  else if (item.kind === 'text') showText(item);
  else showAnswer(item);
  S.buffer.slice(0, AHEAD).forEach(sheetOf);
}

function settle(did) {
  const item = S.current;
  if (!item || (!['skip', 'escalate'].includes(did.do) && unseen([item]))) return;
  S.sent.push(item.key);
  commit([item], [did]).then(() => { S.sent = S.sent.filter((k) => k !== item.key); });
  next();
}

function withNote(what) {
  const input = el('input', { class: 'note', 'aria-label': t('note'), maxlength: 400 });
  const done = () => settle({ do: what, note: input.value });
  const line = el('form', { class: 'noteline', on: { submit: (e) => { e.preventDefault(); done(); } } },
    el('label', {}, `${t(what)} · ${t('note')} `, input), el('button', {}, key('Enter'), t(what)));
  app.querySelector('.noteline')?.remove();
  app.querySelector('main').append(line);
  input.focus();
}

const itemKeys = () => [
  { code: 'KeyX', cap: 'X', label: t('cannot_tell'), run: () => settle({ do: 'cannot_tell' }) },
  { code: 'KeyS', cap: 'S', label: t('skip'), run: () => withNote('skip') },
  { code: 'KeyE', cap: 'E', label: t('escalate'), run: () => withNote('escalate') },
  ...common().slice(0, 2),
  { code: 'KeyP', cap: 'P', label: t('page'), run: togglePage },
  { code: 'KeyZ', cap: 'Z', label: t('zoom'), run: zoom },
  { code: 'KeyT', cap: 'T', label: t('turn'), run: () => { S.view.turn = (S.view.turn + 90) % 360; applyView(); } },
  { code: 'KeyB', cap: 'B', label: t('banner'), run: banner },
  ...common().slice(2),
  ...[['ArrowLeft', 60, 0], ['ArrowRight', -60, 0], ['ArrowUp', 0, 60], ['ArrowDown', 0, -60]].map(([code, x, y]) => ({
    code, cap: code, run: () => { S.view.x += x; S.view.y += y; applyView(); },
  })),
];

const digit = (n) => [`Digit${n}`, `Numpad${n}`];

// The item's former decision, and what others noted.
function remarks(item, q) {
  return [
    item.again ? el('p', { class: 'again' }, t('again', { value: valueText(q, item.guess) })) : null,
    ...item.remarks.filter((r) => r.note).map((r) => el('p', { class: 'again' }, `${r.who}: ${r.note}`)),
  ];
}

function pane(item) {
  const img = sheetOf(item);
  const lit = el('span', { class: 'lit', 'aria-hidden': 'true' });
  const form = formOf(item.form);
  const q = questionOf(item);
  const region = (item.option && q?.options.find((o) => o.id === item.option)?.region) || q?.region;
  const sheet = el('div', { class: 'sheet' }, img, region ? lit : null);
  if (form) sheet.style.aspectRatio = `${form.width} / ${form.height}`;
  if (region) {
    lit.style.left = `${region[0] / form.width * 100}%`;
    lit.style.top = `${region[1] / form.height * 100}%`;
    lit.style.width = `${region[2] / form.width * 100}%`;
    lit.style.height = `${region[3] / form.height * 100}%`;
    S.focusAt = [(region[0] + region[2] / 2) / form.width, (region[1] + region[3] / 2) / form.height];
  }
  return el('div', { class: 'pane', on: { click: zoom } }, sheet);
}

function applyView() {
  const sheet = document.querySelector('.pane .sheet');
  if (!sheet) return;
  const { zoom: z, turn, x, y, big } = S.view;
  document.querySelector('main').classList.toggle('bigpage', big);
  const [fx, fy] = S.focusAt ?? [0.5, 0.5];
  sheet.style.transformOrigin = `${fx * 100}% ${fy * 100}%`;
  sheet.style.transform = `translate(${x}px, ${y}px) rotate(${turn}deg) scale(${z})`;
}

function zoom() {
  S.view.zoom = S.view.zoom >= 4 ? 1 : S.view.zoom * 2;
  if (S.view.zoom === 1) Object.assign(S.view, { x: 0, y: 0 });
  applyView();
}

function togglePage() { S.view.big = !S.view.big; applyView(); }

function banner() {
  S.banner = !S.banner;
  const img = document.querySelector('.pane img');
  if (img) img.src = pageUrl(S.current.response, img.dataset.how);
}

function showAnswer(item) {
  const q = questionOf(item);
  const one = q.type === 'select_one';
  const choose = (i) => {
    const o = q.options[i];
    if (!o) return;
    if (one) { settle({ do: 'answer', value: [o.id] }); return; }
    S.value = S.value.includes(o.id) ? S.value.filter((v) => v !== o.id) : [...S.value, o.id];
    paintOptions(q);
  };
  // Several marks in a single choice: which of them counts is for the person to say.
  const accept = () => (one && S.value.length > 1 ? say(t('choose_one')) : settle({ do: 'answer', value: q.options.map((o) => o.id).filter((v) => S.value.includes(v)) }));
  const keys = [
    { code: 'Enter', cap: 'Enter', label: t('accept'), run: accept },
    { code: 'NumpadEnter', cap: 'Enter', run: accept },
    { codes: digit(0), cap: '0', label: t('blank'), run: () => settle({ do: 'answer', value: [] }) },
    ...q.options.map((o, i) => ({ codes: digit(i % 9 + 1), shift: i >= 9, cap: '', run: () => choose(i) })),
    ...(item.option ? [{ code: 'Space', cap: 'Space', label: t('flip'), run: () => choose(q.options.findIndex((o) => o.id === item.option)) }] : []),
    ...itemKeys(),
    { code: 'KeyG', cap: 'G', label: t('grid'), run: () => grid({ kind: 'answer', field: item.field, option: item.option ?? '-' }) },
  ];
  const list = el('ol', { class: `options${q.options.length > 6 ? ' many' : ''}` }, q.options.map((o, i) => el('li', {},
    el('button', { type: 'button', class: 'option', 'data-id': o.id, 'aria-pressed': 'false', on: { click: () => choose(i) } },
      key(i < 9 ? String(i + 1) : `⇧${i - 8}`), o.label))));
  frame('single', keys,
    el('div', { class: `work${item.option ? ' two' : ''}` },
      el('h2', {}, `${q.id} ${q.label}`), ...remarks(item, q),
      picture(item, false, item.img),
      item.option ? picture({ ...item }, true, item.whole) : null,
      el('p', { class: 'guess' }, `${t('guess')}: `, el('b', {}, valueText(q, item.guess))),
      list),
    pane(item));
  paintOptions(q);
}

function paintOptions(q) {
  for (const b of document.querySelectorAll('.option')) {
    const on = S.value.includes(b.dataset.id);
    b.setAttribute('aria-pressed', String(on));
    b.classList.toggle('doubt', b.dataset.id === S.current.option);
  }
  const shown = document.querySelector('.guess b');
  if (shown) shown.textContent = valueText(q, S.value);
}

// ---- writing --------------------------------------------------------------------------------------

const narrow = (s) => s.normalize('NFKC').trim();

function textProblem(q, value) {
  if (q.type === 'integer') {
    if (!/^[0-9]+$/.test(value)) return t('no_number');
    if (q.range && (+value < q.range[0] || +value > q.range[1])) return t('out_of_range', { a: q.range[0], b: q.range[1] });
  }
  if (q.lexicon && S.lexicons[q.lexicon] && !S.lexicons[q.lexicon].includes(value)) return t('not_listed');
  return null;
}

function showText(item) {
  const q = questionOf(item);
  const long = q.type === 'text' && !q.lexicon;
  const names = (q.lexicon && S.lexicons[q.lexicon]) || [];
  const line = el(long && q.region[3] > 20 ? 'textarea' : 'input', {
    class: 'line', 'aria-label': q.label, autocomplete: 'off', maxlength: 4000,
    inputmode: q.type === 'integer' ? 'numeric' : undefined, rows: 3,
  });
  line.value = item.guess ?? '';
  const list = el('ul', { class: 'names' });
  const complete = () => {
    const typed = narrow(line.value);
    const fit = typed ? names.filter((n) => n.startsWith(typed) || n.includes(typed)) : [];
    list.replaceChildren(...fit.slice(0, 6).map((n) => el('li', {}, el('button', { type: 'button', on: { click: () => { line.value = n; accept(); } } }, n))));
    S.first = fit.length === 1 ? fit[0] : null;
    S.confirmed = false;
    document.querySelector('.problem').textContent = '';
  };
  const accept = () => {
    let value = long ? line.value.trim() : narrow(line.value);
    if (names.length && !names.includes(value) && S.first) value = S.first;
    const problem = value === '' ? t('confirm_blank') : textProblem(q, value);
    if (problem && !S.confirmed) {
      S.confirmed = true;
      document.querySelector('.problem').textContent = problem;
      return;
    }
    settle({ do: 'text', value });
  };
  const keys = [
    { code: 'Enter', cap: 'Enter', label: t('accept'), run: accept },
    { code: 'NumpadEnter', cap: 'Enter', run: accept },
    { codes: digit(0), cap: '0', label: t('blank'), run: () => settle({ do: 'text', value: '' }) },
    ...itemKeys(),
  ].map((k) => (k.label && !['Enter', 'Esc'].includes(k.cap) ? { ...k, cap: `Alt+${k.cap}` } : k));
  frame('single', keys,
    el('div', { class: 'work' },
      el('h2', {}, `${q.id} ${q.label}`), ...remarks(item, q),
      picture(item, false, item.img), line, list,
      el('p', { class: 'problem', role: 'alert' }),
      el('p', { class: 'hint' }, t('esc_keys'))),
    pane(item));
  line.addEventListener('input', complete);
  line.focus();
  line.select();
}

// ---- many at once ---------------------------------------------------------------------------------

async function grid(filter) {
  begin(filter);
  frame('wait', common(), el('p', { class: 'loading' }, t('loading')));
  await then(supply(2 * SCREEN), nextScreen);
}

// As many columns and rows as keep a cut-out readable; all of a screen are of one question.
function layout(item) {
  const q = questionOf(item);
  const region = (item.option && q.options.find((o) => o.id === item.option)?.region) || q.region;
  const ratio = region[2] / region[3];
  const width = Math.max(320, window.innerWidth - 32), height = Math.max(240, window.innerHeight - 190);
  let best = { columns: 1, rows: 1, score: -1 };
  for (let columns = 1; columns <= 8; columns += 1) {
    const w = width / columns - 12, h = w / ratio + 34;
    const rows = Math.min(Math.floor(height / h), Math.ceil(SCREEN / columns));
    const n = Math.min(SCREEN, columns * rows);
    // Under 1.8 px a millimetre a tick is no longer seen; beyond that more items count for more.
    const readable = Math.min(1, w / region[2] / 1.8);
    const score = n * readable ** 3;
    if (rows > 0 && score > best.score) best = { columns, rows, score };
  }
  return best;
}

function nextScreen() {
  const first = S.buffer[0];
  if (!first) {
    S.screenItems = null;
    if (supplying) { then(supplying, nextScreen); return; }
    if (!S.ended) { then(supply(SCREEN), nextScreen); return; }
    frame('done', common(), el('p', { class: 'empty' }, t('empty')), el('p', {}, t('empty_hint')));
    return;
  }
  if (first.kind !== 'answer') { S.screenItems = null; next(); return; }
  const same = (i) => i.kind === 'answer' && i.field === first.field && (i.option ?? '') === (first.option ?? '') && i.form === first.form;
  const { columns, rows } = layout(first);
  const items = S.buffer.filter(same).slice(0, Math.min(SCREEN, columns * rows));
  S.buffer = S.buffer.filter((i) => !items.includes(i));
  S.screenItems = items.map((item) => ({ ...item, value: [...(item.guess ?? [])], did: null }));
  S.shownAt = performance.now();
  showScreen(columns);
  if (S.buffer.length < SCREEN) supply(2 * SCREEN - S.buffer.length);
}

function cellText(q, item) {
  if (item.did) return t(item.did);
  if (item.option) return t(item.value.includes(item.option) ? 'marked' : 'unmarked');
  return item.value.length
    ? item.value.map((v) => `${q.options.findIndex((o) => o.id === v) + 1} ${optionLabel(q, v)}`).join(S.lang === 'ja' ? '、' : ', ') : t('blank');
}

function showScreen(columns) {
  const items = S.screenItems;
  const q = questionOf(items[0]);
  const option = items[0].option;
  const cells = items.map((item, i) => {
    const chip = el('span', { class: 'chip' });
    const cell = el('button', { type: 'button', class: 'cell', tabindex: i ? '-1' : '0', on: {
      click: () => { if (document.activeElement === cell) act(i, null); cell.focus(); },
      focus: () => { S.at = i; cells.forEach((c, k) => { c.tabIndex = k === i ? 0 : -1; }); },
    } }, picture(item, false, item.img), chip);
    return cell;
  });
  const paint = (i) => {
    const item = items[i];
    const changed = item.did || item.value.join() !== (item.guess ?? []).join();
    cells[i].className = `cell${changed ? ' changed' : ''}${item.option && item.value.includes(item.option) ? ' on' : ''}`;
    cells[i].querySelector('.chip').textContent = cellText(q, item);
  };
  // n: option to set (single choice) or flip; 0: none; null: flip what is doubtful.
  const act = (i, n) => {
    const item = items[i];
    item.did = null;
    if (option) {
      const on = n === null ? !item.value.includes(option) : n > 0 && (n > 1 || !item.value.includes(option));
      item.value = item.value.filter((v) => v !== option).concat(on ? [option] : []);
    } else if (n === 0) item.value = [];
    else if (n !== null && q.options[n - 1]) {
      const id = q.options[n - 1].id;
      if (q.type === 'select_one') item.value = [id];
      else item.value = item.value.includes(id) ? item.value.filter((v) => v !== id) : [...item.value, id];
    }
    paint(i);
  };
  const leave = (what) => { const item = items[S.at]; item.did = item.did === what ? null : what; paint(S.at); };
  const move = (by) => cells[Math.max(0, Math.min(cells.length - 1, S.at + by))].focus();
  const accept = () => {
    if (unseen(items)) return;
    const open = items.findIndex((i) => !i.did && q.type === 'select_one' && i.value.length > 1);
    if (open >= 0) { say(t('choose_one')); cells[open].focus(); return; }
    const did = items.map((i) => (i.did ? { do: i.did } : { do: 'answer', value: q.options.map((o) => o.id).filter((v) => i.value.includes(v)) }));
    const keys = items.map((i) => i.key);
    S.sent.push(...keys);
    commit(items, did).then(() => { S.sent = S.sent.filter((k) => !keys.includes(k)); });
    nextScreen();
  };
  const keys = [
    { code: 'Enter', cap: 'Enter', label: t('accept_screen'), run: accept },
    { code: 'NumpadEnter', cap: 'Enter', run: accept },
    { code: 'Space', cap: 'Space', label: option ? t('flip') : undefined, run: () => act(S.at, null) },
    { codes: digit(1), cap: option ? '1' : '1-9', label: option ? t('flip') : t('select'), run: () => act(S.at, 1) },
    { codes: digit(0), cap: '0', label: option ? t('unmarked') : t('blank'), run: () => act(S.at, 0) },
    ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({ codes: digit(n), cap: '', run: () => act(S.at, option ? null : n) })),
    ...q.options.slice(9).map((_, i) => ({ codes: digit(i + 1), shift: true, cap: '', run: () => act(S.at, i + 10) })),
    { code: 'ArrowLeft', cap: '←→↑↓', label: t('move'), run: () => move(-1) },
    { code: 'ArrowRight', cap: '', run: () => move(1) },
    { code: 'ArrowUp', cap: '', run: () => move(-columns) },
    { code: 'ArrowDown', cap: '', run: () => move(columns) },
    { code: 'KeyX', cap: 'X', label: t('cannot_tell'), run: () => leave('cannot_tell') },
    { code: 'KeyS', cap: 'S', label: t('skip'), run: () => leave('skip') },
    { code: 'KeyE', cap: 'E', label: t('escalate'), run: () => leave('escalate') },
    ...common().slice(0, 2),
    { code: 'KeyF', cap: 'F', label: t('single'), run: () => { const item = items[S.at]; S.buffer = [...items.filter((i) => i !== item), ...S.buffer]; S.screenItems = null; show(item); } },
    ...common().slice(2),
  ];
  const head = option ? `${q.label} › ${optionLabel(q, option)}` : q.label;
  const legend = option ? null : el('p', { class: 'legend' }, q.options.map((o, i) => el('span', {}, key(i < 9 ? String(i + 1) : `⇧${i - 8}`), o.label)));
  const board = el('div', { class: 'cells', role: 'group', 'aria-label': head }, cells);
  board.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  frame('grid', keys, el('h2', {}, `${q.id} ${head}`), legend, board);
  S.at = 0;
  items.forEach((_, i) => paint(i));
  cells[0].focus();
}

// ---- what is this page? ---------------------------------------------------------------------------

async function showPage(item) {
  const decide = (verdict, note) => settle({ do: 'page', verdict, note });
  const counted = (form) => decide({ status: 'counted', form }, 'response');
  const asCounted = () => {
    if (item.form) counted(item.form);
    else if (S.forms.length === 1) counted(S.forms[0].id);
    else chooseForm(counted);
  };
  const keys = [
    { codes: digit(1), cap: '1', label: t('page_counted'), run: asCounted },
    { codes: digit(2), cap: '2', label: t('page_duplicate'), run: () => duplicate(decide) },
    { codes: digit(3), cap: '3', label: t('page_cover'), run: () => decide({ status: 'set_aside' }, 'cover sheet') },
    { codes: digit(4), cap: '4', label: t('page_other'), run: () => decide({ status: 'set_aside' }, 'another form') },
    { codes: digit(5), cap: '5', label: t('page_register'), run: () => (S.forms.length === 1 ? byHand(item, S.forms[0]) : chooseForm((id) => byHand(item, formOf(id)))) },
    ...itemKeys(),
  ];
  const choices = keys.slice(0, 5).map((k) => el('li', {}, el('button', { type: 'button', class: 'option', on: { click: k.run } }, key(k.cap), k.label)));
  const sheet = el('div', { class: 'sheet' }, item.img);
  frame('page', [...keys.map((k, i) => (i < 5 ? { ...k, label: undefined } : k))],
    el('div', { class: 'pane', 'aria-label': t('this_page') }, sheet),
    el('div', { class: 'pane other', hidden: true }),
    el('div', { class: 'work' },
      el('h2', {}, t('what_page')),
      el('p', { class: 'file' }, `${t('file')}: ${item.file} · ${item.page}`),
      el('ul', { class: 'why' }, item.reasons.map((r) => el('li', {}, r.message))),
      ...remarks(item, null),
      el('ol', { class: 'options' }, choices),
      el('div', { class: 'ask' })));
  S.focusAt = [0.5, 0.5];
  const about = await call(`/api/page/${item.response}`).catch(() => null);
  if (S.current !== item || !about) return;
  item.rev = about.rev;
  S.about = about;
  if (about.candidates.length) beside(about.candidates[0]);
}

function beside(response) {
  const other = document.querySelector('.pane.other');
  if (!other) return;
  other.hidden = false;
  S.beside = response;
  other.replaceChildren(el('p', { class: 'caption' }, `${t('other_page')} ${response}`), el('div', { class: 'sheet' }, image(pageUrl(response), t('other_page'))));
  document.querySelector('main').classList.add('two');
}

function duplicate(decide) {
  if (S.beside && S.about?.candidates.includes(S.beside)) { decide({ status: 'duplicate', of: S.beside }, 'duplicate'); return; }
  const input = el('input', { class: 'note', 'aria-label': t('of_which'), placeholder: 'r-…' });
  const ask = document.querySelector('.ask');
  ask.replaceChildren(el('form', { on: { submit: (e) => {
    e.preventDefault();
    const id = input.value.trim();
    if (S.beside === id) decide({ status: 'duplicate', of: id }, 'duplicate');
    else beside(id);
  } } }, el('p', {}, t('no_candidate')), el('label', {}, `${t('of_which')} `, input), el('button', {}, key('Enter'))));
  input.focus();
}

function chooseForm(then) {
  const pick = S.forms.map((f, i) => ({ codes: digit(i + 1), cap: String(i + 1), label: f.title, run: () => then(f.id) }));
  S.keys = [...pick, ...common().slice(2)];
  const list = pick.map((k) => el('li', {}, el('button', { type: 'button', class: 'option', on: { click: k.run } }, key(k.cap), k.label)));
  const ask = document.querySelector('.ask');
  ask.replaceChildren(el('p', {}, t('choose_form')), el('ol', { class: 'options' }, list));
  ask.querySelector('button').focus();
}

// The form's four corners on the page as it arrived; boxes are drawn where the corners would put them.
function byHand(item, form) {
  const img = image(pageUrl(item.response, 'received'), t('page_picture'));
  img.dataset.how = 'received';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 1 1');
  svg.setAttribute('preserveAspectRatio', 'none');
  const corners = [[0.02, 0.02], [0.98, 0.02], [0.98, 0.98], [0.02, 0.98]];
  const handles = corners.map((_, i) => el('button', { type: 'button', class: 'corner', 'aria-label': `${t('corner')} ${i + 1}` }, String(i + 1)));
  const sheet = el('div', { class: 'sheet hand' }, img, svg, handles);
  const at = (u, v) => [0, 1].map((k) => {
    const [a, b, c, d] = corners.map((p) => p[k]);
    return (a * (1 - u) + b * u) * (1 - v) + (d * (1 - u) + c * u) * v;
  });
  const polygon = (points, name) => {
    const p = document.createElementNS('http://www.w3.org/2000/svg', 'polygon');
    p.setAttribute('points', points.map((q) => q.join(',')).join(' '));
    p.setAttribute('class', name);
    return p;
  };
  const draw = () => {
    handles.forEach((h, i) => { h.style.left = `${corners[i][0] * 100}%`; h.style.top = `${corners[i][1] * 100}%`; });
    const boxes = form.questions.flatMap((q) => q.options).map((o) => {
      const [x, y, w, h] = o.box;
      return polygon([[x, y], [x + w, y], [x + w, y + h], [x, y + h]].map(([a, b]) => at(a / form.width, b / form.height)), 'ghost');
    });
    svg.replaceChildren(polygon(corners, 'outline'), ...boxes);
  };
  handles.forEach((h, i) => {
    h.addEventListener('pointerdown', (e) => { h.setPointerCapture(e.pointerId); h.focus(); });
    h.addEventListener('pointermove', (e) => {
      if (!h.hasPointerCapture(e.pointerId)) return;
      const r = sheet.getBoundingClientRect();
      corners[i] = [(e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height];
      draw();
    });
  });
  const nudge = (x, y) => (e) => {
    const i = Math.max(0, handles.indexOf(document.activeElement));
    const step = e?.shiftKey ? 0.02 : 0.002;
    corners[i] = [corners[i][0] + x * step, corners[i][1] + y * step];
    draw();
  };
  const turn = () => { corners.unshift(corners.pop()); draw(); };
  const read = async () => {
    say(t('reading'), 'stay');
    const told = await save(() => call('/api/register', { response: item.response, form: form.id, corners }));
    if (!told) return;
    say(t(told.read ? 'read_again' : 'not_placed'));
    if (!told.read) return;
    S.epoch += 1;
    const filter = S.filter;
    const got = await call('/api/take', { filter: { response: item.response }, n: BUFFER });
    got.items.forEach(preload);
    S.buffer.unshift(...got.items);
    S.filter = filter;
    next();
  };
  frame('hand', [
    { code: 'Enter', cap: 'Enter', label: t('page_register'), run: read },
    { code: 'ArrowLeft', cap: '←→↑↓ ⇧', label: t('move'), run: nudge(-1, 0) },
    { code: 'ArrowRight', cap: '', run: nudge(1, 0) },
    { code: 'ArrowUp', cap: '', run: nudge(0, -1) },
    { code: 'ArrowDown', cap: '', run: nudge(0, 1) },
    { code: 'ArrowLeft', shift: true, cap: '', run: nudge(-1, 0) },
    { code: 'ArrowRight', shift: true, cap: '', run: nudge(1, 0) },
    { code: 'ArrowUp', shift: true, cap: '', run: nudge(0, -1) },
    { code: 'ArrowDown', shift: true, cap: '', run: nudge(0, 1) },
    { code: 'KeyT', cap: 'T', label: t('turn'), run: turn },
    { code: 'KeyB', cap: 'B', label: t('banner'), run: banner },
    { code: 'Escape', cap: 'Esc', label: t('home'), run: () => show(item) },
  ], el('p', { class: 'hint' }, t('corner_hint')), el('div', { class: 'pane' }, sheet));
  draw();
  handles[0].focus();
}

// ---- keys -----------------------------------------------------------------------------------------

const editing = (e) => e.target instanceof HTMLInputElement || e.target instanceof HTMLTextAreaElement;

document.addEventListener('keydown', (e) => {
  if (!S.keys || e.ctrlKey || e.metaKey) return;
  if (dialogs.length) {
    if (e.code === 'Enter' || e.code === 'NumpadEnter' || e.code === 'Escape') { e.preventDefault(); showDialog.close(false); }
    if (e.code === 'KeyO') { e.preventDefault(); showDialog.close(true); }
    return;
  }
  if (editing(e)) {
    // A word is being composed: Enter and digits belong to the input method.
    if (e.isComposing || e.keyCode === 229) return;
    if (e.code === 'Escape') { e.preventDefault(); e.target.closest('.noteline')?.remove(); e.target.blur(); app.querySelector('main').focus?.(); return; }
    if (e.target.classList.contains('note')) return;
    const enter = (e.code === 'Enter' || e.code === 'NumpadEnter') && !e.shiftKey;
    if (!e.altKey && !enter) return;
  } else if (e.repeat && !e.code.startsWith('Arrow')) { e.preventDefault(); return; }
  const button = e.target instanceof HTMLButtonElement && !e.target.classList.contains('cell') && !e.target.classList.contains('corner');
  if (button && (e.code === 'Enter' || e.code === 'Space') && S.screen !== 'done') {
    // A focused button is what Enter means, unless it is an option: there Enter accepts.
    if (e.code === 'Space' || !e.target.classList.contains('option') || S.screen === 'page') return;
  }
  const found = S.keys.find((k) => (k.code === e.code || k.codes?.includes(e.code)) && Boolean(k.shift) === (e.shiftKey && Boolean(S.keys.some((o) => o.shift))));
  if (!found) return;
  e.preventDefault();
  found.run(e);
});

// ---- begin ----------------------------------------------------------------------------------------

async function main() {
  const start = await call('/api/start');
  Object.assign(S, start, { sent: [], run: {} });
  await home();
}

// The page of figures looks again by itself.
async function watch() {
  const answer = await fetch('/dashboard').catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
  if (fresh) document.querySelector('main').replaceWith(document.adoptNode(fresh));
}

if (!app) {
  setInterval(watch, 5000);
  document.addEventListener('keydown', (e) => { if (e.code === 'Escape') location.assign('/'); });
} else main().catch((e) => { if (e.status === 401) location.assign('/'); else app.textContent = String(e.message); });
