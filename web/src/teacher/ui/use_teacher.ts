import { useEffect, useState } from 'preact/hooks';
import type { Login } from '../../login';
import type { PracticeLink } from '../../practice/link';
import type { Studio } from '../../studio';
import { TeacherApi } from '../api';
import { type Film, GestureFilm } from '../film';
import { guardLeaving, leaveQuestion } from '../leaving';
import { Teacher } from '../teacher';

export type FilmingTeacher = Teacher<Film>;

/** The teacher of this page, as long as it is shown. */
export function useTeacher(studio: Studio, link: PracticeLink, login: Login): FilmingTeacher {
  const [teacher] = useState(() => makeTeacher(studio, link, login));
  useEffect(() => {
    const beforeUnload = (event: BeforeUnloadEvent): void => {
      if (leaveQuestion() !== null) event.preventDefault();
    };
    const unguard = guardLeaving(() => teacher.leaveQuestion());
    window.addEventListener('beforeunload', beforeUnload);
    void teacher.load(teacher.store.value.section);
    return () => {
      window.removeEventListener('beforeunload', beforeUnload);
      unguard();
      teacher.dispose();
    };
  }, [teacher]);
  return teacher;
}

function makeTeacher(studio: Studio, link: PracticeLink, login: Login): FilmingTeacher {
  const lens = {
    watchLandmarks: studio.watchLandmarks.bind(studio),
    aspect: () => studio.store.value.aspect,
  };
  const film = new GestureFilm(lens, link, () => performance.now());
  const timers = {
    later: (action: () => void, delayMs: number) => window.setTimeout(action, delayMs),
    cancel: (timer: number) => window.clearTimeout(timer),
  };
  // The form to sign in takes the place of this page, with what is not saved on it.
  const signedOut = (): void => {
    if (leaveQuestion() === null) void login.check();
  };
  return new Teacher(studio, link, film, timers, new TeacherApi(undefined, signedOut));
}
