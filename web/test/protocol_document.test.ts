import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  FRAME_HEADER_BYTES,
  PROFILES,
  QUALITY_REASONS,
  readAnswer,
  writeFrameHeader,
} from '../src/protocol';

const DOCUMENT = path.resolve(import.meta.dirname, '../../docs/protocol-v1.md');

/** The row of a field in the table of an answer: what its numbers mean. */
const row = (offset: number): string =>
  readFileSync(DOCUMENT, 'utf-8')
    .split('## Server: answer')[1]
    ?.split('\n')
    .find((line) => line.startsWith(`| ${offset} |`)) ?? '';

/** The bytes of an example. */
function example(name: string): Uint8Array<ArrayBuffer> {
  const [, rest = ''] = readFileSync(DOCUMENT, 'utf-8').split(`\nExample: ${name}\n`);
  const [, text = ''] = /```hex\n(.*?)```/s.exec(rest) ?? [];
  const bytes = text.replaceAll(/\|.*$/gm, '').trim().split(/\s+/);
  return new Uint8Array(bytes.map((byte) => Number.parseInt(byte, 16)));
}

const frame = example('frame');
const answer = example('answer');

describe('the numbers of docs/protocol-v1.md', () => {
  it.each([
    [24, PROFILES],
    [57, QUALITY_REASONS],
  ])('at %d are those of the page', (offset, names) => {
    const told = [...row(offset).matchAll(/\b(\d) ([a-z_]+)/g)].map(([, number, name]) => [
      Number(number),
      name,
    ]);
    expect(told).toEqual(names.map((name, number) => [number, name]));
  });
});

describe('the examples of docs/protocol-v1.md', () => {
  it('frame: the same bytes but for the flags, which the page never sets so', () => {
    const bytes = new Uint8Array(FRAME_HEADER_BYTES);
    writeFrameHeader(new DataView(bytes.buffer), {
      mode: 'landmarks',
      frameNumber: 7,
      captureTimeUs: 1_234_567_890,
      width: 640,
      height: 480,
      latencyUs: 43_000,
      dropped: 2,
    });
    expect(bytes[2]).toBe(0b0101);
    expect(frame[2]).toBe(0b1001);
    bytes[2] = 0b1001;
    expect(bytes).toEqual(frame.subarray(0, FRAME_HEADER_BYTES));
  });

  it('answer: read as the text beside it says', () => {
    const read = readAnswer(answer.slice().buffer);
    expect(read).toMatchObject({
      success: true,
      inferred: true,
      found: { pose: false, leftHand: true, rightHand: false, face: false },
      frameNumber: 7,
      width: 640,
      height: 480,
      profile: 'balanced',
      qualityReason: 'start',
      skipReason: 'none',
      advisedFps: 25,
      replaced: 2,
      expired: 0,
      serverUs: 40_200,
      text: '',
      picture: null,
    });
    expect(Object.keys(read.landmarks ?? {})).toEqual(['leftHand']);
    const points = Array.from({ length: 21 }, () => [0.5, 0.25, -0.125]).flat();
    expect([...(read.landmarks?.leftHand ?? [])]).toEqual(points);
  });
});
