#!/usr/bin/env python3
"""Whether the hand network would pay in int8: its time and its error against float32 and bfloat16, on hands of the sign clips.

usage: int8_hands.py [--model hand_landmark_full.tflite] [--data ../shared/data] [--rounds 5]

Needs what the project does not: pip install nncf==3.4.0 openvino==2026.4.1 opencv-python-headless==5.0.0.93 (any venv), and ffmpeg's
codecs in OpenCV. Hands are cut out where the reference landmarks have them. Eight clips calibrate; the others are measured. Times are
of one thread, the three alternating, in milliseconds.
"""

import argparse
import pathlib
import statistics
import time

import cv2
import nncf
import numpy
import openvino

CALIBRATION = ("again", "book", "brother", "eat", "hungry", "learn", "milk", "no")
MEASURED = ("please", "school", "sister", "student", "thanks", "yes")
SIDE = 224
WRIST, MIDDLE_KNUCKLE = 0, 9


def crop(frame, hand):
    """The hand upright in a square twice as large as it, as the network wants it: [SIDE, SIDE, 3] of 0..1."""
    height, width = frame.shape[:2]
    points = hand[:, :2] * (width, height)
    centre = (points.min(0) + points.max(0)) / 2
    up = points[MIDDLE_KNUCKLE] - points[WRIST]
    up = up / numpy.linalg.norm(up)
    half = numpy.ptp(points, axis=0).max()
    right = numpy.array([-up[1], up[0]])
    corners = numpy.float32([centre + half * (up - right), centre + half * (up + right), centre - half * (up + right)])
    matrix = cv2.getAffineTransform(corners, numpy.float32([(0, 0), (SIDE, 0), (0, SIDE)]))
    return cv2.cvtColor(cv2.warpAffine(frame, matrix, (SIDE, SIDE)), cv2.COLOR_BGR2RGB).astype(numpy.float32) / 255


def hands_of(data, names, every):
    found = []
    for name in names:
        gold = numpy.load(data / f"gold/{name}.c0.npz")
        video = cv2.VideoCapture(str(data / f"clips/{name}.mkv"))
        for number in range(len(gold["left"])):
            read, frame = video.read()
            if not read:
                break
            for side in ("left", "right"):
                if number % every == 0 and numpy.isfinite(gold[side][number]).all():
                    found.append(crop(frame, gold[side][number])[None])
    return found


def compiled(core, model, precision):
    return core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": precision})


def errors(network, reference, hands):
    """Distances to the reference's points, of the palm's length, where both see a hand; and how often they agree on that."""
    distances, agree = [], 0
    for hand in hands:
        ours, theirs = network(hand), reference(hand)
        agree += (ours[1].item() > 0.5) == (theirs[1].item() > 0.5)
        if min(ours[1].item(), theirs[1].item()) > 0.5:
            here, there = ours[0].reshape(21, 3)[:, :2], theirs[0].reshape(21, 3)[:, :2]
            distances.extend(numpy.linalg.norm(here - there, axis=1) / numpy.linalg.norm(there[MIDDLE_KNUCKLE] - there[WRIST]))
    return numpy.median(distances), numpy.percentile(distances, 90), agree / len(hands)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--model", type=pathlib.Path, default=root / "deps/models/hand_landmark_full.tflite")
    parser.add_argument("--data", type=pathlib.Path, default=root.parent / "shared/data")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    calibration, hands = hands_of(options.data, CALIBRATION, 5), hands_of(options.data, MEASURED, 2)
    core = openvino.Core()
    model = core.read_model(options.model)
    quantised = nncf.quantize(model, nncf.Dataset(calibration), subset_size=len(calibration))
    networks = {"float32": compiled(core, model, "f32"), "bfloat16": compiled(core, model, "bf16"),
                "int8": compiled(core, quantised, "f32"), "int8, rest bfloat16": compiled(core, quantised, "bf16")}
    times = {name: [] for name in networks}
    for _ in range(options.rounds):
        for name, network in networks.items():
            begin = time.perf_counter()
            for hand in hands[:60]:
                network(hand)
            times[name].append(1000 * (time.perf_counter() - begin) / len(hands[:60]))
    print(f"{len(calibration)} hands calibrate, {len(hands)} others are measured")
    print("| digits | ms | of float32 | median, palms | 90 % within | agree that there is a hand |\n|---|---|---|---|---|---|")
    for name, network in networks.items():
        ratios = [own / base for own, base in zip(times[name], times["float32"])]
        middle, ninety, agree = errors(network, networks["float32"], hands)
        print(f"| {name} | {statistics.median(times[name]):.2f} | {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) "
              f"| {middle:.4f} | {ninety:.4f} | {100 * agree:.1f} % |")


if __name__ == "__main__":
    main()
