/** The learner's choice of quality, and what the server says to it. */

import { PROFILES, type Profile } from './protocol';

export type QualityChoice = 'auto' | Profile;

/** In the order in which they are offered. */
export const QUALITY_CHOICES: readonly QualityChoice[] = ['auto', ...[...PROFILES].reverse()];

/** The server's answer to a choice. */
export interface QualityAnswer {
  accepted: boolean;
  /** In force from now on; the server may still lower it. */
  profile: Profile | null;
  /** Why it was refused: a sentence of the server. */
  error: string;
}

/** The text message that asks the server for it. */
export function qualityRequest(choice: QualityChoice): string {
  const data = choice === 'auto' ? { auto: true } : { profile: choice };
  return JSON.stringify({ type: 'control', action: 'set_quality', data });
}

/** What there is to say about a choice. */
export type QualityStanding =
  /** Not connected: it counts from the next connection on. */
  | { state: 'later' }
  | { state: 'asked' }
  | { state: 'refused'; error: string }
  | { state: 'automatic' }
  | { state: 'given'; profile: Profile }
  /** Taken, but the server gives less while it must save. */
  | { state: 'lowered'; wanted: Profile; profile: Profile };

/** `profile` is that of the last answer to a picture, if there was one since the choice. */
export function qualityStanding(
  choice: QualityChoice,
  live: boolean,
  answer: QualityAnswer | null,
  profile: Profile | null,
): QualityStanding {
  if (!live) return choice === 'auto' ? { state: 'automatic' } : { state: 'later' };
  if (answer === null) return choice === 'auto' ? { state: 'automatic' } : { state: 'asked' };
  if (!answer.accepted) return { state: 'refused', error: answer.error };
  if (choice === 'auto') return { state: 'automatic' };
  const given = profile ?? answer.profile ?? choice;
  return given === choice
    ? { state: 'given', profile: choice }
    : { state: 'lowered', wanted: choice, profile: given };
}
