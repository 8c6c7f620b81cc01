"""The JSON protocol and storysign.v1 of a real server, with a real client library."""

import json

import jsonschema
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from client_messages import EVERY, LANDMARKS, PICTURE, binary_frame, raw_frame
from server_support import ANSWER_HEADER, Server, receive

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def server(serve_module):
    return serve_module(server__max_connections_per_address=20)


@pytest.fixture(scope="module")
def frames(frame_folder):
    return [path.read_bytes() for path in sorted(frame_folder.iterdir())]


@pytest.fixture(scope="module")
def schema(server):
    return server.get_json("/schema.json")


def check(schema, message):
    jsonschema.validate(message, {**schema, "anyOf": [{"$ref": f"#/$defs/{message['type']}"}]})


def test_the_schema_is_one(schema):
    jsonschema.Draft202012Validator.check_schema(schema)


def test_a_learner_gets_landmarks_drawn(server, frames, schema):
    with server.connect() as client:
        check(schema, client.greeting)
        assert client.greeting["type"] == "connection_established"
        assert client.greeting["server_info"]["frame"] == {"width": 640, "height": 480, "fps": 30}
        for number, jpeg in enumerate(frames[:10], 1):
            client.send(raw_frame(jpeg, number))
            answer = receive(client)
            check(schema, answer)
        assert answer["type"] == "processed_frame"
        assert answer["metadata"]["client_frame_number"] == 10
        assert answer["metadata"]["success"] is True
        assert answer["landmarks_detected"]["pose"] is True and answer["landmarks_detected"]["face"] is True
        assert answer["landmarks_detected"] == answer["metadata"]["landmarks_detected"]
        assert answer["frame_data"].startswith("data:image/jpeg;base64,")
        encoding = answer["metadata"]["encoding_info"]
        assert encoding["quality"] == 50 and encoding["format"] == "JPEG"
        assert answer["metadata"]["resolution_scale"] == 0.85
        assert encoding["original_size_bytes"] == 544 * 408 * 3
        assert "practice_session" not in answer and "landmarks" not in answer


def test_landmarks_are_those_of_annotate(program, frames, schema, storysign, tmp_path):
    """What the server answers in the reference mode is what the same networks give for a file: the same code runs in both."""
    for number, jpeg in enumerate(frames[:5]):
        (tmp_path / f"{number}.jpg").write_bytes(jpeg)
    options = ("--complexity", "0", "--mediapipe.min_detection_confidence=0.3", "--mediapipe.min_tracking_confidence=0.3")
    done = storysign("annotate", tmp_path / "0.jpg", "--landmarks", tmp_path / "out.jsonl", *options)
    assert done.returncode == 0, done.stderr
    expected = json.loads((tmp_path / "out.jsonl").read_text().splitlines()[0])
    server = Server(program, tmp_path, performance__tracking="reference")
    with server.connect() as client:
        client.send(raw_frame(frames[0], answer_mode="landmarks", face_mesh=True))
        answer = receive(client)
        check(schema, answer)
    server.close()
    assert answer["frame_data"] is None
    assert np.allclose(np.array(answer["landmarks"]["pose"])[:, :2], np.array(expected["pose"])[:, :2], atol=2e-3)
    assert len(answer["landmarks"]["face"]) == 468


def test_messages_that_are_no_frames(server, schema):
    with server.connect() as client:
        for message, kind, words in (
                ({"type": "ping"}, "pong", "client_"),
                ({"type": "get_stats"}, "stats", "success_rate"),
                ({"type": "dance"}, "error", "Unknown message type: dance"),
                ({}, "error", "Unknown message type: unknown"),
                ({"type": "raw_frame"}, "error", "No frame data provided"),
                ({"type": "control", "action": "start_session", "data": {}}, "practice_session_response", "No session data provided"),
                ({"type": "control", "action": "start_session", "data": {"story_sentences": ["a"]}},
                 "practice_session_response", '"success": true'),
                ({"type": "control", "action": "fly"}, "control_response", "Unknown control action: fly")):
            client.send(json.dumps(message))
            answer = receive(client)
            check(schema, answer)
            assert answer["type"] == kind and words in json.dumps(answer)
        client.send("[1, 2")
        assert receive(client)["message"] == "Invalid JSON format"
        client.send(json.dumps({"type": "raw_frame", "frame_data": "data:image/jpeg;base64,!!!!"}))
        answer = receive(client)
        check(schema, answer)
        assert answer["type"] == "processed_frame" and answer["frame_data"] is None
        assert "Frame decoding failed" in json.dumps(answer) and '"success": false' in json.dumps(answer)


def test_the_binary_protocol(server, frames):
    with server.connect(binary=True) as client:
        assert client.subprotocol == "storysign.v1"
        assert client.greeting["server_info"]["protocol"] == "storysign.v1"
        for number, jpeg in enumerate(frames[:5], 1):
            client.send(binary_frame(jpeg, number, LANDMARKS | PICTURE, (640, 480)))
            answer = receive(client)
        assert (answer["version"], answer["kind"], answer["frame_number"]) == (1, 129, 5)
        assert answer["success"] and answer["inferred"] and answer["pose"]
        assert (answer["width"], answer["height"]) == (640, 480)
        assert answer["capture_time"] == 200000 and answer["server_frame_number"] == 5
        assert 10 <= answer["advised_fps"] <= 60
        assert answer["picture"][:2] == b"\xff\xd8" and answer["quality"] == 50
        assert answer["total"] >= answer["vision"] > 0
        pose = np.frombuffer(answer["landmarks"][:33 * 8], "<i2").reshape(33, 4)[:, :2] / 8192
        assert 0.2 < pose[0, 0] < 0.8, "the nose is in the middle of the picture"


def test_a_frame_that_is_not_as_declared(server, frames):
    with server.connect(binary=True) as client:
        client.send(binary_frame(frames[0], 1, LANDMARKS, (320, 240)))
        answer = receive(client)
        assert not answer["success"] and answer["error"] == 1 and "640" in answer["text"]
        client.send(binary_frame(frames[0][:5000], 2))
        answer = receive(client)
        assert not answer["success"] and answer["error"] in (1, 2) and answer["text"].endswith(".")


def test_the_newest_frame_wins(server, frames):
    with server.connect(binary=True) as client:
        for number in range(1, 31):
            client.send(binary_frame(frames[number - 1], number))
        answers, seen = [], 0
        while seen < 30:
            answers.append(receive(client))
            seen += 1 + answers[-1]["replaced"] + answers[-1]["expired"]
        numbers = [answer["frame_number"] for answer in answers]
        assert numbers == sorted(numbers) and numbers[-1] == 30
        assert seen == 30 and len(answers) < 30


def test_every_frame_in_order_for_who_asks(server, frames):
    with server.connect(binary=True) as client:
        for number in (1, 2, 3):
            client.send(binary_frame(frames[number], number, LANDMARKS | EVERY))
        assert [receive(client)["frame_number"] for _ in range(3)] == [1, 2, 3]


def test_messages_of_the_wrong_protocol(server, frames):
    with server.connect() as client:
        client.send(binary_frame(frames[0]))
        assert receive(client)["error_code"] == "INVALID_MESSAGE_STRUCTURE"
    with server.connect(binary=True) as client:
        client.send(raw_frame(frames[0]))
        assert receive(client)["error_code"] == "INVALID_MESSAGE_STRUCTURE"


def test_two_learners_do_not_see_each_other(server, frames):
    with server.connect(binary=True) as one, server.connect() as two:
        one.send(binary_frame(frames[0], 11))
        two.send(raw_frame(frames[1], 22))
        assert receive(one)["frame_number"] == 11
        assert receive(two)["metadata"]["client_frame_number"] == 22
        assert one.greeting["client_id"] != two.greeting["client_id"]


def test_ten_errors_in_a_row_close(server):
    with server.connect() as client:
        for _ in range(10):
            client.send("{")
            assert receive(client)["error_code"] == "INVALID_JSON"
        last = receive(client)
        assert last["type"] == "critical_error" and last["error_code"] == "TOO_MANY_ERRORS"
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=5)
        assert client.close_code == 1008
    assert ANSWER_HEADER.size == 64
