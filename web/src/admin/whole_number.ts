/** The whole number from 0 to `most` that is written there; null for nothing at all. */
export function wholeNumber(text: string, most: number): number | null | 'wrong' {
  const written = text.trim();
  if (written === '') return null;
  if (!/^\d{1,6}$/.test(written)) return 'wrong';
  const value = Number(written);
  return value <= most ? value : 'wrong';
}
