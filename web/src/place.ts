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

/** Before anything happened, with what is remembered. */
export const noStanding = (
  choice: PlaceChoice,
  { pictures, measured }: Pick<Standing, 'pictures' | 'measured'>,
): Standing => ({
  choice,
  place: null,
  why: pictures === 'never' ? 'never' : choice === 'auto' ? 'unknown' : 'chosen',
  engine: { state: 'off' },
  pictures,
  measured,
  invitation: '',
  refusal: '',
});

/** Whether what was measured under some conditions holds under these, which are no harder. */
export function holdsFor(measured: Conditions, now: Conditions): boolean {
  const pixels = ({ size }: Conditions): number => size.width * size.height;
  return pixels(measured) >= pixels(now) && measured.cores <= now.cores;
}

/** What leaves the device, for the one sentence that says so. */
export type Sent =
  | 'pictures'
  | 'landmarks'
  /** Neither, though there is a connection. */
  | 'nothing_yet'
  | 'no_connection'
  // Before the camera runs: what will be sent.
  | 'will_pictures'
  | 'will_landmarks'
  /** Left to the page, which begins with pictures. */
  | 'will_begin_there'
  /** Left to the page, which knows that this browser is fast enough. */
  | 'will_begin_here';

/** `connecting`: the camera runs, and there is no connection; `off`: it does not run. */
export function sentOf(standing: Standing, phase: 'off' | 'connecting' | 'live'): Sent {
  if (phase === 'connecting') return 'no_connection';
  if (phase === 'live') {
    if (standing.place === null) return 'nothing_yet';
    return standing.place === 'home' ? 'landmarks' : 'pictures';
  }
  if (standing.choice === 'home' || standing.pictures === 'never') return 'will_landmarks';
  if (standing.choice === 'server') return 'will_pictures';
  return standing.measured?.ability === 'balanced' ? 'will_begin_here' : 'will_begin_there';
}

/** What the learner can do about a standing. */
export type PlaceAction = 'use_home' | 'use_server' | 'try_again';

/** `offersChange`: also the other place, though there is no trouble with this one. */
export function actionsOf(standing: Standing, offersChange: boolean): PlaceAction[] {
  const { choice, pictures, place, engine, invitation, refusal } = standing;
  const takesPictures = pictures !== 'never';
  if (choice === 'server' && takesPictures) {
    return offersChange || invitation !== '' || refusal !== '' ? ['use_home'] : [];
  }
  const { state } = engine;
  if (state !== 'lacking' && state !== 'failed') {
    if (!offersChange || !takesPictures || place === null) return [];
    return [place === 'home' ? 'use_server' : 'use_home'];
  }
  // What the browser cannot do at all it cannot do the next time either.
  const isHopeless =
    state === 'lacking' && (engine.lack === 'webassembly' || engine.lack === 'simd');
  const again: PlaceAction[] = isHopeless ? [] : ['try_again'];
  return place === null && takesPictures ? [...again, 'use_server'] : again;
}

/** Whether the server draws a picture, or would: it needs one to draw on. */
export function offersServerPicture({ choice, pictures, place }: Standing): boolean {
  return choice !== 'home' && pictures !== 'never' && place !== 'home';
}
