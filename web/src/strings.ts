/** Every text of the page, in one place so that it can be translated. Short, plain sentences. */

import type { CameraProblem } from './camera_errors';
import type { LoginProblem } from './login';
import type { LossReason } from './messages';
import { practiceStrings, progressStrings } from './practice_strings';
import type { View } from './preferences';
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

const qualityChoices: Record<QualityChoice, string> = { auto: 'Automatic', ...profiles };

const qualityStanding = (standing: QualityStanding): string => {
  switch (standing.state) {
    case 'later':
      return 'The server is asked for it when you are connected.';
    case 'asked':
      return 'Asking the server.';
    case 'refused':
      return `The server said no. ${standing.error}`.trim();
    case 'automatic':
      return 'The server chooses what works best.';
    case 'given':
      return `The server gives you ${profiles[standing.profile]}.`;
    case 'lowered':
      return `You asked for ${profiles[standing.wanted]}. For now the server gives you ${profiles[standing.profile]}.`;
  }
};

const views: Record<View, { name: string; hint: string }> = {
  video: { name: 'My video', hint: 'You see yourself, with lines on your hands, face and body.' },
  skeleton: { name: 'Lines only', hint: 'Your video is hidden. You see only the lines.' },
  server: { name: 'Server picture', hint: 'You see the picture that the server drew.' },
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
  privacyTitle: 'Your camera, your pictures',
  privacy:
    'Your pictures go to this StorySign server. It looks for your hands, face and body in them. ' +
    'They stay in memory only for a moment. They are not kept.',
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
  speed: 'Answers',
  speedValue: (perSecond: number) => `${perSecond.toFixed(1)} per second`,
  delay: 'Delay',
  delayValue: (median: number | null, p95: number | null) =>
    median === null ? '\u2013' : `${milliseconds(median)} (95 %: ${milliseconds(p95)})`,
  profile: 'Quality',
  profileValue: (profile: Profile | null) => (profile === null ? '\u2013' : profiles[profile]),
  reason: 'Why this quality',
  reasonValue: (reason: QualityReason | null) => (reason === null ? '\u2013' : reasons[reason]),
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
  frames: 'Pictures',
  framesValue: (sent: number) => `${sent} sent`,
  leftOut: 'Left out',
  leftOutValue: (replaced: number, dropped: number, failed: number) =>
    `${replaced} replaced, ${dropped} dropped, ${failed} failed`,
};
