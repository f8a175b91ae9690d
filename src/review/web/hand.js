// The form's corners put on the page by hand.
import { S, go, t, el, call, say } from './state.js';
import { save } from './saver.js';
import { pageUrl, image, preload } from './pictures.js';
import { BUFFER } from './supply.js';
import { frame } from './frame.js';
import { banner } from './view.js';

// Reads the page again with the form's corners there; `sure`: only if the form is found there.
async function readAgain(item, form, corners, sure) {
  say(t('reading'), 'stay');
  const told = await save(() => call('/api/register', { response: item.response, form: form.id, corners, sure }));
  if (!told?.read) return told;
  say(t('read_again'));
  S.epoch += 1;
  const got = await call('/api/take', { filter: { response: item.response }, n: BUFFER });
  got.items.forEach(preload);
  S.buffer.unshift(...got.items);
  go.next();
  return told;
}

const UPRIGHT = [[0, 0], [1, 0], [1, 1], [0, 1]];
const TURNED = UPRIGHT.map(([x, y]) => [1 - x, 1 - y]);

// A page that lies upside down: read so, and where that is not enough the corners wait there for a hand.
export async function turned(item, form) {
  const told = await readAgain(item, form, TURNED, true);
  if (!told || told.read || S.current !== item) return;
  byHand(item, form, TURNED);
  say(t('turn_by_hand'));
}

// The form's four corners on the page as it arrived; boxes are drawn where the corners would put them.
export function byHand(item, form, from = UPRIGHT) {
  const img = image(pageUrl(item.response, 'received'), t('page_picture'));
  img.dataset.how = 'received';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 1 1');
  svg.setAttribute('preserveAspectRatio', 'none');
  const corners = from.map((c) => [...c]);
  // Of half a page the form's lower corners lie below it: to begin with, the form is as wide as the page.
  const fit = () => {
    const down = form.height / form.width * img.naturalWidth / img.naturalHeight;
    if (Math.abs(down - 1) > 0.15) [2, 3].forEach((i) => { corners[i][1] = from === UPRIGHT ? down : 1 - down; });
    draw();
  };
  const handles = corners.map((_, i) => el('button', { type: 'button', class: 'corner', 'aria-label': `${t('corner')} ${i + 1}` }, String(i + 1)));
  const sheet = el('div', { class: 'sheet hand' }, img, svg, handles);
  img.addEventListener('load', fit, { once: true });
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
    const place = ([x, y, w, h], name) => polygon(
      [[x, y], [x + w, y], [x + w, y + h], [x, y + h]].map(([a, b]) => at(a / form.width, b / form.height)), name);
    const boxes = form.questions.flatMap((q) => q.options).map((o) => place(o.box, 'ghost'));
    const fields = form.questions.filter((q) => q.options.length === 0).map((q) => place(q.region, 'field'));
    svg.replaceChildren(polygon(corners, 'outline'), ...fields, ...boxes);
  };
  handles.forEach((h, i) => {
    h.addEventListener('pointerdown', (e) => { h.setPointerCapture(e.pointerId); h.focus(); });
    const follow = (e) => {
      if (!h.hasPointerCapture(e.pointerId)) return;
      const r = sheet.getBoundingClientRect();
      corners[i] = [(e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height];
      draw();
    };
    h.addEventListener('pointermove', follow);
    // Where it is let go counts, even if a busy browser has left out the last of the way there.
    h.addEventListener('pointerup', follow);
  });
  const nudge = (x, y) => (e) => {
    const i = Math.max(0, handles.indexOf(document.activeElement));
    const step = e?.shiftKey ? 0.02 : 0.002;
    corners[i] = [corners[i][0] + x * step, corners[i][1] + y * step];
    draw();
    handles[i].scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  const turn = () => { corners.unshift(corners.pop()); draw(); };
  const read = async () => {
    const told = await readAgain(item, form, corners, false);
    if (told && !told.read) say(t('not_placed'));
  };
  frame('hand', [
    { code: 'Enter', cap: 'Enter', label: t('read_it'), run: read },
    { code: 'ArrowLeft', cap: '←→↑↓ ⇧', label: t('move'), run: nudge(-1, 0) },
    { code: 'ArrowRight', cap: '', run: nudge(1, 0) },
    { code: 'ArrowUp', cap: '', run: nudge(0, -1) },
    { code: 'ArrowDown', cap: '', run: nudge(0, 1) },
    { code: 'ArrowLeft', shift: true, cap: '', run: nudge(-1, 0) },
    { code: 'ArrowRight', shift: true, cap: '', run: nudge(1, 0) },
    { code: 'ArrowUp', shift: true, cap: '', run: nudge(0, -1) },
    { code: 'ArrowDown', shift: true, cap: '', run: nudge(0, 1) },
    { code: 'KeyZ', cap: 'Z', label: t('zoom'), run: () => { sheet.classList.toggle('near'); document.activeElement?.scrollIntoView({ block: 'nearest', inline: 'nearest' }); } },
    { code: 'KeyT', cap: 'T', label: t('turn'), run: turn },
    { code: 'KeyB', cap: 'B', label: t('banner_key'), run: banner },
    { code: 'Escape', cap: 'Esc', label: t('home'), run: () => go.show(item) },
  ], el('p', { class: 'hint' }, t('corner_hint')), el('div', { class: 'pane' }, sheet));
  draw();
  handles[0].focus();
}
