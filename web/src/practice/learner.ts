import type { Login } from '../login';
import { loadPreferences, savePreferences } from '../preferences';
import { Store } from '../store';
import type { Studio } from '../studio';
import { type Answer, PracticeApi } from './api';
import type { Figure } from './figure';
import { readShapes } from './letters';
import type { Handedness } from './messages';
import type { Plan } from './plans';
import { Practice } from './practice';
import type { Level, SignDrawing } from './types';

export interface Settings {
  handedness: Handedness;
  goesOn: boolean;
  slow: boolean;
  level: Level;
}

const storage = (): Storage => window.localStorage;

/** Everything that a learner's views need. There is one, for the life of the page. */
export class Learner {
  readonly api: PracticeApi;
  readonly practice: Practice;
  readonly settings: Store<Settings>;
  private readonly drawings = new Map<string, Promise<Answer<SignDrawing>>>();
  private shapes: Promise<ReadonlyMap<string, Figure>> | null = null;

  constructor(
    readonly studio: Studio,
    readonly login: Login,
  ) {
    this.api = new PracticeApi(
      (url, options) => fetch(url, options),
      () => void login.check(),
    );
    this.practice = new Practice({
      link: studio.link,
      now: () => performance.now(),
      later: (action, delayMs) => window.setTimeout(action, delayMs),
      cancel: (timer) => window.clearTimeout(timer),
      aspect: () => studio.store.value.aspect,
    });
    const { handedness, goesOn, slow, level } = loadPreferences(storage);
    this.settings = new Store<Settings>({ handedness, goesOn, slow, level });
    this.practice.goesOn = goesOn;
    this.followConnection();
    studio.watchLandmarks((landmarks) => this.practice.keeper.see(landmarks, performance.now()));
  }

  set(change: Partial<Settings>): void {
    this.settings.set(change);
    savePreferences(storage, this.settings.value);
    this.practice.goesOn = this.settings.value.goesOn;
    if (change.handedness) this.practice.setHandedness(change.handedness);
  }

  begin(plan: Plan): void {
    this.practice.begin(plan, this.settings.value.handedness);
  }

  /** Where there is a stage that shows it. */
  openCamera(): void {
    const { phase } = this.studio.store.value;
    if (phase === 'idle' || phase === 'failed') void this.studio.start();
  }

  /** Asked for once; one that failed is asked for again. */
  drawing(gloss: string): Promise<Answer<SignDrawing>> {
    const known = this.drawings.get(gloss);
    if (known) return known;
    const asked = this.api.sign(gloss);
    this.drawings.set(gloss, asked);
    void asked.then(({ ok }) => {
      if (!ok) this.drawings.delete(gloss);
    });
    return asked;
  }

  /** Signs may have been recorded anew. */
  forgetDrawings(): void {
    this.drawings.clear();
  }

  /** The hand of a letter; null if there is none. */
  async letter(letter: string): Promise<Figure | null> {
    this.shapes ??= import('./letter_shapes.json').then((file) => readShapes(file.default));
    return (await this.shapes).get(letter) ?? null;
  }

  private followConnection(): void {
    let wasLive = false;
    this.studio.store.watch(({ phase }) => {
      const isLive = phase === 'live';
      if (isLive && !wasLive) this.practice.connected();
      if (!isLive && wasLive) this.practice.disconnected();
      wasLive = isLive;
    });
  }
}
