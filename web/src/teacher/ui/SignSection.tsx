import { useEffect, useRef, useState } from 'preact/hooks';
import { readDrawing } from '../../practice/figure';
import { useStore } from '../../ui/use_store';
import { matching, type SignListState } from '../signs';
import { strings } from '../strings';
import type { Sign } from '../types';
import { Asked, Problem } from './parts';
import { Replay } from './Replay';
import type { FilmingTeacher } from './use_teacher';

const texts = strings.signs;

/** The signs that the server has; one of them can be looked at. */
export function SignSection({ teacher }: { teacher: FilmingTeacher }) {
  const state = useStore(teacher.signs.store);
  const [sought, setSought] = useState('');
  const { signs, loading, problem, open } = state;
  const shown = matching(signs ?? [], sought);
  return (
    <section class="teach-panel" aria-labelledby="signs-title">
      <div class="teach-panel-head">
        <h2 id="signs-title">{texts.title}</h2>
        {signs === null ? null : <span class="teach-quiet">{texts.count(signs.length)}</span>}
        <input
          class="teach-find"
          type="search"
          aria-label={texts.filter}
          placeholder={texts.filter}
          value={sought}
          onInput={(event) => setSought(event.currentTarget.value)}
        />
      </div>
      <Asked
        there={signs !== null}
        loading={loading}
        problem={problem}
        again={() => void teacher.signs.load()}
      >
        <div class="teach-signs" data-open={String(open !== null)}>
          {shown.length === 0 ? (
            <p class="hint">{sought.trim() === '' ? texts.none : texts.noMatch(sought.trim())}</p>
          ) : (
            <ul class="teach-rows">
              {shown.map((sign) => (
                <SignRow key={sign.gloss} teacher={teacher} sign={sign} state={state} />
              ))}
            </ul>
          )}
          {open === null ? null : <OpenSign teacher={teacher} open={open} />}
        </div>
        <p class="hint">{texts.builtInStays}</p>
      </Asked>
    </section>
  );
}

function SignRow({
  teacher,
  sign,
  state: { open, deleting },
}: {
  teacher: FilmingTeacher;
  sign: Sign;
  state: SignListState;
}) {
  const { gloss, source, examples, by, updated } = sign;
  const isOpen = open?.gloss === gloss;
  return (
    <li class="teach-row" data-open={String(isOpen)}>
      <div class="teach-row-words">
        <strong class="teach-gloss">{gloss}</strong>
        <span class="teach-tag" data-source={source}>
          {texts.sources[source]}
        </span>
        <span class="teach-quiet">
          {[texts.examples(examples), texts.byWhom(by, updated)]
            .filter((part) => part !== '')
            .join(', ')}
        </span>
      </div>
      <div class="teach-buttons">
        <button
          type="button"
          class="small-button"
          aria-label={texts.lookAt(gloss)}
          aria-expanded={isOpen}
          onClick={() => {
            if (isOpen) teacher.signs.close();
            else void teacher.signs.look(gloss);
          }}
        >
          {texts.look}
        </button>
        {source === 'teacher' ? (
          <button
            type="button"
            class="small-button"
            aria-label={texts.removeNamed(gloss)}
            disabled={deleting !== null}
            onClick={() => void teacher.removeSign(gloss)}
          >
            {texts.remove}
          </button>
        ) : null}
      </div>
    </li>
  );
}

function OpenSign({
  teacher,
  open: { gloss, sign, problem },
}: {
  teacher: FilmingTeacher;
  open: NonNullable<SignListState['open']>;
}) {
  const place = useRef<HTMLElement>(null);
  useEffect(() => place.current?.scrollIntoView({ block: 'nearest' }), [gloss, sign]);
  const figure = sign === null ? null : readDrawing(sign.drawing);
  const asked = sign === null ? null : strings.nonManual.words(sign.nonManual);
  return (
    <aside ref={place} class="teach-open-sign" aria-label={texts.drawing(gloss)}>
      <div class="teach-panel-head">
        <h3 class="teach-gloss">{gloss}</h3>
        <button type="button" class="small-button" onClick={() => teacher.signs.close()}>
          {strings.close}
        </button>
      </div>
      <Problem text={problem} />
      {sign === null && problem === '' ? <p class="hint">{strings.loading}</p> : null}
      {sign === null ? null : (
        <>
          <Replay figure={figure} label={texts.drawing(gloss)} none={texts.noDrawing} />
          {asked === null ? null : <p>{texts.asksFor(asked)}</p>}
          <p class="hint">{sign.validated ? texts.validated : texts.notValidated}</p>
        </>
      )}
    </aside>
  );
}
