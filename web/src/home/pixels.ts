import { type Size, shrinkInto } from '../geometry';

/** A frame of the camera, from whichever source there is. */
export type Frame = VideoFrame | ImageBitmap;

/** Reads the pixels of frames. The canvas is reused, so one frame at a time. */
export class PixelReader {
  private readonly canvas = new OffscreenCanvas(16, 16);
  // Every picture is read back at once: a canvas in the processor's memory is the quicker one.
  private readonly context = this.canvas.getContext('2d', {
    alpha: false,
    willReadFrequently: true,
  });

  /** Takes the frame and closes it. The picture is scaled down to fit into `limit`. */
  read(frame: Frame, limit: Size): ImageData {
    const { context, canvas } = this;
    try {
      if (context === null) throw new Error('This browser gives no canvas to a worker.');
      const size = shrinkInto(sizeOf(frame), limit);
      if (canvas.width !== size.width) canvas.width = size.width;
      if (canvas.height !== size.height) canvas.height = size.height;
      context.drawImage(frame, 0, 0, size.width, size.height);
      return context.getImageData(0, 0, size.width, size.height);
    } finally {
      frame.close();
    }
  }
}

function sizeOf(frame: Frame): Size {
  return 'displayWidth' in frame
    ? { width: frame.displayWidth, height: frame.displayHeight }
    : { width: frame.width, height: frame.height };
}
