"""What the tests of practice share: learners who sign clips, and what they are told."""

import json
import subprocess
import threading
import time

from client_messages import FACE, HANDS_ONLY, LANDMARKS, binary_frame, landmark_frame, parts_of
from server_support import receive

FPS = 25
# The server thins the networks of who sends far more frames than it advises, and then sees no sign in them.
MOST_PER_SECOND = 50
# Frames of the last picture after a sign: longer than gesture_detection.pause_duration_ms.
STILL = 35
# What is judged shall not depend on what else the machine does.
STEADY = {"performance__mode": "high_quality"}
# Takes of one sign differ a little in size, place and tempo, as a teacher's do.
TAKES = ((), ("scale=iw*0.94:-2", "pad=640:480:(ow-iw)/2:(oh-ih)/2"), ("setpts=1.15*PTS",))


def pictures_of(clip, folder, filters=()):
    """The frames of a clip as JPEGs, at FPS, with ffmpeg's `filters` applied."""
    folder.mkdir(parents=True, exist_ok=True)
    chain = ",".join([*filters, f"fps={FPS}"])
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(clip), "-vf", chain, "-q:v", "3", str(folder / "%04d.jpg")], check=True)
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def takes_of(clip, folder):
    """Three lists of JPEGs of a clip."""
    return [pictures_of(clip, folder / f"{clip.stem}{i}", filters) for i, filters in enumerate(TAKES)]


def as_attempt(pictures):
    """Hands down before and after: the first and the last picture stand still."""
    return [pictures[0]] * 8 + pictures + [pictures[-1]] * STILL


def found_frame(answer, number, time_us):
    """The landmarks of an answer as a frame of one's own."""
    return landmark_frame(parts_of(answer["flags"], answer["landmarks"]), number, time_us, size=(answer["width"], answer["height"]),
                          flags=answer["flags"] & HANDS_ONLY, skip_reason=answer["skip_reason"], profile=answer["profile"],
                          vision_us=answer["vision"])


class Learner:
    """A client of storysign.v1 that signs pictures or landmarks; what the server says is sorted by type."""

    def __init__(self, server, **options):
        self.client = server.connect(binary=True, **options)
        self.greeting = self.client.greeting
        self.messages, self.heard, self.session, self.number, self.time_us = [], [], None, 0, 1_000_000
        self.last_answer, self.may_be_refused = None, False
        self.arrived = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        try:
            while True:
                self._take(receive(self.client, seconds=120))
        except Exception:  # The end of the connection; who waits runs out of time.
            return

    def _take(self, message):
        with self.arrived:
            if message.get("kind") == 129:
                assert message["success"] or self.may_be_refused, message
                self.last_answer = message
            else:
                session = message.get("practice_session") or (message.get("result") or {}).get("practice_session")
                self.session = session or self.session
                self.messages.append(message)
                self.heard.append(message)
            self.arrived.notify_all()

    def wait_for(self, matches, seconds=60):
        """Takes the first message for which `matches` is true out of those that have come."""
        deadline = time.monotonic() + seconds
        with self.arrived:
            while True:
                for message in self.messages:
                    if matches(message):
                        self.messages.remove(message)
                        return message
                left = deadline - time.monotonic()
                assert left > 0, ([m for m in self.messages if m["type"] != "practice_update"], self.session)
                self.arrived.wait(left)

    def control(self, action, **data):
        """The result of a control message."""
        self.client.send(json.dumps({"type": "control", "action": action, "data": data}))
        answer = self.wait_for(lambda m: m["type"] in ("control_response", "practice_session_response"))
        return answer["result"]

    def sign(self, frames, wait=1 / MOST_PER_SECOND):
        """Sends frames one after the other, each when the one before is answered: times are those of the clip, whatever the machine.

        A frame is a JPEG; or an answer that had the landmarks of one, and then only these are sent, as of a client that has found
        them itself. At least `wait` seconds apart; with more than 0.1 the session's news of every frame comes: it is told so often.
        Returns the answers.
        """
        answers = []
        for frame in frames:
            sent = time.monotonic()
            self.number += 1
            self.time_us += 1_000_000 // FPS
            message = (found_frame(frame, self.number, self.time_us) if isinstance(frame, dict)
                       else binary_frame(frame, self.number, LANDMARKS | FACE, time_us=self.time_us))
            answers.append(self._answer_to(message))
            time.sleep(max(0.0, wait - (time.monotonic() - sent)))
        return answers

    def _answer_to(self, message):
        """A picture that waited too long, because the machine stood still, has no answer: it is sent again."""
        with self.arrived:
            for _ in range(12):
                self.client.send(message)
                if self.arrived.wait_for(lambda: self.last_answer and self.last_answer["frame_number"] == self.number, timeout=5):
                    return self.last_answer
        raise AssertionError(f"frame {self.number} was not answered")

    def feedback(self, seconds=30):
        return self.wait_for(lambda m: m["type"] == "asl_feedback", seconds)

    def example(self, seconds=30):
        return self.wait_for(lambda m: m["type"] == "sign_example", seconds)["data"]

    def close(self):
        self.client.close()
        self.reader.join()


def record(learner, gloss, takes):
    """Records a sign from several takes and saves it; the last answer."""
    assert learner.control("record_sign", gloss=gloss)["success"]
    for take in takes:
        learner.sign(as_attempt(take))
        example = learner.example()
        assert example["usable"], example
    return learner.control("save_sign")
