import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Learner } from '../practice/learner';
import { addressOf, mayTeach, usesCamera, type ViewName, viewsFor } from '../routes';
import { strings } from '../strings';
import type { StudioState } from '../studio';
import { TeacherPage } from '../teacher/ui/TeacherPage';
import { Mark } from './Mark';
import { Mirror } from './Mirror';
import { Pill, type Tone } from './Pill';
import { Practise } from './practice/Practise';
import { ProgressView } from './progress/ProgressView';
import { AccountBar, SignIn } from './SignIn';
import { useStore } from './use_store';
import { useView } from './use_view';

/** The whole page, or the form to sign in where that is needed first. */
export function App({ learner }: { learner: Learner }) {
  const { login } = learner;
  const who = useStore(login.store);
  if (who.mode === 'unknown') return null;
  if (who.mode === 'accounts' && who.account === null) {
    return (
      <>
        <header class="top">
          <Brand />
        </header>
        <SignIn login={login} state={who} />
      </>
    );
  }
  return <Shell learner={learner} />;
}

function Brand() {
  return (
    <p class="brand">
      <Mark class="brand-mark" />
      <span class="brand-name">{strings.name}</span>
      <span class="brand-tagline">{strings.tagline}</span>
    </p>
  );
}

/** The head with the ways to the views, and the one that the address names. */
function Shell({ learner }: { learner: Learner }) {
  const { studio, login } = learner;
  const state = useStore(studio.store);
  const who = useStore(login.store);
  const teaches = mayTeach(who.mode, who.account?.role ?? null);
  const views = useMemo(() => viewsFor(teaches), [teaches]);
  const view = useView(views);
  useFocusOnMain(view);
  useEffect(() => {
    // A camera that nobody can see at work is off.
    if (!usesCamera(view)) studio.stop();
    document.title =
      view === 'mirror' ? strings.name : `${strings.tabs[view]} \u2013 ${strings.name}`;
  }, [studio, view]);
  return (
    <>
      <header class="top">
        <Brand />
        <Tabs views={views} shown={view} />
        <Pill tone={toneOf(state)} text={strings.states[state.phase]} />
        <AccountBar login={login} state={who} leave={() => studio.stop()} />
      </header>
      <View view={view} learner={learner} />
    </>
  );
}

function View({ view, learner }: { view: ViewName; learner: Learner }) {
  const { studio, login } = learner;
  switch (view) {
    case 'mirror':
      return <Mirror studio={studio} />;
    case 'practise':
      return <Practise learner={learner} />;
    case 'progress':
      return <ProgressView learner={learner} />;
    case 'teach':
      return <TeacherPage studio={studio} login={login} link={studio.link} />;
  }
}

/** Links, so that each view has an address that can be kept, sent and gone back to. */
function Tabs({ views, shown }: { views: readonly ViewName[]; shown: ViewName }) {
  return (
    <nav class="tabs" aria-label={strings.tabsLabel}>
      {views.map((view) => (
        <a
          key={view}
          class="tab"
          href={addressOf(view)}
          aria-current={view === shown ? 'page' : undefined}
        >
          {strings.tabs[view]}
        </a>
      ))}
    </nav>
  );
}

/**
 * Whenever a view is shown, the focus begins at it: with the keyboard, the next stop is the first
 * control of the view; the ways to the others are the ones before.
 */
function useFocusOnMain(view: ViewName): void {
  const before = useRef<ViewName | null>(null);
  useEffect(() => {
    const main = document.querySelector('main');
    if (!main || before.current === view) return;
    before.current = view;
    main.tabIndex = -1;
    main.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }, [view]);
}

function toneOf({ phase }: StudioState): Tone {
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
