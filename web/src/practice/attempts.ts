import { type Figure, figureOf, type Glimpse } from './figure';
import type { PracticeSession } from './messages';
import type { Landmarks } from '../protocol';

/** Before the server says that a gesture began, it has begun: it tells so ten times a second. */
const LEAD_MS = 400;
/** After a judged attempt ended, a little more is shown. */
const TAIL_MS = 250;
/** An attempt that lasts longer is shown from its beginning on. */
const MOST_MS = 20_000;

/** The landmarks of the last seconds, in memory only. Times in ms of one monotonic clock. */
export class RecentLandmarks {
  private glimpses: Glimpse[] = [];

  constructor(private readonly keptMs: number) {}

  see(landmarks: Landmarks, now: number): void {
    this.glimpses.push({ time: now, landmarks });
    while ((this.glimpses[0]?.time ?? now) < now - this.keptMs) this.glimpses.shift();
  }

  /** Null if too little of it is known. `aspect`: of the own picture, width / height. */
  between(beginMs: number, endMs: number, aspect: number): Figure | null {
    const kept = this.glimpses.filter(({ time }) => time >= beginMs && time <= endMs);
    return kept.length > 1 ? figureOf(kept, aspect) : null;
  }

  forget(): void {
    this.glimpses = [];
  }
}

/**
 * Keeps the landmarks of the last attempt, from the moment a gesture began to the one it was over.
 * In memory only, and nothing older than that. Times in ms of one monotonic clock.
 */
export class AttemptKeeper {
  /** The last moments, whatever happens in them. */
  private lead: Glimpse[] = [];
  private attempt: Glimpse[] = [];
  private isOn = false;

  see(landmarks: Landmarks, now: number): void {
    const glimpse = { time: now, landmarks };
    if (this.isOn && now - (this.attempt[0]?.time ?? now) < MOST_MS) this.attempt.push(glimpse);
    this.lead.push(glimpse);
    while ((this.lead[0]?.time ?? now) < now - LEAD_MS) this.lead.shift();
  }

  /** Follows what the server says about the gesture. */
  follow({ isDetecting, gestureStarted, mode }: PracticeSession): void {
    const isOn = isDetecting || gestureStarted || mode === 'detecting';
    if (isOn && !this.isOn) this.attempt = [...this.lead];
    // A short movement that was none: the server listens again.
    if (!isOn && this.isOn && mode === 'listening') this.attempt = [];
    this.isOn = isOn;
  }

  /** The attempt as a figure, `durationMs` long as the server measured it; null without one. */
  figure(durationMs: number, aspect: number): Figure | null {
    const begin = this.attempt[0]?.time ?? 0;
    const last = begin + LEAD_MS + durationMs + TAIL_MS;
    const kept = this.attempt.filter(({ time }) => durationMs <= 0 || time <= last);
    return kept.length > 1 ? figureOf(kept, aspect) : null;
  }

  forget(): void {
    this.lead = [];
    this.attempt = [];
    this.isOn = false;
  }
}
