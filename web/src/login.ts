import { Store } from './store';

export interface Account {
  name: string;
  role: string;
}

/** Why something did not work, for strings.login.problems. */
export type LoginProblem = 'wrong' | 'old_wrong' | 'wait' | 'unreachable' | 'expired' | 'server';

export interface LoginState {
  /** `unknown` until the server has said it. */
  mode: 'unknown' | 'open' | 'accounts';
  account: Account | null;
  busy: boolean;
  problem: LoginProblem | null;
  /** For problem `wait`. */
  waitSeconds: number;
  /** The server's own words for problem `server`. */
  words: string;
  /** The password was changed just now. */
  changed: boolean;
}

type Fetch = (url: string, options?: RequestInit) => Promise<Response>;

const QUIET = { problem: null, words: '', changed: false } as const;
/** Of the server's own words, what fits. */
const MOST_WORDS = 240;

/**
 * Who uses the page. There is one, for the life of the page. The browser keeps the cookie of the
 * login where no script can read it, so all that is known here is what the server says.
 */
export class Login {
  readonly store = new Store<LoginState>({
    mode: 'unknown',
    account: null,
    busy: false,
    problem: null,
    waitSeconds: 0,
    words: '',
    changed: false,
  });

  constructor(private readonly fetcher: Fetch) {}

  /** Asks the server who is signed in. One that does not answer changes nothing that is known. */
  async check(): Promise<void> {
    try {
      const answer = await this.fetcher('/api/auth/me');
      if (!answer.ok) throw new Error(String(answer.status));
      const { mode, account } = readMe(await answer.json());
      const lost = this.store.value.account !== null && account === null;
      this.store.set({ mode, account, ...(lost ? { problem: 'expired' as const } : {}) });
    } catch {
      // The page then shows what it can: the connection says what is wrong.
      if (this.store.value.mode === 'unknown') this.store.set({ mode: 'open' });
    }
  }

  async signIn(name: string, password: string): Promise<void> {
    await this.post('/api/auth/login', { name, password }, 'wrong', async (answer) => {
      const body: unknown = await answer.json();
      this.store.set({ mode: 'accounts', account: readAccount(field(body, 'account')) });
    });
  }

  async signOut(): Promise<void> {
    await this.post('/api/auth/logout', {}, 'expired', async () => {
      this.store.set({ account: null });
    });
  }

  /** True if the password is another one now. */
  async changePassword(old: string, fresh: string): Promise<boolean> {
    await this.post('/api/auth/password', { old, new: fresh }, 'expired', async () => {
      this.store.set({ changed: true });
    });
    return this.store.value.changed;
  }

  private async post(
    url: string,
    body: object,
    unauthorized: LoginProblem,
    done: (answer: Response) => Promise<void>,
  ): Promise<void> {
    if (this.store.value.busy) return;
    this.store.set({ busy: true, ...QUIET });
    try {
      const answer = await this.fetcher(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (answer.ok) await done(answer);
      else await this.refuse(answer, unauthorized);
    } catch {
      this.store.set({ problem: 'unreachable' });
    } finally {
      this.store.set({ busy: false });
    }
  }

  private async refuse(answer: Response, unauthorized: LoginProblem): Promise<void> {
    if (answer.status === 401) {
      this.store.set({ problem: unauthorized });
      if (unauthorized === 'expired') this.store.set({ account: null });
    } else if (answer.status === 403) {
      this.store.set({ problem: 'old_wrong' });
    } else if (answer.status === 429) {
      const waitSeconds = Number(answer.headers.get('Retry-After')) || 1;
      this.store.set({ problem: 'wait', waitSeconds });
    } else {
      const body: unknown = await answer.json().catch(() => null);
      const words = String(field(body, 'error') ?? '').slice(0, MOST_WORDS);
      this.store.set({ problem: 'server', words });
    }
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function readAccount(value: unknown): Account | null {
  const name = field(value, 'name');
  const role = field(value, 'role');
  return typeof name === 'string' && typeof role === 'string' ? { name, role } : null;
}

function readMe(value: unknown): Pick<LoginState, 'mode' | 'account'> {
  const mode = field(value, 'mode') === 'accounts' ? 'accounts' : 'open';
  return { mode, account: readAccount(field(value, 'account')) };
}
