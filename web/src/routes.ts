/** The views of the page and their addresses. */

export const VIEW_NAMES = ['mirror', 'practise', 'progress', 'teach'] as const;
export type ViewName = (typeof VIEW_NAMES)[number];

/** What is shown where the address says nothing, or nothing that there is. */
export const FIRST_VIEW: ViewName = 'mirror';

export function addressOf(view: ViewName): string {
  return `#/${view}`;
}

/** The view of the part of an address from `#` on, among those that this person may see. */
export function viewOf(hash: string, allowed: readonly ViewName[]): ViewName {
  return allowed.find((view) => addressOf(view) === hash) ?? FIRST_VIEW;
}

/** Whether a person with this role gets a teacher's views; `open`: a server without accounts. */
export function mayTeach(mode: 'unknown' | 'open' | 'accounts', role: string | null): boolean {
  return mode === 'open' || role === 'teacher' || role === 'admin';
}

export function viewsFor(teaches: boolean): readonly ViewName[] {
  return VIEW_NAMES.filter((view) => view !== 'teach' || teaches);
}

/** Views with the learner's own video; in the others the camera is off. */
export function usesCamera(view: ViewName): boolean {
  return view !== 'progress';
}
