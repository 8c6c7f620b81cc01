import { FIGURE_COLORS } from '../drawing';
import { placeX, placeY, type Rect } from '../geometry';
import type { FigureFrame } from './figure';
import { type Mark, type Spot, spellingSide, spotsOf } from './marks';

/** How far a letter is held, shown about the hand that spells. */
export interface Ring {
  /** 0 to 1. */
  value: number;
  letter: string;
  side: 'left' | 'right';
}

interface Place {
  context: CanvasRenderingContext2D;
  rect: Rect;
  mirrored: boolean;
  unit: number;
}

/** Rings with numbers about what is to be changed. The frame lies in fractions of `rect`. */
export function drawMarks(
  context: CanvasRenderingContext2D,
  frame: FigureFrame,
  rect: Rect,
  mirrored: boolean,
  marks: readonly Mark[],
): void {
  if (rect.height === 0) return;
  const place: Place = { context, rect, mirrored, unit: unitOf(rect) };
  /** Two findings at one part share its ring: their numbers stand side by side. */
  const taken = new Map<string, number>();
  context.save();
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const { number, part } of marks) {
    for (const spot of spotsOf(part, frame, rect.width / rect.height)) {
      const key = `${spot.x.toFixed(3)} ${spot.y.toFixed(3)}`;
      const before = taken.get(key) ?? 0;
      taken.set(key, before + 1);
      if (before === 0) drawSpot(place, spot);
      drawBadge(place, spot, number, before);
    }
  }
  context.restore();
}

/** A ring about the hand that fills while a letter is held. */
export function drawRing(
  context: CanvasRenderingContext2D,
  frame: FigureFrame,
  rect: Rect,
  mirrored: boolean,
  ring: Ring,
): void {
  const side = spellingSide(frame, ring.side);
  if (side === null || rect.height === 0) return;
  const [spot] = spotsOf(`${side}_hand`, frame, rect.width / rect.height);
  if (!spot) return;
  const unit = unitOf(rect);
  const [x, y] = [placeX(spot.x, rect, mirrored), placeY(spot.y, rect)];
  const radius = spot.radius * rect.height + 8 * unit;
  const top = -Math.PI / 2;
  context.save();
  context.lineCap = 'round';
  arc(context, x, y, radius, top, top + 2 * Math.PI);
  stroke(context, FIGURE_COLORS.halo, 9 * unit);
  stroke(context, 'rgb(242 245 249 / 35%)', 5 * unit);
  if (ring.value > 0) {
    arc(context, x, y, radius, top, top + 2 * Math.PI * Math.min(1, ring.value));
    stroke(context, FIGURE_COLORS.good, 6 * unit);
  }
  badge({ context, rect, mirrored, unit }, x, y - radius, ring.letter, FIGURE_COLORS.good);
  context.restore();
}

function unitOf(rect: Rect): number {
  return Math.max(1, Math.min(rect.width, rect.height) / 420);
}

function drawSpot({ context, rect, mirrored, unit }: Place, spot: Spot): void {
  if (spot.line.length > 1) {
    context.beginPath();
    spot.line.forEach(([x, y], index) => {
      const at = [placeX(x, rect, mirrored), placeY(y, rect)] as const;
      if (index === 0) context.moveTo(...at);
      else context.lineTo(...at);
    });
    stroke(context, FIGURE_COLORS.halo, 9 * unit);
    stroke(context, FIGURE_COLORS.mark, 5 * unit);
    return;
  }
  arc(
    context,
    placeX(spot.x, rect, mirrored),
    placeY(spot.y, rect),
    spot.radius * rect.height,
    0,
    2 * Math.PI,
  );
  stroke(context, FIGURE_COLORS.halo, 6 * unit);
  stroke(context, FIGURE_COLORS.mark, 3 * unit);
}

/** At the tip of a finger, or at the upper right of a ring. */
function drawBadge(place: Place, spot: Spot, number: number, before: number): void {
  const { rect, mirrored, unit } = place;
  const tip = spot.line[spot.line.length - 1];
  const reach = tip ? 0 : spot.radius * rect.height * Math.SQRT1_2;
  const x = placeX(tip?.[0] ?? spot.x, rect, mirrored) + reach + before * 24 * unit;
  const y = placeY(tip?.[1] ?? spot.y, rect) - reach;
  badge(place, x, y, String(number), FIGURE_COLORS.mark);
}

function badge({ context, rect, unit }: Place, x: number, y: number, text: string, color: string) {
  const radius = 11 * unit;
  const within = (value: number, low: number, length: number): number =>
    Math.min(low + length - radius - 2, Math.max(low + radius + 2, value));
  const [cx, cy] = [within(x, rect.x, rect.width), within(y, rect.y, rect.height)];
  arc(context, cx, cy, radius, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  stroke(context, FIGURE_COLORS.halo, 1.5 * unit);
  context.font = `700 ${Math.round(14 * unit)}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = FIGURE_COLORS.ink;
  context.fillText(text, cx, cy + unit);
}

function arc(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  from: number,
  to: number,
): void {
  context.beginPath();
  context.arc(x, y, radius, from, to);
}

function stroke(context: CanvasRenderingContext2D, color: string, width: number): void {
  context.lineWidth = width;
  context.strokeStyle = color;
  context.stroke();
}
