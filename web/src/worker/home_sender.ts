import { FlowControl } from '../flow';
import { shrinkInto, type Size } from '../geometry';
import { type Answer, readAnswer } from '../protocol';
import { type Frame, sizeOf } from './frame';
import type { HomeEngine, Tracked } from './home_engine';
import type { Outbox } from './outbox';
import type { Tally } from './tally';

/**
 * Answers to landmarks come at once. With so many missing the server is late, and what is seen here
 * shall not wait for it.
 */
const MOST_UNANSWERED = 8;

interface Waiting {
  frame: Frame;
  takenAt: number;
  limit: Size;
}

/** What becomes of a frame whose landmarks were found here. */
export interface HomeListener {
  found(answer: Answer, takenAt: number, tookMs: number): void;
}

/**
 * Finds the landmarks of frames in this browser and sends them, while it is on. One frame is at work;
 * one waits, and a newer one takes its place.
 */
export class HomeSender {
  private readonly flow = new FlowControl(MOST_UNANSWERED);
  private on = false;
  /** Counts turns: a frame that was begun before the last one is of no use any more. */
  private turns = 0;
  private waiting: Waiting | null = null;

  constructor(
    private readonly engine: HomeEngine,
    private readonly outbox: Outbox,
    private readonly tally: Tally,
    private readonly now: () => number,
    private readonly listener: HomeListener,
  ) {}

  turn(on: boolean): void {
    if (on === this.on) return;
    this.on = on;
    this.turns += 1;
    this.dropWaiting();
    // Who it was before may be somebody else now.
    if (on) this.engine.reset();
  }

  /** Takes the frame. It is scaled down to fit into `limit`, as a picture would be. */
  async offer(frame: Frame, takenAt: number, limit: Size): Promise<void> {
    if (!this.on) {
      frame.close();
      return;
    }
    if (this.waiting !== null) this.tally.frameDropped();
    this.dropWaiting();
    if (this.engine.isFree) await this.find({ frame, takenAt, limit });
    else this.waiting = { frame, takenAt, limit };
  }

  /** What waits is not computed any more: nobody would see it. */
  dropWaiting(): void {
    this.waiting?.frame.close();
    this.waiting = null;
  }

  /** The server answered, which changes nothing here but that it is heard of. */
  answered(frameNumber: number, now: number): void {
    this.flow.answered(frameNumber, now);
  }

  expire(now: number): number {
    return this.flow.expire(now);
  }

  /** The connection is gone, and the frames with it. */
  reset(): void {
    this.turns += 1;
    this.flow.reset();
    this.dropWaiting();
  }

  private async find({ frame, takenAt, limit }: Waiting): Promise<void> {
    const { turns } = this;
    const { width, height } = shrinkInto(sizeOf(frame), limit);
    const tracked = await this.engine.find(frame, {
      number: this.tally.nextNumber(),
      captureTimeUs: Math.round(takenAt * 1000),
      latencyUs: Math.round(this.tally.lastLatencyMs * 1000),
      dropped: this.tally.dropped,
      width,
      height,
    });
    // Else it is from before a turn, or of a connection that is gone.
    if (turns === this.turns) this.deliver(tracked, takenAt);
    const { waiting } = this;
    this.waiting = null;
    if (waiting !== null) await this.offer(waiting.frame, waiting.takenAt, waiting.limit);
  }

  private deliver(tracked: Tracked | null, takenAt: number): void {
    if (tracked === null) {
      this.tally.counts.failed += 1;
      return;
    }
    const answer = readAnswer(tracked.answer);
    this.listener.found(answer, takenAt, tracked.tookMs);
    this.send(answer.frameNumber, tracked.message);
  }

  private send(frameNumber: number, message: Uint8Array<ArrayBuffer>): void {
    if (!this.outbox.isLive) return;
    if (this.outbox.isFull || !this.flow.begin()) {
      this.tally.frameDropped();
      return;
    }
    this.outbox.send(message);
    this.flow.sent(frameNumber, this.now());
    this.tally.counts.sent += 1;
  }
}
