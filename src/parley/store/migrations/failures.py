"""Why a migration failed, in one line for whoever runs it: without a traceback and without values of rows."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from parley.store.driver_errors import told

_PACKAGE: Final = Path(__file__).parents[2]
#: Characters of a statement that are shown; its values are not among them.
_STATEMENT: Final = 120
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_DISK_FULL: Final = "53100"
_LOCKED: Final = ("55P03", "40P01")
_CANCELLED: Final = "57014"
_DENIED: Final = "42501"
#: SQLSTATE classes of connections that fail and of servers that end.
_LOST: Final = ("08", "57")
_AGAIN: Final = "then run `parley db upgrade` again"


def failure(error: BaseException, failing: str | None, target: str, standing: str) -> str:
    """What to tell of a migration that failed.

    Args:
        error: what it ended with.
        failing: the revision that it was at; None: all were done, and it failed as it was to be kept.
        target: the revision that it was to reach.
        standing: where the database is now, one sentence.
    """
    what, mend = _reason(list(_chain(error))[-1])
    at = "when it was to be kept" if failing is None else f"at {failing}"
    return f"the migration to revision {target} failed {at}{_statement(error)}: {what}. {standing}. What to do: {mend}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what it comes from; SQLAlchemy's keep the driver's as `orig`."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = getattr(found, "orig", None) or found.__cause__


def _statement(error: BaseException) -> str:
    """The beginning of the statement that failed, if it was one."""
    for each in _chain(error):
        statement = getattr(each, "statement", None)
        if isinstance(statement, str) and statement.strip():
            text = " ".join(statement.split())
            return f" ({text if len(text) <= _STATEMENT else text[: _STATEMENT - 1] + '…'})"
    return ""


def _reason(error: BaseException) -> tuple[str, str]:
    """What went wrong, and what to do about it."""
    state = str(getattr(error, "sqlstate", None) or "")
    name = str(getattr(error, "sqlite_errorname", None) or "")
    number = error.errno if isinstance(error, OSError) else None
    if state == _DISK_FULL or name.startswith("SQLITE_FULL") or number in _FULL:
        return "the disk is full", f"make room, as much as the database has now, {_AGAIN}"
    if state in _LOCKED or name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        what = "another program holds what it has to change"
        return what, f"end what uses the database (servers, a backup, psql), {_AGAIN}"
    if state == _CANCELLED:
        return f"the server ended a statement ({told(error)})", f"see who or what ends long statements, {_AGAIN}"
    if state == _DENIED:
        mend = "let the account of the setting database own the tables and make new ones in its schema"
        return told(error), f"{mend}, {_AGAIN}"
    if state[:2] in _LOST or (not state and isinstance(error, OSError | TimeoutError)):
        return f"the database does not answer ({told(error)})", f"see whether it runs, {_AGAIN}"
    if state or name:
        what = f"{told(error)} ({state or name})"
    elif type(error).__module__.startswith("asyncpg."):
        what = told(error)
    else:  # the message of a defect may quote what it was about
        what = f"{type(error).__name__}{_place(error)}"
    return what, "go on with the release of before, which fits the database, and report this line"


def _place(error: BaseException) -> str:
    """Where in the program an error comes from."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(_PACKAGE):
            found = f" in {path.relative_to(_PACKAGE)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
