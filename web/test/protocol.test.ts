import { describe, expect, it } from 'vitest';
import {
  ANSWER_HEADER_BYTES,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  QUALITY_REASONS,
  readAnswer,
  writeFrameHeader,
} from '../src/protocol';

const HEADER: FrameHeader = {
  mode: 'landmarks',
  frameNumber: 0x01020304,
  captureTimeUs: 0x0000_0011_2233_4455,
  width: 640,
  height: 480,
  latencyUs: 45_000,
  dropped: 7,
};

function written(header: FrameHeader): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  writeFrameHeader(new DataView(bytes.buffer), header);
  return bytes;
}

describe('frame header', () => {
  it('has the bytes of the document', () => {
    const expected = [
      [1, 1],
      [5, 0], // Landmarks and face mesh.
      [4, 3, 2, 1],
      [0x55, 0x44, 0x33, 0x22, 0x11, 0, 0, 0],
      [0x80, 0x02],
      [0xe0, 0x01],
      [0xc8, 0xaf, 0, 0],
      [7, 0, 0, 0],
      [0, 0, 0, 0],
    ].flat();
    expect([...written(HEADER)]).toEqual(expected);
  });

  it('asks for the picture alone in picture mode', () => {
    expect([...written({ ...HEADER, mode: 'picture' }).subarray(2, 4)]).toEqual([2, 0]);
  });

  it('rounds times and limits what does not fit', () => {
    const header = { ...HEADER, captureTimeUs: 12.6, latencyUs: 1e12, dropped: 2 ** 33 };
    const view = new DataView(written(header).buffer);
    expect(view.getBigUint64(8, true)).toBe(13n);
    expect(view.getUint32(20, true)).toBe(0xffffffff);
    expect(view.getUint32(24, true)).toBe(0xffffffff);
  });
});

interface Parts {
  flags?: number;
  section?: number[];
  text?: string;
  picture?: number[];
  landmarkBytes?: number;
  qualityReason?: number;
  skipReason?: number;
  error?: number;
}

/** An answer with a known value in every field. */
function answer({ flags = 1, section = [], text = '', picture = [], ...more }: Parts): ArrayBuffer {
  const words = new TextEncoder().encode(text);
  const bytes = new Uint8Array([
    ...new Uint8Array(ANSWER_HEADER_BYTES),
    ...section,
    ...words,
    ...picture,
  ]);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setUint8(1, 129);
  view.setUint16(2, flags, true);
  view.setUint32(4, 99, true);
  view.setUint16(20, 640, true);
  view.setUint16(22, 480, true);
  view.setUint8(24, 3);
  view.setUint8(25, more.skipReason ?? 2);
  view.setUint8(26, 25);
  view.setUint8(27, more.error ?? 0);
  view.setUint16(28, 4, true);
  view.setUint16(30, 5, true);
  view.setUint32(52, 31_000, true);
  view.setUint8(57, more.qualityReason ?? 7);
  view.setUint16(58, more.landmarkBytes ?? section.length, true);
  view.setUint16(60, words.length, true);
  return bytes.buffer;
}

const LE = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff];
const repeat = (values: number[], times: number): number[] =>
  Array.from({ length: times }, () => values.flatMap(LE)).flat();

const SUCCESS = 1;
const POSE = 4;
const LEFT = 8;
const RIGHT = 16;
const FACE = 32;
const LANDMARKS = 128;
const PICTURE = 256;
const MESH = 512;

describe('answer', () => {
  it('reads the fixed part', () => {
    const read = readAnswer(answer({ flags: SUCCESS | 2 | LEFT }));
    expect(read).toMatchObject({
      success: true,
      inferred: true,
      found: { pose: false, leftHand: true, rightHand: false, face: false },
      frameNumber: 99,
      width: 640,
      height: 480,
      profile: 'high_quality',
      qualityReason: 'cpu',
      skipReason: 'frame_skip',
      advisedFps: 25,
      replaced: 4,
      expired: 5,
      serverUs: 31_000,
      landmarks: null,
      picture: null,
      text: '',
    });
  });

  it('knows a frame that was not even looked at', () => {
    expect(readAnswer(answer({ flags: 0, error: 1 })).refused).toBe(true);
    expect(readAnswer(answer({ flags: 0, error: 2 })).refused).toBe(false);
    expect(readAnswer(answer({})).refused).toBe(false);
  });

  it('knows reasons by their numbers, and none by others', () => {
    const reasons = [...'0123456789'].map(
      (number) => readAnswer(answer({ qualityReason: Number(number) })).qualityReason,
    );
    expect(reasons).toEqual(QUALITY_REASONS);
    expect(readAnswer(answer({ qualityReason: 10 })).qualityReason).toBeNull();
    const skips = [0, 1, 2, 3, 4].map(
      (skipReason) => readAnswer(answer({ skipReason })).skipReason,
    );
    expect(skips).toEqual(['none', 'unchanged', 'frame_skip', 'behind', null]);
  });

  it('reads all landmarks, in their order and scale', () => {
    const section = [
      ...repeat([4096, -8192, 16384, 65535], 33),
      ...LE(65535),
      ...repeat([8192, 0, 0], 21),
      ...LE(0),
      ...repeat([2048, 0, 0], 21),
      ...LE(2),
      ...repeat([1024, 512, 0], 2),
    ];
    const flags = SUCCESS | POSE | LEFT | RIGHT | FACE | LANDMARKS | MESH;
    const { landmarks } = readAnswer(answer({ flags, section }));
    expect([...(landmarks?.pose ?? [])].slice(0, 5)).toEqual([0.5, -1, 2, 1, 0.5]);
    expect(landmarks?.pose).toHaveLength(33 * 4);
    expect([...(landmarks?.leftHand ?? [])].slice(0, 3)).toEqual([1, 0, 0]);
    expect([...(landmarks?.rightHand ?? [])].slice(0, 3)).toEqual([0.25, 0, 0]);
    expect([...(landmarks?.face ?? [])]).toEqual([0.125, 0.0625, 0, 0.125, 0.0625, 0]);
  });

  it('leaves the face out where only its presence is told', () => {
    const { landmarks, found } = readAnswer(answer({ flags: SUCCESS | FACE | LANDMARKS }));
    expect(found.face).toBe(true);
    expect(landmarks).toEqual({});
  });

  it('finds text and picture behind the landmarks', () => {
    const section = repeat([0, 0, 0, 0], 33);
    const text = 'caf\u00e9';
    const flags = POSE | LANDMARKS | PICTURE;
    const read = readAnswer(answer({ flags, section, text, picture: [0xff, 0xd8, 1] }));
    expect(read.success).toBe(false);
    expect(read.text).toBe(text);
    expect([...(read.picture ?? [])]).toEqual([0xff, 0xd8, 1]);
  });

  it('refuses what is no answer', () => {
    expect(() => readAnswer(new ArrayBuffer(63))).toThrow('too short');
    expect(() => readAnswer(new ArrayBuffer(64))).toThrow('no answer of version 1');
    expect(() => readAnswer(answer({ landmarkBytes: 10 }))).toThrow('longer than the answer');
  });

  it('refuses landmarks that do not fit their section', () => {
    const pose = repeat([0, 0, 0, 0], 33);
    const flags = SUCCESS | POSE | LANDMARKS;
    expect(() => readAnswer(answer({ flags, section: pose.slice(2) }))).toThrow('cut off');
    expect(() => readAnswer(answer({ flags, section: [...pose, 0] }))).toThrow('longer than its');
    const mesh = { flags: SUCCESS | FACE | LANDMARKS | MESH, section: [...LE(468), 0, 0] };
    expect(() => readAnswer(answer(mesh))).toThrow('cut off');
    expect(() => readAnswer(answer({ ...mesh, section: [] }))).toThrow('cut off');
  });
});
