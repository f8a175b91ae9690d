// A reviewer's day in a real browser, by keyboard alone: node session.mjs CHROMIUM URL STORY.
// Prints one JSON line; any failure ends with a message and 1.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [executablePath, url, story] = process.argv.slice(2);
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const problems = [];

function must(truth, what) {
  if (!truth) throw new Error(what);
}

async function open(address, login) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  page.on('console', (m) => { if (m.type() === 'error') problems.push(m.text()); });
  // While working on them: the files as they lie in src/review/web, without a build.
  if (process.env.ASSETS) {
    for (const name of ['app.js', 'app.css']) await page.route(`**/assets/${name}*`, (r) => r.fulfill({ path: `${process.env.ASSETS}/${name}` }));
  }
  if (process.env.TRACE) page.on('response', async (r) => { if (r.url().includes('decide') || r.url().includes('take')) console.error(r.url().slice(-12), r.request().postData()?.slice(0, 300), '=>', ((await r.text().catch(() => '')).match(/"key":"[^"]*/g) ?? []).join(' ')); });
  page.on('pageerror', (e) => problems.push(e.message));
  await page.goto(address);
  if (login) {
    // Signing in by keyboard: the name has the focus.
    await page.keyboard.type(login);
    await page.keyboard.press('Tab');
    await page.keyboard.type('correct horse');
    await page.keyboard.press('Enter');
  }
  await page.waitForSelector('main.home');
  return page;
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
  await page.waitForFunction(() => saver.waiting === 0 && !supplying);
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
    else if (before.field === 'q1') await page.keyboard.type('三重');
    else await page.keyboard.type('x');
    await page.keyboard.press('Enter');
  } else await page.keyboard.press(before.several ? '1' : 'Enter');
  await page.waitForFunction((k) => S.current?.key !== k, before.key, { timeout: 5000 });
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
    await page.waitForFunction((k) => S.current?.key !== k, first.key, { timeout: 3000 });
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
    await page.waitForFunction((k) => S.current?.key !== k, text.key, { timeout: 3000 });
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

  // How long a key press takes until the next item is painted.
  async speed() {
    const started = Date.now();
    const page = await open(url);
    const first = await page.evaluate(() => performance.getEntriesByType('paint').at(-1)?.startTime);
    await page.evaluate(() => single({ kind: 'answer' }));
    await page.waitForSelector('main.single');
    await ready(page);
    const times = await latencies(page, 60);
    await settled(page);
    return { first, home: Date.now() - started, ...times };
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
