import { readClass, readDrawnSign, readLesson, readLessons, readSigns } from './reading';
import { strings } from './strings';
import type { DrawnSign, Learner, Lesson, LessonContent, Sign } from './types';

/** What was asked for, or a sentence that says why there is nothing. */
export type Answer<T> =
  | { ok: true; value: T }
  /** `status` is that of HTTP; 0: nobody answered in time, or not what was to be expected. */
  | { ok: false; status: number; sentence: string };

export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

const PATIENCE_MS = 10_000;
/** Of the server's own words, what can be read at a glance. */
const MOST_WORDS = 400;

/** The requests of the teacher's page. Throws nothing; the server's sentences are handed on as they are. */
export class TeacherApi {
  constructor(
    private readonly fetch: Fetch = (url, options) => globalThis.fetch(url, options),
    /** Nobody is signed in any more. */
    private readonly signedOut: () => void = () => undefined,
  ) {}

  signs(): Promise<Answer<Sign[]>> {
    return this.ask('GET', '/api/signs', readSigns);
  }

  sign(gloss: string): Promise<Answer<DrawnSign>> {
    return this.ask('GET', `/api/signs/${encodeURIComponent(gloss)}`, readDrawnSign);
  }

  removeSign(gloss: string): Promise<Answer<null>> {
    return this.ask('DELETE', `/api/signs/${encodeURIComponent(gloss)}`, nothing);
  }

  lessons(): Promise<Answer<Lesson[]>> {
    return this.ask('GET', '/api/lessons', readLessons);
  }

  makeLesson(content: LessonContent): Promise<Answer<Lesson>> {
    return this.ask('POST', '/api/lessons', lessonOf, bodyOf(content));
  }

  /** Refused if the lesson is no longer that of this version; empty: whatever it is. */
  changeLesson(id: string, version: string, content: LessonContent): Promise<Answer<Lesson>> {
    const body = { ...bodyOf(content), ...(version === '' ? {} : { updated: version }) };
    return this.ask('PUT', `/api/lessons/${encodeURIComponent(id)}`, lessonOf, body);
  }

  removeLesson(id: string): Promise<Answer<null>> {
    return this.ask('DELETE', `/api/lessons/${encodeURIComponent(id)}`, nothing);
  }

  learners(): Promise<Answer<Learner[]>> {
    return this.ask('GET', '/api/class', readClass);
  }

  private async ask<T>(
    method: string,
    url: string,
    read: (body: unknown) => T,
    content?: object,
  ): Promise<Answer<T>> {
    let response: Response;
    let text: string;
    try {
      response = await this.fetch(url, {
        method,
        cache: 'no-store',
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...(content === undefined
          ? {}
          : {
              headers: { 'Content-Type': 'application/json' },
              body: JSON.stringify(content),
            }),
      });
      text = await response.text();
    } catch {
      return { ok: false, status: 0, sentence: strings.noAnswer };
    }
    const body = parsed(text);
    if (!response.ok) {
      const { status } = response;
      if (status === 401) {
        this.signedOut();
        return { ok: false, status, sentence: strings.signedOut };
      }
      return { ok: false, status, sentence: sentenceOf(body) || strings.noReason(status) };
    }
    try {
      return { ok: true, value: read(body) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { ok: false, status: 0, sentence: strings.notUnderstood(reason) };
    }
  }
}

const nothing = (): null => null;

function bodyOf({ title, note, items }: LessonContent): LessonContent {
  return { title, note, items: items.map(({ kind, target }) => ({ kind, target })) };
}

/** The lesson itself, or {"lesson": ...}. */
function lessonOf(body: unknown): Lesson {
  const wrapped = typeof body === 'object' && body !== null && 'lesson' in body;
  return readLesson(wrapped ? body.lesson : body);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function sentenceOf(body: unknown): string {
  const error: unknown =
    typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  return typeof error === 'string' ? error.slice(0, MOST_WORDS) : '';
}
