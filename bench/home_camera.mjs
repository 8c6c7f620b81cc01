#!/usr/bin/env node
/**
 * A learner at home: the whole page in Chromium with a clip as its camera, practising nothing. Prints how
 * many pictures a second are looked at, how late their points are drawn, and memory.
 *
 * usage: node bench/home_camera.mjs [--clip brother] [--profile high_performance] [--seconds 20]
 *            [--minutes M] [--every 30]
 *
 * --profile auto lets the page choose. --minutes instead of --seconds: a line every so many seconds.
 * Clips come from ../shared/data/clips (or STORYSIGN_SHARED_DATA_DIR).
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fail, MEGABYTE, openBrowser, rendererMemory, serve, SHARED } from './browser.mjs';

/** Until everything that there is to see is found, and the browser has compiled what runs often. */
const SETTLE_MS = 8000;

function readOptions() {
  const text = (value) => ({ type: 'string', default: value });
  try {
    const { values } = parseArgs({
      options: {
        clip: text('brother'),
        profile: text('high_performance'),
        seconds: text('20'),
        minutes: text('0'),
        every: text('30'),
      },
    });
    const seconds = Number(values.minutes) > 0 ? 60 * Number(values.minutes) : Number(values.seconds);
    const every = Number(values.minutes) > 0 ? Number(values.every) : seconds;
    if (!(seconds > 0 && every > 0)) fail('times must be numbers above 0.');
    return { ...values, seconds, every };
  } catch (error) {
    return fail(`${error.message}; what there is stands at the head of this file.`);
  }
}

/** The clip as a file that Chromium takes for a camera. */
function makeCamera(clip, folder) {
  const source = path.join(SHARED, 'clips', `${clip}.mkv`);
  if (!existsSync(source)) fail(`there is no clip ${source}.`);
  const file = path.join(folder, 'camera.mjpeg');
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-i', source, '-an', '-q:v', '3', '-f', 'mjpeg', file]);
  return file;
}

async function main() {
  const options = readOptions();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'storysign-camera-'));
  const camera = makeCamera(options.clip, folder);
  const server = await serve();
  const { browser, pid, close } = await openBrowser([
    '--enable-blink-features=ForceEagerMeasureMemory',
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${camera}`,
  ]);
  try {
    const page = await browser.newPage({ permissions: ['camera'] });
    page.setDefaultTimeout(120_000);
    await page.addInitScript((quality) => {
      localStorage.setItem('storysign.preferences', JSON.stringify({ place: 'home', quality, view: 'skeleton' }));
    }, options.profile);
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.waitForSelector('main[data-state="live"][data-place="home"][data-hands="true"]');
    await page.waitForTimeout(SETTLE_MS);
    const read = async () => ({
      at: performance.now(),
      sent: Number(await page.locator('main').getAttribute('data-sent')),
    });
    const figure = (name) => page.locator(`[data-figure="${name}"] dd`).textContent();
    const begin = await read();
    let before = begin;
    while (before.at - begin.at < 1000 * options.seconds - 500) {
      await page.waitForTimeout(1000 * options.every);
      const now = await read();
      const rate = (1000 * (now.sent - before.sent)) / (now.at - before.at);
      const bytes = await page.evaluate(async () =>
        crossOriginIsolated ? (await performance.measureUserAgentSpecificMemory()).bytes : NaN,
      );
      console.log(
        `${options.clip} after ${((now.at - begin.at) / 1000).toFixed(0).padStart(4)} s: ${rate.toFixed(1)} pictures/s, ` +
          `${await figure('profile')}; delay ${await figure('latency')}, a picture takes ${await figure('service')}; ` +
          `page and workers ${(bytes / MEGABYTE).toFixed(1)} MB, process ${(rendererMemory(pid) / MEGABYTE).toFixed(1)} MB`,
      );
      before = now;
    }
    const end = await read();
    console.log(`${options.clip}: ${((1000 * (end.sent - begin.sent)) / (end.at - begin.at)).toFixed(1)} pictures/s in all`);
  } finally {
    await close();
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
