import type { Figure } from '../../practice/figure';
import { FigurePlayer } from '../../ui/practice/FigurePlayer';

/** Lines that move, or words where there are none. */
export function Replay({
  figure,
  label,
  none,
}: {
  figure: Figure | null;
  label: string;
  none: string;
}) {
  return (
    <div class="teach-replay">
      {figure === null ? (
        <p class="teach-replay-none">{none}</p>
      ) : (
        <FigurePlayer figure={figure} label={label} />
      )}
    </div>
  );
}
