import { asObject, asString } from '../json';
import {
  type Lesson,
  type Level,
  type Progress,
  readLessons,
  readMadeStory,
  readProgress,
  readSignDrawing,
  readSigns,
  readStories,
  type Sign,
  type SignDrawing,
  type Story,
} from './types';

type Fetch = (url: string, options?: RequestInit) => Promise<Response>;

const PATIENCE_MS = 10_000;
/** Longer than stories.model_timeout_ms can be. */
const MAKING_MS = 65_000;
/** Of the server's own words, what fits. */
const MOST_WORDS = 240;

/** Why there is no answer. `words` are the server's own; empty if it left none. */
export type ApiProblem = {
  kind: 'unreachable' | 'signed_out' | 'wait' | 'missing' | 'server';
  words: string;
};

export type Answer<T> = { ok: true; value: T } | { ok: false; problem: ApiProblem };

/** What the server's HTTP API holds for those who practise. Nothing here throws. */
export class PracticeApi {
  constructor(
    private readonly fetcher: Fetch,
    /** Nobody is signed in any more. */
    private readonly signedOut: () => void = () => undefined,
  ) {}

  stories(level: Level): Promise<Answer<Story[]>> {
    return this.ask(`/api/stories?level=${level}`, readStories);
  }

  /** Makes a story that has the word in it, or is about the topic. */
  makeStory(
    about: { word: string } | { topic: string },
    level: Level,
  ): Promise<Answer<{ story: Story; notice: string }>> {
    return this.ask('/api/stories', readMadeStory, { ...about, level });
  }

  signs(): Promise<Answer<Sign[]>> {
    return this.ask('/api/signs', readSigns);
  }

  sign(gloss: string): Promise<Answer<SignDrawing>> {
    return this.ask(`/api/signs/${encodeURIComponent(gloss)}`, readSignDrawing);
  }

  lessons(): Promise<Answer<Lesson[]>> {
    return this.ask('/api/lessons', readLessons);
  }

  progress(): Promise<Answer<Progress>> {
    return this.ask('/api/progress', readProgress);
  }

  private async ask<T>(
    url: string,
    read: (body: unknown) => T | null,
    body?: object,
  ): Promise<Answer<T>> {
    let answer: Response;
    const making = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    };
    try {
      answer = await this.fetcher(url, {
        signal: AbortSignal.timeout(body === undefined ? PATIENCE_MS : MAKING_MS),
        ...(body === undefined ? {} : making),
      });
    } catch {
      return { ok: false, problem: { kind: 'unreachable', words: '' } };
    }
    const content: unknown = await answer.json().catch(() => null);
    if (!answer.ok) return { ok: false, problem: this.problemOf(answer.status, content) };
    const value = content === null ? null : read(content);
    return value === null
      ? { ok: false, problem: { kind: 'server', words: '' } }
      : { ok: true, value };
  }

  private problemOf(status: number, content: unknown): ApiProblem {
    const { error } = asObject(content);
    // Either a sentence, or an object with one.
    const words = (asString(error) || asString(asObject(error).message)).slice(0, MOST_WORDS);
    if (status === 401) {
      this.signedOut();
      return { kind: 'signed_out', words: '' };
    }
    if (status === 429) return { kind: 'wait', words };
    if (status === 404) return { kind: 'missing', words };
    return { kind: 'server', words };
  }
}
