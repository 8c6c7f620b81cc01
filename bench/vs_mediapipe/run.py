#!/usr/bin/env python3
"""CPU time per frame of the reference mode against MediaPipe Holistic (Python wheel 0.10.21).

usage: run.py [--complexity 0 1] [--rounds 3] [--clips DIR] [--build build/release] [--deps deps] [--json FILE]

Both get the same decoded frames, clip by clip in turn, in one run, so that a machine whose speed drifts drifts for both. CPU time
is that of the whole process, all threads. The ratio is taken pair by pair; its median and 10 % and 90 % quantiles are printed.
Needs ffmpeg; installs MediaPipe into a virtual environment of its own (deps/mediapipe-venv), pinned by hash.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from workers import Worker, decode, spread  # noqa: E402


def prepare_mediapipe(deps):
    """The interpreter of an environment with MediaPipe in it, made at the first call."""
    folder = deps / "mediapipe-venv"
    python = folder / "bin" / "python"
    stamp = folder / "installed"
    requirements = (HERE / "requirements.txt").read_text()
    if not stamp.exists() or stamp.read_text() != requirements:
        print("installing MediaPipe 0.10.21 into", folder, file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", HERE / "requirements.txt"], check=True)
        # The wheel lacks the lite and heavy pose networks and would download them at first use.
        site = next((folder / "lib").glob("python3*/site-packages"))
        for size in ("lite", "heavy"):
            name = f"pose_landmark_{size}.tflite"
            shutil.copy(deps / "models" / name, site / "mediapipe/modules/pose_landmark" / name)
        stamp.write_text(requirements)
    return python


def compare(complexity, jobs, rounds, ours_command, mediapipe_command):
    ours, theirs = Worker(ours_command), Worker(mediapipe_command)
    for worker in (ours, theirs):
        worker.run(jobs[0])  # Warm-up, not counted.
    rows = []
    for turn in range(rounds):
        for index, job in enumerate(jobs):
            first_ours = (turn + index) % 2 == 0
            pair = [(ours if first_ours else theirs).run(job), (theirs if first_ours else ours).run(job)]
            a, b = pair if first_ours else reversed(pair)
            rows.append((a, b))
    ours.close()
    theirs.close()
    ratio = spread([a["cpu_ms_per_frame"] / b["cpu_ms_per_frame"] for a, b in rows])
    own = spread([a["cpu_ms_per_frame"] for a, _ in rows])
    peer = spread([b["cpu_ms_per_frame"] for _, b in rows])
    networks = spread([a["networks_ms_per_frame"] for a, _ in rows])
    rest = spread([a["cpu_ms_per_frame"] - a["networks_ms_per_frame"] for a, _ in rows])
    print(f"complexity {complexity}, {len(jobs)} clips, {len(rows)} pairs of runs: median (10 % .. 90 %)")
    for name, (mid, low, high) in (("StorySign, reference mode", own), ("  of it the networks", networks), ("  of it the rest", rest), ("MediaPipe Holistic", peer)):
        print(f"  {name:26} {mid:7.2f} ms of CPU per frame ({low:.2f} .. {high:.2f})")
    print(f"  {'ratio':26} {ratio[0]:7.3f} ({ratio[1]:.3f} .. {ratio[2]:.3f})", flush=True)
    return {"complexity": complexity, "ratio": ratio, "storysign_ms": own, "networks_ms": networks, "rest_ms": rest, "mediapipe_ms": peer, "last": rows[-1][0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--complexity", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clips", type=pathlib.Path, default=ROOT.parent / "shared/data/clips")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--deps", type=pathlib.Path, default=ROOT / "deps")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    clips = sorted(options.clips.glob("*.mkv"))
    if not clips:
        sys.exit(f"no .mkv clips in {options.clips}")
    worker = options.build / "bench/tracker_worker"
    if not worker.exists():
        sys.exit(f"{worker} is missing; run `cmake --build {options.build} --target tracker_worker` first")
    python = prepare_mediapipe(options.deps.resolve())
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        jobs = [decode(clip, folder) for clip in clips]
        results = [
            compare(c, jobs, options.rounds, [worker, options.deps / "models", c], [python, HERE / "mediapipe_worker.py", c])
            for c in options.complexity
        ]
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


main()
