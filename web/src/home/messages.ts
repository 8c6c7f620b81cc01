/** What the worker that finds landmarks on this device is told, and what it says. */

import type { Profile } from '../protocol';

/** Why landmarks cannot be found in this browser. */
export type HomeLack = 'webassembly' | 'simd' | 'download' | 'engine';

export type ToHome =
  /** Once: fetches engine, program and models, and runs each network once. */
  | { type: 'load' }
  /** Takes the frame over and closes it. Answered by exactly one `tracked` or `failed`. One at a time. */
  | {
      type: 'frame';
      frame: VideoFrame | ImageBitmap;
      number: number;
      /** Microseconds of a monotonic clock. */
      captureTimeUs: number;
      /** The last latency measured, 0 if none yet. */
      latencyUs: number;
      /** Frames left out since this connection was made. */
      dropped: number;
      /** The size that the frame is made to fit into, as for pictures that are sent. */
      width: number;
      height: number;
    }
  /** null: the controller chooses by service time. */
  | { type: 'quality'; profile: Profile | null }
  /** Forgets the learner: the next frame is the first. */
  | { type: 'reset' };

export type FromHome =
  | { type: 'progress'; loadedBytes: number; totalBytes: number }
  | { type: 'ready'; threads: number }
  /** One sentence in `words`. */
  | { type: 'unavailable'; lack: HomeLack; words: string }
  /**
   * `message`: a frame of landmarks (kind 2), ready to send. `answer`: the same landmarks laid out as
   * a server's answer, for readAnswer().
   */
  | {
      type: 'tracked';
      message: Uint8Array<ArrayBuffer>;
      answer: ArrayBuffer;
      serviceMs: number;
    }
  | { type: 'failed'; words: string };
