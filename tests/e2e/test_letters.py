"""`storysign annotate --letters`: from a photo of a hand to the letter of the manual alphabet."""

import subprocess

import pytest

from annotate_support import assert_refused, records


def letters_of(record):
    """The readings of the hands that were found, most probable letter first."""
    return [reading for reading in record["letters"].values() if reading is not None]


@pytest.fixture(scope="module")
def photos(program, shared, tmp_path_factory):
    folder = shared / "data/letters/photos"
    if not folder.is_dir():
        pytest.skip(f"there are no letter photos at {folder}")
    return folder


def read(program, folder, out):
    subprocess.run([program, "annotate", folder, "--tracker", "hands", "--letters", "--landmarks", out], check=True,
                   capture_output=True, timeout=300)
    return records(out)


def test_letter_photos_are_read(program, photos, tmp_path):
    lines = read(program, photos, tmp_path / "out.jsonl")
    assert len(lines) == 72
    found = [line for line in lines if letters_of(line)]
    assert len(found) >= 55
    for line in lines:
        for side in ("left", "right"):
            reading = line["letters"][side]
            assert (reading is None) == (line[f"{side}_hand"] is None)
            if reading is not None:
                assert [len(letter) for letter, _ in reading] == [1, 1, 1]
                confidences = [confidence for _, confidence in reading]
                assert confidences == sorted(confidences, reverse=True) and 0 < sum(confidences) <= 1.0001
    # J and Z are movements: a photo shows one moment of them.
    still = [line for line in found if line["file"][0] not in "JZ"]
    right = [line for line in still if any(reading[0][0] == line["file"][0] for reading in letters_of(line))]
    print(f"{len(right)} of {len(still)} photos read right")
    assert len(right) >= 0.85 * len(still), [line["file"] for line in still if line not in right]


def test_mirrored_photos_are_read_as_the_other_hand(program, photos, tmp_path):
    mirrored = tmp_path / "mirrored"
    mirrored.mkdir()
    for letter in ("A22", "B15", "C17", "F3", "L", "O20", "U6", "V2", "Y5"):
        for photo in photos.glob(f"{letter}.jpg"):
            subprocess.run(["ffmpeg", "-v", "error", "-i", photo, "-vf", "hflip", "-q:v", "2", mirrored / photo.name], check=True)
    here = {line["file"]: line for line in read(program, photos, tmp_path / "here.jsonl")}
    there = read(program, mirrored, tmp_path / "there.jsonl")
    assert len(there) >= 8
    for line in there:
        seen, before = letters_of(line), letters_of(here[line["file"]])
        assert len(seen) == len(before) == 1, line["file"]
        assert seen[0][0][0] == before[0][0][0], line["file"]
        sides = [{side for side, reading in record["letters"].items() if reading} for record in (line, here[line["file"]])]
        assert sides[0] != sides[1], f"{line['file']} is the same hand when mirrored"


def test_letters_belong_to_the_landmark_file(storysign, shared, tmp_path):
    result = storysign("annotate", shared / "data/letters/photos/A22.jpg", "--letters")
    assert_refused(result, tmp_path, "--letters", "--landmarks FILE")
