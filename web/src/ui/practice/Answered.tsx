import type { ComponentChildren } from 'preact';
import type { Answer } from '../../practice/api';
import { strings } from '../../strings';

interface Props<T> {
  answer: Answer<T> | null;
  again: () => void;
  children: (value: T) => ComponentChildren;
}

/** What the server answered; before that a word, and a way to ask again where it did not. */
export function Answered<T>({ answer, again, children }: Props<T>) {
  if (answer === null) return <p class="hint">{strings.practice.loading}</p>;
  if (answer.ok) return <>{children(answer.value)}</>;
  return (
    <div class="notice" data-tone="bad">
      <p>{strings.practice.apiProblem(answer.problem)}</p>
      <button type="button" class="small-button" onClick={again}>
        {strings.practice.again}
      </button>
    </div>
  );
}
