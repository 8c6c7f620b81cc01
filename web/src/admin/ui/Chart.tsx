import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { useDarkness } from '../../ui/use_darkness';
import { clock, withUnit } from '../format';
import { type Level, type Line, plotOptions } from '../plot';

const HEIGHT = 170;

type Values = (number | null)[];

interface Props {
  name: string;
  title: string;
  unit: string;
  lines: readonly Line[];
  /** Times, then the values of each line. */
  data: Values[];
  atLeast: number;
  /** What to say instead, where there is nothing to draw. */
  empty: string | null;
  levels: readonly Level[];
  text(value: number | null | undefined): string;
}

/** One chart with its figures as text: those of now, or those under the pointer. */
export function Chart(props: Props) {
  const { name, title, unit, lines, data, empty } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const levels = useRef(props.levels);
  levels.current = props.levels;
  const [pointed, setPointed] = useState<number | null>(null);
  const isDark = useDarkness();

  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const style = getComputedStyle(document.documentElement);
    const made = new uPlot(
      plotOptions({
        width: Math.max(box.clientWidth, 100),
        height: HEIGHT,
        lines,
        atLeast: props.atLeast,
        levels: () => levels.current,
        colourOf: (property) => style.getPropertyValue(property).trim(),
        onCursor: setPointed,
      }),
      data as uPlot.AlignedData,
      box,
    );
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: Math.max(box.clientWidth, 100), height: HEIGHT }),
    );
    observer.observe(box);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [isDark]);

  useEffect(() => plot.current?.setData(data as uPlot.AlignedData), [data]);

  const times = data[0] ?? [];
  const index = pointed !== null && pointed < times.length ? pointed : times.length - 1;
  const when = pointed === null ? null : (times[index] ?? null);
  return (
    <figure class="chart" data-chart={name} data-points={countOf(data)}>
      <figcaption>
        <h3>
          {title}
          {unit !== '' && <span class="chart-unit"> {unit}</span>}
        </h3>
        <p class="chart-figures">
          {when !== null && <span class="chart-time">{clock(when)}</span>}
          {lines.map((line, i) => (
            <span class="chart-figure" key={line.name}>
              {line.name !== '' && <Swatch line={line} />}
              {line.name !== '' && <span>{line.name} </span>}
              <strong>
                {withUnit(props.text(data[i + 1]?.[index]), line.name === '' ? unit : '')}
              </strong>
            </span>
          ))}
        </p>
      </figcaption>
      <div class="chart-place">
        <div ref={place} class="chart-plot" aria-hidden="true" />
        {empty !== null && <p class="chart-empty">{empty}</p>}
      </div>
    </figure>
  );
}

/** A piece of the line as it is drawn. */
function Swatch({ line }: { line: Line }) {
  return (
    <svg class="swatch" data-colour={line.colour.slice(2)} viewBox="0 0 22 6" aria-hidden="true">
      <line x1="0" y1="3" x2="22" y2="3" stroke-dasharray={(line.dash ?? []).join(' ')} />
    </svg>
  );
}

function countOf(data: Values[]): number {
  return (data[1] ?? []).filter((value) => value !== null).length;
}
