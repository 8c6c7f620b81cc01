import type { Answer, Api } from './api';
import { emptyHistory, type History, merge } from './history';
import { type Notice, Notices } from './notices';
import { Store } from '../store';
import { strings } from './strings';
import type { TokenKeeper } from './token';
import type {
  Alert,
  BackupAnswer,
  HistoryAnswer,
  LogLevels,
  Overview,
  ReloadAnswer,
  Session,
} from './types';

export const INTERVAL_MS = 1000;
/** Log levels change only by hand: every so many rounds is enough. */
const ROUNDS_PER_LEVELS = 5;

/** What the board asks the server for, again and again. */
export type Part = 'overview' | 'history' | 'sessions' | 'alerts' | 'log';

export interface BoardState {
  /** `out`: a token is needed; `checking`: one was given and nobody has said yes yet. */
  access: 'out' | 'checking' | 'in';
  /** Why a token is asked for again; empty if there is nothing to say. */
  accessWords: string;
  link: 'loading' | 'live' | 'away';
  /** When the server answered last; null: never. */
  answeredAtMs: number | null;
  nowMs: number;
  overview: Overview | null;
  history: History;
  sessions: readonly Session[] | null;
  alerts: readonly Alert[] | null;
  levels: LogLevels | null;
  /** The sentences of parts that the server did not give. */
  problems: Partial<Record<Part, string>>;
  /** Actions under way, by their name. */
  busy: ReadonlySet<string>;
  notices: readonly Notice[];
}

/** What the board needs from around it; made up in tests. */
export interface Surroundings {
  api(token: string): Api;
  tokens: TokenKeeper;
  now(): number;
  later(action: () => void, delayMs: number): () => void;
}

type Done<T> = (value: T) => { text: string; details?: string[] };

const nothing = {
  link: 'loading',
  answeredAtMs: null,
  overview: null,
  sessions: null,
  alerts: null,
  levels: null,
  problems: {},
  busy: new Set<string>(),
} satisfies Partial<BoardState>;

/** What the dashboard knows and does; no word of how it looks. Owned by the page, one for all. */
export class Board {
  readonly store: Store<BoardState>;
  // State.
  private readonly notices: Notices;
  private api: Api | null = null;
  private stopTimer: (() => void) | null = null;
  private round = 0;

  constructor(private readonly around: Surroundings) {
    this.store = new Store<BoardState>({
      ...nothing,
      access: 'out',
      accessWords: '',
      nowMs: around.now(),
      history: emptyHistory(),
      notices: [],
    });
    this.notices = new Notices(
      (notices) => this.store.set({ notices }),
      (action, delay) => around.later(action, delay),
    );
    const token = around.tokens.load();
    if (token !== null) this.signIn(token);
  }

  signIn(token: string): void {
    this.stop();
    this.api = this.around.api(token);
    this.store.set({ ...nothing, access: 'checking', accessWords: '', history: emptyHistory() });
    void this.check(this.api, token);
  }

  signOut(words = ''): void {
    this.stop();
    this.around.tokens.forget();
    this.notices.clear();
    this.store.set({ ...nothing, access: 'out', accessWords: words, history: emptyHistory() });
  }

  dismiss(id: number): void {
    this.notices.remove(id);
  }

  /** `number` null: all sessions, those to come too. `profile` "auto" gives the choice back. */
  setProfile(number: number | null, profile: string): Promise<void> {
    return this.act(`profile ${number}`, pathOf(number, 'profile'), { profile }, () => ({
      text: strings.did.profile(number, profile),
    }));
  }

  /** `skip` null gives the choice back. */
  setSkip(number: number | null, skip: number | null): Promise<void> {
    return this.act(`skip ${number}`, pathOf(number, 'skip'), { frame_skip: skip }, () => ({
      text: strings.did.skip(number, skip),
    }));
  }

  kick(number: number, reason: string): Promise<void> {
    const body = reason.trim() === '' ? {} : { reason: reason.trim() };
    return this.act(`kick ${number}`, pathOf(number, 'kick'), body, () => ({
      text: strings.did.kick(number),
    }));
  }

  setWorkers(workers: number): Promise<void> {
    return this.act('workers', '/api/workers', { workers }, () => ({
      text: strings.did.workers(workers),
    }));
  }

  drain(): Promise<void> {
    return this.act('drain', '/api/drain', {}, () => ({ text: strings.did.drain }));
  }

  reload(): Promise<void> {
    return this.act<ReloadAnswer>('reload', '/api/reload', {}, (answer) => ({
      text: strings.did.reload(answer),
      details: strings.did.reloadDetails(answer),
    }));
  }

  backup(): Promise<void> {
    return this.act<BackupAnswer>('backup', '/api/backup', {}, (answer) => ({
      text: strings.did.backup(answer),
      details: [answer.file],
    }));
  }

  /** `level` null: as all. */
  async setLevel(room: string, level: string | null): Promise<void> {
    await this.act('log', '/api/log', { room, level }, () => ({
      text: strings.did.log(room, level),
    }));
    if (this.api) await this.readLevels(this.api);
  }

  /** A sentence about something that was not even asked of the server. */
  complain(sentence: string): void {
    this.notices.add('bad', sentence);
  }

  private stop(): void {
    this.api = null;
    this.stopTimer?.();
    this.stopTimer = null;
  }

  /** Keeps a token only once the server has taken it. */
  private async check(api: Api, token: string): Promise<void> {
    const answer = await api.get<Overview>('/api/overview');
    if (api !== this.api) return;
    if (answer.kind === 'unauthorised') {
      this.signOut(strings.signIn.refused(answer.sentence));
      return;
    }
    const kept = this.around.tokens.load() === token;
    if (answer.kind === 'away' && !kept) {
      // Nobody has said yet whether it is right.
      this.signOut(strings.signIn.away);
      return;
    }
    this.around.tokens.keep(token);
    this.round = 0;
    this.store.set({ access: 'in' });
    await this.refresh(api);
  }

  private async refresh(api: Api): Promise<void> {
    const begun = this.around.now();
    const [overview, history, sessions, alerts] = await Promise.all([
      api.get<Overview>('/api/overview'),
      api.get<HistoryAnswer>('/api/history'),
      api.get<{ sessions: Session[] }>('/api/sessions'),
      api.get<{ alerts: Alert[] }>('/api/alerts'),
      this.round % ROUNDS_PER_LEVELS === 0 ? this.readLevels(api) : null,
    ]);
    // Somebody signed out, or in with another token, in the meantime.
    if (api !== this.api) return;
    this.round += 1;
    this.take('overview', overview, (value) => ({ overview: value }));
    this.take('history', history, (value) => ({
      history: merge(this.store.value.history, value),
    }));
    this.take('sessions', sessions, (value) => ({ sessions: value.sessions }));
    this.take('alerts', alerts, (value) => ({ alerts: value.alerts }));
    if (api !== this.api) return;
    this.follow(overview);
    const wait = Math.max(INTERVAL_MS / 4, INTERVAL_MS - (this.around.now() - begun));
    this.stopTimer = this.around.later(() => void this.refresh(api), wait);
  }

  private async readLevels(api: Api): Promise<void> {
    const answer = await api.get<{ levels: LogLevels }>('/api/log');
    if (api === this.api) this.take('log', answer, (value) => ({ levels: value.levels }));
  }

  /** Takes what came; a refusal is remembered with the part, and what is known of it stays. */
  private take<T>(part: Part, answer: Answer<T>, use: (value: T) => Partial<BoardState>): void {
    if (answer.kind === 'unauthorised') {
      if (this.api) this.signOut(strings.signIn.refused(answer.sentence));
      return;
    }
    const problems = { ...this.store.value.problems };
    if (answer.kind === 'refused') problems[part] = answer.sentence;
    else delete problems[part];
    this.store.set({ ...(answer.kind === 'ok' ? use(answer.value) : {}), problems });
  }

  /** Whether the server is there: told by one of the answers, so that all agree. */
  private follow(overview: Answer<Overview>): void {
    const nowMs = this.around.now();
    if (overview.kind === 'away') {
      this.store.set({ link: 'away', nowMs });
      return;
    }
    const was = this.store.value.link;
    this.store.set({ link: 'live', answeredAtMs: nowMs, nowMs });
    if (was === 'away') {
      this.notices.add('good', strings.link.back);
      this.round = 0;
    }
  }

  private async act<T>(name: string, path: string, body: object, done: Done<T>): Promise<void> {
    const api = this.api;
    if (api === null || this.store.value.busy.has(name)) return;
    this.store.set({ busy: new Set([...this.store.value.busy, name]) });
    const answer = await api.post<T>(path, body);
    if (api !== this.api) return;
    this.store.set({ busy: new Set([...this.store.value.busy].filter((other) => other !== name)) });
    switch (answer.kind) {
      case 'ok': {
        const { text, details } = done(answer.value);
        this.notices.add('good', text, details);
        return;
      }
      case 'refused':
        this.notices.add('bad', answer.sentence, answer.problems);
        return;
      case 'away':
        this.notices.add('bad', strings.failed.away);
        return;
      case 'unauthorised':
        this.signOut(strings.signIn.refused(answer.sentence));
    }
  }
}

function pathOf(number: number | null, verb: string): string {
  return number === null ? `/api/${verb}` : `/api/sessions/${number}/${verb}`;
}
