/**
 * The binary messages of the WebSocket subprotocol storysign.v1, little endian; docs/protocol-v1.md
 * describes them byte by byte.
 */

export const SUBPROTOCOL = 'storysign.v1';
export const FRAME_HEADER_BYTES = 32;
export const ANSWER_HEADER_BYTES = 64;

const VERSION = 1;
const KIND_PICTURE = 1;
const KIND_ANSWER = 129;
const ERROR_REFUSED = 1;
/** Coordinates are fractions of the picture's width (x, z) or height (y) in steps of 1/8192. */
const COORDINATE_STEPS = 8192;
const FULL_SCORE = 65535;
const U32_MAX = 0xffffffff;

export const POSE_POINTS = 33;
export const HAND_POINTS = 21;
/** x, y, z and visibility. */
export const POSE_STRIDE = 4;
/** x, y, z, of hands and faces. */
export const POINT_STRIDE = 3;

const FrameFlag = { landmarks: 1, picture: 2, faceMesh: 4 } as const;

const AnswerFlag = {
  success: 1 << 0,
  inferred: 1 << 1,
  pose: 1 << 2,
  leftHand: 1 << 3,
  rightHand: 1 << 4,
  face: 1 << 5,
  handsOnly: 1 << 6,
  landmarks: 1 << 7,
  picture: 1 << 8,
  faceMesh: 1 << 9,
} as const;

/** What the server is asked for: landmarks with the face mesh, or the annotated picture. */
export type AnswerMode = 'landmarks' | 'picture';

export interface FrameHeader {
  mode: AnswerMode;
  frameNumber: number;
  /** Microseconds of a monotonic clock; echoed in the answer. */
  captureTimeUs: number;
  /** Pixels of the JPEG. */
  width: number;
  height: number;
  /** The last latency measured, 0 if none yet. */
  latencyUs: number;
  /** Frames left out before encoding since this connection was made. */
  dropped: number;
}

export const PROFILES = [
  'ultra_performance',
  'high_performance',
  'balanced',
  'high_quality',
] as const;
export type Profile = (typeof PROFILES)[number];

/** Why the profile is what it is, in the order of the numbers in an answer. */
export const QUALITY_REASONS = [
  'start',
  'pinned',
  'operator',
  'client',
  'latency',
  'drops',
  'network',
  'cpu',
  'memory',
  'headroom',
] as const;
export type QualityReason = (typeof QUALITY_REASONS)[number];

/** Why no network ran for an answer; `none`: one did. */
export const SKIP_REASONS = ['none', 'unchanged', 'frame_skip', 'behind'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export interface Found {
  pose: boolean;
  leftHand: boolean;
  rightHand: boolean;
  face: boolean;
}

/** Landmarks as fractions of the picture, which is not mirrored; left and right are the signer's. */
export interface Landmarks {
  pose?: Float32Array<ArrayBuffer>;
  leftHand?: Float32Array<ArrayBuffer>;
  rightHand?: Float32Array<ArrayBuffer>;
  face?: Float32Array<ArrayBuffer>;
}

export interface Answer {
  success: boolean;
  /** The server did not even look at the frame; `text` says why. */
  refused: boolean;
  /** False if the landmarks were carried over from an earlier frame. */
  inferred: boolean;
  found: Found;
  frameNumber: number;
  width: number;
  height: number;
  profile: Profile | null;
  qualityReason: QualityReason | null;
  /** Null for a reason that this page does not know yet. */
  skipReason: SkipReason | null;
  advisedFps: number;
  /** Frames of this session without an answer of their own since the last answer. */
  replaced: number;
  expired: number;
  serverUs: number;
  landmarks: Landmarks | null;
  /** Why there is no success. */
  text: string;
  /** JPEG, pointing into the message. */
  picture: Uint8Array<ArrayBuffer> | null;
}

/** Writes the header of a frame to the first FRAME_HEADER_BYTES of `view`. */
export function writeFrameHeader(view: DataView, header: FrameHeader): void {
  const flags =
    header.mode === 'picture' ? FrameFlag.picture : FrameFlag.landmarks | FrameFlag.faceMesh;
  view.setUint8(0, VERSION);
  view.setUint8(1, KIND_PICTURE);
  view.setUint16(2, flags, true);
  view.setUint32(4, header.frameNumber, true);
  view.setBigUint64(8, BigInt(Math.max(0, Math.round(header.captureTimeUs))), true);
  view.setUint16(16, header.width, true);
  view.setUint16(18, header.height, true);
  view.setUint32(20, clampU32(header.latencyUs), true);
  view.setUint32(24, clampU32(header.dropped), true);
  view.setUint32(28, 0, true);
}

/** Reads a whole answer; throws an Error with one sentence if it is none. */
export function readAnswer(message: ArrayBuffer): Answer {
  if (message.byteLength < ANSWER_HEADER_BYTES) {
    throw new Error(`An answer of ${message.byteLength} bytes is too short.`);
  }
  const view = new DataView(message);
  if (view.getUint8(0) !== VERSION || view.getUint8(1) !== KIND_ANSWER) {
    throw new Error('The message is no answer of version 1.');
  }
  const flags = view.getUint16(2, true);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const landmarkBytes = view.getUint16(58, true);
  const textBytes = view.getUint16(60, true);
  const textBegin = ANSWER_HEADER_BYTES + landmarkBytes;
  const pictureBegin = textBegin + textBytes;
  if (pictureBegin > message.byteLength) {
    throw new Error('The sections of an answer are longer than the answer.');
  }
  const found: Found = {
    pose: has(AnswerFlag.pose),
    leftHand: has(AnswerFlag.leftHand),
    rightHand: has(AnswerFlag.rightHand),
    face: has(AnswerFlag.face),
  };
  const section = new DataView(message, ANSWER_HEADER_BYTES, landmarkBytes);
  return {
    success: has(AnswerFlag.success),
    refused: view.getUint8(27) === ERROR_REFUSED,
    inferred: has(AnswerFlag.inferred),
    found,
    frameNumber: view.getUint32(4, true),
    width: view.getUint16(20, true),
    height: view.getUint16(22, true),
    profile: PROFILES[view.getUint8(24)] ?? null,
    qualityReason: QUALITY_REASONS[view.getUint8(57)] ?? null,
    skipReason: SKIP_REASONS[view.getUint8(25)] ?? null,
    advisedFps: view.getUint8(26),
    replaced: view.getUint16(28, true),
    expired: view.getUint16(30, true),
    serverUs: view.getUint32(52, true),
    landmarks: has(AnswerFlag.landmarks)
      ? readLandmarks(section, found, has(AnswerFlag.faceMesh))
      : null,
    text: new TextDecoder().decode(new Uint8Array(message, textBegin, textBytes)),
    picture: has(AnswerFlag.picture) ? new Uint8Array(message, pictureBegin) : null,
  };
}

function readLandmarks(section: DataView, found: Found, faceMesh: boolean): Landmarks {
  let at = 0;
  const need = (bytes: number): void => {
    if (at + bytes > section.byteLength) {
      throw new Error('The landmarks of an answer are cut off.');
    }
  };
  const points = (count: number, stride: number): Float32Array<ArrayBuffer> => {
    need(count * stride * 2);
    const values = new Float32Array(count * stride);
    for (let i = 0; i < values.length; ++i, at += 2) {
      values[i] =
        i % stride === POINT_STRIDE
          ? section.getUint16(at, true) / FULL_SCORE
          : section.getInt16(at, true) / COORDINATE_STEPS;
    }
    return values;
  };
  const hand = (): Float32Array<ArrayBuffer> => {
    need(2);
    at += 2; // The score; the page draws every hand that was found.
    return points(HAND_POINTS, POINT_STRIDE);
  };
  const face = (): Float32Array<ArrayBuffer> => {
    need(2);
    const count = section.getUint16(at, true);
    at += 2;
    return points(count, POINT_STRIDE);
  };
  const landmarks: Landmarks = {};
  if (found.pose) landmarks.pose = points(POSE_POINTS, POSE_STRIDE);
  if (found.leftHand) landmarks.leftHand = hand();
  if (found.rightHand) landmarks.rightHand = hand();
  if (faceMesh) landmarks.face = face();
  if (at !== section.byteLength) {
    throw new Error('The landmarks of an answer are longer than its parts.');
  }
  return landmarks;
}

function clampU32(value: number): number {
  return Math.min(U32_MAX, Math.max(0, Math.round(value)));
}
