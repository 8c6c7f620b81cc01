import { useEffect, useState } from 'preact/hooks';
import type { PracticeLink } from '../../practice/link';
import type { Studio } from '../../studio';
import { type Film, GestureFilm } from '../film';
import { guardLeaving, leaveQuestion } from '../leaving';
import { Teacher } from '../teacher';

export type FilmingTeacher = Teacher<Film>;

/** The teacher of this page, as long as it is shown. */
export function useTeacher(studio: Studio, link: PracticeLink): FilmingTeacher {
  const [teacher] = useState(() => makeTeacher(studio, link));
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

function makeTeacher(studio: Studio, link: PracticeLink): FilmingTeacher {
  const lens = {
    watchLandmarks: studio.watchLandmarks.bind(studio),
    aspect: () => studio.store.value.aspect,
  };
  const film = new GestureFilm(lens, link, () => performance.now());
  return new Teacher(studio, link, film, {
    later: (action, delayMs) => window.setTimeout(action, delayMs),
    cancel: (timer) => window.clearTimeout(timer),
  });
}
