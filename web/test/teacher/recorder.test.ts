import { beforeEach, describe, expect, it } from 'vitest';
import { cycleOf } from '../../src/teacher/cycle';
import { Recorder } from '../../src/teacher/recorder';
import { ClockDouble, exampleOf, LinkDouble } from './doubles';

let link: LinkDouble;
let clock: ClockDouble;
let recorder: Recorder<string>;
let saves: number;
let film: string | null;

const state = () => recorder.store.value;
const ids = () => state().examples.map(({ id }) => id);

/** A recorder that records EAT. */
function recording(): void {
  recorder.begin('EAT');
  link.answer('record_sign', { examples_needed: 3, replaces: false });
}

function withExamples(...examples: string[]): void {
  recording();
  for (const id of examples) link.example('EAT', id);
}

beforeEach(() => {
  link = new LinkDouble();
  clock = new ClockDouble();
  saves = 0;
  film = 'lines';
  recorder = new Recorder<string>(
    link,
    { take: () => film, dispose: () => undefined },
    clock,
    () => (saves += 1),
  );
});

describe('beginning to record', () => {
  it('asks the server, and waits for its word', () => {
    recorder.begin('EAT');
    expect(link.sent).toEqual([{ action: 'record_sign', data: { gloss: 'EAT' } }]);
    expect(state().phase).toBe('asking');
    link.answer('record_sign', { examples_needed: 4, replaces: true });
    expect(state()).toMatchObject({ phase: 'recording', needed: 4, replaces: true });
    // The server no longer hears the patience run out.
    clock.pass(60_000);
    expect(state()).toMatchObject({ phase: 'recording', problem: '' });
  });

  it('goes on with the name as the server writes it', () => {
    recorder.begin('THANK--YOU');
    link.answer('record_sign', { gloss: 'THANK-YOU' });
    link.example('THANK-YOU', 'a');
    expect(state().gloss).toBe('THANK-YOU');
    expect(ids()).toEqual(['a']);
  });

  it('waits for camera and connection', () => {
    link.isLive = false;
    recorder.begin('EAT');
    expect(link.sent).toEqual([]);
    recorder.linkChanged(false, true);
    expect(state().phase).toBe('waiting');
    link.isLive = true;
    recorder.linkChanged(true, true);
    expect(state().phase).toBe('asking');
    expect(link.actions).toEqual(['record_sign']);
  });

  it('is given up where there is no camera', () => {
    link.isLive = false;
    recorder.begin('EAT');
    recorder.linkChanged(false, false);
    expect(state()).toMatchObject({ phase: 'idle', gloss: 'EAT' });
  });

  it("says the server's own words when it does not want to", () => {
    recorder.begin('EAT');
    link.answer('record_sign', { success: false, error: 'Only a teacher may record signs.' });
    expect(state()).toMatchObject({ phase: 'idle', problem: 'Only a teacher may record signs.' });
    recorder.begin('EAT');
    expect(state().problem).toBe('');
    clock.pass(10_000);
    expect(state().phase).toBe('idle');
    expect(state().problem).toContain('did not answer in time');
  });
});

describe('the examples', () => {
  it('are listed with their lines and told', () => {
    recording();
    link.example('EAT', 'a', { durationMs: 800 });
    film = null;
    link.example('EAT', 'b', { usable: false, problems: ['Too short.'], likeness: 0.4 });
    expect(state().examples).toEqual([
      { ...exampleOf('a', { durationMs: 800 }), film: 'lines', dropping: false },
      {
        ...exampleOf('b', { usable: false, problems: ['Too short.'], likeness: 0.4 }),
        film: null,
        dropping: false,
      },
    ]);
    expect(state().said).toBe('Example 2 is not usable.');
    expect(recorder.missing).toBe(2);
    expect(recorder.hasUnsaved).toBe(true);
  });

  it('of another sign, or of none, do not count', () => {
    link.example('EAT', 'a');
    expect(ids()).toEqual([]);
    recording();
    link.example('DRINK', 'a');
    expect(ids()).toEqual([]);
  });

  it('are what the server has, with their likeness of now', () => {
    withExamples('a', 'b');
    const recordingNow = {
      gloss: 'EAT',
      examples: [exampleOf('b', { likeness: 0.9 }), exampleOf('c', { likeness: 0.8 })],
    };
    link.update({ recording: recordingNow });
    expect(ids()).toEqual(['b', 'c']);
    expect(state().examples[0]).toMatchObject({ likeness: 0.9, film: 'lines' });
    const before = state().examples;
    link.update({ recording: recordingNow });
    expect(state().examples).toBe(before);
  });

  it('that differ much from the others are known', () => {
    withExamples('a', 'b');
    link.example('EAT', 'c', { likeness: 0.24 });
    link.example('EAT', 'd', { likeness: 0.25 });
    link.example('EAT', 'e', { likeness: 0.1, usable: false });
    expect(recorder.odd.map(({ id }) => id)).toEqual(['c']);
  });

  it('are dropped one by one, when the server has done it', () => {
    withExamples('a', 'b', 'c');
    recorder.drop('a');
    recorder.drop('a');
    recorder.drop('b');
    expect(link.sent.slice(1)).toEqual([
      { action: 'drop_example', data: { example_id: 'a' } },
      { action: 'drop_example', data: { example_id: 'b' } },
    ]);
    expect(state().examples.map(({ dropping }) => dropping)).toEqual([true, true, false]);
    link.answer('drop_example');
    link.answer('drop_example', { success: false, error: 'There is no example b.' });
    expect(ids()).toEqual(['b', 'c']);
    expect(state().problem).toBe('There is no example b.');
    expect(state().examples.some(({ dropping }) => dropping)).toBe(false);
  });
});

describe('an answer', () => {
  it('that says how things are is followed', () => {
    withExamples('a', 'b');
    recorder.drop('a');
    const left = { gloss: 'EAT', examples: [exampleOf('b', { likeness: 0.7 })] };
    link.answer('drop_example', {}, { recording: left, isDetecting: true });
    expect(ids()).toEqual(['b']);
    expect(state().examples[0]?.likeness).toBe(0.7);
    expect(state().cycle).toBe('sign');
  });
});

describe('rest, sign, rest', () => {
  const eat = { gloss: 'EAT', examples: [] };

  it('is followed', () => {
    expect(cycleOf({ isDetecting: false, pauseMs: 900 })).toBe('rest');
    expect(cycleOf({ isDetecting: true, pauseMs: null })).toBe('sign');
    expect(cycleOf({ isDetecting: true, pauseMs: 100 })).toBe('sign');
    expect(cycleOf({ isDetecting: true, pauseMs: 300 })).toBe('back');
    recording();
    link.update({ recording: eat, isDetecting: true });
    expect(state().cycle).toBe('sign');
    link.update({ recording: eat, isDetecting: true, pauseMs: 300 });
    expect(state().cycle).toBe('back');
    link.update({ recording: eat });
    expect(state().cycle).toBe('rest');
  });

  it('says so when a movement was no sign', () => {
    recording();
    link.update({ recording: eat, isDetecting: true });
    link.update({ recording: eat });
    clock.pass(1400);
    expect(state().wasNoSign).toBe(false);
    clock.pass(200);
    expect(state().wasNoSign).toBe(true);
    link.update({ recording: eat, isDetecting: true });
    expect(state().wasNoSign).toBe(false);
  });

  it('does not say so when an example came', () => {
    recording();
    link.update({ recording: eat, isDetecting: true });
    link.update({ recording: eat });
    link.example('EAT', 'a');
    clock.pass(5000);
    expect(state().wasNoSign).toBe(false);
    // The server says ten times a second how things are: it may say it after the example.
    link.update({ recording: { gloss: 'EAT', examples: [exampleOf('a')] }, isDetecting: true });
    link.example('EAT', 'b');
    link.update({ recording: { gloss: 'EAT', examples: [exampleOf('a'), exampleOf('b')] } });
    clock.pass(5000);
    expect(state()).toMatchObject({ cycle: 'rest', wasNoSign: false });
    // The list alone tells it too.
    link.update({ recording: { gloss: 'EAT', examples: state().examples }, isDetecting: true });
    link.update({ recording: { gloss: 'EAT', examples: [...state().examples, exampleOf('c')] } });
    clock.pass(5000);
    expect(state().wasNoSign).toBe(false);
  });
});

describe('saving', () => {
  it('needs three usable examples', () => {
    withExamples('a', 'b');
    link.example('EAT', 'c', { usable: false });
    recorder.save();
    expect(link.actions).toEqual(['record_sign']);
    link.example('EAT', 'd');
    recorder.save();
    expect(link.sent[1]).toEqual({ action: 'save_sign', data: {} });
    expect(state().phase).toBe('saving');
  });

  it('says what the sign asks of face and head', () => {
    withExamples('a', 'b', 'c');
    recorder.choose({ head: 'shake' });
    recorder.choose({ eyebrows: 'raised' });
    recorder.save();
    expect(link.sent[1]).toEqual({
      action: 'save_sign',
      data: { non_manual: { eyebrows: 'raised', mouth: '', head: 'shake' } },
    });
  });

  it('is done when the server says that it is stored', () => {
    withExamples('a', 'b', 'c');
    recorder.choose({ head: 'nod' });
    recorder.save();
    expect(saves).toBe(0);
    link.answer('save_sign', { gloss: 'EAT', examples: 3 });
    expect(saves).toBe(1);
    expect(state()).toMatchObject({
      phase: 'idle',
      saved: { gloss: 'EAT', examples: 3 },
      examples: [],
      nonManual: { head: '' },
    });
    expect(state().said).toContain('not the video');
    expect(recorder.hasUnsaved).toBe(false);
    // The server has ended the recording by itself.
    expect(link.actions.at(-1)).toBe('save_sign');
    link.update({ recording: null, active: false, mode: null });
    expect(state()).toMatchObject({ phase: 'idle', problem: '' });
  });

  it('loses nothing when it does not work', () => {
    withExamples('a', 'b', 'c');
    recorder.choose({ mouth: 'open' });
    recorder.save();
    link.answer('save_sign', { success: false, error: 'The disk is full.' });
    expect(state()).toMatchObject({ phase: 'recording', problem: 'The disk is full.' });
    expect(ids()).toEqual(['a', 'b', 'c']);
    expect(state().nonManual.mouth).toBe('open');
    recorder.save();
    clock.pass(30_000);
    expect(state().phase).toBe('recording');
    expect(state().problem).toContain('did not say in time');
    expect(ids()).toEqual(['a', 'b', 'c']);
    expect(saves).toBe(0);
  });

  it('is not tried without a connection', () => {
    withExamples('a', 'b', 'c');
    link.isLive = false;
    recorder.save();
    recorder.drop('a');
    expect(state()).toMatchObject({ phase: 'recording' });
    expect(state().problem).toContain('no connection');
    expect(ids()).toHaveLength(3);
  });
});

describe('a connection that breaks', () => {
  it('is waited for; what the server has lost is said', () => {
    withExamples('a', 'b');
    recorder.linkChanged(false, true);
    expect(state()).toMatchObject({ phase: 'interrupted', examples: [] });
    expect(state().problem).toContain('no longer has the examples');
    recorder.linkChanged(true, true);
    expect(link.sent.at(-1)).toEqual({ action: 'record_sign', data: { gloss: 'EAT' } });
    link.answer('record_sign');
    expect(state().phase).toBe('recording');
    expect(state().problem).toContain('no longer has the examples');
  });

  it('ends the recording when the camera was turned off', () => {
    recording();
    recorder.linkChanged(false, false);
    expect(state()).toMatchObject({ phase: 'idle', problem: '' });
  });

  it('leaves open whether the sign was stored', () => {
    withExamples('a', 'b', 'c');
    recorder.save();
    recorder.linkChanged(false, true);
    expect(state().phase).toBe('idle');
    expect(state().problem).toContain('Look at the list');
    expect(saves).toBe(1);
  });
});

describe('ending', () => {
  it('tells the server, and forgets the examples', () => {
    withExamples('a');
    recorder.end();
    expect(link.actions.at(-1)).toBe('stop_recording');
    expect(state()).toMatchObject({ phase: 'idle', examples: [] });
    recorder.end();
    expect(link.actions).toHaveLength(2);
  });

  it('happens when the server ends it', () => {
    withExamples('a');
    link.update({ recording: null, mode: 'listening' });
    expect(state()).toMatchObject({ phase: 'idle', examples: [] });
    expect(state().problem).toContain('ended the recording');
  });

  it('happens with the page', () => {
    withExamples('a');
    recorder.dispose();
    expect(link.actions.at(-1)).toBe('stop_recording');
    expect(link.watched).toBe(false);
  });
});
