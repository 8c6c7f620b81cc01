export interface Notice {
  id: number;
  tone: 'good' | 'bad';
  text: string;
  details: readonly string[];
}

export const GOOD_FOR_MS = 8000;
const MOST = 5;

/**
 * Results of actions, newest first. A success without details goes away by itself; a failure, or a
 * result that has to be read, stays until it is dismissed or five newer ones have come.
 */
export class Notices {
  private list: readonly Notice[] = [];
  private next = 1;

  constructor(
    private readonly changed: (notices: readonly Notice[]) => void,
    private readonly later: (action: () => void, delayMs: number) => unknown,
  ) {}

  add(tone: Notice['tone'], text: string, details: readonly string[] = []): void {
    const id = this.next++;
    this.put([{ id, tone, text, details }, ...this.list].slice(0, MOST));
    if (tone === 'good' && details.length === 0) this.later(() => this.remove(id), GOOD_FOR_MS);
  }

  remove(id: number): void {
    if (this.list.some((notice) => notice.id === id)) {
      this.put(this.list.filter((notice) => notice.id !== id));
    }
  }

  clear(): void {
    this.put([]);
  }

  private put(list: readonly Notice[]): void {
    this.list = list;
    this.changed(list);
  }
}
