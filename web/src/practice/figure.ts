/**
 * Figures: landmarks without a picture that can be played, such as the reference of a sign, the
 * hand of a letter, or one's own last attempt. x as in a picture that is not mirrored, y down;
 * signs and attempts in shoulder widths from the middle of the shoulders, letters in palm lengths
 * from the wrist.
 */

import { asArray, asNumber, asObject } from '../json';
import { HAND_POINTS, type Landmarks, POINT_STRIDE, POSE_STRIDE } from '../protocol';

/** Points of the body in a figure: nose, then left and right eye, ear, mouth, shoulder, elbow, wrist. */
export const BODY_POINTS = 13;
/** The same points in the body's 33 landmarks. */
const BODY_SOURCES = [0, 2, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16] as const;
/** Points of the face mesh in a figure, in their order; those of src/practice/observation.hpp. */
export const FACE_SOURCES = [
  70, 63, 105, 66, 107, 300, 293, 334, 296, 336, 33, 133, 159, 145, 263, 362, 386, 374, 61, 291, 13,
  14, 0, 17, 1, 168, 152, 10, 234, 454, 50, 280,
] as const;
export const FACE_POINTS = FACE_SOURCES.length;

export const LEFT_SHOULDER = 7;
export const RIGHT_SHOULDER = 8;

const LEAST_VISIBILITY = 0.5;
/** Of a body, what lies further away is not shown: hands that hang down would make the rest small. */
const REACH = { left: -1.7, right: 1.7, top: -2.2, bottom: 1.15 } as const;
/** More cannot be meant: a sign lasts a few seconds. */
const MOST_FRAMES = 1500;

/** x, y, 0 for each point; NaN where it is not known. */
export type Points = Float32Array<ArrayBuffer>;

export interface FigureFrame {
  /** In seconds from the beginning, not falling. */
  at: number;
  body: Points | null;
  left: Points | null;
  right: Points | null;
  face: Points | null;
}

export interface Figure {
  frames: readonly FigureFrame[];
  /** Seconds; 0 for one that stands still. */
  duration: number;
}

export interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Reads a drawing of `GET /api/signs/{gloss}`; null if it shows nothing. */
export function readDrawing(value: unknown): Figure | null {
  const { fps, frames } = asObject(value);
  const rate = asNumber(fps, 1, 240) ?? 25;
  const read = asArray(frames)
    .slice(0, MOST_FRAMES)
    .map((it, index): FigureFrame => {
      const frame = asObject(it);
      return {
        at: index / rate,
        body: readPoints(frame.pose, BODY_POINTS),
        left: readPoints(frame.left, HAND_POINTS),
        right: readPoints(frame.right, HAND_POINTS),
        face: readPoints(frame.face, FACE_POINTS),
      };
    });
  return read.some((frame) => frame.body ?? frame.left ?? frame.right)
    ? { frames: read, duration: Math.max(0, read.length - 1) / rate }
    : null;
}

/** A right hand that stands still or moves, `fps` frames a second. */
export function handFigure(hands: readonly Points[], fps: number): Figure {
  return {
    frames: hands.map((right, index) => ({
      at: index / fps,
      body: null,
      left: null,
      right,
      face: null,
    })),
    duration: Math.max(0, hands.length - 1) / fps,
  };
}

/** Points as [x, y] each, some of them null; null if there are not `count` of them. */
export function readPoints(value: unknown, count: number): Points | null {
  const list = asArray(value);
  if (list.length !== count) return null;
  const points: Points = new Float32Array(count * POINT_STRIDE);
  list.forEach((point, index) => {
    const [x, y] = asArray(point);
    points[index * POINT_STRIDE] = asNumber(x, -100, 100) ?? NaN;
    points[index * POINT_STRIDE + 1] = asNumber(y, -100, 100) ?? NaN;
  });
  return points;
}

/** What was seen of a learner at one moment. */
export interface Glimpse {
  /** Milliseconds of any one clock. */
  time: number;
  landmarks: Landmarks;
}

/** A figure of what was seen; null if the shoulders never were. `aspect`: the picture's width / height. */
export function figureOf(glimpses: readonly Glimpse[], aspect: number): Figure | null {
  const middles: { x: number; y: number; width: number }[] = [];
  for (const { landmarks } of glimpses) {
    const shoulders = shouldersOf(landmarks, aspect);
    if (shoulders) middles.push(shoulders);
  }
  if (middles.length === 0) return null;
  // One origin and one scale for all: somebody who leans forward is to be seen leaning.
  const x = median(middles.map((middle) => middle.x));
  const y = median(middles.map((middle) => middle.y));
  const width = median(middles.map((middle) => middle.width));
  const begin = glimpses[0]?.time ?? 0;
  const frames = glimpses.map(({ time, landmarks }) =>
    frameOf(landmarks, (time - begin) / 1000, {
      x: (value) => (value * aspect - x) / width,
      y: (value) => (value - y) / width,
    }),
  );
  return { frames, duration: frames[frames.length - 1]?.at ?? 0 };
}

/** One frame of landmarks, each point put through `scale`. */
export function frameOf(
  { pose, leftHand, rightHand, face }: Landmarks,
  at: number,
  scale: { x(value: number): number; y(value: number): number },
): FigureFrame {
  const place = (
    points: Float32Array | undefined,
    stride: number,
    sources: readonly number[] | null,
  ): Points | null => {
    if (!points) return null;
    const count = sources?.length ?? Math.floor(points.length / stride);
    const placed: Points = new Float32Array(count * POINT_STRIDE);
    for (let i = 0; i < count; ++i) {
      const from = (sources?.[i] ?? i) * stride;
      const seen = stride !== POSE_STRIDE || (points[from + POINT_STRIDE] ?? 0) >= LEAST_VISIBILITY;
      placed[i * POINT_STRIDE] = seen ? scale.x(points[from] ?? NaN) : NaN;
      placed[i * POINT_STRIDE + 1] = seen ? scale.y(points[from + 1] ?? NaN) : NaN;
    }
    return placed;
  };
  return {
    at,
    body: place(pose, POSE_STRIDE, BODY_SOURCES),
    left: place(leftHand, POINT_STRIDE, null),
    right: place(rightHand, POINT_STRIDE, null),
    face: place(face, POINT_STRIDE, FACE_SOURCES),
  };
}

function shouldersOf({ pose }: Landmarks, aspect: number) {
  const [left, right] = [11, 12].map((point) => point * POSE_STRIDE) as [number, number];
  if (!pose || pose.length < right + POSE_STRIDE) return null;
  const at = (index: number): number => pose[index] ?? 0;
  if (Math.min(at(left + 3), at(right + 3)) < LEAST_VISIBILITY) return null;
  const width = Math.hypot((at(left) - at(right)) * aspect, at(left + 1) - at(right + 1));
  if (width < 0.02) return null;
  return {
    x: ((at(left) + at(right)) / 2) * aspect,
    y: (at(left + 1) + at(right + 1)) / 2,
    width,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The figure at a time in seconds, between its frames where both sides are known. */
export function frameAt({ frames }: Figure, seconds: number): FigureFrame | null {
  const after = frames.findIndex((frame) => frame.at > seconds);
  const before = frames[after === -1 ? frames.length - 1 : Math.max(0, after - 1)];
  const next = frames[after];
  if (before === undefined || after <= 0 || next === undefined) return before ?? null;
  const part = (seconds - before.at) / Math.max(1e-6, next.at - before.at);
  const between = (a: Points | null, b: Points | null): Points | null =>
    a && b && a.length === b.length ? mix(a, b, part) : part < 0.5 ? a : b;
  return {
    at: seconds,
    body: between(before.body, next.body),
    left: between(before.left, next.left),
    right: between(before.right, next.right),
    face: between(before.face, next.face),
  };
}

function mix(a: Points, b: Points, part: number): Points {
  return a.map((value, index) => value + ((b[index] ?? value) - value) * part) as Points;
}

/** What all figures together take up, with a margin; a body has at least its chest and head in it. */
export function boundsOf(figures: readonly Figure[]): Bounds {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  const take = (x: number, y: number): void => {
    if (Number.isNaN(x) || Number.isNaN(y)) return;
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  };
  for (const { frames } of figures) {
    for (const { body, left: leftHand, right: rightHand, face } of frames) {
      for (const points of [body, leftHand, rightHand, face]) {
        for (let i = 0; points && i < points.length; i += POINT_STRIDE) {
          take(points[i] ?? NaN, points[i + 1] ?? NaN);
        }
      }
      if (body) {
        take(-0.95, -1.05);
        take(0.95, 0.9);
      }
    }
  }
  if (left > right) return { x: -1, y: -1, width: 2, height: 2 };
  if (figures.some(({ frames }) => frames.some(({ body }) => body !== null))) {
    [left, right] = [Math.max(left, REACH.left), Math.min(right, REACH.right)];
    [top, bottom] = [Math.max(top, REACH.top), Math.min(bottom, REACH.bottom)];
  }
  const margin = 0.08 * Math.max(right - left, bottom - top, 0.5);
  return {
    x: left - margin,
    y: top - margin,
    width: right - left + 2 * margin,
    height: bottom - top + 2 * margin,
  };
}

/** The points as fractions of the bounds. */
export function within(points: Points, bounds: Bounds): Points {
  return points.map((value, index) => {
    const axis = index % POINT_STRIDE;
    if (axis === 0) return (value - bounds.x) / bounds.width;
    return axis === 1 ? (value - bounds.y) / bounds.height : 0;
  }) as Points;
}

/** Left and right hand changed over, as in a mirror: a figure for those who sign left-handed. */
export function mirrored({ frames, duration }: Figure): Figure {
  const swap = (points: Points | null): Points | null =>
    points &&
    (points.map((value, index) => (index % POINT_STRIDE === 0 ? -value : value)) as Points);
  return {
    duration,
    frames: frames.map(({ at, body, left, right, face }) => ({
      at,
      body: body && swapSides(swap(body) as Points),
      left: swap(right),
      right: swap(left),
      face: swap(face),
    })),
  };
}

/** After the nose, points come in pairs of left and right. */
function swapSides(body: Points): Points {
  const swapped = body.slice();
  for (let point = 1; point + 1 < BODY_POINTS; point += 2) {
    const [a, b] = [point * POINT_STRIDE, (point + 1) * POINT_STRIDE];
    swapped.set(body.subarray(a, a + POINT_STRIDE), b);
    swapped.set(body.subarray(b, b + POINT_STRIDE), a);
  }
  return swapped;
}
