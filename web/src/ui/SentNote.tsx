import { actionsOf, type PlaceAction, type Sent, sentOf } from '../place';
import { strings } from '../strings';
import type { Phase, Studio, StudioState } from '../studio';

/**
 * The sentence that says what leaves the device, why, and what the learner can do about it. A screen
 * reader says it whenever it changes.
 */
export function SentNote({
  studio,
  state,
  isBrief = true,
}: {
  studio: Studio;
  state: StudioState;
  /** Under a stage: in fewer words, with a button to the other place. Else it is beside the choice. */
  isBrief?: boolean;
}) {
  const { standing, phase } = state;
  const sent = sentOf(standing, partOf(phase));
  const isOff = partOf(phase) === 'off';
  const actions = isOff ? [] : actionsOf(standing, isBrief);
  // Before the camera runs there is nothing to explain but what the school wants.
  const why = isOff && standing.pictures !== 'never' ? '' : strings.placeWhy(standing);
  const act: Record<PlaceAction, () => void> = {
    use_home: () => studio.setPlace('home'),
    use_server: () => studio.setPlace('server'),
    try_again: () => studio.tryHomeAgain(),
  };
  return (
    <div class="sent" data-sent={sent} data-brief={String(isBrief)}>
      <p class="sent-words" id="sent-note" aria-live="polite">
        <svg class="sent-sign" viewBox="0 0 16 16" aria-hidden="true">
          <path d={signOf(sent)} />
        </svg>
        <span>{(isBrief ? strings.sentBriefly : strings.sent)[sent]}</span>
      </p>
      {/* The stage above says it to who sees, but not every screen reader reads what appears there. */}
      <p
        class={isBrief && standing.place === null ? 'unseen' : 'hint'}
        data-place-why
        aria-live="polite"
      >
        {[standing.invitation, why].filter((words) => words !== '').join(' ')}
      </p>
      {!isOff && standing.engine.state === 'loading' && standing.why === 'loading' ? (
        <progress
          class="sent-progress"
          aria-label={strings.loading}
          value={standing.engine.share}
        />
      ) : null}
      {actions.length === 0 ? null : (
        <p class="sent-actions">
          {actions.map((action) => (
            <button
              key={action}
              type="button"
              class="small-button"
              data-place-action={action}
              onClick={act[action]}
            >
              {strings.placeActions[action]}
            </button>
          ))}
        </p>
      )}
    </div>
  );
}

function partOf(phase: Phase): 'off' | 'connecting' | 'live' {
  switch (phase) {
    case 'live':
      return 'live';
    case 'connecting':
    case 'waiting':
      return 'connecting';
    default:
      return 'off';
  }
}

/** A house, an arrow that leaves, or a pause: the words beside it say the same. */
function signOf(sent: Sent): string {
  switch (sent) {
    case 'landmarks':
    case 'will_landmarks':
    case 'will_begin_here':
      return 'M2.5 8 L8 3 L13.5 8 M4.2 7 V13 H11.8 V7';
    case 'pictures':
    case 'will_pictures':
    case 'will_begin_there':
      return 'M8 13.5 V3 M3.8 7.2 L8 3 L12.2 7.2';
    case 'nothing_yet':
    case 'no_connection':
      return 'M5.5 4 V12 M10.5 4 V12';
  }
}
