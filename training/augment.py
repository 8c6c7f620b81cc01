"""Other hands from the ones there are: what cameras, people and chance change without changing the letter."""

import numpy as np

from hand_features import palm_size

FINGERS = [range(1 + 4 * finger, 5 + 4 * finger) for finger in range(5)]

# Standard deviations: radians, logarithms of ratios, palm sizes.
JOINT = 0.08     # Each joint of each finger bends otherwise.
BONE = 0.05      # Each bone is longer or shorter.
TILT = 0.40      # The hand turns about both axes of the picture's plane, where z is known.
ASPECT = 0.25    # The picture is stretched: shapes of cameras, and tilt where z is unknown.
TURN = 0.25      # The hand turns in the picture's plane: two thirds stay within 14 degrees.
NOISE = 0.015    # Each point is found elsewhere; how much differs from hand to hand.
DEPTH = 0.20     # Depths are larger or smaller,
DEEP_NOISE = 0.03  # and each is found elsewhere.
WITHOUT = 0.4    # Share of hands whose depth is left out.
MIRRORED = 0.5   # Share of hands that are the other one: whoever says left and right may be wrong.


def turned(x, y, angle):
    return x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)


def bend_fingers(points, random):
    for finger in FINGERS:
        for joint, rest in zip(finger[:-1], range(1, 4)):
            tail = list(finger[rest:])
            base = points[:, joint:joint + 1, :2]
            angle = random.normal(0, JOINT, (len(points), 1)).astype(np.float32)
            length = np.exp(random.normal(0, BONE, (len(points), 1))).astype(np.float32)
            rel = points[:, tail, :2] - base
            x, y = turned(rel[..., 0], rel[..., 1], angle)
            points[:, tail, :2] = base + np.stack([x, y], -1) * length[..., None]


def augment(points, random):
    """[n, 21, 3] -> [n, 21, 3], in palm sizes."""
    known = (points[..., 2] != 0).any(1, keepdims=True) & (random.random((len(points), 1)) >= WITHOUT)
    points = points - points[:, :1]
    points /= palm_size(points[..., :2])[:, None, None] + 1e-6
    bend_fingers(points, random)

    def each(sigma):
        return random.normal(0, sigma, (len(points), 1)).astype(np.float32)

    x, y, z = np.moveaxis(points, -1, 0)
    z = z * np.exp(each(DEPTH))
    x, z = turned(x, z, each(TILT))
    y, z = turned(y, z, each(TILT))
    x, y = turned(x, y * np.exp(each(ASPECT)), each(TURN))
    x = np.where(random.random((len(points), 1)) < MIRRORED, -x, x)
    amount = 2 * random.random((len(points), 1, 1), dtype=np.float32)
    noise = random.normal(0, NOISE, (*x.shape, 2)).astype(np.float32)
    x, y = x + amount[..., 0] * noise[..., 0], y + amount[..., 0] * noise[..., 1]
    z = (z + random.normal(0, DEEP_NOISE, z.shape)) * known
    return np.stack([x, y, z], -1).astype(np.float32)
