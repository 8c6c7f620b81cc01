import type { Ability, EngineState, Pictures, Place, PlaceChoice, Why } from '../place';

/** All that counts for where the landmarks are found. */
export interface Observations {
  choice: PlaceChoice;
  pictures: Pictures;
  engine: EngineState['state'];
  /** In this session. */
  measured: Ability | null;
  /** By an earlier session of this browser, under conditions no easier than these. */
  remembered: Ability | null;
  /** The server asked for it. */
  invited: boolean;
  /** The server had no room for pictures. */
  refused: boolean;
  /** Found too slow for it while it was used, in this session. */
  lags: boolean;
  /** Loading takes longer than a learner should wait for. */
  isLate: boolean;
}

export interface Decision {
  /** Null: nowhere for now, and nothing is sent. */
  place: Place | null;
  why: Why;
  /** Whether the engine is to be loaded, if it was not. */
  loads: boolean;
  /** Whether it is to be measured now. */
  measures: boolean;
  /** Whether the server may count on this browser when it has too much to do. */
  capable: boolean;
}

/**
 * Decides where the landmarks are found. Two rules stand above all: pictures are sent neither
 * against the learner's choice nor to a server that takes none, and who chose the server stays there.
 */
export function decide(observed: Observations): Decision {
  const { choice, pictures } = observed;
  if (choice === 'home' || pictures === 'never') return atHomeOnly(observed);
  if (choice === 'server') return atServer(observed, 'chosen');
  return automatic(observed);
}

const isBroken = ({ engine }: Observations): boolean => engine === 'lacking' || engine === 'failed';

const abilityOf = ({ measured, remembered }: Observations): Ability | null =>
  measured ?? remembered;

/** Not told of one that cannot be had, whatever was measured once. */
const isCapable = (observed: Observations): boolean => {
  const ability = abilityOf(observed);
  return !isBroken(observed) && !observed.lags && ability !== null && ability !== 'slow';
};

function atHomeOnly(observed: Observations): Decision {
  const { engine, choice } = observed;
  const settled: Why = choice === 'home' ? 'chosen' : 'never';
  const rest = { loads: engine === 'off', measures: false, capable: false };
  switch (engine) {
    case 'ready':
      return { place: 'home', why: settled, ...rest };
    case 'lacking':
    case 'failed':
      return { place: null, why: engine, ...rest };
    case 'off':
    case 'loading':
      return { place: null, why: 'loading', ...rest };
  }
}

function atServer(observed: Observations, why: Why): Decision {
  return {
    place: 'server',
    why,
    loads: false,
    measures: false,
    capable: isCapable(observed),
  };
}

function automatic(observed: Observations): Decision {
  const { engine, measured, invited, refused } = observed;
  if (engine === 'lacking' || engine === 'failed') return atServer(observed, engine);
  const ability = abilityOf(observed);
  const isNeeded = invited || refused;
  // Slow at home is still better than no room at the server.
  if (observed.lags && !refused) return atServer(observed, 'lags');
  const goesHome = ability === 'balanced' || (ability === 'high_performance' && isNeeded);
  const loads = engine === 'off';
  if (!goesHome) {
    const measures = engine === 'ready' && measured === null;
    return { ...atServer(observed, stayReason(observed)), loads, measures };
  }
  const rest = { loads, measures: false, capable: isCapable(observed) };
  if (engine === 'ready') return { place: 'home', why: homeReason(observed), ...rest };
  // What was fast enough before is waited for; with an engine that was never seen to work it is not.
  const waits = measured !== null || ability === 'balanced' || refused;
  return waits && !observed.isLate
    ? { place: null, why: 'loading', ...rest }
    : { place: 'server', why: 'loading', ...rest };
}

function homeReason({ invited, refused, measured, remembered }: Observations): Why {
  if (invited) return 'invited';
  if (refused) return 'refused';
  return (measured ?? remembered) === 'balanced' ? 'fast' : 'coarse';
}

function stayReason({ engine, measured }: Observations): Why {
  if (measured === 'slow') return 'slow';
  if (measured === 'high_performance') return 'coarse';
  switch (engine) {
    case 'ready':
      return 'measuring';
    case 'loading':
      return 'loading';
    default:
      return 'unknown';
  }
}
