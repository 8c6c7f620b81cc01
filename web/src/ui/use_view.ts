import { useEffect, useRef, useState } from 'preact/hooks';
import { addressOf, type ViewName, viewOf } from '../routes';
import { mayLeave } from '../teacher/leaving';

/** The view that the address names; follows the address. */
export function useView(allowed: readonly ViewName[]): ViewName {
  const [hash, setHash] = useState(location.hash);
  const view = viewOf(hash, allowed);
  const shown = useRef(view);
  shown.current = view;
  useEffect(() => {
    const follow = (): void => {
      const stays = viewOf(location.hash, allowed) === shown.current;
      if (!stays && !mayLeave()) {
        history.replaceState(null, '', addressOf(shown.current));
        return;
      }
      setHash(location.hash);
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, [allowed]);
  return view;
}
