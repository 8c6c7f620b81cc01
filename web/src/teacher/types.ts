/** What the teacher's page and the server say to each other, as the page uses it. */

import type { Item, NonManual } from '../practice/messages';
import type { Day } from '../practice/types';

export { EYEBROWS, HEADS, MOUTHS } from '../practice/messages';
export type { Example, Item, NonManual } from '../practice/messages';
export type { Day } from '../practice/types';

export const NO_NON_MANUAL: NonManual = { eyebrows: '', mouth: '', head: '' };

export interface Sign {
  gloss: string;
  source: 'teacher' | 'built_in';
  examples: number;
  /** Who recorded it; null: nobody that the server names. */
  by: string | null;
  updated: Date | null;
  nonManual: NonManual;
  validated: boolean;
}

/** A sign with the document that its drawing is made from, for the player. */
export interface DrawnSign extends Sign {
  drawing: unknown;
}

export interface Lesson {
  id: string;
  title: string;
  note: string;
  items: readonly Item[];
  by: string | null;
  updated: Date | null;
  /** The same as the server wrote it, by which it knows what a change is made to; may be empty. */
  version: string;
}

/** What is sent to make or to change a lesson. */
export type LessonContent = Pick<Lesson, 'title' | 'note' | 'items'>;

/** An item and how often it was tried. */
export interface TriedItem extends Item {
  attempts: number;
  accepted: number;
}

export interface Learner {
  name: string;
  attempts: number;
  accepted: number;
  last: Date | null;
  days: readonly Day[];
  hardest: readonly TriedItem[];
}
