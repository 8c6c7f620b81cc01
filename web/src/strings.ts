/** Every text of the page, in one place so that it can be translated. Short, plain sentences. */

import type { CameraProblem } from './camera_errors';
import type { HomeLack } from './home/messages';
import type { LoginProblem } from './login';
import type { LossReason } from './messages';
import { practiceStrings, progressStrings } from './practice_strings';
import type { View } from './preferences';
import type { Measured, Place, PlaceAction, PlaceChoice, Sent, Standing } from './place';
import type { Profile, QualityReason } from './protocol';
import type { QualityChoice, QualityStanding } from './quality';
import type { ShownReason, Skipping } from './skipping';

export interface Advice {
  title: string;
  advice: string;
}

const skipReasons: Record<ShownReason, string> = {
  unchanged: 'nothing new to see',
  frame_skip: 'skipped for speed',
  behind: 'skipped to keep up',
};

/** `start` is what the button is called that turns the camera on. */
const cameraProblems = (start: string): Record<CameraProblem, Advice> => ({
  refused: {
    title: 'The camera is not allowed.',
    advice: `Click the camera sign beside the address of this page. Choose "Allow". Then press "${start}" again.`,
  },
  none: {
    title: 'No camera was found.',
    advice: `Plug in a camera, or turn it on. Then press "${start}" again.`,
  },
  busy: {
    title: 'The camera cannot be used now.',
    advice: `Maybe another program uses it. Close video calls and other pages with a camera. Then press "${start}" again.`,
  },
  unsuitable: {
    title: 'This camera does not work here.',
    advice: `Choose another camera in the list under "Mirror". Then press "${start}" again.`,
  },
  insecure: {
    title: 'This page may not use the camera.',
    advice:
      'The address must begin with https://. On the same computer, http://localhost works too. Ask the person who runs StorySign.',
  },
  old_browser: {
    title: 'This browser is too old.',
    advice: 'Update your browser, or use a new version of Chrome, Edge, Firefox or Safari.',
  },
  ended: {
    title: 'The camera stopped.',
    advice: `Maybe it was unplugged or turned off. Check the camera. Then press "${start}" again.`,
  },
  unknown: {
    title: 'The camera did not start.',
    advice: 'Load this page again. If that does not help, start your browser again.',
  },
});

const losses: Record<LossReason, string> = {
  unreachable: 'The server does not answer.',
  lost: 'The connection was lost.',
  silent: 'The server is silent.',
  restarting: 'The server is restarting.',
  full: 'The server is full. Somebody has to leave first.',
  refused: 'The server ended the connection.',
  too_large: 'The pictures were too large. They will be smaller now.',
};

const profiles: Record<Profile, string> = {
  ultra_performance: 'Ultra performance',
  high_performance: 'High performance',
  balanced: 'Balanced',
  high_quality: 'High quality',
};

const reasons: Record<QualityReason, string> = {
  start: 'This is how the server begins',
  pinned: 'The server always uses this one',
  operator: 'Set by the person who runs the server',
  client: 'You chose it',
  latency: 'Lower, because answers came late',
  drops: 'Lower, because too many pictures were left out',
  network: 'Lower, because your network is slow',
  cpu: 'Lower, because the server is busy',
  memory: 'Lower, because the server is short of memory',
  headroom: 'Higher, because the server has room',
};

/** The same, where this device finds the points and its own speed decides. */
const homeReasons: Record<QualityReason, string> = {
  start: 'This is how your device begins',
  pinned: 'Your device always uses this one',
  operator: 'Your device always uses this one',
  client: 'You chose it',
  latency: 'Lower, because your device needs too long',
  drops: 'Lower, because your device left out too many pictures',
  network: 'Lower, because your network is slow',
  cpu: 'Lower, because your device is busy',
  memory: 'Lower, because your device is short of memory',
  headroom: 'Higher, because your device has time left',
};

const qualityChoices: Record<QualityChoice, string> = { auto: 'Automatic', ...profiles };

const qualityStanding = (standing: QualityStanding, place: Place | null): string => {
  const isHome = place === 'home';
  switch (standing.state) {
    case 'later':
      return isHome
        ? 'Your device uses it when you are connected.'
        : 'The server is asked for it when you are connected.';
    case 'asked':
      return 'Asking the server.';
    case 'refused':
      return `The server said no. ${standing.error}`.trim();
    case 'automatic':
      return isHome
        ? 'Your device chooses what works best.'
        : 'The server chooses what works best.';
    case 'given':
      return isHome
        ? `Your device uses ${profiles[standing.profile]}.`
        : `The server gives you ${profiles[standing.profile]}.`;
    case 'lowered':
      return isHome
        ? `You asked for ${profiles[standing.wanted]}. For now your device uses ${profiles[standing.profile]}.`
        : `You asked for ${profiles[standing.wanted]}. For now the server gives you ${profiles[standing.profile]}.`;
  }
};

const views: Record<View, { name: string; hint: string }> = {
  video: { name: 'My video', hint: 'You see yourself, with lines on your hands, face and body.' },
  skeleton: { name: 'Lines only', hint: 'Your video is hidden. You see only the lines.' },
  server: { name: 'Server picture', hint: 'You see the picture that the server drew.' },
};

const placeChoices: Record<PlaceChoice, string> = {
  auto: 'Automatic',
  home: 'This device',
  server: 'The server',
};

/** What leaves the device: the sentence that is always there. */
const sent: Record<Sent, string> = {
  pictures: 'Your pictures go to the StorySign server. They stay in its memory only for a moment.',
  landmarks:
    'Your video stays on this device. Only the positions of the points on your hands, face and body are sent.',
  nothing_yet: 'Nothing is sent now. Your video stays on this device.',
  no_connection: 'There is no connection. Nothing is sent now.',
  will_pictures: 'Your pictures will go to the StorySign server.',
  will_landmarks: 'Your video will stay on this device.',
  will_begin_there:
    'Your pictures will go to the StorySign server at first. If your device is fast enough, your video then stays on it.',
  will_begin_here:
    'Your video will stay on this device while the device is fast enough. If not, your pictures go to the StorySign server.',
};

/** Under a stage, where there is little room. */
const sentBriefly: Record<Sent, string> = {
  ...sent,
  pictures: 'Your pictures go to the StorySign server.',
  landmarks: 'Your video stays on this device. Only points are sent.',
};

const notKept =
  'It looks for your hands, face and body in them. ' +
  'They stay in memory only for a moment. They are not kept.';
const pointsOnly =
  'Your browser looks for your hands, face and body in it. ' +
  'Only the positions of their points go to this StorySign server.';

/** The same before the camera runs, with room for all of it. */
const privacy = (what: Sent): string => {
  switch (what) {
    case 'landmarks':
    case 'nothing_yet':
    case 'will_landmarks':
      return `Your video stays on this device. ${pointsOnly}`;
    case 'will_begin_here':
      return (
        `Your video stays on this device while the device is fast enough. ${pointsOnly} ` +
        `If it gets too slow, your pictures go to the server, and this page tells you. ${notKept}`
      );
    case 'will_begin_there':
      return (
        `Your pictures go to this StorySign server at first. ${notKept} ` +
        'If your device is fast enough, your video then stays on it, and this page tells you. ' +
        'Only the positions of the points are sent then.'
      );
    case 'pictures':
    case 'no_connection':
    case 'will_pictures':
      return `Your pictures go to this StorySign server. ${notKept}`;
  }
};

const lacks: Record<HomeLack, string> = {
  webassembly: 'This browser cannot find the points itself: it has no WebAssembly.',
  simd: 'This browser is too old to find the points itself.',
  download: 'The program for your device could not be loaded.',
  engine: 'The program for your device does not run here.',
};

const school = 'Your school keeps video on your device.';

/** Why it is so, what comes next, and what the server says; empty where the sentence before says all. */
const placeWhy = (standing: Standing): string => {
  const refusal = standing.place === 'server' ? standing.refusal : '';
  return [placeReason(standing), refusal].filter((words) => words !== '').join(' ');
};

const placeReason = ({ choice, place, why, engine, pictures }: Standing): string => {
  const isNever = pictures === 'never';
  const first = isNever ? `${school} ` : '';
  switch (why) {
    case 'chosen':
      return first.trim();
    case 'never':
      return school;
    case 'unknown':
      return '';
    case 'loading':
      return `${first}The program for your device is being loaded.`;
    case 'measuring':
      return 'Your device is being tried out. Sign, so that it has something to find.';
    case 'fast':
      return 'Your device is fast enough to find the points.';
    case 'coarse':
      return 'The server finds the points better than your device.';
    case 'slow':
      return 'Your device is too slow to find the points.';
    case 'lags':
      return 'Your device became too slow to find the points.';
    case 'lacking':
    case 'failed': {
      const problem =
        engine.state === 'lacking'
          ? lacks[engine.lack]
          : 'The program on your device stopped working.';
      if (place === 'server') return `${problem} So the server finds them.`;
      if (isNever) return `${first}${problem} Try another browser or another device.`;
      return choice === 'home' ? `${problem} You can choose the server.` : problem;
    }
    case 'invited':
      return 'The server has much to do. So your device finds the points now.';
    case 'refused':
      return 'The server has no room for pictures. So your device finds the points now.';
  }
};

const placeActions: Record<PlaceAction, string> = {
  use_home: 'Use this device',
  use_server: 'Use the server',
  try_again: 'Try again',
};

const foundBy = ({ place, engine }: Standing): string => {
  if (place === null) return '\u2013';
  if (place === 'server') return 'The server';
  if (engine.state !== 'ready') return 'This device';
  return engine.threads > 1
    ? `This device, on ${engine.threads} threads`
    : 'This device, on one thread';
};

const seconds = (ms: number): string => {
  const rounded = Math.max(1, Math.round(ms / 1000));
  return rounded === 1 ? '1 second' : `${rounded} seconds`;
};

const milliseconds = (ms: number | null): string =>
  ms === null ? '\u2013' : `${Math.round(ms)} ms`;

const loginProblem = (problem: LoginProblem, waitSeconds: number, words: string): string => {
  switch (problem) {
    case 'wrong':
      return 'The name or the password is wrong. Try again.';
    case 'old_wrong':
      return 'The old password is wrong. Try again.';
    case 'wait':
      return `There were too many tries. Wait ${seconds(1000 * waitSeconds)}, then try again.`;
    case 'unreachable':
      return 'The server does not answer. Try again in a moment.';
    case 'expired':
      return 'You are signed out. Please sign in again.';
    case 'server':
      return words || 'The server could not do it. Try again in a moment.';
  }
};

const login = {
  title: 'Sign in',
  name: 'Name',
  password: 'Password',
  signIn: 'Sign in',
  noAccount: 'No account, or the password is lost? Ask your teacher.',
  account: 'Your account',
  signedInAs: (name: string) => `Signed in as ${name}`,
  signOut: 'Sign out',
  changePassword: 'Change password',
  oldPassword: 'Old password',
  newPassword: 'New password',
  passwordRule: 'At least 8 characters. Longer is better: a few words that you can remember.',
  save: 'Save the new password',
  changed: 'You have a new password. Other devices are signed out.',
  problem: loginProblem,
};

export const strings = {
  name: 'StorySign',
  login,
  practice: practiceStrings,
  progress: progressStrings,
  tagline: 'See your signing',
  tabsLabel: 'Parts of this page',
  tabs: { mirror: 'Mirror', practise: 'Practise', progress: 'Progress', teach: 'Teach' },
  privacyTitle: 'Your camera, your video',
  privacy,
  place: 'Where your hands are found',
  placeChoices,
  sent,
  sentBriefly,
  placeWhy,
  placeActions,
  loading: 'How much is loaded',
  onlyServer: 'The server has no picture of you, because your video stays on this device.',
  askFirst: (start: string) => `Press "${start}". Your browser then asks if the camera is allowed.`,
  start: 'Start',
  stop: 'Stop',
  camera: 'Camera',
  defaultCamera: 'Standard camera',
  cameraNumber: (number: number) => `Camera ${number}`,
  view: 'What you see',
  views,
  stage: 'Your video with lines on hands, face and body',
  askingTitle: 'Allow the camera',
  asking: 'Your browser asks if StorySign may use the camera. Choose "Allow".',
  cameraProblems,
  left: 'Left',
  right: 'Right',
  connection: 'Connection',
  states: {
    idle: 'Stopped',
    asking: 'Waiting for the camera',
    connecting: 'Connecting',
    live: 'Live',
    waiting: 'Not connected',
    failed: 'No camera',
  },
  says: {
    idle: 'Stopped. The camera is off.',
    asking: 'Please allow the camera.',
    connecting: 'Connecting to the server.',
    live: 'Live. Start signing.',
  },
  loss: (reason: LossReason, words: string) =>
    `${words || losses[reason]} This page tries again by itself.`,
  lossWithDelay: (reason: LossReason, words: string, delayMs: number) =>
    `${words || losses[reason]} This page tries again in ${seconds(delayMs)}.`,
  found: 'Found',
  parts: { leftHand: 'Left hand', rightHand: 'Right hand', face: 'Face', pose: 'Body' },
  yes: 'found',
  no: 'not found',
  figures: 'Details',
  foundBy: 'Found by',
  foundByValue: foundBy,
  service: 'Time for a picture',
  serviceValue: milliseconds,
  ability: 'Your device reaches',
  abilityValue: ({ fps, ability }: Measured) =>
    `${Math.floor(fps)} pictures per second at ${profiles[ability === 'balanced' ? 'balanced' : 'high_performance']}`,
  speed: (place: Place | null) => (place === 'home' ? 'Pictures looked at' : 'Answers'),
  speedValue: (perSecond: number) => `${perSecond.toFixed(1)} per second`,
  delay: 'Delay',
  delayValue: (median: number | null, p95: number | null) =>
    median === null ? '\u2013' : `${milliseconds(median)} (95 %: ${milliseconds(p95)})`,
  profile: 'Quality',
  profileValue: (profile: Profile | null) => (profile === null ? '\u2013' : profiles[profile]),
  reason: 'Why this quality',
  reasonValue: (reason: QualityReason | null, place: Place | null) => {
    if (reason === null) return '\u2013';
    return (place === 'home' ? homeReasons : reasons)[reason];
  },
  qualityChoice: 'Quality',
  qualityChoices,
  qualityStanding,
  skipping: 'Computed anew',
  skippingValue: (skipping: Skipping | null) => {
    if (skipping === null) return '\u2013';
    // In steps of 5 %: a figure that ticks without end cannot be read.
    const share = Math.round(skipping.anew * 20) * 5;
    if (share === 100 || skipping.reason === null) return `${share} % of pictures`;
    return `${share} % of pictures, the rest: ${skipReasons[skipping.reason]}`;
  },
  pace: 'Camera pace',
  paceValue: (fps: number) => `${Math.round(fps)} per second`,
  frames: 'Sent',
  framesValue: (pictures: number, landmarks: number) =>
    landmarks === 0 ? `${pictures} pictures` : `${pictures} pictures, ${landmarks} times points`,
  leftOut: 'Left out',
  leftOutValue: (replaced: number, dropped: number, failed: number) =>
    `${replaced} replaced, ${dropped} dropped, ${failed} failed`,
};
