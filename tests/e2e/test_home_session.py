"""Sessions of learners whose own devices find the landmarks: frames of kind 2 (docs/protocol-v1.md) against a real server.

The landmarks are those that the server itself answered to the pictures of a clip, so what is judged is the same, up to the steps that
they are written in.
"""

import json
import struct

import pytest
from websockets.exceptions import ConnectionClosed

from client_messages import HANDS_ONLY, INFERRED, LANDMARKS, LEFT_HAND, RIGHT_HAND, binary_frame, landmark_frame, packed
from conftest import ROOT
from practice_support import FPS, STEADY, Learner, as_attempt, found_frame, record, takes_of
from server_support import Server, receive

pytestmark = pytest.mark.alone

HEADER_BYTES = 32
HAND_IN_AN_ANSWER = INFERRED | RIGHT_HAND


def growth(server, before):
    """What has grown since, by how much."""
    return {name: value - before.get(name, 0) for name, value in server.samples().items() if value != before.get(name, 0)}


def hand(x=0.5, y=0.5, bit=RIGHT_HAND, score=65535):
    """A hand all of whose points are in one place."""
    return bit, (score,), [(round(8192 * x), round(8192 * y), 0)] * 21


def frame_at(number, **place):
    return landmark_frame([hand(**place)], number)


@pytest.fixture(scope="module")
def school(program, tmp_path_factory, shared):
    """A server whose teacher has recorded EAT and PLEASE; (server, takes of each)."""
    folder = tmp_path_factory.mktemp("school")
    server = Server(program, folder, **STEADY)
    clips = {gloss: takes_of(shared / f"data/clips/{gloss.lower()}.mkv", folder) for gloss in ("EAT", "PLEASE")}
    teacher = Learner(server)
    for gloss, takes in clips.items():
        assert record(teacher, gloss, takes)["success"]
    teacher.close()
    yield server, clips
    server.close()


@pytest.fixture
def server(school):
    return school[0]


def begin(learner, *glosses):
    started = learner.control("start_session", story_sentences=["One sentence."], glosses=[list(glosses)])
    assert started["success"], started


def spell(learner, word):
    learner.control("start_session", story_sentences=[word], items=[[{"kind": "letters", "target": word}]])


def judged(learner, frames):
    """(answers to the frames, what is said of the attempt)."""
    answers = learner.sign(frames)
    return answers, learner.feedback()


@pytest.fixture(scope="module")
def from_pictures(school):
    """EAT signed as pictures where EAT was asked for, and where PLEASE was: the answers, and the feedback of both."""
    server, clips = school
    learner = Learner(server)
    begin(learner, "EAT", "PLEASE")
    answers, right = judged(learner, as_attempt(clips["EAT"][2]))
    learner.control("try_again", item=1)
    _, wrong = judged(learner, as_attempt(clips["EAT"][2]))
    learner.close()
    return answers, right, wrong


def test_the_encoder_of_these_tests_is_the_document_s():
    text = (ROOT / "docs/protocol-v1.md").read_text()
    block = text.split("Example: frame of landmarks", 1)[1].split("```hex\n", 1)[1].split("```", 1)[0]
    expected = bytes.fromhex("".join(line.split("|")[0] for line in block.splitlines()))
    points = [(4096 + 3 * i, 2048 - 70 * i, -1024) for i in range(21)]
    written = landmark_frame([(LEFT_HAND, (65535,), points)], 7, 1_234_567_890, latency_us=43000, dropped=2, vision_us=38000, flags=HANDS_ONLY)
    assert written == expected


def test_an_answer_has_what_the_document_says(server, from_pictures):
    answers, _, _ = from_pictures
    picture = answers[0]
    assert picture["pose"] and picture["face"] and picture["landmarks"]
    before = server.samples()
    with server.connect(binary=True) as client:
        client.send(landmark_frame([], 1, 5))
        first = receive(client)
        client.send(landmark_frame([hand(), hand(bit=LEFT_HAND)], 2_000_000_000, 40_005, profile=1, skip_reason=2, vision_us=31_000))
        second = receive(client)
        client.send(found_frame(picture, 3, 80_005))
        third = receive(client)
    assert first["success"] and first["inferred"] and not (first["pose"] or first["left_hand"] or first["right_hand"] or first["face"])
    assert second["success"] and not second["inferred"] and second["left_hand"] and second["right_hand"]
    assert (second["frame_number"], second["capture_time"], second["server_frame_number"]) == (2_000_000_000, 40_005, 2)
    assert (second["width"], second["height"], second["profile"], second["skip_reason"]) == (640, 480, 1, 2)
    assert (second["vision"], second["queue"], second["decode"], second["render"], second["encode"]) == (31_000, 0, 0, 0, 0)
    assert second["quality_reason"] == 3 and 10 <= second["advised_fps"] <= 60
    for answer in (first, second, third):
        assert not answer["landmarks"] and not answer["picture"] and not answer["text"] and answer["error"] == 0
        assert answer["replaced"] == answer["expired"] == 0
    found = INFERRED | 0b1111100
    assert third["flags"] & found == picture["flags"] & found
    grown = growth(server, before)
    assert grown['storysign_frames_total{outcome="found_by_client"}'] == grown['storysign_frames_total{outcome="received"}'] == 3
    assert 'storysign_frames_total{outcome="inferred"}' not in grown


def test_landmarks_are_judged_as_the_pictures_they_are_from(server, from_pictures):
    answers, right, wrong = from_pictures
    assert all(answer["success"] for answer in answers)
    assert right["data"]["analysis_summary"]["accepted"] and not wrong["data"]["analysis_summary"]["accepted"]
    learner = Learner(server)
    begin(learner, "EAT", "PLEASE")
    attempts = []
    for item, pictures in ((0, right), (1, wrong)):
        learner.control("try_again", item=item)
        _, found = judged(learner, answers)
        summary, expected = found["data"]["analysis_summary"], pictures["data"]["analysis_summary"]
        assert (summary["accepted"], summary["target"], summary["likelier"]) == (expected["accepted"], expected["target"], expected["likelier"])
        assert summary["score"] == pytest.approx(expected["score"], abs=0.02)
        for part, score in expected["scores"].items():
            assert summary["scores"][part] == pytest.approx(score, abs=0.05), part
        assert found["data"]["feedback"] == pictures["data"]["feedback"]
        attempts.append(found["metadata"]["attempt_id"])
    assert [item["accepted"] for item in learner.control("try_again")["practice_session"]["items"]] == [True, False]
    learner.close()
    stored = {row["attempt_id"]: row for row in server.get_json("/api/attempts?limit=50")["attempts"]}
    assert [(stored[attempt]["target"], stored[attempt]["accepted"]) for attempt in attempts] == [("EAT", True), ("PLEASE", False)]


def test_attempts_at_home_are_progress(serve, from_pictures):
    """On a server that nobody else practises on, with the sign that is built in."""
    answers, _, _ = from_pictures
    alone = serve(**STEADY)
    learner = Learner(alone)
    assert alone.get_json("/api/progress")["items"] == []
    learner.control("start_session", story_sentences=["Please."], items=[[{"kind": "sign", "target": "PLEASE"}]])
    _, found = judged(learner, answers)
    learner.close()
    progress = alone.get_json("/api/progress")["items"]
    assert [(item["kind"], item["target"]) for item in progress] == [("sign", "PLEASE")]
    assert [row["attempt_id"] for row in alone.get_json("/api/attempts?limit=5")["attempts"]] == [found["metadata"]["attempt_id"]]


def test_a_word_is_spelled_from_landmarks_as_from_photos(server, shared):
    word = "CAB"
    photos = {letter: sorted((shared / "data/letters/photos").glob(f"{letter}*.jpg")) for letter in word}
    if not all(photos.values()):
        pytest.skip("there are no photos of these letters")
    learner = Learner(server)
    spell(learner, word)
    answers = []
    for letter in word:
        for photo in photos[letter]:
            answers += learner.sign([photo.read_bytes()] * FPS)
            spelling = learner.session["spelling"]
            if spelling is None or spelling["next"] != letter:
                break
    for frames in ([], answers):
        if frames:
            spell(learner, word)
            learner.sign(frames)
        summary = learner.feedback()["data"]["analysis_summary"]
        assert summary["accepted"] and summary["spelled"] == word, "landmarks" if frames else "photos"
    learner.close()


def test_another_word_is_not_spelled_by_these_landmarks(server, shared):
    """Held letters of which none is asked for: nothing is confirmed."""
    photo = sorted((shared / "data/letters/photos").glob("C*.jpg"))
    if not photo:
        pytest.skip("there are no photos of this letter")
    learner = Learner(server)
    answers = learner.sign([photo[0].read_bytes()] * 3)
    spell(learner, "LO")
    learner.sign([answers[-1]] * FPS * 2, wait=0.11)
    spelling = learner.session["spelling"]
    assert spelling["top"][0][0] == "C", "it was read"
    assert spelling["confirmed"] == "" and not [m for m in learner.messages if m["type"] == "asl_feedback"]
    learner.close()


def test_pictures_and_landmarks_take_turns_and_the_session_stays(server, school, from_pictures):
    answers, _, _ = from_pictures
    pictures = as_attempt(school[1]["EAT"][2])
    mixed = [frame for i in range(0, len(pictures), 10) for frame in (pictures[i:i + 5] + answers[i + 5:i + 10])]
    assert len(mixed) == len(pictures)
    before = server.samples()
    learner = Learner(server)
    begin(learner, "EAT", "PLEASE")
    said, feedback = judged(learner, mixed)
    assert feedback["data"]["analysis_summary"]["accepted"], feedback
    # Who asked for landmarks gets those of pictures, and of frames of landmarks none.
    assert [bool(answer["landmarks"]) for answer in said] == [not isinstance(frame, dict) for frame in mixed]
    assert {answer["quality_reason"] for answer, frame in zip(said, mixed) if isinstance(frame, dict)} == {3}
    assert [answer["server_frame_number"] for answer in said] == list(range(1, len(said) + 1))
    again = learner.control("try_again")["practice_session"]
    assert again["current_item"] == 1 and [item["accepted"] for item in again["items"]] == [True, None]
    learner.close()
    grown = growth(server, before)
    home = sum(isinstance(frame, dict) for frame in mixed)
    assert grown['storysign_frames_total{outcome="found_by_client"}'] == home
    assert grown['storysign_frames_total{outcome="received"}'] == len(mixed)


def test_landmarks_that_overtake_a_picture_count_as_replaced(server, jpeg):
    with server.connect(binary=True) as client:
        client.send(binary_frame(jpeg, 1, LANDMARKS))
        client.send(frame_at(2))
        answer = receive(client)
        assert (answer["frame_number"], answer["replaced"]) == (1, 1)
        client.send(frame_at(3))
        answer = receive(client)
        assert (answer["frame_number"], answer["replaced"]) == (3, 0)


@pytest.mark.parametrize("frame, reason, words", [
    (lambda: landmark_frame([hand()], 2, 40_000), "landmarks_time", "capture times must grow"),
    (lambda: landmark_frame([hand()], 2, 39_999), "landmarks_time", "capture times must grow"),
    (lambda: frame_at(2, x=2.1), "landmarks_outside", "outside the picture"),
    (lambda: frame_at(2, y=-1.1), "landmarks_outside", "outside the picture"),
    (lambda: frame_at(2, x=1.9), "landmarks_speed", "30 sides"),
], ids=("same_time", "earlier", "right", "above", "speed"))
def test_what_cannot_be_is_refused_and_counted(server, frame, reason, words):
    before = server.samples()
    with server.connect(binary=True) as client:
        client.send(frame_at(1))
        assert receive(client)["success"]
        client.send(frame())
        answer = receive(client)
        assert not answer["success"] and answer["error"] == 1 and answer["frame_number"] == 2
        assert words in answer["text"] and answer["text"].endswith("."), answer["text"]
        assert not answer["right_hand"] and not answer["landmarks"]
        client.send(frame_at(3))
        assert receive(client)["success"], "and on it goes"
    grown = growth(server, before)
    assert grown[f'storysign_frames_rejected_total{{reason="{reason}"}}'] == 1
    assert grown['storysign_frames_total{outcome="rejected"}'] == 1
    assert grown['storysign_frames_total{outcome="found_by_client"}'] == 2


def test_what_is_just_possible_is_not_refused(server):
    with server.connect(binary=True) as client:
        # A side outside on either side; 30 sides a second are 1.2 in 40 ms.
        for number, x in ((1, -0.99), (2, 0.2), (4, 1.99), (5, 0.8)):
            client.send(frame_at(number, x=x))
            answer = receive(client)
            assert answer["success"], (x, answer["text"])


def bad_messages():
    whole = frame_at(2)
    body = whole[HEADER_BYTES:]
    face = (32, (400,), [(4096, 4096, 0)] * 400)
    # 4 and just under 4 are as far as a coordinate goes: what is further cannot be written as a difference that is taken.
    too_far = landmark_frame([hand()], 2)[:HEADER_BYTES] + struct.pack("<H", 65535) + packed(32767) + packed(1)
    four_bytes = bytes([0x80, 0x80, 0x80, 0x01])
    return {
        "cut_off": (whole[:-1], "does not fit"),
        "only_a_header": (whole[:HEADER_BYTES], "does not fit"),
        "half_a_header": (whole[:20], "32"),
        "too_long": (whole + b"\0", "does not fit"),
        "wrong_count": (landmark_frame([face], 2), "468"),
        "hand_without_its_bit": (landmark_frame([], 2) + body, "does not fit"),
        "out_of_range": (too_far + packed(0) + packed(1) + (packed(0) * 59), "does not fit"),
        "number_of_four_bytes": (whole[:HEADER_BYTES + 2] + four_bytes + body[2 + len(packed(4096)):], "does not fit"),
        "unknown_profile": (landmark_frame([hand()], 2, profile=4), "profile"),
        "no_size": (landmark_frame([hand()], 2, size=(0, 480)), "width"),
        "no_network_and_no_reason": (landmark_frame([hand()], 2, skip_reason=0)[:2] + struct.pack("<H", RIGHT_HAND) + whole[4:], "bit 1"),
        "both_of_them": (landmark_frame([hand()], 2, skip_reason=1, flags=INFERRED), "bit 1"),
        "bits_of_an_answer": (landmark_frame([hand()], 2, flags=1), "reserved"),
        "time_past_all_clocks": (landmark_frame([hand()], 2, 1 << 63), "capture time"),
    }


@pytest.mark.parametrize("kind", bad_messages())
def test_a_message_that_is_none_is_an_error_and_counted(server, kind):
    message, words = bad_messages()[kind]
    before = server.samples()
    with server.connect(binary=True) as client:
        client.send(frame_at(1))
        assert receive(client)["success"]
        client.send(message)
        error = receive(client)
        assert error["type"] == "error" and error["error_code"] == "INVALID_MESSAGE_STRUCTURE", error
        assert words in error["message"] and error["message"].endswith("."), error
        client.send(frame_at(3))
        answer = receive(client)
        assert answer["success"] and answer["server_frame_number"] == 2
    grown = growth(server, before)
    assert grown['storysign_errors_total{code="INVALID_MESSAGE_STRUCTURE"}'] == 1
    assert grown['storysign_frames_total{outcome="received"}'] == 2


def test_ten_in_a_row_close_the_connection(server):
    with server.connect(binary=True) as client:
        client.send(frame_at(1))
        assert receive(client)["success"]
        # Whatever is wrong with them, and nine are not ten.
        for number in range(9):
            client.send(frame_at(2, x=2.5) if number % 2 else frame_at(1))
            assert receive(client)["error"] == 1
        client.send(frame_at(2))
        assert receive(client)["success"]
        for _ in range(10):
            client.send(frame_at(2))
        said = []
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                said.append(receive(client))
        assert closed.value.rcvd.code == 1008 and closed.value.rcvd.reason == "TOO_MANY_ERRORS"
        last = next(message for message in said if message.get("type") == "critical_error")
        assert last["error_code"] == "TOO_MANY_ERRORS" and last["message"].startswith("10 messages in a row"), last


def test_refused_landmarks_are_not_practice(server, from_pictures):
    """What is refused in the middle of a sign is as if it had not been sent."""
    answers, right, _ = from_pictures
    learner = Learner(server)
    begin(learner, "EAT")
    middle = len(answers) // 2
    learner.sign(answers[:middle])
    learner.may_be_refused = True
    time_us = learner.time_us
    elsewhere = {**answers[middle], "flags": HAND_IN_AN_ANSWER, "landmarks": struct.pack("<H", 65535) + struct.pack("<3h", 20000, 0, 0) * 21}
    assert [answer["error"] for answer in learner.sign([elsewhere] * 5)] == [1] * 5
    learner.may_be_refused, learner.time_us = False, time_us
    learner.sign(answers[middle:])
    feedback = learner.feedback()
    assert feedback["data"]["analysis_summary"]["score"] == pytest.approx(right["data"]["analysis_summary"]["score"], abs=0.02)
    learner.close()


def test_the_json_protocol_has_no_frames_of_landmarks(server):
    with server.connect() as client:
        client.send(frame_at(1))
        error = receive(client)
        assert error["error_code"] == "INVALID_MESSAGE_STRUCTURE" and "storysign.v1" in error["message"]
        client.send(json.dumps({"type": "ping", "timestamp": "2026-01-01T00:00:00.000Z"}))
        assert receive(client)["type"] == "pong"
