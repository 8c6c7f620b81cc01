import { mebibytes, milliseconds, percent, plain, share, short, span, whole } from '../format';
import { strings } from '../strings';
import type { Overview } from '../types';
import { Problem } from './Problem';

const { tiles } = strings;

interface Tile {
  name: string;
  label: string;
  value: string;
  more: string;
}

/** The state of the server in figures. */
export function Tiles({
  overview,
  problem,
}: {
  overview: Overview | null;
  problem?: string | undefined;
}) {
  return (
    <section class="tiles" aria-label={tiles.title}>
      <Problem sentence={problem} />
      {overview !== null && (
        <dl>
          {tilesOf(overview).map(({ name, label, value, more }) => (
            <div class="tile" key={name} data-tile={name}>
              <dt>{label}</dt>
              <dd class="tile-value">{value}</dd>
              <dd class="tile-more">{more}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function tilesOf(now: Overview): Tile[] {
  const { latency_ms: latency, frames_per_second: frames, quality, workers } = now;
  return [
    {
      name: 'sessions',
      label: tiles.sessions,
      value: whole(now.sessions),
      more: tiles.sessionsOf(now.capacity_learners),
    },
    {
      name: 'latency',
      label: tiles.latency,
      value: milliseconds(latency.p95),
      more: tiles.latencyMore(whole(latency.p50), whole(latency.p99)),
    },
    {
      name: 'frames',
      label: tiles.frames,
      value: short(frames.received),
      more: tiles.perSecond,
    },
    {
      name: 'drops',
      label: tiles.drops,
      value: share(now.drop_rate),
      more: tiles.dropsMore(plain(frames.replaced), plain(frames.expired), plain(frames.rejected)),
    },
    {
      name: 'cpu',
      label: tiles.cpu,
      value: percent(now.cpu_percent),
      more: tiles.workers(workers.busy, workers.count),
    },
    {
      name: 'memory',
      label: tiles.memory,
      value: mebibytes(now.memory_bytes),
      more: tiles.memoryMore(percent(now.memory_percent)),
    },
    {
      name: 'quality',
      label: tiles.quality,
      value: strings.profileName(ceilingName(quality.ceiling)),
      more: strings.reasonName(quality.reason),
    },
    {
      name: 'uptime',
      label: tiles.uptime,
      value: span(now.uptime_seconds),
      more: tiles.version(now.version),
    },
  ];
}

/** The server counts profiles from the cheapest, 0. */
function ceilingName(level: number): string {
  const names = ['ultra_performance', 'high_performance', 'balanced', 'high_quality'];
  return names[Math.max(0, Math.min(names.length - 1, Math.round(level)))] ?? String(level);
}
