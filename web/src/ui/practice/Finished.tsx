import type { Learner } from '../../practice/learner';
import type { PracticeState } from '../../practice/practice';
import { addressOf } from '../../routes';
import { strings } from '../../strings';

const texts = strings.practice;

export function Finished({ learner, state }: { learner: Learner; state: PracticeState }) {
  const { plan, summary } = state;
  if (plan === null || summary === null) return null;
  return (
    <section class="panel finished">
      <h1>{texts.finished}</h1>
      <p class="finished-plan">{plan.title}</p>
      {summary.message !== '' && <p>{summary.message}</p>}
      <p>
        {summary.attempts > 0 && `${texts.finishedScore(summary.accepted, summary.attempts)} `}
        {texts.finishedTime(summary.elapsedMs)}
      </p>
      {summary.suggestions.length > 0 && (
        <ul class="suggestions">
          {summary.suggestions.map((suggestion) => (
            <li key={suggestion}>{suggestion}</li>
          ))}
        </ul>
      )}
      <div class="row">
        <button
          type="button"
          class="action"
          data-primary="true"
          onClick={() => learner.begin(plan)}
        >
          {texts.once}
        </button>
        <button type="button" class="action" onClick={() => learner.practice.stop()}>
          {texts.choose}
        </button>
        <a class="action" href={addressOf('progress')}>
          {strings.tabs.progress}
        </a>
      </div>
    </section>
  );
}
