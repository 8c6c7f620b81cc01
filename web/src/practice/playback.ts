/** Pause at the end of a loop, so that one sees where it begins. */
const REST_S = 0.7;
export const SLOW = 0.5;

/**
 * Where in a movement a player is. Several figures of different length share one: each is shown at
 * the same share of its own duration, so that they begin and end together.
 */
export class Playback {
  isPlaying: boolean;
  /** 1 is as it was recorded. */
  speed = 1;
  private seconds = 0;

  /** `duration` in seconds; 0 for figures that stand still. */
  constructor(
    private readonly duration: number,
    isPlaying: boolean,
  ) {
    this.isPlaying = isPlaying && duration > 0;
  }

  /** From 0 (the beginning) to 1 (the end). */
  get phase(): number {
    return this.duration > 0 ? Math.min(1, this.seconds / this.duration) : 0;
  }

  advance(elapsedMs: number): void {
    if (!this.isPlaying) return;
    this.seconds += (Math.max(0, elapsedMs) / 1000) * this.speed;
    const rest = REST_S * this.speed;
    if (this.seconds >= this.duration + rest) this.seconds %= this.duration + rest;
  }

  /** Goes to a place and stays there. */
  seek(phase: number): void {
    this.isPlaying = false;
    this.seconds = Math.min(1, Math.max(0, phase)) * this.duration;
  }

  /** From the beginning, if it was at the end. */
  play(): void {
    if (this.phase >= 1) this.seconds = 0;
    this.isPlaying = this.duration > 0;
  }
}
