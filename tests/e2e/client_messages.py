"""What the clients of the tests share: frames in both protocols, and a port for the server."""

import base64
import json
import socket
import struct

FRAME_HEADER = struct.Struct("<BBHIQHHIII")
LANDMARKS, PICTURE, FACE, EVERY = 1, 2, 4, 8


LANDMARK_FRAME_HEADER = struct.Struct("<BBHIQHHIIBBH")
# Of an answer's flags; those of the parts are also a frame of landmarks'.
INFERRED, POSE, LEFT_HAND, RIGHT_HAND, FACE_FOUND, HANDS_ONLY, FACE_POINTS = 2, 4, 8, 16, 32, 64, 512


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def raw_frame(jpeg, number=1, **fields):
    return json.dumps({"type": "raw_frame", "timestamp": "2026-01-01T00:00:00.000Z",
                       "frame_data": "data:image/jpeg;base64," + base64.b64encode(jpeg).decode(),
                       "metadata": {"frame_number": number, "client_id": "test"}, **fields})


def binary_frame(jpeg, number=1, flags=LANDMARKS, size=(0, 0), time_us=None):
    return FRAME_HEADER.pack(1, 1, flags, number, number * 40000 if time_us is None else time_us, *size, 0, 0, 0) + jpeg


def parts_of(flags, section):
    """The landmarks of an answer: (bit of the flags, numbers of two bytes before the points, points) of each part.

    A point is (x, y, z) in whole steps, one of the body (x, y, z, visibility).
    """
    out, at = [], 0

    def take(layout):
        nonlocal at
        at += struct.calcsize(layout)
        return struct.unpack_from(layout, section, at - struct.calcsize(layout))

    for bit, given in ((POSE, POSE), (LEFT_HAND, LEFT_HAND), (RIGHT_HAND, RIGHT_HAND), (FACE_FOUND, FACE_POINTS)):
        if flags & given:
            before = () if bit == POSE else take("<H")
            count = {POSE: 33, FACE_FOUND: (before or (0,))[0]}.get(bit, 21)
            out.append((bit, before, [take("<hhhH" if bit == POSE else "<hhh") for _ in range(count)]))
    assert at == len(section)
    return out


def packed(difference):
    """A difference in groups of seven bits, the lowest first."""
    rest = 2 * difference if difference >= 0 else -2 * difference - 1
    out = bytearray()
    while rest >= 0x80:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes(out + bytes([rest]))


def landmark_frame(parts, number=1, time_us=None, **header):
    """A frame of landmarks (docs/protocol-v1.md) of what parts_of() gives.

    Of the header: size, latency_us, dropped, profile, skip_reason, vision_us, flags (besides what is found and inferred).
    """
    skip = header.get("skip_reason", 0)
    flags = sum(bit for bit, _, _ in parts) | (0 if skip else INFERRED) | header.get("flags", 0)
    out = [LANDMARK_FRAME_HEADER.pack(1, 2, flags, number, number * 40000 if time_us is None else time_us, *header.get("size", (640, 480)),
                                      header.get("latency_us", 0), header.get("dropped", 0), header.get("profile", 2), skip,
                                      header.get("vision_us", 20000) // 100)]
    for _, before, points in parts:
        out += [struct.pack("<H", value) for value in before]
        last = (0, 0, 0)
        for point in points:
            out += [packed(value - old) for value, old in zip(point[:3], last)]
            out += [struct.pack("<H", value) for value in point[3:]]
            last = point[:3]
    return b"".join(out)
