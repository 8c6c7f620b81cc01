/** Reading JSON whose shape is not known: what does not fit becomes a default, never an exception. */

export type Json = Record<string, unknown>;

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** The fields of an object; none for anything else. */
export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A string that says something, or null. */
export function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function asStrings(value: unknown): string[] {
  return asArray(value).filter((item) => typeof item === 'string');
}

/** A number within the limits, or null. */
export function asNumber(value: unknown, least: number, most: number): number | null {
  return typeof value === 'number' && value >= least && value <= most ? value : null;
}

/** A whole number from 0 on; 0 for anything else. */
export function asCount(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0;
}

/** From 0 to 1, or null. */
export function asShare(value: unknown): number | null {
  return asNumber(value, 0, 1);
}
