import { describe, expect, it } from 'vitest';
import { drawLandmarks, drawPicture } from '../src/drawing';
import type { Landmarks } from '../src/protocol';
import * as topology from '../src/topology';
import { recorder } from './recorder';

const RECT = { x: 10, y: 0, width: 400, height: 300 };
const NAMES = { left: 'Left', right: 'Right' };

/** A hand whose points all lie at one place. */
const handAt = (x: number, y: number): Float32Array<ArrayBuffer> =>
  new Float32Array(Array.from({ length: 21 }, () => [x, y, 0]).flat());

function poseAt(x: number, y: number, visibility: number): Float32Array<ArrayBuffer> {
  return new Float32Array(Array.from({ length: 33 }, () => [x, y, 0, visibility]).flat());
}

function draw(landmarks: Landmarks, mirrored: boolean) {
  const { context, of } = recorder();
  drawLandmarks(context, landmarks, RECT, mirrored, NAMES);
  return of;
}

describe('drawing', () => {
  it('mirrors places and not text', () => {
    const of = draw({ leftHand: handAt(0.25, 0.5) }, true);
    expect(of('arc')[0]?.slice(0, 2)).toEqual([310, 150]);
    expect(of('fillText')).toEqual([['Left', 310, expect.any(Number)]]);
    expect(of('scale')).toEqual([]);
  });

  it('leaves places as they are without a mirror', () => {
    expect(draw({ rightHand: handAt(0.25, 0.5) }, false)('arc')[0]?.slice(0, 2)).toEqual([
      110, 150,
    ]);
  });

  it('writes the name over a hand at the lower edge', () => {
    const [under] = draw({ leftHand: handAt(0.5, 0.5) }, true)('fillText');
    const [over] = draw({ leftHand: handAt(0.5, 0.99) }, true)('fillText');
    expect(under?.[2]).toBeGreaterThan(150);
    expect(over?.[2]).toBeLessThan(290);
  });

  it('does not draw points of the body that cannot be seen', () => {
    expect(draw({ pose: poseAt(0.5, 0.5, 0.2) }, true)('lineTo')).toEqual([]);
    expect(draw({ pose: poseAt(0.5, 0.5, 0.2) }, true)('arc')).toEqual([]);
    expect(draw({ pose: poseAt(0.5, 0.5, 0.9) }, true)('arc')).toHaveLength(
      topology.BODY_JOINTS.length,
    );
  });

  it('joins the forearm to the hand where there is one', () => {
    const pose = poseAt(0.5, 0.5, 0.9);
    const of = draw({ pose, leftHand: handAt(0.75, 0.5) }, false);
    expect(of('lineTo')).toContainEqual([310, 150]);
  });

  it('survives a face of too few points', () => {
    expect(draw({ face: new Float32Array(9) }, true)('lineTo')).toEqual([]);
  });

  it('mirrors the picture of the server about its own middle', () => {
    const { context, of } = recorder();
    drawPicture(context, {} as CanvasImageSource, RECT, true);
    expect(of('translate')).toEqual([[420, 0]]);
    expect(of('scale')).toEqual([[-1, 1]]);
    expect(of('drawImage')[0]?.slice(1)).toEqual([10, 0, 400, 300]);
  });
});

describe('topology', () => {
  it('names only points that exist', () => {
    const points = (chains: readonly topology.Chain[]): number => Math.max(...chains.flat());
    expect(points([...topology.PALM, ...topology.FINGERS])).toBe(20);
    const { BODY, BODY_FACE, BODY_LEFT_HAND, BODY_RIGHT_HAND } = topology;
    expect(points([...BODY, ...BODY_FACE, ...BODY_LEFT_HAND, ...BODY_RIGHT_HAND])).toBe(32);
    const { FACE_OVAL, LIPS, LEFT_EYE, RIGHT_EYE } = topology;
    expect(points([...FACE_OVAL, ...LIPS, ...LEFT_EYE, ...RIGHT_EYE])).toBeLessThan(468);
  });
});
