import { describe, expect, it } from 'vitest';
import { addressOf, mayTeach, usesCamera, viewOf, viewsFor } from '../src/routes';

describe('the views', () => {
  it('are found by their address', () => {
    const views = viewsFor(true);
    for (const view of views) expect(viewOf(addressOf(view), views)).toBe(view);
  });

  it.each(['', '#', '#/', '#/other', '#practise', '#/practise/x'])('%j is the mirror', (hash) => {
    expect(viewOf(hash, viewsFor(true))).toBe('mirror');
  });

  it('of teachers are for those who teach', () => {
    expect(viewsFor(false)).toEqual(['mirror', 'practise', 'progress']);
    expect(viewOf('#/teach', viewsFor(false))).toBe('mirror');
    expect(mayTeach('open', null)).toBe(true);
    expect(mayTeach('accounts', 'teacher')).toBe(true);
    expect(mayTeach('accounts', 'admin')).toBe(true);
    expect(mayTeach('accounts', 'learner')).toBe(false);
    expect(mayTeach('unknown', null)).toBe(false);
  });

  it('without the own video have the camera off', () => {
    expect(viewsFor(true).filter((view) => !usesCamera(view))).toEqual(['progress']);
  });
});
