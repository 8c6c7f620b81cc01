"""The units, as far as systemd's own tools can judge them without running them."""

import configparser
import re
import subprocess

import pytest

from client_messages import raw_frame
from conftest import DEPLOY, needed, run
from server_support import Server, receive
from syscall_filter import allowed, filtering

UNITS = DEPLOY / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
EXAMPLES = sorted((UNITS / "examples").glob("*.conf"))


def settings(path):
    """[(section, key, value)] of a unit; keys may repeat."""
    out, section = [], None
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            out.append((section, key, value))
    return out


def values(path, key):
    return [value for _, name, value in settings(path) if name == key]


@pytest.fixture
def installed(tmp_path):
    """The units as in a root of their own, where the programs that they name exist."""
    folder = tmp_path / "units"
    folder.mkdir()
    for unit in [*SERVICES, *UNITS.glob("*.timer")]:
        text = unit.read_text().replace("/usr/bin/storysign", "/bin/true").replace("file:///usr/share/doc/storysign", "file:///usr")
        (folder / unit.name).write_text(text)
    return folder


def verify(folder):
    units = [path for path in sorted(folder.iterdir()) if path.is_file()]
    return run(needed("systemd-analyze", "systemd"), "verify", "--man=no", *units)


def exposure(path):
    done = run(needed("systemd-analyze", "systemd"), "security", "--offline=yes", "--no-pager", path)
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


def test_systemd_understands_every_line(installed):
    done = verify(installed)
    assert done.returncode == 0 and done.stdout == "", done.stdout


def test_a_wrong_line_is_seen(installed):
    with open(installed / "storysign.service", "a") as unit:
        unit.write("[Service]\nProtectHorne=yes\n")
    assert "ProtectHorne" in verify(installed).stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_systemd_understands_the_examples(installed, example):
    for unit in ("storysign", "storysign-backup"):
        folder = installed / f"{unit}.service.d"
        folder.mkdir()
        (folder / example.name).write_text(example.read_text())
    done = verify(installed)
    assert done.returncode == 0 and done.stdout == "", done.stdout


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_little_is_exposed(unit):
    assert exposure(unit) <= 2.0


def test_the_measure_of_exposure_measures(tmp_path):
    loose = tmp_path / "storysign.service"
    kept = [line for line in (UNITS / "storysign.service").read_text().splitlines()
            if not line.startswith(("SystemCallFilter", "CapabilityBoundingSet", "Restrict"))]
    loose.write_text("\n".join(kept))
    assert exposure(loose) > 2.0


def test_the_server_is_watched_and_started_again():
    unit = UNITS / "storysign.service"
    assert values(unit, "Type") == ["notify"] and values(unit, "WatchdogSec") == ["30s"]
    assert values(unit, "Restart") == ["on-failure"]
    assert values(unit, "LimitCORE") == ["0"], "memory holds pictures of people"
    assert values(unit, "OOMPolicy") == ["stop"]


def test_machine_code_may_be_written_by_the_server_only():
    assert values(UNITS / "storysign.service", "MemoryDenyWriteExecute") == ["no"], "OpenVINO could not run"
    assert values(UNITS / "storysign-backup.service", "MemoryDenyWriteExecute") == ["yes"]


def test_the_stop_leaves_time_to_drain():
    """TimeoutStopSec= is longer than server.drain_timeout_ms, by default and in the example."""
    table = (DEPLOY.parent / "src/config/settings_table.inc").read_text()
    drain_ms = int(re.search(r"server, drain_timeout_ms, (\d+)", table)[1])
    assert int(values(UNITS / "storysign.service", "TimeoutStopSec")[0].rstrip("s")) * 1000 > drain_ms + 5000
    example = UNITS / "examples" / "drain.conf"
    set_ms = int(re.search(r"DRAIN_TIMEOUT_MS=(\d+)", example.read_text())[1])
    assert int(values(example, "TimeoutStopSec")[0].rstrip("s")) * 1000 > set_ms + 5000


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_settings_that_examples_name_exist(program, example):
    """Each Environment=STORYSIGN_... is one the program knows (an unknown one is refused)."""
    variables = dict(value.split("=", 1) for value in values(example, "Environment"))
    done = subprocess.run([program, "config", "check"], env={"PATH": "/usr/bin", **variables}, capture_output=True, text=True,
                          check=False, cwd="/")
    assert done.returncode == 0, done.stderr + done.stdout


def test_the_timer_starts_the_backup_every_night():
    timer = configparser.ConfigParser(interpolation=None)
    timer.read(UNITS / "storysign-backup.timer")
    assert timer["Timer"]["Persistent"] == "true"
    done = run(needed("systemd-analyze", "systemd"), "calendar", timer["Timer"]["OnCalendar"])
    assert done.returncode == 0, done.stdout
    assert (UNITS / "storysign-backup.service").exists(), "the unit of the same name"


@pytest.fixture(scope="module")
def filtered():
    return filtering(allowed(values(UNITS / "storysign.service", "SystemCallFilter")))


def test_the_server_works_with_the_calls_that_it_may_make(program, tmp_path, frame_folder, filtered, monkeypatch):
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *words, **options: popen(*words, **options, preexec_fn=filtered))
    server = Server(program, tmp_path, performance__workers=2)
    monkeypatch.undo()
    try:
        with server.connect() as client:
            client.send(raw_frame(sorted(frame_folder.iterdir())[0].read_bytes()))
            assert receive(client)["metadata"]["success"]
        assert server.stop()[0] == 0
    finally:
        server.close()


def test_the_filter_filters(filtered):
    """chroot needs a right and is a call that the unit leaves out: root may, but not behind the filter."""
    assert run("chroot", "/", "true").returncode == 0 or run("id", "-u").stdout != "0\n"
    done = run("chroot", "/", "true", preexec_fn=filtered)
    assert done.returncode != 0 and "Operation not permitted" in done.stdout
