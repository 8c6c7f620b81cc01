import type { SkipReason } from './protocol';
import { RecentValues } from './statistics';

/** Of the last seconds' answers. */
export interface Skipping {
  /** Part for which a network ran, 0 to 1. */
  anew: number;
  /** Why most of the others were not computed anew; null if all were, or for a reason unknown. */
  reason: Exclude<SkipReason, 'none'> | null;
}

/** So much more, as part of all answers, must a reason have to take the place of another. */
const CHANGES_BEYOND = 0.1;

/** Sums up why answers were not computed anew, so that it can be read while they rush by. */
export class SkipTally {
  private readonly anew = new RecentValues();
  private readonly unchanged = new RecentValues();
  private readonly held = new RecentValues();
  private shown: Skipping['reason'] = null;

  add(inferred: boolean, reason: SkipReason | null, now: number): void {
    this.anew.add(inferred ? 1 : 0, now);
    this.unchanged.add(!inferred && reason === 'unchanged' ? 1 : 0, now);
    this.held.add(!inferred && reason === 'frame_skip' ? 1 : 0, now);
  }

  /** Null without answers. */
  summary(now: number): Skipping | null {
    const anew = this.anew.mean(now);
    if (anew === null) return null;
    const unchanged = this.unchanged.mean(now) ?? 0;
    const held = this.held.mean(now) ?? 0;
    if (unchanged + held === 0) this.shown = null;
    else if (this.shown === null) this.shown = held > unchanged ? 'frame_skip' : 'unchanged';
    else if (held > unchanged + CHANGES_BEYOND) this.shown = 'frame_skip';
    else if (unchanged > held + CHANGES_BEYOND) this.shown = 'unchanged';
    return { anew, reason: this.shown };
  }

  clear(): void {
    this.anew.clear();
    this.unchanged.clear();
    this.held.clear();
    this.shown = null;
  }
}
