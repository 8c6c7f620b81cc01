#!/usr/bin/env python3
"""Builds the page: npm ci in web/, then npm run build into web/dist.

Quick the second time: the tools are installed anew only if package-lock.json changed, the page is built anew only if one
of its sources did. The lock file pins every package by version and hash. A failure is one sentence, exit status 1.
"""

import argparse
import fcntl
import hashlib
import re
import shutil
import sys
from pathlib import Path

from prepare import Log, NETWORK_TROUBLE, SetupError, reported

# What Vite 8 needs; the version is that of web/package.json, "engines".
NODE = (20, 19)
# Beside these, everything in web/ is for tests and for people who change the page.
SOURCES = ("index.html", "admin", "package.json", "package-lock.json", ".npmrc", "tsconfig.base.json", "tsconfig.json",
           "vite.config.ts", "vite.admin.config.ts", "engine", "src",
           # What setup/home.py and prepare.py have left for it: the tracker, and which networks it runs.
           "../build/home/home.wasm", "../setup/artifacts.json")


def digest_of(web, names):
    """One hash of the files and folders, of their names and contents."""
    digest = hashlib.sha256()
    for name in names:
        place = web / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                content = path.read_bytes()
                digest.update(f"{path.relative_to(web)} {len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()


def check_node(log):
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise SetupError(f"The program {program} is missing; install Node.js {NODE[0]}.{NODE[1]} or newer, with npm, "
                             "and run `make setup` again.")
    status, output = log.run(["node", "--version"])
    version = re.match(r"v(\d+)\.(\d+)", output)
    if status != 0 or version is None:
        raise SetupError(f"`node --version` does not say a version; its words are in {log.path}.")
    if (int(version[1]), int(version[2])) < NODE:
        raise SetupError(f"Node.js is {output.strip()}, but the page is built with {NODE[0]}.{NODE[1]} or newer; install "
                         "that and run `make setup` again.")


def is_stamped(stamp, wanted):
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted


def install_tools(web, log):
    modules = web / "node_modules"
    stamp = modules / ".storysign-tools"
    # The tools do not survive a move: some of them remember where they lie.
    wanted = f"{digest_of(web, ('package.json', 'package-lock.json', '.npmrc'))} {modules.resolve()}\n"
    if is_stamped(stamp, wanted):
        return "there"
    check_node(log)
    status, output = log.run_patiently(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=web)
    damaged = re.search(r"EINTEGRITY.*", output)
    if status != 0 and damaged:
        raise SetupError(f"A package of the page has the wrong hash; run `npm cache clean --force` and `make setup` again, "
                         f"and do not go on if it happens twice: {damaged[0][:200]}")
    if status != 0 and re.search(r"can only install packages when|EUSAGE", output):
        raise SetupError("web/package-lock.json does not fit web/package.json; run `npm install` in web/ and look at what "
                         "it changes.")
    if status != 0 and re.search(r"ETARGET|E404|notarget", output) and not NETWORK_TROUBLE.search(output):
        raise SetupError(f"The package index lacks a package of web/package-lock.json; which one is in {log.path}.")
    if status != 0:
        raise log.explain("the tools of the page", status, output)
    stamp.write_text(wanted, encoding="utf-8")
    return "installed, hashes checked"


def build_page(web, log):
    stamp = web / "node_modules" / ".storysign-page"
    wanted = f"{digest_of(web, SOURCES)}\n"
    result = web / "dist" / "index.html"
    if is_stamped(stamp, wanted) and result.is_file():
        return "there"
    stamp.unlink(missing_ok=True)
    check_node(log)
    status, _ = log.run(["npm", "run", "build"], cwd=web)
    if status != 0:
        raise SetupError(f"The page could not be built; the compiler's messages are in {log.path}.")
    if not result.is_file():
        raise SetupError(f"The build of the page ended well but left no {result}; see {log.path}.")
    stamp.write_text(wanted, encoding="utf-8")
    return "built"


def main():
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--web", type=Path, default=root / "web")
    parser.add_argument("--deps", type=Path, default=root / "deps")
    options = parser.parse_args()

    def work():
        options.deps.mkdir(parents=True, exist_ok=True)
        lock = open(options.deps / ".page-lock", "w", encoding="utf-8")
        fcntl.flock(lock, fcntl.LOCK_EX)
        log = Log(options.deps / "page.log")
        log.step("tools of the page", install_tools, options.web, log)
        log.step("page", build_page, options.web, log)

    return reported(work, "page done", options.web)


if __name__ == "__main__":
    sys.exit(main())
