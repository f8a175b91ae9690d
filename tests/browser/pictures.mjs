// README's two screens, anew: node pictures.mjs CHROMIUM URL FOLDER, URL as `faxtally review` prints it.
import { chromium } from 'playwright-core';

const [executablePath, url, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, colorScheme: 'light' });
const page = await context.newPage();
page.setDefaultTimeout(20000);
await page.goto(url);
await page.waitForSelector('main.home');

// Every picture is there, and nothing is being said.
async function shot(name) {
  await page.waitForFunction(() => [...document.images].every((i) => i.complete && i.naturalWidth > 0));
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${folder}/${name}.png` });
}

// The first option of a choice that waits on most pages, many at once.
const line = (kind) => page.locator('.lists section').first().locator('li').filter({ hasText: kind });
await line('›').first().locator('button.small').click();
await page.waitForSelector('main.grid');
await shot('review-grid');
await page.keyboard.press('Escape');
await page.waitForSelector('main.home');
// One single choice by itself.
await line('q3').filter({ hasNotText: '›' }).first().locator('button.line').click();
await page.waitForSelector('main.single');
await shot('review-single');
await browser.close();
