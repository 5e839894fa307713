"""What may be told of an error of PostgreSQL's driver: no values of rows.

DETAIL is the row (`Key (email)=(ann@example.org) already exists`), and what is said of a value that cannot be taken
quotes it. Errors go to logs, to traces and to the terminal, also as the cause of others; so the values go out of them
where they leave the driver.
"""

from __future__ import annotations

from typing import Final

#: Class of the SQLSTATE of errors whose message quotes a value.
_DATA: Final = "22"


def without_values(error: BaseException) -> None:
    """Take out of an error of the driver what it tells of rows; others stay as they are."""
    kind = type(error)
    if not kind.__module__.startswith("asyncpg."):
        return
    for name in ("detail", "context", "internal_query"):
        if getattr(error, name, None) is not None:
            setattr(error, name, None)
    if kind.__name__ == "DataError" or str(getattr(error, "sqlstate", None) or "").startswith(_DATA):
        error.args = (f"a value cannot be taken ({kind.__name__})",)


def told(error: BaseException) -> str:
    """What an error says, one line without values of rows; of one without words its class."""
    without_values(error)
    return " ".join(str(error).split()) or type(error).__name__
