import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from '../../ui/Dialog';
import type { Board, BoardState } from '../board';
import { strings } from '../strings';
import { wholeNumber } from '../whole_number';

const { controls } = strings;
const AUTO = 'auto';

/** What may be done to all sessions and to the server. */
export function Controls({ board, state }: { board: Board; state: BoardState }) {
  const [asksToDrain, setAsksToDrain] = useState(false);
  const { overview, busy } = state;
  const isLive = state.link === 'live';
  return (
    <section class="panel controls" aria-labelledby="controls-title">
      <h2 id="controls-title">{controls.title}</h2>
      <ProfileForAll board={board} state={state} />
      <NumberForm
        name="skip"
        label={controls.skip}
        hint={controls.skipHint}
        now={controls.skipNow(overview?.quality.frame_skip_for_all ?? null)}
        most={30}
        canBeEmpty
        disabled={!isLive || busy.has('skip null')}
        onNumber={(skip) => void board.setSkip(null, skip)}
        onWrong={(sentence) => board.complain(sentence)}
      />
      <NumberForm
        name="workers"
        label={controls.workers}
        hint={controls.workersHint}
        now={overview === null ? '' : controls.workersNow(overview.workers)}
        most={256}
        disabled={!isLive || busy.has('workers')}
        onNumber={(workers) => workers !== null && void board.setWorkers(workers)}
        onWrong={(sentence) => board.complain(sentence)}
      />
      <h2>{controls.server}</h2>
      <p class="server-buttons">
        <button
          type="button"
          disabled={!isLive || busy.has('reload')}
          onClick={() => void board.reload()}
        >
          {controls.reload}
        </button>
        <button
          type="button"
          disabled={!isLive || busy.has('backup')}
          onClick={() => void board.backup()}
        >
          {controls.backup}
        </button>
        <button
          type="button"
          class="danger"
          disabled={!isLive || busy.has('drain') || overview?.draining === true}
          onClick={() => setAsksToDrain(true)}
        >
          {strings.drain.button}
        </button>
      </p>
      {asksToDrain && (
        <Dialog
          title={strings.drain.title}
          words={strings.drain.text(state.sessions?.length ?? 0)}
          confirm={strings.drain.confirm}
          stay={strings.cancel}
          onAnswer={(yes) => {
            setAsksToDrain(false);
            if (yes) void board.drain();
          }}
        />
      )}
    </section>
  );
}

function ProfileForAll({ board, state }: { board: Board; state: BoardState }) {
  const now = state.overview?.quality.profile_for_all ?? AUTO;
  const [wanted, setWanted] = useState<string | null>(null);
  return (
    <ControlForm
      name="profile"
      label={controls.profile}
      now={controls.profileNow(state.overview?.quality.profile_for_all ?? null)}
      disabled={state.link !== 'live' || state.busy.has('profile null')}
      onSubmit={() => {
        setWanted(null);
        void board.setProfile(null, wanted ?? now);
      }}
    >
      <select
        id="all-profile"
        aria-describedby="all-profile-now"
        value={wanted ?? now}
        onChange={(event) => setWanted(event.currentTarget.value)}
      >
        <option value={AUTO}>{strings.sessions.takeBack}</option>
        {Object.entries(strings.profiles).map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </ControlForm>
  );
}

interface NumberFormProps {
  name: string;
  label: string;
  hint: string;
  now: string;
  most: number;
  canBeEmpty?: boolean;
  disabled: boolean;
  onNumber(value: number | null): void;
  onWrong(sentence: string): void;
}

function NumberForm(props: NumberFormProps) {
  const { name, label, hint, most } = props;
  const [text, setText] = useState('');
  const submit = (): void => {
    const value = wholeNumber(text, most);
    if (value === 'wrong' || (value === null && !props.canBeEmpty)) {
      props.onWrong(controls.noNumber(label, 0, most));
      return;
    }
    setText('');
    props.onNumber(value);
  };
  return (
    <ControlForm
      name={name}
      label={label}
      now={`${props.now} ${hint}`}
      disabled={props.disabled}
      onSubmit={submit}
    >
      <input
        id={`all-${name}`}
        type="text"
        inputMode="numeric"
        autocomplete="off"
        aria-describedby={`all-${name}-now`}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </ControlForm>
  );
}

interface ControlFormProps {
  name: string;
  label: string;
  now: string;
  disabled: boolean;
  onSubmit(): void;
  children: ComponentChildren;
}

function ControlForm({ name, label, now, disabled, onSubmit, children }: ControlFormProps) {
  return (
    <form
      class="control"
      data-control={name}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <label for={`all-${name}`}>{label}</label>
      <div class="control-row">
        {children}
        <button type="submit" aria-label={controls.applyTo(label)} disabled={disabled}>
          {controls.apply}
        </button>
      </div>
      <p class="hint" id={`all-${name}-now`}>
        {now}
      </p>
    </form>
  );
}
