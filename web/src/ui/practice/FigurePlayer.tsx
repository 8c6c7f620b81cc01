import { useMemo, useState } from 'preact/hooks';
import { boundsOf, type Figure } from '../../practice/figure';
import { strings } from '../../strings';
import { Players, type Track } from './Players';

/** One figure that moves, such as an example of a sign; nothing if there is none. */
export function FigurePlayer({ figure, label }: { figure: Figure | null; label: string }) {
  const [slow, setSlow] = useState(false);
  const tracks = useMemo((): Track[] => {
    if (figure === null) return [];
    const names = { left: strings.left, right: strings.right };
    return [{ key: label, figure, bounds: boundsOf([figure]), caption: '', label, names }];
  }, [figure, label]);
  return tracks.length === 0 ? null : <Players tracks={tracks} slow={slow} onSlow={setSlow} />;
}
