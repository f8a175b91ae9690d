// Keys go by event.code, so that an input method neither swallows nor triggers them; in an edit line
// nothing happens while a word is being composed.
import { S, app } from './state.js';
import { dialogs, showDialog } from './decide.js';

const editing = (e) => e.target instanceof HTMLInputElement || e.target instanceof HTMLTextAreaElement;

document.addEventListener('keydown', (e) => {
  if (!S.keys || e.ctrlKey || e.metaKey) return;
  if (dialogs.length) {
    if (e.code === 'Enter' || e.code === 'NumpadEnter' || e.code === 'Escape') { e.preventDefault(); showDialog.close(false); }
    if (e.code === 'KeyO') { e.preventDefault(); showDialog.close(true); }
    return;
  }
  if (editing(e)) {
    // A word is being composed: Enter and digits belong to the input method.
    if (e.isComposing || e.keyCode === 229) return;
    if (e.code === 'Escape') { e.preventDefault(); e.target.closest('.noteline')?.remove(); e.target.blur(); app.querySelector('main').focus?.(); return; }
    if (e.target.classList.contains('note')) return;
    const enter = (e.code === 'Enter' || e.code === 'NumpadEnter') && !e.shiftKey;
    if (!e.altKey && !enter) return;
  } else if (e.repeat && !e.code.startsWith('Arrow')) { e.preventDefault(); return; }
  const button = e.target instanceof HTMLButtonElement && !e.target.classList.contains('cell') && !e.target.classList.contains('corner');
  if (button && (e.code === 'Enter' || e.code === 'Space') && S.screen !== 'done') {
    // A focused button is what Enter means, unless it is an option: there Enter accepts.
    if (e.code === 'Space' || !e.target.classList.contains('option') || S.screen === 'page') return;
  }
  const found = S.keys.find((k) => (k.code === e.code || k.codes?.includes(e.code)) && Boolean(k.shift) === (e.shiftKey && Boolean(S.keys.some((o) => o.shift))));
  if (!found) return;
  e.preventDefault();
  found.run(e);
});
