"""What the tests of the HTTP API and of what is kept share: requests, attempts and rows."""

import contextlib
import http.client
import json
import sqlite3
import uuid


def ask(server, method, path, body=None, headers=None):
    """(status, JSON, headers) of one request to the learners' port."""
    given = {"Content-Type": "application/json", **(headers or {})}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with contextlib.closing(connection):
        connection.request(method, path, body=None if body is None else json.dumps(body), headers=given)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None, dict(answer.getheaders())


def attempt(**changes):
    return {"attempt_id": str(uuid.uuid4()), "kind": "letter", "target": "A", "accepted": True, "score": 0.5, **changes}


def rows(server, query):
    with contextlib.closing(sqlite3.connect(server.state / "storysign.db")) as database:
        return database.execute(query).fetchall()
