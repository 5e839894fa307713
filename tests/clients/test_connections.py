"""Connections as clients of long ago treat them: closed after every call, or kept (facts/clients.md 13)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.client import Client
from tests.server import TestSite

HEADERS = "Host: meetings.example\r\nContent-Type: text/xml\r\n"


@contextmanager
def connected(site: TestSite) -> Iterator[socket.socket]:
    """A connection to the server."""
    parts = urlsplit(site.server.url)
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=10) as opened:
        yield opened


def request(client: Client, more: str = "", version: str = "1.1", operation: str = "ep.GetAPIVersion") -> bytes:
    """A request with these further header lines."""
    body = client.document(operation, "").encode()
    head = f"POST /WBXService/XMLService HTTP/{version}\r\n{HEADERS}{more}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def answered(opened: socket.socket) -> tuple[list[str], bytes]:
    """The lines of one answer's head, and its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        received = opened.recv(65536)
        assert received, data
        data += received
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length:"))
    while len(body) < length:
        body += opened.recv(65536)
    assert len(body) == length
    return lines, body


def is_closed(opened: socket.socket) -> bool:
    """Whether the server closed the connection; waits a little for it."""
    opened.settimeout(5)
    return opened.recv(1) == b""


def is_open(opened: socket.socket) -> bool:
    """Whether the server has not closed the connection within a moment."""
    opened.settimeout(0.1)
    try:
        opened.recv(1)
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize("written", ["Connection: close", "connection: Close", "CONNECTION:close"])
@pytest.mark.parametrize("operation", ["ep.GetAPIVersion", "ep.NoSuchThing"])
def test_close_is_promised_and_done(shared_site: TestSite, written: str, operation: str) -> None:
    with connected(shared_site) as opened:
        opened.sendall(request(shared_site.client(), f"{written}\r\n", operation=operation))
        lines, body = answered(opened)
        assert lines[0] == "http/1.1 200 ok"
        assert [line for line in lines if line.startswith("connection:")] == ["connection: close"]
        assert body.endswith(b"</serv:message>")
        assert is_closed(opened)


@pytest.mark.parametrize("more", ["", "Connection: keep-alive\r\n"])
def test_otherwise_the_connection_stays(shared_site: TestSite, more: str) -> None:
    with connected(shared_site) as opened:
        for _ in range(3):
            opened.sendall(request(shared_site.client(), more))
            lines, body = answered(opened)
            assert "connection: close" not in lines
            assert body.endswith(b"</serv:message>")
        assert is_open(opened)
        opened.sendall(request(shared_site.client(), "Connection: close\r\n"))
        assert "connection: close" in answered(opened)[0]
        opened.settimeout(5)
        assert is_closed(opened)


def test_a_client_of_http_1_0(shared_site: TestSite) -> None:
    with connected(shared_site) as opened:
        opened.sendall(request(shared_site.client(), version="1.0"))
        lines, body = answered(opened)
        assert lines[0].endswith(" 200 ok")
        assert body.endswith(b"</serv:message>")
        assert is_closed(opened)


def test_requests_sent_ahead_are_answered_in_order(shared_site: TestSite) -> None:
    client = shared_site.client()
    with connected(shared_site) as opened:
        opened.sendall(request(client) + request(client, operation="ep.NoSuchThing", more="Connection: close\r\n"))
        data = b""
        while received := opened.recv(65536):
            data += received
    first, second = data.split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert b"ep:getAPIVersionResponse" in first
    assert b"NoSuchThing" in second


def test_a_client_that_waits_to_be_asked_for_the_body(shared_site: TestSite) -> None:
    whole = request(shared_site.client(), "Expect: 100-continue\r\n")
    head, _, body = whole.partition(b"\r\n\r\n")
    with connected(shared_site) as opened:
        opened.sendall(head + b"\r\n\r\n")
        assert opened.recv(65536).startswith(b"HTTP/1.1 100")
        opened.sendall(body)
        assert answered(opened)[1].endswith(b"</serv:message>")
