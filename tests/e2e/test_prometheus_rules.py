"""The Prometheus rules of deploy/prometheus: promtool's own tests of them, and whether they fit the server."""

import json
import re
import shutil
import subprocess

import pytest

from conftest import ROOT
from server_support import Server

FOLDER = ROOT / "deploy" / "prometheus"
RULES = FOLDER / "storysign.rules.yml"


def promtool(*arguments):
    if shutil.which("promtool") is None:
        pytest.fail("promtool is not installed; it is in the Debian package prometheus")
    return subprocess.run(["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True)


def test_the_rules_are_sound():
    done = promtool("check", "rules", RULES.name)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_goes_to_warning_to_critical_and_back():
    done = promtool("test", "rules", "storysign.rules.test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def metric_names(rules):
    """(metrics of the server in the expressions, names that recording rules make)."""
    text = "\n".join(line for line in rules.splitlines() if not line.lstrip().startswith("#"))
    made = set(re.findall(r"^\s*- record: (\S+)$", text, re.MULTILINE))
    used = set(re.findall(r"\bstorysign[:_][a-z0-9_:]*", re.sub(r"^\s*- record: .*$", "", text, flags=re.MULTILINE)))
    return {name for name in used if ":" not in name}, {name for name in used if ":" in name} - made


def test_metric_names_are_found_in_rules():
    rules = "- record: storysign:a:b\n  expr: rate(storysign_c_total[1m])\n  expr: storysign:a:b / storysign:x:y\n# storysign_no\n"
    assert metric_names(rules) == ({"storysign_c_total"}, {"storysign:x:y"})


def test_the_server_exposes_every_metric_of_the_rules(program, tmp_path):
    used, unmade = metric_names(RULES.read_text())
    assert len(used) >= 4 and not unmade
    server = Server(program, tmp_path)
    try:
        status, text = server.admin("GET", "/metrics")
    finally:
        server.close()
    exposed = {re.match(r"[a-zA-Z0-9_:]+", line).group() for line in text.splitlines() if line and not line.startswith("#")}
    assert status == 200 and used <= exposed, used - exposed
    # And each outcome that a rule counts.
    for outcomes in re.findall(r'outcome=~?"([^"]+)"', RULES.read_text()):
        for outcome in outcomes.split("|"):
            assert f'storysign_frames_total{{outcome="{outcome}"}}' in text


def test_thresholds_are_the_defaults_of_the_settings(storysign):
    schema = json.loads(storysign("config", "schema").stdout)["properties"]["alerts"]["properties"]
    default = {name: key["default"] for name, key in schema.items()}
    rules = RULES.read_text()
    for expression, key, scale in (("storysign:frame_age_seconds:p95 > {}", "latency_p95_{}_ms", 1e-3),
                                   ("storysign_process_cpu_ratio > {}", "cpu_{}_percent", 1e-2),
                                   ("storysign:frames_lost:ratio > {}", "drop_rate_{}_percent", 1e-2)):
        for level in ("warning", "critical"):
            assert f"{expression.format(f'{default[key.format(level)] * scale:g}')}\n" in rules, (key, level)
    for level in ("warning", "critical"):
        assert f"storysign_process_memory_bytes > {default[f'memory_{level}_mib'] // 1024} * 1024 * 1024 * 1024\n" in rules
    assert rules.count(f"for: {default['raise_after_ms'] // 1000}s\n") == rules.count(f"keep_firing_for: {default['clear_after_ms'] // 1000}s\n") == 8
