import { useMemo } from 'preact/hooks';
import { whole, short } from '../format';
import { hasPoints, type History } from '../history';
import type { Level, Line } from '../plot';
import { strings } from '../strings';
import type { Alert, SeriesName } from '../types';
import { Chart } from './Chart';
import { Problem } from './Problem';

const { charts } = strings;

interface Kind {
  name: string;
  title: string;
  unit: string;
  series: SeriesName[];
  lines: Line[];
  atLeast: number;
  empty: string;
  text: (value: number | null | undefined) => string;
  /** The alert whose thresholds belong into the chart, in the chart's own unit. */
  alert?: string;
}

const kinds: Kind[] = [
  {
    name: 'latency',
    title: charts.latency,
    unit: charts.units.ms,
    series: ['latency_p95_ms'],
    lines: [{ name: '', colour: '--line-1', filled: true }],
    atLeast: 50,
    empty: charts.noFrames,
    text: short,
    alert: 'latency_p95',
  },
  {
    name: 'frames',
    title: charts.frames,
    unit: charts.units.perSecond,
    series: ['fps_inferred', 'fps_propagated', 'fps_dropped'],
    lines: [
      { name: charts.inferred, colour: '--line-1', filled: true },
      { name: charts.propagated, colour: '--line-2', dash: [6, 3] },
      { name: charts.dropped, colour: '--line-3', dash: [2, 3] },
    ],
    atLeast: 10,
    empty: charts.noFrames,
    text: short,
  },
  {
    name: 'cpu',
    title: charts.cpu,
    unit: charts.units.percent,
    series: ['cpu_percent'],
    lines: [{ name: '', colour: '--line-1', filled: true }],
    atLeast: 100,
    empty: charts.empty,
    text: short,
    alert: 'cpu',
  },
  {
    name: 'memory',
    title: charts.memory,
    unit: charts.units.mib,
    series: ['memory_mib'],
    lines: [{ name: '', colour: '--line-1', filled: true }],
    atLeast: 256,
    empty: charts.empty,
    text: whole,
    alert: 'memory',
  },
  {
    name: 'sessions',
    title: charts.sessions,
    unit: charts.units.count,
    series: ['sessions'],
    lines: [{ name: '', colour: '--line-1', filled: true }],
    atLeast: 4,
    empty: charts.empty,
    text: whole,
  },
];

interface Props {
  history: History;
  alerts: readonly Alert[] | null;
  problem?: string | undefined;
}

/** The last ten minutes in lines. */
export function Charts({ history, alerts, problem }: Props) {
  return (
    <section class="charts" aria-labelledby="charts-title">
      <h2 id="charts-title">{charts.title}</h2>
      <Problem sentence={problem} />
      <div class="charts-grid">
        {kinds.map((kind) => (
          <OneChart key={kind.name} kind={kind} history={history} alerts={alerts} />
        ))}
      </div>
    </section>
  );
}

function OneChart({
  kind,
  history,
  alerts,
}: {
  kind: Kind;
  history: History;
  alerts: Props['alerts'];
}) {
  const data = useMemo(
    () => [history.times, ...kind.series.map((name) => history.series[name])],
    [history],
  );
  return (
    <Chart
      name={kind.name}
      title={kind.title}
      unit={kind.unit}
      lines={kind.lines}
      data={data}
      atLeast={kind.atLeast}
      empty={hasPoints(history, kind.series) ? null : kind.empty}
      levels={levelsOf(kind, alerts)}
      text={kind.text}
    />
  );
}

function levelsOf(kind: Kind, alerts: Props['alerts']): Level[] {
  const alert = alerts?.find(({ name }) => name === kind.alert);
  // A threshold in another unit has no place in this chart.
  if (!alert || alert.unit !== kind.unit) return [];
  return [
    { value: alert.warning_at, text: strings.alerts.levels.warning, colour: '--busy' },
    { value: alert.critical_at, text: strings.alerts.levels.critical, colour: '--bad' },
  ];
}
