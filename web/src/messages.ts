/** What the page and its worker say to each other. */

import type { Size } from './geometry';
import type { PracticeControl, PracticePush } from './practice/messages';
import type { AnswerMode, Found, Landmarks, Profile, QualityReason } from './protocol';
import type { QualityAnswer, QualityChoice } from './quality';
import type { Skipping } from './skipping';

/** Why there is no connection at the moment. */
export type LossReason =
  'unreachable' | 'lost' | 'silent' | 'restarting' | 'full' | 'refused' | 'too_large';

export type Link =
  | { state: 'closed' }
  | { state: 'connecting' }
  | { state: 'live' }
  /** `words` is a sentence of the server that says why; empty if it left none. */
  | { state: 'waiting'; reason: LossReason; words: string; delayMs: number };

export interface Stats {
  /** Answers per second over the last seconds. */
  answersPerSecond: number;
  /** Sent to answered; null without answers in the last seconds. */
  latencyMedianMs: number | null;
  latencyP95Ms: number | null;
  profile: Profile | null;
  qualityReason: QualityReason | null;
  /** Of the last seconds; null without answers in them. */
  skipping: Skipping | null;
  advisedFps: number;
  // Counted since start.
  sent: number;
  answered: number;
  /** Left out here, before encoding, because two were unanswered. */
  dropped: number;
  /** Replaced by newer ones or expired in the server. */
  replaced: number;
  /** Sent and never heard of, or answered with an error. */
  failed: number;
}

export type ToWorker =
  | { type: 'start'; url: string; mode: AnswerMode; quality: QualityChoice; visible: boolean }
  | { type: 'stop' }
  | { type: 'mode'; mode: AnswerMode }
  | { type: 'quality'; quality: QualityChoice }
  | { type: 'practice'; control: PracticeControl }
  /** False while nobody can see the page: nothing is sent then. */
  | { type: 'visible'; visible: boolean }
  /** The device is on the network again. */
  | { type: 'online' }
  | { type: 'frames'; readable: ReadableStream }
  | { type: 'track'; track: unknown }
  | { type: 'bitmap'; bitmap: ImageBitmap };

export type FromWorker =
  | { type: 'ready'; readsTracks: boolean }
  | { type: 'link'; link: Link }
  | { type: 'capture'; size: Size; fps: number }
  | { type: 'landmarks'; found: Found; landmarks: Landmarks }
  | { type: 'picture'; found: Found; bitmap: ImageBitmap }
  | { type: 'stats'; stats: Stats }
  /** What the server says to the last choice of quality. */
  | { type: 'quality'; answer: QualityAnswer }
  | { type: 'practice'; push: PracticePush }
  /** The worker takes another bitmap. */
  | { type: 'bitmap_taken' };
