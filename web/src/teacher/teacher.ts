import type { PracticeLink } from '../practice/link';
import { Store } from '../store';
import type { Phase } from '../studio';
import { TeacherApi } from './api';
import { ClassBook } from './learners';
import { LessonBook } from './lessons';
import { type Filming, Recorder, type Timers } from './recorder';
import { Questions } from './questions';
import { SignList } from './signs';
import { strings } from './strings';
import type { Lesson } from './types';

export const SECTIONS = ['record', 'signs', 'lessons', 'class'] as const;
export type Section = (typeof SECTIONS)[number];

/** The part of the studio that is used here. */
export interface Camera {
  readonly store: {
    readonly value: { phase: Phase };
    watch(watcher: (value: { phase: Phase }) => void): () => void;
  };
  start(): Promise<void>;
  stop(): void;
}

/** What a teacher does, without how it looks; lives as long as the teacher's page is shown. */
export class Teacher<Film> {
  readonly store = new Store<{ section: Section }>({ section: 'record' });
  readonly questions = new Questions();
  readonly signs: SignList;
  readonly lessons: LessonBook;
  readonly learners: ClassBook;
  readonly recorder: Recorder<Film>;
  private readonly unwatch: () => void;

  constructor(
    private readonly camera: Camera,
    link: PracticeLink,
    filming: Filming<Film>,
    timers: Timers,
    api = new TeacherApi(),
  ) {
    this.signs = new SignList(api);
    this.lessons = new LessonBook(api, (gloss) => this.signs.mayHave(gloss));
    this.learners = new ClassBook(api);
    this.recorder = new Recorder(link, filming, timers, () => void this.signs.load());
    this.unwatch = camera.store.watch(({ phase }) => this.onCamera(phase));
  }

  /** Shows another part, after a question if something would be lost by that. */
  async show(section: Section): Promise<void> {
    const before = this.store.value.section;
    if (section === before || !(await this.mayLeave())) return;
    if (before === 'record') this.stopRecording();
    if (before === 'lessons') this.lessons.cancel();
    this.store.set({ section });
    await this.load(section);
  }

  /** Asks the server for what a part shows. */
  async load(section: Section): Promise<void> {
    switch (section) {
      case 'record':
      case 'signs':
        return this.signs.load();
      case 'lessons':
        await Promise.all([this.lessons.load(), this.signs.load()]);
        return;
      case 'class':
        return this.learners.load();
    }
  }

  /** `gloss` keeps the rules. Turns the camera on if it is off. */
  record(gloss: string): void {
    this.recorder.begin(gloss);
    const { phase } = this.camera.store.value;
    if (phase === 'idle' || phase === 'failed') void this.camera.start();
  }

  /** Stores the examples, after questions about odd ones and about a sign of the same name. */
  async save(): Promise<void> {
    if ((await this.keepsOddOnes()) && (await this.replaces())) this.recorder.save();
  }

  private async keepsOddOnes(): Promise<boolean> {
    const { examples } = this.recorder.store.value;
    const numbers = this.recorder.odd.map((odd) => examples.indexOf(odd) + 1);
    const { oddTitle, oddWords, oddSave } = strings.record;
    return (
      numbers.length === 0 || this.isSure(oddTitle(numbers), oddWords(numbers.length), oddSave)
    );
  }

  /** True if there is no sign of this name, or it is to be replaced. */
  private async replaces(): Promise<boolean> {
    const { gloss, replaces } = this.recorder.store.value;
    // Another teacher may have recorded it since the list was read.
    await this.signs.load();
    const known = this.signs.find(gloss);
    const texts = strings.record;
    const words =
      known?.source === 'built_in'
        ? texts.replaceBuiltIn
        : texts.replaceTeacher(known?.by ?? null, known?.updated ?? null);
    const isNew = known === null && !replaces;
    return isNew || this.isSure(texts.replaceTitle(gloss), words, texts.replace);
  }

  /** Ends the recording, after a question if there are examples. */
  async end(): Promise<void> {
    if (await this.mayLeave()) this.recorder.end();
  }

  /** The camera on or off; off ends the recording, after a question if there are examples. */
  async turnCamera(on: boolean): Promise<void> {
    if (on) await this.camera.start();
    else if (await this.mayLeave()) this.stopRecording();
  }

  async removeSign(gloss: string): Promise<void> {
    const { removeTitle, removeWords, remove } = strings.signs;
    const sure = await this.isSure(removeTitle(gloss), removeWords, remove);
    if (sure) await this.signs.remove(gloss);
  }

  async removeLesson(lesson: Lesson): Promise<void> {
    const { removeTitle, removeWords, remove } = strings.lesson;
    const sure = await this.isSure(removeTitle(lesson.title), removeWords, remove);
    if (sure) await this.lessons.remove(lesson);
  }

  async cancelLesson(): Promise<void> {
    if (await this.mayLeave()) this.lessons.cancel();
  }

  /** A sentence to ask before anything is left that is not saved; null: nothing would be lost. */
  leaveQuestion(): string | null {
    const { gloss, examples } = this.recorder.store.value;
    if (this.recorder.hasUnsaved) return strings.record.leave(gloss, examples.length);
    return this.lessons.hasUnsaved ? strings.lesson.leave : null;
  }

  dispose(): void {
    this.recorder.dispose();
    this.unwatch();
  }

  private isSure(title: string, words: string, confirm: string): Promise<boolean> {
    return this.questions.ask({ title, words, confirm, stay: strings.cancel });
  }

  private async mayLeave(): Promise<boolean> {
    const words = this.leaveQuestion();
    const { leaveTitle: title, leaveConfirm: confirm, stay } = strings;
    return words === null || this.questions.ask({ title, words, confirm, stay });
  }

  private stopRecording(): void {
    this.recorder.end();
    // A camera that nobody can see at work is off.
    this.camera.stop();
  }

  private onCamera(phase: Phase): void {
    const expected = phase !== 'idle' && phase !== 'failed';
    this.recorder.linkChanged(phase === 'live', expected);
  }
}
