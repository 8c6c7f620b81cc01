import { describe, expect, it } from 'vitest';
import { practiceRequest, readPractice } from '../../src/practice/messages';

const UPDATE = {
  type: 'practice_update',
  practice_session: {
    practice_active: true,
    session_id: 'abc',
    current_sentence: 'Spell Ann.',
    current_sentence_index: 1,
    total_sentences: 3,
    practice_mode: 'detecting',
    gesture_state: { is_detecting: true, hand_speed: 1.5, pause_duration_ms: 800 },
    analysis_in_progress: false,
    attempt_id: 7,
    items: [
      { kind: 'sign', target: 'EAT', accepted: true, score: 0.9 },
      { kind: 'letters', target: 'ANN', accepted: null, score: null },
    ],
    current_item: 1,
    spelling: {
      word: 'ANN',
      confirmed: 'AN',
      next: 'N',
      hold: 0.4,
      top: [
        ['N', 0.9],
        ['M', 0.06],
      ],
      is_sure: true,
      advice: 'Hold still.',
    },
    recording: {
      gloss: 'EAT',
      examples: [
        { example_id: 2, duration_ms: 900, usable: false, problems: ['Too short.'], likeness: 0.5 },
      ],
    },
    gesture_started: true,
  },
};

const FEEDBACK = {
  type: 'asl_feedback',
  data: {
    feedback: 'Start higher.',
    notice: 'This attempt is not kept.',
    analysis_summary: {
      kind: 'sign',
      target: 'BROTHER',
      item: 0,
      accepted: false,
      score: 0.4,
      scores: { handshape: 0.5, location: 0.2, movement: 1, timing: 0.9, non_manual: null },
      findings: [
        { aspect: 'location', part: 'right_hand', sentence: 'Start higher.', at_ms: 320 },
        { aspect: 'location', part: 'right_hand' },
      ],
      likelier: 'SISTER',
      duration_ms: 1200,
      sentence_done: false,
    },
  },
  metadata: { attempt_id: 7, sentence_index: 1 },
};

describe('requests of practice', () => {
  it('are controls with data', () => {
    expect(JSON.parse(practiceRequest({ action: 'next_sentence' }))).toEqual({
      type: 'control',
      action: 'next_sentence',
      data: {},
    });
    expect(JSON.parse(practiceRequest({ action: 'try_again', data: { item: 2 } }))).toEqual({
      type: 'control',
      action: 'try_again',
      data: { item: 2 },
    });
  });
});

describe('what the server tells about practice', () => {
  it('update', () => {
    expect(readPractice(UPDATE)).toEqual({
      type: 'update',
      session: {
        active: true,
        sessionId: 'abc',
        sentence: 'Spell Ann.',
        sentenceIndex: 1,
        totalSentences: 3,
        mode: 'detecting',
        isDetecting: true,
        pauseMs: 800,
        items: [
          { kind: 'sign', target: 'EAT', accepted: true },
          { kind: 'letters', target: 'ANN', accepted: null },
        ],
        currentItem: 1,
        spelling: {
          word: 'ANN',
          confirmed: 'AN',
          next: 'N',
          hold: 0.4,
          top: [
            ['N', 0.9],
            ['M', 0.06],
          ],
          isSure: true,
          advice: 'Hold still.',
        },
        recording: {
          gloss: 'EAT',
          examples: [
            { id: 2, durationMs: 900, usable: false, problems: ['Too short.'], likeness: 0.5 },
          ],
        },
        gestureStarted: true,
      },
    });
  });

  it('feedback, without findings that say nothing', () => {
    expect(readPractice(FEEDBACK)).toEqual({
      type: 'feedback',
      feedback: {
        sentence: 'Start higher.',
        item: 0,
        kind: 'sign',
        target: 'BROTHER',
        accepted: false,
        scores: { handshape: 0.5, location: 0.2, movement: 1, timing: 0.9 },
        findings: [
          { aspect: 'location', part: 'right_hand', sentence: 'Start higher.', atMs: 320 },
        ],
        likelier: 'SISTER',
        durationMs: 1200,
        sentenceDone: false,
        attemptId: '7',
        sentenceIndex: 1,
        notice: 'This attempt is not kept.',
        error: '',
      },
    });
  });

  it('the answer to start_session and to others', () => {
    expect(
      readPractice({
        type: 'practice_session_response',
        action: 'session_started',
        result: { success: true, practice_session: UPDATE.practice_session },
      }),
    ).toMatchObject({ type: 'started', success: true, error: '', session: { sessionId: 'abc' } });
    const result = { success: false, error: 'Only teachers may do this.' };
    expect(readPractice({ type: 'control_response', action: 'save_sign', result })).toEqual({
      type: 'answered',
      action: 'save_sign',
      success: false,
      error: 'Only teachers may do this.',
      session: null,
      result,
    });
  });

  it('examples and the end', () => {
    expect(
      readPractice({ type: 'sign_example', data: { gloss: 'EAT', example_id: 'x', usable: true } }),
    ).toEqual({
      type: 'example',
      gloss: 'EAT',
      example: { id: 'x', durationMs: 0, usable: true, problems: [], likeness: null },
    });
    expect(
      readPractice({
        type: 'session_complete',
        data: { completion_message: 'Done.', overall_score: 0.8, final_suggestions: ['a', 5] },
      }),
    ).toEqual({ type: 'complete', message: 'Done.', suggestions: ['a'] });
  });

  it.each(['set_quality', 'resume_session', '', 5, undefined])(
    'leaves the answer to %j to others',
    (action) => {
      expect(readPractice({ type: 'control_response', action, result: {} })).toBe(null);
    },
  );

  it.each([{}, { type: 'pong' }, { type: 5 }])('is nothing for %j', (message) => {
    expect(readPractice(message)).toBe(null);
  });

  // Every field in turn replaced by nonsense: a page that is older than its server goes on.
  const nonsense = [null, 5, -1, '', 'x', true, [], [null], {}, [{}], { a: 1 }];
  it.each([
    ['practice_session', UPDATE, UPDATE.practice_session],
    ['analysis_summary', FEEDBACK, FEEDBACK.data.analysis_summary],
    ['data', FEEDBACK, FEEDBACK.data],
  ] as const)('is never broken by strange fields of %s', (_name, message, part) => {
    const fields = part as unknown as Record<string, unknown>;
    for (const key of Object.keys(fields)) {
      const before = fields[key];
      for (const value of nonsense) {
        fields[key] = value;
        expect(() => readPractice(message as never)).not.toThrow();
        expect(readPractice(message as never)?.type).toBe(
          message.type === 'asl_feedback' ? 'feedback' : 'update',
        );
      }
      fields[key] = before;
    }
  });

  it('takes no guess that is no letter', () => {
    const spelling = {
      word: 'A',
      next: '\0',
      top: [['?', 0.5], ['AB', 1], ['B', 2], 5, ['C', 0.5]],
    };
    const push = readPractice({ type: 'practice_update', practice_session: { spelling } });
    expect(push).toMatchObject({ session: { spelling: { next: '', top: [['C', 0.5]], hold: 0 } } });
  });
});
