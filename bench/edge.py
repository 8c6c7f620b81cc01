#!/usr/bin/env python3
"""Learners whose browsers find the landmarks: what they cost a server that only judges, and how soon it answers.

usage: edge.py [--learners 200] [--fps 25] [--seconds 20] [--settle 6] [--practice signs letters] [--rounds 1] [--most-clips 4]
               [--program build/release/storysign] [--clips DIR] [--json FILE] [--set KEY=VALUE ...]

For each kind of practice, and `none`, a new server and `storysign load --mode edge`: every learner begins a practice session and
then sends frames of landmarks, found once on the clips before the first learner connects. Printed with the limits of the requirements:
percentiles of the time from a frame's due time to its answer, what became of the frames, and the share of the machine's cores that
server and load generator used together in the time that counts. What everything else on the machine used in that time is printed
beside it: where that is much, the figures say little. With `--rounds` the kinds take turns and the median is printed with its spread.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

from serve import TICKS, Server

ROOT = pathlib.Path(__file__).resolve().parent.parent
P95_MS, CORES_SHARE = 20.0, 0.80
CORES = len(os.sched_getaffinity(0))


def cpu_of(pid):
    """Processor time of a process so far, in seconds."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def cpu_of_all():
    """Of everything on the machine, its kernel included."""
    times = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle, waiting = times[3], times[4]
    return (sum(times) - idle - waiting) / TICKS


class Watch(threading.Thread):
    """Processor times over the stretch of time that counts: from when the generator connects, `settle` later, for `seconds`."""

    def __init__(self, server, load, settle, seconds):
        super().__init__(daemon=True)
        self.server, self.load, self.settle, self.seconds = server, load, settle, seconds
        self.shares = None

    def read(self):
        return time.monotonic(), cpu_of(self.server.process.pid), cpu_of(self.load.pid), cpu_of_all()

    def connected(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server.port}/api/stats", timeout=5) as answer:
            return json.load(answer)["sessions_opened"] > 0

    def run(self):
        while not self.connected():  # The generator still finds its landmarks.
            if self.load.poll() is not None:
                return
            time.sleep(0.05)
        time.sleep(self.settle)
        try:
            before = self.read()
            time.sleep(self.seconds)
            after = self.read()
        except OSError:  # The generator ended early, and says why.
            return
        took, *used = (new - old for old, new in zip(before, after))
        server, load, everything = (seconds / took for seconds in used)
        self.shares = {"server_cores": server, "generator_cores": load, "other_cores": max(everything - server - load, 0.0)}


def run(options, clips, practice):
    """One run with a new server; its figures."""
    room = options.learners + 16
    settings = {"server.max_connections": room, "server.max_connections_per_address": room,
                "limits.frames_per_second": max(120, round(2 * options.fps)), **dict(pair.split("=", 1) for pair in options.set)}
    with Server(options.program, **settings) as server:
        command = [options.program, "load", f"ws://127.0.0.1:{server.port}", "--mode", "edge", "--clients", options.learners, "--fps", options.fps,
                   "--seconds", options.seconds, "--settle", options.settle, "--ramp", options.settle / 2, "--deadline-ms", int(P95_MS),
                   "--json", "-"]
        command += ["--practice", practice] if practice != "none" else []
        for clip in clips:
            command += ["--clip", clip]
        load = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        watch = Watch(server, load, options.settle, options.seconds)
        watch.start()
        out, errors = load.communicate()
        watch.join()
        resident = server.memory() / (1 << 20)
    if not out.strip() or watch.shares is None:
        sys.exit(errors or "the load generator ended before its time")
    report = json.loads(out)
    total = report["total"]
    good = total["answered_inferred"] + total["answered_propagated"]
    complaints = [client["failure"] or client["first_error"] for client in report["per_client"]]
    return {
        "practice": practice,
        **{key: total["latency_ms"][key] for key in ("p50", "p95", "p99", "max")},
        "due": total["due"],
        "late": total["late"],
        "refused": total["failed"],
        "dropped": total["due"] - good - total["failed"],
        "attempts": total["attempts"],
        "not_judged": total["attempts_not_judged"],
        "gone": sum(client["failure"] is not None for client in report["per_client"]),
        "complaint": next((complaint for complaint in complaints if complaint), None),
        **watch.shares,
        "share": (watch.shares["server_cores"] + watch.shares["generator_cores"]) / CORES,
        "generator_lag_p99": total["send_lag_ms"]["p99"],
        "server_mib": resident,
    }


def show(options, results):
    """The median of the rounds of one kind, with its spread."""
    def of(key, digits):
        values = [result[key] for result in results]
        middle = f"{statistics.median(values):.{digits}f}"
        return middle if len(values) == 1 else f"{middle} ({min(values):.{digits}f} .. {max(values):.{digits}f})"

    first = results[0]
    print(f"practice {first['practice']}: {options.learners} learners at {options.fps:g} frames/s, {first['due']} frames in {options.seconds:g} s")
    print(f"  answer after {of('p50', 2)} ms at the median, {of('p95', 2)} at the 95th percentile (limit {P95_MS:g}), {of('p99', 2)} at the 99th, "
          f"{of('max', 1)} at most")
    print(f"  frames later than {P95_MS:g} ms {of('late', 0)}, refused {of('refused', 0)}, not answered {of('dropped', 0)}; "
          f"attempts judged {of('attempts', 0)}, not judged {of('not_judged', 0)}; learners who were cut off {of('gone', 0)}")
    print(f"  server {of('server_cores', 3)} and generator {of('generator_cores', 3)} of {CORES} cores: {of('share', 3)} of all (limit {CORES_SHARE:g}); "
          f"everything else on the machine {of('other_cores', 2)} cores")
    print(f"  the generator sent {of('generator_lag_p99', 2)} ms after the due time at the 99th percentile; the server held {of('server_mib', 0)} MiB",
          flush=True)
    for complaint in dict.fromkeys(result["complaint"] for result in results if result["complaint"]):
        print(f"  the server complained: {complaint}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learners", type=int, default=200)
    parser.add_argument("--fps", type=float, default=25.0)
    parser.add_argument("--seconds", type=float, default=20.0, help="that count")
    parser.add_argument("--settle", type=float, default=6.0, help="seconds before that; the learners connect in the first half")
    parser.add_argument("--practice", nargs="+", default=["signs", "letters"], choices=("none", "signs", "letters"))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--most-clips", type=int, default=4, help="the landmarks of each are found before the run")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/storysign")
    parser.add_argument("--clips", type=pathlib.Path, default=ROOT.parent / "shared/data/clips")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="settings of the server, as performance.workers=1")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    clips = sorted(options.clips.glob("*.mkv"))[:options.most_clips]
    if not clips:
        sys.exit(f"no .mkv clips in {options.clips}")
    if not options.program.exists():
        sys.exit(f"{options.program} is missing; run `make build` first")
    if options.learners < 1 or options.rounds < 1:
        sys.exit("--learners and --rounds must be at least 1")
    results = {practice: [] for practice in options.practice}
    for _ in range(options.rounds):
        for practice, so_far in results.items():
            so_far.append(run(options, clips, practice))
    for so_far in results.values():
        show(options, so_far)
    if options.json:
        options.json.write_text(json.dumps({"learners": options.learners, "fps": options.fps, "cores": CORES, "runs": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
