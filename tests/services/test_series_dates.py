"""The dates of series as a list shows them: clocks that change, months that end early, leap days, very long series."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from parley.store import tables
from parley.store.query import Query, where
from tests.client import Client
from tests.server import TestSite
from tests.services.meetings import BERLIN, GMT, create, get
from tests.services.test_general_session_lists import exception, expanded, rows

NEW_YORK = 11


def made(client: Client, start: str, zone: int = GMT, **repeat: Any) -> str:
    """A series of one-hour meetings; its key."""
    schedule = {"startDate": start, "timeZoneID": zone, "duration": 60}
    return create(client, "Series", schedule=schedule, repeat=repeat)


def in_gmt(client: Client, **asked: Any) -> list[str]:
    """The starts of all occurrences in GMT, without the year's first two digits and the seconds."""
    scope: dict[str, Any] = {"dateScope": {"timeZoneID": GMT, "returnSpecifiedTimeZone": True}}
    found = rows(expanded(client, **scope, **asked), "startTime", "timeZoneID")
    assert {zone for _, zone in found} <= {str(GMT)}
    return [f"{start[:5]} {start[11:16]}" for start, _ in found]


@pytest.mark.parametrize(
    ("start", "zone", "rule", "expected"),
    [
        # The clock goes forward on March 25th: 02:30 does not exist and is an hour later.
        (
            "03/23/2035 02:30:00",
            BERLIN,
            {"repeatType": "DAILY", "afterMeetingNumber": 5},
            ["03/23 01:30", "03/24 01:30", "03/25 01:30", "03/26 00:30", "03/27 00:30"],
        ),
        # It goes back on October 28th: 02:30 exists twice, the first one counts.
        (
            "10/27/2035 02:30:00",
            BERLIN,
            {"repeatType": "DAILY", "afterMeetingNumber": 3},
            ["10/27 00:30", "10/28 00:30", "10/29 01:30"],
        ),
        # The weekday is that of the series' zone, whatever day it is in GMT.
        (
            "03/04/2035 21:00:00",
            NEW_YORK,
            {"repeatType": "WEEKLY", "dayInWeek": {"day": "SUNDAY"}, "afterMeetingNumber": 3},
            ["03/05 02:00", "03/12 01:00", "03/19 01:00"],
        ),
        (
            "01/31/2035 10:00:00",
            GMT,
            {"repeatType": "MONTHLY", "dayInMonth": 31, "afterMeetingNumber": 5},
            ["01/31 10:00", "03/31 10:00", "05/31 10:00", "07/31 10:00", "08/31 10:00"],
        ),
        (
            "01/01/2036 10:00:00",
            GMT,
            {"repeatType": "MONTHLY", "dayInMonth": 29, "interval": 1, "afterMeetingNumber": 3},
            ["01/29 10:00", "02/29 10:00", "03/29 10:00"],
        ),
        (
            "01/01/2035 10:00:00",
            GMT,
            {"repeatType": "MONTHLY", "weekInMonth": 5, "dayInWeek": {"day": "WEDNESDAY"}, "afterMeetingNumber": 4},
            ["01/31 10:00", "02/28 10:00", "03/28 10:00", "04/25 10:00"],
        ),
        (
            "02/01/2036 10:00:00",
            GMT,
            {"repeatType": "YEARLY", "dayInMonth": 29, "monthInYear": 2, "expirationDate": "12/31/2047 00:00:00"},
            ["02/29 10:00", "02/29 10:00", "02/29 10:00"],
        ),
        # The day on which the series expires counts, in the zone of the series.
        (
            "12/30/2035 23:30:00",
            NEW_YORK,
            {"repeatType": "DAILY", "expirationDate": "12/31/2035 00:00:00"},
            ["12/31 04:30", "01/01 04:30"],
        ),
    ],
)
def test_awkward_dates(site: TestSite, start: str, zone: int, rule: dict[str, Any], expected: list[str]) -> None:
    client = site.client()
    endless = {"startDateStart": "01/01/2035 00:00:00", "startDateEnd": "12/31/2048 00:00:00"}
    made(client, start, zone, **rule)
    scope = {"timeZoneID": GMT, "returnSpecifiedTimeZone": True, **endless}
    found = rows(expanded(client, dateScope=scope), "startTime")
    assert [f"{at[:5]} {at[11:16]}" for (at,) in found] == expected


def test_an_occurrence_moved_on_the_day_the_clock_changes(site: TestSite) -> None:
    client = site.client()
    key = made(client, "03/24/2035 02:30:00", BERLIN, repeatType="DAILY", afterMeetingNumber=3)
    exception(client, key, "03/25/2035 01:00:00", zone=BERLIN)
    assert in_gmt(client) == ["03/24 01:30", "03/25 00:00", "03/26 00:30"]
    # The series moves by half an hour; what was moved before stays where it is.
    later = {"startDate": "03/24/2035 03:00:00", "timeZoneID": BERLIN}
    client.call("meeting.SetMeeting", meetingkey=key, schedule=later).ok()
    assert in_gmt(client) == ["03/24 02:00", "03/25 00:00", "03/26 01:00"]
    # The whole series to another zone: its days stay its days.
    moved = {"startDate": "03/24/2035 08:00:00", "timeZoneID": NEW_YORK}
    client.call("meeting.SetMeeting", meetingkey=key, schedule=moved).ok()
    assert in_gmt(client) == ["03/24 12:00", "03/25 00:00", "03/26 12:00"]


def stored(site: TestSite) -> tuple[int, int]:
    """How many sessions the site has in the store, and how long their documents are together."""
    table = tables.sessions
    length = func.coalesce(func.sum(func.length(table.c.document)), 0)
    query = Query(select(func.count(), length).select_from(table).where(*where(table.c.site_id)), "key_site_id")
    row = site.server.run(site.server.application.engine.one(query, site.site_id))
    assert row is not None
    return int(row[0]), int(row[1])


def test_a_series_of_999_costs_no_more_to_store_than_one(site: TestSite) -> None:
    client = site.client()
    made(client, "01/01/2035 10:00:00", repeatType="DAILY", afterMeetingNumber=1)
    count, length = stored(site)
    other = site.server.new_site()
    key = made(other.client(), "01/01/2035 10:00:00", repeatType="DAILY", afterMeetingNumber=999)
    assert count == stored(other)[0] == 1
    assert abs(stored(other)[1] - length) < 10  # the number itself
    client = other.client()
    control = {"startFrom": 990, "maximumNum": 20}
    answer = client.call("ep.LstsummarySession", {"listControl": control}, recurrence=True).ok()
    assert [answer.value(f"matchingRecords/{name}") for name in ("total", "returned", "startFrom")] == [
        *("999", "10", "990")
    ]
    assert answer.all("session/startTime")[-1] == "09/25/2037 10:00:00"
    for day in range(2, 12):
        exception(client, key, f"01/{day:02d}/2035 15:00:00")
    assert len(rows(expanded(client), "startTime")) == 500
    assert get(client, key).ok().value("repeat/afterMeetingNumber") == "999"
    client.call("ep.DelSession", sessionKey=key).ok()
    assert stored(other)[0] == 0
