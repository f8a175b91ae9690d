// A reviewer's day in a real browser, by keyboard alone: node session.mjs CHROMIUM URL STORY [JSON].
// Prints one JSON line; any failure ends with a message and 1.
import fs from 'node:fs';
import readline from 'node:readline';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [executablePath, url, story, given] = process.argv.slice(2);
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const problems = [];

function must(truth, what) {
  if (!truth) throw new Error(what);
}

async function open(address, login) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  // When the first screen is painted, counted from the request for it.
  await context.addInitScript(() => {
    const look = new MutationObserver(() => {
      if (!document.querySelector('main.home')) return;
      look.disconnect();
      requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => { window.firstScreen = performance.now(); }; c.port2.postMessage(0); });
    });
    look.observe(document, { childList: true, subtree: true });
  });
  const page = await context.newPage();
  // Longer than any step takes on a busy machine, shorter than a person who waits for the tests.
  page.setDefaultTimeout(20000);
  page.on('console', (m) => { if (m.type() === 'error') problems.push(m.text()); });
  // While working on them: the files as they lie in src/review/web, without a build.
  if (process.env.ASSETS) await page.route('**/assets/*/*', (r) => r.fulfill(asset(r.request().url().split('/').pop())));
  if (process.env.TRACE) page.on('response', async (r) => { if (r.url().includes('decide') || r.url().includes('take')) console.error(r.url().slice(-12), r.request().postData()?.slice(0, 300), '=>', ((await r.text().catch(() => '')).match(/"key":"[^"]*/g) ?? []).join(' ')); });
  page.on('pageerror', (e) => problems.push(e.message));
  await page.goto(address);
  if (login) {
    // Signing in by keyboard: the name has the focus, once the page is there.
    await page.waitForFunction(() => document.activeElement?.name === 'name');
    await page.keyboard.type(login);
    await page.keyboard.press('Tab');
    await page.keyboard.type('correct horse');
    await page.keyboard.press('Enter');
  }
  await page.waitForSelector('main.home');
  await handles(page);
  return page;
}

// What the script's parts export, by name, for what the stories look at.
async function handles(page) {
  await page.evaluate(async () => { Object.assign(window, await import(document.querySelector('script').src)); });
}

// A file as the program would send it: the script with its parts in the order of their imports.
function asset(name) {
  const read = (n) => fs.readFileSync(`${process.env.ASSETS}/${n}`, 'utf8');
  if (name !== 'app.js') return { body: read(name), contentType: name.endsWith('.css') ? 'text/css' : 'text/javascript' };
  const parts = new Map();
  const add = (n) => {
    if (parts.has(n)) return;
    const text = read(n);
    for (const [, from] of text.matchAll(/^import .*'\.\/(.*)';$/gm)) add(from);
    parts.set(n, text.replace(/^import .*$/gm, ''));
  };
  add(name);
  return { body: [...parts.values()].join('\n'), contentType: 'text/javascript' };
}

// axe is run in the page's own world by the driver, which the page's policy does not bind.
async function accessible(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const list = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`);
  must(list.length === 0, `axe, ${where}: ${list.join('; ')}`);
}

const state = (page) => page.evaluate(() => ({
  screen: S.screen, key: S.current?.key, kind: S.current?.kind, done: S.done, waiting: saver.waiting,
  field: S.current?.field, several: S.current?.kind === 'answer' && questionOf(S.current).type === 'select_one' && S.value.length > 1, live: live.textContent, sent: S.sent.length, buffer: S.buffer.length, images: (S.current?.img?.complete ?? true),
}));

async function settled(page) {
  await page.waitForFunction(() => saver.waiting === 0 && !S.supplying);
}

async function ready(page) {
  await page.waitForFunction(() => S.screen !== 'wait'
    && (S.current ? (S.current.img?.complete ?? true) : true)
    && (S.screenItems ?? []).every((i) => i.img.complete));
}

// One item by keyboard; the answers are beside the point here.
async function decide(page) {
  const before = await state(page);
  if (before.kind === 'page') await page.keyboard.press('1');
  else if (before.kind === 'text') {
    if (before.field === 'q7_count') await page.keyboard.type('3');
    else if (before.field === 'q1') { await page.keyboard.type('mie'); must(await page.evaluate(() => document.querySelector('.names .first').textContent.endsWith('三重県')), 'a prefecture is found by Latin letters'); }
    else await page.keyboard.type('x');
    await page.keyboard.press('Enter');
  } else await page.keyboard.press(before.several ? '1' : 'Enter');
  await page.waitForFunction((k) => S.current?.key !== k, before.key);
}

// Milliseconds from a key press to the next item's picture painted.
async function latencies(page, n) {
  const times = [];
  for (let i = 0; i < n; i += 1) {
    await ready(page);
    const took = await page.evaluate(() => new Promise((resolve) => {
      const started = performance.now();
      document.dispatchEvent(new KeyboardEvent('keydown', { code: 'Digit0', bubbles: true }));
      // After the next frame was made, the task that follows is behind its painting.
      requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => resolve(performance.now() - started); c.port2.postMessage(0); });
    }));
    times.push(took);
  }
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(n / 2)], p95: times[Math.floor(n * 0.95)] };
}

// Puts the form on the page that nothing found it on; its answers come next.
async function hand(place) {
  const { corners, response } = JSON.parse(given);
  const page = await open(url);
  await page.evaluate((r) => single({ kind: 'page', response: r }), response);
  await page.waitForSelector('main.page');
  await ready(page);
  const key = (await state(page)).key;
  await page.keyboard.press('5');
  await page.waitForSelector('main.hand');
  await page.waitForFunction(() => document.querySelector('.sheet img')?.complete);
  await accessible(page, 'hand');
  await place(page, corners);

  await page.keyboard.press('Enter');
  await page.waitForFunction(() => S.screen !== 'hand', null, { timeout: 60000 });
  await settled(page);
  const about = await page.evaluate(async (r) => call(`/api/page/${r}`), key.split('/')[0]);
  must(about.placed && about.form === 'mynahoken-2024', `placed: ${JSON.stringify(about)}`);
  return { response: key.split('/')[0] };
}

const stories = {
  // From the first item to the empty queue, every screen looked at by axe.
  async whole() {
    const page = await open(url);
    await accessible(page, 'home');
    const open0 = await page.evaluate(() => S.queue.open);
    // One screen of the grid, as a step, taken back and done again.
    await page.keyboard.press('Tab');
    while (!(await page.evaluate(() => JSON.parse(document.activeElement?.dataset?.filter ?? '{}').kind === 'answer'))) await page.keyboard.press('Tab');
    await page.keyboard.press('g');
    await page.waitForSelector('main.grid');
    await ready(page);
    await accessible(page, 'grid');
    const cells = await page.evaluate(() => S.screenItems.length);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('0');
    for (let i = 0; i <= cells && (await state(page)).done === 0; i += 1) {
      // A cell with several marks gets the focus and wants a digit.
      await page.keyboard.press('Enter');
      await page.keyboard.press('1');
    }
    await settled(page);
    must((await state(page)).done === cells, 'the screen is committed');
    await page.keyboard.press('u');
    await page.waitForFunction(() => S.done === 0);
    await settled(page);
    must((await state(page)).done === 0, 'and taken back as one');
    await page.keyboard.press('Escape');
    await page.waitForSelector('main.home');
    must(await page.evaluate(() => S.queue.open) === open0, 'nothing is lost');
    await page.keyboard.press('Enter');
    const seen = new Set();
    for (let i = 0; ; i += 1) {
      must(i < 500, 'the queue ends');
      await page.waitForFunction(() => S.screen !== 'wait');
      if ((await state(page)).screen === 'done') break;
      await ready(page);
      const now = await state(page);
      const sort = `${now.kind} ${now.field === 'q1' || now.field === 'q7_count' ? now.field : ''}`;
      if (!seen.has(sort)) { seen.add(sort); await accessible(page, sort); }
      await decide(page);
    }
    await settled(page);
    await accessible(page, 'done');
    await page.keyboard.press('Escape');
    await page.waitForSelector('main.home');
    const left = await page.evaluate(() => S.queue.open);
    await page.keyboard.press('d');
    await page.waitForSelector('main.board');
    await accessible(page, 'dashboard');
    return { opened: open0, left, sorts: [...seen] };
  },

  // With an input method on, keys reach the program outside edit lines and leave composing alone.
  async ime() {
    const page = await open(url);
    const client = await page.context().newCDPSession(page);
    const press = async (key) => {
      const e = { windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229, key: 'Process', code: key };
      await client.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...e });
      await client.send('Input.dispatchKeyEvent', { type: 'keyUp', ...e });
    };
    await page.evaluate(() => single({ kind: 'answer' }));
    await page.waitForSelector('main.single');
    await ready(page);
    const first = await state(page);
    await press('Digit0');
    await page.waitForFunction((k) => S.current?.key !== k, first.key);
    await settled(page);
    await page.evaluate(() => single({ kind: 'text', field: 'q5' }));
    await page.waitForSelector('.line');
    await ready(page);
    const text = await state(page);
    await client.send('Input.imeSetComposition', { text: 'ふたん', selectionStart: 3, selectionEnd: 3 });
    await press('Enter');
    await press('Digit1');
    await page.waitForTimeout(200);
    must((await state(page)).key === text.key, 'Enter belongs to the input method while it composes');
    await client.send('Input.insertText', { text: '負担' });
    must(await page.evaluate(() => document.querySelector('.line').value) === '負担', 'what was composed is there');
    await page.keyboard.press('Enter');
    await page.waitForFunction((k) => S.current?.key !== k, text.key);
    await settled(page);
    return { ok: true };
  },

  // Two people at once: never the same item, and a conflict is shown.
  async two() {
    const [a, b] = [await open(url, 'Sato'), await open(url, 'Suzuki')];
    for (const page of [a, b]) { await page.keyboard.press('Enter'); await page.waitForFunction(() => S.current); await ready(page); }
    const keys = async (page) => page.evaluate(() => [S.current.key, ...S.buffer.map((i) => i.key)]);
    const [mine, theirs] = [await keys(a), await keys(b)];
    must(mine.every((k) => !theirs.includes(k)), 'nobody has what another has');
    // Sato's tab has slept: Suzuki got the item meanwhile and has decided it.
    const item = mine[0];
    await a.evaluate((k) => call('/api/release', { keys: [k] }), item);
    await b.evaluate(async (k) => {
      const rows = [{ key: k, seen: 0, do: 'cannot_tell' }];
      const [, kind] = k.split('/');
      if (kind === 'answer') Object.assign(rows[0], { do: 'answer', value: [] });
      if (kind === 'text') Object.assign(rows[0], { do: 'text', value: 'first' });
      if (kind === 'page') Object.assign(rows[0], { do: 'page', verdict: { status: 'set_aside' } });
      await call('/api/decide', { items: rows });
    }, item);
    const kind = item.split('/')[1];
    if (kind === 'page') await a.keyboard.press('1'); else { if (kind === 'text') await a.keyboard.type('x'); await a.keyboard.press('Enter'); if (kind === 'text') await a.keyboard.press('Enter'); }
    await a.waitForSelector('.dialog');
    must((await a.textContent('.dialog')).includes('Suzuki'), 'the second is shown the first\'s decision');
    await accessible(a, 'conflict');
    await a.keyboard.press('Enter');
    await a.waitForSelector('.dialog', { state: 'detached' });
    return { ok: true };
  },

  // What is this page? Every answer once, taken back each time; a copy beside the other; by keyboard.
  async page() {
    const page = await open(url);
    await page.evaluate(() => single({ kind: 'page' }));
    await page.waitForSelector('main.page');
    await ready(page);
    await accessible(page, 'page');
    const first = (await state(page)).key;
    const response = first.split('/')[0];
    const standing = () => page.evaluate(async (r) => (await call(`/api/page/${r}`)).decisions.at(-1)?.value ?? null, response);
    const decided = async (what) => {
      await page.waitForFunction((k) => S.current?.key !== k, first);
      await settled(page);
      const value = await standing();
      if (process.env.TRACE) console.error('decided', JSON.stringify(value));
      must(JSON.stringify(value) === JSON.stringify(what), `${JSON.stringify(value)} is not ${JSON.stringify(what)}`);
      await page.keyboard.press('u');
      await page.waitForFunction((k) => S.current?.key === k, first);
      await settled(page);
      await ready(page);
      must(await standing() === null, 'taken back');
    };
    for (const [key, what] of [['1', { status: 'counted', form: 'mynahoken-2024' }], ['3', { status: 'set_aside' }], ['Numpad4', { status: 'set_aside' }]]) {
      await page.keyboard.press(key);
      await decided(what);
    }
    // The same response as one that is named: shown beside it first.
    const other = JSON.parse(given).other;
    await page.keyboard.press('2');
    await page.waitForSelector('.ask input');
    await page.keyboard.type(other);
    await page.keyboard.press('Enter');
    await page.waitForSelector('main.two');
    must((await standing()) === null, 'nothing is decided before both were seen');
    await page.keyboard.press('Enter');
    await decided({ status: 'duplicate', of: other });
    return { ok: true };
  },

  // A page that nothing found the form on: its corners by keyboard, in small steps and large.
  async hand_keys() { return hand(async (page, corners) => {
    for (const [i, [x, y]] of corners.entries()) {
      await page.evaluate((n) => document.querySelectorAll('.corner')[n].focus(), 0);
      for (let k = 0; k < i; k += 1) await page.keyboard.press('Tab');
      must(await page.evaluate((n) => document.activeElement === document.querySelectorAll('.corner')[n], i), 'Tab goes from corner to corner');
      for (const [value, less, more, side] of [[x, 'ArrowLeft', 'ArrowRight', 'left'], [y, 'ArrowUp', 'ArrowDown', 'top']]) {
        const now = await page.evaluate(([n, s]) => parseFloat(document.querySelectorAll('.corner')[n].style[s]) / 100, [i, side]);
        const steps = Math.round(Math.abs(value - now) / 0.002);
        const key = value < now ? less : more;
        for (let k = 0; k < Math.floor(steps / 10); k += 1) await page.keyboard.press(`Shift+${key}`);
        for (let k = 0; k < steps % 10; k += 1) await page.keyboard.press(key);
      }
    }
  }); },

  // A page that is said to lie upside down and cannot be read so either: the corners wait there, turned.
  async turned() {
    const { slanted } = JSON.parse(given);
    const page = await open(url);
    await page.evaluate((id) => single({ kind: 'page', response: id }), slanted);
    await page.waitForSelector('main.page');
    await ready(page);
    await page.keyboard.press('6');
    await page.waitForSelector('main.hand');
    await page.waitForFunction(() => live.textContent === S.words.turn_by_hand);
    must(await page.evaluate(() => document.querySelector('.corner').style.left === '100%'), 'the first corner waits at the right');
    await accessible(page, 'turned by hand');
    await page.keyboard.press('Escape');
    await page.waitForSelector('main.page');
    return { ok: true };
  },

  // The same by dragging.
  async hand_drag() { return hand(async (page, corners) => {
    for (const [i, [x, y]] of corners.entries()) {
      const box = await page.locator('.sheet.hand').boundingBox();
      const handle = await page.locator('.corner').nth(i).boundingBox();
      await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * (x + 0.05), box.y + box.height * y);
      await page.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps: 4 });
      await page.mouse.up();
    }
  }); },

  // The server is killed in mid-session and started again: what was decided meanwhile is saved at last.
  async kill() {
    const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    const hear = async () => (await lines.next()).value;
    const page = await open(url);
    await page.evaluate(() => single({ kind: 'answer' }));
    await page.waitForSelector('main.single');
    const keys = [];
    const one = async () => { await ready(page); keys.push((await state(page)).key); await decide(page); };
    for (let i = 0; i < 3; i += 1) await one();
    await settled(page);
    problems.length = 0;
    console.log('kill');
    await hear();
    // What is on the screen and behind it was loaded already: the work goes on.
    for (let i = 0; i < 2; i += 1) await one();
    await page.waitForFunction(() => S.words.not_saved === live.textContent, null, { timeout: 15000 });
    must((await state(page)).waiting > 0, 'what is not saved says so');
    console.log('start');
    const again = await page.context().newPage();
    await again.goto(await hear());
    await again.waitForSelector('main.home');
    await page.waitForFunction(() => saver.waiting === 0, null, { timeout: 30000 });
    problems.length = 0;
    return { keys };
  },

  // Three steps taken back and done again, over a reload: the server remembers.
  async undo() {
    const page = await open(url);
    await page.evaluate(() => single({ kind: 'answer' }));
    await page.waitForSelector('main.single');
    const keys = [];
    for (let i = 0; i < 3; i += 1) { await ready(page); keys.push((await state(page)).key); await decide(page); }
    await settled(page);
    for (const key of [...keys].reverse().slice(0, 2)) {
      await page.keyboard.press('u');
      await page.waitForFunction((k) => S.current?.key === k, key);
      await settled(page);
    }
    await page.reload();
    await page.waitForSelector('main.home');
    await handles(page);
    const open2 = await page.evaluate(() => S.queue.open);
    await page.keyboard.press('u');
    await page.waitForFunction((n) => S.queue.open === n, open2 + 1);
    for (let i = 1; i <= 3; i += 1) {
      await page.keyboard.press('r');
      await page.waitForFunction((n) => S.queue.open === n, open2 + 1 - i);
    }
    await page.keyboard.press('r');
    await page.waitForFunction(() => S.words.nothing_redo === live.textContent);
    return { ok: true };
  },

  // A file's name, a note and a text that would be scripts elsewhere are shown, and are nothing but text.
  async hostile() {
    const page = await open(url);
    const evil = '"><img src=x onerror="window.evil=1"><script>window.evil=1</script>';
    must((await page.textContent('main')).includes('<img src=x'), 'the name is shown as it is');
    await page.evaluate(() => single({ kind: 'text', field: 'q5' }));
    await page.waitForSelector('.line');
    await ready(page);
    await page.keyboard.press('Alt+s');
    await page.waitForSelector('.noteline');
    await page.keyboard.type(evil);
    const passed = (await state(page)).key.split('/')[0];
    await page.keyboard.press('Enter');
    await settled(page);
    await page.evaluate((response) => single({ kind: 'text', field: 'q5', response }), passed);
    await page.waitForFunction((v) => document.querySelector('main').textContent.includes(v), evil);
    await ready(page);
    await page.evaluate(() => document.querySelector('.line').select());
    await page.keyboard.type(evil);
    await page.keyboard.press('Enter');
    await settled(page);
    await page.keyboard.press('Escape');
    await page.waitForSelector('main.home');
    await page.goto(`${new URL(url).origin}/dashboard`);
    await page.waitForSelector('main.board');
    must(await page.evaluate(() => window.evil === undefined && !document.querySelector('img')), 'nothing ran');
    return { ok: true };
  },

  // How long a key press takes until the next item is painted.
  async speed() {
    const page = await open(url);
    await page.waitForFunction(() => window.firstScreen);
    const cold = await page.evaluate(() => window.firstScreen);
    // Once more, as on every other morning: the files are in the browser's cache.
    await page.reload();
    await page.waitForSelector('main.home');
    await page.waitForFunction(() => window.firstScreen);
    const first = await page.evaluate(() => window.firstScreen);
    await handles(page);
    await page.evaluate(() => single({ kind: 'answer' }));
    await page.waitForSelector('main.single');
    await ready(page);
    const times = await latencies(page, Number(process.env.SAMPLES ?? 60));
    await settled(page);
    return { cold, first, ...times };
  },

  // The same for five hundred decisions, and every screen looked at: for what the server needs then.
  async long() {
    const page = await open(url);
    await page.evaluate(() => single({ kind: 'answer' }));
    await page.waitForSelector('main.single');
    const times = await latencies(page, 500);
    await settled(page);
    for (const filter of [{ kind: 'page' }, { kind: 'text', field: 'q1' }, { kind: 'text', field: 'q7_count' }, { kind: 'text', field: 'q5' }]) {
      await page.evaluate((f) => single(f), filter);
      await page.waitForFunction(() => S.screen !== 'wait');
      await ready(page);
      await decide(page);
      await settled(page);
    }
    await page.evaluate(() => grid({ kind: 'answer', field: 'q6' }));
    await page.waitForFunction(() => S.screen === 'grid');
    await ready(page);
    await page.goto(`${new URL(url).origin}/dashboard`);
    await page.waitForSelector('main.board');
    await page.goto(new URL(url).origin);
    await page.waitForSelector('main.home');
    // The account is made anew beside the work after a page was decided.
    await page.waitForTimeout(Number(process.env.REST ?? 0));
    return times;
  },
};

try {
  const result = await stories[story]();
  must(problems.length === 0, `console: ${problems.join('; ')}`);
  console.log(JSON.stringify(result));
} catch (e) {
  console.error(`${story}: ${e.message} ${problems.join('; ')}`);
  for (const page of browser.contexts().flatMap((c) => c.pages())) {
    const now = await state(page).catch(() => 'no state');
    console.error(JSON.stringify(now), await page.evaluate(() => [document.querySelector('.dialog')?.textContent, location.href, app.textContent.slice(0, 200)]).catch(() => ''));
  }
  process.exitCode = 1;
}
await browser.close();
// What is still waited for there would keep the program alive.
process.stdin.destroy();
