"""What the tests of `storysign annotate` share: how a refusal must look, and what came out."""

import json
import subprocess

import pytest

EXIT_BAD_INPUT = 2
EXIT_STOPPED = 130
QUICK = ("--tracker", "hands", "--complexity", "0")  # Two networks are loaded quickest.
BODY = ("--tracker", "holistic", "--complexity", "0")


def assert_refused(result, folder, *words, left=()):
    """One sentence on standard error with all of `words`, exit code 2, and only `left` in the folder."""
    assert result.returncode == EXIT_BAD_INPUT, result.stderr
    lines = [line for line in result.stderr.splitlines() if " per second" not in line]  # Progress.
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("storysign: ") and lines[0].endswith("."), result.stderr
    for word in words:
        assert word in lines[0], f"{word!r} is not in: {lines[0]}"
    assert result.stdout == ""
    assert sorted(p.name for p in folder.iterdir()) == sorted(left)


def probe(path):
    """What ffprobe finds after decoding every frame."""
    out = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
         "stream=codec_name,pix_fmt,width,height,nb_read_frames,r_frame_rate,avg_frame_rate",
         "-of", "json", str(path)], capture_output=True, text=True, check=True)
    assert out.stderr == "", out.stderr
    return json.loads(out.stdout)["streams"][0]


def frame_times(path):
    out = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries",
                          "frame=pts_time", "-of", "csv=p=0", str(path)],
                         capture_output=True, text=True, check=True)
    return [float(line.strip(",")) for line in out.stdout.split()]


def records(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def rgb_frames(path):
    np = pytest.importorskip("numpy")
    info = probe(path)
    out = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-vsync", "passthrough", "-f", "rawvideo", "-pix_fmt",
                          "rgb24", "-"], capture_output=True, check=True)
    return np.frombuffer(out.stdout, np.uint8).reshape(-1, info["height"], info["width"], 3)
