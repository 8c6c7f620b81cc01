/**
 * The tracker in the browser against the one on the server: the same C++, compiled twice.
 *
 * What the program itself does is the same bit for bit: a recording of the WebAssembly build (every
 * picture, what each network was shown and answered, every message) is replayed by the native
 * build, which must show its networks the same numbers and write the same bytes.
 *
 * What differs is how the two engines round inside a network (XNNPACK here, OpenVINO there). The
 * second part measures in Chromium what becomes of that; docs/home.md says what was found.
 */

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_FOLDER } from '../engine/glue';
import { Engine } from '../src/home/engine';
import { type Networks, Program } from '../src/home/program';
import { keepOutputs } from '../src/home/shorten';
import { PROFILES } from '../src/protocol';
import { StorySign } from './server';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SHARED = process.env.STORYSIGN_SHARED_DATA_DIR ?? path.resolve(ROOT, '../shared/data');
const PROGRAM = path.resolve(process.env.STORYSIGN_BIN ?? '');
const REPLAY = path.join(path.dirname(PROGRAM), 'tests/unit/home/home_replay');
const CLIPS = ['brother', 'school'];
const FRAMES = 60;
const RECORDED_FRAMES = 40;
const [WIDTH, HEIGHT] = [640, 480];
const FRAME_BYTES = 4 * WIDTH * HEIGHT;
const HAND_POINTS = 21;

const there = CLIPS.every((clip) => existsSync(clipFile(clip)));
if (!there) console.warn(`Skipped: there are no clips in ${SHARED}.`);

function clipFile(clip: string): string {
  return path.join(SHARED, 'clips', `${clip}.mkv`);
}

/** Frames of a clip as R, G, B, A, one after another. */
function decode(clip: string, frames: number): Buffer {
  return execFileSync(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-i', clipFile(clip), '-frames:v', `${frames}`],
      ...['-fps_mode', 'passthrough', '-pix_fmt', 'rgba', '-f', 'rawvideo', '-'],
    ],
    { maxBuffer: frames * FRAME_BYTES + 1 },
  );
}

/** Writes down what networks are asked and answer, in the order in which it happens. */
class Recorder implements Networks {
  private parts: Uint8Array[] = [];

  constructor(private readonly engine: Networks) {}

  createNetwork(file: string, outputs: readonly string[]): number {
    this.mark('N');
    this.bytes(Buffer.from(`${file}:${outputs.join(',')}`));
    return this.engine.createNetwork(file, outputs);
  }

  infer(id: number, input: Float32Array, outputs: Float32Array): boolean {
    const done = this.engine.infer(id, input, outputs);
    this.mark('I');
    this.number(id);
    this.floats(input);
    this.floats(outputs);
    return done;
  }

  mark(kind: string): void {
    this.parts.push(Buffer.from(kind));
  }

  number(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.parts.push(bytes);
  }

  bytes(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.parts.push(bytes);
  }

  raw(bytes: Uint8Array): void {
    this.parts.push(bytes);
  }

  take(): Buffer {
    const all = Buffer.concat(this.parts);
    this.parts = [];
    return all;
  }

  private floats(values: Float32Array): void {
    this.number(values.length);
    // A copy: the numbers lie in a memory that changes.
    this.parts.push(new Uint8Array(values.slice().buffer));
  }
}

const MODELS = [
  'face_detection_short_range',
  'face_landmark',
  'hand_landmark_full',
  'hand_recrop',
  'palm_detection_full',
  'pose_detection',
  'pose_landmark_lite',
].map((name) => `${name}.tflite`);

const readModel = (name: string): Uint8Array => readFileSync(path.join(ROOT, 'deps/models', name));

async function loadEngine(): Promise<Engine> {
  const at = (name: string) => path.join(ENGINE_FOLDER, name);
  return Engine.create(
    { glue: at('tflite_web_api_cc_simd.js'), code: '', thread: null },
    new Uint8Array(readFileSync(at('tflite_web_api_cc_simd.wasm'))),
    1,
    new Map(MODELS.map((name) => [name, readModel(name)])),
  );
}

describe('the engine', () => {
  it('computes the same without the outputs that nobody asked for', async () => {
    const name = 'pose_landmark_lite.tflite';
    const engine = await loadEngine();
    const all = ['Identity', 'Identity_1', 'Identity_3', 'Identity_4', 'Identity_2'];
    // A sixth of the operators make the mask, on its way to the full size: nearly half the work.
    const { left, before } = keepOutputs(readModel(name).slice(), all.slice(0, 3));
    expect(left).toBeLessThan(0.85 * before);
    expect(keepOutputs(readModel(name).slice(), all).left).toBe(before);
    expect(() => keepOutputs(readModel(name).slice(), ['Identity_9'])).toThrow('lacks');
    const input = Float32Array.from({ length: 256 * 256 * 3 }, (_, i) => ((i * 7919) % 256) / 255);
    const [landmarks, presence, heatmap, world, mask] = [
      39 * 5,
      1,
      64 * 64 * 39,
      39 * 3,
      256 * 256,
    ];
    const few = new Float32Array(landmarks + presence + heatmap);
    const many = new Float32Array(few.length + world + mask);
    expect(engine.infer(engine.createNetwork(name, all.slice(0, 3)), input, few)).toBe(true);
    expect(engine.infer(engine.createNetwork(name, all), input, many)).toBe(true);
    expect(few).toEqual(many.slice(0, few.length));
    expect(few.some((value) => value !== few[0])).toBe(true);
  });

  it('refuses inputs and outputs of another size', async () => {
    const engine = await loadEngine();
    const id = engine.createNetwork('hand_recrop.tflite', ['output_crop']);
    const input = new Float32Array(256 * 256 * 3);
    expect(engine.infer(id, input, new Float32Array(4))).toBe(true);
    expect(engine.infer(id, input, new Float32Array(5))).toBe(false);
    expect(engine.infer(id, input, new Float32Array(3))).toBe(false);
    expect(engine.infer(id, input.subarray(1), new Float32Array(4))).toBe(false);
    expect(engine.infer(id + 1, input, new Float32Array(4))).toBe(false);
    expect(() => engine.createNetwork('none.tflite', ['a'])).toThrow('no model');
  });
});

describe.skipIf(!there)('the program', () => {
  it('does the same bit for bit as its native build', async () => {
    const recorder = new Recorder(await loadEngine());
    const code = new Uint8Array(readFileSync(path.join(ROOT, 'build/home/home.wasm')));
    // Every look at the clock is a millisecond later than the one before; as the replay's.
    let looks = 0;
    const program = await Program.create(code, recorder, () => ++looks);
    const profile = PROFILES.indexOf('balanced');
    program.choose(profile);
    const replay = spawn(REPLAY, { stdio: ['pipe', 'pipe', 'inherit'] });
    let words = '';
    replay.stdout.on('data', (text: Buffer) => {
      words += text.toString();
    });
    const ended = new Promise<number | null>((done, failed) => {
      replay.once('error', failed);
      replay.once('close', done);
    });
    // A replay that ends at a difference reads no further.
    replay.stdin.on('error', () => undefined);
    for (const value of [WIDTH, HEIGHT, RECORDED_FRAMES, profile]) recorder.number(value);
    const pixels = decode('brother', RECORDED_FRAMES);
    for (let i = 1; i <= RECORDED_FRAMES && replay.exitCode === null; ++i) {
      const rgba = pixels.subarray((i - 1) * FRAME_BYTES, i * FRAME_BYTES);
      recorder.mark('F');
      recorder.raw(rgba);
      const { message, answer } = program.track(new Uint8ClampedArray(rgba), WIDTH, HEIGHT, {
        number: i,
        captureTimeUs: Math.floor((i * 1e6) / 30),
        latencyUs: 0,
        dropped: 0,
        spentUs: 0,
      });
      recorder.mark('M');
      recorder.bytes(message);
      recorder.bytes(new Uint8Array(answer));
      await new Promise((done) => replay.stdin.write(recorder.take(), done));
    }
    replay.stdin.end();
    const status = await ended;
    const [, inferences] = /^40 frames, (\d+) inferences: the same\.\n$/.exec(words) ?? [];
    expect(words).toMatch(/: the same\.\n$/);
    expect(status).toBe(0);
    // Hands, face and body: more than one a frame.
    expect(Number(inferences)).toBeGreaterThan(RECORDED_FRAMES);
  });
});

type Points = number[][];

interface Line {
  pose: Points | null;
  left_hand: Points | null;
  right_hand: Points | null;
  face: Points | null;
}

function readLines(file: string): Line[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Line);
}

/** As a message carries it: the comparison is about the landmarks, not about how they are packed. */
const packed = (value: number): number => Math.round(value * 8192) / 8192;

/** Distances in parts of the picture's height. */
function apart(a: number[] = [], b: number[] = []): number {
  const across = (packed(a[0] ?? NaN) - packed(b[0] ?? NaN)) * (WIDTH / HEIGHT);
  return Math.hypot(across, packed(a[1] ?? NaN) - packed(b[1] ?? NaN));
}

interface Comparison {
  /** Part of the frames in which both, or neither, found the hand. */
  agreement: number;
  /** Of the points of hands that both found, in palm lengths (wrist to the middle finger's base). */
  median: number;
  p90: number;
  points: number;
}

function compareHands(pairs: readonly (readonly [Line, Line])[]): Comparison {
  const distances: number[] = [];
  let agreed = 0;
  for (const [native, browser] of pairs) {
    for (const side of ['left_hand', 'right_hand'] as const) {
      const [a, b] = [native[side], browser[side]];
      if ((a === null) === (b === null)) agreed += 1;
      if (a === null || b === null) continue;
      const palm = apart(a[0], a[9]);
      for (let i = 0; i < HAND_POINTS; ++i) distances.push(apart(a[i], b[i]) / palm);
    }
  }
  distances.sort((a, b) => a - b);
  const quantile = (q: number) => distances[Math.floor(q * distances.length)] ?? NaN;
  return {
    agreement: agreed / (2 * pairs.length),
    median: quantile(0.5),
    p90: quantile(0.9),
    points: distances.length,
  };
}

describe.skipIf(!there)('landmarks in Chromium', () => {
  let server: StorySign;
  let folder: string;

  beforeAll(async () => {
    server = await StorySign.start();
    folder = mkdtempSync(path.join(os.tmpdir(), 'storysign-sameness-'));
  });

  afterAll(async () => {
    await server?.end('SIGKILL');
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** A video without loss of the very pictures that the browser gets. */
  function makeVideo(clip: string): string {
    const file = path.join(folder, `${clip}.mkv`);
    execFileSync(
      'ffmpeg',
      [
        ...['-y', '-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgba', '-r', '30'],
        ...['-s', `${WIDTH}x${HEIGHT}`, '-i', '-', '-c:v', 'ffv1', '-pix_fmt', 'bgr0', file],
      ],
      { input: decode(clip, FRAMES) },
    );
    return file;
  }

  function annotate(clip: string, profile: string): Line[] {
    const out = path.join(folder, `${clip}.${profile}.jsonl`);
    execFileSync(PROGRAM, [
      ...['annotate', makeVideo(clip), '--landmarks', out, '--mode', 'fast', '--profile', profile],
      ...['--complexity', '0', '--min-detection-confidence', '0.3'],
      ...['--min-tracking-confidence', '0.3', '--performance.quick_hands=false'],
    ]);
    return readLines(out);
  }

  /**
   * About twice what was measured. For the same input the engines' answers are within 0.001 pixels;
   * but crops have whole levels of brightness, so that some of the next network's pixels differ by
   * one, which moves its points by up to half a pixel, and so on from frame to frame.
   */
  const LIMITS = {
    high_quality: { agreement: 0.98, median: 0.012, p90: 0.15 },
    high_performance: { agreement: 0.93, median: 0.02, p90: 0.2 },
  };

  it('are those of the server', async () => {
    const profiles = Object.keys(LIMITS) as (keyof typeof LIMITS)[];
    const bench = spawn(
      process.execPath,
      [
        ...[path.join(ROOT, 'bench/home.mjs'), '--url', server.url, '--json'],
        ...['--clips', CLIPS.join(','), '--profiles', profiles.join(',')],
        ...['--frames', `${FRAMES}`, '--landmarks', folder],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    expect(await new Promise((done) => bench.once('close', done))).toBe(0);
    for (const profile of profiles) {
      const pairs = CLIPS.flatMap((clip) => {
        const browser = readLines(path.join(folder, profile, `${clip}.jsonl`));
        const native = annotate(clip, profile);
        expect(browser).toHaveLength(native.length);
        return native.map((line, i) => [line, browser[i] as Line] as const);
      });
      const found = compareHands(pairs);
      console.log(
        `${profile}: hands of the browser beside those of the server: ${JSON.stringify(found)}`,
      );
      // Half of the frames and more have hands, so that there is something to compare.
      expect(found.points).toBeGreaterThan(HAND_POINTS * FRAMES);
      expect(found.agreement).toBeGreaterThanOrEqual(LIMITS[profile].agreement);
      expect(found.median).toBeLessThanOrEqual(LIMITS[profile].median);
      expect(found.p90).toBeLessThanOrEqual(LIMITS[profile].p90);
    }
  });
});
