"""What a proof says of its bearer once it was checked."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from parley.domain.user import Caller

#: Longer names are nobody's.
_MAX_NAME: Final = 320


class Refused(Exception):
    """A proof does not count; the text says why, for the log, without anything of the proof."""


class Claim(NamedTuple):
    """The account that a proof names: by what, and the folded value by which accounts are found."""

    by: Literal["webExID", "email"]
    key: str

    def fits(self, caller: Caller) -> bool:
        """Whether this is the account."""
        name = caller.web_ex_id if self.by == "webExID" else caller.email
        return name.casefold() == self.key


def claim(by: Literal["webExID", "email"], value: object) -> Claim:
    """The claim of a name as a proof gives it.

    Raises:
        Refused: it is no text that could name an account.
    """
    if not isinstance(value, str):
        raise Refused("the name is no text")
    name = value.strip()
    if not name or len(name) > _MAX_NAME or not name.isprintable():
        raise Refused("the name is empty, too long, or has control characters")
    return Claim(by, name.casefold())
