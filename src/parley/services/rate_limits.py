"""How often callers call: counted by caller, group of operations and minute, and refused beyond the site's limits.

The groups, the window of 60 seconds and the fault are known, and that at first everything was only measured; which
operations belong to a group and how many calls are allowed is chosen. Counts are those of one process: with several
of them a caller may call so often in each.
Source: facts/protocol.md "Limits".
"""

from __future__ import annotations

from collections import OrderedDict
from enum import StrEnum
from typing import Final

from parley.domain.site import RateLimits
from parley.protocol import faults

WINDOW_SECONDS: Final = 60


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


class RateCounters:
    """Counts the calls of this process; bounded in the number of callers, of whom the longest unseen are forgotten.

    Args:
        limit: callers and groups that are kept.
    """

    def __init__(self, limit: int = 50_000) -> None:
        self._limit = limit
        self._windows: OrderedDict[tuple[int, int | str, Group], list[int]] = OrderedDict()
        self.totals: dict[str, dict[str, int]] = {}
        """Calls by group, within the limit and over it, for the figures."""

    def count(self, limits: RateLimits, site_id: int, caller: int | str, group: Group, now: int) -> None:
        """Count one call.

        A caller's minute begins with the first call after the last minute; calls that are refused do not count.

        Args:
            caller: number of the account, or the address of somebody without one.
            now: UTC epoch seconds.

        Raises:
            Fault: 000045, on a site that enforces its limits.
        """
        key = (site_id, caller, group)
        window = self._windows.get(key)
        if window is None or not 0 <= now - window[0] < WINDOW_SECONDS:
            window = self._windows[key] = [now, 0]
            if len(self._windows) > self._limit:
                self._windows.popitem(last=False)
        self._windows.move_to_end(key)
        over = window[1] >= getattr(limits, group)
        totals = self.totals.setdefault(group, {"within": 0, "over": 0})
        totals["over" if over else "within"] += 1
        if over and limits.mode == "enforced":
            raise faults.RATE_LIMIT()
        window[1] += 1
