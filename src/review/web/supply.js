// The queue's supply: what comes next is loaded before it is wanted.
import { S, t, call, say } from './state.js';
import { preload } from './pictures.js';

export const BUFFER = 12;

export function supply(n) {
  if (S.supplying || S.ended) return S.supplying ?? Promise.resolve();
  const run = S.run;
  const have = [S.current, ...(S.screenItems ?? []), ...S.buffer].filter(Boolean).map((i) => i.key);
  const mine = call('/api/take', { filter: S.filter, n, have: [...new Set([...have, ...S.sent])] })
    .then((got) => {
      if (run !== S.run) { call('/api/release', { keys: got.items.map((i) => i.key) }); return; }
      const known = new Set([...have, ...S.sent, S.current?.key, ...S.buffer.map((i) => i.key)]);
      const fresh = got.items.filter((i) => !known.has(i.key));
      fresh.forEach(preload);
      S.buffer.push(...fresh);
      S.left = got.left;
      if (got.items.length === 0) S.ended = true;
    })
    .catch((e) => { if (e.status === 401) say(t('signed_out'), 'stay'); })
    // Another screen may have begun to load meanwhile.
    .finally(() => { if (S.supplying === mine) S.supplying = null; });
  S.supplying = mine;
  return mine;
}

// What follows a wait is done only if the person is still where they were.
export function after(promise, next) {
  const run = S.run;
  return promise.then(() => (run === S.run ? next() : undefined));
}

export function begin(filter) {
  const keys = [S.current, ...(S.screenItems ?? []), ...S.buffer].filter(Boolean).map((i) => i.key);
  if (keys.length) call('/api/release', { keys }).catch(() => {});
  Object.assign(S, { filter, buffer: [], current: null, screenItems: null, left: null, ended: false, sent: [], run: {} });
  S.supplying = null;
}
