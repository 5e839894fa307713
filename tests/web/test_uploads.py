"""Forms with a file: what browsers send is read as it was, everything else is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request

from parley.web.uploads import Upload, read_upload


def request(body: bytes, kind: str) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode("latin-1"))]}
    return Request(scope, receive)


async def read(body: bytes, kind: str, most: int = 100_000) -> Upload:
    return await read_upload(request(body, kind), most)


def sent(file: bytes, **values: str) -> tuple[bytes, str]:
    """Body and content type as a client writes them."""
    made = httpx.Request("POST", "http://x.example", data=values, files={"FILE": ("a.csv", file, "text/csv")})
    return made.read(), made.headers["content-type"]


@given(file=st.binary(max_size=300), name=st.text(max_size=20))
async def test_file_and_values_come_as_they_were_sent(file: bytes, name: str) -> None:
    found = await read(*sent(file, Name=name, Csrf="f00"))
    assert found.file == file
    assert found.get("CSRF") == "f00"
    assert found.get("NAME") == "".join(c for c in name if c.isprintable())


@given(body=st.binary(max_size=200))
async def test_other_bodies_are_refused_or_empty(body: bytes) -> None:
    for start in (b"", b"--x\r\n", b"--x", b"--x--"):
        status, found = 200, None
        try:
            found = await read(start + body, "multipart/form-data; boundary=x")
        except HTTPException as refused:
            status = refused.status_code
        assert status == (200 if found is not None else 400)
        assert found is None or found.file is None or found.file in body


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "x" * 9999]
)
async def test_other_kinds_hold_nothing(kind: str) -> None:
    found = await read(b"--x\r\n\r\n--x--", kind)
    assert (found.file, found.get("CSRF")) == (None, "")


async def test_boundaries_in_quotation_marks() -> None:
    body = b'--a b\r\nContent-Disposition: form-data; name="FILE"; filename="x"\r\n\r\n1\r\n2\r\n--a b--\r\n'
    assert (await read(body, 'multipart/form-data; charset=utf-8; boundary="a b"')).file == b"1\r\n2"


async def test_what_is_too_large() -> None:
    for size, status in ((1001, 413), (200_000, 413)):
        body, kind = sent(b"x" * size)
        with pytest.raises(HTTPException) as refused:
            await read(body, kind, 1000)
        assert refused.value.status_code == status
    assert (await read(*sent(b"x" * 1000), 1000)).file == b"x" * 1000


async def test_too_many_parts() -> None:
    body, kind = sent(b"x", **{f"n{number}": "1" for number in range(100)})
    with pytest.raises(HTTPException) as refused:
        await read(body, kind)
    assert refused.value.status_code == 400
