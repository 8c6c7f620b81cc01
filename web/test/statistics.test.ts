import { describe, expect, it } from 'vitest';
import { RecentValues } from '../src/statistics';

describe('values of the last seconds', () => {
  it('gives quantiles by nearest rank', () => {
    const values = new RecentValues(5000);
    for (let i = 100; i >= 1; --i) values.add(i, 1000 - i);
    expect(values.quantile(0.5, 1000)).toBe(50);
    expect(values.quantile(0.95, 1000)).toBe(95);
    expect(values.quantile(0, 1000)).toBe(1);
    expect(values.quantile(1, 1000)).toBe(100);
  });

  it('forgets what is older than the window', () => {
    const values = new RecentValues(1000);
    values.add(500, 0);
    values.add(10, 900);
    expect(values.quantile(1, 1000)).toBe(500);
    expect(values.quantile(1, 1001)).toBe(10);
    expect(values.mean(1001)).toBe(10);
    expect(values.count(1001)).toBe(1);
    expect(values.quantile(0.5, 5000)).toBeNull();
    expect(values.mean(5000)).toBeNull();
  });

  it('counts per second, over less than the window at first', () => {
    const values = new RecentValues(5000);
    for (let at = 0; at < 2000; at += 40) values.add(1, at);
    expect(values.rate(2000)).toBeCloseTo(25, 0);
    for (let at = 2000; at < 20_000; at += 100) values.add(1, at);
    expect(values.rate(20_000)).toBeCloseTo(10, 0);
    expect(values.rate(60_000)).toBe(0);
  });

  it('says nothing of the first moments', () => {
    const values = new RecentValues();
    expect(values.rate(0)).toBe(0);
    values.add(1, 0);
    values.add(1, 1);
    expect(values.rate(2)).toBe(0);
  });

  it('begins anew when cleared', () => {
    const values = new RecentValues();
    values.add(5, 0);
    values.clear();
    expect(values.quantile(0.5, 1)).toBeNull();
    values.add(7, 10_000);
    expect(values.rate(11_000)).toBe(1);
  });
});
