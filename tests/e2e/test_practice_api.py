"""Lessons, signs and progress over HTTP on a real server with its store."""

import contextlib
import datetime
import sqlite3
import uuid

import pytest

from auth_support import account, running, signed_in
from server_support import Server
from store_support import ask, attempt

LESSON = {"title": "Names", "note": "Slowly.", "items": [{"kind": "letters", "target": "ANNA"}, {"kind": "letters", "target": "BEN"}]}


@pytest.fixture(scope="module")
def server(serve_module):
    return serve_module()


def made(server, **changes):
    status, lesson, _ = ask(server, "POST", "/api/lessons", {**LESSON, **changes})
    assert status == 201, lesson
    return lesson


def practise(server, kind, target, *accepted):
    for one in accepted:
        body = attempt(kind=kind, target=target, accepted=one, score=1 if one else 0.2)
        assert ask(server, "POST", "/api/attempts", body)[0] == 201


def test_a_lesson_is_made_changed_and_removed(server):
    lesson = made(server)
    assert uuid.UUID(lesson["id"]) and lesson["by"] is None and lesson["updated"].endswith("Z")
    assert {key: lesson[key] for key in LESSON} == LESSON
    path = f"/api/lessons/{lesson['id']}"
    assert ask(server, "GET", path)[1] == lesson
    status, changed, _ = ask(server, "PUT", path, {**LESSON, "title": "Other names", "updated": lesson["updated"]})
    assert status == 200 and changed["title"] == "Other names" and changed["updated"] > lesson["updated"]
    assert ask(server, "GET", "/api/lessons")[1]["lessons"][0] == changed
    assert ask(server, "DELETE", path, {})[0] == 204
    assert ask(server, "GET", path)[0] == 404
    assert lesson["id"] not in [one["id"] for one in ask(server, "GET", "/api/lessons")[1]["lessons"]]


def test_the_newest_lesson_comes_first(server):
    first, second = made(server, title="First"), made(server, title="Second")
    assert [one["id"] for one in ask(server, "GET", "/api/lessons")[1]["lessons"]][:2] == [second["id"], first["id"]]
    ask(server, "PUT", f"/api/lessons/{first['id']}", LESSON)
    assert ask(server, "GET", "/api/lessons")[1]["lessons"][0]["id"] == first["id"]


def test_two_who_change_a_lesson_at_a_time_do_not_undo_each_other(server):
    lesson = made(server)
    path = f"/api/lessons/{lesson['id']}"
    assert ask(server, "PUT", path, {**LESSON, "title": "Mine", "updated": lesson["updated"]})[0] == 200
    status, body, _ = ask(server, "PUT", path, {**LESSON, "title": "Yours", "updated": lesson["updated"]})
    assert status == 409 and "Somebody else has changed this lesson" in body["error"]
    assert ask(server, "GET", path)[1]["title"] == "Mine"
    assert ask(server, "PUT", path, {**LESSON, "title": "Yours"})[0] == 200, "whoever names no time means it"


@pytest.mark.parametrize("change, words", [
    ({"title": ""}, "title must be a line of 1 to 80"), ({"title": "x" * 81}, "title"), ({"title": 5}, "title"),
    ({"note": "x" * 501}, "note must be a text of at most 500"), ({"items": []}, "items must be a list of 1 to 50"),
    ({"items": LESSON["items"] * 26}, "items must be"), ({"items": [{"kind": "letters", "target": "anna"}]}, "items[0].target"),
    ({"items": [*LESSON["items"], {"kind": "word", "target": "A"}]}, "items[2].kind"),
    ({"items": [{"kind": "sign", "target": "UNHEARD-OF"}]}, "record it first"), ({"color": "red"}, "color")])
def test_a_wrong_lesson_is_refused_with_its_field(server, change, words):
    before = ask(server, "GET", "/api/lessons")[1]
    status, body, _ = ask(server, "POST", "/api/lessons", {**LESSON, **change})
    assert status == 400 and words in body["error"]
    path = f"/api/lessons/{uuid.uuid4()}"
    assert ask(server, "PUT", path, {**LESSON, **change})[0] == 400
    assert ask(server, "GET", "/api/lessons")[1] == before


def test_lessons_are_finitely_many(program, tmp_path):
    server = Server(program, tmp_path)
    try:
        with contextlib.closing(sqlite3.connect(server.state / "storysign.db")) as database, database:
            database.executemany("INSERT INTO documents (kind, id, account_id, json, updated) VALUES ('lesson', ?, NULL, '{}', 1)",
                                 [(str(uuid.uuid4()),) for _ in range(499)])
        lesson = made(server)
        status, body, _ = ask(server, "POST", "/api/lessons", LESSON)
        assert status == 409 and "500 lessons already" in body["error"]
        assert ask(server, "PUT", f"/api/lessons/{lesson['id']}", LESSON)[0] == 200
        assert ask(server, "DELETE", f"/api/lessons/{lesson['id']}", {})[0] == 204
        made(server)
    finally:
        server.close()


def test_a_lesson_that_is_not_there(server):
    path = f"/api/lessons/{uuid.uuid4()}"
    for method, body in (("GET", None), ("PUT", LESSON), ("DELETE", {})):
        status, answer, _ = ask(server, method, path, body)
        assert status == 404 and "There is no lesson" in answer["error"]


def test_a_sign_that_is_not_there(server):
    status, answer, _ = ask(server, "GET", "/api/signs/UNHEARD-OF")
    assert (status, answer) == (404, {"error": "There is no sign UNHEARD-OF."})
    status, answer, _ = ask(server, "DELETE", "/api/signs/UNHEARD-OF", {})
    assert status == 404 and "No sign UNHEARD-OF has been recorded here." in answer["error"]


def test_progress_comes_from_attempts_and_outlives_a_restart(program, tmp_path):
    state = tmp_path / "state"
    server = Server(program, tmp_path, store__directory=state)
    empty = ask(server, "GET", "/api/progress")[1]
    assert empty == {"items": [], "days": [], "next": []}
    practise(server, "sign", "EAT", True)
    practise(server, "letters", "ANNA", False, False, True)
    practise(server, "sign", "MILK", True, False)
    practise(server, "sentence", "My brother eats.", True)
    before = ask(server, "GET", "/api/progress")[1]
    lesson = made(server)
    server.process.kill()
    server.close()

    server = Server(program, tmp_path, store__directory=state)
    try:
        after = ask(server, "GET", "/api/progress")[1]
        assert [(one["kind"], one["target"], one["attempts"], one["accepted"]) for one in after["items"]] == [
            ("sign", "EAT", 1, 1), ("sign", "MILK", 2, 1), ("letters", "ANNA", 3, 1)]
        assert [{**one, "strength": None} for one in after["items"]] == [{**one, "strength": None} for one in before["items"]]
        assert all(0 <= one["strength"] <= 1 for one in after["items"])
        assert sum(day["attempts"] for day in after["days"]) == 6
        assert all(datetime.date.fromisoformat(day["date"]) for day in after["days"])
        assert [(one["target"], one["why"]) for one in after["next"]] == [("MILK", "The last attempt was not accepted.")]
        eat = after["items"][0]
        assert datetime.datetime.fromisoformat(eat["due"]) - datetime.datetime.fromisoformat(eat["last"]) == datetime.timedelta(days=1)
        assert ask(server, "GET", f"/api/lessons/{lesson['id']}")[1] == lesson
        learners = ask(server, "GET", "/api/class")[1]["learners"]
        assert [(one["attempts"], one["accepted"]) for one in learners] == [(6, 3)]
        assert [(one["target"], one["attempts"], one["accepted"]) for one in learners[0]["hardest"]] == [("ANNA", 3, 1), ("MILK", 2, 1)]
        # What the guest deletes is its own; lessons belong to the server.
        assert ask(server, "DELETE", "/api/learners/guest/data", {})[0] == 200
        assert ask(server, "GET", "/api/progress")[1] == empty
        assert ask(server, "GET", "/api/class")[1] == {"learners": []}
        assert ask(server, "GET", f"/api/lessons/{lesson['id']}")[0] == 200
    finally:
        server.close()


def test_who_may_teach_and_whose_lessons_are_whose(program, tmp_path):
    for name, role in (("ada", "learner"), ("bob", "learner"), ("grace", "teacher"), ("root", "admin")):
        assert account(program, tmp_path, "add", name, "--role", role).returncode == 0
    with running(program, tmp_path) as server:
        ada, bob, grace, root = (signed_in(server, name) for name in ("ada", "bob", "grace", "root"))
        lesson = grace.ask("POST", "/api/lessons", LESSON)[1]
        path = f"/api/lessons/{lesson['id']}"
        assert lesson["by"] == "grace"
        for method, where, body in (("POST", "/api/lessons", LESSON), ("PUT", path, LESSON), ("DELETE", path, {}),
                                    ("GET", "/api/class", None), ("DELETE", "/api/signs/EAT", {})):
            status, answer, _ = ada.ask(method, where, body)
            assert status == 403 and "The role learner may not record signs, make lessons or see the class." in answer["error"]
        assert ada.ask("GET", path)[1] == lesson
        # Progress is one's own; a teacher sees the learners, and only them.
        ada.ask("POST", "/api/attempts", attempt(kind="sign", target="EAT", accepted=False))
        grace.ask("POST", "/api/attempts", attempt(kind="sign", target="EAT"))
        assert [one["attempts"] for one in ada.ask("GET", "/api/progress")[1]["items"]] == [1]
        assert bob.ask("GET", "/api/progress")[1]["items"] == []
        learners = {one["name"]: one for one in grace.ask("GET", "/api/class")[1]["learners"]}
        assert set(learners) == {"ada", "bob"}
        assert learners["bob"] == {"name": "bob", "attempts": 0, "accepted": 0, "last": None, "days": [], "hardest": []}
        assert learners["ada"]["hardest"] == [{"kind": "sign", "target": "EAT", "attempts": 1, "accepted": 0}]
        # Who saves a lesson has it; it is exported and goes with what else is theirs.
        taken = root.ask("PUT", path, LESSON)[1]
        assert taken["by"] == "root"
        mine = grace.ask("POST", "/api/lessons", {**LESSON, "title": "Grace's own"})[1]
        exported = grace.ask("GET", "/api/learners/grace/export")[1]
        assert "Grace's own" in str(exported) and lesson["id"] not in str(exported)
        assert grace.ask("DELETE", "/api/learners/grace/data", {})[0] == 200
        assert [one["id"] for one in ada.ask("GET", "/api/lessons")[1]["lessons"]] == [lesson["id"]] != [mine["id"]]
