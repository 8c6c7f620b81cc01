#!/usr/bin/env python3
"""CPU time per frame of StorySign, in its reference mode and with each profile of the fast mode, against MediaPipe Holistic.

usage: run.py [--complexity 0] [--rounds 3] [--only milk yes] [--clips DIR] [--build build/release] [--deps deps]
              [--json FILE] [--svg docs/images/peers.svg]

The peer is the Python wheel mediapipe 0.10.21: in one process, and in two processes at the same time, as a server of two
workers would run it. All get the same decoded frames, clip by clip in turn, in one run, so that a machine whose speed drifts
drifts for all. CPU time is that of the whole process, all threads, without decoding and drawing. Ratios are taken within a
turn, to MediaPipe in one process; medians and 10 % and 90 % quantiles of the turns are printed. "Learners per core" is how
many streams of 25 frames a second fill one core. Needs ffmpeg; installs MediaPipe into a virtual environment of its own
(deps/mediapipe-venv), pinned by hash. The picture shows the first complexity.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import venv
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from picture import bars  # noqa: E402
from workers import Worker, decode, spread  # noqa: E402

LEARNER_FPS = 25
ALONE, TWO = "MediaPipe Holistic", "MediaPipe Holistic, two processes"
PROFILES = {
    "reference": "StorySign, reference mode",
    "high_quality": "StorySign, high quality",
    "balanced": "StorySign, balanced",
    "high_performance": "StorySign, high performance",
    "ultra_performance": "StorySign, ultra performance",
}
NAMES = (ALONE, TWO, *PROFILES.values())


def prepare_mediapipe(deps):
    """The interpreter of an environment with MediaPipe in it, made at the first call."""
    folder = deps / "mediapipe-venv"
    python = folder / "bin" / "python"
    stamp = folder / "installed"
    # Comments are no reason to install again.
    requirements = "".join(line for line in (HERE / "requirements.txt").read_text().splitlines(True) if not line.startswith("#"))
    installed = "".join(line for line in stamp.read_text().splitlines(True) if not line.startswith("#")) if stamp.exists() else ""
    if installed != requirements:
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


class Contest:
    """The processes of all who take part, alive for the whole run. A profile that the worker does not know ends the run."""

    def __init__(self, complexity, ours, theirs):
        self.ours = {name: Worker([*ours, complexity, "holistic", profile]) for profile, name in PROFILES.items()}
        self.theirs = [Worker([*theirs, complexity]) for _ in range(2)]
        self.pool = ThreadPoolExecutor(2)

    def measure(self, name, job):
        """The worker's answer; of two processes at once the mean of their CPU times."""
        if name in self.ours:
            return self.ours[name].run(job)
        if name == ALONE:
            return self.theirs[0].run(job)
        both = list(self.pool.map(lambda worker: worker.run(job), self.theirs))
        return {"cpu_ms_per_frame": sum(answer["cpu_ms_per_frame"] for answer in both) / len(both)}

    def close(self):
        for worker in (*self.ours.values(), *self.theirs):
            worker.close()
        self.pool.shutdown()


def run(contest, jobs, rounds):
    """For each name its answers, turn by turn."""
    rows = {name: [] for name in NAMES}
    for name in NAMES:
        contest.measure(name, jobs[0])  # Warm-up, not counted.
    for turn in range(rounds):
        for index, job in enumerate(jobs):
            start = (turn + index) % len(NAMES)
            for name in NAMES[start:] + NAMES[:start]:
                rows[name].append(contest.measure(name, job))
            print(f"  turn {turn + 1} of {rounds}, clip {index + 1} of {len(jobs)}", file=sys.stderr, flush=True)
    return rows


def figures(complexity, rows):
    """Per name: milliseconds, ratio and learners per core, each as (median, 10 %, 90 %)."""
    peer = [row["cpu_ms_per_frame"] for row in rows[ALONE]]
    out = []
    for name in NAMES:
        own = [row["cpu_ms_per_frame"] for row in rows[name]]
        entry = {
            "name": name,
            "complexity": complexity,
            "turns": len(own),
            "cpu_ms_per_frame": spread(own),
            "ratio": spread([a / b for a, b in zip(own, peer)]),
            "learners_per_core": spread([1000 / LEARNER_FPS / ms for ms in own]),
        }
        if "networks_ms_per_frame" in rows[name][0]:
            entry["networks_ms_per_frame"] = spread([row["networks_ms_per_frame"] for row in rows[name]])
            entry["rest_ms_per_frame"] = spread([row["cpu_ms_per_frame"] - row["networks_ms_per_frame"] for row in rows[name]])
        out.append(entry)
    return out


def show(table):
    print(f"complexity {table[0]['complexity']}, {table[0]['turns']} turns: median (10 % .. 90 %)")
    print(f"  {'':34} {'ms of CPU per frame':24} {'to MediaPipe, one process':27} {'learners per core':21} networks + rest")
    for entry in table:
        mid, low, high = entry["cpu_ms_per_frame"]
        times = f"{mid:6.2f} ({low:.2f} .. {high:.2f})"
        ratio = "{:5.3f} ({:.3f} .. {:.3f})".format(*entry["ratio"])
        learners = "{:5.2f} ({:.2f} .. {:.2f})".format(*entry["learners_per_core"])
        parts = f"{entry['networks_ms_per_frame'][0]:.2f} + {entry['rest_ms_per_frame'][0]:.2f}" if "rest_ms_per_frame" in entry else ""
        print(f"  {entry['name']:34} {times:24} {ratio:27} {learners:21} {parts}".rstrip(), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--complexity", type=int, nargs="+", default=[0], choices=(0, 1, 2))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", help="names of clips, without ending; all if none is named")
    parser.add_argument("--clips", type=pathlib.Path, default=ROOT.parent / "shared/data/clips")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--deps", type=pathlib.Path, default=ROOT / "deps")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--svg", type=pathlib.Path, help="where to draw the picture; not drawn if not named")
    options = parser.parse_args()
    clips = [clip for clip in sorted(options.clips.glob("*.mkv")) if options.only is None or clip.stem in options.only]
    if not clips:
        sys.exit(f"no such .mkv clips in {options.clips}")
    worker = options.build / "bench/tracker_worker"
    if not worker.exists():
        sys.exit(f"{worker} is missing; run `cmake --build {options.build} --target tracker_worker` first")
    python = prepare_mediapipe(options.deps.resolve())
    tables = []
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        jobs = [decode(clip, folder) for clip in clips]
        for complexity in options.complexity:
            contest = Contest(complexity, [worker, options.deps / "models"], [python, HERE / "mediapipe_worker.py"])
            tables.append(figures(complexity, run(contest, jobs, options.rounds)))
            contest.close()
            show(tables[-1])
    if options.json:
        options.json.write_text(json.dumps({"clips": [clip.stem for clip in clips], "tables": tables}, indent=1) + "\n")
    if options.svg:
        title = f"Processor time per frame, complexity {options.complexity[0]}: shorter is better"
        rows = []
        for entry in tables[0]:
            words = f"{entry['cpu_ms_per_frame'][0]:.1f} ms, {entry['learners_per_core'][0]:.1f} learners per core"
            rows.append((entry["name"], entry["cpu_ms_per_frame"], words, entry["name"] not in (ALONE, TWO)))
        options.svg.write_text(bars(title, f"Learners at {LEARNER_FPS} frames a second; whiskers are 10 and 90 % of the turns", rows))


main()
