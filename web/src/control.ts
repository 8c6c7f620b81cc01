/** The JSON text messages of a storysign.v1 connection, as far as the page reads them. */

import { asNumber, asObject, asString, type Json, parseJson } from './json';
import {
  type PracticePush,
  type PracticeSession,
  readPractice,
  readSessionOf,
} from './practice/messages';
import type { Pictures } from './place';
import { PROFILES } from './protocol';
import type { QualityAnswer } from './quality';

/** What the server asks the page to capture, and the longest message it takes. */
export interface Greeting {
  width: number;
  height: number;
  fps: number;
  maxMessageBytes: number;
  /** Whether it takes pictures at all. */
  pictures: Exclude<Pictures, 'unknown'>;
}

export type Control =
  | { type: 'greeting'; greeting: Greeting; sessionId: string }
  | { type: 'shutdown' }
  | { type: 'error'; code: string; message: string }
  | { type: 'quality'; answer: QualityAnswer }
  /** Empty: there is nothing to go on with. */
  | { type: 'resumed'; sessionId: string; practice: PracticeSession | null }
  | { type: 'practice'; push: PracticePush }
  /** The server asks to find the landmarks here; empty if it does not say why. */
  | { type: 'invitation'; words: string }
  | { type: 'other' };

/** What holds where a greeting does not say: the defaults of the server's configuration. */
export const DEFAULT_GREETING: Greeting = {
  width: 640,
  height: 480,
  fps: 30,
  maxMessageBytes: 2 * 1024 * 1024,
  pictures: 'allowed',
};

/** Reads a text message; what the page does not know is `other`, never an exception. */
export function readControl(text: string): Control {
  const message = asObject(parseJson(text));
  switch (message.type) {
    case 'connection_established':
      return {
        type: 'greeting',
        greeting: readGreeting(asObject(message.server_info)),
        sessionId: asString(message.session_id),
      };
    case 'server_shutdown':
      return { type: 'shutdown' };
    case 'error':
    case 'processing_error':
    case 'critical_error':
      return {
        type: 'error',
        code: asString(message.error_code),
        message: asString(message.message),
      };
    case 'invitation':
      return message.place === 'home'
        ? { type: 'invitation', words: asString(message.message) }
        : { type: 'other' };
    case 'control_response':
      return readAnswer(message.action, asObject(message.result)) ?? readOther(message);
    default:
      return readOther(message);
  }
}

/** Null: an answer to something else. */
function readAnswer(action: unknown, result: Json): Control | null {
  if (action === 'set_quality') return { type: 'quality', answer: readQualityAnswer(result) };
  if (action === 'resume_session') {
    return {
      type: 'resumed',
      sessionId: result.success === true ? asString(result.session_id) : '',
      practice: readSessionOf(result),
    };
  }
  // Only a yes comes to that, and nothing follows from it.
  if (action === 'set_home') return { type: 'other' };
  return null;
}

function readOther(message: Json): Control {
  const push = readPractice(message);
  return push === null ? { type: 'other' } : { type: 'practice', push };
}

/** Asks to go on with the session of a connection that broke. */
export function resumeRequest(sessionId: string): string {
  return JSON.stringify({
    type: 'control',
    action: 'resume_session',
    data: { session_id: sessionId },
  });
}

/** Tells whether the server may count on this browser to find landmarks itself. */
export function homeRequest(capable: boolean): string {
  return JSON.stringify({ type: 'control', action: 'set_home', data: { capable } });
}

function readQualityAnswer(result: Json): QualityAnswer {
  return {
    accepted: result.success === true,
    profile: PROFILES.find((profile) => profile === result.profile) ?? null,
    error: asString(result.error),
  };
}

function readGreeting(info: Json): Greeting {
  const frame = asObject(info.frame);
  return {
    width: asNumber(frame.width, 16, 1920) ?? DEFAULT_GREETING.width,
    height: asNumber(frame.height, 16, 1920) ?? DEFAULT_GREETING.height,
    fps: asNumber(frame.fps, 1, 60) ?? DEFAULT_GREETING.fps,
    maxMessageBytes:
      asNumber(info.max_message_bytes, 1024, 2 ** 31) ?? DEFAULT_GREETING.maxMessageBytes,
    pictures: info.pictures === 'never' ? 'never' : 'allowed',
  };
}
