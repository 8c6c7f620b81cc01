import type { Answer } from './api';

/** What a list of the server says of itself. */
export interface Loading {
  loading: boolean;
  /** What went wrong with the list, or with a change of it. */
  problem: string;
}

/** Asks for a list as often as it is wanted; an answer that a newer question has overtaken counts no more. */
export class Loader<T> {
  private turn = 0;

  constructor(
    private readonly ask: () => Promise<Answer<T>>,
    private readonly tell: (change: Partial<Loading>) => void,
    private readonly take: (value: T) => void,
  ) {}

  async load(): Promise<void> {
    const turn = ++this.turn;
    this.tell({ loading: true });
    const answer = await this.ask();
    if (turn !== this.turn) return;
    if (answer.ok) this.take(answer.value);
    this.tell({ loading: false, problem: answer.ok ? '' : answer.sentence });
  }
}
