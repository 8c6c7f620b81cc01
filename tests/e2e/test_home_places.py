"""Where landmarks are found: who counts as at home, who is let in, and a server that takes no pictures."""

import contextlib
import json

import pytest
from websockets.sync.client import connect

from client_messages import EVERY, LANDMARKS, binary_frame, landmark_frame, raw_frame
from jpeg_file import clip_frames
from server_support import receive, session_of, until
from test_reload import Configured

pytestmark = pytest.mark.alone


def connect_home(server, query="?frames=landmarks"):
    client = connect(server.url() + query, compression=None, max_size=None, subprotocols=["storysign.v1"])
    client.greeting = json.loads(client.recv(timeout=10))
    return client


def send(client, frame):
    client.send(frame)
    return receive(client)


def test_operators_see_who_is_at_home(serve, jpeg):
    server = serve()
    with connect_home(server) as home, server.connect(binary=True) as other, connect_home(server, "?frames=pictures") as third:
        assert until(lambda: server.samples()["storysign_sessions_at_home"] == 1)
        assert session_of(server, home)["place"] == "home"
        assert session_of(server, other)["place"] == session_of(server, third)["place"] == "server"
        assert send(other, landmark_frame([], 1))["success"]
        assert send(home, binary_frame(jpeg, 1, LANDMARKS | EVERY))["success"]
        until(lambda: session_of(server, other)["place"] == "home" and session_of(server, home)["place"] == "server")
        assert server.samples()["storysign_sessions_at_home"] == 1
    until(lambda: server.samples()["storysign_sessions_at_home"] == 0)


def test_a_server_without_room_for_pictures_takes_landmarks(serve, brother):
    server = serve(performance__admission="true", performance__max_cpu_usage=10, performance__workers=1)
    clip = clip_frames(brother)
    with contextlib.ExitStack() as stack:
        full = None
        for number in range(40):
            client = stack.enter_context(connect(server.url(), compression=None, max_size=None, subprotocols=["storysign.v1"]))
            said = json.loads(client.recv(timeout=10))
            if said["type"] == "critical_error":
                full = said
                break
            send(client, binary_frame(clip[number % len(clip)], 1, LANDMARKS | EVERY))
        assert full and full["error_code"] == "SERVER_FULL", full
        with connect_home(server) as home:
            assert home.greeting["type"] == "connection_established"
            assert send(home, landmark_frame([], 1))["success"]
            refused = send(home, binary_frame(clip[0], 2, LANDMARKS | EVERY))
            assert refused["error"] == 1 and "try again" in refused["text"], refused
            assert send(home, landmark_frame([], 3))["success"]
            assert server.samples()['storysign_frames_rejected_total{reason="no_room"}'] == 1


def test_a_server_that_takes_no_pictures(serve, jpeg):
    server = serve(privacy__pictures="never")
    with server.connect() as client:
        assert client.greeting["server_info"]["pictures"] == "never"
        answer = send(client, raw_frame(jpeg))
        assert answer["metadata"]["success"] is False and "takes no pictures" in answer["metadata"]["error"]
        assert answer["frame_data"] is None and answer["landmarks_detected"] == {"hands": False, "face": False, "pose": False}
    with server.connect(binary=True) as client:
        answer = send(client, binary_frame(jpeg, 1, LANDMARKS))
        assert answer["error"] == 1 and "takes no pictures" in answer["text"]
        assert send(client, landmark_frame([], 2))["success"]
    assert server.samples()['storysign_frames_rejected_total{reason="pictures_never"}'] == 2
    assert server.samples()['storysign_stage_time_seconds_count{stage="decode"}'] == 0


def test_pictures_are_forbidden_and_allowed_again_while_learners_are_there(program, tmp_path, jpeg):
    made = Configured(program, tmp_path)
    with contextlib.closing(made.server), made.server.connect(binary=True) as client:
        assert send(client, binary_frame(jpeg, 1, LANDMARKS | EVERY))["success"]
        made.set(privacy__pictures="never")
        assert "takes no pictures" in send(client, binary_frame(jpeg, 2, LANDMARKS | EVERY))["text"]
        with made.server.connect() as later:
            assert later.greeting["server_info"]["pictures"] == "never"
        made.set(privacy__pictures="allowed")
        assert send(client, binary_frame(jpeg, 3, LANDMARKS | EVERY))["success"]
