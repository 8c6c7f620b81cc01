import { Backoff, RECONNECT_LIMITS } from '../backoff';
import { type Greeting, readControl, resumeRequest } from '../control';
import type { Link, LossReason } from '../messages';
import type { PracticePush } from '../practice/messages';
import { SUBPROTOCOL } from '../protocol';
import type { QualityAnswer } from '../quality';

/** Given up on a server that says nothing for so long after a connection was begun. */
export const GREETING_TIMEOUT_MS = 8000;
/** Of the server's own words, what fits on the stage of a small display. */
const MOST_WORDS = 240;
/** A server that is full or refused us is not asked again at once. */
const PATIENT_FLOOR_MS = 3000;

/** The part of a WebSocket that is used here. */
export type Socket = Pick<
  WebSocket,
  'binaryType' | 'bufferedAmount' | 'onmessage' | 'onclose' | 'send' | 'close'
>;

export interface Environment {
  open(url: string, protocol: string): Socket;
  later(action: () => void, delayMs: number): number;
  cancel(timer: number): void;
  random(): number;
}

export interface ConnectionListener {
  linkChanged(link: Link): void;
  greeted(greeting: Greeting): void;
  /** Called for every message, before anything else. */
  heard(): void;
  received(message: ArrayBuffer): void;
  /** The server's answer to a choice of quality. */
  qualityAnswered(answer: QualityAnswer): void;
  /** The server asks to find the landmarks here, in its words. */
  invited(words: string): void;
  /** The server tells something about practice. */
  practiceTold(push: PracticePush): void;
}

/**
 * A connection that comes back by itself, from start() to stop(). It is live from the server's
 * greeting on; every attempt that ends otherwise is followed by another one after a while.
 */
export class Connection {
  private url: string | null = null;
  private socket: Socket | null = null;
  private live = false;
  private timer: number | null = null;
  /** What is known about the coming end of this connection before it ends. */
  private foretold: LossReason | null = null;
  /** The same in the server's words, as far as they help who waits. */
  private foretoldWords = '';
  /** The session that this is, or was until the connection broke; empty: none yet. */
  private sessionId = '';
  /** The session that the server has begun for this connection. */
  private freshId = '';
  private readonly backoff: Backoff;

  constructor(
    private readonly environment: Environment,
    private readonly listener: ConnectionListener,
  ) {
    this.backoff = new Backoff(RECONNECT_LIMITS, () => environment.random());
  }

  start(url: string): void {
    this.stop();
    this.url = url;
    this.sessionId = '';
    this.backoff.reset();
    this.connect();
  }

  stop(): void {
    this.clearTimer();
    this.dropSocket();
    if (this.url === null) return;
    this.url = null;
    this.listener.linkChanged({ state: 'closed' });
  }

  /** Where the next attempt goes; the session stays the same. True if that is another address. */
  redirect(url: string): boolean {
    if (this.url === null || this.url === url) return false;
    this.url = url;
    return true;
  }

  /** Ends a waiting time: there is news that make another attempt worth while. */
  retryNow(): void {
    if (this.url === null || this.socket !== null) return;
    this.clearTimer();
    this.connect();
  }

  /** The server took part long enough for the next loss to count as the first. */
  worked(): void {
    this.backoff.reset();
  }

  /** Ends this connection, which is of no use any more, and begins another one later. */
  abandon(reason: LossReason): void {
    if (this.socket === null) return;
    this.dropSocket();
    this.wait(reason);
  }

  get isLive(): boolean {
    return this.live;
  }

  /** Bytes handed to send() that have not left yet. */
  get backlog(): number {
    return this.socket?.bufferedAmount ?? 0;
  }

  /** The bytes are copied. Nothing is sent unless the connection is live. */
  send(data: string | ArrayBufferView<ArrayBuffer>): void {
    if (this.live) this.socket?.send(data);
  }

  private connect(): void {
    if (this.url === null) return;
    this.listener.linkChanged({ state: 'connecting' });
    this.foretold = null;
    this.foretoldWords = '';
    const socket = this.environment.open(this.url, SUBPROTOCOL);
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onmessage = (event) => this.onMessage(event.data);
    socket.onclose = (event) => this.onClose(event.code);
    this.timer = this.environment.later(() => this.abandon('silent'), GREETING_TIMEOUT_MS);
  }

  private onMessage(data: unknown): void {
    this.listener.heard();
    if (data instanceof ArrayBuffer) {
      if (this.live) this.listener.received(data);
      return;
    }
    const control = readControl(String(data));
    if (control.type === 'greeting' && !this.live) {
      this.clearTimer();
      this.live = true;
      const asks = this.enterSession(control.sessionId);
      this.listener.greeted(control.greeting);
      this.listener.linkChanged({ state: 'live' });
      if (!asks) this.listener.practiceTold({ type: 'joined', session: null });
    } else if (control.type === 'resumed' && this.live) {
      this.sessionId = control.sessionId || this.freshId;
      this.listener.practiceTold({ type: 'joined', session: control.practice });
    } else if (control.type === 'shutdown') {
      this.foretold = 'restarting';
    } else if (control.type === 'error') {
      this.foretold = reasonOfError(control.code) ?? this.foretold;
      if (this.foretold === 'full') this.foretoldWords = control.message.slice(0, MOST_WORDS);
    } else if (control.type === 'quality' && this.live) {
      this.listener.qualityAnswered(control.answer);
    } else if (control.type === 'invitation' && this.live) {
      this.listener.invited(control.words.slice(0, MOST_WORDS));
    } else if (control.type === 'practice' && this.live) {
      this.listener.practiceTold(control.push);
    }
  }

  /**
   * The session before stays the one to go on with until the server says that there is none.
   * True if the server is asked for it.
   */
  private enterSession(fresh: string): boolean {
    this.freshId = fresh;
    const asks = this.sessionId !== '' && fresh !== '';
    if (asks) this.send(resumeRequest(this.sessionId));
    else if (this.sessionId === '') this.sessionId = fresh;
    return asks;
  }

  private onClose(code: number): void {
    const reason = reasonOfClose(code) ?? this.foretold ?? (this.live ? 'lost' : 'unreachable');
    this.dropSocket();
    this.wait(reason, reason === 'full' ? this.foretoldWords : '');
  }

  private wait(reason: LossReason, words = ''): void {
    this.clearTimer();
    const patient = reason === 'full' || reason === 'refused';
    const delayMs = this.backoff.next(patient ? PATIENT_FLOOR_MS : 0);
    this.timer = this.environment.later(() => {
      this.timer = null;
      this.connect();
    }, delayMs);
    this.listener.linkChanged({ state: 'waiting', reason, words, delayMs });
  }

  private dropSocket(): void {
    const socket = this.socket;
    this.socket = null;
    this.live = false;
    if (socket === null) return;
    // From here on nobody wants to hear of it: a late event must not end its successor.
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(1000);
  }

  private clearTimer(): void {
    if (this.timer !== null) this.environment.cancel(this.timer);
    this.timer = null;
  }
}

function reasonOfClose(code: number): LossReason | null {
  switch (code) {
    case 1001:
    case 1012:
      return 'restarting';
    case 1013:
      return 'full';
    case 1008:
      return 'refused';
    case 1009:
      return 'too_large';
    default:
      return null;
  }
}

/** Errors that the server sends before it closes. Others concern one message only. */
function reasonOfError(code: string): LossReason | null {
  switch (code) {
    case 'SERVER_FULL':
      return 'full';
    case 'RATE_LIMITED':
    case 'TOO_MANY_ERRORS':
      return 'refused';
    case 'MESSAGE_TOO_LARGE':
      return 'too_large';
    default:
      return null;
  }
}
