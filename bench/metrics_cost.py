#!/usr/bin/env python3
"""What metrics cost a server under load.

    metrics_cost.py [--clients 3] [--fps 10] [--seconds 20] [--rounds 5]

One server carries the same learners in turns with and without somebody who reads /metrics once a second, in random order within
each pair. Printed are the ratio of the 95th percentiles of latency (median of the pairs, and from which to which 80 % of them lie),
the CPU that a scrape takes, and the CPU of counting: counts a second that the server reports, times what bench_metrics measures for
one, as a share of the CPU that the server used. On a machine that does something else at the time the figures mean nothing.
"""

import argparse
import http.client
import json
import pathlib
import random
import re
import statistics
import subprocess
import sys
import threading
import time

from serve import ROOT, Bench, Server
from workers import spread

from client_messages import free_port  # noqa: E402, serve has set the path.

# A count that is split by a label, a plain one, and one record of a histogram each are one step of the counting thread.
COUNT = re.compile(r"^storysign_(?!process_)\w+_total(?:\{[^}]*\})? (\S+)$", re.MULTILINE)
# Grow by more than one at a step.
BYTES = re.compile(r"^storysign_bytes_\w+_total (\S+)$", re.MULTILINE)
MESSAGES = re.compile(r"^storysign_messages_\w+_total (\S+)$", re.MULTILINE)
RECORDS = re.compile(r"^storysign_\w+_seconds_count(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


def scrape(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def steps(text):
    """(counts, records) so far."""
    total = lambda pattern: sum(float(value) for value in pattern.findall(text))
    # Bytes are added once for each message and read; a read is at least as large as a message is long in parts of 64 KiB.
    return total(COUNT) - total(BYTES) + 2 * total(MESSAGES), total(RECORDS)


class Scraper:
    """Somebody who reads /metrics once a second, or nobody."""

    def __init__(self, port, active):
        self.port, self.active, self.stopped = port, active, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while self.active and not self.stopped.wait(1.0):
            scrape(self.port)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()


def nanoseconds(bench):
    """Of one count and one record, and microseconds of one scrape, as bench_metrics says."""
    done = subprocess.run([bench, "--benchmark_format=json"], capture_output=True, text=True, check=True)
    times = {b["name"]: b["cpu_time"] for b in json.loads(done.stdout)["benchmarks"]}
    return times["count/threads:2"], times["record/threads:2"], times["scrape"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--clip", type=pathlib.Path, default=ROOT.parent / "shared/data/clips/brother.mkv")
    parser.add_argument("--clients", type=int, default=3)
    parser.add_argument("--fps", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    options.program = options.build / "storysign"
    counter = options.build / "bench/bench_metrics"
    for needed in (options.clip, options.program, counter):
        if not needed.exists():
            sys.exit(f"there is no {needed}; see --help")
    bench = Bench(options, None)
    port = free_port()
    ratios, p95, cpu = [], {}, {False: [], True: []}
    with Server(options.program, **{"admin.port": port}) as server:
        bench.load(server, options.clients, options.fps, 5)
        begin = time.monotonic(), server.cpu_seconds(), steps(scrape(port))
        for _ in range(options.rounds):
            order = [False, True]
            random.shuffle(order)
            for active in order:
                used = server.cpu_seconds()
                with Scraper(port, active):
                    p95[active] = bench.load(server, options.clients, options.fps, options.seconds)["total"]["latency_ms"]["p95"]
                cpu[active].append((server.cpu_seconds() - used) / options.seconds)
            ratios.append(p95[True] / p95[False])
        end = time.monotonic(), server.cpu_seconds(), steps(scrape(port))
    median, low, high = spread(ratios)
    count_ns, record_ns, scrape_us = nanoseconds(counter)
    counts, records = (after - before for before, after in zip(begin[2], end[2]))
    counting = (counts * count_ns + records * record_ns) / 1e9
    print(f"scraping at 1 Hz: p95 x {median:.3f} ({low:.3f} .. {high:.3f}), limit 1.02; server CPU {statistics.median(cpu[False]):.3f} "
          f"cores without, {statistics.median(cpu[True]):.3f} with; one scrape {scrape_us / 1000:.2f} ms")
    print(f"counting: {counts / (end[0] - begin[0]):.0f} counts and {records / (end[0] - begin[0]):.0f} records a second, {count_ns:.0f} and "
          f"{record_ns:.0f} ns each: {100 * counting / (end[1] - begin[1]):.4f} % of the server's CPU, limit 1 %")


if __name__ == "__main__":
    main()
