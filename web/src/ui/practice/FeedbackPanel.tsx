import { ASPECTS, type Feedback } from '../../practice/messages';
import type { PracticeState } from '../../practice/practice';
import { strings } from '../../strings';

const texts = strings.practice;

/** What was right and what to change. The numbers are those on the skeleton. */
export function FeedbackPanel({
  feedback,
  upcoming,
  showMoment,
}: {
  feedback: Feedback;
  upcoming: PracticeState['upcoming'];
  /** Shows the attempt at this moment; null: there is none to show. */
  showMoment: ((atMs: number) => void) | null;
}) {
  const { accepted, sentence, findings, likelier, error, notice } = feedback;
  // The server's sentence names its first finding, which stands below.
  const said = error || (findings.length === 0 ? sentence : '');
  return (
    <section
      class="panel feedback"
      data-accepted={String(accepted)}
      aria-labelledby="feedback-title"
    >
      <h2 id="feedback-title" class="verdict">
        <span class="verdict-sign" aria-hidden="true">
          {accepted ? '\u2713' : '\u21bb'}
        </span>
        {accepted ? texts.right : texts.notYet}
      </h2>
      {said !== '' && <p>{said}</p>}
      {findings.length > 0 && (
        <ol class="findings" aria-label={texts.findings}>
          {findings.map(({ sentence: words, part, atMs }, index) => (
            <li key={index} data-part={part}>
              <span class="finding-number" aria-hidden="true">
                {index + 1}
              </span>
              {showMoment ? (
                <button type="button" class="finding" onClick={() => showMoment(atMs)}>
                  {words}
                </button>
              ) : (
                <span>{words}</span>
              )}
            </li>
          ))}
        </ol>
      )}
      {findings.length > 0 && likelier !== '' && <p>{texts.likelier(likelier)}</p>}
      <Scores scores={feedback.scores} />
      {notice !== '' && <p class="hint">{notice}</p>}
      {upcoming !== null && <p class="hint">{texts.upcoming[upcoming]}</p>}
    </section>
  );
}

function Scores({ scores }: { scores: Feedback['scores'] }) {
  if (scores === null) return null;
  return (
    <dl class="scores" aria-label={texts.scores}>
      {ASPECTS.map((aspect) => {
        const share = scores[aspect];
        return share === undefined ? null : (
          <div key={aspect} class="score">
            <dt>{texts.aspects[aspect]}</dt>
            <dd>
              <span class="bar" aria-hidden="true">
                <span class="bar-fill" style={{ width: `${100 * share}%` }} />
              </span>
              {texts.percent(share)}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
