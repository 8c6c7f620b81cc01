#!/usr/bin/env python3
"""What adaptive quality does for learners who sign, on this machine: each line printed with the limit it is held to.

usage: adaptive.py [PART...] [--clips DIR] [--program build/release/storysign] [--learners N]
                   [--residents N]

Parts: one (1 learner at 25 frames/s), four (4 learners: balanced or better for all), cpu (performance.max_cpu_usage 50: the process
10 s after a step to full load), overload (three times as many learners as the machine holds, --learners of them, come to --residents;
those keep their latency, the others are refused, and afterwards quality comes back to what it was); all of them if none is named. Server and load
generator share the machine: keep it quiet.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import threading
import time
import urllib.request

from serve import Server

ROOT = pathlib.Path(__file__).resolve().parent.parent
FPS = 25
PARTS = ("one", "four", "cpu", "overload")


def stats(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/api/stats", timeout=10) as answer:
        return json.load(answer)


def start_load(options, server, clients, seconds, settle=0.0, ramp=0.0):
    command = [options.program, "load", f"ws://127.0.0.1:{server.port}", "--clients", clients, "--fps", FPS, "--seconds", seconds,
               "--settle", settle, "--ramp", ramp, "--mode", "landmarks", "--json", "-"]
    for clip in options.clips:
        command += ["--clip", clip]
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, errors = process.communicate()
    if not out.strip():
        sys.exit(errors)
    return json.loads(out)


def shares(before, after):
    """Part of the answers in each profile between two readings."""
    counts = {name: after["answers_by_profile"][name] - before["answers_by_profile"][name] for name in after["answers_by_profile"]}
    whole = max(sum(counts.values()), 1)
    return {name: count / whole for name, count in counts.items() if count}


def profiles_now(server):
    before = stats(server)
    time.sleep(2)
    return shares(before, stats(server))


def level(part):
    """0, all in the lowest profile, to 3."""
    names = ("ultra_performance", "high_performance", "balanced", "high_quality")
    return sum(names.index(name) * share for name, share in part.items() if name in names)


def in_words(part):
    return ", ".join(f"{name} {100 * share:.0f} %" for name, share in part.items())


def few(options, clients, limit):
    settle, seconds = 15, 20
    with Server(options.program) as server:
        load = start_load(options, server, clients, seconds, settle)
        while stats(server)["sessions_opened"] == 0:
            time.sleep(0.1)
        time.sleep(settle)
        before = stats(server)
        report = finish(load)
        part = shares(before, stats(server))
    total = report["total"]
    good = total["answered_inferred"] + total["answered_propagated"]
    print(f"{clients} learner(s) at {FPS} frames/s: p50 {total['latency_ms']['p50']:.1f}, p95 {total['latency_ms']['p95']:.1f} ms ({limit}); "
          f"{100 * (1 - good / total['due']):.2f} % without an answer; {in_words(part)}", flush=True)


class CpuWatch(threading.Thread):
    """CPU of the server, second by second, as a part of all cores."""

    def __init__(self, server, cores):
        super().__init__(daemon=True)
        self.server, self.cores, self.seconds, self.done = server, cores, [], False

    def run(self):
        last = self.server.cpu_seconds()
        while not self.done:
            time.sleep(1)
            now = self.server.cpu_seconds()
            self.seconds.append((now - last) / self.cores)
            last = now


def cpu(options):
    """A step from nothing to full load under a limit of 50 %."""
    import os
    cores = len(os.sched_getaffinity(0))
    with Server(options.program, **{"performance.max_cpu_usage": 50, "performance.admission": "true"}) as server:
        watch = CpuWatch(server, cores)
        load = start_load(options, server, options.learners, 30)
        while stats(server)["sessions_opened"] == 0:
            time.sleep(0.1)
        watch.start()
        time.sleep(10)
        settled = len(watch.seconds)
        before = stats(server)
        time.sleep(19)
        part = shares(before, stats(server))
        watch.done = True
        report = finish(load)
    served = [c for c in report["per_client"] if not c["failure"]]
    after = watch.seconds[settled:]
    print(f"max_cpu_usage 50, {options.learners} learners at once, {len(served)} let in: CPU {100 * sum(after) / len(after):.0f} % in the mean, at most "
          f"{100 * max(after):.0f} % in a second, from 10 s on (55 %); p95 {report['total']['latency_ms']['p95']:.1f} ms; {in_words(part)}", flush=True)


def overload(options):
    with Server(options.program, **{"performance.admission": "true"}) as server:
        resident = start_load(options, server, options.residents, 120, settle=10)
        time.sleep(25)
        had = profiles_now(server)
        crowd = start_load(options, server, options.learners, 25, ramp=8)
        time.sleep(30)
        report = finish(crowd)
        refused = [c["first_error"] or c["failure"] for c in report["per_client"] if c["failure"]]
        let_in = options.learners - len(refused)
        gone = time.monotonic()
        back = None
        lowest = level(profiles_now(server))
        while back is None and time.monotonic() - gone < 55:
            if level(profiles_now(server)) > level(had) - 0.02:
                back = time.monotonic() - gone
        have = profiles_now(server)
        stayed = finish(resident)
    p95 = max(c["latency_ms"]["p95"] for c in stayed["per_client"])
    returned = f"as good {back:.0f} s after the crowd had gone" if back is not None else "not as good within 55 s of the crowd's leaving"
    print(f"{options.learners} more learners come to {options.residents}: {let_in} let in, {len(refused)} refused; those who were there: p95 {p95:.1f} ms (150), "
          f"all the time; before: {in_words(had)}; level {lowest:.2f} of 3 as the crowd left; {returned} (30): {in_words(have)}", flush=True)
    if refused:
        print(f"  the refusal: {refused[0]}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--clips", type=pathlib.Path, default=ROOT.parent / "shared/data/clips")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/storysign")
    parser.add_argument("--learners", type=int, default=21)
    parser.add_argument("--residents", type=int, default=1)
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        sys.exit(f"there is no part {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")
    options.clips = sorted(options.clips.glob("*.mkv"))
    if not options.clips:
        sys.exit("there are no .mkv clips; name a folder with --clips")
    for part in options.parts or PARTS:
        if part == "one":
            few(options, 1, "p95 below 40")
        elif part == "four":
            few(options, 4, "balanced or better for all")
        elif part == "cpu":
            cpu(options)
        else:
            overload(options)


main()
