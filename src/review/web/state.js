// What all screens share: the state, words, elements, and how the server is asked.

export const S = {
  supplying: null, words: {}, forms: [], who: '', lang: 'en',
  screen: null, filter: {}, buffer: [], current: null, done: 0, left: null, ended: false,
  value: null, shownAt: 0, confirmed: false, banner: false, epoch: 0,
  view: { big: false, zoom: 1, turn: 0, x: 0, y: 0 },
};

// Screens by name, put here by app.js: what lies below a screen can lead to it without importing it.
export const go = {};

export const app = document.getElementById('app');

export const t = (key, fill = {}) =>
  Object.entries(fill).reduce((s, [k, v]) => s.replace(`{${k}}`, () => v), S.words[key] ?? key);

export function el(tag, props = {}, ...children) {
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

export const key = (name) => el('kbd', {}, name);

export async function call(path, body) {
  const init = body === undefined ? {} : {
    method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' },
  };
  const answer = await fetch(path, init);
  if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status, text: await answer.text() });
  return answer.status === 204 ? null : answer.json();
}

export const live = el('div', { class: 'live', role: 'status', 'aria-live': 'polite' });

export function say(text, kind = '') {
  live.textContent = text;
  live.className = `live ${kind}`;
  clearTimeout(say.timer);
  if (kind !== 'stay') say.timer = setTimeout(() => { live.textContent = ''; }, 4000);
}

export const formOf = (id) => S.forms.find((f) => f.id === id) ?? S.forms[0];

export const questionOf = (item) => formOf(item.form)?.questions.find((q) => q.id === item.field);

export const optionLabel = (q, id) => q?.options.find((o) => o.id === id)?.label ?? id;

export function valueText(q, value) {
  if (value && typeof value === 'object' && !Array.isArray(value)) return value.status ?? '';
  if (Array.isArray(value)) return value.length ? value.map((v) => optionLabel(q, v)).join(S.lang === 'ja' ? '、' : ', ') : t('blank');
  return value === '' ? t('blank') : String(value ?? '');
}

export const digit = (n) => [`Digit${n}`, `Numpad${n}`];
