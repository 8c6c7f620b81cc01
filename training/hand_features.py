"""What the letter network sees of a hand. src/practice/letter_features.cpp computes the same numbers; a test compares them.

A hand is 21 points (MediaPipe's order), x to the right and y down in one unit, of a picture that is not mirrored. Left hands are
mirrored first. Position and size do not matter: the wrist is the origin, the palm the unit. Turning the hand in the picture
matters only to one part, because G, H, P and Q differ in it. Depth (z, in the unit of x, smaller is nearer) is the last part: it
tells where the thumb is among folded fingers. A hand whose z is 0 everywhere has none and is read without.
"""

import numpy as np

POINTS = 21
# From the wrist to each knuckle, then along each finger: (from, to).
BONES = [(0, 1), (1, 2), (2, 3), (3, 4)] + [
    bone for first in (5, 9, 13, 17) for bone in ((0, first), (first, first + 1), (first + 1, first + 2),
                                                  (first + 2, first + 3))]
# Bones that follow each other: the bend between them.
JOINTS = [(4 * finger + i, 4 * finger + i + 1) for finger in range(5) for i in range(3)]
PAIRS = [(i, j) for i in range(POINTS) for j in range(i + 1, POINTS)]
PALM = [(0, 5), (0, 9), (0, 13), (0, 17), (5, 17)]
KNUCKLES = [5, 9, 13, 17]
# Whose depths are compared: the thumb with the joints it may lie on or under, index with middle finger (R).
DEPTHS = [(4, 5), (4, 6), (4, 9), (4, 10), (4, 13), (4, 14), (4, 17), (4, 18), (8, 12), (3, 6), (3, 10)]
SIZE = 2 * 20 + 2 * len(BONES) + 2 * len(JOINTS) + len(PAIRS) + 2 * 20 + 2 + 20 + len(DEPTHS) + 1
# Depths beyond this many palm sizes are taken for this many.
DEEPEST = 2.0
# Below this many units a length is none.
TINY = 1e-6


def unit(vectors):
    """Vectors [..., 2] of length one; zero where they have none."""
    lengths = np.sqrt((vectors * vectors).sum(-1, keepdims=True))
    return np.where(lengths > TINY, vectors / np.maximum(lengths, TINY), 0.0)


def palm_size(points):
    """[n, 21, 2] -> [n]: root of the mean square of five lengths in the palm."""
    squares = [((points[:, i] - points[:, j]) ** 2).sum(-1) for i, j in PALM]
    return np.sqrt(np.mean(squares, axis=0))


def depths(z, size):
    """[n, 21], [n] -> [n, 20 + len(DEPTHS) + 1]; the last says whether there are any."""
    known = (z != 0).any(1, keepdims=True)
    z = np.clip((z - z[:, :1]) / size[:, None], -DEEPEST, DEEPEST) * known
    return np.concatenate([z[:, 1:]] + [z[:, i:i + 1] - z[:, j:j + 1] for i, j in DEPTHS] + [known], 1)


def features(points):
    """[n, 21, 3] -> float32 [n, SIZE]."""
    points = np.asarray(points, np.float32)
    z, points = points[..., 2], points[..., :2]
    centred = points - points[:, :1]
    size = np.maximum(palm_size(points), TINY)
    scaled = centred / size[:, None, None]
    up = unit(scaled[:, KNUCKLES].mean(1))
    # The palm's own frame: its y axis runs from the wrist to the knuckles.
    along = (scaled * up[:, None]).sum(-1)
    across = scaled[..., 1] * up[:, None, 0] - scaled[..., 0] * up[:, None, 1]
    upright = np.stack([across, along], -1)
    bones = np.stack([unit(upright[:, j] - upright[:, i]) for i, j in BONES], 1)
    first, second = bones[:, [i for i, _ in JOINTS]], bones[:, [j for _, j in JOINTS]]
    bends = np.stack([(first * second).sum(-1), first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]], -1)
    i, j = np.array(PAIRS).T
    distances = np.sqrt(((scaled[:, i] - scaled[:, j]) ** 2).sum(-1))
    parts = [upright[:, 1:], bones, bends, distances, scaled[:, 1:], up, depths(z, size)]
    return np.concatenate([part.reshape(len(points), -1) for part in parts], 1).astype(np.float32)


def mirrored(points):
    """The other hand's points."""
    return points * np.array([-1.0, 1.0, 1.0], np.float32)
