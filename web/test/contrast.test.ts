import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { coloursIn, contrast } from './colours';

const css = readFileSync(path.resolve(import.meta.dirname, '../src/ui/styles/base.css'), 'utf8');
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');

const texts: [string, string][] = [
  ['text', 'ground'],
  ['text', 'surface'],
  ['text', 'accent-soft'],
  ['quiet', 'ground'],
  ['quiet', 'surface'],
  ['quiet', 'accent-soft'],
  ['accent-text', 'accent'],
  ['bad', 'surface'],
  ['stage-text', 'stage'],
  ['stage-quiet', 'stage'],
];
/** Lines and edges by which something is known. */
const shapes = ['accent', 'good', 'bad', 'busy', 'edge-strong'];

describe.each([
  ['light', coloursIn(light)],
  ['dark', new Map([...coloursIn(light), ...coloursIn(dark.split('\n}\n')[0] ?? '')])],
])('the colours of the %s scheme', (_name, colours) => {
  const of = (a: string, b: string): number =>
    contrast(colours.get(a) ?? '#000000', colours.get(b) ?? '#000000');

  it.each(texts)('%s can be read on %s', (text, ground) => {
    expect(of(text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(shapes)('%s can be seen', (shape) => {
    expect(of(shape, 'surface')).toBeGreaterThanOrEqual(3);
    expect(of(shape, 'ground')).toBeGreaterThanOrEqual(3);
  });
});
