"""Forms with a file (multipart/form-data, RFC 7578), as browsers send them without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from parley.web.forms import body_of
from parley.web.link_values import LinkValues, clean_values

_SECONDS: Final = 120.0
#: Beside the file: values of the form, and what stands around them.
_AROUND: Final = 65_536
_MOST_PARTS: Final = 100
_BOUNDARY: Final = re.compile(
    r"""multipart/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))""", re.I | re.S
)
_NAME: Final = re.compile(r'\bname="([^"]{0,200})"', re.I)
_FILE: Final = re.compile(r"\bfilename\*?=", re.I)


class Upload(LinkValues):
    """The values of a form with a file.

    Attributes:
        file: what the file holds; None when there was no field for one.
    """

    def __init__(self, values: dict[str, str], file: bytes | None) -> None:
        super().__init__(values)
        self.file = file


async def read_upload(request: Request, most: int) -> Upload:
    """The values and the file of a request; both are empty when it is no such form.

    Args:
        most: bytes that the file may have.

    Raises:
        HTTPException: 413 for a file that is larger, 408 for one that does not come, 400 for what is no form.
    """
    found = _BOUNDARY.match(request.headers.get("content-type", "").strip())
    if found is None:
        return Upload({}, None)
    body = await body_of(request, most + _AROUND, _SECONDS)
    pairs: list[tuple[str, str]] = []
    file: bytes | None = None
    for head, content in _parts(body, (found[1] or found[2]).encode("latin-1", "replace")):
        name = _NAME.search(head)
        if name is None:
            continue
        if _FILE.search(head):
            file = content if file is None else file
        else:
            pairs.append((name[1], content.decode("utf-8", "replace")))
    if file is not None and len(file) > most:
        raise HTTPException(413)
    return Upload(clean_values(pairs), file)


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[str, bytes]]:
    """The heads and contents of the parts of a body.

    Raises:
        HTTPException: 400, it does not end as it should, or has too many parts.
    """
    mark = b"\r\n--" + boundary
    place, count = (b"\r\n" + body[: len(mark)]).find(mark), 0
    if place != 0:
        raise HTTPException(400)
    place = len(mark) - 2
    while body[place : place + 2] != b"--":
        end = body.find(mark, place)
        count += 1
        if end < 0 or count > _MOST_PARTS:
            raise HTTPException(400)
        head, split, content = body[place:end].partition(b"\r\n\r\n")
        if split:
            yield head.decode("utf-8", "replace"), content
        place = end + len(mark)
