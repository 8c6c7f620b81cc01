import { describe, expect, it } from 'vitest';
import { loadPreferences, type Preferences, savePreferences } from '../src/preferences';

const DEFAULTS: Preferences = { cameraId: '', view: 'video', quality: 'auto' };

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
    const chosen: Preferences = { cameraId: 'abc', view: 'skeleton', quality: 'high_performance' };
    savePreferences(storage, chosen);
    expect(loadPreferences(storage)).toEqual(chosen);
  });

  it.each([null, '', 'nonsense', 'null', '[]', '{"view":"other","cameraId":5,"quality":"best"}'])(
    'are the defaults for %j',
    (kept) => {
      expect(loadPreferences(memory(kept))).toEqual(DEFAULTS);
    },
  );

  it('of an older page keep what they had', () => {
    const kept = '{"view":"skeleton","cameraId":"abc"}';
    expect(loadPreferences(memory(kept))).toEqual({
      cameraId: 'abc',
      view: 'skeleton',
      quality: 'auto',
    });
  });

  it('are not needed: storage may be forbidden', () => {
    const forbidden = (): never => {
      throw new DOMException('no', 'SecurityError');
    };
    expect(loadPreferences(forbidden)).toEqual(DEFAULTS);
    expect(() => savePreferences(forbidden, DEFAULTS)).not.toThrow();
  });
});
