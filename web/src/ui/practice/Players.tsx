import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { HandNames } from '../../drawing';
import { canvasSize, fitRect } from '../../geometry';
import { type Bounds, type Figure, frameAt, within } from '../../practice/figure';
import { drawFigure } from '../../practice/figure_drawing';
import type { Mark } from '../../practice/marks';
import { drawMarks } from '../../practice/marks_drawing';
import { Playback, SLOW } from '../../practice/playback';
import { strings } from '../../strings';

const texts = strings.practice;
const STEPS = 100;
/** Shown as in a mirror, like the own video beside it. */
const MIRRORED = true;

export interface Track {
  key: string;
  figure: Figure;
  bounds: Bounds;
  caption: string;
  /** For those who do not see it. */
  label: string;
  names: HandNames | null;
  /** What is to be looked at after so many ms. */
  marksAt?: (ms: number) => readonly Mark[];
}

interface Props {
  tracks: readonly Track[];
  slow: boolean;
  onSlow: (slow: boolean) => void;
  /** A place to go to and stay at; a new object is a new wish. */
  wish?: { phase: number } | null;
  /** The learner looks closer: it was paused, or moved by hand. */
  onLook?: () => void;
}

/** Figures that move together, each from its beginning to its end in the same time. */
export function Players({ tracks, slow, onSlow, wish, onLook }: Props) {
  const duration = Math.max(0, ...tracks.map(({ figure }) => figure.duration));
  const key = tracks.map((track) => track.key).join(' ');
  const playback = useMemo(() => new Playback(duration, !prefersStillness()), [key, duration]);
  const canvases = useRef(new Map<string, HTMLCanvasElement>());
  const slider = useRef<HTMLInputElement>(null);
  const [isPlaying, setPlaying] = useState(playback.isPlaying);
  playback.speed = slow ? SLOW : 1;

  const paint = (): void => {
    for (const track of tracks) {
      const canvas = canvases.current.get(track.key);
      if (canvas) paintTrack(canvas, track, playback.phase);
    }
    if (slider.current) slider.current.value = String(Math.round(playback.phase * STEPS));
  };
  const seek = (phase: number): void => {
    playback.seek(phase);
    setPlaying(false);
    paint();
  };
  const toggle = (): void => {
    if (isPlaying) {
      playback.isPlaying = false;
      onLook?.();
    } else playback.play();
    setPlaying(!isPlaying);
  };
  useEffect(() => setPlaying(playback.isPlaying), [playback]);
  useEffect(() => {
    if (wish) seek(wish.phase);
  }, [wish]);
  useEffect(() => {
    paint();
    const observer = new ResizeObserver(paint);
    for (const canvas of canvases.current.values()) observer.observe(canvas);
    if (!isPlaying) return () => observer.disconnect();
    let request = 0;
    let before: number | null = null;
    const step = (now: number): void => {
      playback.advance(before === null ? 0 : now - before);
      before = now;
      paint();
      request = requestAnimationFrame(step);
    };
    request = requestAnimationFrame(step);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(request);
    };
  }, [playback, tracks, isPlaying]);

  return (
    <div class="players">
      <div class="tracks" data-count={tracks.length}>
        {tracks.map((track) => (
          <figure key={track.key} class="track">
            <canvas
              ref={(canvas) => {
                if (canvas) canvases.current.set(track.key, canvas);
                else canvases.current.delete(track.key);
              }}
              class="track-canvas"
              role="img"
              aria-label={track.label}
            />
            <figcaption>{track.caption}</figcaption>
          </figure>
        ))}
      </div>
      {duration > 0 && (
        <Transport
          slider={slider}
          isPlaying={isPlaying}
          slow={slow}
          onToggle={toggle}
          onSeek={(phase) => {
            seek(phase);
            onLook?.();
          }}
          onSlow={onSlow}
        />
      )}
    </div>
  );
}

interface TransportProps {
  /** Is moved while the figures move. */
  slider: RefObject<HTMLInputElement | null>;
  isPlaying: boolean;
  slow: boolean;
  onToggle: () => void;
  onSeek: (phase: number) => void;
  onSlow: (slow: boolean) => void;
}

/** Play and pause, the place in the movement, its speed. */
function Transport({ slider, isPlaying, slow, onToggle, onSeek, onSlow }: TransportProps) {
  return (
    <div class="transport">
      <button type="button" class="small-button" onClick={onToggle}>
        {isPlaying ? texts.pause : texts.play}
      </button>
      <input
        ref={slider}
        class="transport-place"
        type="range"
        min="0"
        max={STEPS}
        aria-label={texts.position}
        onInput={(event) => onSeek(Number(event.currentTarget.value) / STEPS)}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={slow}
          onChange={(event) => onSlow(event.currentTarget.checked)}
        />
        {texts.slow}
      </label>
    </div>
  );
}

function prefersStillness(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

function paintTrack(canvas: HTMLCanvasElement, track: Track, phase: number): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const size = canvasSize(
    { width: canvas.clientWidth, height: canvas.clientHeight },
    window.devicePixelRatio,
  );
  if (canvas.width !== size.width) canvas.width = size.width;
  if (canvas.height !== size.height) canvas.height = size.height;
  context.clearRect(0, 0, size.width, size.height);
  const { figure, bounds, names, marksAt } = track;
  const seconds = phase * figure.duration;
  const frame = frameAt(figure, seconds);
  if (!frame) return;
  drawFigure(context, frame, bounds, size, MIRRORED, names);
  const marks = marksAt?.(1000 * seconds) ?? [];
  if (marks.length === 0) return;
  const shown = {
    at: frame.at,
    body: frame.body && within(frame.body, bounds),
    left: frame.left && within(frame.left, bounds),
    right: frame.right && within(frame.right, bounds),
    face: frame.face && within(frame.face, bounds),
  };
  drawMarks(context, shown, fitRect(bounds, size, 'contain'), MIRRORED, marks);
}
