import { useState } from 'preact/hooks';
import type { Answer } from '../../practice/api';
import type { Learner } from '../../practice/learner';
import { letterErrors, LETTERS, lettersOf } from '../../practice/letters';
import { planOfLetters } from '../../practice/plans';
import type { Progress } from '../../practice/types';
import { strings } from '../../strings';

const texts = strings.practice;

/** The alphabet, one letter, or a word. */
export function Letters({
  learner,
  answer,
}: {
  learner: Learner;
  answer: Answer<Progress> | null;
}) {
  const begin = (title: string, targets: readonly string[]): void =>
    learner.begin(planOfLetters(title, targets, texts.itemText));
  const order = letterErrors(answer?.ok === true ? answer.value.items : []);
  return (
    <section class="panel letters" aria-labelledby="letters-title">
      <h2 id="letters-title">{texts.letters}</h2>
      <button
        type="button"
        class="choice-card"
        data-letters="alphabet"
        onClick={() =>
          begin(
            texts.alphabet,
            order.map(({ letter }) => letter),
          )
        }
      >
        <strong>{texts.alphabet}</strong>
        <small>{texts.alphabetHint}</small>
      </button>
      <WordForm onWord={(letters) => begin(letters, [letters])} />
      <fieldset class="alphabet">
        <legend>{texts.oneLetter}</legend>
        {LETTERS.map((letter) => (
          <button
            key={letter}
            type="button"
            class="letter"
            aria-label={texts.letter(letter)}
            onClick={() => begin(texts.letter(letter), [letter])}
          >
            {letter}
          </button>
        ))}
      </fieldset>
    </section>
  );
}

function WordForm({ onWord }: { onWord: (letters: string) => void }) {
  const [word, setWord] = useState('');
  const [isEmpty, setEmpty] = useState(false);
  return (
    <form
      class="field"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const letters = lettersOf(word);
        setEmpty(letters === '');
        if (letters !== '') onWord(letters);
      }}
    >
      <label for="spell-word">{texts.word}</label>
      <input
        id="spell-word"
        type="text"
        maxLength={40}
        autocapitalize="characters"
        spellcheck={false}
        aria-describedby={isEmpty ? 'spell-problem' : undefined}
        value={word}
        onInput={(event) => setWord(event.currentTarget.value)}
      />
      <button type="submit" class="action">
        {texts.wordButton}
      </button>
      {isEmpty && (
        <p class="problem" id="spell-problem" role="alert">
          {texts.wordNone}
        </p>
      )}
    </form>
  );
}
