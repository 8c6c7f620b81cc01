import { useEffect, useMemo, useState } from 'preact/hooks';
import { boundsOf, type Figure, mirrored } from '../../practice/figure';
import type { Learner } from '../../practice/learner';
import type { Feedback, Item, PracticeSession } from '../../practice/messages';
import type { PracticeState } from '../../practice/practice';
import { marksAt } from '../../practice/replay';
import { strings } from '../../strings';
import { useStore } from '../use_store';
import { Players, type Track } from './Players';

const texts = strings.practice;
const NAMES = { left: strings.left, right: strings.right };

interface Shown {
  /** Of which item or letter this is. */
  key: string;
  figure: Figure | null;
  /** Who made it, and what the face does. */
  notes: readonly string[];
  problem: string;
}

interface Props {
  learner: Learner;
  state: PracticeState;
  wish: { phase: number } | null;
}

/** The reference of what is to be signed now, and beside it one's own last attempt. */
export function Reference({ learner, state, wish }: Props) {
  const { handedness, slow } = useStore(learner.settings);
  const item = shownItem(state);
  const letter = item?.kind === 'letters' ? letterOf(item, state.session) : null;
  const shown = useShown(learner, item, letter);
  const { attempt, feedback } = state;
  const tracks = useMemo(
    () => tracksOf(shown, item, letter, handedness === 'left', attempt, feedback),
    [shown, handedness, attempt, feedback],
  );
  if (item === null) return null;
  return (
    <section class="panel reference" aria-labelledby="reference-title" data-reference={shown?.key}>
      <h2 id="reference-title">{texts.reference}</h2>
      <p class="reference-name">
        {texts.itemText(letter === null ? item : { ...item, target: letter })}
      </p>
      {tracks.length > 0 && (
        <Players
          tracks={tracks}
          slow={slow}
          onSlow={(value) => learner.set({ slow: value })}
          wish={wish}
          onLook={() => learner.practice.hold()}
        />
      )}
      {shown === null ? <p class="hint">{texts.loading}</p> : null}
      {shown?.problem ? <p class="hint">{shown.problem}</p> : null}
      {shown?.notes.map((note) => (
        <p key={note} class="hint">
          {note}
        </p>
      ))}
      {attempt !== null && feedback !== null && <p class="hint">{texts.ownKept}</p>}
    </section>
  );
}

/** What was judged stays shown while its feedback is; then what comes next. */
function shownItem({ session, items, feedback }: PracticeState): Item | null {
  const index = feedback?.item ?? session?.currentItem ?? null;
  return (index === null ? undefined : items[index]) ?? items[0] ?? null;
}

function letterOf({ target }: Item, session: PracticeSession | null): string {
  const spelling = session?.spelling;
  const isThis = spelling?.word === target;
  return (isThis ? spelling.next : '') || (isThis ? target.slice(-1) : target.charAt(0));
}

/** Null while it is being fetched. */
function useShown(learner: Learner, item: Item | null, letter: string | null): Shown | null {
  const key = item === null ? '' : `${item.kind} ${letter ?? item.target}`;
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    let isWanted = true;
    setShown((before) => (before?.key === key ? before : null));
    void load(learner, item, letter).then((loaded) => {
      if (isWanted) setShown({ key, ...loaded });
    });
    return () => {
      isWanted = false;
    };
  }, [learner, key]);
  return shown;
}

async function load(
  learner: Learner,
  item: Item | null,
  letter: string | null,
): Promise<Omit<Shown, 'key'>> {
  if (item === null) return { figure: null, notes: [], problem: '' };
  if (letter !== null) {
    const figure = await learner.letter(letter);
    return { figure, notes: [], problem: figure ? '' : texts.noDrawing };
  }
  const answer = await learner.drawing(item.target);
  if (!answer.ok) return { figure: null, notes: [], problem: texts.apiProblem(answer.problem) };
  const { figure, source, by, nonManual } = answer.value;
  const notes = [
    texts.nonManual(nonManual),
    source === 'teacher' ? texts.recordedBy(by) : texts.builtIn,
  ].filter((note) => note !== '');
  return { figure, notes, problem: figure ? '' : texts.noDrawing };
}

function tracksOf(
  shown: Shown | null,
  item: Item | null,
  letter: string | null,
  isLeft: boolean,
  attempt: Figure | null,
  feedback: Feedback | null,
): Track[] {
  if (item === null) return [];
  const figure = shown?.figure && (isLeft ? mirrored(shown.figure) : shown.figure);
  const own = feedback === null ? null : attempt;
  // At the same scale, so that they can be compared.
  const bounds = boundsOf([figure, own].filter((it) => it !== null && it !== undefined));
  const tracks: Track[] = [];
  if (figure) {
    tracks.push({
      key: `reference ${shown?.key} ${own !== null}`,
      figure,
      bounds,
      caption: own === null ? '' : texts.reference,
      label: letter === null ? texts.referenceOf(item) : texts.letterShape(letter),
      names: letter === null ? NAMES : null,
    });
  }
  if (own && feedback) {
    tracks.push({
      key: `own ${feedback.attemptId}`,
      figure: own,
      bounds,
      caption: texts.own,
      label: texts.ownLabel,
      names: NAMES,
      marksAt: (ms) => marksAt(feedback.findings, ms),
    });
  }
  return tracks;
}
