/** Made-up parts for the tests of practice. */

import type { Feedback, ItemState, PracticeSession } from '../../src/practice/messages';
import { POINT_STRIDE, POSE_STRIDE, type Landmarks } from '../../src/protocol';

/** A hand whose point n lies at (x + n / 1000, y). */
export function hand(x: number, y: number): Float32Array<ArrayBuffer> {
  const points = new Float32Array(21 * POINT_STRIDE);
  for (let n = 0; n < 21; ++n) points.set([x + n / 1000, y, 0.5], n * POINT_STRIDE);
  return points;
}

/** A body with shoulders a fifth of the picture apart about (x, 0.5); the rest is not seen. */
export function body(x: number, visibility = 1): Float32Array<ArrayBuffer> {
  const points = new Float32Array(33 * POSE_STRIDE);
  points.set([x + 0.1, 0.5, 0, visibility], 11 * POSE_STRIDE);
  points.set([x - 0.1, 0.5, 0, visibility], 12 * POSE_STRIDE);
  return points;
}

export function seen(x = 0.5): Landmarks {
  return { pose: body(x), rightHand: hand(0.3, 0.4) };
}

export function session(change: Partial<PracticeSession> = {}): PracticeSession {
  return {
    active: true,
    sessionId: 's',
    sentence: 'My brother eats.',
    sentenceIndex: 0,
    totalSentences: 2,
    mode: 'listening',
    isDetecting: false,
    pauseMs: null,
    items: [item('BROTHER'), item('EAT')],
    currentItem: 0,
    spelling: null,
    recording: null,
    gestureStarted: false,
    ...change,
  };
}

export function item(target: string, accepted: boolean | null = null): ItemState {
  return { kind: 'sign', target, accepted };
}

/** To an attempt that matches. */
export function feedback(change: Partial<Feedback> = {}): Feedback {
  return {
    sentence: 'BROTHER matches the example.',
    item: 0,
    kind: 'sign',
    target: 'BROTHER',
    accepted: true,
    scores: null,
    findings: [],
    likelier: '',
    durationMs: 1000,
    sentenceDone: false,
    attemptId: '1',
    sentenceIndex: 0,
    notice: '',
    error: '',
    ...change,
  };
}
