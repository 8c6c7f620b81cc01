import type { Film } from '../film';
import { isOdd, type RecordedExample, type RecorderState } from '../recorder';
import { strings } from '../strings';
import { Share } from './parts';
import { Replay } from './Replay';
import type { FilmingTeacher } from './use_teacher';

const texts = strings.record;

/** What was recorded so far, the newest last. */
export function ExampleList({
  teacher,
  state: { examples, phase },
}: {
  teacher: FilmingTeacher;
  state: RecorderState<Film>;
}) {
  return (
    <section class="teach-panel teach-examples-panel" aria-labelledby="examples-title">
      <h2 id="examples-title">{texts.examples}</h2>
      {examples.length === 0 ? (
        <p class="hint">{texts.noExamples}</p>
      ) : (
        <ol class="teach-examples">
          {examples.map((example, index) => (
            <ExampleCard
              key={String(example.id)}
              number={index + 1}
              example={example}
              canDrop={phase === 'recording'}
              onDrop={() => teacher.recorder.drop(example.id)}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

function ExampleCard({
  number,
  example,
  canDrop,
  onDrop,
}: {
  number: number;
  example: RecordedExample<Film>;
  canDrop: boolean;
  onDrop: () => void;
}) {
  const { film, durationMs, usable, problems, likeness, dropping } = example;
  const remarks = isOdd(example) ? [texts.odd] : problems;
  return (
    <li class="teach-example" data-odd={String(isOdd(example))} data-usable={String(usable)}>
      <Replay figure={film} label={texts.replay(number)} none={texts.noReplay} />
      <div class="teach-example-words">
        <h3>{texts.example(number)}</h3>
        <p class="teach-example-verdict">
          <span class="teach-verdict" data-good={String(usable)}>
            <span aria-hidden="true">{usable ? '\u2713' : '!'}</span>
            {usable ? texts.usable : texts.unusable}
          </span>
          <span class="teach-quiet">{texts.duration(durationMs)}</span>
        </p>
        {remarks.length === 0 ? null : (
          <ul class="teach-example-problems">
            {remarks.map((remark) => (
              <li key={remark}>{remark}</li>
            ))}
          </ul>
        )}
        {usable ? (
          <p class="teach-example-likeness">
            <span class="teach-quiet">{texts.likeness}</span>
            <Share share={likeness} words={texts.likenessValue(likeness)} />
          </p>
        ) : null}
        <button
          type="button"
          class="small-button"
          aria-label={texts.dropNamed(number)}
          disabled={!canDrop || dropping}
          onClick={onDrop}
        >
          {texts.drop}
        </button>
      </div>
    </li>
  );
}
