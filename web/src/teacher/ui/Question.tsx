import { Dialog } from '../../ui/Dialog';
import { useStore } from '../../ui/use_store';
import type { Questions } from '../questions';

/** The open question, if there is one. */
export function QuestionBox({ questions }: { questions: Questions }) {
  const { asked } = useStore(questions.store);
  if (asked === null) return null;
  const { answer, ...question } = asked;
  return <Dialog key={asked.title} {...question} onAnswer={answer} />;
}
