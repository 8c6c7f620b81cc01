/** Numbers of the last seconds. All times in ms of one monotonic clock. */
export class RecentValues {
  private readonly samples: { at: number; value: number }[] = [];
  private since: number | null = null;

  constructor(private readonly windowMs = 5000) {}

  add(value: number, now: number): void {
    this.since ??= now;
    this.samples.push({ at: now, value });
    this.forget(now);
  }

  /** Additions per second; over less than the window at the beginning. */
  rate(now: number): number {
    this.forget(now);
    if (this.since === null) return 0;
    const span = Math.min(this.windowMs, now - this.since);
    // The very first moments say nothing about a rate.
    return span < 500 ? 0 : (this.samples.length * 1000) / span;
  }

  /** The value below which `part` (0 to 1) of the values lie (nearest rank); null without values. */
  quantile(part: number, now: number): number | null {
    this.forget(now);
    const sorted = this.samples.map((sample) => sample.value).sort((a, b) => a - b);
    const rank = Math.max(1, Math.ceil(part * sorted.length));
    return sorted[rank - 1] ?? null;
  }

  count(now: number): number {
    this.forget(now);
    return this.samples.length;
  }

  /** Null without values. */
  mean(now: number): number | null {
    this.forget(now);
    const sum = this.samples.reduce((total, sample) => total + sample.value, 0);
    return this.samples.length === 0 ? null : sum / this.samples.length;
  }

  clear(): void {
    this.samples.length = 0;
    this.since = null;
  }

  private forget(now: number): void {
    let old = 0;
    while (old < this.samples.length && now - (this.samples[old]?.at ?? now) > this.windowMs) {
      old += 1;
    }
    this.samples.splice(0, old);
  }
}
