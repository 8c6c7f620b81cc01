"""A server in full use while it is operated: read configuration, kicks, scrapes, backups, attempts; nothing grows and nothing is lost.

STORYSIGN_SOAK_SECONDS (default 20) is how long, STORYSIGN_SOAK_LEARNERS (default 3) how many sign meanwhile; `make soak` takes half an
hour, with nine learners for each core.
"""

import json
import os
import pathlib
import subprocess
import threading
import time

import pytest
from websockets.exceptions import ConnectionClosed

from client_messages import LANDMARKS, binary_frame
from conftest import program_environment
from server_support import Server, number_of, receive
from store_support import ask, attempt, rows

pytestmark = pytest.mark.alone

SECONDS = float(os.environ.get("STORYSIGN_SOAK_SECONDS", "20"))
LEARNERS = int(os.environ.get("STORYSIGN_SOAK_LEARNERS", "3"))
# A short run is still warming up: pools, caches of the database, networks of a profile that comes late.
IS_LONG = SECONDS >= 600
MOST_GROWTH = 1.02 if IS_LONG else 1.15
MOST_UNANSWERED = 2  # As the page.
MIB = 1 << 20


class Operators:
    """Tasks that are done again and again, each on a thread of its own, until the `with` ends; the first failure of each is kept."""

    def __init__(self):
        self.ends, self.failures, self.done, self.threads = threading.Event(), [], {}, []

    def every(self, seconds, task):
        def run():
            try:
                while not self.ends.wait(seconds):
                    task()
                    self.done[task.__name__] = self.done.get(task.__name__, 0) + 1
            except Exception as failure:  # Whatever it is, the test is told.
                self.failures.append(f"{task.__name__}: {failure!r}")

        self.threads.append(threading.Thread(target=run))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture
def server(program, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("{}\n")
    server = Server(program, tmp_path, arguments=("-c", str(config)), server__max_connections=200, server__max_connections_per_address=200,
                    store__backups_kept=2)
    server.config = config
    yield server
    server.close()


def memory(server):
    return int(pathlib.Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def middle(values):
    return sorted(values)[len(values) // 2]


def test_nothing_grows_and_nothing_is_lost_while_it_is_operated(server, program, frame_folder):
    jpeg = sorted(frame_folder.iterdir())[0].read_bytes()
    acknowledged, readings = [], []

    def scrape():
        assert "storysign_frames_total" in server.admin("GET", "/metrics")[1]

    def reload():
        number = reload.number = reload.number + 1
        fresh = server.config.with_suffix(".new")
        fresh.write_text(json.dumps({"video": {"quality": 60 + number % 20}, "websocket": {"ping_interval_ms": 20000 + number}}
                                    if number % 5 else {"video": {"quality": "best"}}))
        os.replace(fresh, server.config)
        status, answer = server.admin("POST", "/api/reload", {})
        assert status == (200 if number % 5 else 409), answer

    reload.number = 0

    def kick():
        with server.connect(binary=True) as visitor:
            visitor.send(binary_frame(jpeg, 1, LANDMARKS))
            assert receive(visitor)["success"]
            assert server.admin("POST", f"/api/sessions/{number_of(visitor)}/kick", {"reason": "Soak."})[0] == 200
            with pytest.raises(ConnectionClosed):
                while True:
                    visitor.recv(timeout=10)
            assert visitor.close_code == 1008

    def backup():
        status, answer = server.admin("POST", "/api/backup", {})
        assert status == 200 and answer["bytes"] > 0, answer

    def keep():
        one = attempt()
        status, answer, _ = ask(server, "POST", "/api/attempts", one)
        assert status == 201, answer
        acknowledged.append(one["attempt_id"])

    def look():
        readings.append((memory(server), descriptors(server)))

    before = descriptors(server)
    operators = Operators()
    for seconds, task in ((1, scrape), (3, reload), (2, kick), (5 if SECONDS < 120 else 60, backup), (0.5, keep), (0.5, look)):
        operators.every(seconds, task)
    learners = [str(program), "load", f"ws://127.0.0.1:{server.port}", "--clip", str(frame_folder), "--fps", "25", "--max-unanswered",
                str(MOST_UNANSWERED),
                "--clients", str(LEARNERS), "--seconds", str(SECONDS), "--mode", "landmarks", "--json", "-"]
    with operators:
        load = subprocess.run(learners, capture_output=True, text=True, check=False, env=program_environment())
    assert not operators.failures, (operators.failures, server.errors())
    assert load.returncode == 0, load.stderr
    total = json.loads(load.stdout)["total"]
    # The first third is warm-up.
    rest = readings[len(readings) // 3:]
    earlier, later = rest[:len(rest) // 2], rest[len(rest) // 2:]
    grown = middle([m for m, _ in later]) / middle([m for m, _ in earlier])
    print(f"\n{SECONDS:g} s, {LEARNERS} learners: memory {middle([m for m, _ in earlier]) / MIB:.1f} -> "
          f"{middle([m for m, _ in later]) / MIB:.1f} MiB ({100 * (grown - 1):+.2f} %), descriptors {middle([d for _, d in earlier])} -> "
          f"{middle([d for _, d in later])}; latency {total['latency_ms']}; {operators.done}")
    wrong = {key: total[key] for key in ("failed", "errors", "unexpected")}
    assert not any(wrong.values()), (total, server.errors())
    # Of each learner's last frames nothing tells any more if a newer one had replaced them.
    assert total["lost"] <= MOST_UNANSWERED * LEARNERS, total
    assert grown < MOST_GROWTH
    # One of a visitor who is there or not, one of a request, two of a backup.
    assert abs(middle([d for _, d in later]) - middle([d for _, d in earlier])) <= 4
    assert len(acknowledged) > SECONDS / 2
    assert set(acknowledged) <= {one for one, in rows(server, "SELECT id FROM attempts")}
    assert_nothing_is_left(server, before)
    said = [line for line in server.errors().splitlines() if " error " in line]
    # What the wrong files were told, and what hurts at capacity, is no fault.
    assert not [line for line in said if "configuration is wrong" not in line and "alert=" not in line], said
    code, _ = server.stop()
    assert code == 0


def assert_nothing_is_left(server, descriptors_before):
    deadline = time.monotonic() + 10
    while descriptors(server) > descriptors_before + 4 and time.monotonic() < deadline:
        time.sleep(0.1)
    # The store's and the log's own; none of a client.
    assert descriptors(server) <= descriptors_before + 4
    assert server.get_json("/api/stats")["sessions_open"] == 0
