#!/usr/bin/env python3
"""The fast mode against the reference landmarks: every sign clip, each profile, with the limits that it must keep.

usage: fast.py [--profiles P ...] [--clips NAME ...] [--cost] [--landmarks FOLDER]
               [--build build/release] [--deps deps]

Prints, per profile, agreement on presence, median and 90 % distance of hands, body and face, over the clips together. `--cost` adds the
processor time per frame beside that of the reference mode, clip by clip in turn, and that of a person at rest: a frame of a clip again
and again with a camera's noise. `--landmarks` judges what something else has found instead, as `bench/home.mjs
--clips all --landmarks FOLDER` in a browser. Ends with 1 if a limit is broken.
"""
import argparse
import pathlib
import statistics
import sys
import tempfile

import numpy as np
import parity

sys.path.insert(0, str(parity.ROOT / "bench"))
from workers import Worker, decode, spread  # noqa: E402

# profile: hand agreement at least, hand median, hand p90, pose median, face median at most.
LIMITS = {
    "high_quality": (0.97, 0.025, 0.15, 0.002, 0.006),
    "balanced": (0.945, 0.030, 0.15, 0.008, 0.006),
    "high_performance": (0.91, 0.065, 0.27, 0.014, 0.009),
    "ultra_performance": (0.87, 0.09, 0.42, 0.020, 0.009),
}
REST_FRAMES = 120
NOISE = 2.5  # Of 255.


def compare(profile, clips, folder, landmarks=None):
    """Pooled comparisons of all clips: hands, pose, face; of what annotate finds, or of PROFILE/CLIP.jsonl in `landmarks`."""
    per_clip = {}
    for clip in clips:
        if landmarks:
            records = parity.read_records(landmarks / profile / f"{clip.stem}.jsonl")
        else:
            records = parity.annotate(clip, folder / "fast.jsonl", "--tracker", "holistic", "--complexity", 0, "--mode", "fast",
                                      "--profile", profile)
        per_clip[clip.stem] = parity.compare_clip(clip, 0, records)
    hands = parity.Comparison.pool(c[side] for c in per_clip.values() for side in ("left", "right"))
    pose = parity.Comparison.pool(c["pose"] for c in per_clip.values())
    face = parity.Comparison.pool(c["face"] for c in per_clip.values())
    return hands, pose, face


def check(profile, hands, pose, face):
    """Sentences about what is out of bounds."""
    agreement, hand_median, hand_p90, pose_median, face_median = LIMITS[profile]
    found = [("hand agreement", hands.agreement, "at least", agreement, hands.agreement < agreement)]
    for name, value, limit in (("hand median", hands.median, hand_median), ("hand p90", hands.p90, hand_p90),
                               ("pose median", pose.median, pose_median), ("face median", face.median, face_median)):
        found.append((name, value, "at most", limit, value > limit))
    return [f"{profile}: {name} is {value:.4f}, must be {bound} {limit}" for name, value, bound, limit, bad in found if bad]


def resting(clip, folder):
    """Raw RGB frames of somebody who holds still: the clip's middle frame with noise of a standard deviation of 2.5 of 255."""
    raw, width, height = decode(clip, folder)
    frames = np.fromfile(raw, np.uint8).reshape(-1, height, width, 3)
    still = frames[len(frames) // 2].astype(np.float32)
    noise = np.random.default_rng(5)
    made = pathlib.Path(folder) / "rest.rgb"
    with made.open("wb") as out:
        for _ in range(REST_FRAMES):
            noisy = still + noise.normal(0.0, NOISE, still.shape).astype(np.float32)
            out.write(np.clip(np.rint(noisy), 0, 255).astype(np.uint8).tobytes())
    raw.unlink()
    return made, width, height


def cost(profiles, clips, build, deps):
    """Processor time per frame of each profile over that of the reference mode, clip by clip in turn; and of each at rest."""
    command = [build / "bench/tracker_worker", deps / "models", 0, "holistic"]
    workers = {profile: Worker([*command, profile]) for profile in ("reference", *profiles)}
    rows = {profile: [] for profile in workers}
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        for index, clip in enumerate(clips):
            job = decode(clip, folder)
            if index == 0:
                for worker in workers.values():
                    worker.run(job)  # Warm-up, not counted.
            for profile, worker in workers.items():
                rows[profile].append(worker.run(job))
            job[0].unlink()
        job = resting(clips[0], folder)
        rest = {profile: worker.run(job) for profile, worker in workers.items()}
    for worker in workers.values():
        worker.close()
    return rows, rest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", nargs="+", choices=LIMITS, default=list(LIMITS))
    parser.add_argument("--clips", nargs="+", help="names without .mkv; all, if left out")
    parser.add_argument("--cost", action="store_true")
    parser.add_argument("--landmarks", type=pathlib.Path, help="folder with PROFILE/CLIP.jsonl, instead of annotate")
    parser.add_argument("--build", type=pathlib.Path, default=parity.ROOT / "build/release")
    parser.add_argument("--deps", type=pathlib.Path, default=parity.ROOT / "deps")
    options = parser.parse_args()
    clips = [c for c in parity.sign_clips() if not options.clips or c.stem in options.clips]
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        for profile in options.profiles:
            hands, pose, face = compare(profile, clips, pathlib.Path(folder), options.landmarks)
            problems += check(profile, hands, pose, face)
            print(f"{profile:18} hands {hands}  pose {pose}  face {face}", flush=True)
    if options.cost:
        rows, at_rest = cost(options.profiles, clips, options.build, options.deps)
        reference = [r["cpu_ms_per_frame"] for r in rows["reference"]]
        for profile, runs in rows.items():
            own = [r["cpu_ms_per_frame"] for r in runs]
            ratio = spread([a / b for a, b in zip(own, reference)])
            calls = {name: statistics.mean(r["networks"].get(name, {"calls_per_frame": 0})["calls_per_frame"] for r in runs) for name in runs[0]["networks"]}
            rest = statistics.mean(r["cpu_ms_per_frame"] - r["networks_ms_per_frame"] for r in runs)
            still = at_rest[profile]["cpu_ms_per_frame"]
            print(f"{profile:18} {statistics.mean(own):5.1f} ms of CPU a frame, of the reference mode's {ratio[0]:.3f} ({ratio[1]:.3f} .. {ratio[2]:.3f}); "
                  f"besides the networks {rest:.2f}; calls {', '.join(f'{n} {c:.2f}' for n, c in calls.items())}; "
                  f"at rest {still:.1f} ms, {still / statistics.mean(own):.2f} of that")
    for problem in problems:
        print(problem)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
