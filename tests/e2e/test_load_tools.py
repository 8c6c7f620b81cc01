"""`storysign load` and the locust file against a real server."""

import csv
import json
import os
import subprocess
import sys

import pytest

from conftest import ROOT, program_environment


@pytest.fixture(scope="module")
def server(serve_module):
    return serve_module(server__max_connections_per_address=20)


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
