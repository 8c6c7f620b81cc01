import { describe, expect, it } from 'vitest';
import { ClassBook, inOrder, lastDays, shareOf, SHOWN_DAYS } from '../../src/teacher/learners';
import { strings } from '../../src/teacher/strings';
import type { Learner } from '../../src/teacher/types';
import { json, serverOf } from './doubles';

const learner = (
  name: string,
  attempts: number,
  accepted: number,
  last: string | null,
): Learner => ({
  name,
  attempts,
  accepted,
  last: last === null ? null : new Date(last),
  days: [],
  hardest: [],
});

const CLASS = [
  learner('cem', 4, 4, '2026-11-20T10:00:00Z'),
  learner('Ada', 10, 5, '2026-11-24T10:00:00Z'),
  learner('bo', 0, 0, null),
  learner('dee', 4, 1, '2026-11-22T10:00:00Z'),
];
const names = (order: Parameters<typeof inOrder>[1]) =>
  inOrder(CLASS, order).map(({ name }) => name);

describe('the order of a class', () => {
  it.each([
    ['name', false, ['Ada', 'bo', 'cem', 'dee']],
    ['name', true, ['dee', 'cem', 'bo', 'Ada']],
    ['attempts', true, ['Ada', 'cem', 'dee', 'bo']],
    ['attempts', false, ['bo', 'cem', 'dee', 'Ada']],
    ['share', true, ['cem', 'Ada', 'dee', 'bo']],
    // Who has not practised has no share: last in either direction.
    ['share', false, ['dee', 'Ada', 'cem', 'bo']],
    ['last', true, ['Ada', 'dee', 'cem', 'bo']],
    ['last', false, ['cem', 'dee', 'Ada', 'bo']],
  ] as const)('by %s (descending: %s)', (key, descending, expected) => {
    expect(names({ key, descending })).toEqual(expected);
  });

  it('is turned round by the same key, and begins where it helps', () => {
    const book = new ClassBook(serverOf().api);
    book.sortBy('share');
    expect(book.store.value.order).toEqual({ key: 'share', descending: true });
    book.sortBy('share');
    expect(book.store.value.order).toEqual({ key: 'share', descending: false });
    book.sortBy('name');
    expect(book.store.value.order).toEqual({ key: 'name', descending: false });
  });

  it('knows what share was accepted', () => {
    expect(CLASS.map(shareOf)).toEqual([1, 0.5, null, 0.25]);
  });
});

describe('the days of a learner', () => {
  it('are the last fourteen, empty ones too', () => {
    const days = lastDays(
      [
        { date: '2026-11-25', attempts: 3, accepted: 2 },
        { date: '2026-11-12', attempts: 1, accepted: 0 },
        { date: '2026-11-11', attempts: 9, accepted: 9 },
      ],
      new Date('2026-11-25T00:30:00Z'),
    );
    expect(days).toHaveLength(SHOWN_DAYS);
    expect(days[0]).toEqual({ date: '2026-11-12', attempts: 1, accepted: 0 });
    expect(days[1]).toEqual({ date: '2026-11-13', attempts: 0, accepted: 0 });
    expect(days[13]).toEqual({ date: '2026-11-25', attempts: 3, accepted: 2 });
  });

  it('are put in words', () => {
    const { bars, bar } = strings.learners;
    expect(bars('ada', 0, 0, '')).toBe('ada has not practised in the last 14 days.');
    expect(bars('ada', 1, 5, '2026-11-24')).toContain('on 1 day of the last 14');
    expect(bars('ada', 1, 5, '2026-11-24')).toContain('24 Nov: 5 attempts');
    expect(bar('2026-11-24', 1, 0)).toBe('24 Nov: 1 attempt, 0 accepted');
  });
});

describe('the class', () => {
  it('is asked for, and kept when the server does not answer', async () => {
    const { api } = serverOf(
      json({ learners: [{ name: 'ada', attempts: 1, accepted: 1, last: null }] }),
      json({ error: 'Only a teacher may see it.' }, 403),
    );
    const book = new ClassBook(api);
    await book.load();
    expect(book.store.value.learners).toHaveLength(1);
    await book.load();
    expect(book.store.value).toMatchObject({ problem: 'Only a teacher may see it.' });
    expect(book.store.value.learners).toHaveLength(1);
  });
});
