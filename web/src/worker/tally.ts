import type { Stats } from '../messages';
import type { Place } from '../place';
import type { Answer } from '../protocol';
import { SkipTally } from '../skipping';
import { RecentValues } from '../statistics';

type Counts = Pick<Stats, 'sent' | 'sentPictures' | 'answered' | 'dropped' | 'replaced' | 'failed'>;

const noCounts = (): Counts => ({
  sent: 0,
  sentPictures: 0,
  answered: 0,
  dropped: 0,
  replaced: 0,
  failed: 0,
});

/** Counts frames and what became of them, whether they are pictures or landmarks. */
export class Tally {
  counts = noCounts();
  // Of this connection.
  /** Of the last frame. */
  frameNumber = 0;
  /** Frames left out. */
  dropped = 0;
  lastLatencyMs = 0;
  /** Frames up to this number were found elsewhere. */
  private beforeMove = 0;
  /** Frames up to this number were treated in the quality before the last choice. */
  private beforeChoice = 0;
  private inForce: Pick<Answer, 'profile' | 'qualityReason'> | null = null;
  private advisedFps: number | null = null;
  private readonly latencies = new RecentValues();
  private readonly arrivals = new RecentValues();
  private readonly services = new RecentValues();
  private readonly skips = new SkipTally();

  /** The learner starts anew. */
  start(): void {
    this.counts = noCounts();
    this.inForce = null;
    this.advisedFps = null;
  }

  /** Another connection. */
  connected(): void {
    this.frameNumber = 0;
    this.dropped = 0;
    this.lastLatencyMs = 0;
    this.beforeMove = 0;
    this.beforeChoice = 0;
  }

  /** What was measured a moment ago says nothing about now. */
  forget(): void {
    this.latencies.clear();
    this.arrivals.clear();
    this.services.clear();
    this.skips.clear();
  }

  /** From now on landmarks are found elsewhere. */
  moved(): void {
    this.forget();
    this.lastLatencyMs = 0;
    this.beforeMove = this.frameNumber;
    this.inForce = null;
  }

  /** The server answered a choice of quality: what was found before says nothing about it. */
  chosen(): void {
    this.beforeChoice = this.frameNumber;
    this.inForce = null;
  }

  nextNumber(): number {
    this.frameNumber += 1;
    return this.frameNumber;
  }

  frameDropped(): void {
    this.dropped += 1;
    this.counts.dropped += 1;
  }

  latency(ms: number, now: number): void {
    this.lastLatencyMs = ms;
    this.latencies.add(ms, now);
  }

  /** The server answered. */
  answered({ replaced, expired, advisedFps, success }: Answer): void {
    this.counts.answered += 1;
    this.counts.replaced += replaced + expired;
    if (!success) this.counts.failed += 1;
    this.advisedFps = advisedFps;
  }

  /** Whether a frame is one of those that are found where landmarks are found now. */
  isOfHere(frameNumber: number): boolean {
    return frameNumber > this.beforeMove;
  }

  /** Landmarks came, of a server or of this browser, which says how long they took. */
  found(answer: Answer, now: number, tookMs?: number): void {
    const { frameNumber, profile, qualityReason } = answer;
    this.arrivals.add(1, now);
    if (tookMs !== undefined) this.services.add(tookMs, now);
    // One that failed was neither computed nor carried over.
    if (answer.success) this.skips.add(answer.inferred, answer.skipReason, now);
    if (frameNumber > this.beforeChoice) this.inForce = { profile, qualityReason };
  }

  /** `usualFps`: the pace without advice. */
  stats(place: Place | null, usualFps: number, now: number): Stats {
    return {
      place,
      answersPerSecond: this.arrivals.rate(now),
      latencyMedianMs: this.latencies.quantile(0.5, now),
      latencyP95Ms: this.latencies.quantile(0.95, now),
      serviceMs: this.services.mean(now),
      profile: this.inForce?.profile ?? null,
      qualityReason: this.inForce?.qualityReason ?? null,
      skipping: this.skips.summary(now),
      advisedFps: this.advisedFps ?? usualFps,
      ...this.counts,
    };
  }
}
