"""Landmarks of `storysign annotate` against the reference landmarks in shared/data/gold, with the limits they must keep.

Units: pose by shoulder width, hand by wrist to middle-finger base, face by eye distance (as tools/compare_landmarks.py in shared).
Limits: the acceptance limits of shared/reference/vision.md 14 and hands-and-mask.md 11.
"""
import dataclasses
import itertools
import json
import os
import pathlib
import subprocess

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
BINARY = pathlib.Path(os.environ.get("STORYSIGN_BIN", ROOT / "build/release/storysign"))
PARTS = {"pose": ("pose", 33), "left": ("left_hand", 21), "right": ("right_hand", 21), "face": ("face", 468)}


def annotate(source, landmarks, *options):
    """Runs the program over a file or folder; returns its records."""
    command = [BINARY, "annotate", source, "--landmarks", landmarks, *options]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"annotate {source} ended with {done.returncode}: {done.stderr}")
    return read_records(landmarks)


def read_records(landmarks):
    return [json.loads(line) for line in pathlib.Path(landmarks).read_text(encoding="utf-8").splitlines()]


def sign_clips():
    return sorted((DATA / "clips").glob("*.mkv"))


def points(records, part):
    """[frames, points, 2] with NaN where the part was not found."""
    key, count = PARTS[part]
    found = np.full((len(records), count, 2), np.nan)
    for i, record in enumerate(records):
        if record[key]:
            found[i] = np.asarray(record[key])[:, :2]
    return found


@dataclasses.dataclass
class Comparison:
    """One part over some frames: whether each frame agrees on its presence, and the distances where both have it."""

    agree: np.ndarray
    distances: np.ndarray

    @classmethod
    def pool(cls, several):
        several = list(several)
        return cls(np.concatenate([c.agree for c in several]), np.concatenate([c.distances for c in several]))

    @property
    def agreement(self):
        return float(self.agree.mean())

    @property
    def median(self):
        return float(np.median(self.distances)) if len(self.distances) else 0.0

    @property
    def p90(self):
        return float(np.quantile(self.distances, 0.9)) if len(self.distances) else 0.0

    def __str__(self):
        return f"{self.agreement:.3f} {self.median:.4f} {self.p90:.4f}"


def compare_part(reference, records, part, aspect):
    scale = np.array([aspect, 1.0])
    theirs, ours = reference[part][:, :, :2] * scale, points(records, part) * scale
    if len(theirs) != len(ours):
        raise RuntimeError(f"{len(ours)} frames, the reference has {len(theirs)}")
    has_theirs, has_ours = np.isfinite(theirs[:, 0, 0]), np.isfinite(ours[:, 0, 0])
    both = has_theirs & has_ours
    a, b = theirs[both], ours[both]
    first, second = {"pose": (11, 12), "face": (33, 263)}.get(part, (0, 9))
    distances = np.linalg.norm(a - b, axis=2) / np.linalg.norm(a[:, first] - a[:, second], axis=1)[:, None]
    if part == "pose":
        distances = distances[:, :23][reference["pose"][both][:, :23, 3] > 0.5]
    return Comparison(has_theirs == has_ours, distances.ravel())


def compare_clip(clip, complexity, records, aspect=640 / 480):
    reference = np.load(DATA / "gold" / f"{clip.stem}.c{complexity}.npz")
    return {part: compare_part(reference, records, part, aspect) for part in PARTS}


def check_sign_clips(per_clip):
    """Sentences about what is out of bounds; `per_clip` maps a name to compare_clip()."""
    problems = []

    def require(name, what, value, limit, at_least=False):
        if value < limit if at_least else value > limit:
            problems.append(f"{name}: {what} is {value:.4f}, must be {'at least' if at_least else 'at most'} {limit}")

    pose = Comparison.pool(c["pose"] for c in per_clip.values())
    face = Comparison.pool(c["face"] for c in per_clip.values())
    hands = Comparison.pool(c[side] for c in per_clip.values() for side in ("left", "right"))
    require("all clips", "pose agreement", pose.agreement, 1.0, at_least=True)
    require("all clips", "pose median", pose.median, 0.001)
    require("all clips", "pose p90", pose.p90, 0.004)
    require("all clips", "face agreement", face.agreement, 1.0, at_least=True)
    require("all clips", "face median", face.median, 0.0005)
    require("all clips", "hand agreement", hands.agreement, 0.97, at_least=True)
    require("all clips", "hand median", hands.median, 0.006)
    require("all clips", "hand p90", hands.p90, 0.05)
    for name, parts in per_clip.items():
        both = Comparison.pool([parts["left"], parts["right"]])
        require(name, "hand agreement", both.agreement, 0.94, at_least=True)
        require(name, "hand median", both.median, 0.03)
    return problems, {"pose": pose, "hands": hands, "face": face}


def compare_hands(name, records, aspect):
    """Hands on their own against MediaPipe Hands, paired by distance whatever their side: (agreement, distances, same side)."""
    reference = np.load(DATA / "gold" / f"{name}.hands.npz")
    scale = np.array([aspect, 1.0])
    agree, distances, sides = [], [], []
    for theirs, handed, record in zip(reference["hands"], reference["handed"], records, strict=True):
        a = [(h[:, :2] * scale, side) for h, side in zip(theirs, handed) if side >= 0]
        b = [(np.asarray(record[k])[:, :2] * scale, side) for k, side in (("left_hand", 0), ("right_hand", 1)) if record[k]]
        agree.append(len(a) == len(b))
        nearest = sorted(itertools.product(range(len(a)), range(len(b))), key=lambda p: np.linalg.norm(a[p[0]][0] - b[p[1]][0], axis=1).mean())
        used_a, used_b = set(), set()
        for i, j in nearest:
            if i in used_a or j in used_b:
                continue
            used_a.add(i)
            used_b.add(j)
            palm = np.linalg.norm(a[i][0][0] - a[i][0][9])
            distances.append(np.linalg.norm(a[i][0] - b[j][0], axis=1) / palm)
            sides.append(a[i][1] == b[j][1])
    return Comparison(np.array(agree), np.concatenate(distances)), float(np.mean(sides))


# name: (input, aspect, agreement, median, p90)
HAND_SETS = {
    "open_hand": ("clips/open_hand.mp4", 640 / 360, 0.98, 0.002, 0.01),
    "letter_photos": ("letters/photos", 1.0, 0.98, 0.002, 0.01),
    "milk": ("clips/milk.mkv", 640 / 480, 0.93, 0.004, 0.025),
    "school": ("clips/school.mkv", 640 / 480, 0.93, 0.004, 0.025),
}
MIN_SAME_SIDE = 0.96


def check_hands(name, folder):
    """Runs one of HAND_SETS; (sentences about what is out of bounds, a line of figures)."""
    source, aspect, agreement, median, p90 = HAND_SETS[name]
    records = annotate(DATA / source, folder / f"{name}.hands.jsonl", "--tracker", "hands", "--complexity", "1")
    result, same_side = compare_hands(name, records, aspect)
    problems = [
        f"{name}: hands {what} is {value:.4f}, must be {bound} {limit}"
        for what, value, bound, limit, bad in (
            ("agreement", result.agreement, "at least", agreement, result.agreement < agreement),
            ("median", result.median, "at most", median, result.median > median),
            ("p90", result.p90, "at most", p90, result.p90 > p90),
            ("same side", same_side, "at least", MIN_SAME_SIDE, same_side < MIN_SAME_SIDE),
        )
        if bad
    ]
    return problems, f"{name:14} agree, median, p90 {result}  same side {same_side:.3f}"


def frames_with_a_hand(records):
    return sum(bool(r["left_hand"] or r["right_hand"]) for r in records)


MIN_OPEN_HAND_FRAMES = 198  # Of 202, with the tracker `auto`.
