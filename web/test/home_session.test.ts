import { describe, expect, it } from 'vitest';
import type { Measured } from '../src/place';
import { STUCK_MS } from '../src/worker/home_engine';
import { LATE_MS } from '../src/worker/home_keeper';
import { answerOf, Bench, settled } from './home_bench';

const LANDMARKS_URL = 'ws://here/ws/video?frames=landmarks';

const before = (ability: Measured['ability'], change: Partial<Measured> = {}): Measured => ({
  ability,
  fps: 20,
  size: { width: 640, height: 480 },
  cores: 4,
  ...change,
});

/** At home by choice, and live. */
async function atHome(): Promise<Bench> {
  const bench = new Bench();
  bench.start('home');
  bench.socket.greet();
  bench.home.ready();
  await bench.offerHome();
  return bench;
}

/** There is no room for a connection. */
function refuse(bench: Bench): void {
  bench.socket.say({ type: 'critical_error', error_code: 'SERVER_FULL', message: 'Full.' });
  bench.socket.onclose?.({ code: 1013 });
}

describe('who chose this device', () => {
  it('sends nothing while it is loading, and then landmarks only', async () => {
    const bench = new Bench();
    bench.start('home');
    expect(bench.socket.url).toBe(LANDMARKS_URL);
    bench.socket.greet();
    bench.home.say({ type: 'progress', loadedBytes: 5, totalBytes: 20 });
    expect(bench.standing).toMatchObject({
      place: null,
      why: 'loading',
      engine: { state: 'loading', share: 0.25 },
    });
    const frame = await bench.offer();
    await bench.finishPictures();
    expect(frame.isClosed).toBe(true);
    expect(bench.socket.frames).toEqual([]);
    bench.home.ready();
    await bench.offerHome();
    await bench.offerHome();
    expect(bench.socket.kinds()).toEqual([2, 2]);
    expect(bench.socket.numbers()).toEqual([1, 2]);
    expect(bench.standing).toMatchObject({ place: 'home', why: 'chosen' });
    expect(bench.stats).toMatchObject({ place: 'home', sent: 2, sentPictures: 0 });
  });

  it('sees the landmarks at once, whatever the server says', async () => {
    const bench = await atHome();
    const seen = bench.posts.filter((post) => post.type === 'landmarks');
    expect(seen).toHaveLength(1);
    expect(seen[0]?.found.pose).toBe(true);
    // The answer to landmarks has none.
    bench.socket.say(answerOf(1, { isSomebodyThere: false, profile: 0, reason: 3 }));
    expect(bench.posts.filter((post) => post.type === 'landmarks')).toHaveLength(1);
    expect(bench.stats).toMatchObject({
      answered: 1,
      profile: 'balanced',
      qualityReason: 'start',
      serviceMs: 20,
    });
  });

  it('is told the delay from taken to drawn', async () => {
    const bench = await atHome();
    bench.socket.say(answerOf(1));
    expect(bench.stats.latencyMedianMs).toBeNull();
    const takenAt = bench.now - 20;
    bench.pass(15);
    bench.session.drawn(takenAt);
    expect(bench.stats.latencyMedianMs).toBe(35);
  });

  it('has one frame at work, and the newest one waiting', async () => {
    const bench = await atHome();
    const [, second, third] = [await bench.offer(), await bench.offer(), await bench.offer()];
    expect(bench.home.frames).toHaveLength(2);
    expect([second.isClosed, third.isClosed]).toEqual([true, false]);
    expect(bench.stats.dropped).toBe(1);
    bench.home.find();
    await settled();
    expect(bench.home.frames).toHaveLength(3);
    expect(bench.home.frames.at(-1)?.dropped).toBe(1);
    expect(bench.home.frames.at(-1)?.frame).toBe(third);
  });

  it('does not wait for a server that is late, nor burden it', async () => {
    const bench = await atHome();
    for (let i = 0; i < 20; ++i) await bench.offerHome();
    expect(bench.socket.frames).toHaveLength(8);
    expect(bench.posts.filter((post) => post.type === 'landmarks')).toHaveLength(21);
    bench.socket.say(answerOf(8));
    await bench.offerHome();
    expect(bench.socket.frames).toHaveLength(9);
  });

  it('computes nothing while nobody can see the page', async () => {
    const bench = await atHome();
    await bench.offer();
    const waiting = await bench.offer();
    bench.session.setVisible(false);
    expect(waiting.isClosed).toBe(true);
    bench.home.find();
    await settled();
    const hidden = await bench.offer();
    expect(hidden.isClosed).toBe(true);
    expect(bench.home.frames).toHaveLength(2);
    bench.session.setVisible(true);
    await bench.offerHome();
    expect(bench.home.frames).toHaveLength(3);
  });

  it('tells both of a quality', async () => {
    const bench = await atHome();
    bench.session.setQuality('high_performance');
    expect(bench.home.profiles()).toEqual(['high_performance']);
    expect(bench.socket.texts.at(-1)).toContain('"profile":"high_performance"');
    bench.session.setQuality('auto');
    expect(bench.home.profiles()).toEqual(['high_performance', null]);
  });

  it.each(['webassembly', 'simd', 'download', 'engine'] as const)(
    'sends nothing where it cannot be: %s',
    async (lack) => {
      const bench = new Bench();
      bench.start('home');
      bench.socket.greet();
      bench.home.lack(lack);
      await bench.offerPicture();
      expect(bench.socket.frames).toEqual([]);
      expect(bench.standing).toMatchObject({
        place: null,
        why: 'lacking',
        engine: { state: 'lacking', lack },
      });
    },
  );

  it('can try again', async () => {
    const bench = new Bench();
    bench.start('home');
    bench.socket.greet();
    expect(bench.home.fall()).toBe(true);
    expect(bench.standing.engine).toMatchObject({ state: 'lacking', lack: 'download' });
    bench.session.tryHomeAgain();
    expect(bench.homes).toHaveLength(2);
    bench.home.ready();
    await bench.offerHome();
    expect(bench.socket.kinds()).toEqual([2]);
  });

  it('learns of a browser without workers in workers', () => {
    const bench = new Bench({ hasWorkers: false });
    bench.start('home');
    expect(bench.standing.engine).toMatchObject({ state: 'lacking', lack: 'engine' });
  });

  it('keeps pictures back when it breaks down', async () => {
    const bench = await atHome();
    // And the page does not hear of it as of an error of its own.
    expect(bench.home.fall('It fell.')).toBe(true);
    expect(bench.home.isTerminated).toBe(true);
    await bench.offerPicture();
    expect(bench.socket.kinds()).toEqual([2]);
    expect(bench.standing).toMatchObject({ place: null, why: 'failed' });
  });
});

describe('left to us', () => {
  it('goes home in the middle of a session when it was measured to be fast enough', async () => {
    const bench = new Bench();
    bench.start('auto');
    expect(bench.socket.url).toBe('ws://here/ws/video');
    bench.socket.greet();
    await bench.offerPicture();
    expect(bench.socket.kinds()).toEqual([1]);
    bench.home.ready();
    expect(bench.standing).toMatchObject({ place: 'server', why: 'measuring' });
    await bench.measure(40);
    expect(bench.home.profiles()).toEqual(['balanced', null]);
    expect(bench.standing).toMatchObject({ place: 'home', why: 'fast' });
    expect(bench.standing.measured).toMatchObject({ ability: 'balanced', fps: 25, cores: 4 });
    await bench.offerHome();
    await bench.offerHome();
    expect(bench.sockets).toHaveLength(1);
    expect(bench.socket.kinds().slice(-2)).toEqual([2, 2]);
    const numbers = bench.socket.numbers();
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    // Every frame of the measurement was a copy of its own.
    expect(bench.offered.flatMap(({ copies }) => copies).length).toBeGreaterThan(10);
  });

  it('stays at the server with a slow device, and lets it be counted on', async () => {
    const bench = new Bench();
    bench.start('auto');
    bench.socket.greet();
    bench.home.ready();
    await bench.measure((profile) => (profile === 'balanced' ? 100 : 50));
    expect(bench.standing).toMatchObject({ place: 'server', why: 'coarse' });
    expect(new Set(bench.socket.kinds())).toEqual(new Set([1]));
    const told = '{"type":"control","action":"set_home","data":{"capable":true}}';
    expect(bench.socket.texts).toEqual([told]);
    bench.socket.say({ type: 'invitation', place: 'home', message: 'Come.' });
    expect(bench.standing).toMatchObject({ place: 'home', why: 'invited', invitation: '' });
    await bench.offerHome();
    expect(bench.socket.kinds().at(-1)).toBe(2);
    expect(bench.home.profiles().at(-1)).toBeNull();
  });

  it('begins at home where this browser was fast enough before, under conditions no easier', () => {
    const placeWith = (measured: Measured, cores = 4) => {
      const bench = new Bench({ cores });
      bench.start('auto', measured);
      bench.home.ready();
      return bench.standing.place;
    };
    expect(placeWith(before('balanced'))).toBe('home');
    expect(placeWith(before('balanced'), 8)).toBe('home');
    expect(placeWith(before('balanced'), 1)).toBe('server');
    expect(placeWith(before('balanced', { size: { width: 320, height: 240 } }))).toBe('server');
    expect(placeWith(before('slow'))).toBe('server');
  });

  it('does not measure what it has measured when the camera is turned on again', async () => {
    const bench = new Bench();
    bench.start('auto');
    bench.socket.greet();
    bench.home.ready();
    await bench.measure(40);
    bench.session.stop();
    bench.start('auto');
    expect(bench.socket.url).toBe(LANDMARKS_URL);
    expect(bench.homes).toHaveLength(1);
    expect(bench.standing).toMatchObject({ place: 'home', why: 'fast' });
  });

  it('is served by the server meanwhile when loading takes long', async () => {
    const bench = new Bench();
    bench.start('auto', before('balanced'));
    bench.socket.greet();
    await bench.offerPicture();
    expect(bench.socket.frames).toEqual([]);
    bench.pass(LATE_MS + 1);
    bench.socket.say({ type: 'pong' });
    bench.session.tick();
    await bench.offerPicture();
    expect(bench.socket.kinds()).toEqual([1]);
    bench.home.ready();
    await bench.offerHome();
    expect(bench.socket.kinds()).toEqual([1, 2]);
  });

  it.each([
    ['dies', (bench: Bench) => bench.home.fall('It fell.')],
    ['is stuck', (bench: Bench) => bench.pass(STUCK_MS + 1)],
  ])('falls back to the server when the worker at home %s', async (_, happens) => {
    const bench = new Bench();
    bench.start('auto', before('balanced'));
    bench.socket.greet();
    bench.home.ready();
    await bench.offerHome();
    await bench.offer();
    happens(bench);
    await settled();
    expect(bench.standing).toMatchObject({ place: 'server', why: 'failed' });
    expect(bench.home.isTerminated).toBe(true);
    await bench.offerPicture();
    expect(bench.sockets).toHaveLength(1);
    expect(bench.socket.kinds()).toEqual([2, 1]);
    const [first = 0, second = 0] = bench.socket.numbers();
    expect(second).toBeGreaterThan(first);
  });

  it('takes a frame or two that fail, but not more in a row', async () => {
    const bench = new Bench();
    bench.start('auto', before('balanced'));
    bench.socket.greet();
    bench.home.ready();
    const fail = async () => {
      await bench.offer();
      bench.home.say({ type: 'failed', words: 'No.' });
      await settled();
    };
    await fail();
    await fail();
    await bench.offerHome();
    await fail();
    await fail();
    expect(bench.standing.place).toBe('home');
    expect(bench.stats.failed).toBe(4);
    await fail();
    expect(bench.standing).toMatchObject({ place: 'server', why: 'failed' });
  });

  it('goes to the server when this device becomes too slow', async () => {
    const bench = new Bench();
    bench.start('auto', before('balanced'));
    bench.socket.greet();
    bench.home.ready();
    for (let i = 0; i < 60; ++i) {
      await bench.offerHome(80);
      bench.session.tick();
    }
    expect(bench.standing.place).toBe('home');
    for (let i = 0; i < 60 && bench.standing.place === 'home'; ++i) {
      await bench.offerHome(150);
      bench.session.tick();
    }
    expect(bench.standing).toMatchObject({ place: 'server', why: 'lags' });
    expect(bench.standing.measured).toMatchObject({ ability: 'slow' });
    // What is of no use takes no memory, now and with the next start.
    expect(bench.home.isTerminated).toBe(true);
    bench.session.stop();
    bench.start('auto');
    expect(bench.standing).toMatchObject({ place: 'server', why: 'slow' });
    expect(bench.homes).toHaveLength(1);
  });

  it('comes at once with landmarks to a server that has no room for pictures', async () => {
    const bench = new Bench();
    bench.start('auto', before('high_performance'));
    refuse(bench);
    expect(bench.standing).toMatchObject({ place: null, why: 'loading' });
    expect(bench.sockets).toHaveLength(2);
    expect(bench.socket.url).toBe(LANDMARKS_URL);
    bench.home.ready();
    expect(bench.standing).toMatchObject({ place: 'home', why: 'refused' });
    bench.socket.greet();
    await bench.offerHome();
    expect(bench.socket.kinds()).toEqual([2]);
    // Full for these as well: it waits like everybody.
    const other = new Bench();
    other.start('auto', before('high_performance'));
    refuse(other);
    refuse(other);
    expect(other.sockets).toHaveLength(2);
    other.pass(5000);
    expect(other.sockets).toHaveLength(3);
  });

  it('is measured while it waits for room, and then comes with landmarks', async () => {
    const bench = new Bench();
    bench.start('auto');
    bench.home.ready();
    refuse(bench);
    await bench.measure((profile) => (profile === 'balanced' ? 100 : 50));
    expect(bench.standing).toMatchObject({ place: 'home', why: 'refused' });
    refuse(bench);
    bench.pass(5000);
    expect(bench.socket.url).toBe(LANDMARKS_URL);
  });
});

describe('who chose the server', () => {
  it('stays there, and is offered what the server asks for', async () => {
    const bench = new Bench();
    bench.start('server', before('high_performance'));
    bench.socket.greet();
    expect(bench.socket.texts).toHaveLength(1);
    bench.socket.say({ type: 'invitation', place: 'home', message: 'Come.' });
    expect(bench.standing).toMatchObject({ place: 'server', invitation: 'Come.' });
    await bench.offerPicture();
    expect(bench.socket.kinds()).toEqual([1]);
    expect(bench.homes).toHaveLength(0);
    bench.session.setPlace('home');
    bench.home.ready();
    await bench.offerHome();
    expect(bench.socket.kinds()).toEqual([1, 2]);
    expect(bench.standing.invitation).toBe('');
  });

  it('hears why pictures are not taken, and that they are again', async () => {
    const bench = await atHome();
    bench.socket.say(answerOf(1));
    bench.session.setPlace('server');
    await bench.offerPicture();
    expect(bench.socket.kinds()).toEqual([2, 1]);
    bench.socket.say(answerOf(2, { error: 1, text: 'There is no room.' }));
    expect(bench.standing).toMatchObject({ place: 'server', refusal: 'There is no room.' });
    await bench.offerPicture();
    bench.socket.say(answerOf(3));
    expect(bench.standing.refusal).toBe('');
  });

  it('gets rid of the engine with the next stop', async () => {
    const bench = await atHome();
    bench.session.setPlace('server');
    expect(bench.home.isTerminated).toBe(false);
    bench.session.stop();
    expect(bench.home.isTerminated).toBe(true);
  });
});

describe('a picture', () => {
  it('that was begun before does not leave after the choice of this device', async () => {
    const bench = new Bench();
    bench.start('server');
    bench.socket.greet();
    await bench.offer();
    bench.session.setPlace('home');
    await bench.finishPictures();
    expect(bench.socket.frames).toEqual([]);
    // Nor does the one that was begun keep the others from it.
    bench.session.setPlace('server');
    await bench.offerPicture();
    expect(bench.socket.kinds()).toEqual([1]);
  });

  it('that was found before a change is not drawn after it', async () => {
    const bench = new Bench();
    bench.start('server');
    bench.socket.greet();
    await bench.offerPicture();
    bench.session.setPlace('home');
    bench.socket.say(answerOf(1));
    expect(bench.posts.filter((post) => post.type === 'landmarks')).toEqual([]);
    // And what was found here is not drawn, or sent, after the change back.
    bench.home.ready();
    await bench.offer();
    bench.session.setPlace('server');
    bench.home.find();
    await settled();
    expect(bench.posts.filter((post) => post.type === 'landmarks')).toEqual([]);
    expect(bench.socket.kinds()).toEqual([1]);
  });

  it('is what the figures are about, once pictures are sent, also over another connection', async () => {
    const bench = await atHome();
    bench.session.setPlace('server');
    // The answer to landmarks of before says nothing about pictures.
    bench.socket.say(answerOf(1, { profile: 0, reason: 3 }));
    expect(bench.stats).toMatchObject({ answered: 1, profile: null, qualityReason: null });
    await bench.offerPicture();
    bench.socket.say(answerOf(2, { reason: 7 }));
    expect(bench.stats).toMatchObject({ profile: 'balanced', qualityReason: 'cpu' });
    bench.socket.onclose?.({ code: 1006 });
    bench.pass(1000);
    bench.socket.greet();
    const drawn = () => bench.posts.filter((post) => post.type === 'landmarks').length;
    const before = drawn();
    await bench.offerPicture();
    bench.socket.say(answerOf(1));
    await settled();
    expect(drawn()).toBe(before + 1);
  });

  it.each(['auto', 'server'] as const)(
    'is never sent to a server that takes none (%s)',
    async (choice) => {
      const bench = new Bench();
      bench.start(choice);
      bench.socket.greet('never');
      await bench.offerPicture();
      expect(bench.socket.frames).toEqual([]);
      expect(bench.standing).toMatchObject({ place: null, pictures: 'never', why: 'loading' });
      bench.home.ready();
      await bench.offerHome();
      expect(bench.socket.kinds()).toEqual([2]);
      bench.home.fall('It fell.');
      await bench.offerPicture();
      expect(bench.socket.kinds()).toEqual([2]);
      expect(bench.standing).toMatchObject({ place: null, why: 'failed' });
    },
  );
});

describe('after a connection that broke', () => {
  it('landmarks go on over the next one, numbered anew', async () => {
    const bench = await atHome();
    await bench.offer();
    bench.socket.onclose?.({ code: 1006 });
    bench.pass(1000);
    expect(bench.socket.url).toBe(LANDMARKS_URL);
    bench.socket.greet();
    // What was at work belongs to the connection that is gone.
    bench.home.find();
    await settled();
    expect(bench.socket.frames).toEqual([]);
    await bench.offerHome();
    expect(bench.socket.numbers()).toEqual([1]);
  });
});
