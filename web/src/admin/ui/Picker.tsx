import { useState } from 'preact/hooks';

export interface Choice {
  value: string;
  text: string;
}

interface Props {
  label: string;
  /** What is chosen now; null shows `placeholder` instead. */
  value: string | null;
  placeholder?: string;
  choices: readonly Choice[];
  disabled: boolean;
  onPick(value: string): void;
}

/**
 * A list whose choice is done at once. Keys that would choose in a closed list open it instead, so
 * that nothing is done to a session on the way to the choice that is meant.
 */
export function Picker({ label, value, placeholder, choices, disabled, onPick }: Props) {
  // Drawn anew after each choice: the list then shows again what is in force, not what was asked for.
  const [round, setRound] = useState(0);
  const pick = (picked: string): void => {
    setRound(round + 1);
    if (picked !== '') onPick(picked);
  };
  return (
    <select
      class="picker"
      data-round={round}
      aria-label={label}
      value={value ?? ''}
      disabled={disabled}
      onKeyDown={openInstead}
      onChange={(event) => pick(event.currentTarget.value)}
    >
      {value === null && <option value="">{placeholder}</option>}
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.text}
        </option>
      ))}
    </select>
  );
}

function openInstead(event: KeyboardEvent & { currentTarget: HTMLSelectElement }): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const chooses = /^(Arrow|Page|Home|End)/.test(event.key);
  const types = event.key.length === 1 && event.key !== ' ';
  if (!chooses && !types) return;
  event.preventDefault();
  try {
    event.currentTarget.showPicker();
  } catch {
    // An older browser: Space and Enter open the list there.
  }
}
