import type uPlot from 'uplot';
import { WINDOW_SECONDS } from './history';

/** How one line is drawn. Lines differ by dash as well as by colour. */
export interface Line {
  name: string;
  /** A custom property of the style sheet. */
  colour: string;
  dash?: number[];
  filled?: boolean;
}

/** A level across the chart, such as that of an alert. */
export interface Level {
  value: number;
  text: string;
  colour: string;
}

export interface PlotInput {
  width: number;
  height: number;
  lines: readonly Line[];
  /** The vertical scale reaches at least this far. */
  atLeast: number;
  levels: () => readonly Level[];
  colourOf(property: string): string;
  onCursor(index: number | null): void;
}

/** "12:05" by the reader's clock. */
export function timeLabel(seconds: number): string {
  const date = new Date(seconds * 1000);
  return [date.getHours(), date.getMinutes()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** From 0 to a little above the highest value; `atLeast` where there is little. */
export function valueRange(highest: number | null, atLeast: number): [number, number] {
  return [0, Math.max(atLeast, (highest ?? 0) * 1.15)];
}

/** Always ten minutes, so that a chart that begins grows in from the right. */
export function timeRange(last: number | null): [number, number] {
  const end = last ?? 0;
  return [end - WINDOW_SECONDS + 1, end];
}

/** The options of one chart; its colours are those of the moment. */
export function plotOptions(input: PlotInput): uPlot.Options {
  const { colourOf } = input;
  const axis = {
    stroke: colourOf('--quiet'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: colourOf('--grid'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: input.width,
    height: input.height,
    legend: { show: false },
    padding: [8, 4, 0, 0],
    cursor: { drag: { x: false, y: false }, sync: { key: 'storysign' }, y: false },
    scales: {
      x: { time: true, range: (_plot, _low, high) => timeRange(high) },
      y: { range: (_plot, _low, high) => valueRange(high, input.atLeast) },
    },
    axes: [
      { ...axis, size: 24, space: 70, values: (_plot, splits) => splits.map(timeLabel) },
      { ...axis, size: 44, space: 28 },
    ],
    series: [
      {},
      ...input.lines.map((line): uPlot.Series => ({
        label: line.name,
        stroke: colourOf(line.colour),
        width: 1.5,
        ...(line.dash ? { dash: line.dash } : {}),
        ...(line.filled ? { fill: `${colourOf(line.colour)}22` } : {}),
        spanGaps: false,
        points: { show: false },
      })),
    ],
    hooks: {
      draw: [(plot) => drawLevels(plot, input)],
      setCursor: [(plot) => input.onCursor(plot.cursor.idx ?? null)],
    },
  };
}

function drawLevels(plot: uPlot, input: PlotInput): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.lineWidth = devicePixelRatio;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
  for (const level of input.levels()) {
    const top = plot.valToPos(level.value, 'y', true);
    if (top < bbox.top || top > bbox.top + bbox.height) continue;
    ctx.strokeStyle = ctx.fillStyle = input.colourOf(level.colour);
    ctx.beginPath();
    ctx.moveTo(bbox.left, top);
    ctx.lineTo(bbox.left + bbox.width, top);
    ctx.stroke();
    ctx.fillText(level.text, bbox.left + 4 * devicePixelRatio, top - 2 * devicePixelRatio);
  }
  ctx.restore();
}
