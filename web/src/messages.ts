/** What the page and its worker say to each other. */

import type { Size } from './geometry';
import type { Measured, Place, PlaceChoice, Standing } from './place';
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
  /** Where landmarks are found; null: nowhere. What follows is about that place. */
  place: Place | null;
  /** Pictures looked at per second over the last seconds. */
  answersPerSecond: number;
  /** Sent to answered, or at home taken to drawn; null without any in the last seconds. */
  latencyMedianMs: number | null;
  latencyP95Ms: number | null;
  /** At home: how long this browser needed for a picture, in the mean of the last seconds. */
  serviceMs: number | null;
  profile: Profile | null;
  qualityReason: QualityReason | null;
  /** Of the last seconds; null without answers in them. */
  skipping: Skipping | null;
  advisedFps: number;
  // Counted since start.
  sent: number;
  /** Of these, those that were pictures. */
  sentPictures: number;
  answered: number;
  /** Left out here: before encoding because two were unanswered, at home for a newer one. */
  dropped: number;
  /** Replaced by newer ones or expired in the server. */
  replaced: number;
  /** Sent and never heard of, or answered with an error. */
  failed: number;
}

export type ToWorker =
  | {
      type: 'start';
      url: string;
      mode: AnswerMode;
      quality: QualityChoice;
      place: PlaceChoice;
      /** Of this browser, by an earlier visit. */
      measured: Measured | null;
      visible: boolean;
    }
  | { type: 'stop' }
  | { type: 'mode'; mode: AnswerMode }
  | { type: 'quality'; quality: QualityChoice }
  | { type: 'place'; place: PlaceChoice }
  /** What could not be loaded, or stopped working, is tried once more. */
  | { type: 'home_again' }
  /** Landmarks of the frame that was taken then are on the display. */
  | { type: 'drawn'; takenAt: number }
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
  /** `takenAt` asks for `drawn`; null: nobody waits for it. */
  | { type: 'landmarks'; found: Found; landmarks: Landmarks; takenAt: number | null }
  | { type: 'picture'; found: Found; bitmap: ImageBitmap }
  | { type: 'stats'; stats: Stats }
  /** What the server says to the last choice of quality. */
  | { type: 'quality'; answer: QualityAnswer }
  | { type: 'standing'; standing: Standing }
  | { type: 'practice'; push: PracticePush }
  /** The worker takes another bitmap. */
  | { type: 'bitmap_taken' };
