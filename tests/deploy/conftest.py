"""What the tests of deploy/ share: the tree, the program, and the end-to-end tests' own helpers."""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"

# The end-to-end tests' server and clients are used here too; their conftest goes by another name, since this one has its own.
sys.path.append(str(ROOT / "tests" / "e2e"))
_spec = importlib.util.spec_from_file_location("e2e_conftest", ROOT / "tests" / "e2e" / "conftest.py")
_e2e = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_e2e)
program_environment = _e2e.program_environment
program = _e2e.program
shared = _e2e.shared
brother = _e2e.brother
frame_folder = _e2e.frame_folder


def needed(name, package):
    """The path of a tool; the test fails, with what to install, where it is missing."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        pytest.fail(f"{name} is not installed; run `make setup` (Debian package {package})")
    return path


def run(*command, **options):
    """A finished process with its output as text, both streams in one."""
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, check=False, timeout=options.pop("timeout", 120), **options)
