// Cut-outs and pages.
import { S, t, el, say, questionOf } from './state.js';

export function pictureUrl(item, option) {
  const q = new URLSearchParams();
  if (option) q.set('option', option);
  q.set('v', S.epoch);
  return `/picture/${item.response}/${item.kind}/${encodeURIComponent(item.field)}?${q}`;
}

// The sender's line is covered in whatever is loaded ahead: it is shown of a page that somebody asks about.
export function pageUrl(response, how, banner = false) {
  const q = new URLSearchParams();
  if (how) q.set('as', how);
  if (banner) q.set('banner', '1');
  q.set('v', S.epoch);
  return `/picture/page/${response}?${q}`;
}

export async function failed(img) {
  try {
    const answer = await fetch(img.src);
    if (!answer.ok || answer.status === 204) img.replaceWith(el('p', { class: 'missing' }, t(await answer.text() || 'missing_unplaced')));
  } catch { /* the saver says that the server is away */ }
}

export function image(url, alt) {
  const img = new Image();
  img.alt = alt;
  img.decoding = 'sync';
  img.src = url;
  img.addEventListener('error', () => failed(img), { once: true });
  return img;
}

// A cut-out with its boxes outlined; the outline lies around the ink, never on it.
export function picture(item, whole, given) {
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

// The page beside the cut-out: painted when it can be, and fetched only for what comes next.
export function sheetOf(item) {
  if (item.kind === 'page' || item.sheet) return item.sheet;
  item.sheet = image(pageUrl(item.response), t('page_picture'));
  item.sheet.decoding = 'async';
  item.sheet.fetchPriority = 'low';
  return item.sheet;
}

export function preload(item) {
  if (item.kind === 'page') { item.img = image(pageUrl(item.response), t('page_picture')); return; }
  const q = questionOf(item);
  item.img = image(pictureUrl(item, item.option), `${t('picture')}: ${q?.label ?? ''}`);
  if (item.option) item.whole = image(pictureUrl(item, null), `${t('picture')}: ${q?.label ?? ''}`);
  item.img.decode().catch(() => {});
}

// Nothing is decided about a picture that is not there yet.
export function unseen(items) {
  const waiting = items.some((i) => i.img && !i.img.complete);
  if (waiting) say(t('loading'));
  return waiting;
}
