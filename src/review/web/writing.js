// One written field: the picture beside an edit line.
import { S, t, el, key, questionOf, digit } from './state.js';
import { picture } from './pictures.js';
import { frame } from './frame.js';
import { pane } from './view.js';
import { settle, itemKeys, remarks } from './item.js';

export const narrow = (s) => s.normalize('NFKC').trim();

export function textProblem(q, value) {
  if (q.type === 'integer') {
    if (!/^[0-9]+$/.test(value)) return t('no_number');
    if (q.range && (+value < q.range[0] || +value > q.range[1])) return t('out_of_range', { a: q.range[0], b: q.range[1] });
  }
  if (q.names.length && !q.names.some(([name]) => name === value)) return t('not_listed');
  return null;
}

// The names that what was typed may mean: those that it begins, in any spelling, before those that hold it.
export function meant(q, typed) {
  const word = narrow(typed).toLowerCase();
  if (!word) return [];
  const fit = (how) => q.names.filter((spellings) => spellings.some((s) => how(s.toLowerCase()))).map(([name]) => name);
  return [...new Set([...fit((s) => s === word), ...fit((s) => s.startsWith(word)), ...fit((s) => s.includes(word))])];
}

// The one that Enter takes: the only one that begins so, or else the only one that fits.
export function sureOf(q, typed) {
  const word = narrow(typed).toLowerCase();
  const begins = word ? q.names.filter((spellings) => spellings.some((s) => s.toLowerCase().startsWith(word))) : [];
  const exact = begins.filter((spellings) => spellings.some((s) => s.toLowerCase() === word));
  const all = meant(q, typed);
  if (exact.length === 1 || begins.length === 1) return (exact.length === 1 ? exact : begins)[0][0];
  return all.length === 1 ? all[0] : null;
}

export function showText(item) {
  const q = questionOf(item);
  const listed = q.names.length > 0;
  const long = q.type === 'text' && !listed;
  const line = el(long && q.region[3] > 20 ? 'textarea' : 'input', {
    class: 'line', 'aria-label': q.label, autocomplete: 'off', maxlength: 4000,
    inputmode: q.type === 'integer' ? 'numeric' : undefined, rows: 3,
  });
  line.value = item.guess ?? '';
  S.first = null;
  const list = el('ul', { class: 'names', hidden: !listed });
  const complete = () => {
    S.first = sureOf(q, line.value);
    list.replaceChildren(...meant(q, line.value).slice(0, 6).map((n) => el('li', {}, el('button', { type: 'button', class: n === S.first ? 'first' : undefined, on: { click: () => { line.value = n; accept(); } } }, n === S.first ? key('Enter') : null, n))));
    S.confirmed = false;
    document.querySelector('.problem').textContent = '';
  };
  const accept = () => {
    let value = long ? line.value.trim() : narrow(line.value);
    if (S.first && !q.names.some(([name]) => name === value)) value = S.first;
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
      el('p', { class: 'hint' }, item.guess ? `${t('guess')}: ${item.guess} · ` : '', t('esc_keys'))),
    pane(item));
  line.addEventListener('input', complete);
  line.focus();
  line.select();
}
