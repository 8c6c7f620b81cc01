"""What the tests read out of JPEG bytes: size, tables and kind of compression (ITU-T T.81), and the JPEGs that they make."""

import dataclasses
import struct
import subprocess

import numpy as np

# T.81, table K.1, row by row.
LUMINANCE = np.array([
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99])
# T.81, figure A.6: the place in the block of each value of a table, in the order in which a file has them.
ZIGZAG = sorted(range(64), key=lambda at: (at // 8 + at % 8, at // 8 if (at // 8 + at % 8) % 2 else at % 8))
BASELINE, PROGRESSIVE = 0xC0, 0xC2
_START_OF_SCAN, _DQT, _DHT = 0xDA, 0xDB, 0xC4


@dataclasses.dataclass
class Jpeg:
    """The tables of one picture: quantisation by number, row by row; Huffman by (class, number), counts and symbols as bytes."""

    quantisation: dict
    huffman: dict
    kind: int = 0  # The marker of the frame: BASELINE or PROGRESSIVE.
    width: int = 0
    height: int = 0
    scan: bytes = b""  # From the first scan on.


def read_jpeg(data):
    assert data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9", "no JPEG"
    out = Jpeg({}, {})
    at = 2
    while not out.scan:
        mark, code, length = struct.unpack_from(">BBH", data, at)
        assert mark == 0xFF
        body = data[at + 4:at + 2 + length]
        if code == _DQT:
            for begin in range(0, len(body), 65):
                assert body[begin] < 16, "a table of 16 bits"
                table = np.zeros(64, int)
                table[ZIGZAG] = list(body[begin + 1:begin + 65])
                out.quantisation[body[begin]] = table
        elif code == _DHT:
            while body:
                end = 17 + sum(body[1:17])
                out.huffman[divmod(body[0], 16)] = body[1:end]
                body = body[end:]
        elif code in (BASELINE, PROGRESSIVE):
            out.kind = code
            _, out.height, out.width = struct.unpack_from(">BHH", body)
        elif code == _START_OF_SCAN:
            out.scan = data[at + 2 + length:]
        at += 2 + length
    return out


def luminance_table(quality):
    """How libjpeg scales table K.1 for a quality from 1 to 100 (jpeg_quality_scaling() and jpeg_add_quant_table())."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((LUMINANCE * percent + 50) // 100, 1, 255)


def _ffmpeg(data, *arguments):
    return subprocess.run(["ffmpeg", "-v", "error", *arguments, "-"], input=data, capture_output=True, check=True).stdout


def _split(stream):
    return [b"\xff\xd8\xff" + rest for rest in stream.split(b"\xff\xd8\xff")[1:]]


def clip_frames(clip):
    """Every frame of a video as JPEG."""
    return _split(_ffmpeg(None, "-i", str(clip), "-q:v", "3", "-c:v", "mjpeg", "-f", "image2pipe"))


def with_noise(jpeg, count, sigma):
    """The same picture `count` times, each with its own noise of a camera."""
    size = read_jpeg(jpeg)
    plain = np.frombuffer(_ffmpeg(jpeg, "-f", "mjpeg", "-i", "-", "-f", "rawvideo", "-pix_fmt", "rgb24"), np.uint8)
    random = np.random.default_rng(1)
    noisy = [np.clip(plain + random.normal(0, sigma, plain.size), 0, 255).astype(np.uint8).tobytes() for _ in range(count)]
    return _split(_ffmpeg(b"".join(noisy), "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size.width}x{size.height}", "-i", "-", "-q:v", "3",
                          "-c:v", "mjpeg", "-f", "image2pipe"))


def standard_huffman_tables():
    """Those of T.81, annex K.3, as ffmpeg writes them if it is told not to find better ones."""
    made = _ffmpeg(None, "-f", "lavfi", "-i", "color=size=16x16", "-frames:v", "1", "-c:v", "mjpeg", "-huffman", "default", "-f", "image2pipe")
    return read_jpeg(made).huffman
