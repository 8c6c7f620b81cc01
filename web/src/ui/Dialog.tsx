import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  title: string;
  words: string;
  confirm: string;
  /** Of the button that does nothing. */
  stay: string;
  /** Called once, when it is closed. */
  onAnswer(yes: boolean): void;
  /** What else there is to fill in. */
  children?: ComponentChildren;
}

/** Asks before something that cannot be taken back. Escape and "stay" do nothing; "stay" has the focus. */
export function Dialog({ title, words, confirm, stay, onAnswer, children }: Props) {
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
      class="dialog"
      aria-labelledby="dialog-title"
      aria-describedby="dialog-words"
      onClose={() => onAnswer(sure.current)}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sure.current = true;
          dialog.current?.close();
        }}
      >
        <h2 id="dialog-title">{title}</h2>
        <p id="dialog-words">{words}</p>
        {children}
        <p class="dialog-buttons">
          <button
            type="button"
            class="small-button"
            autofocus
            onClick={() => dialog.current?.close()}
          >
            {stay}
          </button>
          <button type="submit" class="small-button danger">
            {confirm}
          </button>
        </p>
      </form>
    </dialog>
  );
}
