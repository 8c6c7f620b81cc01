/** Every text of the dashboard, in one place so that it can be translated. */

import { size } from './format';
import type { AlertLevel, BackupAnswer, ReloadAnswer } from './types';

const profiles: Record<string, string> = {
  ultra_performance: 'Ultra performance',
  high_performance: 'High performance',
  balanced: 'Balanced',
  high_quality: 'High quality',
};

const reasons: Record<string, string> = {
  start: 'as at the start',
  pinned: 'fixed by the configuration',
  operator: 'set by an operator',
  client: 'asked for by the learner',
  latency: 'lower: answers came late',
  drops: 'lower: frames were dropped',
  network: 'lower: slow network',
  cpu: 'lower: CPU',
  memory: 'lower: memory',
  headroom: 'higher: there was room',
};

const alertNames: Record<string, string> = {
  latency_p95: 'Latency (p95)',
  cpu: 'CPU',
  memory: 'Memory',
  drop_rate: 'Dropped frames',
};

const profileName = (name: string): string => profiles[name] ?? name;
/** A reason that this page does not know is shown as the server writes it. */
const reasonName = (name: string): string => reasons[name] ?? name;
const alertName = (name: string): string => alertNames[name] ?? name;
const who = (number: number | null): string =>
  number === null ? 'all sessions' : `session ${number}`;
const Who = (number: number | null): string =>
  number === null ? 'All sessions' : `Session ${number}`;
const seconds = (count: number): string => (count === 1 ? '1 second' : `${count} seconds`);

export const strings = {
  name: 'StorySign',
  title: 'Dashboard',
  profiles,
  profileName,
  reasonName,
  alertName,
  signIn: {
    title: 'Sign in',
    label: 'Token of the admin listener',
    hint: 'It is one line in the file that the setting admin.token_file names; without that setting in admin.token in the state folder (store.directory). Only the user who runs StorySign may read it. This page keeps it until the tab is closed.',
    button: 'Sign in',
    checking: 'Asking the server',
    away: 'The server does not answer. Is it running?',
    refused: (sentence: string) => `The server did not take the token. ${sentence}`,
    out: 'Sign out',
  },
  link: {
    loading: 'Asking the server for its state.',
    away: (last: number | null) =>
      last === null
        ? 'The server does not answer. This page asks again every second.'
        : `The server has not answered for ${seconds(last)}. What stands here is old. This page asks again every second.`,
    back: 'The server answers again.',
  },
  states: { ready: 'Ready', draining: 'Draining', stopped: 'Not ready', away: 'Away' },
  alertSummary: (warning: number, critical: number): string => {
    const parts = [
      ...(critical > 0 ? [`${critical} critical`] : []),
      ...(warning > 0 ? [`${warning} ${warning === 1 ? 'warning' : 'warnings'}`] : []),
    ];
    return parts.length > 0 ? parts.join(', ') : 'No alerts';
  },
  tiles: {
    title: 'Now',
    sessions: 'Sessions',
    sessionsOf: (capacity: number) => `room for ${capacity}`,
    latency: 'Latency p95',
    latencyMore: (p50: string, p99: string) => `p50 ${p50}, p99 ${p99}`,
    frames: 'Frames received',
    perSecond: 'per second',
    drops: 'Dropped',
    /** Of one second. */
    dropsMore: (replaced: string, expired: string, rejected: string) =>
      `${replaced} replaced, ${expired} expired, ${rejected} rejected`,
    cpu: 'CPU',
    workers: (busy: number, count: number) => `${busy} of ${count} workers busy`,
    memory: 'Memory',
    memoryMore: (part: string) => `${part} of the machine`,
    quality: 'Best profile allowed',
    uptime: 'Up for',
    version: (version: string) => `version ${version}`,
  },
  charts: {
    title: 'The last ten minutes',
    latency: 'Latency, 95th percentile',
    frames: 'Frames by outcome',
    cpu: 'CPU',
    memory: 'Memory',
    sessions: 'Sessions',
    inferred: 'inferred',
    propagated: 'propagated',
    dropped: 'dropped',
    empty: 'Nothing measured yet.',
    noFrames: 'No frames in the last ten minutes.',
    units: { ms: 'ms', perSecond: 'per second', percent: '%', mib: 'MiB', count: '' },
  },
  sessions: {
    title: (count: number) => (count === 0 ? 'Sessions' : `Sessions (${count})`),
    empty: 'Nobody is connected.',
    columns: {
      learner: 'Learner',
      connected: 'Connected',
      profile: 'Profile',
      rates: 'Frames/s',
      latency: 'Latency',
      answers: 'Answers',
      lost: 'Lost frames',
      change: 'Change',
    },
    sends: { home: 'sends landmarks', server: 'sends pictures' },
    sent: (fps: string) => `${fps} sent`,
    advised: (fps: string) => `${fps} advised`,
    mean: (text: string) => `mean ${text}`,
    inferred: (count: string) => `${count} inferred`,
    replaced: (count: string) => `${count} replaced`,
    expired: (count: string) => `${count} expired`,
    profileFor: (number: number) => `Profile of session ${number}`,
    skipFor: (number: number) => `Frame skip of session ${number}`,
    picture: (quality: number, scale: number, compression: string) =>
      `Pictures: JPEG quality ${quality}, size ${scale}, compression ${compression}`,
    skipNow: (skip: number) => `Skip: ${skip}`,
    takeBack: 'Automatic',
    kick: 'Kick',
    kickOne: (number: number) => `Kick session ${number}`,
  },
  kick: {
    title: (number: number, client: string) => `End session ${number} (${client})?`,
    text: 'The connection is closed with code 1008 and this reason. The learner can connect again.',
    reason: 'Reason, shown to the learner',
    standard: 'Closed by the operator.',
    confirm: 'Kick',
  },
  drain: {
    button: 'Drain\u2026',
    title: 'Drain and stop the server?',
    text: (sessions: number) =>
      sessions === 0
        ? 'Nobody is connected. The server lets nobody in any more, and its process ends.'
        : `The server lets nobody in any more, tells ${sessions === 1 ? 'the 1 session' : `all ${sessions} sessions`} and closes ${sessions === 1 ? 'it' : 'them'}; then its process ends. This page cannot start it again.`,
    confirm: 'Drain and stop',
  },
  cancel: 'Cancel',
  controls: {
    title: 'For all sessions',
    profile: 'Profile',
    skip: 'Frame skip',
    skipHint: '0 to 30; nothing: automatic.',
    skipNow: (skip: number | null) => (skip === null ? 'Automatic now.' : `${skip} now.`),
    profileNow: (profile: string | null) =>
      profile === null
        ? 'Automatic now: each session has its own.'
        : `${profileName(profile)} now, for all.`,
    workers: 'Workers',
    workersHint: '0 to 256; 0: follow the machine.',
    workersNow: ({ count, configured }: { count: number; configured: number }) =>
      configured === 0 ? `${count} now, following the machine.` : `${count} now.`,
    apply: 'Apply',
    applyTo: (what: string) => `Apply: ${what}`,
    server: 'Server',
    reload: 'Reload configuration',
    backup: 'Backup now',
    noNumber: (what: string, least: number, most: number) =>
      `${what} must be a whole number from ${least} to ${most}; nothing was changed.`,
  },
  alerts: {
    title: 'Alerts',
    empty: 'This server watches nothing.',
    levels: { ok: 'OK', warning: 'Warning', critical: 'Critical' } satisfies Record<
      AlertLevel,
      string
    >,
    limits: (warning: string, critical: string) => `warning at ${warning}, critical at ${critical}`,
    since: (time: string) => `since ${time}`,
  },
  log: {
    title: 'Log levels',
    all: 'All rooms',
    levelFor: (room: string) => `Log level of ${room}`,
    levels: ['debug', 'info', 'warning', 'error', 'off'],
    /** Those of the program; the server names those that have a level of their own. */
    rooms: ['app', 'auth', 'config', 'engine', 'pipeline', 'server', 'session', 'store'],
    asAll: 'as all',
    loading: 'Not known yet.',
  },
  notices: {
    title: 'What was done',
    close: 'Dismiss',
    done: 'Done',
    failed: 'Failed',
  },
  failed: {
    away: 'The server did not answer, so it is not known whether this was done. Look before you try again.',
  },
  did: {
    profile: (number: number | null, profile: string) =>
      profile === 'auto'
        ? `The profile of ${who(number)} is chosen automatically now.`
        : `${Who(number)}: profile ${profileName(profile)}.`,
    skip: (number: number | null, skip: number | null) =>
      skip === null
        ? `The frame skip of ${who(number)} is chosen automatically now.`
        : `${Who(number)}: frame skip ${skip}.`,
    kick: (number: number) => `Session ${number} was ended.`,
    workers: (count: number) =>
      count === 0 ? 'The number of workers follows the machine now.' : `Workers: ${count}.`,
    drain: 'The server drains and then stops.',
    reload: ({ changed, needs_restart }: ReloadAnswer): string => {
      if (changed.length === 0 && needs_restart.length === 0)
        return 'The configuration was read again; nothing had changed.';
      return 'The configuration was read again.';
    },
    reloadDetails: ({ changed, needs_restart }: ReloadAnswer): string[] => [
      ...(changed.length > 0 ? [`In force now: ${changed.join(', ')}`] : []),
      ...(needs_restart.length > 0 ? [`Need a restart: ${needs_restart.join(', ')}`] : []),
    ],
    backup: ({ bytes }: BackupAnswer) => `The backup was written, ${size(bytes)}.`,
    log: (room: string, level: string | null) =>
      level === null ? `Log level of ${room}: as all.` : `Log level of ${room}: ${level}.`,
  },
};
