/** Letters: which there are, in which order they are practised, and how their hands look. */

import { asArray, asObject } from '../json';
import { HAND_POINTS } from '../protocol';
import { type Figure, handFigure, readPoints } from './figure';
import type { ItemProgress } from './types';

export const LETTERS: readonly string[] = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
/** These two are drawn in the air. */
export const MOVING_LETTERS: readonly string[] = ['J', 'Z'];

/** The frames of letter_shapes.json follow each other at this pace. */
const SHAPE_FPS = 15;
/** No more letters are spelled in one attempt; src/practice/glossing.hpp has the same. */
export const LONGEST_WORD = 30;

/** What can be fingerspelled of a text: A to Z in capitals, without accents. */
export function lettersOf(text: string): string {
  return text
    .normalize('NFD')
    .toUpperCase()
    .replaceAll(/[^A-Z]/g, '')
    .slice(0, LONGEST_WORD);
}

export interface LetterErrors {
  letter: string;
  /** 0 to 1: share that goes wrong, a half where nothing is known. */
  errors: number;
}

/**
 * How often each letter goes wrong, the worst first. An attempt at a word counts for each of its
 * letters, and the less the longer it is. (errors + 1) / (attempts + 2): Laplace's rule, so that
 * one attempt does not say everything.
 */
export function letterErrors(items: readonly ItemProgress[]): LetterErrors[] {
  const tries = new Map<string, { attempts: number; errors: number }>();
  for (const { kind, target, attempts, accepted } of items) {
    const letters = kind === 'letters' ? lettersOf(target) : '';
    for (const letter of letters) {
      const sum = tries.get(letter) ?? { attempts: 0, errors: 0 };
      sum.attempts += attempts / letters.length;
      sum.errors += (attempts - accepted) / letters.length;
      tries.set(letter, sum);
    }
  }
  return LETTERS.map((letter) => {
    const { attempts, errors } = tries.get(letter) ?? { attempts: 0, errors: 0 };
    return { letter, errors: (errors + 1) / (attempts + 2) };
  }).sort((a, b) => b.errors - a.errors || a.letter.localeCompare(b.letter));
}

/** The figures of letter_shapes.json; a letter that does not fit is left out. */
export function readShapes(value: unknown): ReadonlyMap<string, Figure> {
  const shapes = asObject(value);
  const read = new Map<string, Figure>();
  for (const letter of LETTERS) {
    const hands = asArray(shapes[letter]).flatMap((hand) => {
      const points = readPoints(hand, HAND_POINTS);
      return points && !points.some((number) => Number.isNaN(number)) ? [points] : [];
    });
    if (hands.length > 0) read.set(letter, handFigure(hands, SHAPE_FPS));
  }
  return read;
}
