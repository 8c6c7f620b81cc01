import { Store } from '../store';
import type { TeacherApi } from './api';
import { Loader, type Loading } from './loader';
import { strings } from './strings';
import type { DrawnSign, Sign } from './types';

export interface SignListState extends Loading {
  /** Null until the server has said it; by gloss, from A to Z. */
  signs: readonly Sign[] | null;
  /** The sign that is looked at; `sign` is null until its drawing has come. */
  open: { gloss: string; sign: DrawnSign | null; problem: string } | null;
  deleting: string | null;
  said: string;
}

/** The signs that the server has. */
export class SignList {
  readonly store = new Store<SignListState>({
    signs: null,
    loading: false,
    problem: '',
    open: null,
    deleting: null,
    said: '',
  });
  private readonly loader = new Loader(
    () => this.api.signs(),
    (change) => this.store.set(change),
    (signs) => this.store.set({ signs: sorted(signs) }),
  );

  constructor(private readonly api: TeacherApi) {}

  load(): Promise<void> {
    return this.loader.load();
  }

  find(gloss: string): Sign | null {
    return this.store.value.signs?.find((sign) => sign.gloss === gloss) ?? null;
  }

  /** True as well while the list is not known. */
  mayHave(gloss: string): boolean {
    return this.store.value.signs === null || this.find(gloss) !== null;
  }

  async look(gloss: string): Promise<void> {
    this.store.set({ open: { gloss, sign: null, problem: '' } });
    const answer = await this.api.sign(gloss);
    if (this.store.value.open?.gloss !== gloss) return;
    const open = answer.ok
      ? { gloss, sign: answer.value, problem: '' }
      : { gloss, sign: null, problem: answer.sentence };
    this.store.set({ open });
  }

  close(): void {
    this.store.set({ open: null });
  }

  async remove(gloss: string): Promise<void> {
    if (this.store.value.deleting !== null) return;
    this.store.set({ deleting: gloss, problem: '', said: '' });
    const answer = await this.api.removeSign(gloss);
    this.store.set({ deleting: null });
    if (!answer.ok) {
      this.store.set({ problem: answer.sentence });
      return;
    }
    if (this.store.value.open?.gloss === gloss) this.close();
    this.store.set({ said: strings.signs.removed(gloss) });
    // There may be a built-in one of the same name, which counts again.
    await this.load();
  }
}

function sorted(signs: readonly Sign[]): Sign[] {
  return [...signs].sort((one, other) => one.gloss.localeCompare(other.gloss, 'en'));
}

/** Those with `sought` in their name, whatever its case. */
export function matching(signs: readonly Sign[], sought: string): readonly Sign[] {
  const wanted = sought.trim().toUpperCase();
  return wanted === '' ? signs : signs.filter(({ gloss }) => gloss.includes(wanted));
}
