import { DEFAULT_GREETING, type Greeting } from '../control';
import { FlowControl, Pacer } from '../flow';
import type { FromWorker, Link, Stats } from '../messages';
import { type Answer, type AnswerMode, readAnswer, writeFrameHeader } from '../protocol';
import { RecentValues } from '../statistics';
import { Connection, type Environment } from './connection';
import { type Frame, JpegEncoder } from './encoder';

/** With more than this still unsent, another frame would only be older when it arrives. */
const MOST_BACKLOG_BYTES = 256 * 1024;
/** A live connection that answers nothing for so long is given up. */
const SILENCE_MS = 10_000;
/** Without frames (nobody looks at the page), a ping this often keeps the connection. */
const KEEP_ALIVE_MS = 5000;

type Counts = Pick<Stats, 'sent' | 'answered' | 'dropped' | 'replaced' | 'failed'>;

const noCounts = (): Counts => ({ sent: 0, answered: 0, dropped: 0, replaced: 0, failed: 0 });

/** Frames in, landmarks and pictures out, from start() to stop(). */
export class Session {
  private readonly connection: Connection;
  private readonly encoder = new JpegEncoder();
  private readonly flow = new FlowControl();
  private readonly pacer = new Pacer(DEFAULT_GREETING.fps);
  private readonly latencies = new RecentValues();
  private readonly propagated = new RecentValues();
  private greeting: Greeting = DEFAULT_GREETING;
  private mode: AnswerMode = 'landmarks';
  private visible = true;
  private counts = noCounts();
  // Of this connection.
  private frameNumber = 0;
  private dropped = 0;
  private lastLatencyMs = 0;
  private lastSentAt = 0;
  private lastHeardAt = 0;
  private latest: Pick<Answer, 'profile' | 'skipReason' | 'advisedFps'> | null = null;

  /** `now` is in ms and monotonic; `post` may be given what to transfer. */
  constructor(
    environment: Environment,
    private readonly now: () => number,
    private readonly post: (message: FromWorker, transfer?: Transferable[]) => void,
  ) {
    this.connection = new Connection(environment, {
      linkChanged: (link) => this.onLink(link),
      greeted: (greeting) => this.onGreeting(greeting),
      heard: () => {
        this.lastHeardAt = this.now();
      },
      received: (message) => this.onMessage(message),
    });
  }

  start(url: string, mode: AnswerMode, visible: boolean): void {
    this.counts = noCounts();
    this.latest = null;
    this.mode = mode;
    this.visible = visible;
    this.connection.start(url);
  }

  stop(): void {
    this.connection.stop();
  }

  setMode(mode: AnswerMode): void {
    this.mode = mode;
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
  }

  retryNow(): void {
    this.connection.retryNow();
  }

  /** Takes a frame of the camera: sends it or leaves it out, and closes it in any case. */
  async offer(frame: Frame): Promise<void> {
    const capturedAt = this.now();
    if (!this.connection.isLive || !this.visible || !this.pacer.admit(capturedAt)) {
      frame.close();
      return;
    }
    if (this.connection.backlog > MOST_BACKLOG_BYTES || !this.flow.begin()) {
      frame.close();
      this.dropped += 1;
      this.counts.dropped += 1;
      return;
    }
    let done = false;
    try {
      done = await this.send(frame, capturedAt);
    } finally {
      if (!done) this.flow.abandon();
    }
  }

  /** To be called twice a second. */
  tick(): void {
    const now = this.now();
    this.counts.failed += this.flow.expire(now);
    if (this.connection.isLive) {
      if (now - this.lastSentAt > KEEP_ALIVE_MS) {
        this.connection.send('{"type":"ping"}');
        this.lastSentAt = now;
      }
      // Every ping is answered as well.
      if (now - this.lastHeardAt > SILENCE_MS) this.connection.abandon('silent');
    }
    this.post({ type: 'stats', stats: this.stats(now) });
  }

  private async send(frame: Frame, capturedAt: number): Promise<boolean> {
    const { message, width, height } = await this.encoder.encode(frame, this.greeting);
    // The connection may have gone meanwhile, or another one come.
    if (!this.connection.isLive) return false;
    if (message.length > this.greeting.maxMessageBytes) {
      this.encoder.makeSmaller();
      return false;
    }
    this.frameNumber += 1;
    writeFrameHeader(new DataView(message.buffer), {
      mode: this.mode,
      frameNumber: this.frameNumber,
      captureTimeUs: capturedAt * 1000,
      width,
      height,
      latencyUs: this.lastLatencyMs * 1000,
      dropped: this.dropped,
    });
    this.connection.send(message);
    this.lastSentAt = this.now();
    this.flow.sent(this.frameNumber, this.lastSentAt);
    this.counts.sent += 1;
    return true;
  }

  private onLink(link: Link): void {
    if (link.state !== 'live') {
      this.flow.reset();
      this.latencies.clear();
      this.propagated.clear();
    }
    if (link.state === 'waiting' && link.reason === 'too_large') this.encoder.makeSmaller();
    this.post({ type: 'link', link });
  }

  private onGreeting(greeting: Greeting): void {
    this.greeting = greeting;
    this.pacer.setRate(greeting.fps);
    this.frameNumber = 0;
    this.dropped = 0;
    this.lastLatencyMs = 0;
    this.lastSentAt = this.now();
    const { width, height, fps } = greeting;
    this.post({ type: 'capture', size: { width, height }, fps });
  }

  private onMessage(message: ArrayBuffer): void {
    const now = this.now();
    let answer: Answer;
    try {
      answer = readAnswer(message);
    } catch {
      this.counts.failed += 1;
      return;
    }
    const { latencyMs } = this.flow.answered(answer.frameNumber, now);
    if (latencyMs !== null) {
      this.lastLatencyMs = latencyMs;
      this.latencies.add(latencyMs, now);
    }
    this.connection.worked();
    this.propagated.add(answer.inferred ? 0 : 1, now);
    this.pacer.setRate(answer.advisedFps);
    const { profile, skipReason, advisedFps } = answer;
    this.latest = { profile, skipReason, advisedFps };
    this.counts.answered += 1;
    this.counts.replaced += answer.replaced + answer.expired;
    if (answer.success) void this.show(answer);
    else this.counts.failed += 1;
  }

  private async show({ found, landmarks, picture }: Answer): Promise<void> {
    if (landmarks !== null && this.mode === 'landmarks') {
      const arrays = Object.values(landmarks) as Float32Array<ArrayBuffer>[];
      this.post(
        { type: 'landmarks', found, landmarks },
        arrays.map((array) => array.buffer),
      );
    } else if (picture !== null && this.mode === 'picture') {
      const bitmap = await createImageBitmap(new Blob([picture], { type: 'image/jpeg' }));
      this.post({ type: 'picture', found, bitmap }, [bitmap]);
    }
  }

  private stats(now: number): Stats {
    const share = this.propagated.mean(now);
    return {
      answersPerSecond: this.propagated.rate(now),
      latencyMedianMs: this.latencies.quantile(0.5, now),
      latencyP95Ms: this.latencies.quantile(0.95, now),
      profile: this.latest?.profile ?? null,
      skipReason: this.latest?.skipReason ?? 0,
      advisedFps: this.latest?.advisedFps ?? this.greeting.fps,
      propagated: share ?? 0,
      ...this.counts,
    };
  }
}
