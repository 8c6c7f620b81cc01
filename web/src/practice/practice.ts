import { Store } from '../store';
import { AttemptKeeper } from './attempts';
import type { Figure } from './figure';
import type { PracticeLink } from './link';
import type {
  Feedback,
  Handedness,
  ItemState,
  PracticeControl,
  PracticePush,
  PracticeSession,
} from './messages';
import { type Plan, startData } from './plans';

/** `choosing`: nothing is practised. `waiting`: for a connection. `starting`: the server is asked. */
export type PracticePhase = 'choosing' | 'waiting' | 'starting' | 'running' | 'finished';

/** What happens by itself in a moment. */
export type Upcoming = 'item' | 'sentence' | 'finish';

export interface Summary {
  message: string;
  suggestions: readonly string[];
  attempts: number;
  accepted: number;
  elapsedMs: number;
}

export interface PracticeState {
  phase: PracticePhase;
  plan: Plan | null;
  session: PracticeSession | null;
  /** The items of the sentence as they stand, through reconnections. */
  items: readonly ItemState[];
  /** To the last attempt; null once another one begins. */
  feedback: Feedback | null;
  /** The last attempt, to be looked at; null if nothing of it was seen. */
  attempt: Figure | null;
  /** Whether the connection broke, and practice went on where it was. */
  resumed: boolean;
  /** The server's own words; empty if there is no problem. */
  problem: string;
  upcoming: Upcoming | null;
  startedAt: number;
  summary: Summary | null;
}

export interface PracticeOptions {
  link: PracticeLink;
  /** Milliseconds, monotonic. */
  now(): number;
  later(action: () => void, delayMs: number): number;
  cancel(timer: number): void;
  /** The shape of the own picture, width / height. */
  aspect(): number;
}

/** Time to see that it was right before it goes on by itself. */
export const GO_ON_MS = { item: 1600, sentence: 2600 } as const;

/** A server that does not say by then whether it goes on has kept nothing. */
export const JOIN_MS = 4000;

const NOTHING: PracticeState = {
  phase: 'choosing',
  plan: null,
  session: null,
  items: [],
  feedback: null,
  attempt: null,
  resumed: false,
  problem: '',
  upcoming: null,
  startedAt: 0,
  summary: null,
};

/** Where practice stood when the connection broke. */
interface Place {
  index: number;
  items: readonly ItemState[];
}

/**
 * A learner's practice: what is asked of the server, what is made of its answers. There is one for
 * the life of the page; the interface watches its store. After a reconnection it begins anew with
 * the server and goes on where it was.
 */
export class Practice {
  readonly store = new Store<PracticeState>(NOTHING);
  readonly keeper = new AttemptKeeper();
  goesOn = true;
  private handedness: Handedness = 'right';
  private timer: number | null = null;
  private attempts = 0;
  private accepted = 0;
  /** Answers that have to come before the server is where practice was. */
  private restoring = 0;
  private place: Place | null = null;
  /** There is a new connection, and the server has not said whether it goes on. */
  private isJoining = false;

  constructor(private readonly options: PracticeOptions) {
    options.link.watch((push) => this.onPush(push));
  }

  /** Counts from the next attempt on. */
  setHandedness(handedness: Handedness): void {
    this.handedness = handedness;
    if (this.store.value.phase !== 'running') return;
    this.options.link.send({ action: 'set_handedness', data: { handedness } });
  }

  /** Begins at once if there is a connection, else when there is one. */
  begin(plan: Plan, handedness: Handedness): void {
    this.stopTimer();
    this.handedness = handedness;
    this.attempts = 0;
    this.accepted = 0;
    this.restoring = 0;
    this.place = null;
    this.isJoining = false;
    this.keeper.forget();
    this.store.set({ ...NOTHING, phase: 'waiting', plan, startedAt: this.options.now() });
    if (this.options.link.isLive) this.start();
  }

  /** To be told whenever a connection comes. */
  connected(): void {
    const { phase, plan, session, items } = this.store.value;
    if (plan === null) return;
    if (phase === 'waiting' || phase === 'starting') {
      this.start();
    } else if (phase === 'running') {
      this.stopTimer();
      this.place ??= { index: session?.sentenceIndex ?? 0, items };
      this.isJoining = true;
      this.timer = this.options.later(() => this.onJoined(null), JOIN_MS);
    }
  }

  /** The camera was stopped: practice waits for it, and goes on where it was. */
  disconnected(): void {
    const { phase } = this.store.value;
    this.stopTimer();
    this.store.set({ upcoming: null });
    if (phase === 'running') this.keeper.forget();
  }

  /** To the first item of the sentence that is not right yet, or to the one that is named. */
  tryAgain(item?: number): void {
    const { items } = this.store.value;
    const next = item ?? items.findIndex(({ accepted }) => accepted !== true);
    this.act(
      next >= 0 && next < items.length
        ? { action: 'try_again', data: { item: next } }
        : { action: 'try_again' },
    );
  }

  /** To the next sentence; after the last one, finishes. */
  next(): void {
    if (this.isLast) this.act({ action: 'complete_story' });
    else this.act({ action: 'next_sentence' });
  }

  startOver(): void {
    this.act({ action: 'restart_story' });
  }

  /** Ends practice and goes back to choosing. */
  stop(): void {
    this.stopTimer();
    const { phase } = this.store.value;
    if (phase === 'running' || phase === 'starting') {
      this.options.link.send({ action: 'stop_session' });
    }
    this.keeper.forget();
    this.restoring = 0;
    this.place = null;
    this.isJoining = false;
    this.store.set(NOTHING);
  }

  /** Nothing happens by itself until the learner does something: the attempt is being looked at. */
  hold(): void {
    this.stopTimer();
    this.store.set({ upcoming: null });
  }

  get isLast(): boolean {
    const { plan, session } = this.store.value;
    const total = session?.totalSentences || plan?.sentences.length || 0;
    return (session?.sentenceIndex ?? 0) >= total - 1;
  }

  private act(control: PracticeControl): void {
    this.stopTimer();
    this.store.set({ upcoming: null, problem: '' });
    this.options.link.send(control);
  }

  private start(): void {
    const { plan, phase } = this.store.value;
    if (plan === null) return;
    // The answer to start_session, and one to each sentence gone on.
    this.restoring = this.place === null ? 0 : 1 + this.place.index;
    this.store.set({ problem: '', ...(phase === 'running' ? {} : { phase: 'starting' }) });
    this.options.link.send({ action: 'start_session', data: startData(plan, this.handedness) });
  }

  private onPush(push: PracticePush): void {
    const { phase } = this.store.value;
    if (phase === 'choosing' || phase === 'waiting') return;
    switch (push.type) {
      case 'joined':
        this.onJoined(push.session);
        break;
      case 'started':
        if (push.success) this.onStarted(push.session);
        else this.refuse(push.error);
        break;
      case 'answered':
        this.onAnswered(push);
        break;
      case 'update':
        if (this.restoring === 0 && !this.isJoining) this.onUpdate(push.session);
        break;
      case 'feedback':
        this.onFeedback(push.feedback);
        break;
      case 'complete':
        this.onComplete(push);
        break;
      case 'example':
        break;
    }
  }

  /** The server may have kept practice through the loss; else it begins anew and goes on from there. */
  private onJoined(session: PracticeSession | null): void {
    if (!this.isJoining) return;
    this.isJoining = false;
    this.stopTimer();
    if (
      session?.active === true &&
      session.totalSentences === this.store.value.plan?.sentences.length
    ) {
      this.place = null;
      this.onUpdate(session);
      this.store.set({ resumed: true });
    } else {
      this.start();
    }
  }

  private refuse(words: string): void {
    // Practice that could not go on is kept: the learner may start it over.
    const { phase } = this.store.value;
    this.place = null;
    this.restoring = 0;
    this.store.set({ problem: words, ...(phase === 'running' ? {} : { phase: 'choosing' }) });
  }

  private onStarted(session: PracticeSession | null): void {
    const place = this.place;
    this.store.set({ phase: 'running' });
    if (place === null) {
      if (session) this.onUpdate(session);
      return;
    }
    for (let i = 0; i < place.index; ++i) this.options.link.send({ action: 'next_sentence' });
    this.restoring -= 1;
    if (this.restoring === 0) this.arrive();
  }

  private onAnswered(answer: Extract<PracticePush, { type: 'answered' }>): void {
    if (this.restoring > 0 && answer.action === 'next_sentence') {
      this.restoring -= 1;
      if (this.restoring > 0) return;
      if (answer.session) this.onUpdate(answer.session);
      this.arrive();
      return;
    }
    if (!answer.success) this.store.set({ problem: answer.error });
    else if (answer.session && this.restoring === 0) this.onUpdate(answer.session);
  }

  /** The server is at the sentence again at which practice was. */
  private arrive(): void {
    this.store.set({ resumed: true });
    const items = this.place?.items ?? [];
    const open = items.findIndex(({ accepted }) => accepted !== true);
    if (open > 0) this.options.link.send({ action: 'try_again', data: { item: open } });
  }

  private onUpdate(session: PracticeSession): void {
    const before = this.store.value;
    this.keeper.follow(session);
    const moved = before.session !== null && before.session.sentenceIndex !== session.sentenceIndex;
    const begins = session.mode === 'detecting' || (session.spelling?.top.length ?? 0) > 0 || moved;
    if (this.place !== null && this.place.index !== session.sentenceIndex) this.place = null;
    this.store.set({
      session,
      items: withRemembered(session.items, this.place?.items ?? []),
      ...(moved ? { resumed: false } : {}),
      // What was said stays while the learner gets ready, and goes when the next attempt begins.
      ...(begins && session.mode !== 'feedback' && session.mode !== 'analyzing'
        ? { feedback: null, attempt: null }
        : {}),
    });
  }

  private onFeedback(feedback: Feedback): void {
    if (feedback.error === '') {
      this.attempts += 1;
      if (feedback.accepted) this.accepted += 1;
    }
    const { items } = this.store.value;
    const judged = items.map((item, index) =>
      index === feedback.item
        ? { ...item, accepted: item.accepted === true || feedback.accepted }
        : item,
    );
    const attempt =
      feedback.kind === 'letters'
        ? null
        : this.keeper.figure(feedback.durationMs, this.options.aspect());
    this.store.set({ feedback, items: judged, attempt, resumed: false });
    if (this.place !== null) this.place = { ...this.place, items: judged };
    this.plan(feedback);
  }

  /** What was right goes on by itself, if the learner wants that. */
  private plan(feedback: Feedback): void {
    this.stopTimer();
    if (!this.goesOn || !feedback.accepted) return;
    const { items } = this.store.value;
    const isDone = items.length === 0 ? feedback.sentenceDone : items.every((it) => it.accepted);
    const upcoming: Upcoming = !isDone ? 'item' : this.isLast ? 'finish' : 'sentence';
    this.store.set({ upcoming });
    this.timer = this.options.later(
      () => {
        this.timer = null;
        if (upcoming === 'item') this.tryAgain();
        else this.next();
      },
      upcoming === 'item' ? GO_ON_MS.item : GO_ON_MS.sentence,
    );
  }

  private onComplete({ message, suggestions }: Extract<PracticePush, { type: 'complete' }>): void {
    this.stopTimer();
    const elapsedMs = this.options.now() - this.store.value.startedAt;
    this.store.set({
      phase: 'finished',
      upcoming: null,
      feedback: null,
      attempt: null,
      summary: {
        message,
        suggestions,
        attempts: this.attempts,
        accepted: this.accepted,
        elapsedMs,
      },
    });
  }

  private stopTimer(): void {
    if (this.timer !== null) this.options.cancel(this.timer);
    this.timer = null;
  }
}

/** What was right before the connection broke stays right, whatever the new session knows. */
function withRemembered(
  items: readonly ItemState[],
  remembered: readonly ItemState[],
): readonly ItemState[] {
  return items.map((item, index) => {
    const before = remembered[index];
    const same = before?.kind === item.kind && before.target === item.target;
    return same && before.accepted === true && item.accepted !== true ? before : item;
  });
}
