"""What all list operations share: paging, order, date scopes, and the rule that an empty list is a fault.

Sources: facts/meeting-event.md 0 "Paging of the list calls", facts/general-session.md 0 and 2, facts/clients.md 21.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from parley.contract.service import MatchingRecordsType
from parley.domain import timezones
from parley.protocol import faults
from parley.services.values import date_of

#: Items of a page when the request does not say how many, and the most that one page holds.
DEFAULT_PAGE: Final = 10
LARGEST_PAGE: Final = 500


class ListControl(Protocol):
    """serv:lstControlType and its kin."""

    start_from: int | None
    maximum_num: int | None


class DateScope(Protocol):
    """The four bounds and the zone that every dateScope has."""

    start_date_start: str | None
    start_date_end: str | None
    end_date_start: str | None
    end_date_end: str | None
    time_zone_id: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """Which items are asked for.

    Attributes:
        start_from: as sent, since answers repeat it: some clients send 0 for the first item.
        first: number of the first item, from 1.
        size: at most this many items, 1 to 500.
    """

    start_from: int
    first: int
    size: int

    def matching(self, total: int, returned: int) -> MatchingRecordsType:
        """The matchingRecords element of the answer.

        Raises:
            Fault: 000015 when nothing is returned.
        """
        if returned == 0:
            raise faults.NOTHING_FOUND()
        return MatchingRecordsType(total=total, returned=returned, start_from=self.start_from)


def page(control: ListControl | None) -> Page:
    """Read a listControl element; larger pages than are served are cut, not refused.

    Raises:
        Fault: startFrom is negative.
    """
    start_from = 1 if control is None or control.start_from is None else control.start_from
    maximum = control.maximum_num if control is not None else None
    if start_from < 0:
        raise faults.PAGE_OUT_OF_RANGE()
    size = DEFAULT_PAGE if maximum is None or maximum <= 0 else min(maximum, LARGEST_PAGE)
    return Page(start_from, max(start_from, 1), size)


def ordering(order_by: list[str], order_ad: list[str], default: str = "STARTTIME") -> list[tuple[str, bool]]:
    """Pairs of sort key and whether it descends; a key without its own direction ascends.

    A direction without any key is that of the usual order.
    """
    pairs = [(key, index < len(order_ad) and order_ad[index] == "DESC") for index, key in enumerate(order_by)]
    return pairs or [(default, order_ad[:1] == ["DESC"])]


@dataclass(frozen=True, slots=True)
class Scope:
    """Bounds of a list in UTC epoch seconds, both ends included; None where there is none."""

    start_from: int | None = None
    start_to: int | None = None
    end_from: int | None = None
    end_to: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether no bound is set."""
        return self.start_from is None and self.start_to is None and self.end_from is None and self.end_to is None


def scope(sent: DateScope | None, default_zone: int) -> Scope:
    """Read a dateScope element.

    Args:
        default_zone: zone of the dates when the element names none (or -1).

    Raises:
        Fault: 999999 for a date that cannot be read or an unknown zone.
    """
    if sent is None:
        return Scope()
    zone = zone_or(sent.time_zone_id, default_zone, "dateScope/timeZoneID")
    return Scope(
        _bound(sent.start_date_start, zone),
        _bound(sent.start_date_end, zone),
        _bound(sent.end_date_start, zone),
        _bound(sent.end_date_end, zone),
    )


def zone_or(zone_id: int | None, default: int, path: str) -> int:
    """A time zone that a request names, or the default when it names none.

    Raises:
        Fault: 999999 for a zone that does not exist.
    """
    if zone_id is None or zone_id == -1:
        return default
    known = timezones.known_zone_id(zone_id)
    if known is None:
        raise faults.INVALID_VALUE(path=path, problem=f"there is no time zone {zone_id}; see LstTimeZone")
    return known


def scope_of_dates(start: str | None, end: str | None, zone: int) -> tuple[int | None, int | None]:
    """Two dates of a zone as UTC epoch seconds.

    Raises:
        Fault: 999999 for a date that cannot be read.
    """
    return _bound(start, zone), _bound(end, zone)


def _bound(text: str | None, zone: int) -> int | None:
    date = date_of(text)
    return None if date is None else timezones.to_utc(date, zone)
