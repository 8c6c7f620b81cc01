import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { withoutCompiling, withPoolOf } from '../engine/glue';
import { missing, threadsFor, wordsFor } from '../src/home/ability';
import { download, DownloadError } from '../src/home/download';
import type { FromHome, ToHome } from '../src/home/messages';
import { HomeTracker, type Surroundings } from '../src/home/tracker';
import type { HomeUrls } from '../src/home/urls';

describe('what a browser can do', () => {
  it('knows WebAssembly and SIMD', () => {
    expect(missing(undefined)).toBe('webassembly');
    expect(missing({ validate: () => false })).toBe('simd');
    // Node has both; a probe that no engine takes would refuse every browser.
    expect(missing(WebAssembly)).toBe(null);
  });

  it('asks with a program that is valid but for SIMD', () => {
    let asked: Uint8Array | null = null;
    missing({
      validate: (bytes) => {
        asked = new Uint8Array(bytes as ArrayBuffer);
        return true;
      },
    });
    const probe = asked as unknown as Uint8Array<ArrayBuffer>;
    expect(WebAssembly.validate(probe)).toBe(true);
    // i8x16.splat is the only vector in it: the same with two plain instructions has none.
    const splat = probe.indexOf(0xfd);
    expect(splat).toBeGreaterThan(0);
    const plain = probe.slice();
    plain.set([0x1a, 0x01], splat); // drop, nop
    plain[splat + 2] = 0x01;
    expect(WebAssembly.validate(plain)).toBe(true);
  });

  it('uses a second thread where page and camera leave a processor for it, on an isolated page', () => {
    expect(threadsFor(true, 8)).toBe(2);
    expect(threadsFor(true, 4)).toBe(2);
    expect(threadsFor(true, 2)).toBe(1);
    expect(threadsFor(false, 8)).toBe(1);
  });

  it('says one sentence for each lack', () => {
    const lacks = ['webassembly', 'simd', 'download', 'engine'] as const;
    const words = lacks.map(wordsFor);
    expect(new Set(words).size).toBe(lacks.length);
    for (const sentence of words) expect(sentence).toMatch(/^[A-Z][^.]*\.$/);
  });
});

describe('downloads', () => {
  const files: Record<string, number[]> = { '/a': [1, 2, 3], '/b': [4], '/c': [] };
  const fetcher = ((url: string, init: RequestInit = {}) => {
    const bytes = files[url];
    if (bytes === undefined) return Promise.resolve(new Response('', { status: 404 }));
    const body = init.method === 'HEAD' ? null : Uint8Array.from(bytes);
    return Promise.resolve(
      new Response(body, { headers: { 'content-length': `${bytes.length}` } }),
    );
  }) as typeof fetch;

  it('gives contents in order, and one progress', async () => {
    const told: [number, number][] = [];
    const contents = await download(['/b', '/c', '/a'], (...bytes) => told.push(bytes), fetcher);
    expect(contents.map((bytes) => [...bytes])).toEqual([[4], [], [1, 2, 3]]);
    expect(told[0]).toEqual([0, 4]);
    expect(told.at(-1)).toEqual([4, 4]);
    expect(told.every(([, total]) => total === 4)).toBe(true);
  });

  it('fails with a DownloadError whatever the reason', async () => {
    const nothing = () => undefined;
    await expect(download(['/a', '/none'], nothing, fetcher)).rejects.toBeInstanceOf(DownloadError);
    const offline = (() => Promise.reject(new TypeError('offline'))) as typeof fetch;
    await expect(download(['/a'], nothing, offline)).rejects.toBeInstanceOf(DownloadError);
    const breaks = ((_: string, init: RequestInit = {}) => {
      const body = new ReadableStream({ start: (stream) => stream.error(new Error('cut')) });
      return Promise.resolve(
        new Response(init.method === 'HEAD' ? null : body, { headers: { 'content-length': '3' } }),
      );
    }) as typeof fetch;
    await expect(download(['/a'], nothing, breaks)).rejects.toBeInstanceOf(DownloadError);
  });
});

describe("the engine's glue", () => {
  const folder = path.resolve(import.meta.dirname, '../node_modules/@tensorflow/tfjs-tflite/wasm');
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
  const plain = read('tflite_web_api_cc_simd.js');
  const threaded = read('tflite_web_api_cc_simd_threaded.js');

  it('compiles no text afterwards', () => {
    for (const glue of [plain, threaded]) {
      expect(glue).toMatch(/new Function|new_\(Function/);
      expect(withoutCompiling(glue)).not.toMatch(/new Function|new_\(Function|\beval\(/);
    }
  });

  it('keeps as many threads as it is told', () => {
    expect(withPoolOf(threaded)).toContain('pthreadPoolSize=Module["pthreadPoolSize"]');
  });

  it('is not taken if it is another than expected', () => {
    expect(() => withoutCompiling('var nothing;')).toThrow('web/engine/glue.ts');
    expect(() =>
      withoutCompiling(plain.replace('function extendError(', 'function other(')),
    ).toThrow();
    expect(() => withoutCompiling(`${plain}new Function("1");`)).toThrow('still compiles');
    expect(() => withPoolOf(plain)).toThrow('threads');
  });
});

describe('the worker', () => {
  const ENGINE = { glue: '/glue.js', code: '/engine.wasm', thread: null };
  const URLS: HomeUrls = {
    program: '/home.wasm',
    engine: ENGINE,
    threadedEngine: ENGINE,
    models: { 'a.tflite': '/a.tflite' },
  };

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  function start(changes: Partial<Surroundings> = {}) {
    vi.stubGlobal(
      'OffscreenCanvas',
      class {
        width = 16;
        height = 16;
        getContext = () => ({
          drawImage: () => undefined,
          getImageData: (_x: number, _y: number, width: number, height: number) => ({
            data: new Uint8ClampedArray(4 * width * height),
            width,
            height,
          }),
        });
      },
    );
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const said: FromHome[] = [];
    const surroundings = { wasm: WebAssembly, isIsolated: false, processors: 2, now: () => 0 };
    const tracker = new HomeTracker(URLS, { ...surroundings, ...changes }, (message) => {
      said.push(message);
    });
    return { said, tell: (message: ToHome) => tracker.handle(message) };
  }

  it('says once what is missing, and fetches nothing then', async () => {
    const fetched = vi.fn(() => Promise.reject(new Error('nothing is to be fetched')));
    vi.stubGlobal('fetch', fetched);
    for (const [wasm, lack] of [
      [undefined, 'webassembly'],
      [{ validate: () => false } as unknown as typeof WebAssembly, 'simd'],
    ] as const) {
      const { said, tell } = start({ wasm });
      await tell({ type: 'load' });
      await tell({ type: 'load' });
      expect(said).toEqual([{ type: 'unavailable', lack, words: wordsFor(lack) }]);
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  it('says that files did not come', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 503 })));
    const { said, tell } = start();
    await tell({ type: 'load' });
    expect(said.at(-1)).toMatchObject({ type: 'unavailable', lack: 'download' });
  });

  it('says that an engine did not start', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('no engine')));
    const { said, tell } = start();
    await tell({ type: 'load' });
    expect(said.at(-1)).toMatchObject({ type: 'unavailable', lack: 'engine' });
    expect(said.some((message) => message.type === 'progress')).toBe(true);
  });

  it('closes and answers a frame that comes too early', async () => {
    const { said, tell } = start();
    const frame = { width: 64, height: 48, close: vi.fn() };
    await tell({
      ...{ type: 'frame', frame: frame as unknown as ImageBitmap, number: 1, captureTimeUs: 1 },
      ...{ latencyUs: 0, dropped: 0, width: 64, height: 48 },
    });
    await tell({ type: 'quality', profile: 'balanced' });
    await tell({ type: 'reset' });
    expect(frame.close).toHaveBeenCalledOnce();
    expect(said).toEqual([{ type: 'failed', words: 'The tracker is not loaded yet.' }]);
  });
});
