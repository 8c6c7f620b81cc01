import { Store } from '../store';

export interface Question {
  title: string;
  words: string;
  confirm: string;
  /** Of the button that does nothing. */
  stay: string;
}

interface Asked extends Question {
  answer(yes: boolean): void;
}

/** Asks before something that cannot be taken back; one question at a time. */
export class Questions {
  readonly store = new Store<{ asked: Asked | null }>({ asked: null });

  /** False at once while another question is open. */
  ask(question: Question): Promise<boolean> {
    if (this.store.value.asked !== null) return Promise.resolve(false);
    return new Promise((resolve) => {
      const answer = (yes: boolean): void => {
        this.store.set({ asked: null });
        resolve(yes);
      };
      this.store.set({ asked: { ...question, answer } });
    });
  }
}
