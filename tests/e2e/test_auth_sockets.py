"""Who may open a WebSocket of a server with accounts: by cookie, by a token that opens one, and nobody else."""

import contextlib
import json

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from auth_support import PASSWORD, Client, closing, counted, greeting, open_socket, running, server, signed_in, state, ticket_of

__all__ = ["server", "state"]  # Fixtures.

def test_a_socket_opens_with_the_cookie(server):
    with open_socket(server, signed_in(server, "ada").token) as client:
        assert greeting(client) == "connection_established"


def test_a_socket_opens_once_with_a_token_as_subprotocol(server):
    ticket = ticket_of(signed_in(server, "ada"))
    protocols = ["storysign.v1", f"storysign.token.{ticket}"]
    with open_socket(server, protocols=protocols) as client:
        assert greeting(client) == "connection_established"
        assert client.subprotocol == "storysign.v1", "the token is not repeated"
    with pytest.raises(InvalidStatus) as refused:
        open_socket(server, protocols=protocols)
    assert refused.value.response.status_code == 401
    assert "used" in json.loads(refused.value.response.body)["error"]
    with pytest.raises(InvalidStatus) as refused:
        open_socket(server, protocols=["storysign.token.nonsense"])
    assert refused.value.response.status_code == 401


def test_a_socket_opens_once_with_a_token_as_first_message(server):
    message = json.dumps({"type": "authenticate", "token": ticket_of(signed_in(server, "ada"))})
    with open_socket(server) as client:
        client.send(message)
        assert greeting(client) == "connection_established"
    with open_socket(server) as client:
        client.send(message)
        code, reason = closing(client)
        assert code == 1008 and "used" in reason


@pytest.mark.parametrize("message", ['{"type": "ping"}', "{", '{"type": "authenticate"}', '{"type": "authenticate", "token": 5}',
                                     '{"type": "authenticate", "token": "nonsense"}', b"\x01\x01", "x" * 2000])
def test_a_stranger_is_told_nothing_but_to_sign_in(server, message):
    with open_socket(server, token="0" * 64) as client:
        client.send(message)
        code, reason = closing(client)
        assert code == 1008
        assert "Sign in first" in reason or "token is unknown" in reason


def test_who_says_nothing_is_closed(program, state):
    with running(program, state, limits__first_message_timeout_ms=600) as server, open_socket(server) as client:
        assert closing(client)[0] == 1008


def test_refusals_are_counted_by_what_was_shown(server):
    before = counted(server, "auth_failures")
    Client(server, "0" * 64).who()
    with contextlib.suppress(InvalidStatus):
        open_socket(server, protocols=["storysign.token.x"])
    with open_socket(server) as client:
        client.send("hello")
        closing(client)
    Client(server).sign_in("ada", "wrong horse")
    after = counted(server, "auth_failures")
    grown = {key: after[key] - before[key] for key in after}
    assert grown["session"] == grown["ws_token"] == grown["other"] == grown["login"] == 1


def test_whoever_is_no_longer_welcome_does_not_stay(server):
    root = signed_in(server, "root")
    root.ask("POST", "/api/accounts", {"name": "mallory", "password": PASSWORD})
    mallory = signed_in(server, "mallory")
    with open_socket(server, mallory.token) as by_cookie, open_socket(server) as by_ticket:
        by_ticket.send(json.dumps({"type": "authenticate", "token": ticket_of(mallory)}))
        assert greeting(by_cookie) == greeting(by_ticket) == "connection_established"
        root.ask("PATCH", "/api/accounts/mallory", {"disabled": True})
        for client in (by_cookie, by_ticket):
            client.send(json.dumps({"type": "ping"}))  # Who says nothing at all would be closed for that.
        for client in (by_cookie, by_ticket):
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    client.recv(timeout=40)
            assert closed.value.rcvd.code == 1008
            assert closed.value.rcvd.reason == "You are signed out."
