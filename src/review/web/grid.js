// Many at once.
import { S, t, el, key, say, questionOf, optionLabel, digit } from './state.js';
import { picture, unseen } from './pictures.js';
import { supply, after, begin } from './supply.js';
import { commit } from './decide.js';
import { frame, common } from './frame.js';
import { next, show, finished } from './single.js';

export const SCREEN = 24;

export async function grid(filter) {
  begin(filter);
  frame('wait', common(), el('p', { class: 'loading' }, t('loading')));
  await after(supply(2 * SCREEN), nextScreen);
}

// As many columns and rows as keep a cut-out readable; all of a screen are of one question.
export function layout(item, items) {
  const q = questionOf(item);
  const region = (item.option && q.options.find((o) => o.id === item.option)?.region) || q.region;
  const ratio = region[2] / region[3];
  const width = Math.max(320, window.innerWidth - 32), height = Math.max(240, window.innerHeight - 190);
  // Under 1.8 px a millimetre a tick is no longer seen; which of many boxes has it, under 2.8.
  const many = !item.option && q.options.length > 6;
  const [least, chip] = many ? [2.8, 76] : [1.8, 34];
  let best = { columns: 1, rows: 1, score: -1 };
  for (let columns = 1; columns <= 8; columns += 1) {
    const w = width / columns - 12, h = w / ratio + chip;
    const rows = Math.min(Math.floor(height / h), Math.ceil(SCREEN / columns));
    const n = Math.min(SCREEN, items, columns * rows);
    // Beyond what is needed to see them more items count for more.
    const readable = Math.min(1, w / region[2] / least);
    // Where there are few, they are shown larger, up to what the fax holds: 8 px a millimetre.
    const score = n * readable ** 3 + Math.min(1, w / region[2] / 8);
    if (rows > 0 && score > best.score) best = { columns, rows, score };
  }
  return best;
}

// What is on one screen together.
const alike = (a) => (b) => b.kind === 'answer' && a.kind === 'answer' && a.field === b.field && (a.option ?? '') === (b.option ?? '') && a.form === b.form;

// The first of those of whom most wait: one that is alone would have a screen to itself.
function leader() {
  let best = S.buffer[0], most = 0;
  for (const item of S.buffer.filter((i) => i.kind === 'answer')) {
    const n = S.buffer.filter(alike(item)).length;
    if (n > most) { best = item; most = n; }
  }
  return best;
}

export function nextScreen() {
  const first = leader();
  if (!first) {
    S.screenItems = null;
    if (S.supplying) { after(S.supplying, nextScreen); return; }
    if (!S.ended) { after(supply(SCREEN), nextScreen); return; }
    finished();
    return;
  }
  if (first.kind !== 'answer') { S.screenItems = null; next(); return; }
  const same = alike(first);
  const { columns, rows } = layout(first, S.buffer.filter(same).length);
  const items = S.buffer.filter(same).slice(0, Math.min(SCREEN, columns * rows));
  S.buffer = S.buffer.filter((i) => !items.includes(i));
  S.screenItems = items.map((item) => ({ ...item, value: [...(item.guess ?? [])], did: null }));
  S.shownAt = performance.now();
  showScreen(columns);
  if (S.buffer.length < SCREEN) supply(2 * SCREEN - S.buffer.length);
}

export function cellText(q, item) {
  if (item.did) return t(item.did);
  if (item.option) return t(item.value.includes(item.option) ? 'marked' : 'unmarked');
  return item.value.length
    ? item.value.map((v) => `${q.options.findIndex((o) => o.id === v) + 1} ${optionLabel(q, v)}`).join(S.lang === 'ja' ? '、' : ', ') : t('blank');
}

export function showScreen(columns) {
  const items = S.screenItems;
  const q = questionOf(items[0]);
  const option = items[0].option;
  const cells = items.map((item, i) => {
    const chip = el('span', { class: 'chip' });
    const cell = el('button', { type: 'button', class: 'cell', tabindex: i ? '-1' : '0', on: {
      click: () => { act(i, null); cell.focus(); },
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
    ...(option ? [
      { code: 'KeyM', cap: 'M', label: t('marked'), run: () => act(S.at, 2) },
      { code: 'KeyN', cap: 'N', label: t('unmarked'), run: () => act(S.at, 0) },
    ] : []),
    { code: 'Space', cap: 'Space', label: option ? t('flip') : undefined, run: () => act(S.at, null) },
    { codes: digit(1), cap: '1-9', label: option ? undefined : t('select'), run: () => act(S.at, 1) },
    { codes: digit(0), cap: '0', label: option ? undefined : t('blank'), run: () => act(S.at, 0) },
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
  const board = el('div', { class: `cells${!option && q.options.length > 6 ? ' many' : ''}`, role: 'group', 'aria-label': head }, cells);
  board.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  frame('grid', keys, el('h2', {}, `${q.id} ${head}`), legend, board);
  S.at = 0;
  items.forEach((_, i) => paint(i));
  cells[0].focus();
}
