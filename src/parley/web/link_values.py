"""The values of a link: query and form fields, bounded, by upper-case name."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from parley.web.forms import body_of

#: Longest value that is looked at; addresses to go on to are the longest.
MAX_VALUE: Final = 4000
_MAX_FORM: Final = 65_536
_MAX_FIELDS: Final = 100
_MAX_LARGE_FIELDS: Final = 2000
_FORM_SECONDS: Final = 20.0


class LinkValues:
    """What a link says; a value that is missing is empty."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def get(self, name: str) -> str:
        """The value, cut to a sane length."""
        return self._values.get(name, "")

    def fields(self, *names: str) -> list[tuple[str, str]]:
        """Those of the values that were sent, for the hidden fields of a form."""
        return [(name, self._values[name]) for name in names if self._values.get(name)]


async def read_values(request: Request, *, large: bool = False) -> LinkValues:
    """The values of a request: those of a form count before those of the query, first ones before later ones.

    Args:
        large: for forms with many fields, and texts of several lines.

    Raises:
        HTTPException: 413 for a form beyond all measure, 408 for one that does not come.
    """
    most = _MAX_LARGE_FIELDS if large else _MAX_FIELDS
    pairs = _pairs(request.url.query, most)
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in ("application/x-www-form-urlencoded", ""):
            pairs = _pairs((await body_of(request, _MAX_FORM, _FORM_SECONDS)).decode("utf-8", "replace"), most) + pairs
    values: dict[str, str] = {}
    for name, value in pairs:
        clean = "".join(c for c in value[:MAX_VALUE] if c.isprintable() or (large and c == "\n"))
        values.setdefault(name.upper(), clean)
    return LinkValues(values)


def _pairs(text: str, most: int) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, errors="replace", max_num_fields=most)
    except ValueError:  # too many fields
        raise HTTPException(413) from None


async def read_pairs(request: Request, most_bytes: int, most_fields: int) -> list[tuple[str, str]]:
    """The fields of a large form as they came, in their order; none when it is no form.

    Raises:
        HTTPException: 413 for one beyond these limits, 408 for one that does not come.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return []
    return _pairs((await body_of(request, most_bytes, _FORM_SECONDS)).decode("utf-8", "replace"), most_fields)
