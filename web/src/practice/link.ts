import type { PracticeControl, PracticePush } from './messages';

/** The way to the server's practice, over the connection that also carries the pictures. */
export interface PracticeLink {
  /** Whether there is a connection; one that comes back is a new one to practice. */
  readonly isLive: boolean;
  /** False if there is no connection: then nothing was sent. The answer comes to the watchers. */
  send(control: PracticeControl): boolean;
  /** Calls with everything that the server says; returns how to stop. */
  watch(watcher: (push: PracticePush) => void): () => void;
}
