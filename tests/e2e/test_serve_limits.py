"""What the server refuses, and how it says so."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from client_messages import LANDMARKS, binary_frame, raw_frame
from hostile import RawSocket
from server_support import raw_request, receive

pytestmark = pytest.mark.alone

JPEG_HEAD = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")


@pytest.fixture(scope="module")
def server(serve_module):
    return serve_module(limits__handshake_timeout_ms=1000, limits__penalty_ms=0,
                        limits__first_message_timeout_ms=1500, limits__header_bytes=4096, limits__body_bytes=1000,
                        websocket__max_size_bytes=200000)


def closed_with(client, seconds=10):
    """The close code, after whatever was still said."""
    said = []
    with pytest.raises(ConnectionClosed):
        while True:
            said.append(client.recv(timeout=seconds))
    return client.close_code, said


def test_http_addresses(server):
    status, headers, body = server.get("/")
    assert status == 200 and b"<!doctype html" in body.lower()
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
    assert server.get_json("/healthz") == {"status": "ok"}
    assert server.get_json("/readyz") == {"status": "ready"}
    assert server.get_json("/version")["name"] == "storysign"
    stats = server.get_json("/api/stats")
    assert stats["workers"]["count"] >= 1 and stats["sessions_open"] >= 0
    assert stats["resources"]["memory_bytes"] > 1e6
    for path in ("/nothing", "/../etc/passwd", "/assets/", "/ws/other"):
        status, headers, body = server.get(path)
        assert status == 404 and "error" in json.loads(body) and headers["Content-Type"] == "application/json"
    assert server.get("/", "POST", body="x")[0] == 405
    assert server.get("/ws/video")[0] == 426


@pytest.mark.parametrize("request_text, status", [
    ("GARBAGE\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: " + "y" * 5000 + "\r\n\r\n", 431),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + "z" * 5000, 413),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", 501),
])
def test_bad_requests(server, request_text, status):
    answer = raw_request(server.port, request_text)
    assert answer.startswith(f"HTTP/1.1 {status} ") and '"error"' in answer


def test_a_socket_that_asks_nothing_is_closed(server):
    begin = time.monotonic()
    assert raw_request(server.port, "GET / HT", 10) == ""
    assert 0.5 < time.monotonic() - begin < 8


def test_a_client_that_says_nothing_is_closed(server):
    with server.connect() as client:
        assert closed_with(client)[0] == 1008


def test_foreign_pages_may_not_connect(server):
    for origin, allowed in ((f"http://127.0.0.1:{server.port}", True), ("http://evil.example", False), ("null", False)):
        if allowed:
            server.connect(origin=origin).close()
            continue
        with pytest.raises(InvalidStatus) as refused:
            server.connect(origin=origin)
        assert refused.value.response.status_code == 403
        assert "allowed_origins" in refused.value.response.body.decode()


def test_oversized_messages(server):
    with server.connect() as client:
        client.send("x" * 200001)
        code, said = closed_with(client)
        assert code == 1009 and json.loads(said[0])["error_code"] == "MESSAGE_TOO_LARGE"


def test_too_many_frames_a_second(serve, jpeg):
    server = serve(limits__frames_per_second=10)
    with server.connect(binary=True) as client:
        with contextlib.suppress(ConnectionClosed):  # The server may have hung up before the last one.
            for number in range(30):
                client.send(binary_frame(jpeg, number))
        code, said = closed_with(client)
        assert code == 1008
        assert any('"RATE_LIMITED"' in text for text in said if isinstance(text, str))


def test_who_breaks_the_rules_waits_the_next_time(serve):
    server = serve(websocket__max_size_bytes=2000, limits__penalty_ms=1500)
    with server.connect() as client:
        client.send("x" * 2001)
        assert closed_with(client)[0] == 1009
    begin = time.monotonic()
    with server.connect(open_timeout=10):
        assert 1.3 < time.monotonic() - begin
    assert server.get_json("/healthz") == {"status": "ok"}


def test_full_server(serve):
    server = serve(server__max_connections=2)
    with server.connect(), server.connect():
        with server.connect() as third:
            assert third.greeting["error_code"] == "SERVER_FULL" and "2 places" in third.greeting["message"]
            assert closed_with(third)[0] == 1013
    deadline = time.monotonic() + 5
    while server.get_json("/api/stats")["sessions_open"] and time.monotonic() < deadline:
        time.sleep(0.05)
    with server.connect() as again:
        assert again.greeting["type"] == "connection_established"


def test_one_address_may_not_take_all(serve):
    server = serve(server__max_connections_per_address=1)
    with server.connect():
        with server.connect() as second:
            assert second.greeting["error_code"] == "SERVER_FULL" and "one address" in second.greeting["message"]
            assert closed_with(second)[0] == 1013


def test_jpeg_gate(server, ffmpeg):
    huge = ffmpeg("huge.jpg", "-f", "lavfi", "-i", "color=s=4000x3000", "-frames:v", "1", "-q:v", "20").read_bytes()
    tiny = ffmpeg("tiny.jpg", "-f", "lavfi", "-i", "color=s=8x8", "-frames:v", "1").read_bytes()
    with server.connect(binary=True) as client:
        for jpeg, words in ((b"", "no bytes"), (b"GIF89a" * 10, "JPEG"), (JPEG_HEAD, "ends"), (huge, "1920"), (tiny, "16")):
            client.send(binary_frame(jpeg, 1, LANDMARKS))
            answer = receive(client)
            assert not answer["success"] and answer["error"] == 1
            assert words in answer["text"], answer["text"]


def test_stop_answers_what_is_in_flight(serve, brother, ffmpeg):
    jpeg = ffmpeg("brother.jpg", "-i", brother, "-frames:v", "1").read_bytes()
    server = serve()
    with server.connect() as client:
        client.send(raw_frame(jpeg))
        server.process.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        code, said = closed_with(client)
        kinds = [json.loads(text)["type"] for text in said]
        assert code == 1012 and sorted(kinds) == ["processed_frame", "server_shutdown"]
    assert server.process.wait(timeout=10) == 0
    assert time.monotonic() - begin < 10


def test_stop_does_not_wait_for_who_does_not_close(serve):
    server = serve(server__drain_timeout_ms=1500)
    with contextlib.closing(RawSocket(server.port)):
        code, seconds = server.stop()
        assert code == 0 and seconds < 9


def test_readiness_goes_off_before_the_end(serve):
    server = serve(server__drain_timeout_ms=3000)
    with contextlib.closing(RawSocket(server.port)):
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert server.get("/readyz")[0] == 503 and server.get("/healthz")[0] == 200
        with pytest.raises(InvalidStatus) as refused:
            server.connect()
        assert refused.value.response.status_code == 503


def make_certificate(folder, name):
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", certificate], check=True,
                   capture_output=True)
    return certificate, key


def served_name(server):
    out = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}"], input=b"", capture_output=True)
    return out.stdout.decode()


def test_tls_and_a_new_certificate(serve, tmp_path, brother, ffmpeg):
    certificate, key = make_certificate(tmp_path, "first.example")
    server = serve(server__tls_certificate=certificate, server__tls_key=key)
    assert server.ready_line.startswith("StorySign is ready: open https://")
    status, headers, _ = server.get("/healthz")
    assert status == 200 and "Strict-Transport-Security" in headers
    jpeg = ffmpeg("brother.jpg", "-i", brother, "-frames:v", "1").read_bytes()
    with server.connect(binary=True) as client:
        client.send(binary_frame(jpeg))
        assert receive(client)["success"]
        assert "first.example" in served_name(server)
        make_certificate(tmp_path, "second.example")
        deadline = time.monotonic() + 10
        while "second.example" not in served_name(server) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert "second.example" in served_name(server)
        key.write_text("no key")
        time.sleep(2.5)
        assert "second.example" in served_name(server), "a broken file does not end TLS"
        client.send(binary_frame(jpeg, 2))
        assert receive(client)["success"], "a connection outlives its certificate"


@pytest.mark.parametrize("settings, words", [
    (["--server.port=notaport"], "server.port"),
    (["--limits.frames_per_second=0"], "limits.frames_per_second"),
    (["--server.tls_certificate=/x.pem"], "server.tls_key"),
    (["--server.tls_certificate=/x.pem", "--server.tls_key=/y.pem"], "/x.pem"),
    (["--server.host=no.such.host.invalid"], "no.such.host.invalid"),
    (["--server.web_directory=/nonexistent"], "/nonexistent"),
])
def test_nonsense_is_refused_at_start(storysign, settings, words):
    done = storysign("serve", "--server.port=0" if "port" not in settings[0] else settings[0], *settings[1:]) \
        if "port" in settings[0] else storysign("serve", *settings)
    assert done.returncode in (1, 2) and words in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2, done.stderr


def test_a_port_in_use_is_named(serve, storysign):
    server = serve()
    done = storysign("serve", f"--server.port={server.port}")
    assert done.returncode == 1 and str(server.port) in done.stderr and "in use" in done.stderr
    assert os.path.exists(f"/proc/{server.process.pid}")


@pytest.fixture(scope="module")
def big_file(serve_module, tmp_path_factory):
    """A server whose page has a file that no socket takes at once, and that file's content."""
    page = tmp_path_factory.mktemp("page")
    (page / "index.html").write_text("<!doctype html>", encoding="utf-8")
    (page / "assets").mkdir()
    content = os.urandom(1 << 20) * 12
    (page / "assets" / "big.bin").write_bytes(content)
    return serve_module(server__web_directory=page, limits__outbox_timeout_ms=500), content


def ask_for_big_file(server):
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    plain.settimeout(8)
    plain.connect(("127.0.0.1", server.port))
    plain.sendall(b"GET /assets/big.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    return plain


def test_a_slow_client_gets_a_big_file(big_file):
    server, content = big_file
    with ask_for_big_file(server) as plain:
        begin, out = time.monotonic(), bytearray()
        while chunk := plain.recv(1 << 18):
            out += chunk
            time.sleep(0.05)
        # Else it was not slow enough to show anything.
        assert time.monotonic() - begin > 1.5
    head, _, body = bytes(out).partition(b"\r\n\r\n")
    assert b"immutable" in head and f"Content-Length: {len(content)}".encode() in head
    assert body == content


def test_a_client_that_takes_nothing_is_cut_off(big_file):
    server, content = big_file
    with ask_for_big_file(server) as plain:
        time.sleep(3)
        out = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while chunk := plain.recv(1 << 18):
                out += chunk
    assert len(out) < len(content)
