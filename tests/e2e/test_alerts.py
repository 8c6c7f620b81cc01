"""Alerts of a real server, and a real HTTP server that is told of them.

The thresholds are such that any machine crosses them as soon as frames come, and falls below when none does.
"""

import contextlib
import http.server
import json
import socket
import ssl
import subprocess
import threading
import time

import pytest

from client_messages import binary_frame
from jpeg_file import clip_frames
from server_support import Server

pytestmark = pytest.mark.alone

QUICK = {"alerts__window_ms": 1000, "alerts__raise_after_ms": 500, "alerts__clear_after_ms": 500, "alerts__webhook_backoff_ms": 50,
         "alerts__cpu_warning_percent": 100, "alerts__cpu_critical_percent": 100, "alerts__drop_rate_warning_percent": 100,
         "alerts__drop_rate_critical_percent": 100}
LATE = {**QUICK, "alerts__latency_p95_warning_ms": 1}
# A word that must not turn up anywhere.
KEY = "s3cretkey"


class Receiver(http.server.ThreadingHTTPServer):
    """Takes what is posted to it, but answers the first ones with `refusals`. `posted` holds (time, path, headers, body, status)."""

    def __init__(self, refusals=(), context=None):
        super().__init__(("127.0.0.1", 0), Receiver.Handler)
        self.refusals, self.posted, self.changed = list(refusals), [], threading.Condition()
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"{'https' if context else 'http'}://localhost:{self.server_port}/hook/{KEY}?x=1"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # A client that does not trust the certificate hangs up.

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with self.server.changed:
                status = self.server.refusals.pop(0) if self.server.refusals else 204
                self.server.posted.append((time.monotonic(), self.path, dict(self.headers), json.loads(body), status))
                self.server.changed.notify_all()
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    def until(self, matches, seconds=30):
        """The first message taken for which `matches(alert)`."""
        def found():
            return next((body for *_, body, status in self.posted if status == 204 and matches(body["alert"])), None)
        with self.changed:
            assert self.changed.wait_for(found, seconds), self.posted
            return found()


@contextlib.contextmanager
def receiver(refusals=(), context=None):
    server = Receiver(refusals, context)
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def clip(brother):
    return clip_frames(brother)


class Flood:
    """A learner who sends more than is asked for, until it is closed."""

    def __init__(self, server, clip, fps=60):
        self.client, self.ends = server.connect(binary=True), threading.Event()
        self.threads = [threading.Thread(target=self._send, args=(clip, fps)), threading.Thread(target=self._read)]
        for thread in self.threads:
            thread.start()

    def _send(self, clip, fps):
        number = 0
        while not self.ends.wait(1 / fps):
            number += 1
            self.client.send(binary_frame(clip[number % len(clip)], number))

    def _read(self):
        with contextlib.suppress(Exception):
            for _ in self.client:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.threads[0].join()
        self.client.close()
        self.threads[1].join()


def wait_for_line(server, *words, seconds=30):
    """The first line of the log that holds all the words."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for line in server.errors().splitlines():
            if all(word in line for word in words):
                return line
        time.sleep(0.05)
    pytest.fail(f"no line with {words}: {server.errors()}")


def alerts_of(server):
    status, answer = server.admin("GET", "/api/alerts")
    assert status == 200
    return {row["name"]: row for row in answer["alerts"]}


def test_a_receiver_that_fails_twice_is_told_a_third_time(serve, clip):
    with receiver(refusals=[503, 500]) as hook:
        server = serve(**LATE, alerts__webhook_url=hook.url)
        with Flood(server, clip, fps=10):
            told = hook.until(lambda alert: alert["level"] == "warning")
        over = hook.until(lambda alert: alert["level"] == "ok")
        first = hook.posted[:3]
        assert [status for *_, status in first] == [503, 500, 204]
        assert first[0][3] == first[1][3] == first[2][3] == told
        # At least the half of 50 ms, then of 100 ms.
        assert first[1][0] - first[0][0] > 0.025 and first[2][0] - first[1][0] > 0.05
        _, path, headers, _, _ = first[0]
        assert path == f"/hook/{KEY}?x=1" and headers["Content-Type"] == "application/json"
        assert headers["Host"] == f"localhost:{hook.server_port}"
        alert = told["alert"]
        assert told["source"] == "storysign" and told["timestamp"].endswith("Z")
        assert (alert["name"], alert["before"], alert["unit"], alert["warning_at"], alert["critical_at"]) == ("latency_p95", "ok", "ms", 1, 200)
        assert alert["value"] > 1 and told["text"].endswith(alert["sentence"])
        assert (over["alert"]["name"], over["alert"]["before"], over["alert"]["value"]) == ("latency_p95", "warning", None)
        wait_for_line(server, "warning", "An alert warns.", "alert=latency_p95")
        wait_for_line(server, "info", "An alert is over.", "alert=latency_p95")
        wait_for_line(server, "The webhook took a message at last.", "tries=3")
        assert KEY not in server.errors()


def test_each_alert_is_raised_and_falls(serve, clip):
    names = {"latency_p95", "cpu", "drop_rate", "memory"}
    with receiver() as hook:
        server = serve(**{**LATE, "alerts__latency_p95_critical_ms": 2, "alerts__cpu_warning_percent": 2, "alerts__cpu_critical_percent": 3,
                          "alerts__drop_rate_warning_percent": 0, "alerts__drop_rate_critical_percent": 0, "alerts__memory_warning_mib": 1,
                          "alerts__memory_critical_mib": 2, "alerts__webhook_url": hook.url, "performance__workers": 1,
                          "performance__tracking": "reference"})
        with Flood(server, clip), Flood(server, clip):
            for name in names:
                hook.until(lambda alert, name=name: alert["name"] == name and alert["level"] == "critical")
                wait_for_line(server, "error", "An alert is critical.", f"alert={name}")
            rows = alerts_of(server)
            assert set(rows) == names and {row["level"] for row in rows.values()} == {"critical"}
            assert rows["memory"]["value"] > 2 and rows["memory"]["critical_at"] == 2 and rows["memory"]["since"].endswith("Z")
        for name in names - {"memory"}:
            hook.until(lambda alert, name=name: alert["name"] == name and alert["level"] == "ok")
        rows = alerts_of(server)
        assert {name: row["level"] for name, row in rows.items()} == {name: "critical" if name == "memory" else "ok" for name in names}
        assert rows["latency_p95"]["value"] is None and rows["latency_p95"]["sentence"] == "No frame was answered lately."


def test_a_receiver_that_never_takes_it_is_given_up(serve, clip):
    with receiver(refusals=[503] * 100) as hook:
        server = serve(**LATE, alerts__webhook_url=hook.url, alerts__webhook_tries=2, log__level="debug")
        with Flood(server, clip, fps=10):
            wait_for_line(server, "The webhook does not take a message; it is given up.", "tries=2", "status 503")
        assert len(hook.posted) >= 2 and KEY not in server.errors()


def test_a_refusal_for_good_is_not_repeated(serve, clip):
    with receiver(refusals=[404]) as hook:
        server = serve(**LATE, alerts__webhook_url=hook.url)
        with Flood(server, clip, fps=10):
            wait_for_line(server, "given up", "tries=1", "status 404")


def test_nobody_there_is_no_hindrance(serve, clip):
    server = serve(**{**LATE, "alerts__webhook_url": "http://127.0.0.1:9/", "alerts__webhook_tries": 2, "alerts__webhook_backoff_ms": 60000})
    with Flood(server, clip, fps=10):
        wait_for_line(server, "An alert warns.")
    code, seconds = server.stop()
    assert code == 0 and seconds < 15, "a stop does not wait for the next try"


def test_a_receiver_that_does_not_answer_is_left_after_the_timeout(serve, clip):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = serve(**LATE, alerts__webhook_url=f"http://127.0.0.1:{silent.getsockname()[1]}/", alerts__webhook_timeout_ms=200,
                       alerts__webhook_tries=1)
        with Flood(server, clip, fps=10):
            wait_for_line(server, "given up", "tries=1")


def test_https_needs_a_certificate_of_a_known_root_for_that_host(program, tmp_path, clip, monkeypatch):
    def make(name):
        certificate, key = tmp_path / f"{name}.pem", tmp_path / f"{name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return certificate, context

    for name, trusted, taken in (("localhost", True, True), ("localhost", False, False), ("other.example", True, False)):
        certificate, context = make(name)
        # Where OpenSSL looks for the system's roots.
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate if trusted else tmp_path / "none.pem"))
        with receiver(context=context) as hook:
            server = Server(program, tmp_path, **LATE, alerts__webhook_url=hook.url, alerts__webhook_tries=1)
            try:
                with Flood(server, clip, fps=10):
                    if taken:
                        hook.until(lambda alert: alert["level"] == "warning")
                    else:
                        wait_for_line(server, "given up", "certificate verify failed")
                        assert not hook.posted
            finally:
                server.close()
