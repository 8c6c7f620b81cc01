import { useState } from 'preact/hooks';
import type { Login, LoginState } from '../login';
import { strings } from '../strings';
import { mayLeave } from '../teacher/leaving';

const texts = strings.login;

/** Instead of the page while nobody is signed in. */
export function SignIn({ login, state }: { login: Login; state: LoginState }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    await login.signIn(name, password);
    setPassword('');
  };
  return (
    <main class="page" data-state="signed_out" data-login-problem={state.problem ?? undefined}>
      <form class="login" onSubmit={(event) => void submit(event)}>
        <h1>{texts.title}</h1>
        <Field
          id="login-name"
          label={texts.name}
          complete="username"
          value={name}
          onInput={setName}
        />
        <Field
          id="login-password"
          label={texts.password}
          complete="current-password"
          secret
          value={password}
          onInput={setPassword}
        />
        <Problem state={state} />
        <button type="submit" class="main-button" disabled={state.busy}>
          {texts.signIn}
        </button>
        <p class="hint">{texts.noAccount}</p>
      </form>
    </main>
  );
}

/** Who is signed in, with the way out. */
export function AccountBar({
  login,
  state,
  leave,
}: {
  login: Login;
  state: LoginState;
  leave: () => void;
}) {
  const [open, setOpen] = useState(false);
  if (state.mode !== 'accounts' || state.account === null) return null;
  return (
    <section class="account" aria-label={texts.account}>
      <p class="account-name">{texts.signedInAs(state.account.name)}</p>
      <button
        type="button"
        class="small-button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {texts.changePassword}
      </button>
      <button
        type="button"
        class="small-button"
        disabled={state.busy}
        onClick={() => {
          if (!mayLeave()) return;
          leave();
          void login.signOut();
        }}
      >
        {texts.signOut}
      </button>
      {open ? <PasswordForm login={login} state={state} /> : <Problem state={state} />}
    </section>
  );
}

function PasswordForm({ login, state }: { login: Login; state: LoginState }) {
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!(await login.changePassword(old, fresh))) return;
    setOld('');
    setFresh('');
  };
  return (
    <form class="login" onSubmit={(event) => void submit(event)}>
      <Field
        id="old-password"
        label={texts.oldPassword}
        complete="current-password"
        secret
        value={old}
        onInput={setOld}
      />
      <Field
        id="new-password"
        label={texts.newPassword}
        complete="new-password"
        secret
        value={fresh}
        onInput={setFresh}
      />
      <p class="hint">{texts.passwordRule}</p>
      <Problem state={state} />
      <p role="status">{state.changed ? texts.changed : ''}</p>
      <button type="submit" class="small-button" disabled={state.busy}>
        {texts.save}
      </button>
    </form>
  );
}

function Problem({ state }: { state: LoginState }) {
  const { problem, waitSeconds, words } = state;
  return (
    <p class="login-problem" role="alert">
      {problem === null ? '' : texts.problem(problem, waitSeconds, words)}
    </p>
  );
}

interface FieldProps {
  id: string;
  label: string;
  complete: string;
  secret?: boolean;
  value: string;
  onInput: (value: string) => void;
}

function Field({ id, label, complete, secret, value, onInput }: FieldProps) {
  const common = {
    id,
    autocomplete: complete,
    required: true,
    value,
    onInput: (event: { currentTarget: { value: string } }) => onInput(event.currentTarget.value),
  };
  return (
    <div class="choice">
      <label for={id}>{label}</label>
      {secret ? (
        <input type="password" {...common} />
      ) : (
        <input type="text" autocapitalize="none" spellcheck={false} {...common} />
      )}
    </div>
  );
}
