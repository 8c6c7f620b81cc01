import { describe, expect, it } from 'vitest';
import { Login } from '../src/login';
import { strings } from '../src/strings';

interface Asked {
  url: string;
  method: string;
  body: unknown;
  type: string | undefined;
}

/** A server that gives these answers in turn; null: it is not there. */
function server(...answers: (Response | null)[]) {
  const asked: Asked[] = [];
  const fetcher = async (url: string, options: RequestInit = {}) => {
    const headers = options.headers as Record<string, string> | undefined;
    asked.push({
      url,
      method: options.method ?? 'GET',
      body: options.body === undefined ? null : JSON.parse(String(options.body)),
      type: headers?.['Content-Type'],
    });
    const answer = answers.shift();
    if (!answer) throw new TypeError('Failed to fetch');
    return answer;
  };
  return { login: new Login(fetcher), asked };
}

const json = (body: object, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const ADA = { name: 'ada', role: 'learner' };
const me = (account: object | null) => json({ mode: 'accounts', account });

describe('who is signed in', () => {
  it('is what the server says', async () => {
    const { login, asked } = server(json({ mode: 'open', account: { name: 'guest' } }), me(ADA));
    expect(login.store.value.mode).toBe('unknown');
    await login.check();
    expect(login.store.value).toMatchObject({ mode: 'open', account: null });
    await login.check();
    expect(login.store.value).toMatchObject({ mode: 'accounts', account: ADA, problem: null });
    expect(asked[0]).toMatchObject({ url: '/api/auth/me', method: 'GET' });
  });

  it.each([json({}, 404), json({}, 503), null])(
    'is nobody where nobody answers',
    async (answer) => {
      const { login } = server(answer);
      await login.check();
      expect(login.store.value).toMatchObject({ mode: 'open', account: null });
    },
  );

  it('does not change because the server is away for a moment', async () => {
    const { login } = server(me(ADA), null, json({}, 503));
    await login.check();
    await login.check();
    await login.check();
    expect(login.store.value).toMatchObject({ mode: 'accounts', account: ADA });
  });

  it('is said when it is over', async () => {
    const { login } = server(me(ADA), me(null));
    await login.check();
    await login.check();
    expect(login.store.value).toMatchObject({ account: null, problem: 'expired' });
  });
});

describe('signing in', () => {
  it('sends name and password as JSON, and knows who it is then', async () => {
    const { login, asked } = server(json({ account: ADA }));
    await login.signIn('ada', 'correct horse');
    expect(asked).toEqual([
      {
        url: '/api/auth/login',
        method: 'POST',
        body: { name: 'ada', password: 'correct horse' },
        type: 'application/json',
      },
    ]);
    expect(login.store.value).toMatchObject({ account: ADA, busy: false, problem: null });
  });

  it('says in plain words why it does not work', async () => {
    const { login } = server(
      json({ error: 'x' }, 401),
      json({ error: 'x' }, 429, { 'Retry-After': '12' }),
      json({ error: 'The store rests.' }, 503),
      null,
      json({ account: ADA }),
    );
    const words = () => {
      const { problem, waitSeconds, words: said } = login.store.value;
      return problem === null ? '' : strings.login.problem(problem, waitSeconds, said);
    };
    await login.signIn('ada', 'wrong');
    expect(words()).toBe('The name or the password is wrong. Try again.');
    await login.signIn('ada', 'wrong');
    expect(words()).toContain('Wait 12 seconds');
    await login.signIn('ada', 'right');
    expect(words()).toBe('The store rests.');
    await login.signIn('ada', 'right');
    expect(words()).toContain('does not answer');
    await login.signIn('ada', 'right');
    expect(words()).toBe('');
    expect(login.store.value.busy).toBe(false);
  });

  it('is not done twice at a time', async () => {
    const { login, asked } = server(json({ account: ADA }), json({ account: ADA }));
    await Promise.all([login.signIn('ada', 'x'), login.signIn('ada', 'x')]);
    expect(asked).toHaveLength(1);
  });
});

describe('signing out and the password', () => {
  it('ends the login', async () => {
    const { login, asked } = server(me(ADA), new Response(null, { status: 204 }));
    await login.check();
    await login.signOut();
    expect(asked[1]).toMatchObject({ url: '/api/auth/logout', method: 'POST' });
    expect(login.store.value).toMatchObject({ mode: 'accounts', account: null, problem: null });
  });

  it('changes the password, or says why not', async () => {
    const { login, asked } = server(
      json({ error: 'x' }, 403),
      json({ error: 'A password must have 8 to 128 characters.' }, 400),
      new Response(null, { status: 204 }),
    );
    expect(await login.changePassword('wrong', 'battery staple')).toBe(false);
    expect(login.store.value.problem).toBe('old_wrong');
    expect(await login.changePassword('right', 'short')).toBe(false);
    expect(login.store.value).toMatchObject({ problem: 'server' });
    expect(login.store.value.words).toContain('8 to 128');
    expect(await login.changePassword('right', 'battery staple')).toBe(true);
    expect(asked[2]?.body).toEqual({ old: 'right', new: 'battery staple' });
  });

  it('notices that somebody is signed out', async () => {
    const { login } = server(me(ADA), json({ error: 'x' }, 401));
    await login.check();
    await login.changePassword('a', 'b');
    expect(login.store.value).toMatchObject({ account: null, problem: 'expired' });
  });
});
