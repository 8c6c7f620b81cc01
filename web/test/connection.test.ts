import { beforeEach, describe, expect, it } from 'vitest';
import type { Link } from '../src/messages';
import type { PracticePush } from '../src/practice/messages';
import type { QualityAnswer } from '../src/quality';
import { Connection, GREETING_TIMEOUT_MS, type Socket } from '../src/worker/connection';

class FakeSocket {
  binaryType = '';
  bufferedAmount = 0;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: unknown[] = [];
  closed: number | undefined;

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(code?: number): void {
    this.closed = code;
  }

  greet(sessionId?: string): void {
    const greeting = { type: 'connection_established', server_info: {}, session_id: sessionId };
    this.onmessage?.({ data: JSON.stringify(greeting) });
  }
}

let sockets: FakeSocket[];
let timers: Map<number, { action: () => void; delayMs: number }>;
let links: Link[];
let received: number;
let qualities: QualityAnswer[];
let pushes: PracticePush[];
let invitations: string[];
let addresses: string[];
let connection: Connection;

const last = (): FakeSocket => sockets[sockets.length - 1] as FakeSocket;
const link = (): Link => links[links.length - 1] as Link;

/** Runs the only timer there is. */
function elapse(): number {
  expect(timers.size).toBe(1);
  const [[id, { action, delayMs }]] = [...timers] as [
    [number, { action: () => void; delayMs: number }],
  ];
  timers.delete(id);
  action();
  return delayMs;
}

beforeEach(() => {
  sockets = [];
  timers = new Map();
  links = [];
  received = 0;
  qualities = [];
  pushes = [];
  invitations = [];
  addresses = [];
  let timer = 0;
  connection = new Connection(
    {
      open: (url, protocol) => {
        expect(protocol).toBe('storysign.v1');
        addresses.push(url);
        sockets.push(new FakeSocket());
        return last() as unknown as Socket;
      },
      later: (action, delayMs) => {
        timer += 1;
        timers.set(timer, { action, delayMs });
        return timer;
      },
      cancel: (id) => void timers.delete(id),
      random: () => 0,
    },
    {
      linkChanged: (changed) => void links.push(changed),
      greeted: () => undefined,
      heard: () => undefined,
      received: () => {
        received += 1;
      },
      qualityAnswered: (answer) => void qualities.push(answer),
      invited: (words) => void invitations.push(words),
      practiceTold: (push) => void pushes.push(push),
    },
  );
  connection.start('ws://here/ws/video');
});

describe('connection', () => {
  it('is live from the greeting on', () => {
    expect(links).toEqual([{ state: 'connecting' }]);
    connection.send('early');
    last().greet();
    connection.send('late');
    expect(link()).toEqual({ state: 'live' });
    expect(last().sent).toEqual(['late']);
    expect(timers.size).toBe(0);
  });

  it.each([
    [1006, 'lost'],
    [1011, 'lost'],
    [1012, 'restarting'],
    [1001, 'restarting'],
    [1009, 'too_large'],
  ])('comes back after close code %d: %s', (code, reason) => {
    last().greet();
    last().onclose?.({ code });
    expect(link()).toEqual({ state: 'waiting', reason, words: '', delayMs: 500 });
    expect(elapse()).toBe(500);
    expect(link()).toEqual({ state: 'connecting' });
    last().greet();
    expect(link()).toEqual({ state: 'live' });
    expect(sockets).toHaveLength(2);
  });

  it.each([
    [1013, 'full'],
    [1008, 'refused'],
  ])('gives a server that turned it away (%d) more time', (code, reason) => {
    last().onclose?.({ code });
    expect(link()).toEqual({ state: 'waiting', reason, words: '', delayMs: 3000 });
  });

  it('says in the words of a full server why it is, and tries again later', () => {
    const full = { type: 'critical_error', error_code: 'SERVER_FULL', message: 'Full of 20.' };
    last().onmessage?.({ data: JSON.stringify(full) });
    expect(links).toEqual([{ state: 'connecting' }]);
    last().onclose?.({ code: 1013 });
    expect(link()).toEqual({
      state: 'waiting',
      reason: 'full',
      words: 'Full of 20.',
      delayMs: 3000,
    });
    elapse();
    last().onclose?.({ code: 1013 });
    expect(link()).toMatchObject({ reason: 'full', words: '' });
    elapse();
    last().greet();
    expect(link()).toEqual({ state: 'live' });
  });

  it('keeps what the server says of other ends to itself, and long words short', () => {
    last().onmessage?.({ data: '{"type":"error","error_code":"RATE_LIMITED","message":"Slow."}' });
    last().onclose?.({ code: 1008 });
    expect(link()).toMatchObject({ reason: 'refused', words: '' });
    elapse();
    const message = 'x'.repeat(5000);
    last().onmessage?.({
      data: JSON.stringify({ type: 'error', error_code: 'SERVER_FULL', message }),
    });
    last().onclose?.({ code: 1013 });
    expect(link()).toMatchObject({ reason: 'full', words: 'x'.repeat(240) });
  });

  it('hands on what a live server says to a choice of quality', () => {
    const said = '{"type":"control_response","action":"set_quality","result":{"success":true}}';
    last().onmessage?.({ data: said });
    expect(qualities).toEqual([]);
    last().greet();
    last().onmessage?.({ data: said });
    expect(qualities).toEqual([{ accepted: true, profile: null, error: '' }]);
  });

  it('remembers why the server is about to close', () => {
    last().greet();
    last().onmessage?.({ data: '{"type":"server_shutdown"}' });
    last().onclose?.({ code: 1006 });
    expect(link()).toMatchObject({ state: 'waiting', reason: 'restarting' });
  });

  it('waits longer each time nobody is there, until a connection works', () => {
    const waits = Array.from({ length: 6 }, () => {
      last().onclose?.({ code: 1006 });
      expect(link()).toMatchObject({ state: 'waiting', reason: 'unreachable' });
      return elapse();
    });
    expect(waits).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
    last().greet();
    connection.worked();
    last().onclose?.({ code: 1006 });
    expect(elapse()).toBe(500);
  });

  it('gives up on a server that never greets', () => {
    const silent = last();
    expect(elapse()).toBe(GREETING_TIMEOUT_MS);
    expect(silent.closed).toBe(1000);
    expect(link()).toMatchObject({ state: 'waiting', reason: 'silent' });
    expect(silent.onclose).toBeNull();
  });

  it('goes on with its session after the connection broke', () => {
    const resumption = (id: string): string =>
      `{"type":"control","action":"resume_session","data":{"session_id":"${id}"}}`;
    last().greet('first');
    expect(last().sent).toEqual([]);
    last().onclose?.({ code: 1006 });
    elapse();
    last().greet('second');
    expect(last().sent).toEqual([resumption('first')]);
    // It breaks off before the answer: the server may have agreed, so the first is still the one.
    last().onclose?.({ code: 1006 });
    elapse();
    last().greet('other');
    expect(last().sent).toEqual([resumption('first')]);
    const result = { success: true, session_id: 'first' };
    const agreed = { type: 'control_response', action: 'resume_session', result };
    last().onmessage?.({ data: JSON.stringify(agreed) });
    last().onclose?.({ code: 1012 });
    elapse();
    last().greet('third');
    expect(last().sent).toEqual([resumption('first')]);
    const refused = { ...agreed, result: { success: false, error: 'There is none.' } };
    last().onmessage?.({ data: JSON.stringify(refused) });
    last().onclose?.({ code: 1006 });
    elapse();
    last().greet('fourth');
    expect(last().sent).toEqual([resumption('third')]);
    connection.start('ws://here/ws/video');
    last().greet('fifth');
    expect(last().sent).toEqual([]);
  });

  it('stops for good', () => {
    last().greet();
    connection.stop();
    expect(last().closed).toBe(1000);
    expect(link()).toEqual({ state: 'closed' });
    connection.retryNow();
    expect(timers.size).toBe(0);
    expect(sockets).toHaveLength(1);
  });

  it('stops while waiting', () => {
    last().onclose?.({ code: 1006 });
    connection.stop();
    expect(timers.size).toBe(0);
    expect(link()).toEqual({ state: 'closed' });
  });

  it('does not wait any longer when the network is back', () => {
    last().onclose?.({ code: 1006 });
    connection.retryNow();
    expect(sockets).toHaveLength(2);
    expect(timers.size).toBe(1);
    connection.retryNow();
    expect(sockets).toHaveLength(2);
  });

  it('hands on binary messages of a live connection only', () => {
    last().onmessage?.({ data: new ArrayBuffer(64) });
    expect(received).toBe(0);
    last().greet();
    last().onmessage?.({ data: new ArrayBuffer(64) });
    expect(received).toBe(1);
  });

  it('goes to another address the next time, with the same session', () => {
    last().greet('first');
    expect(connection.redirect('ws://here/ws/video')).toBe(false);
    expect(connection.redirect('ws://here/ws/video?frames=landmarks')).toBe(true);
    expect(sockets).toHaveLength(1);
    last().onclose?.({ code: 1006 });
    elapse();
    last().greet('second');
    expect(addresses).toEqual(['ws://here/ws/video', 'ws://here/ws/video?frames=landmarks']);
    expect(last().sent).toEqual([
      '{"type":"control","action":"resume_session","data":{"session_id":"first"}}',
    ]);
    connection.stop();
    expect(connection.redirect('ws://here/ws/video')).toBe(false);
  });

  it('hands on an invitation of a live connection', () => {
    const invite = (place: string) =>
      last().onmessage?.({ data: JSON.stringify({ type: 'invitation', place, message: 'Come.' }) });
    invite('home');
    last().greet();
    invite('elsewhere');
    expect(invitations).toEqual([]);
    invite('home');
    expect(invitations).toEqual(['Come.']);
  });

  it('tells of practice, and of nothing before the greeting', () => {
    const update = JSON.stringify({ type: 'practice_update', practice_session: {} });
    last().onmessage?.({ data: update });
    expect(pushes).toEqual([]);
    last().greet('first');
    last().onmessage?.({ data: update });
    expect(pushes.map(({ type }) => type)).toEqual(['joined', 'update']);
  });

  it('says that it joined when the server has said whether it goes on', () => {
    const answer = (result: object) =>
      last().onmessage?.({
        data: JSON.stringify({ type: 'control_response', action: 'resume_session', result }),
      });
    last().greet('first');
    expect(pushes).toEqual([{ type: 'joined', session: null }]);
    last().onclose?.({ code: 1006 });
    elapse();
    last().greet('second');
    expect(pushes).toHaveLength(1);
    answer({ success: true, session_id: 'first', practice_session: { practice_active: true } });
    expect(pushes[1]).toMatchObject({ type: 'joined', session: { active: true } });
    last().onclose?.({ code: 1006 });
    elapse();
    last().greet('third');
    answer({ success: false, error: 'There is none.' });
    expect(pushes[2]).toEqual({ type: 'joined', session: null });
    // A server that names no sessions has none to go on with.
    connection.start('ws://here/ws/video');
    last().greet();
    last().onclose?.({ code: 1006 });
    elapse();
    last().greet();
    expect(pushes.slice(3)).toEqual([
      { type: 'joined', session: null },
      { type: 'joined', session: null },
    ]);
  });
});
