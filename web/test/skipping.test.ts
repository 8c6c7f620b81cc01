import { describe, expect, it } from 'vitest';
import type { SkipReason } from '../src/protocol';
import { SkipTally } from '../src/skipping';
import { strings } from '../src/strings';

describe('what was computed anew', () => {
  it('is nothing without answers', () => {
    const tally = new SkipTally();
    expect(tally.summary(0)).toBeNull();
    tally.add(true, 'none', 0);
    expect(tally.summary(1)).toEqual({ anew: 1, reason: null });
    expect(tally.summary(10_000)).toBeNull();
    tally.add(false, 'unchanged', 20_000);
    tally.clear();
    expect(tally.summary(20_001)).toBeNull();
  });

  it('stands still while every other picture is another case', () => {
    const tally = new SkipTally();
    const shown = new Set<string>();
    for (let i = 0; i < 400; ++i) {
      const now = i * 40;
      tally.add(i % 4 === 0, i % 4 === 0 ? 'none' : i % 8 < 4 ? 'frame_skip' : 'unchanged', now);
      if (now > 5000) shown.add(strings.skippingValue(tally.summary(now)));
    }
    expect(shown).toEqual(new Set(['25 % of pictures, the rest: skipped for speed']));
  });

  it('changes over when another reason clearly holds', () => {
    const tally = new SkipTally();
    const at = (seconds: number, reason: SkipReason): string => {
      for (let i = 0; i < 25; ++i) tally.add(false, reason, seconds * 1000 + i * 40);
      return strings.skippingValue(tally.summary(seconds * 1000 + 999));
    };
    expect(at(0, 'unchanged')).toBe('0 % of pictures, the rest: nothing new to see');
    expect(at(1, 'frame_skip')).toContain('nothing new to see');
    expect(at(2, 'frame_skip')).toContain('skipped for speed');
    expect(at(3, 'unchanged')).toContain('skipped for speed');
    expect(at(9, 'unchanged')).toContain('nothing new to see');
    expect(at(19, 'behind')).toContain('skipped to keep up');
  });

  it('names no reason where there is none to name', () => {
    const tally = new SkipTally();
    tally.add(true, 'none', 0);
    expect(strings.skippingValue(tally.summary(1))).toBe('100 % of pictures');
    tally.add(false, null, 2);
    expect(strings.skippingValue(tally.summary(3))).toBe('50 % of pictures');
    expect(strings.skippingValue(null)).toBe('\u2013');
  });
});
