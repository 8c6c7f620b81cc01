"""What a real server keeps: sessions and attempts, through crashes, damage, backup and restore."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import sqlite3
import threading
import uuid

import jsonschema
import pytest

from client_messages import raw_frame
from server_support import Server, receive
from store_support import ask, attempt, rows

PAGE = 4096


def stored(server):
    status, found, _ = ask(server, "GET", "/api/attempts?limit=1000")
    assert status == 200
    return {one["attempt_id"] for one in found["attempts"]}


@pytest.fixture(scope="module")
def server(serve_module):
    return serve_module(server__max_connections_per_address=20)


@pytest.fixture
def start(program, tmp_path):
    """Starts servers in one folder, with one state folder, and ends them with the test."""
    with contextlib.ExitStack() as stack:

        def begin(**settings):
            settings.setdefault("store__directory", tmp_path / "state")
            begun = Server(program, tmp_path, **settings)
            stack.callback(begun.close)
            return begun

        yield begin


def test_an_attempt_is_stored_once(server):
    one = attempt(detail={"hand": "right"}, score=1, accepted=False)
    status, body, _ = ask(server, "POST", "/api/attempts", one)
    assert (status, body) == (201, {"ok": True, "attempt_id": one["attempt_id"]})
    status, body, _ = ask(server, "POST", "/api/attempts", {**one, "score": 0})
    assert (status, body) == (200, {"ok": True, "attempt_id": one["attempt_id"]})
    found = [a for a in ask(server, "GET", "/api/attempts?limit=1000")[1]["attempts"] if a["attempt_id"] == one["attempt_id"]]
    assert len(found) == 1
    assert found[0].pop("time").endswith("Z")
    assert found[0] == {**one, "session_id": None}


@pytest.mark.parametrize("change, words", [
    ({"attempt_id": "1"}, "attempt_id must be a uuid"), ({"attempt_id": None}, "attempt_id must be a uuid"),
    ({"session_id": "x"}, "session_id must be a uuid"), ({"kind": ""}, "kind must be a text of 1 to 64 bytes"),
    ({"kind": "k" * 65}, "kind must be"), ({"target": 5}, "target must be a text"), ({"target": "a\0b"}, "target must be a text"),
    ({"accepted": 1}, "accepted must be true or false"), ({"score": 1.5}, "score must be a number from 0 to 1"),
    ({"score": "1"}, "score must be"), ({"detail": []}, "detail must be an object"),
    ({"detail": {"x": "y" * 16384}}, "detail must be an object of at most 16384 bytes"), ({"points": 5}, "points")])
def test_a_wrong_attempt_is_refused_with_its_field(server, change, words):
    before = stored(server)
    status, body, _ = ask(server, "POST", "/api/attempts", attempt(**change))
    assert status == 400
    assert words in body["error"]
    assert stored(server) == before


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "1.5", ""])
def test_a_wrong_limit_is_refused(server, limit):
    status, body, _ = ask(server, "GET", f"/api/attempts?limit={limit}")
    assert status == 400 and "limit must be a whole number from 1 to 1000" in body["error"]


def test_the_newest_attempts_come_first(server):
    made = [attempt() for _ in range(3)]
    for one in made:
        assert ask(server, "POST", "/api/attempts", one)[0] == 201
    listed = [a["attempt_id"] for a in ask(server, "GET", "/api/attempts?limit=2")[1]["attempts"]]
    assert listed == [made[2]["attempt_id"], made[1]["attempt_id"]]


def resume(client, session_id):
    client.send(json.dumps({"type": "control", "action": "resume_session", "data": {"session_id": session_id}}))
    answer = receive(client)
    assert answer["type"] == "control_response" and answer["action"] == "resume_session"
    return answer["result"]


@pytest.mark.parametrize("binary", [False, True])
def test_a_session_goes_on_in_another_server(start, frame_folder, binary):
    jpeg = sorted(frame_folder.iterdir())[0].read_bytes()
    first = start()
    schema = first.get_json("/schema.json")
    with first.connect(binary=binary) as client:
        session = client.greeting["session_id"]
        jsonschema.validate(client.greeting, {**schema, "anyOf": [{"$ref": "#/$defs/connection_established"}]})
        if not binary:
            client.send(raw_frame(jpeg, 1))
            assert receive(client)["metadata"]["success"]
        client.send(json.dumps({"type": "control", "action": "set_quality", "data": {"profile": "ultra_performance"}}))
        assert receive(client)["result"]["success"]
        assert ask(first, "POST", "/api/attempts", attempt(session_id=session))[0] == 201
        # It ends without a word, as a machine does that loses its power.
        first.process.kill()
        first.process.wait()
    second = start()
    with second.connect(binary=binary) as client:
        fresh = client.greeting["session_id"]
        result = resume(client, session)
        assert result["success"] and result["resumed"] and result["session_id"] == session
        assert result["attempts"] == 1
        assert result["quality"]["profile"] == "ultra_performance" and not result["quality"]["auto"]
        assert resume(client, str(uuid.uuid4()))["success"] is False
    assert second.stop()[0] == 0
    assert rows(second, f"SELECT count(*) FROM sessions WHERE id = '{fresh}'") == [(0,)]
    assert rows(second, f"SELECT epoch, close_code FROM sessions WHERE id = '{session}'") == [(1, 1000)]
    changes = rows(second, f"SELECT epoch, profile, reason FROM quality_changes WHERE session_id = '{session}' ORDER BY epoch, number")
    assert changes == [(0, "balanced", "start"), (0, "ultra_performance", "client"), (1, "balanced", "start"),
                       (1, "ultra_performance", "client")]


def test_a_stop_is_written_down(start):
    server = start()
    with server.connect() as client:
        session = client.greeting["session_id"]
        assert server.stop()[0] == 0
    assert rows(server, f"SELECT close_code FROM sessions WHERE id = '{session}'") == [(1012,)]


def test_a_learner_gets_all_data_and_can_delete_it(server):
    with server.connect() as client:
        session = client.greeting["session_id"]
    mark = f"unusual-{uuid.uuid4().hex}"
    assert ask(server, "POST", "/api/attempts", attempt(session_id=session, target=mark))[0] == 201
    status, data, headers = ask(server, "GET", "/api/learners/guest/export")
    assert status == 200 and "attachment" in headers["Content-Disposition"]
    assert mark in [one["target"] for one in data["attempts"]]
    assert session in [one["session_id"] for one in data["sessions"]]
    assert data["account"]["name"] == "guest"
    assert ask(server, "GET", "/api/learners/somebody/export")[0] in (401, 403)
    assert ask(server, "DELETE", "/api/learners/somebody/data")[0] in (401, 403)
    assert mark.encode() in b"".join(path.read_bytes() for path in server.state.glob("storysign.db*"))
    status, body, _ = ask(server, "DELETE", "/api/learners/guest/data")
    assert (status, body["ok"], body["compacted"]) == (200, True, True)
    assert stored(server) == set()
    data = ask(server, "GET", "/api/learners/guest/export")[1]
    assert data["sessions"] == [] and [line["action"] for line in data["audit"]] == ["data_deleted", "data_exported"]
    assert mark.encode() not in b"".join(path.read_bytes() for path in server.state.glob("storysign.db*"))


def test_old_sessions_are_removed(start):
    server = start()
    for _ in range(2):
        with server.connect():
            pass
    server.stop()
    with contextlib.closing(sqlite3.connect(server.state / "storysign.db")) as database:
        database.execute("UPDATE sessions SET last_seen = last_seen - 3 * 86400 * 1000000 WHERE rowid = 1")
        database.commit()
    kept = start(store__retention_days=0)
    kept.stop()
    assert rows(kept, "SELECT count(*) FROM sessions") == [(2,)]
    kept = start(store__retention_days=4)
    kept.stop()
    assert rows(kept, "SELECT count(*) FROM sessions") == [(2,)]
    cleaned = start(store__retention_days=2)
    cleaned.stop()
    assert rows(cleaned, "SELECT count(*) FROM sessions") == [(1,)]


def test_the_store_may_lie_elsewhere(start, tmp_path):
    server = start(store__url=f"sqlite:{tmp_path}/elsewhere.db")
    assert ask(server, "POST", "/api/attempts", attempt())[0] == 201
    assert (tmp_path / "elsewhere.db").is_file() and not (server.state / "storysign.db").exists()


def test_a_full_queue_is_said_and_counted(start):
    server = start(store__queue=16)
    with contextlib.closing(sqlite3.connect(server.state / "storysign.db", isolation_level=None)) as database:
        # Another program holds the right to write, as a backup tool that hangs would.
        database.execute("BEGIN IMMEDIATE")
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            waiting = [pool.submit(ask, server, "POST", "/api/attempts", attempt()) for _ in range(40)]
            full = next(done.result() for done in concurrent.futures.as_completed(waiting) if done.result()[0] != 201)
            assert full[0] == 503 and "too much to write" in full[1]["error"] and full[2]["Retry-After"] == "1"
            database.execute("ROLLBACK")
            answers = [done.result()[0] for done in waiting]
    assert set(answers) == {201, 503}
    assert len(stored(server)) == answers.count(201)
    assert server.get_json("/api/stats")["store_writes"]["refused"] >= answers.count(503)


@pytest.mark.parametrize("settings, words", [
    (["--store.url=mysql://x"], "store.url is"),
    (["--store.url=postgresql://me:hunter2@db/x"], "store.password_file"),
    (["--store.url=postgresql://me@127.0.0.1:1/x"], "PostgreSQL cannot be reached"),
    (["--store.url=postgresql://me@db/x", "--store.password_file=none"], "store.password_file names none"),
    (["--store.directory=/proc/none"], "/proc/none")])
def test_a_store_that_cannot_be_used_is_refused_at_start(storysign, settings, words):
    done = storysign("serve", *settings)
    assert done.returncode in (1, 2)
    assert words in done.stderr and len(done.stderr.splitlines()) == 1
    assert "hunter2" not in done.stderr


def test_the_password_is_never_shown(storysign, tmp_path):
    (tmp_path / "password").write_text("hunter2\n")
    for json_too in ([], ["--json"]):
        shown = storysign("config", "show", *json_too, "--store.password_file=password", "--store.url=postgresql://me@db/x")
        assert shown.returncode == 0 and "password" in shown.stdout and "hunter2" not in shown.stdout
        refused = storysign("config", "show", *json_too, "--store.url=postgresql://me:hunter2@db/x")
        assert refused.returncode == 2 and "store.password_file" in refused.stderr
        assert "hunter2" not in refused.stdout + refused.stderr


def test_a_backup_over_the_admin_listener(start, storysign):
    server = start(store__backups_kept=2)
    assert ask(server, "POST", "/api/attempts", attempt())[0] == 201
    status, body = server.admin("POST", "/api/backup", {"file": "by-hand.db"})
    assert status == 200 and body["ok"]
    assert pathlib.Path(body["file"]) == server.state / "backups" / "by-hand.db"
    assert body["bytes"] == pathlib.Path(body["file"]).stat().st_size
    for name in ("../x.db", ".hidden", "a/b", 5, ""):
        assert server.admin("POST", "/api/backup", {"file": name})[0] == 400
    assert server.admin("POST", "/api/backup", {"file": "by-hand.db"})[0] == 400
    for _ in range(3):
        assert server.admin("POST", "/api/backup", {})[0] == 200
    assert len(list((server.state / "backups").glob("storysign-*.db"))) == 2
    assert (server.state / "backups" / "by-hand.db").exists()
    refused = storysign("restore", body["file"], f"--store.directory={server.state}")
    assert refused.returncode == 1 and "in use by a running server" in refused.stderr


def write_until_killed(server, at_most=400):
    """Attempts of four clients; those that were acknowledged, in order, before the server was killed in the middle."""
    acknowledged, refused, lock, enough = [], [], threading.Lock(), threading.Event()

    def client():
        with contextlib.suppress(OSError, http.client.HTTPException):
            for _ in range(at_most):
                one = attempt()
                status, body, _ = ask(server, "POST", "/api/attempts", one)
                if status != 201:
                    refused.append((status, body))
                    return
                with lock:
                    acknowledged.append(one["attempt_id"])
                    if len(acknowledged) >= 40:
                        enough.set()

    threads = [threading.Thread(target=client) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    server.process.kill()
    for thread in threads:
        thread.join()
    server.process.wait()
    assert not refused
    return acknowledged


def test_disaster(start, storysign):
    """kill -9 in the middle of writes, a damaged file, a backup brought back: what was acknowledged is not lost."""
    server = start()
    before_crash = write_until_killed(server)
    assert len(before_crash) >= 40

    server = start()
    assert set(before_crash) <= stored(server), "acknowledged, and lost by kill -9"
    saved = storysign("backup", f"--store.directory={server.state}")
    assert saved.returncode == 0, saved.stderr
    backup, = (server.state / "backups").glob("storysign-*.db")
    assert str(backup) in saved.stdout and "written and checked" in saved.stdout
    in_backup = stored(server)
    after_backup = write_until_killed(server)

    file = server.state / "storysign.db"
    # What the log holds would heal the pages: it is brought into the file first, then pages are overwritten.
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(file, "r+b") as damaged:
        for page in range(4, os.path.getsize(file) // PAGE):
            damaged.seek(page * PAGE)
            damaged.write(b"\xa5" * PAGE)
    refused = storysign("serve", f"--store.directory={server.state}")
    assert refused.returncode == 1
    assert "is damaged" in refused.stderr and "storysign restore FILE" in refused.stderr

    restored = storysign("restore", str(backup), f"--store.directory={server.state}")
    assert restored.returncode == 0, restored.stderr
    assert "is kept as" in restored.stdout
    assert list(server.state.glob("storysign.db.before-*"))
    server = start()
    now = stored(server)
    assert now == in_backup, "what the backup held, all of it"
    assert set(before_crash) <= now, "acknowledged before the backup, and lost"
    lost = set(after_backup) - now
    assert lost == set(after_backup), "only what came after the backup is lost, and all of that is told"
    assert ask(server, "POST", "/api/attempts", attempt())[0] == 201
