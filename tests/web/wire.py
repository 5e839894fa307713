"""Requests as bytes on a socket, for what no proper client would send."""

from __future__ import annotations

import re
import select
import socket

from lxml import etree

PATH = "/WBXService/XMLService"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_BLOCK = 16_384


def head(length: int | None = None, *fields: str, method: str = "POST", target: str = PATH) -> bytes:
    """The head of a request; `length`: its Content-Length."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", *fields]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def request(body: bytes | str, *fields: str) -> bytes:
    """A request with this body."""
    content = body.encode() if isinstance(body, str) else body
    return head(len(content), *fields) + content


def chunked(body: bytes, size: int) -> bytes:
    """A request with this body in chunks."""
    blocks = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(block), block) for block in blocks)
    return head(None, "Transfer-Encoding: chunked") + chunks + b"0\r\n\r\n"


class Response:
    """One response: its status, head (in lower case) and body."""

    def __init__(self, raw_head: bytes, body: bytes) -> None:
        self.head = raw_head.decode("latin-1").lower()
        self.status = int(self.head.split(" ", 2)[1])
        self.body = body

    @property
    def closes(self) -> bool:
        """Whether the server says that it closes the connection."""
        return "\r\nconnection: close" in self.head

    def value(self, name: str) -> str | None:
        """The text of the first element of this name in the answer document."""
        found = etree.fromstring(self.body).find(f".//{{*}}{name}")
        return None if found is None else found.text


class Wire:
    """A connection to a server."""

    def __init__(self, port: int, patience: float = 20) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=patience)
        self._received = b""

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def send(self, data: bytes) -> Wire:
        """Send bytes."""
        self._socket.sendall(data)
        return self

    def send_no_more(self) -> Wire:
        """Close the sending half of the connection."""
        self._socket.shutdown(socket.SHUT_WR)
        return self

    def response(self) -> Response | None:
        """The next response; None when the server closed the connection before a whole one came."""
        while b"\r\n\r\n" not in self._received:
            if not self._receive():
                return None
        raw_head, _, self._received = self._received.partition(b"\r\n\r\n")
        found = _LENGTH.search(raw_head)
        length = int(found[1]) if found else 0
        while len(self._received) < length:
            if not self._receive():
                return None
        body, self._received = self._received[:length], self._received[length:]
        return Response(raw_head, body)

    def peek(self, seconds: float = 0.0) -> bytes:
        """What has come and was not read yet, after waiting so long for it."""
        if select.select([self._socket], [], [], seconds)[0]:
            self._receive()
        return self._received

    def is_closed(self) -> bool:
        """Wait for the server to close the connection; False when it sends something instead."""
        return not self._received and not self._receive()

    def _receive(self) -> bool:
        try:
            block = self._socket.recv(_BLOCK)
        except ConnectionResetError:
            return False
        self._received += block
        return bool(block)


def exchange(port: int, data: bytes) -> Response:
    """Send one request on a connection of its own and read the response."""
    with Wire(port) as wire:
        response = wire.send(data).response()
    assert response is not None, "the connection was closed without a response"
    return response
