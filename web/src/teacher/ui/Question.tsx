import { useEffect, useRef } from 'preact/hooks';
import { useStore } from '../../ui/use_store';
import type { Questions } from '../questions';

/** The open question, if there is one. Escape and "stay" do nothing; "stay" has the focus. */
export function QuestionBox({ questions }: { questions: Questions }) {
  const { asked } = useStore(questions.store);
  return asked === null ? null : <Question key={asked.title} asked={asked} />;
}

type Asked = NonNullable<Questions['store']['value']['asked']>;

function Question({ asked: { title, words, confirm, stay, answer } }: { asked: Asked }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const sure = useRef(false);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      // The list may have lost the row that the question came from.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="teach-question"
      aria-labelledby="question-title"
      aria-describedby="question-words"
      onClose={() => answer(sure.current)}
    >
      <h2 id="question-title">{title}</h2>
      <p id="question-words">{words}</p>
      <p class="teach-buttons">
        <button
          type="button"
          class="small-button"
          autofocus
          onClick={() => dialog.current?.close()}
        >
          {stay}
        </button>
        <button
          type="button"
          class="small-button teach-danger"
          onClick={() => {
            sure.current = true;
            dialog.current?.close();
          }}
        >
          {confirm}
        </button>
      </p>
    </dialog>
  );
}
