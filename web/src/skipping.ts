import type { SkipReason } from './protocol';
import { RecentValues } from './statistics';

export type ShownReason = Exclude<SkipReason, 'none'>;

/** Of the last seconds' answers. */
export interface Skipping {
  /** Part for which a network ran, 0 to 1. */
  anew: number;
  /** Why most of the others were not computed anew; null if all were, or for a reason unknown. */
  reason: ShownReason | null;
}

/** So much more, as part of all answers, must a reason have to take the place of another. */
const CHANGES_BEYOND = 0.1;

/** Sums up why answers were not computed anew, so that it can be read while they rush by. */
export class SkipTally {
  private readonly anew = new RecentValues();
  private readonly shares: Record<ShownReason, RecentValues> = {
    unchanged: new RecentValues(),
    frame_skip: new RecentValues(),
    behind: new RecentValues(),
  };
  private shown: ShownReason | null = null;

  add(inferred: boolean, reason: SkipReason | null, now: number): void {
    this.anew.add(inferred ? 1 : 0, now);
    for (const [name, share] of Object.entries(this.shares)) {
      share.add(!inferred && reason === name ? 1 : 0, now);
    }
  }

  /** Null without answers. */
  summary(now: number): Skipping | null {
    const anew = this.anew.mean(now);
    if (anew === null) return null;
    const share = (reason: ShownReason) => this.shares[reason].mean(now) ?? 0;
    let most: ShownReason = 'unchanged';
    for (const reason of ['frame_skip', 'behind'] as const) {
      if (share(reason) > share(most)) most = reason;
    }
    if (share(most) === 0) this.shown = null;
    else if (this.shown === null || share(most) > share(this.shown) + CHANGES_BEYOND)
      this.shown = most;
    return { anew, reason: this.shown };
  }

  clear(): void {
    this.anew.clear();
    for (const share of Object.values(this.shares)) share.clear();
    this.shown = null;
  }
}
