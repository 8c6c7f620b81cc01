#!/usr/bin/env python3
"""How many learners `storysign serve` carries on this machine at 25 frames a second, and what quality they then get.

usage: capacity.py [--modes landmarks annotated] [--resting 0 33] [--fps 25] [--seconds 12] [--settle 10] [--start 2] [--most 512]
                   [--tries 1] [--program build/release/storysign] [--clips DIR] [--errors] [--json FILE] [--set KEY=VALUE ...]

A number of learners is carried if the 95th percentile of the time from a frame's due time to its answer is below 100 ms and fewer
than 5 % of the frames that count had no answer with fresh or propagated landmarks; frames of the time to settle do not count.
The number is doubled until it fails and then halved between, each time with a new server. Every learner signs: they take the
sign clips in turn, each from its own place. With `--resting 33` every third one sends a still instead: one frame of a clip again
and again, with the noise of a camera on it, made at the start in /dev/shm. Server and load generator share the machine, so the
generator's own share of the processor is printed; keep the machine quiet.

For the largest number the quality is printed: answers inferred and propagated per second, and all counters of /api/stats that
have to do with quality, per second. `--errors` adds how far the landmarks of the fast mode are from the reference arrays, profile
by profile (../shared/tools/compare_landmarks.py), which takes about two minutes. Needs numpy for stills and errors, and ffmpeg.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from serve import Server

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
P95_MS, DROPPED = 100.0, 0.05
PROFILES = ("high_quality", "balanced", "high_performance", "ultra_performance")
# Of /api/stats, by name.
OF_QUALITY = re.compile(r"profile|quality|skip|runs|network|part|inferred|propagated|replaced|expired|dropped|ceiling|pressure|refused|fps")
STILL_FRAMES, NOISE_SIGMA = 60, 2.5  # 2 to 3 of 255 a pixel is a webcam by day.


def make_still(clip, folder):
    """A clip of one frame of `clip` again and again, each with its own Gaussian noise; lossless, so that the noise stays."""
    try:
        import numpy
    except ImportError:
        sys.exit("--resting needs numpy: run this with deps/python/bin/python3, which `make setup` makes")

    still = pathlib.Path(folder) / "still.mkv"
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height", "-of", "csv=p=0", clip]
    width, height = (int(side) for side in subprocess.run(probe, check=True, capture_output=True, text=True).stdout.strip().split(",")[:2])
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
    first = subprocess.run(["ffmpeg", "-v", "error", "-i", clip, "-frames:v", "1", *raw, "-"], check=True, capture_output=True).stdout
    frame = numpy.frombuffer(first, numpy.uint8).astype(numpy.float32)
    random = numpy.random.default_rng(1)
    command = ["ffmpeg", "-v", "error", "-y", *raw, "-s", f"{width}x{height}", "-r", "30", "-i", "-", "-c:v", "ffv1", still]
    writer = subprocess.Popen(command, stdin=subprocess.PIPE)
    for _ in range(STILL_FRAMES):
        noisy = frame + random.normal(0.0, NOISE_SIGMA, frame.shape)
        writer.stdin.write(numpy.clip(numpy.rint(noisy), 0, 255).astype(numpy.uint8).tobytes())
    writer.stdin.close()
    if writer.wait() != 0:
        sys.exit("ffmpeg could not write the still; see above")
    return still


def clips_for(clips, still, resting):
    """The list whose turns give `resting` per cent of the learners the still."""
    if resting == 0:
        return clips
    every = round(100 / resting)
    out = []
    for clip in clips[:max(len(clips) // (every - 1), 1) * (every - 1)]:
        out.append(clip)
        if len(out) % every == every - 1:
            out.append(still)
    return out


def flatten(tree, path=""):
    for key, value in tree.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from flatten(value, name)
        elif isinstance(value, (int, float)):
            yield name, value


class Watch(threading.Thread):
    """What /api/stats says at the begin and the end of the counted time."""

    def __init__(self, port, settle, seconds):
        super().__init__(daemon=True)
        self.url, self.settle, self.seconds = f"http://127.0.0.1:{port}/api/stats", settle, seconds
        self.readings = []
        self.done = False

    def read(self):
        with urllib.request.urlopen(self.url, timeout=5) as answer:
            return time.monotonic(), json.load(answer)

    def run(self):
        try:
            while not self.done and self.read()[1]["sessions_opened"] == 0:  # The generator still prepares its frames.
                time.sleep(0.1)
            for pause in (self.settle, self.seconds):
                time.sleep(0 if self.done else pause)
                self.readings.append(self.read())
        except OSError:
            return

    def rates(self):
        """Name: (growth per second, value at the end) of what has to do with quality and is not nothing."""
        if len(self.readings) < 2:
            return {}
        (begin, before), (end, after) = self.readings
        before, after = dict(flatten(before)), dict(flatten(after))
        rates = {name: ((after[name] - before.get(name, 0)) / (end - begin), after[name]) for name in after if OF_QUALITY.search(name) and "_ms" not in name}
        return {name: rate for name, rate in rates.items() if rate[0] or rate[1]}


class Capacity:
    def __init__(self, options, clips, still):
        self.options = options
        self.clips = clips
        self.still = still

    def probe(self, mode, resting, learners):
        """One run: its figures, and whether it was carried."""
        options = self.options
        clips = clips_for(self.clips, self.still, resting)
        room = 4 * options.most + 64
        settings = {"server.max_connections": room, "server.max_connections_per_address": room, "limits.http_connections_per_address": 256,
                    **dict(pair.split("=", 1) for pair in options.set)}
        with Server(options.program, **settings) as server:
            watch = Watch(server.port, options.settle, options.seconds)
            watch.start()
            command = [options.program, "load", f"ws://127.0.0.1:{server.port}", "--clients", learners, "--fps", options.fps, "--seconds", options.seconds,
                       "--settle", options.settle, "--ramp", options.settle / 2, "--mode", mode, "--deadline-ms", int(P95_MS), "--json", "-"]
            for clip in clips[:max(learners, 1)]:
                command += ["--clip", clip]
            before = server.cpu_seconds()
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
            cpu = server.cpu_seconds() - before
            watch.done = True
            watch.join()
        if not done.stdout.strip():
            sys.exit(done.stderr)
        report = json.loads(done.stdout)
        total = report["total"]
        good = total["answered_inferred"] + total["answered_propagated"]
        refused = [client["first_error"] or client["failure"] for client in report["per_client"] if client["failure"]]
        result = {
            "mode": mode,
            "resting_percent": resting,
            "learners": learners,
            "refused": len(refused),
            "refusal": refused[0] if refused else None,
            "p50_ms": total["latency_ms"]["p50"],
            "p95_ms": total["latency_ms"]["p95"],
            "dropped": 1 - good / max(total["due"], 1),
            "inferred_per_second": total["answered_inferred"] / options.seconds,
            "propagated_per_second": total["answered_propagated"] / options.seconds,
            "server_cores": cpu / (options.settle + options.seconds),
            "generator_cores": report["own_cpu_share"],
            "server_mean_ms": total["server_mean_ms"],
            "fewest_answers_of_a_learner": min(c["answered_inferred"] + c["answered_propagated"] for c in report["per_client"]) / options.seconds,
            "stats": watch.rates(),
        }
        result["carried"] = not refused and total["due"] > 0 and result["p95_ms"] < P95_MS and result["dropped"] < DROPPED
        words = "carried" if result["carried"] else f"refused {len(refused)}" if refused else "not carried"
        print(f"  {mode}, {resting} % resting, {learners:4} learners: p50 {result['p50_ms']:6.1f}, p95 {result['p95_ms']:6.1f} ms, "
              f"dropped {100 * result['dropped']:5.2f} %, server {result['server_cores']:.2f} and generator {result['generator_cores']:.2f} cores: {words}",
              flush=True)
        if refused:
            print(f"    {refused[0]}", flush=True)
        return result

    def carried(self, mode, resting, learners):
        """The best of the tries: what else runs can only make it worse."""
        for _ in range(self.options.tries):
            result = self.probe(mode, resting, learners)
            if result["carried"]:
                break
        return result

    def search(self, mode, resting):
        """The result for the largest number that was carried; None if not even one learner was."""
        best, low, high, number = None, 0, None, self.options.start
        while high is None or high - low > 1:
            result = self.carried(mode, resting, number)
            if result["carried"]:
                best, low = result, number
            else:
                high = number
            if low >= self.options.most:
                break
            number = min(2 * number, self.options.most) if high is None else (low + high) // 2
            if number < 1:
                break
        return best


def show(best, mode, resting, fps):
    if best is None:
        print(f"{mode}, {resting} % resting: not even one learner at {fps:g} frames/s")
        return
    answers = best["inferred_per_second"] + best["propagated_per_second"]
    print(f"{mode}, {resting} % resting: {best['learners']} learners at {fps:g} frames/s; p50 {best['p50_ms']:.1f}, p95 {best['p95_ms']:.1f} ms, "
          f"dropped {100 * best['dropped']:.2f} %")
    print(f"  answers per second: {best['inferred_per_second']:.1f} inferred, {best['propagated_per_second']:.1f} propagated "
          f"({100 * best['inferred_per_second'] / max(answers, 1e-9):.0f} % inferred); "
          f"the learner with the fewest got {best['fewest_answers_of_a_learner']:.1f}")
    print("  server, mean ms of an answer: " + ", ".join(f"{name} {ms:.1f}" for name, ms in best["server_mean_ms"].items()))
    for name, (rate, value) in best["stats"].items():
        print(f"  {name:48} {rate:10.2f} per second, {value:g} at the end")


def errors(options, clips):
    """Distance of the fast mode from the reference arrays: medians over clips of median and 90 % quantile, and agreement."""
    out = {}
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        written = pathlib.Path(folder) / "landmarks.jsonl"
        for profile in ("reference", *PROFILES):
            mode = ["--mode", "reference"] if profile == "reference" else ["--mode", "fast", "--profile", profile]
            rows = []
            for clip in clips:
                gold = SHARED / "data/gold" / f"{clip.stem}.c{options.complexity}.npz"
                if not gold.exists():
                    continue
                command = [options.program, "annotate", clip, "--tracker", "holistic", "--complexity", str(options.complexity)]
                done = subprocess.run([*command, *mode, "--landmarks", written], capture_output=True, text=True, check=False)
                if done.returncode != 0:
                    sys.exit(done.stderr)
                command = [sys.executable, SHARED / "tools/compare_landmarks.py", gold, written, "--json"]
                compared = subprocess.run(command, check=True, capture_output=True, text=True)
                rows.append(json.loads(compared.stdout))
            if not rows:
                sys.exit(f"there are no reference arrays for the clips in {SHARED / 'data/gold'}")
            out[profile] = {
                part: {key: statistics.median(row[part][key] for row in rows if key in row[part]) for key in ("agree", "median", "p90")}
                for part in ("pose", "left", "right", "face") if any("median" in row[part] for row in rows)
            }
            parts = (f"{part} agree {e['agree']:.3f}, {e['median']:.4f} and {e['p90']:.4f}" for part, e in out[profile].items())
            print(f"{profile:18} " + "; ".join(parts), flush=True)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modes", nargs="+", default=["landmarks", "annotated"], choices=("landmarks", "annotated", "both"))
    parser.add_argument("--resting", type=int, nargs="+", default=[0, 33], choices=(0, 25, 33, 50), metavar="PERCENT")
    parser.add_argument("--fps", type=float, default=25.0)
    parser.add_argument("--seconds", type=float, default=12.0, help="that count")
    parser.add_argument("--settle", type=float, default=10.0, help="seconds before that; the learners connect in the first half")
    parser.add_argument("--start", type=int, default=2)
    parser.add_argument("--most", type=int, default=512)
    parser.add_argument("--tries", type=int, default=1, help="for a number that fails")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/storysign")
    parser.add_argument("--clips", type=pathlib.Path, default=SHARED / "data/clips")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="settings of the server, as performance.workers=1")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--complexity", type=int, default=1, choices=(0, 1), help="of --errors")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    clips = sorted(options.clips.glob("*.mkv"))
    if not clips:
        sys.exit(f"no .mkv clips in {options.clips}")
    if not options.program.exists():
        sys.exit(f"{options.program} is missing; run `make build` first")
    if options.start < 1 or options.most < options.start or options.tries < 1:
        sys.exit("--start and --tries must be at least 1, and --most at least --start")
    results = []
    print(f"{len(os.sched_getaffinity(0))} cores; {options.fps:g} frames/s each, p95 below {P95_MS:g} ms, fewer than {100 * DROPPED:g} % dropped", flush=True)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        still = make_still(clips[0], folder) if any(options.resting) else None
        bench = Capacity(options, clips, still)
        for mode in options.modes:
            for resting in options.resting:
                best = bench.search(mode, resting)
                show(best, mode, resting, options.fps)
                results.append({"mode": mode, "resting_percent": resting, "learners": best["learners"] if best else 0, "at_that_number": best})
    distances = errors(options, clips) if options.errors else None
    if options.json:
        options.json.write_text(json.dumps({"fps": options.fps, "capacity": results, "errors": distances}, indent=1) + "\n")


main()
