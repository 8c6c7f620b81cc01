import { describe, expect, it } from 'vitest';
import { TeacherApi } from '../../src/teacher/api';
import { matching, SignList } from '../../src/teacher/signs';
import { json, nothing, serverOf, signRow } from './doubles';

const rows = (...glosses: string[]) => json({ signs: glosses.map((gloss) => signRow(gloss)) });
const drawn = (gloss: string) => json({ ...signRow(gloss), drawing: { fps: 25, frames: [] } });

describe('the list of signs', () => {
  it('stands by name, and can be searched', async () => {
    const { api } = serverOf(rows('MY', 'EAT', 'BROTHER'));
    const list = new SignList(api);
    await list.load();
    const { signs, loading, problem } = list.store.value;
    expect(signs?.map(({ gloss }) => gloss)).toEqual(['BROTHER', 'EAT', 'MY']);
    expect({ loading, problem }).toEqual({ loading: false, problem: '' });
    expect(matching(signs ?? [], ' ea').map(({ gloss }) => gloss)).toEqual(['EAT']);
    expect(matching(signs ?? [], ' ')).toHaveLength(3);
    expect(list.find('EAT')?.by).toBe('mia');
    expect(list.find('DOG')).toBeNull();
  });

  it('keeps what it knew when the server does not answer', async () => {
    const { api } = serverOf(rows('EAT'), json({ error: 'The store rests.' }, 503), rows('MY'));
    const list = new SignList(api);
    await list.load();
    await list.load();
    expect(list.store.value).toMatchObject({ problem: 'The store rests.', loading: false });
    expect(list.store.value.signs).toHaveLength(1);
    await list.load();
    expect(list.store.value.problem).toBe('');
  });

  it('takes the newest answer, whichever comes last', async () => {
    const given: ((answer: Response) => void)[] = [];
    const api = new TeacherApi(() => new Promise((resolve) => given.push(resolve)));
    const list = new SignList(api);
    const loads = [list.load(), list.load()];
    given[1]?.(rows('NEW'));
    await loads[1];
    given[0]?.(rows('OLD'));
    await loads[0];
    expect(list.store.value.signs?.map(({ gloss }) => gloss)).toEqual(['NEW']);
  });
});

describe('a sign', () => {
  it('is looked at', async () => {
    const { api } = serverOf(drawn('EAT'), json({ error: 'There is no sign MY.' }, 404));
    const list = new SignList(api);
    const looking = list.look('EAT');
    expect(list.store.value.open).toEqual({ gloss: 'EAT', sign: null, problem: '' });
    await looking;
    expect(list.store.value.open?.sign?.drawing).toEqual({ fps: 25, frames: [] });
    await list.look('MY');
    expect(list.store.value.open).toEqual({
      gloss: 'MY',
      sign: null,
      problem: 'There is no sign MY.',
    });
    list.close();
    expect(list.store.value.open).toBeNull();
  });

  it('that is no longer looked at does not come up', async () => {
    const { api } = serverOf(drawn('EAT'), drawn('MY'));
    const list = new SignList(api);
    await Promise.all([list.look('EAT'), list.look('MY')]);
    expect(list.store.value.open?.sign?.gloss).toBe('MY');
    const looking = list.look('EAT');
    list.close();
    await looking;
    expect(list.store.value.open).toBeNull();
  });

  it('is deleted, and the list asked for again', async () => {
    const { api, asked } = serverOf(rows('EAT', 'MY'), drawn('EAT'), nothing(), rows('MY'));
    const list = new SignList(api);
    await list.load();
    await list.look('EAT');
    await list.remove('EAT');
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'DELETE', 'GET']);
    expect(list.store.value).toMatchObject({ open: null, deleting: null, said: 'EAT is deleted.' });
    expect(list.store.value.signs).toHaveLength(1);
  });

  it('stays when the server does not delete it', async () => {
    const { api, asked } = serverOf(rows('EAT'), json({ error: 'Only a teacher may.' }, 403));
    const list = new SignList(api);
    await list.load();
    await Promise.all([list.remove('EAT'), list.remove('EAT')]);
    expect(asked).toHaveLength(2);
    expect(list.store.value).toMatchObject({ problem: 'Only a teacher may.', said: '' });
    expect(list.store.value.signs).toHaveLength(1);
  });
});
