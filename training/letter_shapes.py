"""web/src/practice/letter_shapes.json: a typical right hand for each letter, to be drawn beside a learner's.

Mean shapes of many hands, none of them one person's: of asl_ai (CC0-1.0) for the letters that stand still, of the sequences of
traduttore (MIT) for J and Z. Unit: palm sizes; origin: the wrist (of the first frame, where there are several); y down.
"""

import json

import numpy as np

from hand_features import palm_size
from hand_sources import LETTERS, WIDE

FRAMES = 14
TIP = {"J": 20, "Z": 8}


def central_mean(shapes, share=0.4):
    """The mean of those nearest to the median."""
    far = np.abs(shapes - np.median(shapes, 0)).reshape(len(shapes), -1).mean(1)
    return shapes[far <= np.quantile(far, share)].mean(0)


def still(source, number):
    points = source.points[source.letter == number][..., :2]
    return central_mean((points - points[:, :1]) / palm_size(points)[:, None, None])


def resampled(values, count):
    places = np.linspace(0, len(values) - 1, count)
    below = np.floor(places).astype(int).clip(0, len(values) - 2)
    part = (places - below)[:, None, None]
    return values[below] * (1 - part) + values[below + 1] * part


def movement(hand, tip):
    """From just before the tip begins to move to just after it rests, in FRAMES frames; None for a sequence with gaps."""
    if (np.abs(hand).sum((1, 2)) == 0).any():
        return None
    hand = hand * np.array([1.0, WIDE])
    hand = hand / np.median(palm_size(hand))
    # The first frame often is the end of the sequence before.
    hand = hand[1:]
    speed = np.linalg.norm(np.diff(hand[:, tip], axis=0), axis=1)
    moving = np.flatnonzero(speed > 0.12)
    if len(moving) < 4:
        return None
    part = hand[max(0, moving[0] - 1):moving[-1] + 2]
    return resampled(part - part[0, 0], FRAMES)


def drawn(path, letter):
    data = np.load(path)
    hands = data["hands_xy"][data["label"] == letter.lower()][:, :, 21:].astype(np.float64)
    moves = [movement(hand, TIP[letter]) for hand in hands]
    return central_mean(np.array([move for move in moves if move is not None]))


def make_shapes(sources, sequences):
    """letter -> frames [n][21][2]"""
    shapes = {}
    for number, letter in enumerate(LETTERS):
        frames = drawn(sequences, letter) if letter in TIP else still(sources["asl_ai"], number)[None]
        shapes[letter] = (np.round(frames.astype(np.float64), 3) + 0.0).tolist()
    return shapes


def write_shapes(path, shapes):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f'  "{letter}": {json.dumps(frames, separators=(",", ":"))}' for letter, frames in shapes.items()]
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="ascii")
