import { useState } from 'preact/hooks';
import type { Board, BoardState } from '../board';
import { strings } from '../strings';
import { tokenProblem } from '../token';

/** Asks for the token. */
export function SignIn({ board, state }: { board: Board; state: BoardState }) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const isChecking = state.access === 'checking';
  const words = problem ?? state.accessWords;

  const submit = (event: Event): void => {
    event.preventDefault();
    const token = text.trim();
    const wrong = tokenProblem(token);
    setProblem(wrong);
    if (wrong === null) board.signIn(token);
  };

  return (
    <form class="panel sign-in" onSubmit={submit} noValidate>
      <h2>{strings.signIn.title}</h2>
      <label for="token">{strings.signIn.label}</label>
      <input
        id="token"
        type="password"
        autocomplete="off"
        spellcheck={false}
        aria-describedby="token-hint token-problem"
        aria-invalid={words !== ''}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p id="token-problem" class="problem" role="alert">
        {words}
      </p>
      <p id="token-hint" class="hint">
        {strings.signIn.hint}
      </p>
      <button type="submit" class="main-button" disabled={isChecking}>
        {isChecking ? strings.signIn.checking : strings.signIn.button}
      </button>
    </form>
  );
}
