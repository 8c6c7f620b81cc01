import { describe, expect, it } from 'vitest';
import { ABILITIES, PLACE_CHOICES } from '../src/place';
import { decide, type Observations } from '../src/worker/home_choice';

const FRESH: Observations = {
  choice: 'auto',
  pictures: 'allowed',
  engine: 'off',
  measured: null,
  remembered: null,
  invited: false,
  refused: false,
  lags: false,
  isLate: false,
};

const when = (change: Partial<Observations>) => decide({ ...FRESH, ...change });

const ENGINES = ['off', 'loading', 'ready', 'lacking', 'failed'] as const;
const KNOWN = [null, ...ABILITIES] as const;
const BOTH = [false, true] as const;

/** Everything that can be observed at once. */
function* everything(): Generator<Observations> {
  for (const choice of PLACE_CHOICES)
    for (const pictures of ['unknown', 'allowed', 'never'] as const)
      for (const engine of ENGINES)
        for (const measured of KNOWN)
          for (const remembered of KNOWN)
            for (const invited of BOTH)
              for (const refused of BOTH)
                for (const lags of BOTH)
                  for (const isLate of BOTH)
                    yield {
                      ...{ choice, pictures, engine, measured, remembered },
                      ...{ invited, refused, lags, isLate },
                    };
}

describe('where landmarks are found, whatever else is observed', () => {
  it('is never the server for who chose this device, or where pictures are never taken', () => {
    for (const observed of everything()) {
      if (observed.choice !== 'home' && observed.pictures !== 'never') continue;
      expect(decide(observed).place, JSON.stringify(observed)).not.toBe('server');
    }
  });

  it('is the server for who chose it, if it takes pictures', () => {
    for (const observed of everything()) {
      if (observed.choice !== 'server' || observed.pictures === 'never') continue;
      expect(decide(observed), JSON.stringify(observed)).toMatchObject({
        place: 'server',
        loads: false,
        measures: false,
      });
    }
  });

  it('is this device only when it is ready', () => {
    for (const observed of everything()) {
      if (observed.engine === 'ready') continue;
      expect(decide(observed).place, JSON.stringify(observed)).not.toBe('home');
    }
  });

  it('is somewhere for who left it to us, unless this device is about to be ready', () => {
    for (const observed of everything()) {
      if (observed.choice !== 'auto' || observed.pictures === 'never') continue;
      const { place, loads } = decide(observed);
      if (place !== null) continue;
      expect(loads || observed.engine === 'loading', JSON.stringify(observed)).toBe(true);
    }
  });

  it('never loads and unloads at once, and unloads nothing that is in use', () => {
    for (const observed of everything()) {
      const { place, loads, unloads } = decide(observed);
      expect(unloads && (loads || place === 'home'), JSON.stringify(observed)).toBe(false);
    }
  });

  it('does not count on a device that cannot', () => {
    for (const observed of everything()) {
      if (observed.engine !== 'lacking' && observed.engine !== 'failed') continue;
      expect(decide(observed).capable, JSON.stringify(observed)).toBe(false);
    }
  });
});

describe('left to us', () => {
  it('begins at the server, loads, and measures', () => {
    expect(when({})).toMatchObject({ place: 'server', why: 'unknown', loads: true });
    expect(when({ engine: 'loading' })).toMatchObject({ place: 'server', why: 'loading' });
    expect(when({ engine: 'ready' })).toEqual({
      place: 'server',
      why: 'measuring',
      loads: false,
      unloads: false,
      measures: true,
      capable: false,
    });
  });

  it('takes this device where it is fast enough for exact landmarks', () => {
    expect(when({ engine: 'ready', measured: 'balanced' })).toMatchObject({
      place: 'home',
      why: 'fast',
      measures: false,
    });
  });

  it('stays at the server where it is not, and tells if it could be less exact', () => {
    expect(when({ engine: 'ready', measured: 'high_performance' })).toMatchObject({
      place: 'server',
      why: 'coarse',
      measures: false,
      capable: true,
    });
    expect(when({ engine: 'ready', measured: 'slow' })).toMatchObject({
      place: 'server',
      why: 'slow',
      capable: false,
      unloads: true,
    });
    expect(when({ engine: 'off', measured: 'slow' })).toMatchObject({
      why: 'slow',
      loads: false,
      unloads: false,
    });
  });

  it('begins here where this browser was fast enough before', () => {
    const before = { remembered: 'balanced' } as const;
    expect(when(before)).toMatchObject({ place: null, why: 'loading', loads: true });
    expect(when({ ...before, engine: 'loading' })).toMatchObject({ place: null, loads: false });
    expect(when({ ...before, engine: 'ready' })).toMatchObject({ place: 'home', measures: false });
    // What is measured now counts for more.
    expect(when({ ...before, engine: 'ready', measured: 'slow' })).toMatchObject({
      place: 'server',
    });
  });

  it('does not let a learner wait for a slow download', () => {
    const late = { remembered: 'balanced', engine: 'loading', isLate: true } as const;
    expect(when(late)).toMatchObject({ place: 'server', why: 'loading' });
    expect(when({ ...late, engine: 'ready' })).toMatchObject({ place: 'home' });
  });

  it('measures again what was not fast enough before, and is counted on meanwhile', () => {
    expect(when({ engine: 'ready', remembered: 'high_performance' })).toMatchObject({
      place: 'server',
      measures: true,
      capable: true,
    });
  });

  it('follows an invitation if this device can, and else does not', () => {
    const invited = { engine: 'ready', invited: true } as const;
    expect(when({ ...invited, measured: 'high_performance' })).toMatchObject({
      place: 'home',
      why: 'invited',
    });
    expect(when({ ...invited, measured: 'slow' })).toMatchObject({ place: 'server' });
    // Who is needed goes on at the server until this device is ready.
    const known = { invited: true, remembered: 'high_performance' } as const;
    expect(when({ ...known, engine: 'loading' })).toMatchObject({ place: 'server' });
  });

  it('comes here where the server has no room', () => {
    const refused = { engine: 'ready', refused: true } as const;
    expect(when({ ...refused, measured: 'high_performance' })).toMatchObject({
      place: 'home',
      why: 'refused',
    });
    expect(when({ ...refused, measured: 'slow' })).toMatchObject({ place: 'server' });
    expect(when({ refused: true, remembered: 'high_performance' })).toMatchObject({ place: null });
  });

  it('goes to the server when this device becomes too slow, if there is room', () => {
    const slow = { engine: 'ready', measured: 'slow', lags: true } as const;
    expect(when(slow)).toMatchObject({ place: 'server', why: 'lags', capable: false });
    expect(when({ ...slow, refused: true })).toMatchObject({ place: 'home' });
  });

  it('is served by the server where this device cannot, and says why', () => {
    for (const engine of ['lacking', 'failed'] as const) {
      expect(when({ engine, measured: 'balanced' })).toMatchObject({
        place: 'server',
        why: engine,
        loads: false,
        capable: false,
      });
    }
  });
});

describe('chosen', () => {
  it('this device: waits for it, without measuring', () => {
    const home = { choice: 'home' } as const;
    expect(when(home)).toMatchObject({ place: null, why: 'loading', loads: true });
    expect(when({ ...home, engine: 'ready' })).toMatchObject({
      place: 'home',
      why: 'chosen',
      measures: false,
    });
    expect(when({ ...home, engine: 'lacking' })).toMatchObject({ place: null, why: 'lacking' });
    expect(when({ ...home, engine: 'failed' })).toMatchObject({ place: null, why: 'failed' });
  });

  it('the server: is counted on for an invitation if this device was measured', () => {
    const server = { choice: 'server', invited: true } as const;
    expect(when({ ...server, remembered: 'high_performance' })).toMatchObject({ capable: true });
    expect(when({ ...server, remembered: 'slow' })).toMatchObject({ capable: false });
    expect(when(server)).toMatchObject({ capable: false });
  });

  it('by the school: this device, whoever chose what', () => {
    for (const choice of ['auto', 'server'] as const) {
      const school = { choice, pictures: 'never' } as const;
      expect(when(school)).toMatchObject({ place: null, loads: true });
      expect(when({ ...school, engine: 'ready' })).toMatchObject({ place: 'home', why: 'never' });
      expect(when({ ...school, engine: 'lacking' })).toMatchObject({ place: null });
    }
  });
});
