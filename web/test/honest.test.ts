import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { strings } from '../src/strings';

const documentOf = (name: string): string =>
  readFileSync(path.resolve(import.meta.dirname, '../../docs', name), 'utf8');

/** The numbers of the first line of a document that begins so, after its beginning. */
function numbersIn(text: string, begin: string): number[] {
  const line = text.split('\n').find((it) => it.startsWith(begin));
  if (line === undefined) {
    throw new Error(`No line begins "${begin}": fit this test, and honestText, to the document.`);
  }
  return [...line.slice(begin.length).matchAll(/\d+(?:\.\d+)?/g)].map(Number);
}

const range = (shares: readonly number[]): string =>
  `${Math.round(Math.min(...shares))} to ${Math.round(Math.max(...shares))}`;

describe('what is said about how often it is right', () => {
  const [, signsText = '', lettersText = ''] = strings.practice.honestText;

  it('agrees with the figures of docs/signs.md', () => {
    const signs = documentOf('signs.md');
    const rows = ["| signer 2 by 1's 3 of 14 signs |", "| signer 1 by 2's 3 of 15 signs |"].map(
      (begin) => numbersIn(signs, begin),
    );
    const accepted = rows.map(([, share = NaN]) => share);
    expect(signsText).toContain(`${range(accepted)} of 100 good attempts`);
    for (const row of rows) expect(row.at(-1)).toBeLessThan(1);

    const [one = NaN, other = NaN] = [
      ...signs.matchAll(/^The ten alone: .* accepted ([\d.]+) %.*'s ([\d.]+) %/gm),
    ].flatMap(([, ...shares]) => shares.map(Number));
    expect(signsText).toContain(`ten built-in words ${range([one, other])}`);
  });

  it('agrees with the figures of docs/letters.md', () => {
    const letters = documentOf('letters.md');
    const sources = ['asl_ai', 'hands_on_fluency', 'traduttore, all', 'siruyy'];
    const guesses = sources.map((name) => numbersIn(letters, `| ${name}`)[1] ?? NaN);
    expect(lettersText).toContain(`${range(guesses.map((it) => 100 * it))} of 100 hands`);
    const sure = letters.split('\n').find((line) => line.startsWith('Where it is sure')) ?? '';
    const shares = [...sure.matchAll(/([\d.]+) % (?:\(|of)/g)].map(([, share]) => Number(share));
    expect(shares).toHaveLength(sources.length);
    expect(lettersText).toContain(`sure for ${range(shares)}`);
  });
});
