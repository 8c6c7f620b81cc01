import type { PracticeLink } from '../../src/practice/link';
import type {
  Example,
  PracticeControl,
  PracticePush,
  PracticeSession,
} from '../../src/practice/messages';
import { TeacherApi } from '../../src/teacher/api';
import type { Timers } from '../../src/teacher/recorder';
import { session } from '../practice/parts';

export interface Asked {
  method: string;
  url: string;
  body: unknown;
  type: string | undefined;
}

/** A server that gives these answers in turn; null: it is not there. */
export function serverOf(...answers: (Response | null)[]) {
  const asked: Asked[] = [];
  const api = new TeacherApi(async (url, options) => {
    const headers = options.headers as Record<string, string> | undefined;
    asked.push({
      method: options.method ?? 'GET',
      url,
      body: options.body === undefined ? null : JSON.parse(String(options.body)),
      type: headers?.['Content-Type'],
    });
    const answer = answers.shift();
    if (!answer) throw new TypeError('Failed to fetch');
    return answer;
  });
  return { api, asked };
}

export const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status });
export const nothing = (): Response => new Response(null, { status: 204 });

export const signRow = (gloss: string, more: object = {}) => ({
  gloss,
  source: 'teacher',
  examples: 3,
  by: 'mia',
  updated: '2026-11-20T10:00:00Z',
  non_manual: { eyebrows: '', mouth: '', head: '' },
  validated: false,
  ...more,
});

export const lessonRow = (id: string, title: string, more: object = {}) => ({
  id,
  title,
  note: '',
  items: [
    { kind: 'sign', target: 'EAT' },
    { kind: 'letters', target: 'ANNA' },
  ],
  by: 'mia',
  updated: '2026-11-20T10:00:00Z',
  ...more,
});

/** The server's side of the practice link. */
export class LinkDouble implements PracticeLink {
  isLive = true;
  readonly sent: PracticeControl[] = [];
  private readonly watchers = new Set<(push: PracticePush) => void>();

  send(control: PracticeControl): boolean {
    if (this.isLive) this.sent.push(control);
    return this.isLive;
  }

  watch(watcher: (push: PracticePush) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  get watched(): boolean {
    return this.watchers.size > 0;
  }

  get actions(): string[] {
    return this.sent.map(({ action }) => action);
  }

  push(push: PracticePush): void {
    for (const watcher of [...this.watchers]) watcher(push);
  }

  answer(
    action: string,
    result: { success?: boolean; error?: string; [key: string]: unknown } = {},
    change: Partial<PracticeSession> | null = null,
  ): void {
    const { success = true, error = '' } = result;
    const now = change === null ? null : session({ mode: 'recording', ...change });
    this.push({ type: 'answered', action, success, error, session: now, result });
  }

  example(gloss: string, id: string, more: Partial<Example> = {}): void {
    this.push({ type: 'example', gloss, example: exampleOf(id, more) });
  }

  update(change: Partial<PracticeSession>): void {
    this.push({ type: 'update', session: session({ mode: 'recording', ...change }) });
  }
}

export const exampleOf = (id: string, more: Partial<Example> = {}): Example => ({
  id,
  durationMs: 900,
  usable: true,
  problems: [],
  likeness: null,
  ...more,
});

/** A clock that goes on when it is told to. */
export class ClockDouble implements Timers {
  private now = 0;
  private next = 1;
  private readonly waiting = new Map<number, { at: number; action: () => void }>();

  later(action: () => void, delayMs: number): number {
    this.waiting.set(this.next, { at: this.now + delayMs, action });
    return this.next++;
  }

  cancel(timer: number): void {
    this.waiting.delete(timer);
  }

  pass(ms: number): void {
    this.now += ms;
    for (const [timer, { at, action }] of [...this.waiting]) {
      if (at > this.now) continue;
      this.waiting.delete(timer);
      action();
    }
  }
}
