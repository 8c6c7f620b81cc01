/** What would be lost if the teacher's page were left now. There is one page at a time. */

type Ask = () => string | null;

let asked: Ask | null = null;

/** From now on `ask` answers for leaveQuestion(); returns how to end that. */
export function guardLeaving(ask: Ask): () => void {
  asked = ask;
  return () => {
    if (asked === ask) asked = null;
  };
}

/** A sentence to ask before the page is left, or null: nothing would be lost. */
export function leaveQuestion(): string | null {
  return asked?.() ?? null;
}

/** Asks by itself, if there is anything to ask; false: nothing is to be left. */
export function mayLeave(): boolean {
  const question = leaveQuestion();
  return question === null || window.confirm(question);
}
