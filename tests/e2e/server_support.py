"""What the tests of `storysign serve` share: a server on a free port, its clients, and frames to send."""

import contextlib
import http.client
import json
import pathlib
import signal
import socket
import ssl
import struct
import subprocess
import time

import pytest
from websockets.sync.client import connect

from client_messages import free_port
from conftest import program_environment

START_SECONDS = 60
ANSWER_HEADER = struct.Struct("<BBHIQIHHBBBBHHIIIIIIBBHHBB")


class Server:
    """One `storysign serve` process. Keys are settings: Server(program, server__max_connections=2).

    Nobody is refused for want of capacity unless a test asks for that: tests connect faster than people, to servers under a sanitizer too.
    """

    def __init__(self, program, folder, arguments=(), environment=None, **settings):
        self.port = free_port()
        self.log_path = folder / f"server-{self.port}.log"
        settings.setdefault("server__port", self.port)
        settings.setdefault("performance__admission", "false")
        self.admin_port = settings.setdefault("admin__port", free_port())
        self.state = pathlib.Path(settings.setdefault("store__directory", folder / f"state-{self.port}"))
        given = [f"--{key.replace('__', '.')}={value}" for key, value in settings.items()]
        self.is_tls = "server__tls_certificate" in settings
        self.log = open(self.log_path, "w")
        self.process = subprocess.Popen([str(program), "serve", *given, *arguments], stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, cwd=folder,
                                        env={**program_environment(), **(environment or {})})
        self.ready_line = self._wait()

    def _wait(self):
        deadline = time.monotonic() + START_SECONDS
        line = self.process.stdout.readline()
        if "ready" not in line or time.monotonic() > deadline:
            self.process.kill()
            self.process.wait()
            pytest.fail(f"the server did not become ready: {line!r} {self.errors()}")
        return line

    def errors(self):
        self.log.flush()
        return self.log_path.read_text()

    def get(self, path, method="GET", headers=None, body=None):
        """(status, headers, body) of one request."""
        kind = http.client.HTTPSConnection if self.is_tls else http.client.HTTPConnection
        extra = {"context": ssl._create_unverified_context()} if self.is_tls else {}
        connection = kind("127.0.0.1", self.port, timeout=10, **extra)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def get_json(self, path):
        return json.loads(self.get(path)[2])

    def token(self):
        return (self.state / "admin.token").read_text().strip()

    def admin(self, method, path, body=None, headers=None):
        """(status, JSON object or text) of one request to the admin listener, with the token."""
        given = {"Authorization": f"Bearer {self.token()}"} if headers is None else headers
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, body=None if body is None else json.dumps(body), headers=given)
            answer = connection.getresponse()
            text = answer.read().decode()
            is_json = answer.getheader("Content-Type") == "application/json" and text
            return answer.status, json.loads(text) if is_json else text

    def samples(self):
        """What /metrics says, by name and labels."""
        status, text = self.admin("GET", "/metrics")
        assert status == 200
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))}

    def url(self):
        return f"{'wss' if self.is_tls else 'ws'}://127.0.0.1:{self.port}/ws/video"

    def connect(self, binary=False, **options):
        """A client that has been greeted; its greeting is in .greeting."""
        if self.is_tls:
            options.setdefault("ssl", ssl._create_unverified_context())
        if binary:
            options["subprotocols"] = ["storysign.v1"]
        client = connect(self.url(), compression=None, max_size=None, **options)
        client.greeting = json.loads(client.recv(timeout=10))
        return client

    def stop(self):
        """Asks for a clean end; (exit code, seconds it took)."""
        begin = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20)
        return code, time.monotonic() - begin

    def close(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.stop()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()


def read_answer(message):
    """The header of an answer as a dictionary, with the bytes that follow it."""
    names = ("version kind flags frame_number capture_time server_frame_number width height profile skip_reason "
             "advised_fps error replaced expired queue decode vision render encode total quality quality_reason "
             "landmark_bytes text_bytes compression frame_skip").split()
    out = dict(zip(names, ANSWER_HEADER.unpack_from(message)))
    rest = message[ANSWER_HEADER.size:]
    out["landmarks"] = rest[:out["landmark_bytes"]]
    out["text"] = rest[out["landmark_bytes"]:out["landmark_bytes"] + out["text_bytes"]].decode()
    out["picture"] = rest[out["landmark_bytes"] + out["text_bytes"]:]
    for bit, name in enumerate("success inferred pose left_hand right_hand face".split()):
        out[name] = bool(out["flags"] >> bit & 1)
    return out


def receive(client, seconds=20):
    message = client.recv(timeout=seconds)
    return json.loads(message) if isinstance(message, str) else read_answer(message)


def number_of(client):
    return int(client.greeting["client_id"].removeprefix("client_"))


def session_of(server, client):
    number = number_of(client)
    return next(s for s in server.admin("GET", "/api/sessions")[1]["sessions"] if s["number"] == number)


def until(holds, seconds=10):
    """Waits until holds() gives something true, and returns it."""
    deadline = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return value


def raw_request(port, text, seconds=8):
    """What the server says to these bytes until it hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as plain:
        plain.sendall(text.encode())
        out = b""
        while chunk := plain.recv(65536):
            out += chunk
        return out.decode(errors="replace")
