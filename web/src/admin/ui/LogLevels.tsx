import type { Board, BoardState } from '../board';
import { strings } from '../strings';
import type { LogLevels as Levels } from '../types';
import { Picker } from './Picker';
import { Problem } from './Problem';

const AS_ALL = 'as all';
const ALL = 'all';

/** How much each room writes to the log. */
export function LogLevels({ board, state }: { board: Board; state: BoardState }) {
  const { levels, link, busy, problems } = state;
  const rooms = levels === null ? [] : roomsOf(levels);
  return (
    <section class="panel log-levels" aria-labelledby="log-title">
      <h2 id="log-title">{strings.log.title}</h2>
      <Problem sentence={problems.log} />
      {levels === null && <p class="hint">{strings.log.loading}</p>}
      <ul>
        {rooms.map((room) => (
          <li key={room} data-room={room}>
            <span>{room === ALL ? strings.log.all : room}</span>
            <Picker
              label={strings.log.levelFor(room)}
              value={levels?.[room] ?? AS_ALL}
              choices={choicesFor(room, levels?.[room])}
              disabled={link !== 'live' || busy.has('log')}
              onPick={(level) => void board.setLevel(room, level === AS_ALL ? null : level)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** All first, then every room: those without a level of their own write as all do. */
function roomsOf(levels: Levels): string[] {
  const names = new Set([...strings.log.rooms, ...Object.keys(levels)]);
  names.delete(ALL);
  return [ALL, ...[...names].sort()];
}

/** The levels there are, with the one in force even if this page does not know it. */
function choicesFor(room: string, now: string | undefined) {
  const names = [...strings.log.levels];
  if (now !== undefined && !names.includes(now)) names.push(now);
  const choices = names.map((name) => ({ value: name, text: name }));
  return room === ALL ? choices : [...choices, { value: AS_ALL, text: strings.log.asAll }];
}
