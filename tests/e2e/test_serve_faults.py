"""Hostile and broken clients: the server stays up, keeps its memory, and others are served.

STORYSIGN_HOSTILE_SECONDS (default 20) is how long they go on; `make soak` runs ten minutes of it on the program built with
the address sanitizer. STORYSIGN_CONNECTS (default 1000) is how often one connects and leaves.
"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import program_environment
from client_messages import raw_frame
from server_support import Server, receive

pytestmark = pytest.mark.alone

SECONDS = float(os.environ.get("STORYSIGN_HOSTILE_SECONDS", "20"))
CONNECTS = int(os.environ.get("STORYSIGN_CONNECTS", "1000"))
HOSTILE = Path(__file__).with_name("hostile.py")
MIB = 1 << 20


@pytest.fixture
def server(program, tmp_path):
    server = Server(program, tmp_path, server__max_connections_per_address=20, limits__penalty_ms=0, log__level="error")
    yield server
    server.close()


def is_sanitized(program):
    return b"__asan_init" in Path(program).read_bytes()


def memory(server):
    return server.get_json("/api/stats")["resources"]["memory_bytes"]


def assert_clean_end(server):
    code, seconds = server.stop()
    said = server.errors()
    assert code == 0, said
    assert seconds < 10
    assert "Sanitizer" not in said and "runtime error" not in said, said


def test_hostile_clients_harm_nobody(server, program, frame_folder):
    learner = [str(program), "load", f"ws://127.0.0.1:{server.port}", "--clip", str(frame_folder), "--fps", "5", "--json", "-",
               "--mode", "both"]
    subprocess.run([*learner, "--seconds", "1"], capture_output=True, check=True, env=program_environment())
    before = memory(server)
    attacker = subprocess.Popen([sys.executable, str(HOSTILE), str(server.port), "all", str(SECONDS), "--frames",
                                 str(frame_folder)], stdout=subprocess.PIPE, text=True)
    honest = subprocess.run([*learner, "--seconds", str(SECONDS)], capture_output=True, text=True, check=False,
                            env=program_environment())
    made = json.loads(attacker.communicate(timeout=60)[0])
    assert len(made) == 9, f"not every kind had its turn: {made}"
    assert server.process.poll() is None, server.errors()
    assert honest.returncode == 0, honest.stderr
    total = json.loads(honest.stdout)["total"]
    assert {key: total[key] for key in ("failed", "lost", "errors", "unexpected")} == dict.fromkeys(
        ("failed", "lost", "errors", "unexpected"), 0), (total, server.errors())
    assert total["answered_inferred"] >= 0.5 * total["sent"], total
    stats = server.get_json("/api/stats")
    print(f"connections made {made}; learner's p50/p95 {total['latency_ms']}, memory {before / MIB:.0f} -> "
          f"{stats['resources']['memory_bytes'] / MIB:.0f} MiB")
    if not is_sanitized(program):  # The sanitizer keeps freed memory on purpose; what leaks it says at the end.
        assert stats["resources"]["memory_bytes"] - before < 48 * MIB
    assert_clean_end(server)


def test_memory_is_flat_over_connections(server, program, frame_folder):
    jpeg = sorted(frame_folder.iterdir())[0].read_bytes()

    def come_and_go(times):
        for number in range(times):
            with server.connect(binary=number % 2 == 0) as client:
                if number % 50 == 0:
                    client.close(1001) if number % 100 == 0 else client.socket.shutdown(socket.SHUT_RDWR)
        # Two at once, new ones again and again, so that every worker has had its pictures and every network, whose memory it keeps.
        for _ in range(12):
            with server.connect() as one, server.connect() as other:
                for client in (one, other):
                    client.send(raw_frame(jpeg))
                for client in (one, other):
                    assert receive(client)["metadata"]["success"]

    come_and_go(max(CONNECTS // 5, 50))
    before = memory(server)
    come_and_go(CONNECTS)
    after = memory(server)
    print(f"{CONNECTS} connections: {before / MIB:.1f} -> {after / MIB:.1f} MiB")
    assert server.get_json("/api/stats")["sessions_open"] == 0
    if not is_sanitized(program):
        assert after - before < 4 * MIB
    assert_clean_end(server)
