import type { PracticeSession } from '../practice/messages';

/** Where in "rest, sign, rest" the teacher is. */
export const CYCLE = ['rest', 'sign', 'back'] as const;
export type CyclePart = (typeof CYCLE)[number];

/** A pause this long while the server still listens is the way back to rest, not a hold within the sign. */
const BACK_AFTER_MS = 200;

export function cycleOf({
  isDetecting,
  pauseMs,
}: Pick<PracticeSession, 'isDetecting' | 'pauseMs'>): CyclePart {
  if (!isDetecting) return 'rest';
  return (pauseMs ?? 0) >= BACK_AFTER_MS ? 'back' : 'sign';
}
