#!/usr/bin/env python3
"""Makes a fresh Debian bookworm able to build, run and test StorySign.

Debian packages (packages.txt), the artifacts of artifacts.json under deps/, and a Python environment for the tests
(requirements.txt). Everything is pinned; what is already there is checked and left alone, so a second run takes about a
second and an interrupted run is repaired by the next. A failure is one sentence, exit status 1.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

TRIES = 3
# What Debian asks before a package starts its service (invoke-rc.d).
POLICY = Path(os.environ.get("STORYSIGN_SETUP_POLICY", "/usr/sbin/policy-rc.d"))
# Packages whose programs the tests run themselves, but which bring a service that would run from now on.
SERVICES = {"prometheus": "prometheus", "haproxy": "haproxy", "postgresql": "postgresql"}
# What clients print when the network, not the request, is at fault.
NETWORK_TROUBLE = re.compile(
    r"Temporary failure|name resolution|Could not resolve|getaddrinfo|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRE|"
    r"ENETUNREACH|ReadTimeout|ConnectTimeout|Read timed out|timed out|NewConnectionError|Connection refused|"
    r"Network is unreachable|Failed to fetch|Could not connect|Unable to connect|Connection reset|Connection failed|"
    r"IncompleteRead|Connection broken|ProtocolError|50[0234] ",
    re.IGNORECASE)


class SetupError(Exception):
    """A failure the reader can act on: one sentence."""


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class Log:
    """Steps on the terminal, everything that tools print in a file."""

    def __init__(self, path):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = open(path, "w", encoding="utf-8", errors="replace")

    def step(self, what, function, *args):
        start = time.monotonic()
        print(f"set-up: {what} ... ", end="", flush=True)
        try:
            outcome = function(*args)
        except BaseException:
            print("failed", flush=True)
            raise
        print(f"{outcome} ({time.monotonic() - start:.1f} s)", flush=True)

    def run(self, command, **options):
        """Runs a command with its output in the log; returns (exit status, output)."""
        print("$", *command, file=self.file, flush=True)
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, errors="replace", check=False, **options)
        except FileNotFoundError:
            raise SetupError(f"The program {command[0]} is missing; install it and run `make setup` again.") from None
        print(done.stdout, file=self.file, flush=True)
        return done.returncode, done.stdout

    def run_patiently(self, command, before_retry=None, **options):
        """Like run(), again with a pause when the network failed."""
        for attempt in range(TRIES):
            if attempt:
                print("network trouble, trying again ... ", end="", flush=True)
                time.sleep(float(os.environ.get("STORYSIGN_SETUP_PAUSE", "3")) * attempt)
                if before_retry:
                    before_retry()
            status, output = self.run(command, **options)
            if status == 0 or not NETWORK_TROUBLE.search(output):
                break
        return status, output

    def explain(self, what, status, output):
        """The sentence for a client that failed."""
        if NETWORK_TROUBLE.search(output):
            return SetupError(f"Could not fetch {what}: the network did not answer in {TRIES} tries; check the "
                              f"connection and run `make setup` again (details in {self.path}).")
        return SetupError(f"Could not get {what}: the client ended with status {status}; "
                          f"its messages are in {self.path}.")


# --- Debian packages -------------------------------------------------------------------------------------------------

def read_packages(path, groups):
    """The package names of the groups, in the file's order."""
    names, group = [], None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        if line.startswith("["):
            group = line.strip("[]")
        elif not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", line):
            raise SetupError(f"{path}:{number}: {line!r} is not a Debian package name; put one name on a line.")
        elif group in groups:
            names.append(line)
    return names


def missing_packages(names, log):
    if shutil.which("dpkg-query") is None:
        raise SetupError("This is not a Debian system (dpkg-query is missing): the set-up needs Debian bookworm; "
                         "on another system install the counterparts of setup/packages.txt by hand.")
    _, output = log.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names])
    installed = {line.split()[0] for line in output.splitlines() if line.endswith(" installed")}
    return [name for name in names if name not in installed]


@contextlib.contextmanager
def no_service_begins(packages, log):
    """Installing `packages` leaves no service behind, neither now nor at the next start; who has one already keeps it."""
    if POLICY.exists():
        yield
    else:
        try:
            POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
            POLICY.chmod(0o755)
            yield
        finally:
            POLICY.unlink(missing_ok=True)
    units = [SERVICES[name] for name in packages if name in SERVICES]
    if units and shutil.which("systemctl"):
        log.run(["systemctl", "disable", "--quiet", *units])


def install_packages(names, log):
    missing = missing_packages(names, log)
    if not missing:
        return f"all {len(names)} there"
    if os.geteuid() != 0:
        raise SetupError("Debian packages are missing and only root may install them; run: "
                         f"apt-get update && apt-get install -y --no-install-recommends {' '.join(missing)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3",
           "-o", "Dpkg::Options::=--force-confold"]
    status, output = log.run_patiently([*apt, "update"], env=environment)
    # An update that failed for a source we do not need must not stop us; the install decides.
    with no_service_begins(missing, log):
        status, output = log.run_patiently([*apt, "install", "-y", "--no-install-recommends", *missing],
                                           before_retry=lambda: log.run([*apt, "update"], env=environment),
                                           env=environment)
    unknown = re.findall(r"^E: (?:Unable to locate package|Package '?)\s*([a-z0-9+.-]+)", output, re.MULTILINE)
    if status != 0 and unknown:
        raise SetupError(f"Debian has no package named {unknown[0]} in the sources of this system; the set-up is made "
                         "for bookworm: check the system's release and setup/packages.txt.")
    if status != 0:
        raise log.explain(f"the Debian packages {' '.join(missing)}", status, output)
    still = missing_packages(names, log)
    if still:
        raise SetupError(f"apt-get reported success but {' '.join(still)} is not installed; see {log.path}.")
    return f"{len(missing)} installed, {len(names) - len(missing)} were there"


# --- Artifacts -------------------------------------------------------------------------------------------------------

def label_of(artifact):
    return f"{artifact['name']} {artifact['version']} ({artifact['from']})"


def download(artifact, folder, log):
    """Fetches one artifact into the empty folder and returns its path, the hash checked."""
    what = label_of(artifact)
    if artifact["from"] == "pip":
        command = ["python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                   "--only-binary", ":all:", "--implementation", "cp", "--python-version", artifact["python"],
                   "--abi", f"cp{artifact['python']}", "--platform", artifact["platform"], "--dest", str(folder),
                   f"{artifact['name']}=={artifact['version']}"]
        suffix, advice = ".whl", "python3 -m pip cache purge"
    else:
        command = ["npm", "pack", "--silent", f"{artifact['name']}@{artifact['version']}"]
        suffix, advice = ".tgz", "npm cache clean --force"
    status, output = log.run_patiently(command, cwd=folder)
    if status != 0 and re.search(r"No module named pip", output):
        raise SetupError("python3 has no pip; install the Debian package python3-pip and run `make setup` again.")
    if status != 0 and re.search(r"No matching distribution|E404|ETARGET|notarget", output) and \
            not NETWORK_TROUBLE.search(output):
        raise SetupError(f"The package index knows no {what}; check the name and version in setup/artifacts.json.")
    if status != 0:
        raise log.explain(what, status, output)
    files = sorted(folder.glob(f"*{suffix}"))
    if len(files) != 1:
        raise SetupError(f"Fetching {what} left {len(files)} files where one was expected; see {log.path}.")
    found = sha256_of(files[0])
    if found != artifact["sha256"]:
        raise SetupError(f"The download of {what} has the wrong hash: expected sha256 {artifact['sha256']}, got {found} "
                         f"({files[0].stat().st_size} bytes); it was deleted: run `{advice}` and `make setup` again, "
                         "and do not use the file if it happens twice.")
    return files[0]


def open_archive(path):
    """(names, read(name)) of a wheel or an npm tarball."""
    if path.suffix == ".whl":
        archive = zipfile.ZipFile(path)
        return [name for name in archive.namelist() if not name.endswith("/")], archive.read
    archive = tarfile.open(path, "r:gz")
    members = {member.name: member for member in archive.getmembers() if member.isfile()}
    return list(members), lambda name: archive.extractfile(members[name]).read()


def swap_in(fresh, target):
    """Puts the finished folder or file in place of the old one; nobody sees a half-written one."""
    if target.is_dir():
        old = target.with_name(f".old-{os.getpid()}-{target.name}")
        target.rename(old)
        fresh.rename(target)
        shutil.rmtree(old)
    else:
        fresh.replace(target)


def folder_is_whole(target, artifact):
    try:
        manifest = json.loads((target / ".manifest.json").read_text(encoding="utf-8"))
        if manifest["sha256"] != artifact["sha256"] or manifest["unpack"] != artifact["unpack"]:
            return False
        return all((target / name).stat().st_size == size for name, size in manifest["files"].items())
    except (OSError, ValueError, KeyError):
        return False


def unpack_folder(archive, target, artifact):
    names, read = open_archive(archive)
    parts = artifact["unpack"]["parts"]
    left_out = tuple(artifact["unpack"].get("leave_out", []))
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    try:
        files = {}
        for name in names:
            for prefix, place in parts.items():
                if name.startswith(prefix) and not name.startswith(left_out):
                    relative = place + name[len(prefix):]
                    content = read(name)
                    (fresh / relative).parent.mkdir(parents=True, exist_ok=True)
                    (fresh / relative).write_bytes(content)
                    files[relative] = len(content)
        for name in artifact["unpack"]["must_hold"]:
            if name not in files:
                raise SetupError(f"{label_of(artifact)} does not hold {name}; setup/artifacts.json does not fit it.")
        manifest = {"sha256": artifact["sha256"], "unpack": artifact["unpack"], "files": files}
        (fresh / ".manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        fresh.chmod(0o755)
        swap_in(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def unpack_models(archive, folder, artifact):
    names, read = open_archive(archive)
    for name, sha256 in artifact["models"].items():
        if name not in names:
            raise SetupError(f"{label_of(artifact)} does not hold {name}; setup/artifacts.json does not fit it.")
        content = read(name)
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            raise SetupError(f"The model {Path(name).name} of {label_of(artifact)} has the wrong hash: expected sha256 "
                             f"{sha256}, got {found}; correct setup/artifacts.json only if the change is meant.")
        fresh = folder / f".new-{os.getpid()}-{Path(name).name}"
        fresh.write_bytes(content)
        fresh.replace(folder / Path(name).name)


def artifact_is_there(artifact, deps):
    if "unpack" in artifact and not folder_is_whole(deps / artifact["unpack"]["into"], artifact):
        return False
    return all((deps / "models" / Path(name).name).is_file() and
               sha256_of(deps / "models" / Path(name).name) == sha256
               for name, sha256 in artifact.get("models", {}).items())


def provide_artifact(artifact, deps, log):
    if artifact_is_there(artifact, deps):
        return "there, checked"
    (deps / "models").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".download-", dir=deps) as folder:
        archive = download(artifact, Path(folder), log)
        try:
            if "unpack" in artifact:
                unpack_folder(archive, deps / artifact["unpack"]["into"], artifact)
            if "models" in artifact:
                unpack_models(archive, deps / "models", artifact)
        except OSError as error:
            raise SetupError(f"Could not unpack {label_of(artifact)} into {deps}: {error.strerror}; make room or "
                             "correct the permissions and run `make setup` again.") from None
    return "fetched, hash checked, unpacked"


# --- Python tools of the tests ---------------------------------------------------------------------------------------

def provide_python(requirements, deps, log):
    target = deps / "python"
    stamp = target / ".stamp"
    # An environment does not survive being moved: its own path is part of the stamp.
    wanted = f"{sha256_of(requirements)} {target.resolve()}\n"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted and (target / "bin" / "python3").exists():
        return "there"
    python = next((name for name in ("python3", "/usr/bin/python3", "python3.11")
                   if shutil.which(name) and log.run([name, "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 11))"])[0] == 0),
                  None)
    if python is None:
        raise SetupError("The test tools are pinned for Python 3.11, which Debian bookworm brings; install the packages "
                         "python3 and python3-venv and run `make setup` again.")
    shutil.rmtree(target, ignore_errors=True)
    status, output = log.run([python, "-m", "venv", str(target)])
    if status != 0:
        raise SetupError("python3 cannot make a virtual environment; install the Debian package python3-venv and run "
                         f"`make setup` again (details in {log.path}).")
    status, output = log.run_patiently([str(target / "bin" / "python3"), "-m", "pip", "install", "--quiet", "--no-deps",
                                        "--disable-pip-version-check", "--only-binary", ":all:", "--require-hashes",
                                        "-r", str(requirements)])
    mismatch = re.search(r"DO NOT MATCH THE HASHES.*?\n\s+(\S+==\S+|\S+).*?Expected sha256 (\w+)\s+Got\s+(\w+)", output, re.DOTALL)
    if status != 0 and mismatch:
        raise SetupError(f"The download of {mismatch[1]} has the wrong hash: expected sha256 {mismatch[2]}, got "
                         f"{mismatch[3]}; check setup/requirements.txt.")
    unknown = re.search(r"No matching distribution found for (\S+)", output)
    if status != 0 and unknown and not NETWORK_TROUBLE.search(output):
        raise SetupError(f"The package index knows no {unknown[1]} for Python 3.11; check setup/requirements.txt.")
    if status != 0:
        raise log.explain("the Python tools of the tests", status, output)
    stamp.write_text(wanted, encoding="utf-8")
    return "installed, hashes checked"


def clear_leftovers(deps):
    """Removes what an interrupted run left behind."""
    for pattern in (".new-*", ".old-*", ".download-*", "models/.new-*"):
        for path in deps.glob(pattern):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


def reported(work, name, folder):
    """Runs a part of the set-up and says how it ended; the exit status. `folder` is where it mostly writes."""
    start = time.monotonic()
    try:
        work()
    except SetupError as error:
        print(f"set-up failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up interrupted; run `make setup` again, it goes on where it stopped.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"set-up failed: {error.filename or folder}: {error.strerror}; correct that and run `make setup` again.",
              file=sys.stderr)
        return 1
    print(f"set-up: {name} in {time.monotonic() - start:.1f} s", flush=True)
    return 0


def main():
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--for", dest="purpose", choices=("build", "test"), default="test",
                        help="build: what building and running needs; test: that and the test tools (default)")
    parser.add_argument("--deps", type=Path, default=here.parent / "deps")
    parser.add_argument("--packages", type=Path, default=here / "packages.txt")
    parser.add_argument("--artifacts", type=Path, default=here / "artifacts.json")
    parser.add_argument("--requirements", type=Path, default=here / "requirements.txt")
    options = parser.parse_args()

    groups = ("run", "build") if options.purpose == "build" else ("run", "build", "test")

    def work():
        if os.uname().machine != "x86_64":
            raise SetupError(f"This machine is {os.uname().machine}; OpenVINO is pinned for x86_64 only.")
        options.deps.mkdir(parents=True, exist_ok=True)
        log = Log(options.deps / "setup.log")
        lock = open(options.deps / ".lock", "w", encoding="utf-8")
        fcntl.flock(lock, fcntl.LOCK_EX)
        clear_leftovers(options.deps)
        log.step("Debian packages", install_packages, read_packages(options.packages, groups), log)
        for artifact in json.loads(options.artifacts.read_text(encoding="utf-8"))["artifacts"]:
            log.step(label_of(artifact), provide_artifact, artifact, options.deps, log)
        if options.purpose == "test":
            log.step("Python tools of the tests", provide_python, options.requirements, options.deps, log)

    return reported(work, "done", options.deps)


if __name__ == "__main__":
    sys.exit(main())
