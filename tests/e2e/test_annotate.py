"""`storysign annotate` from outside: good runs, outputs that exist, Ctrl-C and progress."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from annotate_support import assert_refused, BODY, EXIT_BAD_INPUT, EXIT_STOPPED, frame_times, probe, QUICK, records, rgb_frames
from conftest import program_environment


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


def test_settings_of_the_tracker(storysign, brother, tmp_path):
    """Each changes what is found, as its option does."""
    def found(name, *options):
        result = storysign("annotate", brother, "--frames", 12, "--landmarks", f"{name}.jsonl", *BODY, *options)
        assert result.returncode == 0, result.stderr
        return records(tmp_path / f"{name}.jsonl")

    assert {len(line["face"]) for line in found("refined", "--mediapipe.refine_face_landmarks=true")} == {478}
    fast = ("--mode", "fast", "--profile", "balanced")
    quick, exact = (found(name, *fast, f"--performance.quick_hands={name}") for name in ("true", "false"))
    # Only processors that compute in bfloat16 have another way to find hands.
    has_another = "avx512_bf16" in Path("/proc/cpuinfo").read_text()
    hands = [[(line["left_hand"], line["right_hand"]) for line in lines] for lines in (quick, exact)]
    assert (hands[0] != hands[1]) == has_another


def test_segmentation_by_a_setting(storysign, brother, tmp_path):
    for name, setting in (("blurred", "true"), ("sharp", "false")):
        result = storysign("annotate", brother, f"{name}.mp4", "--frames", 2, "--no-draw", f"--mediapipe.enable_segmentation={setting}", *BODY)
        assert result.returncode == 0, result.stderr
    blurred, sharp = (rgb_frames(tmp_path / f"{name}.mp4") for name in ("blurred", "sharp"))
    assert (blurred != sharp).any()


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
