import type { ItemState, PracticeSession } from '../../practice/messages';
import { strings } from '../../strings';

const texts = strings.practice;

type Standing = keyof typeof texts.itemStates;

const SIGNS: Record<Standing, string> = {
  accepted: '\u2713',
  open: '\u21bb',
  current: '\u25b8',
  todo: '\u00b7',
};

/** The sentence as what is signed and spelled, one after the other. */
export function Items({
  items,
  session,
}: {
  items: readonly ItemState[];
  session: PracticeSession | null;
}) {
  return (
    <ol class="items" aria-label={texts.items}>
      {items.map((item, index) => {
        const isCurrent = index === session?.currentItem;
        const standing = standingOf(item, isCurrent);
        return (
          <li
            key={index}
            class="item"
            data-standing={standing}
            data-kind={item.kind}
            aria-current={isCurrent ? 'step' : undefined}
          >
            <span class="item-sign" aria-hidden="true">
              {SIGNS[standing]}
            </span>
            {texts.itemName(item)}
            <span class="unseen">, {texts.itemStates[standing]}</span>
          </li>
        );
      })}
    </ol>
  );
}

function standingOf({ accepted }: ItemState, isCurrent: boolean): Standing {
  if (accepted !== null) return accepted ? 'accepted' : 'open';
  return isCurrent ? 'current' : 'todo';
}
