"""Numbers in the addresses of pages."""

from __future__ import annotations

from typing import Final

from starlette.convertors import IntegerConvertor, register_url_convertor

#: As many as the largest number of the database has. Python refuses to read thousands of them, as an error.
_DIGITS: Final = 19


class _Number(IntegerConvertor):
    """A number that the database could have; an address with a longer one is that of no page."""

    regex = f"[0-9]{{1,{_DIGITS}}}"


def bound_numbers() -> None:
    """Have routes that are made from now on take no longer numbers for their `{name:int}`."""
    register_url_convertor("int", _Number())
