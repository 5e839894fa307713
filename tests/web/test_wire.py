"""HTTP as no proper client speaks it: broken heads, slow and half-closed connections, several requests in a row, forms.

The server is the one of test_hostile's kind: a process of its own, so that its log can be looked at.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.client import Client
from tests.processes import ServerProcess
from tests.server import PASSWORD, Server, TestSite
from tests.web.wire import PATH, Response, Wire, chunked, exchange, head, request

_SECONDS = 1
_LIMIT = 200_000


class Target:
    """A server with small limits and an account on it."""

    def __init__(self, process: ServerProcess, site: TestSite) -> None:
        self.process = process
        self.port = process.port
        self.site = site
        client = Client(process.url, site.name, web_ex_id="host1", password=PASSWORD)
        self.document = client.document("user.GetUser", "<webExId>host1</webExId>").encode()

    def exchange(self, data: bytes) -> Response:
        """Send one request on a connection of its own."""
        return exchange(self.port, data)


@pytest.fixture(scope="module")
def attacked(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server process with small limits, on the database of the SQLite server."""
    folder = tmp_path_factory.mktemp("wire")
    (folder / "parley.db").symlink_to(Path(sqlite_server.config.data) / "parley.db")
    process = ServerProcess(folder, max_body_seconds=_SECONDS, max_request_bytes=_LIMIT)
    yield Target(process, sqlite_server.new_site())
    process.stop()


@pytest.fixture
def target(attacked: Target) -> Iterator[Target]:
    """The server; after the test it still answers and logged no error."""
    yield attacked
    assert_success(attacked.exchange(request(attacked.document)))
    assert attacked.process.errors() == []


def assert_success(response: Response | None) -> None:
    assert response is not None
    assert (response.status, response.value("result")) == (200, "SUCCESS"), response.body


def assert_fault(response: Response | None, reason: str) -> None:
    assert response is not None
    assert (response.status, response.value("exceptionID")) == (200, "000000"), response.body
    assert reason in (response.value("reason") or ""), response.body


# --- methods, heads ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND"])
def test_other_methods_are_told_which_ones_there_are(target: Target, method: str) -> None:
    with Wire(target.port) as wire:
        wire.send(head(0, method=method))
        received = wire.peek(20)
    assert received.startswith(b"HTTP/1.1 405 ")
    assert b"allow: get, post" in received.lower()


@pytest.mark.parametrize(
    "data",
    [
        b"BREW " + PATH.encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(60),
        b"POST " + PATH.encode() + b" HTTP/9.9\r\nHost: a\r\n\r\n",
        head(None, "Content-Length: -1"),
        head(None, "Content-Length: 5x"),
        head(None, "Content-Length: 99999999999999999999999999"),
        head(3, "Content-Length: 5") + b"abcde",
        head(3, "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        head(None, "Transfer-Encoding: chunked") + b"zz\r\n",
        head(0, "X-\x00: a"),
        head(0, "no colon"),
    ],
    ids=["method", "TLS", "version", "negative", "odd", "overflow", "two", "both", "chunk", "NUL", "field"],
)
def test_what_is_no_http_is_refused_and_the_connection_closed(target: Target, data: bytes) -> None:
    with Wire(target.port) as wire:
        response = wire.send(data).response()
        assert response is not None
        assert response.status == 400
        assert wire.is_closed()


def test_an_endless_head_is_refused(target: Target) -> None:
    with Wire(target.port) as wire:
        try:
            for number in range(400):
                wire.send(b"POST / HTTP/1.1\r\n" if number == 0 else b"X-%d: %s\r\n" % (number, b"a" * 1000))
        except (BrokenPipeError, ConnectionResetError):
            return  # refused while it was still sent
        response = wire.response()
        assert response is None or response.status in (400, 431)


def test_a_get_without_a_document_is_told_so(target: Target) -> None:
    for path in (PATH, PATH + "?", PATH + "?XML=", PATH + "?a=b&XML=&c=d", PATH + "?%58=1"):
        assert_fault(target.exchange(head(None, method="GET", target=path)), "the request holds no XML document")


def test_a_get_with_a_document_is_answered(target: Target) -> None:
    query = quote(target.document)
    assert_success(target.exchange(head(None, method="GET", target=f"{PATH}?XML={query}")))
    assert_success(target.exchange(head(None, method="GET", target=f"{PATH}?xml={quote_plus(target.document)}&a=b")))


@pytest.mark.parametrize(
    "path", ["/WBXService/XMLService/", "/wbxservice/xmlservice", "/WBXService/xml8.0.0/XMLService"]
)
def test_other_spellings_of_the_address_lead_to_the_service(target: Target, path: str) -> None:
    data = request(target.document).replace(PATH.encode(), path.encode(), 1)
    assert_success(target.exchange(data))


@pytest.mark.parametrize(
    "path", ["/WBXService/XMLService%00", "/WBXService/xml../XMLService/x", "/%2e%2e/XMLService", "//"]
)
def test_addresses_that_do_not_exist_are_not_found(target: Target, path: str) -> None:
    response = target.exchange(head(0, method="GET", target=path))
    assert response.status in (400, 404)
    assert b"Traceback" not in response.body


# --- bodies: size ------------------------------------------------------------------------------------------------


def _padded(document: bytes, size: int) -> bytes:
    return document + b" " * (size - len(document))


@pytest.mark.parametrize("size", [1, 7, 1000, 70_000])
def test_documents_in_chunks_are_read(target: Target, size: int) -> None:
    assert_success(target.exchange(chunked(target.document, size)))


def test_documents_up_to_the_limit_are_read(target: Target) -> None:
    document = _padded(target.document, _LIMIT)
    assert_success(target.exchange(request(document)))
    assert_success(target.exchange(chunked(document, 9_999)))


@pytest.mark.parametrize("size", [_LIMIT + 1, 3 * _LIMIT, 20_000_000])
@pytest.mark.parametrize("form", ["length", "chunks"])
def test_larger_documents_are_refused_and_the_client_gets_to_know(target: Target, size: int, form: str) -> None:
    document = _padded(target.document, size)
    before = target.process.memory()
    with Wire(target.port) as wire:
        response = wire.send(request(document) if form == "length" else chunked(document, 65_536)).response()
        assert_fault(response, f"the document is larger than {_LIMIT} bytes")
        assert response is not None
        assert response.closes
        assert wire.is_closed()
    assert target.process.memory() - before < 30_000_000


def test_a_length_that_is_never_kept_is_not_waited_for(target: Target) -> None:
    response = target.exchange(head(10**15) + b"<" * (2 * _LIMIT))
    assert_fault(response, "the document ")
    assert response.closes


def test_what_follows_a_refused_document_is_not_answered(target: Target) -> None:
    """The rest of a document must never be taken for a request."""
    data = request(_padded(target.document, 2 * _LIMIT)) + request(target.document)
    with Wire(target.port) as wire:
        response = wire.send(data).response()
        assert_fault(response, "larger")
        assert wire.is_closed()


# --- bodies: time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [b"", b"<mess"], ids=["nothing", "a part"])
def test_a_body_that_does_not_come_is_not_waited_for(target: Target, sent: bytes) -> None:
    with Wire(target.port) as wire:
        response = wire.send(head(1000) + sent).response()
        assert_fault(response, f"the document did not arrive within {_SECONDS} seconds")
        assert response is not None
        assert response.closes
        assert wire.is_closed()


def test_a_body_that_drips_is_not_waited_for(target: Target) -> None:
    with Wire(target.port) as wire:
        wire.send(head(None, "Transfer-Encoding: chunked"))
        begun = time.monotonic()
        try:
            while time.monotonic() - begun < 10 * _SECONDS and b"\r\n\r\n" not in wire.peek(0.1):
                wire.send(b"1\r\nx\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert time.monotonic() - begun < 8 * _SECONDS
        assert_fault(wire.response(), "the document did not arrive within")


def test_a_body_that_comes_in_pieces_in_time_is_read(target: Target) -> None:
    with Wire(target.port) as wire:
        wire.send(head(len(target.document)))
        for start in range(0, len(target.document), 200):
            time.sleep(0.02)
            wire.send(target.document[start : start + 200])
        assert_success(wire.response())
        assert_success(wire.send(request(target.document)).response())


def test_many_slow_connections_hold_up_nobody(target: Target) -> None:
    slow = [Wire(target.port).send(head(1000) + b"<") for _ in range(100)]
    try:
        for _ in range(5):
            assert_success(target.exchange(request(target.document)))
        for wire in slow:
            assert_fault(wire.response(), "did not arrive")
    finally:
        for wire in slow:
            wire.close()


def test_a_client_that_closed_its_half_after_the_document_is_answered(target: Target) -> None:
    with Wire(target.port) as wire:
        assert_success(wire.send(request(target.document)).send_no_more().response())


def test_a_client_that_leaves_in_the_middle_costs_nothing(target: Target) -> None:
    for data in (head(1000) + b"<mess", head(1000), request(target.document)[:-1], request(target.document)):
        with Wire(target.port) as wire:
            wire.send(data).send_no_more()
        with Wire(target.port) as wire:
            wire.send(data)


# --- several requests on one connection --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields", [("Upgrade: h2c",), ("upgrade: websocket",), ("UPGRADE: h2c", "HTTP2-Settings: AAEAAEAA")]
)
def test_an_offer_of_another_protocol_is_passed_over(target: Target, fields: tuple[str, ...]) -> None:
    offered = ("Connection: Upgrade, HTTP2-Settings", *fields)
    assert_success(target.exchange(request(target.document, *offered)))
    comment = target.document.replace(b"<body>", b"<body><!--\r\nUpgrade: h2c\r\n-->")
    assert_success(target.exchange(request(comment, *offered)))
    with Wire(target.port) as wire:
        for piece in (request(target.document, *offered)[:40], request(target.document, *offered)[40:]):
            wire.send(piece)
        assert_success(wire.response())


def test_requests_in_a_row_are_answered_in_order(target: Target) -> None:
    documents = [target.document, b"hello", b"<a/>", target.document, b"", target.document] * 8
    with Wire(target.port) as wire:
        wire.send(b"".join(map(request, documents)))
        for document in documents:
            response = wire.response()
            assert response is not None
            assert response.status == 200
            assert (response.value("result") == "SUCCESS") == (document is target.document)
            assert not response.closes


def test_connections_are_closed_when_the_client_says_so(target: Target) -> None:
    for data in (
        request(target.document, "Connection: close"),
        request(target.document, "Connection: Close"),
        request(target.document).replace(b"HTTP/1.1", b"HTTP/1.0", 1),
    ):
        with Wire(target.port) as wire:
            assert_success(wire.send(data).response())
            assert wire.is_closed()


def test_a_client_that_waits_to_be_told_to_go_on_is_told(target: Target) -> None:
    with Wire(target.port) as wire:
        interim = wire.send(head(len(target.document), "Expect: 100-continue")).response()
        assert interim is not None
        assert interim.status == 100
        assert_success(wire.send(target.document).response())


# --- any content type, and forms ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        *("text/xml", "text/xml charset=UTF-8", "application/x-www-form-urlencoded", "multipart/form-data", "a"),
        *("text/xml; charset=utf-16", "application/json", "\u00ff\u00fe", ""),
    ],
)
def test_the_content_type_does_not_matter(target: Target, kind: str) -> None:
    assert_success(target.exchange(request(target.document, f"Content-Type: {kind}")))


def _without_proof(target: Target) -> bytes:
    return target.document.replace(f"<webExID>host1</webExID><password>{PASSWORD}</password>".encode(), b"")


def _of_number(target: Target) -> bytes:
    return _without_proof(target).replace(f"<siteName>{target.site.name}</siteName>".encode(), b"")


def test_forms_carry_document_and_credentials(target: Target) -> None:
    proof = f"UID=host1&PWD={PASSWORD}"
    number = f"SID={target.site.site_id}&PID=any"
    encoded = quote_plus(_of_number(target))
    for form in (
        f"XML={encoded}&{proof}&{number}",
        f"{number}&{proof}&XML={encoded}",
        f"{proof}&XML={encoded}&{number}",
        f"{number}&{proof}&XML={_of_number(target).decode()}",
        f"{number}&{proof}&xml={quote(_of_number(target))}",
        f"  {number}&{proof}&a=b&&=&XML={encoded}",
        f"XML={encoded}&{proof}&{number}&" + "&".join(f"a{number}=1" for number in range(200)),
    ):
        assert_success(target.exchange(request(form)))


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ("XML=", "holds no XML document"),
        ("XML=&UID=a", "holds no XML document"),
        ("a=b&XML=%20+%0A", "holds no XML document"),
        ("XML=%zz%", "not well-formed"),
        ("XML=%3Ca/%3E&XML=%3Cb/%3E", "but is a"),
        ("XML=%00", "not well-formed"),
        ("XML=%FF%FE", "not well-formed"),
        ("XML=hello+you", "not well-formed"),
        ("XML", "not well-formed"),
        ("UID=a&PWD=b", "not well-formed"),
        ("&" * 5_000 + "XML=%3Ca/%3E", "not well-formed"),
        ("&".join(f"a{number}=1" for number in range(300)) + "&XML=%3Ca/%3E", "but is a"),
    ],
)
def test_forms_gone_wrong_get_their_fault(target: Target, form: str, reason: str) -> None:
    assert_fault(target.exchange(request(form, "Content-Type: application/x-www-form-urlencoded")), reason)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (b"SID=%C2%B2", "010001"),
        (b"SID=%D9%A1%D9%A2", "010001"),
        (b"SID=-5", "010001"),
        (b"SID=" + b"9" * 3_000, "010001"),
        (b"SID=%00", "010001"),
        (b"SID=\xff", "010001"),
    ],
)
def test_odd_site_numbers_name_no_site(target: Target, fields: bytes, code: str) -> None:
    response = target.exchange(request(fields + b"&XML=" + _of_number(target)))
    assert response.value("exceptionID") == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (b"UID=%00&PWD=%00", "030001"),
        (b"UID=\xff\xfe&PWD=%ff", "030001"),
        (b"UID=host1&PWD=%00", "030002"),
        (b"UID=host1&PWD=%ED%A0%80", "030002"),
        (b"UID=host1&PWD=", "030002"),
        (b"UID=&PWD=a", "030002"),
        (b"UID=" + b"u" * 3_000 + b"&PWD=a", "030001"),
    ],
)
def test_odd_credentials_in_forms_sign_nobody_in(target: Target, fields: bytes, code: str) -> None:
    response = target.exchange(request(fields + b"&XML=" + _without_proof(target)))
    assert response.value("exceptionID") == code
