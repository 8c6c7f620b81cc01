"""Who may use the server: accounts, cookies, roles, limits, and where it may run without; real server, store and requests."""

import json
import subprocess
import time

import pytest

from auth_support import COOKIE, PASSWORD, Client, account, counted, greeting, open_socket, running, server, signed_in, state
from conftest import program_environment

__all__ = ["server", "state"]  # Fixtures.

# Signing in and out.

def test_the_cookie_is_out_of_reach_and_ends_at_sign_out(server):
    client = Client(server)
    assert client.who() is None
    status, body, headers = client.sign_in("Ada")
    assert (status, body) == (200, {"account": {"name": "ada", "role": "learner"}})
    assert COOKIE.match(headers["Set-Cookie"])[2] == str(12 * 3600)
    assert client.who() == {"name": "ada", "role": "learner"}
    token = client.token
    status, body, headers = client.ask("POST", "/api/auth/logout", {})
    assert (status, body) == (204, None)
    assert headers["Set-Cookie"] == "storysign_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"
    assert Client(server, token).who() is None


def test_a_wrong_name_is_answered_like_a_wrong_password(server):
    wrong = Client(server).sign_in("ada", "wrong horse")
    unknown = Client(server).sign_in("nobody", PASSWORD)
    guest = Client(server).sign_in("guest", "")
    assert wrong[0] == unknown[0] == guest[0] == 401
    assert wrong[1] == unknown[1] == guest[1]
    assert "Set-Cookie" not in wrong[2]


@pytest.mark.parametrize("body", [{"name": "ada"}, {"password": "x"}, {"name": 1, "password": "x"},
                                  {"name": "ada", "password": PASSWORD, "admin": True}, "[]", "{", '{"name": "ada"}{}'])
def test_a_login_that_is_none_is_refused_with_a_sentence(server, body):
    status, answer, _ = Client(server).ask("POST", "/api/auth/login", body)
    assert status == 400
    assert answer["error"].endswith(".")


def test_a_login_ends_by_itself(program, state):
    with running(program, state, auth__session_hours=0.001, auth__idle_minutes=60) as server:
        client = signed_in(server, "ada")
        assert client.who() is not None
        time.sleep(4.5)
        assert client.who() is None, "0.001 h have passed"
    with running(program, state, auth__idle_minutes=0.03) as server:
        client = signed_in(server, "ada")
        for _ in range(6):
            time.sleep(0.5)
            assert client.who() is not None, "it is used"
        time.sleep(2.5)
        assert client.who() is None, "it was not used"


def test_a_new_password_ends_the_other_logins(program, state, server):
    assert account(program, state, "add", "eve").returncode == 0
    here, there = signed_in(server, "eve"), signed_in(server, "eve")
    change = {"old": PASSWORD, "new": "battery staple"}
    assert here.ask("POST", "/api/auth/password", {**change, "old": "wrong horse"})[0] == 403
    status, body, _ = here.ask("POST", "/api/auth/password", {**change, "new": "password"})
    assert status == 400 and "first that anybody would try" in body["error"]
    assert there.who() is not None
    assert here.ask("POST", "/api/auth/password", change)[0] == 204
    assert here.who() is not None
    assert there.who() is None
    assert Client(server).sign_in("eve")[0] == 401
    signed_in(server, "eve", "battery staple")


def test_tries_are_limited_by_address(program, state):
    with running(program, state, auth__login_per_minute=3) as server:
        client = Client(server)
        assert [client.sign_in("ada", "wrong horse")[0] for _ in range(3)] == [401] * 3
        status, body, headers = client.sign_in("root")
        assert status == 429, "even with the right one"
        assert 15 <= int(headers["Retry-After"]) <= 20
        assert "Too many tries" in body["error"]
        assert "Set-Cookie" not in headers
        failures = counted(server, "auth_failures")
        assert failures["login"] == 3 and failures["rate_limited"] == 1


# What pages of others could send.

@pytest.mark.parametrize("headers, status", [
    ({"Content_Type": "text/plain"}, 415),
    ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
    ({"Content_Type": None}, 415),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
])
def test_state_is_not_changed_for_a_foreign_page(server, headers, status):
    client = signed_in(server, "root")
    for method, path in (("POST", "/api/auth/logout"), ("POST", "/api/auth/password"), ("POST", "/api/auth/ws-token"),
                         ("POST", "/api/accounts"), ("PATCH", "/api/accounts/ada"), ("DELETE", "/api/accounts/ada"),
                         ("POST", "/api/auth/login")):
        assert client.ask(method, path, {}, **headers)[0] == status, (method, path)
    assert client.who() is not None


def test_the_own_page_may(server):
    client = Client(server)
    origin = f"http://127.0.0.1:{server.port}"
    status, *_ = client.ask("POST", "/api/auth/login", {"name": "ada", "password": PASSWORD}, Origin=origin)
    assert status == 200


def test_methods_and_addresses_that_do_not_exist(server):
    status, body, headers = Client(server).ask("PUT", "/api/auth/login", {})
    assert status == 405 and headers["Allow"] == "POST" and "POST" in body["error"]
    assert signed_in(server, "root").ask("PATCH", "/api/accounts/nobody", {"disabled": True})[0] == 404


# Roles.

# What each may do, as statuses for nobody, learner, teacher, admin.
TABLE = [
    ("GET", "/api/accounts", None, (401, 403, 200, 200)),
    ("POST", "/api/accounts", {"name": "new-{}", "password": PASSWORD}, (401, 403, 201, 201)),
    ("POST", "/api/accounts", {"name": "teacher-{}", "password": PASSWORD, "role": "teacher"}, (401, 403, 403, 201)),
    ("POST", "/api/accounts", {"name": "admin-{}", "password": PASSWORD, "role": "admin"}, (401, 403, 403, 201)),
    ("PATCH", "/api/accounts/learner-{}", {"display_name": "Someone"}, (401, 403, 200, 200)),
    ("PATCH", "/api/accounts/learner-{}", {"role": "teacher"}, (401, 403, 403, 200)),
    ("PATCH", "/api/accounts/root", {"display_name": "Root"}, (401, 403, 403, 200)),
    ("DELETE", "/api/accounts/root", {}, (401, 403, 403, 403)),
    ("DELETE", "/api/accounts/other-{}", {}, (401, 403, 204, 204)),
    ("POST", "/api/auth/ws-token", {}, (401, 200, 200, 200)),
    ("POST", "/api/auth/password", {"old": "wrong horse", "new": "x" * 8}, (401, 403, 403, 403)),
    ("GET", "/api/auth/me", None, (200, 200, 200, 200)),
    ("GET", "/api/attempts", None, (401, 200, 200, 200)),
    ("GET", "/api/learners/ada/export", None, (401, 200, 403, 200)),
    ("GET", "/api/learners/root/export", None, (401, 403, 403, 200)),
    ("DELETE", "/api/learners/grace/data", {}, (401, 403, 200, 200)),
]


@pytest.mark.parametrize("column, name", enumerate([None, "ada", "grace", "root"]))
def test_each_role_may_do_what_the_table_says(server, column, name):
    root = signed_in(server, "root")
    for kind in ("learner", "other"):
        root.ask("POST", "/api/accounts", {"name": f"{kind}-{column}", "password": PASSWORD})
    client = signed_in(server, name) if name else Client(server)
    for method, path, body, statuses in TABLE:
        text = None if body is None else json.dumps(body).replace("-{}", f"-{column}")
        status, answer, _ = client.ask(method, path.format(column), text)
        assert status == statuses[column], (name, method, path, body, answer)
        if status in (401, 403):
            assert answer["error"].endswith(".")


def test_a_teacher_sees_learners_only(server):
    _, body, _ = signed_in(server, "grace").ask("GET", "/api/accounts")
    assert {row["role"] for row in body["accounts"]} == {"learner"}
    assert "password" not in json.dumps(body) and "argon2" not in json.dumps(body)
    _, body, _ = signed_in(server, "root").ask("GET", "/api/accounts")
    assert {row["role"] for row in body["accounts"]} >= {"learner", "teacher", "admin"}
    assert "guest" not in {row["name"] for row in body["accounts"]}


def test_accounts_are_made_changed_disabled_and_removed(server):
    root = signed_in(server, "root")
    new = {"name": "Bob", "password": PASSWORD, "display_name": "Bob B."}
    status, body, _ = root.ask("POST", "/api/accounts", new)
    assert status == 201
    assert body["account"].items() >= {"name": "bob", "display_name": "Bob B.", "role": "learner", "disabled": False}.items()
    assert root.ask("POST", "/api/accounts", new)[0] == 400, "the name is taken"
    for bad in ({"name": "a b"}, {"name": "guest"}, {"name": "carl", "password": "short"}, {"name": "carl", "role": "king"},
                {"name": "carl", "colour": "red"}, {"name": "carl", "password": 5}, {"name": "carl", "display_name": "C\x1b[2J"},
                {"name": "carl", "display_name": 5}):
        status, body, _ = root.ask("POST", "/api/accounts", {"password": PASSWORD, **bad})
        assert status == 400 and body["error"].endswith("."), bad
    bob = signed_in(server, "bob")
    assert root.ask("PATCH", "/api/accounts/bob", {"disabled": True})[0] == 200
    assert bob.who() is None
    assert Client(server).sign_in("bob")[0] == 401
    assert root.ask("PATCH", "/api/accounts/bob", {"disabled": False, "password": "battery staple"})[0] == 200
    bob = signed_in(server, "bob", "battery staple")
    assert root.ask("PATCH", "/api/accounts/bob", {})[0] == 400
    assert root.ask("DELETE", "/api/accounts/bob", {})[0] == 204
    assert bob.who() is None
    assert root.ask("DELETE", "/api/accounts/bob", {})[0] == 404


# The open mode, and where it may be.

def test_in_the_open_mode_everybody_is_the_guest(program, tmp_path):
    with running(program, tmp_path, auth__mode="auto") as server:
        client = Client(server)
        assert client.ask("GET", "/api/auth/me")[1] == {"mode": "open", "account": {"name": "guest", "role": "learner"}}
        for path in ("/api/auth/login", "/api/auth/logout", "/api/auth/password", "/api/auth/ws-token"):
            status, body, _ = client.ask("POST", path, {})
            assert status == 409 and "auth.mode is open" in body["error"]
        for method, path in (("GET", "/api/accounts"), ("POST", "/api/accounts"), ("PATCH", "/api/accounts/ada"),
                             ("DELETE", "/api/accounts/ada")):
            status, body, _ = client.ask(method, path, {} if method != "GET" else None)
            assert status == 401 and "auth.mode is open" in body["error"]
        with open_socket(server) as socket:
            assert greeting(socket) == "connection_established"


def refused_start(program, folder, *settings):
    done = subprocess.run([str(program), "serve", f"--store.directory={folder}", "--admin.enabled=false",
                           "--server.host=0.0.0.0", *settings], capture_output=True, text=True, timeout=60, cwd=folder,
                          env=program_environment())
    assert done.returncode == 2, done.stderr
    return done.stderr


def test_others_are_let_in_only_with_accounts_and_tls_or_if_said_twice(program, tmp_path):
    assert "server.tls_certificate" in refused_start(program, tmp_path)
    assert "server.tls_certificate" in refused_start(program, tmp_path, "--auth.mode=accounts")
    assert "auth.mode" in refused_start(program, tmp_path, "--auth.mode=open")
    with running(program, tmp_path, server__host="0.0.0.0", auth__mode="open", auth__insecure="true") as server:
        assert Client(server).ask("GET", "/api/auth/me")[1]["mode"] == "open"
    with running(program, tmp_path, server__host="0.0.0.0", auth__mode="auto", auth__insecure="true") as server:
        assert Client(server).ask("GET", "/api/auth/me")[1] == {"mode": "accounts", "account": None}
        assert "no account yet" in server.errors()


def test_with_tls_the_cookie_is_secure(program, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", "key.pem", "-out", "cert.pem", "-days", "1", "-subj", "/CN=localhost"], cwd=tmp_path,
                   check=True, capture_output=True)
    assert account(program, tmp_path, "add", "ada").returncode == 0
    with running(program, tmp_path, server__host="0.0.0.0", auth__mode="auto", server__tls_certificate=tmp_path / "cert.pem",
                 server__tls_key=tmp_path / "key.pem") as server:
        _, _, headers = Client(server).sign_in("ada")
        assert headers["Set-Cookie"].endswith("; Secure")
