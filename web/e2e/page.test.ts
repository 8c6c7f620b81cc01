import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Camera, CLIP, launch, makeCamera, Visit, type VisitOptions } from './browser';
import { Gate, StorySign } from './server';

const LIVE = '[data-state="live"]';
const HANDS = `${LIVE}[data-hands="true"]`;

let server: StorySign;
let visit: Visit | null = null;

beforeAll(async () => {
  server = await StorySign.start();
});

afterAll(async () => {
  await server?.end('SIGKILL');
});

afterEach(async () => {
  await visit?.close();
  visit = null;
});

async function open(
  browser: Browser,
  options: VisitOptions = {},
  url = server.url,
): Promise<Visit> {
  visit = await Visit.open(browser, url, options);
  return visit;
}

if (!existsSync(CLIP)) console.warn(`Skipped with a signer: there is no clip ${CLIP}.`);

describe.skipIf(!existsSync(CLIP))('with a signer before the camera', () => {
  let camera: Camera;
  let browser: Browser;

  beforeAll(async () => {
    camera = makeCamera();
    browser = await launch({ camera: camera.file, allowed: true });
  });

  afterAll(async () => {
    await browser?.close();
    camera?.remove();
  });

  it('says what happens to pictures before it asks for the camera', async () => {
    const { page } = await open(browser);
    await expect(page.locator('.stage').textContent()).resolves.toContain('They are not kept.');
    await expect(page.evaluate(() => document.querySelector('video')?.srcObject)).resolves.toBe(
      null,
    );
  });

  it('names the button that is there, in each view with a stage', async () => {
    const { page } = await open(browser);
    for (const view of ['mirror', 'teach']) {
      await page.goto(`${server.url}#/${view}`);
      const asks = page.locator(`main.${view} .card`, { hasText: 'Press' });
      const [, name = ''] = /Press "([^"]+)"/.exec((await asks.textContent()) ?? '') ?? [];
      expect(await page.getByRole('button', { name, exact: true }).count()).toBe(1);
    }
  });

  it('finds hands, face and body and draws them; asks nobody else; breaks no rule', async () => {
    const live = await openLive(browser);
    await live.until('[data-hands="true"][data-face="true"][data-pose="true"][data-latency-ms]');
    expect(Number(await live.data('latency-ms'))).toBeGreaterThan(0);
    await expect(live.page.locator('[data-figure="latency"] dd').textContent()).resolves.toMatch(
      /^\d+ ms \(95 %: \d+ ms\)$/,
    );
    await expect(live.page.locator('[data-figure="profile"] dd').textContent()).resolves.toMatch(
      /^(Balanced|High quality|High performance|Ultra performance)$/,
    );
    await expect(live.page.locator('[role="status"]').textContent()).resolves.toBe(
      'Live. Start signing.',
    );
    expect(await live.painted()).toBeGreaterThan(0.002);
    expect(live.complaints).toEqual([]);
    expect(live.strangers).toEqual([]);
  });

  it('shows the own video, only the lines, or the picture of the server', async () => {
    const live = await openLive(browser);
    const video = live.page.locator('video');
    expect(await video.isVisible()).toBe(true);

    await live.show('Lines only');
    const screenshot = process.env.STORYSIGN_SCREENSHOT;
    // For the picture until the figures have forgotten the start.
    await live.moreAnswers(screenshot ? 150 : 5);
    expect(await video.isVisible()).toBe(false);
    expect(await live.painted()).toBeLessThan(0.3);
    await live.page.waitForSelector(
      '[data-part="leftHand"][data-found="true"] ~ [data-part="rightHand"][data-found="true"]',
      { timeout: 60_000 },
    );
    if (screenshot) {
      // A moment at which both hands are up, so that they are wholly seen.
      const both = live.page.locator('[data-part$="Hand"][data-found="true"]');
      const handsUp = async () => (await both.count()) === 2 && (await live.painted(0.94)) === 0;
      await expect.poll(handsUp, { timeout: 60_000, interval: 20 }).toBe(true);
      // The name of this camera is a path on this machine.
      await live.page.evaluate(() => {
        for (const option of document.querySelectorAll('#camera option'))
          option.textContent = 'Webcam';
      });
      await live.page.screenshot({ path: screenshot, fullPage: true });
    }

    await live.show('Server picture');
    await expect.poll(() => live.painted(), { timeout: 30_000 }).toBeGreaterThan(0.7);
    expect(await video.isVisible()).toBe(false);

    await live.page.reload();
    expect(await live.page.getByRole('radio', { name: 'Server picture' }).isChecked()).toBe(true);
    expect(live.complaints).toEqual([]);
  });

  it('asks for the quality that is chosen, says what the server gives, and remembers it', async () => {
    const live = await openLive(browser);
    const { page } = live;
    const hint = page.locator('#quality-hint');
    const figure = (name: string) => page.locator(`[data-figure="${name}"] dd`);
    expect(await hint.textContent()).toBe('The server chooses what works best.');
    await expect
      .poll(() => figure('reason').textContent())
      .toMatch(/^(This is how the server begins|Lower, because .*|Higher, because .*)$/);

    // The lowest one: no busy machine gives less.
    await live.choose('Ultra performance');
    await live.until(`${LIVE}[data-profile="ultra_performance"]`);
    await expect.poll(() => hint.textContent()).toBe('The server gives you Ultra performance.');
    await expect.poll(() => figure('profile').textContent()).toBe('Ultra performance');
    await expect.poll(() => figure('reason').textContent()).toBe('You chose it');
    // A signer moves, and this profile keeps what it has for two frames at least.
    await expect
      .poll(() => figure('skip').textContent(), { timeout: 20_000 })
      .toMatch(/^\d?[05] % of pictures, the rest: (nothing new to see|skipped for speed)$/);

    await page.reload();
    expect(await page.getByLabel('Quality', { exact: true }).inputValue()).toBe(
      'ultra_performance',
    );
    expect(await hint.textContent()).toBe('The server is asked for it when you are connected.');
    await live.button.click();
    await live.until(`${LIVE}[data-profile="ultra_performance"]`);
    await expect.poll(() => figure('reason').textContent()).toBe('You chose it');

    await live.choose('Automatic');
    await expect.poll(() => figure('reason').textContent()).not.toBe('You chose it');
    await expect.poll(() => hint.textContent()).toBe('The server chooses what works best.');
    expect(live.complaints).toEqual([]);
  });

  it('says in its words that a server is full, and comes in when there is room', async () => {
    const small = await StorySign.start('--server.max_connections=1');
    try {
      const first = await openLive(browser, small.url);
      const second = await Visit.open(browser, small.url);
      try {
        await second.button.click();
        await second.until('[data-state="waiting"]');
        const words = /^All 1 places .*\. This page tries again/;
        await expect(second.page.locator('[role="status"]').textContent()).resolves.toMatch(words);
        await second.page.waitForSelector('.banner');
        // Attempts go on, too short to be met by chance, and what is said stays.
        const attempt = await second.page.evaluate(
          () =>
            new Promise((resolve) => {
              const main = document.querySelector('main') as HTMLElement;
              const seen: (string | undefined)[] = [];
              new MutationObserver(() => {
                seen.push(main.dataset.state);
                if (seen.length === 2) resolve(seen);
              }).observe(main, { attributeFilter: ['data-state'] });
            }),
        );
        expect(attempt).toEqual(['connecting', 'waiting']);
        await expect(second.page.locator('[role="status"]').textContent()).resolves.toMatch(words);
        await first.button.click();
        await first.until('[data-state="idle"]');
        await second.until(HANDS);
        await expect(second.page.locator('[role="status"]').textContent()).resolves.toBe(
          'Live. Start signing.',
        );
      } finally {
        await second.close();
      }
    } finally {
      await small.end('SIGKILL');
    }
  });

  it('works in a browser that cannot read frames from a track', async () => {
    const old = await open(browser);
    await old.page.addInitScript(() => {
      Reflect.deleteProperty(window, 'MediaStreamTrackProcessor');
    });
    await old.page.reload();
    await old.button.click();
    await old.until(HANDS);
    await old.moreAnswers(10);
    expect(old.complaints).toEqual([]);
  });

  it('stops: the camera is off and nothing is sent any more', async () => {
    const gate = await Gate.before(server.port);
    const live = await openLive(browser, gate.url);
    await live.page.evaluate(() => {
      const stream = document.querySelector('video')?.srcObject as MediaStream;
      Object.assign(window, { track: stream.getVideoTracks()[0] });
    });
    const before = gate.sent;
    await live.moreAnswers(5);
    expect(gate.sent).toBeGreaterThan(before + 10_000);

    await live.button.click();
    await live.until('[data-state="idle"]');
    const state = await live.page.evaluate(
      () => (window as unknown as { track: MediaStreamTrack }).track.readyState,
    );
    expect(state).toBe('ended');
    // Whatever was on its way has arrived after this; then nothing may follow.
    await live.page.waitForTimeout(500);
    const after = gate.sent;
    await live.page.waitForTimeout(1500);
    expect(gate.sent).toBe(after);
    expect(await live.painted()).toBe(0);

    await live.button.click();
    await live.until(HANDS);
    gate.close();
  });

  it('sends no pictures while nobody can see the page', async () => {
    const gate = await Gate.before(server.port);
    const live = await openLive(browser, gate.url);
    const setHidden = (hidden: boolean): Promise<void> =>
      live.page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, value });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await setHidden(true);
    await live.page.waitForTimeout(500);
    const before = gate.sent;
    await live.page.waitForTimeout(1500);
    // A ping at most.
    expect(gate.sent - before).toBeLessThan(200);
    await setHidden(false);
    await live.moreAnswers(5);
    gate.close();
  });

  it('comes back by itself when the server was killed and started again', async () => {
    const live = await openLive(browser);
    await server.end('SIGKILL');
    await live.until('[data-state="waiting"]');
    await live.page.waitForSelector('.banner');
    await expect(live.page.locator('[role="status"]').textContent()).resolves.toMatch(
      /^(The connection was lost|The server does not answer)\. This page tries again by itself\.$/,
    );
    expect(await live.data('hands')).toBe('false');
    await server.begin();
    await live.until(HANDS);
    await live.moreAnswers(5);
  });

  it('says that the server restarts when it was ended in order', async () => {
    const live = await openLive(browser);
    const said = live.page.waitForFunction(() =>
      document.querySelector('[role="status"]')?.textContent?.includes('The server is restarting.'),
    );
    await server.end('SIGTERM');
    await said;
    await server.begin();
    await live.until(HANDS);
  });

  it('starts and stops with the keyboard alone', async () => {
    const start = await open(browser);
    const { page } = start;
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const element = document.activeElement as HTMLElement | null;
        return element?.textContent?.trim() || (element as HTMLInputElement | null)?.value || '';
      });
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Start');
    await page.keyboard.press('Enter');
    await start.until(LIVE);
    expect(await focused()).toBe('Stop');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('video');
    await page.keyboard.press('ArrowRight');
    await start.until('[data-view="skeleton"]');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('camera');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('quality');
    await page.keyboard.press('ArrowDown');
    await start.until('[data-quality="high_quality"]');
    for (let i = 0; i < 3; ++i) await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Space');
    await start.until('[data-state="idle"]');
    expect(await focused()).toBe('Start');
  });

  it('fits on a narrow display', async () => {
    const narrow = { viewport: { width: 360, height: 740 } };
    const small = await open(browser, narrow);
    expect(await small.overflows()).toBe(false);
    await small.button.click();
    await small.until(HANDS);
    for (const view of ['My video', 'Lines only', 'Server picture']) {
      await small.show(view);
      await small.moreAnswers(2);
      expect(await small.overflows()).toBe(false);
    }
    await small.choose('Ultra performance');
    await small.page.waitForSelector('[data-standing="given"]');
    expect(await small.overflows()).toBe(false);
    const heights = await small.page.evaluate(() =>
      [...document.querySelectorAll('button, select, .segment')].map(
        (control) => control.getBoundingClientRect().height,
      ),
    );
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
  });

  it('says so when the camera is unplugged, and starts again', async () => {
    const live = await openLive(browser);
    await live.page.evaluate(() => {
      const stream = document.querySelector('video')?.srcObject as MediaStream;
      stream.getVideoTracks()[0]?.dispatchEvent(new Event('ended'));
    });
    await live.until('[data-state="failed"][data-problem="ended"]');
    expect(await live.page.getByText('The camera stopped.').first().isVisible()).toBe(true);
    await live.button.click();
    await live.until(HANDS);
  });

  async function openLive(from: Browser, url = server.url): Promise<Visit> {
    const live = await open(from, {}, url);
    await live.button.click();
    await live.until(HANDS);
    return live;
  }
});

describe('without a camera', () => {
  it.each([
    [false, 'refused', 'The camera is not allowed.'],
    [true, 'none', 'No camera was found.'],
  ])('says in plain words what to do (allowed: %s)', async (allowed, problem, words) => {
    // A refusal needs a camera to refuse: Chromium's own moving pattern.
    const browser = await launch(allowed ? { allowed } : { allowed, pattern: true });
    try {
      const small = await open(browser, { viewport: { width: 360, height: 740 } });
      await small.button.click();
      await small.until(`[data-state="failed"][data-problem="${problem}"]`);
      expect(await small.page.locator('.stage').textContent()).toContain(words);
      expect(await small.page.locator('[role="status"]').textContent()).toContain(words);
      expect(await small.button.textContent()).toBe('Start');
      expect(await small.overflows()).toBe(false);
    } finally {
      await browser.close();
    }
  });
});
