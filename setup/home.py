#!/usr/bin/env python3
"""Builds the tracker that the page runs in the learner's browser: the rooms it needs, to build/home/home.wasm.

Quick the second time: nothing is done if neither a source nor the compiler changed. A failure is one sentence, exit
status 1.
"""

import argparse
import concurrent.futures
import fcntl
import hashlib
import os
import shutil
import sys
from pathlib import Path

from prepare import Log, SetupError, reported

# Whole rooms, and single files of rooms of which the tracker needs only these.
ROOMS = ("vision", "flow", "home")
FILES = ("adapt/profile.cpp", "adapt/quality.cpp", "base/half_gray.cpp", "engine/models.cpp", "wire/binary.cpp",
         "wire/landmark_frame.cpp", "wire/landmark_section.cpp")
# Headers of Debian that work with any compiler: they are linked to one by one, for beside them lie those of another
# C library.
LIBRARIES = ("tl", "fmt")
SYSTEM = Path("/usr/include")
# As cmake/Compile.cmake: SSE4.1 becomes SIMD of WebAssembly, and numbers are rounded as on the server.
COMPILE = ("-std=c++20", "-O3", "-msimd128", "-msse4.1", "-ffp-contract=off",
           # {fmt} with its code in the header, and without locales, which are half the size of the program.
           "-DFMT_HEADER_ONLY", "-DFMT_STATIC_THOUSANDS_SEPARATOR=','",
           "-Wall", "-Wextra", "-Wshadow", "-Werror")
# No JavaScript of Emscripten's: the page loads the program itself (web/src/home/program.ts). What is undefined when
# linking are the functions that it imports.
LINK = ("-O3", "-sALLOW_MEMORY_GROWTH", "-sINITIAL_MEMORY=33554432", "-sERROR_ON_UNDEFINED_SYMBOLS=0", "--no-entry")


def sources_of(source):
    found = [path for room in ROOMS for path in sorted((source / room).glob("*.cpp"))]
    return found + [source / name for name in FILES]


def digest_of(source, version):
    """One hash of all that the program could be made from: headers of any room may be included."""
    digest = hashlib.sha256(f"{version} {COMPILE} {LINK} {ROOMS} {FILES}\n".encode())
    for path in sorted({*source.rglob("*.hpp"), *sources_of(source)}):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(source)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def compiler_version(log):
    if shutil.which("em++") is None:
        raise SetupError("The program em++ is missing; install the Debian package emscripten and run `make setup` again.")
    status, output = log.run(["em++", "--version"])
    if status != 0:
        raise SetupError(f"`em++ --version` ended with status {status}; its words are in {log.path}.")
    return output.splitlines()[0] if output else ""


def link_headers(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name in LIBRARIES:
        link = folder / name
        if not (SYSTEM / name).is_dir():
            raise SetupError(f"The headers {SYSTEM / name} are missing; run `make setup` again.")
        if not link.is_symlink():
            link.symlink_to(SYSTEM / name)


def compile_all(root, build, jobs, log):
    objects = build / "objects"
    shutil.rmtree(objects, ignore_errors=True)
    headers = build / "include"
    link_headers(headers)

    def compile_one(path):
        out = objects / path.relative_to(root / "src").with_suffix(".o")
        out.parent.mkdir(parents=True, exist_ok=True)
        # Paths from the root, so that the program is the same wherever the tree lies.
        status, _ = log.run(["em++", *COMPILE, "-I", "src", "-I", str(headers), "-c", str(path.relative_to(root)),
                             "-o", str(out)], cwd=root)
        return path, out, status

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        # The first one alone: it may have to make the compiler's cache.
        first, *others = sources_of(root / "src")
        done = [compile_one(first), *pool.map(compile_one, others)]
    for path, _, status in done:
        if status != 0:
            raise SetupError(f"{path.relative_to(root)} could not be compiled to WebAssembly; the messages are in "
                             f"{log.path}.")
    return [out for _, out, _ in done]


def build_program(root, build, jobs, log):
    program, stamp = build / "home.wasm", build / ".stamp"
    wanted = f"{digest_of(root / 'src', compiler_version(log))}\n"
    if program.is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return "there"
    stamp.unlink(missing_ok=True)
    objects = compile_all(root, build, jobs, log)
    fresh = build / ".new.wasm"
    status, _ = log.run(["em++", *LINK, *map(str, objects), "-o", str(fresh)], cwd=root)
    if status != 0 or not fresh.is_file():
        raise SetupError(f"The tracker of the page could not be linked; the messages are in {log.path}.")
    fresh.replace(program)
    stamp.write_text(wanted, encoding="utf-8")
    return f"built, {program.stat().st_size // 1024} KB"


def main():
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=root, help="the tree that holds src/ and build/")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    build = options.root / "build" / "home"

    def work():
        build.mkdir(parents=True, exist_ok=True)
        lock = open(build / ".lock", "w", encoding="utf-8")
        fcntl.flock(lock, fcntl.LOCK_EX)
        log = Log(build / "build.log")
        log.step("tracker of the page", build_program, options.root, build, options.jobs, log)

    return reported(work, "tracker done", build)


if __name__ == "__main__":
    sys.exit(main())
