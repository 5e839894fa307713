"""What a suspended site refuses: the one place for it.

Sources: facts/versions.md 42.5.0 and 42.6.0, facts/user-site.md 6.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from parley.domain.site import SessionType
from parley.protocol import faults
from parley.protocol.versions import Level
from parley.services.context import Context

#: The product code of sessions that a suspended site goes on scheduling.
FREE_TYPE: Final = "FRE"
_SESSIONS_SINCE: Final = Level.parse("42.5.0")
_ACCOUNTS_SINCE: Final = Level.parse("42.6.0")


def refuses_sessions(level: Level) -> bool:
    """Whether a suspended site of this level refuses sessions that are not of the free type."""
    return level >= _SESSIONS_SINCE


def refuses_accounts(level: Level) -> bool:
    """Whether a suspended site of this level lets administrators neither make nor change accounts."""
    return level >= _ACCOUNTS_SINCE


def check_scheduling(context: Context, session_type: SessionType) -> None:
    """From level 42.5 on, only sessions of the free type may be scheduled or changed.

    Raises:
        Fault: 010107.
    """
    if _suspended(context, refuses_sessions) and session_type.prefix != FREE_TYPE:
        raise faults.SITE_SUSPENDED()


def check_labs(context: Context) -> None:
    """From level 42.5 on, no computers of labs may be reserved: they are for sessions that may not be scheduled.

    Raises:
        Fault: 010107.
    """
    if _suspended(context, refuses_sessions):
        raise faults.SITE_SUSPENDED()


def check_accounts(context: Context) -> None:
    """From level 42.6 on, administrators may neither make accounts nor change them, not even their own.

    Everybody else goes on changing the own account.

    Raises:
        Fault: 010107.
    """
    if _suspended(context, refuses_accounts) and context.caller.site_admin:
        raise faults.SITE_SUSPENDED()


def _suspended(context: Context, refuses: Callable[[Level], bool]) -> bool:
    return context.site.site.suspended and refuses(context.site.level)
