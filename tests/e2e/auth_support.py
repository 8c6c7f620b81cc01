"""What the tests of accounts share: a store with one account of each role, a server on it, and clients that keep a cookie."""

import contextlib
import json
import re
import subprocess

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from conftest import program_environment
from server_support import Server

PASSWORD = "correct horse"
CHEAP = {"auth__argon2_memory_kib": 64, "auth__argon2_passes": 1}
COOKIE = re.compile(r"^storysign_session=([0-9a-f]{64}); Path=/; HttpOnly; SameSite=Strict; Max-Age=(\d+)$")


def account(program, folder, *arguments, password=PASSWORD, **options):
    """`storysign account ...` on the store in `folder`."""
    given = [str(program), "account", *map(str, arguments), f"--store.directory={folder}", "--auth.argon2_memory_kib=64",
             "--auth.argon2_passes=1"]
    return subprocess.run(given, input=f"{password}\n", capture_output=True, text=True, timeout=60, cwd=folder,
                          env=program_environment(), **options)


class Client:
    """A browser as far as it matters: it keeps the cookie."""

    def __init__(self, server, token=None):
        self.server = server
        self.token = token

    def ask(self, method, path, body=None, **headers):
        """(status, JSON or None, headers)."""
        sent = {"Content-Type": "application/json"} if method != "GET" else {}
        sent.update({key.replace("_", "-"): value for key, value in headers.items() if value is not None})
        if headers.get("Content_Type", "") is None:
            del sent["Content-Type"]
        if self.token:
            sent["Cookie"] = f"theme=dark; storysign_session={self.token}"
        text = None if body is None else body if isinstance(body, str) else json.dumps(body)
        status, got, answer = self.server.get(path, method, sent, text)
        found = COOKIE.match(got.get("Set-Cookie", ""))
        if found:
            self.token = found[1]
        return status, json.loads(answer) if answer else None, got

    def sign_in(self, name, password=PASSWORD):
        return self.ask("POST", "/api/auth/login", {"name": name, "password": password})

    def who(self):
        return self.ask("GET", "/api/auth/me")[1]["account"]


def signed_in(server, name, password=PASSWORD):
    client = Client(server)
    status, body, _ = client.sign_in(name, password)
    assert status == 200, body
    return client


@contextlib.contextmanager
def running(program, folder, **settings):
    server = Server(program, folder, **{"auth__mode": "accounts", "store__directory": folder, **CHEAP, **settings})
    try:
        yield server
    finally:
        server.close()


def open_socket(server, token=None, protocols=None):
    headers = {"Cookie": f"storysign_session={token}"} if token else {}
    return connect(server.url(), compression=None, max_size=None, additional_headers=headers, subprotocols=protocols)


def ticket_of(client):
    status, body, _ = client.ask("POST", "/api/auth/ws-token", {})
    assert status == 200 and body["expires_in_seconds"] == 60
    return body["token"]


def greeting(client):
    return json.loads(client.recv(timeout=10))["type"]


def closing(client):
    """(code, reason) with which the server closes."""
    with pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=15)
    return closed.value.rcvd.code, closed.value.rcvd.reason


def counted(server, name):
    """A counter of the stats, by its label."""
    return server.get_json("/api/stats")[name]


@pytest.fixture(scope="module")
def state(program, tmp_path_factory):
    """A store with one account of each role."""
    folder = tmp_path_factory.mktemp("accounts")
    for name, role in (("ada", "learner"), ("grace", "teacher"), ("root", "admin")):
        done = account(program, folder, "add", name, "--role", role)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def server(program, state):
    with running(program, state, auth__login_per_minute=1000) as one:
        yield one
