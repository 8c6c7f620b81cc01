import { useState } from 'preact/hooks';
import type { Learner } from '../../practice/learner';
import { planOfStory } from '../../practice/plans';
import { type Level, LEVELS, type Story } from '../../practice/types';
import { strings } from '../../strings';
import { useAnswer } from '../use_answer';
import { useStore } from '../use_store';
import { Answered } from './Answered';

const texts = strings.practice;

/** Stories of a level, and a way to have one made. */
export function Stories({ learner }: { learner: Learner }) {
  const { level } = useStore(learner.settings);
  const { answer, again } = useAnswer(level, () => learner.api.stories(level));
  return (
    <section class="panel stories" aria-labelledby="stories-title">
      <h2 id="stories-title">{texts.stories}</h2>
      <fieldset class="picks">
        <legend>{texts.level}</legend>
        {LEVELS.map((it) => (
          <label key={it} class="pick">
            <input
              type="radio"
              name="level"
              value={it}
              checked={level === it}
              onChange={() => learner.set({ level: it })}
            />
            <span>{texts.levels[it]}</span>
          </label>
        ))}
      </fieldset>
      <Answered answer={answer} again={again}>
        {(stories) =>
          stories.length === 0 ? (
            <p class="hint">{texts.storiesNone}</p>
          ) : (
            <ul class="cards">
              {stories.map((story) => (
                <li key={story.id}>
                  <StoryCard learner={learner} story={story} />
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
      <MakeStory learner={learner} level={level} />
    </section>
  );
}

function StoryCard({ learner, story }: { learner: Learner; story: Story }) {
  const { title, sentences, source } = story;
  return (
    <button
      type="button"
      class="choice-card"
      data-story={story.id}
      onClick={() => learner.begin(planOfStory(story))}
    >
      <strong>{title}</strong>
      <span>{sentences[0]?.text}</span>
      <small>
        {texts.storyLength(sentences.length)}
        {texts.sources[source] === '' ? '' : `. ${texts.sources[source]}`}
      </small>
    </button>
  );
}

interface Made {
  story: Story | null;
  words: string;
}

function MakeStory({ learner, level }: { learner: Learner; level: Level }) {
  const [about, setAbout] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const text = about.trim();
    if (text === '' || isBusy) return;
    setBusy(true);
    setMade(null);
    const answer = await learner.api.makeStory(
      /\s/.test(text) ? { topic: text } : { word: text },
      level,
    );
    setBusy(false);
    setMade(
      answer.ok
        ? { story: answer.value.story, words: answer.value.notice }
        : { story: null, words: texts.apiProblem(answer.problem) },
    );
  };
  return (
    <form class="make" onSubmit={(event) => void submit(event)}>
      <h3>{texts.make}</h3>
      <div class="field">
        <label for="make-about">{texts.makeLabel}</label>
        <input
          id="make-about"
          type="text"
          maxLength={60}
          required
          placeholder={texts.makeExample}
          value={about}
          onInput={(event) => setAbout(event.currentTarget.value)}
        />
        <button type="submit" class="action" disabled={isBusy}>
          {texts.makeButton}
        </button>
      </div>
      <div role="status">
        {isBusy && <p class="hint">{texts.making}</p>}
        {made?.story && <p class="hint">{texts.made(made.story.title)}</p>}
        {made && made.words !== '' && (
          <p class="hint" data-notice="true">
            {made.words}
          </p>
        )}
      </div>
      {made?.story && <StoryCard learner={learner} story={made.story} />}
    </form>
  );
}
