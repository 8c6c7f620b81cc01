"""`storysign ctl` against a real server: every verb has its effect, every failure its sentence."""

import json
import pathlib
import re
import socket
import subprocess

import pytest
from websockets.exceptions import ConnectionClosed

from client_messages import LANDMARKS, binary_frame, free_port
from conftest import program_environment
from server_support import Server, number_of, receive, session_of, until


class Ctl:
    """Runs the command with the settings that the server got."""

    def __init__(self, program, server):
        self.program, self.server = program, server

    def __call__(self, *arguments, code=0):
        done = subprocess.run([str(self.program), "ctl", *arguments, f"--admin.port={self.server.admin_port}",
                               f"--store.directory={self.server.state}"],
                              capture_output=True, text=True, timeout=60, env=program_environment())
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def json(self, *arguments):
        return json.loads(self("--json", *arguments))


@pytest.fixture(scope="module")
def server(serve_module):
    return serve_module(telemetry__trace_every=1)


@pytest.fixture(scope="module")
def ctl(program, server):
    return Ctl(program, server)


def test_status(ctl, server):
    with server.connect():
        said = {line.split()[0]: line for line in ctl("status").splitlines()}
        assert ctl.json("status")["sessions"] == 1
    assert "1 (room for" in said["sessions"] and "ready" in said["state"] and "MiB" in said["memory"]
    assert {"version", "workers", "latency", "frames/s", "dropped", "quality", "alerts"} <= set(said)


def test_sessions(ctl, server, frame_folder):
    until(lambda: not ctl.json("sessions")["sessions"])
    assert ctl("sessions") == "There are no sessions.\n"
    with server.connect(binary=True) as client:
        client.send(binary_frame((frame_folder / "001.jpg").read_bytes(), 1, LANDMARKS))
        receive(client)
        until(lambda: session_of(server, client)["frames"]["answered"] == 1)
        head, row = ctl("sessions").splitlines()
        assert head.split()[:3] == ["NUMBER", "ADDRESS", "ACCOUNT"]
        assert row.split()[:4] == [str(number_of(client)), "127.0.0.1", "-", "storysign.v1"]
        assert ctl.json("sessions")["sessions"][0]["number"] == number_of(client)


def test_set_profile_and_set_skip(ctl, server):
    with server.connect() as client, server.connect() as other:
        number = str(number_of(client))
        assert ctl("set-profile", number, "high_quality") == f"The profile of session {number} is now high_quality.\n"
        assert session_of(server, client)["profile"] == "high_quality" and session_of(server, other)["reason"] != "operator"
        ctl("set-skip", number, "5")
        assert session_of(server, client)["frame_skip"] == 5
        ctl("set-skip", number, "none")
        assert session_of(server, client)["frame_skip"] == 0
        assert "every session" in ctl("set-profile", "all", "ultra_performance")
        until(lambda: session_of(server, client)["profile"] == session_of(server, other)["profile"] == "ultra_performance")
        ctl("set-skip", "all", "9")
        until(lambda: session_of(server, client)["frame_skip"] == session_of(server, other)["frame_skip"] == 9)
        assert "everybody" in ctl("set-profile", number, "balanced", code=2)
        ctl("set-profile", "all", "auto")
        ctl("set-skip", "all", "none")
        until(lambda: session_of(server, client)["profile"] == "high_quality" and session_of(server, other)["auto"])


def test_kick(ctl, server):
    with server.connect() as client:
        number = str(number_of(client))
        assert ctl("kick", number, "--reason", "The lesson is over.") == f"Session {number} is closed.\n"
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=5)
        assert (client.close_code, client.close_reason) == (1008, "The lesson is over.")
        until(lambda: "no such session" in ctl("kick", number, code=2))


def test_workers(ctl, server):
    assert ctl("workers", "2") == "There are 2 workers now.\n"
    assert server.get_json("/api/stats")["workers"]["count"] == 2
    ctl("workers", "auto")
    assert server.admin("GET", "/api/overview")[1]["workers"]["configured"] == 0


def test_log(ctl, server):
    assert ctl("log").split() == ["ROOM", "LEVEL", "all", "info"]
    assert ctl("log", "server", "debug").split()[-2:] == ["server", "debug"]
    assert server.admin("GET", "/api/log")[1]["levels"]["server"] == "debug"
    ctl("log", "server", "default")
    assert "server" not in server.admin("GET", "/api/log")[1]["levels"]


def test_trace(ctl, server, frame_folder):
    with server.connect(binary=True) as client:
        for number in (1, 2):
            client.send(binary_frame((frame_folder / "001.jpg").read_bytes(), number, LANDMARKS))
            receive(client)
    events = json.loads(ctl("trace", "--frames", "1"))["traceEvents"]
    assert {event["args"]["frame"] for event in events} == {2}
    assert len(json.loads(ctl("trace"))["traceEvents"]) > len(events)


def test_drain(program, serve):
    server = serve()
    with server.connect() as client:
        assert Ctl(program, server)("drain") == "The server is stopping.\n"
        with pytest.raises(ConnectionClosed):
            while True:
                client.recv(timeout=5)
        assert client.close_code == 1012
    assert server.process.wait(timeout=15) == 0


def test_alerts(ctl):
    head, *rows = ctl("alerts").splitlines()
    assert head.split()[:2] == ["ALERT", "LEVEL"]
    assert {row.split()[0]: row.split()[1] for row in rows} == dict.fromkeys(("latency_p95", "cpu", "memory", "drop_rate"), "ok")
    assert [alert["name"] for alert in ctl.json("alerts")["alerts"]] == [row.split()[0] for row in rows]


def test_reload(program, tmp_path):
    (tmp_path / "config.yaml").write_text("video:\n  fps: 25\n")
    server = Server(program, tmp_path)
    try:
        ctl = Ctl(program, server)
        with server.connect() as client:
            assert client.greeting["server_info"]["max_frame_rate"] == 25
        (tmp_path / "config.yaml").write_text("video:\n  fps: best\n")
        assert "video.fps" in ctl("reload", code=2)
        (tmp_path / "config.yaml").write_text("video:\n  fps: 20\nserver:\n  io_threads: 2\n")
        assert "server.io_threads" in ctl("reload")
        with server.connect() as client:
            assert client.greeting["server_info"]["max_frame_rate"] == 20
        assert ctl.json("reload")["needs_restart"] == ["server.io_threads"]
    finally:
        server.close()


def test_backup(ctl, server):
    assert str(server.state / "backups" / "by-ctl.db") in ctl("backup", "by-ctl.db")
    assert (server.state / "backups" / "by-ctl.db").stat().st_size > 0
    assert "by-ctl.db" in ctl("backup", "by-ctl.db", code=2), "it is not written over"
    assert ctl.json("backup")["bytes"] > 0


def test_every_verb_has_a_test_here(storysign):
    verbs = re.findall(r"^  (\S+)  ", storysign("ctl", "--help").stdout.partition("Subcommands:")[2], re.MULTILINE)
    assert {"status", "set-profile", "backup"} <= set(verbs)
    mine = pathlib.Path(__file__).read_text()
    assert not [verb for verb in verbs if not re.search(rf'\("{verb}"[,)]', mine)]


def test_failures_are_one_sentence(program, tmp_path, server, storysign):
    def fails(*arguments, code):
        done = storysign("ctl", *arguments)
        assert done.returncode == code and len(done.stderr.splitlines()) == 1 and not done.stdout, done
        return done.stderr

    here = f"--store.directory={server.state}"
    port = f"--admin.port={server.admin_port}"
    assert "storysign serve" in fails("status", here, f"--admin.port={free_port()}", code=1)
    assert "no admin token file" in fails("status", f"--store.directory={tmp_path}", code=1)
    other = tmp_path / "token"
    other.write_text("0123456789abcdef0123456789abcdef")
    other.chmod(0o644)
    assert "others may use it" in fails("status", f"--admin.token_file={other}", port, code=2)
    other.chmod(0o600)
    assert "does not take the token" in fails("status", f"--admin.token_file={other}", port, code=2)
    assert "no session" in fails("kick", "everybody", here, port, code=2)
    assert "drain" in fails("kick", "all", here, port, code=2)
    assert "0 to 30" in fails("set-skip", "all", "31", here, port, code=2)
    assert "whole number" in fails("set-skip", "all", "some", here, port, code=2)
    assert "high_quality" in fails("set-profile", "all", "best", here, port, code=2)
    assert "LEVEL" in fails("log", "server", here, port, code=2)
    assert "status" in fails(code=2)
    assert "admin.port" in fails("status", "--admin.port=0", code=2)


def test_a_server_that_does_not_answer(storysign, tmp_path):
    (tmp_path / "token").write_text("0123456789abcdef0123456789abcdef")
    (tmp_path / "token").chmod(0o600)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        done = storysign("ctl", "status", f"--admin.port={silent.getsockname()[1]}", f"--admin.token_file={tmp_path / 'token'}")
    assert done.returncode == 1 and "did not answer" in done.stderr
