// One written field: the picture beside an edit line.
import { S, t, el, questionOf, digit } from './state.js';
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
  if (q.lexicon && S.lexicons[q.lexicon] && !S.lexicons[q.lexicon].includes(value)) return t('not_listed');
  return null;
}

export function showText(item) {
  const q = questionOf(item);
  const long = q.type === 'text' && !q.lexicon;
  const names = (q.lexicon && S.lexicons[q.lexicon]) || [];
  const line = el(long && q.region[3] > 20 ? 'textarea' : 'input', {
    class: 'line', 'aria-label': q.label, autocomplete: 'off', maxlength: 4000,
    inputmode: q.type === 'integer' ? 'numeric' : undefined, rows: 3,
  });
  line.value = item.guess ?? '';
  const list = el('ul', { class: 'names', hidden: names.length === 0 });
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
      el('p', { class: 'hint' }, item.guess ? `${t('guess')}: ${item.guess} · ` : '', t('esc_keys'))),
    pane(item));
  line.addEventListener('input', complete);
  line.focus();
  line.select();
}
