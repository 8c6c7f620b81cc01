import { describe, expect, it } from 'vitest';
import { INTERVAL_MS } from '../../src/admin/board';
import { historyOf, overview, session, TOKEN, World } from './double';

const refused = { status: 409, body: { error: 'Not now.', problems: ['first', 'second'] } };

describe('signing in', () => {
  it('keeps the token once the server has taken it, and reads everything', async () => {
    const world = new World();
    expect(world.state.access).toBe('out');
    await world.signedIn();
    expect(world.state).toMatchObject({ access: 'in', link: 'live', overview, accessWords: '' });
    expect(world.state.sessions).toEqual([session]);
    expect(world.state.levels).toEqual({ all: 'info' });
    expect(world.state.history.times).toEqual([100, 101, 102]);
    expect([...world.kept.values()]).toEqual([TOKEN]);
  });

  it('uses the token of the tab after the page was loaded again', async () => {
    const world = new World(TOKEN);
    await world.settle();
    expect(world.state.access).toBe('in');
  });

  it('says where the token is when the server does not take it, and forgets it', async () => {
    const world = new World('an-old-one');
    await world.settle();
    expect(world.state.access).toBe('out');
    expect(world.state.accessWords).toContain('The token is in /state/admin.token.');
    expect(world.kept.size).toBe(0);
    expect(world.waiting).toBe(0);
  });

  it('keeps nothing while nobody can say whether the token is right', async () => {
    const world = new World();
    world.all(null);
    await world.signedIn();
    expect(world.state.access).toBe('out');
    expect(world.state.accessWords).toBe('The server does not answer. Is it running?');
    expect(world.kept.size).toBe(0);
  });

  it('waits for a server that is away when the token of the tab was taken before', async () => {
    const world = new World(TOKEN);
    const back = world.all(null);
    await world.settle();
    expect(world.state).toMatchObject({ access: 'in', link: 'away', overview: null });
    back();
    await world.pass(INTERVAL_MS);
    expect(world.state).toMatchObject({ link: 'live', overview });
  });

  it('leads back to the token when it was changed meanwhile', async () => {
    const world = await new World().signedIn();
    world.all({ status: 401, body: { error: 'Look into the file.' } });
    await world.pass(INTERVAL_MS);
    expect(world.state).toMatchObject({ access: 'out', overview: null, sessions: null });
    expect(world.state.accessWords).toContain('Look into the file.');
    expect(world.kept.size).toBe(0);
    expect(world.waiting).toBe(0);
  });

  it('signs out: nothing is kept, shown or asked any more', async () => {
    const world = await new World().signedIn();
    world.board.signOut();
    expect(world.state).toMatchObject({ access: 'out', overview: null });
    expect(world.state.history.times).toEqual([]);
    expect(world.kept.size).toBe(0);
    const asked = world.requests.length;
    await world.pass(10 * INTERVAL_MS);
    expect(world.requests.length).toBe(asked);
  });

  it('takes no answer that was asked for with another token', async () => {
    const world = await new World().signedIn();
    const late = world.pass(INTERVAL_MS);
    world.board.signOut();
    await late;
    expect(world.state).toMatchObject({ access: 'out', overview: null, sessions: null });
    expect(world.waiting).toBe(0);
  });
});

describe('following the server', () => {
  it('asks every second and puts together what it hears', async () => {
    const world = await new World().signedIn();
    world.replies.set('/api/history', { status: 200, body: historyOf(103, [4]) });
    world.requests.length = 0;
    await world.pass(INTERVAL_MS - 1);
    expect(world.requests).toEqual([]);
    await world.pass(INTERVAL_MS);
    expect(world.paths).toContain('/api/history');
    expect(world.state.history.series.sessions).toEqual([1, 2, 3, 4]);
    expect(world.waiting).toBe(1);
  });

  it('reads the log levels now and then', async () => {
    const world = await new World().signedIn();
    world.requests.length = 0;
    for (let i = 0; i < 10; ++i) await world.pass(INTERVAL_MS);
    expect(world.paths.filter((path) => path === '/api/log')).toHaveLength(2);
  });

  it('says that the server is away, keeps what it knew, and comes back', async () => {
    const world = await new World().signedIn();
    const back = world.all(null);
    await world.pass(INTERVAL_MS);
    await world.pass(INTERVAL_MS);
    expect(world.state).toMatchObject({ access: 'in', link: 'away', overview });
    expect(world.state.nowMs - (world.state.answeredAtMs ?? 0)).toBe(2 * INTERVAL_MS);
    back();
    world.replies.set('/api/history', { status: 200, body: historyOf(106, [9]) });
    await world.pass(INTERVAL_MS);
    expect(world.state.link).toBe('live');
    expect(world.state.notices[0]?.text).toBe('The server answers again.');
    // The time in between is a gap.
    expect(world.state.history.series.sessions).toEqual([1, 2, 3, null, null, null, 9]);
  });

  it('shows the words of the server beside the part that it refuses', async () => {
    const world = await new World().signedIn();
    world.replies.set('/api/sessions', { status: 503, body: { error: 'The list is busy.' } });
    await world.pass(INTERVAL_MS);
    expect(world.state.problems).toEqual({ sessions: 'The list is busy.' });
    expect(world.state.sessions).toEqual([session]);
    world.replies.set('/api/sessions', { status: 200, body: { sessions: [] } });
    await world.pass(INTERVAL_MS);
    expect(world.state.problems).toEqual({});
    expect(world.state.sessions).toEqual([]);
  });
});

describe('acting', () => {
  const actions: [string, (world: World) => Promise<void>, string, object][] = [
    [
      'profile of one',
      (w) => w.board.setProfile(7, 'balanced'),
      '/api/sessions/7/profile',
      { profile: 'balanced' },
    ],
    [
      'profile of all',
      (w) => w.board.setProfile(null, 'auto'),
      '/api/profile',
      { profile: 'auto' },
    ],
    ['skip of one', (w) => w.board.setSkip(7, 3), '/api/sessions/7/skip', { frame_skip: 3 }],
    ['skip of all', (w) => w.board.setSkip(null, null), '/api/skip', { frame_skip: null }],
    ['kick', (w) => w.board.kick(7, '  '), '/api/sessions/7/kick', {}],
    [
      'kick with words',
      (w) => w.board.kick(7, ' Bye. '),
      '/api/sessions/7/kick',
      { reason: 'Bye.' },
    ],
    ['workers', (w) => w.board.setWorkers(0), '/api/workers', { workers: 0 }],
    ['drain', (w) => w.board.drain(), '/api/drain', {}],
    ['level', (w) => w.board.setLevel('server', null), '/api/log', { room: 'server', level: null }],
  ];

  it.each(actions)('%s: asks the server and says what was done', async (_name, act, path, body) => {
    const world = await new World().signedIn();
    world.replies.set(path, { status: 200, body: { ok: true, levels: {} } });
    world.requests.length = 0;
    await act(world);
    expect(world.requests[0]).toEqual({ method: 'POST', path, body });
    expect(world.state.notices).toMatchObject([{ tone: 'good' }]);
    expect(world.state.busy.size).toBe(0);
  });

  it.each(actions)('%s: a refusal is told in the words of the server', async (_name, act, path) => {
    const world = await new World().signedIn();
    world.replies.set(path, refused);
    await act(world);
    expect(world.state.notices).toMatchObject([
      { tone: 'bad', text: 'Not now.', details: ['first', 'second'] },
    ]);
    expect(world.state.busy.size).toBe(0);
  });

  it('says what a reload put in force and what needs a restart', async () => {
    const world = await new World().signedIn();
    const answer = { ok: true, changed: ['video.fps'], needs_restart: ['server.port'] };
    world.replies.set('/api/reload', { status: 200, body: answer });
    await world.board.reload();
    expect(world.state.notices[0]?.details).toEqual([
      'In force now: video.fps',
      'Need a restart: server.port',
    ]);
  });

  it('says where a backup is', async () => {
    const world = await new World().signedIn();
    const answer = { ok: true, file: '/state/backups/a.db', bytes: 2048 };
    world.replies.set('/api/backup', { status: 200, body: answer });
    await world.board.backup();
    expect(world.state.notices[0]?.details).toEqual(['/state/backups/a.db']);
    expect(world.state.notices[0]?.text).toContain('2.0\u00a0KiB');
  });

  it('does not claim to know what became of an action without an answer', async () => {
    const world = await new World().signedIn();
    world.replies.set('/api/workers', null);
    await world.board.setWorkers(3);
    expect(world.state.notices[0]).toMatchObject({ tone: 'bad' });
    expect(world.state.notices[0]?.text).toContain('not known whether this was done');
  });

  it('asks only once while an action is under way', async () => {
    const world = await new World().signedIn();
    world.requests.length = 0;
    const first = world.board.drain();
    expect(world.state.busy.has('drain')).toBe(true);
    await Promise.all([first, world.board.drain()]);
    expect(world.paths.filter((path) => path === '/api/drain')).toHaveLength(1);
  });

  it('leads back to the token when an action meets a 401', async () => {
    const world = await new World().signedIn();
    world.replies.set('/api/workers', { status: 401, body: { error: 'Changed.' } });
    await world.board.setWorkers(3);
    expect(world.state).toMatchObject({ access: 'out' });
    expect(world.state.accessWords).toContain('Changed.');
  });

  it('reads the log levels again after one was changed', async () => {
    const world = await new World().signedIn();
    world.replies.set('/api/log', {
      status: 200,
      body: { levels: { all: 'info', server: 'debug' } },
    });
    await world.board.setLevel('server', 'debug');
    expect(world.state.levels).toEqual({ all: 'info', server: 'debug' });
  });
});
