import type { FromHome, ToHome } from '../home/messages';
import type { EngineState } from '../place';
import type { Profile } from '../protocol';
import type { Frame } from './frame';

/** A frame that takes longer means that the worker is stuck: a phone that slept comes back sooner. */
export const STUCK_MS = 10_000;
/** So many frames in a row that fail are a worker that fails. */
const MOST_FAILURES = 3;

/** The part of a Worker that is used here. */
export interface HomePort {
  onmessage: ((event: { data: FromHome }) => void) | null;
  /** An error that nothing in the worker caught, or a program that could not be loaded: no message. */
  onerror: ((event: Pick<ErrorEvent, 'preventDefault'> & { message?: string }) => void) | null;
  postMessage(message: ToHome, transfer: Transferable[]): void;
  terminate(): void;
}

export interface HomeEnvironment {
  /** Throws where this browser has no workers inside workers. */
  open(): HomePort;
  now(): number;
  later(action: () => void, delayMs: number): number;
  cancel(timer: number): void;
}

export type FrameFacts = Omit<Extract<ToHome, { type: 'frame' }>, 'type' | 'frame'>;

export interface Tracked {
  /** A frame of landmarks, ready to send. */
  message: Uint8Array<ArrayBuffer>;
  /** Laid out as a server's answer. */
  answer: ArrayBuffer;
  /** From given away to found, ms: what there is to wait for. */
  tookMs: number;
}

/** The worker that finds landmarks in this browser, from load() to unload(). */
export class HomeEngine {
  private port: HomePort | null = null;
  private current: EngineState = { state: 'off' };
  /** Ends the wait for the frame that is at work, if there is one. */
  private settle: ((found: FromHome | null) => void) | null = null;
  private failures = 0;
  private profile: Profile | null = null;

  /** `changed` is called when there is another state. */
  constructor(
    private readonly environment: HomeEnvironment,
    private readonly changed: () => void,
  ) {}

  get state(): EngineState {
    return this.current;
  }

  /** Ready, and with no frame at work. */
  get isFree(): boolean {
    return this.current.state === 'ready' && this.settle === null;
  }

  load(): void {
    if (this.current.state !== 'off') return;
    this.failures = 0;
    this.profile = null;
    try {
      const port = this.environment.open();
      this.port = port;
      port.onmessage = ({ data }) => this.onMessage(data);
      port.onerror = (event) => {
        // Else it would go on to the page, as an error of the session's own worker.
        event.preventDefault();
        this.onError(event.message ?? '');
      };
      port.postMessage({ type: 'load' }, []);
      this.become({ state: 'loading', share: 0 });
    } catch (error) {
      this.become({ state: 'lacking', lack: 'engine', words: String(error) });
    }
  }

  /** Whatever came before, it can be loaded again. */
  unload(): void {
    this.close();
    if (this.current.state !== 'off') this.become({ state: 'off' });
  }

  /** Null: as it goes best. */
  setProfile(profile: Profile | null): void {
    if (profile === this.profile || this.current.state !== 'ready') return;
    this.profile = profile;
    this.port?.postMessage({ type: 'quality', profile }, []);
  }

  /** The next frame has nothing to do with those before. */
  reset(): void {
    if (this.current.state === 'ready') this.port?.postMessage({ type: 'reset' }, []);
  }

  /** Takes the frame, which is to be offered only while this is free. Null: nothing came of it. */
  async find(frame: Frame, facts: FrameFacts): Promise<Tracked | null> {
    const { port } = this;
    if (port === null || !this.isFree) {
      frame.close();
      return null;
    }
    const beganAt = this.environment.now();
    const found = await new Promise<FromHome | null>((resolve) => {
      const stuck = this.environment.later(() => this.fail('It is stuck.'), STUCK_MS);
      this.settle = (message) => {
        this.environment.cancel(stuck);
        this.settle = null;
        resolve(message);
      };
      port.postMessage({ type: 'frame', frame, ...facts }, [frame]);
    });
    if (found?.type !== 'tracked') return null;
    const { message, answer } = found;
    return { message, answer, tookMs: this.environment.now() - beganAt };
  }

  private onMessage(message: FromHome): void {
    switch (message.type) {
      case 'progress': {
        if (this.current.state !== 'loading') break;
        const { loadedBytes, totalBytes } = message;
        const share = totalBytes > 0 ? Math.min(1, loadedBytes / totalBytes) : 0;
        this.become({ state: 'loading', share });
        break;
      }
      case 'ready':
        this.become({ state: 'ready', threads: message.threads });
        break;
      case 'unavailable':
        this.close();
        this.become({ state: 'lacking', lack: message.lack, words: message.words });
        break;
      case 'tracked':
        this.failures = 0;
        this.settle?.(message);
        break;
      case 'failed':
        this.failures += 1;
        if (this.failures >= MOST_FAILURES) this.fail(message.words);
        else this.settle?.(message);
        break;
    }
  }

  private onError(words: string): void {
    if (this.current.state === 'ready') return this.fail(words);
    this.close();
    const lack = words === '' ? 'download' : 'engine';
    this.become({ state: 'lacking', lack, words });
  }

  private fail(words: string): void {
    this.close();
    this.become({ state: 'failed', words });
  }

  private close(): void {
    if (this.port !== null) {
      this.port.onmessage = null;
      this.port.onerror = null;
      this.port.terminate();
    }
    this.port = null;
    this.settle?.(null);
  }

  private become(state: EngineState): void {
    this.current = state;
    this.changed();
  }
}
