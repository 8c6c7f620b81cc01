/** From fractions of a picture to places on the screen. */

export interface Size {
  width: number;
  height: number;
}

export interface Rect extends Size {
  x: number;
  y: number;
}

export type Fit = 'contain' | 'cover';

/** Where a picture lies that is centred in a box: wholly inside (contain) or filling it (cover). */
export function fitRect(picture: Size, box: Size, fit: Fit): Rect {
  if (picture.width <= 0 || picture.height <= 0) return { x: 0, y: 0, width: 0, height: 0 };
  const across = box.width / picture.width;
  const down = box.height / picture.height;
  const scale = fit === 'contain' ? Math.min(across, down) : Math.max(across, down);
  const width = picture.width * scale;
  const height = picture.height * scale;
  return { x: (box.width - width) / 2, y: (box.height - height) / 2, width, height };
}

/** The size of a picture made to fit into a box: never larger than it is, whole pixels, 16 or more. */
export function shrinkInto(picture: Size, box: Size): Size {
  // A camera held upright gives upright pictures: the box is turned with it.
  const upright = picture.height > picture.width !== box.height > box.width;
  const limit = upright ? { width: box.height, height: box.width } : box;
  const scale = Math.min(1, limit.width / picture.width, limit.height / picture.height);
  const whole = (length: number): number => Math.max(16, Math.round(length * scale));
  return { width: whole(picture.width), height: whole(picture.height) };
}

/** Horizontal place of the fraction `x` in `rect`; mirrored: 0 is at the right. */
export function placeX(x: number, rect: Rect, mirrored: boolean): number {
  return rect.x + (mirrored ? 1 - x : x) * rect.width;
}

/** Vertical place of the fraction `y` in `rect`. */
export function placeY(y: number, rect: Rect): number {
  return rect.y + y * rect.height;
}

/** Pixels of a canvas that covers a box of CSS pixels sharply. */
export function canvasSize(box: Size, pixelRatio: number): Size {
  // Above 2 the eye sees no difference and the drawing costs four times as much.
  const ratio = Math.min(2, Math.max(1, pixelRatio));
  return { width: Math.round(box.width * ratio), height: Math.round(box.height * ratio) };
}
