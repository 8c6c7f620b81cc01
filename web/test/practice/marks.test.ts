import { describe, expect, it } from 'vitest';
import { drawFigure } from '../../src/practice/figure_drawing';
import { frameOf, type FigureFrame, readDrawing } from '../../src/practice/figure';
import { spellingSide, spotsOf } from '../../src/practice/marks';
import { drawMarks, drawRing } from '../../src/practice/marks_drawing';
import { recorder } from '../recorder';
import { body, hand } from './parts';

const same = { x: (value: number) => value, y: (value: number) => value };
const face = new Float32Array(478 * 3);
face.set([0.4, 0.2, 0], 70 * 3);
const frame = frameOf({ pose: body(0.5), rightHand: hand(0.3, 0.4), face }, 0, same);
const RECT = { x: 0, y: 0, width: 400, height: 300 };

describe('the places of a part', () => {
  it('are about the hand', () => {
    const [spot, ...others] = spotsOf('right_hand', frame, 4 / 3);
    expect(others).toEqual([]);
    expect(spot?.x).toBeCloseTo(0.31);
    expect(spot?.y).toBeCloseTo(0.4);
    expect(spot?.line).toEqual([]);
  });

  it('are a finger from its root to its tip', () => {
    const [spot] = spotsOf('right_index', frame, 1);
    expect(spot?.line.map(([x]) => Math.round(1000 * x))).toEqual([305, 306, 307, 308]);
    const [pinky] = spotsOf('right_pinky', frame, 1);
    expect(pinky?.line[3]?.[0]).toBeCloseTo(0.32);
  });

  it('are where the arm ends if there is no hand', () => {
    const pose = body(0.5);
    pose.set([0.7, 0.8, 0, 1], 15 * 4);
    const bare = frameOf({ pose }, 0, same);
    expect(spotsOf('left_hand', bare, 1)[0]).toMatchObject({ y: expect.closeTo(0.8) as number });
    expect(spotsOf('left_thumb', bare, 1)[0]?.x).toBeCloseTo(0.7);
    expect(spotsOf('right_hand', bare, 1)).toEqual([]);
    expect(spotsOf('both_hands', bare, 1)).toHaveLength(1);
  });

  it.each(['eyebrows', 'mouth', 'head', 'body'])('%s is somewhere', (part) => {
    expect(spotsOf(part, frame, 1)).toHaveLength(1);
  });

  it.each(['', 'left_knee', 'tail', 'right', 'right_wing'])('%j breaks nothing', (part) => {
    expect(() => spotsOf(part, frame, 1)).not.toThrow();
  });

  it('of nobody are none', () => {
    const nobody: FigureFrame = { at: 0, body: null, left: null, right: null, face: null };
    for (const part of ['eyebrows', 'mouth', 'head', 'body', 'both_hands', 'left_ring']) {
      expect(spotsOf(part, nobody, 1)).toEqual([]);
    }
  });
});

describe('the hand that spells', () => {
  it('is the one that was chosen, else the one that is seen', () => {
    expect(spellingSide(frame, 'right')).toBe('right');
    expect(spellingSide(frame, 'left')).toBe('right');
    expect(spellingSide({ ...frame, right: null }, 'left')).toBe(null);
  });
});

describe('marks on a skeleton', () => {
  it('have their number at the mirrored place, two of one part side by side', () => {
    const { context, of } = recorder();
    drawMarks(context, frame, RECT, true, [
      { number: 1, part: 'right_hand' },
      { number: 2, part: 'right_hand' },
      { number: 3, part: 'unknown' },
    ]);
    const texts = of('fillText');
    expect(texts.map(([text]) => text)).toEqual(['1', '2']);
    expect(Number(texts[0]?.[1])).toBeGreaterThan(0.69 * 400 - 20);
    expect(Number(texts[1]?.[1])).toBeGreaterThan(Number(texts[0]?.[1]) + 20);
    // One ring for both: three circles are the ring and the two numbers.
    expect(of('arc')).toHaveLength(3);
  });

  it('keep their numbers inside the picture', () => {
    const edge = frameOf({ rightHand: hand(0.99, 0.001) }, 0, same);
    const { context, of } = recorder();
    drawMarks(context, edge, RECT, false, [{ number: 1, part: 'right_hand' }]);
    const [, x, y] = of('fillText')[0] ?? [];
    expect(Number(x)).toBeLessThanOrEqual(400 - 11);
    expect(Number(y)).toBeGreaterThanOrEqual(11);
  });

  it('show how long a letter is held', () => {
    const { context, of } = recorder();
    drawRing(context, frame, RECT, true, { value: 0.25, letter: 'N', side: 'right' });
    const arcs = of('arc').map(([, , , from, to]) => Number(to) - Number(from));
    expect(arcs[0]).toBeCloseTo(2 * Math.PI);
    expect(arcs[1]).toBeCloseTo(Math.PI / 2);
    expect(of('fillText')[0]?.[0]).toBe('N');
  });

  it('are not drawn without a hand', () => {
    const { context, of } = recorder();
    const nobody: FigureFrame = { at: 0, body: null, left: null, right: null, face: null };
    drawRing(context, nobody, RECT, true, { value: 1, letter: 'N', side: 'right' });
    expect(of('arc')).toEqual([]);
  });
});

describe('the drawing of a figure', () => {
  const bounds = { x: -1, y: -1, width: 2, height: 2 };
  const pose = Array.from({ length: 13 }, (_, n) => (n > 8 ? null : [n % 2 ? 0.5 : -0.5, 0]));
  const right = Array.from({ length: 21 }, () => [0.5, 0.5]);
  const [drawn] = readDrawing({ frames: [{ pose, right }] })?.frames ?? [];

  it('mirrors places and not names, and leaves out what is not known', () => {
    const { context, of } = recorder();
    drawFigure(context, drawn!, bounds, { width: 200, height: 200 }, true, {
      left: 'Left',
      right: 'Right',
    });
    expect(of('fillText')).toEqual([['Right', 50, expect.any(Number)]]);
    const places = [...of('moveTo'), ...of('lineTo')].flat();
    expect(places.some((value) => Number.isNaN(value))).toBe(false);
  });

  it('writes no names where there are none', () => {
    const { context, of } = recorder();
    drawFigure(context, drawn!, bounds, { width: 200, height: 200 }, true, null);
    expect(of('fillText')).toEqual([]);
  });
});
