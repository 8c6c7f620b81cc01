/** The worker's door: what the page sends goes to the session, what the session has to say goes back. */

import { startHome } from '../home/start';
import type { FromWorker, ToWorker } from '../messages';
import type { HomePort } from './home_engine';
import { Session } from './session';

const TICK_MS = 500;

const scope = self as unknown as DedicatedWorkerGlobalScope;

const post = (message: FromWorker, transfer: Transferable[] = []): void => {
  scope.postMessage(message, transfer);
};

const session = new Session(
  {
    open: (url, protocol) => new WebSocket(url, protocol),
    later: (action, delayMs) => scope.setTimeout(action, delayMs),
    cancel: (timer) => scope.clearTimeout(timer),
    random: Math.random,
    now: () => performance.now(),
    openHome: () => startHome() as unknown as HomePort,
    // Without isolation there are no threads, however many processors there may be.
    cores: scope.crossOriginIsolated ? navigator.hardwareConcurrency : 1,
  },
  post,
);

let reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
let ticker: number | null = null;

/** Reads frames until the track ends or another source comes; none of them is kept waiting. */
async function readFrames(readable: ReadableStream<VideoFrame>): Promise<void> {
  closeSource();
  const mine = readable.getReader();
  reader = mine;
  try {
    for (;;) {
      const { value, done } = await mine.read();
      if (done) break;
      if (reader === mine) session.offer(value).catch(() => undefined);
      else value.close();
    }
  } catch {
    // A source that breaks is one that ended: the page hears of it from the track.
  }
}

function closeSource(): void {
  reader?.cancel().catch(() => undefined);
  reader = null;
}

function stop(): void {
  closeSource();
  session.stop();
  if (ticker !== null) scope.clearInterval(ticker);
  ticker = null;
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'start':
      stop();
      session.start(message);
      ticker = scope.setInterval(() => session.tick(), TICK_MS);
      break;
    case 'stop':
      stop();
      break;
    case 'mode':
      session.setMode(message.mode);
      break;
    case 'quality':
      session.setQuality(message.quality);
      break;
    case 'place':
      session.setPlace(message.place);
      break;
    case 'home_again':
      session.tryHomeAgain();
      break;
    case 'drawn':
      session.drawn(message.takenAt);
      break;
    case 'practice':
      session.askPractice(message.control);
      break;
    case 'visible':
      session.setVisible(message.visible);
      break;
    case 'online':
      session.retryNow();
      break;
    case 'frames':
      await readFrames(message.readable);
      break;
    case 'track': {
      // The compiler's list of what a worker knows does not hold tracks yet.
      const init = { track: message.track } as MediaStreamTrackProcessorInit;
      await readFrames(new MediaStreamTrackProcessor(init).readable);
      break;
    }
    case 'bitmap':
      await session.offer(message.bitmap).catch(() => undefined);
      post({ type: 'bitmap_taken' });
      break;
  }
}

scope.onmessage = (event: MessageEvent<ToWorker>) => {
  void handle(event.data);
};

post({ type: 'ready', readsTracks: 'MediaStreamTrackProcessor' in scope });
