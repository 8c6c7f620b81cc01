import type { Spelling } from '../../practice/messages';
import { strings } from '../../strings';

const texts = strings.practice;

/** A word letter by letter, and what the hand looks like at the moment. */
export function SpellingPanel({ spelling }: { spelling: Spelling }) {
  const { word, confirmed, top, isSure, advice, hold } = spelling;
  const [best] = top;
  return (
    <section class="panel spelling" aria-labelledby="spelling-title">
      <h2 id="spelling-title">{texts.spelling}</h2>
      <ol class="spelled" aria-label={texts.spelled(confirmed)}>
        {[...word].map((letter, index) => (
          <li
            key={index}
            class="spelled-letter"
            data-standing={
              index < confirmed.length ? 'right' : index === confirmed.length ? 'now' : 'todo'
            }
          >
            {letter}
            {index === confirmed.length && (
              <span class="bar" aria-hidden="true">
                <span class="bar-fill" style={{ width: `${100 * hold}%` }} />
              </span>
            )}
          </li>
        ))}
      </ol>
      {best === undefined ? (
        <p class="guess">{texts.noHand}</p>
      ) : (
        <p class="guess" data-sure={String(isSure)}>
          {isSure ? texts.seen : texts.notSure}
          <strong>{texts.guess(...best)}</strong>
          {top.slice(1).map(([letter, share]) => (
            <span key={letter} class="guess-other">
              {texts.guess(letter, share)}
            </span>
          ))}
        </p>
      )}
      <p class="hint">{advice || (best !== undefined && !isSure ? texts.notSureHint : '')}</p>
    </section>
  );
}
