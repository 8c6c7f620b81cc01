/** What is practised in one go: sentences, each of them signs and words to spell in order. */

import type { Item, StartData } from './messages';
import type { Lesson, Level, Sign, Story, Suggestion } from './types';

export type PlanKind = 'story' | 'letters' | 'lesson' | 'due';

export interface PlanSentence {
  text: string;
  /** Empty: the server makes them of the glosses, or of the text. */
  items: readonly Item[];
  glosses: readonly string[];
}

export interface Plan {
  kind: PlanKind;
  title: string;
  level: Level | null;
  sentences: readonly PlanSentence[];
  storyId?: string;
  lessonId?: string;
}

/** How an item is called where there is no sentence around it. */
export type ItemText = (item: Item) => string;

export function planOfStory(story: Story): Plan {
  return {
    kind: 'story',
    title: story.title,
    level: story.level,
    sentences: story.sentences.map(({ text, glosses }) => ({ text, items: [], glosses })),
    ...(story.id === '' ? {} : { storyId: story.id }),
  };
}

function oneByOne(items: readonly Item[], text: ItemText): PlanSentence[] {
  return items.map((item) => ({ text: text(item), items: [item], glosses: [] }));
}

export function planOfLesson(lesson: Lesson, text: ItemText): Plan {
  return {
    kind: 'lesson',
    title: lesson.title,
    level: null,
    sentences: oneByOne(lesson.items, text),
    lessonId: lesson.id,
  };
}

/** Letters one after the other, in this order. */
export function planOfLetters(title: string, letters: readonly string[], text: ItemText): Plan {
  const items = letters.map((target): Item => ({ kind: 'letters', target }));
  return { kind: 'letters', title, level: null, sentences: oneByOne(items, text) };
}

/** What is due; a sign that there is no more is left out. */
export function planOfDue(
  title: string,
  next: readonly Suggestion[],
  signs: readonly Sign[],
  text: ItemText,
): Plan | null {
  const known = new Set(signs.map(({ gloss }) => gloss));
  const items = next
    .filter(({ kind, target }) => kind === 'letters' || known.has(target))
    .map(({ kind, target }): Item => ({ kind, target }));
  return items.length === 0
    ? null
    : { kind: 'due', title, level: null, sentences: oneByOne(items, text) };
}

/** The request that begins it. Items and glosses go along only if all sentences have some. */
export function startData(plan: Plan, handedness: 'right' | 'left'): StartData {
  const { sentences } = plan;
  const haveItems = sentences.every(({ items }) => items.length > 0);
  const haveGlosses = sentences.every(({ glosses }) => glosses.length > 0);
  return {
    story_sentences: plan.sentences.map(({ text }) => text),
    story_title: plan.title,
    handedness,
    ...(haveItems ? { items: sentences.map(({ items }) => [...items]) } : {}),
    ...(haveGlosses ? { glosses: sentences.map(({ glosses }) => [...glosses]) } : {}),
    ...(plan.storyId === undefined ? {} : { story_id: plan.storyId }),
    ...(plan.lessonId === undefined ? {} : { lesson_id: plan.lessonId }),
    ...(plan.level === null ? {} : { level: plan.level }),
  };
}
