import { strings } from '../strings';
import type { Studio, StudioState } from '../studio';
import { Controls } from './Controls';
import { FoundParts } from './FoundParts';
import { Mark } from './Mark';
import { Stage } from './Stage';
import { Figures } from './Figures';
import { useStore } from './use_store';

/** The whole page. The data attributes of <main> say what it does, for tests and for style. */
export function App({ studio }: { studio: Studio }) {
  const state = useStore(studio.store);
  const { phase, view, found, stats } = state;
  const latency = stats?.latencyMedianMs;
  return (
    <>
      <header class="top">
        <p class="brand">
          <Mark class="brand-mark" />
          <span class="brand-name">{strings.name}</span>
          <span class="brand-tagline">{strings.tagline}</span>
        </p>
        <p class="pill" data-tone={toneOf(state)}>
          <span class="pill-dot" aria-hidden="true" />
          {strings.states[phase]}
        </p>
      </header>
      <main
        class="page"
        data-state={phase}
        data-view={view}
        data-quality={state.quality}
        data-profile={stats?.profile ?? undefined}
        data-problem={state.problem ?? undefined}
        data-hands={String(found.leftHand || found.rightHand)}
        data-face={String(found.face)}
        data-pose={String(found.pose)}
        data-latency-ms={latency == null ? undefined : latency.toFixed(1)}
        data-answers={stats?.answered ?? 0}
        data-sent={stats?.sent ?? 0}
      >
        <h1 class="unseen">{strings.name}</h1>
        <Stage studio={studio} state={state} />
        <Controls studio={studio} state={state} />
        <FoundParts found={found} active={phase === 'live'} />
        <Figures state={state} />
      </main>
      <Announcer state={state} />
    </>
  );
}

/** What a screen reader says when the state changes: a sentence without numbers that tick. */
function Announcer({ state }: { state: StudioState }) {
  return (
    <p class="unseen" role="status" aria-live="polite">
      {announcementOf(state)}
    </p>
  );
}

function announcementOf({ phase, loss, lossWords, problem }: StudioState): string {
  if (phase === 'failed') {
    // The stage says it too, but not every screen reader reads what appears there.
    const words = strings.cameraProblems[problem ?? 'unknown'];
    return `${words.title} ${words.advice}`;
  }
  // The same words through all attempts, so that they are said once.
  if (loss !== null) return strings.loss(loss, lossWords);
  return phase === 'waiting' ? '' : strings.says[phase];
}

function toneOf({ phase }: StudioState): 'good' | 'busy' | 'bad' | 'calm' {
  switch (phase) {
    case 'live':
      return 'good';
    case 'asking':
    case 'connecting':
      return 'busy';
    case 'waiting':
    case 'failed':
      return 'bad';
    case 'idle':
      return 'calm';
  }
}
