import { useEffect, useState } from 'preact/hooks';
import type { Answer } from '../practice/api';

/** What was asked for, anew whenever `key` changes; null while it is on its way. */
export function useAnswer<T>(key: string, ask: () => Promise<Answer<T>>) {
  const [state, setState] = useState<{ key: string; answer: Answer<T> } | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isWanted = true;
    void ask().then((answer) => {
      if (isWanted) setState({ key, answer });
    });
    return () => {
      isWanted = false;
    };
  }, [key, turn]);
  const again = (): void => {
    setState(null);
    setTurn(turn + 1);
  };
  return { answer: state?.key === key ? state.answer : null, again };
}
