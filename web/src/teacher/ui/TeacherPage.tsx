import './style.css';
import type { Login } from '../../login';
import type { PracticeLink } from '../../practice/link';
import type { Studio, StudioState } from '../../studio';
import { Announcer } from '../../ui/Announcer';
import { mainData } from '../../ui/main_data';
import { useStore } from '../../ui/use_store';
import { usableOf } from '../recorder';
import { strings } from '../strings';
import { SECTIONS, type Section } from '../teacher';
import { ClassSection } from './ClassSection';
import { LessonSection } from './LessonSection';
import { QuestionBox } from './Question';
import { RecordSection } from './RecordSection';
import { SignSection } from './SignSection';
import { type FilmingTeacher, useTeacher } from './use_teacher';

export interface TeacherPageProps {
  studio: Studio;
  login: Login;
  link: PracticeLink;
}

/** What a teacher does. The data attributes of <main> say where it stands, for tests. */
export function TeacherPage({ studio, login, link }: TeacherPageProps) {
  const state = useStore(studio.store);
  const who = useStore(login.store);
  const teacher = useTeacher(studio, link, login);
  const { section } = useStore(teacher.store);
  const { phase, examples } = useStore(teacher.recorder.store);
  return (
    <>
      <main
        class="page teach"
        {...mainData(state)}
        data-section={section}
        data-recorder={phase}
        data-examples={examples.length}
        data-usable={usableOf(examples)}
      >
        <h1 class="unseen">{strings.title}</h1>
        <SectionButtons teacher={teacher} shown={section} />
        <Shown
          section={section}
          teacher={teacher}
          studio={studio}
          state={state}
          isOpen={who.mode !== 'accounts'}
        />
        <Said teacher={teacher} section={section} />
      </main>
      <QuestionBox questions={teacher.questions} />
      <Announcer state={state} start={strings.record.cameraOn} />
    </>
  );
}

function SectionButtons({ teacher, shown }: { teacher: FilmingTeacher; shown: Section }) {
  return (
    <nav class="teach-sections" aria-label={strings.sections}>
      {SECTIONS.map((name) => (
        <button
          key={name}
          type="button"
          class="teach-section-button"
          aria-current={name === shown ? 'page' : undefined}
          onClick={() => void teacher.show(name)}
        >
          {strings.section[name]}
        </button>
      ))}
    </nav>
  );
}

interface ShownProps {
  section: Section;
  teacher: FilmingTeacher;
  studio: Studio;
  state: StudioState;
  /** The server has no accounts. */
  isOpen: boolean;
}

function Shown({ section, teacher, studio, state, isOpen }: ShownProps) {
  switch (section) {
    case 'record':
      return <RecordSection teacher={teacher} studio={studio} state={state} />;
    case 'signs':
      return <SignSection teacher={teacher} />;
    case 'lessons':
      return <LessonSection teacher={teacher} />;
    case 'class':
      return <ClassSection teacher={teacher} isOpen={isOpen} />;
  }
}

/** What was done, for everybody: shown at the foot for those who see, said by a screen reader. */
function Said({ teacher, section }: { teacher: FilmingTeacher; section: Section }) {
  const recorder = useStore(teacher.recorder.store);
  const signs = useStore(teacher.signs.store);
  const lessons = useStore(teacher.lessons.store);
  const said =
    section === 'record' ? recorder.said : section === 'signs' ? signs.said : lessons.said;
  return (
    <p class={section === 'record' ? 'unseen' : 'teach-said'} role="status">
      {section === 'class' ? '' : said}
    </p>
  );
}
