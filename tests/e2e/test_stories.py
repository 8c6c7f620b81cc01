"""Stories of a real server: the library, templates, and a language model that is a real HTTP server of the test."""

import concurrent.futures
import contextlib
import http.client
import http.server
import json
import socket
import threading
import time

import pytest

from server_support import Server
from store_support import ask

LEVELS = ("amateur", "normal", "mid_level", "difficult", "expert")
KEY = "s3cretkey"
STORY = {"title": "The model's horse", "sentences": [
    {"text": "My horse is hungry.", "glosses": ["my", "HORSE", "hungry"]},
    {"text": "It eats a book.", "glosses": ["HORSE", "BOOK", "EAT"]},
    {"text": "No, please!", "glosses": ["NO", "PLEASE"]}]}
NOT_IN_TIME = "The story model could not be reached or did not answer in time, so templates wrote this story."
NOT_USABLE = "The story model gave no story that can be used, so templates wrote this one."
TOO_BUSY = "The story model has too much to write now, so templates wrote this story."
TOO_OFTEN = "You have asked the story model often in the last minute, so templates wrote this story."


class Model(http.server.ThreadingHTTPServer):
    """Answers like a language model; `answer(handler)` may be replaced. `asked` holds (path, headers, body)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Model.Handler)
        self.asked, self.released = [], threading.Event()
        self.answer = lambda handler: handler.say(STORY)
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # The server hangs up when its patience is over.

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.asked.append((self.path, dict(self.headers), body))
            self.server.answer(self)

        def send(self, status, body, headers=()):
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def say(self, content):
            text = content if isinstance(content, str) else json.dumps(content)
            message = {"role": "assistant", "content": text}
            self.send(200, {"message": message} if self.path.endswith("/api/chat") else {"choices": [{"index": 0, "message": message}]})

        def log_message(self, *_):
            pass


@pytest.fixture
def model():
    server = Model()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def start(program, tmp_path):
    with contextlib.ExitStack() as stack:
        def begin(url, **settings):
            given = {"stories__model_kind": "openai", "stories__model_url": url, "stories__model_name": "small",
                     "stories__model_key": KEY, "stories__model_timeout_ms": 20000, "log__level": "debug", **settings}
            begun = Server(program, tmp_path, **given)
            stack.callback(begun.close)
            return begun
        yield begin


@pytest.fixture(scope="module")
def plain(program, tmp_path_factory):
    """A server without a model."""
    server = Server(program, tmp_path_factory.mktemp("stories"))
    yield server
    server.close()


def tell(server, **wish):
    status, answer, _ = ask(server, "POST", "/api/stories", {"level": "normal", **wish})
    assert status == 200, answer
    return answer["story"], answer["notice"]


def test_the_library_has_stories_of_every_level(plain):
    status, answer, _ = ask(plain, "GET", "/api/stories")
    assert status == 200
    every = answer["stories"]
    assert [story["level"] for story in every] == sorted((story["level"] for story in every), key=LEVELS.index)
    for level in LEVELS:
        found = ask(plain, "GET", f"/api/stories?level={level}")[1]["stories"]
        assert len(found) >= 4
        assert found == [story for story in every if story["level"] == level]
    for story in every:
        assert story["source"] == "library"
        assert 3 <= len(story["sentences"]) <= 5
        assert all(sentence["text"] and sentence["glosses"] for sentence in story["sentences"])
    status, answer, _ = ask(plain, "GET", "/api/stories?level=best")
    assert status == 400 and "level must be one of amateur" in answer["error"]


def test_templates_write_when_there_is_no_model(plain):
    stories = [tell(plain, word="horse") for _ in range(4)]
    assert all(notice is None and story["source"] == "template" for story, notice in stories)
    assert len({json.dumps(story) for story, _ in stories}) == 4, "another story each time"
    story, _ = tell(plain, word="Zyzzyva")
    assert '"zyzzyva"' in json.dumps(story["sentences"]).replace("\\", "") and "ZYZZYVA" in json.dumps(story)
    story, _ = tell(plain, topic="animals", level="expert")
    assert story["level"] == "expert" and len(story["sentences"]) >= 4


@pytest.mark.parametrize("wish, words", [
    ({}, "word and topic"), ({"word": "a", "topic": "b"}, "word and topic"), ({"word": ""}, "The field word: The word is empty"),
    ({"word": "x" * 21}, "too long"), ({"word": "c4t"}, "letters from A to Z"), ({"word": "\u00e9"}, "letters from A to Z"),
    ({"word": "two words"}, "one word"), ({"word": None}, "word must be a text"), ({"topic": "a b c d"}, "3 words"),
    ({"word": "cat", "level": "best"}, "level must be one of"), ({"word": "cat", "level": None}, "level must be"),
    ({"word": "cat", "seed": 1}, "seed")])
def test_a_wrong_wish_is_refused_with_its_field(plain, wish, words):
    status, answer, _ = ask(plain, "POST", "/api/stories", {"level": "normal", **wish})
    assert status == 400 and words in answer["error"]


@pytest.mark.parametrize("kind, path", [("openai", "/v1/chat/completions"), ("ollama", "/v1/api/chat")])
def test_a_model_writes_a_story(start, model, kind, path):
    server = start(model.url, stories__model_kind=kind)
    story, notice = tell(server, topic="my horse")
    assert notice is None
    assert (story["source"], story["title"], story["level"]) == ("model", STORY["title"], "normal")
    assert story["sentences"][0] == {"text": "My horse is hungry.", "glosses": ["MY", "HORSE", "HUNGRY"]}
    assert story["id"] != tell(server, word="horse")[0]["id"]
    asked, headers, body = model.asked[0]
    assert asked == path and headers["Authorization"] == f"Bearer {KEY}" and headers["Content-Type"] == "application/json"
    assert body["model"] == "small" and body["stream"] is False
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"][1]["content"] == 'Write a story on the topic "my horse".'
    assert KEY not in server.errors()


WRONG_STORIES = {
    "two_sentences": {**STORY, "sentences": STORY["sentences"][:2]},
    "six_sentences": {**STORY, "sentences": STORY["sentences"] * 2},
    "no_glosses": {**STORY, "sentences": [{"text": "My horse is hungry."}] * 3},
    "gloss_no_text": {**STORY, "sentences": [{"text": "My horse is hungry.", "glosses": [1]}] * 3},
    "empty_glosses": {**STORY, "sentences": [{"text": "My horse is hungry.", "glosses": []}] * 3},
    "markup": {**STORY, "sentences": [{"text": "My <img src=x> is hungry.", "glosses": ["MY"]}] * 3},
    "long": {**STORY, "sentences": [{"text": "My " + "very " * 60 + "hungry horse.", "glosses": ["MY"]}] * 3},
    "prose": "Once upon a time there was a horse.",
    "broken": '{"title": "The horse", "sentences": [',
    "null": "null",
}


@pytest.mark.parametrize("name", WRONG_STORIES)
def test_a_story_that_is_not_as_it_should_be_is_not_shown(start, model, name):
    server = start(model.url)
    model.answer = lambda handler: handler.say(WRONG_STORIES[name])
    story, notice = tell(server, word="horse")
    assert (story["source"], notice) == ("template", NOT_USABLE)
    assert "The story model gave no story." in server.errors()


@pytest.mark.parametrize("name, answer, notice", [
    ("error_500", lambda handler: handler.send(500, {"error": "no"}), NOT_IN_TIME),
    ("redirection", lambda handler: handler.send(302, b"", [("Location", "http://127.0.0.1:9/")]), NOT_IN_TIME),
    ("no_json", lambda handler: handler.send(200, b"<html>"), NOT_USABLE),
    ("other_json", lambda handler: handler.send(200, {"choices": []}), NOT_USABLE),
    ("huge", lambda handler: handler.send(200, b" " * (1 << 20)), NOT_IN_TIME),
    ("no_http", lambda handler: handler.wfile.write(b"nonsense\r\n\r\n"), NOT_IN_TIME),
    ("nothing", lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), NOT_IN_TIME)])
def test_templates_take_over_when_the_model_fails(start, model, name, answer, notice):
    server = start(model.url)
    model.answer = answer
    story, said = tell(server, word="horse")
    assert (story["source"], said) == ("template", notice)
    model.answer = lambda handler: handler.say(STORY)
    assert tell(server, word="horse")[0]["source"] == "model", "and the next one is asked for again"


def test_a_huge_answer_without_a_length_is_given_up(start, model):
    server = start(model.url)
    sent = []

    def stream(handler):
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(1 << 12):
                handler.wfile.write(b" " * (1 << 16))
                sent.append(1 << 16)

    model.answer = stream
    story, notice = tell(server, word="horse")
    assert (story["source"], notice) == ("template", NOT_IN_TIME)
    assert sum(sent) < 1 << 26, "it was not read to the end"


def test_nobody_at_the_address(start):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    story, notice = tell(start(f"http://127.0.0.1:{port}/"), word="horse")
    assert (story["source"], notice) == ("template", NOT_IN_TIME)


def test_a_slow_model_holds_up_nobody(start, model):
    server = start(model.url, stories__model_timeout_ms=1500)
    model.answer = lambda handler: model.released.wait(60)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        begin = time.monotonic()
        waiting = [pool.submit(tell, server, word="horse")]
        while not model.asked:
            time.sleep(0.01)
        waiting += [pool.submit(tell, server, word="horse") for _ in range(5)]
        # While all of them wait the server answers others.
        assert ask(server, "GET", "/api/stories?level=normal")[0] == 200
        assert server.get("/healthz")[0] == 200
        answers = [one.result(timeout=60) for one in waiting]
    # One at a time, some that wait, and the rest at once; none waits longer than the timeout.
    assert time.monotonic() - begin >= 1.4
    assert all(story["source"] == "template" for story, _ in answers)
    notices = [notice for _, notice in answers]
    assert set(notices) == {NOT_IN_TIME, TOO_BUSY} and notices.count(TOO_BUSY) == 1
    assert len(model.asked) < 6


def test_one_account_may_not_ask_for_ever(start, model):
    server = start(model.url)
    notices = [tell(server, word="horse")[1] for _ in range(8)]
    assert notices[0] is None and notices[-1] == TOO_OFTEN
    assert len(model.asked) <= 7


def test_a_model_that_waits_does_not_hold_up_the_end(start, model):
    server = start(model.url)
    model.answer = lambda handler: model.released.wait(60)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(tell, server, word="horse")
        while not model.asked:
            time.sleep(0.01)
        assert server.stop()[0] == 0
        # Whoever waited was told something, or found the connection closed.
        with contextlib.suppress(OSError, http.client.HTTPException, AssertionError):
            waiting.result(timeout=30)


def test_the_settings_are_taken_while_it_runs(program, tmp_path, model):
    file = tmp_path / "config.yaml"
    file.write_text("stories: {}\n")
    server = Server(program, tmp_path, arguments=("-c", str(file)))
    try:
        assert tell(server, word="horse")[0]["source"] == "template"
        given = {"model_kind": "ollama", "model_url": model.url, "model_name": "other", "model_key": KEY}
        file.write_text(json.dumps({"stories": given}))
        assert server.admin("POST", "/api/reload", {})[0] == 200
        assert tell(server, word="horse")[0]["source"] == "model"
        assert (model.asked[0][0], model.asked[0][2]["model"]) == ("/v1/api/chat", "other")
        file.write_text(json.dumps({"stories": {**given, "model_kind": "off"}}))
        assert server.admin("POST", "/api/reload", {})[0] == 200
        assert tell(server, word="horse")[0]["source"] == "template"
        assert len(model.asked) == 1 and KEY not in server.errors()
    finally:
        server.close()


def test_a_key_is_not_shown(storysign):
    shown = storysign("config", "show", f"--stories.model_key={KEY}").stdout
    assert "model_key" in shown and KEY not in shown
