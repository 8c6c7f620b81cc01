import { describe, expect, it } from 'vitest';
import { Backoff, RECONNECT_LIMITS } from '../src/backoff';

const delays = (random: number, count: number): number[] => {
  const backoff = new Backoff(RECONNECT_LIMITS, () => random);
  return Array.from({ length: count }, () => backoff.next());
};

describe('backoff', () => {
  it('doubles from half a second to ten seconds', () => {
    expect(delays(0, 7)).toEqual([500, 1000, 2000, 4000, 5000, 5000, 5000]);
    expect(delays(1, 6)).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it('spreads over the upper half', () => {
    const spread = [0, 0.25, 0.5, 0.75].map((random) => delays(random, 3)[2]);
    expect(spread).toEqual([2000, 2500, 3000, 3500]);
  });

  it('begins again after a connection that worked', () => {
    const backoff = new Backoff(RECONNECT_LIMITS, () => 0);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });

  it('keeps a floor, but never waits longer than the limit', () => {
    const backoff = new Backoff(RECONNECT_LIMITS, () => 0);
    expect(backoff.next(3000)).toBe(3000);
    expect(backoff.next(99_000)).toBe(10_000);
  });

  it('stays within limits for ever', () => {
    expect(delays(0.5, 2000).every((delay) => delay >= 500 && delay <= 10_000)).toBe(true);
  });
});
