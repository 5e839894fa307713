"""LstTimeZone: the time zones of the API.

Source: facts/user-site.md 7.
"""

from __future__ import annotations

from datetime import UTC

from parley.contract.site import LstTimeZone, LstTimeZoneResponse, TimeZoneType
from parley.domain import timezones
from parley.protocol import faults
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.values import date_of


@operation("site", request=LstTimeZone, answer=LstTimeZoneResponse)
async def lst_time_zone(context: Context, request: LstTimeZone) -> LstTimeZoneResponse:
    """List the time zones with their offset from GMT at a date (in GMT), or now."""
    date = date_of(request.date)
    instant = context.now if date is None else int(date.replace(tzinfo=UTC).timestamp())
    try:
        zones = [_time_zone(zone_id, instant) for zone_id in _asked(request.time_zone_id)]
    except ValueError:  # the local time of the date lies beyond the calendar
        raise faults.INVALID_DATE() from None
    if not zones:
        raise faults.NOTHING_FOUND()
    return LstTimeZoneResponse(time_zone=zones)


def _asked(asked: list[int]) -> list[int]:
    """The zones of the answer in the order of their numbers; numbers that are no zone's are passed over."""
    if not asked:
        return list(timezones.ZONES)
    return sorted({known for zone_id in asked if (known := timezones.known_zone_id(zone_id)) is not None})


def _time_zone(zone_id: int, instant: int) -> TimeZoneType:
    zone = timezones.zone(zone_id)
    return TimeZoneType(
        time_zone_id=zone_id,
        gmt_offset=timezones.offset_minutes(zone_id, instant),
        description=timezones.description(zone_id, instant),
        short_name=zone.short_name,
        hide_time_zone_name=zone.hide_time_zone_name,
        fall_in_dst=timezones.in_dst(zone_id, instant),
        standard_label=zone.standard_label,
        daylight_label=zone.daylight_label,
    )
