/** Small parts that several sections use. */

import type { ComponentChildren } from 'preact';
import { strings } from '../strings';

/** What went wrong; said by a screen reader when it appears. The element stays, so that it is heard. */
export function Problem({ text, id }: { text: string; id?: string }) {
  return (
    <p class="teach-problem" role="alert" id={id}>
      {text === '' ? null : (
        <>
          <span class="teach-problem-sign" aria-hidden="true">
            !
          </span>
          {text}
        </>
      )}
    </p>
  );
}

/** A list that was asked for: what there is to say before it is there. */
export function Asked({
  there,
  loading,
  problem,
  again,
  children,
}: {
  there: boolean;
  loading: boolean;
  problem: string;
  again: () => void;
  children: ComponentChildren;
}) {
  return (
    <>
      <Problem text={problem} />
      {problem === '' ? null : (
        <p>
          <button type="button" class="small-button" disabled={loading} onClick={again}>
            {strings.again}
          </button>
        </p>
      )}
      {there ? children : loading ? <p class="hint">{strings.loading}</p> : null}
    </>
  );
}

/** A field with its label, its hint and what is wrong with it. */
export function Field({
  id,
  label,
  hint,
  problem,
  children,
}: {
  id: string;
  label: string;
  hint?: string;
  problem: string | null;
  children: ComponentChildren;
}) {
  return (
    <div class="teach-field">
      <label for={id}>{label}</label>
      {children}
      <p class="teach-field-words" id={`${id}-words`} data-wrong={String(problem !== null)}>
        {problem ?? hint ?? ''}
      </p>
    </div>
  );
}

/** The attributes of a field's control that belong to its words. */
export function described(id: string, problem: string | null) {
  return { id, 'aria-describedby': `${id}-words`, 'aria-invalid': problem !== null } as const;
}

/** How much of 1, as a bar with words beside it. */
export function Share({ share, words }: { share: number | null; words: string }) {
  return (
    <span class="teach-share">
      {share === null ? null : (
        <svg
          class="teach-share-bar"
          viewBox="0 0 100 10"
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          <rect class="teach-share-all" width="100" height="10" />
          <rect class="teach-share-part" width={100 * share} height="10" />
        </svg>
      )}
      <span>{words}</span>
    </span>
  );
}
