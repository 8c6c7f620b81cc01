import { describe, expect, it } from 'vitest';
import {
  glossProblem,
  isSound,
  lessonProblems,
  LONGEST_NOTE,
  LONGEST_TITLE,
  MOST_ITEMS,
  tidyGloss,
  tidyWord,
  wordProblem,
} from '../../src/teacher/rules';
import type { Item } from '../../src/teacher/types';

describe('the name of a sign', () => {
  it.each(['EAT', 'THANK-YOU', 'A', '10', 'X'.repeat(40)])('may be %s', (gloss) => {
    expect(glossProblem(gloss)).toBeNull();
  });

  it.each([
    ['', 'first'],
    ['EAT!', '"!"'],
    ['\u00dcBER', '"\u00dc"'],
    ['MY CAT', 'a space'],
    ['eat', '"e"'],
    ['X'.repeat(41), '40'],
  ])('may not be "%s"', (gloss, words) => {
    expect(glossProblem(gloss)).toContain(words);
  });

  it('is taken as it is meant', () => {
    expect(tidyGloss('thank you')).toBe('THANK-YOU');
    expect(tidyGloss('who_1')).toBe('WHO-1');
    expect(tidyGloss(' -thank - you- ')).toBe('THANK-YOU');
    expect(tidyGloss('--')).toBe('');
  });
});

describe('a word to spell', () => {
  it.each(['A', 'ANNA', 'X'.repeat(30)])('may be %s', (word) => {
    expect(wordProblem(word)).toBeNull();
  });

  it.each([
    ['', 'first'],
    ['ANNA2', '"2"'],
    ['MY CAT', 'a space'],
    ['X'.repeat(31), '30'],
  ])('may not be "%s"', (word, words) => {
    expect(wordProblem(word)).toContain(words);
  });

  it('is taken in capitals', () => {
    expect(tidyWord(' anna ')).toBe('ANNA');
  });
});

describe('a lesson', () => {
  const item = { kind: 'sign', target: 'EAT' } as const;
  const problemsOf = (title: string, note: string, items: readonly Item[]) =>
    lessonProblems(title, note, items, (gloss) => gloss === 'EAT');

  it('is sound with a title and an item', () => {
    expect(isSound(problemsOf('Food', '', [item]))).toBe(true);
  });

  it('is told what is wrong', () => {
    expect(problemsOf('  ', '', [item]).title).toContain('needs a title');
    expect(problemsOf('x'.repeat(LONGEST_TITLE + 1), '', [item]).title).toContain('at most');
    expect(problemsOf('Food', 'x'.repeat(LONGEST_NOTE + 1), [item]).note).toContain('at most');
    expect(problemsOf('Food', '', []).items).toContain('at least one');
    const many = Array.from({ length: MOST_ITEMS + 1 }, () => item);
    expect(problemsOf('Food', '', many).items).toContain(String(MOST_ITEMS));
    const gone = [
      item,
      { kind: 'sign', target: 'DOG' },
      { kind: 'letters', target: 'CAT' },
    ] as const;
    expect(problemsOf('Food', '', gone).items).toContain('no sign DOG any more');
    for (const items of [[], many, gone])
      expect(isSound(problemsOf('Food', '', items))).toBe(false);
  });
});
