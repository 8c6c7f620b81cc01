import { describe, expect, it } from 'vitest';
import { constraintsOf } from '../src/camera';
import { cameraProblemOf } from '../src/camera_errors';
import { strings } from '../src/strings';

const thrown = (name: string): Error => new DOMException('of the browser', name);

describe('camera errors', () => {
  it.each([
    ['NotAllowedError', 'refused'],
    ['NotFoundError', 'none'],
    ['NotReadableError', 'busy'],
    ['AbortError', 'busy'],
    ['OverconstrainedError', 'unsuitable'],
    ['SecurityError', 'insecure'],
    ['NotSupportedError', 'old_browser'],
    ['SomethingNewError', 'unknown'],
  ])('%s is %s', (name, problem) => {
    expect(cameraProblemOf(thrown(name), true)).toBe(problem);
  });

  it('blames the address first: without https there is no camera at all', () => {
    expect(cameraProblemOf(new TypeError('mediaDevices is undefined'), false)).toBe('insecure');
    expect(cameraProblemOf('odd', true)).toBe('unknown');
  });

  it('says in plain words what happened and what to do', () => {
    for (const { title, advice } of Object.values(strings.cameraProblems('Start'))) {
      expect(title).toMatch(/^[A-Z].*\.$/);
      expect(advice.length).toBeGreaterThan(20);
      expect(`${title} ${advice}`).not.toMatch(/Error|constraint|exception|null|undefined/i);
    }
  });
});

describe('what is asked of a camera', () => {
  const capture = { size: { width: 640, height: 480 }, fps: 30 };

  it('takes the camera on the side of the display by itself', () => {
    expect(constraintsOf({ capture })).toMatchObject({ facingMode: 'user', width: { ideal: 640 } });
  });

  it('prefers a remembered camera, which may be gone, and insists on a chosen one', () => {
    expect(constraintsOf({ wanted: 'a', capture }).deviceId).toEqual({ ideal: 'a' });
    expect(constraintsOf({ demanded: 'a', capture }).deviceId).toEqual({ exact: 'a' });
  });
});
