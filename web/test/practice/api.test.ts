import { describe, expect, it, vi } from 'vitest';
import { PracticeApi } from '../../src/practice/api';

/** A server with this answer; null: it is not there. */
function server(answer: Response | null) {
  const asked: { url: string; method: string; body: unknown }[] = [];
  let signedOut = 0;
  const api = new PracticeApi(
    async (url, options = {}) => {
      asked.push({
        url,
        method: options.method ?? 'GET',
        body: options.body === undefined ? null : JSON.parse(String(options.body)),
      });
      if (!answer) throw new TypeError('Failed to fetch');
      return answer;
    },
    () => {
      signedOut += 1;
    },
  );
  return { api, asked, signedOut: () => signedOut };
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const STORY = {
  id: 's1',
  title: 'Ann',
  level: 'normal',
  source: 'model',
  sentences: [{ text: 'Ann eats.', glosses: ['ANN', 'EAT', 5] }, { text: '' }, 'x'],
};
const READ = {
  id: 's1',
  title: 'Ann',
  level: 'normal',
  source: 'model',
  sentences: [{ text: 'Ann eats.', glosses: ['ANN', 'EAT'] }],
};

describe('what the server holds for practice', () => {
  it('stories of a level, without those that say nothing', async () => {
    const { api, asked } = server(
      json({ stories: [STORY, { title: 'Empty', sentences: [] }, null, { ...STORY, title: 5 }] }),
    );
    expect(await api.stories('mid_level')).toEqual({ ok: true, value: [READ] });
    expect(asked[0]?.url).toBe('/api/stories?level=mid_level');
  });

  it('a story that is made', async () => {
    const { api, asked } = server(json({ story: STORY, notice: 'Made of patterns.' }));
    expect(await api.makeStory({ topic: 'my day' }, 'normal')).toEqual({
      ok: true,
      value: { story: READ, notice: 'Made of patterns.' },
    });
    expect(asked[0]).toEqual({
      url: '/api/stories',
      method: 'POST',
      body: { topic: 'my day', level: 'normal' },
    });
  });

  it('signs, and the drawing of one', async () => {
    const row = {
      gloss: 'A/B',
      source: 'teacher',
      by: 'Ada',
      non_manual: { eyebrows: 'raised', head: 'up' },
    };
    const sign = {
      gloss: 'A/B',
      source: 'teacher',
      by: 'Ada',
      nonManual: { eyebrows: 'raised', mouth: '', head: '' },
    };
    expect(await server(json({ signs: [row, {}, 5] })).api.signs()).toEqual({
      ok: true,
      value: [sign],
    });
    const { api, asked } = server(json({ ...row, drawing: { fps: 25, frames: 'none' } }));
    expect(await api.sign('A/B')).toEqual({ ok: true, value: { ...sign, figure: null } });
    expect(asked[0]?.url).toBe('/api/signs/A%2FB');
  });

  it('lessons with something in them', async () => {
    const items = [
      { kind: 'sign', target: 'EAT' },
      { kind: 'dance', target: 'X' },
    ];
    const { api } = server(
      json({
        lessons: [
          { id: 7, title: 'Food', note: null, items },
          { id: 8, title: 'None', items: [] },
        ],
      }),
    );
    expect(await api.lessons()).toEqual({
      ok: true,
      value: [
        { id: '7', title: 'Food', note: '', items: [{ kind: 'sign', target: 'EAT' }], by: '' },
      ],
    });
  });

  it('progress, whatever is wrong with a row', async () => {
    const { api } = server(
      json({
        items: [
          {
            kind: 'sign',
            target: 'EAT',
            attempts: 3,
            accepted: 9,
            strength: 0.5,
            due: '2026-03-01T00:00:00Z',
          },
          { kind: 'letter_word', target: 'ANN', attempts: -1, strength: 7, last: 'soon' },
          { kind: 'sign' },
        ],
        days: [{ date: '2026-03-01', attempts: 2, accepted: 1 }, { date: 'today' }],
        next: [{ kind: 'letters', target: 'A', why: 'Due.' }, {}],
      }),
    );
    expect(await api.progress()).toEqual({
      ok: true,
      value: {
        items: [
          {
            kind: 'sign',
            target: 'EAT',
            attempts: 3,
            accepted: 3,
            strength: 0.5,
            last: null,
            due: Date.parse('2026-03-01T00:00:00Z'),
          },
          {
            kind: 'letters',
            target: 'ANN',
            attempts: 0,
            accepted: 0,
            strength: 0,
            last: null,
            due: null,
          },
        ],
        days: [{ date: '2026-03-01', attempts: 2, accepted: 1 }],
        next: [{ kind: 'letters', target: 'A', why: 'Due.' }],
      },
    });
  });

  it('nothing at all is empty', async () => {
    expect(await server(json({})).api.progress()).toEqual({
      ok: true,
      value: { items: [], days: [], next: [] },
    });
  });
});

describe('a server that hangs', () => {
  it('is given up, a story that is made later than the rest', async () => {
    vi.useFakeTimers();
    const patience = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), ms);
      return controller.signal;
    });
    const api = new PracticeApi(
      (_url, { signal } = {}) =>
        new Promise((_answer, refuse) => {
          signal?.addEventListener('abort', () => refuse(new Error('aborted')));
        }),
    );
    const answers: string[] = [];
    void api.signs().then((answer) => answers.push(answer.ok ? 'ok' : answer.problem.kind));
    void api.makeStory({ word: 'x' }, 'normal').then(() => answers.push('story'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(answers).toEqual(['unreachable']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(answers).toEqual(['unreachable', 'story']);
    patience.mockRestore();
    vi.useRealTimers();
  });
});

describe('what the server refuses', () => {
  it.each([
    [401, 'signed_out', ''],
    [404, 'missing', 'No such story.'],
    [429, 'wait', 'No such story.'],
    [503, 'server', 'No such story.'],
  ])('with %d is %s', async (status, kind, words) => {
    const { api, signedOut } = server(json({ error: 'No such story.' }, status));
    expect(await api.stories('normal')).toEqual({ ok: false, problem: { kind, words } });
    expect(signedOut()).toBe(status === 401 ? 1 : 0);
  });

  it('is told even where it says nothing', async () => {
    expect(await server(new Response('<html>', { status: 502 })).api.signs()).toEqual({
      ok: false,
      problem: { kind: 'server', words: '' },
    });
    expect(await server(null).api.signs()).toEqual({
      ok: false,
      problem: { kind: 'unreachable', words: '' },
    });
    // A page of something in between, which says that all is well.
    expect(await server(new Response('<html>')).api.stories('normal')).toEqual({
      ok: false,
      problem: { kind: 'server', words: '' },
    });
    expect(await server(json({ story: {} })).api.makeStory({ word: 'x' }, 'normal')).toEqual({
      ok: false,
      problem: { kind: 'server', words: '' },
    });
  });
});
