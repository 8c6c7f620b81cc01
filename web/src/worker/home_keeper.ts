import { DEFAULT_GREETING } from '../control';
import { shrinkInto, type Size } from '../geometry';
import {
  type Ability,
  holdsFor,
  type Measured,
  type Pictures,
  type Place,
  type PlaceChoice,
  type Standing,
} from '../place';
import { readAnswer } from '../protocol';
import type { QualityChoice } from '../quality';
import { RecentValues } from '../statistics';
import { copyOf, type Frame, sizeOf } from './frame';
import { decide, type Decision, type Observations } from './home_choice';
import { HomeEngine, type HomeEnvironment } from './home_engine';
import { ENOUGH_FPS, HomeTrial } from './home_trial';

/** After so long of loading, who left the choice to us is served by the server meanwhile. */
export const LATE_MS = 10_000;
/** Clearly slower than what is enough: at the edge it would go to and fro. */
const LAGS_BELOW_FPS = ENOUGH_FPS / 1.5;
/** As long as that, and with so many frames. */
const LAG_MS = 5000;
const LAG_FRAMES = 10;

export interface KeeperListener {
  /** Landmarks are found elsewhere from now on. */
  moved(place: Place | null): void;
  /** Whatever a standing shows is different. */
  stands(standing: Standing): void;
}

/**
 * Knows what counts for where landmarks are found, decides whenever it changes, and measures this
 * browser where that is needed. Lives as long as the page; a session is from start() to stop().
 */
export class HomeKeeper {
  readonly engine: HomeEngine;
  private running = false;
  private choice: PlaceChoice = 'auto';
  private quality: QualityChoice = 'auto';
  private pictures: Pictures = 'unknown';
  private size: Size = DEFAULT_GREETING;
  /** By this page, or by an earlier visit. */
  private measured: Measured | null = null;
  private remembered: Measured | null = null;
  private invitation = '';
  private isRefused = false;
  private refusal = '';
  private lags = false;
  private loadingSince: number | null = null;
  private isLate = false;
  private trial: HomeTrial | null = null;
  private decision: Decision = decide(UNOBSERVED);
  private services = new RecentValues(LAG_MS);
  private atHomeSince = 0;

  constructor(
    private readonly environment: HomeEnvironment & { readonly cores: number },
    private readonly listener: KeeperListener,
  ) {
    this.engine = new HomeEngine(environment, () => this.update());
  }

  get place(): Place | null {
    return this.decision.place;
  }

  /** Whether the server may count on this browser. */
  get isCapable(): boolean {
    return this.decision.capable;
  }

  /** Whether a connection is to be asked for as one that is meant for landmarks. */
  get sendsLandmarks(): boolean {
    return this.decision.place !== 'server';
  }

  start(choice: PlaceChoice, quality: QualityChoice, remembered: Measured | null): void {
    this.running = true;
    this.choice = choice;
    this.quality = quality;
    this.remembered = remembered;
    this.pictures = 'unknown';
    this.invitation = '';
    this.isRefused = false;
    this.refusal = '';
    this.lags = false;
    this.isLate = false;
    if (this.isBroken) this.engine.unload();
    this.update();
  }

  stop(): void {
    this.running = false;
    this.trial = null;
    this.loadingSince = null;
    // Kept for the next start, unless it is not wanted.
    if (this.choice === 'server') this.engine.unload();
  }

  choose(choice: PlaceChoice): void {
    this.choice = choice;
    this.lags = false;
    this.isLate = false;
    this.update();
  }

  chooseQuality(quality: QualityChoice): void {
    this.quality = quality;
    this.fitProfile();
  }

  /** What went wrong may go well now. */
  tryAgain(): void {
    if (!this.isBroken) return;
    this.engine.unload();
    this.update();
  }

  greeted(pictures: Pictures, size: Size): void {
    this.pictures = pictures;
    this.size = { width: size.width, height: size.height };
    this.update();
  }

  /** The server asks to find landmarks here; its words. */
  invited(words: string): void {
    this.invitation = words;
    this.update();
  }

  /** The server had no room: for a connection with pictures, or for a picture (its words). */
  refused(words = ''): void {
    this.isRefused = true;
    this.refusal = words;
    this.update();
  }

  /** The server takes pictures. */
  pictureTaken(): void {
    if (!this.isRefused) return;
    this.isRefused = false;
    this.refusal = '';
    this.update();
  }

  /** Landmarks were found here, which took so long. */
  found(tookMs: number, now: number): void {
    this.services.add(tookMs, now);
  }

  /** To be called twice a second. */
  tick(now: number): void {
    if (this.loadingSince !== null && now - this.loadingSince > LATE_MS && !this.isLate) {
      this.isLate = true;
      this.update();
    }
    if (this.place !== 'home' || this.choice !== 'auto' || this.lags) return;
    const mean = this.services.mean(now);
    const isSettled = now - this.atHomeSince > LAG_MS && this.services.count(now) >= LAG_FRAMES;
    if (mean === null || !isSettled || 1000 / mean >= LAGS_BELOW_FPS) return;
    this.lags = true;
    this.measured = { ability: 'slow', fps: 1000 / mean, ...this.conditions };
    this.update();
  }

  /** Measures with a frame, which stays the caller's, if that is wanted and it can be done now. */
  async measure(frame: Frame): Promise<void> {
    const { trial } = this;
    if (trial === null || !this.engine.isFree) return;
    const size = shrinkInto(sizeOf(frame), this.size);
    const takenAt = this.environment.now();
    const copy = await copyOf(frame).catch(() => null);
    // Meanwhile it may have found something else to do.
    if (copy === null || trial !== this.trial) return copy?.close();
    this.engine.setProfile(trial.profile);
    const facts = { number: 0, captureTimeUs: Math.round(takenAt * 1000), ...size };
    // Not waited for: the caller has the frame to send.
    void this.engine.find(copy, { ...facts, latencyUs: 0, dropped: 0 }).then((tracked) => {
      if (tracked === null || trial !== this.trial) return;
      const { pose, leftHand, rightHand } = readAnswer(tracked.answer).found;
      const isSomebodyThere = pose || leftHand || rightHand;
      const outcome = trial.add(tracked.tookMs, isSomebodyThere, this.environment.now());
      if (outcome === null) return;
      this.measured = { ...outcome, ...this.conditions };
      this.update();
    });
  }

  private get conditions() {
    return { size: this.size, cores: this.environment.cores };
  }

  private get isBroken(): boolean {
    const { state } = this.engine.state;
    return state === 'lacking' || state === 'failed';
  }

  private abilityIn(measured: Measured | null): Ability | null {
    return measured !== null && holdsFor(measured, this.conditions) ? measured.ability : null;
  }

  private observe(): Observations {
    return {
      choice: this.choice,
      pictures: this.pictures,
      engine: this.engine.state.state,
      measured: this.abilityIn(this.measured),
      remembered: this.abilityIn(this.remembered),
      invited: this.invitation !== '',
      refused: this.isRefused,
      lags: this.lags,
      isLate: this.isLate,
    };
  }

  private update(): void {
    if (!this.running) return;
    const { state } = this.engine.state;
    if (state === 'loading') this.loadingSince ??= this.environment.now();
    else this.loadingSince = null;
    const before = this.decision.place;
    this.decision = decide(this.observe());
    const { place, loads, unloads, measures } = this.decision;
    if (measures) this.trial ??= new HomeTrial();
    else this.trial = null;
    if (place !== before) {
      this.services.clear();
      this.atHomeSince = this.environment.now();
      this.listener.moved(place);
    }
    this.fitProfile();
    this.listener.stands(this.standing());
    // Either changes the state, and comes back here.
    if (loads) this.engine.load();
    if (unloads) this.engine.unload();
  }

  /** The measurement has profiles of its own; else it is the learner's choice. */
  private fitProfile(): void {
    if (this.trial === null) this.engine.setProfile(this.quality === 'auto' ? null : this.quality);
  }

  private standing(): Standing {
    const { choice, pictures, measured, refusal } = this;
    const { place, why, capable } = this.decision;
    // An offer only to who can take it; who left the choice to us is told that it was done.
    const invitation = choice === 'server' && capable ? this.invitation : '';
    const engine = this.engine.state;
    return { choice, place, why, engine, pictures, measured, invitation, refusal };
  }
}

const UNOBSERVED: Observations = {
  choice: 'auto',
  pictures: 'unknown',
  engine: 'off',
  measured: null,
  remembered: null,
  invited: false,
  refused: false,
  lags: false,
  isLate: false,
};
