/** What the server's HTTP API holds for those who practise, read with checks of its shape. */

import {
  asArray,
  asCount,
  asObject,
  asShare,
  asString,
  asStrings,
  asText,
  type Json,
} from '../json';
import { type Figure, readDrawing } from './figure';
import { type Item, type ItemKind, type NonManual, readItem, readNonManual } from './messages';

export const LEVELS = ['amateur', 'normal', 'mid_level', 'difficult', 'expert'] as const;
export type Level = (typeof LEVELS)[number];

export interface Sentence {
  text: string;
  /** Its signs in order; may be empty. */
  glosses: readonly string[];
}

export interface Story {
  id: string;
  title: string;
  level: Level | null;
  sentences: readonly Sentence[];
  source: 'library' | 'template' | 'model';
}

export interface Lesson {
  id: string;
  title: string;
  note: string;
  items: readonly Item[];
  by: string;
}

export interface Sign {
  gloss: string;
  /** Recorded by a teacher, or part of StorySign. */
  source: 'teacher' | 'built_in';
  by: string;
  nonManual: NonManual;
}

export interface SignDrawing extends Sign {
  figure: Figure | null;
}

export interface ItemProgress extends Item {
  attempts: number;
  accepted: number;
  /** 0 to 1. */
  strength: number;
  /** Milliseconds since 1970; null if the server did not say it. */
  last: number | null;
  due: number | null;
}

export interface Day {
  /** "2026-03-01", UTC. */
  date: string;
  attempts: number;
  accepted: number;
}

export interface Suggestion extends Item {
  why: string;
}

export interface Progress {
  items: readonly ItemProgress[];
  days: readonly Day[];
  next: readonly Suggestion[];
}

export function readStories(body: unknown): Story[] {
  return asArray(asObject(body).stories).flatMap(readStory);
}

/** A story that was made, with what there is to say about it. */
export function readMadeStory(body: unknown): { story: Story; notice: string } | null {
  const { story, notice } = asObject(body);
  const [read] = readStory(story);
  return read ? { story: read, notice: asString(notice) } : null;
}

function readStory(value: unknown): Story[] {
  const story = asObject(value);
  const sentences = asArray(story.sentences).flatMap((it): Sentence[] => {
    const { text, glosses } = asObject(it);
    const words = asText(text);
    return words === null ? [] : [{ text: words, glosses: asStrings(glosses) }];
  });
  const title = asText(story.title);
  if (title === null || sentences.length === 0) return [];
  return [
    {
      id: asString(story.id),
      title,
      level: LEVELS.find((level) => level === story.level) ?? null,
      sentences,
      source: story.source === 'template' || story.source === 'model' ? story.source : 'library',
    },
  ];
}

export function readLessons(body: unknown): Lesson[] {
  return asArray(asObject(body).lessons).flatMap((it): Lesson[] => {
    const lesson = asObject(it);
    const [id, title] = [asText(lesson.id) ?? asNumberText(lesson.id), asText(lesson.title)];
    const items = asArray(lesson.items).flatMap(readItem);
    if (id === null || title === null || items.length === 0) return [];
    return [{ id, title, note: asString(lesson.note), items, by: asString(lesson.by) }];
  });
}

export function readSigns(body: unknown): Sign[] {
  return asArray(asObject(body).signs).flatMap((it) => readSign(asObject(it)));
}

export function readSignDrawing(body: unknown): SignDrawing | null {
  const row = asObject(body);
  const [sign] = readSign(row);
  return sign ? { ...sign, figure: readDrawing(row.drawing) } : null;
}

function readSign(row: Json): Sign[] {
  const gloss = asText(row.gloss);
  if (gloss === null) return [];
  return [
    {
      gloss,
      source: row.source === 'teacher' ? 'teacher' : 'built_in',
      by: asString(row.by),
      nonManual: readNonManual(row.non_manual),
    },
  ];
}

export function readProgress(body: unknown): Progress {
  const { items, days, next } = asObject(body);
  return {
    items: asArray(items).flatMap((it): ItemProgress[] => {
      const row = asObject(it);
      return readTried(row).map((item) => ({
        ...item,
        ...readCounts(row),
        strength: asShare(row.strength) ?? 0,
        last: readTime(row.last),
        due: readTime(row.due),
      }));
    }),
    days: asArray(days).flatMap((it): Day[] => {
      const row = asObject(it);
      const date = asString(row.date);
      return /^\d{4}-\d{2}-\d{2}$/.test(date) ? [{ date, ...readCounts(row) }] : [];
    }),
    next: asArray(next).flatMap((it): Suggestion[] => {
      const row = asObject(it);
      return readTried(row).map((item) => ({ ...item, why: asString(row.why) }));
    }),
  };
}

/** An item of progress; attempts call letters "letter_word". */
function readTried(row: Json): Item[] {
  const kind: ItemKind = row.kind === 'sign' ? 'sign' : 'letters';
  return readItem({ kind, target: row.target });
}

function readCounts(row: Json): { attempts: number; accepted: number } {
  const attempts = asCount(row.attempts);
  return { attempts, accepted: Math.min(attempts, asCount(row.accepted)) };
}

function readTime(value: unknown): number | null {
  const time = Date.parse(asString(value));
  return Number.isNaN(time) ? null : time;
}

function asNumberText(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : null;
}
