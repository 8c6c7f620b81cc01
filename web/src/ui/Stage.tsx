import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { sentOf } from '../place';
import { strings } from '../strings';
import type { Studio, StudioState } from '../studio';
import { Mark } from './Mark';

/** The learner's video with the lines over it, or what there is to say instead. */
export function Stage({
  studio,
  state,
  start,
  children,
}: {
  studio: Studio;
  state: StudioState;
  /** What the button is called that turns the camera on. */
  start: string;
  /** What lies over the lines. */
  children?: ComponentChildren;
}) {
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    studio.attach(video.current, canvas.current);
    return () => studio.attach(null, null);
  }, [studio]);
  const running = state.phase !== 'idle' && state.phase !== 'failed' && state.phase !== 'asking';
  return (
    <section
      class="stage"
      aria-label={strings.stage}
      data-running={String(running)}
      style={{ aspectRatio: String(state.aspect) }}
    >
      <video
        ref={video}
        class="stage-video"
        data-hidden={String(!running || state.view !== 'video')}
        muted
        playsInline
      />
      <canvas ref={canvas} class="stage-lines" />
      {children}
      <Message state={state} start={start} />
    </section>
  );
}

function Message({ state, start }: { state: StudioState; start: string }) {
  const { phase, link, problem } = state;
  const privacy = strings.privacy(sentOf(state.standing, 'off'));
  if (phase === 'idle') {
    return (
      <div class="card">
        <Mark class="card-mark" />
        <h2>{strings.privacyTitle}</h2>
        <p>{privacy}</p>
        <p>{strings.askFirst(start)}</p>
      </div>
    );
  }
  if (phase === 'asking') {
    return (
      <div class="card">
        <h2>{strings.askingTitle}</h2>
        <p>{strings.asking}</p>
        <p>{privacy}</p>
      </div>
    );
  }
  if (phase === 'failed') {
    const { title, advice } = strings.cameraProblems(start)[problem ?? 'unknown'];
    return (
      <div class="card" data-tone="bad">
        <h2>
          <span class="sign" aria-hidden="true">
            !
          </span>
          {title}
        </h2>
        <p>{advice}</p>
      </div>
    );
  }
  if (phase === 'waiting' && link.state === 'waiting') {
    return <p class="banner">{strings.lossWithDelay(link.reason, link.words, link.delayMs)}</p>;
  }
  if (phase === 'live' && state.standing.place === null) {
    return <p class="banner">{strings.placeWhy(state.standing)}</p>;
  }
  return phase === 'connecting' ? <p class="banner">{strings.says.connecting}</p> : null;
}
