import { useEffect, useRef } from 'preact/hooks';
import type { Learner } from '../../practice/learner';
import type { PracticeState } from '../../practice/practice';
import { announcementOf } from '../../practice/words';
import { strings } from '../../strings';
import { Announcer } from '../Announcer';
import { mainData } from '../main_data';
import { useStore } from '../use_store';
import { Chooser } from './Chooser';
import { Finished } from './Finished';
import { Session } from './Session';

/** Chooses what is practised, practises it, and says how it went. */
export function Practise({ learner }: { learner: Learner }) {
  const { studio, practice } = learner;
  const camera = useStore(studio.store);
  const state = useStore(practice.store);
  const stage = stageOf(state);
  const main = useRef<HTMLElement>(null);
  const before = useRef(stage);
  useEffect(() => {
    // What had the focus is gone: it begins anew at what is shown now.
    if (before.current !== stage) {
      main.current?.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
    }
    before.current = stage;
  }, [stage]);
  useEffect(() => {
    // A camera that nobody can see at work is off.
    if (stage !== 'session') studio.stop();
  }, [studio, stage]);
  useEffect(() => {
    // They may have been recorded anew since.
    learner.forgetDrawings();
    // The picture of the server comes without points, of which there would be nothing to compare.
    studio.hideServerPicture();
    return () => {
      practice.stop();
      studio.restoreView();
    };
  }, [learner, studio, practice]);
  return (
    <>
      <main
        ref={main}
        tabIndex={-1}
        class="page practise"
        data-stage={stage}
        data-practice={state.phase}
        data-practice-mode={state.session?.mode ?? undefined}
        data-sentence={state.session?.sentenceIndex}
        data-item={state.session?.currentItem ?? undefined}
        data-accepted={state.feedback === null ? undefined : String(state.feedback.accepted)}
        data-confirmed={state.session?.spelling?.confirmed}
        {...mainData(camera)}
      >
        {stage === 'choosing' && <Chooser learner={learner} state={state} />}
        {stage === 'session' && <Session learner={learner} state={state} camera={camera} />}
        {stage === 'finished' && <Finished learner={learner} state={state} />}
      </main>
      {stage === 'session' && camera.phase !== 'live' ? (
        <Announcer state={camera} start={strings.practice.startCamera} />
      ) : (
        <p class="unseen" role="status" aria-live="polite">
          {announcementOf(state)}
        </p>
      )}
    </>
  );
}

function stageOf({ phase }: PracticeState): 'choosing' | 'session' | 'finished' {
  return phase === 'choosing' || phase === 'finished' ? phase : 'session';
}
