"""A running server takes a new configuration: by SIGHUP, by a changed file, by POST /api/reload; nobody is disconnected."""

import contextlib
import json
import os
import re
import signal
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from client_messages import EVERY, LANDMARKS, PICTURE, binary_frame
from hostile import RawSocket
from jpeg_file import clip_frames, read_jpeg
from server_support import Server, receive

pytestmark = pytest.mark.alone

# Where a test needs two keys at a time, or a certain value.
TOGETHER = {"server.tls_certificate": {"server.tls_key": "other.pem"}, "server.tls_key": {"server.tls_certificate": "other.pem"},
            "stories.model_kind": {"stories.model_url": "http://127.0.0.1:9/", "stories.model_name": "small"}}
TEXTS = {"alerts.webhook_url": "http://127.0.0.1:9/", "stories.model_url": "http://127.0.0.1:9/", "server.host": "127.0.0.2", "log.level": "debug"}


@pytest.fixture(scope="module")
def clip(brother):
    return clip_frames(brother)


class Configured:
    """A server with a configuration file."""

    def __init__(self, program, folder, **settings):
        self.file = folder / "config.yaml"
        self.write({})
        self.server = Server(program, folder, arguments=("-c", str(self.file)), **settings)
        self.given = {"performance.admission", "server.port", "admin.port", "store.directory"} | {
            name.replace("__", ".") for name in settings}

    def write(self, values):
        """The file anew, from {"section.key": value}, by a rename as editors do."""
        sections = {}
        for name, value in values.items():
            section, _, key = name.rpartition(".")
            sections.setdefault(section, {})[key] = value
        top = sections.pop("", {})
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps({**sections, **top}, indent=1) + "\n")
        os.replace(fresh, self.file)

    def set(self, **values):
        """Writes the file and has it read: the answer."""
        self.write({name.replace("__", "."): value for name, value in values.items()})
        status, answer = self.server.admin("POST", "/api/reload", {})
        assert status == 200 and answer["ok"], answer
        return answer

    def lines(self, words):
        return [line for line in self.server.errors().splitlines() if words in line]

    def wait_for(self, words, count=1, seconds=20):
        end = time.monotonic() + seconds
        while len(self.lines(words)) < count:
            assert time.monotonic() < end, f"no {words!r} in {self.server.errors()}"
            time.sleep(0.05)
        return self.lines(words)[count - 1]


@pytest.fixture
def configure(program, tmp_path):
    with contextlib.ExitStack() as stack:
        def start(**settings):
            made = Configured(program, tmp_path, **settings)
            stack.callback(made.server.close)
            return made
        yield start


def answered(client, jpeg, number=1, flags=LANDMARKS):
    client.send(binary_frame(jpeg, number, flags | EVERY))
    return receive(client)


def changed_keys(lines):
    """The keys of all the lines "The configuration was read again.", in text or JSON."""
    found = set()
    for line in lines:
        found |= set(re.search(r'changed"?[=:]"?([^"]*?)"?}?$', line).group(1).split())
    return found


def test_by_sighup_by_the_file_and_by_an_operator(configure, clip):
    made = configure()
    with made.server.connect(binary=True) as client:
        assert answered(client, clip[0])["success"]
        made.write({"video.fps": 25, "server.io_threads": 2})
        made.server.process.send_signal(signal.SIGHUP)
        made.wait_for("why=SIGHUP")
        made.wait_for("need a restart")
        assert changed_keys(made.lines("was read again")) == {"video.fps"}
        assert "keys=server.io_threads" in made.lines("need a restart")[0]
        made.write({"video.fps": 20})
        made.wait_for('why="the file has changed"')
        answer = made.set(video__fps=15, server__io_threads=3)
        # Nothing, if the watch of the file was quicker.
        assert answer["needs_restart"] == ["server.io_threads"] and answer["changed"] in (["video.fps"], [])
        with made.server.connect() as later:
            assert later.greeting["server_info"]["max_frame_rate"] == 15
        assert answered(client, clip[1], 2)["success"], "the learner is still there"


def test_a_wrong_file_changes_nothing(configure, clip):
    made = configure()
    with made.server.connect(binary=True) as client:
        made.file.write_text("video:\n  fps: 20\n  quality: best\nlimit:\n  body_bytes: 1\n")
        status, answer = made.server.admin("POST", "/api/reload", {})
        assert status == 409 and answer["error"].endswith(".")
        assert len(answer["problems"]) == 2
        for problem, place in zip(answer["problems"], (":3: video.quality is \"best\"", ":4: limit is not a section")):
            assert str(made.file) + place in problem
            made.wait_for(place.replace('"', '\\"'))
        made.server.process.send_signal(signal.SIGHUP)
        made.wait_for("why=SIGHUP", 2)
        with made.server.connect() as later:
            assert later.greeting["server_info"]["max_frame_rate"] == 30, "not half of it either"
        assert answered(client, clip[0])["success"]
    metric = made.server.get_json("/api/stats")["config_reloads"]
    assert metric["refused"] >= 2 and metric["applied"] == 0


def another_value(name, key):
    if name in TEXTS:
        return TEXTS[name]
    now = key["default"]
    if "enum" in key:
        return next(value for value in key["enum"] if value != now)
    if key["type"] == "boolean":
        return not now
    if key["type"] == "integer":
        return now + 1 if now < key["maximum"] else now - 1
    if key["type"] == "number":
        return round(now * 1.01, 4)
    return "https://other.example" if name == "server.allowed_origins" else "other.pem"


def test_every_key_is_taken_or_named(configure, storysign, clip):
    """One key after the other gets another value; a learner sees it all through."""
    schema = json.loads(storysign("config", "schema").stdout)["properties"]
    keys = {}
    for section, holder in schema.items():
        for leaf, key in holder.get("properties", {"": holder}).items():
            if "serve" in key["description"].rpartition("(")[2]:
                keys[f"{section}.{leaf}" if leaf else section] = key
    made = configure()
    seen = {"live": 0, "restart": 0}
    with made.server.connect(binary=True) as client:
        before = set()
        for number, (name, key) in enumerate(sorted(keys.items())):
            live = key["description"].endswith("; live)")
            already = len(made.lines("was read again"))
            values = {name: another_value(name, key), **TOGETHER.get(name, {})}
            made.write(values)
            status, answer = made.server.admin("POST", "/api/reload", {})
            assert status == 200, (name, answer)
            mine = set(values) - made.given
            # The file is watched as well: what it changed stands in the log, whoever was first.
            assert changed_keys(made.lines("was read again")[already:]) == (mine if live else set()) | before, name
            assert set(answer["needs_restart"]) == (set() if live else mine), name
            before = mine if live else set()
            seen["live" if live else "restart"] += 1
            if number % 20 == 0:
                assert answered(client, clip[0], number + 1)["success"]
        assert answered(client, clip[1], 1000)["success"]
    assert seen["live"] > 50 and seen["restart"] > 10, seen


# Effects: what a key does is tested where it stands at the start; here, that a running server does it from then on.


def test_quality_changes_for_those_who_are_connected(configure, clip):
    made = configure(performance__workers=1)
    with made.server.connect(binary=True) as client:
        assert answered(client, clip[0], 1, PICTURE)["profile"] == 2
        made.set(performance__mode="ultra_performance")
        first = answered(client, clip[0], 2, PICTURE)
        answer = answered(client, clip[1], 3, PICTURE)
        assert first["success"] and answer["profile"] == 0 and answer["quality"] == 40
        assert read_jpeg(answer["picture"]).width == round(640 * 0.6)
        made.set(performance__mode="high_quality", video__quality=30, performance__compression="balanced")
        answered(client, clip[0], 4, PICTURE)
        answer = answered(client, clip[1], 5, PICTURE)
        assert answer["profile"] == 3 and answer["quality"] == 30
        made.set(performance__mode="high_quality", video__quality=100, performance__compression="ultra_fast")
        answered(client, clip[0], 6, PICTURE)
        assert answered(client, clip[1], 7, PICTURE)["quality"] == 35


def test_the_way_of_tracking_changes_for_those_who_are_connected(configure, clip):
    made = configure()
    with made.server.connect(binary=True) as client:
        assert answered(client, clip[0], 1)["success"]
        made.set(performance__tracking="reference")
        answered(client, clip[0], 2)
        answers = [answered(client, clip[number], number) for number in range(3, 12)]
        assert all(answer["inferred"] for answer in answers), "every network on every frame"
        made.set()
        answered(client, clip[0], 12)
        answers = [answered(client, clip[0], number) for number in range(13, 30)]
        assert all(answer["success"] for answer in answers) and not all(answer["inferred"] for answer in answers)


def test_workers_come_and_go(configure, clip):
    made = configure()
    with made.server.connect(binary=True) as client:
        for count in (3, 1):
            made.set(performance__workers=count)
            assert made.server.get_json("/api/stats")["workers"]["count"] == count
            assert answered(client, clip[0], count)["success"]


def test_the_doors_change(configure, clip):
    made = configure()
    origin = {"Origin": "https://school.example"}
    with made.server.connect(binary=True) as client:
        made.set(server__max_connections=1)
        with made.server.connect() as late:
            assert late.greeting["error_code"] == "SERVER_FULL" and "All 1 places" in late.greeting["message"]
        made.set(server__max_connections_per_address=1)
        with made.server.connect() as late:
            assert "for one address" in late.greeting["message"]
        made.set()
        with pytest.raises(InvalidStatus):
            made.server.connect(additional_headers=origin)
        made.set(server__allowed_origins="https://school.example", limits__penalty_ms=0)
        made.server.connect(additional_headers=origin).close()
        assert answered(client, clip[0])["success"]


def test_limits_are_those_of_new_connections(configure, clip):
    made = configure()
    size = len(clip[0])
    with made.server.connect(binary=True) as client:
        assert answered(client, clip[0])["success"]
        made.set(limits__picture_side=100)
        with made.server.connect(binary=True) as late:
            assert answered(late, clip[0])["error"] != 0
        assert answered(client, clip[0], 2)["success"], "as it began"
        made.set(websocket__max_size_bytes=max(1024, size // 2), limits__penalty_ms=0)
        with made.server.connect(binary=True) as late:
            assert late.greeting["server_info"]["max_message_bytes"] == max(1024, size // 2)
            late.send(binary_frame(clip[0]))
            with pytest.raises(ConnectionClosed):
                while True:
                    late.recv(timeout=10)
            assert late.close_code == 1009
        made.set(limits__frames_per_second=10, limits__penalty_ms=0)
        with made.server.connect(binary=True) as late:
            with pytest.raises(ConnectionClosed):
                for number in range(200):
                    late.send(binary_frame(clip[0], number + 1))
                while True:
                    late.recv(timeout=10)
            assert late.close_code == 1008
        assert answered(client, clip[0], 3)["success"]
        made.set(limits__header_bytes=1024)
        assert made.server.get("/healthz", headers={"X-Long": "x" * 2000})[0] == 431
        made.set(limits__body_bytes=10)
        assert made.server.get("/healthz", method="POST", body="x" * 20)[0] == 413


def test_the_log_changes(configure):
    made = configure()
    made.set(log__format="json", log__level="warning", server__io_threads=2)
    last = json.loads(made.wait_for("need a restart"))
    assert last["level"] == "warning" and last["keys"] == "server.io_threads"
    assert not [line for line in made.lines("was read again") if line.startswith("{")], "an info line"
    made.set()
    assert "info The configuration was read again." in made.wait_for("was read again")


def test_alerts_change(configure):
    made = configure()
    made.set(alerts__memory_warning_mib=1, alerts__raise_after_ms=0)
    made.wait_for("An alert warns.")
    row = next(row for row in made.server.admin("GET", "/api/alerts")[1]["alerts"] if row["name"] == "memory")
    assert row["level"] == "warning" and row["warning_at"] == 1
    made.set(alerts__enabled=False)
    made.wait_for("An alert is over.")


def test_the_time_for_a_stop_changes(configure):
    made = configure()
    made.set(server__drain_timeout_ms=600000)
    made.set(server__drain_timeout_ms=200)
    with contextlib.closing(RawSocket(made.server.port)):
        code, _ = made.server.stop()
    assert code == 0
    assert "some clients did not close in time" in made.server.errors()
