/** What is said about practice at a moment: on the video, and by a screen reader. */

import { strings } from '../strings';
import { MOVING_LETTERS } from './letters';
import type { Feedback, Spelling } from './messages';
import type { PracticeState } from './practice';

const texts = strings.practice;

export interface Cue {
  text: string;
  tone: 'go' | 'busy' | 'good' | 'change';
}

/** Over the video; null: there is nothing to do. */
export function cueOf({ phase, session, feedback }: PracticeState): Cue | null {
  if (phase !== 'running' || session?.mode == null) return null;
  if (feedback !== null && session.mode !== 'detecting') {
    return feedback.accepted
      ? { text: texts.right, tone: 'good' }
      : { text: texts.notYet, tone: 'change' };
  }
  const { spelling, mode } = session;
  if (spelling !== null && spelling.next !== '') return spellingCue(spelling);
  const tone = mode === 'detecting' || mode === 'analyzing' ? 'busy' : 'go';
  return { text: texts.cues[mode], tone };
}

function spellingCue({ next, hold, top }: Spelling): Cue {
  if (MOVING_LETTERS.includes(next)) return { text: texts.cueMoving(next), tone: 'go' };
  if (top.length === 0) return { text: texts.cueNoHand, tone: 'go' };
  return hold > 0
    ? { text: texts.cueHolding(next), tone: 'busy' }
    : { text: texts.cueSpelling(next), tone: 'go' };
}

/** The server's sentence names its first finding: it is said only where there is none. */
function saidOf({ error, sentence, findings, likelier }: Feedback): string[] {
  const said = error || (findings.length === 0 ? sentence : '');
  return [
    said,
    ...findings.map((finding) => finding.sentence),
    findings.length > 0 && likelier !== '' ? texts.likelier(likelier) : '',
  ].filter((part) => part !== '');
}

/** One sentence or a few; the same until something of weight changes, so that it is said once. */
export function announcementOf(state: PracticeState): string {
  const { phase, plan, session, items, feedback, problem, resumed } = state;
  if (problem !== '') return problem;
  if (phase === 'finished') return texts.finished;
  if (phase !== 'running' || session === null) return phase === 'starting' ? texts.starting : '';
  if (feedback !== null) {
    const verdict = feedback.accepted ? texts.right : texts.notYet;
    return [verdict, ...saidOf(feedback)].join(' ');
  }
  const { spelling } = session;
  if (spelling !== null && spelling.confirmed !== '') {
    return texts.confirmed(spelling.confirmed.slice(-1), spelling.next);
  }
  const item = session.currentItem === null ? undefined : items[session.currentItem];
  const total = session.totalSentences || plan?.sentences.length || 0;
  return [
    resumed ? texts.resumed : '',
    `${texts.sentenceOf(session.sentenceIndex, total)}.`,
    item ? `${texts.itemText(item)}.` : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}
