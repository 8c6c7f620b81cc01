"""Rules for sources are kept, and each rule can fail."""

import pytest
import sources

RULES = [sources.files_too_big, sources.files_too_long, sources.not_ascii, sources.marks_left_behind,
         sources.machine_paths, sources.registry_hosts, sources.headers_without_guard, sources.artifacts_kept,
         sources.clock_outside]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_project_keeps(rule, project):
    found = rule(project)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule, files", [
    (sources.files_too_big, {"a.bin": b"\0" * 1_000_001}),
    (sources.files_too_long, {"src/base/a.cpp": "\n" * 601}),
    (sources.not_ascii, {"src/base/a.cpp": "// caf\u00e9\n"}),
    (sources.marks_left_behind, {"docs/a.md": "TO" "DO: later\n"}),
    (sources.marks_left_behind, {"src/base/a.cpp": "// FIX" "ME\n"}),
    (sources.machine_paths, {"Makefile": "DATA := /ho" "me/somebody/data\n"}),
    (sources.machine_paths, {"a.py": "open('/wo" "rk/data')\n"}),
    (sources.registry_hosts, {"setup/a.txt": "https://py" "pi.org/simple\n"}),
    (sources.headers_without_guard, {"src/base/a.hpp": "#include <vector>\n#pragma once\n"}),
    (sources.artifacts_kept, {"models/a.tflite": b"\0"}),
    (sources.artifacts_kept, {"tests/clip.mkv": b"\0"}),
    (sources.clock_outside, {"src/vision/a.cpp": "auto t = std::chrono::steady_clock::now();\n"}),
])
def test_rule_can_fail(rule, files, made_up):
    assert len(rule(made_up(files))) == 1


def test_what_is_fine_passes(made_up):
    tree = made_up({
        "src/base/a.hpp": "// A note.\n#pragma once\n",
        "src/app/a.cpp": "auto t = base::steady_now();\n// hackathon, /proc/self, relative/opt/place\n",
    })
    assert [found for rule in RULES for found in rule(tree)] == []
