import { useEffect, useRef, useState } from 'preact/hooks';
import { useStore } from '../../ui/use_store';
import type { Draft, DraftItem } from '../lessons';
import {
  LONGEST_NOTE,
  LONGEST_TITLE,
  LONGEST_WORD,
  tidyGloss,
  tidyWord,
  wordProblem,
} from '../rules';
import { strings } from '../strings';
import type { Item, Sign } from '../types';
import { described, Field, Problem } from './parts';
import type { FilmingTeacher } from './use_teacher';

const texts = strings.lesson;

/** One lesson: title, note, and what is practised in which order. */
export function LessonEditor({ teacher, draft }: { teacher: FilmingTeacher; draft: Draft }) {
  const { signs } = useStore(teacher.signs.store);
  const title = useRef<HTMLInputElement>(null);
  useEffect(() => title.current?.focus(), []);
  const problems = teacher.lessons.problemsOf(draft);
  const shown = draft.tried ? problems : { title: null, note: problems.note, items: null };
  const save = (): void => {
    if (problems.title !== null) title.current?.focus();
    void teacher.lessons.save();
  };
  return (
    <section class="teach-panel teach-editor" aria-labelledby="editor-title">
      <h2 id="editor-title">
        {draft.id === null ? texts.newTitle : texts.editTitle(draft.storedTitle)}
      </h2>
      <Field id="lesson-title" label={texts.name} problem={shown.title}>
        <input
          ref={title}
          {...described('lesson-title', shown.title)}
          type="text"
          autocomplete="off"
          maxLength={LONGEST_TITLE + 20}
          value={draft.title}
          onInput={(event) => teacher.lessons.write({ title: event.currentTarget.value })}
        />
      </Field>
      <Field id="lesson-note" label={texts.note} hint={texts.noteHint} problem={shown.note}>
        <textarea
          {...described('lesson-note', shown.note)}
          rows={3}
          maxLength={LONGEST_NOTE + 100}
          value={draft.note}
          onInput={(event) => teacher.lessons.write({ note: event.currentTarget.value })}
        />
      </Field>
      <h3 id="items-title">{texts.items}</h3>
      <ItemList teacher={teacher} items={draft.items} />
      <Problem text={shown.items ?? ''} />
      <div class="teach-adders">
        <SignAdder signs={signs} onAdd={(item) => teacher.lessons.add(item)} />
        <WordAdder onAdd={(item) => teacher.lessons.add(item)} />
      </div>
      <Problem text={draft.problem} />
      <p class="teach-buttons">
        <button type="button" class="main-button" disabled={draft.saving} onClick={save}>
          {texts.save}
        </button>
        <button
          type="button"
          class="small-button"
          disabled={draft.saving}
          onClick={() => void teacher.cancelLesson()}
        >
          {strings.cancel}
        </button>
      </p>
    </section>
  );
}

function ItemList({ teacher, items }: { teacher: FilmingTeacher; items: readonly DraftItem[] }) {
  const list = useRef<HTMLOListElement>(null);
  /** The button that is to have the focus after the next drawing: an item's key and what it does. */
  const focus = useRef<string | null>(null);
  useEffect(() => {
    if (focus.current === null) return;
    const [key, action] = focus.current.split(' ');
    focus.current = null;
    focusItem(list.current, key ?? '', action ?? '');
  }, [items]);
  if (items.length === 0) return <p class="hint">{texts.noItemsYet}</p>;
  const move = (item: DraftItem, by: -1 | 1): void => {
    focus.current = `${item.key} ${by < 0 ? 'up' : 'down'}`;
    teacher.lessons.move(item.key, by);
  };
  const takeOut = (item: DraftItem, index: number): void => {
    const next = items[index + 1] ?? items[index - 1];
    focus.current = next ? `${next.key} out` : null;
    teacher.lessons.takeOut(item.key);
  };
  return (
    <>
      <ol class="teach-items" ref={list} aria-labelledby="items-title">
        {items.map((item, index) => (
          <ItemRow
            key={item.key}
            item={item}
            isFirst={index === 0}
            isLast={index === items.length - 1}
            isMissing={item.kind === 'sign' && !teacher.signs.mayHave(item.target)}
            onMove={(by) => move(item, by)}
            onTakeOut={() => takeOut(item, index)}
          />
        ))}
      </ol>
      <p class="hint">{texts.keys}</p>
    </>
  );
}

/** The button with that action, or the other one where it has nothing to do any more. */
function focusItem(list: HTMLElement | null, key: string, action: string): void {
  const row = list?.querySelector(`[data-key="${key}"]`);
  const wanted = row?.querySelector<HTMLButtonElement>(`[data-action="${action}"]`);
  const button =
    wanted && !wanted.disabled ? wanted : row?.querySelector<HTMLButtonElement>('button:enabled');
  button?.focus();
}

function ItemRow({
  item,
  isFirst,
  isLast,
  isMissing,
  onMove,
  onTakeOut,
}: {
  item: DraftItem;
  isFirst: boolean;
  isLast: boolean;
  isMissing: boolean;
  onMove: (by: -1 | 1) => void;
  onTakeOut: () => void;
}) {
  const name = texts.item(item);
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (!event.altKey || by === 0) return;
    event.preventDefault();
    onMove(by);
  };
  return (
    <li class="teach-row" data-key={item.key} onKeyDown={onKeyDown}>
      <div class="teach-row-words">
        <strong class="teach-gloss">{item.target}</strong>
        <span class="teach-tag" data-kind={item.kind}>
          {item.kind === 'sign' ? texts.sign : texts.spelled}
        </span>
        {isMissing ? <span class="teach-warning">{texts.missing}</span> : null}
      </div>
      <div class="teach-buttons">
        <MoveButton way="up" name={name} disabled={isFirst} onClick={() => onMove(-1)} />
        <MoveButton way="down" name={name} disabled={isLast} onClick={() => onMove(1)} />
        <button
          type="button"
          class="small-button"
          data-action="out"
          aria-label={texts.takeOutNamed(name)}
          onClick={onTakeOut}
        >
          {texts.takeOut}
        </button>
      </div>
    </li>
  );
}

function MoveButton({
  way,
  name,
  disabled,
  onClick,
}: {
  way: 'up' | 'down';
  name: string;
  disabled: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      class="small-button teach-square"
      data-action={way}
      aria-label={way === 'up' ? texts.upNamed(name) : texts.downNamed(name)}
      title={texts[way]}
      disabled={disabled}
      onClick={onClick}
    >
      <svg class="teach-arrow" viewBox="0 0 16 16" aria-hidden="true">
        <path d={way === 'up' ? 'M3 10l5-5 5 5' : 'M3 6l5 5 5-5'} />
      </svg>
    </button>
  );
}

function SignAdder({
  signs,
  onAdd,
}: {
  signs: readonly Sign[] | null;
  onAdd: (item: Item) => void;
}) {
  const isKnown = (gloss: string): boolean => (signs ?? []).some((sign) => sign.gloss === gloss);
  return (
    <Adder
      id="add-sign"
      label={texts.addSign}
      button={texts.addSignNamed}
      tidy={(typed) => tidyGloss(typed.trim())}
      problem={(gloss) =>
        gloss === '' ? strings.gloss.empty : isKnown(gloss) ? null : texts.noSuchSign(gloss)
      }
      suggestions={(signs ?? []).map(({ gloss }) => gloss)}
      onAdd={(target) => onAdd({ kind: 'sign', target })}
    />
  );
}

function WordAdder({ onAdd }: { onAdd: (item: Item) => void }) {
  return (
    <Adder
      id="add-word"
      label={texts.addWord}
      button={texts.addWordNamed}
      tidy={tidyWord}
      problem={wordProblem}
      suggestions={[]}
      onAdd={(target) => onAdd({ kind: 'letters', target })}
    />
  );
}

/** A field and a button; Enter adds, and the field is ready for the next one. */
function Adder({
  id,
  label,
  button,
  tidy,
  problem,
  suggestions,
  onAdd,
}: {
  id: string;
  label: string;
  button: string;
  tidy: (typed: string) => string;
  problem: (tidied: string) => string | null;
  suggestions: readonly string[];
  onAdd: (target: string) => void;
}) {
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const add = (event: Event): void => {
    event.preventDefault();
    const target = tidy(typed);
    const found = problem(target);
    setWrong(found);
    if (found === null) {
      onAdd(target);
      setTyped('');
    }
    field.current?.focus();
  };
  return (
    <form class="teach-adder" onSubmit={add} noValidate>
      <Field id={id} label={label} problem={wrong}>
        <div class="teach-adder-row">
          <input
            ref={field}
            {...described(id, wrong)}
            class="teach-gloss-input"
            type="text"
            list={suggestions.length > 0 ? `${id}-list` : undefined}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            maxLength={LONGEST_WORD + 30}
            value={typed}
            onInput={(event) => {
              setTyped(event.currentTarget.value);
              setWrong(null);
            }}
          />
          <button type="submit" class="small-button" aria-label={button}>
            {texts.add}
          </button>
        </div>
      </Field>
      {suggestions.length > 0 ? (
        <datalist id={`${id}-list`}>
          {suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      ) : null}
    </form>
  );
}
