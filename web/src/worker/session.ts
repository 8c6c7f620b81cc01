import { DEFAULT_GREETING, type Greeting, homeRequest } from '../control';
import { Pacer } from '../flow';
import type { FromWorker, Link, ToWorker } from '../messages';
import type { Place, PlaceChoice } from '../place';
import { type PracticeControl, practiceRequest } from '../practice/messages';
import { type Answer, type AnswerMode, readAnswer } from '../protocol';
import { type QualityAnswer, type QualityChoice, qualityRequest } from '../quality';
import { Connection, type Environment } from './connection';
import type { Frame } from './frame';
import type { HomeEnvironment } from './home_engine';
import { HomeKeeper } from './home_keeper';
import { HomeSender } from './home_sender';
import type { Outbox } from './outbox';
import { PictureSender } from './picture_sender';
import { Tally } from './tally';

/** With more than this still unsent, another frame would only be older when it arrives. */
const MOST_BACKLOG_BYTES = 256 * 1024;
/** A live connection that answers nothing for so long is given up. */
const SILENCE_MS = 10_000;
/** Without frames (nobody looks at the page), a ping this often keeps the connection. */
const KEEP_ALIVE_MS = 5000;
/** Tells the server that landmarks are meant to come, which cost it next to nothing. */
const LANDMARKS_QUERY = '?frames=landmarks';

export type SessionEnvironment = Environment &
  Pick<HomeEnvironment, 'now'> & {
    /** The worker that finds landmarks here. */
    openHome: HomeEnvironment['open'];
    /** Processors that a page may use at once. */
    readonly cores: number;
  };

/** Frames in, landmarks and pictures out, from start() to stop(). */
export class Session {
  private readonly connection: Connection;
  private readonly tally = new Tally();
  private readonly keeper: HomeKeeper;
  private readonly pictures: PictureSender;
  private readonly home: HomeSender;
  private readonly pacer = new Pacer(DEFAULT_GREETING.fps);
  private readonly now: () => number;
  private url = '';
  private greeting: Greeting = DEFAULT_GREETING;
  private mode: AnswerMode = 'landmarks';
  private quality: QualityChoice = 'auto';
  private visible = true;
  // Of this connection.
  private lastSentAt = 0;
  private lastHeardAt = 0;
  /** Choices of quality that the server has not answered yet. */
  private unansweredChoices = 0;
  /** What the server was told of this browser. */
  private toldCapable = false;

  /** `environment.now` is in ms and monotonic; `post` may be given what to transfer. */
  constructor(
    environment: SessionEnvironment,
    private readonly post: (message: FromWorker, transfer?: Transferable[]) => void,
  ) {
    this.now = () => environment.now();
    this.connection = new Connection(environment, {
      linkChanged: (link) => this.onLink(link),
      greeted: (greeting) => this.onGreeting(greeting),
      heard: () => {
        this.lastHeardAt = this.now();
      },
      received: (message) => this.onMessage(message),
      qualityAnswered: (answer) => this.onQualityAnswer(answer),
      invited: (words) => this.keeper.invited(words),
      practiceTold: (push) => this.post({ type: 'practice', push }),
    });
    this.keeper = new HomeKeeper(
      { ...environment, open: environment.openHome },
      {
        moved: (place) => this.onMoved(place),
        stands: (standing) => {
          this.tellCapable();
          this.post({ type: 'standing', standing });
        },
      },
    );
    const outbox = this.outbox();
    this.pictures = new PictureSender(outbox, this.tally, this.now);
    this.home = new HomeSender(this.keeper.engine, outbox, this.tally, this.now, {
      found: (answer, takenAt, tookMs) => this.onFoundHere(answer, takenAt, tookMs),
    });
  }

  start({
    url,
    mode,
    quality,
    place,
    measured,
    visible,
  }: Omit<Extract<ToWorker, { type: 'start' }>, 'type'>): void {
    this.tally.start();
    this.url = url;
    this.mode = mode;
    this.pictures.setMode(mode);
    this.quality = quality;
    this.visible = visible;
    this.keeper.start(place, quality, measured);
    this.turnTo(this.keeper.place);
    this.connection.start(this.address());
  }

  stop(): void {
    this.connection.stop();
    this.keeper.stop();
    this.turnTo(null);
  }

  setMode(mode: AnswerMode): void {
    this.mode = mode;
    this.pictures.setMode(mode);
  }

  setQuality(quality: QualityChoice): void {
    this.quality = quality;
    this.keeper.chooseQuality(quality);
    if (this.connection.isLive) this.askForQuality();
  }

  setPlace(choice: PlaceChoice): void {
    this.keeper.choose(choice);
  }

  tryHomeAgain(): void {
    this.keeper.tryAgain();
  }

  /** Landmarks that were found here are on the display. */
  drawn(takenAt: number): void {
    const now = this.now();
    if (this.keeper.place === 'home') this.tally.latency(now - takenAt, now);
  }

  /** Without a connection it is lost: the page asks again when there is one. */
  askPractice(control: PracticeControl): void {
    this.connection.send(practiceRequest(control));
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    if (!visible) this.home.dropWaiting();
  }

  retryNow(): void {
    this.connection.retryNow();
  }

  /** Takes a frame of the camera: uses it or leaves it out, and closes it in any case. */
  async offer(frame: Frame): Promise<void> {
    const takenAt = this.now();
    if (!this.visible) {
      frame.close();
      return;
    }
    await this.keeper.measure(frame);
    const { place } = this.keeper;
    if (!this.connection.isLive || place === null || !this.pacer.admit(takenAt)) {
      frame.close();
    } else if (place === 'home') {
      await this.home.offer(frame, takenAt, this.greeting);
    } else {
      await this.pictures.offer(frame, takenAt, this.greeting);
    }
  }

  /** To be called twice a second. */
  tick(): void {
    const now = this.now();
    this.tally.counts.failed += this.pictures.expire(now) + this.home.expire(now);
    this.keeper.tick(now);
    if (this.connection.isLive) {
      if (now - this.lastSentAt > KEEP_ALIVE_MS) {
        this.connection.send('{"type":"ping"}');
        this.lastSentAt = now;
      }
      // Every ping is answered as well.
      if (now - this.lastHeardAt > SILENCE_MS) this.connection.abandon('silent');
    }
    this.postStats(now);
  }

  private outbox(): Outbox {
    const { connection } = this;
    const send = (message: Uint8Array<ArrayBuffer>): void => {
      this.lastSentAt = this.now();
      connection.send(message);
    };
    return {
      get isLive() {
        return connection.isLive;
      },
      get isFull() {
        return connection.backlog > MOST_BACKLOG_BYTES;
      },
      send,
    };
  }

  private address(): string {
    return this.url + (this.keeper.sendsLandmarks ? LANDMARKS_QUERY : '');
  }

  private onMoved(place: Place | null): void {
    this.tally.moved();
    this.turnTo(place);
    // For the next connection; a server that had no room for pictures may have some for landmarks.
    if (this.connection.redirect(this.address())) this.connection.retryNow();
  }

  private turnTo(place: Place | null): void {
    this.pictures.turn(place === 'server');
    this.home.turn(place === 'home');
  }

  private tellCapable(): void {
    const { isCapable } = this.keeper;
    if (!this.connection.isLive || isCapable === this.toldCapable) return;
    this.toldCapable = isCapable;
    this.connection.send(homeRequest(isCapable));
  }

  private onLink(link: Link): void {
    if (link.state !== 'live') {
      this.pictures.reset();
      this.home.reset();
      this.tally.forget();
    }
    if (link.state === 'waiting' && link.reason === 'too_large') this.pictures.makeSmaller();
    this.post({ type: 'link', link });
    if (link.state === 'live') this.tellCapable();
    if (link.state === 'waiting' && link.reason === 'full') this.keeper.refused();
  }

  private onGreeting(greeting: Greeting): void {
    this.greeting = greeting;
    this.pacer.setRate(greeting.fps);
    this.tally.connected();
    this.lastSentAt = this.now();
    this.unansweredChoices = 0;
    this.toldCapable = false;
    // Before any frame: a server may take no pictures at all.
    this.keeper.greeted(greeting.pictures, greeting);
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
      this.tally.counts.failed += 1;
      return;
    }
    this.connection.worked();
    this.pacer.setRate(answer.advisedFps);
    this.tally.answered(answer);
    const latencyMs = this.pictures.answered(answer.frameNumber, now);
    this.home.answered(answer.frameNumber, now);
    // To landmarks the server has nothing to say, and to pictures of before a move it is too late.
    if (this.keeper.place !== 'server' || !this.tally.isOfHere(answer.frameNumber)) return;
    if (latencyMs !== null) this.tally.latency(latencyMs, now);
    this.tally.found(answer, now);
    if (answer.success) void this.show(answer, null);
    if (answer.refused) this.keeper.refused(answer.text);
    else this.keeper.pictureTaken();
  }

  private onFoundHere(answer: Answer, takenAt: number, tookMs: number): void {
    const now = this.now();
    this.keeper.found(tookMs, now);
    this.tally.found(answer, now, tookMs);
    void this.show(answer, takenAt);
  }

  private askForQuality(): void {
    this.connection.send(qualityRequest(this.quality));
    this.unansweredChoices += 1;
  }

  private onQualityAnswer(answer: QualityAnswer): void {
    this.unansweredChoices = Math.max(0, this.unansweredChoices - 1);
    // To a choice that was changed meanwhile there is nothing to say.
    if (this.unansweredChoices > 0) return;
    if (this.keeper.place === 'server') this.tally.chosen();
    // First that the quality shown counts no more: else it would look as if it were what is given.
    this.postStats(this.now());
    this.post({ type: 'quality', answer });
  }

  private async show({ found, landmarks, picture }: Answer, takenAt: number | null): Promise<void> {
    if (landmarks !== null && (takenAt !== null || this.mode === 'landmarks')) {
      const arrays = Object.values(landmarks) as Float32Array<ArrayBuffer>[];
      this.post(
        { type: 'landmarks', found, landmarks, takenAt },
        arrays.map((array) => array.buffer),
      );
    } else if (picture !== null && this.mode === 'picture') {
      const bitmap = await createImageBitmap(new Blob([picture], { type: 'image/jpeg' }));
      this.post({ type: 'picture', found, bitmap }, [bitmap]);
    }
  }

  private postStats(now: number): void {
    const stats = this.tally.stats(this.keeper.place, this.greeting.fps, now);
    this.post({ type: 'stats', stats });
  }
}
