"""The calls of test_api_documents.py that need accounts: every address under /api/auth, /api/accounts and /api/learners."""

import uuid

from api_documents import Caller, Document
from auth_support import PASSWORD, account, running, signed_in

ELSEWHERE = {"Origin": "https://elsewhere.example"}
PLAIN = {"Content-Type": "text/plain"}
AUTH = {"/api/auth/login": {"name": "ada", "password": PASSWORD}, "/api/auth/logout": {}, "/api/auth/ws-token": {},
        "/api/auth/password": {"old": PASSWORD, "new": "battery staple"}}


def without_accounts(server):
    """In the mode open there is nobody to sign in; what was seen of it."""
    caller = Caller(Document("openapi.yaml"), server.port)
    assert caller.call("GET", "/api/auth/me", 200)["mode"] == "open"
    for path, body in AUTH.items():
        caller.call("POST", path, 409, body)
    caller.call("GET", "/api/accounts", 401)
    return caller.seen


def with_accounts(program, folder):
    """Everything that accounts can do and may not do; what was seen of it."""
    for name, role in (("ada", "learner"), ("root", "admin")):
        done = account(program, folder, "add", name, "--role", role)
        assert done.returncode == 0, done.stderr
    with running(program, folder, auth__login_per_minute=1000) as server:
        caller = Caller(Document("openapi.yaml"), server.port)
        ada = {"Cookie": f"storysign_session={signed_in(server, 'ada').token}"}
        root = {"Cookie": f"storysign_session={signed_in(server, 'root').token}"}
        for given in ({}, ada):
            assert caller.call("GET", "/api/auth/me", 200, headers=given)["mode"] == "accounts"
        refused_everywhere(caller, ada)
        caller.call("GET", "/api/class", 403, headers=ada)
        manage(caller, ada, root)
        caller.call("GET", "/api/learners/{name}/export", 404, headers=root, name="nobody")
        caller.call("DELETE", "/api/learners/{name}/data", 404, {}, headers=root, name="nobody")
        attempt = {"attempt_id": str(uuid.uuid4()), "kind": "sign", "target": "hello", "accepted": False, "score": 0}
        caller.call("POST", "/api/attempts", 201, attempt, headers=ada)
        caller.call("POST", "/api/attempts", 409, attempt, headers=root)
        own(caller, ada)
    with running(program, folder, auth__login_per_minute=2) as server:
        limited = Caller(caller.document, server.port)
        root = {"Cookie": f"storysign_session={signed_in(server, 'root').token}"}
        for path, body in (("/api/auth/password", {"old": "wrong horse", "new": "battery staple"}),
                           ("/api/auth/login", {"name": "ada", "password": "wrong horse"})):
            while limited.ask("POST", path, body, root)[0] != 429:
                pass
            limited.call("POST", path, 429, body, headers=root)
    return caller.seen | limited.seen


def refused_everywhere(caller, ada):
    """Without a cookie, from a page of others, as another kind of text."""
    session = [{"session": []}]
    for (method, path), operation in caller.document.operations.items():
        if not path.startswith("/api/") or "security" not in operation:
            continue
        parts = {"name": "ada", "gloss": "EAT", "id": str(uuid.uuid4())}
        body = None if method == "GET" else AUTH.get(path, {})
        if operation["security"] == session:
            caller.call(method, path, 401, body, **parts)
        if method != "GET":
            caller.call(method, path, 403, body, headers={**ada, **ELSEWHERE}, **parts)
            caller.call(method, path, 415, body, headers={**ada, **PLAIN}, **parts)


def manage(caller, ada, root):
    new = {"name": "eve", "password": "tangerine dream", "role": "learner", "display_name": "Eve"}
    caller.call("POST", "/api/accounts", 403, new, headers=ada)
    caller.call("POST", "/api/accounts", 400, {"name": "eve"}, headers=root)
    caller.call("POST", "/api/accounts", 201, new, headers=root)
    caller.call("GET", "/api/accounts", 403, headers=ada)
    names = [one["name"] for one in caller.call("GET", "/api/accounts", 200, headers=root)["accounts"]]
    assert {"ada", "eve", "root"} <= set(names)
    one = "/api/accounts/{name}"
    assert caller.call("PATCH", one, 200, {"disabled": True}, headers=root, name="eve")["account"]["disabled"] is True
    caller.call("PATCH", one, 400, {}, headers=root, name="eve")
    for method in ("PATCH", "DELETE"):
        body = {"disabled": True} if method == "PATCH" else {}
        caller.call(method, one, 403, body, headers=ada, name="eve")
        caller.call(method, one, 404, body, headers=root, name="nobody")
    caller.call("DELETE", one, 204, {}, headers=root, name="eve")


def own(caller, ada):
    """What an account does with its own things; ends the login."""
    caller.call("GET", "/api/learners/{name}/export", 200, headers=ada, name="ada")
    caller.call("POST", "/api/auth/ws-token", 200, {}, headers=ada)
    while (status := caller.ask("POST", "/api/auth/ws-token", {}, ada)[0]) == 200:
        pass
    caller.call("POST", "/api/auth/ws-token", status, {}, headers=ada)
    login, password = AUTH["/api/auth/login"], AUTH["/api/auth/password"]
    caller.call("POST", "/api/auth/login", 400, {**login, "more": 1})
    caller.call("POST", "/api/auth/login", 401, {**login, "password": "wrong horse"})
    caller.call("POST", "/api/auth/password", 400, {**password, "new": "password"}, headers=ada)
    caller.call("POST", "/api/auth/password", 403, {**password, "old": "wrong horse"}, headers=ada)
    caller.call("POST", "/api/auth/password", 204, password, headers=ada)
    caller.call("POST", "/api/auth/login", 200, {**login, "password": password["new"]})
    caller.call("POST", "/api/auth/logout", 204, {}, headers=ada)
