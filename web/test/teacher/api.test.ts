import { describe, expect, it } from 'vitest';
import { TeacherApi } from '../../src/teacher/api';
import { json, lessonRow, nothing, serverOf, signRow } from './doubles';

describe('what the server answers', () => {
  it('is read: signs', async () => {
    const asks = { eyebrows: 'raised', mouth: 'strange', head: 'nod' };
    const { api, asked } = serverOf(
      json({
        signs: [
          signRow('EAT'),
          signRow('DRINK', { by: null, updated: null, source: 'built_in', non_manual: asks }),
        ],
      }),
    );
    expect(await api.signs()).toEqual({
      ok: true,
      value: [
        {
          gloss: 'EAT',
          source: 'teacher',
          examples: 3,
          by: 'mia',
          updated: new Date('2026-11-20T10:00:00Z'),
          nonManual: { eyebrows: '', mouth: '', head: '' },
          validated: false,
        },
        expect.objectContaining({
          source: 'built_in',
          by: null,
          updated: null,
          nonManual: { eyebrows: 'raised', mouth: '', head: 'nod' },
        }),
      ],
    });
    expect(asked).toEqual([{ method: 'GET', url: '/api/signs', body: null, type: undefined }]);
  });

  it('is read: a sign with its drawing', async () => {
    const { api, asked } = serverOf(json({ ...signRow('A/B'), drawing: { fps: 25, frames: [] } }));
    expect(await api.sign('A/B')).toMatchObject({
      ok: true,
      value: { gloss: 'A/B', drawing: { fps: 25 } },
    });
    expect(asked[0]?.url).toBe('/api/signs/A%2FB');
  });

  it('is read: lessons', async () => {
    const { api } = serverOf(json({ lessons: [lessonRow('7', 'Food', { note: undefined })] }));
    expect(await api.lessons()).toMatchObject({
      ok: true,
      value: [
        {
          id: '7',
          title: 'Food',
          note: '',
          items: [
            { kind: 'sign', target: 'EAT' },
            { kind: 'letters', target: 'ANNA' },
          ],
        },
      ],
    });
  });

  it('is read: the class', async () => {
    const ada = {
      name: 'ada',
      attempts: 10,
      accepted: 7,
      last: '2026-11-24T09:00:00Z',
      days: [{ date: '2026-11-24', attempts: 10, accepted: 7 }],
      hardest: [{ kind: 'letters', target: 'ANNA', attempts: 4, accepted: 1 }],
    };
    const { api } = serverOf(
      json({ learners: [ada, { name: 'bo', attempts: 0, accepted: 0, last: null }] }),
    );
    expect(await api.learners()).toEqual({
      ok: true,
      value: [
        { ...ada, last: new Date('2026-11-24T09:00:00Z') },
        { name: 'bo', attempts: 0, accepted: 0, last: null, days: [], hardest: [] },
      ],
    });
  });

  it.each([
    [json({ signs: 'none' }), '"signs" is not a list'],
    [json([]), 'the answer is not an object'],
    [json({ signs: [signRow('EAT', { examples: 'three' })] }), 'signs[0], examples'],
    [json({ signs: [signRow('EAT', { examples: -1 })] }), 'signs[0], examples'],
    [json({ signs: [null] }), 'signs[0] is not an object'],
    [new Response('<html>'), 'the answer is not an object'],
  ])('is refused with the place where it does not fit', async (answer, words) => {
    const { api } = serverOf(answer);
    const refused = await api.signs();
    expect(refused).toMatchObject({ ok: false, status: 0 });
    expect(refused.ok ? '' : refused.sentence).toContain(words);
  });
});

describe('what the server is told', () => {
  const content = {
    title: 'Food',
    note: 'Slowly.',
    items: [{ kind: 'sign', target: 'EAT' }],
  } as const;

  it('is a new lesson, or the changed one', async () => {
    const { api, asked } = serverOf(
      json(lessonRow('7', 'Food'), 201),
      json({ lesson: lessonRow('7', 'Food') }),
      json(lessonRow('7', 'Food')),
    );
    // What the page keeps beside the item is not for the server.
    const items = content.items.map((item) => ({ ...item, key: 3 }));
    expect(await api.makeLesson({ ...content, items })).toMatchObject({ value: { id: '7' } });
    expect(await api.changeLesson('7', 'then', content)).toMatchObject({ value: { id: '7' } });
    await api.changeLesson('7', '', content);
    const type = 'application/json';
    expect(asked).toEqual([
      { method: 'POST', url: '/api/lessons', body: content, type },
      { method: 'PUT', url: '/api/lessons/7', body: { ...content, updated: 'then' }, type },
      { method: 'PUT', url: '/api/lessons/7', body: content, type },
    ]);
  });

  it('is what is to be deleted', async () => {
    const { api, asked } = serverOf(nothing(), nothing());
    expect(await api.removeSign('EAT')).toEqual({ ok: true, value: null });
    expect(await api.removeLesson('7')).toEqual({ ok: true, value: null });
    expect(asked).toMatchObject([
      { method: 'DELETE', url: '/api/signs/EAT', body: null },
      { method: 'DELETE', url: '/api/lessons/7', body: null },
    ]);
  });
});

describe('what the server does not do', () => {
  it('is said in its own words', async () => {
    const { api } = serverOf(
      json({ error: 'A lesson of this title is there already.' }, 409),
      json({ error: 'x'.repeat(1000) }, 400),
    );
    expect(await api.lessons()).toEqual({
      ok: false,
      status: 409,
      sentence: 'A lesson of this title is there already.',
    });
    const long = await api.lessons();
    expect(long.ok ? '' : long.sentence).toHaveLength(400);
  });

  it('of nobody who is signed in is told, and how to go on', async () => {
    let signedOut = 0;
    const refused = json({ error: 'Sign in first.' }, 401);
    const api = new TeacherApi(
      () => Promise.resolve(refused),
      () => {
        signedOut += 1;
      },
    );
    const answer = await api.lessons();
    expect(answer).toMatchObject({ ok: false, status: 401 });
    expect(answer.ok ? '' : answer.sentence).toContain('another tab');
    expect(signedOut).toBe(1);
  });

  it('is said without them too', async () => {
    const { api } = serverOf(new Response('', { status: 502 }), null);
    expect(await api.lessons()).toMatchObject({ ok: false, status: 502 });
    const away = await api.lessons();
    expect(away).toMatchObject({ ok: false, status: 0 });
    expect(away.ok ? '' : away.sentence).toContain('does not answer');
  });
});
