import {
  drawChains,
  drawHand,
  FIGURE_COLORS,
  type HandNames,
  type Pen,
  placeOf,
  strokeRimmed,
} from '../drawing';
import { fitRect, type Size } from '../geometry';
import { POINT_STRIDE } from '../protocol';
import type { Chain } from '../topology';
import {
  type Bounds,
  type FigureFrame,
  LEFT_SHOULDER,
  type Points,
  RIGHT_SHOULDER,
  within,
} from './figure';

/** In the numbers of FACE_SOURCES. */
const BROWS: readonly Chain[] = [
  [0, 1, 2, 3, 4],
  [5, 6, 7, 8, 9],
];
const EYES: readonly Chain[] = [
  [10, 12, 11, 13, 10],
  [14, 16, 15, 17, 14],
];
const MOUTH: readonly Chain[] = [
  [18, 22, 19, 23, 18],
  [18, 20, 19, 21, 18],
];
const NOSE: readonly Chain[] = [[25, 24]];
const [CHIN, FOREHEAD, RIGHT_TEMPLE, LEFT_TEMPLE] = [26, 27, 28, 29];
/** In the numbers of a figure's body. */
const NOSE_OF_BODY = 0;
const EARS = [3, 4] as const;
const UPPER_ARMS: readonly Chain[] = [[9, 7, 8, 10]];
const ELBOWS = { left: 9, right: 10 } as const;
const WRISTS = { left: 11, right: 12 } as const;

const LINE = 2.6;

/** Draws one frame of a figure into a canvas; the bounds lie wholly and centred in `size`. */
export function drawFigure(
  context: CanvasRenderingContext2D,
  frame: FigureFrame,
  bounds: Bounds,
  size: Size,
  isMirrored: boolean,
  names: HandNames | null,
): void {
  const rect = fitRect(bounds, size, 'contain');
  // A hand alone is drawn larger, and so are its lines.
  const scale = frame.body ? 300 : 170;
  const unit = Math.max(1, Math.min(size.width, size.height) / scale);
  const pen: Pen = { context, rect, mirrored: isMirrored, unit };
  context.save();
  context.lineCap = 'round';
  context.lineJoin = 'round';
  const body = frame.body && within(frame.body, bounds);
  const face = frame.face && within(frame.face, bounds);
  const left = frame.left && within(frame.left, bounds);
  const right = frame.right && within(frame.right, bounds);
  if (body) drawTorso(pen, body, size);
  const head = headOf(pen, body, face);
  if (body && head) drawNeck(pen, body, head);
  drawHead(pen, head, face);
  if (body) drawArms(pen, body, left, right);
  if (left) drawHand(pen, left, FIGURE_COLORS.left, names?.left ?? '');
  if (right) drawHand(pen, right, FIGURE_COLORS.right, names?.right ?? '');
  context.restore();
}

/** A soft shape under the lines, so that it reads as a person. It ends below the picture. */
function drawTorso({ context, ...rest }: Pen, body: Points, size: Size): void {
  const pen = { context, ...rest };
  if (!known(body, LEFT_SHOULDER) || !known(body, RIGHT_SHOULDER)) return;
  const [ax, ay] = placeOf(pen, body, POINT_STRIDE, LEFT_SHOULDER);
  const [bx, by] = placeOf(pen, body, POINT_STRIDE, RIGHT_SHOULDER);
  const taper = (bx - ax) * 0.12;
  context.beginPath();
  context.moveTo(ax, ay);
  context.lineTo(bx, by);
  context.lineTo(bx - taper, size.height);
  context.lineTo(ax + taper, size.height);
  context.closePath();
  context.fillStyle = FIGURE_COLORS.flesh;
  context.fill();
}

function headOf(pen: Pen, body: Points | null, face: Points | null): Oval | null {
  return (face ? ovalOfFace(pen, face) : null) ?? (body ? ovalOfBody(pen, body) : null);
}

/** From the head to between the shoulders. */
function drawNeck(pen: Pen, body: Points, head: Oval): void {
  if (!known(body, LEFT_SHOULDER) || !known(body, RIGHT_SHOULDER)) return;
  const [ax, ay] = placeOf(pen, body, POINT_STRIDE, LEFT_SHOULDER);
  const [bx, by] = placeOf(pen, body, POINT_STRIDE, RIGHT_SHOULDER);
  const [x, y] = [(ax + bx) / 2, (ay + by) / 2];
  const half = 0.5 * head.across;
  const { context } = pen;
  context.beginPath();
  context.moveTo(head.x - half, head.y + 0.8 * head.down);
  context.lineTo(head.x + half, head.y + 0.8 * head.down);
  context.lineTo(x + 1.3 * half, y);
  context.lineTo(x - 1.3 * half, y);
  context.closePath();
  context.fillStyle = FIGURE_COLORS.flesh;
  context.fill();
}

function drawHead(pen: Pen, head: Oval | null, face: Points | null): void {
  if (head) {
    const { context } = pen;
    context.beginPath();
    context.ellipse(head.x, head.y, head.across, head.down, head.turn, 0, 2 * Math.PI);
    context.fillStyle = FIGURE_COLORS.flesh;
    context.fill();
    strokeRimmed(pen, FIGURE_COLORS.oval, 1.6);
  }
  if (!face) return;
  drawChains(pen, face, POINT_STRIDE, BROWS, FIGURE_COLORS.body, 2.4);
  drawChains(pen, face, POINT_STRIDE, EYES, FIGURE_COLORS.oval, 1.4);
  drawChains(pen, face, POINT_STRIDE, NOSE, FIGURE_COLORS.oval, 1.2);
  drawChains(pen, face, POINT_STRIDE, MOUTH, FIGURE_COLORS.lips, 1.6);
}

interface Oval {
  x: number;
  y: number;
  across: number;
  down: number;
  turn: number;
}

function ovalOfFace(pen: Pen, face: Points): Oval | null {
  const ends = [CHIN, FOREHEAD, RIGHT_TEMPLE, LEFT_TEMPLE] as number[];
  if (!ends.every((point) => known(face, point))) return null;
  const [chin, forehead, right, left] = ends.map((point) =>
    placeOf(pen, face, POINT_STRIDE, point),
  ) as [[number, number], [number, number], [number, number], [number, number]];
  const [dx, dy] = [chin[0] - forehead[0], chin[1] - forehead[1]];
  return {
    x: (chin[0] + forehead[0]) / 2,
    y: (chin[1] + forehead[1]) / 2,
    across: Math.hypot(right[0] - left[0], right[1] - left[1]) / 2,
    down: Math.hypot(dx, dy) / 2,
    turn: Math.atan2(dy, dx) - Math.PI / 2,
  };
}

/** Without a face: about the nose, as wide as the ears are apart. */
function ovalOfBody(pen: Pen, body: Points): Oval | null {
  if (!known(body, NOSE_OF_BODY) || !EARS.every((ear) => known(body, ear))) return null;
  const [x, y] = placeOf(pen, body, POINT_STRIDE, NOSE_OF_BODY);
  const [a, b] = EARS.map((ear) => placeOf(pen, body, POINT_STRIDE, ear)) as [
    [number, number],
    [number, number],
  ];
  const across = Math.max(4, Math.hypot(a[0] - b[0], a[1] - b[1]) / 2);
  return { x, y, across, down: 1.35 * across, turn: 0 };
}

function drawArms(pen: Pen, body: Points, left: Points | null, right: Points | null): void {
  drawChains(pen, body, POINT_STRIDE, UPPER_ARMS, FIGURE_COLORS.body, LINE);
  drawForearm(pen, body, ELBOWS.left, left, WRISTS.left);
  drawForearm(pen, body, ELBOWS.right, right, WRISTS.right);
}

/** To the wrist of the hand where there is one: the body's own wrist lies a little off. */
function drawForearm(
  pen: Pen,
  body: Points,
  elbow: number,
  hand: Points | null,
  wrist: number,
): void {
  if (!known(body, elbow)) return;
  if (!hand && !known(body, wrist)) return;
  pen.context.beginPath();
  pen.context.moveTo(...placeOf(pen, body, POINT_STRIDE, elbow));
  pen.context.lineTo(
    ...(hand ? placeOf(pen, hand, POINT_STRIDE, 0) : placeOf(pen, body, POINT_STRIDE, wrist)),
  );
  strokeRimmed(pen, FIGURE_COLORS.body, LINE);
}

function known(points: Points, index: number): boolean {
  return !Number.isNaN(points[index * POINT_STRIDE] ?? NaN);
}
