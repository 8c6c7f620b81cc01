#!/usr/bin/env python3
"""All clips against the reference: `make parity`. Prints a table, then what is out of bounds; exit status 1 if anything is.

usage: run.py [--complexity 0 1] [--clips NAME ...]
"""
import argparse
import pathlib
import sys
import tempfile

import parity


def sign_clips(complexity, clips, folder):
    per_clip, problems = {}, []
    print(f"complexity {complexity}: agree, median, p90 of pose | left hand | right hand | face")
    for clip in clips:
        records = parity.annotate(clip, folder / "holistic.jsonl", "--tracker", "holistic", "--complexity", complexity)
        per_clip[clip.stem] = parity.compare_clip(clip, complexity, records)
        print(f"  {clip.stem:10}", " | ".join(str(c) for c in per_clip[clip.stem].values()), flush=True)
        if parity.annotate(clip, folder / "auto.jsonl", "--tracker", "auto", "--complexity", complexity) != records:
            problems.append(f"{clip.stem}: `--tracker auto` differs from holistic")
    found, pooled = parity.check_sign_clips(per_clip)
    print("  pooled     " + " | ".join(f"{name} {c}" for name, c in pooled.items()))
    return problems + found


def hands(folder):
    problems = []
    print("hands on their own")
    for name in parity.HAND_SETS:
        found, line = parity.check_hands(name, folder)
        print("  " + line, flush=True)
        problems += found
    records = parity.annotate(parity.DATA / "clips/open_hand.mp4", folder / "auto.jsonl", "--tracker", "auto")
    count = parity.frames_with_a_hand(records)
    print(f"  open_hand with `auto`: a hand in {count} of {len(records)} frames")
    if count < parity.MIN_OPEN_HAND_FRAMES:
        problems.append(f"open_hand: `--tracker auto` finds a hand in {count} frames, must be at least {parity.MIN_OPEN_HAND_FRAMES}")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--complexity", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--clips", nargs="*", default=[])
    options = parser.parse_args()
    clips = [c for c in parity.sign_clips() if not options.clips or c.stem in options.clips]
    if not clips:
        sys.exit(f"no sign clips in {parity.DATA / 'clips'}; parity needs shared/data beside the project")
    problems = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for complexity in options.complexity:
            problems += sign_clips(complexity, clips, folder)
        problems += hands(folder)
    print("\n".join(problems) if problems else "everything is within the limits")
    sys.exit(1 if problems else 0)


main()
