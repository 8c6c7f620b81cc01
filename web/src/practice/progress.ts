/** What is shown of a learner's progress. Pure: the time is an argument. */

import type { Day, ItemProgress, Progress } from './types';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Of the chart, as the server keeps them. */
export const DAYS_SHOWN = 60;
/** A chart of fewer days would have bars like walls. */
const LEAST_DAYS = 14;
const WEEK = 7;
/** From this strength on, something sits well. */
const STRONG = 0.7;

export interface Overview {
  attempts: number;
  /** Share that was right; null without attempts. */
  right: number | null;
  days: number;
  strong: number;
}

export interface DayColumns {
  /** Seconds since 1970, midnight UTC. */
  times: number[];
  attempts: number[];
  accepted: number[];
}

/** The last seven days, and what sits well now. */
export function overviewOf({ days, items }: Progress, now: number): Overview {
  const from = dayOf(now) - (WEEK - 1) * DAY_MS;
  const week = days.filter(({ date }) => Date.parse(date) >= from);
  const sum = (of: (day: Day) => number): number => week.reduce((all, day) => all + of(day), 0);
  const attempts = sum((day) => day.attempts);
  return {
    attempts,
    right: attempts === 0 ? null : sum((day) => day.accepted) / attempts,
    days: week.filter((day) => day.attempts > 0).length,
    strong: items.filter(({ strength }) => strength >= STRONG).length,
  };
}

/** Each day until today, also those without practice, which the server leaves out. */
export function columnsOf(days: readonly Day[], now: number): DayColumns {
  const known = new Map(days.map((day) => [Date.parse(day.date), day]));
  const today = dayOf(now);
  const first = Math.min(...known.keys(), today - (LEAST_DAYS - 1) * DAY_MS);
  const from = Math.max(first, today - (DAYS_SHOWN - 1) * DAY_MS);
  const columns: DayColumns = { times: [], attempts: [], accepted: [] };
  for (let day = from; day <= today; day += DAY_MS) {
    columns.times.push(day / 1000);
    columns.attempts.push(known.get(day)?.attempts ?? 0);
    columns.accepted.push(known.get(day)?.accepted ?? 0);
  }
  return columns;
}

/** The weakest first: that is where practice helps most. */
export function weakestFirst(items: readonly ItemProgress[]): ItemProgress[] {
  return [...items].sort((a, b) => a.strength - b.strength || a.target.localeCompare(b.target));
}

/** Days until it is due: 0 is now; null if it is not known. */
export function daysUntil(due: number | null, now: number): number | null {
  if (due === null) return null;
  return Math.max(0, Math.ceil((due - now) / DAY_MS));
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS;
}
