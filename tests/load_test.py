"""Load on a running server with locust: learners who send frames over the JSON protocol.

    locust -f tests/load_test.py --host=ws://localhost:8000

Without a page: add `--headless --users 3 --spawn-rate 1 --run-time 30s`. The frames are the JPEG files of the folder named by
STORYSIGN_LOAD_FRAMES, or those of the first clip beside the project (ffmpeg takes it apart). STORYSIGN_LOAD_FPS is how many a
learner sends a second (default 10), STORYSIGN_LOAD_MODE the answer asked for (annotated, landmarks, both).

A frame is sent when its time has come, whether or not the one before it was answered. Each `processed_frame` is one request
of the statistics, its time from sending to answer; frames that the server replaced by newer ones are no requests, and frames
that are neither answered nor counted when the learner leaves are failures named "lost"; on an overloaded server that may be
its very last frames, skipped with no answer after them that could say so. This process shares the machine with the server
and is counted in what it measures; `storysign load` takes about a tenth of its time.
"""

import base64
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import gevent
import websocket
from locust import User, constant_pacing, events, task
from locust.exception import StopUser

CLIPS = Path(__file__).resolve().parents[2] / "shared" / "data" / "clips"
MODES = ("annotated", "landmarks", "both")
PATIENCE = 10.0
LAST_ANSWERS = 2.0


def give_up(sentence):
    sys.exit(f"load_test: {sentence}")


def setting(name, default, check):
    text = os.environ.get(name, default)
    try:
        return check(text)
    except ValueError:
        give_up(f"{name} is '{text}'; leave it out, or give it a value such as {default}.")


def frames_per_second(text):
    value = float(text)
    if not 0.1 <= value <= 120:
        raise ValueError
    return value


def answer_mode(text):
    if text not in MODES:
        raise ValueError
    return text


def frames_of_clip(folder):
    clips = sorted(CLIPS.glob("*.mkv")) if CLIPS.is_dir() else []
    if not clips:
        give_up("there are no frames to send; name a folder of JPEG files with STORYSIGN_LOAD_FRAMES.")
    command = ["ffmpeg", "-loglevel", "error", "-i", str(clips[0]), "-frames:v", "60", "-q:v", "4", f"{folder}/%03d.jpg"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        give_up("ffmpeg is missing; install it, or name a folder of JPEG files with STORYSIGN_LOAD_FRAMES.")
    if done.returncode != 0:
        give_up(f"ffmpeg could not take {clips[0].name} apart: {done.stderr.strip()}")


def load_frames():
    """The frames as base64 text, in the order of their names."""
    named = os.environ.get("STORYSIGN_LOAD_FRAMES")
    with tempfile.TemporaryDirectory() as made:
        if not named:
            frames_of_clip(made)
        folder = Path(named or made)
        files = sorted(file for file in folder.glob("*") if file.suffix.lower() in (".jpg", ".jpeg"))
        if not files:
            give_up(f"there is no JPEG file in {folder}; name another folder with STORYSIGN_LOAD_FRAMES.")
        return [base64.b64encode(file.read_bytes()).decode("ascii") for file in files]


def socket_url(host):
    if not (host or "").startswith(("ws://", "wss://")):
        give_up(f"the host is '{host or ''}'; write it as --host=ws://localhost:8000.")
    return host if host.count("/") > 2 else f"{host}/ws/video"


FPS = setting("STORYSIGN_LOAD_FPS", "10", frames_per_second)
MODE = setting("STORYSIGN_LOAD_MODE", "annotated", answer_mode)
FRAMES = load_frames()


class Learner(User):
    """One learner: a connection, frames by the clock, and a second greenlet that takes the answers."""

    wait_time = constant_pacing(1.0 / FPS)

    def on_start(self):
        self.pending = {}
        self.skipped = 0
        self.number = 0
        self.frames = itertools.cycle(FRAMES)
        self.socket = None
        started = time.perf_counter()
        try:
            # Its check of UTF-8, byte by byte in Python, costs as much as the rest; decoding finds what is wrong as well.
            self.socket = websocket.create_connection(socket_url(self.host), timeout=PATIENCE, skip_utf8_validation=True)
            greeting = json.loads(self.socket.recv())
            if greeting.get("type") != "connection_established":
                raise ValueError(f"the server greeted with {greeting.get('type')}")
            self.socket.settimeout(None)
        except (OSError, ValueError, websocket.WebSocketException) as failure:
            self.report("connect", started, failure)
            raise StopUser from failure
        self.report("connect", started)
        self.reader = gevent.spawn(self.read_answers)
        # Learners who are spawned together do not all send at the same moment.
        gevent.sleep(random.uniform(0.0, 1.0 / FPS))

    @task
    def send_frame(self):
        self.number += 1
        message = json.dumps({
            "type": "raw_frame",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "frame_data": f"data:image/jpeg;base64,{next(self.frames)}",
            "answer_mode": MODE,
            "metadata": {"frame_number": self.number, "adaptive_fps": FPS},
        })
        self.pending[self.number] = time.perf_counter()
        try:
            self.socket.send(message)
        except (OSError, websocket.WebSocketException) as failure:
            self.report("send", self.pending.pop(self.number), failure)
            raise StopUser from failure

    def on_stop(self):
        if self.socket is None or not hasattr(self, "reader"):
            return
        end = time.perf_counter() + LAST_ANSWERS
        while len(self.pending) > self.skipped and time.perf_counter() < end and not self.reader.dead:
            gevent.sleep(0.02)
        self.reader.kill()
        # What was skipped is older than what is still awaited.
        for started in sorted(self.pending.values())[self.skipped:]:
            self.report("lost", started, TimeoutError("the frame was neither answered nor counted as replaced or expired"))
        try:
            self.socket.close(timeout=1)
        except (OSError, websocket.WebSocketException):
            pass  # The server was faster; there is nothing left to say.

    def read_answers(self):
        while True:
            try:
                text = self.socket.recv()
            except (OSError, websocket.WebSocketException) as failure:
                self.report("connection", time.perf_counter(), failure)
                return
            if not text:
                self.report("connection", time.perf_counter(), ConnectionError("the server closed the connection"))
                return
            self.take(json.loads(text), len(text))

    def take(self, message, size):
        kind = message.get("type", "")
        if kind == "processed_frame":
            metadata = message["metadata"]
            self.skipped += metadata.get("frames_replaced", 0) + metadata.get("frames_expired", 0)
            started = self.pending.pop(metadata["client_frame_number"], None)
            if started is None:
                self.report("unexpected", time.perf_counter(), ValueError("an answer to no frame that waited for one"))
            else:
                failure = None if metadata["success"] else ValueError(metadata.get("error", "no reason given"))
                self.report("processed_frame", started, failure, size)
        elif kind.endswith("error"):
            self.report(kind, time.perf_counter(), ValueError(message.get("message", "no reason given")))

    def report(self, name, started, failure=None, size=0):
        events.request.fire(request_type="WS", name=name, response_time=(time.perf_counter() - started) * 1000.0,
                            response_length=size, exception=failure, context={})
