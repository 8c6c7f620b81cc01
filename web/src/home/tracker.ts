/** Loads what finds landmarks on this device, and lets it find them. */

import { type Profile, PROFILES } from '../protocol';
import { missing, threadsFor, wordsFor } from './ability';
import type { HomeUrls } from './urls';
import { download, DownloadError } from './download';
import { Engine } from './engine';
import type { FromHome, HomeLack, ToHome } from './messages';
import { PixelReader } from './pixels';
import { Program } from './program';

export type Post = (message: FromHome, transfer?: Transferable[]) => void;

export interface Surroundings {
  wasm: typeof WebAssembly | undefined;
  /** crossOriginIsolated. */
  isIsolated: boolean;
  readonly processors: number;
  /** In ms, monotonic. */
  now(): number;
}

/** Of one worker; driven by its messages. */
export class HomeTracker {
  private program: Program | null = null;
  private readonly pixels = new PixelReader();
  private loading = false;
  /** What was chosen, also before there is a program. */
  private profile: Profile | null = null;

  constructor(
    private readonly urls: HomeUrls,
    private readonly surroundings: Surroundings,
    private readonly post: Post,
  ) {}

  async handle(message: ToHome): Promise<void> {
    switch (message.type) {
      case 'load':
        await this.load();
        break;
      case 'frame':
        this.track(message);
        break;
      case 'quality':
        this.profile = message.profile;
        this.choose();
        break;
      case 'reset':
        this.program?.reset();
        break;
    }
  }

  private async load(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    const lack = missing(this.surroundings.wasm);
    if (lack !== null) {
      this.giveUp(lack);
      return;
    }
    try {
      const threads = threadsFor(this.surroundings.isIsolated, this.surroundings.processors);
      await this.fetchAndBegin(threads);
      this.post({ type: 'ready', threads });
    } catch (error) {
      console.warn(error);
      this.giveUp(error instanceof DownloadError ? 'download' : 'engine');
    }
  }

  private async fetchAndBegin(threads: number): Promise<void> {
    const { urls } = this;
    const engineUrls = threads > 1 ? urls.threadedEngine : urls.engine;
    const names = Object.keys(urls.models);
    const [code, engineCode, ...models] = await download(
      [urls.program, engineUrls.code, ...Object.values(urls.models)],
      (loadedBytes, totalBytes) => this.post({ type: 'progress', loadedBytes, totalBytes }),
    );
    if (code === undefined || engineCode === undefined)
      throw new DownloadError('Files are missing.');
    const byName = new Map(models.map((model, i) => [names[i] ?? '', model]));
    const engine = await Engine.create(engineUrls, engineCode, threads, byName);
    const program = await Program.create(code, engine, () => this.surroundings.now());
    if (!engine.warm()) throw new Error('A network does not run.');
    // The engine has copies of its own.
    byName.clear();
    this.program = program;
    this.choose();
  }

  private choose(): void {
    this.program?.choose(this.profile === null ? null : PROFILES.indexOf(this.profile));
  }

  private giveUp(lack: HomeLack): void {
    this.post({ type: 'unavailable', lack, words: wordsFor(lack) });
  }

  private track(message: Extract<ToHome, { type: 'frame' }>): void {
    const begin = this.surroundings.now();
    try {
      const { data, width, height } = this.pixels.read(message.frame, message);
      if (this.program === null) throw new Error('The tracker is not loaded yet.');
      const { number, captureTimeUs, latencyUs, dropped } = message;
      const tracked = this.program.track(data, width, height, {
        number,
        captureTimeUs,
        latencyUs,
        dropped,
        spentUs: (this.surroundings.now() - begin) * 1000,
      });
      const serviceMs = this.surroundings.now() - begin;
      this.post({ type: 'tracked', ...tracked, serviceMs }, [
        tracked.message.buffer,
        tracked.answer,
      ]);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.post({ type: 'failed', words });
    }
  }
}
