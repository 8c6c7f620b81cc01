import { describe, expect, it } from 'vitest';
import { loadPreferences, savePreferences } from '../src/preferences';

function memory(kept: string | null = null) {
  const storage = {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
  };
  return () => storage;
}

describe('preferences', () => {
  it('come back', () => {
    const storage = memory();
    savePreferences(storage, { cameraId: 'abc', view: 'skeleton' });
    expect(loadPreferences(storage)).toEqual({ cameraId: 'abc', view: 'skeleton' });
  });

  it.each([null, '', 'nonsense', 'null', '[]', '{"view":"other","cameraId":5}'])(
    'are the defaults for %j',
    (kept) => {
      expect(loadPreferences(memory(kept))).toEqual({ cameraId: '', view: 'video' });
    },
  );

  it('are not needed: storage may be forbidden', () => {
    const forbidden = (): never => {
      throw new DOMException('no', 'SecurityError');
    };
    expect(loadPreferences(forbidden)).toEqual({ cameraId: '', view: 'video' });
    expect(() => savePreferences(forbidden, { cameraId: '', view: 'video' })).not.toThrow();
  });
});
