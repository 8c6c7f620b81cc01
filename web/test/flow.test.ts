import { describe, expect, it } from 'vitest';
import { FlowControl, Pacer } from '../src/flow';

/** How many frames per second pass when a camera of `cameraFps` jitters by `jitterMs`. */
function passed(adviceFps: number, cameraFps: number, jitterMs = 0): number {
  const pacer = new Pacer(adviceFps);
  let count = 0;
  for (let i = 0; i < cameraFps * 10; ++i) {
    const jitter = i % 2 === 0 ? jitterMs : -jitterMs;
    if (pacer.admit((i * 1000) / cameraFps + jitter)) count += 1;
  }
  return count / 10;
}

describe('pacer', () => {
  it.each([
    [30, 30],
    [25, 25],
    [15, 30],
    [10, 30],
    [10, 60],
    [20, 30],
  ])('lets about %d of %d frames a second pass', (advice, camera) => {
    expect(passed(advice, camera)).toBeCloseTo(advice, 0);
  });

  it('does not lose frames to jitter', () => {
    expect(passed(30, 30, 5)).toBeGreaterThan(29);
  });

  it('passes every frame of a camera slower than advised', () => {
    expect(passed(60, 30)).toBe(30);
  });

  it('does not make up for a pause', () => {
    const pacer = new Pacer(10);
    expect(pacer.admit(0)).toBe(true);
    expect(pacer.admit(10_000)).toBe(true);
    expect(pacer.admit(10_010)).toBe(false);
    expect(pacer.admit(10_100)).toBe(true);
  });

  it('follows the advice and ignores none', () => {
    const pacer = new Pacer(10);
    pacer.admit(0);
    pacer.setRate(0);
    expect(pacer.admit(40)).toBe(false);
    pacer.setRate(50);
    expect(pacer.admit(100)).toBe(true);
    expect(pacer.admit(120)).toBe(true);
  });
});

describe('flow control', () => {
  const send = (flow: FlowControl, number: number, now: number): void => {
    expect(flow.begin()).toBe(true);
    flow.sent(number, now);
  };

  it('lets two frames be unanswered and no more', () => {
    const flow = new FlowControl();
    send(flow, 1, 0);
    send(flow, 2, 10);
    expect(flow.begin()).toBe(false);
    expect(flow.answered(1, 50)).toEqual({ latencyMs: 50 });
    expect(flow.begin()).toBe(true);
  });

  it('counts the frame that is being encoded', () => {
    const flow = new FlowControl();
    send(flow, 1, 0);
    expect(flow.begin()).toBe(true);
    expect(flow.unanswered).toBe(2);
    expect(flow.begin()).toBe(false);
    flow.abandon();
    expect(flow.unanswered).toBe(1);
  });

  it('settles frames that were replaced by newer ones', () => {
    const flow = new FlowControl();
    send(flow, 1, 0);
    send(flow, 2, 10);
    expect(flow.answered(2, 40)).toEqual({ latencyMs: 30 });
    expect(flow.unanswered).toBe(0);
  });

  it('does not count an answer twice', () => {
    const flow = new FlowControl();
    send(flow, 1, 0);
    flow.answered(1, 10);
    expect(flow.answered(1, 20)).toEqual({ latencyMs: null });
    expect(flow.answered(7, 20)).toEqual({ latencyMs: null });
  });

  it('gives up on frames that are never answered', () => {
    const flow = new FlowControl(2, 3000);
    send(flow, 1, 0);
    send(flow, 2, 2000);
    expect(flow.expire(3000)).toBe(0);
    expect(flow.expire(3001)).toBe(1);
    expect(flow.begin()).toBe(true);
  });

  it('forgets what was on its way over a lost connection', () => {
    const flow = new FlowControl();
    send(flow, 1, 0);
    send(flow, 2, 0);
    flow.reset();
    expect(flow.begin()).toBe(true);
    flow.reset();
    expect(flow.unanswered).toBe(1);
  });
});
