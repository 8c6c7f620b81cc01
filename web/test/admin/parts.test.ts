import { describe, expect, it } from 'vitest';
import { Api, type Fetch } from '../../src/admin/api';
import * as format from '../../src/admin/format';
import { emptyHistory, hasPoints, merge, WINDOW_SECONDS } from '../../src/admin/history';
import { GOOD_FOR_MS, type Notice, Notices } from '../../src/admin/notices';
import { timeLabel, timeRange, valueRange } from '../../src/admin/plot';
import { strings } from '../../src/admin/strings';
import { TokenKeeper, tokenProblem } from '../../src/admin/token';
import { wholeNumber } from '../../src/admin/whole_number';
import { historyOf } from './double';

describe('Api', () => {
  const answering = (response: () => Promise<Response>): Api =>
    new Api('t', response as unknown as Fetch);

  it('sends the token with every request, and never in the address', async () => {
    const seen: [string, RequestInit][] = [];
    const api = new Api('secret', (url, options) => {
      seen.push([url, options]);
      return Promise.resolve(Response.json({}));
    });
    await api.get('/api/overview');
    await api.post('/api/drain', {});
    for (const [url, options] of seen) {
      expect(url).not.toContain('secret');
      expect(options.headers).toMatchObject({ Authorization: 'Bearer secret' });
      expect(options.signal).toBeInstanceOf(AbortSignal);
    }
    expect(seen[1]?.[1]).toMatchObject({ method: 'POST', body: '{}' });
    expect(seen[1]?.[1].headers).toMatchObject({ 'Content-Type': 'application/json' });
  });

  it.each([
    [() => Promise.reject(new TypeError('no')), { kind: 'away' }],
    [
      () => Promise.resolve(Response.json({ error: 'Who?' }, { status: 401 })),
      { kind: 'unauthorised', sentence: 'Who?' },
    ],
    [
      () => Promise.resolve(Response.json({ error: 'No.', problems: ['a'] }, { status: 400 })),
      { kind: 'refused', status: 400, sentence: 'No.', problems: ['a'] },
    ],
    [
      () => Promise.resolve(new Response('<html>', { status: 502 })),
      {
        kind: 'refused',
        status: 502,
        sentence: 'The server answered with status 502 and without a reason.',
        problems: [],
      },
    ],
    [() => Promise.resolve(Response.json({ ok: true })), { kind: 'ok', value: { ok: true } }],
  ])('tells answers apart: %#', async (response, expected) => {
    expect(await answering(response).get('/api/x')).toEqual(expected);
  });

  it('does not take a page for an answer', async () => {
    const api = answering(() => Promise.resolve(new Response('<html>hello</html>')));
    expect(await api.get('/api/x')).toMatchObject({ kind: 'refused', status: 200 });
  });
});

describe('the token', () => {
  it.each([
    ['', 'Paste'],
    ['two words', 'one line'],
    ['line\nline', 'one line'],
    ['\u00e9', 'one line'],
  ])('is refused if no header can carry it: %j', (text, words) => {
    expect(tokenProblem(text)).toContain(words);
  });

  it('is taken otherwise', () => expect(tokenProblem('0123abcdef')).toBeNull());

  it('survives a browser that keeps nothing', () => {
    const refusing = () => {
      throw new Error('denied');
    };
    for (const storage of [null, { getItem: refusing, setItem: refusing, removeItem: refusing }]) {
      const keeper = new TokenKeeper(storage);
      keeper.keep('a');
      keeper.forget();
      expect(keeper.load()).toBeNull();
    }
  });
});

describe('history', () => {
  const series = (...steps: Parameters<typeof merge>[1][]) =>
    steps.reduce(merge, emptyHistory()).series.cpu_percent;

  it('grows, and the server counts where both know a second', () => {
    expect(series(historyOf(10, [1, 2]), historyOf(11, [7, 3]))).toEqual([1, 7, 3]);
  });

  it('shows a time that nobody knows as a gap', () => {
    expect(series(historyOf(10, [1]), historyOf(14, [5]))).toEqual([1, null, null, null, 5]);
  });

  it.each([
    [12, [1, 1, 3]],
    [13, [1, 1, 1, 3]],
  ])('takes a second without a measurement for the one before (%i)', (next, expected) => {
    expect(series(historyOf(10, [1]), historyOf(next, [3]))).toEqual(expected);
  });

  it('stays as it is when there is nothing new', () => {
    expect(series(historyOf(10, [1]), historyOf(0, []))).toEqual([1]);
    expect(merge(emptyHistory(), historyOf(0, []))).toEqual(emptyHistory());
  });

  it('keeps ten minutes', () => {
    const long = merge(
      emptyHistory(),
      historyOf(0, new Array<number>(WINDOW_SECONDS + 50).fill(1)),
    );
    expect(long.times).toHaveLength(WINDOW_SECONDS);
    expect(long.times.at(-1)).toBe(WINDOW_SECONDS + 49);
    // A jump of the clock must not fill the memory with gaps.
    const later = merge(long, historyOf(1_000_000, [5]));
    expect(later.times).toHaveLength(WINDOW_SECONDS);
    expect(later.series.sessions.at(-1)).toBe(5);
  });

  it('begins anew when the clock of the server was set back', () => {
    const back = merge(merge(emptyHistory(), historyOf(1000, [1, 2])), historyOf(500, [3]));
    expect(back.times).toEqual([500]);
    expect(back.series.sessions).toEqual([3]);
  });

  it('knows whether there is anything to draw', () => {
    expect(hasPoints(merge(emptyHistory(), historyOf(1, [null])), ['sessions'])).toBe(false);
    expect(hasPoints(merge(emptyHistory(), historyOf(1, [null, 0])), ['sessions'])).toBe(true);
  });
});

describe('notices', () => {
  it('lets a success go by itself, and a failure or a result to read stay', () => {
    let shown: readonly Notice[] = [];
    const timers: [() => void, number][] = [];
    const notices = new Notices(
      (list) => (shown = list),
      (action, delay) => timers.push([action, delay]),
    );
    notices.add('good', 'done');
    notices.add('good', 'read this', ['detail']);
    notices.add('bad', 'failed');
    expect(shown.map(({ text }) => text)).toEqual(['failed', 'read this', 'done']);
    expect(timers.map(([, delay]) => delay)).toEqual([GOOD_FOR_MS]);
    timers[0]?.[0]();
    expect(shown.map(({ text }) => text)).toEqual(['failed', 'read this']);
    notices.remove(shown[0]?.id ?? -1);
    expect(shown.map(({ text }) => text)).toEqual(['read this']);
    for (let i = 0; i < 9; ++i) notices.add('bad', String(i));
    expect(shown).toHaveLength(5);
    notices.clear();
    expect(shown).toEqual([]);
  });
});

describe('what is written', () => {
  it.each([
    [format.short(null), '\u2013'],
    [format.short(3.14159), '3.1'],
    [format.short(99.94), '99.9'],
    [format.short(99.96), '100'],
    [format.whole(12345.6), '12,346'],
    [format.plain(80), '80'],
    [format.plain(0.25), '0.3'],
    [format.milliseconds(null), '\u2013'],
    [format.milliseconds(50), '50.0\u00a0ms'],
    [format.share(0.014), '1.4\u00a0%'],
    [format.mebibytes(600 * 1024 * 1024), '600\u00a0MiB'],
    [format.size(1), '1\u00a0byte'],
    [format.size(3 * 1024 * 1024), '3.0\u00a0MiB'],
    [format.span(-1), '0 s'],
    [format.span(185), '3 min 05 s'],
    [format.span(7800), '2 h 10 min'],
    [format.span(1_051_200), '12 d 4 h'],
    [format.clock('nonsense'), '\u2013'],
  ])('%# is %j', (text, expected) => expect(text).toBe(expected));

  it('shows names that this page does not know as the server writes them', () => {
    expect(strings.profileName('new_one')).toBe('new_one');
    expect(strings.reasonName('new_reason')).toBe('new_reason');
    expect(strings.alertName('new_alert')).toBe('new_alert');
  });

  it('counts alerts in words', () => {
    expect(strings.alertSummary(0, 0)).toBe('No alerts');
    expect(strings.alertSummary(2, 1)).toBe('1 critical, 2 warnings');
  });
});

describe('whole numbers', () => {
  it.each([
    ['', null],
    [' 7 ', 7],
    ['30', 30],
    ['31', 'wrong'],
    ['-1', 'wrong'],
    ['1.5', 'wrong'],
    ['1e1', 'wrong'],
    ['many', 'wrong'],
  ])('%j is %j', (text, expected) => expect(wholeNumber(text, 30)).toBe(expected));
});

describe('scales', () => {
  it('begin at zero and leave room above', () => {
    expect(valueRange(null, 50)).toEqual([0, 50]);
    expect(valueRange(10, 50)).toEqual([0, 50]);
    expect(valueRange(100, 50)[1]).toBeCloseTo(115);
  });

  it('are ten minutes wide from the beginning', () => {
    expect(timeRange(1000)).toEqual([401, 1000]);
    expect(timeRange(null)[1]).toBe(0);
    expect(timeLabel(0)).toMatch(/^\d\d:\d\d$/);
  });
});
