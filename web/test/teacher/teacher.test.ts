import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Store } from '../../src/store';
import type { Phase } from '../../src/studio';
import { guardLeaving, leaveQuestion } from '../../src/teacher/leaving';
import { Teacher } from '../../src/teacher/teacher';
import { ClockDouble, json, lessonRow, LinkDouble, nothing, serverOf, signRow } from './doubles';

class CameraDouble {
  readonly store = new Store<{ phase: Phase }>({ phase: 'live' });
  start = vi.fn(async () => this.store.set({ phase: 'connecting' }));
  stop = vi.fn(() => this.store.set({ phase: 'idle' }));
}

let camera: CameraDouble;
let link: LinkDouble;

function teacherWith(...answers: (Response | null)[]) {
  const { api, asked } = serverOf(...answers);
  const teacher = new Teacher<string>(
    camera,
    link,
    { take: () => null, dispose: () => undefined },
    new ClockDouble(),
    api,
  );
  return { teacher, asked };
}

function record(teacher: Teacher<string>, ...examples: string[]): void {
  teacher.record('EAT');
  link.answer('record_sign', { replaces: false });
  for (const id of examples) link.example('EAT', id);
}

const question = (teacher: Teacher<string>) => teacher.questions.store.value.asked;
/** Lets what was begun come to its question or its end. */
const settle = () => new Promise((done) => setTimeout(done));
const noSigns = () => json({ signs: [] });

beforeEach(() => {
  camera = new CameraDouble();
  link = new LinkDouble();
});

describe('recording', () => {
  it('turns the camera on where it is off', () => {
    const { teacher } = teacherWith();
    camera.store.set({ phase: 'idle' });
    link.isLive = false;
    teacher.record('EAT');
    expect(camera.start).toHaveBeenCalledOnce();
    expect(link.sent).toEqual([]);
    link.isLive = true;
    camera.store.set({ phase: 'live' });
    expect(link.actions).toEqual(['record_sign']);
  });

  it('leaves a camera that is on alone', () => {
    const { teacher } = teacherWith();
    record(teacher);
    expect(camera.start).not.toHaveBeenCalled();
    expect(teacher.recorder.store.value.phase).toBe('recording');
  });

  it('is over when the camera cannot be used', () => {
    const { teacher } = teacherWith();
    link.isLive = false;
    camera.store.set({ phase: 'idle' });
    teacher.record('EAT');
    camera.store.set({ phase: 'failed' });
    expect(teacher.recorder.store.value.phase).toBe('idle');
  });
});

describe('saving', () => {
  it('asks nothing about a new sign', async () => {
    const { teacher } = teacherWith(noSigns());
    record(teacher, 'a', 'b', 'c');
    await teacher.save();
    expect(link.actions).toEqual(['record_sign', 'save_sign']);
  });

  it('asks before it replaces one', async () => {
    const { teacher } = teacherWith(json({ signs: [signRow('EAT')] }), null);
    record(teacher, 'a', 'b', 'c');
    const saving = teacher.save();
    await settle();
    expect(question(teacher)).toMatchObject({ title: 'Replace EAT?' });
    expect(question(teacher)?.words).toContain('recorded by mia on 20 November 2026');
    question(teacher)?.answer(false);
    await saving;
    expect(link.actions).toEqual(['record_sign']);
    expect(teacher.recorder.store.value.examples).toHaveLength(3);
    // The server cannot be asked again: what is known counts.
    const again = teacher.save();
    await settle();
    question(teacher)?.answer(true);
    await again;
    expect(link.actions).toEqual(['record_sign', 'save_sign']);
  });

  it('says that a built-in sign gives way', async () => {
    const builtIn = signRow('EAT', { source: 'built_in', by: null });
    const { teacher } = teacherWith(json({ signs: [builtIn] }));
    record(teacher, 'a', 'b', 'c');
    void teacher.save();
    await settle();
    expect(question(teacher)?.words).toContain('built-in');
  });

  it('asks about examples that differ much, before anything else', async () => {
    const { teacher, asked } = teacherWith(noSigns(), noSigns());
    record(teacher, 'a', 'b', 'c');
    link.example('EAT', 'd', { likeness: 0.2 });
    const saving = teacher.save();
    expect(question(teacher)?.title).toBe('Example 4 differs much from the others');
    question(teacher)?.answer(false);
    await saving;
    expect(asked).toEqual([]);
    link.example('EAT', 'e', { likeness: 0.1 });
    const again = teacher.save();
    expect(question(teacher)?.title).toBe('Examples 4 and 5 differ much from the others');
    question(teacher)?.answer(true);
    await again;
    expect(link.actions).toEqual(['record_sign', 'save_sign']);
  });

  it("believes the server's word where the list does not come", async () => {
    const { teacher } = teacherWith(null);
    teacher.record('EAT');
    link.answer('record_sign', { replaces: true });
    for (const id of ['a', 'b', 'c']) link.example('EAT', id);
    void teacher.save();
    await settle();
    expect(question(teacher)?.title).toBe('Replace EAT?');
  });
});

describe('leaving', () => {
  it('asks when there are examples, and stays', async () => {
    const { teacher } = teacherWith();
    record(teacher, 'a');
    const showing = teacher.show('signs');
    expect(question(teacher)?.words).toContain('example of EAT is not saved');
    // A second question does not take the place of the first.
    await teacher.turnCamera(false);
    question(teacher)?.answer(false);
    await showing;
    expect(teacher.store.value.section).toBe('record');
    expect(camera.stop).not.toHaveBeenCalled();
    expect(teacher.recorder.store.value.examples).toHaveLength(1);
  });

  it('ends recording and camera when it is wanted', async () => {
    const { teacher } = teacherWith(noSigns());
    record(teacher, 'a', 'b');
    const showing = teacher.show('signs');
    expect(question(teacher)?.words).toContain('2 examples of EAT are not saved');
    question(teacher)?.answer(true);
    await showing;
    expect(teacher.store.value.section).toBe('signs');
    expect(link.actions.at(-1)).toBe('stop_recording');
    expect(camera.stop).toHaveBeenCalled();
  });

  it('asks nothing where nothing is lost', async () => {
    const { teacher } = teacherWith(json({ lessons: [lessonRow('7', 'Food')] }), noSigns());
    record(teacher);
    await teacher.end();
    expect(teacher.recorder.store.value.phase).toBe('idle');
    await teacher.show('lessons');
    expect(teacher.store.value.section).toBe('lessons');
    expect(teacher.lessons.store.value.lessons).toHaveLength(1);
    expect(teacher.leaveQuestion()).toBeNull();
  });

  it('asks for a lesson with changes', async () => {
    const { teacher } = teacherWith(json({ lessons: [] }), noSigns());
    await teacher.show('lessons');
    teacher.lessons.edit(null);
    expect(teacher.leaveQuestion()).toBeNull();
    teacher.lessons.write({ title: 'Food' });
    expect(teacher.leaveQuestion()).toContain('not saved');
    const cancelling = teacher.cancelLesson();
    question(teacher)?.answer(true);
    await cancelling;
    expect(teacher.lessons.store.value.draft).toBeNull();
  });

  it('is asked for by others, as long as the page is there', () => {
    expect(leaveQuestion()).toBeNull();
    const unguard = guardLeaving(() => 'First.');
    const other = guardLeaving(() => 'Second.');
    unguard();
    expect(leaveQuestion()).toBe('Second.');
    other();
    expect(leaveQuestion()).toBeNull();
  });

  it('ends everything with the page', () => {
    const { teacher } = teacherWith();
    record(teacher, 'a');
    teacher.dispose();
    expect(link.actions.at(-1)).toBe('stop_recording');
    camera.store.set({ phase: 'waiting' });
    expect(teacher.recorder.store.value.phase).toBe('idle');
  });
});

describe('deleting', () => {
  it('asks first', async () => {
    const { teacher, asked } = teacherWith(nothing(), noSigns());
    const refused = teacher.removeSign('EAT');
    question(teacher)?.answer(false);
    await refused;
    expect(asked).toEqual([]);
    const done = teacher.removeSign('EAT');
    question(teacher)?.answer(true);
    await done;
    expect(asked[0]).toMatchObject({ method: 'DELETE', url: '/api/signs/EAT' });
  });

  it('asks first for a lesson too', async () => {
    const { teacher, asked } = teacherWith(
      json({ lessons: [lessonRow('7', 'Food')] }),
      nothing(),
      json({ lessons: [] }),
    );
    await teacher.lessons.load();
    const [food] = teacher.lessons.store.value.lessons ?? [];
    if (!food) throw new Error('There is no lesson.');
    const done = teacher.removeLesson(food);
    expect(question(teacher)?.title).toBe('Delete "Food"?');
    question(teacher)?.answer(true);
    await done;
    expect(asked[1]).toMatchObject({ method: 'DELETE', url: '/api/lessons/7' });
  });
});
