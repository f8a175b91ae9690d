// What is this page?
import { S, t, el, key, call, formOf, digit } from './state.js';
import { pageUrl, image } from './pictures.js';
import { frame, common } from './frame.js';
import { settle, itemKeys, remarks } from './item.js';
import { byHand, turned } from './hand.js';

export async function showPage(item) {
  const decide = (verdict, note) => settle({ do: 'page', verdict, note });
  const counted = (form) => decide({ status: 'counted', form }, 'response');
  const asCounted = () => {
    if (item.form) counted(item.form);
    else if (S.forms.length === 1) counted(S.forms[0].id);
    else chooseForm(counted);
  };
  const withForm = (then) => (S.forms.length === 1 ? then(S.forms[0]) : chooseForm((id) => then(formOf(id))));
  const keys = [
    { codes: digit(1), cap: '1', label: t('page_counted'), run: asCounted },
    { codes: digit(2), cap: '2', label: t('page_duplicate'), run: () => duplicate(decide) },
    { codes: digit(3), cap: '3', label: t('page_cover'), run: () => decide({ status: 'set_aside' }, 'cover sheet') },
    { codes: digit(4), cap: '4', label: t('page_other'), run: () => decide({ status: 'set_aside' }, 'another form') },
    { codes: digit(5), cap: '5', label: t('page_register'), run: () => withForm((form) => byHand(item, form)) },
    { codes: digit(6), cap: '6', label: t('page_turned'), run: () => withForm((form) => turned(item, form)) },
    ...itemKeys(),
  ];
  const choices = keys.slice(0, 6).map((k) => el('li', {}, el('button', { type: 'button', class: 'option', on: { click: k.run } }, key(k.cap), k.label)));
  const sheet = el('div', { class: 'sheet' }, item.img);
  frame('page', [...keys.map((k, i) => (i < 6 ? { ...k, label: undefined } : k))],
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

export function beside(response) {
  const other = document.querySelector('.pane.other');
  if (!other) return;
  other.hidden = false;
  S.beside = response;
  other.replaceChildren(el('p', { class: 'caption' }, `${t('other_page')} ${response}`), el('div', { class: 'sheet' }, image(pageUrl(response), t('other_page'))));
  document.querySelector('main').classList.add('two');
}

export function duplicate(decide) {
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

export function chooseForm(then) {
  const pick = S.forms.map((f, i) => ({ codes: digit(i + 1), cap: String(i + 1), label: f.title, run: () => then(f.id) }));
  S.keys = [...pick, ...common().slice(2)];
  const list = pick.map((k) => el('li', {}, el('button', { type: 'button', class: 'option', on: { click: k.run } }, key(k.cap), k.label)));
  const ask = document.querySelector('.ask');
  ask.replaceChildren(el('p', {}, t('choose_form')), el('ol', { class: 'options' }, list));
  ask.querySelector('button').focus();
}
