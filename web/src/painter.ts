import { drawLandmarks, drawPicture, type HandNames } from './drawing';
import { canvasSize, fitRect, type Rect, type Size } from './geometry';
import { frameOf } from './practice/figure';
import type { Mark } from './practice/marks';
import { drawMarks, drawRing, type Ring } from './practice/marks_drawing';
import type { View } from './preferences';
import type { Landmarks } from './protocol';
import { LandmarkSmoother } from './smoothing';

const SMOOTHING_MS = 25;

/** Own video is shown as in a mirror: people expect it so. */
const MIRRORED = true;

/**
 * Draws on the canvas over the video, at the rate of the display and only when there is something
 * new. Owned by the studio; one canvas at a time.
 */
export class Painter {
  private canvas: HTMLCanvasElement | null = null;
  private observer: ResizeObserver | null = null;
  private readonly smoother: LandmarkSmoother;
  private landmarks: Landmarks | null = null;
  /** Wants to know when the landmarks are drawn. */
  private drawn: (() => void) | null = null;
  private picture: ImageBitmap | null = null;
  private marks: readonly Mark[] = [];
  private ring: Ring | null = null;
  private view: View = 'video';
  private videoSize: Size = { width: 4, height: 3 };
  private lastFrameAt = 0;
  private request: number | null = null;

  constructor(
    private readonly names: HandNames,
    reducedMotion: boolean,
  ) {
    this.smoother = new LandmarkSmoother(reducedMotion ? 0 : SMOOTHING_MS);
  }

  attach(canvas: HTMLCanvasElement | null): void {
    this.observer?.disconnect();
    this.observer = null;
    this.canvas = canvas;
    if (canvas === null) return;
    this.observer = new ResizeObserver(() => this.schedule());
    this.observer.observe(canvas);
    this.schedule();
  }

  setView(view: View): void {
    this.view = view;
    this.schedule();
  }

  /** The shape of the own video, in which the landmarks lie. */
  setVideoSize(size: Size): void {
    this.videoSize = size;
    this.schedule();
  }

  /** `drawn` is called when they are on the canvas, unless others came before. */
  showLandmarks(landmarks: Landmarks, drawn: (() => void) | null = null): void {
    this.landmarks = landmarks;
    this.drawn = drawn;
    this.schedule();
  }

  /** Drawn over the landmarks while there are some. */
  showHints(marks: readonly Mark[], ring: Ring | null): void {
    this.marks = marks;
    this.ring = ring;
    this.schedule();
  }

  /** Takes the bitmap and closes it when it is no longer shown. */
  showPicture(picture: ImageBitmap): void {
    this.picture?.close();
    this.picture = picture;
    this.schedule();
  }

  clear(): void {
    this.landmarks = null;
    this.drawn = null;
    this.smoother.clear();
    this.picture?.close();
    this.picture = null;
    this.schedule();
  }

  private schedule(): void {
    this.request ??= requestAnimationFrame((now) => {
      this.request = null;
      this.paint(now);
    });
  }

  private paint(now: number): void {
    const context = this.canvas?.getContext('2d');
    if (!this.canvas || !context) return;
    const elapsed = Math.min(100, now - this.lastFrameAt);
    this.lastFrameAt = now;
    const size = canvasSize(
      { width: this.canvas.clientWidth, height: this.canvas.clientHeight },
      window.devicePixelRatio,
    );
    if (this.canvas.width !== size.width) this.canvas.width = size.width;
    if (this.canvas.height !== size.height) this.canvas.height = size.height;
    context.clearRect(0, 0, size.width, size.height);
    if (this.view === 'server') {
      if (this.picture) {
        drawPicture(context, this.picture, fitRect(this.picture, size, 'contain'), MIRRORED);
      }
    } else if (this.landmarks) {
      const shown = this.smoother.step(this.landmarks, elapsed);
      const rect = fitRect(this.videoSize, size, 'contain');
      drawLandmarks(context, shown, rect, MIRRORED, this.names);
      this.drawHints(context, shown, rect);
      this.drawn?.();
      this.drawn = null;
      if (!this.smoother.done) this.schedule();
    }
  }

  private drawHints(context: CanvasRenderingContext2D, shown: Landmarks, rect: Rect): void {
    if (this.marks.length === 0 && this.ring === null) return;
    const frame = frameOf(shown, 0, { x: (value) => value, y: (value) => value });
    drawMarks(context, frame, rect, MIRRORED, this.marks);
    if (this.ring) drawRing(context, frame, rect, MIRRORED, this.ring);
  }
}
