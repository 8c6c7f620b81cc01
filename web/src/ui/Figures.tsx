import { strings } from '../strings';
import type { StudioState } from '../studio';

/** The strip of figures. Never announced: they change twice a second. */
export function Figures({ state }: { state: StudioState }) {
  const { stats, phase, standing } = state;
  const place = stats?.place ?? null;
  const dash = '\u2013';
  const rows: (readonly [string, string, string])[] = [
    ['connection', strings.connection, strings.states[phase]],
    ['place', strings.foundBy, phase === 'live' ? strings.foundByValue(standing) : dash],
    ['fps', strings.speed(place), stats ? strings.speedValue(stats.answersPerSecond) : dash],
    [
      'latency',
      strings.delay,
      stats ? strings.delayValue(stats.latencyMedianMs, stats.latencyP95Ms) : dash,
    ],
    ...(place === 'home'
      ? ([['service', strings.service, strings.serviceValue(stats?.serviceMs ?? null)]] as const)
      : []),
    ['profile', strings.profile, strings.profileValue(stats?.profile ?? null)],
    ['reason', strings.reason, strings.reasonValue(stats?.qualityReason ?? null, place)],
    ['skip', strings.skipping, strings.skippingValue(stats?.skipping ?? null)],
    ['pace', strings.pace, stats ? strings.paceValue(stats.advisedFps) : dash],
    [
      'sent',
      strings.frames,
      stats ? strings.framesValue(stats.sentPictures, stats.sent - stats.sentPictures) : dash,
    ],
    [
      'left-out',
      strings.leftOut,
      stats ? strings.leftOutValue(stats.replaced, stats.dropped, stats.failed) : dash,
    ],
  ];
  if (standing.measured !== null) {
    rows.push(['ability', strings.ability, strings.abilityValue(standing.measured)]);
  }
  return (
    <section class="figures" aria-labelledby="figures-title">
      <h2 id="figures-title">{strings.figures}</h2>
      <dl>
        {rows.map(([key, name, value]) => (
          <div key={key} class="figure" data-figure={key}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
