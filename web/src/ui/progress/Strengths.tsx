import { useState } from 'preact/hooks';
import { daysUntil, weakestFirst } from '../../practice/progress';
import type { ItemProgress } from '../../practice/types';
import { strings } from '../../strings';

const texts = strings.progress;
const SHOWN = 12;

/** How well each sign and each word sits. */
export function Strengths({ items, now }: { items: readonly ItemProgress[]; now: number }) {
  return (
    <section class="panel strengths" aria-labelledby="strengths-title">
      <h2 id="strengths-title">{texts.strength}</h2>
      <p class="hint">{texts.strengthLead}</p>
      <div class="strength-columns">
        <Column title={texts.signs} items={items.filter(({ kind }) => kind === 'sign')} now={now} />
        <Column
          title={texts.letters}
          items={items.filter(({ kind }) => kind === 'letters')}
          now={now}
        />
      </div>
    </section>
  );
}

interface ColumnProps {
  title: string;
  items: readonly ItemProgress[];
  now: number;
}

function Column({ title, items, now }: ColumnProps) {
  const [isWhole, setWhole] = useState(false);
  const sorted = weakestFirst(items);
  const shown = isWhole ? sorted : sorted.slice(0, SHOWN);
  return (
    <div>
      <h3>{title}</h3>
      {items.length === 0 && <p class="hint">{texts.noneOfKind}</p>}
      <ul class="strength-list">
        {shown.map((item) => (
          <Row key={item.target} item={item} now={now} />
        ))}
      </ul>
      {shown.length < sorted.length && (
        <button type="button" class="small-button" onClick={() => setWhole(true)}>
          {texts.more(sorted.length - shown.length)}
        </button>
      )}
    </div>
  );
}

function Row({ item, now }: { item: ItemProgress; now: number }) {
  const { strength, accepted, attempts, due } = item;
  const days = daysUntil(due, now);
  return (
    <li class="strength" data-target={item.target}>
      <span class="strength-name">{strings.practice.itemName(item)}</span>
      <span class="bar" aria-hidden="true">
        <span class="bar-fill" style={{ width: `${100 * strength}%` }} />
      </span>
      <span class="strength-value">{texts.strengthValue(strength)}</span>
      <small>
        {texts.tries(accepted, attempts)}
        {days === null ? '' : `, ${days === 0 ? texts.dueNow : texts.dueIn(days)}`}
      </small>
    </li>
  );
}
