"""Clients for the tests with several servers: one that practises and comes back by itself, one that hands in attempts."""

import contextlib
import http.client
import json
import threading
import time
import uuid

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from client_messages import raw_frame

RETRY_SECONDS = 0.1
FRAME_SECONDS = 0.25


class Interruption:
    """From the moment at which a learner's connection was gone to the first frame answered after that."""

    def __init__(self):
        self.begin = time.monotonic()
        self.seconds = None
        self.resumed = None  # What the server answered to resume_session.

    def end(self):
        self.seconds = time.monotonic() - self.begin


class Learner(threading.Thread):
    """Sends frames and reads the answers; when the connection ends, connects again and resumes its session."""

    def __init__(self, port, picture):
        super().__init__(daemon=True)
        self.url = f"ws://127.0.0.1:{port}/ws/video"
        self.picture = picture
        self.session_id = None
        self.answers = 0
        self.interruptions = []
        self.troubles = []  # What should not happen.
        self.is_done = threading.Event()
        self.start()

    def run(self):
        while not self.is_done.is_set():
            try:
                with connect(self.url, compression=None, max_size=None, open_timeout=5, close_timeout=1) as client:
                    self._practise(client)
            except (WebSocketException, OSError, EOFError, TimeoutError):
                if self.session_id is not None and (not self.interruptions or self.interruptions[-1].seconds is not None):
                    self.interruptions.append(Interruption())
                time.sleep(RETRY_SECONDS)
            except Exception as trouble:  # noqa: BLE001: whatever it is, the test must hear of it.
                self.troubles.append(repr(trouble))
                return

    def _read(self, client, kind, seconds=10.0):
        """The next message of that kind; an error message ends the learner."""
        deadline = time.monotonic() + seconds
        while True:
            message = json.loads(client.recv(timeout=max(0.001, deadline - time.monotonic())))
            if message["type"] == kind:
                return message
            if message["type"] == "error":
                raise AssertionError(message)

    def _practise(self, client):
        greeting = self._read(client, "connection_established")
        if self.session_id is None:
            self.session_id = greeting["session_id"]
        else:
            client.send(json.dumps({"type": "control", "action": "resume_session", "data": {"session_id": self.session_id}}))
            self.interruptions[-1].resumed = self._read(client, "control_response")["result"]
        while not self.is_done.is_set():
            client.send(raw_frame(self.picture))
            # A frame that has waited too long is dropped without an answer, as on a busy machine: then comes the next.
            with contextlib.suppress(TimeoutError):
                self._read(client, "processed_frame", seconds=4 * FRAME_SECONDS)
                self.answers += 1
                if self.interruptions and self.interruptions[-1].seconds is None:
                    self.interruptions[-1].end()
            self.is_done.wait(FRAME_SECONDS)

    def stop(self):
        self.is_done.set()
        self.join(timeout=20)


class HandingIn(threading.Thread):
    """Hands in one attempt after the other, each again until it is acknowledged; `acknowledged` holds their ids."""

    def __init__(self, port, learner):
        super().__init__(daemon=True)
        self.port = port
        self.learner = learner
        self.acknowledged = []
        self.tries = 0
        self.troubles = []
        self.is_done = threading.Event()
        self.start()

    def run(self):
        while not self.is_done.is_set():
            attempt = {"attempt_id": str(uuid.uuid4()), "session_id": self.learner.session_id, "kind": "letter", "target": "A",
                       "accepted": True, "score": 0.5}
            while not self.is_done.is_set() and not self._hand_in(attempt):
                time.sleep(RETRY_SECONDS)
            self.is_done.wait(0.02)

    def _hand_in(self, attempt):
        self.tries += 1
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
                connection.request("POST", "/api/attempts", body=json.dumps(attempt), headers={"Content-Type": "application/json"})
                answer = connection.getresponse()
                text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            return False
        if answer.status in (200, 201):
            self.acknowledged.append(attempt["attempt_id"])
            return True
        if answer.status < 500 and answer.status != 429:
            self.troubles.append(f"{answer.status}: {text}")
        return False

    def stop(self):
        self.is_done.set()
        self.join(timeout=20)
