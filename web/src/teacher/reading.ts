/** From JSON to the types of the page. What does not fit throws an Error that says where. */

import type { Json } from '../json';
import { readNonManual } from '../practice/messages';
import type { Day, DrawnSign, Item, Learner, Lesson, Sign, TriedItem } from './types';

export function readSigns(body: unknown): Sign[] {
  return list(body, 'signs', readSign);
}

export function readDrawnSign(body: unknown): DrawnSign {
  const sign = object(body, 'the sign');
  return { ...readSign(sign, 'the sign'), drawing: object(sign.drawing, 'the drawing') };
}

export function readLessons(body: unknown): Lesson[] {
  return list(body, 'lessons', readLesson);
}

export function readLesson(value: unknown, where = 'the lesson'): Lesson {
  const lesson = object(value, where);
  return {
    id: text(lesson.id, `${where}, id`),
    title: text(lesson.title, `${where}, title`),
    note: lesson.note == null ? '' : text(lesson.note, `${where}, note`),
    items: list(lesson, 'items', readItem),
    by: name(lesson.by),
    updated: time(lesson.updated),
    version: typeof lesson.updated === 'string' ? lesson.updated : '',
  };
}

export function readClass(body: unknown): Learner[] {
  return list(body, 'learners', readLearner);
}

function readSign(value: unknown, where: string): Sign {
  const sign = object(value, where);
  return {
    gloss: text(sign.gloss, `${where}, gloss`),
    source: sign.source === 'teacher' ? 'teacher' : 'built_in',
    examples: number(sign.examples, `${where}, examples`),
    by: name(sign.by),
    updated: time(sign.updated),
    nonManual: readNonManual(sign.non_manual),
    validated: sign.validated === true,
  };
}

function readItem(value: unknown, where: string): Item {
  const item = object(value, where);
  // Attempts at fingerspelled words are kept as `letter_word`.
  const kind = item.kind === 'sign' ? 'sign' : 'letters';
  return { kind, target: text(item.target, `${where}, target`) };
}

function readTriedItem(value: unknown, where: string): TriedItem {
  return { ...readItem(value, where), ...tries(object(value, where), where) };
}

function readDay(value: unknown, where: string): Day {
  const day = object(value, where);
  return { date: text(day.date, `${where}, date`).slice(0, 10), ...tries(day, where) };
}

function readLearner(value: unknown, where: string): Learner {
  const learner = object(value, where);
  return {
    name: text(learner.name, `${where}, name`),
    ...tries(learner, where),
    last: time(learner.last),
    days: learner.days == null ? [] : list(learner, 'days', readDay),
    hardest: learner.hardest == null ? [] : list(learner, 'hardest', readTriedItem),
  };
}

function tries(of: Json, where: string): { attempts: number; accepted: number } {
  return {
    attempts: number(of.attempts, `${where}, attempts`),
    accepted: number(of.accepted, `${where}, accepted`),
  };
}

function object(value: unknown, where: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${where} is not an object`);
  }
  return value as Json;
}

function list<T>(of: unknown, key: string, read: (value: unknown, where: string) => T): T[] {
  const values = object(of, 'the answer')[key];
  if (!Array.isArray(values)) throw new Error(`"${key}" is not a list`);
  return values.map((value, index) => read(value, `${key}[${index}]`));
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Error(`${where} is not a text`);
  return value;
}

function number(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new Error(`${where} is not a number of 0 or more`);
  }
  return value;
}

function name(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function time(value: unknown): Date | null {
  if (typeof value !== 'string') return null;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? null : date;
}
