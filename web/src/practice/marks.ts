/** Where on a figure a finding is to be seen. */

import { FINGERS } from '../topology';
import { POINT_STRIDE } from '../protocol';
import type { FigureFrame, Points } from './figure';

/** A number at a part of the body; the same number stands before the words about it. */
export interface Mark {
  number: number;
  part: string;
}

/** A place to look at. Fractions of the picture, the radius of its height. */
export interface Spot {
  x: number;
  y: number;
  radius: number;
  /** Points of a finger that is meant, from its root to its tip. */
  line: readonly (readonly [x: number, y: number])[];
}

type Side = 'left' | 'right';

const FINGER_NAMES = ['thumb', 'index', 'middle', 'ring', 'pinky'] as const;
const WRISTS: Record<Side, number> = { left: 11, right: 12 };
const SHOULDERS = [7, 8];
const HEAD_OF_BODY = [0, 1, 2, 3, 4, 5, 6];
const MOUTH_OF_BODY = [5, 6];
const EYES_OF_BODY = [1, 2];
const BROWS_OF_FACE = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const MOUTH_OF_FACE = [18, 19, 20, 21, 22, 23];
const HEAD_OF_FACE = [26, 27, 28, 29];

/** Smaller is not seen, of the picture's height. */
const LEAST_RADIUS = 0.035;
const MARGIN = 1.18;

/**
 * The places of a part as it is named in findings; none if it is not seen. The frame's points are
 * fractions of a picture of this aspect (width / height).
 */
export function spotsOf(part: string, frame: FigureFrame, aspect: number): Spot[] {
  const spot = (points: Points | null, indices: readonly number[] | null): Spot | null =>
    around(points, indices, aspect);
  const { body, face } = frame;
  switch (part) {
    case 'both_hands':
      return [...handSpots('left', frame, aspect), ...handSpots('right', frame, aspect)];
    case 'eyebrows':
      return some(spot(face, BROWS_OF_FACE) ?? spot(body, EYES_OF_BODY));
    case 'mouth':
      return some(spot(face, MOUTH_OF_FACE) ?? spot(body, MOUTH_OF_BODY));
    case 'head':
      return some(spot(face, HEAD_OF_FACE) ?? spot(body, HEAD_OF_BODY));
    case 'body':
      return some(spot(body, SHOULDERS));
    default:
      return partOfHand(part, frame, aspect);
  }
}

/** "right_hand", "left_index" and their like. */
function partOfHand(part: string, frame: FigureFrame, aspect: number): Spot[] {
  const side = (['left', 'right'] as const).find((it) => part.startsWith(`${it}_`));
  if (side === undefined) return [];
  const name = part.slice(side.length + 1);
  if (name === 'hand') return handSpots(side, frame, aspect);
  const finger = FINGERS[FINGER_NAMES.findIndex((it) => it === name)];
  const hand = frame[side];
  if (!finger || !hand) return handSpots(side, frame, aspect);
  const tip = around(hand, finger, aspect);
  return some(tip && { ...tip, line: finger.map((index) => placeOf(hand, index)) });
}

/** The hand, or where the body ends if no hand was found. */
function handSpots(side: Side, frame: FigureFrame, aspect: number): Spot[] {
  return some(around(frame[side], null, aspect) ?? around(frame.body, [WRISTS[side]], aspect));
}

function some(spot: Spot | null): Spot[] {
  return spot ? [spot] : [];
}

/** A circle about the points, or about those named. */
function around(
  points: Points | null,
  indices: readonly number[] | null,
  aspect: number,
): Spot | null {
  if (!points) return null;
  const all = indices ?? Array.from({ length: points.length / POINT_STRIDE }, (_, index) => index);
  const places = all.map((index) => placeOf(points, index)).filter(([x]) => !Number.isNaN(x));
  if (places.length === 0) return null;
  const xs = places.map(([x]) => x);
  const ys = places.map(([, y]) => y);
  const x = (Math.min(...xs) + Math.max(...xs)) / 2;
  const y = (Math.min(...ys) + Math.max(...ys)) / 2;
  const reach = Math.max(...places.map(([px, py]) => Math.hypot((px - x) * aspect, py - y)));
  return { x, y, radius: Math.max(LEAST_RADIUS, MARGIN * reach), line: [] };
}

function placeOf(points: Points, index: number): readonly [number, number] {
  return [points[index * POINT_STRIDE] ?? NaN, points[index * POINT_STRIDE + 1] ?? NaN];
}

/** The hand that spells: that of the learner's choice if it is seen, else one that is. */
export function spellingSide(frame: FigureFrame, wanted: Side): Side | null {
  if (frame[wanted]) return wanted;
  const other = wanted === 'left' ? 'right' : 'left';
  return frame[other] ? other : null;
}
