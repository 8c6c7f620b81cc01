/** The door of the worker that finds landmarks. */

import { URLS } from './assets';
import type { ToHome } from './messages';
import { HomeTracker } from './tracker';

const scope = self as unknown as DedicatedWorkerGlobalScope;

const tracker = new HomeTracker(
  URLS,
  {
    wasm: typeof WebAssembly === 'undefined' ? undefined : WebAssembly,
    isIsolated: scope.crossOriginIsolated,
    get processors() {
      return scope.navigator.hardwareConcurrency;
    },
    now: () => performance.now(),
  },
  (message, transfer = []) => scope.postMessage(message, transfer),
);

scope.onmessage = (event: MessageEvent<ToHome>) => {
  void tracker.handle(event.data);
};
