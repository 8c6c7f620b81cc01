"""The set-up of the page against a made-up npm: what it does once, what it does anew, and its sentence for each failure."""

import json
import re
import subprocess
import sys

import page
import pytest

from made_up_programs import make_programs

CLIENTS = {
    "node": 'cat $FAKE/node-version',
    "npm": 'echo "$@" >> $FAKE/npm-calls; [ -f "$FAKE/fails-$1" ] && { cat "$FAKE/fails-$1"; exit 1; }\n'
           'case "$1" in ci) rm -rf node_modules; mkdir node_modules;; '
           'run) [ -f $FAKE/builds-nothing ] || { mkdir -p dist; echo page > dist/index.html; };; esac',
}


class Machine:
    """A made-up machine with a page in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.web = folder / "web"
        (self.web / "src").mkdir(parents=True)
        (folder / "build" / "home").mkdir(parents=True)
        for name in ("package.json", "package-lock.json", "index.html", "src/main.tsx"):
            (self.web / name).write_text("{}", encoding="utf-8")
        (folder / "node-version").write_text("v20.19.0\n", encoding="utf-8")
        make_programs(folder / "bin", CLIENTS, ("bash", "cat", "mkdir", "rm"))

    def run(self):
        return subprocess.run(
            [sys.executable, page.__file__, "--web", self.web, "--deps", self.folder / "deps"],
            env={"PATH": str(self.folder / "bin"), "FAKE": str(self.folder), "STORYSIGN_SETUP_PAUSE": "0"},
            capture_output=True, text=True, check=False)

    def calls(self):
        """The npm commands since the last call of this."""
        path = self.folder / "npm-calls"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [line.split()[0] for line in lines]

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
    assert (machine.web / "dist" / "index.html").is_file()
    assert machine.calls() == ["ci", "run"]
    again = machine.run()
    assert again.returncode == 0 and again.stdout.count("... there") == 2
    assert machine.calls() == []


@pytest.mark.parametrize("change, calls", [
    (lambda web: (web / "src" / "main.tsx").write_text("new"), ["run"]),
    (lambda web: (web / "src" / "more.ts").write_text("new"), ["run"]),
    (lambda web: (web.parent / "build" / "home" / "home.wasm").write_text("new"), ["run"]),
    (lambda web: (web / "dist" / "index.html").unlink(), ["run"]),
    (lambda web: (web / "package-lock.json").write_text("new"), ["ci", "run"]),
    (lambda web: (web / "README.md").write_text("new"), []),
])
def test_does_anew_what_changed(machine, change, calls):
    assert machine.run().returncode == 0
    machine.calls()
    change(machine.web)
    assert machine.run().returncode == 0
    assert machine.calls() == calls


@pytest.mark.parametrize("command, words, sentence", [
    ("ci", "npm error code EINTEGRITY\nnpm error sha512-a integrity checksum failed", "has the wrong hash"),
    ("ci", "npm error code EUSAGE\nnpm error `npm ci` can only install packages when", "does not fit web/package.json"),
    ("ci", "npm error code ETARGET\nnpm error notarget No matching version", "lacks a package"),
    ("ci", "npm error code EAI_AGAIN", "the network did not answer in 3 tries"),
    ("ci", "npm error something else", "ended with status 1"),
    ("run", "error TS1005", "could not be built"),
])
def test_says_what_failed(machine, command, words, sentence):
    (machine.folder / f"fails-{command}").write_text(words, encoding="utf-8")
    assert sentence in machine.sentence()
    (machine.folder / f"fails-{command}").unlink()
    assert machine.run().returncode == 0, "the next run repairs it"


def test_does_not_take_an_empty_build_for_a_page(machine):
    (machine.folder / "builds-nothing").write_text("", encoding="utf-8")
    assert "left no" in machine.sentence()


def test_names_a_node_that_is_too_old(machine):
    (machine.folder / "node-version").write_text("v18.20.4\n", encoding="utf-8")
    assert "Node.js is v18.20.4" in machine.sentence()


@pytest.mark.parametrize("client", ["node", "npm"])
def test_names_the_client_that_is_missing(machine, client):
    (machine.folder / "bin" / client).unlink()
    assert f"The program {client} is missing" in machine.sentence()


def test_every_package_of_the_page_is_pinned(root):
    package = json.loads((root / "web" / "package.json").read_text(encoding="utf-8"))
    for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+(-alpha\.\d+)?", version), f"{name} is not pinned"
    lock = json.loads((root / "web" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {path: entry for path, entry in lock["packages"].items() if path}
    assert packages
    for path, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), path
        assert "resolved" not in entry, f"{path} names a host"
        assert not entry.get("hasInstallScript"), f"{path} runs a script when it is installed"


def test_the_node_asked_for_is_the_one_of_the_package(root):
    package = json.loads((root / "web" / "package.json").read_text(encoding="utf-8"))
    assert package["engines"]["node"] == f">={page.NODE[0]}.{page.NODE[1]}.0"


def test_notice_names_what_is_bundled(root):
    package = json.loads((root / "web" / "package.json").read_text(encoding="utf-8"))
    notice = (root / "NOTICE").read_text(encoding="utf-8")
    for name, version in package["dependencies"].items():
        assert re.search(rf"^{re.escape(name)} {re.escape(version)}\b", notice, re.MULTILINE), name
    assert [name for name in package["devDependencies"] if name not in notice] == []
