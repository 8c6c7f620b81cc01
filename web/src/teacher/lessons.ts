import { Store } from '../store';
import type { TeacherApi } from './api';
import { Loader, type Loading } from './loader';
import { isSound, type LessonProblems, lessonProblems } from './rules';
import { strings } from './strings';
import type { Item, Lesson } from './types';

const texts = strings.lesson;

/** An item with a number of its own, so that two equal ones can be told apart. */
export interface DraftItem extends Item {
  key: number;
}

export interface Draft {
  /** Null: a lesson that the server does not have yet. */
  id: string | null;
  /** What the server had when it was begun to be changed. */
  version: string;
  /** The title that the server has. */
  storedTitle: string;
  title: string;
  note: string;
  items: readonly DraftItem[];
  changed: boolean;
  saving: boolean;
  /** Saving was tried: from then on what is wrong is said. */
  tried: boolean;
  problem: string;
}

export interface LessonBookState extends Loading {
  /** Null until the server has said it. */
  lessons: readonly Lesson[] | null;
  draft: Draft | null;
  deleting: string | null;
  said: string;
}

/** The lessons that the server has, and the one that is being written. */
export class LessonBook {
  readonly store = new Store<LessonBookState>({
    lessons: null,
    loading: false,
    problem: '',
    draft: null,
    deleting: null,
    said: '',
  });
  private readonly loader = new Loader(
    () => this.api.lessons(),
    (change) => this.store.set(change),
    (lessons) => this.store.set({ lessons }),
  );
  private nextKey = 1;

  /** `hasSign` says whether the server has a sign of that name. */
  constructor(
    private readonly api: TeacherApi,
    private readonly hasSign: (gloss: string) => boolean,
  ) {}

  load(): Promise<void> {
    return this.loader.load();
  }

  get hasUnsaved(): boolean {
    return this.store.value.draft?.changed ?? false;
  }

  /** Begins to write; without a lesson a new one. */
  edit(lesson: Lesson | null): void {
    const items = (lesson?.items ?? []).map((item) => this.keyed(item));
    const title = lesson?.title ?? '';
    this.store.set({
      said: '',
      draft: {
        id: lesson?.id ?? null,
        version: lesson?.version ?? '',
        storedTitle: title,
        title,
        note: lesson?.note ?? '',
        items,
        changed: false,
        saving: false,
        tried: false,
        problem: '',
      },
    });
  }

  write(change: Partial<Pick<Draft, 'title' | 'note'>>): void {
    this.change(change);
  }

  /** At the end of the list. */
  add(item: Item): void {
    const { draft } = this.store.value;
    if (!draft) return;
    this.change({ items: [...draft.items, this.keyed(item)] });
    this.store.set({ said: texts.added(texts.item(item)) });
  }

  /** Up (-1) or down (1); nothing at the ends. */
  move(key: number, by: -1 | 1): void {
    const items = [...(this.store.value.draft?.items ?? [])];
    const from = items.findIndex((item) => item.key === key);
    const to = from + by;
    const [item, other] = [items[from], items[to]];
    if (!item || !other) return;
    items[to] = item;
    items[from] = other;
    this.change({ items });
    this.store.set({ said: texts.movedTo(texts.item(item), to + 1, items.length) });
  }

  takeOut(key: number): void {
    const items = this.store.value.draft?.items ?? [];
    const item = items.find((other) => other.key === key);
    if (!item) return;
    this.change({ items: items.filter((other) => other !== item) });
    this.store.set({ said: texts.takenOut(texts.item(item)) });
  }

  problemsOf({ title, note, items }: Draft): LessonProblems {
    return lessonProblems(title, note, items, this.hasSign);
  }

  cancel(): void {
    this.store.set({ draft: null, said: '' });
  }

  async save(): Promise<void> {
    const { draft } = this.store.value;
    if (!draft || draft.saving) return;
    if (!isSound(this.problemsOf(draft))) {
      this.patch({ tried: true });
      return;
    }
    this.patch({ saving: true, tried: true, problem: '' });
    const { id, version, title, note, items } = draft;
    const content = { title: title.trim(), note: note.trim(), items };
    const answer = await (id === null
      ? this.api.makeLesson(content)
      : this.api.changeLesson(id, version, content));
    if (!answer.ok) {
      this.patch({ saving: false, problem: answer.sentence });
      return;
    }
    this.store.set({ draft: null, said: texts.saved(answer.value.title) });
    this.place(answer.value);
    await this.load();
  }

  async remove({ id, title }: Lesson): Promise<void> {
    if (this.store.value.deleting !== null) return;
    this.store.set({ deleting: id, problem: '', said: '' });
    const answer = await this.api.removeLesson(id);
    this.store.set({ deleting: null });
    if (!answer.ok) {
      this.store.set({ problem: answer.sentence });
      return;
    }
    const lessons = this.store.value.lessons?.filter((lesson) => lesson.id !== id) ?? null;
    this.store.set({ lessons, said: texts.removed(title) });
    await this.load();
  }

  /** Shows a stored lesson before the list has been asked for again. */
  private place(lesson: Lesson): void {
    const others = (this.store.value.lessons ?? []).filter(({ id }) => id !== lesson.id);
    // The newest first, as the server has them.
    this.store.set({ lessons: [lesson, ...others] });
  }

  private change(change: Partial<Draft>): void {
    this.patch({ ...change, changed: true });
  }

  private patch(change: Partial<Draft>): void {
    const { draft } = this.store.value;
    if (draft) this.store.set({ draft: { ...draft, ...change } });
  }

  private keyed({ kind, target }: Item): DraftItem {
    return { kind, target, key: this.nextKey++ };
  }
}
