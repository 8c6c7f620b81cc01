/**
 * What the page and the server say to each other about practice, as JSON text over storysign.v1.
 * Reading never throws: a message that the page does not know is left alone, a field that does not
 * fit becomes a default.
 */

import {
  asArray,
  asCount,
  asNumber,
  asObject,
  asShare,
  asString,
  asStrings,
  asText,
  type Json,
} from '../json';

export type ItemKind = 'sign' | 'letters';

/** One sign (`target` is its gloss), or one word to fingerspell (`target` is A to Z). */
export interface Item {
  kind: ItemKind;
  target: string;
}

export const HANDEDNESSES = ['right', 'left'] as const;
export type Handedness = (typeof HANDEDNESSES)[number];

/** What a sign can ask of the face and the head; empty: nothing. */
export const EYEBROWS = ['', 'raised', 'lowered'] as const;
export const MOUTHS = ['', 'open', 'closed'] as const;
export const HEADS = ['', 'shake', 'nod'] as const;

export interface NonManual {
  eyebrows: (typeof EYEBROWS)[number];
  mouth: (typeof MOUTHS)[number];
  head: (typeof HEADS)[number];
}

export interface StartData {
  story_sentences: string[];
  story_title?: string;
  /** Of each sentence; the server makes the items of them with the signs that it knows. */
  glosses?: string[][];
  /** Of each sentence; goes before `glosses`. Without both, the server takes the words. */
  items?: Item[][];
  handedness?: Handedness | null;
  story_id?: string;
  lesson_id?: string;
  level?: string;
}

/** What the page asks for. */
export type PracticeControl =
  | { action: 'start_session'; data: StartData }
  | { action: 'try_again'; data?: { item: number } }
  | { action: 'next_sentence' | 'restart_story' | 'complete_story' | 'stop_session' }
  | { action: 'set_handedness'; data: { handedness: Handedness | null } }
  | { action: 'record_sign'; data: { gloss: string } }
  | { action: 'drop_example'; data: { example_id: string | number } }
  | { action: 'save_sign'; data: { non_manual?: NonManual } }
  | { action: 'stop_recording' };

export const PRACTICE_MODES = [
  'listening',
  'detecting',
  'analyzing',
  'feedback',
  'completed',
  'recording',
] as const;
export type PracticeMode = (typeof PRACTICE_MODES)[number];

export interface ItemState extends Item {
  /** Null: not tried yet. */
  accepted: boolean | null;
}

export type LetterGuess = readonly [letter: string, confidence: number];

export interface Spelling {
  word: string;
  confirmed: string;
  /** Empty when the word is done. */
  next: string;
  /** 0 to 1: how much of the time to confirm a letter has passed. */
  hold: number;
  /** The likeliest letter first; empty without a hand. */
  top: readonly LetterGuess[];
  isSure: boolean;
  advice: string;
}

/** One example of a sign that a teacher records. */
export interface Example {
  id: string | number;
  durationMs: number;
  usable: boolean;
  /** Sentences why it is not. */
  problems: readonly string[];
  /** 0 to 1, to the other examples; null for the first. */
  likeness: number | null;
}

export interface RecordingState {
  gloss: string;
  examples: readonly Example[];
}

/** What the server knows about the practice of this connection. */
export interface PracticeSession {
  active: boolean;
  sessionId: string;
  sentence: string;
  sentenceIndex: number;
  totalSentences: number;
  mode: PracticeMode | null;
  isDetecting: boolean;
  /** How long the hands rest before a gesture is over; null if not told. */
  pauseMs: number | null;
  items: readonly ItemState[];
  currentItem: number | null;
  spelling: Spelling | null;
  recording: RecordingState | null;
  gestureStarted: boolean;
}

export const ASPECTS = ['handshape', 'location', 'movement', 'timing', 'non_manual'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** One thing to change, at a part of the body. */
export interface Finding {
  aspect: Aspect | null;
  part: string;
  sentence: string;
  /** From the start of the attempt. */
  atMs: number;
}

export interface Feedback {
  sentence: string;
  /** The item that was judged; null if the server did not say it. */
  item: number | null;
  kind: ItemKind | null;
  target: string;
  accepted: boolean;
  scores: Partial<Record<Aspect, number>> | null;
  findings: readonly Finding[];
  /** The gloss of a sign that it looks more like; empty if none. */
  likelier: string;
  durationMs: number;
  sentenceDone: boolean;
  attemptId: string;
  sentenceIndex: number | null;
  /** A sentence beside it, such as that the attempt is not kept; mostly empty. */
  notice: string;
  /** Why it could not be judged; empty if it was. */
  error: string;
}

/** What the server tells. */
export type PracticePush =
  /** There is a connection; the session if the server goes on with one, else null. */
  | { type: 'joined'; session: PracticeSession | null }
  /** To start_session. */
  | { type: 'started'; success: boolean; error: string; session: PracticeSession | null }
  /** To any other control; `result` as the server gave it. */
  | {
      type: 'answered';
      action: string;
      success: boolean;
      error: string;
      session: PracticeSession | null;
      result: Json;
    }
  | { type: 'update'; session: PracticeSession }
  | { type: 'feedback'; feedback: Feedback }
  | { type: 'example'; gloss: string; example: Example }
  | { type: 'complete'; message: string; suggestions: readonly string[] };

const ACTIONS_OF_OTHERS: readonly string[] = ['set_quality', 'resume_session'];

/** The text message that asks for it. */
export function practiceRequest(control: PracticeControl): string {
  return JSON.stringify({ type: 'control', data: {}, ...control });
}

/** Null: the message is not about practice. */
export function readPractice(message: Json): PracticePush | null {
  switch (message.type) {
    case 'practice_session_response':
      return readStarted(asObject(message.result));
    case 'control_response':
      return readAnswered(asString(message.action), asObject(message.result));
    case 'practice_update':
      return { type: 'update', session: readSession(asObject(message.practice_session)) };
    case 'asl_feedback':
      return {
        type: 'feedback',
        feedback: readFeedback(asObject(message.data), asObject(message.metadata)),
      };
    case 'sign_example': {
      const data = asObject(message.data);
      return { type: 'example', gloss: asString(data.gloss), example: readExample(data) };
    }
    case 'session_complete': {
      const data = asObject(message.data);
      return {
        type: 'complete',
        message: asString(data.completion_message),
        suggestions: asStrings(data.final_suggestions),
      };
    }
    default:
      return null;
  }
}

function readStarted(result: Json): PracticePush {
  return {
    type: 'started',
    success: result.success === true,
    error: asString(result.error),
    session: readSessionOf(result),
  };
}

function readAnswered(action: string, result: Json): PracticePush | null {
  if (action === '' || ACTIONS_OF_OTHERS.includes(action)) return null;
  return {
    type: 'answered',
    action,
    success: result.success === true,
    error: asString(result.error),
    session: readSessionOf(result),
    result,
  };
}

/** Answers carry the whole session along where it has changed. */
export function readSessionOf(result: Json): PracticeSession | null {
  return 'practice_session' in result ? readSession(asObject(result.practice_session)) : null;
}

function readSession(session: Json): PracticeSession {
  const gesture = asObject(session.gesture_state);
  return {
    active: session.practice_active === true,
    sessionId: asString(session.session_id),
    sentence: asString(session.current_sentence),
    sentenceIndex: asCount(session.current_sentence_index),
    totalSentences: asCount(session.total_sentences),
    mode: PRACTICE_MODES.find((mode) => mode === session.practice_mode) ?? null,
    isDetecting: gesture.is_detecting === true,
    pauseMs: asNumber(gesture.pause_duration_ms, 0, 1e6),
    items: asArray(session.items).flatMap(readItemState),
    currentItem: asNumber(session.current_item, 0, 1e6),
    spelling: readSpelling(session.spelling),
    recording: readRecording(session.recording),
    gestureStarted: session.gesture_started === true,
  };
}

/** No item, or one. */
export function readItem(value: unknown): Item[] {
  const { kind, target } = asObject(value);
  const name = asText(target);
  return name !== null && (kind === 'sign' || kind === 'letters') ? [{ kind, target: name }] : [];
}

export function readNonManual(value: unknown): NonManual {
  const { eyebrows, mouth, head } = asObject(value);
  return {
    eyebrows: EYEBROWS.find((it) => it === eyebrows) ?? '',
    mouth: MOUTHS.find((it) => it === mouth) ?? '',
    head: HEADS.find((it) => it === head) ?? '',
  };
}

function readItemState(value: unknown): ItemState[] {
  const { accepted } = asObject(value);
  return readItem(value).map((item) => ({
    ...item,
    accepted: typeof accepted === 'boolean' ? accepted : null,
  }));
}

function readSpelling(value: unknown): Spelling | null {
  const spelling = asObject(value);
  const word = asText(spelling.word);
  if (word === null) return null;
  return {
    word,
    confirmed: asString(spelling.confirmed),
    next: asString(spelling.next).replace('\0', ''),
    hold: asShare(spelling.hold) ?? 0,
    top: asArray(spelling.top).flatMap(readGuess),
    isSure: spelling.is_sure === true,
    advice: asString(spelling.advice),
  };
}

function readGuess(value: unknown): LetterGuess[] {
  const [letter, confidence] = asArray(value);
  const share = asShare(confidence);
  return typeof letter === 'string' && /^[A-Z]$/.test(letter) && share !== null
    ? [[letter, share]]
    : [];
}

function readRecording(value: unknown): RecordingState | null {
  const recording = asObject(value);
  const gloss = asText(recording.gloss);
  if (gloss === null) return null;
  return { gloss, examples: asArray(recording.examples).map((it) => readExample(asObject(it))) };
}

function readExample(example: Json): Example {
  const id = example.example_id;
  return {
    id: typeof id === 'number' ? id : asString(id),
    durationMs: asNumber(example.duration_ms, 0, 1e9) ?? 0,
    usable: example.usable === true,
    problems: asStrings(example.problems),
    likeness: asShare(example.likeness),
  };
}

function readFeedback(data: Json, metadata: Json): Feedback {
  const summary = asObject(data.analysis_summary);
  const [item] = readItem(summary);
  return {
    sentence: asString(data.feedback),
    item: asNumber(summary.item, 0, 1e6),
    kind: item?.kind ?? null,
    target: item?.target ?? '',
    accepted: summary.accepted === true,
    scores: readScores(summary.scores),
    findings: asArray(summary.findings).flatMap(readFinding),
    likelier: asString(summary.likelier),
    durationMs: asNumber(summary.duration_ms, 0, 1e9) ?? 0,
    sentenceDone: summary.sentence_done === true,
    attemptId: asId(metadata.attempt_id),
    sentenceIndex: asNumber(metadata.sentence_index, 0, 1e6),
    notice: asString(data.notice),
    error: asString(data.error),
  };
}

function readScores(value: unknown): Feedback['scores'] {
  const scores = asObject(value);
  const read: Partial<Record<Aspect, number>> = {};
  for (const aspect of ASPECTS) {
    const score = asShare(scores[aspect]);
    if (score !== null) read[aspect] = score;
  }
  return Object.keys(read).length > 0 ? read : null;
}

function readFinding(value: unknown): Finding[] {
  const finding = asObject(value);
  const sentence = asText(finding.sentence);
  if (sentence === null) return [];
  return [
    {
      aspect: ASPECTS.find((aspect) => aspect === finding.aspect) ?? null,
      part: asString(finding.part),
      sentence,
      atMs: asNumber(finding.at_ms, 0, 1e9) ?? 0,
    },
  ];
}

function asId(value: unknown): string {
  return typeof value === 'number' ? String(value) : asString(value);
}
