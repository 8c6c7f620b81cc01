#!/usr/bin/env python3
"""What `storysign serve` does under load, each line printed with the limit of the requirements that it is held to.

usage: serve.py [PART...] [--clip CLIP] [--program build/release/storysign] [--seconds 20] [--rounds 3]

Parts: latency, overload, isolation, idle, connects; all of them if none is named. Server and load generator share the
machine, so keep it quiet: every number moves with what else runs. Isolation compares a learner's p95 with and without one
hostile client (tests/e2e/hostile.py), alternating, as a ratio; an ordinary second learner is measured the same way, because
on a machine with few cores even that one costs the first a part of the second core.
"""
import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))

import hostile  # noqa: E402
from client_messages import binary_frame, free_port  # noqa: E402
from workers import spread  # noqa: E402

PARTS = ("latency", "overload", "isolation", "idle", "connects")
TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1 << 20


class Server:
    """A server on a free port for as long as the `with` lasts."""

    def __init__(self, program, **settings):
        given = {"server.port": free_port(), "server.max_connections": 400, "server.max_connections_per_address": 400,
                 "limits.http_connections_per_address": 256, "log.level": "error", "performance.admission": "false", **settings}
        given.setdefault("admin.port", free_port())
        self.state = tempfile.TemporaryDirectory(prefix="storysign-bench-")
        given.setdefault("store.directory", self.state.name)
        self.port = given["server.port"]
        self.process = subprocess.Popen([program, "serve", *(f"--{key}={value}" for key, value in given.items())],
                                        stdout=subprocess.PIPE, text=True)
        if "ready" not in self.process.stdout.readline():
            sys.exit("the server did not start; see above")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.state.cleanup()

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        return int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Bench:
    def __init__(self, options, frames):
        self.options = options
        self.frames = frames

    def load(self, server, clients, fps, seconds):
        done = subprocess.run([self.options.program, "load", f"ws://127.0.0.1:{server.port}", "--clients", str(clients), "--fps",
                               str(fps), "--seconds", str(seconds), "--mode", "landmarks", "--clip", str(self.options.clip),
                               "--json", "-"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stderr)
        return json.loads(done.stdout)

    def latency(self):
        with Server(self.options.program) as server:
            for clients, fps, limit in ((1, 25, 60), (3, 10, 100)):
                report = self.load(server, clients, fps, self.options.seconds)
                total = report["total"]
                unserved = total["sent"] - total["answered_inferred"]
                print(f"latency   {clients} x {fps} frames/s: p50 {total['latency_ms']['p50']:.1f}, p95 {total['latency_ms']['p95']:.1f} ms "
                      f"(limit {limit}), {unserved} of {total['sent']} frames not answered; generator "
                      f"{100 * report['own_cpu_share']:.1f} % of a core", flush=True)

    def overload(self):
        with Server(self.options.program) as server:
            able = self.load(server, 4, 30, 5)["answers_per_second"]
            clients = 8
            seconds = max(self.options.seconds, 60)
            report = self.load(server, clients, 5 * able / clients, seconds)
            by_second = [second["latency_ms"]["p95"] for second in report["timeline"] if second["answers"]]
            third = len(by_second) // 3
            total = report["total"]
            print(f"overload  {total['sent'] / seconds:.0f} frames/s offered, {report['answers_per_second']:.0f} answered, {seconds:g} s: age p50 "
                  f"{total['latency_ms']['p50']:.0f}, p95 {total['latency_ms']['p95']:.0f}, max {total['latency_ms']['max']:.0f} ms (limit 150); median "
                  f"p95 of the first and last third of the seconds {statistics.median(by_second[:third]):.0f} and "
                  f"{statistics.median(by_second[-third:]):.0f}; replaced {total['replaced']}, expired {total['expired']}, "
                  f"failed {total['failed']}, lost {total['lost']}", flush=True)

    @contextlib.contextmanager
    def beside(self, server, kind):
        """Somebody else on the server: nobody, an ordinary learner, or a hostile client."""
        seconds = self.options.seconds + 3
        if kind == "nobody":
            yield
            return
        if kind == "learner":
            command = [self.options.program, "load", f"ws://127.0.0.1:{server.port}", "--fps", "10", "--seconds", str(seconds), "--mode",
                       "landmarks", "--clip", str(self.options.clip), "--json", "-"]
        else:
            command = [sys.executable, hostile.__file__, str(server.port), kind, str(seconds), "--frames", self.frames]
        # Hostile clients have machines of their own: theirs is the time that the server and the learner leave over.
        other = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=(lambda: os.nice(19)) if kind != "learner" else None)
        time.sleep(1)
        try:
            yield
        finally:
            other.terminate()
            other.wait()

    def isolation(self):
        with Server(self.options.program) as server:
            p95 = {}
            for kind in ("learner", *hostile.KINDS):
                pairs = []
                for _ in range(self.options.rounds):
                    for who in ("nobody", kind):
                        with self.beside(server, who):
                            p95[who] = self.load(server, 1, 10, self.options.seconds)["total"]["latency_ms"]["p95"]
                    pairs.append((p95["nobody"], p95[kind]))
                ratio = spread([b / a for a, b in pairs])
                print(f"isolation {kind:<16} p95 x {ratio[0]:.2f} ({ratio[1]:.2f} .. {ratio[2]:.2f}) of {statistics.median(a for a, _ in pairs):.1f} ms "
                      "alone (limit 1.20)", flush=True)

    def idle(self):
        count = 200
        with Server(self.options.program) as server:
            before = server.memory()
            sockets = [hostile.RawSocket(server.port) for _ in range(count)]
            for raw in sockets:
                raw.message(hostile.TEXT, b'{"type":"ping","timestamp":"2026-01-01T00:00:00.000Z"}')
            time.sleep(2)
            connected = server.memory()
            begin, cpu = time.monotonic(), server.cpu_seconds()
            time.sleep(self.options.seconds)
            share = (server.cpu_seconds() - cpu) / (time.monotonic() - begin)
            alone = self.share_without_sessions(self.options.seconds)
            for raw in sockets:
                raw.message(hostile.BINARY, binary_frame(pathlib.Path(self.frames, "001.jpg").read_bytes(), 1))
                time.sleep(0.1)  # One after the other, so that none waits too long and is dropped.
            time.sleep(1)
            used = server.memory()
            print(f"idle      {count} sessions: {100 * share / count:.4f} % of a core each (limit 0.2; the server without any {100 * alone:.2f} %), "
                  f"{(connected - before) / count / MIB:.3f} MiB each after connecting, {(used - before) / count / MIB:.3f} MiB each after "
                  "a frame of each (limit 2)", flush=True)
            for raw in sockets:
                raw.close()

    def share_without_sessions(self, seconds):
        with Server(self.options.program) as server:
            time.sleep(2)
            begin, cpu = time.monotonic(), server.cpu_seconds()
            time.sleep(seconds)
            return (server.cpu_seconds() - cpu) / (time.monotonic() - begin)

    def connects(self):
        with Server(self.options.program) as server:
            seen = []
            for thousand in range(11):
                for number in range(1000):
                    hostile.RawSocket(server.port, binary=number % 2 == 0).close()
                time.sleep(0.5)
                seen.append(server.memory() / MIB)
            print(f"connects  memory after 1000, 2000, ... 11000 connections: {' '.join(f'{m:.1f}' for m in seen)} MiB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--clip", type=pathlib.Path, default=ROOT.parent / "shared/data/clips/brother.mkv")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/storysign")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")
    for needed in (options.clip, options.program):
        if not needed.exists():
            sys.exit(f"there is no {needed}; see --help")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as frames:
        subprocess.run(["ffmpeg", "-v", "error", "-i", str(options.clip), "-q:v", "4", "-frames:v", "30", f"{frames}/%03d.jpg"], check=True)
        bench = Bench(options, frames)
        for part in options.parts or PARTS:
            getattr(bench, part)()


if __name__ == "__main__":
    main()
