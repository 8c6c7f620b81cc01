"""The landmark sets that the letter network is trained from, as right hands of a picture that is not mirrored.

A source is points [n, 21, 3] (z is 0 where it is unknown), letter [n] (0 is A) and signer [n] (0 where there is one).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STATIC = [i for i, letter in enumerate(LETTERS) if letter not in "JZ"]

# Three of the sets have x as a fraction of the width and y of the height, and none says its pictures' shape. In letters with an
# upright palm (B, F, U, V, W) the palm is 0.33 of its height wide in all three, and 0.59 in hands_on_fluency, whose unit is the
# same for both: they come from pictures of 16:9.
WIDE = 9 / 16
SAME = 1.0


@dataclass
class Source:
    points: np.ndarray
    letter: np.ndarray
    signer: np.ndarray

    def where(self, mask):
        return Source(self.points[mask], self.letter[mask], self.signer[mask])


def letters_of(labels):
    """The number of each label; -1 for one that is no letter."""
    return np.array([LETTERS.find(label.upper()) if len(label) == 1 else -1 for label in labels.tolist()])


def make_source(points, letter, height, mirrored, signer=None):
    points = np.asarray(points, np.float32)
    if points.shape[-1] == 2:
        points = np.concatenate([points, np.zeros_like(points[..., :1])], -1)
    points = points * np.array([-1 if mirrored else 1, height, 1], np.float32)
    signer = np.zeros(len(points), int) if signer is None else signer
    return Source(points, letter, signer).where(letter >= 0)


def load_stills(path, height, mirrored):
    """A file with `xyz` or `xy` [n, 21, .] and `label` [n]."""
    data = np.load(path)
    return make_source(data["xyz" if "xyz" in data else "xy"], letters_of(data["label"]), height, mirrored)


def load_sequences(path, height, step=4):
    """Every fourth frame of each sequence: `hands_xy` [n, 20, 42, 2], left hand first, zeros where there is none."""
    data = np.load(path)
    hands = data["hands_xy"][:, 1::step].astype(np.float32)
    label, signer = (np.repeat(data[key], hands.shape[1]) for key in ("label", "signer"))
    hands = hands.reshape(-1, 2, 21, 2)
    seen = np.abs(hands).sum((2, 3)) > 0
    right = np.where(seen[:, 1, None, None], hands[:, 1], hands[:, 0] * np.array([-1, 1], np.float32))
    letter = np.where(seen.any(1), letters_of(label), -1)
    return make_source(right, letter, height, False, signer)


def load_all(folder):
    """name -> Source. Pictures of asl_ai and hands_on_fluency are mirrored, as their right hands show: the thumb of a right
    palm that faces the camera is on the right of the picture. siruyy holds both hands, unmarked."""
    folder = Path(folder)
    return {
        "asl_ai": load_stills(folder / "asl_ai.npz", WIDE, True),
        "siruyy": load_stills(folder / "siruyy.npz", WIDE, False),
        "hands_on_fluency": load_stills(folder / "hands_on_fluency.npz", SAME, True),
        "traduttore": load_sequences(folder / "traduttore_sequences.npz", WIDE),
    }
