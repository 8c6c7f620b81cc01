import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launch, Visit, type VisitOptions } from './browser';
import { StorySign } from './server';
import { hasPhotos, makeSpeller, PHOTOS, WORD } from './speller';

/** For the word to come round as often as it takes. */
const PATIENCE_MS = 120_000;

if (!hasPhotos) console.warn(`Skipped with a speller: there are no photos in ${PHOTOS}.`);

describe.skipIf(!hasPhotos)('somebody who fingerspells', () => {
  let folder: string;
  let server: StorySign;
  let browser: Browser;
  let visit: Visit | null = null;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'storysign-practise-'));
    server = await StorySign.start(`--store.directory=${folder}`);
    browser = await launch({ camera: makeSpeller(folder), allowed: true });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async () => {
    await visit?.close();
    visit = null;
  });

  async function open(view: string, options: VisitOptions = {}) {
    visit = await Visit.open(browser, `${server.url}#/${view}`, options);
    return visit;
  }

  const until = (of: Visit, attributes: string) =>
    of.page.waitForSelector(`main${attributes}`, { timeout: PATIENCE_MS });

  it(
    'spells a word, and finds it in the progress, also after the server was started again',
    async () => {
      const speller = await open('practise');
      const { page } = speller;
      await page.getByLabel('A word to spell').fill('boy');
      await page.getByRole('button', { name: 'Spell it' }).click();
      await until(speller, '[data-stage="session"][data-practice="running"]');
      expect(await page.locator('.spelled-letter').allTextContents()).toEqual([...WORD]);
      await until(speller, '[data-confirmed="B"]');
      // The hand of the next letter is shown, and the letter that is done is said.
      await page.waitForSelector('[data-reference="letters O"] canvas');
      await expect(page.getByRole('status').textContent()).resolves.toBe('B is right. Now O.');
      await until(speller, '[data-accepted="true"]');
      expect(await page.locator('.verdict').textContent()).toContain('It matches.');
      // What matches goes on by itself; this was the last one. Then the camera is off.
      await until(speller, '[data-stage="finished"][data-state="idle"]');
      expect(await page.locator('.finished').textContent()).toMatch(/1 of \d attempts? matched/);

      const row = page.locator(`.strength[data-target="${WORD}"]`);
      await page.locator('.tabs').getByRole('link', { name: 'Progress' }).click();
      await row.waitFor();
      expect(await row.textContent()).toMatch(/1 of \d matched/);
      expect(await page.locator('[data-tile="attempts"] dd').textContent()).toMatch(/^[1-9]$/);

      await server.end('SIGTERM');
      await server.begin();
      await page.reload();
      await row.waitFor();
      expect(await row.textContent()).toMatch(/1 of \d matched/);
      expect(speller.complaints).toEqual([]);
      expect(speller.strangers).toEqual([]);
    },
    2 * PATIENCE_MS,
  );

  it(
    'goes on where it was when the server was killed in between',
    async () => {
      const speller = await open('practise');
      const { page } = speller;
      await page.locator('[data-letters="alphabet"]').click();
      await until(speller, '[data-practice="running"][data-sentence="0"][data-state="live"]');
      const next = page.locator('[data-action="next_sentence"]');
      await next.click();
      await until(speller, '[data-sentence="1"]');
      await next.click();
      await until(speller, '[data-sentence="2"]');
      const letter = await page.locator('.spelled-letter').textContent();
      await server.end('SIGKILL');
      await until(speller, '[data-state="waiting"]');
      await page.getByText('Practice goes on by itself when it is back.').waitFor();
      await server.begin();
      await until(speller, '[data-state="live"]');
      const words = 'The connection was lost for a moment. You go on where you were.';
      await page.locator('.notice').getByText(words).waitFor();
      expect(await page.locator('.spelled-letter').textContent()).toBe(letter);
      expect(await speller.data('sentence')).toBe('2');
      await next.click();
      await until(speller, '[data-sentence="3"]');
    },
    PATIENCE_MS,
  );

  it('practises with the keyboard alone', async () => {
    const { page } = await open('practise');
    const focused = () =>
      page.evaluate(() => {
        const { activeElement: element } = document;
        return element?.getAttribute('data-action') ?? element?.tagName ?? '';
      });
    expect(await focused()).toBe('MAIN');
    const story = page.locator('[data-story]').first();
    await story.waitFor();
    for (let i = 0; i < 20; ++i) {
      await page.keyboard.press('Tab');
      if (await story.evaluate((element) => element === document.activeElement)) break;
    }
    await page.keyboard.press('Enter');
    await until(visit!, '[data-practice="running"]');
    // What had the focus is gone: it begins anew at what is shown now.
    expect(await focused()).toBe('MAIN');
    const actions = page.locator('.actions');
    expect(await actions.locator('button').count()).toBe(4);
    await actions.locator('[data-action="next_sentence"]').focus();
    await page.keyboard.press('Enter');
    await until(visit!, '[data-sentence="1"]');
    expect(await focused()).toBe('next_sentence');
    for (let i = 0; i < 2; ++i) await page.keyboard.press('Tab');
    expect(await focused()).toBe('stop_session');
    await page.keyboard.press('Space');
    await until(visit!, '[data-stage="choosing"][data-state="idle"]');
    expect(await focused()).toBe('MAIN');
  });

  it('fits on a narrow display, with controls large enough for a finger', async () => {
    const small = await open('practise', { viewport: { width: 360, height: 740 } });
    const { page } = small;
    const least = () =>
      page.evaluate(() =>
        Math.min(
          ...[...document.querySelectorAll('button, .pick, .check, .tab')].map(
            (control) => control.getBoundingClientRect().height,
          ),
        ),
      );
    await page.locator('[data-story]').first().waitFor();
    expect(await small.overflows()).toBe(false);
    expect(await least()).toBeGreaterThanOrEqual(44);
    await page.locator('[data-story]').first().click();
    await until(small, '[data-practice="running"]');
    await page.waitForSelector('[data-reference] canvas');
    expect(await small.overflows()).toBe(false);
    expect(await least()).toBeGreaterThanOrEqual(44);
    await page.locator('.tabs').getByRole('link', { name: 'Progress' }).click();
    await page.waitForSelector('main[data-progress="shown"]');
    expect(await small.overflows()).toBe(false);
    expect(await least()).toBeGreaterThanOrEqual(44);
    expect(await small.data('state')).toBe(null);
  });
});
