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
  /** Whether it is of no use any more: it takes much memory. */
  unloads: boolean;
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
  const rest = { loads: engine === 'off', unloads: false, measures: false, capable: false };
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
    unloads: false,
    measures: false,
    capable: isCapable(observed),
  };
}

function automatic(observed: Observations): Decision {
  const { engine, measured, invited, refused, lags } = observed;
  if (engine === 'lacking' || engine === 'failed') return atServer(observed, engine);
  const ability = abilityOf(observed);
  const isNeeded = invited || refused;
  // Slow here is still better than no room there.
  const isGoodEnough = lags
    ? refused
    : ability === 'balanced' || (ability === 'high_performance' && isNeeded);
  if (!isGoodEnough) {
    const isHopeless = measured === 'slow';
    return {
      ...atServer(observed, stayReason(observed)),
      loads: engine === 'off' && !isHopeless,
      unloads: engine !== 'off' && isHopeless,
      measures: engine === 'ready' && measured === null,
    };
  }
  const rest = {
    loads: engine === 'off',
    unloads: false,
    measures: false,
    capable: isCapable(observed),
  };
  if (engine === 'ready') return { place: 'home', why: homeReason(observed), ...rest };
  // What is fast enough is waited for, though not for ever; where there is no room there is nothing
  // else to do.
  const waits = refused || (ability === 'balanced' && !observed.isLate);
  return { place: waits ? null : 'server', why: 'loading', ...rest };
}

function homeReason(observed: Observations): Why {
  if (abilityOf(observed) === 'balanced') return 'fast';
  return observed.refused ? 'refused' : 'invited';
}

function stayReason({ engine, measured, lags }: Observations): Why {
  if (lags) return 'lags';
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
