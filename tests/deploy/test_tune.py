"""deploy/tune.sh on a made-up kernel, and on this one where that changes nothing."""

import subprocess

import pytest

from conftest import DEPLOY, needed, run

TUNE = DEPLOY / "tune.sh"
LOW = {
    "kernel/shmmax": "33554432",
    "net/core/rmem_max": "212992",
    "net/core/wmem_max": "212992",
    "net/core/default_qdisc": "pfifo_fast",
    "net/ipv4/tcp_rmem": "4096\t131072\t6291456",
    "net/ipv4/tcp_wmem": "4096\t16384\t4194304",
    "net/ipv4/tcp_congestion_control": "cubic",
    "net/ipv4/tcp_available_congestion_control": "reno cubic bbr",
    "vm/swappiness": "60",
}
GOOD = {
    **LOW,
    "kernel/shmmax": "268435456",
    "net/core/rmem_max": "16777216",
    "net/core/wmem_max": "16777216",
    "net/core/default_qdisc": "fq",
    "net/ipv4/tcp_rmem": "4096 131072 16777216",
    "net/ipv4/tcp_wmem": "4096 16384 16777216",
    "net/ipv4/tcp_congestion_control": "bbr",
    "vm/swappiness": "10",
}


class Kernel:
    def __init__(self, folder, values):
        self.root = folder
        self.conf = folder / "etc/sysctl.d/60-storysign.conf"
        self.modules = folder / "etc/modules-load.d/storysign.conf"
        for key, value in values.items():
            path = folder / "proc/sys" / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(value + "\n")

    def values(self):
        base = self.root / "proc/sys"
        return {str(path.relative_to(base)): path.read_text().strip() for path in base.rglob("*") if path.is_file()}

    def files(self):
        return {path: path.read_text() for path in self.root.rglob("*") if path.is_file()}

    def set(self, key, value):
        (self.root / "proc/sys" / key).write_text(value + "\n")

    def tune(self, word):
        done = run("bash", TUNE, "--root", self.root, word)
        return done.returncode, done.stdout


def verdicts(text):
    return {line.split()[0]: line.split()[-1] for line in text.splitlines() if line[:1].islower() and "." in line.split()[0]}


@pytest.fixture
def low(tmp_path):
    return Kernel(tmp_path, LOW)


def test_shellcheck_finds_nothing():
    done = run(needed("shellcheck", "shellcheck"), TUNE)
    assert done.returncode == 0, done.stdout


def test_check_says_what_is_and_what_should_be_and_changes_nothing(low):
    before = low.files()
    status, text = low.tune("check")
    assert status == 1
    assert set(verdicts(text).values()) == {"no"} and len(verdicts(text)) == 8, text
    assert "vm.swappiness" in text and "60" in text and "at most 10" in text
    assert low.files() == before


@pytest.mark.parametrize("key, value, name, verdict", [
    ("kernel/shmmax", "18446744073692774399", "kernel.shmmax", "ok"),  # 2^64 less a little: more than the shell counts to.
    ("kernel/shmmax", "268435455", "kernel.shmmax", "no"),
    ("net/core/rmem_max", "16777215", "net.core.rmem_max", "no"),
    ("net/core/rmem_max", "33554432", "net.core.rmem_max", "ok"),
    ("net/ipv4/tcp_rmem", "4096\t131072\t33554432", "net.ipv4.tcp_rmem", "ok"),
    ("vm/swappiness", "1", "vm.swappiness", "ok"),
    ("vm/swappiness", "11", "vm.swappiness", "no"),
    ("vm/swappiness", "100", "vm.swappiness", "no"),
])
def test_check_judges_each_value(tmp_path, key, value, name, verdict):
    kernel = Kernel(tmp_path, {**GOOD, key: value})
    status, text = kernel.tune("check")
    assert verdicts(text)[name] == verdict, text
    assert status == (0 if verdict == "ok" else 1)


def test_apply_sets_all_and_undo_puts_all_back(low):
    before = low.files()
    status, text = low.tune("apply")
    assert status == 0, text
    assert low.values() == GOOD
    assert "vm.swappiness was 60 and is 10 now" in text
    assert low.tune("check")[0] == 0
    lines = [line for line in low.conf.read_text().splitlines() if not line.startswith("#")]
    assert "net.ipv4.tcp_wmem = 4096 16384 16777216" in lines and "vm.swappiness = 10" in lines
    assert low.modules.read_text() == "tcp_bbr\n"
    status, text = low.tune("undo")
    assert status == 0, text
    assert {key: value.split() for key, value in low.values().items()} == {key: value.split() for key, value in LOW.items()}
    assert set(low.files()) == set(before)
    assert low.tune("undo") == (0, f"tune: nothing to undo: there is no {low.conf}.\n")


def test_apply_twice_is_the_same_as_once(low):
    low.tune("apply")
    once = low.files()
    status, text = low.tune("apply")
    assert status == 0 and "now." not in text, text
    assert low.files() == once
    low.tune("undo")
    assert low.values()["vm/swappiness"] == "60", "the first apply's value, not the second's"


def test_what_was_good_enough_is_left_alone(tmp_path):
    kernel = Kernel(tmp_path, {**GOOD, "net/core/rmem_max": "33554432", "vm/swappiness": "60"})
    kernel.tune("apply")
    assert kernel.values()["net/core/rmem_max"] == "33554432"
    assert "rmem_max" not in kernel.conf.read_text()
    kernel.tune("undo")
    assert kernel.values()["vm/swappiness"] == "60" and kernel.values()["net/core/rmem_max"] == "33554432"


def test_changed_in_between_it_is_set_again_and_undo_still_knows_the_first(low):
    low.tune("apply")
    low.set("vm/swappiness", "80")
    assert low.tune("apply")[0] == 0
    assert low.values()["vm/swappiness"] == "10"
    low.tune("undo")
    assert low.values()["vm/swappiness"] == "60"


def test_a_setting_that_this_kernel_lacks_is_said_and_left_out(low):
    (low.root / "proc/sys/kernel/shmmax").unlink()
    assert "not in this kernel" in low.tune("check")[1]
    status, text = low.tune("apply")
    assert status == 0
    assert "kernel.shmmax is not in this kernel" in text and "shmmax" not in low.conf.read_text()
    assert low.tune("check")[0] == 0
    assert low.tune("undo")[0] == 0


def test_a_kernel_without_bbr_keeps_what_it_has(low):
    low.set("net/ipv4/tcp_available_congestion_control", "reno cubic")
    status, text = low.tune("apply")
    assert status == 1 and "has no bbr" in text
    assert low.values()["net/ipv4/tcp_congestion_control"] == "cubic" and low.values()["vm/swappiness"] == "10"
    assert not low.modules.exists()


def test_a_value_that_cannot_be_set_is_said_and_not_noted(low):
    done = subprocess.run(["unshare", "--mount", "bash", "-c",
                           f"mount --bind {low.root}/proc/sys/vm {low.root}/proc/sys/vm && "
                           f"mount -o remount,ro,bind {low.root}/proc/sys/vm && bash {TUNE} --root {low.root} apply"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if "permission" in done.stdout.lower() or "mount:" in done.stdout or "unshare:" in done.stdout:
        pytest.skip(f"no file system can be mounted read-only here: {done.stdout.strip()}")
    assert done.returncode == 1, done.stdout
    assert "vm.swappiness cannot be set here" in done.stdout
    assert low.values()["vm/swappiness"] == "60" and low.values()["net/core/rmem_max"] == "16777216"
    assert "swappiness" not in low.conf.read_text() and "rmem_max = 16777216" in low.conf.read_text()


def test_without_root_it_says_so_and_changes_nothing():
    script = TUNE.read_text()
    for word in ("apply", "undo"):
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "bash", "-s", word], input=script,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd="/")
        assert done.returncode == 2 and "only root may change kernel settings" in done.stdout, done.stdout


def test_check_on_this_machine_needs_no_root():
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "bash", "-s", "check"],
                          input=TUNE.read_text(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd="/")
    assert done.returncode in (0, 1) and "vm.swappiness" in done.stdout, done.stdout


@pytest.mark.parametrize("words", [[], ["chekc"], ["--root", "/nowhere", "check"]])
def test_what_it_does_not_understand_it_says(words):
    done = run("bash", TUNE, *words)
    assert done.returncode == 2 and "tune" in done.stdout
