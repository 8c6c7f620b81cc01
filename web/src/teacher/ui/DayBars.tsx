import { strings } from '../strings';
import type { Day } from '../types';

const texts = strings.learners;

const HEIGHT = 32;
const STEP = 10;
const WIDTH = 7;
/** Of a day with a single attempt among days with many. */
const LEAST = 3;

/** A bar for each day; its full part is what was accepted. */
export function DayBars({ name, days }: { name: string; days: readonly Day[] }) {
  const most = Math.max(1, ...days.map(({ attempts }) => attempts));
  const heightOf = (count: number): number =>
    count === 0 ? 0 : Math.max(LEAST, (HEIGHT * count) / most);
  return (
    <svg
      class="teach-bars"
      viewBox={`0 0 ${STEP * days.length} ${HEIGHT + 2}`}
      role="img"
      aria-label={wordsOf(name, days)}
    >
      {days.map(({ date, attempts, accepted }, index) => {
        const x = index * STEP + (STEP - WIDTH) / 2;
        const all = heightOf(attempts);
        const part = all * Math.min(1, accepted / Math.max(1, attempts));
        return (
          <g key={date}>
            <title>{texts.bar(date, attempts, accepted)}</title>
            <rect class="teach-bar-base" x={x} y={HEIGHT} width={WIDTH} height="2" />
            <rect class="teach-bar-all" x={x} y={HEIGHT - all} width={WIDTH} height={all} />
            <rect class="teach-bar-part" x={x} y={HEIGHT - part} width={WIDTH} height={part} />
          </g>
        );
      })}
    </svg>
  );
}

function wordsOf(name: string, days: readonly Day[]): string {
  const practised = days.filter(({ attempts }) => attempts > 0);
  const most = practised.reduce<Day | null>(
    (best, day) => (best === null || day.attempts > best.attempts ? day : best),
    null,
  );
  return texts.bars(name, practised.length, most?.attempts ?? 0, most?.date ?? '');
}
