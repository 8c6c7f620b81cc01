import { useEffect, useRef } from 'preact/hooks';
import { useStore } from '../../ui/use_store';
import { strings } from '../strings';
import type { Lesson } from '../types';
import { LessonEditor } from './LessonEditor';
import { Asked } from './parts';
import type { FilmingTeacher } from './use_teacher';

const texts = strings.lesson;

/** The lessons that the server has, or the one that is being written. */
export function LessonSection({ teacher }: { teacher: FilmingTeacher }) {
  const state = useStore(teacher.lessons.store);
  const { lessons, loading, problem, draft } = state;
  const make = useRef<HTMLButtonElement>(null);
  const wasWriting = useRef(false);
  useEffect(() => {
    // Back from the editor, which had the focus and is gone.
    if (wasWriting.current && draft === null) make.current?.focus();
    wasWriting.current = draft !== null;
  }, [draft]);
  if (draft !== null) return <LessonEditor teacher={teacher} draft={draft} />;
  return (
    <section class="teach-panel" aria-labelledby="lessons-title">
      <div class="teach-panel-head">
        <h2 id="lessons-title">{texts.title}</h2>
        <button
          ref={make}
          type="button"
          class="main-button teach-compact"
          onClick={() => teacher.lessons.edit(null)}
        >
          {texts.make}
        </button>
      </div>
      <Asked
        there={lessons !== null}
        loading={loading}
        problem={problem}
        again={() => void teacher.lessons.load()}
      >
        {lessons?.length === 0 ? (
          <p class="hint">{texts.none}</p>
        ) : (
          <ul class="teach-rows">
            {lessons?.map((lesson) => (
              <LessonRow
                key={lesson.id}
                teacher={teacher}
                lesson={lesson}
                busy={state.deleting !== null}
              />
            ))}
          </ul>
        )}
      </Asked>
    </section>
  );
}

function LessonRow({
  teacher,
  lesson,
  busy,
}: {
  teacher: FilmingTeacher;
  lesson: Lesson;
  busy: boolean;
}) {
  const { title, note, items, by, updated } = lesson;
  return (
    <li class="teach-row">
      <div class="teach-row-words teach-lesson-words">
        <h3>{title}</h3>
        <span class="teach-quiet">
          {[texts.size(items.length), strings.signs.byWhom(by, updated)]
            .filter((part) => part !== '')
            .join(', ')}
        </span>
        {note === '' ? null : <p>{note}</p>}
        <p class="teach-items-line">
          {items.map((item, index) => (
            <span key={index} class="teach-item-chip" data-kind={item.kind}>
              {texts.item(item)}
            </span>
          ))}
        </p>
      </div>
      <div class="teach-buttons">
        <button
          type="button"
          class="small-button"
          aria-label={texts.editNamed(title)}
          onClick={() => teacher.lessons.edit(lesson)}
        >
          {texts.edit}
        </button>
        <button
          type="button"
          class="small-button"
          aria-label={texts.removeNamed(title)}
          disabled={busy}
          onClick={() => void teacher.removeLesson(lesson)}
        >
          {texts.remove}
        </button>
      </div>
    </li>
  );
}
