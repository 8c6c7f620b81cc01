import type { Landmarks } from './protocol';

const PARTS = ['pose', 'leftHand', 'rightHand', 'face'] as const;
/** A part whose first point moved further than this at once was found anew: it is not slid there. */
const JUMP = 0.2;

/**
 * Moves what is drawn towards the latest landmarks, never beyond them: answers come 10 to 30 times
 * a second, the display is drawn 60 times.
 */
export class LandmarkSmoother {
  private shown: Landmarks = {};
  private settled = true;

  /** `timeConstantMs`: after this time two thirds of the way are done; 0 shows every answer as it is. */
  constructor(private readonly timeConstantMs: number) {}

  /** True once the landmarks shown are those of the latest answer. */
  get done(): boolean {
    return this.settled;
  }

  /** What to draw `elapsedMs` after the last call. The arrays belong to the smoother. */
  step(latest: Landmarks, elapsedMs: number): Landmarks {
    const part = this.timeConstantMs > 0 ? 1 - Math.exp(-elapsedMs / this.timeConstantMs) : 1;
    this.settled = true;
    for (const name of PARTS) {
      const target = latest[name];
      const shown = this.shown[name];
      if (target === undefined) delete this.shown[name];
      else if (shown === undefined || shown.length !== target.length || jumped(shown, target)) {
        this.shown[name] = target.slice();
      } else if (!approach(shown, target, part)) this.settled = false;
    }
    return this.shown;
  }

  clear(): void {
    this.shown = {};
    this.settled = true;
  }
}

function jumped(from: Float32Array, to: Float32Array): boolean {
  return Math.hypot((to[0] ?? 0) - (from[0] ?? 0), (to[1] ?? 0) - (from[1] ?? 0)) > JUMP;
}

/** Returns whether `values` have practically arrived. */
function approach(values: Float32Array, target: Float32Array, part: number): boolean {
  let largest = 0;
  for (let i = 0; i < values.length; ++i) {
    const way = (target[i] ?? 0) - (values[i] ?? 0);
    values[i] = (values[i] ?? 0) + way * part;
    largest = Math.max(largest, Math.abs(way * (1 - part)));
  }
  return largest < 0.0005;
}
