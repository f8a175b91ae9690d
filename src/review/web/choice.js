// One choice answer.
import { S, go, t, el, say, questionOf, digit } from './state.js';
import { picture } from './pictures.js';
import { frame } from './frame.js';
import { pane } from './view.js';
import { settle, itemKeys, remarks } from './item.js';

export function showAnswer(item) {
  const q = questionOf(item);
  const one = q.type === 'select_one';
  const choose = (i) => {
    const o = q.options[i];
    if (!o) return;
    if (one) { settle({ do: 'answer', value: [o.id] }); return; }
    S.value = S.value.includes(o.id) ? S.value.filter((v) => v !== o.id) : [...S.value, o.id];
    paintOptions();
  };
  // Several marks in a single choice: which of them counts is for the person to say.
  const accept = () => (one && S.value.length > 1 ? say(t('choose_one')) : settle({ do: 'answer', value: q.options.map((o) => o.id).filter((v) => S.value.includes(v)) }));
  // Of one doubtful box: what is seen, in one key.
  const only = (marked) => { S.value = S.value.filter((v) => v !== item.option).concat(marked ? [item.option] : []); accept(); };
  const keys = [
    { code: 'Enter', cap: 'Enter', label: t('accept'), run: accept },
    { code: 'NumpadEnter', cap: 'Enter', run: accept },
    { codes: digit(0), cap: '', run: () => settle({ do: 'answer', value: [] }) },
    ...q.options.map((o, i) => ({ codes: digit(i % 9 + 1), shift: i >= 9, cap: '', run: () => choose(i) })),
    ...(item.option ? [
      { code: 'KeyM', cap: 'M', label: t('marked'), run: () => only(true) },
      { code: 'KeyN', cap: 'N', label: t('unmarked'), run: () => only(false) },
      { code: 'Space', cap: 'Space', label: t('flip'), run: () => choose(q.options.findIndex((o) => o.id === item.option)) }] : []),
    ...itemKeys(),
    { code: 'KeyG', cap: 'G', label: t('grid'), run: () => go.grid({ kind: 'answer', field: item.field, option: item.option ?? '-' }) },
  ];
  const option = (cap, label, id, run) => el('li', {},
    el('button', { type: 'button', class: 'option', title: label, 'data-id': id, 'aria-pressed': 'false', on: { click: run } },
      el('kbd', { class: read(item, id) ? 'read' : undefined }, cap), el('span', {}, label)));
  const list = el('ol', { class: `options${q.options.length > 6 ? ' many' : ''}` },
    q.options.map((o, i) => option(i < 9 ? String(i + 1) : `⇧${i - 8}`, o.label, o.id, () => choose(i))),
    option('0', t('blank'), '', () => settle({ do: 'answer', value: [] })));
  frame('single', keys,
    el('div', { class: `work${item.option ? ' two' : ''}` },
      el('h2', {}, `${q.id} ${q.label}`), ...remarks(item, q),
      picture(item, false, item.img),
      item.option ? picture({ ...item }, true, item.whole) : null,
      list,
      el('p', { class: 'legend-read' }, el('kbd', { class: 'read' }, '1'), t('read_key'))),
    pane(item));
  paintOptions();
}

export function paintOptions() {
  for (const b of document.querySelectorAll('.option')) {
    const on = b.dataset.id ? S.value.includes(b.dataset.id) : S.value.length === 0;
    b.setAttribute('aria-pressed', String(on));
    b.classList.toggle('doubt', b.dataset.id === S.current.option);
  }
}

// What the machine read stays marked while the person changes the answer; a blank is read as one, too.
const read = (item, id) => (id ? item.guess.includes(id) : item.guess.length === 0);
