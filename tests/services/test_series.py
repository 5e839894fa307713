"""Recurring meetings over HTTP: rules, lists as time goes on, exceptions, and what a new rule does."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.client import Answer, Client
from tests.server import Server, TestSite
from tests.services.meetings import BERLIN, GMT, attendee, create, get, in_days, meeting

MEETINGS = "meeting.LstsummaryMeeting"
SESSIONS = "ep.LstsummarySession"
START = "06/04/2035 10:00:00"  # a Monday


def series(client: Client, start: str = START, zone: int = GMT, name: str = "Series", **repeat: Any) -> str:
    """Create a series of half-hour meetings; its key."""
    schedule = {"startDate": start, "timeZoneID": zone, "duration": 30}
    return create(client, name, schedule=schedule, repeat=repeat)


def days(*names: str) -> dict[str, Any]:
    """The content of dayInWeek."""
    return {"day": [f"{name}DAY" for name in names]}


def next_start(client: Client, key: str) -> str | None:
    """The start that a list shows for a meeting; None when it is not listed."""
    answer = client.call(MEETINGS, meetingKey=key)
    if answer.code == "000015":
        return None
    assert answer.ok().all("matchingRecords/total") == ["1"]
    return answer.value("meeting/startDate")


Until = Callable[[str], None]


@pytest.fixture
def until(server: Server) -> Until:
    """Moves the server's clock to a time of GMT."""

    def move(date: str) -> None:
        moment = datetime.strptime(date, "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)
        server.clock.ahead = int(moment.timestamp() - time.time())

    return move


def shown(client: Client, key: str, until: Until, most: int) -> list[str]:
    """The starts that lists show one after the other, at most so many; each is left behind before the next look."""
    found: list[str] = []
    while len(found) < most and (start := next_start(client, key)) is not None:
        found.append(start.removesuffix(" 10:00:00"))
        until(start.replace(" 10:00:00", " 10:31:00"))
    return found


RULES: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"repeatType": "DAILY", "interval": 1, "afterMeetingNumber": 3},
        ["06/04/2035", "06/05/2035", "06/06/2035"],
    ),
    ({"repeatType": "DAILY", "afterMeetingNumber": 1}, ["06/04/2035"]),
    (
        {"repeatType": "DAILY", "interval": 10, "expirationDate": "06/25/2035 00:00:00"},
        ["06/04/2035", "06/14/2035", "06/24/2035"],
    ),
    (
        {"repeatType": "DAILY", "interval": 7, "expirationDate": "06/18/2035 00:00:00"},
        ["06/04/2035", "06/11/2035", "06/18/2035"],
    ),
    (
        {"repeatType": "DAILY", "dayInWeek": days("MON", "TUES", "WEDNES", "THURS", "FRI"), "afterMeetingNumber": 7},
        ["06/04/2035", "06/05/2035", "06/06/2035", "06/07/2035", "06/08/2035", "06/11/2035", "06/12/2035"],
    ),
    ({"repeatType": "WEEKLY", "afterMeetingNumber": 2}, ["06/04/2035", "06/11/2035"]),
    (
        {"repeatType": "WEEKLY", "dayInWeek": days("FRI", "TUES"), "afterMeetingNumber": 3},
        ["06/05/2035", "06/08/2035", "06/12/2035"],
    ),
    (
        {"repeatType": "WEEKLY", "interval": 2, "dayInWeek": days("MON"), "expirationDate": "07/02/2035 00:00:00"},
        ["06/04/2035", "06/18/2035", "07/02/2035"],
    ),
    (
        {"repeatType": "MONTHLY", "dayInMonth": 31, "interval": 1, "afterMeetingNumber": 3},
        ["07/31/2035", "08/31/2035", "10/31/2035"],
    ),
    (
        {"repeatType": "MONTHLY", "dayInMonth": 15, "interval": 2, "afterMeetingNumber": 2},
        ["06/15/2035", "08/15/2035"],
    ),
    (
        {"repeatType": "MONTHLY", "weekInMonth": 5, "dayInWeek": days("FRI"), "interval": 1, "afterMeetingNumber": 2},
        ["06/29/2035", "07/27/2035"],
    ),
    (
        {"repeatType": "MONTHLY", "weekInMonth": 1, "dayInWeek": days("MON"), "expirationDate": "08/01/2035 00:00:00"},
        ["06/04/2035", "07/02/2035"],
    ),
    (
        {"repeatType": "YEARLY", "dayInMonth": 29, "monthInYear": 2, "afterMeetingNumber": 2},
        ["02/29/2036", "02/29/2040"],
    ),
    (
        {
            "repeatType": "YEARLY",
            "weekInMonth": 3,
            "dayInWeek": days("THURS"),
            "monthInYear": 11,
            "expirationDate": "12/31/2036 00:00:00",
        },
        ["11/15/2035", "11/20/2036"],
    ),
    ({"repeatType": "YEARLY", "dayInYear": 1, "afterMeetingNumber": 1}, ["01/01/2036"]),
    (
        {"repeatType": "WEEKLY", "afterMeetingNumber": 9, "expirationDate": "06/12/2035 00:00:00"},
        ["06/04/2035", "06/11/2035"],
    ),
]


@pytest.mark.parametrize(("repeat", "expected"), RULES)
def test_rules_that_end(site: TestSite, until: Until, repeat: dict[str, Any], expected: list[str]) -> None:
    client = site.client()
    key = series(client, **repeat)
    answer = get(client, key).ok()
    for name, value in repeat.items():
        if name == "dayInWeek":
            assert answer.all("repeat/dayInWeek/day") == value["day"]
        else:
            assert answer.value(f"repeat/{name}") == str(value)
    assert set(answer.names("repeat")) == set(repeat)
    assert answer.value("schedule/startDate") == START
    assert client.call(SESSIONS, sessionKey=key).ok().value("isRecurring") == "true"
    assert shown(client, key, until, len(expected) + 1) == expected
    assert get(client, key).ok().value("schedule/startDate") == START


@pytest.mark.parametrize(
    ("repeat", "expected"),
    [
        ({"repeatType": "DAILY"}, ["06/04/2035", "06/05/2035", "06/06/2035"]),
        ({"repeatType": "daily", "interval": 99}, ["06/04/2035", "09/11/2035", "12/19/2035"]),
        ({"repeatType": "WEEKLY", "afterMeetingNumber": 0}, ["06/04/2035", "06/11/2035", "06/18/2035"]),
        ({"repeatType": "MONTHLY"}, ["06/04/2035", "07/04/2035", "08/04/2035"]),
        ({"repeatType": "YEARLY"}, ["06/04/2035", "06/04/2036", "06/04/2037"]),
        ({"repeatType": "WEEKLY", "dayInWeek": {}, "expirationDate": ""}, ["06/04/2035", "06/11/2035", "06/18/2035"]),
    ],
)
def test_rules_without_end(site: TestSite, until: Until, repeat: dict[str, Any], expected: list[str]) -> None:
    client = site.client()
    key = series(client, **repeat)
    assert shown(client, key, until, 3) == expected
    until("06/03/2049 12:00:00")
    assert next_start(client, key) is not None


def test_an_own_room_is_open_until_it_expires(site: TestSite, until: Until) -> None:
    client = site.client()
    key = series(client, repeatType="CONSTANT", expirationDate="12/31/2035 00:00:00")
    endless = series(client, name="Endless", repeatType="CONSTANT")
    assert next_start(client, key) == next_start(client, endless) == START
    until("12/31/2035 12:00:00")
    assert next_start(client, key) == START
    until("01/01/2036 00:01:00")
    assert next_start(client, key) is None
    assert next_start(client, endless) == START
    assert get(client, key).ok().value("repeat/repeatType") == "CONSTANT"


@pytest.mark.parametrize("repeat", [{}, {"repeatType": "NO_REPEAT"}, {"repeatType": ""}, {"dayInWeek": {}}])
def test_a_single_meeting(site: TestSite, until: Until, repeat: dict[str, Any]) -> None:
    client = site.client()
    key = series(client, **repeat)
    assert get(client, key).ok().names("repeat") == ["repeatType"]
    assert client.call(SESSIONS, sessionKey=key).ok().value("isRecurring") == "false"
    assert shown(client, key, until, 2) == ["06/04/2035"]


@pytest.mark.parametrize(
    ("repeat", "element"),
    [
        ({"repeatType": "HOURLY"}, "repeatType"),
        ({"repeatType": "DAILY", "interval": 0}, "interval"),
        ({"repeatType": "DAILY", "interval": 100}, "interval"),
        ({"repeatType": "WEEKLY", "interval": -1}, "interval"),
        ({"repeatType": "DAILY", "interval": "often"}, "interval"),
        ({"repeatType": "DAILY", "afterMeetingNumber": -1}, "afterMeetingNumber"),
        ({"repeatType": "DAILY", "afterMeetingNumber": 1000}, "afterMeetingNumber"),
        ({"repeatType": "WEEKLY", "dayInWeek": {"day": ["MONDAY", "SOMEDAY"]}}, "dayInWeek/day"),
        ({"repeatType": "MONTHLY", "dayInMonth": 0}, "dayInMonth"),
        ({"repeatType": "MONTHLY", "dayInMonth": 32}, "dayInMonth"),
        ({"repeatType": "MONTHLY", "weekInMonth": 7, "dayInWeek": days("MON")}, "weekInMonth"),
        ({"repeatType": "YEARLY", "dayInMonth": 1, "monthInYear": 13}, "monthInYear"),
        ({"repeatType": "YEARLY", "dayInMonth": 31, "monthInYear": 6}, "dayInMonth"),
        ({"repeatType": "YEARLY", "dayInYear": 367}, "dayInYear"),
        ({"repeatType": "DAILY", "expirationDate": "06/03/2035 00:00:00"}, "expirationDate"),
        ({"repeatType": "WEEKLY", "dayInWeek": days("SUN"), "expirationDate": "06/09/2035 00:00:00"}, "expirationDate"),
        ({"repeatType": "CONSTANT", "expirationDate": "06/03/2035 00:00:00"}, "expirationDate"),
    ],
)
def test_rules_that_cannot_be(shared_site: TestSite, repeat: dict[str, Any], element: str) -> None:
    client = shared_site.client()
    schedule = {"startDate": START, "timeZoneID": GMT}
    answer = client.call("meeting.CreateMeeting", meeting(schedule=schedule, repeat=repeat)).failed("999999")
    assert (answer.reason or "").startswith(f"repeat/{element}: ")
    kept = create(client)
    change = {"meetingkey": kept, "schedule": schedule, "repeat": repeat}
    assert (client.call("meeting.SetMeeting", change).failed("999999").reason or "").startswith(f"repeat/{element}: ")
    assert get(client, kept).ok().value("repeat/repeatType") == "NO_REPEAT"


@pytest.mark.parametrize("date", ["next year", "2035-12-31", "02/30/2036"])
def test_an_expiration_date_that_cannot_be_read(shared_site: TestSite, date: str) -> None:
    repeat = {"repeatType": "DAILY", "expirationDate": date}
    answer = shared_site.client().call("meeting.CreateMeeting", meeting(repeat=repeat)).failed("999999")
    assert answer.reason == "Date format should be MM/dd/yyyy HH:mm:ss"


def test_a_series_may_have_begun_but_not_be_over(shared_site: TestSite) -> None:
    client = shared_site.client()
    past = {"startDate": "01/01/2024 10:00:00", "timeZoneID": GMT}
    endless = meeting(schedule=past, repeat={"repeatType": "DAILY"})
    key = client.call("meeting.CreateMeeting", endless).ok().value("meetingkey") or ""
    assert (next_start(client, key) or "") >= in_days(0, 0) or in_days(0)[:5] == "12/31"
    over = meeting(schedule=past, repeat={"repeatType": "DAILY", "afterMeetingNumber": 5})
    client.call("meeting.CreateMeeting", over).failed("009007")


class TestLists:
    """A series stands in lists once, with its next start."""

    def test_it_rolls_on_with_daylight_time(self, site: TestSite, until: Until) -> None:
        client = site.client()
        key = series(client, "10/15/2035 10:00:00", zone=BERLIN, repeatType="WEEKLY", afterMeetingNumber=4)
        rows = []
        for now in ("10/14", "10/15", "10/22", "10/29"):
            until(f"{now}/2035 12:00:00")
            sessions = client.call(SESSIONS, sessionKey=key).ok()
            rows.append((next_start(client, key), sessions.value("startTime")))
        assert rows == [
            ("10/15/2035 10:00:00", "10/15/2035 08:00:00"),
            ("10/22/2035 10:00:00", "10/22/2035 08:00:00"),
            ("10/29/2035 10:00:00", "10/29/2035 09:00:00"),
            ("11/05/2035 10:00:00", "11/05/2035 09:00:00"),
        ]

    def test_it_stays_until_the_meeting_is_over(self, site: TestSite, until: Until) -> None:
        client = site.client()
        key = series(client, repeatType="DAILY")
        for now, start in (("06/04/2035 10:00:00", "06/04"), ("06/04/2035 10:29:00", "06/04")):
            until(now)
            assert next_start(client, key) == f"{start}/2035 10:00:00"
        until("06/04/2035 10:30:30")
        assert next_start(client, key) == "06/05/2035 10:00:00"

    def test_order_and_scope_go_by_the_next_start(self, site: TestSite, until: Until) -> None:
        client = site.client()
        daily = series(client, name="Daily", repeatType="DAILY")
        weekly = series(client, name="Weekly", start="06/05/2035 09:00:00", repeatType="WEEKLY")

        def listed(**values: Any) -> list[str]:
            answer = client.call(MEETINGS, values)
            return answer.all("meeting/meetingKey") if answer.code != "000015" else []

        assert listed() == [daily, weekly]
        until("06/04/2035 11:00:00")
        assert listed() == [weekly, daily]
        until("06/05/2035 11:00:00")
        assert listed() == [daily, weekly]
        until("06/11/2035 12:00:00")
        assert listed() == [weekly, daily]
        scope = {"startDateStart": "06/12/2035 09:30:00", "startDateEnd": "06/12/2035 23:00:00", "timeZoneID": GMT}
        assert listed(dateScope=scope) == [daily]
        assert listed(dateScope={**scope, "startDateStart": "06/01/2035 00:00:00"}) == [weekly, daily]
        assert listed(dateScope={**scope, "startDateEnd": "06/12/2035 09:00:00", "startDateStart": ""}) == [weekly]


class TestNewRule:
    """SetMeeting of a series."""

    def test_a_rule_takes_the_place_of_the_old_one_as_a_whole(self, site: TestSite, until: Until) -> None:
        client = site.client()
        key = series(client, repeatType="WEEKLY", interval=2, dayInWeek=days("MON", "WEDNES"), afterMeetingNumber=5)
        client.call("meeting.SetMeeting", meetingkey=key, repeat={"repeatType": "DAILY"}).ok()
        assert get(client, key).ok().names("repeat") == ["repeatType"]
        assert shown(client, key, until, 3) == ["06/04/2035", "06/05/2035", "06/06/2035"]

    def test_without_a_rule_the_old_one_stays(self, site: TestSite, until: Until) -> None:
        client = site.client()
        key = series(client, repeatType="WEEKLY", interval=2, afterMeetingNumber=3)
        before = get(client, key).ok()
        changes: list[dict[str, Any]] = [
            {"metaData": {"confName": "Series"}},
            {"repeat": {}},
            {"repeat": {"repeatType": ""}},
        ]
        for change in changes:
            client.call("meeting.SetMeeting", change, meetingkey=key).ok()
            assert get(client, key).text == before.text
        moved = {"startDate": "06/05/2035 10:00:00", "timeZoneID": GMT}
        client.call("meeting.SetMeeting", meetingkey=key, schedule=moved).ok()
        assert get(client, key).all("repeat/interval") == ["2"]
        assert shown(client, key, until, 4) == ["06/05/2035", "06/19/2035", "07/03/2035"]

    def test_a_series_becomes_single_and_again_a_series(self, site: TestSite, until: Until) -> None:
        client = site.client()
        key = series(client, repeatType="WEEKLY", interval=3)
        client.call("meeting.SetMeeting", meetingkey=key, repeat={"repeatType": "NO_REPEAT"}).ok()
        answer = get(client, key).ok()
        assert (answer.names("repeat"), answer.value("repeat/repeatType")) == (["repeatType"], "NO_REPEAT")
        assert client.call(SESSIONS, sessionKey=key).ok().value("isRecurring") == "false"
        client.call("meeting.SetMeeting", meetingkey=key, repeat={"repeatType": "WEEKLY"}).ok()
        assert get(client, key).ok().names("repeat") == ["repeatType"]
        assert shown(client, key, until, 2) == ["06/04/2035", "06/11/2035"]

    def test_a_new_end_brings_a_series_back(self, site: TestSite, until: Until) -> None:
        client = site.client()
        key = series(client, repeatType="DAILY", afterMeetingNumber=2)
        until("06/07/2035 12:00:00")
        assert next_start(client, key) is None
        client.call("meeting.SetMeeting", meetingkey=key, repeat={"repeatType": "DAILY", "afterMeetingNumber": 9}).ok()
        assert next_start(client, key) == "06/08/2035 10:00:00"


class TestExceptions:
    """Occurrences that differ from the others: meetings of their own, tied to the series (facts/holes.md 3)."""

    @pytest.fixture
    def client(self, site: TestSite) -> Client:
        return site.client()

    @pytest.fixture
    def weekly(self, client: Client) -> str:
        """A series of four Mondays."""
        return series(client, repeatType="WEEKLY", afterMeetingNumber=4)

    def _replace(self, client: Client, series_key: str, start: str, zone: int = GMT, **groups: Any) -> Answer:
        values = meeting(
            "Exception",
            schedule={"startDate": start, "timeZoneID": zone, "duration": 30},
            repeat={"repeatType": "NO_REPEAT", "isException": "TRUE", "seriesMeetingKey": series_key},
        )
        return client.call("meeting.CreateMeeting", {**values, **groups})

    def _replaced(self, client: Client, series_key: str, start: str, zone: int = GMT) -> str:
        return self._replace(client, series_key, start, zone).ok().value("meetingkey") or ""

    def test_the_series_leaves_out_the_day(self, client: Client, weekly: str, until: Until) -> None:
        key = self._replaced(client, weekly, "06/11/2035 15:00:00")
        assert next_start(client, key) == "06/11/2035 15:00:00"
        listed = client.call(MEETINGS).ok()
        assert listed.all("meeting/confName") == ["Series", "Exception"]
        assert shown(client, weekly, until, 5) == ["06/04/2035", "06/18/2035", "06/25/2035"]
        assert next_start(client, key) is None

    def test_what_is_answered_of_both(self, client: Client, weekly: str) -> None:
        assert get(client, weekly).ok().names("repeat") == ["repeatType", "afterMeetingNumber"]
        key = self._replaced(client, weekly, "06/11/2035 15:00:00")
        exception = get(client, key).ok()
        assert exception.names("repeat") == ["repeatType", "isException", "seriesMeetingKey"]
        assert exception.value("repeat/isException") == "true"
        assert exception.value("repeat/seriesMeetingKey") == weekly
        whole = get(client, weekly).ok()
        assert whole.names("repeat") == ["repeatType", "afterMeetingNumber", "hasException"]
        assert whole.value("repeat/hasException") == "true"
        rows = client.call("meeting.LstMeeting").ok()
        assert rows.all("repeat/hasException") == ["true"]
        assert rows.all("repeat/seriesMeetingKey") == [weekly]

    def test_the_next_occurrence_is_replaced(self, client: Client, weekly: str) -> None:
        self._replaced(client, weekly, "06/04/2035 08:00:00")
        assert next_start(client, weekly) == "06/11/2035 10:00:00"
        assert get(client, weekly).value("schedule/startDate") == START

    def test_a_day_is_replaced_once(self, client: Client, weekly: str) -> None:
        self._replaced(client, weekly, "06/11/2035 15:00:00")
        for again in ("06/11/2035 15:00:00", "06/11/2035 09:00:00"):
            answer = self._replace(client, weekly, again).failed("999999")
            assert (answer.reason or "").startswith("repeat/seriesMeetingKey: ")
        assert client.call(MEETINGS).ok().value("matchingRecords/total") == "2"

    @pytest.mark.parametrize("start", ["06/12/2035 10:00:00", "06/03/2035 10:00:00", "07/02/2035 10:00:00"])
    def test_a_day_without_occurrence(self, client: Client, weekly: str, start: str) -> None:
        assert "repeat/seriesMeetingKey" in (self._replace(client, weekly, start).failed("999999").reason or "")
        assert get(client, weekly).names("repeat") == ["repeatType", "afterMeetingNumber"]

    def test_the_day_is_that_of_the_series_zone(self, client: Client) -> None:
        early = series(client, "06/04/2035 00:30:00", zone=BERLIN, repeatType="WEEKLY")
        self._replace(client, early, "06/11/2035 22:30:00", GMT).failed("999999")
        self._replaced(client, early, "06/10/2035 22:30:00", GMT)
        self._replace(client, early, "06/11/2035 05:00:00", BERLIN).failed("999999")

    def test_what_names_no_series(self, client: Client, weekly: str, site: TestSite) -> None:
        start = "06/11/2035 15:00:00"
        single = create(client, "Single")
        assert "seriesMeetingKey" in (self._replace(client, single, start).failed("999999").reason or "")
        self._replace(client, "12345678901", start).failed("060001")
        missing = self._replace(client, "", start).failed("999999")
        assert (missing.reason or "").startswith("repeat/seriesMeetingKey: ")
        self._replace(site.server.new_site().client(), weekly, start).failed("060001")
        self._replace(site.client("admin"), weekly, start).failed("000001")
        exception = self._replaced(client, weekly, start)
        self._replace(client, exception, start).failed("999999")

    def test_an_exception_does_not_recur(self, client: Client, weekly: str) -> None:
        repeat = {"repeatType": "DAILY", "isException": True, "seriesMeetingKey": weekly}
        answer = self._replace(client, weekly, "06/11/2035 15:00:00", repeat=repeat).failed("999999")
        assert (answer.reason or "").startswith("repeat/repeatType: ")
        key = self._replaced(client, weekly, "06/11/2035 15:00:00")
        changed = client.call("meeting.SetMeeting", meetingkey=key, repeat={"repeatType": "DAILY"})
        assert (changed.failed("999999").reason or "").startswith("repeat/repeatType: ")
        exception = {"isException": True, "seriesMeetingKey": weekly}
        client.call("meeting.SetMeeting", meetingkey=weekly, repeat=exception).failed("999999")

    def test_an_exception_is_changed_like_any_meeting(self, client: Client, weekly: str, until: Until) -> None:
        key = self._replaced(client, weekly, "06/11/2035 15:00:00")
        moved = {"startDate": "06/13/2035 10:00:00", "timeZoneID": GMT}
        client.call("meeting.SetMeeting", meetingkey=key, schedule=moved, metaData={"confName": "Moved"}).ok()
        answer = get(client, key).ok()
        assert answer.value("repeat/seriesMeetingKey") == weekly
        assert answer.value("metaData/confName") == "Moved"
        assert shown(client, weekly, until, 5) == ["06/04/2035", "06/18/2035", "06/25/2035"]

    def test_a_deleted_exception_does_not_bring_the_day_back(self, client: Client, weekly: str, until: Until) -> None:
        key = self._replaced(client, weekly, "06/11/2035 15:00:00")
        assert "hasException" in get(client, weekly).ok().names("repeat")
        client.call("meeting.DelMeeting", meetingKey=key).ok()
        get(client, key).failed("060001")
        assert "hasException" not in get(client, weekly).ok().names("repeat")
        assert shown(client, weekly, until, 5) == ["06/04/2035", "06/18/2035", "06/25/2035"]

    def test_a_deleted_series_takes_its_exceptions_along(self, client: Client, weekly: str) -> None:
        keys = [self._replaced(client, weekly, f"06/{day}/2035 15:00:00") for day in (11, 25)]
        stays = create(client, "Other")
        client.call("meeting.DelMeeting", meetingKey=weekly).ok()
        for key in (weekly, *keys):
            get(client, key).failed("060001")
        assert client.call(MEETINGS).ok().all("meeting/meetingKey") == [stays]

    def test_a_series_of_which_every_meeting_was_replaced_is_over(self, client: Client, until: Until) -> None:
        key = series(client, repeatType="DAILY", afterMeetingNumber=2)
        second = self._replaced(client, key, "06/05/2035 12:00:00")
        first = self._replaced(client, key, "06/04/2035 12:00:00")
        assert next_start(client, key) is None
        client.call("meeting.SetMeeting", meetingkey=key, metaData={"agenda": "x"}).ok()
        assert client.call(MEETINGS).ok().all("meeting/meetingKey") == [first, second]
        assert get(client, key).ok().value("repeat/hasException") == "true"
        client.call("meeting.SetMeeting", meetingkey=key, repeat={"repeatType": "DAILY", "afterMeetingNumber": 3}).ok()
        assert next_start(client, key) == "06/06/2035 10:00:00"

    def test_of_two_at_once_one_replaces_the_day(self, client: Client, weekly: str) -> None:
        starts = [f"06/11/2035 {hour:02d}:00:00" for hour in range(8, 16)]
        with ThreadPoolExecutor(len(starts)) as pool:
            answers = list(pool.map(lambda start: self._replace(client, weekly, start), starts))
        assert sorted(answer.result for answer in answers) == ["FAILURE"] * 7 + ["SUCCESS"]
        assert {answer.code for answer in answers} == {None, "999999"}
        assert client.call(MEETINGS).ok().value("matchingRecords/total") == "2"

    def test_exceptions_of_several_days_at_once(self, client: Client, weekly: str, until: Until) -> None:
        starts = [f"06/{day:02d}/2035 12:00:00" for day in (4, 11, 18)]
        with ThreadPoolExecutor(len(starts)) as pool:
            for answer in pool.map(lambda start: self._replace(client, weekly, start), starts):
                answer.ok()
        assert shown(client, weekly, until, 3) == ["06/25/2035"]

    def test_people_of_an_exception_are_its_own(self, client: Client, weekly: str) -> None:
        people = {"attendees": {"attendee": [attendee("only@today.example")]}}
        key = self._replace(client, weekly, "06/11/2035 15:00:00", participants=people).ok().value("meetingkey") or ""
        assert get(client, key).all("attendee/person/email") == ["only@today.example"]
        assert get(client, weekly).all("attendee/person/email") == []
