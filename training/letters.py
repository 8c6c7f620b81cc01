#!/usr/bin/env python3
"""Trains the network that reads letters of the manual alphabet, measures it, and writes what the program needs of it.

usage: letters.py [--data DIR] [--photos FILE.jsonl] measure | export | shapes | all
       letters.py judge FILE.npz [--height RATIO] [--mirrored]

measure: trains without each source and each signer in turn and judges by what was left out; writes docs/images/letters-*.svg.
export:  trains with all sources; writes models/letters.onnx, its row's figures, and the hands that the C++ test compares.
shapes:  writes web/src/practice/letter_shapes.json.
judge:   how models/letters.onnx reads a file of `xyz` or `xy` [n, 21, .] and `label` [n]; RATIO is its pictures' height / width.
--photos: what `storysign annotate PHOTOS --tracker hands --landmarks FILE.jsonl` wrote; the first letter of a file's name is
          what it shows. They are judged, never trained from.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # One process a fold is quicker than threads in one.

import argparse
import concurrent.futures
import hashlib
import json
import re
from pathlib import Path

import numpy as np

import air_letters
import letter_report
import letter_shapes
from augment import augment
from hand_features import features, mirrored
from hand_sources import LETTERS, Source, load_all, load_stills
from network_file import run, write_golden, write_network
from small_network import softmax, train

ROOT = Path(__file__).resolve().parent.parent
CLASSES = len(LETTERS)
SETTINGS = {"hidden": (192, 96), "steps": 1000, "drop": 0.45, "decay": 0.1, "smoothing": 0.1, "mixup": 0.2}
MADE = 10000  # Hands made of each source.
SEEDS = 2     # Networks whose mean is the answer.
# Still hands of J and Z look like I and D while they move: they count less than what stands still.
RARE = {"J": 0.3, "Z": 0.15}
# How much of a batch each part is. 522 hands are fewer than the others' thousands; three signers are one source.
SHARE = {"hands_on_fluency": 0.6, "traduttore": 0.4}
TEMPERATURE = 0.8  # What `measure` found.
SURE = 0.7         # kSureLetter of src/practice/letters.hpp.


def make_bank(source, seed=5):
    """Features and letters of MADE hands, every letter as often as the others but J and Z."""
    random = np.random.default_rng(seed)
    rarity = np.array([RARE.get(letter, 1.0) for letter in LETTERS])
    weight = rarity[source.letter] / np.bincount(source.letter, minlength=CLASSES)[source.letter]
    rows = random.choice(len(weight), MADE, p=weight / weight.sum())
    return features(augment(source.points[rows], random)), source.letter[rows]


def train_with(banks, seeds=SEEDS):
    """banks: name -> (features, letters)."""
    shares = [SHARE.get(name.split(":")[0], 1.0) for name in banks]
    return [train(list(banks.values()), shares, CLASSES, SETTINGS, seed) for seed in range(seeds)]


def read(networks, points, temperature=1.0):
    """Probabilities [n, 26] of hands [n, 21, 3]."""
    seen = features(points)
    return np.mean([softmax(network.logits(seen) / temperature) for network in networks], 0)


def parts_of(sources):
    """Every source, and the traduttore signers one by one: what may be left out."""
    parts = dict(sources)
    sequences = parts.pop("traduttore")
    for signer in np.unique(sequences.signer):
        parts[f"traduttore:{signer}"] = sequences.where(sequences.signer == signer)
    return parts


def fold(job):
    """Trains without the parts `out`; probabilities of what they hold, for each temperature asked for."""
    out, banks, points, temperatures = job
    networks = train_with({name: bank for name, bank in banks.items() if name not in out})
    return [read(networks, points, temperature) for temperature in temperatures]


def photo_source(path):
    """The hands of a landmark file; a right hand for each, in a square picture."""
    points, letters = [], []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        for side in ("left_hand", "right_hand"):
            if record[side]:
                hand = np.array(record[side], np.float32)
                points.append(mirrored(hand) if side == "left_hand" else hand)
                letters.append(LETTERS.index(record["file"][0]))
    return Source(np.array(points), np.array(letters), np.zeros(len(letters), int))


def show(name, probability, letter):
    hands, first, third, among = letter_report.scores(probability, letter)
    print(f"| {name} | {hands} | {first:.3f} | {third:.3f} | {among:.3f} |", flush=True)


TEMPERATURES = np.arange(0.4, 1.55, 0.1)


def measure(sources, photos, data):
    """Returns the temperature at which the held-out hands are the least surprising."""
    parts = parts_of(sources)
    banks = {name: make_bank(part) for name, part in parts.items()}
    sequences = [name for name in parts if ":" in name]
    outs = [(name, [name]) for name in sources if name != "traduttore"] + [("traduttore", sequences)]
    outs += [(name.replace(":", ", signer "), [name]) for name in sequences]
    held = {name: sources[name] for name in sources} | {name.replace(":", ", signer "): parts[name] for name in sequences}
    if photos is not None:
        outs.append(("photos", []))
        held["photos"] = photos
    jobs = [(out, banks, held[name].points, TEMPERATURES) for name, out in outs]
    print("| left out | hands | top-1 | top-3 | top-1, of 24 |")
    print("|---|---|---|---|---|")
    answers = {}
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for (name, _), answer in zip(outs, pool.map(fold, jobs)):
            answers[name] = answer
            show(name, answer[len(TEMPERATURES) // 2], held[name].letter)
    return report(answers, held, sources, data)


def report(answers, held, sources, data):
    names = list(sources)
    letters = np.concatenate([held[name].letter for name in names])
    # Each source counts the same, however many hands it has.
    weight = np.concatenate([np.full(len(held[name].letter), 1 / len(held[name].letter)) for name in names])
    surprise = []
    for t in range(len(TEMPERATURES)):
        chosen = np.concatenate([answers[name][t] for name in names])[np.arange(len(letters)), letters]
        surprise.append(-(weight * np.log(chosen + 1e-9)).sum())
    best = int(np.argmin(surprise))
    print(f"\ntemperature {TEMPERATURES[best]:.2f}\n\n| confidence | hands | mean | right |\n|---|---|---|---|")
    everything = np.concatenate([answers[name][best] for name in names])
    for low, high, hands, mean, right in letter_report.calibration(everything, letters):
        print(f"| {low:.1f} to {min(high, 1):.1f} | {hands} | {mean:.2f} | {right:.2f} |")
    for name in names:
        top = answers[name][best].max(1)
        sure = top >= SURE
        right = answers[name][best].argmax(1) == held[name].letter
        print(f"{name}: sure of {sure.mean():.2f}, right where sure {right[sure].mean():.3f}")
    shares = np.mean([letter_report.confusion(answers[name][best], held[name].letter) for name in names], 0)
    letter_report.write_confusion(ROOT / "docs/images/letters-confusion.svg", shares,
                                  "Letters read, each of four sources left out in turn, their mean")
    air_letters.measure(data / "traduttore_sequences.npz")
    return float(TEMPERATURES[best])


def export(sources, temperature, data):
    parts = parts_of(sources)
    networks = train_with({name: make_bank(part) for name, part in parts.items()})
    path = ROOT / "models/letters.onnx"
    write_network(path, networks, temperature)
    shapes = shape(sources, data)
    write_golden(ROOT / "tests/unit/practice/letter_hands.json", path, shapes)
    content = path.read_bytes()
    table = ROOT / "src/engine/models.cpp"
    row = re.compile(r'("letters\.onnx",\s+)"[0-9a-f]{64}", \d+')
    text, count = row.subn(rf'\g<1>"{hashlib.sha256(content).hexdigest()}", {len(content)}', table.read_text(encoding="ascii"))
    if count != 1:
        raise SystemExit(f"{table} has no row of letters.onnx to update.")
    table.write_text(text, encoding="ascii")
    print(f"wrote {path}: {len(content)} bytes, temperature {temperature:.2f}")


def shape(sources, data):
    shapes = letter_shapes.make_shapes(sources, data / "traduttore_sequences.npz")
    letter_shapes.write_shapes(ROOT / "web/src/practice/letter_shapes.json", shapes)
    return shapes


def judge(arguments):
    source = load_stills(arguments.file, arguments.height, arguments.mirrored)
    print("| file | hands | top-1 | top-3 | top-1, of 24 |\n|---|---|---|---|---|")
    show(Path(arguments.file).name, run(ROOT / "models/letters.onnx", features(source.points)), source.letter)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["measure", "export", "shapes", "all", "judge"])
    parser.add_argument("file", nargs="?")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/letters")
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--height", type=float, default=0.75)
    parser.add_argument("--mirrored", action="store_true")
    parser.add_argument("--temperature", type=float, default=TEMPERATURE)
    arguments = parser.parse_args()
    if arguments.action == "judge":
        judge(arguments)
        return
    sources = load_all(arguments.data)
    temperature = arguments.temperature
    if arguments.action in ("measure", "all"):
        temperature = measure(sources, photo_source(arguments.photos) if arguments.photos else None, arguments.data)
    if arguments.action in ("export", "all"):
        export(sources, temperature, arguments.data)
    if arguments.action == "shapes":
        shape(sources, arguments.data)


if __name__ == "__main__":
    main()
