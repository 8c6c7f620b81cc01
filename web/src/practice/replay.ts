/** What is shown of an attempt at a moment of its replay. */

import type { Mark } from './marks';
import type { Finding } from './messages';

/** A mark comes a little before its moment and stays long enough to be seen. */
const BEFORE_MS = 250;
const AFTER_MS = 900;

/** Findings in the order of the server, which is that of their importance, numbered from 1. */
export function marksOf(findings: readonly Finding[]): Mark[] {
  return findings.flatMap(({ part }, index) => (part === '' ? [] : [{ number: index + 1, part }]));
}

/** The marks at a time of the attempt. */
export function marksAt(findings: readonly Finding[], ms: number): Mark[] {
  return marksOf(findings).filter(({ number }) => {
    const at = findings[number - 1]?.atMs ?? 0;
    return ms >= at - BEFORE_MS && ms <= at + AFTER_MS;
  });
}
