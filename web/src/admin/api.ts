/** An answer of the server, or why there is none. */
export type Answer<T> =
  | { kind: 'ok'; value: T }
  /** The server said no; its words. */
  | { kind: 'refused'; status: number; sentence: string; problems: string[] }
  /** The token is not, or no longer, the server's. */
  | { kind: 'unauthorised'; sentence: string }
  /** Nobody answered, or not in time. */
  | { kind: 'away' };

export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

/** Longer than a backup of a large store may hold up its answer. */
export const ACTION_TIMEOUT_MS = 30_000;
export const READ_TIMEOUT_MS = 5_000;

/** The requests to the admin listener, each with the token. Throws nothing. */
export class Api {
  constructor(
    private readonly token: string,
    private readonly fetch: Fetch = (url, options) => globalThis.fetch(url, options),
  ) {}

  get<T>(path: string): Promise<Answer<T>> {
    return this.ask(path, { method: 'GET' }, READ_TIMEOUT_MS);
  }

  post<T>(path: string, body: object): Promise<Answer<T>> {
    return this.ask(
      path,
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      },
      ACTION_TIMEOUT_MS,
    );
  }

  private async ask<T>(path: string, options: RequestInit, patience: number): Promise<Answer<T>> {
    let response: Response;
    let text: string;
    try {
      response = await this.fetch(path, {
        ...options,
        headers: { ...options.headers, Authorization: `Bearer ${this.token}` },
        cache: 'no-store',
        signal: AbortSignal.timeout(patience),
      });
      text = await response.text();
    } catch {
      return { kind: 'away' };
    }
    const body = parsed(text);
    if (response.status === 401) return { kind: 'unauthorised', sentence: sentenceOf(body, 401) };
    if (!response.ok) {
      return {
        kind: 'refused',
        status: response.status,
        sentence: sentenceOf(body, response.status),
        problems: problemsOf(body),
      };
    }
    if (body === null) {
      return {
        kind: 'refused',
        status: response.status,
        sentence: 'The answer is not JSON; is this the admin listener of StorySign?',
        problems: [],
      };
    }
    return { kind: 'ok', value: body as T };
  }
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function sentenceOf(body: object | null, status: number): string {
  const error: unknown = body && 'error' in body ? body.error : null;
  return typeof error === 'string' && error !== ''
    ? error
    : `The server answered with status ${status} and without a reason.`;
}

function problemsOf(body: object | null): string[] {
  const problems: unknown = body && 'problems' in body ? body.problems : null;
  return Array.isArray(problems) ? problems.map(String) : [];
}
