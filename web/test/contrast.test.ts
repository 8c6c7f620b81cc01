import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { coloursIn, contrast } from './colours';

/** The colours of both schemes, after style sheets of which the later ones win. */
function schemesOf(sheets: readonly string[]) {
  const light = new Map<string, string>();
  const dark = new Map<string, string>();
  for (const sheet of sheets) {
    const css = readFileSync(path.resolve(import.meta.dirname, '../src', sheet), 'utf8');
    const [first = '', rest = ''] = css.split('@media (prefers-color-scheme: dark)');
    for (const [name, colour] of coloursIn(first)) light.set(name, colour);
    for (const [name, colour] of coloursIn(rest.split('\n}\n')[0] ?? '')) dark.set(name, colour);
  }
  return { light, dark: new Map([...light, ...dark]) };
}

const COMMON = 'ui/styles/base.css';

const page = {
  schemes: schemesOf([COMMON]),
  texts: [
    ['text', 'ground'],
    ['text', 'surface'],
    ['text', 'accent-soft'],
    ['quiet', 'ground'],
    ['quiet', 'surface'],
    ['quiet', 'accent-soft'],
    ['accent-text', 'accent'],
    ['bad', 'surface'],
    ['good', 'surface'],
    ['busy', 'surface'],
    ['stage-text', 'stage'],
    ['stage-quiet', 'stage'],
  ],
  /** Lines and edges by which something is known. */
  shapes: ['accent', 'good', 'bad', 'busy', 'edge-strong'],
  grounds: ['surface', 'ground'],
};

const dashboard = {
  schemes: schemesOf([COMMON, 'admin/ui/style.css']),
  texts: [
    ['text', 'bad-soft'],
    ['text', 'busy-soft'],
    ['text', 'grid'],
    ['busy', 'busy-soft'],
    ['bad', 'bad-soft'],
    ['bad', 'ground'],
  ],
  shapes: ['line-1', 'line-2', 'line-3'],
  grounds: ['surface'],
};

describe.each([
  ['the page, light', page, page.schemes.light],
  ['the page, dark', page, page.schemes.dark],
  ['the dashboard, light', dashboard, dashboard.schemes.light],
  ['the dashboard, dark', dashboard, dashboard.schemes.dark],
])('the colours of %s', (_name, { texts, shapes, grounds }, colours) => {
  const of = (a = '', b = ''): number => {
    const [one, other] = [colours.get(a), colours.get(b)];
    if (one === undefined || other === undefined) throw new Error(`No colour ${a} or ${b}.`);
    return contrast(one, other);
  };

  it.each(texts)('%s can be read on %s', (text, ground) => {
    expect(of(text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(shapes)('%s can be seen', (shape) => {
    for (const ground of grounds) expect(of(shape, ground)).toBeGreaterThanOrEqual(3);
  });
});
