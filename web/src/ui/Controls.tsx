import { VIEWS } from '../preferences';
import { offersServerPicture, PLACE_CHOICES } from '../place';
import { QUALITY_CHOICES, type QualityChoice, qualityStanding } from '../quality';
import { strings } from '../strings';
import type { Studio, StudioState } from '../studio';
import { SentNote } from './SentNote';

/** Start and stop; what is shown, which camera, what quality, and who looks at the video. */
export function Controls({ studio, state }: { studio: Studio; state: StudioState }) {
  const running = state.phase !== 'idle' && state.phase !== 'failed';
  return (
    <section class="controls">
      {/* One button, so that the focus stays where it is. */}
      <button
        type="button"
        class="main-button"
        data-running={String(running)}
        onClick={() => {
          if (running) studio.stop();
          else void studio.start();
        }}
      >
        <span class="main-button-sign" aria-hidden="true" />
        {running ? strings.stop : strings.start}
      </button>
      <ViewChoice studio={studio} state={state} />
      <CameraChoice studio={studio} state={state} />
      <QualityPicker studio={studio} state={state} />
      <PlacePicker studio={studio} state={state} />
    </section>
  );
}

function ViewChoice({ studio, state }: { studio: Studio; state: StudioState }) {
  const hasPicture = offersServerPicture(state.standing);
  return (
    <fieldset class="views">
      <legend>{strings.view}</legend>
      <div class="segments">
        {VIEWS.map((view) => (
          <label key={view} class="segment">
            <input
              type="radio"
              name="view"
              value={view}
              checked={state.view === view}
              disabled={view === 'server' && !hasPicture}
              aria-describedby={state.view === view ? 'view-hint' : undefined}
              onChange={() => studio.setView(view)}
            />
            <span>{strings.views[view].name}</span>
          </label>
        ))}
      </div>
      <p class="hint" id="view-hint">
        {strings.views[state.view].hint} {hasPicture ? null : strings.onlyServer}
      </p>
    </fieldset>
  );
}

function CameraChoice({ studio, state }: { studio: Studio; state: StudioState }) {
  const { cameras, cameraId } = state;
  const known = cameras.some((camera) => camera.id === cameraId);
  return (
    <div class="choice">
      <label for="camera">{strings.camera}</label>
      <select
        id="camera"
        value={known ? cameraId : ''}
        disabled={cameras.length === 0}
        onChange={(event) => void studio.selectCamera(event.currentTarget.value)}
      >
        {known ? null : <option value="">{strings.defaultCamera}</option>}
        {cameras.map((camera, index) => (
          <option key={camera.id} value={camera.id}>
            {camera.label || strings.cameraNumber(index + 1)}
          </option>
        ))}
      </select>
    </div>
  );
}

function QualityPicker({ studio, state }: { studio: Studio; state: StudioState }) {
  const { quality, qualityAnswer, phase, stats } = state;
  const place = offersServerPicture(state.standing) ? 'server' : 'home';
  const profile = stats?.profile ?? null;
  // This device asks nobody.
  const answer = place === 'home' ? { accepted: true, profile, error: '' } : qualityAnswer;
  const standing = qualityStanding(quality, phase === 'live', answer, profile);
  return (
    <div class="choice">
      <label for="quality">{strings.qualityChoice}</label>
      <select
        id="quality"
        value={quality}
        aria-describedby="quality-hint"
        onChange={(event) => studio.setQuality(event.currentTarget.value as QualityChoice)}
      >
        {QUALITY_CHOICES.map((choice) => (
          <option key={choice} value={choice}>
            {strings.qualityChoices[choice]}
          </option>
        ))}
      </select>
      {/* Said by a screen reader when it changes: what the server answered, and what became of it. */}
      <p class="hint" id="quality-hint" aria-live="polite" data-standing={standing.state}>
        {strings.qualityStanding(standing, place)}
      </p>
    </div>
  );
}

function PlacePicker({ studio, state }: { studio: Studio; state: StudioState }) {
  const { choice, pictures } = state.standing;
  const isSettled = pictures === 'never';
  return (
    <fieldset class="places">
      <legend>{strings.place}</legend>
      <div class="segments">
        {PLACE_CHOICES.map((place) => (
          <label key={place} class="segment">
            <input
              type="radio"
              name="place"
              value={place}
              checked={isSettled ? place === 'home' : choice === place}
              disabled={isSettled && place !== 'home'}
              aria-describedby="sent-note"
              onChange={() => studio.setPlace(place)}
            />
            <span>{strings.placeChoices[place]}</span>
          </label>
        ))}
      </div>
      <SentNote studio={studio} state={state} isBrief={false} />
    </fieldset>
  );
}
