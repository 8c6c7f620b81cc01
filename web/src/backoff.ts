export interface BackoffLimits {
  leastMs: number;
  mostMs: number;
}

export const RECONNECT_LIMITS: BackoffLimits = { leastMs: 500, mostMs: 10_000 };

/**
 * Waiting times between attempts: doubled each time, and drawn from the upper half of that, so that
 * many pages that lost the same server do not come back at the same moment.
 */
export class Backoff {
  private attempts = 0;

  /** `random` gives numbers from 0 up to 1. */
  constructor(
    private readonly limits: BackoffLimits,
    private readonly random: () => number,
  ) {}

  /** The next waiting time in ms, at least `floorMs` and never above the limit. */
  next(floorMs = 0): number {
    const { leastMs, mostMs } = this.limits;
    const ceiling = Math.min(mostMs, leastMs * 2 ** Math.min(this.attempts + 1, 30));
    this.attempts += 1;
    const jittered = ceiling * (0.5 + 0.5 * this.random());
    return Math.round(Math.min(mostMs, Math.max(leastMs, floorMs, jittered)));
  }

  /** After a connection that worked. */
  reset(): void {
    this.attempts = 0;
  }
}
