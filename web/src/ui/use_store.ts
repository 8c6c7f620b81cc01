import { useEffect, useState } from 'preact/hooks';
import type { Store } from '../store';

/** The value of a store, and a new drawing whenever it changes. */
export function useStore<T extends object>(store: Store<T>): T {
  const [value, setValue] = useState(store.value);
  useEffect(() => {
    setValue(store.value);
    return store.watch(setValue);
  }, [store]);
  return value;
}
