import { describe, expect, it } from 'vitest';
import { AttemptKeeper, RecentLandmarks } from '../../src/practice/attempts';
import { letterErrors, LETTERS, lettersOf, readShapes } from '../../src/practice/letters';
import type { Finding } from '../../src/practice/messages';
import {
  planOfDue,
  planOfLesson,
  planOfLetters,
  planOfStory,
  startData,
} from '../../src/practice/plans';
import { Playback, SLOW } from '../../src/practice/playback';
import { columnsOf, daysUntil, overviewOf, weakestFirst } from '../../src/practice/progress';
import { marksAt, marksOf } from '../../src/practice/replay';
import type { ItemProgress, Sign, Story } from '../../src/practice/types';
import shapes from '../../src/practice/letter_shapes.json';
import { seen, session } from './parts';

const tried = (
  kind: ItemProgress['kind'],
  target: string,
  attempts: number,
  accepted: number,
  strength = 0.5,
): ItemProgress => ({ kind, target, attempts, accepted, strength, last: null, due: null });

describe('letters', () => {
  it('are what can be spelled of a text', () => {
    expect(lettersOf('Zo\u00eb 7!')).toBe('ZOE');
    expect(lettersOf('123')).toBe('');
    expect(lettersOf('x'.repeat(99))).toHaveLength(30);
  });

  it('come in the order of how often they go wrong', () => {
    const order = letterErrors([
      tried('letters', 'M', 8, 1),
      tried('letters', 'A', 8, 8),
      tried('letters', 'NT', 4, 0),
      tried('sign', 'QUIET', 50, 0),
    ]);
    expect(order).toHaveLength(26);
    expect(order.slice(0, 3).map(({ letter }) => letter)).toEqual(['M', 'N', 'T']);
    expect(order[0]?.errors).toBeCloseTo(0.8);
    expect(order[1]?.errors).toBeCloseTo(3 / 4);
    expect(order[25]?.letter).toBe('A');
    // A sign is no letters.
    expect(order.find(({ letter }) => letter === 'Q')?.errors).toBe(0.5);
  });

  it('without any attempt come as in the alphabet', () => {
    expect(letterErrors([]).map(({ letter }) => letter)).toEqual(LETTERS);
  });

  it('all have a hand, and J and Z move', () => {
    const read = readShapes(shapes);
    expect([...read.keys()]).toEqual(LETTERS);
    for (const [letter, { frames, duration }] of read) {
      expect(frames[0]?.right).toHaveLength(63);
      expect(duration > 0.4, letter).toBe('JZ'.includes(letter));
    }
  });

  it('that do not fit are left out', () => {
    const hand = Array.from({ length: 21 }, () => [0, 1]);
    const read = readShapes({
      A: [hand],
      B: [hand.slice(1)],
      C: 'x',
      D: [[...hand.slice(1), null]],
    });
    expect([...read.keys()]).toEqual(['A']);
    expect(readShapes(null).size).toBe(0);
  });
});

describe('plans', () => {
  const text = ({ target }: { target: string }) => `do ${target}`;
  const sign = (gloss: string): Sign => ({
    gloss,
    source: 'built_in',
    by: '',
    nonManual: { eyebrows: '', mouth: '', head: '' },
  });

  it('of a story leave it to the server which glosses have a sign', () => {
    const story: Story = {
      id: 's1',
      title: 'Ann eats',
      level: 'expert',
      sentences: [{ text: 'Ann eats.', glosses: ['ANN', 'EAT'] }],
      source: 'library',
    };
    expect(startData(planOfStory(story), 'right')).toEqual({
      story_sentences: ['Ann eats.'],
      story_title: 'Ann eats',
      glosses: [['ANN', 'EAT']],
      handedness: 'right',
      story_id: 's1',
      level: 'expert',
    });
    // A sentence without glosses is made of its words; the others are then, too.
    const half = {
      ...story,
      id: '',
      sentences: [...story.sentences, { text: 'Hm.', glosses: [] }],
    };
    expect(startData(planOfStory(half), 'right')).not.toHaveProperty('glosses');
    expect(startData(planOfStory(half), 'right')).not.toHaveProperty('story_id');
  });

  it('of a lesson and of letters are one by one', () => {
    const items = [
      { kind: 'sign', target: 'EAT' },
      { kind: 'letters', target: 'ANN' },
    ] as const;
    const lesson = planOfLesson({ id: 'l', title: 'Food', note: '', items, by: '' }, text);
    expect(startData(lesson, 'left')).toEqual({
      story_sentences: ['do EAT', 'do ANN'],
      story_title: 'Food',
      items: [[items[0]], [items[1]]],
      handedness: 'left',
      lesson_id: 'l',
    });
    const letters = planOfLetters('The alphabet', ['B', 'A'], text);
    expect(letters.sentences.map(({ items: of }) => of)).toEqual([
      [{ kind: 'letters', target: 'B' }],
      [{ kind: 'letters', target: 'A' }],
    ]);
  });

  it('of what is due leave out signs that there are no more', () => {
    const next = [
      { kind: 'sign', target: 'GONE', why: '' },
      { kind: 'sign', target: 'EAT', why: '' },
      { kind: 'letters', target: 'A', why: '' },
    ] as const;
    const plan = planOfDue('Due', next, [sign('EAT')], text);
    expect(plan?.sentences.map(({ text: it }) => it)).toEqual(['do EAT', 'do A']);
    expect(planOfDue('Due', next.slice(0, 1), [], text)).toBe(null);
  });
});

describe('the last attempt', () => {
  const detecting = session({ mode: 'detecting', isDetecting: true });

  it('is kept from a little before the server noticed it to its end', () => {
    const keeper = new AttemptKeeper();
    for (let time = 0; time <= 3000; time += 100) {
      if (time === 1000) keeper.follow(detecting);
      if (time === 2500) keeper.follow(session({ mode: 'analyzing' }));
      keeper.see(seen(), time);
    }
    // From 500 (400 ms before 900, the last one seen) to 2400.
    expect(keeper.figure(0, 1)?.duration).toBeCloseTo(1.9);
    // The server measured 1 s: with what came before and a little after.
    expect(keeper.figure(1000, 1)?.duration).toBeCloseTo(1.6);
  });

  it('is forgotten if the movement was none, and replaced by the next one', () => {
    const keeper = new AttemptKeeper();
    keeper.see(seen(), 0);
    keeper.follow(detecting);
    keeper.see(seen(), 50);
    keeper.follow(session({ mode: 'listening' }));
    expect(keeper.figure(0, 1)).toBe(null);
    keeper.see(seen(), 5000);
    keeper.follow(detecting);
    keeper.see(seen(), 5100);
    expect(keeper.figure(0, 1)?.duration).toBeCloseTo(0.1);
    keeper.forget();
    expect(keeper.figure(0, 1)).toBe(null);
  });

  it('does not grow without end', () => {
    const keeper = new AttemptKeeper();
    keeper.see(seen(), 0);
    keeper.follow(detecting);
    for (let time = 100; time < 60_000; time += 100) keeper.see(seen(), time);
    expect(keeper.figure(0, 1)?.duration).toBeLessThanOrEqual(20);
  });

  it('of any time is known for some seconds', () => {
    const recent = new RecentLandmarks(1000);
    for (let time = 0; time <= 3000; time += 100) recent.see(seen(), time);
    expect(recent.between(2500, 2800, 1)?.frames).toHaveLength(4);
    expect(recent.between(0, 1900, 1)).toBe(null);
    recent.forget();
    expect(recent.between(0, 9000, 1)).toBe(null);
  });
});

describe('marks of a replay', () => {
  const finding = (part: string, atMs: number): Finding => ({
    aspect: 'location',
    part,
    sentence: 's',
    atMs,
  });
  const findings = [finding('head', 1000), finding('', 0), finding('left_hand', 2000)];

  it('have the numbers of the findings', () => {
    expect(marksOf(findings)).toEqual([
      { number: 1, part: 'head' },
      { number: 3, part: 'left_hand' },
    ]);
  });

  it('are there at their moment', () => {
    expect(marksAt(findings, 700)).toEqual([]);
    expect(marksAt(findings, 1000)).toEqual([{ number: 1, part: 'head' }]);
    expect(marksAt(findings, 1850).map(({ number }) => number)).toEqual([1, 3]);
    expect(marksAt(findings, 3000)).toEqual([]);
  });
});

describe('playback', () => {
  it('goes round with a rest at the end', () => {
    const playback = new Playback(2, true);
    playback.advance(1000);
    expect(playback.phase).toBeCloseTo(0.5);
    playback.advance(1500);
    expect(playback.phase).toBe(1);
    playback.advance(300);
    expect(playback.phase).toBeCloseTo(0.05);
  });

  it('goes slower', () => {
    const playback = new Playback(2, true);
    playback.speed = SLOW;
    playback.advance(1000);
    expect(playback.phase).toBeCloseTo(0.25);
  });

  it('stays where it is put', () => {
    const playback = new Playback(2, true);
    playback.seek(0.75);
    playback.advance(500);
    expect(playback).toMatchObject({ phase: 0.75, isPlaying: false });
    playback.play();
    playback.advance(200);
    expect(playback.phase).toBeCloseTo(0.85);
    playback.seek(5);
    expect(playback.phase).toBe(1);
    playback.play();
    expect(playback.phase).toBe(0);
  });

  it('of what stands still does not play', () => {
    const playback = new Playback(0, true);
    playback.play();
    playback.advance(1000);
    expect(playback).toMatchObject({ phase: 0, isPlaying: false });
  });
});

describe('progress', () => {
  const now = Date.parse('2026-03-10T15:00:00Z');
  const days = [
    { date: '2026-01-01', attempts: 5, accepted: 5 },
    { date: '2026-03-03', attempts: 50, accepted: 0 },
    { date: '2026-03-04', attempts: 4, accepted: 1 },
    { date: '2026-03-10', attempts: 6, accepted: 4 },
  ];

  it('sums up seven days with today', () => {
    const items = [tried('sign', 'A', 1, 1, 0.7), tried('sign', 'B', 1, 1, 0.69)];
    expect(overviewOf({ days, items, next: [] }, now)).toEqual({
      attempts: 10,
      right: 0.5,
      days: 2,
      strong: 1,
    });
    expect(overviewOf({ days: [], items: [], next: [] }, now).right).toBe(null);
  });

  it('has a column for every day, and no more than the server keeps', () => {
    const { times, attempts, accepted } = columnsOf(days, now);
    expect(times).toHaveLength(60);
    expect(times[59]).toBe(Date.parse('2026-03-10') / 1000);
    expect(attempts.slice(-7)).toEqual([4, 0, 0, 0, 0, 0, 6]);
    expect(accepted.slice(-7)).toEqual([1, 0, 0, 0, 0, 0, 4]);
    expect(columnsOf(days.slice(-1), now).times).toHaveLength(14);
    expect(columnsOf([], now).attempts).toEqual(Array.from({ length: 14 }, () => 0));
  });

  it('shows the weakest first', () => {
    const items = [
      tried('sign', 'B', 1, 1, 0.2),
      tried('sign', 'C', 1, 1, 0.1),
      tried('sign', 'A', 1, 1, 0.2),
    ];
    expect(weakestFirst(items).map(({ target }) => target)).toEqual(['C', 'A', 'B']);
  });

  it('counts days until something is due', () => {
    expect(daysUntil(now - 1, now)).toBe(0);
    expect(daysUntil(now + 1, now)).toBe(1);
    expect(daysUntil(now + 36 * 3600 * 1000, now)).toBe(2);
    expect(daysUntil(null, now)).toBe(null);
  });
});
