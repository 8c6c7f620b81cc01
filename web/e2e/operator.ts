import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { CLIP, Visit } from './browser';
import { freePort, StorySign } from './server';

/** `storysign serve` with its admin listener and a state folder of its own. */
export class Operated {
  private readonly loads: ChildProcess[] = [];

  private constructor(
    readonly server: StorySign,
    readonly adminPort: number,
    private readonly folder: string,
  ) {}

  static async start(...settings: string[]): Promise<Operated> {
    const adminPort = await freePort();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'storysign-operator-'));
    const server = await StorySign.start(
      '--admin.enabled=true',
      `--admin.port=${adminPort}`,
      `--store.directory=${folder}`,
      '--performance.admission=false',
      ...settings,
    );
    return new Operated(server, adminPort, folder);
  }

  get dashboard(): string {
    return `http://127.0.0.1:${this.adminPort}/admin`;
  }

  get tokenFile(): string {
    return path.join(this.folder, 'admin.token');
  }

  get token(): string {
    return readFileSync(this.tokenFile, 'utf8').trim();
  }

  /** Asks the admin listener itself, beside the dashboard. */
  async ask(route: string, body?: object): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.adminPort}${route}`, {
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json' },
    });
    return answer.json();
  }

  /** Learners that send until the test ends. Without the clip of a signer they send a moving pattern. */
  load(clients: number, fps: number): void {
    const clip = existsSync(CLIP) ? CLIP : this.pattern();
    this.loads.push(
      spawn(
        path.resolve(process.env.STORYSIGN_BIN ?? ''),
        [
          ...['load', `ws://127.0.0.1:${this.server.port}/ws/video`],
          ...['--clients', String(clients), '--fps', String(fps), '--seconds', '600'],
          ...['--mode', 'landmarks', '--clip', clip],
        ],
        { stdio: 'ignore' },
      ),
    );
  }

  private pattern(): string {
    const file = path.join(this.folder, 'pattern.mp4');
    const made = ['-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=10:d=2', '-pix_fmt', 'yuv420p'];
    execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...made, file]);
    return file;
  }

  async endLoads(): Promise<void> {
    for (const load of this.loads.splice(0)) {
      if (load.exitCode !== null || load.signalCode !== null) continue;
      const ended = new Promise((done) => load.once('exit', done));
      load.kill('SIGKILL');
      await ended;
    }
  }

  async end(): Promise<void> {
    await this.endLoads();
    await this.server.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The dashboard in a browser. */
export class DashboardVisit {
  private constructor(readonly visit: Visit) {}

  static async open(
    browser: Browser,
    operated: Operated,
    options: Parameters<typeof Visit.open>[2] = {},
  ): Promise<DashboardVisit> {
    return new DashboardVisit(
      await Visit.open(browser, operated.dashboard, { ...options, place: null }),
    );
  }

  get page() {
    return this.visit.page;
  }

  /** Complaints of the browser, but for the answers that a test made the server refuse with. */
  get complaints(): string[] {
    return this.visit.complaints.filter((text) => !text.startsWith('Failed to load resource'));
  }

  async signIn(token: string): Promise<this> {
    await this.page.getByLabel('Token of the admin listener').fill(token);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    return this;
  }

  async live(): Promise<this> {
    await this.visit.until('[data-access="in"][data-link="live"]');
    return this;
  }

  rows(): Locator {
    return this.page.locator('tr[data-session]');
  }

  row(number: number): Locator {
    return this.page.locator(`tr[data-session="${number}"]`);
  }

  /** The numbers of the sessions in the table. */
  async numbers(): Promise<number[]> {
    const rows = await this.rows().all();
    const texts = await Promise.all(rows.map((row) => row.getAttribute('data-session')));
    return texts.map(Number);
  }

  tile(name: string): Locator {
    return this.page.locator(`[data-tile="${name}"]`);
  }

  points(chart: string): Promise<number> {
    return this.page.locator(`[data-chart="${chart}"]`).getAttribute('data-points').then(Number);
  }

  notice(tone: 'good' | 'bad', words: string): Locator {
    return this.page.locator(`.notice[data-tone="${tone}"]`, { hasText: words }).first();
  }
}
