import { type Size, shrinkInto } from '../geometry';
import { FRAME_HEADER_BYTES } from '../protocol';
import { type Frame, sizeOf } from './frame';

const BEST_QUALITY = 0.78;
const WORST_QUALITY = 0.3;

export interface EncodedFrame extends Size {
  /** Room for the header, then the JPEG. Valid until the next encode(). */
  message: Uint8Array<ArrayBuffer>;
}

/** Makes JPEGs. Canvas and message are reused, so only one frame may be encoded at a time. */
export class JpegEncoder {
  private readonly canvas = new OffscreenCanvas(16, 16);
  // Every picture is read back at once: a canvas in the processor's memory is the quicker one.
  private readonly context = this.canvas.getContext('2d', {
    alpha: false,
    willReadFrequently: true,
  });
  private scratch = new Uint8Array(128 * 1024);
  private quality = BEST_QUALITY;

  /** Takes the frame and closes it. The picture is scaled down to fit into `limit`. */
  async encode(frame: Frame, limit: Size): Promise<EncodedFrame> {
    const size = shrinkInto(sizeOf(frame), limit);
    try {
      if (this.canvas.width !== size.width) this.canvas.width = size.width;
      if (this.canvas.height !== size.height) this.canvas.height = size.height;
      this.context?.drawImage(frame, 0, 0, size.width, size.height);
    } finally {
      frame.close();
    }
    const blob = await this.canvas.convertToBlob({ type: 'image/jpeg', quality: this.quality });
    const jpeg = new Uint8Array(await blob.arrayBuffer());
    const length = FRAME_HEADER_BYTES + jpeg.length;
    if (this.scratch.length < length) this.scratch = new Uint8Array(2 * length);
    this.scratch.set(jpeg, FRAME_HEADER_BYTES);
    return { message: this.scratch.subarray(0, length), ...size };
  }

  /** The server takes no messages as large as the last one. */
  makeSmaller(): void {
    this.quality = Math.max(WORST_QUALITY, this.quality * 0.8);
  }
}
