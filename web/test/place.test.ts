import { describe, expect, it } from 'vitest';
import {
  ABILITIES,
  actionsOf,
  type EngineState,
  holdsFor,
  type Measured,
  noStanding,
  offersServerPicture,
  PLACE_CHOICES,
  type Standing,
  sentOf,
} from '../src/place';
import { loadHomeMemory, saveHomeMemory } from '../src/home_memory';
import { strings } from '../src/strings';

const MEASURED: Measured = {
  ability: 'balanced',
  fps: 21.5,
  size: { width: 640, height: 480 },
  cores: 4,
};

const NEW = noStanding('auto', { pictures: 'unknown', measured: null });
const standing = (change: Partial<Standing>): Standing => ({ ...NEW, ...change });

const lacking = (lack: 'webassembly' | 'simd' | 'download' | 'engine'): EngineState => ({
  state: 'lacking',
  lack,
  words: '',
});

describe('what is sent', () => {
  it('while there is a connection, follows the place and nothing else', () => {
    for (const choice of PLACE_CHOICES) {
      expect(sentOf(standing({ choice, place: 'server' }), 'live')).toBe('pictures');
      expect(sentOf(standing({ choice, place: 'home' }), 'live')).toBe('landmarks');
      expect(sentOf(standing({ choice, place: null }), 'live')).toBe('nothing_yet');
      expect(sentOf(standing({ choice, place: 'server' }), 'connecting')).toBe('no_connection');
    }
  });

  it('before Start, follows the choice and what is remembered', () => {
    const told = (change: Partial<Standing>) => sentOf(standing(change), 'off');
    expect(told({ choice: 'server' })).toBe('will_pictures');
    expect(told({ choice: 'home' })).toBe('will_landmarks');
    expect(told({ choice: 'server', pictures: 'never' })).toBe('will_landmarks');
    expect(told({})).toBe('will_begin_there');
    expect(told({ measured: MEASURED })).toBe('will_begin_here');
    expect(told({ measured: { ...MEASURED, ability: 'high_performance' } })).toBe(
      'will_begin_there',
    );
  });

  it('is told as it is: no sentence about a device says that pictures go, and the other way round', () => {
    for (const sent of ['landmarks', 'nothing_yet', 'will_landmarks'] as const) {
      for (const text of [strings.sent[sent], strings.sentBriefly[sent], strings.privacy(sent)]) {
        expect(text).toMatch(/stays? on this device/);
        expect(text).not.toMatch(/pictures/);
      }
    }
    for (const sent of ['pictures', 'will_pictures'] as const) {
      for (const text of [strings.sent[sent], strings.sentBriefly[sent], strings.privacy(sent)]) {
        expect(text).toMatch(/pictures (will )?go/);
        expect(text).not.toMatch(/stays on this device/);
      }
    }
    for (const sent of ['will_begin_here', 'will_begin_there'] as const) {
      for (const text of [strings.sent[sent], strings.sentBriefly[sent], strings.privacy(sent)]) {
        expect(text).toMatch(/pictures (will )?go/);
        expect(text).toMatch(/video (will |then )?stays? on/);
      }
    }
  });
});

describe('why it is so', () => {
  it('says what stands in the way, and never that the server helps where nothing is sent', () => {
    for (const lack of ['webassembly', 'simd', 'download', 'engine'] as const) {
      const engine = lacking(lack);
      const why = (change: Partial<Standing>) =>
        strings.placeWhy(standing({ why: 'lacking', engine, ...change }));
      expect(why({ place: 'server' })).toMatch(/So the server finds them\.$/);
      expect(why({ choice: 'home', place: null })).toMatch(/You can choose the server\.$/);
      expect(why({ place: null, pictures: 'never' })).toMatch(
        /^Your school keeps video on your device\. .* Try another browser or another device\.$/,
      );
    }
  });

  it('repeats the words of a server that takes no picture', () => {
    const refusal = 'There is no room.';
    const why = (change: Partial<Standing>) => strings.placeWhy(standing({ refusal, ...change }));
    expect(why({ choice: 'server', why: 'chosen', place: 'server' })).toBe(refusal);
    expect(why({ why: 'slow', place: 'server' })).toBe(
      'Your device is too slow to find the points. There is no room.',
    );
    expect(why({ choice: 'home', why: 'chosen', place: 'home' })).toBe('');
  });

  it('is the school, also before Start, where pictures are never taken', () => {
    for (const choice of PLACE_CHOICES) {
      const before = noStanding(choice, { pictures: 'never', measured: null });
      expect(strings.placeWhy(before)).toBe('Your school keeps video on your device.');
    }
  });

  it('speaks of the device where the device decides', () => {
    expect(strings.reasonValue('latency', 'server')).toMatch(/answers/);
    for (const reason of ['start', 'latency', 'cpu', 'headroom', 'memory'] as const) {
      expect(strings.reasonValue(reason, 'home')).toMatch(/your device/);
      expect(strings.reasonValue(reason, 'home')).not.toMatch(/server/);
    }
  });
});

describe('what can be done about it', () => {
  const at = (change: Partial<Standing>, offersChange = false) =>
    actionsOf(standing(change), offersChange);

  it('nothing while all is well, but the other place where it is offered', () => {
    const engine: EngineState = { state: 'ready', threads: 2 };
    expect(at({ engine, place: 'home' })).toEqual([]);
    expect(at({ engine, place: 'home' }, true)).toEqual(['use_server']);
    expect(at({ engine, place: 'home', pictures: 'never' }, true)).toEqual([]);
    expect(at({ engine, place: 'server' }, true)).toEqual(['use_home']);
    expect(at({ choice: 'server', place: 'server' }, true)).toEqual(['use_home']);
    expect(at({ choice: 'server', place: 'server' })).toEqual([]);
  });

  it('this device, when the server asks for it or has no room', () => {
    const server = { choice: 'server', place: 'server' } as const;
    expect(at({ ...server, invitation: 'Come.' })).toEqual(['use_home']);
    expect(at({ ...server, refusal: 'No room.' })).toEqual(['use_home']);
  });

  it('trying again where that may help, and the server where nothing is sent', () => {
    const home = { choice: 'home', place: null } as const;
    expect(at({ ...home, engine: lacking('download') })).toEqual(['try_again', 'use_server']);
    expect(at({ ...home, engine: { state: 'failed', words: '' } })).toEqual([
      'try_again',
      'use_server',
    ]);
    expect(at({ ...home, engine: lacking('simd') })).toEqual(['use_server']);
    expect(at({ place: 'server', engine: lacking('webassembly') })).toEqual([]);
    expect(at({ place: 'server', engine: lacking('engine') })).toEqual(['try_again']);
    expect(at({ ...home, pictures: 'never', engine: lacking('simd') })).toEqual([]);
    expect(at({ ...home, pictures: 'never', engine: lacking('engine') })).toEqual(['try_again']);
  });
});

describe('the picture of the server', () => {
  it('is there only where the server gets pictures', () => {
    expect(offersServerPicture(standing({ choice: 'server', place: 'server' }))).toBe(true);
    expect(offersServerPicture(standing({}))).toBe(true);
    expect(offersServerPicture(standing({ place: 'home' }))).toBe(false);
    expect(offersServerPicture(standing({ choice: 'home' }))).toBe(false);
    expect(offersServerPicture(standing({ choice: 'server', pictures: 'never' }))).toBe(false);
  });
});

describe('what was measured', () => {
  it('holds under conditions that are no harder', () => {
    const small = { width: 320, height: 240 };
    expect(holdsFor(MEASURED, MEASURED)).toBe(true);
    expect(holdsFor(MEASURED, { ...MEASURED, size: small })).toBe(true);
    expect(holdsFor(MEASURED, { ...MEASURED, cores: 8 })).toBe(true);
    expect(holdsFor({ ...MEASURED, size: small }, MEASURED)).toBe(false);
    expect(holdsFor(MEASURED, { ...MEASURED, cores: 1 })).toBe(false);
  });

  it('is remembered in this browser, and forgotten if it makes no sense', () => {
    let kept: string | null = null;
    const storage = () => ({
      getItem: () => kept,
      setItem: (_: string, value: string) => {
        kept = value;
      },
    });
    const nothing = { measured: null, pictures: 'unknown' };
    expect(loadHomeMemory(storage)).toEqual(nothing);
    for (const ability of ABILITIES) {
      const memory = { measured: { ...MEASURED, ability }, pictures: 'never' } as const;
      saveHomeMemory(storage, memory);
      expect(loadHomeMemory(storage)).toEqual(memory);
    }
    for (const nonsense of ['', '[]', '{"pictures":1,"measured":{"ability":"best","fps":"20"}}']) {
      kept = nonsense;
      expect(loadHomeMemory(storage)).toEqual(nothing);
    }
    kept = JSON.stringify({ measured: { ...MEASURED, size: { width: -1, height: 4 } } });
    expect(loadHomeMemory(storage)).toEqual(nothing);
    const forbidden = (): never => {
      throw new DOMException('no', 'SecurityError');
    };
    expect(loadHomeMemory(forbidden)).toEqual(nothing);
    expect(() => saveHomeMemory(forbidden, { measured: null, pictures: 'never' })).not.toThrow();
  });
});
