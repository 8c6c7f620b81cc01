"""HAProxy as deploy/haproxy configures it, before real servers."""

import contextlib
import http.client
import json
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from balancer import CONFIG, Balancer, configuration
from client_messages import free_port, raw_frame
from conftest import needed, run
from server_support import Server, receive


@pytest.fixture(scope="module")
def nodes(program, tmp_path_factory):
    """Two servers behind a proxy that they trust. From other addresses they would take three connections at a time."""
    with contextlib.ExitStack() as stack:
        servers = []
        for name in ("one", "two"):
            servers.append(Server(program, tmp_path_factory.mktemp(name), server__trusted_proxies="127.0.0.1",
                                  performance__workers=1, server__max_connections_per_address=2,
                                  limits__http_connections_per_address=1))
            stack.callback(servers[-1].close)
        yield servers


@pytest.fixture
def cluster(nodes, tmp_path):
    """(balancer, [two servers]), both up and empty."""
    balancer = Balancer(tmp_path, [server.port for server in nodes])
    balancer.wait_for(node1="UP", node2="UP")
    deadline = time.monotonic() + 20
    while any(sessions(server) for server in nodes):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield balancer, nodes
    balancer.close()


@pytest.fixture
def storysign_serve_fails(program, tmp_path):
    def start(*arguments):
        return subprocess.run([program, "serve", "--server.port=1", *arguments], capture_output=True, text=True, timeout=60,
                              check=False, cwd=tmp_path)
    return start


def join(balancer, **options):
    client = connect(f"ws://127.0.0.1:{balancer.port}/ws/video", compression=None, max_size=None, **options)
    client.greeting = json.loads(client.recv(timeout=10))
    return client


def connect_patiently(url, tries=3, **options):
    """On a machine that stood still between the handshake and the request, HAProxy gives up on the client, as it should."""
    while True:
        try:
            return connect(url, open_timeout=30, **options)
        except InvalidStatus as refused:
            tries -= 1
            if refused.response.status_code != http.client.REQUEST_TIMEOUT or tries == 0:
                raise


def sessions(server):
    return server.get_json("/api/stats")["sessions_open"]


def test_the_file_as_it_is_is_valid():
    done = run(needed("haproxy", "haproxy"), "-c", "-f", CONFIG)
    assert done.returncode == 0 and "warning" not in done.stdout.lower(), done.stdout


def test_the_file_with_tls_is_valid_and_speaks_it(nodes, tmp_path):
    pem = tmp_path / "storysign.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "key.pem", "-out",
                    tmp_path / "cert.pem", "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
    pem.write_text((tmp_path / "cert.pem").read_text() + (tmp_path / "key.pem").read_text())
    tls_port = free_port()
    balancer = Balancer(tmp_path, [server.port for server in nodes], **{
        "    # bind :443 ssl crt /etc/haproxy/storysign.pem": f"    bind 127.0.0.1:{tls_port} ssl crt {pem}",
        "    # http-request redirect": "    http-request redirect",
        "    # http-response set-header": "    http-response set-header"})
    try:
        balancer.wait_for(node1="UP")
        trust = ssl._create_unverified_context()
        with contextlib.closing(http.client.HTTPSConnection("127.0.0.1", tls_port, context=trust, timeout=10)) as client:
            client.request("GET", "/healthz")
            answer = client.getresponse()
            assert answer.status == 200 and "max-age" in answer.getheader("Strict-Transport-Security")
        with connect_patiently(f"wss://127.0.0.1:{tls_port}/ws/video", ssl=trust, compression=None) as client:
            assert json.loads(client.recv(timeout=10))["type"] == "connection_established"
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", balancer.port, timeout=10)) as client:
            client.request("GET", "/")
            assert client.getresponse().status == 302
    finally:
        balancer.close()


def test_learners_are_spread_and_their_frames_answered(cluster, frame_folder):
    balancer, servers = cluster
    picture = sorted(frame_folder.iterdir())[0].read_bytes()
    with join(balancer) as first, join(balancer) as second:
        assert [sessions(server) for server in servers] == [1, 1]
        for client in (first, second):
            client.send(raw_frame(picture))
            assert receive(client)["metadata"]["success"]


def test_limits_count_by_learner_and_not_by_proxy(cluster):
    """Two places for one address: what a client claims about itself does not give it more, and the proxy is not the client."""
    balancer, servers = cluster
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(join(balancer))
        for claim in ("203.0.113.9", "203.0.113.9, 198.51.100.7"):
            with connect(f"ws://127.0.0.1:{balancer.port}/ws/video", compression=None,
                         additional_headers={"X-Forwarded-For": claim}) as client:
                refusal = json.loads(client.recv(timeout=10))
                assert "places for one address are taken" in json.dumps(refusal), refusal
        # Said by a proxy that is trusted it counts: this test is on its address.
        with connect(servers[0].url(), compression=None, additional_headers={"X-Forwarded-For": "203.0.113.9"}) as client:
            assert json.loads(client.recv(timeout=10))["type"] == "connection_established"


def test_a_server_that_trusts_nobody_counts_the_connection(program, tmp_path):
    server = Server(program, tmp_path, server__max_connections_per_address=1, performance__workers=1)
    try:
        with server.connect(additional_headers={"X-Forwarded-For": "203.0.113.1"}), \
                connect(server.url(), additional_headers={"X-Forwarded-For": "203.0.113.2"}) as second:
            assert "places for one address are taken" in second.recv(timeout=10)
    finally:
        server.close()


def test_a_list_of_proxies_that_is_none_is_refused(storysign_serve_fails):
    done = storysign_serve_fails("--server.trusted_proxies=proxy.example")
    assert done.returncode == 2 and "server.trusted_proxies names \"proxy.example\"" in done.stderr, done.stderr


def test_the_proxys_connections_are_not_held_to_the_limit_of_one_address(nodes):
    with contextlib.ExitStack() as stack:
        for number in range(6):
            client = stack.enter_context(nodes[0].connect(additional_headers={"X-Forwarded-For": f"203.0.113.{number}"}))
            assert client.greeting["type"] == "connection_established"


def test_what_came_by_tls_to_the_proxy_counts_as_tls(cluster):
    _, servers = cluster
    assert "Strict-Transport-Security" in servers[0].get("/healthz", headers={"X-Forwarded-Proto": "https"})[1]
    assert "Strict-Transport-Security" not in servers[0].get("/healthz")[1]


def test_a_stopping_server_gets_nobody_new_and_keeps_who_is_there(cluster):
    """Draining is not being down: HAProxy must not cut those who finish."""
    balancer, _ = cluster
    balancer.ask("set server storysign/node2 state drain")
    balancer.wait_for(node2="DRAIN")
    with join(balancer) as client:
        assert client.ping().wait(5)
        balancer.ask("set server storysign/node2 state ready")
        balancer.ask("set server storysign/node1 state drain")
        balancer.wait_for(node1="DRAIN")
        with join(balancer) as other:
            assert client.ping().wait(5), "the connection on the drained node lives on"
            assert other.ping().wait(5)


def test_readiness_that_ends_means_nobody_new_but_not_down(tmp_path):
    """The stopping server is one that answers 503 at /readyz, as a draining one does."""
    status = {"now": 200}

    class Node(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(status["now"])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    node = HTTPServer(("127.0.0.1", 0), Node)
    threading.Thread(target=node.serve_forever, daemon=True).start()
    balancer = Balancer(tmp_path, [node.server_address[1]] * 2)
    try:
        balancer.wait_for(node1="UP")
        status["now"] = 503
        balancer.wait_for(node1="NOLB")
        status["now"] = 200
        balancer.wait_for(node1="UP")
        node.shutdown()
        node.server_close()
        balancer.wait_for(node1="DOWN")
    finally:
        balancer.close()


def test_the_timeouts_fit_a_websocket(tmp_path):
    """A tunnel outlives two pings, and a check is quicker than the time in which learners should be elsewhere."""
    text = configuration(tmp_path, 1, 2, [3, 4])
    table = (CONFIG.parents[2] / "src/config/settings_table.inc").read_text()
    ping = int(table.split("websocket, ping_interval_ms, ")[1].split(",")[0])
    tunnel = int(text.split("timeout tunnel ")[1].split("s")[0]) * 1000
    assert tunnel >= 2 * ping + 10000


def test_a_dead_servers_learners_are_told_at_once(cluster):
    """The last test of this file: one of the servers does not come back."""
    balancer, servers = cluster
    balancer.ask("set server storysign/node2 state drain")
    balancer.wait_for(node2="DRAIN")
    with join(balancer) as client:
        balancer.ask("set server storysign/node2 state ready")
        servers[0].process.kill()
        begin = time.monotonic()
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=10)
        assert time.monotonic() - begin < 10
    balancer.wait_for(node1="DOWN", node2="UP")
    with join(balancer) as client:
        assert client.greeting["type"] == "connection_established"
