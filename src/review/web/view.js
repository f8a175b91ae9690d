// The page beside the cut-out: larger, turned, moved.
import { S, el, formOf, questionOf } from './state.js';
import { pageUrl, sheetOf } from './pictures.js';

export function pane(item) {
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

export function applyView() {
  const sheet = document.querySelector('.pane .sheet');
  if (!sheet) return;
  const { zoom: z, turn, x, y, big } = S.view;
  document.querySelector('main').classList.toggle('bigpage', big);
  const [fx, fy] = S.focusAt ?? [0.5, 0.5];
  sheet.style.transformOrigin = `${fx * 100}% ${fy * 100}%`;
  sheet.style.transform = `translate(${x}px, ${y}px) rotate(${turn}deg) scale(${z})`;
}

export function zoom() {
  S.view.zoom = S.view.zoom >= 4 ? 1 : S.view.zoom * 2;
  if (S.view.zoom === 1) Object.assign(S.view, { x: 0, y: 0 });
  applyView();
}

export function togglePage() { S.view.big = !S.view.big; applyView(); }

export function banner() {
  S.banner = !S.banner;
  const img = document.querySelector('.pane img');
  if (img) img.src = pageUrl(S.current.response, img.dataset.how, S.banner);
}
