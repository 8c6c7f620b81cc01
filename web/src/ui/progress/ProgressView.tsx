import type { Learner } from '../../practice/learner';
import { overviewOf } from '../../practice/progress';
import type { Progress } from '../../practice/types';
import { addressOf } from '../../routes';
import { strings } from '../../strings';
import { Answered } from '../practice/Answered';
import { Honest } from '../practice/Honest';
import { useAnswer } from '../use_answer';
import { DaysChart } from './DaysChart';
import { Strengths } from './Strengths';

const texts = strings.progress;

/** How a learner is doing: what was practised, and how well it sits. */
export function ProgressView({ learner }: { learner: Learner }) {
  const { answer, again } = useAnswer('progress', () => learner.api.progress());
  return (
    <main class="page progress" data-progress={answer === null ? 'loading' : 'shown'}>
      <header class="lead">
        <h1>{texts.title}</h1>
        <p>{texts.lead}</p>
      </header>
      <Answered answer={answer} again={again}>
        {(progress) =>
          progress.items.length === 0 && progress.days.length === 0 ? (
            <Nothing />
          ) : (
            <Everything progress={progress} now={Date.now()} />
          )
        }
      </Answered>
      <Honest />
    </main>
  );
}

function Nothing() {
  return (
    <section class="panel empty">
      <p>{texts.empty}</p>
      <a class="action" data-primary="true" href={addressOf('practise')}>
        {texts.toPractise}
      </a>
    </section>
  );
}

function Everything({ progress, now }: { progress: Progress; now: number }) {
  const { attempts, right, days, strong } = overviewOf(progress, now);
  const tiles: readonly [keyof typeof texts.tiles, string][] = [
    ['attempts', String(attempts)],
    ['right', right === null ? texts.none : strings.practice.percent(right)],
    ['days', String(days)],
    ['strong', String(strong)],
  ];
  return (
    <>
      <dl class="tiles">
        {tiles.map(([key, value]) => (
          <div key={key} class="panel tile" data-tile={key}>
            <dt>{texts.tiles[key]}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <DaysChart days={progress.days} now={now} />
      <Next progress={progress} />
      <Strengths items={progress.items} now={now} />
    </>
  );
}

function Next({ progress: { next } }: { progress: Progress }) {
  if (next.length === 0) return null;
  return (
    <section class="panel next" aria-labelledby="next-title">
      <h2 id="next-title">{texts.next}</h2>
      <ol class="next-list">
        {next.map((item) => (
          <li key={`${item.kind} ${item.target}`}>
            <strong>{strings.practice.itemName(item)}</strong>
            <span class="hint">{item.why}</span>
          </li>
        ))}
      </ol>
      <a class="action" data-primary="true" href={addressOf('practise')}>
        {texts.toPractise}
      </a>
    </section>
  );
}
