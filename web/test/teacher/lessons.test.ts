import { describe, expect, it } from 'vitest';
import { LessonBook } from '../../src/teacher/lessons';
import type { Lesson } from '../../src/teacher/types';
import { json, lessonRow, nothing, serverOf } from './doubles';

const list = (...lessons: object[]) => json({ lessons });

async function bookWith(...answers: (Response | null)[]) {
  const { api, asked } = serverOf(list(lessonRow('7', 'Food')), ...answers);
  const book = new LessonBook(api, (gloss) => gloss !== 'DOG');
  await book.load();
  const [food] = book.store.value.lessons ?? [];
  return { book, asked, food: food as Lesson };
}

const targets = (book: LessonBook) => book.store.value.draft?.items.map(({ target }) => target);
const keys = (book: LessonBook) => book.store.value.draft?.items.map(({ key }) => key) ?? [];

describe('a lesson that is written', () => {
  it('begins empty, or as it is stored', async () => {
    const { book, food } = await bookWith();
    book.edit(null);
    expect(book.store.value.draft).toMatchObject({
      id: null,
      title: '',
      items: [],
      changed: false,
    });
    book.edit(food);
    expect(book.store.value.draft).toMatchObject({ id: '7', title: 'Food', storedTitle: 'Food' });
    expect(targets(book)).toEqual(['EAT', 'ANNA']);
    expect(book.hasUnsaved).toBe(false);
    book.write({ title: 'Fruit' });
    expect(book.hasUnsaved).toBe(true);
    expect(book.store.value.draft?.storedTitle).toBe('Food');
    book.cancel();
    expect(book.hasUnsaved).toBe(false);
  });

  it('has its items moved, added and taken out, each told', async () => {
    const { book, food } = await bookWith();
    book.edit(food);
    book.add({ kind: 'sign', target: 'EAT' });
    expect(book.store.value.said).toBe('EAT is added.');
    expect(targets(book)).toEqual(['EAT', 'ANNA', 'EAT']);
    expect(new Set(keys(book)).size).toBe(3);
    const [first, second, third] = keys(book) as [number, number, number];
    book.move(third, -1);
    expect(keys(book)).toEqual([first, third, second]);
    expect(book.store.value.said).toBe('EAT is now 2 of 3.');
    book.move(third, 1);
    book.move(third, 1);
    book.move(first, -1);
    expect(keys(book)).toEqual([first, second, third]);
    book.takeOut(second);
    expect(book.store.value.said).toBe('ANNA, spelled is taken out.');
    expect(keys(book)).toEqual([first, third]);
    book.takeOut(second);
    expect(keys(book)).toEqual([first, third]);
  });

  it('is stored', async () => {
    const stored = lessonRow('8', 'Fruit');
    const { book, asked } = await bookWith(json(stored, 201), list(stored));
    book.edit(null);
    book.write({ title: ' Fruit ', note: ' Slowly. ' });
    book.add({ kind: 'letters', target: 'APPLE' });
    await book.save();
    expect(asked[1]).toMatchObject({
      method: 'POST',
      body: { title: 'Fruit', note: 'Slowly.', items: [{ kind: 'letters', target: 'APPLE' }] },
    });
    expect(book.store.value).toMatchObject({ draft: null, said: '"Fruit" is stored.' });
    expect(book.store.value.lessons?.map(({ id }) => id)).toEqual(['8']);
  });

  it('is shown as stored even if the list does not come', async () => {
    const { book, food, asked } = await bookWith(json(lessonRow('7', 'Fruit')), null);
    book.edit(food);
    book.write({ title: 'Fruit' });
    await book.save();
    expect(book.store.value.lessons?.map(({ title }) => title)).toEqual(['Fruit']);
    expect(asked[1]?.body).toMatchObject({ updated: '2026-11-20T10:00:00Z' });
  });

  it('is not sent while something is wrong with it', async () => {
    const { book, asked } = await bookWith();
    book.edit(null);
    expect(book.store.value.draft?.tried).toBe(false);
    await book.save();
    expect(book.store.value.draft?.tried).toBe(true);
    book.write({ title: 'Pets' });
    book.add({ kind: 'sign', target: 'DOG' });
    await book.save();
    expect(book.store.value.draft?.saving).toBe(false);
    expect(asked).toHaveLength(1);
  });

  it('is not lost when the server refuses it', async () => {
    const { book, asked, food } = await bookWith(json({ error: 'There is no sign EAT.' }, 400));
    book.edit(food);
    book.write({ note: 'Slowly.' });
    await Promise.all([book.save(), book.save()]);
    expect(asked).toHaveLength(2);
    expect(book.store.value.draft).toMatchObject({
      note: 'Slowly.',
      saving: false,
      problem: 'There is no sign EAT.',
    });
    expect(book.hasUnsaved).toBe(true);
  });
});

describe('a lesson that is deleted', () => {
  it('is gone', async () => {
    const { book, asked, food } = await bookWith(nothing(), null);
    await book.remove(food);
    expect(asked[1]).toMatchObject({ method: 'DELETE', url: '/api/lessons/7' });
    expect(book.store.value).toMatchObject({ lessons: [], said: '"Food" is deleted.' });
  });

  it('stays when the server says no', async () => {
    const { book, food } = await bookWith(json({ error: 'Only a teacher may.' }, 403));
    await book.remove(food);
    expect(book.store.value).toMatchObject({ problem: 'Only a teacher may.', deleting: null });
    expect(book.store.value.lessons).toHaveLength(1);
  });
});
