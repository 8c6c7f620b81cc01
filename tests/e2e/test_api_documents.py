"""The documents of docs/api against a running server: every path, method and message, and none that they lack."""

import contextlib
import copy
import json
import pathlib
import re
import sqlite3
import time
import uuid

import jsonschema
import pytest
from websockets.exceptions import ConnectionClosed

import api_documents
from api_documents import Caller, Document
from api_documents_accounts import with_accounts, without_accounts
from client_messages import EVERY, LANDMARKS, binary_frame, landmark_frame, raw_frame
from conftest import ROOT
from practice_support import Learner, as_attempt, pictures_of
from server_support import Server

OPENAPI = ("openapi.yaml", "admin.openapi.yaml")
# Where routes are named by who answers them.
SOURCES = ("src/server", "src/app/practice", "src/app/serve", "src/app/store", "src/auth")
# What this server asks of others: a story model's address.
OF_OTHERS = {"/api/chat"}


@pytest.fixture(scope="module")
def server(serve_module):
    return serve_module()


def check_methods(caller):
    """A method that the document does not name is refused, and the answer says which are not."""
    document = caller.document
    for path in document.data["paths"]:
        named = {method for method, where in document.operations if where == path}
        for method in {name.upper() for name in api_documents.METHODS} - named:
            status, headers, body = caller.ask(method, re.sub(r"\{\w+\}", "1", path), {} if method != "GET" else None)
            assert status == 405, f"{method} {path}: {status} {body[:300]!r}"
            allowed = {word.strip() for word in headers["Allow"].split(",")}
            assert allowed - {"HEAD"} == named, f"{method} {path}"
            document.validate(json.loads(body), "components", "schemas", "Error")


def ask_for_data(caller):
    """The addresses of what is kept, in the mode open: everybody is the guest."""
    attempt = {"attempt_id": str(uuid.uuid4()), "kind": "sign", "target": "hello", "accepted": True, "score": 0.5, "detail": {"a": 1}}
    elsewhere = {"Origin": "https://elsewhere.example"}
    caller.call("POST", "/api/attempts", 201, attempt)
    caller.call("POST", "/api/attempts", 200, attempt)
    caller.call("POST", "/api/attempts", 400, {**attempt, "score": 2})
    caller.call("POST", "/api/attempts", 400, {**attempt, "more": 1})
    caller.call("POST", "/api/attempts", 403, attempt, headers=elsewhere)
    caller.call("POST", "/api/attempts", 415, attempt, headers={"Content-Type": "text/plain"})
    kept = caller.call("GET", "/api/attempts", 200, query="?limit=1")["attempts"]
    assert [one["attempt_id"] for one in kept] == [attempt["attempt_id"]]
    caller.call("GET", "/api/attempts", 400, query="?limit=many")
    caller.call("GET", "/api/learners/{name}/export", 200, name="guest")
    caller.call("GET", "/api/learners/{name}/export", 403, name="somebody")
    caller.call("DELETE", "/api/learners/{name}/data", 403, {}, name="somebody")
    caller.call("DELETE", "/api/learners/{name}/data", 415, name="guest")
    caller.call("DELETE", "/api/learners/{name}/data", 200, {}, name="guest")
    assert caller.call("GET", "/api/attempts", 200)["attempts"] == []


def keep_a_sign(server):
    """A recorded sign, put where the server has kept it; one that comes with the program stands in for the recording."""
    sign = json.loads((ROOT / "data/signs.json").read_text(encoding="utf-8"))["signs"][0]
    with contextlib.closing(sqlite3.connect(server.state / "storysign.db")) as database, database:
        database.execute("INSERT INTO documents (kind, id, account_id, json, updated) VALUES ('sign', ?, NULL, ?, 1)",
                         (sign["gloss"], json.dumps(sign)))
    return sign["gloss"]


def ask_for_practice(caller, gloss):
    """Stories, signs, lessons and progress, in the mode open: the guest may teach."""
    caller.call("GET", "/api/stories", 200)
    caller.call("GET", "/api/stories", 400, query="?level=best")
    for level in ("amateur", "normal", "mid_level", "difficult", "expert"):
        caller.call("POST", "/api/stories", 200, {"word": "horse", "level": level})
    caller.call("POST", "/api/stories", 400, {"word": "horse", "topic": "animals", "level": "normal"})
    caller.call("GET", "/api/signs", 200)
    caller.call("GET", "/api/signs/{gloss}", 200, gloss=gloss)
    caller.call("DELETE", "/api/signs/{gloss}", 204, {}, gloss=gloss)
    for method in ("GET", "DELETE"):
        caller.call(method, "/api/signs/{gloss}", 404, None if method == "GET" else {}, gloss="UNHEARD-OF")
    lesson = {"title": "Names", "items": [{"kind": "letters", "target": "ANNA"}]}
    made = caller.call("POST", "/api/lessons", 201, lesson)
    caller.call("POST", "/api/lessons", 400, {**lesson, "title": ""})
    caller.call("GET", "/api/lessons", 200)
    one = "/api/lessons/{id}"
    caller.call("GET", one, 200, id=made["id"])
    caller.call("PUT", one, 200, {**lesson, "note": "Slowly."}, id=made["id"])
    caller.call("PUT", one, 409, {**lesson, "updated": made["updated"]}, id=made["id"])
    caller.call("PUT", one, 400, {**lesson, "items": []}, id=made["id"])
    caller.call("DELETE", one, 204, {}, id=made["id"])
    for method, body in (("GET", None), ("PUT", lesson), ("DELETE", {})):
        caller.call(method, one, 404, body, id=made["id"])
    for accepted in (False, True):
        attempt = {"attempt_id": str(uuid.uuid4()), "kind": "sign", "target": "EAT", "accepted": accepted, "score": 0.5}
        caller.call("POST", "/api/attempts", 201, attempt)
    assert caller.call("GET", "/api/progress", 200)["items"][0]["target"] == "EAT"
    assert caller.call("GET", "/api/class", 200)["learners"][0]["attempts"] == 2


def test_the_public_listener(program, tmp_path):
    (tmp_path / "first").mkdir()
    state = tmp_path / "state"
    first = Server(program, tmp_path / "first", store__directory=state)
    first.close()
    gloss = keep_a_sign(first)
    server = Server(program, tmp_path, store__directory=state)
    try:
        ask_the_public_listener(server, program, tmp_path, gloss)
    finally:
        server.close()


def ask_the_public_listener(server, program, tmp_path, gloss):
    caller = Caller(Document("openapi.yaml"), server.port)
    status, headers, _ = caller.ask("GET", "/")
    assert status == 200
    caller.call("GET", "/", 200)
    caller.call("GET", "/", 304, headers={"If-None-Match": headers["ETag"]})
    for path in ("/healthz", "/readyz", "/version", "/api/stats", "/schema.json"):
        caller.call("GET", path, 200)
    caller.call("GET", "/ws/video", 426)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    caller.call("GET", "/ws/video", 403, headers={**upgrade, "Origin": "https://elsewhere.example"})
    with server.connect():
        caller.seen.add(("GET", "/ws/video", "101"))
    ask_for_practice(caller, gloss)
    ask_for_data(caller)
    caller.seen |= without_accounts(server) | with_accounts(program, tmp_path)
    # A server that stops, one without a page, a store that cannot be reached, hundreds of lessons: tests of their own show these.
    assert {what for what in caller.never_seen() if what[2] != "503"} == {("POST", "/api/lessons", "409")}
    check_methods(caller)
    status, _, body = caller.ask("GET", "/nothing")
    assert status == 404
    caller.document.validate(json.loads(body), "components", "schemas", "Error")


def test_the_admin_listener(program, tmp_path, jpeg):
    server = Server(program, tmp_path)
    caller = Caller(Document("admin.openapi.yaml"), server.admin_port, {"Authorization": f"Bearer {server.token()}"})
    with server.connect() as client:
        client.send(raw_frame(jpeg))
        client.recv(timeout=20)
        for path in ("/healthz", "/readyz", "/version", "/metrics", "/api/overview", "/api/history", "/api/stats", "/api/sessions",
                     "/api/log", "/api/trace", "/api/alerts", "/admin/"):
            caller.call("GET", path, 200)
        caller.call("GET", "/admin", 301)
        for path in ("/api/history", "/api/trace"):
            caller.call("GET", path, 400, query="?more=1")
        number = caller.call("GET", "/api/sessions", 200)["sessions"][0]["number"]
        act_on_session(caller, number)
        caller.call("POST", "/api/sessions/{number}/kick", 400, {"reason": 1}, number=number)
        caller.call("POST", "/api/sessions/{number}/kick", 200, {"reason": "The lesson is over."}, number=number)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                client.recv(timeout=20)
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "The lesson is over.")
    act_on_all(caller)
    act_on_the_server(caller, tmp_path)
    without_token(caller)
    check_methods(caller)
    status, _, body = caller.ask("GET", "/nothing")
    assert status == 404
    caller.document.validate(json.loads(body), "components", "schemas", "Error")
    caller.call("POST", "/api/drain", 400, {"now": True})
    caller.call("POST", "/api/drain", 200, {})
    assert server.process.wait(timeout=20) == 0
    server.close()
    # A server that stops, a session that is stuck: tests of their own.
    assert caller.never_seen() == {("GET", "/readyz", "503"), ("POST", "/api/reload", "503"), ("POST", "/api/backup", "500")} | {
        ("POST", f"/api/sessions/{{number}}/{verb}", "504") for verb in ("profile", "skip", "kick")}


def act_on_session(caller, number):
    for verb, good, bad in (("profile", {"profile": "high_performance"}, {"profile": "best"}),
                            ("skip", {"frame_skip": 4}, {"frame_skip": 31})):
        path = "/api/sessions/{number}/" + verb
        caller.call("POST", path, 200, good, number=number)
        caller.call("POST", path, 400, bad, number=number)
        caller.call("POST", path, 400, {**good, "more": 1}, number=number)
        caller.call("POST", path, 404, good, number=999999)
        everybody = "/api/" + verb
        caller.call("POST", everybody, 200, good)
        caller.call("POST", path, 409, good, number=number)
        caller.call("POST", everybody, 200, {key: "auto" if verb == "profile" else None for key in good})
        caller.call("POST", path, 200, {key: "auto" if verb == "profile" else None for key in good}, number=number)
    caller.call("POST", "/api/sessions/{number}/kick", 404, {}, number=999999)


def act_on_all(caller):
    for path, good, bad in (("/api/profile", {"profile": "auto"}, {"profile": 1}), ("/api/skip", {"frame_skip": None}, {}),
                            ("/api/workers", {"workers": 1}, {"workers": 257}),
                            ("/api/log", {"room": "server", "level": "debug"}, {"room": "cellar", "level": "debug"})):
        caller.call("POST", path, 200, good)
        caller.call("POST", path, 400, bad)
        caller.call("POST", path, 400, "[]")
    caller.call("POST", "/api/log", 200, {"room": "server", "level": None})
    caller.call("POST", "/api/workers", 200, {"workers": 0})


def act_on_the_server(caller, folder):
    """Reload and backup; the server reads config.yaml of its folder."""
    (folder / "config.yaml").write_text("video:\n  fps: 20\n")
    assert caller.call("POST", "/api/reload", 200, {})["changed"] == ["video.fps"]
    (folder / "config.yaml").write_text("video:\n  fps: 700\n")
    assert len(caller.call("POST", "/api/reload", 409, {})["problems"]) == 1
    caller.call("POST", "/api/reload", 400, {"file": "a"})
    made = caller.call("POST", "/api/backup", 200, {})
    assert pathlib.Path(made["file"]).stat().st_size == made["bytes"]
    caller.call("POST", "/api/backup", 400, {"file": "../elsewhere"})


def without_token(caller):
    """What asks for the token answers 401 without it, and nothing else does."""
    for (method, path), operation in caller.document.operations.items():
        if operation.get("security", [{"token": []}]) == [{"token": []}]:
            for given in ("", "Bearer " + "0" * 64):
                caller.call(method, path, 401, {} if method != "GET" else None, headers={"Authorization": given}, number=1)
        else:
            assert caller.ask(method, path, headers={"Authorization": ""})[0] < 400


def test_no_route_lacks_a_document():
    documented = {api_documents.plain_path(path) for name in OPENAPI for path in Document(name).data["paths"]}
    missing = {}
    for folder in SOURCES:
        for path in (ROOT / folder).rglob("*.[ch]pp"):
            for route in api_documents.routes_in(path.read_text(encoding="utf-8")) - documented - OF_OTHERS:
                missing[route] = str(path.relative_to(ROOT))
    assert missing == {}


def test_routes_are_found_in_the_sources():
    text = '''if (path == "/healthz") {} else if (path.starts_with("/api/")) {}
        constexpr std::string_view kWebSocketPath = "/ws/video";
        routes_.add({.method = "GET", .pattern = "/metrics"}); get("/api/sessions/{}/kick");
        api.add(verb::post, "/api/accounts/{name}", right); ask("/api/history?since=1"); open("/etc/passwd");
        std::string pattern;  ///< "/api/example/{}".'''
    assert api_documents.routes_in(text) == {"/healthz", "/ws/video", "/metrics", "/api/sessions/{}/kick", "/api/accounts/{}",
                                             "/api/history"}
    found = set().union(*(api_documents.routes_in(path.read_text(encoding="utf-8")) for path in (ROOT / "src/server").glob("*.[ch]pp")))
    assert {"/healthz", "/api/stats", "/ws/video"} <= found


@pytest.mark.parametrize("name", OPENAPI)
def test_openapi_is_what_it_should_be(name):
    document = Document(name)
    assert document.data["openapi"].startswith("3.1.")
    assert api_documents.wrong_references(document) == []
    assert api_documents.wrong_schemas(document) == []
    assert api_documents.wrong_operations(document) == []


@pytest.mark.parametrize("change, words", [
    (lambda data: data["paths"]["/healthz"]["get"].pop("operationId"), "operationId"),
    (lambda data: data["paths"]["/healthz"]["get"].update(operationId="getReadiness"), "operationId"),
    (lambda data: data["paths"]["/healthz"]["get"].pop("summary"), "summary"),
    (lambda data: data["paths"].update({"/a/{b}": data["paths"]["/version"]}), "parts of its path"),
    (lambda data: data["paths"]["/version"]["get"]["responses"].update({"okay": {"description": "a"}}), "okay"),
    (lambda data: data["paths"]["/version"]["get"].update(security=[{"badge": []}]), "badge"),
    (lambda data: data["paths"]["/version"].update(post=data["paths"]["/version"]["get"]), "who may"),
    (lambda data: data["components"]["schemas"].pop("Error"), "not there"),
    (lambda data: data["components"]["schemas"].update(Error={"type": "text"}), "no schema"),
])
def test_a_mistake_in_openapi_is_found(change, words):
    data = copy.deepcopy(Document("openapi.yaml").data)
    change(data)
    document = Document("openapi.yaml", data)
    wrong = [*api_documents.wrong_references(document), *api_documents.wrong_schemas(document)]
    assert any(words in line for line in wrong or api_documents.wrong_operations(document))


def test_an_answer_that_is_not_as_described_is_found():
    document, kind = Document("openapi.yaml"), {"Content-Type": "application/json"}
    document.check_answer("GET", "/healthz", 200, kind, b'{"status":"ok"}')
    for status, headers, body in ((200, kind, b'{"status":"ok","more":1}'), (200, kind, b"{}"), (204, kind, b""),
                                  (200, {"Content-Type": "text/html"}, b"ok")):
        with pytest.raises((AssertionError, jsonschema.ValidationError)):
            document.check_answer("GET", "/healthz", status, headers, body)


def test_asyncapi_is_what_it_should_be(server):
    document = Document("asyncapi.yaml")
    assert document.data["asyncapi"] == "3.0.0"
    assert api_documents.wrong_references(document) == []
    assert api_documents.wrong_schemas(document) == []
    assert api_documents.wrong_channels(document) == []
    schema = (api_documents.FOLDER / "messages.schema.json").read_text(encoding="utf-8")
    assert schema == server.get("/schema.json")[2].decode(), "copy the answer of /schema.json into docs/api/messages.schema.json"
    kinds = {part["$ref"].rsplit("/", 1)[1] for side in ("client", "server") for part in json.loads(schema)["$defs"][side]["anyOf"]}
    assert set(document.data["components"]["messages"]) == kinds | {"binary_frame", "landmark_frame", "binary_answer"}
    examples = 0
    for name, message in document.data["components"]["messages"].items():
        for number, example in enumerate(message.get("examples", ())):
            document.validate(example["payload"], "components", "messages", name, "payload")
            assert example["payload"]["type"] == name, number
            examples += 1
    assert examples >= 4


@pytest.mark.parametrize("change, words", [
    (lambda data: data["operations"]["greet"].update(action="publish"), "neither"),
    (lambda data: data["operations"].pop("stop"), "server_shutdown"),
    (lambda data: data["channels"]["video"]["messages"].pop("pong"), "pong"),
])
def test_a_mistake_in_asyncapi_is_found(change, words):
    data = copy.deepcopy(Document("asyncapi.yaml").data)
    change(data)
    assert any(words in line for line in api_documents.wrong_channels(Document("asyncapi.yaml", data)))


class Talk:
    """A conversation in which every message must be one that the document names, as answer to what was said."""

    def __init__(self, client):
        self.document, self.client, self.seen = Document("asyncapi.yaml"), client, set()
        self.take(json.dumps(client.greeting), {"connection_established"})

    def take(self, message, expected):
        kind = json.loads(message)["type"] if isinstance(message, str) else "binary_answer"
        assert kind in expected, f"{kind} is not among {sorted(expected)}: {message[:300]!r}"
        payload = json.loads(message) if isinstance(message, str) else message.decode("latin-1")
        self.document.validate(payload, "components", "messages", kind, "payload")
        self.seen.add(kind)
        return payload

    def say(self, message, kind):
        """Sends a message of a kind; the answer must be one of those that the operation with this kind names."""
        operation = next(operation for operation in self.document.data["operations"].values() if operation["action"] == "receive"
                         and any(one["$ref"].endswith(f"/{kind}") for one in operation["messages"]))
        expected = {one["$ref"].rsplit("/", 1)[1] for one in operation["reply"]["messages"]}
        self.client.send(message)
        self.seen.add(kind)
        answer = self.take(self.client.recv(timeout=20), expected)
        return answer


def test_what_is_said_on_the_web_socket(program, jpeg, tmp_path, shared):
    server = Server(program, tmp_path)
    with server.connect() as client, server.connect(binary=True) as other:
        talk, binary = Talk(client), Talk(other)
        for mode in ("annotated", "landmarks", "both"):
            talk.say(raw_frame(jpeg, answer_mode=mode, face_mesh=True), "raw_frame")
        talk.say(raw_frame(b"no picture"), "raw_frame")
        talk.say(json.dumps({"type": "raw_frame"}), "raw_frame")
        binary.say(binary_frame(jpeg, 1, LANDMARKS), "binary_frame")
        binary.say(binary_frame(jpeg, 1, 1 << 9), "binary_frame")
        binary.say(landmark_frame([], 1), "landmark_frame")
        for each in (talk, binary):
            each.say(json.dumps({"type": "ping"}), "ping")
            each.say(json.dumps({"type": "get_stats"}), "get_stats")
            each.say(json.dumps({"type": "control", "action": "set_quality", "data": {"profile": "balanced"}}), "control")
            each.say(json.dumps({"type": "control", "action": "start_session", "data": {"story_sentences": ["a"]}}), "control")
        server.process.terminate()
        talk.take(client.recv(timeout=20), {"server_shutdown"})
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=20)
        assert closed.value.rcvd.code == 1012
    server.close()
    seen = talk.seen | binary.seen | refused_kinds(program, tmp_path) | practised_kinds(program, tmp_path, shared) | invited_kinds(program, tmp_path, jpeg)
    # Nothing inside can be made to fail from outside.
    assert set(talk.document.data["components"]["messages"]) - seen == {"processing_error"}


def practised_kinds(program, folder, shared):
    """What comes of practice and of recording a sign, whenever it comes."""
    server, document = Server(program, folder), Document("asyncapi.yaml")
    pictures = as_attempt(pictures_of(shared / "data/clips/eat.mkv", folder / "eat"))
    learner = Learner(server)
    learner.control("start_session", story_sentences=["No."], items=[[{"kind": "sign", "target": "NO"}]])
    learner.sign(pictures)
    learner.feedback()
    learner.control("complete_story")
    learner.control("stop_session")
    learner.control("record_sign", gloss="EAT")
    learner.sign(pictures)
    learner.example()
    learner.close()
    server.close()
    for message in learner.heard:
        document.validate(message, "components", "messages", message["type"], "payload")
    return {message["type"] for message in learner.heard}


def invited_kinds(program, folder, jpeg):
    """What a busy server says to a client that could do the work itself."""
    server, document = Server(program, folder, performance__max_cpu_usage=10), Document("asyncapi.yaml")
    with server.connect(binary=True) as client:
        client.send(json.dumps({"type": "control", "action": "set_home", "data": {"capable": True}}))
        invitation, number, until = None, 0, time.monotonic() + 60
        while invitation is None and time.monotonic() < until:
            number += 1
            client.send(binary_frame(jpeg, number, LANDMARKS | EVERY))
            time.sleep(0.02)
            while invitation is None:
                try:
                    message = client.recv(timeout=0)
                except TimeoutError:
                    break
                if isinstance(message, str) and json.loads(message)["type"] == "invitation":
                    invitation = json.loads(message)
        assert invitation is not None, f"no invitation after {number} pictures"
    server.close()
    document.validate(invitation, "components", "messages", "invitation", "payload")
    return {"invitation"}


def refused_kinds(program, folder):
    """The messages before the server closes a connection that says nothing but nonsense."""
    server = Server(program, folder, limits__errors_in_a_row=3)
    with server.connect() as client:
        talk = Talk(client)
        for _ in range(3):
            client.send("nonsense")
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                talk.take(client.recv(timeout=20), {"error", "critical_error"})
        assert closed.value.rcvd.code == 1008
    server.close()
    return talk.seen
