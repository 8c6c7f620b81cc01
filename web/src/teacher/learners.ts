import { Store } from '../store';
import type { TeacherApi } from './api';
import { Loader, type Loading } from './loader';
import type { Day, Learner } from './types';

export const SORT_KEYS = ['name', 'attempts', 'share', 'last'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface Order {
  key: SortKey;
  descending: boolean;
}

export interface ClassBookState extends Loading {
  /** Null until the server has said it. */
  learners: readonly Learner[] | null;
  order: Order;
}

/** How the learners of the server are getting on. */
export class ClassBook {
  readonly store = new Store<ClassBookState>({
    learners: null,
    loading: false,
    problem: '',
    order: { key: 'name', descending: false },
  });
  private readonly loader = new Loader(
    () => this.api.learners(),
    (change) => this.store.set(change),
    (learners) => this.store.set({ learners }),
  );

  constructor(private readonly api: TeacherApi) {}

  load(): Promise<void> {
    return this.loader.load();
  }

  /** The same key again turns the order round. */
  sortBy(key: SortKey): void {
    const { order } = this.store.value;
    const descending = order.key === key ? !order.descending : key !== 'name';
    this.store.set({ order: { key, descending } });
  }
}

/** Of the attempts, those accepted: 0 to 1; null without attempts. */
export function shareOf({ attempts, accepted }: { attempts: number; accepted: number }) {
  return attempts === 0 ? null : Math.min(1, accepted / attempts);
}

/** Who has no value comes last in either direction; equals stand by name. */
export function inOrder(learners: readonly Learner[], { key, descending }: Order): Learner[] {
  const byName = (one: Learner, other: Learner): number =>
    one.name.localeCompare(other.name, 'en', { sensitivity: 'base', numeric: true });
  const sign = descending ? -1 : 1;
  return [...learners].sort((one, other) => {
    if (key === 'name') return sign * byName(one, other);
    const [a, b] = [valueOf(one, key), valueOf(other, key)];
    if (a === b) return byName(one, other);
    if (a === null) return 1;
    if (b === null) return -1;
    return sign * (a - b);
  });
}

function valueOf(learner: Learner, key: Exclude<SortKey, 'name'>): number | null {
  switch (key) {
    case 'attempts':
      return learner.attempts;
    case 'share':
      return shareOf(learner);
    case 'last':
      return learner.last?.getTime() ?? null;
  }
}

export const SHOWN_DAYS = 14;

const DAY_MS = 86_400_000;

/** The last SHOWN_DAYS days up to `now` (UTC, as the server counts them), empty ones included, oldest first. */
export function lastDays(days: readonly Day[], now: Date): Day[] {
  const known = new Map(days.map((day) => [day.date, day]));
  return Array.from({ length: SHOWN_DAYS }, (_, index) => {
    const time = now.getTime() - (SHOWN_DAYS - 1 - index) * DAY_MS;
    const date = new Date(time).toISOString().slice(0, 10);
    return known.get(date) ?? { date, attempts: 0, accepted: 0 };
  });
}
