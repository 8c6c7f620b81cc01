"""`storysign config` and `storysign doctor` as a user meets them: exit codes, messages, output.

The program is taken from STORYSIGN_BIN, else build/release/storysign.
"""

import json
import os
import pathlib
import socket
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("STORYSIGN_BIN", ROOT / "build/release/storysign")).resolve()
CLEAN = {name: text for name, text in os.environ.items() if not name.startswith("STORYSIGN_")}


@pytest.fixture
def storysign(tmp_path):
    """Runs the program in an empty folder with nothing of StorySign in the environment."""

    def run(*arguments, stdout=subprocess.PIPE, **environment):
        return subprocess.run(
            [BIN, *map(str, arguments)],
            cwd=tmp_path,
            env=CLEAN | environment,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def refused(result, *parts):
    """Exit code 2, nothing on standard output, one line for each of parts that holds it."""
    assert result.returncode == 2, result
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == len(parts), result.stderr
    for line, part in zip(lines, parts):
        assert line.startswith("storysign: ") and line[-1] in ".?", line
        assert part in line


def test_version_and_help(storysign):
    version = storysign("--version")
    assert version.returncode == 0 and version.stdout.startswith("storysign ")
    for arguments in (["--help"], ["config", "--help"], ["config", "show", "--help"], ["doctor", "--help"]):
        result = storysign(*arguments)
        assert result.returncode == 0 and "Usage:" in result.stdout, result


@pytest.mark.parametrize(
    "arguments, part",
    [
        ([], "storysign needs one of the commands"),
        (["bananas"], "storysign does not know bananas"),
        (["--bananas"], "storysign does not know --bananas"),
        (["config"], "config needs one of the commands check, show, defaults, schema"),
        (["config", "bananas"], "config does not know bananas"),
        (["config", "defaults", "--bananas"], "defaults does not know --bananas"),
        (["config", "check", "-c"], "FILE missing"),
        (["config", "check", "-c", ""], "the file name is empty"),
        (["config", "check", "--video.fps"], "--video.fps is no flag of this command"),
        (["config", "check", "bananas"], "bananas is not understood here"),
        (["doctor", "--bananas=1"], "--bananas is not a setting"),
    ],
)
def test_misuse_is_one_sentence_and_exit_code_2(storysign, arguments, part):
    refused(storysign(*arguments), part)


def test_check_without_a_file_says_so(storysign):
    result = storysign("config", "check")
    assert result.returncode == 0
    assert "there is no config.yaml in this folder" in result.stdout


def test_check_takes_the_file_of_this_folder_and_says_so(storysign, tmp_path):
    (tmp_path / "config.yaml").write_text("video:\n  fps: 25\n")
    result = storysign("config", "check", "--video.quality=60", STORYSIGN_VIDEO__WIDTH="800")
    assert result.returncode == 0, result.stderr
    assert "file config.yaml; in force are 1 values from the file, 1 from the environment, 1 from" in result.stdout
    (tmp_path / "config.yaml").write_text("video:\n  fps: 5\n")
    refused(storysign("config", "check"), "config.yaml:2: video.fps is 5,")


def test_all_problems_in_one_run(storysign, tmp_path):
    (tmp_path / "my.yaml").write_text("video:\n  fps: fast\n  qualty: 50\nserver:\n  port: 70000\n")
    refused(
        storysign("config", "check", "-c", "my.yaml", "--gpu=on", STORYSIGN_VIDEO__WIDHT="1"),
        'my.yaml:2: video.fps is "fast", but must be a whole number from 10 to 60 frames/s.',
        "my.yaml:3: video.qualty is not a setting; did you mean video.quality?",
        "my.yaml:5: server.port is 70000, but must be a whole number from 1 to 65535.",
        "STORYSIGN_VIDEO__WIDHT is not a setting; did you mean STORYSIGN_VIDEO__WIDTH?",
        'command line: gpu is "on", but must be one of off, auto, require.',
    )


def test_missing_file(storysign):
    refused(storysign("config", "check", "-c", "no.yaml"), "no.yaml: there is no such configuration file")
    refused(storysign("doctor", "-c", "no.yaml"), "no.yaml: there is no such configuration file")


def test_show_tells_value_and_source(storysign, tmp_path):
    (tmp_path / "config.yaml").write_text("video:\n  fps: 25\n  width: 800\n")
    arguments = ["config", "show", "--video.quality=60"]
    environment = {"STORYSIGN_VIDEO__WIDTH": "1024", "STORYSIGN_USE_GPU": "true"}
    lines = {line.split()[0]: line.split() for line in storysign(*arguments, **environment).stdout.splitlines()}
    assert lines["video.fps"] == ["video.fps", "25", "frames/s", "config.yaml:2"]
    assert lines["video.width"][1:] == ["1024", "pixels", "environment", "STORYSIGN_VIDEO__WIDTH"]
    assert lines["video.quality"][1:] == ["60", "command", "line"]
    assert lines["gpu"][1:] == ["auto", "environment", "STORYSIGN_USE_GPU"]
    assert lines["video.height"][1:] == ["480", "pixels", "default"]

    shown = json.loads(storysign(*arguments, "--json", **environment).stdout)
    assert shown["file"] == "config.yaml"
    assert shown["settings"]["video.fps"] == {"value": 25, "unit": "frames/s", "from": "file", "line": 2}
    assert shown["settings"]["gpu"] == {"value": "auto", "from": "environment", "variable": "STORYSIGN_USE_GPU"}
    assert shown["settings"]["video.quality"]["from"] == "command line"
    assert shown["settings"]["performance.adaptive_quality"] == {"value": True, "from": "default"}


def test_show_refuses_what_check_refuses(storysign):
    refused(storysign("config", "show", "--video.fps=5"), "video.fps is 5,")


def test_defaults_make_a_valid_file(storysign, tmp_path):
    (tmp_path / "config.yaml").write_text(storysign("config", "defaults").stdout)
    assert storysign("config", "check").returncode == 0
    shown = json.loads(storysign("config", "show", "--json").stdout)["settings"]
    assert {entry["from"] for entry in shown.values()} == {"file"}


def test_printed_files_are_those_in_the_tree(storysign):
    for command, path in (
        ("defaults", "config/config.yaml"),
        ("schema", "config/config.schema.json"),
        ("docs", "docs/configuration.md"),
    ):
        result = storysign("config", command)
        assert result.returncode == 0 and result.stdout == (ROOT / path).read_text(), command


def test_schema_validates_the_defaults_and_refuses_what_check_refuses(storysign):
    jsonschema = pytest.importorskip("jsonschema", reason="needs the package jsonschema")
    schema = json.loads(storysign("config", "schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    defaults = {
        name: {key: entry["default"] for key, entry in part["properties"].items()} if "properties" in part else part["default"]
        for name, part in schema["properties"].items()
    }
    assert list(validator.iter_errors(defaults)) == []
    for bad in ({"video": {"fps": 5}}, {"video": {"qualty": 5}}, {"gpu": "on"}, {"bananas": 1}, {"server": {"host": 1}}):
        assert list(validator.iter_errors(bad)), bad


def test_a_full_disk_is_not_success(storysign):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full on this system")
    with open("/dev/full", "w", encoding="ascii") as full:
        result = storysign("config", "defaults", stdout=full)
    assert result.returncode == 1
    assert "standard output cannot be written" in result.stderr


@pytest.fixture
def taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        yield taken.getsockname()[1]


def by_check(result):
    return {entry["check"]: entry for entry in json.loads(result.stdout)["checks"]}


def test_doctor_reports_each_check_and_fails_for_a_taken_port(storysign, taken_port):
    result = storysign("doctor", "--json", f"--server.port={taken_port}")
    assert result.returncode == 1
    assert json.loads(result.stdout)["ok"] is False
    checks = by_check(result)
    assert checks["port"]["result"] == "FAIL" and str(taken_port) in checks["port"]["message"]
    for name in ("cpu", "cores", "memory", "models", "inference", "gpu", "tcp buffers", "disk"):
        assert checks[name]["result"] in ("OK", "WARN", "FAIL")
        assert checks[name]["message"].endswith(".")


def test_doctor_fails_for_missing_models_and_names_them(storysign, tmp_path):
    result = storysign("doctor", f"--models.directory={tmp_path}")
    assert result.returncode == 1
    lines = [line for line in result.stdout.splitlines() if line.startswith("FAIL  models")]
    for name in ("pose_detection.tflite", "hand_recrop.tflite", "face_landmark.tflite"):
        assert sum(f"/{name}" in line for line in lines) == 1, name


def test_doctor_fails_for_a_required_gpu_only_where_there_is_none(storysign):
    gpu = by_check(storysign("doctor", "--json", "--gpu=require"))["gpu"]
    inference = by_check(storysign("doctor", "--json"))["inference"]
    assert gpu["result"] == ("OK" if "GPU" in inference["message"] else "FAIL")


def test_doctor_exit_code_is_that_of_its_lines(storysign):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = storysign("doctor", f"--server.port={port}")
    lines = result.stdout.splitlines()
    assert all(line.split()[0] in ("OK", "WARN", "FAIL") for line in lines)
    assert result.returncode == (1 if any(line.startswith("FAIL") for line in lines) else 0)
