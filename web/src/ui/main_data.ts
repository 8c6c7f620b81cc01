import type { StudioState } from '../studio';

/** The data attributes of <main> say what the page does, for tests and for style. */
export function mainData(state: StudioState) {
  const { phase, view, found, stats, quality, problem, standing } = state;
  const latency = stats?.latencyMedianMs;
  return {
    'data-state': phase,
    'data-view': view,
    'data-quality': quality,
    'data-place-choice': standing.choice,
    'data-place': standing.place ?? 'none',
    'data-why': standing.why,
    'data-engine': standing.engine.state,
    'data-lack': standing.engine.state === 'lacking' ? standing.engine.lack : undefined,
    'data-ability': standing.measured?.ability ?? undefined,
    'data-profile': stats?.profile ?? undefined,
    'data-problem': problem ?? undefined,
    'data-hands': String(found.leftHand || found.rightHand),
    'data-face': String(found.face),
    'data-pose': String(found.pose),
    'data-latency-ms': latency == null ? undefined : latency.toFixed(1),
    'data-answers': stats?.answered ?? 0,
    'data-sent': stats?.sent ?? 0,
    'data-sent-pictures': stats?.sentPictures ?? 0,
  };
}
