import type { Board } from '../board';
import type { Notice } from '../notices';
import { strings } from '../strings';

/** What became of the actions, newest first. */
export function NoticeList({ board, notices }: { board: Board; notices: readonly Notice[] }) {
  return (
    <section class="notices" aria-label={strings.notices.title}>
      {/* Always there, so that a screen reader says what is added to it. */}
      <ul role="log" aria-live="polite" aria-relevant="additions">
        {notices.map(({ id, tone, text, details }) => (
          <li class="notice" key={id} data-tone={tone}>
            <div>
              <p>
                <strong>{tone === 'good' ? strings.notices.done : strings.notices.failed}:</strong>{' '}
                {text}
              </p>
              {details.length > 0 && (
                <ul class="notice-details">
                  {details.map((detail) => (
                    <li key={detail}>{detail}</li>
                  ))}
                </ul>
              )}
            </div>
            <button
              type="button"
              class="notice-close"
              aria-label={`${strings.notices.close}: ${text}`}
              onClick={() => board.dismiss(id)}
            >
              {'\u2715'}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
