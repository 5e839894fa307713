"""Numbers in the addresses of pages."""

from __future__ import annotations

from typing import Final

from starlette.convertors import IntegerConvertor, register_url_convertor

#: The largest number that a database has.
_LARGEST: Final = 2**63 - 1


def _up_to(largest: int) -> str:
    """A pattern for the numbers from 0 to this one, with no more digits than it has."""
    digits = str(largest)
    left = len(digits) - 1
    smaller = [
        f"{digits[:place]}[0-{int(digit) - 1}][0-9]{{{left - place}}}"
        for place, digit in enumerate(digits)
        if digit != "0"
    ]
    return "|".join((f"[0-9]{{1,{left}}}", *smaller, digits))


class _Number(IntegerConvertor):
    """A number that the database could have; an address with a larger one is that of no page.

    Python refuses to read numbers of thousands of digits, as an error.
    """

    regex = _up_to(_LARGEST)


def bound_numbers() -> None:
    """Have routes that are made from now on take no larger numbers for their `{name:int}`."""
    register_url_convertor("int", _Number())
