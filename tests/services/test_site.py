"""The site service over HTTP: the list of time zones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.server import TestSite

NAMES = {"timeZoneID", "gmtOffset", "description", "shortName", "hideTimeZoneName", "fallInDST"}


def rows(answer: Any) -> list[dict[str, str]]:
    return [{child.tag.split("}")[1]: child.text or "" for child in zone} for zone in answer.content]


def zones(site: TestSite, **values: Any) -> list[dict[str, str]]:
    return rows(site.client().call("site.LstTimeZone", values).ok())


def test_all_zones_come_by_number_with_prefix_ns1(site: TestSite) -> None:
    answer = site.client().call("site.LstTimeZone").ok()
    assert answer.type_name == "ns1:lstTimeZoneResponse"
    assert set(answer.names()) == {"timeZone"}
    found = rows(answer)
    assert [int(row["timeZoneID"]) for row in found] == [*range(62), *range(128, 160)]
    assert all(set(row) >= NAMES for row in found)
    assert list(found[4]) == [
        *("timeZoneID", "gmtOffset", "description", "shortName", "hideTimeZoneName", "fallInDST"),
        *("standardLabel", "daylightLabel"),
    ]
    assert answer.text.startswith('<?xml version="1.0" encoding="ISO-8859-1"?>')
    assert "<ns1:timeZone><ns1:timeZoneID>0</ns1:timeZoneID>" in answer.text
    assert "US&amp;Canada" in answer.text


def test_zones_are_those_of_a_recorded_summer(site: TestSite) -> None:
    recorded = json.loads((Path(__file__).parents[1] / "domain" / "recorded_timezones.json").read_text())
    found = {int(row["timeZoneID"]): row for row in zones(site, date="07/15/2018 12:00:00")}
    for number, offset, daylight, description, _ in recorded:
        if number in (151, 159):  # the recording's rules for these were others than today's
            continue
        row = found[number]
        assert (int(row["gmtOffset"]), row["fallInDST"]) == (offset, str(daylight).lower()), number
        assert row["description"] == description, number


def test_offset_and_description_follow_the_date(site: TestSite) -> None:
    (winter,) = zones(site, timeZoneID=4, date="01/15/2022 12:00:00")
    (summer,) = zones(site, timeZoneID=4, date="7/15/2022 12:00")
    assert (winter["gmtOffset"], winter["fallInDST"]) == ("-480", "false")
    assert (summer["gmtOffset"], summer["fallInDST"]) == ("-420", "true")
    assert winter["description"] == "GMT-08:00, Pacific (San Francisco)"
    assert summer["description"] == "GMT-07:00, Pacific (San Francisco)"
    assert (summer["standardLabel"], summer["daylightLabel"]) == ("Standard", "Daylight")


def test_the_date_is_in_gmt(site: TestSite) -> None:
    # Clocks in Berlin went forward at 01:00 GMT on this day.
    assert zones(site, timeZoneID=25, date="03/27/2022 00:59:59")[0]["gmtOffset"] == "60"
    assert zones(site, timeZoneID=25, date="03/27/2022 01:00:00")[0]["gmtOffset"] == "120"


def test_zones_are_filtered_and_unknown_numbers_passed_over(site: TestSite) -> None:
    assert [row["timeZoneID"] for row in zones(site, timeZoneID=[25, 4, 25, 999, -1])] == ["4", "25"]
    (greenwich,) = zones(site, timeZoneID=20)
    assert greenwich["description"].startswith("GMT00:00, ")
    assert greenwich["hideTimeZoneName"] == "true"
    assert "standardLabel" not in greenwich
    failed = site.client().call("site.LstTimeZone", {"timeZoneID": 999}).failed("000015")
    assert failed.reason == "Sorry, no record found"


@pytest.mark.parametrize("date", ["yesterday", "13/01/2022 00:00:00", "01/01/0001 00:00:00", "12/31/9999 23:00:00"])
def test_dates_that_are_none_or_beyond_the_calendar(site: TestSite, date: str) -> None:
    site.client().call("site.LstTimeZone", {"date": date}).failed("999999")


def test_an_empty_date_is_now_and_attendees_may_ask(site: TestSite) -> None:
    assert len(rows(site.client("attendee1").call("site.LstTimeZone", {"date": ""}).ok())) == 94


def test_zones_need_a_proven_caller(site: TestSite) -> None:
    site.client(password="Wrong-1").call("site.LstTimeZone").failed("030002")
    site.client("", password=None).call("site.LstTimeZone").failed("030002")
