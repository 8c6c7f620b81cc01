#!/usr/bin/env node
/**
 * What finding landmarks costs in a learner's browser: plays clips to the worker of the served page
 * in Chromium, one frame after another, and prints ms and frames a second of each profile.
 *
 * usage: node bench/home.mjs [--clips brother,school] [--profiles high_performance,balanced]
 *            [--frames N] [--minutes M] [--landmarks FOLDER] [--processors N]
 *            [--url http://127.0.0.1:8000/] [--json]
 *
 * --processors what the browser says that the machine has, for which it uses more threads or fewer
 * --minutes   goes on so long with each profile, over the same frames, and says what memory grows by
 * --landmarks writes FOLDER/PROFILE/CLIP.jsonl as `storysign annotate --landmarks` does, for
 *             tests/parity/fast.py --landmarks FOLDER
 * --url       of a server that runs; left out, build/release/storysign serve is started
 * Clips come from ../shared/data/clips (or STORYSIGN_SHARED_DATA_DIR).
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fail, MEGABYTE, openBrowser, rendererMemory, ROOT, serve, SHARED } from './browser.mjs';

const PROFILES = ['ultra_performance', 'high_performance', 'balanced', 'high_quality'];
/** Microseconds from frame to frame: as annotate's reference clock. */
const FRAME_US = 33333;
/** Until everything that there is to see is found, and the browser has compiled what runs often. */
const WARM_FRAMES = 20;
const MEMORY_EVERY_S = 30;

function parsed() {
  try {
    return parseArgs({
      options: {
        clips: { type: 'string', default: 'brother' },
        profiles: { type: 'string', default: PROFILES.join(',') },
        frames: { type: 'string' },
        minutes: { type: 'string' },
        landmarks: { type: 'string' },
        processors: { type: 'string' },
        url: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return fail(`${error.message}; what there is stands at the head of this file.`);
  }
}

function readOptions() {
  const values = parsed();
  const folder = path.join(SHARED, 'clips');
  const there = existsSync(folder)
    ? readdirSync(folder).filter((file) => file.endsWith('.mkv')).map((file) => path.parse(file).name)
    : [];
  const clips = values.clips === 'all' ? there.sort() : values.clips.split(',');
  for (const clip of clips) if (!there.includes(clip)) fail(`there is no clip ${clip} in ${folder}.`);
  const profiles = values.profiles.split(',');
  for (const profile of profiles) if (!PROFILES.includes(profile)) fail(`there is no profile ${profile}.`);
  return { ...values, clips, profiles, minutes: Number(values.minutes ?? 0) };
}

/** The address of the worker that finds landmarks, in the page as it was built. */
async function workerOf(url) {
  const folder = path.join(ROOT, 'web/dist/assets');
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    if (!file.endsWith('.js') || !readFileSync(path.join(folder, file), 'utf8').includes('storysign_begin')) continue;
    if ((await fetch(`${url}assets/${file}`, { method: 'HEAD' })).ok) return `/assets/${file}`;
  }
  return fail('the page has no worker that finds landmarks; run `make build`.');
}

/** Frames of a clip as R, G, B, A. */
function decode(clip, most) {
  const file = path.join(SHARED, 'clips', `${clip}.mkv`);
  const size = execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=width,height', '-of', 'csv=p=0', file]);
  const [width, height] = String(size).trim().split(',').map(Number);
  const raw = execFileSync(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-i', file, ...(most ? ['-frames:v', most] : [])],
      ...['-fps_mode', 'passthrough', '-pix_fmt', 'rgba', '-f', 'rawvideo', '-'],
    ],
    { maxBuffer: 2 ** 31 - 1 },
  );
  return { clip, width, height, count: Math.floor(raw.length / (4 * width * height)), raw };
}

/** Runs in the page: a worker, and a way to give it one frame after another. */
function driver({ worker, frameUs }) {
  const home = new Worker(worker, { type: 'module' });
  let answered = null;
  home.onmessage = ({ data }) => {
    if (data.type !== 'progress') answered?.(data);
  };
  home.onerror = (event) => answered?.({ type: 'failed', words: `The worker broke: ${event.message}` });
  const ask = (message, transfer = []) =>
    new Promise((done) => {
      answered = done;
      home.postMessage(message, transfer);
    });
  let frames = [];
  const base64 = (bytes) => {
    let text = '';
    for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
    return btoa(text);
  };
  globalThis.bench = {
    load: () => ask({ type: 'load' }),
    async take(count) {
      frames = [];
      for (let i = 0; i < count; ++i) {
        frames.push(new Uint8ClampedArray(await (await fetch(`/bench/frame/${i}`)).arrayBuffer()));
      }
    },
    begin(profile) {
      home.postMessage({ type: 'quality', profile });
      home.postMessage({ type: 'reset' });
    },
    /** Frames from number `from` on, `count` of them, over and over those that there are. */
    async run(from, count, width, height, wantsAnswers) {
      const service = [];
      const answers = [];
      let bytes = 0;
      const begin = performance.now();
      for (let i = from; i < from + count; ++i) {
        const frame = await createImageBitmap(new ImageData(frames[i % frames.length], width, height));
        const said = await ask(
          {
            ...{ type: 'frame', frame, number: i + 1, captureTimeUs: (i + 1) * frameUs },
            ...{ latencyUs: 0, dropped: 0, width, height },
          },
          [frame],
        );
        if (said.type !== 'tracked') throw new Error(said.words);
        service.push(said.serviceMs);
        bytes += said.message.length;
        if (wantsAnswers) answers.push(base64(said.answer));
      }
      return { ms: performance.now() - begin, service, bytes, answers };
    },
    /** Of page and workers together, with WebAssembly's memories, as far as the browser says it. */
    async memory() {
      if (!crossOriginIsolated || !performance.measureUserAgentSpecificMemory) return null;
      return (await performance.measureUserAgentSpecificMemory()).bytes;
    },
  };
}

/** The line that annotate would write for this frame; docs/protocol-v1.md says what lies where. */
function recordOf(frame, answer) {
  const flags = answer.readUInt16LE(2);
  let at = 64;
  const coordinate = () => {
    at += 2;
    return answer.readInt16LE(at - 2) / 8192;
  };
  const point = () => [coordinate(), coordinate(), coordinate()];
  const posePoint = () => {
    const values = point();
    at += 2;
    return [...values, answer.readUInt16LE(at - 2) / 65535];
  };
  const many = (count, one) => Array.from({ length: count }, one);
  const hand = () => {
    at += 2;
    return many(21, point);
  };
  const face = () => {
    at += 2;
    return many(answer.readUInt16LE(at - 2), point);
  };
  const pose = flags & 4 ? many(33, posePoint) : null;
  const left_hand = flags & 8 ? hand() : null;
  const right_hand = flags & 16 ? hand() : null;
  return { frame, t_ms: (frame * FRAME_US) / 1000, pose, left_hand, right_hand, face: flags & 512 ? face() : null };
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];

async function measure(page, clip, profile, options, memory) {
  const { width, height, count } = clip;
  await page.evaluate((name) => globalThis.bench.begin(name), profile);
  const run = (from, many, wants) =>
    page.evaluate((args) => globalThis.bench.run(...args), [from, many, width, height, wants]);
  const wants = options.landmarks !== undefined;
  const first = await run(0, count, wants);
  if (wants) {
    const folder = path.join(options.landmarks, profile);
    mkdirSync(folder, { recursive: true });
    const lines = first.answers.map((answer, i) => JSON.stringify(recordOf(i, Buffer.from(answer, 'base64'))));
    writeFileSync(path.join(folder, `${clip.clip}.jsonl`), `${lines.join('\n')}\n`);
  }
  // The first turn counts where there is time for no other.
  let { service, ms, bytes } = first;
  let frames = count;
  const marks = [];
  if (options.minutes > 0) {
    [service, ms, bytes] = [[], 0, 0];
    const begin = Date.now();
    const end = begin + options.minutes * 60_000;
    let from = count;
    let next = begin;
    while (Date.now() < end) {
      const part = await run(from, 100, false);
      from += 100;
      ms += part.ms;
      bytes += part.bytes;
      service.push(...part.service);
      if (Date.now() >= next) {
        next += MEMORY_EVERY_S * 1000;
        marks.push({ seconds: (Date.now() - begin) / 1000, ...(await memory()) });
      }
    }
    marks.push({ seconds: (Date.now() - begin) / 1000, ...(await memory()) });
    frames = service.length;
  }
  const steady = service.slice(options.minutes > 0 ? 0 : Math.min(WARM_FRAMES, count - 1)).sort((a, b) => a - b);
  return {
    clip: clip.clip,
    profile,
    frames,
    framesPerSecond: (1000 * frames) / ms,
    meanMs: steady.reduce((sum, value) => sum + value, 0) / steady.length,
    medianMs: quantile(steady, 0.5),
    p95Ms: quantile(steady, 0.95),
    bytesPerFrame: bytes / frames,
    memory: marks,
  };
}

function tell(row) {
  console.log(
    `${row.clip.padEnd(10)} ${row.profile.padEnd(18)} ${row.framesPerSecond.toFixed(1).padStart(5)} frames/s; ` +
      `a frame ${row.meanMs.toFixed(1)} ms (median ${row.medianMs.toFixed(1)}, 95 % ${row.p95Ms.toFixed(1)}); ` +
      `${Math.round(row.bytesPerFrame)} bytes to send; ${row.frames} frames`,
  );
  for (const { seconds, page, process: resident } of row.memory) {
    const said = page === null ? 'not told' : `${(page / MEGABYTE).toFixed(1)} MB`;
    console.log(`  after ${seconds.toFixed(0).padStart(4)} s: page and workers ${said}, process ${(resident / MEGABYTE).toFixed(1)} MB`);
  }
}

async function main() {
  const options = readOptions();
  const server = options.url ? { url: options.url, end: async () => {} } : await serve();
  const { browser, pid, close } = await openBrowser(['--enable-blink-features=ForceEagerMeasureMemory']);
  const rows = [];
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(server.url);
    const script = await workerOf(server.url);
    const worker = page.waitForEvent('worker', (started) => started.url().endsWith(script));
    await page.evaluate(driver, { worker: script, frameUs: FRAME_US });
    if (options.processors) {
      await (await worker).evaluate((count) => {
        Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => count });
      }, Number(options.processors));
    }
    const begin = Date.now();
    const ready = await page.evaluate(() => globalThis.bench.load());
    if (ready.type !== 'ready') throw new Error(ready.words);
    if (!options.json) {
      console.log(`ready after ${((Date.now() - begin) / 1000).toFixed(1)} s; threads: ${ready.threads}; processors: ${os.cpus().length}`);
    }
    const memory = async () => ({
      page: await page.evaluate(() => globalThis.bench.memory()),
      process: rendererMemory(pid),
    });
    for (const name of options.clips) {
      const clip = decode(name, options.frames);
      await page.route('**/bench/frame/*', async (route) => {
        const at = Number(route.request().url().split('/').pop()) * 4 * clip.width * clip.height;
        await route.fulfill({ body: clip.raw.subarray(at, at + 4 * clip.width * clip.height) });
      });
      await page.evaluate((count) => globalThis.bench.take(count), clip.count);
      await page.unrouteAll();
      for (const profile of options.profiles) {
        const row = { threads: ready.threads, ...(await measure(page, clip, profile, options, memory)) };
        rows.push(row);
        if (!options.json) tell(row);
      }
    }
  } finally {
    await close();
    await server.end();
  }
  if (options.json) console.log(JSON.stringify(rows));
}

await main();
