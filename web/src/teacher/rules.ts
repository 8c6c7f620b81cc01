/** The rules of what a teacher writes, as the server has them. Each gives a sentence that says what is wrong, or nothing. */

import { strings } from './strings';
import type { Item } from './types';

export const LONGEST_GLOSS = 40;
export const LONGEST_WORD = 30;
export const LONGEST_TITLE = 80;
export const LONGEST_NOTE = 500;
export const MOST_ITEMS = 50;

/** What was typed as it is meant: capitals, words joined by single hyphens. */
export function tidyGloss(typed: string): string {
  return typed
    .toUpperCase()
    .replace(/[\s_-]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** Null: it can be the name of a sign. */
export function glossProblem(gloss: string): string | null {
  if (gloss === '') return strings.gloss.empty;
  const odd = [...gloss].find((character) => !/[A-Z0-9-]/.test(character));
  if (odd !== undefined) return strings.gloss.odd(odd);
  return gloss.length > LONGEST_GLOSS ? strings.gloss.long(LONGEST_GLOSS) : null;
}

export function tidyWord(typed: string): string {
  return typed.trim().toUpperCase();
}

/** Null: it can be fingerspelled. */
export function wordProblem(word: string): string | null {
  if (word === '') return strings.word.empty;
  const odd = [...word].find((character) => !/[A-Z]/.test(character));
  if (odd !== undefined) return strings.word.odd(odd);
  return word.length > LONGEST_WORD ? strings.word.long(LONGEST_WORD) : null;
}

export interface LessonProblems {
  title: string | null;
  note: string | null;
  items: string | null;
}

/** `hasSign` says whether the server has a sign of that name. */
export function lessonProblems(
  title: string,
  note: string,
  items: readonly Item[],
  hasSign: (gloss: string) => boolean,
): LessonProblems {
  const short = title.trim();
  const gone = items.find(({ kind, target }) => kind === 'sign' && !hasSign(target));
  const { lesson } = strings;
  return {
    title:
      short === ''
        ? lesson.noTitle
        : short.length > LONGEST_TITLE
          ? lesson.longTitle(LONGEST_TITLE)
          : null,
    note: note.length > LONGEST_NOTE ? lesson.longNote(LONGEST_NOTE) : null,
    items:
      items.length === 0
        ? lesson.noItems
        : items.length > MOST_ITEMS
          ? lesson.manyItems(MOST_ITEMS)
          : gone !== undefined
            ? lesson.goneSign(gone.target)
            : null,
  };
}

export function isSound(problems: LessonProblems): boolean {
  return problems.title === null && problems.note === null && problems.items === null;
}
