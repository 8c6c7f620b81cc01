/** Which landmarks are joined by lines: the lists of MediaPipe 0.10.21, as in src/render/topology.hpp. */

export type Chain = readonly number[];

/** Hands: 0 is the wrist, then four points a finger from its root, thumb first. */
export const PALM: readonly Chain[] = [[1, 0, 5, 9, 13, 17, 0]];
export const FINGERS: readonly Chain[] = [
  [1, 2, 3, 4],
  [5, 6, 7, 8],
  [9, 10, 11, 12],
  [13, 14, 15, 16],
  [17, 18, 19, 20],
];

/** Body without forearms, face and hands. Odd numbers are the signer's left. */
export const BODY: readonly Chain[] = [
  [13, 11, 12, 14],
  [11, 23, 24, 12],
  [23, 25, 27, 29, 31, 27],
  [24, 26, 28, 30, 32, 28],
];
/** The body's own rough face and hands, drawn only where the finer ones were not found. */
export const BODY_FACE: readonly Chain[] = [
  [8, 6, 5, 4, 0, 1, 2, 3, 7],
  [9, 10],
];
/** Forearm and rough hand. */
export const BODY_LEFT_HAND: readonly Chain[] = [[13, 15, 17, 19, 15, 21]];
export const BODY_RIGHT_HAND: readonly Chain[] = [[14, 16, 18, 20, 16, 22]];
export const BODY_JOINTS: readonly number[] = [11, 12, 13, 14, 23, 24, 25, 26, 27, 28];
export const LEFT_ELBOW = 13;
export const RIGHT_ELBOW = 14;

/** Face contours. Left and right are the signer's own. */
export const FACE_OVAL: readonly Chain[] = [
  [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10,
  ],
];
export const LIPS: readonly Chain[] = [
  [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291],
  [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291],
  [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308],
  [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308],
];
export const LEFT_EYE: readonly Chain[] = [
  [263, 249, 390, 373, 374, 380, 381, 382, 362],
  [263, 466, 388, 387, 386, 385, 384, 398, 362],
  [276, 283, 282, 295, 285],
  [300, 293, 334, 296, 336],
];
export const RIGHT_EYE: readonly Chain[] = [
  [33, 7, 163, 144, 145, 153, 154, 155, 133],
  [33, 246, 161, 160, 159, 158, 157, 173, 133],
  [46, 53, 52, 65, 55],
  [70, 63, 105, 66, 107],
];
