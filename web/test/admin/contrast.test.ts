import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { coloursIn, contrast } from '../colours';

const css = readFileSync(path.resolve(import.meta.dirname, '../../src/admin/ui/style.css'), 'utf8');
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');

const texts: [string, string][] = [
  ['text', 'ground'],
  ['text', 'surface'],
  ['text', 'bad-soft'],
  ['text', 'busy-soft'],
  ['text', 'grid'],
  ['quiet', 'ground'],
  ['quiet', 'surface'],
  ['good', 'surface'],
  ['busy', 'busy-soft'],
  ['busy', 'surface'],
  ['bad', 'surface'],
  ['bad', 'bad-soft'],
  ['bad', 'ground'],
  ['accent-text', 'accent'],
];
/** Lines and edges by which something is known. */
const shapes = ['line-1', 'line-2', 'line-3', 'edge-strong', 'good', 'busy', 'bad', 'accent'];

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
  });
});
