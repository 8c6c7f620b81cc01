#!/usr/bin/env python3
"""Runs clang-tidy-19 over every translation unit of build/release, in parallel, and remembers which ones were clean.

usage: tidy.py [--build build/release] [--jobs N] [--no-cache] [FILE...]

A translation unit is skipped if clang-tidy, the .clang-tidy above it, its compile command and the content of the unit and of all
headers it includes are as they were when it was last found clean. The memory is a folder of empty files named by that
hash, in ${XDG_CACHE_HOME:-~/.cache}/storysign-tidy, so it serves fresh clones too. Exit status 1 if there are findings.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIDY = "clang-tidy-19"
KEEP_DAYS = 30


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "storysign-tidy"


@functools.lru_cache(maxsize=None)
def digest_of(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def arguments_of(entry):
    return shlex.split(entry["command"]) if "command" in entry else list(entry["arguments"])


def headers_of(entry):
    """Every file the unit includes, itself first, as the compiler finds them."""
    words = arguments_of(entry)
    words = words[1:] if Path(words[0]).name == "ccache" else words
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in ("-o", "-MF", "-MT", "-MQ"):
            skip = True
        elif word not in ("-c", "-MD", "-MMD"):
            kept.append(word)
    done = subprocess.run([*kept, "-M", "-MT", "unit"], cwd=entry["directory"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None
    names = re.split(r"(?<!\\)\s+", done.stdout.replace("\\\n", " ").removeprefix("unit:").strip())
    return [os.path.normpath(os.path.join(entry["directory"], name.replace("\\ ", " "))) for name in names]


def key_of(entry, common):
    """The hash that stands for "nothing that clang-tidy can see has changed"; None if the unit does not preprocess."""
    headers = headers_of(entry)
    if headers is None:
        return None
    key = hashlib.sha256(common.encode())
    # The place of the clone is no part of the key, so that another clone finds the same one.
    key.update(" ".join(arguments_of(entry)).replace(str(ROOT), ".").encode())
    for folder in Path(entry["file"]).relative_to(ROOT).parents:
        # What a folder of its own says beside the tree's.
        if folder != Path() and (ROOT / folder / ".clang-tidy").is_file():
            key.update((ROOT / folder / ".clang-tidy").read_bytes())
    for path in sorted(headers):
        key.update(f"{path.replace(str(ROOT), '.')} {digest_of(path)}\n".encode())
    return key.hexdigest()


def check(entry, build, common, cache):
    """(file, how, output): how is clean, known or findings."""
    file = os.path.relpath(entry["file"], ROOT)
    key = key_of(entry, common) if cache else None
    if key and (cache / key).exists():
        os.utime(cache / key)
        return file, "known", ""
    done = subprocess.run([TIDY, "--quiet", "-p", str(build), entry["file"]], cwd=ROOT, capture_output=True, text=True,
                          errors="replace", check=False)
    if done.returncode != 0:
        noise = re.compile(r"^\d+ warnings? |^Suppressed |^Use -header-filter")
        error_lines = [line for line in done.stderr.splitlines() if not noise.match(line)]
        return file, "findings", "\n".join([done.stdout.strip(), *error_lines]).strip()
    if key:
        (cache / key).touch()
    return file, "clean", ""


def prune(cache):
    limit = time.time() - KEEP_DAYS * 86400
    for path in cache.iterdir():
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--no-cache", action="store_true")
    parser.add_argument("files", nargs="*", help="only the units whose path contains one of these")
    options = parser.parse_args()

    start = time.monotonic()
    database = options.build / "compile_commands.json"
    if not database.is_file():
        print(f"clang-tidy: {database} is missing; run `make build` first.", file=sys.stderr)
        return 1
    entries = {entry["file"]: entry for entry in json.loads(database.read_text(encoding="utf-8"))}
    entries = [entry for name, entry in sorted(entries.items())
               if name.endswith(".cpp") and Path(name).is_relative_to(ROOT) and not Path(name).is_relative_to(ROOT / "build") and
               (not options.files or any(part in name for part in options.files))]
    if not entries:
        print(f"clang-tidy: {database} names no translation unit of this project.", file=sys.stderr)
        return 1
    cache = None if options.no_cache else cache_folder()
    if cache:
        cache.mkdir(parents=True, exist_ok=True)
        prune(cache)
    version = subprocess.run([TIDY, "--version"], capture_output=True, text=True, check=True).stdout
    common = version + (ROOT / ".clang-tidy").read_text(encoding="utf-8")

    counts = {"clean": 0, "known": 0, "findings": 0}
    with concurrent.futures.ThreadPoolExecutor(max(1, options.jobs)) as pool:
        work = [pool.submit(check, entry, options.build, common, cache) for entry in entries]
        for future in concurrent.futures.as_completed(work):
            file, how, output = future.result()
            counts[how] += 1
            if output:
                print(f"{output}\nclang-tidy: findings in {file}", flush=True)
    print(f"clang-tidy: {counts['clean']} checked and clean, {counts['known']} unchanged since found clean, "
          f"{counts['findings']} with findings, {time.monotonic() - start:.1f} s")
    return 1 if counts["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
