"""A real PostgreSQL for a test: a cluster of its own, on a port of its own, that is thrown away."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from client_messages import free_port


def programs():
    """The folder with initdb and pg_ctl, which Debian keeps out of the way."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.fail("PostgreSQL is not installed; run `make setup` (Debian package postgresql)")
    return found[-1].parent


class Postgres:
    """Listens on 127.0.0.1 only; whoever comes from there is the user storysign without a password."""

    def __init__(self):
        self.bin = programs()
        self.port = free_port()
        # Not in pytest's folder, whose parents others may not enter: the server refuses to run as root.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="storysign-postgres-"))
        self.prefix = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self._run("initdb", "--pgdata", self.folder / "data", "--auth=trust", "--username=storysign", "--no-sync", "--encoding=UTF8")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        self._run("pg_ctl", "--pgdata", self.folder / "data", "--log", self.folder / "log", "--wait", "--options", options, "start")
        self.sql("create database storysign", database="postgres")
        self.url = f"postgresql://storysign@127.0.0.1:{self.port}/storysign"

    def _run(self, name, *arguments):
        done = subprocess.run([*self.prefix, self.bin / name, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, text=True, check=False, cwd="/", timeout=120)
        assert done.returncode == 0, done.stdout

    def sql(self, text, database="storysign"):
        """Rows as lists of texts."""
        done = subprocess.run([self.bin / "psql", "--host=127.0.0.1", f"--port={self.port}", "--username=storysign", "--no-psqlrc",
                               "--tuples-only", "--no-align", "--field-separator=\t", f"--dbname={database}", f"--command={text}"],
                              capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines() if line]

    def close(self):
        self._run("pg_ctl", "--pgdata", self.folder / "data", "--wait", "--mode=immediate", "stop")
        shutil.rmtree(self.folder)
