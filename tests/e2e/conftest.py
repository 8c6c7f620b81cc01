"""What the end-to-end tests share: the program, the clips, and inputs made with ffmpeg.

STORYSIGN_BIN names the program (default build/release/storysign).
"""

import contextlib
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: is about time, or needs the machine: no other test runs beside it")


def program_environment():
    """The environment without settings of whoever runs the tests."""
    return {k: v for k, v in os.environ.items() if not k.startswith("STORYSIGN_")}


@pytest.fixture(scope="session")
def program():
    path = pathlib.Path(os.environ.get("STORYSIGN_BIN", ROOT / "build/release/storysign")).resolve()
    if not path.is_file():
        pytest.fail(f"there is no program {path}; run `make build` or set STORYSIGN_BIN")
    return path


@pytest.fixture(scope="session")
def shared():
    """The folder beside the project with clips, reference landmarks and tools."""
    if not (SHARED / "data" / "clips").is_dir():
        pytest.skip(f"there is no test data in {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def ffmpeg(tmp_path_factory):
    """Makes a file with ffmpeg in a folder of this session: ffmpeg(name, *arguments) -> path."""
    if shutil.which("ffmpeg") is None:
        pytest.fail("ffmpeg is not installed; it makes the inputs of these tests")
    folder = tmp_path_factory.mktemp("made")

    def make(name, *arguments):
        path = folder / name
        if not path.exists():
            subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments), str(path)],
                           check=True)
        return path

    return make


@pytest.fixture
def storysign(program, tmp_path):
    """Runs the program in a fresh folder and returns the finished process."""

    def run(*arguments, **options):
        options.setdefault("cwd", tmp_path)
        options.setdefault("env", {**program_environment(), "XDG_STATE_HOME": str(tmp_path / "xdg-state")})
        return subprocess.run([str(program), *map(str, arguments)], capture_output=True, text=True,
                              timeout=300, **options)

    return run


@pytest.fixture(scope="session")
def brother(shared):
    return shared / "data/clips/brother.mkv"


@pytest.fixture(scope="session")
def frame_folder(brother, tmp_path_factory):
    """The first 30 frames of the clip `brother` as JPEG files, 640x480."""
    folder = tmp_path_factory.mktemp("frames")
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(brother), "-q:v", "4", "-frames:v", "30", str(folder / "%03d.jpg")],
                   check=True)
    assert len(list(folder.iterdir())) == 30
    return folder


@pytest.fixture(scope="session")
def jpeg(frame_folder):
    """The first of them."""
    return (frame_folder / "001.jpg").read_bytes()


@pytest.fixture(scope="session")
def photos(shared):
    return sorted((shared / "data/letters/photos").glob("*.jpg"))


@pytest.fixture(scope="session")
def blank(ffmpeg):
    """A short video with nobody in it."""
    return ffmpeg("blank.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=0.4", "-c:v",
                  "libx264", "-pix_fmt", "yuv420p")


@contextlib.contextmanager
def starting(program, folder):
    """Starts servers that end with the block: start(server__max_connections=2)."""
    from server_support import Server  # Which imports this file.

    with contextlib.ExitStack() as stack:
        def start(**settings):
            server = Server(program, folder, **settings)
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture
def serve(program, tmp_path):
    """Starts servers that end with the test."""
    with starting(program, tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def serve_module(program, tmp_path_factory):
    """Starts servers that end with the tests of a file."""
    with starting(program, tmp_path_factory.mktemp("serve")) as start:
        yield start
