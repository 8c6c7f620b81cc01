import { strings } from '../strings';
import type { StudioState } from '../studio';

/**
 * What a screen reader says when the state changes: a sentence without numbers that tick. `start` is
 * what the button is called that turns the camera on.
 */
export function Announcer({ state, start }: { state: StudioState; start: string }) {
  return (
    <p class="unseen" role="status" aria-live="polite">
      {announcementOf(state, start)}
    </p>
  );
}

function announcementOf({ phase, loss, lossWords, problem }: StudioState, start: string): string {
  if (phase === 'failed') {
    // The stage says it too, but not every screen reader reads what appears there.
    const words = strings.cameraProblems(start)[problem ?? 'unknown'];
    return `${words.title} ${words.advice}`;
  }
  // The same words through all attempts, so that they are said once.
  if (loss !== null) return strings.loss(loss, lossWords);
  return phase === 'waiting' ? '' : strings.says[phase];
}
