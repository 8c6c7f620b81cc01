import { useEffect, useState } from 'preact/hooks';
import type { Learner } from '../../practice/learner';
import type { PracticeState } from '../../practice/practice';
import { marksOf } from '../../practice/replay';
import { cueOf } from '../../practice/words';
import { strings } from '../../strings';
import type { StudioState } from '../../studio';
import { SentNote } from '../SentNote';
import { Stage } from '../Stage';
import { useStore } from '../use_store';
import { FeedbackPanel } from './FeedbackPanel';
import { Items } from './Items';
import { Reference } from './Reference';
import { SpellingPanel } from './SpellingPanel';

const texts = strings.practice;
const TICK_MS = 1000;

interface Props {
  learner: Learner;
  state: PracticeState;
  camera: StudioState;
}

/** While something is practised: the own video, the reference beside it, and what is said to it. */
export function Session({ learner, state, camera }: Props) {
  const { session, feedback, attempt } = state;
  const [wish, setWish] = useState<{ phase: number } | null>(null);
  useHints(learner, state);
  // Once the stage is there to show it.
  useEffect(() => learner.openCamera(), [learner]);
  useEffect(() => setWish(null), [attempt]);
  const showMoment = (atMs: number): void => {
    learner.practice.hold();
    if (attempt) setWish({ phase: atMs / 1000 / Math.max(0.001, attempt.duration) });
  };
  const spelling = session?.spelling ?? null;
  return (
    <>
      <Head state={state} />
      <Sentence state={state} />
      <Notices learner={learner} state={state} camera={camera} />
      <Stage studio={learner.studio} state={camera} start={texts.startCamera}>
        <Cue state={state} camera={camera} />
      </Stage>
      <SentNote studio={learner.studio} state={camera} />
      <div class="beside" data-spells={String(spelling !== null && feedback === null)}>
        {spelling !== null && feedback === null && <SpellingPanel spelling={spelling} />}
        {feedback !== null && (
          <FeedbackPanel
            feedback={feedback}
            upcoming={state.upcoming}
            showMoment={attempt ? showMoment : null}
          />
        )}
        <Reference learner={learner} state={state} wish={wish} />
      </div>
      <Actions learner={learner} state={state} />
    </>
  );
}

function Head({ state }: { state: PracticeState }) {
  const { plan, session } = state;
  const total = session?.totalSentences || plan?.sentences.length || 0;
  return (
    <header class="practice-head">
      <h1>{plan?.title}</h1>
      <ul class="facts">
        {plan?.level != null && <li>{texts.levels[plan.level]}</li>}
        <li data-fact="sentence">{texts.sentenceOf(session?.sentenceIndex ?? 0, total)}</li>
        <li data-fact="time">
          <span class="unseen">{texts.time} </span>
          <Elapsed since={state.startedAt} />
        </li>
      </ul>
    </header>
  );
}

function Elapsed({ since }: { since: number }) {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(performance.now()), TICK_MS);
    return () => window.clearInterval(timer);
  }, []);
  return <span class="clock">{texts.clock(now - since)}</span>;
}

function Sentence({ state: { plan, session, items } }: { state: PracticeState }) {
  const text = session?.sentence || plan?.sentences[session?.sentenceIndex ?? 0]?.text || '';
  // A letter, a word or a sign by itself is named by the sentence.
  const isAlone = plan?.kind !== 'story' && items.length === 1;
  return (
    <div class="sentence">
      <p class="sentence-text">{text}</p>
      {!isAlone && items.length > 0 && <Items items={items} session={session} />}
    </div>
  );
}

/** What stands in the way of practice, if anything does. */
function Notices({ learner, state, camera }: Props) {
  const isOff = camera.phase === 'idle' || camera.phase === 'failed';
  const { phase, problem, resumed } = state;
  const isLost = phase === 'running' && camera.phase === 'waiting';
  const text =
    problem ||
    (isLost ? texts.lost : '') ||
    (phase === 'waiting' ? texts.waiting : '') ||
    (phase === 'starting' ? texts.starting : '') ||
    (resumed ? texts.resumed : '');
  if (text === '' && !isOff) return null;
  return (
    <div class="notice" data-tone={problem === '' ? 'calm' : 'bad'}>
      <p>{text}</p>
      {isOff && (
        <button type="button" class="small-button" onClick={() => void learner.studio.start()}>
          {texts.startCamera}
        </button>
      )}
    </div>
  );
}

function Cue({ state, camera }: { state: PracticeState; camera: StudioState }) {
  // Who is not seen has nothing to do but to wait.
  const isSeen = camera.phase === 'live' && camera.standing.place !== null;
  const cue = isSeen ? cueOf(state) : null;
  return cue === null ? null : (
    <p class="cue" data-tone={cue.tone} aria-hidden="true">
      {cue.text}
    </p>
  );
}

/** Always the same buttons in the same places, so that the focus stays where it is. */
function Actions({ learner, state }: { learner: Learner; state: PracticeState }) {
  const { practice } = learner;
  const { feedback, phase } = state;
  const isRunning = phase === 'running';
  const isRight = feedback?.accepted === true;
  const isDone = isRight && state.items.every(({ accepted }) => accepted === true);
  const primary = feedback === null ? null : isDone ? 'next' : 'again';
  // After one of several that was right, the next one of the sentence is what comes.
  const againText = isRight && !isDone ? texts.next : texts.tryAgain;
  return (
    <div class="actions" role="group" aria-label={texts.actions}>
      <button
        type="button"
        class="action"
        data-action="try_again"
        data-primary={String(primary === 'again')}
        disabled={!isRunning}
        onClick={() => practice.tryAgain()}
      >
        {againText}
      </button>
      <button
        type="button"
        class="action"
        data-action="next_sentence"
        data-primary={String(primary === 'next')}
        disabled={!isRunning}
        onClick={() => practice.next()}
      >
        {practice.isLast ? texts.finish : isRight && !isDone ? texts.nextSentence : texts.next}
      </button>
      <button
        type="button"
        class="action"
        data-action="restart_story"
        disabled={!isRunning}
        onClick={() => practice.startOver()}
      >
        {texts.startOver}
      </button>
      <button
        type="button"
        class="action"
        data-action="stop_session"
        onClick={() => practice.stop()}
      >
        {texts.stop}
      </button>
    </div>
  );
}

/** Numbers at the parts that are to be changed, or the ring about the hand that spells. */
function useHints(learner: Learner, { session, feedback }: PracticeState): void {
  const { handedness } = useStore(learner.settings);
  const spelling = feedback === null ? (session?.spelling ?? null) : null;
  const letter = spelling?.next ?? '';
  const hold = spelling?.hold ?? 0;
  useEffect(() => {
    const marks = feedback === null ? [] : marksOf(feedback.findings);
    const ring = letter === '' ? null : { value: hold, letter, side: handedness };
    learner.studio.showHints(marks, ring);
  }, [learner, feedback, letter, hold, handedness]);
  useEffect(() => () => learner.studio.showHints([], null), [learner]);
}
