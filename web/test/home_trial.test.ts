import { describe, expect, it } from 'vitest';
import { HomeTrial, type Outcome } from '../src/worker/home_trial';

/** Tries with frames that take so long at each profile; `pauseMs` between them. */
function tried(
  tookMs: { balanced: number; high_performance: number },
  { pauseMs = 0, isSomebodyThere = true, most = 1000 } = {},
): { outcome: Outcome | null; frames: number; lastedMs: number; profiles: Set<string> } {
  const trial = new HomeTrial();
  const profiles = new Set<string>();
  let now = 50_000;
  const begin = now;
  for (let frames = 1; frames <= most; ++frames) {
    profiles.add(trial.profile);
    const took = tookMs[trial.profile as 'balanced' | 'high_performance'];
    now += took + pauseMs;
    const outcome = trial.add(took, isSomebodyThere, now);
    if (outcome !== null) return { outcome, frames, lastedMs: now - begin, profiles };
  }
  return { outcome: null, frames: most, lastedMs: now - begin, profiles };
}

describe('how fast this browser is', () => {
  it.each([
    [30, 20, 'balanced', 33.3],
    [66, 20, 'balanced', 15.2],
    [68, 66, 'high_performance', 15.2],
    [90, 30, 'high_performance', 33.3],
    [90, 68, 'slow', 14.7],
    [900, 700, 'slow', 1.4],
  ])('%d ms at balanced, %d at high performance: %s', (balanced, coarse, ability, fps) => {
    const { outcome } = tried({ balanced, high_performance: coarse });
    expect(outcome?.ability).toBe(ability);
    expect(outcome?.fps).toBeCloseTo(fps, 0);
  });

  it('takes two seconds, and two more only where it is needed', () => {
    const quick = tried({ balanced: 40, high_performance: 20 });
    expect(quick.lastedMs).toBeGreaterThan(1900);
    expect(quick.lastedMs).toBeLessThan(2500);
    expect([...quick.profiles]).toEqual(['balanced']);
    const slow = tried({ balanced: 100, high_performance: 80 });
    expect(slow.lastedMs).toBeLessThan(5000);
    expect([...slow.profiles]).toEqual(['balanced', 'high_performance']);
  });

  it('says nothing of a slow camera', () => {
    // Ten frames a second are all there are; each takes 40 ms.
    expect(tried({ balanced: 40, high_performance: 20 }, { pauseMs: 60 }).outcome).toMatchObject({
      ability: 'balanced',
    });
  });

  it('waits for somebody to come before the camera', () => {
    const empty = { isSomebodyThere: false, most: 500 };
    expect(tried({ balanced: 5, high_performance: 5 }, empty).outcome).toBeNull();
  });

  it('does not count what is slow only because it is the first', () => {
    const trial = new HomeTrial();
    let now = 0;
    for (let i = 0; i < 3; ++i) expect(trial.add(2000, true, (now += 2000))).toBeNull();
    let outcome: Outcome | null = null;
    while (outcome === null) outcome = trial.add(40, true, (now += 40));
    expect(outcome).toMatchObject({ ability: 'balanced' });
    expect(outcome.fps).toBeCloseTo(25, 0);
  });
});
