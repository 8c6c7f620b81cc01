"""`storysign annotate` from outside: good runs, bad inputs, full disks and Ctrl-C."""

import json
import os
import pathlib
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
import zlib

import pytest

from conftest import program_environment

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


@pytest.fixture(scope="session")
def brother(shared):
    return shared / "data/clips/brother.mkv"


@pytest.fixture(scope="session")
def photos(shared):
    return sorted((shared / "data/letters/photos").glob("*.jpg"))


@pytest.fixture(scope="session")
def blank(ffmpeg):
    """A short video with nobody in it."""
    return ffmpeg("blank.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=0.4", "-c:v",
                  "libx264", "-pix_fmt", "yuv420p")


# Good runs.


def test_clip_to_video_and_landmarks(storysign, shared, brother, tmp_path):
    pytest.importorskip("numpy")
    result = storysign("annotate", brother, "out.mp4", "--landmarks", "out.jsonl")
    assert result.returncode == 0, result.stderr
    video = probe(tmp_path / "out.mp4")
    assert video["codec_name"] == "h264" and video["pix_fmt"] == "yuv420p"
    assert (video["width"], video["height"], video["nb_read_frames"]) == (640, 480, "65")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.jsonl", "out.mp4"]
    assert "65 frames" in result.stdout and "p50" in result.stdout

    lines = records(tmp_path / "out.jsonl")
    assert [line["frame"] for line in lines] == list(range(65))
    first, *_ = times = frame_times(brother)
    assert [line["t_ms"] for line in lines] == pytest.approx([(t - first) * 1000 for t in times])
    assert {line["mode"] for line in lines} == {"body"}
    assert all("file" not in line for line in lines)
    for line in lines:
        assert len(line["pose"]) == 33 and {len(p) for p in line["pose"]} == {4}
        for part, count in (("left_hand", 21), ("right_hand", 21), ("face", 468)):
            assert line[part] is None or (len(line[part]) == count
                                          and {len(p) for p in line[part]} == {3})
    compared = subprocess.run(
        [sys.executable, str(shared / "tools/compare_landmarks.py"),
         str(shared / "data/gold/brother.c1.npz"), str(tmp_path / "out.jsonl"), "--json"],
        capture_output=True, text=True, check=True)
    assert json.loads(compared.stdout)["pose"]["agree"] == 1.0


def test_drawing_changes_the_picture_and_no_draw_does_not(storysign, brother, tmp_path):
    np = pytest.importorskip("numpy")
    for name, options in (("drawn.mp4", ()), ("bare.mp4", ("--no-draw",)),
                          ("plain.mp4", ("--plain",)), ("blurred.mp4", ("--segmentation", "--no-draw"))):
        result = storysign("annotate", brother, name, "--frames", 3, *BODY, *options)
        assert result.returncode == 0, result.stderr
    source = rgb_frames(brother)[:3].astype(int)

    def changed(name):
        """The part of the pixels that differ clearly from the source."""
        return float((np.abs(rgb_frames(tmp_path / name).astype(int) - source).max(3) > 60).mean())

    assert changed("bare.mp4") < 0.001
    assert 0.002 < changed("drawn.mp4") < 0.2
    assert changed("plain.mp4") > 0.5
    assert changed("blurred.mp4") > changed("bare.mp4")


def test_start_and_frames_choose_a_part(storysign, brother, tmp_path):
    result = storysign("annotate", brother, "out.mkv", "--start", 10, "--frames", 5, "--landmarks",
                       "out.jsonl", "--json", *BODY)
    assert result.returncode == 0, result.stderr
    summary = json.loads(result.stdout)
    assert summary["frames"] == 5 and summary["planned"] == 5 and summary["stopped"] is False
    assert summary["found"]["pose"] == 5
    assert set(summary["ms"]) == {"decode", "vision", "render", "write"}
    assert [line["frame"] for line in records(tmp_path / "out.jsonl")] == [10, 11, 12, 13, 14]
    assert probe(tmp_path / "out.mkv")["nb_read_frames"] == "5"
    assert frame_times(tmp_path / "out.mkv")[0] == 0.0


def test_more_frames_than_there_are_is_all_of_them(storysign, blank):
    result = storysign("annotate", blank, "--frames", 1000, "--json", *QUICK)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["frames"] == 10


def test_without_outputs_only_the_summary(storysign, blank, tmp_path):
    result = storysign("annotate", blank, *QUICK)
    assert result.returncode == 0, result.stderr
    assert "Wrote no file" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_time_stamps_of_a_variable_frame_rate_are_kept(storysign, ffmpeg, brother, tmp_path):
    source = ffmpeg("vfr.mp4", "-i", brother, "-vf", "select='not(mod(n,3))+not(mod(n,7))'",
                    "-vsync", "vfr")
    result = storysign("annotate", source, "out.mp4", *QUICK)
    assert result.returncode == 0, result.stderr
    wanted, got = frame_times(source), frame_times(tmp_path / "out.mp4")
    assert len(wanted) == len(got)
    assert got == pytest.approx([t - wanted[0] for t in wanted], abs=0.002)


def test_odd_sides_grow_by_one_pixel(storysign, ffmpeg, tmp_path):
    source = ffmpeg("odd.webm", "-f", "lavfi", "-i", "testsrc2=d=0.2", "-vf",
                    "scale=161:121", "-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p")
    assert (probe(source)["width"], probe(source)["height"]) == (161, 121)
    result = storysign("annotate", source, "out.mp4", *QUICK)
    assert result.returncode == 0, result.stderr
    video = probe(tmp_path / "out.mp4")
    assert (video["width"], video["height"]) == (162, 122)


def test_a_turned_video_is_shown_upright(storysign, ffmpeg, blank, tmp_path):
    source = ffmpeg("turned.mp4", "-i", blank, "-c", "copy", "-metadata:s:v:0", "rotate=90")
    result = storysign("annotate", source, "out.mp4", *QUICK)
    assert result.returncode == 0, result.stderr
    video = probe(tmp_path / "out.mp4")
    assert (video["width"], video["height"]) == (120, 160)


@pytest.mark.parametrize("name", ["out.jpg", "out.png"])
def test_picture(storysign, photos, tmp_path, name):
    result = storysign("annotate", photos[0], name, "--landmarks", "out.jsonl", *QUICK)
    assert result.returncode == 0, result.stderr
    assert (probe(tmp_path / name)["width"], probe(tmp_path / name)["height"]) == (416, 416)
    (line,) = records(tmp_path / "out.jsonl")
    assert line["file"] == photos[0].name and line["frame"] == 0


def test_folder_of_pictures_sorted_by_name(storysign, photos, ffmpeg, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(photos[0], folder / "b.jpg")
    shutil.copy(ffmpeg("small.png", "-i", photos[1]), folder / "a.png")
    shutil.copy(ffmpeg("small.bmp", "-i", photos[2]), folder / "c.bmp")
    (folder / "notes.txt").write_text("not a picture\n")
    result = storysign("annotate", "in", "out", "--landmarks", "out.jsonl", *QUICK)
    assert result.returncode == 0, result.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a.png", "b.jpg", "c.bmp.png"]
    assert [line["file"] for line in records(tmp_path / "out.jsonl")] == ["a.png", "b.jpg", "c.bmp"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out", "out.jsonl"]
    assert "1 file" in result.stdout


def test_settings_file_is_used_and_options_win(storysign, blank, tmp_path):
    (tmp_path / "c.yaml").write_text("models:\n  directory: /nowhere\n")
    result = storysign("annotate", blank, "-c", "c.yaml")
    assert result.returncode == EXIT_BAD_INPUT and "/nowhere" in result.stderr
    (tmp_path / "c.yaml").write_text("gpu: require\n")
    result = storysign("annotate", blank, "-c", "c.yaml", "--gpu", "off", "--json", *QUICK)
    assert result.returncode == 0 and json.loads(result.stdout)["device"] == "CPU", result.stderr


def test_confidence_comes_from_settings_unless_given(storysign, brother):
    def bodies(*options):
        result = storysign("annotate", brother, "--frames", 2, "--json", *BODY, *options)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)["found"]["pose"]

    impossible = "--mediapipe.min_detection_confidence=1"
    assert bodies() == 2
    assert bodies(impossible) == 0
    assert bodies(impossible, "--min-detection-confidence", "0.5") == 2


def test_the_clock_changes_the_smoothing(storysign, brother, tmp_path):
    """The clip has a gap behind its first frame that only its own time stamps know of."""
    poses = {}
    for clock in ("reference", "file"):
        result = storysign("annotate", brother, "--frames", 3, "--clock", clock, "--landmarks",
                           f"{clock}.jsonl", *BODY)
        assert result.returncode == 0, result.stderr
        poses[clock] = [line["pose"] for line in records(tmp_path / f"{clock}.jsonl")]
    assert poses["reference"][0] == poses["file"][0]
    assert poses["reference"][1] != poses["file"][1]


# An output is replaced by a whole one or not at all.


def test_existing_output_is_replaced_unless_forbidden(storysign, blank, tmp_path):
    (tmp_path / "out.mp4").write_text("precious")
    result = storysign("annotate", blank, "out.mp4", "--no-overwrite")
    assert_refused(result, tmp_path, "out.mp4", "--no-overwrite", left=["out.mp4"])
    assert (tmp_path / "out.mp4").read_text() == "precious"
    result = storysign("annotate", blank, "out.mp4", *QUICK)
    assert result.returncode == 0, result.stderr
    assert probe(tmp_path / "out.mp4")["nb_read_frames"] == "10"


def test_existing_landmark_file_can_be_kept(storysign, blank, tmp_path):
    (tmp_path / "out.jsonl").write_text("precious")
    result = storysign("annotate", blank, "out.mp4", "--landmarks", "out.jsonl", "--no-overwrite")
    assert_refused(result, tmp_path, "out.jsonl", "--no-overwrite", left=["out.jsonl"])


def test_folder_with_something_in_it_keeps_it(storysign, photos, tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(photos[0], tmp_path / "in/a.jpg")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("precious")
    result = storysign("annotate", "in", "out", "--no-overwrite")
    assert_refused(result, tmp_path, "'out'", "--no-overwrite", left=["in", "out"])
    result = storysign("annotate", "in", "out", *QUICK)
    assert result.returncode == 0, result.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a.jpg", "mine.txt"]


def test_a_failed_run_keeps_the_old_file(storysign, brother, tmp_path):
    (tmp_path / "bad.mkv").write_bytes(brother.read_bytes()[:100000])
    (tmp_path / "out.mp4").write_text("precious")
    result = storysign("annotate", "bad.mkv", "out.mp4")
    assert_refused(result, tmp_path, "bad.mkv", left=["bad.mkv", "out.mp4"])
    assert (tmp_path / "out.mp4").read_text() == "precious"


def test_output_is_the_input(storysign, brother, tmp_path):
    shutil.copy(brother, tmp_path / "in.mkv")
    os.symlink("in.mkv", tmp_path / "link.mkv")
    before = (tmp_path / "in.mkv").read_bytes()
    for options in (("in.mkv",), ("./in.mkv",), ("link.mkv",), ("o.mp4", "--landmarks", "in.mkv")):
        result = storysign("annotate", "in.mkv", *options)
        assert_refused(result, tmp_path, "is the input itself", left=["in.mkv", "link.mkv"])
    assert (tmp_path / "in.mkv").read_bytes() == before
    result = storysign("annotate", "in.mkv", "o.mp4", "--landmarks", "o.mp4")
    assert_refused(result, tmp_path, "both name", left=["in.mkv", "link.mkv"])


# Bad inputs.


def refuse(storysign, tmp_path, source, *words, output="out.mp4"):
    left = [p.name for p in tmp_path.iterdir()]
    result = storysign("annotate", source, output, "--landmarks", "out.jsonl", *QUICK)
    assert_refused(result, tmp_path, *words, left=left)


def test_missing_file(storysign, tmp_path):
    refuse(storysign, tmp_path, "gone.mp4", "There is no file or folder 'gone.mp4'")


def test_empty_file(storysign, tmp_path):
    (tmp_path / "in.mp4").touch()
    refuse(storysign, tmp_path, "in.mp4", "'in.mp4' is empty")


@pytest.mark.parametrize("name", ["notes.txt", "in.mp4", "in.jpg", "in.srt"])
def test_text_file(storysign, tmp_path, name):
    (tmp_path / name).write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n" * 40)
    refuse(storysign, tmp_path, name, f"'{name}' is a text file")


def test_noise(storysign, tmp_path):
    (tmp_path / "in.mp4").write_bytes(bytes((i * 73 + i * i // 7) % 256 for i in range(5000)))
    refuse(storysign, tmp_path, "in.mp4", "'in.mp4'", "not a video or picture")


def test_a_pipe(storysign, tmp_path):
    os.mkfifo(tmp_path / "in.mp4")
    refuse(storysign, tmp_path, "in.mp4", "device or pipe")


@pytest.mark.parametrize("part", [0.0005, 0.5, 0.9999])
def test_truncated_mkv(storysign, brother, tmp_path, part):
    data = brother.read_bytes()
    (tmp_path / "in.mkv").write_bytes(data[:int(len(data) * part)])
    refuse(storysign, tmp_path, "in.mkv", "'in.mkv' is cut off")


@pytest.mark.parametrize("flags", ["+faststart", "0", "+frag_keyframe+empty_moov"])
@pytest.mark.parametrize("part", [0.3, 0.7, 0.999])
def test_truncated_mp4(storysign, ffmpeg, brother, tmp_path, flags, part):
    source = ffmpeg(f"whole{flags}.mp4", "-i", brother, "-c", "copy", "-movflags", flags)
    data = source.read_bytes()
    (tmp_path / "in.mp4").write_bytes(data[:int(len(data) * part)])
    refuse(storysign, tmp_path, "in.mp4", "'in.mp4'", "cut off")


@pytest.mark.parametrize("ending", ["avi", "webm", "flv"])
def test_truncated_other(storysign, ffmpeg, tmp_path, ending):
    source = ffmpeg(f"whole.{ending}", "-f", "lavfi", "-i", "testsrc2=s=320x240:d=3")
    data = source.read_bytes()
    (tmp_path / f"in.{ending}").write_bytes(data[:len(data) // 2])
    refuse(storysign, tmp_path, f"in.{ending}", "cut off")


def test_damaged_in_the_middle(storysign, ffmpeg, brother, tmp_path):
    source = ffmpeg("whole.mp4", "-i", brother, "-c", "copy")
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    data[middle:middle + 20000] = bytes(20000)
    (tmp_path / "in.mp4").write_bytes(data)
    refuse(storysign, tmp_path, "in.mp4", "'in.mp4' is damaged at frame")


def test_sound_only(storysign, ffmpeg, tmp_path):
    source = ffmpeg("sound.mp4", "-f", "lavfi", "-i", "sine=d=1")
    shutil.copy(source, tmp_path / "in.mp4")
    refuse(storysign, tmp_path, "in.mp4", "no video in it")


@pytest.mark.parametrize("kind", ["mkv", "mp4"])
def test_codec_that_cannot_be_read(storysign, ffmpeg, brother, tmp_path, kind):
    source = ffmpeg(f"whole.{kind}", "-i", brother, "-c", "copy")
    old, new = {"mkv": (b"V_MPEG4/ISO/AVC", b"V_MPEG4/ISO/XYZ"), "mp4": (b"avc1", b"zzz1")}[kind]
    data = source.read_bytes()
    assert old in data
    (tmp_path / f"in.{kind}").write_bytes(data.replace(old, new))
    refuse(storysign, tmp_path, f"in.{kind}", "storysign cannot decode", "convert it to H.264")


def test_picture_size_that_changes(storysign, ffmpeg, tmp_path):
    parts = [ffmpeg(f"{w}.h264", "-f", "lavfi", "-i", f"testsrc2=s={w}x120:d=0.4", "-c:v", "libx264",
                    "-pix_fmt", "yuv420p") for w in (160, 320)]
    (tmp_path / "in.h264").write_bytes(b"".join(part.read_bytes() for part in parts))
    refuse(storysign, tmp_path, "in.h264", "changes its picture size", "160 x 120", "320 x 120")


def png(width, height, rows=True):
    """A black 1-bit PNG; without rows only its header and nothing behind."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))

    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    if not rows:
        return head
    line = bytes(1 + (width + 7) // 8)
    return head + chunk(b"IDAT", zlib.compress(line * height, 1)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side, word", [(1, "too small: 1 x 1"), (20000, "too large: 20000 x 20000")])
@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "webp"])
def test_picture_of_a_bad_size(storysign, ffmpeg, photos, tmp_path, side, word, ending):
    if ending == "png":
        data = png(side, side)
    else:
        data = bytearray(ffmpeg(f"size.{ending}", "-i", photos[0], "-vf", "scale=64:64").read_bytes())
        if ending == "jpg":
            at = data.index(b"\xff\xc0") + 5
            data[at:at + 4] = struct.pack(">HH", side, side)
        elif ending == "bmp":
            data[18:26] = struct.pack("<ii", side, side)
        elif side == 20000:
            data[12:30] = b"VP8X" + struct.pack("<I", 10) + bytes(4) + 2 * struct.pack("<I", side - 1)[:3]
        else:
            data[26:30] = struct.pack("<HH", side, side)
    (tmp_path / f"in.{ending}").write_bytes(data)
    refuse(storysign, tmp_path, f"in.{ending}", f"'in.{ending}'", word, "16 to 8192", output="out.png")


def test_a_picture_that_claims_too_much_takes_no_memory(storysign, tmp_path):
    (tmp_path / "in.png").write_bytes(png(2**31 - 1, 2**31 - 1, rows=False))
    refuse(storysign, tmp_path, "in.png", "too large", output="out.png")


def test_video_of_a_bad_size(storysign, ffmpeg, tmp_path):
    shutil.copy(ffmpeg("tiny.mp4", "-f", "lavfi", "-i", "testsrc2=s=8x8:d=0.2", "-pix_fmt", "yuv420p"),
                tmp_path / "in.mp4")
    refuse(storysign, tmp_path, "in.mp4", "too small: 8 x 8")


@pytest.mark.parametrize("ending", ["jpg", "png", "bmp", "webp"])
def test_truncated_picture(storysign, ffmpeg, photos, tmp_path, ending):
    source = photos[0] if ending == "jpg" else ffmpeg(f"photo.{ending}", "-i", photos[0])
    data = source.read_bytes()
    (tmp_path / f"in.{ending}").write_bytes(data[:len(data) // 2])
    refuse(storysign, tmp_path, f"in.{ending}", f"'in.{ending}' cannot be read", output="out.png")


def test_folder_without_pictures(storysign, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/notes.txt").write_text("x")
    refuse(storysign, tmp_path, "in", "holds no picture", output="out")


def test_folder_with_one_bad_picture(storysign, photos, tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(photos[0], tmp_path / "in/a.jpg")
    data = photos[1].read_bytes()
    (tmp_path / "in/b.jpg").write_bytes(data[:len(data) // 2])
    (tmp_path / "out").mkdir()
    refuse(storysign, tmp_path, "in", "in/b.jpg", "cannot be read", output="out")
    assert list((tmp_path / "out").iterdir()) == []


def test_folder_to_a_file_name(storysign, photos, tmp_path):
    refuse(storysign, tmp_path, photos[0].parent, "name a folder", output="out.mp4")


def test_heic_picture(storysign, tmp_path):
    (tmp_path / "in.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(500))
    refuse(storysign, tmp_path, "in.heic", "HEIC", "JPEG or PNG", output="out.png")


@pytest.mark.parametrize("output", ["out", "out.webm", "out.jpg"])
def test_unknown_output_format(storysign, blank, tmp_path, output):
    refuse(storysign, tmp_path, blank, f"'{output}'", ".mp4, .mov or .mkv", output=output)


def test_start_behind_the_end(storysign, blank, tmp_path):
    result = storysign("annotate", blank, "out.mp4", "--start", 10)
    assert_refused(result, tmp_path, "10 frames", "--start 10")


@pytest.mark.parametrize("option, word", [
    (("--mode", "fast"), "fast"),
    (("--complexity", "3"), "--complexity"), (("--min-detection-confidence", "1.5"), "--min-detection"),
    (("--tracker", "body"), "--tracker"), (("--frames", "0"), "--frames"), (("--start", "-1"), "--start"),
    (("--plain", "--no-draw"), "--plain"), (("--nonsense",), "--nonsense"),
    (("--models", "/nowhere"), "/nowhere")])
def test_bad_option(storysign, blank, tmp_path, option, word):
    result = storysign("annotate", blank, "out.mp4", *option)
    assert_refused(result, tmp_path, word)


# Places that cannot be written to.


def test_output_folder_that_does_not_exist(storysign, blank, tmp_path):
    refuse(storysign, tmp_path, blank, "there is no folder 'gone'", output="gone/out.mp4")


def test_output_folder_that_is_a_file(storysign, blank, tmp_path):
    (tmp_path / "file").write_text("x")
    refuse(storysign, tmp_path, blank, "'file' is not a folder", output="file/out.mp4")


def test_output_folder_that_is_not_writable(storysign, program, blank, tmp_path_factory, tmp_path):
    if os.geteuid() != 0:
        (tmp_path / "locked").mkdir(mode=0o555)
        refuse(storysign, tmp_path, blank, "'locked/out.mp4'", "Permission denied",
               output="locked/out.mp4")
    else:
        # Nothing stops root but the kernel's own folders.
        refuse(storysign, tmp_path, blank, "'/sys/out.mp4'", "choose a folder that you may write to",
               output="/sys/out.mp4")


def test_full_disk_for_the_video(storysign, brother, tmp_path):
    """A limit on the size of files stands for the disk."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000))

    result = storysign("annotate", brother, "out.mp4", *QUICK, preexec_fn=limit)
    assert result.returncode == EXIT_BAD_INPUT
    assert "Cannot write 'out.mp4'" in result.stderr and "free some space" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_full_disk_for_the_landmarks(storysign, blank, tmp_path):
    result = storysign("annotate", blank, "out.mp4", "--landmarks", "/dev/full", *QUICK)
    assert_refused(result, tmp_path, "'/dev/full'", "No space left on device")
    assert pathlib.Path("/dev/full").is_char_device()


def test_full_disk(storysign, brother, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)],
                             capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("a small file system can only be mounted by root")
    try:
        for options in (("disk/out.mp4", *QUICK), ("disk/out.mkv", *QUICK),
                        (*BODY, "--landmarks", "disk/out.jsonl")):
            result = storysign("annotate", brother, *options)
            assert result.returncode == EXIT_BAD_INPUT, result.stderr
            (name,) = (option for option in options if "disk/" in option)
            assert f"Cannot write '{name}': No space left on device" in result.stderr
            assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_no_link_to_follow_is_replaced(storysign, blank, tmp_path):
    """A symbolic link stays one, and the file that it names is written."""
    (tmp_path / "real").mkdir()
    os.symlink("real/out.jsonl", tmp_path / "link.jsonl")
    result = storysign("annotate", blank, "--landmarks", "link.jsonl", *QUICK)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "link.jsonl").is_symlink()
    assert len(records(tmp_path / "real/out.jsonl")) == 10


# Ctrl-C.


@pytest.fixture
def started(program, tmp_path):
    """Starts the program; kills it at the end if it still runs."""
    running = []

    def start(*arguments):
        process = subprocess.Popen([str(program), *map(str, arguments)], cwd=tmp_path,
                                   env=program_environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stop_leaves_a_playable_part(started, ffmpeg, brother, tmp_path, number):
    source = ffmpeg("long.mkv", "-stream_loop", "9", "-i", brother, "-c", "copy")
    process = started("annotate", source, "out.mp4", "--landmarks", "out.jsonl", *QUICK)
    assert "frame" in process.stderr.readline()  # The first line of progress.
    process.send_signal(number)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == EXIT_STOPPED
    said = re.search(r"Stopped after (\d+) of (\d+) frames; 'out.mp4' and 'out.jsonl' hold them", out)
    assert said, out
    assert 0 < int(said[1]) < int(said[2]) == 65 * 10
    assert probe(tmp_path / "out.mp4")["nb_read_frames"] == said[1]
    assert len(records(tmp_path / "out.jsonl")) == int(said[1])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.jsonl", "out.mp4"]


def test_stop_while_loading_leaves_nothing(started, ffmpeg, brother, tmp_path):
    source = ffmpeg("long.mkv", "-stream_loop", "9", "-i", brother, "-c", "copy")
    process = started("annotate", source, "out.mp4")
    deadline = time.monotonic() + 60
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)  # The networks are being loaded now.
    out, err = process.communicate(timeout=120)
    assert process.returncode == EXIT_STOPPED
    if "Stopped after" not in out:  # It was quicker than this test: then the part is there.
        assert err == "storysign: Stopped before the first frame was done; no file was written.\n"
        assert list(tmp_path.iterdir()) == []
    else:
        assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_progress_bar_on_a_terminal(program, blank, tmp_path):
    import pty

    master, slave = pty.openpty()
    process = subprocess.Popen([str(program), "annotate", str(blank), *QUICK], cwd=tmp_path,
                               env=program_environment(), stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    assert process.wait(timeout=120) == 0
    text = shown.decode()
    assert "[" in text and "per second" in text and "left" in text
    assert text.endswith("\r\x1b[K"), "the line is cleared at the end"
