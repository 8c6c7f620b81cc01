import { describe, expect, it } from 'vitest';
import {
  boundsOf,
  figureOf,
  frameAt,
  handFigure,
  mirrored,
  type Points,
  readDrawing,
  readPoints,
  within,
} from '../../src/practice/figure';
import { body, hand, seen } from './parts';

const list = (count: number, at: (n: number) => unknown) =>
  Array.from({ length: count }, (_, n) => at(n));
const pose = list(13, (n) => (n === 3 ? null : [n, -n]));

describe('a drawing', () => {
  it('is read with what is not known left open', () => {
    const figure = readDrawing({
      fps: 20,
      frames: [
        { pose, left: null, right: list(21, (n) => [n, 1]), face: list(32, () => [0, 0]) },
        { pose, left: list(20, () => [0, 0]), right: null, face: 'none' },
      ],
    });
    expect(figure?.duration).toBeCloseTo(0.05);
    const [first, second] = figure?.frames ?? [];
    expect([...(first?.body ?? [])].slice(0, 15)).toEqual([
      0,
      -0,
      0,
      1,
      -1,
      0,
      2,
      -2,
      0,
      NaN,
      NaN,
      0,
      4,
      -4,
      0,
    ]);
    expect(first?.right?.[3]).toBe(1);
    expect(first?.face).toHaveLength(96);
    // A hand of too few points is none.
    expect(second).toMatchObject({ left: null, right: null, face: null });
  });

  it.each([null, 5, {}, { frames: [] }, { frames: [{}] }, { frames: 'x' }])(
    'of %j is none',
    (value) => {
      expect(readDrawing(value)).toBe(null);
    },
  );

  it('has no points out of this world', () => {
    const points = readPoints([[1, 2], [1e9, 'x'], 5], 3);
    expect([...(points ?? [])]).toEqual([1, 2, 0, NaN, NaN, 0, NaN, NaN, 0]);
  });
});

describe('a figure of what was seen', () => {
  it('lies about the middle of the shoulders, in their width', () => {
    const figure = figureOf(
      [
        { time: 1000, landmarks: seen() },
        { time: 1500, landmarks: seen() },
      ],
      2,
    );
    expect(figure?.duration).toBeCloseTo(0.5);
    const frame = figure?.frames[1];
    expect(frame?.at).toBeCloseTo(0.5);
    // Shoulders at 0.6 and 0.4 of a picture twice as wide as high: 0.4 apart, the middle at 1.
    expect(frame?.body?.[7 * 3]).toBeCloseTo(0.5);
    expect(frame?.body?.[8 * 3]).toBeCloseTo(-0.5);
    expect(frame?.right?.[0]).toBeCloseTo((0.6 - 1) / 0.4);
    expect(frame?.right?.[1]).toBeCloseTo(-0.1 / 0.4);
    // What the network does not see is not known.
    expect(frame?.body?.[0]).toBeNaN();
  });

  it('keeps one place through all frames, so that leaning is seen', () => {
    const figure = figureOf(
      [0.5, 0.5, 0.7].map((x, time) => ({ time, landmarks: seen(x) })),
      1,
    );
    expect(figure?.frames[0]?.body?.[7 * 3]).toBeCloseTo(0.5);
    expect(figure?.frames[2]?.body?.[7 * 3]).toBeCloseTo(1.5);
  });

  it('needs shoulders once', () => {
    expect(figureOf([{ time: 0, landmarks: { rightHand: hand(0, 0) } }], 1)).toBe(null);
    expect(figureOf([{ time: 0, landmarks: { pose: body(0.5, 0.2) } }], 1)).toBe(null);
    expect(figureOf([{ time: 0, landmarks: { pose: new Float32Array(8) } }], 1)).toBe(null);
    expect(figureOf([], 1)).toBe(null);
  });
});

describe('a moment of a figure', () => {
  const moving = handFigure([hand(0, 0), hand(1, 2), hand(3, 2)], 10);

  it('lies between its frames', () => {
    expect(moving.duration).toBeCloseTo(0.2);
    expect(frameAt(moving, 0.05)?.right?.[0]).toBeCloseTo(0.5);
    expect(frameAt(moving, 0.05)?.right?.[1]).toBeCloseTo(1);
    expect(frameAt(moving, 0.15)?.right?.[0]).toBeCloseTo(2);
  });

  it('before and after it is the first and the last', () => {
    expect(frameAt(moving, -1)?.right?.[0]).toBe(0);
    expect(frameAt(moving, 0)?.right?.[0]).toBe(0);
    expect(frameAt(moving, 5)?.right?.[0]).toBe(3);
    expect(frameAt({ frames: [], duration: 0 }, 0)).toBe(null);
  });

  it('shows a hand that comes or goes on the nearer side', () => {
    const [first] = moving.frames;
    const without = { at: 0.1, body: null, left: null, right: null, face: null };
    const going = { frames: [first!, without], duration: 0.1 };
    expect(frameAt(going, 0.04)?.right).not.toBe(null);
    expect(frameAt(going, 0.06)?.right).toBe(null);
  });
});

describe('bounds', () => {
  it('hold all figures with a margin', () => {
    const bounds = boundsOf([handFigure([hand(0, 0)], 10), handFigure([hand(1, 1)], 10)]);
    expect(bounds.x).toBeLessThan(0);
    expect(bounds.y).toBeLessThan(0);
    expect(bounds.x + bounds.width).toBeGreaterThan(1.02);
    expect(bounds.y + bounds.height).toBeGreaterThan(1);
  });

  it('of a body hold head and chest, and leave out what hangs far below', () => {
    const far = figureOf([{ time: 0, landmarks: { pose: body(0.5), leftHand: hand(0.5, 9) } }], 1);
    const bounds = boundsOf([far!]);
    expect(bounds.y).toBeLessThan(-1);
    expect(bounds.y + bounds.height).toBeGreaterThan(1);
    expect(bounds.y + bounds.height).toBeLessThan(2);
  });

  it('of nothing are something', () => {
    expect(boundsOf([])).toEqual({ x: -1, y: -1, width: 2, height: 2 });
  });

  it('make points fractions', () => {
    const points = readPoints([[1, 3]], 1) as Points;
    expect([...within(points, { x: -1, y: 1, width: 4, height: 8 })]).toEqual([0.5, 0.25, 0]);
  });
});

describe('a figure in the mirror', () => {
  it('signs with the other hand, and has its sides changed over', () => {
    const figure = readDrawing({
      frames: [{ pose, left: list(21, () => [1, 1]), right: list(21, () => [-2, 1]) }],
    });
    const [frame] = mirrored(figure!).frames;
    expect(frame?.left?.[0]).toBe(2);
    expect(frame?.right?.[0]).toBe(-1);
    // The left eye (1) comes from the right eye (2); the nose stays in the middle.
    expect(frame?.body?.[3]).toBe(-2);
    expect(frame?.body?.[4]).toBe(-2);
    expect(frame?.body?.[6]).toBe(-1);
    expect(mirrored(mirrored(figure!))).toEqual(figure);
  });
});
