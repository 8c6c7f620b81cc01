"""The server talks to a service manager: this test is one, with a real datagram socket.

Threads of the running server are held with ptrace, one at a time: that is what a deadlock looks like from outside.
"""

import contextlib
import ctypes
import os
import pathlib
import signal
import socket
import threading
import time

import pytest

from client_messages import raw_frame
from server_support import Server, receive

PERIOD = 3.0  # Seconds of WATCHDOG_USEC: a thread counts as stuck after half of it.
PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WALL = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


class Manager:
    """Hears what the server says; `said` is a list of (time, text)."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address[0] == "@" else address)
        self.said = []
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        with contextlib.suppress(OSError):
            while text := self.socket.recv(4096):
                self.said.append((time.monotonic(), text.decode()))

    def lines(self):
        return [line for _, text in list(self.said) for line in text.splitlines()]

    def pets_after(self, moment):
        return [when for when, text in list(self.said) if text == "WATCHDOG=1" and when > moment]

    def wait_for(self, matches, seconds=20):
        deadline = time.monotonic() + seconds
        while not matches():
            assert time.monotonic() < deadline, self.lines()[-5:]
            time.sleep(0.05)


@contextlib.contextmanager
def held(thread):
    """One thread of another process stands still."""
    for request in (PTRACE_SEIZE, PTRACE_INTERRUPT):
        if LIBC.ptrace(request, thread, 0, 0) != 0:
            pytest.skip(f"threads cannot be held here: {os.strerror(ctypes.get_errno())}")
    os.waitpid(thread, WALL)
    try:
        yield
    finally:
        LIBC.ptrace(PTRACE_DETACH, thread, 0, 0)


def threads(server, name):
    """Thread ids of the server by name; the main thread has the process's."""
    tasks = pathlib.Path(f"/proc/{server.process.pid}/task")
    return [int(task.name) for task in tasks.iterdir() if (task / "comm").read_text().strip() == name]


def silence_begins(manager):
    """Waits until nothing says any more that all is well, for longer than the watchdog would wait."""
    deadline = time.monotonic() + 8 * PERIOD
    while manager.pets_after(time.monotonic() - 1.25 * PERIOD):
        assert time.monotonic() < deadline, "a stuck server is still said to be well"
        time.sleep(0.1)


def goes_on(manager):
    begin = time.monotonic()
    manager.wait_for(lambda: len(manager.pets_after(begin)) >= 2)


@pytest.fixture(scope="module")
def supervised(program, tmp_path_factory):
    """(server, manager) with a watchdog; one worker, so that a held one leaves none."""
    address = f"@storysign-test-{os.getpid()}-{time.monotonic_ns()}"
    manager = Manager(address)
    server = Server(program, tmp_path_factory.mktemp("supervised"), performance__workers=1,
                    environment={"NOTIFY_SOCKET": address, "WATCHDOG_USEC": str(int(PERIOD * 1e6))})
    yield server, manager
    server.close()
    manager.socket.close()


def test_says_when_it_is_ready_and_how_it_is(supervised):
    server, manager = supervised
    manager.wait_for(lambda: "READY=1" in manager.lines())
    manager.wait_for(lambda: "STATUS=Serving 0 learners with 1 workers." in manager.lines())
    with server.connect():
        manager.wait_for(lambda: "STATUS=Serving 1 learners with 1 workers." in manager.lines())
        goes_on(manager)
    assert "STOPPING=1" not in manager.lines()


def test_held_io_ends_the_petting(supervised):
    server, manager = supervised
    goes_on(manager)
    [io] = threads(server, "io-0")
    with held(io):
        silence_begins(manager)
        assert "I/O threads have not answered" in manager.lines()[-1]
    goes_on(manager)
    assert "A part of the server is stuck" in server.errors()


def test_a_held_worker_ends_the_petting_once_it_has_work(supervised, frame_folder):
    server, manager = supervised
    picture = sorted(frame_folder.iterdir())[0].read_bytes()
    [worker] = threads(server, "worker-0")
    with server.connect() as client:
        client.send(raw_frame(picture))
        assert receive(client)["metadata"]["success"]
        goes_on(manager)
        with held(worker):
            begin = time.monotonic()
            manager.wait_for(lambda: len(manager.pets_after(begin)) >= 3)  # Without work there is nothing to be stuck at.
            client.send(raw_frame(picture))
            silence_begins(manager)
            assert "no worker takes them" in manager.lines()[-1]
        assert receive(client)["type"] == "processed_frame"
        goes_on(manager)


def test_a_held_main_loop_ends_the_petting(supervised):
    server, manager = supervised
    goes_on(manager)
    with held(server.process.pid):
        silence_begins(manager)
    goes_on(manager)


def test_a_stopped_process_is_silent(supervised):
    server, manager = supervised
    goes_on(manager)
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        silence_begins(manager)
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
    goes_on(manager)


def test_says_when_it_stops(supervised):
    server, manager = supervised
    assert server.stop()[0] == 0
    assert manager.lines().index("READY=1") < manager.lines().index("STOPPING=1")


def test_a_path_does_as_well_and_without_a_watchdog_nobody_is_petted(program, tmp_path):
    """And an address that is none is said, and does no harm."""
    manager = Manager(str(tmp_path / "notify"))
    server = Server(program, tmp_path, performance__workers=1, environment={"NOTIFY_SOCKET": str(tmp_path / "notify")})
    other = Server(program, tmp_path, performance__workers=1, environment={"NOTIFY_SOCKET": "nonsense"})
    try:
        manager.wait_for(lambda: "READY=1" in manager.lines())
        assert other.get("/healthz")[0] == 200
        assert "NOTIFY_SOCKET is" in other.errors() and "nonsense" in other.errors()
        assert "WATCHDOG=1" not in manager.lines(), "nobody asked for it"
    finally:
        server.close()
        other.close()
        manager.socket.close()
