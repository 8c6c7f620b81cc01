"""The set-up against made-up clients and artifacts: what it does once, what it repairs, and its sentence for each failure.

apt-get, dpkg-query, python3 -m pip and npm are small scripts in a folder that is the whole PATH but for the shell's tools.
"""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import prepare

from made_up_programs import make_programs

MODEL = b"a network" * 100
CLIENTS = {
    # Installed packages are the lines of the file `installed`.
    "dpkg-query": 'for name in "${@:4}"; do grep -qx "$name" $FAKE/installed && echo "$name installed"; done; exit 0',
    "apt-get": 'echo "$@" >> $FAKE/apt-calls\n'
               '[ -x $STORYSIGN_SETUP_POLICY ] && cat $STORYSIGN_SETUP_POLICY > $FAKE/policy-then\n'
               'case " $* " in *" update "*) exit 0;; esac\n'
               'for name in "$@"; do case "$name" in no-such-*) echo "E: Unable to locate package $name"; exit 100;; esac; done\n'
               'printf "%s\\n" "$@" >> $FAKE/installed',
    "systemctl": 'echo "$@" >> $FAKE/systemctl-calls',
    "npm": 'echo "$@" >> $FAKE/npm-calls; [ -f $FAKE/npm-fails ] && { cat $FAKE/npm-fails; exit 1; }; cp $FAKE/package.tgz .',
    # `python3 -m pip download ... --dest FOLDER NAME==VERSION`
    "python3": 'echo "$@" >> $FAKE/pip-calls; [ -f $FAKE/pip-fails ] && { cat $FAKE/pip-fails; exit 1; }\n'
               'while [ $# -gt 0 ]; do [ "$1" = --dest ] && cp $FAKE/package.whl "$2"/; shift; done',
}


class Machine:
    """A made-up machine in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.deps = folder / "deps"
        make_programs(folder / "bin", CLIENTS, ("bash", "grep", "cp", "cat"))
        (folder / "installed").write_text("good-package\n", encoding="utf-8")
        (folder / "packages.txt").write_text("[build]\n# why\ngood-package\n", encoding="utf-8")
        with zipfile.ZipFile(folder / "package.whl", "w") as wheel:
            wheel.writestr("engine/include/engine.hpp", "#pragma once\n")
            wheel.writestr("engine/include/extra/meddler.hpp", "not wanted either\n")
            wheel.writestr("engine/python.py", "not wanted\n")
        with tarfile.open(folder / "package.tgz", "w:gz") as tarball:
            member = tarfile.TarInfo("package/net.tflite")
            member.size = len(MODEL)
            tarball.addfile(member, io.BytesIO(MODEL))
        self.artifacts = [
            {"name": "engine", "version": "1.2", "from": "pip", "python": "311", "platform": "any",
             "sha256": prepare.sha256_of(folder / "package.whl"),
             "unpack": {"into": "engine", "parts": {"engine/include/": "include/"}, "leave_out": ["engine/include/extra/m"], "must_hold": ["include/engine.hpp"]}},
            {"name": "@nets/one", "version": "3.4", "from": "npm", "sha256": prepare.sha256_of(folder / "package.tgz"),
             "models": {"package/net.tflite": hashlib.sha256(MODEL).hexdigest()}},
        ]

    def run(self, **environment):
        (self.folder / "artifacts.json").write_text(json.dumps({"artifacts": self.artifacts}), encoding="utf-8")
        return subprocess.run(
            [sys.executable, prepare.__file__, "--for", "build", "--deps", self.deps,
             "--packages", self.folder / "packages.txt", "--artifacts", self.folder / "artifacts.json"],
            env={"PATH": str(self.folder / "bin"), "FAKE": str(self.folder), "STORYSIGN_SETUP_PAUSE": "0",
                 "STORYSIGN_SETUP_POLICY": str(self.folder / "policy-rc.d"), **environment},
            capture_output=True, text=True, check=False)

    def calls(self, client):
        path = self.folder / f"{client}-calls"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def sentence(self):
        """The one sentence of a set-up that must fail."""
        done = self.run()
        assert done.returncode == 1, done.stdout + done.stderr
        lines = done.stderr.splitlines()
        assert len(lines) == 1 and lines[0].startswith("set-up failed: "), done.stderr
        assert not list(self.deps.glob(".*-*")), "an unfinished file was left behind"
        return lines[0]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gets as far as apt-get")


def test_makes_everything_once(machine):
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert (machine.deps / "models" / "net.tflite").read_bytes() == MODEL
    assert (machine.deps / "engine" / "include" / "engine.hpp").is_file()
    assert not (machine.deps / "engine" / "python.py").exists()
    assert not (machine.deps / "engine" / "include" / "extra").exists()
    assert re.search(r"engine 1\.2 \(pip\) \.\.\. fetched, hash checked, unpacked \(\d+\.\d s\)", done.stdout)

    again = machine.run()
    assert again.returncode == 0 and again.stdout.count("there, checked") == 2
    assert len(machine.calls("pip")) == 1 and len(machine.calls("npm")) == 1
    assert machine.calls("apt") == [], "apt-get has nothing to do where all packages are installed"

    machine.artifacts[0]["unpack"]["leave_out"] = []
    assert machine.run().returncode == 0
    assert (machine.deps / "engine" / "include" / "extra" / "meddler.hpp").is_file(), "another choice is another unpacking"


@pytest.mark.parametrize("damage", ["truncate model", "remove model", "truncate header", "remove manifest"])
def test_repairs_what_is_damaged(machine, damage):
    assert machine.run().returncode == 0
    model, header = machine.deps / "models" / "net.tflite", machine.deps / "engine" / "include" / "engine.hpp"
    {"truncate model": lambda: model.write_bytes(MODEL[:10]), "remove model": model.unlink,
     "truncate header": lambda: header.write_bytes(b""),
     "remove manifest": (machine.deps / "engine" / ".manifest.json").unlink}[damage]()
    assert machine.run().returncode == 0
    assert model.read_bytes() == MODEL and header.read_text(encoding="utf-8") == "#pragma once\n"


def test_clears_what_an_interrupted_run_left(machine):
    (machine.deps / ".new-half" / "include").mkdir(parents=True)
    (machine.deps / ".download-half").mkdir()
    assert machine.run().returncode == 0
    assert not list(machine.deps.glob(".new-*")) and not list(machine.deps.glob(".download-*"))


@needs_root
def test_installs_only_what_is_missing(machine):
    (machine.folder / "packages.txt").write_text("[build]\ngood-package\nother-package\n[test]\nlinter\n", encoding="utf-8")
    assert machine.run().returncode == 0
    install = [call for call in machine.calls("apt") if " install " in call]
    assert len(install) == 1 and install[0].endswith(" other-package")


@needs_root
def test_leaves_no_service_behind(machine):
    (machine.folder / "packages.txt").write_text("[build]\ngood-package\nprometheus\n", encoding="utf-8")
    assert machine.run().returncode == 0
    assert (machine.folder / "policy-then").read_text(encoding="utf-8") == "#!/bin/sh\nexit 101\n", "while apt-get ran"
    assert not (machine.folder / "policy-rc.d").exists()
    assert machine.calls("systemctl") == ["disable --quiet prometheus"]
    # Somebody's own policy stays, and so does the service of a package that was there.
    (machine.folder / "policy-rc.d").write_text("theirs", encoding="utf-8")
    (machine.folder / "packages.txt").write_text("[build]\nprometheus\nother\n", encoding="utf-8")
    assert machine.run().returncode == 0
    assert (machine.folder / "policy-rc.d").read_text(encoding="utf-8") == "theirs"
    assert len(machine.calls("systemctl")) == 1


@needs_root
def test_names_the_package_that_does_not_exist(machine):
    (machine.folder / "packages.txt").write_text("[build]\ngood-package\nno-such-thing\n", encoding="utf-8")
    assert "no package named no-such-thing" in machine.sentence()


def test_says_what_to_run_when_not_root(tmp_path, monkeypatch):
    class NoLog:
        @staticmethod
        def run(command):
            return 0, "good-package installed\n"
    monkeypatch.setattr(prepare.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(prepare.shutil, "which", lambda name: name)
    with pytest.raises(prepare.SetupError, match="apt-get install -y --no-install-recommends one two$"):
        prepare.install_packages(["good-package", "one", "two"], NoLog)


def test_refuses_a_line_that_is_no_package_name(machine):
    (machine.folder / "packages.txt").write_text("[build]\ngood package; rm\n", encoding="utf-8")
    assert "packages.txt:2: 'good package; rm' is not a Debian package name" in machine.sentence()


@pytest.mark.parametrize("index, what", [(0, "engine 1.2 (pip)"), (1, "@nets/one 3.4 (npm)")])
def test_names_the_download_with_the_wrong_hash(machine, index, what):
    wanted = machine.artifacts[index]["sha256"] = "0" * 64
    sentence = machine.sentence()
    assert f"download of {what} has the wrong hash: expected sha256 {wanted}, got " in sentence


def test_names_a_truncated_download(machine):
    package = machine.folder / "package.tgz"
    package.write_bytes(package.read_bytes()[:100])
    sentence = machine.sentence()
    assert "@nets/one 3.4 (npm) has the wrong hash" in sentence and "(100 bytes)" in sentence
    assert not (machine.deps / "models" / "net.tflite").exists()


def test_names_the_model_with_the_wrong_hash(machine):
    machine.artifacts[1]["models"]["package/net.tflite"] = "1" * 64
    assert "The model net.tflite of @nets/one 3.4 (npm) has the wrong hash: expected sha256 1111" in machine.sentence()


def test_names_what_an_archive_lacks(machine):
    machine.artifacts[1]["models"]["package/other.tflite"] = "1" * 64
    assert "does not hold package/other.tflite" in machine.sentence()


def test_names_the_version_that_does_not_exist(machine):
    (machine.folder / "pip-fails").write_text("ERROR: No matching distribution found for engine==1.2\n", encoding="utf-8")
    assert "knows no engine 1.2 (pip)" in machine.sentence()
    assert len(machine.calls("pip")) == 1


def test_tries_again_when_the_network_fails_and_says_so(machine):
    (machine.folder / "npm-fails").write_text("npm error code EAI_AGAIN\nnpm error getaddrinfo\n", encoding="utf-8")
    assert "Could not fetch @nets/one 3.4 (npm): the network did not answer in 3 tries" in machine.sentence()
    assert len(machine.calls("npm")) == 3


def test_names_the_client_that_is_missing(machine):
    (machine.folder / "bin" / "npm").unlink()
    assert "The program npm is missing" in machine.sentence()


def test_refuses_a_system_that_is_not_debian(machine):
    (machine.folder / "bin" / "dpkg-query").unlink()
    assert "needs Debian bookworm" in machine.sentence()


def test_keeps_the_old_folder_until_the_new_one_is_whole(machine):
    assert machine.run().returncode == 0
    machine.artifacts[0]["sha256"] = "0" * 64
    machine.sentence()
    assert (machine.deps / "engine" / "include" / "engine.hpp").is_file()


def test_every_pin_is_a_version_and_a_hash(root):
    requirements = (root / "setup" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in requirements if line and not line.startswith("#")]
    assert pins and all(re.fullmatch(r"[\w.-]+==[\w.]+ --hash=sha256:[0-9a-f]{64}", line) for line in pins)
    for artifact in json.loads((root / "setup" / "artifacts.json").read_text(encoding="utf-8"))["artifacts"]:
        hashes = [artifact["sha256"], *artifact.get("models", {}).values()]
        assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in hashes)


def test_the_program_expects_the_networks_that_are_fetched(root):
    """engine's table and the set-up's table name the same hash for the same file."""
    fetched = {Path(name).name: sha256
               for artifact in json.loads((root / "setup" / "artifacts.json").read_text(encoding="utf-8"))["artifacts"]
               for name, sha256 in artifact.get("models", {}).items()}
    source = (root / "src" / "engine" / "models.cpp").read_text(encoding="utf-8")
    known = re.findall(r'"(\w+\.tflite)"[^"]*"([0-9a-f]{64})"', source)
    assert len(known) >= 11
    assert {file: fetched.get(file) for file, _ in known} == dict(known)
