/** What this browser was found to be able to do, remembered in it and nowhere else. */

import { asNumber, asObject, parseJson } from './json';
import { ABILITIES, type Measured, type Pictures } from './place';

export interface HomeMemory {
  measured: Measured | null;
  /** What the server said last: what is told before there is a connection is to be true, too. */
  pictures: Pictures;
}

const KEY = 'storysign.home';

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

export function loadHomeMemory(storage: () => Storage): HomeMemory {
  try {
    const kept = asObject(parseJson(storage().getItem(KEY) ?? ''));
    const pictures =
      kept.pictures === 'never' || kept.pictures === 'allowed' ? kept.pictures : null;
    return { measured: readMeasured(kept.measured), pictures: pictures ?? 'unknown' };
  } catch {
    // Storage may be forbidden: then it is found out anew each time.
    return { measured: null, pictures: 'unknown' };
  }
}

export function saveHomeMemory(storage: () => Storage, memory: HomeMemory): void {
  try {
    const text = JSON.stringify(memory);
    if (storage().getItem(KEY) !== text) storage().setItem(KEY, text);
  } catch {
    // As above.
  }
}

function readMeasured(value: unknown): Measured | null {
  const kept = asObject(value);
  const size = asObject(kept.size);
  const ability = ABILITIES.find((known) => known === kept.ability);
  const fps = asNumber(kept.fps, 0, 10_000);
  const cores = asNumber(kept.cores, 1, 1024);
  const width = asNumber(size.width, 1, 1e5);
  const height = asNumber(size.height, 1, 1e5);
  if (ability === undefined || fps === null || cores === null) return null;
  return width === null || height === null
    ? null
    : { ability, fps, cores, size: { width, height } };
}
