import './record.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { SentNote } from '../../ui/SentNote';
import { Stage } from '../../ui/Stage';
import { useStore } from '../../ui/use_store';
import type { Studio, StudioState } from '../../studio';
import { CYCLE, type CyclePart } from '../cycle';
import type { Film } from '../film';
import { type RecorderState, usableOf } from '../recorder';
import { glossProblem, LONGEST_GLOSS, tidyGloss } from '../rules';
import { strings } from '../strings';
import { ExampleList } from './ExampleList';
import { NonManualChoice } from './NonManualChoice';
import { described, Field, Problem } from './parts';
import type { FilmingTeacher } from './use_teacher';

const texts = strings.record;

/** Own video, what to do at the moment, and what came of it. */
export function RecordSection({
  teacher,
  studio,
  state,
}: {
  teacher: FilmingTeacher;
  studio: Studio;
  state: StudioState;
}) {
  const recorder = useStore(teacher.recorder.store);
  useEffect(() => {
    // The picture of the server comes without points, of which an example could be replayed.
    studio.hideServerPicture();
    return () => studio.restoreView();
  }, [studio]);
  const running = state.phase !== 'idle' && state.phase !== 'failed';
  const isOpen = recorder.phase === 'recording' || recorder.phase === 'saving';
  const panel = useRef<HTMLElement>(null);
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    // The button that had the focus is gone.
    if (wasOpen.current !== isOpen) panel.current?.focus({ preventScroll: true });
    wasOpen.current = isOpen;
  }, [isOpen]);
  return (
    <div class="teach-record">
      <div class="teach-record-stage">
        <Stage studio={studio} state={state} start={texts.cameraOn} />
        <SentNote studio={studio} state={state} />
        <p class="teach-buttons">
          <button
            type="button"
            class="small-button"
            onClick={() => void teacher.turnCamera(!running)}
          >
            {running ? texts.cameraOff : texts.cameraOn}
          </button>
          <span class="hint">{texts.cameraHint}</span>
        </p>
      </div>
      <section
        ref={panel}
        class="teach-panel teach-record-panel"
        aria-labelledby="record-title"
        tabIndex={-1}
      >
        {isOpen ? (
          <Recording teacher={teacher} state={recorder} />
        ) : (
          <Beginning teacher={teacher} state={recorder} />
        )}
      </section>
      {isOpen ? <ExampleList teacher={teacher} state={recorder} /> : null}
    </div>
  );
}

interface Props {
  teacher: FilmingTeacher;
  state: RecorderState<Film>;
}

function Beginning({ teacher, state }: Props) {
  const [typed, setTyped] = useState(state.saved === null ? state.gloss : '');
  const [tried, setTried] = useState(false);
  const gloss = tidyGloss(typed.trim());
  const wrong = glossProblem(gloss);
  // While somebody is still writing, nothing is wrong with an empty field.
  const shown = tried || gloss !== '' ? wrong : null;
  const begin = (event: Event): void => {
    event.preventDefault();
    setTried(true);
    setTyped(gloss);
    if (wrong === null) teacher.record(gloss);
  };
  const isWaiting = state.phase !== 'idle';
  return (
    <form onSubmit={begin} noValidate>
      <h2 id="record-title">{texts.title}</h2>
      <Saved teacher={teacher} state={state} />
      <p>{texts.intro}</p>
      <Field id="gloss" label={strings.gloss.label} hint={strings.gloss.hint} problem={shown}>
        <input
          {...described('gloss', shown)}
          class="teach-gloss-input"
          type="text"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          maxLength={LONGEST_GLOSS + 20}
          value={typed}
          disabled={isWaiting}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </Field>
      <Problem text={state.problem} />
      {isWaiting ? (
        <p role="status">{state.phase === 'asking' ? texts.asking : texts.starting}</p>
      ) : null}
      <p class="teach-buttons">
        {isWaiting ? (
          <button type="button" class="small-button" onClick={() => void teacher.end()}>
            {strings.cancel}
          </button>
        ) : (
          <button type="submit" class="main-button">
            {texts.start}
          </button>
        )}
      </p>
      <p class="hint">{texts.stored}</p>
    </form>
  );
}

function Saved({ teacher, state: { saved } }: Props) {
  if (saved === null) return null;
  const { gloss, examples } = saved;
  return (
    <div class="teach-good-news">
      <p>{texts.saved(gloss, examples)}</p>
      <button
        type="button"
        class="small-button"
        onClick={() => void teacher.show('signs').then(() => teacher.signs.look(gloss))}
      >
        {texts.look}
      </button>
    </div>
  );
}

function Recording({ teacher, state }: Props) {
  const { gloss, phase, cycle, wasNoSign, problem, nonManual, examples, needed } = state;
  const { missing } = teacher.recorder;
  const isSaving = phase === 'saving';
  return (
    <>
      <h2 id="record-title">{texts.recording(gloss)}</h2>
      <Cycle now={cycle} />
      {/* Not announced: it changes with every movement, and who signs looks elsewhere. */}
      <p class="teach-cycle-says" data-warns={String(wasNoSign)}>
        {wasNoSign ? texts.tooShort : texts.cycleSays[cycle]}
      </p>
      <Count usable={usableOf(examples)} needed={needed} />
      <NonManualChoice
        value={nonManual}
        disabled={isSaving}
        onChange={(change) => teacher.recorder.choose(change)}
      />
      <Problem text={problem} />
      <p class="teach-buttons">
        <button
          type="button"
          class="main-button"
          aria-describedby="needs"
          disabled={missing > 0 || isSaving}
          onClick={() => void teacher.save()}
        >
          {texts.save(gloss)}
        </button>
        <button
          type="button"
          class="small-button"
          disabled={isSaving}
          onClick={() => void teacher.end()}
        >
          {texts.end}
        </button>
      </p>
      <p role="status">{isSaving ? texts.saving : ''}</p>
      <p class="hint">{texts.mouse}</p>
    </>
  );
}

/** How many usable examples there are, and how many are missing. */
function Count({ usable, needed }: { usable: number; needed: number }) {
  const missing = Math.max(0, needed - usable);
  return (
    <div class="teach-needs" data-enough={String(missing === 0)}>
      <span class="teach-dots" role="img" aria-label={texts.counted(usable, needed)}>
        {Array.from({ length: Math.max(needed, usable) }, (_, index) => (
          <span key={index} class="teach-dot" data-full={String(index < usable)} />
        ))}
      </span>
      <p id="needs">{texts.needs(missing)}</p>
    </div>
  );
}

/** Rest, sign, rest: where the teacher is now. */
function Cycle({ now }: { now: CyclePart }) {
  return (
    <ol class="teach-cycle" aria-label={texts.steps}>
      {CYCLE.map((part) => (
        <li
          key={part}
          class="teach-cycle-part"
          data-part={part}
          aria-current={part === now ? 'step' : undefined}
        >
          <CycleSign part={part} />
          <span>{texts.cycle[part]}</span>
        </li>
      ))}
    </ol>
  );
}

function CycleSign({ part }: { part: CyclePart }) {
  return (
    <svg class="teach-cycle-sign" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="7" r="4" />
      {part === 'sign' ? (
        <path d="M16 13v9M16 14l-7 1-3-8M16 14l7 1 3-8" />
      ) : (
        <path d="M16 13v9M16 14l-7 3 1 9M16 14l7 3-1 9" />
      )}
    </svg>
  );
}
