import { useEffect, useRef, useState } from 'preact/hooks';

/** Whether the colours are the dark ones: what is drawn on a canvas does not follow by itself. */
export function useDarkness(): boolean {
  const query = useRef(window.matchMedia('(prefers-color-scheme: dark)'));
  const [isDark, setDark] = useState(query.current.matches);
  useEffect(() => {
    const follow = (): void => setDark(query.current.matches);
    query.current.addEventListener('change', follow);
    return () => query.current.removeEventListener('change', follow);
  }, []);
  return isDark;
}
