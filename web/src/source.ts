import type { ToWorker } from './messages';

/** How a worker gets frames. */
export interface FrameSink {
  /** Whether it can read a track by itself. */
  readonly readsTracks: boolean;
  send(message: ToWorker, transfer?: Transferable[]): void;
}

interface TrackProcessor {
  readonly readable: ReadableStream;
}

/** Browsers differ in where they have it: not at all, on the page, or in workers. */
declare const MediaStreamTrackProcessor:
  (new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => TrackProcessor) | undefined;

/**
 * Brings the frames of a track to the worker, by the best way that this browser has. `video` plays
 * the track; only the last way needs it.
 */
export class FrameSource {
  private stopped = false;
  private clone: MediaStreamTrack | null = null;
  /** The worker has a bitmap that it has not dealt with. */
  private waiting = false;

  constructor(
    private readonly track: MediaStreamTrack,
    private readonly video: HTMLVideoElement,
    private readonly sink: FrameSink,
  ) {
    if (!this.sendReadable() && !this.sendTrack()) this.watchVideo();
  }

  stop(): void {
    this.stopped = true;
    this.clone?.stop();
  }

  bitmapTaken(): void {
    this.waiting = false;
  }

  private sendReadable(): boolean {
    if (typeof MediaStreamTrackProcessor === 'undefined') return false;
    try {
      // A buffer of one: what the worker has not fetched is replaced by newer frames.
      const { readable } = new MediaStreamTrackProcessor({ track: this.track, maxBufferSize: 1 });
      this.sink.send({ type: 'frames', readable }, [readable]);
      return true;
    } catch {
      return false;
    }
  }

  private sendTrack(): boolean {
    if (!this.sink.readsTracks) return false;
    this.clone = this.track.clone();
    try {
      // A track that was given away no longer plays here: the worker gets a copy.
      this.sink.send({ type: 'track', track: this.clone }, [this.clone as unknown as Transferable]);
      return true;
    } catch {
      this.clone.stop();
      this.clone = null;
      return false;
    }
  }

  private watchVideo(): void {
    const next = (): void => {
      if (this.stopped) return;
      if ('requestVideoFrameCallback' in this.video) this.video.requestVideoFrameCallback(take);
      else requestAnimationFrame(take);
    };
    const take = (): void => {
      void this.sendBitmap();
      next();
    };
    next();
  }

  private async sendBitmap(): Promise<void> {
    if (this.waiting || this.stopped || this.video.videoWidth === 0) return;
    this.waiting = true;
    try {
      const bitmap = await createImageBitmap(this.video);
      this.sink.send({ type: 'bitmap', bitmap }, [bitmap]);
    } catch {
      // The video has no picture at this moment; the next one will do.
      this.waiting = false;
    }
  }
}
