import type { StudioState } from '../studio';

/** The data attributes of <main> say what the page does, for tests and for style. */
export function mainData({ phase, view, found, stats, quality, problem }: StudioState) {
  const latency = stats?.latencyMedianMs;
  return {
    'data-state': phase,
    'data-view': view,
    'data-quality': quality,
    'data-profile': stats?.profile ?? undefined,
    'data-problem': problem ?? undefined,
    'data-hands': String(found.leftHand || found.rightHand),
    'data-face': String(found.face),
    'data-pose': String(found.pose),
    'data-latency-ms': latency == null ? undefined : latency.toFixed(1),
    'data-answers': stats?.answered ?? 0,
    'data-sent': stats?.sent ?? 0,
  };
}
