"""`storysign load` and the locust file against a real server."""

import csv
import json
import os
import subprocess
import sys
import threading

import pytest
import websockets.sync.server

from conftest import ROOT, program_environment

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def server(serve_module):
    return serve_module(server__max_connections_per_address=20)


def figures(server):
    """The samples of /metrics by name and labels."""
    lines = server.admin("GET", "/metrics")[1].splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


@pytest.mark.parametrize("protocol", ["v1", "json"])
@pytest.mark.parametrize("mode", ["annotated", "landmarks"])
def test_load_counts_every_frame(server, storysign, frame_folder, protocol, mode):
    done = storysign("load", f"ws://127.0.0.1:{server.port}", "--clients", 2, "--fps", 4, "--seconds", 2, "--protocol", protocol,
                     "--mode", mode, "--clip", frame_folder, "--json", "-")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    total = report["total"]
    assert total["due"] == total["sent"] == 16 and len(report["per_client"]) == 2
    ended = sum(total[key] for key in ("answered_inferred", "answered_propagated", "replaced", "expired", "failed", "lost"))
    assert ended == total["sent"] and total["failed"] == total["lost"] == 0, total
    assert total["answered_inferred"] >= 8
    assert 0 < total["latency_ms"]["p50"] <= total["latency_ms"]["p95"] <= total["latency_ms"]["max"]
    assert 0 < report["own_cpu_share"] < 2


def test_load_counts_the_same_stretch_of_time_for_all_after_settling(server, storysign, frame_folder):
    done = storysign("load", f"ws://127.0.0.1:{server.port}", "--clients", 3, "--fps", 5, "--seconds", 2, "--settle", 1.5, "--ramp", 1,
                     "--mode", "landmarks", "--clip", frame_folder, "--json", "-")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [client["due"] for client in report["per_client"]] == [10, 10, 10]
    assert report["total"]["unexpected"] == 0
    assert sum(second["answers"] for second in report["timeline"]) > report["total"]["answered_inferred"]


def test_load_gives_each_learner_its_clip(server, storysign, frame_folder):
    """A folder of pictures with somebody in them, and one picture of it: both are answered, and cost their own number of bytes."""
    picture = sorted(frame_folder.iterdir())[0]
    done = storysign("load", f"ws://127.0.0.1:{server.port}", "--clients", 3, "--fps", 4, "--seconds", 1, "--mode", "landmarks",
                     "--clip", frame_folder, "--clip", picture, "--json", "-")
    assert done.returncode == 0, done.stderr
    sent = [client["bytes_sent"] for client in json.loads(done.stdout)["per_client"]]
    only = storysign("load", f"ws://127.0.0.1:{server.port}", "--clients", 1, "--fps", 4, "--seconds", 1, "--mode", "landmarks",
                     "--clip", picture, "--json", "-")
    assert sent[1] == json.loads(only.stdout)["per_client"][0]["bytes_sent"]
    assert sent[0] != sent[1] != sent[2]


def test_load_at_the_edge_sends_landmarks_that_the_server_takes(server, storysign, brother):
    before = figures(server)
    done = storysign("load", f"ws://127.0.0.1:{server.port}", "--clients", 3, "--fps", 20, "--seconds", 2, "--mode", "edge",
                     "--clip", brother, "--json", "-")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    total = report["total"]
    assert report["mode"] == "edge" and report["practice"] is None
    assert total["due"] == total["sent"] == 120
    assert total["answered_inferred"] + total["answered_propagated"] == 120, total
    assert total["failed"] == total["errors"] == total["attempts"] == 0, [client["first_error"] for client in report["per_client"]]
    assert total["answered_inferred"] > total["answered_propagated"] > 0
    assert total["bytes_sent"] / 120 < 4096, "not a picture each"
    after = figures(server)
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert grown['storysign_frames_total{outcome="found_by_client"}'] == 120
    assert grown['storysign_frames_total{outcome="inferred"}'] == grown['storysign_frames_total{outcome="rejected"}'] == 0


@pytest.mark.parametrize("protocol, mode", [("v1", "edge"), ("v1", "landmarks"), ("json", "annotated")])
def test_load_practises_while_it_sends(server, storysign, ffmpeg, brother, protocol, mode):
    """Half a second of the clip's middle, and then the last picture for longer than a pause: an attempt, whatever comes of it."""
    clip = ffmpeg("moves_and_rests.mkv", "-ss", "0.6", "-t", "1.0", "-i", brother, "-vf", "tpad=stop_mode=clone:stop_duration=2", "-c:v", "ffv1")
    done = storysign("load", f"ws://127.0.0.1:{server.port}", "--clients", 1, "--fps", 15, "--seconds", 6, "--mode", mode,
                     "--protocol", protocol, "--practice", "signs", "--clip", clip, "--json", "-")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    total = report["total"]
    assert report["practice"] == "signs" and total["errors"] == total["failed"] == 0, report["per_client"][0]["first_error"]
    assert total["attempts"] + total["attempts_not_judged"] >= 1, total
    kept = server.get_json("/api/attempts?limit=50")["attempts"]
    assert {"WATER", "PLEASE"} >= {row["target"] for row in kept} and len(kept) >= total["attempts"]


def test_load_spells_while_it_sends(server, storysign, brother):
    before = figures(server)
    done = storysign("load", f"ws://127.0.0.1:{server.port}", "--clients", 2, "--fps", 20, "--seconds", 2, "--mode", "edge",
                     "--practice", "letters", "--clip", brother, "--json", "-")
    assert done.returncode == 0, done.stderr
    name = 'storysign_analysis_time_seconds_count'
    assert figures(server)[name] - before[name] > 20, "hands were read"


class OtherServer:
    """Greets, and says a list of messages to each one that comes: the first list to the first, and the last one to all that are left."""

    def __init__(self, *turns):
        self.turns = turns
        self.server = websockets.sync.server.serve(self._handle, "127.0.0.1", 0, subprotocols=["storysign.v1"], compression=None)
        self.port = self.server.socket.getsockname()[1]
        self.heard, self.paths = [], []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handle(self, client):
        self.paths.append(client.request.path)
        client.send(json.dumps({"type": "connection_established", "client_id": "c"}))
        for turn, message in enumerate(client):
            self.heard.append(message)
            for answer in self.turns[min(turn, len(self.turns) - 1)]:
                client.send(json.dumps(answer))


@pytest.mark.parametrize("refusal", [
    {"type": "practice_session_response", "action": "start_session", "result": {"success": False, "error": "This server has no practice."}},
    {"type": "error", "error_code": "RATE_LIMITED", "message": "This server has no practice."},
], ids=("refused", "error"))
def test_load_asks_for_a_connection_of_landmarks_and_tells_that_practice_is_refused(storysign, frame_folder, refusal):
    other = OtherServer([refusal])
    done = storysign("load", f"ws://127.0.0.1:{other.port}/ws/video?a=b", "--clients", 2, "--seconds", 1, "--mode", "edge", "--practice", "signs",
                     "--clip", frame_folder, "--json", "-")
    other.server.shutdown()
    assert done.returncode != 0
    assert "2 of 2 clients: The server refused practice: This server has no practice." in done.stderr
    assert other.paths == ["/ws/video?a=b&frames=landmarks"] * 2
    assert [json.loads(message)["action"] for message in other.heard] == ["start_session"] * 2, "and no frame before"
    assert json.loads(done.stdout)["total"]["sent"] == 0


def test_load_tries_again_after_each_verdict(storysign, frame_folder):
    """Of three attempts one is accepted and one could not be judged; after that one nobody asks to try again: the server listens already."""
    def verdict(is_judged, accepted):
        return {"type": "asl_feedback", "data": {"analysis_summary": {"accepted": accepted}, "error": None if is_judged else "Too much to do."},
                "metadata": {"analysis_success": is_judged}}

    started = {"type": "practice_session_response", "action": "session_started", "result": {"success": True}}
    other = OtherServer([started, verdict(True, True), verdict(True, False), verdict(False, False)], [])
    done = storysign("load", f"ws://127.0.0.1:{other.port}", "--seconds", 1, "--fps", 1, "--mode", "edge", "--practice", "letters",
                     "--clip", frame_folder, "--json", "-")
    other.server.shutdown()
    actions = [json.loads(message)["action"] for message in other.heard if isinstance(message, str)]
    frames = [message for message in other.heard if not isinstance(message, str)]
    assert actions == ["start_session", "try_again", "try_again"] and len(frames) == 1
    report = json.loads(done.stdout)
    total = report["total"]
    assert (total["attempts"], total["attempts_accepted"], total["attempts_not_judged"]) == (2, 1, 1)
    assert report["per_client"][0]["first_error"] == "Too much to do."


def test_load_tells_what_is_refused_of_practice_later(storysign, frame_folder):
    """The learner's own session goes on: it is an error that counts, not the end."""
    other = OtherServer([{"type": "control_response", "action": "try_again", "result": {"success": False, "error": "Not now."}}])
    done = storysign("load", f"ws://127.0.0.1:{other.port}", "--seconds", 1, "--fps", 5, "--mode", "landmarks", "--clip", frame_folder,
                     "--json", "-")
    other.server.shutdown()
    report = json.loads(done.stdout)
    assert report["total"]["errors"] == report["total"]["sent"] == 5 and report["per_client"][0]["first_error"] == "Not now."
    assert other.paths == ["/ws/video"]


@pytest.mark.parametrize("arguments, words", [
    (["--mode", "edge", "--protocol", "json"], ["JSON", "--protocol"]),
    (["--mode", "edge", "--face-mesh"], ["--face-mesh", "leave it out"]),
    (["--mode", "edge", "--every-frame"], ["--every-frame", "leave it out"]),
    (["--mode", "edge", "--jpeg-quality", "80"], ["--jpeg-quality", "leave it out"]),
    (["--models", "models"], ["--models", "--mode edge"]),
    (["--mode", "edge", "--models", "no-models"], ["no-models", "does not exist", "make setup"]),
    (["--practice", "dancing"], ["dancing", "letters"]),
])
def test_load_says_what_does_not_go_together(storysign, frame_folder, arguments, words):
    done = storysign("load", "ws://127.0.0.1:1", "--clip", frame_folder, *arguments)
    assert done.returncode != 0
    for word in words:
        assert word in done.stderr, done.stderr
    assert "listens" not in done.stderr, "before anything is connected"


@pytest.mark.parametrize("arguments, words", [
    (["http://127.0.0.1:1"], ["ws://"]),
    (["ws://127.0.0.1:1", "--seconds", "1"], ["127.0.0.1:1"]),
    (["ws://127.0.0.1:1", "--clip", "nothing.mkv"], ["nothing.mkv"]),
    (["ws://127.0.0.1:1", "--mode", "wrong"], ["wrong", "landmarks"]),
])
def test_load_says_what_is_wrong(storysign, frame_folder, arguments, words):
    given = arguments if "--clip" in arguments else [*arguments, "--clip", frame_folder]
    done = storysign("load", *given)
    assert done.returncode != 0
    for word in words:
        assert word in done.stderr, done.stderr


def test_locust_runs_headless(server, frame_folder, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(ROOT / "tests/load_test.py"), f"--host=ws://127.0.0.1:{server.port}",
         "--headless", "--users", "2", "--spawn-rate", "2", "--run-time", "4s", "--csv", str(tmp_path / "locust")],
        env={**program_environment(), "STORYSIGN_LOAD_FRAMES": str(frame_folder), "STORYSIGN_LOAD_FPS": "4"},
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "locust_stats.csv", newline="") as file:
        rows = {row["Name"]: row for row in csv.DictReader(file)}
    assert int(rows["processed_frame"]["Request Count"]) >= 10, rows
    assert int(rows["Aggregated"]["Failure Count"]) == 0, rows
    assert float(rows["processed_frame"]["Median Response Time"]) > 0


def test_locust_says_what_is_wrong(frame_folder):
    environment = {**os.environ, "STORYSIGN_LOAD_FRAMES": str(frame_folder), "STORYSIGN_LOAD_FPS": "many"}
    done = subprocess.run([sys.executable, "-m", "locust", "-f", str(ROOT / "tests/load_test.py"), "--headless"],
                          env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0 and "STORYSIGN_LOAD_FPS is 'many'" in done.stderr + done.stdout
