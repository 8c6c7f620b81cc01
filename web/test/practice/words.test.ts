import { describe, expect, it } from 'vitest';
import type { Spelling } from '../../src/practice/messages';
import type { PracticeState } from '../../src/practice/practice';
import { announcementOf, cueOf } from '../../src/practice/words';
import { feedback, item, session } from './parts';

const spelling = (change: Partial<Spelling> = {}): Spelling => ({
  word: 'AN',
  confirmed: '',
  next: 'A',
  hold: 0,
  top: [['A', 0.9]],
  isSure: true,
  advice: '',
  ...change,
});

const state = (change: Partial<PracticeState> = {}): PracticeState => ({
  phase: 'running',
  plan: null,
  session: session(),
  items: [item('BROTHER')],
  feedback: null,
  attempt: null,
  resumed: false,
  problem: '',
  upcoming: null,
  startedAt: 0,
  summary: null,
  ...change,
});

describe('the cue on the video', () => {
  it.each([
    ['Sign now', {}],
    ['Signing', { session: session({ mode: 'detecting' }) }],
    ['Looking at it', { session: session({ mode: 'analyzing' }) }],
    ['Show A and hold it', { session: session({ spelling: spelling() }) }],
    ['Hold A', { session: session({ spelling: spelling({ hold: 0.2 }) }) }],
    ['Show your hand', { session: session({ spelling: spelling({ top: [] }) }) }],
    ['Draw J in the air', { session: session({ spelling: spelling({ next: 'J' }) }) }],
    ['It matches.', { feedback: feedback(), session: session({ mode: 'feedback' }) }],
    ['Not yet.', { feedback: feedback({ accepted: false }) }],
    ['Signing', { feedback: feedback(), session: session({ mode: 'detecting' }) }],
  ] as const)('%s', (text, change) => {
    expect(cueOf(state(change))?.text).toBe(text);
  });

  it('is none where there is nothing to do', () => {
    expect(cueOf(state({ phase: 'waiting' }))).toBe(null);
    expect(cueOf(state({ session: null }))).toBe(null);
    expect(cueOf(state({ session: session({ mode: null }) }))).toBe(null);
  });
});

describe('what a screen reader says', () => {
  it('the item that comes', () => {
    expect(announcementOf(state())).toBe('1 of 2. The sign BROTHER.');
  });

  it('each letter that is confirmed', () => {
    const at = (change: Partial<Spelling>) =>
      announcementOf(state({ session: session({ spelling: spelling(change) }) }));
    expect(at({ confirmed: 'A', next: 'N' })).toBe('A is right. Now N.');
    expect(at({ confirmed: 'AN', next: '' })).toBe('N is right.');
    // Not what changes with every picture.
    expect(at({ hold: 0.1 })).toBe(at({ hold: 0.9, top: [['S', 0.4]] }));
  });

  it('all findings, and nothing twice', () => {
    const finding = {
      aspect: 'location',
      part: 'right_hand',
      sentence: 'Start higher.',
      atMs: 0,
    } as const;
    const said = announcementOf(
      state({
        feedback: feedback({
          accepted: false,
          sentence: 'Not yet BROTHER. Start higher.',
          findings: [finding, { ...finding, sentence: 'Open the hand.' }],
          likelier: 'SISTER',
        }),
      }),
    );
    expect(said).toBe('Not yet. Start higher. Open the hand. It looks more like SISTER.');
    expect(announcementOf(state({ feedback: feedback() }))).toBe(
      'It matches. BROTHER matches the example.',
    );
  });

  it('what stands in the way', () => {
    expect(announcementOf(state({ problem: 'No.' }))).toBe('No.');
    expect(announcementOf(state({ resumed: true }))).toMatch(/^The connection was lost/);
    expect(announcementOf(state({ phase: 'choosing', session: null }))).toBe('');
  });
});
