"""How large the strokes of J and Z are, against what other letters do by chance: where src/practice/air_letters.cpp has its
thresholds from. The strokes are measured as there, without the shape of the hand."""

import numpy as np

from hand_features import palm_size
from hand_sources import WIDE

LITTLE_TIP, INDEX_TIP = 20, 8


def trail(hand, tip):
    """Where the tip was, in palm sizes; the first frame, often the end of the sequence before, is left out."""
    hand = hand[1:][np.abs(hand[1:]).sum((1, 2)) > 0] * np.array([1.0, WIDE])
    return hand[:, tip] / np.median(palm_size(hand)) if len(hand) >= 5 else None


def hook(path):
    """The largest steep stroke down that a stroke as long to the thumb's side follows."""
    best, highest = 0.0, 0
    for turn in range(len(path)):
        if path[turn, 1] <= path[highest, 1]:
            highest = turn
        down = path[turn, 1] - path[highest, 1]
        if abs(path[turn, 0] - path[highest, 0]) <= down:
            best = max(best, min(down, path[turn:, 0].max() - path[turn, 0]))
    return best


def zigzag(path, steps=np.arange(0.05, 4, 0.05)):
    """The largest stroke that comes three times: away from the thumb, back, away again."""
    def holds(size):
        strokes, turn = 0, path[0, 0]
        for x in path[:, 0]:
            way = 1 if strokes == 1 else -1
            turn = min(turn, x) if way > 0 else max(turn, x)
            if way * (x - turn) >= size:
                strokes, turn = strokes + 1, x
                if strokes == 3:
                    return True
        return False
    return max((size for size in steps if holds(size)), default=0.0)


def measure(path):
    """Prints, for each letter and each signer left out, the threshold that the others teach and what it does to the one."""
    data = np.load(path)
    hands, label, signer = data["hands_xy"][:, :, 21:].astype(np.float64), data["label"], data["signer"]
    for letter, tip, size_of in (("j", LITTLE_TIP, hook), ("z", INDEX_TIP, zigzag)):
        trails = [trail(hand, tip) for hand in hands]
        known = np.array([t is not None for t in trails])
        size = np.array([size_of(t) if t is not None else 0.0 for t in trails])
        drawn = known & (label == letter)
        still = known & np.isin(label, list("abcdefghijklmnopqrstuvwxyz")) & ~np.isin(label, ["j", "z"])
        for out in np.unique(signer[drawn]):
            weak = np.quantile(size[drawn & (signer != out)], 0.25)
            strong = np.quantile(size[still & (signer != out)], 0.998)
            threshold = np.sqrt(weak * strong)
            print(f"{letter.upper()}, signer {out} left out: weakest quarter {weak:.2f}, by chance {strong:.2f}, threshold "
                  f"{threshold:.2f}: found {np.mean(size[drawn & (signer == out)] >= threshold):.3f} of "
                  f"{(drawn & (signer == out)).sum()}, wrongly {np.mean(size[still & (signer == out)] >= threshold):.4f} of "
                  f"{(still & (signer == out)).sum()}")
