import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Camera, CLIP, launch, makeCamera, Visit, type VisitOptions } from './browser';
import { Meddler, StorySign } from './server';
import { hasPhotos, makeSpeller, PHOTOS, WORD } from './speller';
import { pictureIn, readLandmarkFrame, Tap, type WebSocketMessage } from './wire';

const LIVE = '[data-state="live"]';
const AT_HOME = `${LIVE}[data-place="home"]`;
const AT_SERVER = `${LIVE}[data-place="server"]`;
const HANDS = '[data-hands="true"]';
const ONLY_POINTS =
  'Your video stays on this device. Only the positions of the points on your hands, face and body are sent.';
const PICTURES =
  'Your pictures go to the StorySign server. They stay in its memory only for a moment.';
/** For the word to come round as often as it takes. */
const PATIENCE_MS = 120_000;
/** A page asks for little: what is longer could hide a picture. */
const LONGEST_TEXT = 4096;

/** By an earlier visit, under the hardest conditions. */
const REMEMBERED = {
  ability: 'balanced',
  fps: 20,
  size: { width: 1920, height: 1080 },
  cores: 1,
};
/** What is added to the program at home: with the twentieth frame it breaks down. */
const BREAKS_DOWN = `let left = 20;
addEventListener('message', ({ data }) => {
  if (data.type === 'frame' && --left === 0) throw new Error('It fell over.');
});`;

let visit: Visit | null = null;

afterEach(async () => {
  await visit?.close();
  visit = null;
});

async function open(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
  visit = await Visit.open(browser, url, options);
  return visit;
}

const kindsOf = (messages: readonly WebSocketMessage[]): number[] =>
  messages.filter(({ isText }) => !isText).map(({ payload }) => payload[1] ?? 0);

/** Throws if anything is sent that could be a picture. */
function expectNoPicture(tap: Tap): void {
  const { requests, messages } = tap.read();
  for (const { line, head, body } of requests) {
    expect(pictureIn(body), line).toBeNull();
    expect(body.length, line).toBeLessThan(LONGEST_TEXT);
    // Nor in an address, a cookie, or another header.
    expect(head.length, line).toBeLessThan(LONGEST_TEXT);
  }
  for (const { isText, payload } of messages) {
    expect(pictureIn(payload)).toBeNull();
    if (isText) {
      expect(payload.length).toBeLessThan(LONGEST_TEXT);
      JSON.parse(payload.toString());
    } else {
      readLandmarkFrame(payload);
    }
  }
}

if (!existsSync(CLIP)) console.warn(`Skipped with a signer: there is no clip ${CLIP}.`);

describe.skipIf(!existsSync(CLIP))('a signer at home', () => {
  let camera: Camera;
  let browser: Browser;
  let server: StorySign;

  beforeAll(async () => {
    camera = makeCamera();
    server = await StorySign.start();
    browser = await launch({ camera: camera.file, allowed: true });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGKILL');
    camera?.remove();
  });

  it('sends landmarks and no picture: every byte is read', async () => {
    const tap = await Tap.before(server.port);
    const signer = await open(browser, tap.url, { place: 'home' });
    const { page } = signer;
    expect(await page.locator('.stage').textContent()).toContain(
      'Your video stays on this device.',
    );
    expect(await page.locator('.stage').textContent()).not.toContain('pictures go');
    await signer.button.click();
    await signer.until(`${AT_HOME}${HANDS}[data-face="true"][data-pose="true"][data-latency-ms]`);
    await signer.moreAnswers(40);
    expect(await signer.sentence()).toBe(ONLY_POINTS);
    expect(await signer.painted()).toBeGreaterThan(0.002);
    expect(await page.getByRole('radio', { name: 'Server picture' }).isDisabled()).toBe(true);
    const figure = (name: string) => page.locator(`[data-figure="${name}"] dd`).textContent();
    expect(await figure('place')).toMatch(/^This device, on (\d threads|one thread)$/);
    expect(await figure('latency')).toMatch(/^\d+ ms \(95 %: \d+ ms\)$/);
    expect(await figure('service')).toMatch(/^\d+ ms$/);
    expect(await figure('sent')).toMatch(/^0 pictures, \d+ times points$/);
    expect(await figure('reason')).toMatch(/^(This is how your device|Lower, because your device)/);
    // Another view, with requests of its own.
    await page.goto(`${tap.url}#/practise`);
    await page.locator('[data-story]').first().click();
    await signer.until(`[data-practice="running"]${AT_HOME}`);
    await signer.moreAnswers(5);
    expect(await signer.sentence()).toBe(
      'Your video stays on this device. Only points are sent. Use the server',
    );

    expectNoPicture(tap);
    const { requests, messages } = tap.read();
    const kinds = kindsOf(messages);
    expect(kinds.length).toBeGreaterThan(40);
    expect(new Set(kinds)).toEqual(new Set([2]));
    expect(requests.some(({ line }) => line.includes('/ws/video?frames=landmarks'))).toBe(true);
    const seen = messages.filter(({ isText }) => !isText).map(({ payload }) => payload);
    const parts = new Set(seen.flatMap((payload) => readLandmarkFrame(payload).parts));
    expect(parts).toEqual(new Set(['body', 'left hand', 'right hand', 'face']));
    expect(signer.complaints).toEqual([]);
    expect(signer.strangers).toEqual([]);

    // A reader that would see no picture were none: the server is chosen, and there they are.
    await page.locator('[data-place-action="use_server"]').click();
    await signer.until(AT_SERVER);
    await signer.moreAnswers(3);
    expect(() => expectNoPicture(tap)).toThrow();
    expect(kindsOf(tap.read().messages).at(-1)).toBe(1);
    expect(tap.read().messages.some(({ payload }) => pictureIn(payload) === 'JPEG')).toBe(true);
    tap.close();
  });

  it('is measured, and sent where it belongs, if it is left to the page', async () => {
    const signer = await open(browser, server.url, { place: 'auto' });
    const { page } = signer;
    expect(await page.locator('.stage').textContent()).toContain('go to this StorySign server at');
    await signer.button.click();
    await signer.until(`${AT_SERVER}${HANDS}`);
    await signer.until('[data-ability]');
    const ability = await signer.data('ability');
    // How fast this machine is decides nothing but the place.
    const isFast = ability === 'balanced';
    await signer.until(isFast ? AT_HOME : AT_SERVER);
    await signer.moreAnswers(3);
    expect(await signer.sentence()).toBe(
      isFast
        ? `${ONLY_POINTS} Your device is fast enough to find the points.`
        : `${PICTURES} ${
            ability === 'slow'
              ? 'Your device is too slow to find the points.'
              : 'The server finds the points better than your device.'
          }`,
    );
    expect(await page.locator('[data-figure="ability"] dd').textContent()).toMatch(
      /^\d+ pictures per second at (Balanced|High performance)$/,
    );
    expect(signer.complaints).toEqual([]);
    // What is known is told before Start.
    await page.reload();
    expect(await page.locator('.stage').textContent()).toContain(
      isFast ? 'stays on this device while' : 'go to this StorySign server at first',
    );
  });

  it('works on one thread where the browser gives no more, and says so', async () => {
    const signer = await open(browser, server.url, {
      place: 'home',
      prepare: async (page) => {
        await page.route(
          (url) => url.pathname === '/',
          async (route) => {
            const answer = await route.fetch();
            const headers = Object.entries(answer.headers()).filter(
              ([name]) => !name.startsWith('cross-origin-'),
            );
            await route.fulfill({ response: answer, headers: Object.fromEntries(headers) });
          },
        );
      },
    });
    expect(await signer.page.evaluate(() => window.crossOriginIsolated)).toBe(false);
    await signer.button.click();
    await signer.until(`${AT_HOME}${HANDS}`);
    await expect(signer.page.locator('[data-figure="place"] dd').textContent()).resolves.toBe(
      'This device, on one thread',
    );
  });

  it('says that the program could not be loaded, and tries again', async () => {
    const refuse = (page: Page) => page.context().route('**/*.tflite', (route) => route.abort());
    const signer = await open(browser, server.url, {
      place: 'home',
      prepare: async (page) => void (await refuse(page)),
    });
    const { page } = signer;
    await signer.button.click();
    await signer.until(`${LIVE}[data-place="none"][data-lack="download"]`);
    expect(await signer.sentence()).toBe(
      'Nothing is sent now. Your video stays on this device. ' +
        'The program for your device could not be loaded. You can choose the server. ' +
        'Try again Use the server',
    );
    await page.context().unroute('**/*.tflite');
    await page.getByRole('button', { name: 'Try again' }).click();
    await signer.until(`${AT_HOME}${HANDS}`);
    expect(await signer.data('sent-pictures')).toBe('0');
  });

  it('works in a browser that cannot read frames from a track', async () => {
    const signer = await open(browser, server.url, {
      place: 'home',
      prepare: async (page) => {
        await page.addInitScript(() => {
          Reflect.deleteProperty(window, 'MediaStreamTrackProcessor');
        });
      },
    });
    await signer.button.click();
    await signer.until(`${AT_HOME}${HANDS}`);
    await signer.moreAnswers(10);
    expect(signer.complaints).toEqual([]);
  });

  it('begins at home where it was fast before, and falls back when the program stops', async () => {
    // The page itself cannot be meddled with: routes do not reach the workers of a worker.
    const meddler = await Meddler.before(server.port, (name, text) =>
      name.includes('/worker-') && text.includes('WebAssembly') ? `${text}\n${BREAKS_DOWN}` : text,
    );
    const signer = await open(browser, meddler.url, {
      place: 'auto',
      prepare: async (page) => {
        await page.addInitScript((measured) => {
          localStorage.setItem('storysign.home', JSON.stringify({ measured }));
        }, REMEMBERED);
      },
    });
    expect(await signer.page.locator('.stage').textContent()).toContain(
      'stays on this device while the device is fast enough.',
    );
    await signer.button.click();
    await signer.until(AT_HOME);
    expect(await signer.data('sent-pictures')).toBe('0');
    await signer.until(`${AT_SERVER}[data-why="failed"]`);
    await signer.moreAnswers(3);
    expect(await signer.sentence()).toBe(
      `${PICTURES} The program on your device stopped working. So the server finds them. Try again`,
    );
    expect(signer.complaints).toEqual([]);
    meddler.close();
  });

  it('is invited home by a busy server, and goes only when it is told to', async () => {
    const busy = await StorySign.start('--performance.max_cpu_usage=10');
    try {
      const signer = await open(browser, busy.url, {
        place: 'server',
        prepare: async (page) => {
          await page.addInitScript((measured) => {
            localStorage.setItem('storysign.home', JSON.stringify({ measured }));
          }, REMEMBERED);
        },
      });
      await signer.button.click();
      await signer.until(`${AT_SERVER}${HANDS}`);
      const accept = signer.page.locator('[data-place-action="use_home"]');
      await accept.waitFor({ timeout: PATIENCE_MS });
      expect(await signer.sentence()).toMatch(
        new RegExp(`^${PICTURES} The server is busy\\. .* makes room for others\\. .*`),
      );
      await signer.moreAnswers(3);
      expect(await signer.data('place')).toBe('server');
      await accept.click();
      await signer.until(`${AT_HOME}${HANDS}`);
      expect(await signer.sentence()).toBe(ONLY_POINTS);
    } finally {
      await busy.end('SIGKILL');
    }
  });

  it('fits on a narrow display', async () => {
    const small = await open(browser, server.url, {
      place: 'home',
      viewport: { width: 360, height: 740 },
    });
    await small.button.click();
    await small.until(`${AT_HOME}${HANDS}`);
    expect(await small.overflows()).toBe(false);
    const heights = await small.page.evaluate(() =>
      [...document.querySelectorAll('button, select, .segment')].map(
        (control) => control.getBoundingClientRect().height,
      ),
    );
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
  });

  describe('whose school keeps video on the device', () => {
    let school: StorySign;

    beforeAll(async () => {
      school = await StorySign.start('--privacy.pictures=never');
    });

    afterAll(async () => {
      await school?.end('SIGKILL');
    });

    it.each(['auto', 'server'] as const)('sends no picture (chosen: %s)', async (place) => {
      const tap = await Tap.before(school.port);
      const signer = await open(browser, tap.url, { place });
      const { page } = signer;
      await signer.button.click();
      await signer.until(`${AT_HOME}${HANDS}[data-why="never"]`);
      await signer.moreAnswers(5);
      expect(await signer.sentence()).toBe(
        `${ONLY_POINTS} Your school keeps video on your device.`,
      );
      expect(await page.getByRole('radio', { name: 'The server' }).isDisabled()).toBe(true);
      expect(await page.getByRole('radio', { name: 'This device' }).isChecked()).toBe(true);
      expectNoPicture(tap);
      // It is known from now on, and told before Start.
      await page.reload();
      expect(await page.locator('.stage').textContent()).toContain(
        'Your video stays on this device.',
      );
      expect(await signer.sentence()).toContain('Your school keeps video on your device.');
      tap.close();
    });
  });

  describe.each([
    ['without SIMD', '--js-flags=--no-enable-sse4-1', 'simd', 'is too old to find the points'],
    ['without WebAssembly', '--js-flags=--jitless', 'webassembly', 'it has no WebAssembly.'],
  ])('with a browser %s', (_, flag, lack, words) => {
    let old: Browser;

    beforeAll(async () => {
      old = await launch({ camera: camera.file, allowed: true, flags: [flag] });
    });

    afterAll(async () => {
      await old?.close();
    });

    it('is served by the server, and told why', async () => {
      const tap = await Tap.before(server.port);
      const sent = () => kindsOf(tap.read().messages).length;
      const signer = await open(old, tap.url, { place: 'auto' });
      const { page } = signer;
      await signer.button.click();
      await signer.until(`${AT_SERVER}[data-lack="${lack}"]`);
      await signer.moreAnswers(3);
      expect(await signer.sentence()).toMatch(
        new RegExp(`^${PICTURES} .*${words}.* So the server finds them\\.$`),
      );

      await signer.findAt('This device');
      await signer.until(`${LIVE}[data-place="none"]`);
      const before = sent();
      expect(before).toBeGreaterThan(3);
      await page.waitForTimeout(1000);
      expect(sent()).toBe(before);
      expect(await signer.sentence()).toMatch(
        new RegExp(`^Nothing is sent now\\. .*${words}.* You can choose the server\\.`),
      );
      expect(await page.locator('.banner').textContent()).toContain(words);
      await page.getByRole('button', { name: 'Use the server' }).click();
      await signer.until(AT_SERVER);
      await signer.moreAnswers(3);
      expect(await signer.sentence()).toBe(PICTURES);
      tap.close();
    });

    it('sends nothing to a school that keeps video on the device, and is told what to do', async () => {
      const school = await StorySign.start('--privacy.pictures=never');
      try {
        const signer = await open(old, school.url, { place: 'auto' });
        await signer.button.click();
        await signer.until(`${LIVE}[data-place="none"][data-lack="${lack}"]`);
        expect(await signer.sentence()).toMatch(
          new RegExp(
            '^Nothing is sent now\\. .* Your school keeps video on your device\\. ' +
              `.*${words}.* Try another browser or another device\\.$`,
          ),
        );
        await signer.page.waitForTimeout(1000);
        expect(await signer.data('sent')).toBe('0');
      } finally {
        await school.end('SIGKILL');
      }
    });
  });
});

if (!hasPhotos) console.warn(`Skipped with a speller: there are no photos in ${PHOTOS}.`);

describe.skipIf(!hasPhotos)('a story', () => {
  let folder: string;
  let server: StorySign;
  let browser: Browser;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'storysign-home-'));
    server = await StorySign.start();
    browser = await launch({ camera: makeSpeller(folder), allowed: true });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    'begun at the server goes on at home and ends at the server, in one session',
    async () => {
      const tap = await Tap.before(server.port);
      const speller = await open(browser, `${tap.url}#/practise`);
      const { page } = speller;
      const until = (attributes: string) =>
        page.waitForSelector(`main${attributes}`, { timeout: PATIENCE_MS });
      const change = (to: 'home' | 'server') =>
        page.locator(`[data-place-action="use_${to}"]`).click();
      await page.evaluate(async (target) => {
        const item = { kind: 'letters', target };
        const lesson = { title: 'One boy and another', note: '', items: [item, item] };
        await fetch('/api/lessons', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(lesson),
        });
      }, WORD);
      await page.reload();
      await page.getByRole('button', { name: 'One boy and another' }).click();

      await until(`[data-practice="running"]${AT_SERVER}[data-sentence="0"][data-confirmed="B"]`);
      await change('home');
      await until(`${AT_HOME}[data-sentence="0"]`);
      await until(`${AT_HOME}[data-sentence="0"][data-accepted="true"]`);
      await until(`${AT_HOME}[data-sentence="1"][data-confirmed="B"]`);
      await change('server');
      await until(`${AT_SERVER}[data-sentence="1"]`);
      await until(`${AT_SERVER}[data-sentence="1"][data-accepted="true"]`);
      await until('[data-stage="finished"][data-state="idle"]');
      expect(await page.locator('.finished').textContent()).toMatch(/2 of \d attempts matched/);

      await page.locator('.tabs').getByRole('link', { name: 'Progress' }).click();
      const row = page.locator(`.strength[data-target="${WORD}"]`);
      await row.waitFor();
      expect(await row.textContent()).toMatch(/2 of \d matched/);

      // All over one connection; numbers and times grew through both changes.
      const { requests, messages } = tap.read();
      expect(requests.filter(({ line }) => line.includes('/ws/video'))).toHaveLength(1);
      const frames = messages.filter(({ isText }) => !isText).map(({ payload }) => payload);
      const kinds = frames.map((frame) => frame[1]);
      expect(kinds.filter((kind, i) => kind !== kinds[i - 1])).toEqual([1, 2, 1]);
      const grow = (values: readonly (number | bigint)[]) =>
        values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0));
      expect(grow(frames.map((frame) => frame.readUInt32LE(4)))).toBe(true);
      expect(grow(frames.map((frame) => frame.readBigUInt64LE(8)))).toBe(true);
      expect(speller.complaints).toEqual([]);
      expect(speller.strangers).toEqual([]);
      tap.close();
    },
    2 * PATIENCE_MS,
  );
});
