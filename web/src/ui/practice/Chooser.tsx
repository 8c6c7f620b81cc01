import type { Answer } from '../../practice/api';
import type { Learner } from '../../practice/learner';
import { HANDEDNESSES } from '../../practice/messages';
import { planOfDue, planOfLesson } from '../../practice/plans';
import type { PracticeState } from '../../practice/practice';
import type { Progress } from '../../practice/types';
import { strings } from '../../strings';
import { useAnswer } from '../use_answer';
import { useStore } from '../use_store';
import { Answered } from './Answered';
import { Honest } from './Honest';
import { Letters } from './Letters';
import { Stories } from './Stories';

const texts = strings.practice;

/** What there is to practise. */
export function Chooser({ learner, state }: { learner: Learner; state: PracticeState }) {
  const progress = useAnswer('progress', () => learner.api.progress());
  return (
    <>
      <header class="lead">
        <h1>{texts.title}</h1>
        <p>{texts.lead}</p>
      </header>
      {state.problem !== '' && (
        <div class="notice" data-tone="bad">
          <p>{state.problem}</p>
        </div>
      )}
      <Due learner={learner} answer={progress.answer} again={progress.again} />
      <div class="chooser-part">
        <Stories learner={learner} />
        <Lessons learner={learner} />
      </div>
      <div class="chooser-part">
        <Letters learner={learner} answer={progress.answer} />
        <HowTo learner={learner} />
      </div>
      <Honest />
    </>
  );
}

interface DueProps {
  learner: Learner;
  answer: Answer<Progress> | null;
  again: () => void;
}

function Due({ learner, answer, again }: DueProps) {
  const signs = useAnswer('signs', () => learner.api.signs());
  const known = signs.answer?.ok === true ? signs.answer.value : [];
  return (
    <section class="panel due" aria-labelledby="due-title">
      <h2 id="due-title">{texts.due}</h2>
      <p class="hint">{texts.dueLead}</p>
      <Answered answer={answer} again={again}>
        {({ next }) => {
          const plan = planOfDue(texts.duePlan, next, known, texts.itemText);
          if (plan === null) return <p>{texts.dueNone}</p>;
          return (
            <div class="row">
              <button
                type="button"
                class="action"
                data-primary="true"
                onClick={() => learner.begin(plan)}
              >
                {texts.dueBegin}
              </button>
              <p>{texts.dueCount(plan.sentences.length)}</p>
            </div>
          );
        }}
      </Answered>
    </section>
  );
}

function Lessons({ learner }: { learner: Learner }) {
  const { answer, again } = useAnswer('lessons', () => learner.api.lessons());
  return (
    <section class="panel lessons" aria-labelledby="lessons-title">
      <h2 id="lessons-title">{texts.lessons}</h2>
      <Answered answer={answer} again={again}>
        {(lessons) =>
          lessons.length === 0 ? (
            <p class="hint">{texts.lessonsNone}</p>
          ) : (
            <ul class="cards">
              {lessons.map((lesson) => (
                <li key={lesson.id}>
                  <button
                    type="button"
                    class="choice-card"
                    onClick={() => learner.begin(planOfLesson(lesson, texts.itemText))}
                  >
                    <strong>{lesson.title}</strong>
                    {lesson.note !== '' && <span>{lesson.note}</span>}
                    <small>
                      {texts.lessonLength(lesson.items.length)}. {texts.lessonBy(lesson.by)}
                    </small>
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </section>
  );
}

function HowTo({ learner }: { learner: Learner }) {
  const { handedness, goesOn } = useStore(learner.settings);
  return (
    <section class="panel how" aria-labelledby="how-title">
      <h2 id="how-title">{texts.settings}</h2>
      <fieldset class="picks">
        <legend>{texts.handedness}</legend>
        {HANDEDNESSES.map((hand) => (
          <label key={hand} class="pick">
            <input
              type="radio"
              name="handedness"
              value={hand}
              checked={handedness === hand}
              aria-describedby="handedness-hint"
              onChange={() => learner.set({ handedness: hand })}
            />
            <span>{texts.handednesses[hand]}</span>
          </label>
        ))}
      </fieldset>
      <p class="hint" id="handedness-hint">
        {texts.handednessHint}
      </p>
      <label class="check">
        <input
          type="checkbox"
          checked={goesOn}
          onChange={(event) => learner.set({ goesOn: event.currentTarget.checked })}
        />
        {texts.goesOn}
      </label>
    </section>
  );
}
