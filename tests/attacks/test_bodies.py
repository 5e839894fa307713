"""Bodies that grow when they are read, have endless parts, or hide behind an encoding."""

from __future__ import annotations

import base64
import bz2
import gzip
import zlib
from collections.abc import Callable
from functools import cache
from urllib.parse import quote_plus

import pytest

from tests.attacks.targets import Attacked
from tests.web.wire import head, request

#: What a server may take more of, whatever it was sent.
_MEMORY = 40_000_000
_PACKERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "bzip2": bz2.compress}


@cache
def bomb(packer: str) -> bytes:
    """A little that would be a thousand times as much."""
    return _PACKERS[packer](b"<message>" + b" " * 30_000_000)


@pytest.mark.parametrize(
    "coding", ["gzip", "deflate", "bzip2", "br", "gzip, gzip, gzip", "identity", "chunked", "\x01"]
)
def test_no_content_coding_is_undone(attacked: Attacked, coding: str) -> None:
    """A body that would grow a thousandfold stays what it is: no document."""
    before = attacked.process.memory()
    packed = bomb(coding if coding in _PACKERS else "gzip")
    for path in ("/WBXService/XMLService", f"/{attacked.site.name}/console/sign-in", f"/{attacked.site.name}/p.php"):
        response = attacked.exchange(head(len(packed), f"Content-Encoding: {coding}", target=path) + packed)
        assert response.status in (200, 400, 403, 404, 413), response.head
        if path.startswith("/WBX") and response.status == 200:
            assert response.value("exceptionID") == "000000"
    assert attacked.process.memory() - before < _MEMORY


def test_a_named_coding_does_not_hide_a_document(attacked: Attacked) -> None:
    """What is there counts, not what it is called: programs send such heads by mistake."""
    response = attacked.exchange(request(attacked.document, "Content-Encoding: gzip"))
    assert response.value("result") == "SUCCESS"


def multipart(parts: int, size: int = 1) -> bytes:
    one = b'--b\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n' + b"x" * size + b"\r\n"
    return b"".join(one % number for number in range(parts)) + b"--b--\r\n"


@pytest.mark.parametrize(
    "path", ["console/sign-in", "console/admin/users/import", "p.php", "m.php", "console/forgotten"]
)
def test_floods_of_parts_and_fields_are_refused(attacked: Attacked, path: str) -> None:
    where = f"/{attacked.site.name}/{path}"
    form = "application/x-www-form-urlencoded"
    before = attacked.process.memory()
    for body, kind in (
        (multipart(50_000), "multipart/form-data; boundary=b"),
        (multipart(1, 300_000), "multipart/form-data; boundary=b"),
        (b"--b\r\n" * 60_000, "multipart/form-data; boundary=b"),
        (b"&".join(b"f%d=1" % number for number in range(40_000)), form),
        (b"a=" + b"x" * 350_000, form),
        (b"&" * 300_000, form),
        (b"%" * 300_000, form),
        (b"CSRF=1&" + b"%00" * 20_000, form),
    ):
        data = head(len(body), f"Content-Type: {kind}", target=where) + body
        assert attacked.exchange(data).status in (200, 303, 400, 403, 404, 413), (path, kind)
    assert attacked.process.memory() - before < _MEMORY


def test_floods_of_fields_around_a_document(attacked: Attacked) -> None:
    """A form with a document has four fields; more of them are passed over without being taken apart."""
    flood = "&".join(f"f{number}=1" for number in range(20_000))
    body = f"XML={quote_plus(attacked.document)}&{flood}".encode()
    assert attacked.exchange(request(body)).value("result") == "SUCCESS"
    assert attacked.exchange(request(f"{flood}&".encode() + body)).value("exceptionID") == "000000"


@pytest.mark.parametrize("pieces", [1_000, 25_000])
def test_floods_of_sections_hold_what_they_say(attacked: Attacked, pieces: int) -> None:
    for flood in ("<![CDATA[]]>", "<!---->", "<?a?>"):
        spread = "h" + flood * pieces + "ost1"
        document = attacked.document.decode().replace("<webExId>host1", f"<webExId>{spread}")
        assert len(document) < 400_000
        response = attacked.exchange(request(document))
        assert (response.value("result"), response.value("webExId")) == ("SUCCESS", "host1")


_HIDDEN = '<!DOCTYPE m [<!ENTITY a "host1"><!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "name", ["UTF-7", "utf7", "unicode-1-1-utf-7", "UTF-16", "EBCDIC-CP-US", "cp037", "HZ-GB-2312"]
)
def test_a_declaration_hidden_by_an_encoding_is_none(attacked: Attacked, name: str) -> None:
    """What a filter in front would not see as a declaration, is none for the parser either, or is refused as one."""
    codec = {"UTF-16": "utf-16", "EBCDIC-CP-US": "cp037", "cp037": "cp037"}.get(name, "utf-7")
    inside = attacked.document.decode().partition("?>")[2].replace(">host1<", ">&a;&b;<")
    text = f'<?xml version="1.0" encoding="{name}"?>{_HIDDEN}{inside}'
    hidden = text.encode(codec).replace(b"<!DOCTYPE", b"+ADwAIQ-DOCTYPE") if codec == "utf-7" else text.encode(codec)
    mixed = f'<?xml version="1.0" encoding="{name}"?>'.encode() + text.partition("?>")[2].encode("utf-7")
    for document in (hidden, mixed, text.encode()):
        response = attacked.exchange(request(document))
        assert response.value("exceptionID") == "000000", response.body
        assert b"root:" not in response.body


def test_limits_hold_in_every_encoding(attacked: Attacked) -> None:
    """How deep a document is, is not told by its bytes."""
    start, _, end = attacked.document.decode().partition("?>")[2].partition("<webExId>")
    deep = f"{start}{'<a>' * 300}{'</a>' * 300}<webExId>{end}"
    for name, data in (
        ("UTF-7", b"+" + base64.b64encode(deep.encode("utf-16-be")).rstrip(b"=") + b"-"),
        ("UTF-16", deep.encode("utf-16-le")),
        ("UTF-32", deep.encode("utf-32")),
        ("cp037", deep.encode("cp037")),
    ):
        declared = f'<?xml version="1.0" encoding="{name}"?>'
        shown = declared.encode({"UTF-16": "utf-16", "UTF-32": "utf-32", "cp037": "cp037"}.get(name, "ascii"))
        response = attacked.exchange(request(shown + data))
        assert response.value("exceptionID") == "000000", response.body
