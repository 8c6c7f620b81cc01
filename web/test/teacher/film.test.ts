import { beforeEach, describe, expect, it } from 'vitest';
import {
  HAND_POINTS,
  type Landmarks,
  POINT_STRIDE,
  POSE_POINTS,
  POSE_STRIDE,
} from '../../src/protocol';
import { type Film, GestureFilm } from '../../src/teacher/film';
import { LinkDouble } from './doubles';

const ASPECT = 4 / 3;

let link: LinkDouble;
let now: number;
let film: GestureFilm;
let see: ((landmarks: Landmarks) => void) | null;

/** Shoulders that can be seen, and a hand at `x`. */
function landmarksAt(x: number): Landmarks {
  const pose = new Float32Array(POSE_POINTS * POSE_STRIDE);
  pose.set([0.6, 0.5, 0, 1], 11 * POSE_STRIDE);
  pose.set([0.4, 0.5, 0, 1], 12 * POSE_STRIDE);
  return { pose, rightHand: new Float32Array(HAND_POINTS * POINT_STRIDE).fill(x) };
}

/** Pictures for so long, 50 a second. */
function pass(ms: number): void {
  for (const end = now + ms; now < end; now += 20) see?.(landmarksAt(now / 100_000));
}

/** When the first picture of a film was seen; the hand tells it. */
function beginOf(taken: Film | null): number {
  const shoulders = 0.2 * ASPECT;
  const x = (taken?.frames[0]?.right?.[0] ?? NaN) * shoulders + 0.5 * ASPECT;
  return Math.round((x / ASPECT) * 100_000);
}

beforeEach(() => {
  link = new LinkDouble();
  now = 1000;
  const lens = {
    watchLandmarks: (watcher: (landmarks: Landmarks) => void) => {
      see = watcher;
      return () => (see = null);
    },
    aspect: () => ASPECT,
  };
  film = new GestureFilm(lens, link, () => now);
});

describe('the lines of a gesture', () => {
  it('begin a little before it and end a little after it', () => {
    pass(3000);
    link.update({ isDetecting: true });
    const begin = now;
    pass(1000);
    link.update({ isDetecting: true, pauseMs: 400 });
    pass(800);
    link.update({ isDetecting: false });
    const taken = film.take(1000);
    expect(taken?.duration).toBeCloseTo(1.75, 1);
    expect(Math.abs(beginOf(taken) - (begin - 500))).toBeLessThan(30);
  });

  it('are guessed where nobody said when it began', () => {
    pass(5000);
    expect(film.take(1000)?.duration).toBeCloseTo(1.75, 1);
    // A beginning counts for one example only.
    link.update({ isDetecting: true });
    pass(1000);
    film.take(800);
    pass(10_000);
    expect(Math.abs(beginOf(film.take(1000)) - (now - 2200))).toBeLessThan(30);
  });

  it('are none where nothing was seen', () => {
    link.update({ isDetecting: true });
    expect(film.take(1000)).toBeNull();
  });

  it('are gone with the page', () => {
    pass(3000);
    film.dispose();
    expect(see).toBeNull();
    expect(link.watched).toBe(false);
    expect(film.take(1000)).toBeNull();
  });
});
