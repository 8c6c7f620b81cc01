/** What this browser can do for a tracker of its own. */

import type { HomeLack } from './messages';

/** A program of one function that splats a number: valid only where there is SIMD. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // Magic and version.
  ...[1, 4, 1, 0x60, 0, 0], // A type: nothing in, nothing out.
  ...[3, 2, 1, 0], // A function of it.
  ...[10, 9, 1, 7, 0, 0x41, 0, 0xfd, 15, 0x1a, 0x0b], // i32.const 0, i8x16.splat, drop, end.
);

type Validator = Pick<typeof WebAssembly, 'validate'>;

/** What is missing; null: nothing that can be known without trying. */
export function missing(wasm: Validator | undefined): HomeLack | null {
  if (wasm === undefined) return 'webassembly';
  return wasm.validate(SIMD_PROBE) ? null : 'simd';
}

/**
 * How many threads to compute with. With fewer processors, page and camera would take turns with the second thread, for
 * which the first one waits: slower than one alone (docs/home.md).
 */
export function threadsFor(isIsolated: boolean, processors: number): number {
  return isIsolated && processors >= 4 ? 2 : 1;
}

const WORDS: Readonly<Record<HomeLack, string>> = {
  webassembly: 'This browser runs no WebAssembly, so it cannot find your hands by itself.',
  simd: 'This browser or device is too old to find your hands by itself (it has no WebAssembly SIMD).',
  download: 'What finds your hands could not be fetched from the server.',
  engine: 'What finds your hands does not run in this browser.',
};

/** A sentence for the learner. */
export function wordsFor(lack: HomeLack): string {
  return WORDS[lack];
}
