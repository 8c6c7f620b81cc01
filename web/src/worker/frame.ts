import type { Size } from '../geometry';

/** A frame of the camera, from whichever source there is. */
export type Frame = VideoFrame | ImageBitmap;

export function sizeOf(frame: Frame): Size {
  return 'displayWidth' in frame
    ? { width: frame.displayWidth, height: frame.displayHeight }
    : { width: frame.width, height: frame.height };
}

/** Another handle of the same picture, to be closed on its own. */
export async function copyOf(frame: Frame): Promise<Frame> {
  return 'clone' in frame ? frame.clone() : createImageBitmap(frame);
}
