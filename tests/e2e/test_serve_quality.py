"""Quality profiles, compression, frame_skip, adaptive quality and admission of a real server, proved by the bytes of its answers.

No figure here depends on the speed of the machine: the limits in seconds are generous, and what is asserted is what came, in which
order. The clients of the adaptive part send more than any machine computes with every network on every frame.
"""

import base64
import contextlib
import json
import os
import threading
import time

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from client_messages import EVERY, LANDMARKS, PICTURE, binary_frame, raw_frame
from jpeg_file import BASELINE, PROGRESSIVE, clip_frames, luminance_table, read_jpeg, standard_huffman_tables, with_noise
from server_support import Server, receive

pytestmark = pytest.mark.alone

# name: JPEG quality, scale, frame_skip (requirements.md, "Quality profiles"), in the order of their numbers in an answer.
PROFILES = {"ultra_performance": (40, 0.6, 3), "high_performance": (50, 0.75, 2), "balanced": (65, 0.85, 1), "high_quality": (80, 1.0, 0)}
STRATEGIES = {"ultra_fast": 35, "fast": 50, "balanced": 65, "quality": 80}
REASONS = "start pinned operator client latency drops network cpu memory headroom".split()
SKIPS = ("none", "unchanged", "frame_skip", "behind")
FIRST, LOWEST = list(PROFILES).index("balanced"), 0
PARTS = ("pose", "hand", "face")
CAP = 35  # Of video.quality on the second server; also what the strategy ultra_fast has of its own.
# As fast as the default limits.frames_per_second lets a client send for long.
FLOOD_FPS = 100
CALM_FPS = 6  # Enough for the server to judge by.

# What chooses by itself is tried in the adaptive part; before it nothing else is to change the quality, and clients come and go faster
# than admission takes them for people.
ALONE = {"performance__adaptive_quality": "false", "performance__admission": "false"}


@pytest.fixture(scope="module")
def serve(program, tmp_path_factory):
    """Starts a server that ends with the `with`."""
    @contextlib.contextmanager
    def start(**settings):
        server = Server(program, tmp_path_factory.mktemp("serve"), **{"performance__admission": "true", **settings})
        try:
            yield server
        finally:
            server.close()

    return start


@pytest.fixture(scope="module")
def server(serve):
    with serve(video__quality=100, **ALONE) as server:
        yield server


@pytest.fixture(scope="module")
def capped(serve):
    with serve(video__quality=CAP, performance__compression="ultra_fast", **ALONE) as server:
        yield server


@pytest.fixture(scope="module")
def clip(brother):
    return clip_frames(brother)


def learner(server, **options):
    """A client that has been let in."""
    client = server.connect(**options)
    assert client.greeting["type"] == "connection_established", client.greeting
    return client


def set_quality(client, **wishes):
    client.send(json.dumps({"type": "control", "action": "set_quality", "data": wishes}))
    answer = receive(client)
    assert answer["type"] == "control_response" and answer["action"] == "set_quality"
    return answer["result"]


def picture_of(client, jpeg):
    """(answer, its picture) of one frame in storysign.v1."""
    client.send(binary_frame(jpeg, 1, PICTURE | EVERY))
    answer = receive(client)
    return answer, read_jpeg(answer["picture"])


def assert_written_with(picture, quality, size):
    assert (picture.width, picture.height) == size
    assert np.array_equal(picture.quantisation[0], luminance_table(quality)), quality


def scaled(scale):
    return round(640 * scale), round(480 * scale)


# Profiles.


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_decides_size_and_quality_of_pictures(server, clip, profile):
    quality, scale, frame_skip = PROFILES[profile]
    with learner(server) as plain:
        result = set_quality(plain, profile=profile, compression="quality")
        assert result == {"success": True, "profile": profile, "auto": False, "reason": "client", "frame_skip": frame_skip,
                          "jpeg_quality": quality, "resolution_scale": scale, "compression": "quality"}
        plain.send(raw_frame(clip[0]))
        answer = receive(plain)
    data = answer["metadata"]
    assert_written_with(read_jpeg(base64.b64decode(answer["frame_data"].partition(",")[2])), quality, scaled(scale))
    assert (data["quality_profile"], data["quality_reason"]) == (profile, "client")
    assert (data["resolution_scale"], data["jpeg_quality"], data["frame_skip"]) == (scale, quality, frame_skip)
    with learner(server, binary=True) as binary:
        assert set_quality(binary, profile=profile, compression="quality")["profile"] == profile
        answer, picture = picture_of(binary, clip[0])
    assert_written_with(picture, quality, scaled(scale))
    assert list(PROFILES)[answer["profile"]] == profile and REASONS[answer["quality_reason"]] == "client"
    assert (answer["quality"], answer["frame_skip"], answer["width"], answer["height"]) == (quality, frame_skip, 640, 480)


def test_video_quality_is_the_upper_bound(capped, clip):
    with learner(capped, binary=True) as client:
        for profile, (_, scale, _) in PROFILES.items():
            assert set_quality(client, profile=profile, compression="quality")["jpeg_quality"] == CAP
            answer, picture = picture_of(client, clip[0])
            assert answer["quality"] == CAP
            assert_written_with(picture, CAP, scaled(scale))


def test_the_profile_caps_the_strategy(server, clip):
    with learner(server, binary=True) as client:
        for profile, strategy, quality in (("ultra_performance", "quality", 40), ("high_quality", "fast", 50), ("balanced", "quality", 65)):
            set_quality(client, profile=profile, compression=strategy)
            answer, picture = picture_of(client, clip[0])
            assert answer["quality"] == quality
            assert np.array_equal(picture.quantisation[0], luminance_table(quality))


@pytest.mark.parametrize("wishes, words", [
    ({}, "set_quality needs profile, auto, frame_skip or compression"), ({"profile": "best"}, "The profile must be auto, high_quality"),
    ({"profile": 3}, "The profile must be"), ({"auto": False}, "auto can only be true"), ({"auto": True, "profile": "balanced"}, "not together"),
    ({"frame_skip": 31}, "from 0 to 30"), ({"frame_skip": -1}, "from 0 to 30"), ({"frame_skip": 1.5}, "a whole number"),
    ({"compression": "zip"}, "ultra_fast, fast, balanced or quality"), ({"profile": "high_quality", "frame_skip": "many"}, "frame_skip must be")])
def test_what_cannot_be_is_refused_in_words(server, wishes, words):
    with learner(server) as client:
        before = set_quality(client, frame_skip=7)
        refused = set_quality(client, **wishes)
        assert refused["success"] is False and words in refused["error"] and refused["error"].endswith(".")
        assert set_quality(client, frame_skip=7) == before, "a refused wish changes nothing"
        client.send(json.dumps({"type": "ping"}))
        assert receive(client)["type"] == "pong", "and ends nothing"


# Compression.


def assert_strategy(strategy, answer, picture, quality):
    assert list(STRATEGIES)[answer["compression"]] == strategy
    assert answer["quality"] == quality
    assert np.array_equal(picture.quantisation[0], luminance_table(quality))
    assert picture.kind == (PROGRESSIVE if strategy == "quality" else BASELINE)
    if strategy in ("ultra_fast", "fast"):
        assert picture.huffman == standard_huffman_tables()
    else:
        assert picture.huffman != standard_huffman_tables()


@pytest.mark.parametrize("strategy, quality", STRATEGIES.items())
def test_a_client_chooses_a_strategy(server, clip, strategy, quality):
    with learner(server, binary=True) as client:
        set_quality(client, profile="high_quality", compression=strategy)
        assert_strategy(strategy, *picture_of(client, clip[0]), quality)
    with learner(server) as client:
        set_quality(client, profile="high_quality", compression=strategy)
        client.send(raw_frame(clip[0]))
        encoding = receive(client)["metadata"]["encoding_info"]
        assert (encoding["strategy"], encoding["quality"]) == (strategy, quality)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_configuration_chooses_a_strategy(serve, server, capped, clip, strategy):
    given = {"fast": server, "ultra_fast": capped}  # The first one by default.
    with contextlib.ExitStack() as stack:
        at = given.get(strategy) or stack.enter_context(
            serve(video__quality=100, performance__compression=strategy, performance__mode="high_quality"))
        client = stack.enter_context(learner(at, binary=True))
        if at in given.values():
            set_quality(client, profile="high_quality")
        answer, picture = picture_of(client, clip[0])
        assert_strategy(strategy, answer, picture, STRATEGIES[strategy])
        assert REASONS[answer["quality_reason"]] == ("client" if at in given.values() else "pinned")


def test_the_fast_dct_is_another_one(capped, clip):
    """Of one picture, with the same tables: only the cosine transform differs between the two."""
    def scan(strategy):
        with learner(capped, binary=True) as client:
            set_quality(client, profile="high_quality", compression=strategy)
            answer, picture = picture_of(client, clip[0])
            assert answer["quality"] == CAP
            return picture

    fast, accurate, again = scan("ultra_fast"), scan("fast"), scan("fast")
    for table, values in fast.quantisation.items():
        assert np.array_equal(values, accurate.quantisation[table])
    assert fast.huffman == accurate.huffman
    assert accurate.scan == again.scan, "the same picture is written in the same way"
    assert fast.scan != accurate.scan


# frame_skip, and a person at rest.


class Walk:
    """A clip sent frame by frame: what ran on each of them (rows of PARTS), the answers, and where the body was."""

    def __init__(self, server, frames, **wishes):
        def inferred():
            counts = server.get_json("/api/stats")["parts_inferred"]
            return np.array([counts[part] for part in PARTS])

        self.answers, ran = [], []
        with learner(server, binary=True) as client:
            set_quality(client, **wishes)
            before = inferred()
            for number, jpeg in enumerate(frames, 1):
                client.send(binary_frame(jpeg, number, LANDMARKS | EVERY))
                self.answers.append(receive(client))
                after = inferred()
                ran.append(after - before)
                before = after
        self.ran = np.array(ran)
        assert all(answer["success"] for answer in self.answers)

    def most_in(self, frames):
        """How often each part's networks ran at most in that many frames in a row."""
        return [max(np.convolve(self.ran[:, part], np.ones(frames, int), "valid")) for part in range(len(PARTS))]

    def runs_per_frame(self):
        return self.ran.sum() / len(self.ran)


@pytest.mark.parametrize("profile", ["ultra_performance", "high_quality"])
def test_networks_run_on_every_nth_frame_at_most(server, clip, profile):
    walk = Walk(server, clip, profile=profile, frame_skip=5)
    # Pose and face are one each; there are two hands.
    assert walk.most_in(5) == [1, 2, 1]
    assert list(walk.ran[0]) == [1, 2, 1], "the first frame has nothing to be carried over from"
    between = [number for number, answer in enumerate(walk.answers) if not answer["inferred"]]
    moved = [walk.answers[n]["landmarks"] != walk.answers[n - 1]["landmarks"] for n in between]
    assert len(between) > len(clip) / 3 and np.mean(moved) > 0.9
    for number, answer in enumerate(walk.answers):
        assert answer["frame_skip"] == 5
        assert answer["inferred"] == bool(walk.ran[number].any())
        assert (SKIPS[answer["skip_reason"]] == "none") == answer["inferred"]
        assert answer["pose"] and len(answer["landmarks"]) >= 33 * 8
    assert {SKIPS[walk.answers[n]["skip_reason"]] for n in between} >= {"frame_skip"}


@pytest.mark.parametrize("frame_skip", [0, 1])
def test_every_frame_may_run(server, clip, frame_skip):
    walk = Walk(server, clip, profile="high_quality", frame_skip=frame_skip)
    pose, hand, _ = walk.most_in(5)
    assert pose == 5 and hand > 5, walk.ran.T
    assert np.mean([answer["inferred"] for answer in walk.answers]) > 0.8
    assert not any(SKIPS[answer["skip_reason"]] == "frame_skip" for answer in walk.answers)
    assert {answer["frame_skip"] for answer in walk.answers} == {frame_skip}


def test_json_says_why_nothing_ran(server, clip):
    with learner(server) as client:
        set_quality(client, profile="ultra_performance", frame_skip=10)
        said = []
        for number, jpeg in enumerate(clip[:10], 1):
            client.send(raw_frame(jpeg, number, answer_mode="landmarks", every_frame=True))
            data = receive(client)["metadata"]
            said.append((data["inferred"], data.get("skip_reason")))
    assert said[0] == (True, None)
    assert {(False, "frame_skip")} <= set(said[1:]) <= {(False, "frame_skip"), (False, "unchanged"), (True, None)}


@pytest.mark.parametrize("profile", PROFILES)
def test_who_keeps_still_costs_little(server, clip, profile):
    """The same picture again and again, with the noise of a camera, beside the clip that it is from."""
    still = with_noise(clip[20], 72, sigma=2.5)
    moving, resting = Walk(server, clip, profile=profile), Walk(server, still, profile=profile)
    assert resting.runs_per_frame() <= moving.runs_per_frame() / 3
    assert all(answer["pose"] and answer["face"] for answer in resting.answers)
    assert any(SKIPS[answer["skip_reason"]] == "unchanged" for answer in resting.answers)


# Adaptive quality, frame rate and admission.


class Sender:
    """Floods a server with a clip, again and again; then sends at `fps`, or as it is advised. Keeps what the answers say."""

    def __init__(self, client, frames):
        self.client, self.frames, self.fps, self.follows = client, frames, FLOOD_FPS, False
        self.said = []  # (profile, reason, advised_fps) of every answer.
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=task, daemon=True) for task in (self._send, self._read)]
        for thread in self.threads:
            thread.start()

    def _send(self):
        number, due = 0, time.monotonic()
        with contextlib.suppress(ConnectionClosed):
            while not self.ends.is_set():
                self.client.send(binary_frame(self.frames[number % len(self.frames)], number))
                number += 1
                # Who was late does not catch up: more than FLOOD_FPS would be too many for the server's limit.
                due = max(due + 1 / self.fps, time.monotonic())
                self.ends.wait(max(0.0, due - time.monotonic()))

    def _read(self):
        with contextlib.suppress(ConnectionClosed):
            while not self.ends.is_set():
                with contextlib.suppress(TimeoutError):
                    answer = receive(self.client, 1)
                    self.said.append((answer["profile"], REASONS[answer["quality_reason"]], answer["advised_fps"]))
                    if self.follows:
                        self.fps = answer["advised_fps"]

    def until(self, condition, seconds, begin=0):
        """What was said of the first answer, from number `begin` on, that fulfils the condition."""
        deadline = time.monotonic() + seconds
        looked = begin
        while time.monotonic() < deadline:
            for said in self.said[looked:]:
                looked += 1
                if condition(*said):
                    return said
            time.sleep(0.02)
        pytest.fail(f"not within {seconds} s; last answers: {self.said[-5:]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.ends.set()
        for thread in self.threads:
            thread.join()
        self.client.close()


@contextlib.contextmanager
def flooded_by_two(server, clip):
    """Both are let in before one of them sends."""
    one, two = learner(server, binary=True), learner(server, binary=True)
    with Sender(one, clip) as first, Sender(two, clip) as second:
        yield first, second


def assert_full(server, within=0):
    """One more learner finds no room, soon if not at once, and is told so."""
    deadline = time.monotonic() + within
    while True:
        with server.connect() as late:
            if late.greeting["type"] == "connection_established" and time.monotonic() < deadline:
                time.sleep(0.2)
                continue
            assert late.greeting["type"] == "critical_error" and late.greeting["error_code"] == "SERVER_FULL"
            assert late.greeting["message"].endswith(".") and "try again" in late.greeting["message"]
            with pytest.raises(ConnectionClosed):
                late.recv(timeout=5)
            assert late.close_code == 1013
            return


# The heaviest networks on every frame and one worker, so that two clients flood any machine: less than WATCHABLE_FPS is left for each.
# A frame takes long; the target leaves room for it even on a slow machine.
HEAVY = {"performance__tracking": "reference", "performance__target_latency_ms": 400, "performance__workers": 1, "limits__frames_per_second": 240,
         "mediapipe__model_complexity": 2}
WATCHABLE_FPS = 20  # Below it a server has no room for one more.


def test_load_lowers_quality_and_frame_rate_and_both_come_back(serve, clip, blank):
    with serve(**HEAVY) as server, flooded_by_two(server, clip) as (one, two):
        for sender in (one, two):
            _, why, _ = sender.until(lambda profile, *_: profile < FIRST, 30)
            assert why in ("latency", "drops", "cpu")
            sender.until(lambda _, __, fps: fps < WATCHABLE_FPS, 30)
            assert sender.said[0][:2] == (FIRST, "start")
        assert_full(server, within=30)
        # The load ends: one is left, who asks for little at first, and whose pictures have nobody in them.
        two.close()
        one.fps, one.frames = CALM_FPS, clip_frames(blank)
        calm = len(one.said)
        assert one.until(lambda profile, *_: profile >= FIRST, 60, calm)[1] == "headroom"
        # The frame rate rises for who does as advised.
        one.follows = True
        follows = len(one.said)

        def has_risen(*_):
            rates = [fps for *_, fps in one.said[follows:]]
            return rates[-1] > min(rates)

        one.until(has_risen, 60, follows)
        assert all(10 <= fps <= 60 for _, _, fps in one.said)


@pytest.mark.parametrize("settings, profile, reason", [
    ({"performance__mode": "high_performance"}, "high_performance", "pinned"),
    ({"performance__adaptive_quality": "false", "performance__admission": "false"}, "balanced", "start")])
def test_what_is_fixed_stays_under_load(serve, clip, settings, profile, reason):
    """For as long as the same load takes to lower what is not fixed, and longer."""
    with serve(**HEAVY, **settings) as server, flooded_by_two(server, clip) as senders:
        for sender in senders:
            sender.until(lambda _, __, fps: fps < WATCHABLE_FPS, 30)
        time.sleep(4)
        if "performance__admission" in settings:
            learner(server).close()
        else:
            assert_full(server, within=30)
        for sender in senders:
            assert {said[:2] for said in sender.said} == {(list(PROFILES).index(profile), reason)}


@contextlib.contextmanager
def one_core():
    """What is started here has one processor: a part of it means the same on every machine."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def test_a_full_machine_lets_nobody_in_until_it_has_room(serve, clip):
    with contextlib.ExitStack() as stack:
        with one_core():
            server = stack.enter_context(serve(**HEAVY, performance__max_cpu_usage=10))
        with Sender(learner(server, binary=True), clip) as busy:
            assert busy.until(lambda profile, *_: profile < FIRST, 30)[1] == "cpu"
            busy.until(lambda profile, *_: profile == LOWEST, 30)
            assert_full(server)
            assert_full(server)
            answered = len(busy.said)
            busy.until(lambda *_: True, 10, answered)  # Who is in stays in.
        deadline = time.monotonic() + 30
        while True:
            with server.connect(binary=True) as later:
                if later.greeting["type"] == "connection_established":
                    later.send(binary_frame(clip[0]))
                    assert receive(later)["success"]
                    return
            assert time.monotonic() < deadline, later.greeting
            time.sleep(0.2)
