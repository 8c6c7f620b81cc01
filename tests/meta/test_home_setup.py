"""The set-up of the tracker that the page runs, against a made-up compiler: what it does once, what anew, each failure's sentence."""

import subprocess
import sys

import home
import pytest

from made_up_programs import make_programs

# Writes its arguments down, and to the file after -o what it compiled.
COMPILER = ('[ "$1" = --version ] && { cat $FAKE/version; exit 0; }\n'
            'echo "$@" >> $FAKE/calls\n'
            'for word in "$@"; do [ -f "$FAKE/fails-$(basename $word)" ] && exit 1; done\n'
            'while [ "$1" != -o ]; do shift; done\n'
            '[ -f $FAKE/makes-nothing ] || echo made > "$2"')


class Machine:
    """A made-up machine with sources in a folder."""

    def __init__(self, folder):
        self.folder = folder
        for name in (*(f"{room}/a.cpp" for room in home.ROOMS), *home.FILES, "base/result.hpp"):
            (folder / "src" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "src" / name).write_text("", encoding="utf-8")
        (folder / "version").write_text("em++ 3.1.6\nmore\n", encoding="utf-8")
        make_programs(folder / "bin", {"em++": COMPILER}, ("bash", "cat", "basename"))

    def run(self):
        return subprocess.run([sys.executable, home.__file__, "--root", self.folder, "--jobs", "1"],
                              env={"PATH": str(self.folder / "bin"), "FAKE": str(self.folder)},
                              capture_output=True, text=True, check=False)

    def calls(self):
        path = self.folder / "calls"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def sentence(self):
        done = self.run()
        assert done.returncode == 1, done.stdout + done.stderr
        lines = done.stderr.splitlines()
        assert len(lines) == 1 and lines[0].startswith("set-up failed: "), done.stderr
        return lines[0]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_builds_once(machine):
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert (machine.folder / "build" / "home" / "home.wasm").is_file()
    calls = machine.calls()
    # Each source, and the link.
    assert len(calls) == len(home.ROOMS) + len(home.FILES) + 1
    assert all(f"objects/{name}".replace(".cpp", ".o") in calls[-1] for name in home.FILES)
    again = machine.run()
    assert again.returncode == 0 and "... there" in again.stdout
    assert machine.calls() == []


@pytest.mark.parametrize("change", [
    lambda folder: (folder / "src" / "vision" / "a.cpp").write_text("new"),
    lambda folder: (folder / "src" / "base" / "result.hpp").write_text("new"),
    lambda folder: (folder / "src" / "home" / "more.cpp").write_text("new"),
    lambda folder: (folder / "version").write_text("em++ 3.1.7\n"),
    lambda folder: (folder / "build" / "home" / "home.wasm").unlink(),
])
def test_does_anew_what_changed(machine, change):
    assert machine.run().returncode == 0
    machine.calls()
    change(machine.folder)
    assert machine.run().returncode == 0
    assert machine.calls()


def test_names_the_source_that_failed_and_repairs_it(machine):
    (machine.folder / "fails-quality.cpp").write_text("", encoding="utf-8")
    assert "src/adapt/quality.cpp could not be compiled" in machine.sentence()
    (machine.folder / "fails-quality.cpp").unlink()
    assert machine.run().returncode == 0, "the next run repairs it"


def test_says_that_linking_failed(machine):
    (machine.folder / "fails-.new.wasm").write_text("", encoding="utf-8")
    assert "could not be linked" in machine.sentence()
    assert not (machine.folder / "build" / "home" / "home.wasm").exists()


def test_does_not_take_nothing_for_a_program(machine):
    (machine.folder / "makes-nothing").write_text("", encoding="utf-8")
    assert "could not be linked" in machine.sentence()


def test_names_the_compiler_that_is_missing(machine):
    (machine.folder / "bin" / "em++").unlink()
    assert "install the Debian package emscripten" in machine.sentence()


def test_a_source_that_is_gone_is_named(machine):
    (machine.folder / "src" / "base" / "half_gray.cpp").unlink()
    assert "half_gray.cpp" in machine.sentence()
