/** What the learner chose, remembered in this browser and nowhere else. */

import { QUALITY_CHOICES, type QualityChoice } from './quality';

export const VIEWS = ['video', 'skeleton', 'server'] as const;
/** Own video with lines over it; only the lines; the picture as the server drew it. */
export type View = (typeof VIEWS)[number];

export interface Preferences {
  cameraId: string;
  view: View;
  quality: QualityChoice;
}

const KEY = 'storysign.preferences';
const DEFAULTS: Preferences = { cameraId: '', view: 'video', quality: 'auto' };

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

export function loadPreferences(storage: () => Storage): Preferences {
  try {
    const kept: unknown = JSON.parse(storage().getItem(KEY) ?? '{}');
    const { cameraId, view, quality } = kept as Partial<Record<keyof Preferences, unknown>>;
    return {
      cameraId: typeof cameraId === 'string' ? cameraId : DEFAULTS.cameraId,
      view: VIEWS.find((known) => known === view) ?? DEFAULTS.view,
      quality: QUALITY_CHOICES.find((known) => known === quality) ?? DEFAULTS.quality,
    };
  } catch {
    // Storage may be forbidden, or hold something else: the page works without it.
    return { ...DEFAULTS };
  }
}

export function savePreferences(storage: () => Storage, preferences: Preferences): void {
  try {
    storage().setItem(KEY, JSON.stringify(preferences));
  } catch {
    // As above: not remembered, nothing else.
  }
}
