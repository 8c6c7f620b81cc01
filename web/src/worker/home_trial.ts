import type { Ability } from '../place';
import type { Profile } from '../protocol';

/** What counts as fast enough, frames a second. */
export const ENOUGH_FPS = 15;
/** Of frames with somebody in them, at each profile. */
const TRIAL_MS = 2000;
/** The first frames of a profile warm it up: memory, caches, and the search for the learner. */
const WARM_UP_FRAMES = 3;
/** Fewer say nothing. */
const LEAST_FRAMES = 5;

export interface Outcome {
  ability: Ability;
  /** Frames a second that would be reached, at the profile that was tried last. */
  fps: number;
}

const STEPS = ['balanced', 'high_performance'] as const;

/**
 * Measures how fast this browser finds landmarks: first at `balanced`, and where that is too slow at
 * `high_performance`. An empty picture says nothing, it costs little; so only frames count in which
 * somebody was found.
 */
export class HomeTrial {
  private step = 0;
  private warmedUp = 0;
  private beganAt: number | null = null;
  private spentMs = 0;
  private frames = 0;

  /** The profile to be used for the next frame. */
  get profile(): Profile {
    return STEPS[this.step] ?? 'high_performance';
  }

  /**
   * A frame took `tookMs`, from given away to found, and was ready at `now` (ms, monotonic).
   * Returns what came out when that is known; then no more frames are to follow.
   */
  add(tookMs: number, isSomebodyThere: boolean, now: number): Outcome | null {
    if (!isSomebodyThere) return null;
    if (this.warmedUp < WARM_UP_FRAMES) {
      this.warmedUp += 1;
      return null;
    }
    this.beganAt ??= now - tookMs;
    this.spentMs += tookMs;
    this.frames += 1;
    if (this.frames < LEAST_FRAMES || now - this.beganAt < TRIAL_MS) return null;
    const fps = (1000 * this.frames) / Math.max(1, this.spentMs);
    const ability = STEPS[this.step];
    if (ability !== undefined && fps >= ENOUGH_FPS) return { ability, fps };
    if (this.step === STEPS.length - 1) return { ability: 'slow', fps };
    this.step += 1;
    this.warmedUp = 0;
    this.beganAt = null;
    this.spentMs = 0;
    this.frames = 0;
    return null;
  }
}
