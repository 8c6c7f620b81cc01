/** Which frames of the camera are sent: not more often than advised, not more than two unanswered. */

/** Lets frames through at a rate, whatever the rate at which they come. */
export class Pacer {
  private intervalMs: number;
  private due = Number.NEGATIVE_INFINITY;

  constructor(fps: number) {
    this.intervalMs = 1000 / fps;
  }

  setRate(fps: number): void {
    if (fps > 0) this.intervalMs = 1000 / fps;
  }

  /** True if the frame that came at `now` (ms) is to be sent. */
  admit(now: number): boolean {
    // A camera's frames jitter around their times: one that is early is taken for the one that is
    // due, which keeps the rate as well.
    if (now < this.due - this.intervalMs / 2) return false;
    // From the time it was due, so that the rate is kept; after a pause from now on.
    const late = now - this.due;
    this.due = (late > this.intervalMs ? now : this.due) + this.intervalMs;
    return true;
  }
}

interface Pending {
  frameNumber: number;
  sentAt: number;
}

export interface Settled {
  /** From sent to answered in ms, or null if the frame is not known (any more). */
  latencyMs: number | null;
}

/** Counts the frames that are on their way. All times in ms of one monotonic clock. */
export class FlowControl {
  private readonly pending: Pending[] = [];
  private encoding = false;

  constructor(
    private readonly limit = 2,
    private readonly lostAfterMs = 3000,
  ) {}

  /** Frames sent without an answer, and the one that is being encoded. */
  get unanswered(): number {
    return this.pending.length + (this.encoding ? 1 : 0);
  }

  /** When the oldest unanswered frame was sent; null if there is none. */
  get oldestSentAt(): number | null {
    return this.pending[0]?.sentAt ?? null;
  }

  /** Reserves a place for a frame about to be encoded; false if there is none. */
  begin(): boolean {
    if (this.encoding || this.unanswered >= this.limit) return false;
    this.encoding = true;
    return true;
  }

  /** The frame of begin() was not sent after all. */
  abandon(): void {
    this.encoding = false;
  }

  /** The frame of begin() was sent. */
  sent(frameNumber: number, now: number): void {
    this.encoding = false;
    this.pending.push({ frameNumber, sentAt: now });
  }

  /**
   * An answer came. The server answers in order and leaves out frames that it replaced by newer
   * ones, so every older frame is settled as well.
   */
  answered(frameNumber: number, now: number): Settled {
    const index = this.pending.findIndex((frame) => frame.frameNumber === frameNumber);
    const frame = this.pending[index];
    if (frame === undefined) return { latencyMs: null };
    this.pending.splice(0, index + 1);
    return { latencyMs: now - frame.sentAt };
  }

  /** Gives up on frames that are unanswered for too long and returns how many these are. */
  expire(now: number): number {
    let lost = 0;
    while (this.pending[0] !== undefined && now - this.pending[0].sentAt > this.lostAfterMs) {
      this.pending.shift();
      lost += 1;
    }
    return lost;
  }

  /** The connection is gone, and the frames with it. A frame that is being encoded stays. */
  reset(): void {
    this.pending.length = 0;
  }
}
