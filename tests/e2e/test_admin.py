"""The admin listener of a real server: who gets in, what it refuses, what it makes at start."""

import os
import socket
import stat
import time

import pytest

import hostile
from client_messages import free_port
from server_support import Server, raw_request


@pytest.fixture(scope="module")
def server(serve_module):
    return serve_module()


def test_the_token_is_made_for_its_owner_only(server):
    assert len(server.token()) == 64
    assert stat.S_IMODE(os.stat(server.state / "admin.token").st_mode) == 0o600
    assert stat.S_IMODE(os.stat(server.state).st_mode) == 0o700


def test_who_gets_in(server):
    for path in ("/healthz", "/readyz", "/version"):
        assert server.admin("GET", path, headers={})[0] == 200
    status, answer = server.admin("GET", "/api/stats", headers={})
    assert status == 401 and "admin.token_file" in answer["error"]
    assert server.admin("GET", "/api/stats", headers={"Authorization": "Bearer " + "0" * 64})[0] == 401
    status, stats = server.admin("GET", "/api/stats")
    assert status == 200 and stats["auth_failures"]["admin_token"] == 2


def test_the_learners_port_has_none_of_it(server):
    assert server.get("/metrics")[0] == 404
    assert server.get("/admin/")[0] == 404
    assert server.get("/api/overview", headers={"Authorization": f"Bearer {server.token()}"})[0] == 404


def test_what_it_refuses(server):
    assert server.admin("GET", "/nothing")[0] == 404
    assert server.admin("POST", "/api/stats", {})[0] == 405
    assert server.admin("GET", "/api/stats?a=1")[0] == 400
    upgrade = raw_request(server.admin_port, "GET /ws/video HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
                          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    assert upgrade.startswith("HTTP/1.1 401 ")


@pytest.mark.parametrize("request_text, status", [
    ("GARBAGE\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: " + "y" * 9000 + "\r\n\r\n", 431),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n" + "z" * 70000, 413),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", 501),
])
def test_it_has_the_limits_of_the_other_listener(server, request_text, status):
    answer = raw_request(server.admin_port, request_text)
    assert answer.startswith(f"HTTP/1.1 {status} ") and '"error"' in answer


def test_it_can_be_turned_off(serve):
    server = serve(admin__enabled="false")
    with pytest.raises(ConnectionRefusedError):
        server.admin("GET", "/healthz", headers={})
    assert not (server.state / "admin.token").exists()


def test_a_token_file_of_ones_own(serve, tmp_path):
    file = tmp_path / "secret"
    file.write_text("a-token-of-the-operators-own\n")
    file.chmod(0o600)
    server = serve(admin__token_file=file)
    assert server.admin("GET", "/api/stats", headers={"Authorization": "Bearer a-token-of-the-operators-own"})[0] == 200
    assert "a-token-of-the-operators-own" not in server.errors()


def test_bad_settings_are_refused_at_start(storysign, tmp_path):
    def refused(*settings):
        done = storysign("serve", f"--server.port={free_port()}", f"--store.directory={tmp_path / 'state'}", *settings)
        assert done.returncode in (1, 2) and len(done.stderr.strip().splitlines()) <= 4, done.stderr
        return done.stderr

    assert "admin.metrics_token" in refused("--admin.host=0.0.0.0")
    assert "no.such.host.invalid" in refused("--admin.host=no.such.host.invalid")
    readable = tmp_path / "readable"
    readable.write_text("0123456789abcdef" * 4)
    readable.chmod(0o644)
    assert "0644" in refused(f"--admin.token_file={readable}", f"--admin.port={free_port()}")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused(f"--admin.port={port}")
        assert str(port) in said and "--admin.port" in said
    (tmp_path / "file").write_text("")
    assert "store.directory" in refused(f"--store.directory={tmp_path / 'file' / 'below'}")


def test_beyond_loopback_with_the_token_everywhere(serve):
    server = serve(admin__host="0.0.0.0", admin__metrics_token="true")
    assert server.admin("GET", "/healthz", headers={})[0] == 200
    assert server.admin("GET", "/api/stats", headers={})[0] == 401


def test_the_state_folder_follows_the_environment(program, tmp_path):
    for variables, where in (({"STATE_DIRECTORY": f"{tmp_path}/unit:{tmp_path}/second"}, "unit"),
                             ({"XDG_STATE_HOME": f"{tmp_path}/xdg"}, "xdg/storysign"),
                             ({"HOME": f"{tmp_path}/home"}, "home/.local/state/storysign")):
        server = Server(program, tmp_path, environment={"STATE_DIRECTORY": "", "XDG_STATE_HOME": "", **variables}, store__directory="")
        server.close()
        assert (tmp_path / where / "admin.token").is_file(), server.errors()


def test_readiness_ends_with_the_drain(serve):
    server = serve(server__drain_timeout_ms=2000)
    assert server.admin("GET", "/readyz", headers={}) == (200, {"status": "ready"})
    # It never answers a close, so the server waits for it.
    client = hostile.RawSocket(server.port)
    server.process.terminate()
    deadline = time.monotonic() + 5
    while (answer := server.admin("GET", "/readyz", headers={}))[0] == 200 and time.monotonic() < deadline:
        time.sleep(0.02)
    client.close()
    assert answer == (503, {"status": "stopping"})
