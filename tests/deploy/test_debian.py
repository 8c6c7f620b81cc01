"""The Debian package: what is in it, and its whole life on this machine: installed, run, upgraded, removed, purged.

Installs for real, so it needs root; nothing of it is left behind. It refuses to run where a storysign package is installed.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import urllib.request

import pytest
from websockets.sync.client import connect

from client_messages import free_port, raw_frame
from conftest import ROOT, needed, run

BUILD = ROOT / "build" / "release"
PLACES = ("/usr", "/etc", "/lib/systemd", "/var/lib")
# What dpkg itself remembers.
NOT_OURS = re.compile(r"^/var/lib/dpkg/")


@pytest.fixture(scope="module")
def package(program):
    """The path of the freshly packed package."""
    needed("dpkg-shlibdeps", "dpkg-dev")
    for old in (BUILD / "package").glob("*.deb"):
        old.unlink()
    done = run("cmake", "--build", BUILD, "--target", "debian_package", timeout=600)
    assert done.returncode == 0, done.stdout[-3000:]
    [made] = (BUILD / "package").glob("*.deb")
    return made


def field(package, name):
    return run("dpkg-deb", "--field", package, name).stdout.strip()


def test_it_says_what_it_is_and_needs(package):
    assert field(package, "Package") == "storysign" and field(package, "Architecture") == "amd64"
    depends = field(package, "Depends")
    for library in ("libc6", "libssl3", "libavformat59", "libturbojpeg0", "adduser"):
        assert library in depends, depends
    assert "openvino" not in depends, "it is inside"


def test_everything_has_its_place_and_mode(package):
    listing = run("dpkg-deb", "--contents", package).stdout
    files = {line.split()[5][1:]: line.split()[:2] for line in listing.splitlines()}
    for path in ("/usr/bin/storysign", "/usr/lib/storysign/libopenvino.so.2641", "/usr/share/storysign/models/pose_detection.tflite",
                 "/usr/share/storysign/web/index.html", "/etc/storysign/config.yaml", "/lib/systemd/system/storysign.service",
                 "/usr/sbin/storysign-tune", "/usr/share/doc/storysign/copyright", "/usr/share/doc/storysign/changelog.gz"):
        assert path in files, path
    for path, (mode, owner) in files.items():
        assert owner == "root/root" and mode[5] != "w" and mode[8] != "w", (path, mode, owner)
    models = {pathlib.Path(path).name for path in files if path.startswith("/usr/share/storysign/models/") and path.endswith(".tflite")}
    pinned = {pathlib.Path(path).name for artifact in json.loads((ROOT / "setup/artifacts.json").read_text())["artifacts"]
              for path in artifact.get("models", {})}
    assert models == pinned, "the networks come along"


def test_no_path_of_the_machine_that_built_it(package, tmp_path):
    subprocess.run(["dpkg-deb", "--extract", package, tmp_path], check=True)
    found = run("readelf", "--dynamic", tmp_path / "usr/bin/storysign").stdout
    paths = re.findall(r"(?:RPATH|RUNPATH).*\[(.*)\]", found)
    assert paths == ["$ORIGIN/../lib/storysign"], found


def test_scripts_are_clean(package, tmp_path):
    subprocess.run(["dpkg-deb", "--control", package, tmp_path], check=True)
    for name in ("postinst", "prerm", "postrm"):
        done = run(needed("shellcheck", "shellcheck"), tmp_path / name)
        assert done.returncode == 0, done.stdout
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o755


def everything():
    """Every path with its name where the package may put something; the machine may change otherwise meanwhile."""
    out = set()
    for place in PLACES:
        for folder, folders, files in os.walk(place):
            out.update(os.path.join(folder, name) for name in folders + files)
    return {path for path in out if "storysign" in path and not NOT_OURS.search(path)}


def installed():
    return run("dpkg-query", "--show", "--showformat=${db:Status-Abbrev}", "storysign").stdout.strip()[:2]


@pytest.fixture
def clean_machine():
    if os.geteuid() != 0:
        pytest.skip("only root may install a package")
    if installed() in ("ii", "rc") or shutil.which("storysign"):
        pytest.skip("a storysign is installed here; this test would replace it")
    before = everything()
    yield before
    dpkg("--purge", "storysign")


def dpkg(*words):
    """One at a time: another package may be just being installed."""
    deadline = time.monotonic() + 120
    while True:
        done = run("dpkg", *words, timeout=300, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        if "lock was locked by another process" not in done.stdout or time.monotonic() > deadline:
            break
        time.sleep(1)
    assert done.returncode == 0, done.stdout
    return done.stdout


def as_storysign(*command, **options):
    """As the unit runs it: the service's user, its folder, nothing else in the environment."""
    return subprocess.Popen(["setpriv", "--reuid=storysign", "--regid=storysign", "--clear-groups", "--no-new-privs", *command],
                            env={"PATH": "/usr/bin", "STATE_DIRECTORY": "/var/lib/storysign"}, cwd="/var/lib/storysign",
                            text=True, **options)


def serve_and_ask(picture):
    """Runs the installed server and returns what it answered: health, page, a frame."""
    port = free_port()
    server = as_storysign("/usr/bin/storysign", "serve", "--config", "/etc/storysign/config.yaml", f"--server.port={port}",
                          f"--admin.port={free_port()}", "--performance.workers=1", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        line = server.stdout.readline()
        assert "StorySign is ready" in line, line + server.stderr.read()
        base = f"http://127.0.0.1:{port}"
        health = urllib.request.urlopen(f"{base}/healthz", timeout=10).status
        page = urllib.request.urlopen(f"{base}/", timeout=10).read().decode()
        with connect(f"ws://127.0.0.1:{port}/ws/video", compression=None, max_size=None) as client:
            client.recv(timeout=10)
            client.send(raw_frame(picture))
            answer = json.loads(client.recv(timeout=30))
    finally:
        server.terminate()
        status = server.wait(timeout=20)
        server.stdout.close()
        server.stderr.close()
    return health, page, answer, status


def test_it_is_installed_runs_and_goes_without_a_trace(package, clean_machine, frame_folder):
    picture = sorted(frame_folder.iterdir())[0].read_bytes()
    dpkg("--install", package)
    assert installed() == "ii"
    user = run("getent", "passwd", "storysign").stdout.split(":")
    assert user[5] == "/var/lib/storysign" and user[6].strip().endswith("nologin")
    state = pathlib.Path("/var/lib/storysign")
    assert state.stat().st_mode & 0o777 == 0o700 and state.owner() == "storysign"

    doctor = as_storysign("/usr/bin/storysign", "doctor", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = doctor.communicate(timeout=120)[0]
    assert re.search(r"models.*All \d+ files in /usr/share/storysign/models are the expected ones", text), text
    assert "OpenVINO" in text and "CPU" in text, text

    health, page, answer, status = serve_and_ask(picture)
    assert health == 200 and "<!doctype html>" in page.lower() and status == 0
    assert answer["metadata"]["success"] and answer["landmarks_detected"]["pose"], answer["metadata"]

    # An upgrade keeps what the operator changed.
    config = pathlib.Path("/etc/storysign/config.yaml")
    config.write_text(config.read_text() + "\n# changed by the operator\n")
    (state / "kept").write_text("what was stored")
    dpkg("--force-confold", "--install", package)
    assert "changed by the operator" in config.read_text() and (state / "kept").exists()

    dpkg("--remove", "storysign")
    assert not pathlib.Path("/usr/bin/storysign").exists() and config.exists() and (state / "kept").exists()
    left = everything() - clean_machine
    kept = ("/etc/storysign", "/var/lib/storysign", "/etc/systemd/system/", "/var/lib/systemd/deb-systemd-helper")
    assert [path for path in left if not path.startswith(kept)] == []

    dpkg("--purge", "storysign")
    assert everything() - clean_machine == set()
    assert run("getent", "passwd", "storysign").returncode != 0 and run("getent", "group", "storysign").returncode != 0
