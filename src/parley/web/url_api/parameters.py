"""What a command says: texts, numbers, switches, dates and lists. A value that cannot be read is InvalidDataFormat.

Source: facts/url-api.md "p.php", "m.php".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from parley.domain.dates import format_date
from parley.web.link_values import LinkValues
from parley.web.url_api.reasons import Reason, Refused

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
_SEPARATORS: Final = re.compile(r"[,;|\s]+")
_SWITCHES: Final = {
    **dict.fromkeys(("1", "y", "yes", "true", "on"), True),
    **dict.fromkeys(("0", "n", "no", "false", "off"), False),
}


class Parameters:
    """The parameters of one command; an empty one counts as not sent."""

    def __init__(self, values: LinkValues) -> None:
        self._values = values

    def text(self, *names: str) -> str | None:
        """The first of these that was sent; a parameter may have had several names."""
        return next((text for name in names if (text := self._values.get(name.upper()).strip())), None)

    def secret(self, name: str) -> str | None:
        """A value that is taken as it is, with its blanks."""
        return self._values.get(name) or None

    def required(self, name: str) -> str:
        """A text that has to be there."""
        text = self.text(name)
        if text is None:
            raise Refused(Reason.INVALID_DATA)
        return text

    def number(self, *names: str) -> int | None:
        """A whole number."""
        text = self.text(*names)
        if text is None:
            return None
        if not _NUMBER.fullmatch(text):
            raise Refused(Reason.INVALID_DATA)
        return int(text)

    def key(self) -> int:
        """MK, the key of a session; some programs write it in groups of digits."""
        text = "".join((self.text("MK") or "").split())
        if not _NUMBER.fullmatch(text):
            raise Refused(Reason.INVALID_DATA)
        return int(text)

    def switch(self, *names: str) -> bool | None:
        """Yes or no."""
        text = self.text(*names)
        if text is None:
            return None
        found = _SWITCHES.get(text.lower())
        if found is None:
            raise Refused(Reason.INVALID_DATA)
        return found

    def words(self, *names: str) -> list[str]:
        """The parts of a list."""
        return [part for part in _SEPARATORS.split(self.text(*names) or "") if part]

    def numbers(self, *names: str) -> list[int]:
        """The whole numbers of a list."""
        words = self.words(*names)
        if not all(_NUMBER.fullmatch(word) for word in words):
            raise Refused(Reason.INVALID_DATA)
        return [int(word) for word in words]

    def moment(self, prefix: str = "", *, clock: bool = True) -> str | None:
        """A date of the parameters YE, MO, DA, and with `clock` HO and MI, in the form of the XML API."""
        names = [f"{prefix}{name}" for name in ("YE", "MO", "DA")]
        year, month, day = (self.number(name) for name in names)
        hour, minute = (self.number("HO"), self.number("MI")) if clock else (None, None)
        if year is month is day is hour is minute is None:
            return None
        if year is None or month is None or day is None or (clock and hour is None):
            raise Refused(Reason.INVALID_DATA)
        try:
            return format_date(datetime(year, month, day, hour or 0, minute or 0, tzinfo=UTC))
        except (ValueError, OverflowError):
            raise Refused(Reason.INVALID_DATA) from None

    def numbered(self, name: str, most: int) -> list[int]:
        """Which numbers up to `most` the parameter NAME1, NAME2 ... was sent with."""
        return [number for number in range(1, most + 1) if self.text(f"{name}{number}") is not None]
