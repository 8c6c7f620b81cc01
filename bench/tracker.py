#!/usr/bin/env python3
"""Processor time of the tracker on one clip, network by network, per way of tracking and complexity.

usage: tracker.py [CLIP] [--rounds 3] [--build build/release] [--deps deps]
"""
import argparse
import pathlib
import sys
import tempfile

from workers import Worker, decode, spread

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=pathlib.Path, nargs="?", default=ROOT.parent / "shared/data/clips/brother.mkv")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--deps", type=pathlib.Path, default=ROOT / "deps")
    options = parser.parse_args()
    if not options.clip.exists():
        sys.exit(f"there is no clip {options.clip}; name one: bench/tracker.py CLIP")
    print(f"{options.clip.name}: ms of CPU per frame, median (10 % .. 90 %) of {options.rounds} runs")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        job = decode(options.clip, folder)
        for tracker in ("holistic", "hands", "auto"):
            for complexity in (0, 1, 2) if tracker == "holistic" else (0, 1):
                worker = Worker([options.build / "bench/tracker_worker", options.deps / "models", complexity, tracker])
                worker.run(job)  # Warm-up, not counted.
                rows = [worker.run(job) for _ in range(options.rounds)]
                worker.close()
                whole = spread([r["cpu_ms_per_frame"] for r in rows])
                rest = spread([r["cpu_ms_per_frame"] - r["networks_ms_per_frame"] for r in rows])
                networks = ", ".join(f"{name} {n['calls_per_frame']:.2f} x {n['ms_per_call']:.1f}" for name, n in rows[-1]["networks"].items())
                print(f"  {tracker} {complexity}: {whole[0]:.1f} ({whole[1]:.1f} .. {whole[2]:.1f}), besides the networks {rest[0]:.2f}; {networks}", flush=True)


main()
