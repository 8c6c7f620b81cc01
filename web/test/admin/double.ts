import { Api } from '../../src/admin/api';
import { Board } from '../../src/admin/board';
import { TokenKeeper } from '../../src/admin/token';
import {
  type HistoryAnswer,
  type Overview,
  type Session,
  seriesNames,
} from '../../src/admin/types';

export const TOKEN = 'a-token';

export interface Request {
  method: string;
  path: string;
  body: unknown;
}

/** What the made-up server says: a status with a body, or null for no answer at all. */
export type Reply = { status: number; body: unknown } | null;

export const overview: Overview = {
  version: '1.2.3',
  timestamp: '2026-01-01T00:00:00Z',
  uptime_seconds: 10,
  ready: true,
  draining: false,
  sessions: 1,
  capacity_learners: 4,
  workers: { count: 2, busy: 1, configured: 0 },
  cpu_percent: 40,
  memory_bytes: 1e8,
  memory_percent: 1,
  quality: {
    ceiling: 3,
    reason: 'start',
    advised_fps_at_most: 30,
    utilisation: 0.5,
    profile_for_all: null,
    frame_skip_for_all: null,
  },
  latency_ms: { p50: 30, p95: 50, p99: 60 },
  frames_per_second: {
    received: 10,
    inferred: 5,
    propagated: 5,
    replaced: 0,
    expired: 0,
    rejected: 0,
  },
  drop_rate: 0,
  alerts: { warning: 0, critical: 0 },
};

export const session = { number: 7, client_id: 'client_7' } as Session;

/** An answer of /api/history: `values` are those of every series, one a second from `first` on. */
export function historyOf(first: number, values: (number | null)[]): HistoryAnswer {
  return {
    interval_seconds: 1,
    times: values.map((_, i) => first + i),
    series: Object.fromEntries(
      seriesNames.map((name) => [name, [...values]]),
    ) as HistoryAnswer['series'],
  };
}

/** A board with a server, a clock and a tab of its own. */
export class World {
  nowMs = 1_000_000;
  readonly requests: Request[] = [];
  readonly kept = new Map<string, string>();
  /** By path without the query; a path that is missing gets 404. */
  readonly replies = new Map<string, Reply>([
    ['/api/overview', { status: 200, body: overview }],
    ['/api/history', { status: 200, body: historyOf(100, [1, 2, 3]) }],
    ['/api/sessions', { status: 200, body: { sessions: [session] } }],
    ['/api/alerts', { status: 200, body: { alerts: [] } }],
    ['/api/log', { status: 200, body: { levels: { all: 'info' } } }],
  ]);
  private timers: { action: () => void; delayMs: number }[] = [];
  readonly board: Board;

  constructor(kept: string | null = null) {
    if (kept !== null) this.kept.set('storysign.admin.token', kept);
    this.board = new Board({
      api: (token) => new Api(token, (url, options) => this.answer(url, options)),
      tokens: new TokenKeeper({
        getItem: (key) => this.kept.get(key) ?? null,
        setItem: (key, value) => void this.kept.set(key, value),
        removeItem: (key) => void this.kept.delete(key),
      }),
      now: () => this.nowMs,
      later: (action, delayMs) => {
        const timer = { action, delayMs };
        this.timers.push(timer);
        return () => {
          this.timers = this.timers.filter((other) => other !== timer);
        };
      },
    });
  }

  get state() {
    return this.board.store.value;
  }

  get paths(): string[] {
    return this.requests.map(({ path }) => path);
  }

  get waiting(): number {
    return this.timers.length;
  }

  /** All replies become `reply`; returns how to take that back. */
  all(reply: Reply): () => void {
    const before = new Map(this.replies);
    for (const path of before.keys()) this.replies.set(path, reply);
    return () => {
      for (const [path, old] of before) this.replies.set(path, old);
    };
  }

  /** Lets everything that is under way come to its end. */
  async settle(): Promise<void> {
    for (let i = 0; i < 50; ++i) await Promise.resolve();
    await new Promise((done) => setImmediate(done));
  }

  async signedIn(): Promise<this> {
    this.board.signIn(TOKEN);
    await this.settle();
    return this;
  }

  /** Runs the timers that are due within so many milliseconds. */
  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    const due = this.timers.filter(({ delayMs }) => delayMs <= ms);
    this.timers = this.timers.filter(({ delayMs }) => delayMs > ms);
    for (const { action } of due) action();
    await this.settle();
  }

  private async answer(url: string, options: RequestInit): Promise<Response> {
    const { method = 'GET', body } = options;
    const text = typeof body === 'string' ? (JSON.parse(body) as unknown) : null;
    this.requests.push({ method, path: url, body: text });
    const headers = options.headers as Record<string, string>;
    if (headers.Authorization !== `Bearer ${TOKEN}`) {
      return Response.json({ error: 'The token is in /state/admin.token.' }, { status: 401 });
    }
    const path = url.split('?')[0] ?? '';
    const reply = this.replies.has(path)
      ? this.replies.get(path)
      : { status: 404, body: { error: 'Nothing is here.' } };
    if (!reply) throw new TypeError('Failed to fetch');
    return Response.json(reply.body, { status: reply.status });
  }
}
