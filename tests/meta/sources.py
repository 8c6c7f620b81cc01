"""Rules for the text of sources and other tracked files. A rule returns a list of sentences, empty if the tree keeps it."""

import re

CODE = (".cpp", ".hpp", ".inc", ".h", ".py", ".sh", ".cmake", ".ts", ".tsx")
LINE_LIMIT = 600
SIZE_LIMIT = 1_000_000

# Written in pieces so that this file keeps its own rules.
MARKS = re.compile(r"\b(" + "|".join(["TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK"]) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(ho" r"me/\w|ro" r"ot/|wo" r"rk/|Use" r"rs/\w)")
REGISTRY = re.compile("|".join(["py" r"pi\.org", "python" r"hosted\.org", "np" r"mjs\.(org|com)", r"deb\." r"debian\.org",
                                r"unp" r"kg\.com", r"jsd" r"elivr"]), re.IGNORECASE)
# Texts that are not ours to change.
VERBATIM = {"LICENSE"}


def files_too_big(tree):
    return [f"{name} has {size} bytes; the limit is {SIZE_LIMIT}"
            for name in tree.files() if (size := len(tree.bytes(name))) > SIZE_LIMIT]


def files_too_long(tree):
    return [f"{name} has {lines} lines; the limit is {LINE_LIMIT}: split it"
            for name in tree.files(*CODE) if (lines := tree.bytes(name).count(b"\n")) > LINE_LIMIT]


def not_ascii(tree):
    wrong = []
    for name in tree.files(*CODE, "CMakeLists.txt", "Makefile"):
        for number, line in enumerate(tree.bytes(name).splitlines(), 1):
            if not line.isascii():
                wrong.append(f"{name}:{number} holds a character outside ASCII")
                break
    return wrong


def _lines_matching(tree, pattern, what):
    wrong = []
    for name in tree.files():
        if name not in VERBATIM and tree.is_text(name):
            for number, line in enumerate(tree.text(name).splitlines(), 1):
                if found := pattern.search(line):
                    wrong.append(f"{name}:{number} holds {what}: {found[0]}")
    return wrong


def marks_left_behind(tree):
    return _lines_matching(tree, MARKS, "a mark of unfinished work")


def machine_paths(tree):
    return _lines_matching(tree, MACHINE_PATH, "a path of one machine")


def registry_hosts(tree):
    return _lines_matching(tree, REGISTRY, "the host of a package registry")


def headers_without_guard(tree):
    return [f"{name} does not begin with #pragma once" for name in tree.files(".hpp")
            if not re.match(r"(//[^\n]*\n|\s)*#pragma once", tree.text(name))]


def artifacts_kept(tree):
    """Models, wheels and footage never go into the repository."""
    return [f"{name} does not belong into the repository" for name in tree.files()
            if re.search(r"\.(tflite|whl|tgz|mkv|mp4|webm|avi|mov|npz|so(\.\d+)*|o|a)$", name)]


def clock_outside(tree):
    """Time is an argument: only base/clock and app may ask what time it is."""
    now = re.compile(r"_clock::now\(|\bsteady_now\(|\bgettimeofday\(|\bclock_gettime\(|\bstd::time\(")
    wrong = []
    for name in tree.files(".cpp", ".hpp"):
        if name.startswith("src/") and not name.startswith(("src/app/", "src/base/clock.")):
            for number, line in enumerate(tree.text(name).splitlines(), 1):
                if now.search(line.split("//")[0]):
                    wrong.append(f"{name}:{number} reads a clock; take the time as an argument")
    return wrong
