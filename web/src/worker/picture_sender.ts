import type { Greeting } from '../control';
import { FlowControl } from '../flow';
import { type AnswerMode, writeFrameHeader } from '../protocol';
import { JpegEncoder } from './encoder';
import type { Frame } from './frame';
import type { Outbox } from './outbox';
import type { Tally } from './tally';

/** Sends frames as pictures, while it is on. */
export class PictureSender {
  private readonly encoder = new JpegEncoder();
  private readonly flow = new FlowControl();
  private on = false;
  private mode: AnswerMode = 'landmarks';

  constructor(
    private readonly outbox: Outbox,
    private readonly tally: Tally,
    private readonly now: () => number,
  ) {}

  /** From the moment on that it is off no picture leaves, not even one that was begun before. */
  turn(on: boolean): void {
    this.on = on;
  }

  setMode(mode: AnswerMode): void {
    this.mode = mode;
  }

  /** Sends the frame or leaves it out, and closes it in any case. */
  async offer(frame: Frame, takenAt: number, limits: Greeting): Promise<void> {
    if (!this.on) {
      frame.close();
      return;
    }
    if (this.outbox.isFull || !this.flow.begin()) {
      frame.close();
      this.tally.frameDropped();
      return;
    }
    let done = false;
    try {
      done = await this.send(frame, takenAt, limits);
    } finally {
      if (!done) this.flow.abandon();
    }
  }

  /** How long the answer to a frame took, in ms; null if it is none of these. */
  answered(frameNumber: number, now: number): number | null {
    return this.flow.answered(frameNumber, now).latencyMs;
  }

  /** Gives up on frames that are unanswered for too long and returns how many these are. */
  expire(now: number): number {
    return this.flow.expire(now);
  }

  /** The connection is gone, and the frames with it. */
  reset(): void {
    this.flow.reset();
  }

  /** The server takes no messages as large as the last one. */
  makeSmaller(): void {
    this.encoder.makeSmaller();
  }

  private async send(frame: Frame, takenAt: number, limits: Greeting): Promise<boolean> {
    const { message, width, height } = await this.encoder.encode(frame, limits);
    // The connection may have gone meanwhile, or another one come; or this is off.
    if (!this.on || !this.outbox.isLive) return false;
    if (message.length > limits.maxMessageBytes) {
      this.encoder.makeSmaller();
      return false;
    }
    const frameNumber = this.tally.nextNumber();
    writeFrameHeader(new DataView(message.buffer), {
      mode: this.mode,
      frameNumber,
      captureTimeUs: takenAt * 1000,
      width,
      height,
      latencyUs: this.tally.lastLatencyMs * 1000,
      dropped: this.tally.dropped,
    });
    this.outbox.send(message);
    this.flow.sent(frameNumber, this.now());
    this.tally.counts.sent += 1;
    this.tally.counts.sentPictures += 1;
    return true;
  }
}
