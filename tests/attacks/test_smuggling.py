"""Requests whose end a front could see elsewhere than the server: such a one is refused, and nothing after it is read.

What follows the odd request is a good one. When two programs disagree about where a request ends, that one would be
answered although nobody sent it; here it never is.
"""

from __future__ import annotations

import pytest

from tests.attacks.targets import Attacked
from tests.web.wire import PATH, Wire, head, request

_HEAD = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()


def _length(attacked: Attacked) -> bytes:
    return b"Content-Length: %d\r\n" % len(attacked.document)


#: Lines of a head: what they are, and whether the length of the document stands beside them.
AMBIGUOUS: dict[str, tuple[bytes, bool]] = {
    "length and chunks": (b"Transfer-Encoding: chunked\r\n", True),
    "length and chunks in another case": (b"transfer-encoding: CHUNKED\r\n", True),
    "two lengths": (b"Content-Length: 3\r\n", True),
    "a list of lengths": (b"Content-Length: 3, 3\r\n", False),
    "a list of codings": (b"Transfer-Encoding: chunked, identity\r\n", False),
    "an unknown coding": (b"Transfer-Encoding: xchunked\r\n", True),
    "a coding with a tab": (b"Transfer-Encoding:\tchunked\r\n", True),
    "chunks twice": (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", True),
    "a blank before the colon": (b"Transfer-Encoding : chunked\r\n", True),
    "a folded line": (b"X-A: b\r\n Transfer-Encoding: chunked\r\n", True),
    "a folded coding": (b"Transfer-Encoding:\r\n chunked\r\n", True),
    "a bare line feed": (b"X-A: b\nTransfer-Encoding: chunked\r\n", True),
    "a bare carriage return": (b"X-A: b\rTransfer-Encoding: chunked\r\n", True),
    "a NUL in a name": (b"Transfer-Encoding\0: chunked\r\n", True),
    "a NUL in a value": (b"Transfer-Encoding: chunk\0ed\r\n", True),
    "a plus": (b"Content-Length: +5\r\n", False),
    "hexadecimal": (b"Content-Length: 0x5\r\n", False),
    "a blank inside": (b"Content-Length: 5 5\r\n", False),
    "an underscore": (b"Content_Length: 3\r\nTransfer_Encoding: chunked\r\n", True),
    "no name": (b": chunked\r\n", True),
}
#: These say nothing of where a request ends, and programs agree on that; the request is read by its length.
_HARMLESS = {"an underscore", "a folded line", "a coding with a tab"}


def answers(attacked: Attacked, data: bytes) -> list[tuple[int, str | None]]:
    """All that a server says to some bytes: status and result of each answer, until it closes or says no more."""
    found = []
    with Wire(attacked.port) as wire:
        wire.send(data).send_no_more()
        while (response := wire.response()) is not None:
            result = response.value("result") if response.body.startswith(b"<?xml") else None
            found.append((response.status, result))
    return found


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_is_ambiguous_is_refused(attacked: Attacked, name: str) -> None:
    lines, measured = AMBIGUOUS[name]
    first = _HEAD + (_length(attacked) if measured else b"") + lines + b"\r\n"
    smuggled = request(attacked.document)
    for body in (attacked.document, b"0\r\n\r\n", b"5\r\nhello\r\n0\r\n\r\n"):
        said = answers(attacked, first + body + smuggled)
        assert len(said) <= 1 or name in _HARMLESS, said
        if name not in _HARMLESS:
            assert said == [(400, None)], said
        else:
            assert all(status in (200, 400) for status, _ in said)


@pytest.mark.parametrize(
    "chunks",
    [
        b"5;a=b\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"-1\r\nhello\r\n0\r\n\r\n",
        b"ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhelloX\r\n0\r\n\r\n",
        b"5\nhello\n0\n\n",
        b"5 \r\nhello\r\n0\r\n\r\n",
        b"\r\n5\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\nContent-Length: 9 \n\r\n",
    ],
    ids=["extension", "prefix", "negative", "overflow", "too long", "line feeds", "blank", "empty", "trailer"],
)
def test_chunks_that_are_none(attacked: Attacked, chunks: bytes) -> None:
    """The answer to what came before the odd chunk may come; the request behind it is not answered."""
    data = head(None, "Transfer-Encoding: chunked") + chunks + request(attacked.document)
    said = answers(attacked, data)
    assert len(said) <= 2, said
    assert (200, "SUCCESS") not in said, said


def test_a_version_without_chunks_has_none(attacked: Attacked) -> None:
    data = request(attacked.document).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    said = answers(attacked, data.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n", 1))
    assert said == [(400, None)], said


@pytest.mark.parametrize(
    "line", [b"GET / HTTP/1.1 HTTP/1.1", b"GET  / HTTP/1.1", b"GET /a\r\nX: y HTTP/1.1", b"\0GET / HTTP/1.1", b"GET /"]
)
def test_nothing_follows_a_request_line_that_is_none(attacked: Attacked, line: bytes) -> None:
    said = answers(attacked, line + b"\r\nConnection: close\r\nHost: a\r\n\r\n" + request(attacked.document))
    assert len(said) <= 1, said
    assert (200, "SUCCESS") not in said


def test_a_body_of_a_request_without_one_is_no_request(attacked: Attacked) -> None:
    """GET with a length: its body is not taken for the next request."""
    body = request(attacked.document)
    said = answers(attacked, head(len(body), method="GET", target="/health") + body)
    assert said == [(200, None)], said
