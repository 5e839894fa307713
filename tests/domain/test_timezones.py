"""Zones, their texts and the times in them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.domain.dates import format_date
from parley.domain.timezones import (
    GMT,
    ZONES,
    UnknownZoneError,
    api_date,
    description,
    in_dst,
    known_zone_id,
    offset_minutes,
    to_local,
    to_utc,
    with_dst_name,
    zone,
    zone_id_for_text,
)

# id, gmtOffset, fallInDST and description of an LstTimeZone answer of 15 July 2018, and the 5.9 enumeration's text.
RECORDED: list[tuple[int, int, bool, str, str | None]] = [
    tuple(row) for row in json.loads(Path(__file__).with_name("recorded_timezones.json").read_text("utf-8"))
]
JULY_2018 = int(datetime(2018, 7, 15, tzinfo=UTC).timestamp())
# Answered by rules that had already ended, and without the daylight time that the name has.
DIFFERENT = {151, 159}

SAN_FRANCISCO, NEW_YORK, BERLIN, LONDON, KATHMANDU = 4, 11, 25, 21, 141

INSTANTS = st.integers(min_value=0, max_value=int(datetime(2060, 1, 1, tzinfo=UTC).timestamp()))
ZONE_IDS = st.sampled_from(sorted(ZONES))


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_the_zones_are_those_recorded() -> None:
    assert [row[0] for row in RECORDED] == list(ZONES) == [*range(62), *range(128, 160)]


@pytest.mark.parametrize(
    ("zone_id", "offset", "daylight", "text"), [row[:4] for row in RECORDED if row[0] not in DIFFERENT]
)
def test_recorded_values_come_out(zone_id: int, offset: int, daylight: bool, text: str) -> None:
    assert offset_minutes(zone_id, JULY_2018) == offset
    assert in_dst(zone_id, JULY_2018) is daylight
    assert description(zone_id, JULY_2018) == text


def test_two_zones_follow_the_rules_of_their_place_instead() -> None:
    assert (offset_minutes(151, JULY_2018), in_dst(151, JULY_2018)) == (120, False)
    assert description(151, JULY_2018) == "GMT+02:00, West Africa (Windhoek)"
    assert (offset_minutes(159, JULY_2018), in_dst(159, JULY_2018)) == (-360, True)
    assert description(159, JULY_2018) == "GMT-06:00, Mountain (US&Canada)"


@pytest.mark.parametrize(("zone_id", "text"), [(row[0], row[4]) for row in RECORDED if row[4]])
def test_the_text_of_an_old_zone_is_that_of_the_enumeration(zone_id: int, text: str) -> None:
    assert ZONES[zone_id].text == text
    assert zone_id_for_text(text) == zone_id


def test_the_text_of_a_later_zone_is_that_of_standard_time() -> None:
    assert ZONES[136].text == "GMT+01:00, Morocco (Casablanca)"
    assert ZONES[129].text == "GMT+01:00, Norway (Oslo)"
    assert ZONES[20].text == "GMT+00:00, Greenwich (Casablanca)"
    assert all(ZONES[zone_id].text.startswith("GMT") for zone_id in ZONES)


@pytest.mark.parametrize("zone_id", [row[0] for row in RECORDED if row[0] != 133])
def test_later_names_are_read_in_winter_and_in_summer(zone_id: int) -> None:
    for month in ("2018-01-15", "2018-07-15"):
        assert zone_id_for_text(description(zone_id, instant(month))) == zone_id


def test_a_text_that_two_zones_have_means_the_one_of_the_enumeration() -> None:
    assert zone_id_for_text("GMT-04:00, S. America Western (Caracas)") == 14
    assert zone_id_for_text("GMT-04:00, S. America Western (La Paz)") == 14
    assert zone_id_for_text("GMT-04:00, S. America Western (Santiago)") == 145


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gmt-08:00, PACIFIC (san jose)", 4),
        ("  GMT-08:00 ,Pacific\n(San  Jose) ", 4),
        ("GMT+05:30, India (Bombay)", 41),
        ("GMT+05:30, India (Mumbai)", 41),
        ("GMT-09:00, Alaska (Anchorage)", 3),
        ("GMT-09:00, Alaska (Ancorage)", 3),
        ("GMT-06:00, Mexico (Mexico City,Tegucigalpa)", 8),
        ("GMT+04:00, Arabian (Abu Dhabi, Muscat)", 36),
        ("Pacific (San Francisco)", 4),
        ("GMT-08:00", None),
        ("GMT-08:00,", None),
        ("", None),
        (",", None),
        ("Mars (Olympus Mons)", None),
        ("x," * 100_000, None),
    ],
)
def test_texts_are_read_leniently(text: str, expected: int | None) -> None:
    assert zone_id_for_text(text) == expected


def test_labels_follow_the_clock() -> None:
    # As recorded in February and in July 2016.
    assert with_dst_name(SAN_FRANCISCO, instant("2016-02-09")) == "San Francisco (Pacific Standard Time, GMT-08:00)"
    assert with_dst_name(BERLIN, instant("2016-07-20")) == "Berlin (Europe Summer Time, GMT+02:00)"
    assert with_dst_name(BERLIN, instant("2016-01-20")) == "Berlin (Europe Time, GMT+01:00)"
    assert with_dst_name(LONDON, instant("2016-01-20")) == "London (Western European Time, GMT00:00)"
    assert with_dst_name(GMT, instant("2016-07-20")) == "Reykjavik (Greenwich Time, GMT00:00)"
    assert with_dst_name(KATHMANDU, instant("2016-07-20")) == "Kathmandu (Nepal Standard Time, GMT+05:45)"


def test_clocks_set_back_in_ramadan_are_not_daylight_time() -> None:
    ramadan = instant("2026-03-01")
    assert (offset_minutes(136, ramadan), in_dst(136, ramadan)) == (0, False)
    assert (offset_minutes(136, instant("2026-06-01")), in_dst(136, instant("2026-06-01"))) == (60, False)


def test_a_time_that_does_not_exist_moves_forward_by_the_gap() -> None:
    gap = datetime.fromisoformat("2026-03-08 02:30:00")
    assert to_local(to_utc(gap, NEW_YORK), NEW_YORK) == datetime.fromisoformat("2026-03-08 03:30:00")
    assert to_utc(gap, NEW_YORK) == instant("2026-03-08 07:30:00")


def test_of_a_time_that_occurs_twice_the_first_is_meant() -> None:
    twice = datetime.fromisoformat("2026-11-01 01:30:00")
    assert to_utc(twice, NEW_YORK) == to_utc(twice.replace(fold=1), NEW_YORK) == instant("2026-11-01 05:30:00")
    assert to_local(instant("2026-11-01 05:30:00"), NEW_YORK) == twice
    assert to_local(instant("2026-11-01 06:30:00"), NEW_YORK) == twice


@pytest.mark.parametrize("zone_id", [-1, 63, 127, 160, 10**18, -(10**18)])
def test_there_are_no_other_zones(zone_id: int) -> None:
    assert known_zone_id(zone_id) is None
    with pytest.raises(UnknownZoneError) as refused:
        zone(zone_id)
    assert refused.value.zone_id == zone_id
    with pytest.raises(UnknownZoneError):
        to_utc(datetime.fromisoformat("2026-01-01"), zone_id)
    with pytest.raises(UnknownZoneError):
        to_local(0, zone_id)


def test_the_value_that_a_later_enumeration_adds_is_alaska() -> None:
    assert known_zone_id(62) == 3
    assert all(known_zone_id(zone_id) == zone_id for zone_id in ZONES)


@pytest.mark.parametrize("far", [10**12, 10**30, -(10**12)])
def test_an_instant_beyond_the_calendar_is_a_value_error(far: int) -> None:
    with pytest.raises(ValueError, match=r"instant|year"):
        to_local(far, BERLIN)
    with pytest.raises(ValueError, match=r"instant|year"):
        offset_minutes(BERLIN, far)


@pytest.mark.parametrize("zone_id", [0, 1, BERLIN, 153])
def test_the_ends_of_the_calendar_convert(zone_id: int) -> None:
    first, last = datetime.fromisoformat("0001-01-01 00:00:00"), datetime.fromisoformat("9999-12-31 23:59:59")
    assert to_utc(first, zone_id) < 0 < to_utc(last, zone_id)


@settings(deadline=None, max_examples=400)
@given(INSTANTS, ZONE_IDS)
def test_local_times_are_those_of_the_zone_data(moment: int, zone_id: int) -> None:
    then = datetime.fromtimestamp(moment, ZoneInfo(ZONES[zone_id].iana))
    local = to_local(moment, zone_id)
    assert local == then.replace(tzinfo=None)
    assert local.tzinfo is None
    # Coming back gives the same instant, or the first of the two that the clocks show the same.
    assert to_utc(local, zone_id) in (moment, moment - 3600, moment - 1800, moment - 7200)
    if not then.fold:
        assert to_utc(local, zone_id) == moment
    assert offset_minutes(zone_id, moment) == (then.utcoffset() or timedelta()) // timedelta(minutes=1)


@settings(deadline=None, max_examples=400)
@given(st.datetimes(datetime.fromisoformat("1971-01-01"), datetime.fromisoformat("2060-01-01")), ZONE_IDS)
def test_wall_clock_times_resolve_as_dateutil_resolves_them(local: datetime, zone_id: int) -> None:
    aware = tz.resolve_imaginary(local.replace(fold=0, tzinfo=ZoneInfo(ZONES[zone_id].iana)))
    expected = aware.astimezone(UTC).replace(microsecond=0)
    assert to_utc(local, zone_id) == int(expected.timestamp())


def test_a_page_of_a_list_costs_next_to_nothing() -> None:
    locals_ = [datetime.fromisoformat("2026-01-01 10:00:00") + timedelta(days=3 * number) for number in range(100)]
    zones = sorted(ZONES)[:20]
    for zone_id in zones:
        to_utc(locals_[0], zone_id)
    rounds = 20
    began = time.process_time()
    for _ in range(rounds):
        for number, local in enumerate(locals_):
            zone_id = zones[number % len(zones)]
            moment = to_utc(local, zone_id)
            assert to_local(moment, zone_id) == local
            assert description(zone_id, moment)
    each = (time.process_time() - began) / (rounds * len(locals_))
    # 3 microseconds on a slow core; the bound is for a busy one.
    assert each < 100e-6


@given(zone_id=st.sampled_from(sorted(ZONES)), moment=st.integers(-(2**31), 2**32))
def test_dates_for_the_api_are_those_of_the_clock(zone_id: int, moment: int) -> None:
    assert api_date(moment, zone_id) == format_date(to_local(moment, zone_id))


@pytest.mark.parametrize("zone_id", sorted(ZONES))
def test_dates_for_the_api_are_right_around_every_change_of_the_clock(zone_id: int) -> None:
    start, day = 0, 86_400
    for end in range(day, 2_556_057_600, day):
        if offset_minutes(zone_id, start) != offset_minutes(zone_id, end):
            for moment in (*range(start, end, 3600), *range(start + 59, end, 1740), end - 1):
                assert api_date(moment, zone_id) == format_date(to_local(moment, zone_id))
        start = end


def test_dates_for_the_api_of_no_zone_or_time_are_refused() -> None:
    with pytest.raises(UnknownZoneError):
        api_date(0, 4711)
    with pytest.raises(ValueError, match=r"no such instant|range|year"):
        api_date(1 << 50, GMT)
