/** What the admin listener answers, as docs/api/admin.openapi.yaml says it. */

export interface Overview {
  version: string;
  timestamp: string;
  uptime_seconds: number;
  ready: boolean;
  draining: boolean;
  sessions: number;
  capacity_learners: number;
  workers: { count: number; busy: number; configured: number };
  cpu_percent: number;
  memory_bytes: number;
  memory_percent: number;
  quality: {
    ceiling: number;
    reason: string;
    advised_fps_at_most: number;
    utilisation: number;
    profile_for_all: string | null;
    frame_skip_for_all: number | null;
  };
  latency_ms: { p50: number | null; p95: number | null; p99: number | null };
  frames_per_second: {
    received: number;
    inferred: number;
    propagated: number;
    replaced: number;
    expired: number;
    rejected: number;
  };
  drop_rate: number;
  alerts: { warning: number; critical: number };
}

export const seriesNames = [
  'latency_p95_ms',
  'fps_inferred',
  'fps_propagated',
  'fps_dropped',
  'cpu_percent',
  'memory_mib',
  'sessions',
] as const;

export type SeriesName = (typeof seriesNames)[number];

export interface HistoryAnswer {
  interval_seconds: number;
  times: number[];
  series: Record<SeriesName, (number | null)[]>;
}

export interface Session {
  number: number;
  client_id: string;
  address: string;
  account: string | null;
  protocol: string;
  connected_seconds: number;
  place: 'home' | 'server';
  profile: string;
  reason: string;
  auto: boolean;
  frame_skip: number;
  jpeg_quality: number;
  resolution_scale: number;
  compression: string;
  advised_fps: number;
  sent_fps: number;
  latency_ms: { last: number | null; mean: number | null };
  frames: { answered: number; inferred: number; replaced: number; expired: number };
}

export type AlertLevel = 'ok' | 'warning' | 'critical';

export interface Alert {
  name: string;
  level: AlertLevel;
  value: number | null;
  unit: string;
  warning_at: number;
  critical_at: number;
  since: string | null;
  sentence: string;
}

export type LogLevels = Record<string, string>;

export interface ReloadAnswer {
  ok: boolean;
  changed: string[];
  needs_restart: string[];
}

export interface BackupAnswer {
  ok: boolean;
  file: string;
  bytes: number;
}
