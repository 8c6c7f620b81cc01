"""What the clients of the tests share: frames in both protocols, and a port for the server."""

import base64
import json
import socket
import struct

FRAME_HEADER = struct.Struct("<BBHIQHHIII")
LANDMARKS, PICTURE, FACE, EVERY = 1, 2, 4, 8


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def raw_frame(jpeg, number=1, **fields):
    return json.dumps({"type": "raw_frame", "timestamp": "2026-01-01T00:00:00.000Z",
                       "frame_data": "data:image/jpeg;base64," + base64.b64encode(jpeg).decode(),
                       "metadata": {"frame_number": number, "client_id": "test"}, **fields})


def landmark_frame(number=1):
    """A frame of landmarks of a picture in which nobody is."""
    inferred, balanced = 2, 2
    return FRAME_HEADER.pack(1, 2, inferred, number, number * 40000, 640, 480, 0, 0, balanced)


def binary_frame(jpeg, number=1, flags=LANDMARKS, size=(0, 0), time_us=None):
    return FRAME_HEADER.pack(1, 1, flags, number, number * 40000 if time_us is None else time_us, *size, 0, 0, 0) + jpeg
