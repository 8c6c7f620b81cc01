/** Every text of the teacher's page. Short, plain sentences. */

import type { CyclePart } from './cycle';
import type { SortKey } from './learners';
import type { Item, NonManual } from './types';

const dash = '\u2013';

const count = (number: number, one: string, many: string): string =>
  `${number} ${number === 1 ? one : many}`;

const day = (date: Date): string =>
  date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

const tableDay = (date: Date): string =>
  date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

const shortDay = (date: string): string => {
  const time = new Date(`${date}T00:00:00Z`);
  return Number.isNaN(time.getTime())
    ? date
    : time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
};

const quoted = (character: string): string => (character === ' ' ? 'a space' : `"${character}"`);

const percent = (share: number): string => `${Math.round(100 * share)} %`;

const item = ({ kind, target }: Item): string => (kind === 'sign' ? target : `${target}, spelled`);

const gloss = {
  label: 'Name of the sign',
  hint: 'In capital letters, as glosses are written: EAT, MY, THANK-YOU.',
  empty: 'Write the name of the sign first.',
  odd: (character: string) =>
    `A name has letters A to Z, digits and hyphens only; ${quoted(character)} does not fit.`,
  long: (most: number) => `A name has ${most} characters at most.`,
};

const word = {
  label: 'A word to spell',
  empty: 'Write the word first.',
  odd: (character: string) =>
    `Only the letters A to Z can be spelled here; ${quoted(character)} cannot.`,
  long: (most: number) => `A word has ${most} letters at most.`,
};

const cycle: Record<CyclePart, string> = {
  rest: 'Hands at rest',
  sign: 'Sign',
  back: 'Back to rest',
};

const cycleSays: Record<CyclePart, string> = {
  rest: 'Let your hands rest, low and still. Then sign when you like.',
  sign: 'Signing. Take your hands back to rest at the end.',
  back: 'Hold still for a moment.',
};

const nonManual = {
  title: 'Face and head',
  hint: 'Does the sign need them? What you choose here is asked of the learners too.',
  parts: { eyebrows: 'Eyebrows', mouth: 'Mouth', head: 'Head' } satisfies Record<
    keyof NonManual,
    string
  >,
  choices: {
    '': 'not needed',
    raised: 'raised',
    lowered: 'lowered',
    open: 'open',
    closed: 'closed',
    shake: 'shakes',
    nod: 'nods',
  } satisfies Record<NonManual[keyof NonManual], string>,
  /** Null: the sign asks for nothing beside the hands. */
  words: ({ eyebrows, mouth, head }: NonManual): string | null => {
    const parts = [
      eyebrows && `eyebrows ${eyebrows}`,
      mouth && `mouth ${mouth}`,
      head && (head === 'shake' ? 'head shakes' : 'head nods'),
    ].filter((part) => part !== '');
    return parts.length === 0 ? null : parts.join(', ');
  },
};

const record = {
  title: 'Record a sign',
  intro:
    'Show a sign three times or more. StorySign learns it from the lines that it sees, and learners can then practise it.',
  stored:
    'Stored are the places of hands, body and face, scaled to one size. No video and no picture is stored.',
  start: 'Start recording',
  end: 'End without saving',
  steps: 'What to do',
  cycle,
  cycleSays,
  starting: 'The camera and the connection come first.',
  asking: 'Asking the server.',
  tooShort:
    'That movement did not count as a sign: it was too short, or the hands did not leave their rest.',
  recording: (name: string) => `Recording ${name}`,
  cameraOn: 'Turn the camera on',
  cameraOff: 'Turn the camera off',
  cameraHint: 'Another camera can be chosen under "Mirror".',
  look: 'Look at it',
  examples: 'Examples',
  noExamples: 'No example yet. Each time you sign, one appears here.',
  example: (number: number) => `Example ${number}`,
  duration: (ms: number) => `${(ms / 1000).toFixed(1)} s`,
  usable: 'Usable',
  unusable: 'Not usable',
  likeness: 'Like the others',
  likenessValue: (likeness: number | null) =>
    likeness === null ? 'the first usable one' : percent(likeness),
  noReplay: 'The lines of this one were not kept.',
  replay: (number: number) => `Lines of example ${number}`,
  drop: 'Drop',
  dropNamed: (number: number) => `Drop example ${number}`,
  arrived: (number: number, usable: boolean) =>
    usable ? `Example ${number} is usable.` : `Example ${number} is not usable.`,
  needs: (missing: number) =>
    missing === 0
      ? 'Enough examples. More make the sign surer; five are good.'
      : `${count(missing, 'more usable example', 'more usable examples')} and you can save.`,
  counted: (usable: number, needed: number) => `${usable} of ${needed} usable examples`,
  mouse: 'Reaching for the mouse is a movement too. Drop what was not the sign.',
  odd: 'It differs much from the others. Drop it if it was not the sign.',
  oddTitle: (numbers: readonly number[]) =>
    numbers.length === 1
      ? `Example ${numbers.join()} differs much from the others`
      : `Examples ${numbers.join(' and ')} differ much from the others`,
  oddWords: (number: number) =>
    number === 1
      ? 'Perhaps it was another movement, such as reaching for the mouse. Learners would be compared with it too.'
      : 'Perhaps they were other movements, such as reaching for the mouse. Learners would be compared with them too.',
  oddSave: 'Save all the same',
  save: (name: string) => `Save ${name}`,
  saving: 'The server stores the sign.',
  saved: (name: string, examples: number) =>
    `${name} is stored, from ${count(examples, 'example', 'examples')}. Kept are the scaled places of hands, body and face, not the video.`,
  replaceTitle: (name: string) => `Replace ${name}?`,
  replaceTeacher: (by: string | null, updated: Date | null) =>
    `There is a sign of this name already${by === null ? '' : `, recorded by ${by}`}${
      updated === null ? '' : ` on ${day(updated)}`
    }. Saving replaces it for everybody.`,
  replaceBuiltIn:
    'There is a built-in sign of this name. Learners will practise yours in its place.',
  replace: 'Replace it',
  lostSaving:
    'The connection broke while the sign was stored. Look at the list of signs whether it is there.',
  lostExamples:
    'The connection broke, and the server no longer has the examples from before. Record them again.',
  slow: 'The server did not answer in time. Try again.',
  slowSaving:
    'The server did not say in time that the sign is stored. Look at the list of signs, or try again.',
  notConnected: 'There is no connection to the server. Try again in a moment.',
  ended: 'The server ended the recording.',
  refused: 'The server said no, without a reason.',
  leave: (name: string, examples: number) =>
    `The ${count(examples, 'example', 'examples')} of ${name} ${examples === 1 ? 'is' : 'are'} not saved yet and will be lost.`,
};

const signs = {
  title: 'Signs',
  count: (number: number) => count(number, 'sign', 'signs'),
  filter: 'Find a sign',
  none: 'There are no signs yet. Record the first one.',
  noMatch: (sought: string) => `No sign has "${sought}" in its name.`,
  sources: { teacher: 'recorded', built_in: 'built in' },
  examples: (number: number) => count(number, 'example', 'examples'),
  byWhom: (by: string | null, updated: Date | null) =>
    [by === null ? '' : `by ${by}`, updated === null ? '' : day(updated)]
      .filter((part) => part !== '')
      .join(', '),
  validated: 'Checked by a Deaf signer',
  notValidated: 'Not checked by a Deaf signer yet',
  asksFor: (words: string) => `Asks for: ${words}`,
  look: 'Look',
  lookAt: (name: string) => `Look at ${name}`,
  drawing: (name: string) => `${name}, drawn from its landmarks`,
  noDrawing: 'There is nothing to draw of this sign.',
  remove: 'Delete',
  removeNamed: (name: string) => `Delete ${name}`,
  removeTitle: (name: string) => `Delete ${name}?`,
  removeWords:
    'The sign is deleted for everybody and cannot be brought back. A built-in sign of the same name counts again. Lessons that have it ask for a sign that is not there.',
  removed: (name: string) => `${name} is deleted.`,
  again: 'Record it again',
  builtInStays:
    'Built-in signs come with the program and cannot be deleted; a recorded one of the same name takes their place.',
};

const lesson = {
  title: 'Lessons',
  none: 'There are no lessons yet. A lesson is a list of signs and words in the order in which they are practised.',
  make: 'New lesson',
  newTitle: 'New lesson',
  editTitle: (title: string) => `Change "${title}"`,
  name: 'Title',
  note: 'Note for the learners',
  noteHint: 'It may be empty.',
  items: 'What is practised',
  noItemsYet: 'Nothing yet. Add signs and words below.',
  addSign: 'A sign',
  addWord: word.label,
  add: 'Add',
  addSignNamed: 'Add the sign',
  addWordNamed: 'Add the word',
  noSuchSign: (name: string) =>
    `There is no sign ${name}. Record it first, or add it as a word to spell.`,
  missing: 'no such sign any more',
  spelled: 'spelled',
  sign: 'sign',
  up: 'Up',
  down: 'Down',
  takeOut: 'Take out',
  upNamed: (name: string) => `Move ${name} up`,
  downNamed: (name: string) => `Move ${name} down`,
  takeOutNamed: (name: string) => `Take out ${name}`,
  keys: 'With the keyboard: Alt and an arrow move what has the focus.',
  movedTo: (name: string, place: number, of: number) => `${name} is now ${place} of ${of}.`,
  added: (name: string) => `${name} is added.`,
  takenOut: (name: string) => `${name} is taken out.`,
  save: 'Save the lesson',
  saved: (title: string) => `"${title}" is stored.`,
  edit: 'Change',
  editNamed: (title: string) => `Change ${title}`,
  remove: 'Delete',
  removeNamed: (title: string) => `Delete ${title}`,
  removeTitle: (title: string) => `Delete "${title}"?`,
  removeWords: 'The lesson is deleted for everybody. What learners practised with it stays.',
  removed: (title: string) => `"${title}" is deleted.`,
  leave: 'The lesson has changes that are not saved.',
  noTitle: 'A lesson needs a title.',
  longTitle: (most: number) => `A title has ${most} characters at most.`,
  longNote: (most: number) => `A note has ${most} characters at most.`,
  noItems: 'A lesson needs at least one sign or word.',
  goneSign: (name: string) => `There is no sign ${name} any more. Take it out, or record it again.`,
  manyItems: (most: number) => `A lesson has ${most} signs and words at most.`,
  size: (number: number) => count(number, 'item', 'items'),
  item,
};

const learners = {
  title: 'The class',
  open: 'This server has no accounts: everybody who practises on it is the same guest. With accounts, each learner has a line here.',
  openLink: 'How to turn accounts on: docs/security.md',
  none: 'Nobody has practised yet. When learners do, their progress is shown here.',
  name: 'Learner',
  attempts: 'Attempts',
  accepted: 'Accepted',
  last: 'Last time',
  days: 'Last 14 days',
  hardest: 'Hardest',
  sortBy: 'Sort by',
  sorts: {
    name: 'Name',
    attempts: 'Attempts',
    share: 'Accepted',
    last: 'Last time',
  } satisfies Record<SortKey, string>,
  share: (share: number | null) => (share === null ? dash : percent(share)),
  acceptedOf: (accepted: number, attempts: number) => `${accepted} of ${attempts}`,
  lastDay: (date: Date | null) => (date === null ? 'never' : tableDay(date)),
  bars: (name: string, practised: number, most: number, mostOn: string) =>
    practised === 0
      ? `${name} has not practised in the last 14 days.`
      : `${name} practised on ${count(practised, 'day', 'days')} of the last 14; most on ${shortDay(mostOn)}: ${count(most, 'attempt', 'attempts')}.`,
  bar: (date: string, attempts: number, accepted: number) =>
    `${shortDay(date)}: ${count(attempts, 'attempt', 'attempts')}, ${accepted} accepted`,
  legend: 'Each bar is a day: the full part is what was accepted.',
  hard: ({ attempts, accepted, ...rest }: Item & { attempts: number; accepted: number }) =>
    `${item(rest)} (${accepted} of ${attempts})`,
  measured:
    'Accepted means: close enough to the recorded examples. It is a measurement of movement, not a judgement of a learner\u2019s language.',
};

export const strings = {
  title: 'Teach',
  sections: 'What to do',
  section: {
    record: record.title,
    signs: signs.title,
    lessons: lesson.title,
    class: learners.title,
  },
  gloss,
  word,
  record,
  nonManual,
  signs,
  lesson,
  learners,
  loading: 'Loading.',
  again: 'Try again',
  refresh: 'Load again',
  cancel: 'Cancel',
  close: 'Close',
  leaveTitle: 'Leave without saving?',
  leaveConfirm: 'Leave',
  stay: 'Stay',
  noAnswer: 'The server does not answer. Try again in a moment.',
  signedOut: 'You are signed out. Sign in in another tab of this browser, then try again here.',
  noReason: (status: number) => `The server said no (${status}), without a reason.`,
  notUnderstood: (reason: string) =>
    `The server's answer cannot be read: ${reason}. Page and server may be of different versions; load the page again.`,
};
