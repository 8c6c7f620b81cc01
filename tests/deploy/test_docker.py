"""The container files, as far as they can be judged without an engine: linters, the health check itself, and what they name."""

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
import yaml

from conftest import DEPLOY, ROOT, needed, run
from server_support import Server

FOLDER = DEPLOY / "docker"
DOCKERFILE = FOLDER / "Dockerfile"
COMPOSE = FOLDER / "compose.yaml"
HADOLINT = pathlib.Path(sys.executable).parent / "hadolint"


def instructions():
    """[(word, rest)] of the Dockerfile, lines joined."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]
    text = "\n".join(lines).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def last_stage():
    every = instructions()
    begin = max(i for i, (word, _) in enumerate(every) if word == "FROM")
    return every[begin:]


def test_hadolint_finds_nothing():
    done = run(HADOLINT, "--no-color", DOCKERFILE)
    assert done.returncode == 0 and done.stdout == "", done.stdout


def test_hadolint_would_find_something(tmp_path):
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM debian\nRUN cd /tmp && apt-get install gcc\n")
    assert run(HADOLINT, bad).returncode != 0


def test_what_runs_is_small_and_not_root():
    words = dict(last_stage())
    user = words["USER"]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user), "a number: Kubernetes cannot look up a name"
    assert "COPY --from=build" in " ".join(f"{word} {rest}" for word, rest in last_stage())
    assert not any("make" in rest for word, rest in last_stage() if word == "RUN")
    kubernetes = (DEPLOY / "kubernetes" / "storysign.yaml").read_text()
    assert f"runAsUser: {user.split(':')[0]}" in kubernetes


def test_no_secret_is_baked_in():
    for word, rest in instructions():
        if word in ("ENV", "ARG"):
            assert not re.search(r"PASSWORD|TOKEN|SECRET|KEY=", rest, re.IGNORECASE), rest


def test_what_is_copied_and_run_exists():
    text = DOCKERFILE.read_text()
    assert "make package" in text and re.search(r"^package:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text().split()
    assert "build" in ignored and "deps" in ignored and ".git" in ignored and "deploy/docker/secrets" in ignored


def health_check():
    [line] = [rest for word, rest in last_stage() if word == "HEALTHCHECK"]
    return json.loads(line[line.index("["):])


def test_the_health_check_tells_a_server_from_none(program, tmp_path):
    server = Server(program, tmp_path, performance__workers=1)
    environment = {**os.environ, "STORYSIGN_SERVER__PORT": str(server.port)}
    try:
        done = subprocess.run(health_check(), env=environment, capture_output=True, text=True, timeout=10, check=False)
        assert done.returncode == 0, done.stderr
    finally:
        server.close()
    assert subprocess.run(health_check(), env=environment, capture_output=True, timeout=10, check=False).returncode != 0


def variables():
    """Every STORYSIGN_ variable of both files."""
    out = {}
    for word, rest in instructions():
        if word == "ENV":
            out.update(one.split("=", 1) for one in rest.split() if one.startswith("STORYSIGN_"))
    for service in compose()["services"].values():
        out.update({name: str(value) for name, value in (service.get("environment") or {}).items() if name.startswith("STORYSIGN_")})
    return out


def compose():
    return yaml.safe_load(COMPOSE.read_text())


def test_the_program_takes_the_settings(program, tmp_path):
    done = subprocess.run([program, "config", "check"], env={"PATH": "/usr/bin", **variables()}, cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert variables() and done.returncode == 0, done.stdout + done.stderr


def compose_config(text, folder):
    """What docker-compose makes of the file, without an engine; secrets are made up."""
    (folder / "secrets").mkdir()
    file = folder / "compose.yaml"
    file.write_text(text)
    return run(needed("docker-compose", "docker-compose"), "-f", file, "config", "--quiet")


def test_compose_reads_it(tmp_path):
    done = compose_config(COMPOSE.read_text(), tmp_path)
    assert done.returncode == 0 and done.stdout == "", done.stdout


def test_compose_would_refuse_what_it_does_not_know(tmp_path):
    assert compose_config(COMPOSE.read_text().replace("restart:", "restarts:"), tmp_path).returncode != 0


def test_services_name_what_exists():
    file = compose()
    for name, service in file["services"].items():
        assert set(service.get("depends_on", [])) <= set(file["services"]), name
        assert set(service["networks"]) <= set(file["networks"]), name
        assert set(service.get("secrets", [])) <= set(file["secrets"]), name
        for mount in service["volumes"]:
            source = mount.split(":")[0]
            if source.startswith("./"):
                assert (FOLDER / source).is_file(), source
            else:
                assert source in file["volumes"], mount
        assert service["restart"] == "unless-stopped"


def test_only_the_balancer_is_reached_from_outside():
    for name, service in compose()["services"].items():
        for port in service.get("ports", []):
            assert name == "haproxy" or port.startswith("127.0.0.1:"), (name, port)


def test_servers_have_time_to_drain():
    service = compose()["services"]["server1"]
    drain = int(service["environment"]["STORYSIGN_SERVER__DRAIN_TIMEOUT_MS"]) / 1000
    assert int(service["stop_grace_period"].rstrip("s")) > drain + 10


def test_haproxy_takes_its_file_which_is_the_other_one(tmp_path):
    """That of deploy/haproxy but for addresses and ports; names of containers do not resolve here."""
    text = (FOLDER / "haproxy.cfg").read_text()
    file = tmp_path / "haproxy.cfg"
    file.write_text(text)
    done = run(needed("haproxy", "haproxy"), "-c", "-f", file)
    assert done.returncode == 0, done.stdout
    changed = {"server1:8000 resolvers containers init-addr libc,none": "10.0.0.11:8000", "bind :8080": "bind :80",
               "server2:8000 resolvers containers init-addr libc,none": "10.0.0.12:8000", "bind :8404": "bind 127.0.0.1:8404",
               "resolvers containers\n    nameserver engine 127.0.0.11:53\n    hold valid 5s\n": ""}
    for one, other in changed.items():
        assert text.count(one) == 1, one
        text = text.replace(one, other)

    def lines(of):
        return [line for line in of.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert lines(text) == lines((DEPLOY / "haproxy" / "haproxy.cfg").read_text())
