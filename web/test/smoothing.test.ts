import { describe, expect, it } from 'vitest';
import { LandmarkSmoother } from '../src/smoothing';

const hand = (x: number): { leftHand: Float32Array<ArrayBuffer> } => ({
  leftHand: new Float32Array([x, 0.5, 0]),
});
const shownX = (smoother: LandmarkSmoother, x: number, elapsed: number): number =>
  smoother.step(hand(x), elapsed).leftHand?.[0] ?? Number.NaN;

describe('smoothing', () => {
  it('shows a part that appears where it is', () => {
    expect(shownX(new LandmarkSmoother(25), 0.5, 16)).toBe(0.5);
  });

  it('moves towards the latest answer and never beyond it', () => {
    const smoother = new LandmarkSmoother(25);
    shownX(smoother, 0.5, 16);
    let before = 0.5;
    for (let i = 0; i < 20; ++i) {
      const x = shownX(smoother, 0.6, 16);
      expect(x).toBeGreaterThanOrEqual(before);
      expect(x).toBeLessThanOrEqual(0.6000001);
      before = x;
    }
    expect(before).toBeCloseTo(0.6, 3);
    expect(smoother.done).toBe(true);
  });

  it('does two thirds of the way in its time', () => {
    const smoother = new LandmarkSmoother(25);
    shownX(smoother, 0.5, 16);
    expect(shownX(smoother, 0.6, 25)).toBeCloseTo(0.5 + 0.1 * 0.632, 3);
    expect(smoother.done).toBe(false);
  });

  it('jumps where a part is found anew elsewhere', () => {
    const smoother = new LandmarkSmoother(25);
    shownX(smoother, 0.1, 16);
    expect(shownX(smoother, 0.9, 16)).toBeCloseTo(0.9);
  });

  it('shows every answer as it is with reduced motion', () => {
    const smoother = new LandmarkSmoother(0);
    shownX(smoother, 0.5, 16);
    expect(shownX(smoother, 0.6, 1)).toBeCloseTo(0.6);
  });

  it('forgets parts that are gone', () => {
    const smoother = new LandmarkSmoother(25);
    shownX(smoother, 0.5, 16);
    expect(smoother.step({}, 16)).toEqual({});
    expect(shownX(smoother, 0.6, 16)).toBeCloseTo(0.6);
  });
});
