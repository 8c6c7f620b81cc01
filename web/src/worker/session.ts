import { DEFAULT_GREETING, type Greeting } from '../control';
import { FlowControl, Pacer } from '../flow';
import type { FromWorker, Link, Stats } from '../messages';
import { type PracticeControl, practiceRequest } from '../practice/messages';
import { type Answer, type AnswerMode, readAnswer, writeFrameHeader } from '../protocol';
import { type QualityAnswer, type QualityChoice, qualityRequest } from '../quality';
import { SkipTally } from '../skipping';
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
  private readonly arrivals = new RecentValues();
  private readonly skips = new SkipTally();
  private greeting: Greeting = DEFAULT_GREETING;
  private mode: AnswerMode = 'landmarks';
  private quality: QualityChoice = 'auto';
  private visible = true;
  private counts = noCounts();
  // Of this connection.
  private frameNumber = 0;
  private dropped = 0;
  private lastLatencyMs = 0;
  private lastSentAt = 0;
  private lastHeardAt = 0;
  /** Choices of quality that the server has not answered yet. */
  private unansweredChoices = 0;
  /** Pictures up to this number were treated in the quality before the last choice. */
  private beforeChoice = 0;
  private inForce: Pick<Answer, 'profile' | 'qualityReason'> | null = null;
  private advisedFps: number | null = null;

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
      qualityAnswered: (answer) => this.onQualityAnswer(answer),
      practiceTold: (push) => this.post({ type: 'practice', push }),
    });
  }

  start(url: string, mode: AnswerMode, quality: QualityChoice, visible: boolean): void {
    this.counts = noCounts();
    this.inForce = null;
    this.advisedFps = null;
    this.mode = mode;
    this.quality = quality;
    this.visible = visible;
    this.connection.start(url);
  }

  stop(): void {
    this.connection.stop();
  }

  setMode(mode: AnswerMode): void {
    this.mode = mode;
  }

  setQuality(quality: QualityChoice): void {
    this.quality = quality;
    if (this.connection.isLive) this.askForQuality();
  }

  /** Without a connection it is lost: the page asks again when there is one. */
  askPractice(control: PracticeControl): void {
    this.connection.send(practiceRequest(control));
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
      this.arrivals.clear();
      this.skips.clear();
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
    this.beforeChoice = 0;
    this.unansweredChoices = 0;
    // Unasked, the server chooses by itself, or as its configuration says.
    if (this.quality !== 'auto') this.askForQuality();
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
    this.arrivals.add(1, now);
    // One that failed was neither computed nor carried over.
    if (answer.success) this.skips.add(answer.inferred, answer.skipReason, now);
    this.pacer.setRate(answer.advisedFps);
    const { profile, qualityReason, advisedFps } = answer;
    if (answer.frameNumber > this.beforeChoice) this.inForce = { profile, qualityReason };
    this.advisedFps = advisedFps;
    this.counts.answered += 1;
    this.counts.replaced += answer.replaced + answer.expired;
    if (answer.success) void this.show(answer);
    else this.counts.failed += 1;
  }

  private askForQuality(): void {
    this.connection.send(qualityRequest(this.quality));
    this.unansweredChoices += 1;
  }

  private onQualityAnswer(answer: QualityAnswer): void {
    this.unansweredChoices = Math.max(0, this.unansweredChoices - 1);
    // To a choice that was changed meanwhile there is nothing to say.
    if (this.unansweredChoices > 0) return;
    this.beforeChoice = this.frameNumber;
    this.inForce = null;
    // First that the quality shown counts no more: else it would look as if it were what is given.
    this.post({ type: 'stats', stats: this.stats(this.now()) });
    this.post({ type: 'quality', answer });
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
    return {
      answersPerSecond: this.arrivals.rate(now),
      latencyMedianMs: this.latencies.quantile(0.5, now),
      latencyP95Ms: this.latencies.quantile(0.95, now),
      profile: this.inForce?.profile ?? null,
      qualityReason: this.inForce?.qualityReason ?? null,
      skipping: this.skips.summary(now),
      advisedFps: this.advisedFps ?? this.greeting.fps,
      ...this.counts,
    };
  }
}
