import { describe, expect, it } from 'vitest';
import { DEFAULTS, loadPreferences, type Preferences, savePreferences } from '../src/preferences';

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
    const chosen: Preferences = {
      cameraId: 'abc',
      view: 'skeleton',
      quality: 'high_performance',
      place: 'home',
      handedness: 'left',
      goesOn: false,
      slow: true,
      level: 'expert',
    };
    savePreferences(storage, chosen);
    expect(loadPreferences(storage)).toEqual(chosen);
  });

  it.each([
    null,
    '',
    'nonsense',
    'null',
    '[]',
    '{"view":"other","cameraId":5,"quality":"best","place":"moon","handedness":"both","goesOn":1,"slow":"yes","level":"x"}',
  ])('are the defaults for %j', (kept) => {
    expect(loadPreferences(memory(kept))).toEqual(DEFAULTS);
  });

  it('of an older page keep what they had', () => {
    const kept = '{"view":"skeleton","cameraId":"abc"}';
    expect(loadPreferences(memory(kept))).toEqual({
      ...DEFAULTS,
      cameraId: 'abc',
      view: 'skeleton',
    });
  });

  it('change one by one', () => {
    const storage = memory();
    savePreferences(storage, { view: 'skeleton' });
    savePreferences(storage, { handedness: 'left' });
    expect(loadPreferences(storage)).toEqual({
      ...DEFAULTS,
      view: 'skeleton',
      handedness: 'left',
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
