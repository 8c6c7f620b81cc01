import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { strings } from '../strings';

interface Props {
  title: string;
  confirm: string;
  onConfirm(): void;
  onClose(): void;
  children: ComponentChildren;
}

/** Asks before something that cannot be taken back. Escape and Cancel do nothing; Cancel has the focus. */
export function Dialog({ title, confirm, onConfirm, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      // The list may have lost the row that the question came from.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="dialog-title" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
          dialog.current?.close();
        }}
      >
        <h2 id="dialog-title">{title}</h2>
        {children}
        <p class="dialog-buttons">
          <button type="button" class="button" autofocus onClick={() => dialog.current?.close()}>
            {strings.cancel}
          </button>
          <button type="submit" class="button danger">
            {confirm}
          </button>
        </p>
      </form>
    </dialog>
  );
}
