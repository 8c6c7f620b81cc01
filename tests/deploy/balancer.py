"""A real HAProxy with the configuration of deploy/haproxy, on ports of its own."""

import contextlib
import socket
import subprocess
import time

import pytest

from client_messages import free_port
from conftest import DEPLOY, needed

CONFIG = DEPLOY / "haproxy" / "haproxy.cfg"


def configuration(folder, port, stats_port, servers, **more):
    """The text of the file with addresses of this machine instead of the examples'; `more` are replacements."""
    text = CONFIG.read_text()
    wanted = {
        # As many descriptors as that needs are not to be had everywhere.
        "maxconn 20000": "maxconn 1000",
        "stats socket /run/haproxy/admin.sock": f"stats socket {folder}/admin.sock",
        "bind :80": f"bind 127.0.0.1:{port}",
        "bind 127.0.0.1:8404": f"bind 127.0.0.1:{stats_port}",
        "server node1 10.0.0.11:8000": f"server node1 127.0.0.1:{servers[0]}",
        "server node2 10.0.0.12:8000": f"server node2 127.0.0.1:{servers[1]}",
        **more,
    }
    for old, new in wanted.items():
        assert text.count(old) == 1, f"{CONFIG.name} no longer holds {old!r} once"
        text = text.replace(old, new)
    return text


class Balancer:
    def __init__(self, folder, servers, **more):
        self.port = free_port()
        self.stats_port = free_port()
        self.folder = folder
        self.file = folder / "haproxy.cfg"
        self.file.write_text(configuration(folder, self.port, self.stats_port, servers, **more))
        self.log = open(folder / "haproxy.log", "w")
        self.process = subprocess.Popen([needed("haproxy", "haproxy"), "-db", "-f", str(self.file)], stdout=self.log,
                                        stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                break
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"HAProxy did not start: {(folder / 'haproxy.log').read_text()}")
            time.sleep(0.05)

    def ask(self, command):
        """What the admin socket answers."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.folder / "admin.sock"))
            admin.sendall(command.encode() + b"\n")
            out = b""
            while block := admin.recv(65536):
                out += block
        return out.decode()

    def states(self):
        """{server: state} of the nodes: UP, DOWN, NOLB (stopping: nobody new) or DRAIN."""
        lines = self.ask("show stat").splitlines()
        names = lines[0].lstrip("# ").split(",")
        rows = [dict(zip(names, line.split(","))) for line in lines[1:] if line]
        return {row["svname"]: row["status"].split()[0] for row in rows
                if row["pxname"] == "storysign" and row["svname"].startswith("node")}

    def wait_for(self, seconds=20, **states):
        deadline = time.monotonic() + seconds
        while any(self.states()[name] != state for name, state in states.items()):
            assert time.monotonic() < deadline, self.states()
            time.sleep(0.05)

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.log.close()
