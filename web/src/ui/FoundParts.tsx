import type { Found } from '../protocol';
import { strings } from '../strings';

const PARTS = ['leftHand', 'rightHand', 'face', 'pose'] as const;

/** Which parts are found now: by sign and word, the colour only adds to it. */
export function FoundParts({ found, active }: { found: Found; active: boolean }) {
  return (
    <section class="found" aria-labelledby="found-title">
      <h2 id="found-title">{strings.found}</h2>
      <ul>
        {PARTS.map((part) => {
          const yes = active && found[part];
          return (
            <li key={part} class="part" data-part={part} data-found={String(yes)}>
              <svg viewBox="0 0 16 16" aria-hidden="true">
                <path d={yes ? 'M3 8.5 L6.5 12 L13 4.5' : 'M4 8 H12'} />
              </svg>
              {strings.parts[part]}
              <span class="unseen">{`: ${yes ? strings.yes : strings.no}`}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
