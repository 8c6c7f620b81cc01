"""Two servers behind HAProxy with PostgreSQL, all real, on this machine: one dies under load, each is restarted in turn.

What is measured is what a learner would notice: the time until frames are answered again, whether the session goes on, and
whether an attempt that was acknowledged is there afterwards.
"""

import collections
import contextlib
import time

import pytest

from balancer import Balancer
from database import Postgres
from learners import HandingIn, Learner
from server_support import Server

LEARNERS = 4
BACK_SECONDS = 3.0


class Node:
    """A server that can be started again at its port."""

    def __init__(self, program, folder, database):
        self.program = program
        self.folder = folder
        self.database = database
        self.server = None
        self.port = None
        self.start()

    def start(self):
        given = {} if self.port is None else {"server__port": self.port}
        self.server = Server(self.program, self.folder, server__trusted_proxies="127.0.0.1", store__url=self.database.url,
                             server__max_connections_per_address=20, performance__workers=1, video__quality=30, **given)
        if self.port is None:
            self.port = self.server.port
        self.server.port = self.port

    def kill(self):
        self.server.process.kill()
        self.server.process.wait()

    def sessions(self):
        return self.server.get_json("/api/stats")["sessions_open"]


@pytest.fixture(scope="module")
def database():
    postgres = Postgres()
    yield postgres
    postgres.close()


@pytest.fixture
def cluster(program, tmp_path, database):
    """(balancer, [two nodes])"""
    with contextlib.ExitStack() as stack:
        nodes = []
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            nodes.append(Node(program, folder, database))
            stack.callback(lambda node=nodes[-1]: node.server.close())
        balancer = Balancer(tmp_path, [node.port for node in nodes])
        stack.callback(balancer.close)
        balancer.wait_for(node1="UP", node2="UP")
        yield balancer, nodes


@pytest.fixture
def load(cluster, frame_folder):
    """([learners], [those who hand in]), all at work on both nodes."""
    balancer, nodes = cluster
    picture = sorted(frame_folder.iterdir())[0].read_bytes()
    learners, handing_in = [], []
    for number in range(LEARNERS):
        learners.append(Learner(balancer.port, picture))
        until(lambda number=number: sum(node.sessions() for node in nodes) > number, "a learner is there")
    until(lambda: all(learner.answers >= 2 for learner in learners), "all have had answers")
    handing_in = [HandingIn(balancer.port, learner) for learner in learners[:2]]
    until(lambda: all(one.acknowledged for one in handing_in), "attempts are acknowledged")
    assert [node.sessions() for node in nodes] == [LEARNERS / 2] * 2
    yield learners, handing_in
    for one in [*handing_in, *learners]:
        one.stop()


def until(holds, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def all_are_back(learners, answers=2):
    """Every interruption is over, and frames are answered."""
    before = [learner.answers for learner in learners]
    until(lambda: all(learner.answers >= count + answers for learner, count in zip(learners, before)), "frames are answered again")
    until(lambda: all(i.seconds is not None for learner in learners for i in learner.interruptions), "all are back")


def check_interruptions(learners, count, seconds):
    """`count` learners were interrupted, and each resumed its own session within that time."""
    hit = [learner for learner in learners if learner.interruptions]
    assert len(hit) == count
    for learner in hit:
        for interruption in learner.interruptions:
            answer = interruption.resumed
            assert answer["success"] and answer["resumed"] and answer["session_id"] == learner.session_id, answer
            assert interruption.seconds < seconds, [i.seconds for i in learner.interruptions]


def check_attempts(database, handing_in):
    """Each acknowledged attempt is in the database, and nothing is there twice."""
    for one in handing_in:
        one.stop()
        assert one.troubles == []
    acknowledged = [attempt for one in handing_in for attempt in one.acknowledged]
    assert len(acknowledged) == len(set(acknowledged)) > 20
    stored = collections.Counter(row[0] for row in database.sql("select id from attempts"))
    assert [attempt for attempt in acknowledged if stored[attempt] != 1] == []


def test_when_a_node_dies_its_learners_go_on_at_the_other_within_three_seconds(cluster, load, database):
    balancer, nodes = cluster
    learners, handing_in = load
    nodes[0].kill()
    all_are_back(learners)
    balancer.wait_for(node1="DOWN", node2="UP")
    check_interruptions(learners, LEARNERS // 2, BACK_SECONDS)
    assert nodes[1].sessions() == LEARNERS
    assert all(learner.troubles == [] for learner in learners)
    check_attempts(database, handing_in)


def test_a_rolling_restart_loses_no_acknowledged_attempt(cluster, load, database):
    balancer, nodes = cluster
    learners, handing_in = load
    for number, node in enumerate(nodes, 1):
        code, _ = node.server.stop()
        assert code == 0
        all_are_back(learners)
        before = sum(len(one.acknowledged) for one in handing_in)
        node.start()
        balancer.wait_for(node1="UP", node2="UP")
        until(lambda before=before: sum(len(one.acknowledged) for one in handing_in) > before + 5, f"node {number} is back")
    all_are_back(learners)
    # All were on a node that was restarted; those who had gone to the second one even twice.
    check_interruptions(learners, LEARNERS, BACK_SECONDS)
    assert all(learner.troubles == [] for learner in learners)
    check_attempts(database, handing_in)
    sessions = {learner.session_id for learner in learners}
    assert len(sessions) == LEARNERS
    known = {row[0] for row in database.sql("select id from sessions")}
    assert sessions <= known
