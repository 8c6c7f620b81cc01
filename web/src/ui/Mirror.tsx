import { strings } from '../strings';
import type { Studio } from '../studio';
import { Announcer } from './Announcer';
import { Controls } from './Controls';
import { Figures } from './Figures';
import { FoundParts } from './FoundParts';
import { mainData } from './main_data';
import { Stage } from './Stage';
import { useStore } from './use_store';

/** One's own video with what is found in it. */
export function Mirror({ studio }: { studio: Studio }) {
  const state = useStore(studio.store);
  return (
    <>
      <main class="page mirror" {...mainData(state)}>
        <h1 class="unseen">{strings.name}</h1>
        <Stage studio={studio} state={state} start={strings.start} />
        <Controls studio={studio} state={state} />
        <FoundParts found={state.found} active={state.phase === 'live'} />
        <Figures state={state} />
      </main>
      <Announcer state={state} start={strings.start} />
    </>
  );
}
