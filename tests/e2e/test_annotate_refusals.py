"""`storysign annotate` from outside: bad inputs, and places that cannot be written to."""

import os
import pathlib
import resource
import shutil
import struct
import subprocess
import zlib

import pytest

from annotate_support import assert_refused, BODY, EXIT_BAD_INPUT, QUICK, records


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
    (("--mode", "quick"), "quick"), (("--mode", "fast", "--profile", "best"), "best"),
    (("--profile", "balanced"), "--mode fast"), (("--mode", "reference", "--profile", "balanced"), "--mode fast"),
    (("--frame-skip", "3"), "--mode fast"), (("--mode", "fast", "--frame-skip", "61"), "--frame-skip"),
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
