/** What the tests of a session need instead of a browser: sockets, timers, frames, and a worker at home. */

import { vi } from 'vitest';
import type { FromHome, HomeLack, ToHome } from '../src/home/messages';
import type { FromWorker, Stats } from '../src/messages';
import { type Measured, noStanding, type PlaceChoice, type Standing } from '../src/place';
import type { Socket } from '../src/worker/connection';
import type { Frame } from '../src/worker/frame';
import type { HomePort } from '../src/worker/home_engine';
import { Session } from '../src/worker/session';

/** An answer that is whole, with nothing in it but what is asked for. */
export function answerOf(
  frameNumber: number,
  { isSomebodyThere = true, error = 0, text = '', profile = 2, reason = 0 } = {},
): ArrayBuffer {
  const words = new TextEncoder().encode(text);
  const view = new DataView(new ArrayBuffer(64 + words.length + (isSomebodyThere ? 264 : 0)));
  const section = isSomebodyThere ? 264 : 0;
  view.setUint8(0, 1);
  view.setUint8(1, 129);
  view.setUint16(2, (error === 0 ? 1 : 0) | 2 | 128 | (isSomebodyThere ? 4 : 0), true);
  view.setUint32(4, frameNumber, true);
  view.setUint8(24, profile);
  view.setUint8(26, 30);
  view.setUint8(27, error);
  view.setUint8(57, reason);
  view.setUint16(58, section, true);
  view.setUint16(60, words.length, true);
  new Uint8Array(view.buffer).set(words, 64 + section);
  return view.buffer;
}

export class FakeSocket {
  binaryType = '';
  bufferedAmount = 0;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly texts: string[] = [];
  /** Binary messages. */
  readonly frames: Uint8Array[] = [];

  constructor(readonly url: string) {}

  send(data: string | Uint8Array): void {
    if (typeof data === 'string') this.texts.push(data);
    else this.frames.push(data.slice());
  }

  close(): void {}

  say(message: object | ArrayBuffer): void {
    this.onmessage?.({ data: message instanceof ArrayBuffer ? message : JSON.stringify(message) });
  }

  greet(pictures: 'allowed' | 'never' = 'allowed'): void {
    const info = { frame: { width: 640, height: 480, fps: 30 }, pictures };
    this.say({ type: 'connection_established', session_id: 'an id', server_info: info });
  }

  kinds(): number[] {
    return this.frames.map((frame) => frame[1] ?? 0);
  }

  numbers(): number[] {
    return this.frames.map((frame) => new DataView(frame.buffer).getUint32(4, true));
  }
}

/** The worker at home, answering when it is told to. */
export class FakeHome implements HomePort {
  onmessage: HomePort['onmessage'] = null;
  onerror: HomePort['onerror'] = null;
  readonly heard: ToHome[] = [];
  isTerminated = false;

  postMessage(message: ToHome): void {
    this.heard.push(message);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  say(message: FromHome): void {
    this.onmessage?.({ data: message });
  }

  /** Empty: the program could not be loaded. Whether somebody took care of it. */
  fall(message = ''): boolean {
    let isHandled = false;
    this.onerror?.({ message, preventDefault: () => void (isHandled = true) });
    return isHandled;
  }

  ready(): void {
    this.say({ type: 'ready', threads: 2 });
  }

  lack(lack: HomeLack): void {
    this.say({ type: 'unavailable', lack, words: 'No.' });
  }

  get frames(): Extract<ToHome, { type: 'frame' }>[] {
    return this.heard.filter((message) => message.type === 'frame');
  }

  /** Finds the landmarks of the last frame. */
  find(what: Parameters<typeof answerOf>[1] = {}): void {
    const number = this.frames.at(-1)?.number ?? 0;
    const message = new Uint8Array(100);
    message.set([1, 2]);
    new DataView(message.buffer).setUint32(4, number, true);
    this.say({ type: 'tracked', message, answer: answerOf(number, what), serviceMs: 1 });
  }

  profiles(): unknown[] {
    return this.heard.flatMap((message) => (message.type === 'quality' ? [message.profile] : []));
  }
}

export class FakeFrame {
  readonly displayWidth = 640;
  readonly displayHeight = 480;
  readonly copies: FakeFrame[] = [];
  isClosed = false;

  clone(): FakeFrame {
    const copy = new FakeFrame();
    this.copies.push(copy);
    return copy;
  }

  close(): void {
    this.isClosed = true;
  }
}

/** A picture that is made as soon as the test says so. */
let finishPicture: ((value: unknown) => void)[] = [];

class FakeCanvas {
  getContext() {
    return { drawImage: () => undefined };
  }

  async convertToBlob() {
    await new Promise((resolve) => finishPicture.push(resolve));
    return new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0xd9])]);
  }
}

/** A session with everything about it. */
export class Bench {
  now = 1000;
  readonly sockets: FakeSocket[] = [];
  readonly homes: FakeHome[] = [];
  readonly posts: FromWorker[] = [];
  readonly offered: FakeFrame[] = [];
  readonly session: Session;
  private timers = new Map<number, { action: () => void; at: number }>();
  private timer = 0;

  constructor({ cores = 4, hasWorkers = true } = {}) {
    finishPicture = [];
    vi.stubGlobal('OffscreenCanvas', FakeCanvas);
    this.session = new Session(
      {
        open: (url) => {
          this.sockets.push(new FakeSocket(url));
          return this.socket as unknown as Socket;
        },
        later: (action, delayMs) => {
          this.timer += 1;
          this.timers.set(this.timer, { action, at: this.now + delayMs });
          return this.timer;
        },
        cancel: (timer) => void this.timers.delete(timer),
        random: () => 0,
        now: () => this.now,
        openHome: () => {
          if (!hasWorkers) throw new Error('There are no workers in workers.');
          this.homes.push(new FakeHome());
          return this.home;
        },
        cores,
      },
      (message) => void this.posts.push(message),
    );
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1) as FakeSocket;
  }

  get home(): FakeHome {
    return this.homes.at(-1) as FakeHome;
  }

  get standing(): Standing {
    const last = this.posts.filter((post) => post.type === 'standing').at(-1);
    return last?.standing ?? noStanding('auto', { pictures: 'unknown', measured: null });
  }

  get stats(): Stats {
    this.session.tick();
    const last = this.posts.filter((post) => post.type === 'stats').at(-1);
    if (last === undefined) throw new Error('There are no stats.');
    return last.stats;
  }

  start(place: PlaceChoice, measured: Measured | null = null): void {
    const url = 'ws://here/ws/video';
    const rest = { mode: 'landmarks', quality: 'auto', visible: true } as const;
    this.session.start({ url, place, measured, ...rest });
  }

  /** Lets time pass, with what was to happen in it. */
  pass(ms: number): void {
    this.now += ms;
    for (const [id, { action, at }] of [...this.timers]) {
      if (at > this.now || !this.timers.delete(id)) continue;
      action();
    }
  }

  /** The camera has another frame, 40 ms after the last one. */
  async offer(): Promise<FakeFrame> {
    this.pass(40);
    const frame = new FakeFrame();
    this.offered.push(frame);
    void this.session.offer(frame as unknown as Frame);
    await settled();
    return frame;
  }

  /** A frame of the camera that becomes a picture. */
  async offerPicture(): Promise<void> {
    await this.offer();
    await this.finishPictures();
  }

  async finishPictures(): Promise<void> {
    for (const finish of finishPicture.splice(0)) finish(null);
    await settled();
  }

  /** A frame of the camera whose landmarks are found at home. */
  async offerHome(tookMs = 20): Promise<void> {
    await this.offer();
    this.pass(tookMs);
    this.home.find();
    await settled();
  }

  /** The measurement of this browser, with frames that take so long. */
  async measure(tookMs: number | ((profile: unknown) => number)): Promise<void> {
    for (let i = 0; i < 500 && this.standing.why === 'measuring'; ++i) {
      await this.offer();
      this.pass(typeof tookMs === 'number' ? tookMs : tookMs(this.home.profiles().at(-1)));
      this.home.find();
      await this.finishPictures();
      const [number] = this.socket.numbers().slice(-1);
      if (number !== undefined) this.socket.say(answerOf(number));
    }
  }
}

/** Whatever is settled has been heard of. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
