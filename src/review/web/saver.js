// Saving: one after another, again until it is there.
import { t, live, say } from './state.js';

export const saver = { chain: Promise.resolve(), waiting: 0 };

export function save(work) {
  saver.waiting += 1;
  showSaving();
  const run = async () => {
    for (let pause = 500; ; pause = Math.min(pause * 2, 8000)) {
      try {
        return await work();
      } catch (e) {
        if (e.status && e.status !== 401 && e.status < 500) { say(t('refused', { problem: e.text }), 'bad'); return null; }
        say(t(e.status === 401 ? 'signed_out' : 'not_saved'), 'stay');
        await new Promise((r) => setTimeout(r, pause));
      }
    }
  };
  saver.chain = saver.chain.then(run).then((v) => {
    saver.waiting -= 1;
    if (live.className.includes('stay')) say('');
    showSaving();
    return v;
  });
  return saver.chain;
}

export function showSaving() {
  const mark = document.querySelector('.saving');
  if (mark) mark.textContent = saver.waiting ? `${t('saving')} ${saver.waiting}` : t('saved');
}

window.addEventListener('beforeunload', (e) => { if (saver.waiting) e.preventDefault(); });
