"""How often callers call: counted by caller, group of operations and minute, and refused beyond the site's limits.

The groups, the window of 60 seconds and the fault are known, and that at first everything was only measured; which
operations belong to a group and how many calls are allowed is chosen.
Source: facts/protocol.md "Limits".

A limit holds for all processes that serve a database together. What is left of a caller's minute stands in the table
`call_windows`; a process takes an eighth of it at a time and counts that by itself, so that most calls ask no database.
More than the limit is never let through. Of a caller who comes to several processes at once a few calls may be refused
early, those that another process took and had no use for; one that stays with a process gets all of them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from parley.domain.site import RateLimits
from parley.protocol import faults
from parley.store import Changes, Conflict, Duplicate, Engine, StoreUnavailable, call_windows
from parley.store.call_windows import Window

WINDOW_SECONDS: Final = 60
#: A process takes this part of what is left.
_PARTS: Final = 8
#: More calls than anybody makes in a minute: the largest number that the table takes.
_MOST: Final = 2**31 - 1
#: So often a process tries to be first, when others take of the same minute.
_TRIES: Final = 20


class Group(StrEnum):
    """The groups of operations, by the field of RateLimits with the group's limit."""

    USER = "user"
    MEETING_WRITE = "meeting_write"
    MEETING_LIST = "meeting_list"


_MEMBERS: Final = {
    Group.USER: (
        *("CreateUser", "SetUser", "GetUser", "DelUser", "LstUser", "LstsummaryUser", "ActivateUser"),
        *("InactivateUser", "GetUserCard", "UploadPMRImage", "DelSessionTemplates", "AssignWebACDQueues"),
        "AssignWebACDAgents",
    ),
    Group.MEETING_WRITE: (
        "CreateMeeting",
        "SetMeeting",
        *("DelMeeting", "DelSession"),
        *("CreateTeleconferenceSession", "SetTeleconferenceSession", "CreateSupportSession"),
        *("CreateSalesSession", "SetSalesSession", "DelSalesSession"),
    ),
    Group.MEETING_LIST: (
        *("LstMeeting", "LstsummaryMeeting", "LstsummarySession", "LstsummarySalesSession", "LstOpenSession"),
        "LstCalendarSession",
    ),
}
_GROUPS: Final = {name: group for group, names in _MEMBERS.items() for name in names}


def group_of(operation: str) -> Group | None:
    """The group that an operation counts in; None for operations without a limit."""
    return _GROUPS.get(operation)


@dataclass(slots=True)
class _Share:
    """What this process has of a caller's minute.

    Attributes:
        began: when the minute began, UTC epoch seconds; None: nothing is known of it.
        left: calls that were taken and not made yet.
        over: all calls of the minute are taken, by whichever processes.
        failed: how often the database did not answer who asked for it.
    """

    began: int | None = None
    left: int = 0
    over: bool = False
    failed: int = 0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_of(self, now: int) -> bool:
        """Whether the minute is not over; a clock that was put back ends it as well."""
        return self.began is not None and abs(now - self.began) < WINDOW_SECONDS


class RateCounters:
    """Counts calls; bounded in the number of callers that are kept in memory, the longest unseen are asked for anew.

    Args:
        limit: callers and groups that are kept.
    """

    def __init__(self, engine: Engine, limit: int = 50_000) -> None:
        self._engine = engine
        self._limit = limit
        self._shares: OrderedDict[tuple[int, str, str], _Share] = OrderedDict()
        self.totals: dict[str, dict[str, int]] = {}
        """Calls by group, within the limit and over it, for the figures; those of this process."""

    async def count(self, limits: RateLimits, site_id: int, caller: int | str, group: Group, now: int) -> None:
        """Count one call.

        A caller's minute begins with the first call after the last minute; calls that are refused do not count.

        Args:
            caller: number of the account, or the address of somebody without one.
            now: UTC epoch seconds.

        Raises:
            Fault: 000045, on a site that enforces its limits.
            StoreUnavailable: what is left cannot be asked for.
        """
        within = await self.take(getattr(limits, group), site_id, str(caller), group, now)
        totals = self.totals.setdefault(group, {"within": 0, "over": 0})
        totals["within" if within else "over"] += 1
        if not within and limits.mode == "enforced":
            raise faults.RATE_LIMIT()

    async def take(self, limit: int, site_id: int, caller: str, group: str, now: int) -> bool:
        """Take one of so many calls in a minute; False when there is none left.

        Raises:
            StoreUnavailable: what is left cannot be asked for.
        """
        share = self._share((site_id, caller, group))
        if not share.is_of(now) or not (share.left or share.over):
            failed = share.failed
            async with share.asking:  # of many calls at once one asks for all
                if share.failed != failed:  # or each would wait for the database as long as all before it did
                    raise StoreUnavailable("what is left of a limit was not told")
                if not share.is_of(now) or not (share.left or share.over):
                    await self._ask(share, limit, (site_id, caller, group), now)
        if share.left:
            share.left -= 1
            return True
        return False

    def _share(self, key: tuple[int, str, str]) -> _Share:
        share = self._shares.get(key)
        if share is None:
            share = self._shares[key] = _Share()
            if len(self._shares) > self._limit:
                self._shares.popitem(last=False)
        self._shares.move_to_end(key)
        return share

    async def _ask(self, share: _Share, limit: int, key: tuple[int, str, str], now: int) -> None:
        """Take a part of what is left of the minute, or of a new one when the last one is over."""
        for _ in range(_TRIES):
            try:
                before = await call_windows.find(self._engine, *key)
                fresh = before is None or abs(now - before.began) >= WINDOW_SECONDS
                began, taken = (now, 0) if before is None or fresh else before
                part = -(-max(0, min(limit, _MOST) - taken) // _PARTS)
                if part and not await self._write(key, before, Window(began, taken + part)):
                    continue  # another process was quicker
            except StoreUnavailable:
                share.failed += 1
                raise
            share.began, share.left, share.over = began, part, not part
            return
        # So many processes take of it at once that it cannot last: this call is one too many.
        share.began, share.left, share.over = None, 0, False

    async def _write(self, key: tuple[int, str, str], before: Window | None, after: Window) -> bool:
        changes = Changes()
        if before is None:
            call_windows.begin(changes, *key, after)
        else:
            call_windows.replace(changes, *key, before, after)
        try:
            await self._engine.commit(changes)
        except (Conflict, Duplicate):
            return False
        return True


async def forget_old(engine: Engine, site_id: int, now: int) -> None:
    """Forget minutes of a site that are long over."""
    changes = Changes()
    call_windows.purge(changes, site_id, now - 10 * WINDOW_SECONDS)
    await engine.commit(changes)
