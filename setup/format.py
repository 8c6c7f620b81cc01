#!/usr/bin/env python3
"""Formats the C++ sources with clang-format-19, or with --check says which ones are not formatted (exit status 1)."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def sources():
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.cpp", "*.hpp"],
                            cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(name for name in set(listed.split("\0")) if name and (ROOT / name).is_file())


def main():
    files = sources()
    if sys.argv[1:] == ["--check"]:
        done = subprocess.run(["clang-format-19", "--dry-run", "-Werror", *files], cwd=ROOT, capture_output=True, text=True,
                              check=False)
        wrong = sorted({line.split(":")[0] for line in done.stderr.splitlines() if "clang-format-violations" in line})
        for name in wrong:
            print(f"not formatted: {name} (run `make format`)")
        print(f"clang-format: {len(files) - len(wrong)} files formatted, {len(wrong)} not")
        if done.returncode != 0 and not wrong:
            print(done.stderr, file=sys.stderr)
        return done.returncode
    return subprocess.run(["clang-format-19", "-i", *files], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
