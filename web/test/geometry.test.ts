import { describe, expect, it } from 'vitest';
import { canvasSize, fitRect, placeX, placeY, shrinkInto } from '../src/geometry';

const VIDEO = { width: 640, height: 480 };

describe('fitting a picture into a box', () => {
  it('contains: bars at the sides of a wide box', () => {
    expect(fitRect(VIDEO, { width: 1280, height: 480 }, 'contain')).toEqual({
      x: 320,
      y: 0,
      width: 640,
      height: 480,
    });
  });

  it('contains: bars over and under in a high box', () => {
    expect(fitRect(VIDEO, { width: 320, height: 480 }, 'contain')).toEqual({
      x: 0,
      y: 120,
      width: 320,
      height: 240,
    });
  });

  it('covers: the picture reaches beyond the box', () => {
    expect(fitRect(VIDEO, { width: 640, height: 960 }, 'cover')).toEqual({
      x: -320,
      y: 0,
      width: 1280,
      height: 960,
    });
  });

  it('makes nothing of a picture without a size', () => {
    const box = { width: 100, height: 100 };
    expect(fitRect({ width: 0, height: 480 }, box, 'contain').width).toBe(0);
  });
});

describe('places', () => {
  const rect = { x: 100, y: 50, width: 200, height: 100 };

  it('mirrors left and right, never up and down', () => {
    expect(placeX(0, rect, false)).toBe(100);
    expect(placeX(0.25, rect, false)).toBe(150);
    expect(placeX(0.25, rect, true)).toBe(250);
    expect(placeX(1, rect, true)).toBe(100);
    expect(placeY(0.25, rect)).toBe(75);
  });

  it('mirrors about the middle of the picture, not of the box', () => {
    expect(placeX(0.5, rect, true)).toBe(placeX(0.5, rect, false));
  });
});

describe('size of what is sent', () => {
  it('is at most the size wished for, in the same shape', () => {
    expect(shrinkInto({ width: 1280, height: 720 }, VIDEO)).toEqual({ width: 640, height: 360 });
    expect(shrinkInto({ width: 800, height: 600 }, VIDEO)).toEqual(VIDEO);
  });

  it('never grows', () => {
    expect(shrinkInto({ width: 320, height: 240 }, VIDEO)).toEqual({ width: 320, height: 240 });
  });

  it('turns the box with an upright camera', () => {
    expect(shrinkInto({ width: 720, height: 1280 }, VIDEO)).toEqual({ width: 360, height: 640 });
  });

  it('is never smaller than the server takes', () => {
    expect(shrinkInto({ width: 4000, height: 20 }, VIDEO).height).toBe(16);
  });
});

describe('canvas', () => {
  it('has the pixels of the display, within reason', () => {
    const box = { width: 301, height: 200 };
    expect(canvasSize(box, 1)).toEqual({ width: 301, height: 200 });
    expect(canvasSize(box, 1.5)).toEqual({ width: 452, height: 300 });
    expect(canvasSize(box, 4)).toEqual({ width: 602, height: 400 });
    expect(canvasSize(box, 0.5)).toEqual({ width: 301, height: 200 });
  });
});
