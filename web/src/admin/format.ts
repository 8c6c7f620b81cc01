/** Numbers as the dashboard shows them. A dash stands for what was not measured. */

export const NONE = '\u2013';

const MIB = 1024 * 1024;

export function whole(value: number | null | undefined): string {
  return value == null ? NONE : Math.round(value).toLocaleString('en');
}

/** One digit after the point below 100, none from there on. */
export function short(value: number | null | undefined): string {
  if (value == null) return NONE;
  return Math.abs(value) < 99.95 ? value.toFixed(1) : whole(value);
}

/** As short as it can be written: of what somebody has set. */
export function plain(value: number | null | undefined): string {
  return value == null ? NONE : value.toLocaleString('en', { maximumFractionDigits: 1 });
}

/** The unit keeps to its number: no line break between them. */
export function withUnit(text: string, unit: string): string {
  return text === NONE || unit === '' ? text : `${text}\u00a0${unit}`;
}

export function milliseconds(value: number | null | undefined): string {
  return withUnit(short(value), 'ms');
}

export function percent(value: number | null | undefined): string {
  return withUnit(short(value), '%');
}

/** `share` is from 0 to 1. */
export function share(value: number | null | undefined): string {
  return percent(value == null ? null : value * 100);
}

export function mebibytes(bytes: number | null | undefined): string {
  return withUnit(whole(bytes == null ? null : bytes / MIB), 'MiB');
}

/** A size that may be small: of a file. */
export function size(bytes: number): string {
  if (bytes < 1024) return withUnit(whole(bytes), bytes === 1 ? 'byte' : 'bytes');
  return bytes < MIB ? withUnit(short(bytes / 1024), 'KiB') : withUnit(short(bytes / MIB), 'MiB');
}

/** "42 s", "3 min 05 s", "2 h 10 min", "12 d 4 h". */
export function span(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [days, hours] = [Math.floor(total / 86_400), Math.floor(total / 3600) % 24];
  const [minutes, rest] = [Math.floor(total / 60) % 60, total % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${two(minutes)} min`;
  return minutes > 0 ? `${minutes} min ${two(rest)} s` : `${rest} s`;
}

/** The time of day of an ISO time or of Unix seconds, as the reader's clock shows it. */
export function clock(time: string | number): string {
  const date = new Date(typeof time === 'number' ? time * 1000 : time);
  return Number.isNaN(date.getTime()) ? NONE : date.toLocaleTimeString('en-GB');
}
