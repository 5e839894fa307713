"""The time zones of the API: their names and texts, and times in them.

A zone is known by its id (0..61 and 128..159). Wall-clock time follows the daylight rules of the zone's IANA twin,
while com:timeZone shows the fixed text of the 5.9 enumeration, in standard time (facts/meeting-event.md, section 3;
facts/user-site.md, sections 4 and 7). Instants are seconds since 1970-01-01 00:00:00 UTC, wall-clock times naive
datetimes.

Two zones answer otherwise than was once recorded: 151 Windhoek, whose recorded offset is that of rules which ended in
2017, and 159 Mountain (US&Canada), recorded without daylight time in a summer.
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from parley.domain.dates import TWO_DIGITS, format_date
from parley.domain.timezone_table import ROWS

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIME: Final = timedelta(0)
_MINUTE: Final = timedelta(minutes=1)

_OTHER_IDS: Final = {62: 3}
"""62 is the value that a later enumeration adds for Alaska, beside the misspelt 3 (facts/meeting-event.md, 3)."""

GMT: Final = 20
"""The zone that clients use as GMT; it has no daylight time (facts/meeting-event.md, section 3)."""


class UnknownZoneError(ValueError):
    """There is no zone with this id."""

    def __init__(self, zone_id: int) -> None:
        super().__init__(f"no time zone {zone_id}")
        self.zone_id = zone_id


class Zone(msgspec.Struct, frozen=True):
    """What the API says about a zone, whatever the time.

    `text` is what com:timeZone shows: the text of the 5.9 enumeration, and for zones later than it (ids from 128) the
    text of LstTimeZone in standard time (facts/user-site.md, section 7). `standard_offset` is in minutes. The labels
    are None where the zone has none.
    """

    zone_id: int
    iana: str
    text: str
    standard_offset: int
    region: str
    city: str
    short_name: str
    standard_label: str | None
    daylight_label: str | None
    hide_time_zone_name: bool


def _gmt(offset: int) -> str:
    """`GMT-07:00` for an offset in minutes; zero has no sign (facts/user-site.md, section 7)."""
    if not offset:
        return "GMT00:00"
    hours, minutes = divmod(abs(offset), 60)
    return f"GMT{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"


def _zones() -> dict[int, Zone]:
    """All zones by id, in ascending order."""
    zones = {}
    for zone_id, iana, enumerated, offset, region, city, short_name, standard, daylight, hidden in ROWS:
        text = enumerated or f"{_gmt(offset)}, {region} ({city})"
        zones[zone_id] = Zone(zone_id, iana, text, offset, region, city, short_name, standard, daylight, hidden)
    return zones


ZONES: Final[dict[int, Zone]] = _zones()
"""All zones by id, in ascending order of ids."""


class _Rules(dict[int, ZoneInfo]):
    """The daylight rules by zone id, read when first asked for; no more than there are zones."""

    def __missing__(self, zone_id: int) -> ZoneInfo:
        rules = self[zone_id] = ZoneInfo(zone(zone_id).iana)
        return rules


_RULES: Final = _Rules()


def known_zone_id(zone_id: int) -> int | None:
    """The id under which the zone is kept here, or None when there is no such zone."""
    zone_id = _OTHER_IDS.get(zone_id, zone_id)
    return zone_id if zone_id in ZONES else None


def zone(zone_id: int) -> Zone:
    """The zone with this id; raises UnknownZoneError."""
    found = ZONES.get(zone_id)
    if found is None:
        raise UnknownZoneError(zone_id)
    return found


def to_utc(local: datetime, zone_id: int) -> int:
    """The instant of a wall-clock time in a zone.

    A time that the clocks leave out in spring is moved forward by as much as they are (02:30 becomes 03:30), of a
    time that occurs twice in autumn the first is meant. Parts of a second are dropped. Raises UnknownZoneError.
    """
    if local.fold:
        local = local.replace(fold=0)
    # Subtracting instead of timestamp(): exact, and no overflow at the ends of the calendar.
    since = local.replace(tzinfo=_RULES[zone_id]) - _EPOCH
    return since.days * 86400 + since.seconds


def to_local(instant: int, zone_id: int) -> datetime:
    """The wall-clock time in a zone at an instant, naive.

    Raises UnknownZoneError, and ValueError for an instant beyond the years 1 to 9999.
    """
    rules = _RULES[zone_id]
    try:
        return datetime.fromtimestamp(instant, rules).replace(tzinfo=None)
    except (OverflowError, OSError) as error:
        raise ValueError(f"no such instant: {instant}") from error


def api_date(instant: int, zone_id: int) -> str:
    """The wall-clock time in a zone at an instant, as the API writes dates; errors as of `to_local`.

    Lists show hundreds of them, so no datetime is made on the way.
    """
    ahead = _ahead(zone_id, instant // 86400)
    if ahead is None:
        return format_date(to_local(instant, zone_id))
    day, second = divmod(instant + ahead, 86400)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{_day_text(day)}{TWO_DIGITS[hour]}:{TWO_DIGITS[minute]}:{TWO_DIGITS[second]}"


@functools.lru_cache(maxsize=8192)
def _ahead(zone_id: int, day: int) -> int | None:
    """By how many seconds the clocks of a zone are ahead of UTC all day long; None on days when they are set."""
    first, last = (to_local(instant, zone_id).replace(tzinfo=UTC) for instant in (day * 86400, day * 86400 + 86399))
    if last - first != timedelta(seconds=86399):
        return None
    since = first - _EPOCH
    return since.days * 86400 + since.seconds - day * 86400


@functools.lru_cache(maxsize=4096)
def _day_text(day: int) -> str:
    """The date of a day since 1970-01-01, and a blank."""
    return format_date((_EPOCH + timedelta(days=day)).replace(tzinfo=None))[:11]


def offset_minutes(zone_id: int, instant: int) -> int:
    """gmtOffset of the zone at an instant: minutes that its clocks are ahead of GMT (facts/user-site.md, section 7)."""
    return _state(zone_id, instant)[0]


def in_dst(zone_id: int, instant: int) -> bool:
    """fallInDST of the zone at an instant: whether its clocks are ahead of its standard time.

    Clocks set back from standard time, as Morocco's in Ramadan, are not daylight time.
    """
    return _state(zone_id, instant)[1]


def description(zone_id: int, instant: int) -> str:
    """The text of LstTimeZone at an instant: `GMT-07:00, Pacific (San Francisco)` (facts/user-site.md, section 7)."""
    return _description(zone_id, _state(zone_id, instant)[0])


def with_dst_name(zone_id: int, instant: int) -> str:
    """timeZoneWithDST of GetUser at an instant: `Berlin (Europe Summer Time, GMT+02:00)`.

    A zone without a word for standard or daylight time shows `<region> Time` then (facts/user-site.md, section 4).
    """
    return _with_dst_name(zone_id, *_state(zone_id, instant))


def _state(zone_id: int, instant: int) -> tuple[int, bool]:
    """Offset in minutes, and whether it is daylight time."""
    try:
        then = datetime.fromtimestamp(instant, _RULES[zone_id])
    except (OverflowError, OSError) as error:
        raise ValueError(f"no such instant: {instant}") from error
    offset = then.utcoffset() or _NO_TIME
    return offset // _MINUTE, (then.dst() or _NO_TIME) > _NO_TIME


# A zone has a handful of offsets in its history, so the two caches hold all texts that are ever asked for; their bound
# is only there so that they have one.
@functools.lru_cache(maxsize=1024)
def _description(zone_id: int, offset: int) -> str:
    known = zone(zone_id)
    return f"{_gmt(offset)}, {known.region} ({known.city})"


@functools.lru_cache(maxsize=1024)
def _with_dst_name(zone_id: int, offset: int, dst: bool) -> str:
    known = zone(zone_id)
    label = known.daylight_label if dst else known.standard_label
    name = f"{known.region} {label} Time" if label else f"{known.region} Time"
    return f"{known.short_name} ({name}, {_gmt(offset)})"


_LONGEST_TEXT: Final = 128
_BLANKS: Final = re.compile(r"\s+")


def _key(text: str) -> str:
    """A zone's text as it is compared: without letter case, runs of blanks as one, none around the comma."""
    head, comma, tail = _BLANKS.sub(" ", text).casefold().partition(",")
    return f"{head.strip()}{comma}{tail.strip()}"


def _texts() -> dict[str, int]:
    """All texts that name a zone. Where two zones have the same text, the enumeration's owner keeps it."""
    texts: dict[str, int] = {}
    for known in ZONES.values():
        texts.setdefault(_key(known.text), known.zone_id)
    for known in ZONES.values():
        texts.setdefault(_key(_description(known.zone_id, known.standard_offset)), known.zone_id)
    # Without the offset, for the texts that LstTimeZone gives in summer.
    for key, zone_id in tuple(texts.items()):
        texts.setdefault(key.partition(",")[2], zone_id)
    return texts


_BY_TEXT: Final = _texts()


def zone_id_for_text(text: str) -> int | None:
    """The id of the zone that com:timeZone names, or None when the text names none.

    Understood are the texts of the 5.9 enumeration and the later names of LstTimeZone, with any offset before the
    comma (it changes with daylight time), in any letter case (facts/user-site.md, section 7). "GMT-04:00, S. America
    Western (Caracas)" names two zones and means 14, which had it first.
    """
    if len(text) > _LONGEST_TEXT:
        return None
    key = _key(text)
    found = _BY_TEXT.get(key)
    return found if found is not None else _BY_TEXT.get(key.partition(",")[2])
