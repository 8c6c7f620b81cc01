import { useState } from 'preact/hooks';
import { Dialog } from '../../ui/Dialog';
import type { Board, BoardState } from '../board';
import { milliseconds, short, span, whole } from '../format';
import { strings } from '../strings';
import type { Session } from '../types';
import { Picker } from './Picker';
import { Problem } from './Problem';

const { columns } = strings.sessions;
const AUTO = 'auto';

const profileChoices = [
  { value: AUTO, text: strings.sessions.takeBack },
  ...Object.entries(strings.profiles).map(([value, text]) => ({ value, text })),
];
const skipChoices = [
  { value: AUTO, text: strings.sessions.takeBack },
  ...Array.from({ length: 31 }, (_, skip) => ({ value: String(skip), text: String(skip) })),
];

/** Who is connected, and what may be done about each. */
export function Sessions({ board, state }: { board: Board; state: BoardState }) {
  const [kicked, setKicked] = useState<Session | null>(null);
  const sessions = state.sessions ?? [];
  return (
    <section class="panel sessions" aria-labelledby="sessions-title">
      <h2 id="sessions-title">{strings.sessions.title(sessions.length)}</h2>
      <Problem sentence={state.problems.sessions} />
      {sessions.length === 0 ? (
        <p class="empty">{strings.sessions.empty}</p>
      ) : (
        // The roles stay what they are where a narrow window lays the rows out as cards.
        <table role="table">
          <thead role="rowgroup">
            <tr role="row">
              {[
                columns.learner,
                columns.connected,
                columns.profile,
                columns.rates,
                columns.latency,
                columns.answers,
                columns.lost,
                columns.change,
              ].map((text) => (
                <th role="columnheader" scope="col" key={text}>
                  {text}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {sessions.map((session) => (
              <Row
                key={session.number}
                board={board}
                session={session}
                isLive={state.link === 'live'}
                busy={state.busy}
                onKick={() => setKicked(session)}
              />
            ))}
          </tbody>
        </table>
      )}
      {kicked !== null && (
        <KickDialog session={kicked} board={board} onClose={() => setKicked(null)} />
      )}
    </section>
  );
}

interface RowProps {
  board: Board;
  session: Session;
  isLive: boolean;
  busy: ReadonlySet<string>;
  onKick(): void;
}

function Row({ board, session, isLive, busy, onKick }: RowProps) {
  const { number, frames, latency_ms: latency } = session;
  return (
    <tr
      role="row"
      data-session={number}
      data-profile={session.profile}
      data-skip={session.frame_skip}
    >
      <th role="rowheader" scope="row">
        <span class="main-line">
          <span class="number">{number}</span> {session.account ?? session.client_id}
        </span>
        <span class="more-line address">
          {session.address} {'\u00b7'} {session.protocol} {'\u00b7'}{' '}
          {strings.sessions.sends[session.place]}
        </span>
      </th>
      <Cell name="connected" label={columns.connected} main={span(session.connected_seconds)} />
      <Cell
        name="profile"
        label={columns.profile}
        main={strings.profileName(session.profile)}
        more={strings.reasonName(session.reason)}
        hint={strings.sessions.picture(
          session.jpeg_quality,
          session.resolution_scale,
          session.compression,
        )}
      />
      <Cell
        name="rates"
        label={columns.rates}
        main={strings.sessions.sent(short(session.sent_fps))}
        more={strings.sessions.advised(whole(session.advised_fps))}
      />
      <Cell
        name="latency"
        label={columns.latency}
        main={milliseconds(latency.last)}
        more={strings.sessions.mean(milliseconds(latency.mean))}
      />
      <Cell
        name="answers"
        label={columns.answers}
        main={whole(frames.answered)}
        more={strings.sessions.inferred(whole(frames.inferred))}
      />
      <Cell
        name="lost"
        label={columns.lost}
        main={strings.sessions.replaced(whole(frames.replaced))}
        more={strings.sessions.expired(whole(frames.expired))}
      />
      <Actions board={board} session={session} isLive={isLive} busy={busy} onKick={onKick} />
    </tr>
  );
}

/** What may be done to a session. */
function Actions({ board, session, isLive, busy, onKick }: RowProps) {
  const { number, frame_skip: skip } = session;
  const free = (action: string): boolean => isLive && !busy.has(`${action} ${number}`);
  return (
    <td role="cell" class="actions">
      <Picker
        label={strings.sessions.profileFor(number)}
        value={null}
        placeholder={columns.profile}
        choices={profileChoices}
        disabled={!free('profile')}
        onPick={(profile) => void board.setProfile(number, profile)}
      />
      <Picker
        label={strings.sessions.skipFor(number)}
        value={null}
        placeholder={strings.sessions.skipNow(skip)}
        choices={skipChoices}
        disabled={!free('skip')}
        onPick={(chosen) => void board.setSkip(number, chosen === AUTO ? null : Number(chosen))}
      />
      <button
        type="button"
        class="danger"
        aria-label={strings.sessions.kickOne(number)}
        disabled={!free('kick')}
        onClick={onKick}
      >
        {strings.sessions.kick}
      </button>
    </td>
  );
}

function Cell({
  name,
  label,
  main,
  more,
  hint,
}: {
  name: string;
  label: string;
  main: string;
  more?: string;
  hint?: string;
}) {
  return (
    <td role="cell" data-column={name} data-label={label} title={hint}>
      <span class="main-line">{main}</span>
      {more !== undefined && <span class="more-line">{more}</span>}
    </td>
  );
}

function KickDialog({
  session,
  board,
  onClose,
}: {
  session: Session;
  board: Board;
  onClose(): void;
}) {
  const [reason, setReason] = useState('');
  const { number, client_id: client, account } = session;
  return (
    <Dialog
      title={strings.kick.title(number, account ?? client)}
      words={strings.kick.text}
      confirm={strings.kick.confirm}
      stay={strings.cancel}
      onAnswer={(yes) => {
        onClose();
        if (yes) void board.kick(number, reason);
      }}
    >
      <label for="kick-reason">{strings.kick.reason}</label>
      <input
        id="kick-reason"
        type="text"
        value={reason}
        placeholder={strings.kick.standard}
        maxLength={120}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
    </Dialog>
  );
}
