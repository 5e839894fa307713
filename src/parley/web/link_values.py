"""The values of a link: query and form fields, bounded, by upper-case name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from parley.web.forms import body_of

#: Longest value that is looked at; addresses to go on to are the longest.
MAX_VALUE: Final = 4000
_MAX_FORM: Final = 65_536
#: Of a text in a form, as browsers write it, on average.
_BYTES_A_CHARACTER: Final = 4
_MAX_FIELDS: Final = 100
_MAX_LARGE_FIELDS: Final = 2000
_FORM_SECONDS: Final = 20.0
#: Letters that are not printable and stay in texts of several lines: line breaks, blanks that do not break, and what
#: joins pictures and letters.
_IN_TEXTS: Final = frozenset("\n\u00a0\u202f\u200c\u200d")


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

    def starting(self, prefix: str) -> dict[str, str]:
        """The values whose names begin so, without that beginning."""
        return {name[len(prefix) :]: value for name, value in self._values.items() if name.startswith(prefix)}


async def read_values(request: Request, *, large: bool = False, longest: int = MAX_VALUE) -> LinkValues:
    """The values of a request: those of a form count before those of the query, first ones before later ones.

    Args:
        large: for forms with many fields, and texts of several lines.
        longest: so much is taken of a value.

    Raises:
        HTTPException: 413 for a form beyond all measure, 408 for one that does not come.
    """
    most = _MAX_LARGE_FIELDS if large else _MAX_FIELDS
    pairs = _pairs(request.url.query, most)
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in ("application/x-www-form-urlencoded", ""):
            size = max(_MAX_FORM, longest * _BYTES_A_CHARACTER)
            pairs = _pairs((await body_of(request, size, _FORM_SECONDS)).decode("utf-8", "replace"), most) + pairs
    return LinkValues(clean_values(pairs, large=large, longest=longest))


def clean_values(pairs: Iterable[tuple[str, str]], *, large: bool = False, longest: int = MAX_VALUE) -> dict[str, str]:
    """The values of fields, as `LinkValues` has them; `large` and `longest` as for `read_values`."""
    values: dict[str, str] = {}
    for name, value in pairs:
        values.setdefault(name.upper(), clean(value, large=large, longest=longest))
    return values


def clean(value: str, *, large: bool = False, longest: int = MAX_VALUE) -> str:
    """What is taken of a value: its beginning, without control characters; line breaks in large forms only."""
    return "".join(c for c in value[:longest] if c.isprintable() or (large and c in _IN_TEXTS))


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
