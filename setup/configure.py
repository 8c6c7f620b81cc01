#!/usr/bin/env python3
"""Configures one CMake preset, and throws away a build folder that cannot be used.

usage: configure.py PRESET

A build folder that came from another path, from another generator or from a CMake that this one cannot read on from is
removed, with a line that says so; sources and deps/ are never touched.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path


def unusable(cache, root):
    """Why the cache in a build folder cannot serve the sources in root; None if it can."""
    if not cache.is_file():
        return None
    text = cache.read_text(encoding="utf-8", errors="replace")
    home = re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", text, re.MULTILINE)
    if home is None:
        return "its CMakeCache.txt is damaged"
    if Path(home[1]) != root:
        return f"it was made for the sources in {home[1]}"
    place = re.search(r"^CMAKE_CACHEFILE_DIR:INTERNAL=(.*)$", text, re.MULTILINE)
    if place is not None and Path(place[1]) != cache.parent:
        return f"it was made in {place[1]}"
    generator = re.search(r"^CMAKE_GENERATOR:INTERNAL=(.*)$", text, re.MULTILINE)
    if generator is None or generator[1] != "Ninja":
        return "it was made for another build tool than Ninja"
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", text, re.MULTILINE)
    if compiler is not None and not Path(compiler[1]).exists():
        return f"its compiler {compiler[1]} is gone"
    return None


def configure(root, preset):
    folder = root / "build" / preset
    command = ["cmake", "--preset", preset, "-Wno-dev", "--log-level=WARNING"]
    reason = unusable(folder / "CMakeCache.txt", root)
    if reason is not None:
        print(f"build/{preset}: removed, because {reason}.", flush=True)
        shutil.rmtree(folder)
    had_cache = (folder / "CMakeCache.txt").is_file()
    status = subprocess.run(command, cwd=root, check=False, stdout=subprocess.DEVNULL if had_cache else None).returncode
    if status != 0 and had_cache:
        print(f"build/{preset}: removed and made anew, because CMake could not go on from its cache.", flush=True)
        shutil.rmtree(folder)
        status = subprocess.run(command, cwd=root, check=False).returncode
    return status


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(configure(Path(__file__).resolve().parent.parent, sys.argv[1]))
