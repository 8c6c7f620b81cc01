/** Why there is no picture from a camera; strings.ts has the words for each. */
export type CameraProblem =
  'refused' | 'none' | 'busy' | 'unsuitable' | 'insecure' | 'old_browser' | 'ended' | 'unknown';

/** Tells from what getUserMedia() threw. `secure`: the page came over https or from this computer. */
export function cameraProblemOf(error: unknown, secure: boolean): CameraProblem {
  if (!secure) return 'insecure';
  const name = error instanceof Error ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      return 'refused';
    case 'NotFoundError':
    case 'DevicesNotFoundError':
      return 'none';
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'busy';
    case 'OverconstrainedError':
    case 'ConstraintNotSatisfiedError':
      return 'unsuitable';
    case 'SecurityError':
      return 'insecure';
    case 'NotSupportedError':
      return 'old_browser';
    default:
      return 'unknown';
  }
}
