import { render } from 'preact';
import { Login } from './login';
import { Learner } from './practice/learner';
import { Studio } from './studio';
import { App } from './ui/App';

const place = document.getElementById('app');
if (place) {
  const studio = new Studio();
  const login = new Login((url, options) => fetch(url, options));
  // A connection that ends may mean that nobody is signed in any more.
  studio.store.watch(({ phase }) => {
    if (phase === 'waiting' && login.store.value.mode === 'accounts') void login.check();
  });
  login.store.watch(({ mode, account }) => {
    const signedOut = mode === 'accounts' && account === null;
    if (signedOut && studio.store.value.phase !== 'idle') studio.stop();
  });
  void login.check();
  const learner = new Learner(studio, login);
  render(<App learner={learner} />, place);
}
