import { beforeEach, describe, expect, it } from 'vitest';
import type { Feedback, PracticeControl, PracticePush } from '../../src/practice/messages';
import type { Plan } from '../../src/practice/plans';
import { GO_ON_MS, JOIN_MS, Practice } from '../../src/practice/practice';
import { feedback, item, seen, session } from './parts';

const PLAN: Plan = {
  kind: 'story',
  title: 'A story',
  level: 'normal',
  sentences: [
    { text: 'My brother eats.', items: [], glosses: ['BROTHER', 'EAT'] },
    { text: 'Thank you.', items: [], glosses: ['THANK-YOU'] },
  ],
  storyId: 's1',
};

let isLive: boolean;
let sent: PracticeControl[];
let timers: Map<number, { action: () => void; delayMs: number }>;
let now: number;
let told: (push: PracticePush) => void;
let practice: Practice;

const state = () => practice.store.value;
const actions = () => sent.map(({ action }) => action);
const update = (change: Parameters<typeof session>[0] = {}) =>
  told({ type: 'update', session: session(change) });
const answered = (action: string, success = true, error = '') =>
  told({ type: 'answered', action, success, error, session: null, result: {} });
const started = () => told({ type: 'started', success: true, error: '', session: session() });

const judged = (change: Partial<Feedback> = {}) =>
  told({ type: 'feedback', feedback: feedback(change) });

/** Runs the only timer there is. */
function elapse(): number {
  expect(timers.size).toBe(1);
  const [[id, { action, delayMs }]] = [...timers] as [
    [number, { action: () => void; delayMs: number }],
  ];
  timers.delete(id);
  action();
  return delayMs;
}

beforeEach(() => {
  isLive = true;
  sent = [];
  timers = new Map();
  now = 5000;
  let timer = 0;
  practice = new Practice({
    link: {
      get isLive() {
        return isLive;
      },
      send: (control) => {
        if (isLive) sent.push(control);
        return isLive;
      },
      watch: (watcher) => {
        told = watcher;
        return () => undefined;
      },
    },
    now: () => now,
    later: (action, delayMs) => {
      timer += 1;
      timers.set(timer, { action, delayMs });
      return timer;
    },
    cancel: (id) => void timers.delete(id),
    aspect: () => 4 / 3,
  });
});

function running(): void {
  practice.begin(PLAN, 'left');
  started();
  update();
}

describe('practice', () => {
  it('begins with all that the server needs', () => {
    practice.begin(PLAN, 'left');
    expect(sent).toEqual([
      {
        action: 'start_session',
        data: {
          story_sentences: ['My brother eats.', 'Thank you.'],
          story_title: 'A story',
          glosses: [['BROTHER', 'EAT'], ['THANK-YOU']],
          handedness: 'left',
          story_id: 's1',
          level: 'normal',
        },
      },
    ]);
    expect(state().phase).toBe('starting');
    started();
    expect(state()).toMatchObject({ phase: 'running', startedAt: 5000 });
    expect(state().items.map(({ target }) => target)).toEqual(['BROTHER', 'EAT']);
  });

  it('waits for a connection', () => {
    isLive = false;
    practice.begin(PLAN, 'right');
    expect(state().phase).toBe('waiting');
    expect(sent).toEqual([]);
    isLive = true;
    practice.connected();
    expect(actions()).toEqual(['start_session']);
    started();
    expect(state()).toMatchObject({ phase: 'running', resumed: false });
  });

  it('goes back to choosing with the words of the server if it is refused', () => {
    practice.begin(PLAN, 'right');
    told({ type: 'started', success: false, error: 'This server has no practice.', session: null });
    expect(state()).toMatchObject({ phase: 'choosing', problem: 'This server has no practice.' });
  });

  it('hears nothing while nothing is practised', () => {
    update();
    judged();
    expect(state()).toMatchObject({ phase: 'choosing', session: null, feedback: null });
  });

  it('shows what was said until the next attempt begins', () => {
    running();
    judged({ accepted: false });
    update({ mode: 'feedback', items: [item('BROTHER', false), item('EAT')] });
    expect(state().feedback?.accepted).toBe(false);
    expect(timers.size).toBe(0);
    practice.tryAgain();
    expect(sent[sent.length - 1]).toEqual({ action: 'try_again', data: { item: 0 } });
    answered('try_again');
    update({ mode: 'listening' });
    expect(state().feedback).not.toBe(null);
    update({ mode: 'detecting', isDetecting: true });
    expect(state().feedback).toBe(null);
  });

  it('goes on by itself to the next item, the next sentence, and the end', () => {
    running();
    judged();
    expect(state()).toMatchObject({ upcoming: 'item', items: [{ accepted: true }, {}] });
    expect(elapse()).toBe(GO_ON_MS.item);
    expect(sent[sent.length - 1]).toEqual({ action: 'try_again', data: { item: 1 } });
    update({ items: [item('BROTHER', true), item('EAT')], currentItem: 1 });
    judged({ item: 1, target: 'EAT', sentenceDone: true });
    expect(state().upcoming).toBe('sentence');
    expect(elapse()).toBe(GO_ON_MS.sentence);
    expect(actions().slice(-1)).toEqual(['next_sentence']);
    update({ sentenceIndex: 1, items: [item('THANK-YOU')] });
    expect(state().feedback).toBe(null);
    expect(practice.isLast).toBe(true);
    judged({ item: 0, target: 'THANK-YOU', sentenceDone: true });
    expect(state().upcoming).toBe('finish');
    now = 65_000;
    elapse();
    expect(actions().slice(-1)).toEqual(['complete_story']);
    told({ type: 'complete', message: 'Well done.', suggestions: [] });
    expect(state()).toMatchObject({
      phase: 'finished',
      summary: { message: 'Well done.', attempts: 3, accepted: 3, elapsedMs: 60_000 },
    });
  });

  it('does not go on by itself where the learner does not want it', () => {
    practice.goesOn = false;
    running();
    judged();
    expect(state().upcoming).toBe(null);
    expect(timers.size).toBe(0);
  });

  it.each([
    ['looks at the attempt', () => practice.hold()],
    ['tries again', () => practice.tryAgain()],
    ['stops', () => practice.stop()],
    ['loses the connection', () => practice.disconnected()],
    ['chooses something else', () => practice.begin(PLAN, 'right')],
  ])('does not go on by itself when the learner %s', (_what, act) => {
    running();
    judged();
    expect(timers.size).toBe(1);
    act();
    expect(timers.size).toBe(0);
    expect(state().upcoming).toBe(null);
  });

  it('keeps the attempt as a figure, and not that of letters', () => {
    running();
    practice.keeper.see(seen(), 1000);
    update({ mode: 'detecting', isDetecting: true });
    practice.keeper.see(seen(), 1100);
    update({ mode: 'analyzing' });
    judged({ accepted: false });
    expect(state().attempt?.frames).toHaveLength(2);
    judged({ kind: 'letters' });
    expect(state().attempt).toBe(null);
  });

  it('does not count what could not be judged', () => {
    running();
    judged({ accepted: false, error: 'No hands were seen.' });
    judged();
    told({ type: 'complete', message: '', suggestions: [] });
    expect(state().summary).toMatchObject({ attempts: 1, accepted: 1 });
  });

  it('says what the server refuses, until the learner does something else', () => {
    running();
    answered('try_again', false, 'There is no item 9.');
    expect(state().problem).toBe('There is no item 9.');
    practice.tryAgain();
    expect(state().problem).toBe('');
  });

  it('applies the session of an answer at once', () => {
    running();
    told({
      type: 'answered',
      action: 'next_sentence',
      success: true,
      error: '',
      session: session({ sentenceIndex: 1 }),
      result: {},
    });
    expect(state().session?.sentenceIndex).toBe(1);
  });

  it('tells the server of another hand while it runs', () => {
    practice.setHandedness('left');
    expect(sent).toEqual([]);
    running();
    practice.setHandedness('right');
    expect(sent[sent.length - 1]).toEqual({
      action: 'set_handedness',
      data: { handedness: 'right' },
    });
  });

  it('stops', () => {
    running();
    practice.stop();
    expect(actions().slice(-1)).toEqual(['stop_session']);
    expect(state()).toMatchObject({ phase: 'choosing', plan: null, session: null });
    update();
    expect(state().session).toBe(null);
  });
});

describe('after the connection broke', () => {
  /** In the second sentence of three, with its first item right. */
  function broken(): void {
    const sentences = [...PLAN.sentences, { text: 'Bye.', items: [], glosses: ['BYE'] }];
    practice.begin({ ...PLAN, sentences }, 'right');
    told({ type: 'started', success: true, error: '', session: session({ totalSentences: 3 }) });
    update({
      sentenceIndex: 1,
      totalSentences: 3,
      items: [item('THANK-YOU', true), item('AGAIN')],
      currentItem: 1,
    });
    isLive = false;
    practice.disconnected();
    sent = [];
    isLive = true;
    practice.connected();
  }

  it('asks for nothing until the server has said whether it goes on', () => {
    broken();
    expect(sent).toEqual([]);
    update({ sentenceIndex: 0 });
    expect(state().session?.sentenceIndex).toBe(1);
  });

  it('begins anew if the server says nothing about it', () => {
    broken();
    expect(elapse()).toBe(JOIN_MS);
    expect(actions()).toEqual(['start_session']);
    told({ type: 'joined', session: session({ totalSentences: 3 }) });
    expect(actions()).toEqual(['start_session']);
  });

  it('goes on with what the server kept', () => {
    broken();
    told({ type: 'joined', session: session({ sentenceIndex: 1, totalSentences: 3 }) });
    expect(sent).toEqual([]);
    expect(timers.size).toBe(0);
    expect(state()).toMatchObject({ phase: 'running', resumed: true });
    update({ sentenceIndex: 2, totalSentences: 3 });
    expect(state().resumed).toBe(false);
  });

  it.each([
    ['nothing', null],
    ['something else', session({ totalSentences: 9 })],
    ['a practice that is over', session({ active: false, totalSentences: 3 })],
  ])('begins anew and goes to its place if the server kept %s', (_what, kept) => {
    broken();
    told({ type: 'joined', session: kept });
    expect(actions()).toEqual(['start_session']);
    // What comes of the beginning does not make it forget the place.
    update({ sentenceIndex: 0, totalSentences: 3 });
    told({ type: 'started', success: true, error: '', session: session({ totalSentences: 3 }) });
    expect(actions()).toEqual(['start_session', 'next_sentence']);
    update({ sentenceIndex: 0, totalSentences: 3 });
    expect(state().session?.sentenceIndex).toBe(1);
    answered('next_sentence');
    expect(sent[sent.length - 1]).toEqual({ action: 'try_again', data: { item: 1 } });
    update({
      sentenceIndex: 1,
      totalSentences: 3,
      items: [item('THANK-YOU'), item('AGAIN')],
      currentItem: 1,
    });
    expect(state()).toMatchObject({
      resumed: true,
      items: [{ accepted: true }, { accepted: null }],
    });
    // With the second item right the sentence is done, although the server knows of one only.
    judged({ item: 1, target: 'AGAIN', sentenceDone: false });
    expect(state().upcoming).toBe('sentence');
  });

  it('survives a second loss on the way', () => {
    broken();
    told({ type: 'joined', session: null });
    told({ type: 'started', success: true, error: '', session: session({ totalSentences: 3 }) });
    practice.disconnected();
    sent = [];
    practice.connected();
    told({ type: 'joined', session: null });
    told({ type: 'started', success: true, error: '', session: session({ totalSentences: 3 }) });
    expect(actions()).toEqual(['start_session', 'next_sentence']);
    answered('next_sentence');
    expect(state().resumed).toBe(true);
  });

  it('at the first sentence there is nowhere to go', () => {
    running();
    practice.disconnected();
    sent = [];
    practice.connected();
    told({ type: 'joined', session: null });
    started();
    expect(actions()).toEqual(['start_session']);
    expect(state().resumed).toBe(true);
  });

  it('that is refused stays on the page with the words of the server', () => {
    broken();
    told({ type: 'joined', session: null });
    told({ type: 'started', success: false, error: 'Sign in first.', session: null });
    expect(state()).toMatchObject({ phase: 'running', problem: 'Sign in first.' });
    update({ sentenceIndex: 0, totalSentences: 3 });
    expect(state().session?.sentenceIndex).toBe(0);
  });
});
