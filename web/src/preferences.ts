/** What the learner chose, remembered in this browser and nowhere else. */

import type { Handedness } from './practice/messages';
import { PLACE_CHOICES, type PlaceChoice } from './place';
import { type Level, LEVELS } from './practice/types';
import { QUALITY_CHOICES, type QualityChoice } from './quality';

export const VIEWS = ['video', 'skeleton', 'server'] as const;
/** Own video with lines over it; only the lines; the picture as the server drew it. */
export type View = (typeof VIEWS)[number];

export interface Preferences {
  cameraId: string;
  view: View;
  quality: QualityChoice;
  /** Where landmarks are to be found, and with it whether pictures leave the device. */
  place: PlaceChoice;
  /** The hand with which the learner signs. */
  handedness: Handedness;
  /** Practice goes on by itself when it was right. */
  goesOn: boolean;
  /** What is shown moves slower. */
  slow: boolean;
  /** Of the stories that are offered. */
  level: Level;
}

const KEY = 'storysign.preferences';
export const DEFAULTS: Preferences = {
  cameraId: '',
  view: 'video',
  quality: 'auto',
  place: 'auto',
  handedness: 'right',
  goesOn: true,
  slow: false,
  level: 'amateur',
};

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

export function loadPreferences(storage: () => Storage): Preferences {
  try {
    const kept: unknown = JSON.parse(storage().getItem(KEY) ?? '{}');
    const { cameraId, view, quality, place, handedness, goesOn, slow, level } = kept as Partial<
      Record<keyof Preferences, unknown>
    >;
    return {
      cameraId: typeof cameraId === 'string' ? cameraId : DEFAULTS.cameraId,
      view: VIEWS.find((known) => known === view) ?? DEFAULTS.view,
      quality: QUALITY_CHOICES.find((known) => known === quality) ?? DEFAULTS.quality,
      place: PLACE_CHOICES.find((known) => known === place) ?? DEFAULTS.place,
      handedness: handedness === 'left' ? 'left' : DEFAULTS.handedness,
      goesOn: typeof goesOn === 'boolean' ? goesOn : DEFAULTS.goesOn,
      slow: typeof slow === 'boolean' ? slow : DEFAULTS.slow,
      level: LEVELS.find((known) => known === level) ?? DEFAULTS.level,
    };
  } catch {
    // Storage may be forbidden, or hold something else: the page works without it.
    return { ...DEFAULTS };
  }
}

/** Changes what is named; the rest stays as it is kept. */
export function savePreferences(storage: () => Storage, change: Partial<Preferences>): void {
  try {
    const preferences = { ...loadPreferences(storage), ...change };
    storage().setItem(KEY, JSON.stringify(preferences));
  } catch {
    // As above: not remembered, nothing else.
  }
}
