"""Operating a real server: its metrics as promtool sees them, what operators see, and that their orders have an effect."""

import json
import re
import shutil
import signal
import subprocess
import time

import pytest
from websockets.exceptions import ConnectionClosed

from client_messages import LANDMARKS, PICTURE, binary_frame, raw_frame
from server_support import number_of, receive, session_of, until

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def server(serve_module):
    return serve_module(telemetry__trace_every=2)


def exchange(client, jpeg, numbers=range(1, 6), flags=LANDMARKS | PICTURE):
    for number in numbers:
        client.send(binary_frame(jpeg, number, flags))
        assert receive(client)["success"]


def test_promtool_finds_nothing_wrong(server, jpeg):
    assert shutil.which("promtool"), "promtool is in the Debian package prometheus; run `make setup`"
    with server.connect(binary=True) as client:
        exchange(client, jpeg)
        text = server.admin("GET", "/metrics", headers={})[1]
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    assert checked.returncode == 0 and not checked.stdout + checked.stderr, checked.stdout + checked.stderr
    names = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    assert len(names) > 40 and all(name.startswith("storysign_") for name in names)
    # Nobody can be told from the labels.
    assert set(re.findall(r"[{,](\w+)=", text)) <= {"le", "outcome", "reason", "code", "part", "profile", "stage", "network", "kind",
                                                   "card", "version", "device"}


def test_metrics_count_what_happens(server, jpeg):
    before = server.samples()
    with server.connect(binary=True) as client:
        exchange(client, jpeg)
        client.send(binary_frame(b"\xff\xd8 no picture", 9))
        assert not receive(client)["success"]
        during = until(lambda: (now := server.samples())["storysign_sessions_open"] == 1 and now)
        assert sum(during[f'storysign_sessions_by_profile{{profile="{p}"}}'] for p in
                   ("ultra_performance", "high_performance", "balanced", "high_quality")) == 1
    after = until(lambda: (now := server.samples())["storysign_sessions_open"] == 0 and now)

    def grown(name):
        return after[name] - before[name]

    assert grown('storysign_frames_total{outcome="received"}') == 6
    assert grown('storysign_frames_total{outcome="inferred"}') >= 1
    assert grown('storysign_frames_total{outcome="rejected"}') == 1
    assert sum(grown(name) for name in after if name.startswith("storysign_frames_rejected_total")) == 1
    assert grown("storysign_frame_age_seconds_count") == 6
    assert grown('storysign_stage_time_seconds_count{stage="vision"}') >= 5
    assert grown('storysign_inference_time_seconds_count{network="pose_landmark_lite"}') >= 1
    assert grown('storysign_inference_time_seconds_sum{network="pose_landmark_lite"}') > 0
    assert grown('storysign_sessions_closed_total{code="1000"}') == 1
    assert grown('storysign_errors_total{code="PROCESSING_ERROR"}') == 1
    assert grown("storysign_process_cpu_seconds_total") > 0
    assert after["storysign_process_memory_bytes"] > 1e7 and after["storysign_process_descriptors"] > 5
    assert after["storysign_capacity_frames_per_second"] > 0 and after["storysign_capacity_learners"] >= 1
    assert after["storysign_workers"] >= 1 and after["storysign_ready"] == 1
    assert any(name.startswith("storysign_build_info{version=") for name in after)
    server.admin("GET", "/api/overview", headers={})
    assert server.samples()['storysign_auth_failures_total{kind="admin_token"}'] > after['storysign_auth_failures_total{kind="admin_token"}']


def test_metrics_need_the_token_if_asked_to(serve):
    server = serve(admin__metrics_token="true")
    assert server.admin("GET", "/metrics", headers={})[0] == 401
    assert "storysign_ready 1" in server.admin("GET", "/metrics")[1]


def test_who_is_there(server, jpeg):
    with server.connect(binary=True) as binary, server.connect() as json_client:
        exchange(binary, jpeg)
        seen = until(lambda: (s := session_of(server, binary))["frames"]["answered"] == 5 and s)
        assert seen["address"] == "127.0.0.1" and seen["protocol"] == "storysign.v1" and seen["account"] is None
        assert seen["client_id"] == binary.greeting["client_id"] and seen["auto"] and seen["connected_seconds"] > 0
        assert 0 < seen["latency_ms"]["last"] < 60000 and seen["latency_ms"]["mean"] > 0
        assert seen["frames"]["inferred"] >= 1 and seen["profile"] in ("balanced", "high_quality", "high_performance", "ultra_performance")
        other = session_of(server, json_client)
        assert other["protocol"] == "json" and other["latency_ms"] == {"last": None, "mean": None}
    until(lambda: not server.admin("GET", "/api/sessions")[1]["sessions"])


def test_orders_to_one_session(server, jpeg):
    with server.connect(binary=True) as client, server.connect(binary=True) as other:
        number = number_of(client)
        assert server.admin("POST", f"/api/sessions/{number}/profile", {"profile": "ultra_performance"}) == (
            200, {"ok": True, "number": number, "profile": "ultra_performance"})
        assert server.admin("POST", f"/api/sessions/{number}/skip", {"frame_skip": 7})[0] == 200
        seen = session_of(server, client)
        assert (seen["profile"], seen["reason"], seen["auto"], seen["frame_skip"]) == ("ultra_performance", "operator", False, 7)
        assert session_of(server, other)["profile"] != "ultra_performance"
        client.send(binary_frame(jpeg, 1))
        answer = receive(client)
        assert answer["profile"] == 0 and answer["frame_skip"] == 7
        client.send(json.dumps({"type": "control", "action": "set_quality", "data": {"profile": "high_quality"}}))
        assert "operator" in receive(client)["result"]["error"]
        assert server.admin("POST", f"/api/sessions/{number}/profile", {"profile": "auto"})[0] == 200
        assert server.admin("POST", f"/api/sessions/{number}/skip", {"frame_skip": None})[0] == 200
        assert session_of(server, client)["auto"]


def test_orders_to_all_and_to_those_who_come(server):
    with server.connect(binary=True) as client:
        assert server.admin("POST", "/api/profile", {"profile": "high_performance"})[0] == 200
        assert server.admin("POST", "/api/skip", {"frame_skip": 3})[0] == 200
        try:
            until(lambda: session_of(server, client)["profile"] == "high_performance" and session_of(server, client)["frame_skip"] == 3)
            with server.connect(binary=True) as late:
                assert session_of(server, late)["profile"] == "high_performance"
            status, refused = server.admin("POST", f"/api/sessions/{number_of(client)}/profile", {"profile": "balanced"})
            assert status == 409 and "everybody" in refused["error"]
            quality = server.admin("GET", "/api/overview")[1]["quality"]
            assert quality["profile_for_all"] == "high_performance" and quality["frame_skip_for_all"] == 3
        finally:
            server.admin("POST", "/api/profile", {"profile": "auto"})
            server.admin("POST", "/api/skip", {"frame_skip": None})
        until(lambda: session_of(server, client)["auto"])
        assert server.admin("GET", "/api/overview")[1]["quality"]["profile_for_all"] is None


def test_kick(server):
    with server.connect(binary=True) as client, server.connect(binary=True) as other:
        assert server.admin("POST", f"/api/sessions/{number_of(client)}/kick", {"reason": "Lunch is ready."})[0] == 200
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=5)
        assert client.close_code == 1008 and client.close_reason == "Lunch is ready."
        assert server.admin("POST", f"/api/sessions/{number_of(other)}/kick", {})[0] == 200
        with pytest.raises(ConnectionClosed):
            other.recv(timeout=5)
        assert other.close_reason == "Closed by the operator."


@pytest.mark.parametrize("path, body, status, words", [
    ("/api/sessions/999999/kick", {}, 404, "no such session"),
    ("/api/sessions/first/kick", {}, 404, "number"),
    ("/api/sessions/1/kick", {"reason": "x" * 121}, 400, "120"),
    ("/api/sessions/1/profile", {"profile": "best"}, 400, "high_quality"),
    ("/api/sessions/1/profile", {}, 400, "profile"),
    ("/api/profile", {"profile": None}, 400, "profile"),
    ("/api/skip", {"frame_skip": 31}, 400, "0 to 30"),
    ("/api/skip", {"frame_skip": 1.5}, 400, "0 to 30"),
    ("/api/skip", {}, 400, "0 to 30"),
    ("/api/workers", {"workers": 257}, 400, "256"),
    ("/api/workers", {"workers": "2"}, 400, "256"),
    ("/api/drain", {"now": True}, 400, "now"),
    ("/api/log", {"room": "kitchen", "level": "debug"}, 400, "server"),
    ("/api/log", {"room": "all", "level": "loud"}, 400, "debug"),
])
def test_bad_orders_change_nothing(server, path, body, status, words):
    got, answer = server.admin("POST", path, body)
    assert got == status and words in answer["error"], answer
    assert server.admin("GET", "/api/overview")[1]["quality"]["profile_for_all"] is None


def test_overview_and_history(server, jpeg):
    with server.connect(binary=True) as client:
        end = time.monotonic() + 2.5
        number = 0
        while time.monotonic() < end:
            number += 1
            exchange(client, jpeg, [number])
            time.sleep(0.03)  # A fast machine would answer more than a client may send.
        overview = server.admin("GET", "/api/overview")[1]
        assert overview["sessions"] == 1 and overview["ready"] and not overview["draining"] and overview["uptime_seconds"] >= 0
        assert overview["latency_ms"]["p50"] > 0 and overview["latency_ms"]["p99"] >= overview["latency_ms"]["p95"]
        assert overview["frames_per_second"]["received"] > 0 and overview["drop_rate"] == 0
        assert overview["workers"]["configured"] == 0 and overview["workers"]["count"] >= 1
        assert overview["alerts"] == {"warning": 0, "critical": 0} or overview["alerts"]["warning"] >= 0
        history = until(lambda: (h := server.admin("GET", "/api/history")[1])["times"] and h)
    series = history["series"]
    assert history["interval_seconds"] == 1 and {len(values) for values in series.values()} == {len(history["times"])}
    assert max(series["fps_inferred"]) + max(series["fps_propagated"]) > 0 and max(series["sessions"]) >= 1
    assert any(value is not None for value in series["latency_p95_ms"]) and max(series["memory_mib"]) > 10


def test_workers(serve):
    server = serve(performance__workers=1)
    status, answer = server.admin("POST", "/api/workers", {"workers": 3})
    assert status == 200 and answer["workers"] == {"count": 3, "configured": 3}
    assert server.get_json("/api/stats")["workers"]["count"] == 3
    answer = server.admin("POST", "/api/workers", {"workers": 0})[1]
    assert answer["workers"]["configured"] == 0 and answer["workers"]["count"] == server.get_json("/api/stats")["workers"]["count"]


def test_drain(serve):
    server = serve()
    with server.connect() as client:
        assert server.admin("POST", "/api/drain", {}) == (200, {"ok": True})
        with pytest.raises(ConnectionClosed):
            while True:
                client.recv(timeout=5)
        assert client.close_code == 1012
    assert server.process.wait(timeout=15) == 0


def test_log_levels_change_while_it_runs(serve):
    server = serve(log__format="json")
    orders = [line for line in server.errors().splitlines() if "operator" in line.lower()]
    assert server.admin("GET", "/api/log")[1] == {"levels": {"all": "info"}}
    assert server.admin("POST", "/api/log", {"room": "server", "level": "error"})[1] == {"levels": {"all": "info", "server": "error"}}
    server.admin("POST", "/api/skip", {"frame_skip": None})
    quiet = [line for line in server.errors().splitlines() if "operator" in line.lower()]
    assert len(quiet) == len(orders), "an order is said at info by the room server"
    assert server.admin("POST", "/api/log", {"room": "server", "level": None})[1] == {"levels": {"all": "info"}}
    server.admin("POST", "/api/skip", {"frame_skip": None})
    line = json.loads(server.errors().splitlines()[-1])
    assert line["room"] == "server" and line["order"] == "/api/skip" and line["level"] == "info"
    assert server.admin("POST", "/api/log", {"room": "all", "level": "off"})[1]["levels"]["all"] == "off"
    lines = len(server.errors().splitlines())
    server.admin("POST", "/api/skip", {"frame_skip": None})
    assert len(server.errors().splitlines()) == lines


def test_frames_are_not_in_the_log(server, jpeg):
    before = server.errors()
    with server.connect() as client:
        for number in range(1, 6):
            client.send(raw_frame(jpeg, number))
            assert receive(client)["metadata"]["success"]
    assert server.errors() == before


def test_the_log_file_is_opened_again(serve, tmp_path):
    file = tmp_path / "storysign.log"
    file.write_text("older lines\n")
    server = serve(log__file=file)
    assert file.read_text().startswith("older lines\n") and "Listening." in file.read_text() and not server.errors()
    moved = tmp_path / "storysign.log.1"
    file.rename(moved)
    server.admin("POST", "/api/skip", {"frame_skip": None})
    assert "/api/skip" in moved.read_text()
    server.process.send_signal(signal.SIGUSR1)
    until(lambda: file.exists() and "opened again" in file.read_text())
    size = moved.stat().st_size
    server.admin("POST", "/api/skip", {"frame_skip": None})
    assert "/api/skip" in file.read_text() and moved.stat().st_size == size
    assert file.stat().st_mode & 0o777 == 0o600
    # Where it cannot be opened again the lines go on to where they went.
    file.rename(moved)
    file.mkdir()
    server.process.send_signal(signal.SIGUSR1)
    until(lambda: "log.file" in moved.read_text())
    assert server.stop()[0] == 0 and "Stopped." in moved.read_text()


def test_a_log_file_that_cannot_be_opened_is_refused(storysign, tmp_path):
    done = storysign("serve", f"--log.file={tmp_path / 'missing' / 'x.log'}")
    assert done.returncode == 1 and "log.file" in done.stderr and len(done.stderr.splitlines()) == 1


def test_trace_is_what_chrome_reads(server, jpeg):
    with server.connect(binary=True) as client:
        exchange(client, jpeg, range(1, 9))
        number = number_of(client)
    status, trace = server.admin("GET", "/api/trace")
    assert status == 200 and trace["displayTimeUnit"] == "ms"
    frames = {}
    for event in trace["traceEvents"]:
        assert event["ph"] == "X" and event["pid"] == 1 and event["dur"] >= 0 and event["ts"] > 0
        assert set(event) == {"name", "cat", "ph", "ts", "dur", "pid", "tid", "args"}
        if event["tid"] == number:
            frames.setdefault(event["args"]["frame"], []).append(event)
    assert len(frames) == 4, "every other of eight"
    for events in frames.values():
        whole, stages = events[0], events[1:]
        assert whole["name"] == "frame" and {"vision", "decode"} <= {s["name"] for s in stages}
        assert [s["ts"] for s in stages] == sorted(s["ts"] for s in stages)
        assert all(s["ts"] >= whole["ts"] and s["ts"] + s["dur"] <= whole["ts"] + whole["dur"] for s in stages)
        assert whole["args"]["outcome"] in ("inferred", "propagated")
    last = server.admin("GET", "/api/trace?frames=1")[1]["traceEvents"]
    assert {event["args"]["frame"] for event in last} == {max(frames)}
    for wrong in ("0", "x", "-1", ""):
        assert server.admin("GET", f"/api/trace?frames={wrong}")[0] == 400


def test_traces_can_be_turned_off(serve, jpeg):
    server = serve(telemetry__trace_every=0)
    with server.connect(binary=True) as client:
        exchange(client, jpeg)
    assert server.admin("GET", "/api/trace")[1]["traceEvents"] == []
