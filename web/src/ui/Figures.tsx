import { strings } from '../strings';
import type { StudioState } from '../studio';

/** The strip of figures. Never announced: they change twice a second. */
export function Figures({ state }: { state: StudioState }) {
  const { stats, phase } = state;
  const dash = '\u2013';
  const rows: readonly [string, string, string][] = [
    ['connection', strings.connection, strings.states[phase]],
    ['fps', strings.speed, stats ? strings.speedValue(stats.answersPerSecond) : dash],
    [
      'latency',
      strings.delay,
      stats ? strings.delayValue(stats.latencyMedianMs, stats.latencyP95Ms) : dash,
    ],
    ['profile', strings.profile, strings.profileValue(stats?.profile ?? null)],
    ['reason', strings.reason, strings.reasonValue(stats?.qualityReason ?? null)],
    ['skip', strings.skipping, strings.skippingValue(stats?.skipping ?? null)],
    ['pace', strings.pace, stats ? strings.paceValue(stats.advisedFps) : dash],
    ['sent', strings.frames, stats ? strings.framesValue(stats.sent) : dash],
    [
      'left-out',
      strings.leftOut,
      stats ? strings.leftOutValue(stats.replaced, stats.dropped, stats.failed) : dash,
    ],
  ];
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
