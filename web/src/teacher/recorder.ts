import type { PracticeLink } from '../practice/link';
import type { PracticePush, PracticeSession } from '../practice/messages';
import { Store } from '../store';
import { type CyclePart, cycleOf } from './cycle';
import { strings } from './strings';
import { type Example, NO_NON_MANUAL, type NonManual } from './types';

const texts = strings.record;

/** As many usable examples as a server wants that does not say it. */
const LEAST_EXAMPLES = 3;

/**
 * Below this an example is another movement than the others, or signed quite differently. Measured
 * with clips before the camera of a busy machine: the same sign 0.42 to 0.74, other signs 0.01.
 */
const LEAST_LIKENESS = 0.25;

/** Longer than an example takes to be judged after its gesture has ended. */
const VERDICT_MS = 1500;
const ANSWER_MS = 10_000;
/** A sign is answered for when it is on the disk. */
const SAVE_MS = 30_000;

/**
 * `waiting`: for camera and connection; `asking`: the server is asked to record; `interrupted`: the
 * connection broke meanwhile.
 */
export type RecorderPhase = 'idle' | 'waiting' | 'asking' | 'recording' | 'saving' | 'interrupted';

/** `Film` is what an example is replayed from. */
export interface RecordedExample<Film> extends Example {
  film: Film | null;
  dropping: boolean;
}

export interface RecorderState<Film> {
  phase: RecorderPhase;
  /** What is recorded, or was the last time. */
  gloss: string;
  examples: readonly RecordedExample<Film>[];
  nonManual: NonManual;
  cycle: CyclePart;
  /** The last movement gave no example. */
  wasNoSign: boolean;
  /** Of usable ones, before the server stores the sign. */
  needed: number;
  /** The server has a sign of this name already. */
  replaces: boolean;
  /** What went wrong: the server's sentence where there is one. */
  problem: string;
  saved: { gloss: string; examples: number } | null;
  /** A sentence for those who do not see the list grow. */
  said: string;
}

export interface Timers {
  later(action: () => void, delayMs: number): number;
  cancel(timer: number): void;
}

/** Keeps the landmarks of the last seconds. */
export interface Filming<Film> {
  /** What happened since the gesture of so many ms began that has just ended; null: nothing kept. */
  take(durationMs: number): Film | null;
  /** Forgets everything, and looks at nothing any more. */
  dispose(): void;
}

/**
 * Records one sign at a time over the practice link. The examples lie in the server, this is what
 * the teacher sees of them; they stay until they are saved, or the recording is ended.
 */
export class Recorder<Film> {
  readonly store: Store<RecorderState<Film>>;
  private readonly unwatch: () => void;
  /** Of the question that is unanswered. */
  private patience: number | null = null;
  private verdict: number | null = null;
  /** The movement that is under way, or was the last one, has given an example. */
  private isFruitful = false;
  private readonly dropping: Example['id'][] = [];
  private readonly films = new Map<Example['id'], Film>();

  constructor(
    private readonly link: PracticeLink,
    private readonly filming: Filming<Film>,
    private readonly timers: Timers,
    private readonly onSaved: () => void,
  ) {
    this.store = new Store<RecorderState<Film>>({
      phase: 'idle',
      gloss: '',
      examples: [],
      nonManual: NO_NON_MANUAL,
      cycle: 'rest',
      wasNoSign: false,
      needed: LEAST_EXAMPLES,
      replaces: false,
      problem: '',
      saved: null,
      said: '',
    });
    this.unwatch = link.watch((push) => this.onPush(push));
  }

  get isBusy(): boolean {
    return this.store.value.phase !== 'idle';
  }

  get missing(): number {
    const { needed, examples } = this.store.value;
    return Math.max(0, needed - usableOf(examples));
  }

  /** The usable examples that differ much from the others: reaching for the mouse is one, too. */
  get odd(): readonly RecordedExample<Film>[] {
    return this.store.value.examples.filter(isOdd);
  }

  /** Whether there is anything that would be lost. */
  get hasUnsaved(): boolean {
    return this.store.value.examples.length > 0;
  }

  /** `gloss` keeps the rules. Waits for the connection if there is none; see linkChanged(). */
  begin(gloss: string): void {
    if (this.isBusy) return;
    this.forget();
    this.store.set({ gloss, problem: '', saved: null, said: '', phase: 'waiting' });
    if (this.link.isLive) this.ask();
  }

  /** To be told of every change; `expected`: that there is one, or will be one by itself. */
  linkChanged(live: boolean, expected: boolean): void {
    const { phase, examples } = this.store.value;
    if (live && (phase === 'waiting' || phase === 'interrupted')) this.ask();
    if (live || phase === 'idle') return;
    if (phase === 'waiting') {
      if (!expected) this.store.set({ phase: 'idle' });
      return;
    }
    this.forget();
    this.store.set({ phase: expected ? 'interrupted' : 'idle', cycle: 'rest' });
    if (phase === 'saving') {
      this.store.set({ phase: 'idle', problem: texts.lostSaving });
      this.onSaved();
    } else if (examples.length > 0) {
      this.store.set({ problem: texts.lostExamples });
    }
  }

  /** Ends the recording; what is not saved is gone. */
  end(): void {
    const { phase } = this.store.value;
    if (phase === 'idle') return;
    if (phase !== 'waiting') this.link.send({ action: 'stop_recording' });
    this.forget();
    this.store.set({ phase: 'idle', problem: '', said: '', cycle: 'rest' });
  }

  drop(id: Example['id']): void {
    const { phase, examples } = this.store.value;
    const example = examples.find((other) => other.id === id);
    if (phase !== 'recording' || !example || example.dropping) return;
    if (!this.link.send({ action: 'drop_example', data: { example_id: id } })) {
      this.store.set({ problem: texts.notConnected });
      return;
    }
    this.dropping.push(id);
    this.mark(id, true);
  }

  choose(change: Partial<NonManual>): void {
    this.store.set({ nonManual: { ...this.store.value.nonManual, ...change } });
  }

  save(): void {
    const { phase, nonManual } = this.store.value;
    if (phase !== 'recording' || this.missing > 0) return;
    const asksForMore = Object.values(nonManual).some((choice) => choice !== '');
    const data = asksForMore ? { non_manual: nonManual } : {};
    if (!this.link.send({ action: 'save_sign', data })) {
      this.store.set({ problem: texts.notConnected });
      return;
    }
    this.store.set({ phase: 'saving', problem: '', wasNoSign: false });
    this.await(SAVE_MS, () => this.store.set({ phase: 'recording', problem: texts.slowSaving }));
  }

  /** The recorder is of no use any more. */
  dispose(): void {
    this.end();
    this.unwatch();
    this.filming.dispose();
  }

  private ask(): void {
    const { gloss } = this.store.value;
    if (!this.link.send({ action: 'record_sign', data: { gloss } })) return;
    this.store.set({ phase: 'asking' });
    this.await(ANSWER_MS, () => this.store.set({ phase: 'idle', problem: texts.slow }));
  }

  private onPush(push: PracticePush): void {
    if (push.type === 'answered') {
      this.onAnswer(push);
      if (push.session !== null) this.onSession(push.session);
    } else if (push.type === 'example') this.onExample(push.gloss, push.example);
    else if (push.type === 'update') this.onSession(push.session);
  }

  private onAnswer({
    action,
    success,
    error,
    result,
  }: Extract<PracticePush, { type: 'answered' }>) {
    const { phase } = this.store.value;
    const problem = success ? '' : error || texts.refused;
    if (action === 'record_sign' && phase === 'asking') {
      this.stopWaiting();
      if (success) this.onBegun(result);
      else this.store.set({ phase: 'idle', problem });
    } else if (action === 'drop_example' && this.dropping.length > 0) {
      const id = this.dropping.shift() as Example['id'];
      this.store.set({ problem });
      if (success) this.takeOut(id);
      else this.mark(id, false);
    } else if (action === 'save_sign' && phase === 'saving') {
      this.stopWaiting();
      if (success) this.onStored(result.examples);
      else this.store.set({ phase: 'recording', problem });
    }
  }

  private onBegun({
    examples_needed: needed,
    replaces,
    gloss,
  }: Extract<PracticePush, { type: 'answered' }>['result']): void {
    this.store.set({
      // The server may write it in another way, and will do so from now on.
      gloss: typeof gloss === 'string' && gloss !== '' ? gloss : this.store.value.gloss,
      phase: 'recording',
      cycle: 'rest',
      needed: typeof needed === 'number' && needed > 0 ? needed : LEAST_EXAMPLES,
      replaces: replaces === true,
    });
  }

  private onStored(number: unknown): void {
    const { gloss, examples } = this.store.value;
    const stored = typeof number === 'number' ? number : usableOf(examples);
    this.forget();
    this.store.set({
      phase: 'idle',
      saved: { gloss, examples: stored },
      nonManual: NO_NON_MANUAL,
      said: texts.saved(gloss, stored),
      problem: '',
      cycle: 'rest',
    });
    this.onSaved();
  }

  private onExample(gloss: string, example: Example): void {
    const { phase, examples, gloss: recorded } = this.store.value;
    if ((phase !== 'recording' && phase !== 'saving') || gloss !== recorded) return;
    this.noteFruit();
    const film = this.filming.take(example.durationMs);
    if (film !== null) this.films.set(example.id, film);
    const others = examples.filter(({ id }) => id !== example.id);
    const all = [...others, this.recorded(example)];
    this.store.set({
      examples: all,
      wasNoSign: false,
      said: texts.arrived(all.length, example.usable),
    });
  }

  private onSession(session: PracticeSession): void {
    const { phase, gloss } = this.store.value;
    if (phase !== 'recording' && phase !== 'saving') return;
    const { recording } = session;
    if (recording === null || recording.gloss !== gloss) {
      if (phase === 'saving') return;
      this.forget();
      this.store.set({ phase: 'idle', problem: texts.ended, cycle: 'rest' });
      return;
    }
    this.follow(cycleOf(session));
    this.adopt(recording.examples);
  }

  private follow(cycle: CyclePart): void {
    const before = this.store.value.cycle;
    if (before === cycle) return;
    this.store.set({ cycle });
    this.clearVerdict();
    if (before === 'rest') {
      this.isFruitful = false;
      this.store.set({ wasNoSign: false });
    } else if (cycle === 'rest' && !this.isFruitful) {
      const later = (): void => this.store.set({ wasNoSign: true, said: texts.tooShort });
      this.verdict = this.timers.later(later, VERDICT_MS);
    }
  }

  private noteFruit(): void {
    this.isFruitful = true;
    this.clearVerdict();
  }

  /** The server's list counts: with another example the likeness of all may change. */
  private adopt(given: readonly Example[]): void {
    const { examples } = this.store.value;
    const same =
      given.length === examples.length &&
      given.every((example, index) => isSame(example, examples[index]));
    if (same) return;
    if (given.length > examples.length) this.noteFruit();
    this.store.set({ examples: given.map((example) => this.recorded(example)) });
  }

  private recorded(example: Example): RecordedExample<Film> {
    return {
      ...example,
      film: this.films.get(example.id) ?? null,
      dropping: this.dropping.includes(example.id),
    };
  }

  private takeOut(gone: Example['id']): void {
    this.films.delete(gone);
    this.store.set({ examples: this.store.value.examples.filter(({ id }) => id !== gone) });
  }

  private mark(marked: Example['id'], dropping: boolean): void {
    const examples = this.store.value.examples.map((example) =>
      example.id === marked ? { ...example, dropping } : example,
    );
    this.store.set({ examples });
  }

  private await(patienceMs: number, given: () => void): void {
    this.stopWaiting();
    this.patience = this.timers.later(() => {
      this.patience = null;
      given();
    }, patienceMs);
  }

  private stopWaiting(): void {
    if (this.patience !== null) this.timers.cancel(this.patience);
    this.patience = null;
  }

  private clearVerdict(): void {
    if (this.verdict !== null) this.timers.cancel(this.verdict);
    this.verdict = null;
  }

  /** The examples and everything that is under way. */
  private forget(): void {
    this.stopWaiting();
    this.clearVerdict();
    this.films.clear();
    this.dropping.length = 0;
    this.store.set({ examples: [], wasNoSign: false });
  }
}

export function isOdd({ usable, likeness }: Example): boolean {
  return usable && likeness !== null && likeness < LEAST_LIKENESS;
}

export function usableOf(examples: readonly Example[]): number {
  return examples.filter(({ usable }) => usable).length;
}

function isSame(one: Example, other: Example | undefined): boolean {
  return (
    other !== undefined &&
    one.id === other.id &&
    one.usable === other.usable &&
    one.likeness === other.likeness &&
    one.durationMs === other.durationMs &&
    one.problems.join('\n') === other.problems.join('\n')
  );
}
