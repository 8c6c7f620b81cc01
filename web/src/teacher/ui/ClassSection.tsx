import './class.css';
import { useStore } from '../../ui/use_store';
import {
  type ClassBookState,
  inOrder,
  lastDays,
  shareOf,
  SORT_KEYS,
  type SortKey,
} from '../learners';
import { strings } from '../strings';
import type { Learner } from '../types';
import { DayBars } from './DayBars';
import { Asked, Share } from './parts';
import type { FilmingTeacher } from './use_teacher';

const texts = strings.learners;

/** Of the hardest items of a learner, those shown. */
const MOST_HARD = 3;

/** How the learners are getting on. */
export function ClassSection({ teacher, isOpen }: { teacher: FilmingTeacher; isOpen: boolean }) {
  const state = useStore(teacher.learners.store);
  const { learners, loading, problem } = state;
  return (
    <section class="teach-panel" aria-labelledby="class-title">
      <div class="teach-panel-head">
        <h2 id="class-title">{texts.title}</h2>
        <button
          type="button"
          class="small-button"
          disabled={loading}
          onClick={() => void teacher.learners.load()}
        >
          {strings.refresh}
        </button>
      </div>
      {isOpen ? <OpenMode /> : null}
      <Asked
        there={learners !== null}
        loading={loading}
        problem={problem}
        again={() => void teacher.learners.load()}
      >
        {learners?.length === 0 ? (
          <p class="hint">{texts.none}</p>
        ) : (
          <ClassTable teacher={teacher} state={state} />
        )}
        <p class="hint">{texts.measured}</p>
      </Asked>
    </section>
  );
}

function OpenMode() {
  return (
    <p class="teach-notice">
      {texts.open} {texts.openLink}
    </p>
  );
}

function ClassTable({ teacher, state }: { teacher: FilmingTeacher; state: ClassBookState }) {
  const { learners, order } = state;
  const now = new Date();
  return (
    <>
      {/* Where the display is narrow, the head of the table is not shown. */}
      <p class="teach-sort-choice">
        <label for="sort">{texts.sortBy}</label>
        <select
          id="sort"
          value={order.key}
          onChange={(event) => teacher.learners.sortBy(event.currentTarget.value as SortKey)}
        >
          {SORT_KEYS.map((key) => (
            <option key={key} value={key}>
              {texts.sorts[key]}
            </option>
          ))}
        </select>
      </p>
      {/* Roles are written out: what is shown as blocks is no table to every screen reader. */}
      <table class="teach-class-table" role="table">
        <thead role="rowgroup">
          <tr role="row">
            <Head teacher={teacher} state={state} sorts="name" text={texts.name} />
            <Head teacher={teacher} state={state} sorts="attempts" text={texts.attempts} />
            <Head teacher={teacher} state={state} sorts="share" text={texts.accepted} />
            <Head teacher={teacher} state={state} sorts="last" text={texts.last} />
            <th role="columnheader" scope="col">
              {texts.days}
            </th>
            <th role="columnheader" scope="col">
              {texts.hardest}
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {inOrder(learners ?? [], order).map((learner, index) => (
            <LearnerRow key={`${learner.name} ${index}`} learner={learner} now={now} />
          ))}
        </tbody>
      </table>
      <p class="hint">{texts.legend}</p>
    </>
  );
}

function Head({
  teacher,
  state: { order },
  sorts,
  text,
}: {
  teacher: FilmingTeacher;
  state: ClassBookState;
  sorts: SortKey;
  text: string;
}) {
  const isIt = order.key === sorts;
  const direction = order.descending ? 'descending' : 'ascending';
  return (
    <th role="columnheader" scope="col" aria-sort={isIt ? direction : undefined}>
      <button type="button" class="teach-sort" onClick={() => teacher.learners.sortBy(sorts)}>
        {text}
        <svg class="teach-arrow" viewBox="0 0 16 16" aria-hidden="true" data-shown={String(isIt)}>
          <path d={order.descending ? 'M3 6l5 5 5-5' : 'M3 10l5-5 5 5'} />
        </svg>
      </button>
    </th>
  );
}

function LearnerRow({ learner, now }: { learner: Learner; now: Date }) {
  const { name, attempts, accepted, last, hardest } = learner;
  const share = shareOf(learner);
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        {name}
      </th>
      <td role="cell" data-label={texts.attempts} class="teach-number">
        {attempts}
      </td>
      <td role="cell" data-label={texts.accepted} title={texts.acceptedOf(accepted, attempts)}>
        <Share share={share} words={texts.share(share)} />
      </td>
      <td role="cell" data-label={texts.last} class="teach-when">
        {texts.lastDay(last)}
      </td>
      <td role="cell" data-label={texts.days}>
        <DayBars name={name} days={lastDays(learner.days, now)} />
      </td>
      <td role="cell" data-label={texts.hardest}>
        <div>
          {hardest.length === 0 ? '\u2013' : null}
          {hardest.slice(0, MOST_HARD).map((item) => (
            <span key={`${item.kind} ${item.target}`} class="teach-hard">
              {texts.hard(item)}
            </span>
          ))}
        </div>
      </td>
    </tr>
  );
}
