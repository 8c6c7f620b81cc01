/** The JSON text messages of a storysign.v1 connection, as far as the page reads them. */

import { PROFILES } from './protocol';
import type { QualityAnswer } from './quality';

/** What the server asks the page to capture, and the longest message it takes. */
export interface Greeting {
  width: number;
  height: number;
  fps: number;
  maxMessageBytes: number;
}

export type Control =
  | { type: 'greeting'; greeting: Greeting }
  | { type: 'shutdown' }
  | { type: 'error'; code: string; message: string }
  | { type: 'quality'; answer: QualityAnswer }
  | { type: 'other' };

/** What holds where a greeting does not say: the defaults of the server's configuration. */
export const DEFAULT_GREETING: Greeting = {
  width: 640,
  height: 480,
  fps: 30,
  maxMessageBytes: 2 * 1024 * 1024,
};

type Json = Record<string, unknown>;

/** Reads a text message; what the page does not know is `other`, never an exception. */
export function readControl(text: string): Control {
  const message = parse(text);
  switch (message.type) {
    case 'connection_established':
      return { type: 'greeting', greeting: readGreeting(asObject(message.server_info)) };
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
    case 'control_response':
      return message.action === 'set_quality'
        ? { type: 'quality', answer: readQualityAnswer(asObject(message.result)) }
        : { type: 'other' };
    default:
      return { type: 'other' };
  }
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
  };
}

function parse(text: string): Json {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function asNumber(value: unknown, least: number, most: number): number | null {
  return typeof value === 'number' && value >= least && value <= most ? value : null;
}
