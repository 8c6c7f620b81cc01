import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { columnsOf, type DayColumns } from '../../practice/progress';
import type { Day } from '../../practice/types';
import { strings } from '../../strings';
import { useDarkness } from '../use_darkness';

const texts = strings.progress;
const HEIGHT = 220;
const LEAST_WIDTH = 120;

/** Attempts of each day as bars, what was right of them as fuller bars before these. */
export function DaysChart({ days, now }: { days: readonly Day[]; now: number }) {
  const columns = useMemo(() => columnsOf(days, now), [days, now]);
  const place = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const isDark = useDarkness();
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const width = (): number => Math.max(box.clientWidth, LEAST_WIDTH);
    const plot = new uPlot(
      optionsOf(columns, width(), setPointed),
      [columns.times, bars(columns.attempts), bars(columns.accepted)],
      box,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: width(), height: HEIGHT }));
    observer.observe(box);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [columns, isDark]);
  const last = columns.times.length - 1;
  const at = pointed !== null && pointed <= last ? pointed : last;
  return (
    <section class="panel days" aria-labelledby="days-title">
      <h2 id="days-title">{texts.days}</h2>
      <p class="days-legend">
        <span class="swatch" data-series="attempts" aria-hidden="true" />
        {texts.daysLegend.attempts}
        <span class="swatch" data-series="accepted" aria-hidden="true" />
        {texts.daysLegend.accepted}
        <span class="days-figures">{figuresOf(columns, at)}</span>
      </p>
      <div ref={place} class="days-plot" aria-hidden="true" />
      <DaysTable days={days} />
    </section>
  );
}

/** The same for those who do not see the chart. */
function DaysTable({ days }: { days: readonly Day[] }) {
  return (
    <details>
      <summary>{texts.daysTable}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.date}</th>
            <th scope="col">{texts.daysLegend.attempts}</th>
            <th scope="col">{texts.daysLegend.accepted}</th>
          </tr>
        </thead>
        <tbody>
          {[...days].reverse().map(({ date, attempts, accepted }) => (
            <tr key={date}>
              <th scope="row">{dayName(Date.parse(date) / 1000)}</th>
              <td>{attempts}</td>
              <td>{accepted}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** A day without any has no bar, not even a flat one. */
function bars(counts: readonly number[]): (number | null)[] {
  return counts.map((count) => (count === 0 ? null : count));
}

function figuresOf({ times, attempts, accepted }: DayColumns, index: number): string {
  return texts.dayFigures(dayName(times[index] ?? 0), attempts[index] ?? 0, accepted[index] ?? 0);
}

/** Days are those of UTC, as the server counts them. */
function dayName(seconds: number): string {
  return new Date(1000 * seconds).toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  });
}

function optionsOf(
  { attempts }: DayColumns,
  width: number,
  onCursor: (index: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colourOf = (name: string): string => style.getPropertyValue(name).trim();
  const paths = uPlot.paths.bars?.({ size: [0.7, 26], radius: 0.2 });
  const bar: uPlot.Series = {
    ...(paths === undefined ? {} : { paths }),
    stroke: colourOf('--accent'),
    width: 1,
    points: { show: false },
  };
  const axis = {
    stroke: colourOf('--quiet'),
    font: '12px system-ui, sans-serif',
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
    tzDate: (seconds) => uPlot.tzDate(new Date(1000 * seconds), 'Etc/UTC'),
    scales: {
      x: { time: true, range: (_plot, low, high) => [low - 43_200, high + 43_200] },
      // Room for the highest bar, and whole numbers where there are few attempts.
      y: { range: () => [0, Math.max(4, 1.15 * Math.max(...attempts))] },
    },
    axes: [
      {
        ...axis,
        size: 30,
        grid: { show: false },
        space: 60,
        values: (_plot, splits) => splits.map(dayName),
      },
      {
        ...axis,
        size: 36,
        space: 36,
        grid: { stroke: colourOf('--edge'), width: 1 },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      },
    ],
    series: [
      {},
      { ...bar, fill: colourOf('--accent-soft') },
      { ...bar, fill: colourOf('--accent') },
    ],
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] },
  };
}
