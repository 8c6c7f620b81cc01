import { strings } from '../strings';
import { EYEBROWS, HEADS, MOUTHS, type NonManual } from '../types';

const texts = strings.nonManual;

const CHOICES = { eyebrows: EYEBROWS, mouth: MOUTHS, head: HEADS } as const;
const PARTS = ['eyebrows', 'mouth', 'head'] as const;

/** What the sign asks of the face and the head. */
export function NonManualChoice({
  value,
  disabled,
  onChange,
}: {
  value: NonManual;
  disabled: boolean;
  onChange: (change: Partial<NonManual>) => void;
}) {
  return (
    <section class="teach-non-manual" aria-labelledby="non-manual-title">
      <h3 id="non-manual-title">{texts.title}</h3>
      <p class="hint">{texts.hint}</p>
      {PARTS.map((part) => (
        <fieldset key={part} class="teach-choice-row" disabled={disabled}>
          <legend>{texts.parts[part]}</legend>
          <div class="segments">
            {CHOICES[part].map((choice) => (
              <label key={choice} class="segment">
                <input
                  type="radio"
                  name={`non-manual-${part}`}
                  value={choice}
                  checked={value[part] === choice}
                  onChange={() => onChange({ [part]: choice })}
                />
                <span>{texts.choices[choice]}</span>
              </label>
            ))}
          </div>
        </fieldset>
      ))}
    </section>
  );
}
