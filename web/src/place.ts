/** Where the landmarks are found, the server or this device, and what the page knows about it. */

import type { HomeLack } from './home/messages';
import type { Size } from './geometry';

export const PLACE_CHOICES = ['auto', 'home', 'server'] as const;
/** What the learner wants. */
export type PlaceChoice = (typeof PLACE_CHOICES)[number];

/** At home is in this browser. */
export type Place = 'home' | 'server';

/** Whether the server takes pictures; unknown until it has greeted. */
export type Pictures = 'unknown' | 'allowed' | 'never';

/** What can find landmarks in this browser, from not wanted so far to in use. */
export type EngineState =
  | { state: 'off' }
  /** `share` of the bytes, 0 to 1. */
  | { state: 'loading'; share: number }
  | { state: 'ready'; threads: number }
  /** It cannot be had here. */
  | { state: 'lacking'; lack: HomeLack; words: string }
  /** It worked, and does no more. */
  | { state: 'failed'; words: string };

/** What a browser was found to reach at 15 frames a second or more; `slow`: not even the second. */
export const ABILITIES = ['balanced', 'high_performance', 'slow'] as const;
export type Ability = (typeof ABILITIES)[number];

/** What a measurement holds for. */
export interface Conditions {
  /** Of the pictures. */
  size: Size;
  /** Processors that the browser lets a page use at once. */
  cores: number;
}

export interface Measured extends Conditions {
  ability: Ability;
  /** Frames a second that it would reach, at the profile of `ability`. */
  fps: number;
}

/** Why the landmarks are found where they are. */
export type Why =
  /** The learner said so. */
  | 'chosen'
  /** The server takes no pictures. */
  | 'never'
  /** Nothing is known yet about this browser. */
  | 'unknown'
  | 'loading'
  | 'measuring'
  | 'fast'
  /** Fast enough only for less exact landmarks. */
  | 'coarse'
  | 'slow'
  /** It was fast enough, and is no more. */
  | 'lags'
  | 'lacking'
  | 'failed'
  /** The server asked for it. */
  | 'invited'
  /** The server had no room for pictures. */
  | 'refused';

/** All that the page shows about it. */
export interface Standing {
  choice: PlaceChoice;
  /** Null: nowhere, and nothing is sent. */
  place: Place | null;
  why: Why;
  engine: EngineState;
  pictures: Pictures;
  measured: Measured | null;
  /** The server's words that ask to find the landmarks here, for who chose the server. */
  invitation: string;
  /** The server's words about pictures that it did not take. */
  refusal: string;
}

/** Before anything happened. */
export const noStanding = (choice: PlaceChoice): Standing => ({
  choice,
  place: choice === 'home' ? null : 'server',
  why: choice === 'auto' ? 'unknown' : 'chosen',
  engine: { state: 'off' },
  pictures: 'unknown',
  measured: null,
  invitation: '',
  refusal: '',
});

/** Whether what was measured under some conditions holds under these, which are no harder. */
export function holdsFor(measured: Conditions, now: Conditions): boolean {
  const pixels = ({ size }: Conditions): number => size.width * size.height;
  return pixels(measured) >= pixels(now) && measured.cores <= now.cores;
}
