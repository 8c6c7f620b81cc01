#!/usr/bin/env python3
"""Clients that mean harm, or are broken, or have a bad network.

    hostile.py PORT KIND SECONDS [--frames FOLDER] [--seed N]

One KIND of KINDS (or `all`, in turns) against the server on 127.0.0.1:PORT until the time is up;
whenever the server hangs up it connects again. What it does is the same for the same seed. It masks with zeros, so that a
flood costs this side little, and takes up to 2 connections at a time.
"""

import argparse
import json
import random
import socket
import struct
import sys
import time
from pathlib import Path

from client_messages import FRAME_HEADER, binary_frame, raw_frame

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


class RawSocket:
    """A WebSocket with nothing between the test and the bytes."""

    def __init__(self, port, binary=True, receive_buffer=0):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(5)
        self.socket.connect(("127.0.0.1", port))
        protocol = "Sec-WebSocket-Protocol: storysign.v1\r\n" if binary else ""
        self.send(f"GET /ws/video HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{protocol}\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            chunk = self.socket.recv(1)
            if not chunk:
                raise ConnectionError("hung up during the handshake")
            answer += chunk
        if b" 101 " not in answer.split(b"\r\n")[0]:
            raise ConnectionError(answer.decode(errors="replace"))

    def send(self, data):
        self.socket.sendall(data)

    def message(self, opcode, payload, fin=True):
        size = len(payload)
        head = bytes([(0x80 if fin else 0) | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", size)
        self.send(head + bytes(4) + payload)

    def swallow(self):
        """Reads away what has come, without waiting; raises if the server hung up."""
        self.socket.setblocking(False)
        try:
            while True:
                if not self.socket.recv(1 << 16):
                    raise ConnectionError("the server hung up")
        except BlockingIOError:
            pass
        finally:
            self.socket.settimeout(5)

    def close(self):
        self.socket.close()


def jpeg_with_size(jpeg, width, height):
    """The same JPEG with another size in its frame header."""
    at = 2
    while at + 9 < len(jpeg):
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2:at + 4], "big")
        if 0xC0 <= marker <= 0xC2:
            return jpeg[:at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9:]
        at += 2 + length
    return jpeg


def damaged(rng, jpeg):
    """Truncated, overwritten in places, with another size, with a part twice, or without its head."""
    way = rng.randrange(6)
    if way == 0:
        return jpeg[:rng.randrange(len(jpeg))]
    if way == 1:
        out = bytearray(jpeg)
        for _ in range(rng.randrange(1, 30)):
            out[rng.randrange(len(out))] = rng.randrange(256)
        return bytes(out)
    if way == 2:
        return jpeg_with_size(jpeg, *rng.choice([(20000, 20000), (65535, 65535), (1, 1), (0, 0), (1920, 1080), (16, 1920)]))
    if way == 3:
        begin = rng.randrange(len(jpeg))
        return jpeg + jpeg[begin:]
    if way == 4:
        return jpeg[rng.randrange(2, 40):]
    return b"\xff\xd8" + b"\xff\xe0\xff\xff" + rng.randbytes(65533)


def garbled(rng, value):
    """A JSON value with something in it replaced."""
    strange = [None, True, -1, 0, 1e308, 2**63, -2**63, "", "\u0000", "x" * 5000, [], {}, [[[]]], {"a": {"b": []}}, "2026", 0.1]
    if isinstance(value, dict) and value and rng.random() < 0.8:
        key = rng.choice(list(value))
        return {**value, key: garbled(rng, value[key])} if rng.random() < 0.8 else {**value, key + "x": rng.choice(strange)}
    return rng.choice(strange)


def messages_to_garble(jpeg):
    return [json.loads(raw_frame(jpeg, 1)),
            {"type": "ping", "timestamp": "2026-01-01T00:00:00.000Z"}, {"type": "get_stats"},
            {"type": "control", "action": "set_quality", "data": {"profile": "balanced"}},
            {"type": "control", "action": "start_session", "data": {"story_sentences": ["a"], "session_id": "x"}}]


# Every kind is a generator: one step at a time, so that the caller can look at the clock.

def random_bytes(port, rng, frames):
    """Noise before, instead of and after the handshake."""
    if rng.random() < 0.5:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            plain.sendall(rng.choice([b"", b"GET / HTTP/1.1\r\n", b"\x16\x03\x01"]) + rng.randbytes(rng.randrange(1, 20000)))
            yield
        return
    raw = RawSocket(port, binary=rng.random() < 0.5)
    for _ in range(20):
        raw.send(rng.randbytes(rng.randrange(1, 3000)))
        yield
        raw.swallow()


def random_messages(port, rng, frames):
    """Whole messages of noise, some with a header that is almost right."""
    raw = RawSocket(port, binary=rng.random() < 0.7)
    for number in range(100):
        noise = rng.randbytes(rng.choice([0, 1, 31, 32, 33, 500, 60000]))
        head = bytearray(FRAME_HEADER.pack(1, 1, 1, number, number, 0, 0, 0, 0, 0))
        head[rng.randrange(32)] = rng.randrange(256)
        raw.message(rng.choice([TEXT, BINARY, BINARY]), (bytes(head) if rng.random() < 0.5 else b"") + noise)
        yield
        raw.swallow()


def random_json(port, rng, frames):
    """The messages of the protocol with something else in them, and text that is no JSON."""
    raw = RawSocket(port, binary=rng.random() < 0.3)
    for _ in range(100):
        text = json.dumps(garbled(rng, rng.choice(messages_to_garble(rng.choice(frames)))))
        if rng.random() < 0.2:
            cut = rng.randrange(len(text) + 1)
            text = text[:cut] + rng.choice(["", "}", "\"", "\u00e9", "[" * 2000, "{\"a\":" * 2000]) + text[cut + 3:]
        raw.message(TEXT, text.encode())
        yield
        raw.swallow()


def broken_jpegs(port, rng, frames):
    """Damaged pictures at an ordinary rate, with a whole one now and then so that the connection lasts."""
    binary = rng.random() < 0.7
    raw = RawSocket(port, binary=binary)
    for number in range(300):
        jpeg = rng.choice(frames)
        jpeg = jpeg if number % 8 == 7 else damaged(rng, jpeg)
        if binary:
            raw.message(BINARY, binary_frame(jpeg, number, flags=rng.randrange(16)))
        else:
            raw.message(TEXT, raw_frame(jpeg, number).encode())
        yield
        time.sleep(0.02)
        raw.swallow()


def oversized(port, rng, frames):
    """Messages at and above the largest that is taken."""
    raw = RawSocket(port)
    size = rng.choice([2097152, 2097153, 2500000])
    raw.message(BINARY, binary_frame(rng.choice(frames).ljust(size - 32, b"\0"), 1))
    yield
    raw.swallow()
    # A length of 2^63 - 1, of which nothing comes.
    raw.send(bytes([0x82, 0xFF]) + struct.pack(">Q", 2**63 - 1) + bytes(4))
    yield
    raw.swallow()
    time.sleep(0.05)
    raw.swallow()


def flood(port, rng, frames):
    """Frames as fast as the socket takes them."""
    raw = RawSocket(port)
    number = 0
    while True:
        number += 1
        raw.message(BINARY, binary_frame(rng.choice(frames), number, flags=2))
        yield
        raw.swallow()


def never_reads(port, rng, frames):
    """Asks for pictures, 25 a second, and takes none."""
    raw = RawSocket(port, receive_buffer=4096)
    for number in range(100000):
        raw.message(BINARY, binary_frame(frames[number % len(frames)], number, flags=2))
        yield
        time.sleep(0.04)


def byte_by_byte(port, rng, frames):
    """One byte a second, of a request or of a frame."""
    if rng.random() < 0.3:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            for byte in b"GET / HTTP/1.1\r\nHost: somewhere\r\n":
                plain.sendall(bytes([byte]))
                yield
                time.sleep(1)
        return
    raw = RawSocket(port)
    raw.send(bytes([0x82, 0xFE]) + struct.pack(">H", 20000) + bytes(4))
    for byte in binary_frame(rng.choice(frames), 1):
        raw.send(bytes([byte]))
        yield
        time.sleep(1)
        raw.swallow()


def control_storm(port, rng, frames):
    """Pings, tiny fragments, questions and connections that end at once."""
    raw = RawSocket(port, binary=False)
    for _ in range(200):
        way = rng.randrange(4)
        if way == 0:
            raw.message(PING, rng.randbytes(rng.randrange(126)))
        elif way == 1:
            raw.message(TEXT, b'{"type":', fin=False)
            for letter in b'"ping"':
                raw.message(0, bytes([letter]), fin=False)
            raw.message(0, b"}")
        elif way == 2:
            raw.message(TEXT, b'{"type":"get_stats"}')
        else:
            RawSocket(port, binary=rng.random() < 0.5).close()
        yield
        raw.swallow()


KINDS = {kind.__name__: kind for kind in (random_bytes, random_messages, random_json, broken_jpegs, oversized, flood,
                                          never_reads, byte_by_byte, control_storm)}


def one_connection(steps, end):
    try:
        for _ in steps:
            if time.monotonic() > end:
                break
    except OSError:
        time.sleep(0.02)  # Hung up, as a server may.
    finally:
        steps.close()


def attack(port, kind, seconds, frames, seed=1):
    """Until the time is up; how many connections were made, of which kind. With `all` each kind has its turn."""
    rng = random.Random(seed)
    turn = min(3.0, seconds / (2 * len(KINDS)))
    turns = []
    end = time.monotonic() + seconds
    made = dict.fromkeys(KINDS, 0)
    while time.monotonic() < end:
        if not turns:
            turns = rng.sample(list(KINDS), len(KINDS)) if kind == "all" else [kind]
        name = turns.pop()
        turn_end = min(end, time.monotonic() + turn) if kind == "all" else end
        while time.monotonic() < turn_end:
            made[name] += 1
            one_connection(KINDS[name](port, rng, frames), turn_end)
    return {name: count for name, count in made.items() if count}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("kind", choices=[*KINDS, "all"])
    parser.add_argument("seconds", type=float)
    parser.add_argument("--frames", type=Path, required=True, help="folder of JPEG files")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    frames = [file.read_bytes() for file in sorted(given.frames.glob("*.jpg"))]
    if not frames:
        sys.exit(f"hostile: there is no .jpg file in {given.frames}")
    print(json.dumps(attack(given.port, given.kind, given.seconds, frames, given.seed)))


if __name__ == "__main__":
    main()
