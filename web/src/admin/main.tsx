import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './ui/style.css';
import { Api } from './api';
import { Board } from './board';
import { TokenKeeper } from './token';
import { App } from './ui/App';

function storage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    // The browser forbids it.
    return null;
  }
}

const board = new Board({
  api: (token) => new Api(token),
  tokens: new TokenKeeper(storage()),
  now: () => Date.now(),
  later: (action, delayMs) => {
    const timer = window.setTimeout(action, delayMs);
    return () => window.clearTimeout(timer);
  },
});

const place = document.getElementById('app');
if (place) render(<App board={board} />, place);
