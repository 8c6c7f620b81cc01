import { placeX, placeY, type Rect } from './geometry';
import { type Landmarks, POINT_STRIDE, POSE_STRIDE } from './protocol';
import * as topology from './topology';

/** Names for the hands, written beside them. */
export interface HandNames {
  left: string;
  right: string;
}

export const FIGURE_COLORS = {
  left: '#ffa640',
  right: '#2fd8ea',
  body: '#f2f5f9',
  oval: '#cfd8e3',
  lips: '#ff8f8f',
  palm: '#b9c4d2',
  // Thumb to little finger.
  fingers: ['#ffe0b2', '#c79bf2', '#ffd84d', '#7ce38b', '#6fb1ff'],
  halo: 'rgb(8 12 20 / 60%)',
  /** A soft shape under the lines of a figure. */
  flesh: 'rgb(160 185 210 / 13%)',
  /** What is to be looked at. */
  mark: '#ffe45c',
  good: '#6fd695',
  ink: '#10202c',
} as const;

/** Below this the body's network does not think that a point can be seen. */
const LEAST_VISIBILITY = 0.5;

const BODY_WIDTH = 2.6;

type Points = Float32Array;
type Chains = readonly topology.Chain[];

export interface Pen {
  context: CanvasRenderingContext2D;
  rect: Rect;
  mirrored: boolean;
  /** Canvas pixels of a line of width 1. */
  unit: number;
}

/** Draws landmarks into `rect` of a canvas; text is never mirrored. */
export function drawLandmarks(
  context: CanvasRenderingContext2D,
  landmarks: Landmarks,
  rect: Rect,
  mirrored: boolean,
  names: HandNames,
): void {
  const pen: Pen = {
    context,
    rect,
    mirrored,
    unit: Math.max(1, Math.min(rect.width, rect.height) / 420),
  };
  context.save();
  context.beginPath();
  context.rect(rect.x, rect.y, rect.width, rect.height);
  context.clip();
  context.lineCap = 'round';
  context.lineJoin = 'round';
  // From back to front: hands are often held before the face.
  if (landmarks.face) drawFace(pen, landmarks.face);
  if (landmarks.pose) drawBody(pen, landmarks.pose, landmarks);
  if (landmarks.leftHand) drawHand(pen, landmarks.leftHand, FIGURE_COLORS.left, names.left);
  if (landmarks.rightHand) drawHand(pen, landmarks.rightHand, FIGURE_COLORS.right, names.right);
  context.restore();
}

/** Draws a picture into `rect`, mirrored like the learner's own video. */
export function drawPicture(
  context: CanvasRenderingContext2D,
  picture: CanvasImageSource,
  rect: Rect,
  mirrored: boolean,
): void {
  context.save();
  if (mirrored) {
    context.translate(2 * rect.x + rect.width, 0);
    context.scale(-1, 1);
  }
  context.drawImage(picture, rect.x, rect.y, rect.width, rect.height);
  context.restore();
}

function drawFace(pen: Pen, face: Points): void {
  drawChains(pen, face, POINT_STRIDE, topology.FACE_OVAL, FIGURE_COLORS.oval, 1.4);
  drawChains(pen, face, POINT_STRIDE, topology.LIPS, FIGURE_COLORS.lips, 1.4);
  drawChains(pen, face, POINT_STRIDE, topology.LEFT_EYE, FIGURE_COLORS.left, 1.4);
  drawChains(pen, face, POINT_STRIDE, topology.RIGHT_EYE, FIGURE_COLORS.right, 1.4);
}

function drawBody(pen: Pen, pose: Points, others: Landmarks): void {
  const lines = (chains: Chains): void =>
    drawChains(pen, pose, POSE_STRIDE, chains, FIGURE_COLORS.body, BODY_WIDTH);
  lines(topology.BODY);
  if (!others.face) lines(topology.BODY_FACE);
  if (others.leftHand) drawForearm(pen, pose, topology.LEFT_ELBOW, others.leftHand);
  else lines(topology.BODY_LEFT_HAND);
  if (others.rightHand) drawForearm(pen, pose, topology.RIGHT_ELBOW, others.rightHand);
  else lines(topology.BODY_RIGHT_HAND);
  for (const joint of topology.BODY_JOINTS) {
    if (seen(pose, POSE_STRIDE, joint)) {
      drawDot(
        pen,
        pose,
        POSE_STRIDE,
        joint,
        3.4,
        joint % 2 === 1 ? FIGURE_COLORS.left : FIGURE_COLORS.right,
      );
    }
  }
}

/** From the elbow of the body to the wrist of the hand: the body's own wrist lies a little off. */
function drawForearm(pen: Pen, pose: Points, elbow: number, hand: Points): void {
  if (!seen(pose, POSE_STRIDE, elbow)) return;
  pen.context.beginPath();
  pen.context.moveTo(...placeOf(pen, pose, POSE_STRIDE, elbow));
  pen.context.lineTo(...placeOf(pen, hand, POINT_STRIDE, 0));
  strokeRimmed(pen, FIGURE_COLORS.body, BODY_WIDTH);
}

/** Without a name, none is written. */
export function drawHand(pen: Pen, hand: Points, color: string, name: string): void {
  drawChains(pen, hand, POINT_STRIDE, topology.PALM, FIGURE_COLORS.palm, 2.2);
  topology.FINGERS.forEach((finger, index) => {
    drawChains(
      pen,
      hand,
      POINT_STRIDE,
      [finger],
      FIGURE_COLORS.fingers[index] ?? FIGURE_COLORS.palm,
      2.4,
    );
  });
  for (let point = 0; point < hand.length / POINT_STRIDE; ++point) {
    drawDot(pen, hand, POINT_STRIDE, point, point === 0 ? 3.2 : 2.1, color);
  }
  if (name !== '') drawName(pen, hand, color, name);
}

/** Under the hand, or over it where there is no room. */
function drawName(pen: Pen, hand: Points, color: string, name: string): void {
  const { context, rect, unit } = pen;
  const xs = hand.filter((_, index) => index % POINT_STRIDE === 0);
  const ys = hand.filter((_, index) => index % POINT_STRIDE === 1);
  const x = placeX((Math.min(...xs) + Math.max(...xs)) / 2, rect, pen.mirrored);
  const under = placeY(Math.max(...ys), rect) + 14 * unit;
  const over = placeY(Math.min(...ys), rect) - 14 * unit;
  const y = under + 8 * unit < rect.y + rect.height ? under : over;
  context.font = `600 ${Math.round(11 * unit)}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 3 * unit;
  context.strokeStyle = FIGURE_COLORS.halo;
  context.strokeText(name, x, y);
  context.fillStyle = color;
  context.fillText(name, x, y);
}

export function drawChains(
  pen: Pen,
  points: Points,
  stride: number,
  chains: Chains,
  color: string,
  width: number,
): void {
  pen.context.beginPath();
  for (const chain of chains) traceChain(pen, points, stride, chain);
  strokeRimmed(pen, color, width);
}

/** A dark rim keeps lines readable on any picture. */
export function strokeRimmed({ context, unit }: Pen, color: string, width: number): void {
  context.lineWidth = (width + 1.6) * unit;
  context.strokeStyle = FIGURE_COLORS.halo;
  context.stroke();
  context.lineWidth = width * unit;
  context.strokeStyle = color;
  context.stroke();
}

function traceChain(pen: Pen, points: Points, stride: number, chain: topology.Chain): void {
  let joined = false;
  for (const index of chain) {
    if (!seen(points, stride, index)) {
      joined = false;
      continue;
    }
    const [x, y] = placeOf(pen, points, stride, index);
    if (joined) pen.context.lineTo(x, y);
    else pen.context.moveTo(x, y);
    joined = true;
  }
}

function drawDot(
  pen: Pen,
  points: Points,
  stride: number,
  index: number,
  radius: number,
  color: string,
): void {
  const { context, unit } = pen;
  const [x, y] = placeOf(pen, points, stride, index);
  context.beginPath();
  context.arc(x, y, radius * unit, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  context.lineWidth = 0.8 * unit;
  context.strokeStyle = FIGURE_COLORS.halo;
  context.stroke();
}

/** Only the points of the body say whether they can be seen; NaN is a point that is not known. */
function seen(points: Points, stride: number, index: number): boolean {
  const at = index * stride;
  if (at + stride > points.length || Number.isNaN(points[at])) return false;
  return stride !== POSE_STRIDE || (points[at + POINT_STRIDE] ?? 0) >= LEAST_VISIBILITY;
}

export function placeOf(pen: Pen, points: Points, stride: number, index: number): [number, number] {
  const at = index * stride;
  return [placeX(points[at] ?? 0, pen.rect, pen.mirrored), placeY(points[at + 1] ?? 0, pen.rect)];
}
