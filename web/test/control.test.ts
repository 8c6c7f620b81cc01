import { describe, expect, it } from 'vitest';
import { DEFAULT_GREETING, homeRequest, readControl } from '../src/control';

const greeting = (info: unknown): string =>
  JSON.stringify({ type: 'connection_established', server_info: info });

describe('control messages', () => {
  it('reads what the greeting asks for', () => {
    const info = { frame: { width: 320, height: 240, fps: 15 }, max_message_bytes: 100_000 };
    expect(readControl(greeting(info))).toEqual({
      type: 'greeting',
      greeting: {
        width: 320,
        height: 240,
        fps: 15,
        maxMessageBytes: 100_000,
        pictures: 'allowed',
      },
      sessionId: '',
    });
    const named = '{"type":"connection_established","session_id":"an id"}';
    expect(readControl(named)).toMatchObject({ type: 'greeting', sessionId: 'an id' });
  });

  it.each([{}, null, { frame: 'no' }, { frame: { width: -1, height: 1e9, fps: '30' } }])(
    'takes the defaults where a greeting makes no sense: %j',
    (info) => {
      expect(readControl(greeting(info))).toEqual({
        type: 'greeting',
        greeting: DEFAULT_GREETING,
        sessionId: '',
      });
    },
  );

  it('knows a server that takes no pictures', () => {
    expect(readControl(greeting({ pictures: 'never' }))).toMatchObject({
      greeting: { pictures: 'never' },
    });
    expect(readControl(greeting({ pictures: 5 }))).toMatchObject({
      greeting: { pictures: 'allowed' },
    });
  });

  it('reads an invitation, and takes the answer to what it told for nothing else', () => {
    const invitation = { type: 'invitation', place: 'home', message: 'Come.' };
    expect(readControl(JSON.stringify(invitation))).toEqual({ type: 'invitation', words: 'Come.' });
    expect(readControl(JSON.stringify({ ...invitation, place: 'elsewhere' }))).toEqual({
      type: 'other',
    });
    expect(homeRequest(true)).toBe(
      '{"type":"control","action":"set_home","data":{"capable":true}}',
    );
    const result = { success: true, capable: true };
    const response = { type: 'control_response', action: 'set_home', result };
    expect(readControl(JSON.stringify(response))).toEqual({ type: 'other' });
  });

  it('knows shutdown and errors', () => {
    expect(readControl('{"type":"server_shutdown"}')).toEqual({ type: 'shutdown' });
    expect(readControl('{"type":"error","error_code":"SERVER_FULL","message":"Full."}')).toEqual({
      type: 'error',
      code: 'SERVER_FULL',
      message: 'Full.',
    });
  });

  it('reads what the server says to a choice of quality', () => {
    const response = (result: unknown, action = 'set_quality') =>
      readControl(JSON.stringify({ type: 'control_response', action, result }));
    expect(response({ success: true, profile: 'balanced', auto: false })).toEqual({
      type: 'quality',
      answer: { accepted: true, profile: 'balanced', error: '' },
    });
    expect(response({ success: false, error: 'Not now.' })).toEqual({
      type: 'quality',
      answer: { accepted: false, profile: null, error: 'Not now.' },
    });
    expect(response(null)).toMatchObject({ answer: { accepted: false, profile: null, error: '' } });
    expect(response({ success: 'true', profile: 'best', error: 5 })).toMatchObject({
      answer: { accepted: false, profile: null, error: '' },
    });
    expect(response({ success: true }, '')).toEqual({ type: 'other' });
    expect(response({ success: true }, 'try_again')).toMatchObject({
      type: 'practice',
      push: { type: 'answered', action: 'try_again', success: true },
    });
  });

  it.each(['', 'nonsense', '[]', 'null', '{"type":"pong"}', '{"type":5}'])(
    'lets %j pass',
    (text) => {
      expect(readControl(text)).toEqual({ type: 'other' });
    },
  );
});
