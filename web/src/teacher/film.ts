import { RecentLandmarks } from '../practice/attempts';
import type { Figure } from '../practice/figure';
import type { PracticeLink } from '../practice/link';
import type { Landmarks } from '../protocol';
import type { Filming } from './recorder';

/** What an example is replayed from. */
export type Film = Figure;

/** Longer than a gesture and its verdict take. */
const KEPT_MS = 25_000;
/** The server says ten times a second that a gesture has begun, and keeps a little from before. */
const LEAD_MS = 500;
const TAIL_MS = 250;
/** From the end of a gesture to its verdict, where its beginning was not heard of. */
const VERDICT_MS = 1200;

/** What is needed of the studio. */
export interface Lens {
  watchLandmarks(watcher: (landmarks: Landmarks) => void): () => void;
  /** Of the own picture, width / height. */
  aspect(): number;
}

/** Keeps the landmarks of the last gesture in the page's memory, until dispose(). */
export class GestureFilm implements Filming<Film> {
  private readonly recent = new RecentLandmarks(KEPT_MS);
  private readonly stops: (() => void)[];
  private begin: number | null = null;
  private isDetecting = false;

  /** `now` in ms, monotonic. */
  constructor(
    private readonly lens: Lens,
    link: PracticeLink,
    private readonly now: () => number,
  ) {
    this.stops = [
      lens.watchLandmarks((landmarks) => this.recent.see(landmarks, this.now())),
      link.watch((push) => {
        if (push.type === 'update') this.follow(push.session.isDetecting);
      }),
    ];
  }

  take(durationMs: number): Film | null {
    const begin = this.begin ?? this.now() - durationMs - VERDICT_MS;
    const end = begin + LEAD_MS + durationMs + TAIL_MS;
    this.begin = null;
    return this.recent.between(begin, end, this.lens.aspect());
  }

  dispose(): void {
    for (const stop of this.stops) stop();
    this.recent.forget();
  }

  private follow(isDetecting: boolean): void {
    if (isDetecting && !this.isDetecting) this.begin = this.now() - LEAD_MS;
    this.isDetecting = isDetecting;
  }
}
