import { render } from 'preact';
import { Studio } from './studio';
import { App } from './ui/App';

const place = document.getElementById('app');
if (place) render(<App studio={new Studio()} />, place);
