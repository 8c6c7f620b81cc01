"""RFC 6455, case by case: groups 1-7 and 10 of the Autobahn tests against the server's own WebSocket code, as an echo."""

import asyncio
import os
import subprocess
from pathlib import Path

import kosoku
import pytest

ECHO = Path(os.environ.get("STORYSIGN_ECHO_SERVER", Path(__file__).parents[2] / "build/release/tests/conformance/echo_server"))
GROUPS = [f"{group}.*" for group in (1, 2, 3, 4, 5, 6, 7, 10)]


@pytest.fixture(scope="module")
def echo_url():
    if not ECHO.is_file():
        pytest.fail(f"{ECHO} does not exist; build it, or name it with STORYSIGN_ECHO_SERVER.")
    with subprocess.Popen([str(ECHO)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield f"ws://127.0.0.1:{int(server.stdout.readline())}/ws/video"
        server.stdin.close()
        assert server.wait(timeout=20) == 0


async def fuzz(url):
    return await kosoku.run_fuzzingclient(url, cases=GROUPS, concurrency=2)


def test_every_case_passes(echo_url):
    try:
        results = asyncio.run(fuzz(echo_url))
    except kosoku.FailureError as failure:
        pytest.fail("\n".join(str(result) for result in failure.results if not result.passed))
    print(f"{len(results)} cases passed")
    assert len(results) > 200
