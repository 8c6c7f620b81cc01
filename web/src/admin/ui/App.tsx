import { Mark } from '../../ui/Mark';
import { Pill } from '../../ui/Pill';
import { useStore } from '../../ui/use_store';
import type { Board, BoardState } from '../board';
import { strings } from '../strings';
import { Alerts } from './Alerts';
import { Charts } from './Charts';
import { Controls } from './Controls';
import { LogLevels } from './LogLevels';
import { NoticeList } from './NoticeList';
import { Sessions } from './Sessions';
import { SignIn } from './SignIn';
import { Tiles } from './Tiles';

/** The whole dashboard. The data attributes of <main> say what it does, for tests and for style. */
export function App({ board }: { board: Board }) {
  const state = useStore(board.store);
  return (
    <>
      <Top board={board} state={state} />
      {state.access === 'in' ? (
        <main class="page" data-access="in" data-link={state.link}>
          <AwayBanner state={state} />
          <Tiles overview={state.overview} problem={state.problems.overview} />
          <Alerts alerts={state.alerts} problem={state.problems.alerts} />
          <Charts history={state.history} alerts={state.alerts} problem={state.problems.history} />
          <Sessions board={board} state={state} />
          <div class="panels">
            <Controls board={board} state={state} />
            <LogLevels board={board} state={state} />
          </div>
        </main>
      ) : (
        <main class="page page-narrow" data-access={state.access} data-link={state.link}>
          <SignIn board={board} state={state} />
        </main>
      )}
      <NoticeList board={board} notices={state.notices} />
    </>
  );
}

function Top({ board, state }: { board: Board; state: BoardState }) {
  const isIn = state.access === 'in';
  return (
    <header class="top">
      <div class="brand">
        <Mark class="brand-mark" />
        <h1>
          <span class="brand-name">{strings.name}</span>{' '}
          <span class="brand-title">{strings.title}</span>
        </h1>
      </div>
      {isIn && (
        <div class="standing">
          <Standing state={state} />
          <AlertPill state={state} />
          <button type="button" onClick={() => board.signOut()}>
            {strings.signIn.out}
          </button>
        </div>
      )}
    </header>
  );
}

function Standing({ state: { link, overview } }: { state: BoardState }) {
  if (link === 'away') return <Pill tone="bad" text={strings.states.away} />;
  if (overview === null) return null;
  if (overview.draining) return <Pill tone="busy" text={strings.states.draining} />;
  return overview.ready ? (
    <Pill tone="good" text={strings.states.ready} />
  ) : (
    <Pill tone="busy" text={strings.states.stopped} />
  );
}

function AlertPill({ state: { link, overview } }: { state: BoardState }) {
  if (overview === null || link === 'away') return null;
  const { warning, critical } = overview.alerts;
  const tone = critical > 0 ? 'bad' : warning > 0 ? 'busy' : 'calm';
  return <Pill tone={tone} text={strings.alertSummary(warning, critical)} />;
}

function AwayBanner({ state }: { state: BoardState }) {
  const { link, answeredAtMs, nowMs } = state;
  const silent = answeredAtMs === null ? null : Math.round((nowMs - answeredAtMs) / 1000);
  return (
    <>
      {/* Said once by a screen reader; the seconds that tick are only shown. */}
      <p class="unseen" role="status">
        {link === 'away' ? strings.link.away(null) : ''}
      </p>
      {link === 'away' && (
        <p class="banner" data-tone="bad">
          <span class="sign" aria-hidden="true">
            !
          </span>
          {strings.link.away(silent)}
        </p>
      )}
      {link === 'loading' && <p class="banner">{strings.link.loading}</p>}
    </>
  );
}
