import { type HistoryAnswer, type SeriesName, seriesNames } from './types';

/** How much is shown: what the server keeps. */
export const WINDOW_SECONDS = 600;

/**
 * The server measures about once a second, so that now and then no measurement falls into one:
 * such a second is like the one before it. Longer than this is an outage.
 */
const SHORT_HOLE_SECONDS = 2;

type Values = (number | null)[];

/** The last ten minutes, second by second; a time that the server does not know is a gap. */
export interface History {
  /** Unix seconds, whole and ascending, one apart. */
  times: number[];
  series: Record<SeriesName, Values>;
}

export function emptyHistory(): History {
  return { times: [], series: emptySeries() };
}

/** Whether any value of these series is known. */
export function hasPoints(history: History, names: readonly SeriesName[]): boolean {
  return names.some((name) => history.series[name].some((value) => value !== null));
}

/**
 * `history` with what the server says now, which counts where both know a second. What neither
 * knows becomes a gap, so that no line is drawn across the time of an outage.
 */
export function merge(history: History, answer: HistoryAnswer): History {
  const last = answer.times.at(-1) ?? history.times.at(-1);
  if (last === undefined) return history;
  const end = Math.round(last);
  const known = new Map<number, Place>();
  history.times.forEach((time, index) => known.set(time, [history.series, index]));
  answer.times.forEach((time, index) => known.set(Math.round(time), [answer.series, index]));
  const oldest = Math.min(...known.keys());
  const begin = Math.max(end - WINDOW_SECONDS + 1, oldest);
  const times: number[] = [];
  const series = emptySeries();
  for (let time = begin; time <= end; ++time) {
    const [from, index] = nearest(known, time) ?? [null, 0];
    times.push(time);
    for (const name of seriesNames) series[name].push(from?.[name]?.[index] ?? null);
  }
  return { times, series };
}

type Place = [Record<SeriesName, Values>, number];

/** Where the values of a second stand, or of the one before a short hole that it lies in. */
function nearest(known: ReadonlyMap<number, Place>, time: number): Place | undefined {
  const own = known.get(time);
  if (own) return own;
  for (let back = 1; back <= SHORT_HOLE_SECONDS; ++back) {
    const before = known.get(time - back);
    if (!before) continue;
    const width = SHORT_HOLE_SECONDS - back + 1;
    const ends = Array.from({ length: width }, (_, i) => known.has(time + i + 1));
    return ends.includes(true) ? before : undefined;
  }
  return undefined;
}

function emptySeries(): Record<SeriesName, Values> {
  return Object.fromEntries(seriesNames.map((name) => [name, [] as Values])) as Record<
    SeriesName,
    Values
  >;
}
