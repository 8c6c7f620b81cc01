import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SHARED = process.env.STORYSIGN_SHARED_DATA_DIR ?? path.resolve(ROOT, '../shared/data');

/** A signer with both hands in the picture. */
export const CLIP = path.join(SHARED, 'clips/brother.mkv');

export interface Camera {
  file: string;
  remove(): void;
}

/** Chromium takes motion JPEG for a camera. The copy lies in a folder of its own, until remove(). */
export function makeCamera(): Camera {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'storysign-camera-'));
  const file = path.join(folder, 'signer.mjpeg');
  execFileSync('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-i', CLIP, '-an', '-q:v', '3', '-f', 'mjpeg', file],
  ]);
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface BrowserOptions {
  /** The file that plays the camera; without it the machine's own cameras count, if any. */
  camera?: string;
  /** Chromium's own moving pattern plays the camera. */
  pattern?: boolean;
  /** Whether the browser allows the camera by itself. */
  allowed: boolean;
  /** More of Chromium's flags. */
  flags?: readonly string[];
}

export async function launch(options: BrowserOptions): Promise<Browser> {
  const { camera, pattern, allowed } = options;
  const executablePath = process.env.STORYSIGN_CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    throw new Error(`There is no browser ${executablePath}; install Debian's package chromium.`);
  }
  const flags = ['--disable-gpu', ...(options.flags ?? [])];
  if (process.getuid?.() === 0) flags.push('--no-sandbox');
  if (allowed) flags.push('--use-fake-ui-for-media-stream');
  if (camera || pattern) flags.push('--use-fake-device-for-media-stream');
  if (camera) flags.push(`--use-file-for-fake-video-capture=${camera}`);
  return chromium.launch({ executablePath, args: flags });
}

export type VisitOptions = Parameters<Browser['newContext']>[0] & {
  /** Where hands are to be found; the server, unless a test is about something else. Null: nobody chose. */
  place?: 'auto' | 'home' | 'server' | null;
  /** Called with the page before it is opened. */
  prepare?: (page: Page) => Promise<void>;
};

/** A page with what it must not do written down: complaints of the browser, requests elsewhere. */
export class Visit {
  readonly complaints: string[] = [];
  readonly strangers: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  static async open(
    browser: Browser,
    url: string,
    { place = 'server', prepare, ...options }: VisitOptions = {},
  ): Promise<Visit> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    const page = await context.newPage();
    const visit = new Visit(context, page);
    const { origin } = new URL(url);
    context.on('request', (request) => {
      if (!request.url().startsWith(`${origin}/`)) visit.strangers.push(request.url());
    });
    page.on('console', (message) => {
      // TensorFlow Lite has one voice only, and tells with it which way it computes.
      if (message.text().startsWith('INFO: ')) return;
      if (message.type() === 'error' || message.type() === 'warning') {
        visit.complaints.push(message.text());
      }
    });
    page.on('pageerror', (error) => visit.complaints.push(error.message));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    if (place !== null) {
      await page.addInitScript((choice) => {
        const key = 'storysign.preferences';
        // What the learner chose later stays.
        if (localStorage.getItem(key) === null) {
          localStorage.setItem(key, JSON.stringify({ place: choice }));
        }
      }, place);
    }
    await prepare?.(page);
    await page.goto(url);
    await visit.main.waitFor();
    return visit;
  }

  get main(): Locator {
    return this.page.locator('main');
  }

  get button(): Locator {
    return this.page.locator('.main-button');
  }

  /** A data attribute of <main>. */
  async data(name: string): Promise<string | null> {
    return this.main.getAttribute(`data-${name}`);
  }

  /** Waits until <main> matches the selector of attributes. */
  async until(attributes: string): Promise<void> {
    await this.page.waitForSelector(`main${attributes}`, { timeout: 60_000 });
  }

  /** Waits until `count` more answers than now have come. */
  async moreAnswers(count: number): Promise<void> {
    const wanted = Number(await this.data('answers')) + count;
    await this.page.waitForFunction(
      (least) => Number(document.querySelector('main')?.dataset.answers) >= least,
      wanted,
      { timeout: 60_000 },
    );
  }

  async show(view: string): Promise<void> {
    await this.page.getByRole('radio', { name: view }).check();
  }

  /** Chooses a quality. */
  async choose(quality: string): Promise<void> {
    await this.page.getByLabel('Quality', { exact: true }).selectOption(quality);
  }

  /** Chooses where hands are found. */
  async findAt(place: string): Promise<void> {
    await this.page.getByRole('radio', { name: place, exact: true }).check();
  }

  /** The sentence about what is sent, and why. */
  async sentence(): Promise<string> {
    return (await this.page.locator('.sent').innerText()).replaceAll(/\s+/g, ' ').trim();
  }

  async overflows(): Promise<boolean> {
    return this.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth > clientWidth;
    });
  }

  /** How much of the canvas over the video is painted, from a height (0: top) down: 0 to 1. */
  async painted(from = 0): Promise<number> {
    return this.page.evaluate((begin) => {
      const canvas = document.querySelector('canvas');
      if (!canvas || canvas.width === 0) return 0;
      // Read from a copy: reading would change how the browser keeps the canvas itself.
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      const context = copy.getContext('2d', { willReadFrequently: true });
      if (!context) return 0;
      context.drawImage(canvas, 0, 0);
      const top = Math.floor(begin * canvas.height);
      const { data } = context.getImageData(0, top, canvas.width, canvas.height - top);
      let count = 0;
      for (let i = 3; i < data.length; i += 4) count += (data[i] ?? 0) > 128 ? 1 : 0;
      return (4 * count) / data.length;
    }, from);
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
