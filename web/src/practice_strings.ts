/** The texts of practice and of progress. Short, plain sentences. */

import type { ApiProblem } from './practice/api';
import type { Aspect, Handedness, Item, NonManual, PracticeMode } from './practice/messages';
import type { Upcoming } from './practice/practice';
import type { Level, Story } from './practice/types';

const levels: Record<Level, string> = {
  amateur: 'First steps',
  normal: 'Easy',
  mid_level: 'Medium',
  difficult: 'Hard',
  expert: 'Expert',
};

const aspects: Record<Aspect, string> = {
  handshape: 'Handshape',
  location: 'Place',
  movement: 'Movement',
  timing: 'Timing',
  non_manual: 'Face and head',
};

const handednesses: Record<Handedness, string> = { right: 'Right hand', left: 'Left hand' };

/** What to do now, over the video. */
const cues: Record<PracticeMode, string> = {
  listening: 'Sign now',
  detecting: 'Signing',
  analyzing: 'Looking at it',
  feedback: 'Done',
  completed: 'Finished',
  recording: 'Recording',
};

const apiProblems: Record<ApiProblem['kind'], string> = {
  unreachable: 'The server does not answer. Try again in a moment.',
  signed_out: 'You are signed out. Please sign in again.',
  wait: 'That was too often. Wait a moment, then try again.',
  missing: 'The server does not have this.',
  server: 'The server could not do it. Try again in a moment.',
};

const upcoming: Record<Upcoming, string> = {
  item: 'It goes on with the next one.',
  sentence: 'The next one comes by itself.',
  finish: 'That was the last one.',
};

const sources: Record<Story['source'], string> = {
  library: '',
  template: 'Made for you from sentence patterns.',
  model: 'Made for you by a language model. It may have mistakes.',
};

const counted = (count: number, one: string, more: string): string =>
  `${count} ${count === 1 ? one : more}`;

const percent = (share: number): string => `${Math.round(100 * share)} %`;

const clock = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** "THANK-YOU" is a name of a sign, not of English words. */
const itemName = ({ kind, target }: Item): string =>
  kind === 'sign' ? target : [...target].join('-');

const itemText = ({ kind, target }: Item): string => {
  if (kind === 'sign') return `The sign ${target}`;
  return target.length === 1 ? `The letter ${target}` : `Spell ${target}`;
};

const nonManual = ({ eyebrows, mouth, head }: NonManual): string =>
  [
    eyebrows === '' ? '' : `Eyebrows ${eyebrows}.`,
    mouth === '' ? '' : `Mouth ${mouth}.`,
    head === '' ? '' : head === 'nod' ? 'Nod your head.' : 'Shake your head.',
  ]
    .filter((part) => part !== '')
    .join(' ');

export const practiceStrings = {
  title: 'Practise',
  lead: 'Sign or fingerspell before the camera. You see what matches the example and what to change.',
  levels,
  level: 'Level',
  aspects,
  percent,
  clock,
  itemName,
  itemText,
  apiProblem: ({ kind, words }: ApiProblem) =>
    kind === 'server' || kind === 'wait' ? words || apiProblems[kind] : apiProblems[kind],
  again: 'Try it again',
  loading: 'One moment.',

  due: 'Practise what is due',
  dueLead: 'What you are about to forget, and what went wrong lately, comes first.',
  dueBegin: 'Begin',
  dueCount: (count: number) => counted(count, 'thing is due', 'things are due'),
  duePlan: 'What is due',
  dueNone: 'Nothing is due now. Choose something new.',

  stories: 'Stories',
  storiesNone: 'There is no story at this level.',
  storyLength: (count: number) => counted(count, 'sentence', 'sentences'),
  sources,
  make: 'Or have one made',
  makeLabel: 'A word or a topic',
  makeExample: 'for example: breakfast',
  makeButton: 'Make a story',
  making: 'A story is being made.',
  made: (title: string) => `Made: ${title}`,

  letters: 'Fingerspelling',
  alphabet: 'The alphabet',
  alphabetHint: 'All 26 letters. What goes wrong most comes first.',
  oneLetter: 'One letter',
  letter: (letter: string) => `Letter ${letter}`,
  word: 'A word to spell',
  wordButton: 'Spell it',
  wordNone: 'Write at least one letter from A to Z.',

  lessons: 'Lessons of your teacher',
  lessonsNone: 'There are no lessons yet.',
  lessonLength: (count: number) => counted(count, 'sign or word', 'signs and words'),
  lessonBy: (name: string) => (name === '' ? '' : `By ${name}.`),

  settings: 'How you practise',
  handedness: 'You sign with',
  handednesses,
  handednessHint: 'What is shown to you is turned the same way.',
  goesOn: 'Go on by itself when it matches',

  sentenceOf: (index: number, total: number) => `${index + 1} of ${total}`,
  time: 'Time',
  items: 'What you sign, in order',
  itemStates: { accepted: 'matches', open: 'not yet', current: 'now', todo: 'to do' },
  cues,
  cueSpelling: (letter: string) => `Show ${letter} and hold it`,
  cueMoving: (letter: string) => `Draw ${letter} in the air`,
  cueHolding: (letter: string) => `Hold ${letter}`,
  cueNoHand: 'Show your hand',
  waiting: 'Practice begins when the camera runs.',
  starting: 'The server is asked.',
  startCamera: 'Start the camera',
  resumed: 'The connection was lost for a moment. You go on where you were.',
  lost: 'The connection is gone. Practice goes on by itself when it is back.',

  next: 'Next',
  nextSentence: 'Next sentence',
  finish: 'Finish',
  tryAgain: 'Try again',
  startOver: 'Start over',
  stop: 'Stop',
  actions: 'What to do',

  reference: 'How it is signed',
  referenceOf: (item: Item) => `Moving drawing: ${itemText(item)}`,
  letterShape: (letter: string) => `Drawing of the hand for the letter ${letter}`,
  own: 'Your attempt',
  ownLabel: 'Moving drawing of your last attempt',
  ownKept: 'Only here, until your next attempt. It is not a video, and it is not sent.',
  noDrawing: 'There is no drawing of this one.',
  recordedBy: (name: string) => (name === '' ? 'Recorded by a teacher.' : `Recorded by ${name}.`),
  builtIn: 'Comes with StorySign.',
  play: 'Play',
  pause: 'Pause',
  slow: 'Slower',
  position: 'Place in the movement',
  nonManual,

  right: 'It matches.',
  notYet: 'Not yet.',
  findings: 'What to change',
  likelier: (gloss: string) => `It looks more like ${gloss}.`,
  scores: 'How close it was',
  upcoming,
  spelled: (confirmed: string) => `Spelled so far: ${[...confirmed].join('-')}`,
  spelling: 'Your letters',
  seen: 'It looks like',
  notSure: 'Not sure',
  notSureHint: 'Turn your palm to the camera and hold still.',
  guess: (letter: string, share: number) => `${letter} ${percent(share)}`,
  noHand: 'No hand is seen.',
  confirmed: (letter: string, next: string) =>
    next === '' ? `${letter} is right.` : `${letter} is right. Now ${next}.`,

  finished: 'Well done. You are through.',
  finishedScore: (accepted: number, attempts: number) =>
    `${accepted} of ${counted(attempts, 'attempt', 'attempts')} matched.`,
  finishedTime: (ms: number) => `It took ${clock(ms)}.`,
  once: 'Once more',
  choose: 'Choose something else',

  honest: 'What is measured here',
  honestText: [
    'StorySign compares the points of your hands, face and body with examples: handshape, place, movement, timing, and the face where a sign asks for it. It does not translate, and it does not know what you mean.',
    'Signs, measured with two signers: with three examples of one of them, 78 to 83 of 100 good attempts of the other were accepted; of the ten built-in words 93 to 99. So it says "not yet" without a reason more often than "it matches": fewer than 1 of 100 attempts at other signs were accepted. The limits were chosen by looking at these figures, which flatter a little.',
    'Letters, measured with sources of pictures that it had not seen before: its first guess was right for 79 to 95 of 100 hands, and where it was sure for 88 to 96. How all this was measured is in docs/signs.md and docs/letters.md of StorySign.',
    'No Deaf signer has validated its judgements yet. If it contradicts your teacher, your teacher is right.',
  ],
};

export const progressStrings = {
  title: 'Progress',
  lead: 'Every attempt that was judged counts. Only you and your teacher see this.',
  empty: 'There is nothing here yet. After your first attempts you see here how you are doing.',
  toPractise: 'Go and practise',
  tiles: {
    attempts: 'Attempts in the last 7 days',
    right: 'Matched in the last 7 days',
    days: 'Days with practice in the last 7 days',
    strong: 'Signs and words that sit well',
  },
  none: '\u2013',
  days: 'Attempts per day',
  daysLegend: { attempts: 'Attempts', accepted: 'Matched' },
  daysTable: 'The same as a table',
  date: 'Day',
  dayFigures: (day: string, attempts: number, accepted: number) =>
    `${day}: ${counted(attempts, 'attempt', 'attempts')}, ${accepted} matched`,
  signs: 'Signs',
  letters: 'Letters and words',
  strength: 'How well they sit',
  strengthLead: 'From your last attempts and the time since then. What is not practised fades.',
  strengthValue: (share: number) => `${percent(share)} sure`,
  tries: (accepted: number, attempts: number) => `${accepted} of ${attempts} matched`,
  dueNow: 'due now',
  dueIn: (days: number) => (days === 1 ? 'due tomorrow' : `due in ${days} days`),
  more: (count: number) => `Show ${count} more`,
  noneOfKind: 'None yet.',
  next: 'What is next',
};
