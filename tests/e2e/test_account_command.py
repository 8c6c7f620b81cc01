"""The operator's command for accounts, what can be read later of what was done, and that secrets are nowhere."""

import json
import os
import re
import stat
import subprocess

from auth_support import PASSWORD, Client, account, greeting, open_socket, running, signed_in, ticket_of
from conftest import program_environment

def test_the_operator_makes_and_changes_accounts(program, tmp_path):
    assert account(program, tmp_path, "list").stdout == "There are no accounts.\n"
    done = account(program, tmp_path, "add", "Ada", "--role", "admin", "--display-name", "Ada L.")
    assert (done.returncode, done.stdout) == (0, "The admin ada can sign in now.\n")
    assert re.match(r"ada +admin +Ada L\.\n", account(program, tmp_path, "list").stdout)
    assert account(program, tmp_path, "add", "ada").returncode == 2, "taken"
    for arguments, password in ((("add", "bob"), "short"), (("add", "a b"), PASSWORD), (("add", "guest"), PASSWORD),
                                (("add", "bob", "--role", "king"), PASSWORD), (("password", "nobody"), PASSWORD),
                                (("remove", "nobody"), PASSWORD), (("add", "bob"), "")):
        done = account(program, tmp_path, *arguments, password=password)
        assert done.returncode == 2 and done.stderr.startswith("storysign: "), arguments
    with running(program, tmp_path) as server:
        client = signed_in(server, "ada")
        assert account(program, tmp_path, "password", "ada", password="battery staple").returncode == 0
        assert client.who() is None, "signed out everywhere"
        assert account(program, tmp_path, "disable", "ada").returncode == 0
        assert Client(server).sign_in("ada", "battery staple")[0] == 401
        assert account(program, tmp_path, "enable", "ada").returncode == 0
        signed_in(server, "ada", "battery staple")
        assert account(program, tmp_path, "remove", "ada").returncode == 0
        assert Client(server).sign_in("ada", "battery staple")[0] == 401


def test_the_password_may_come_from_a_file_or_a_credential(program, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("battery staple\n")
    secret.chmod(0o644)
    done = account(program, tmp_path, "add", "ada", "--password-file", secret)
    assert done.returncode == 2 and "chmod 600" in done.stderr
    secret.chmod(0o600)
    assert account(program, tmp_path, "add", "ada", "--password-file", secret).returncode == 0
    done = account(program, tmp_path, "add", "bob", "--password-file", "credential:secret")
    assert done.returncode == 2 and "CREDENTIALS_DIRECTORY" in done.stderr
    environment = {**program_environment(), "CREDENTIALS_DIRECTORY": str(tmp_path)}
    given = [str(program), "account", "add", "bob", "--password-file", "credential:secret", f"--store.directory={tmp_path}"]
    assert subprocess.run(given, env=environment, cwd=tmp_path, capture_output=True, timeout=60).returncode == 0
    given[5] = "credential:../secret"
    assert subprocess.run(given, env=environment, cwd=tmp_path, capture_output=True, timeout=60).returncode == 2
    with running(program, tmp_path) as server:
        signed_in(server, "ada", "battery staple")
        signed_in(server, "bob", "battery staple")


def test_a_password_is_no_argument(program, tmp_path):
    done = account(program, tmp_path, "add", "ada", "--password", PASSWORD)
    assert done.returncode == 2
    assert account(program, tmp_path, "list").stdout == "There are no accounts.\n"


def test_the_cost_of_a_hash_follows_the_settings(program, tmp_path):
    assert account(program, tmp_path, "add", "ada").returncode == 0
    with running(program, tmp_path, auth__argon2_memory_kib=128, auth__argon2_passes=3, auth__argon2_lanes=2) as server:
        signed_in(server, "ada")
        server.stop()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("storysign.db"))
    assert b"$argon2id$v=19$m=128,t=3,p=2$" in stored


def test_what_was_done_can_be_read_later(program, tmp_path):
    assert account(program, tmp_path, "add", "ada", "--role", "admin").returncode == 0
    with running(program, tmp_path) as server:
        client = signed_in(server, "ada")
        Client(server).sign_in("ada", "wrong horse")
        client.ask("POST", "/api/accounts", {"name": "bob", "password": PASSWORD})
        client.ask("PATCH", "/api/accounts/bob", {"disabled": True})
        client.ask("GET", "/api/learners/ada/export")
        client.ask("DELETE", "/api/learners/bob/data", {})
        client.ask("DELETE", "/api/accounts/bob", {})
        client.ask("POST", "/api/auth/password", {"old": PASSWORD, "new": "battery staple"})
        client.ask("POST", "/api/auth/logout", {})
    lines = account(program, tmp_path, "audit").stdout
    actions = re.findall(r"actor=(\S*) action=(\S+) subject=(\S*)", lines)
    for expected in [("operator", "account_made", "ada"), ("ada", "login", "ada"), ("", "login_failed", "ada"),
                     ("ada", "account_changed", "(deleted)"), ("ada", "account_removed", ""), ("ada", "password_changed", "ada"),
                     ("ada", "logout", "ada")]:
        assert any(actor == expected[0] and action == expected[1] and subject in (expected[2], "")
                   for actor, action, subject in actions), (expected, lines)
    assert any("export" in action for _, action, _ in actions), lines
    assert any("delet" in action for _, action, _ in actions), lines
    assert len(account(program, tmp_path, "audit", "--limit", 2).stdout.splitlines()) == 2


# Secrets.

def test_secrets_are_nowhere_to_be_read(program, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("open sesame now\n")
    secret.chmod(0o600)
    account(program, tmp_path, "add", "ada", "--role", "admin", "--password-file", secret)
    with running(program, tmp_path, log__level="debug") as server:
        client = signed_in(server, "ada", "open sesame now")
        ticket = ticket_of(client)
        with open_socket(server, protocols=["storysign.v1", f"storysign.token.{ticket}"]) as socket:
            greeting(socket)
        Client(server).sign_in("ada", "another secret")
        said = [server.errors(), server.ready_line]
        for path in ("/api/stats", "/version", "/api/accounts", "/api/auth/me", "/api/learners/ada/export"):
            said.append(json.dumps(client.ask("GET", path)[1]))
        token = client.token
    shown = subprocess.run([str(program), "config", "show", f"--store.password_file={secret}"], capture_output=True,
                           text=True, cwd=tmp_path, env=program_environment(), timeout=60)
    assert str(secret) in shown.stdout
    said += [shown.stdout, account(program, tmp_path, "audit").stdout, account(program, tmp_path, "list").stdout]
    for text in said:
        for one in ("open sesame now", "another secret", token, ticket, "argon2id$"):
            assert one not in text
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("storysign.db"))
    for one in ("open sesame now", "another secret", token, ticket):
        assert one.encode() not in stored
    for path in tmp_path.iterdir():
        if path.name.startswith("storysign.db"):
            assert stat.S_IMODE(os.stat(path).st_mode) & 0o077 == 0, path
