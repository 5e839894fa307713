"""LstsummarySession with occurrences, LstOpenSession and LstCalendarSession over HTTP."""

from __future__ import annotations

import itertools
from typing import Any, ClassVar

import pytest

from parley.domain.dates import format_date
from parley.domain.timezones import to_local
from parley.store import outbox
from tests.client import Answer, Client
from tests.server import TestSite
from tests.services.meetings import BERLIN, GMT, attendee, create, in_days
from tests.services.test_lists import DAY, NOTHING, alter, by, control, put, scope

SESSIONS = "ep.LstsummarySession"
OPEN = "ep.LstOpenSession"
CALENDAR = "ep.LstCalendarSession"
START = "06/04/2035 10:00:00"


def series(client: Client, name: str = "Series", start: str = START, zone: int = GMT, **repeat: Any) -> str:
    """A series of half-hour meetings; its key."""
    return create(client, name, schedule={"startDate": start, "timeZoneID": zone, "duration": 30}, repeat=repeat)


def exception(client: Client, key: str, start: str, name: str = "Moved", zone: int = GMT) -> str:
    """An occurrence of a series that is held at another time of its day; its key."""
    of_series = {"repeatType": "NO_REPEAT", "isException": True, "seriesMeetingKey": key}
    schedule = {"startDate": start, "timeZoneID": zone, "duration": 30}
    return create(client, name, schedule=schedule, repeat=of_series)


def expanded(client: Client, operation: str = SESSIONS, **asked: Any) -> Answer:
    """A list with every occurrence."""
    return client.call(operation, {**control(1, 500), **asked}, recurrence=True)


def rows(answer: Answer, *names: str) -> list[tuple[str, ...]]:
    """Elements of all rows; nothing found is an empty list."""
    if answer.code == NOTHING:
        return []
    return list(zip(*(answer.ok().all(f"session/{name}") for name in names), strict=True))


def starts(answer: Answer) -> list[str]:
    """The days and hours of all rows, without the year."""
    return [start[:5] + start[10:13] for (start,) in rows(answer, "startTime")]


class TestOccurrences:
    """recurrence=true."""

    def test_every_occurrence_has_a_row(self, site: TestSite) -> None:
        client = site.client()
        key = series(client, repeatType="DAILY", afterMeetingNumber=4)
        single = create(client, "Single", schedule={"startDate": "06/05/2035 09:00:00", "timeZoneID": GMT})
        found = expanded(client).ok()
        assert rows(found, "sessionKey", "startTime", "isRecurring", "isException", "isNextUpcomingInstance") == [
            (key, START, "true", "false", "true"),
            (single, "06/05/2035 09:00:00", "false", "false", "true"),
            (key, "06/05/2035 10:00:00", "true", "false", "false"),
            (key, "06/06/2035 10:00:00", "true", "false", "false"),
            (key, "06/07/2035 10:00:00", "true", "false", "false"),
        ]
        assert found.value("matchingRecords/total") == "5"
        whole = client.call(SESSIONS, control(1, 500)).ok()
        assert rows(whole, "sessionKey", "isException") == [(key, "false"), (single, "false")]
        assert whole.all("isNextUpcomingInstance") == []

    def test_pages_and_totals(self, site: TestSite) -> None:
        client = site.client()
        series(client, "Daily", repeatType="DAILY", afterMeetingNumber=999)
        for day in range(10, 30, 2):
            create(client, f"Single {day}", schedule={"startDate": f"06/{day}/2035 12:00:00", "timeZoneID": GMT})
        whole = expanded(client).ok()
        assert whole.value("matchingRecords/total") == str(999 + 10)
        assert whole.value("matchingRecords/returned") == "500"
        first = rows(whole, "sessionKey", "startTime")
        pages: list[tuple[str, ...]] = []
        for start in range(1, 200, 37):
            pages += rows(expanded(client, **control(start, 37)), "sessionKey", "startTime")
        assert pages == first[: len(pages)]
        assert len(pages) == 37 * 6
        last = expanded(client, **control(1005, 100)).ok()
        assert last.value("matchingRecords/returned") == "5"
        for start in (1010, 10**6, 2**62):
            expanded(client, **control(start, 10)).failed(NOTHING)
        backwards = expanded(client, **control(1, 5), **by("STARTTIME DESC")).ok()
        assert rows(backwards, "startTime") == rows(last, "startTime")[::-1]

    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            (("CONFNAME ASC", "STARTTIME DESC"), ["a 07", "a 06", "a 05", "b 05", "b 04", "c 05"]),
            (("CONFNAME DESC", "STARTTIME"), ["c 05", "b 04", "b 05", "a 05", "a 06", "a 07"]),
            (("STARTTIME DESC", "CONFNAME"), ["a 07", "a 06", "a 05", "b 05", "c 05", "b 04"]),
            (("STARTTIME ASC", "CONFNAME DESC", "HOSTWEBEXID ASC"), ["b 04", "c 05", "b 05", "a 05", "a 06", "a 07"]),
            (
                ("HOSTWEBEXID", "TRACKINGCODE1", "STARTTIME"),
                ["c 05", "b 04", "b 05", "a 05", "a 06", "a 07"],
            ),
        ],
    )
    def test_orders(self, site: TestSite, order: tuple[str, ...], expected: list[str]) -> None:
        client = site.client()
        hour = "2035 10:00:00"
        repeat = {"repeatType": "DAILY", "afterMeetingNumber": 3}
        schedule = {"startDate": f"06/05/{hour}", "timeZoneID": GMT}
        create(client, "a", schedule=schedule, repeat=repeat, tracking={"trackingCode1": "z"})
        schedule = {"startDate": f"06/04/{hour}", "timeZoneID": GMT}
        create(
            client, "b", schedule=schedule, repeat={**repeat, "afterMeetingNumber": 2}, tracking={"trackingCode1": "y"}
        )
        create(client, "c", schedule={"startDate": f"06/05/{hour}", "timeZoneID": GMT})
        found = rows(expanded(client, **by(*order)), "confName", "startTime")
        assert [f"{name} {start[3:5]}" for name, start in found] == expected

    def test_exceptions_stand_in_place_of_what_they_replace(self, site: TestSite) -> None:
        client = site.client()
        key = series(client, repeatType="DAILY", afterMeetingNumber=4)
        moved = exception(client, key, "06/05/2035 15:00:00")
        gone = exception(client, key, "06/06/2035 10:00:00")
        client.call("ep.DelSession", sessionKey=gone).ok()
        names = ("sessionKey", "startTime", "isException")
        assert rows(expanded(client), *names) == [
            (key, START, "false"),
            (moved, "06/05/2035 15:00:00", "true"),
            (key, "06/07/2035 10:00:00", "false"),
        ]
        assert expanded(client).all("session/seriesMeetingKey") == [key]
        assert client.call(SESSIONS, sessionKey=moved).ok().value("session/seriesMeetingKey") == key

    def test_which_comes_next(self, site: TestSite) -> None:
        client = site.client()
        key = series(client, repeatType="DAILY", afterMeetingNumber=3)
        exception(client, key, "06/04/2035 08:00:00")
        create(client, "Single", schedule={"startDate": "06/05/2035 09:00:00", "timeZoneID": GMT})
        found = rows(expanded(client), "startTime", "isNextUpcomingInstance")
        assert [(start[:13], upcoming) for start, upcoming in found] == [
            ("06/04/2035 08", "true"),
            ("06/05/2035 09", "true"),
            ("06/05/2035 10", "false"),
            ("06/06/2035 10", "false"),
        ]

    def test_times_narrow_to_occurrences(self, site: TestSite) -> None:
        client = site.client()
        series(client, repeatType="WEEKLY", afterMeetingNumber=10)
        window = scope(startDateStart="06/11/2035 10:00:00", startDateEnd="06/25/2035 10:00:00")
        answer = expanded(client, **window).ok()
        assert starts(answer) == ["06/11 10", "06/18 10", "06/25 10"]
        assert answer.value("matchingRecords/total") == "3"
        ends = scope(endDateStart="06/11/2035 10:30:00", endDateEnd="06/18/2035 10:29:00")
        assert starts(expanded(client, **ends)) == ["06/11 10"]
        both = scope(startDateStart="06/11/2035 10:00:01", endDateEnd="06/18/2035 10:30:00")
        assert starts(expanded(client, **both)) == ["06/18 10"]
        assert starts(expanded(client, **scope(startDateStart="08/06/2035 11:00:00"))) == []
        early = scope(startDateEnd="06/12/2035 00:00:00")
        assert starts(expanded(client, **early)) == ["06/04 10", "06/11 10"]

    def test_criteria_joined_by_or(self, site: TestSite) -> None:
        client = site.client()
        series(client, "Plan", repeatType="DAILY", afterMeetingNumber=3)
        series(client, "Other", start="06/05/2035 11:00:00", repeatType="DAILY", afterMeetingNumber=3)
        create(client, "Plan B", schedule={"startDate": "06/09/2035 10:00:00", "timeZoneID": GMT})
        window = scope(startDateStart="06/06/2035 10:30:00", startDateEnd="06/06/2035 23:00:00")
        any_of = expanded(client, confName="plan", **window, **control(1, 50, "OR"))
        assert starts(any_of) == ["06/04 10", "06/05 10", "06/06 10", "06/06 11", "06/09 10"]
        assert starts(expanded(client, **window, **control(1, 50, "OR"))) == ["06/06 11"]
        assert starts(expanded(client, confName="plan", **control(1, 50, "OR"))) == [
            *("06/04 10", "06/05 10", "06/06 10", "06/09 10"),
        ]
        assert starts(expanded(client, confName="plan", **window)) == []

    def test_daylight_time_changes_inside(self, site: TestSite) -> None:
        client = site.client()
        series(client, start="10/15/2035 10:00:00", zone=BERLIN, repeatType="WEEKLY", afterMeetingNumber=4)
        assert starts(expanded(client)) == ["10/15 08", "10/22 08", "10/29 09", "11/05 09"]
        shown = scope(timeZoneID=BERLIN, startDateStart="10/20/2035 00:00:00")
        assert starts(expanded(client, **shown)) == ["10/22 10", "10/29 10", "11/05 10"]

    @pytest.mark.parametrize(
        ("start", "repeat", "expected"),
        [
            (
                "01/31/2035 10:00:00",
                {"repeatType": "MONTHLY", "dayInMonth": 31, "afterMeetingNumber": 4},
                ["01/31 10", "03/31 10", "05/31 10", "07/31 10"],
            ),
            (
                "01/01/2035 10:00:00",
                {"repeatType": "MONTHLY", "weekInMonth": 5, "dayInWeek": {"day": "FRIDAY"}, "afterMeetingNumber": 3},
                ["01/26 10", "02/23 10", "03/30 10"],
            ),
            (
                "02/29/2036 10:00:00",
                {"repeatType": "YEARLY", "dayInMonth": 29, "monthInYear": 2, "expirationDate": "12/31/2044 00:00:00"},
                ["02/29 10", "02/29 10", "02/29 10"],
            ),
        ],
    )
    def test_ends_of_months_and_leap_years(
        self, site: TestSite, start: str, repeat: dict[str, Any], expected: list[str]
    ) -> None:
        series(site.client(), start=start, **repeat)
        assert starts(expanded(site.client())) == expected

    def test_an_endless_series_is_listed_for_a_year_unless_the_scope_ends(self, site: TestSite) -> None:
        client = site.client()
        series(client, repeatType="WEEKLY")
        found = expanded(client).ok()
        assert found.value("matchingRecords/total") == "53"
        assert starts(found)[-1] == "06/02 10"
        later = expanded(client, **scope(startDateStart="01/01/2040 00:00:00")).ok()
        assert later.value("matchingRecords/total") == "53"
        bounded = scope(startDateStart="01/01/2040 00:00:00", startDateEnd="12/31/2079 00:00:00")
        assert expanded(client, **bounded).ok().value("matchingRecords/total") == "2087"
        series(client, "Room", repeatType="CONSTANT")
        assert rows(expanded(client, confName="Room"), "startTime") == [(START,)]

    def test_what_is_over_is_listed_when_the_scope_reaches_back(self, site: TestSite) -> None:
        client = site.client()
        begun = site.server.clock.now() - 3 * DAY
        start = format_date(to_local(begun - begun % DAY, GMT))
        series(client, start=start, repeatType="DAILY", afterMeetingNumber=10)
        now = len(rows(expanded(client), "startTime"))
        assert 6 <= now <= 7
        back = expanded(client, **scope(startDateStart=start)).ok()
        assert back.value("matchingRecords/total") == "10"
        assert back.value("session/startTime") == start
        upcoming = rows(back, "isNextUpcomingInstance")
        assert upcoming.count(("true",)) == 1
        assert upcoming.index(("true",)) == 10 - now

    def test_only_what_runs_is_in_progress(self, site: TestSite) -> None:
        client = site.client()
        key = series(client, repeatType="DAILY", afterMeetingNumber=3)
        series(client, "Other", repeatType="DAILY", afterMeetingNumber=2)
        alter(site, key, status="INPROGRESS", host_joined=True)
        running = rows(expanded(client, status="INPROGRESS"), "sessionKey", "startTime", "status", "hostJoined")
        assert running == [(key, START, "INPROGRESS", "true")]
        others = rows(expanded(client, status="NOT_INPROGRESS"), "status", "hostJoined")
        assert others == [("NOT_INPROGRESS", "false")] * 4
        assert len(rows(expanded(client), "status")) == 5

    def test_whose_occurrences(self, site: TestSite) -> None:
        mail = f"@{site.name}.example"
        host, other, guest = site.client(), site.client("host2"), site.client("attendee1")
        repeat = {"repeatType": "DAILY", "afterMeetingNumber": 2}
        invited = {"attendees": {"attendee": [attendee(f"attendee1{mail}"), attendee(f"host1{mail}", role="HOST")]}}
        create(other, "Shared", repeat=repeat, participants=invited)
        create(other, "Private", repeat=repeat)
        create(host, "Own", repeat=repeat)
        names = [name for (name,) in rows(expanded(host), "confName")]
        assert sorted(names) == ["Own", "Own", "Shared", "Shared"]
        assert rows(expanded(guest), "confName") == []
        assert len(rows(expanded(guest, invited=True), "confName")) == 2
        assert len(rows(expanded(site.client("admin")), "confName")) == 6
        assert len(rows(expanded(site.client("admin"), hostWebExID="host2"), "confName")) == 4
        assert rows(expanded(site.server.new_site().client("admin")), "confName") == []
        expanded(host, hostWebExID="host2").failed("000001")
        expanded(site.client(None, password=None)).failed(NOTHING)

    def test_modification_dates_leave_the_scope_in_force(self, site: TestSite) -> None:
        client = site.client()
        series(client, repeatType="DAILY", afterMeetingNumber=5)
        today = {"modifiedDateStart": in_days(-1), "modifiedDateEnd": in_days(1)}
        window = scope(startDateStart="06/05/2035 00:00:00", startDateEnd="06/06/2035 23:00:00")
        assert starts(expanded(client, **today, **window)) == ["06/05 10", "06/06 10"]
        assert rows(client.call(SESSIONS, {**today, **window}), "startTime") == [(START,)]
        long_ago = {"modifiedDateStart": "01/01/2020 00:00:00", "modifiedDateEnd": "01/05/2020 00:00:00"}
        assert starts(expanded(client, **long_ago)) == []

    def test_too_far_into_too_many(self, site: TestSite) -> None:
        client = site.client()
        for each in range(4):
            series(client, f"S{each}", repeatType="DAILY", expirationDate="12/31/2199 00:00:00")
        total = int(expanded(client, **control(1, 1)).ok().value("matchingRecords/total") or 0)
        assert total > 200_000
        far = expanded(client, **control(90_001, 4)).ok()
        assert [name for (name,) in rows(far, "confName")] == ["S0", "S1", "S2", "S3"] or len(far.all("session")) == 4
        assert len(set(rows(far, "startTime"))) == 1
        assert "startFrom" in (expanded(client, **control(150_000, 10)).failed("999999").reason or "")


class TestRows:
    """What a row of LstsummarySession shows when it is asked for."""

    def test_assistance_and_fields_for_it(self, site: TestSite) -> None:
        client = site.client()
        create(client, "Plain")
        create(client, "Assisted", assistService={"assistRequest": "Consult", "assistConfirm": "Confirmed"})
        order = by("CONFNAME")
        plain = client.call(SESSIONS, order).ok()
        assert (plain.all("assistService"), plain.all("psoFields")) == ([], [])
        answer = client.call(SESSIONS, order, returnAssistFields=True, returnPSOFields=True).ok()
        assert answer.all("assistService/assistRequest") == ["Consult", "None"]
        assert answer.all("assistService/assistConfirm") == ["Confirmed"]
        assert len(answer.all("psoFields")) == 2
        assert expanded(client, returnAssistFields=True).ok().all("assistService/assistRequest").count("Consult") == 1

    @pytest.mark.parametrize("recurrence", [False, True])
    def test_audio_only_sessions(self, site: TestSite, recurrence: bool) -> None:
        client = site.client()
        create(client, "Meeting")
        put(site, "host1", name="Audio", session_type=16, next_start=2**31)

        def names(**asked: Any) -> list[str]:
            return sorted(each for (each,) in rows(client.call(SESSIONS, asked, recurrence=recurrence), "confName"))

        both = ["Audio", "Meeting"]
        services = {"serviceTypes": {"serviceType": "MeetingCenter"}}
        assert names() == both
        assert names(inclAudioOnly=True) == both
        assert names(inclAudioOnly=False) == ["Meeting"]
        assert names(**services) == ["Meeting"]
        assert names(**services, inclAudioOnly=True) == both
        assert names(**services, inclAudioOnly=False) == ["Meeting"]
        assert names(**services, sessionTypes={"sessionType": 16}) == ["Audio"]
        assert names(sessionTypes={"sessionType": 16}, inclAudioOnly=False) == ["Audio"]
        flags = rows(client.call(SESSIONS, by("CONFNAME")), "confName", "isAudioOnly")
        assert flags == [("Audio", "true"), ("Meeting", "false")]

    def test_trainings_that_recur(self, site: TestSite) -> None:
        put(site, "host1", name="Course", service="TrainingCenter", session_type=104, next_start=2**31)
        create(site.client(), "Meeting", repeat={"repeatType": "DAILY"})
        answer = site.client().call(SESSIONS, by("CONFNAME")).ok()
        assert answer.all("isTCSingleRecurrence") == []
        answer = site.client().call(SESSIONS, by("CONFNAME"), returnTCSingleRecurrence=True).ok()
        assert answer.all("isTCSingleRecurrence") == ["false"]
        assert answer.all("subSessionNo") == []


class TestScheduledForAnother:
    """Sessions that somebody scheduled for a host belong to the lists of both."""

    def test_in_lists_of_both(self, site: TestSite) -> None:
        delegate, host = site.client("host2"), site.client()
        key = create(delegate, "For host1", schedule={"hostWebExID": "host1"})
        create(host, "Own of host1")
        create(delegate, "Own of host2")
        for operation, path in ((SESSIONS, "session/confName"), ("meeting.LstsummaryMeeting", "meeting/confName")):
            found = delegate.call(operation, control(1, 50)).ok()
            assert sorted(found.all(path)) == ["For host1", "Own of host2"]
            assert found.value("matchingRecords/total") == "2"
            assert sorted(host.call(operation, control(1, 50)).ok().all(path)) == ["For host1", "Own of host1"]
        page = delegate.call(SESSIONS, control(1, 1)).ok()
        assert page.value("matchingRecords/total") == "2"
        named = site.client("admin").call(SESSIONS, hostWebExID="host2").ok()
        assert sorted(named.all("session/confName")) == ["For host1", "Own of host2"]
        row = delegate.call(SESSIONS, sessionKey=key).ok()
        assert row.value("session/hostWebExID") == "host1"
        assert sorted(each for (each,) in rows(expanded(delegate), "confName")) == ["For host1", "Own of host2"]


class TestInProgress:
    """LstOpenSession."""

    @pytest.fixture
    def running(self, site: TestSite) -> dict[str, str]:
        """Sessions of host1 and host2 that are in progress, by name; one that is not."""
        host, other = site.client(), site.client("host2")
        mail = f"@{site.name}.example"
        unlisted = {"listToPublic": False, "isPublic": False}
        private = {"listToPublic": True, "isPublic": False}
        found = {
            "public": create(other, "public", schedule={"startDate": in_days(1)}),
            "private": create(other, "private", accessControl=private, schedule={"startDate": in_days(2)}),
            "unlisted": create(other, "unlisted", accessControl=unlisted, schedule={"startDate": in_days(3)}),
            "invited": create(
                other,
                "invited",
                accessControl=unlisted,
                participants={"attendees": {"attendee": attendee(f"attendee1{mail}")}},
                schedule={"startDate": in_days(4)},
            ),
            "own": create(host, "own", accessControl=unlisted, schedule={"startDate": in_days(5)}),
        }
        for key in found.values():
            alter(site, key, status="INPROGRESS")
        create(host, "not yet")
        event = put(site, "host2", name="event", service="EventCenter", session_type=103, next_start=2**31)
        alter(site, str(event), status="INPROGRESS")
        return {**found, "event": str(event)}

    @pytest.mark.parametrize(
        ("who", "expected"),
        [
            ("admin", ["public", "private", "unlisted", "invited", "own", "event"]),
            ("host1", ["public", "private", "own", "event"]),
            ("host2", ["public", "private", "unlisted", "invited", "event"]),
            ("attendee1", ["public", "private", "invited", "event"]),
        ],
    )
    def test_who_sees_which(self, site: TestSite, running: dict[str, str], who: str, expected: list[str]) -> None:
        answer = site.client(who).call(OPEN).ok()
        names = answer.all("sessions/sessionName")
        assert sorted(names) == sorted(expected)
        meetings = [name for name in names if name != "event"]
        assert meetings == [name for name in ("public", "private", "unlisted", "invited", "own") if name in expected]
        assert answer.all("services/serviceType") == ["EventCenter", "MeetingCenter"]
        assert answer.value("matchingRecords/total") == str(len(expected))

    def test_services(self, site: TestSite, running: dict[str, str]) -> None:
        admin = site.client("admin")
        only = admin.call(OPEN, serviceType="EventCenter").ok()
        assert only.all("sessions/sessionKey") == [running["event"]]
        both = admin.call(OPEN, {"serviceType": ["EventCenter", "MeetingCenter", "EventCenter"]}).ok()
        assert len(both.all("sessions/sessionKey")) == 6
        admin.call(OPEN, serviceType="TrainingCenter").failed(NOTHING)
        admin.call(OPEN, serviceType="Nonsense").failed("999999")

    def test_a_row(self, site: TestSite, running: dict[str, str]) -> None:
        answer = site.client("admin").call(OPEN, serviceType="EventCenter").ok()
        assert answer.names("services/sessions") == [
            *("sessionKey", "sessionName", "hostWebExID", "startTime", "actualStartTime", "timeZoneID", "listStatus"),
        ]

    def test_nobody_and_nothing(self, site: TestSite) -> None:
        create(site.client())
        for client in (site.client("admin"), site.client(), site.client(None, password=None)):
            assert client.call(OPEN).failed(NOTHING).reason == "Sorry, no record found"

    def test_another_site_has_its_own(self, site: TestSite, running: dict[str, str]) -> None:
        assert running
        site.server.new_site().client("admin").call(OPEN).failed(NOTHING)

    def test_lists_of_what_is_in_progress(self, site: TestSite, running: dict[str, str]) -> None:
        admin = site.client("admin")
        asked = {"status": "INPROGRESS", **control(1, 3)}
        answer = admin.call(SESSIONS, asked).ok()
        assert answer.value("matchingRecords/total") == "6"
        assert answer.all("session/confName") == ["public", "private", "unlisted"]
        own = site.client().call(SESSIONS, status="INPROGRESS").ok()
        assert own.all("session/sessionKey") == [running["own"]]
        assert site.client().call(SESSIONS, status="NOT_INPROGRESS").ok().all("session/confName") == ["not yet"]


class TestCalendar:
    """LstCalendarSession."""

    @pytest.fixture
    def listed(self, site: TestSite) -> TestSite:
        client = site.client()
        for name, access in (
            ("public", {"listToPublic": True, "isPublic": True}),
            ("private", {"listToPublic": True, "isPublic": False}),
            ("unlisted", {"listToPublic": False, "isPublic": False}),
        ):
            create(client, name, accessControl=access, schedule={"startDate": START, "timeZoneID": GMT})
        repeat = {"repeatType": "WEEKLY", "afterMeetingNumber": 3}
        create(client, "weekly", schedule={"startDate": START, "timeZoneID": GMT}, repeat=repeat)
        return site

    @pytest.mark.parametrize(
        ("who", "expected"),
        [
            (None, ["public", "weekly"]),
            ("attendee1", ["private", "public", "weekly"]),
            ("host2", ["private", "public", "weekly"]),
            ("admin", ["private", "public", "unlisted", "weekly"]),
        ],
    )
    def test_who_sees_which(self, listed: TestSite, who: str | None, expected: list[str]) -> None:
        client = listed.client(who) if who else listed.client(None, password=None)
        answer = client.call(CALENDAR, by("CONFNAME")).ok()
        assert answer.all("session/confName") == expected
        assert answer.value("matchingRecords/total") == str(len(expected))
        assert answer.all("hostEmail") == []
        assert "Secret12" not in answer.text

    def test_what_can_be_asked(self, listed: TestSite) -> None:
        nobody = listed.client(None, password=None)
        window = scope(startDateStart="06/05/2035 00:00:00", startDateEnd="06/12/2035 00:00:00")
        nobody.call(CALENDAR, window).failed(NOTHING)
        occurrences = expanded(nobody, CALENDAR, **window).ok()
        assert rows(occurrences, "confName", "startTime") == [("weekly", "06/11/2035 10:00:00")]
        assert len(rows(expanded(nobody, CALENDAR), "confName")) == 4
        assert rows(nobody.call(CALENDAR, confName="PUB"), "confName") == [("public",)]
        services = {"serviceTypes": {"serviceType": "EventCenter"}}
        nobody.call(CALENDAR, services).failed(NOTHING)
        nobody.call(CALENDAR, control(3, 10)).failed(NOTHING)
        assert rows(nobody.call(CALENDAR, {**control(2, 10), **by("CONFNAME DESC")}), "confName") == [("public",)]
        for hostile in (by("NONE"), control(-1), scope(startDateStart="soon"), {"dateScope": {"timeZoneID": 999}}):
            assert nobody.call(CALENDAR, hostile).failed("999999").reason

    @pytest.mark.parametrize("who", [None, "attendee1", "admin"])
    def test_pages_and_totals(self, site: TestSite, who: str | None) -> None:
        listings = ("UNLISTED", "PUBLIC", "PRIVATE")
        day = 30_000 * DAY
        for number in range(24):
            put(site, "host1", name=f"{number:02}", next_start=day + number * 9_000, listing=listings[number % 3])
        seen = {None: ("PUBLIC",), "attendee1": ("PUBLIC", "PRIVATE"), "admin": listings}[who]
        expected = [f"{number:02}" for number in range(24) if listings[number % 3] in seen]
        client = site.client(who) if who else site.client(None, password=None)
        for order, names in (({}, expected), (by("STARTTIME DESC"), expected[::-1])):
            for start in range(1, len(expected) + 1, 5):
                page = client.call(CALENDAR, {**control(start, 5), **order}).ok()
                assert page.all("session/confName") == names[start - 1 : start + 4]
                assert page.value("matchingRecords/total") == str(len(expected))
        client.call(CALENDAR, control(len(expected) + 1, 5)).failed(NOTHING)
        window = scope(
            startDateStart=format_date(to_local(day + 9_000, GMT)),
            startDateEnd=format_date(to_local(day + 90_000, GMT)),
        )
        part = client.call(CALENDAR, {**window, **control(1, 2)}).ok()
        within = [name for name in expected if 1 <= int(name) <= 10]
        assert part.all("session/confName") == within[:2]
        assert part.value("matchingRecords/total") == str(len(within))

    def test_what_would_look_at_too_many(self, listed: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("parley.services.general_session.calendar.LARGEST_SEARCH", 1)
        nobody = listed.client(None, password=None)
        services = {"serviceTypes": {"serviceType": "MeetingCenter"}}
        wide = ({"confName": "p"}, services, by("CONFNAME"), {"recurrence": True}, by("STARTTIME", "CONFNAME"))
        for asked in wide:
            assert "dateScope" in (nobody.call(CALENDAR, asked).failed("999999").reason or "")
            ends = scope(startDateStart="06/05/2035 00:00:00")
            nobody.call(CALENDAR, {**asked, **ends}).ok() if "recurrence" in asked else nobody.call(
                CALENDAR, {**asked, **ends}
            ).failed(NOTHING)
        ends = scope(endDateEnd="06/05/2035 00:00:00")
        nobody.call(CALENDAR, ends).failed("999999")
        assert len(rows(nobody.call(CALENDAR), "confName")) == 2
        assert len(rows(nobody.call(CALENDAR, by("STARTTIME DESC")), "confName")) == 2

    def test_a_private_session_of_another_site_is_not_there(self, listed: TestSite) -> None:
        listed.server.new_site().client(None, password=None).call(CALENDAR).failed(NOTHING)


class TestDeleting:
    """DelSession."""

    def outbox(self, site: TestSite, key: str) -> list[str]:
        async def waiting() -> list[str]:
            found = await outbox.waiting(site.server.application.engine, site.site_id, 500)
            return [each.kind for each in found if each.session_key == int(key)]

        return site.server.run(waiting())

    def test_a_meeting(self, site: TestSite) -> None:
        key = create(site.client())
        answer = site.client().call("ep.DelSession", sessionKey=key).ok()
        assert answer.type_name == "ep:delSessionResponse"
        assert "ICS=CMC" in (answer.value("iCalendarURL/host") or "")
        site.client().call("ep.DelSession", sessionKey=key).failed("060001")
        site.client().call("meeting.GetMeeting", meetingKey=key).failed("060001")

    @pytest.mark.parametrize("recurring", [False, True])
    def test_not_while_it_is_in_progress(self, site: TestSite, recurring: bool) -> None:
        client = site.client()
        repeat = {"repeatType": "DAILY"} if recurring else {}
        key = create(client, repeat=repeat)
        alter(site, key, status="INPROGRESS")
        client.call("ep.DelSession", sessionKey=key).failed("060002")
        assert client.call("ep.GetSessionInfo", sessionKey=key).ok().value("status") == "INPROGRESS"
        alter(site, key, status="NOT_INPROGRESS")
        client.call("ep.DelSession", sessionKey=key).ok()

    def test_a_series_whose_exception_is_in_progress_stays(self, site: TestSite) -> None:
        client = site.client()
        key = series(client, repeatType="DAILY", afterMeetingNumber=3)
        moved = exception(client, key, "06/05/2035 15:00:00")
        alter(site, moved, status="INPROGRESS")
        client.call("ep.DelSession", sessionKey=key).failed("060002")
        assert len(rows(expanded(client), "sessionKey")) == 3
        alter(site, moved, status="NOT_INPROGRESS")
        client.call("ep.DelSession", sessionKey=key).ok()
        assert rows(expanded(client), "sessionKey") == []

    @pytest.mark.parametrize(("sent", "mails"), [({}, 1), ({"sendEmail": True}, 1), ({"sendEmail": False}, 0)])
    def test_mails(self, site: TestSite, sent: dict[str, Any], mails: int) -> None:
        key = create(site.client())
        site.client().call("ep.DelSession", sessionKey=key, **sent).ok()
        assert self.outbox(site, key).count("session.cancelled") == mails

    def test_of_every_kind(self, site: TestSite) -> None:
        client = site.client()
        calls: dict[str, dict[str, Any]] = {
            "event.CreateEvent": {"metaData": {"sessionName": "E"}, "schedule": {"startDate": in_days(3)}},
            "supportsession.CreateSupportSession": {"metaData": {"sessionType": 13}},
            "meeting.auo.CreateTeleconferenceSession": {
                "metaData": {"confName": "A"},
                "schedule": {"startDate": in_days(3)},
            },
        }
        for operation, values in calls.items():
            key = client.call(operation, values).ok().value("sessionKey")
            client.call("ep.DelSession", sessionKey=key).ok()
            client.call("ep.GetSessionInfo", sessionKey=key).failed("060001")

    def test_who_may(self, site: TestSite) -> None:
        key = create(site.client("host2"))
        for who in ("host1", "admin"):
            site.client(who).call("ep.DelSession", sessionKey=key).failed("000001")
        site.client("attendee1").call("ep.DelSession", sessionKey=key).failed("000001")
        site.server.new_site().client().call("ep.DelSession", sessionKey=key).failed("060001")
        site.client("host2").call("ep.DelSession", sessionKey=key).ok()


class TestCallback:
    """DetectSessionByCallback."""

    OK: ClassVar[Any] = {
        "callbackNumber": "4930123456",
        "dataScopeGMT": {"occurredDateStart": "01/02/2035 10:00:00", "occurredDateEnd": "01/02/2035 10:05:00"},
    }

    def test_nothing_was_called(self, shared_site: TestSite) -> None:
        shared_site.client("admin").call("ep.DetectSessionByCallback", self.OK).failed(NOTHING)

    @pytest.mark.parametrize("number", ["", "+49 30 123", "12a", "１２３", "1" * 33, None])
    def test_numbers_that_are_none(self, shared_site: TestSite, number: str | None) -> None:
        asked = {**self.OK, "callbackNumber": number}
        answer = shared_site.client("admin").call("ep.DetectSessionByCallback", asked).failed("999999")
        assert "callbackNumber" in (answer.reason or "")

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            ("01/02/2035 10:00:00", "01/02/2035 10:05:01"),
            ("01/02/2035 10:00:00", "01/02/2035 09:59:59"),
            ("01/02/2035 10:00:00", ""),
            ("", "01/02/2035 10:00:00"),
            ("yesterday", "today"),
        ],
    )
    def test_windows_that_are_none(self, shared_site: TestSite, start: str, end: str) -> None:
        asked = {**self.OK, "dataScopeGMT": {"occurredDateStart": start, "occurredDateEnd": end}}
        shared_site.client("admin").call("ep.DetectSessionByCallback", asked).failed("999999")

    def test_without_a_window(self, shared_site: TestSite) -> None:
        asked = {"callbackNumber": "123"}
        shared_site.client("admin").call("ep.DetectSessionByCallback", asked).failed("999999")

    @pytest.mark.parametrize("who", ["host1", "attendee1"])
    def test_for_administrators_only(self, shared_site: TestSite, who: str) -> None:
        shared_site.client(who).call("ep.DetectSessionByCallback", self.OK).failed("000001")


def test_every_combination_of_hostile_values_is_answered(shared_site: TestSite) -> None:
    client = shared_site.client()
    hostile = ["", "-1", "9" * 30, "<x/>", "12/31/9999 99:99:99", "\U0001f600", "%", "NaN"]
    names = ["sessionKey", "confID", "confName", "hostEmail", "modifiedDateStart", "status", "meetingUUID"]
    for name, value in itertools.product(names, hostile):
        answer = client.call(SESSIONS, {name: value}, recurrence=True)
        assert answer.result == "SUCCESS" or answer.code in ("999999", NOTHING, "000001")
