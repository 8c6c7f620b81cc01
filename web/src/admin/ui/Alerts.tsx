import { clock, plain, short, withUnit } from '../format';
import { strings } from '../strings';
import type { Alert, AlertLevel } from '../types';
import { Problem } from './Problem';

const signs: Record<AlertLevel, string> = { ok: '\u2713', warning: '!', critical: '\u2715' };

/** Each thing that is watched, with its level as a word, a sign and a colour. */
export function Alerts({
  alerts,
  problem,
}: {
  alerts: readonly Alert[] | null;
  problem?: string | undefined;
}) {
  return (
    <section class="alerts" aria-labelledby="alerts-title">
      <h2 id="alerts-title">{strings.alerts.title}</h2>
      <Problem sentence={problem} />
      {alerts?.length === 0 && <p class="hint">{strings.alerts.empty}</p>}
      {alerts !== null && alerts.length > 0 && (
        <ul>
          {alerts.map((alert) => (
            <AlertCard key={alert.name} alert={alert} />
          ))}
        </ul>
      )}
    </section>
  );
}

function AlertCard({ alert }: { alert: Alert }) {
  const { name, level, value, unit, since, sentence } = alert;
  const limit = (number: number): string => withUnit(plain(number), unit);
  return (
    <li class="alert" data-alert={name} data-level={level}>
      <p class="alert-head">
        <span class="alert-sign" aria-hidden="true">
          {signs[level]}
        </span>
        <strong>{strings.alertName(name)}</strong>
        <span class="alert-level">{strings.alerts.levels[level]}</span>
        <span class="alert-value">{withUnit(short(value), unit)}</span>
      </p>
      {level !== 'ok' && <p class="alert-words">{sentence}</p>}
      <p class="hint">
        {strings.alerts.limits(limit(alert.warning_at), limit(alert.critical_at))}
        {level !== 'ok' && since !== null && `, ${strings.alerts.since(clock(since))}`}
      </p>
    </li>
  );
}
