"""LstsummaryMeeting, LstMeeting and LstsummarySession over HTTP: whose sessions, which, in what order, which page."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from parley.store import Changes, sessions
from tests.client import Answer, Client
from tests.server import Server, TestSite
from tests.services.meetings import BERLIN, GMT, attendee, create, get, in_days
from tests.store.builders import a_session

MEETINGS = "meeting.LstsummaryMeeting"
OLD_MEETINGS = "meeting.LstMeeting"
SESSIONS = "ep.LstsummarySession"
#: Where the name of a session stands in each list.
NAMES = {MEETINGS: "meeting/confName", OLD_MEETINGS: "metaData/confName", SESSIONS: "session/confName"}
ALL_LISTS = pytest.mark.parametrize("operation", NAMES)
DAY = 86_400
NOTHING = "000015"


def names(answer: Answer) -> list[str]:
    """The names of the listed sessions; an answer with nothing found is an empty list."""
    if answer.code == NOTHING:
        return []
    operation = next(each for each in NAMES if each.partition(".")[2].lower() in (answer.ok().type_name or "").lower())
    return answer.all(NAMES[operation])


def listed(client: Client, operation: str, **values: Any) -> list[str]:
    """The names that a list shows."""
    return names(client.call(operation, values))


def by(*pairs: str, **more: Any) -> dict[str, Any]:
    """An order element: `by("CONFNAME DESC", "STARTTIME")`, with the two names in turn as clients send them."""
    split = [pair.split() for pair in pairs]
    order = {"orderBy": [each[0] for each in split], "orderAD": [each[1] for each in split if len(each) > 1]}
    return {"order": {**order, **more}}


def scope(**dates: Any) -> dict[str, Any]:
    """A dateScope element in GMT, unless it says otherwise."""
    return {"dateScope": {"timeZoneID": GMT, **dates}}


def control(start: int | None = None, most: int | None = None, method: str | None = None) -> dict[str, Any]:
    """A listControl element."""
    return {"listControl": {"startFrom": start, "maximumNum": most, "listMethod": method}}


def put(site: TestSite, web_ex_id: str, **columns: Any) -> int:
    """A session of any service straight into the store, since not all services can be scheduled; its key."""
    session = a_session(site.site_id, site.users[web_ex_id].user_id, **columns)

    async def insert() -> None:
        changes = Changes()
        sessions.create_session(changes, session)
        await site.server.application.engine.commit(changes)

    site.server.run(insert())
    return session.session_key


def alter(site: TestSite, key: str, **columns: Any) -> None:
    """Change columns of a session: what a running meeting would change."""

    async def change() -> None:
        engine = site.server.application.engine
        before = await sessions.by_key(engine, site.site_id, int(key))
        assert before is not None
        changes = Changes()
        sessions.update_session(changes, before.plain(), msgspec.structs.replace(before.plain(), **columns))
        await engine.commit(changes)

    site.server.run(change())


# --- paging ----------------------------------------------------------------------------------------------------------

MANY = 510


@pytest.fixture(scope="module")
def many(shared_site: TestSite) -> TestSite:
    """A site whose host has 510 meetings, an hour apart, named by their number."""
    site = shared_site.server.new_site()
    client = site.client()
    start = datetime(2035, 3, 1, tzinfo=UTC)
    number = itertools.count(1)
    for _ in range(0, MANY, 30):
        contents = []
        for place in itertools.islice(number, 30):
            at = (start + timedelta(hours=place)).strftime("%m/%d/%Y %H:00:00")
            contents.append(
                '<bodyContent xsi:type="java:com.webex.service.binding.meeting.CreateMeeting">'
                f"<metaData><confName>{place}</confName></metaData>"
                f"<schedule><startDate>{at}</startDate><timeZoneID>{GMT}</timeZoneID></schedule></bodyContent>"
            )
        document = client.document("x", "")
        head, tail = document.partition("<bodyContent")[0], "</body></serv:message>"
        answer = client.send(head + "".join(contents) + tail)
        assert set(answer.all("response/result")) == {"SUCCESS"}
    return site


def numbers(first: int, last: int) -> list[str]:
    """The names from one number to another."""
    return [str(number) for number in range(first, last + 1)]


@pytest.mark.parametrize("who", ["host1", "admin"])
@pytest.mark.parametrize("operation", [MEETINGS, SESSIONS])
@pytest.mark.parametrize(
    ("asked", "echo", "expected"),
    [
        ({}, 1, numbers(1, 10)),
        (control(), 1, numbers(1, 10)),
        (control(1, 3), 1, numbers(1, 3)),
        (control(0, 3), 0, numbers(1, 3)),
        (control(0), 0, numbers(1, 10)),
        (control(2, 3), 2, numbers(2, 4)),
        (control(500, 5), 500, numbers(500, 504)),
        (control(509, 10), 509, numbers(509, 510)),
        (control(510), 510, ["510"]),
        (control(1, 500), 1, numbers(1, 500)),
        (control(1, 1000), 1, numbers(1, 500)),
        (control(11, 10_000), 11, numbers(11, 510)),
        (control(1, 0), 1, numbers(1, 10)),
        (control(1, -5), 1, numbers(1, 10)),
    ],
)
def test_pages(many: TestSite, who: str, operation: str, asked: Any, echo: int, expected: list[str]) -> None:
    answer = many.client(who).call(operation, asked).ok()
    assert names(answer) == expected
    found = [answer.value(f"matchingRecords/{each}") for each in ("total", "returned", "startFrom")]
    assert found == [str(MANY), str(len(expected)), str(echo)]


@pytest.mark.parametrize("who", ["host1", "admin"])
@ALL_LISTS
def test_beyond_the_end_there_is_nothing(many: TestSite, who: str, operation: str) -> None:
    client = many.client(who)
    for start in (511, 512, 100_000, 2**31, 2**62):
        assert client.call(operation, control(start)).failed(NOTHING).reason == "Sorry, no record found"
    client.call(operation, control(-1)).failed("999999")


@pytest.mark.parametrize("operation", [MEETINGS, SESSIONS])
def test_a_client_that_turns_pages_reads_everything_once(many: TestSite, operation: str) -> None:
    client, found, start = many.client(), list[str](), 1
    while True:
        answer = client.call(operation, control(start, 103), **by("STARTTIME DESC")).ok()
        found += names(answer)
        start += int(answer.value("matchingRecords/returned") or 0)
        if start > int(answer.value("matchingRecords/total") or 0):
            break
    assert found == numbers(1, MANY)[::-1]


def test_a_date_scope_narrows_the_total(many: TestSite) -> None:
    whole_day = scope(startDateStart="03/02/2035 00:00:00", startDateEnd="03/02/2035 23:59:59")
    for who, operation in itertools.product(("host1", "admin"), (MEETINGS, SESSIONS)):
        answer = many.client(who).call(operation, {**whole_day, **control(5, 2)}).ok()
        assert names(answer) == ["28", "29"]
        assert answer.value("matchingRecords/total") == "24"


def test_the_old_list_pages_too(many: TestSite) -> None:
    answer = many.client().call(OLD_MEETINGS, control(100, 2)).ok()
    assert names(answer) == ["100", "101"]
    assert answer.value("matchingRecords/total") == str(MANY)
    assert len(answer.names("enableOptions")) == 56


# --- order -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ordered(shared_site: TestSite) -> TestSite:
    """A site with meetings of two hosts, whose names, starts and tracking codes are alike in places."""
    site = shared_site.server.new_site()
    for who, name, day, code in (
        ("host2", "beta", 4, "x"),
        ("host1", "Alpha", 5, "y"),
        ("host1", "beta", 3, "y"),
        ("host2", "Alpha", 3, None),
        ("host1", "alpha", 4, "x"),
        ("host1", "Gamma", 6, "Z"),
    ):
        tracking = {"trackingCode2": code} if code else {}
        create(site.client(who), name, schedule={"startDate": in_days(day)}, tracking=tracking)
    return site


@pytest.mark.parametrize("operation", [MEETINGS, SESSIONS])
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ((), [3, 3, 4, 4, 5, 6]),
        (("STARTTIME",), [3, 3, 4, 4, 5, 6]),
        (("STARTTIME ASC",), [3, 3, 4, 4, 5, 6]),
        (("STARTTIME DESC",), [6, 5, 4, 4, 3, 3]),
        (("starttime desc",), [6, 5, 4, 4, 3, 3]),
        (("HOSTWEBEXID", "STARTTIME"), [3, 4, 5, 6, 3, 4]),
        (("HOSTWEBEXID DESC", "STARTTIME ASC"), [3, 4, 3, 4, 5, 6]),
        (("HOSTWEBEXID ASC", "STARTTIME DESC"), [6, 5, 4, 3, 4, 3]),
        (("TRACKINGCODE2 ASC", "STARTTIME ASC", "HOSTWEBEXID ASC"), [3, 6, 4, 4, 3, 5]),
        (("TRACKINGCODE2 DESC", "STARTTIME DESC"), [5, 3, 4, 4, 6, 3]),
        (("TRACKINGCODE1 ASC", "STARTTIME ASC"), [3, 3, 4, 4, 5, 6]),
    ],
)
def test_orders(ordered: TestSite, operation: str, order: tuple[str, ...], expected: list[int]) -> None:
    answer = ordered.client("admin").call(operation, by(*order) if order else {}).ok()
    starts = answer.all("meeting/startDate" if operation == MEETINGS else "session/startTime")
    days = {in_days(day): day for day in range(3, 7)}
    assert [days[start] for start in starts] == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (by("CONFNAME ASC", "STARTTIME ASC"), ["Alpha 3", "Alpha 5", "Gamma 6", "alpha 4", "beta 3", "beta 4"]),
        (
            by("CONFNAME DESC", "STARTTIME ASC", caseSensitive=True),
            ["beta 3", "beta 4", "alpha 4", "Gamma 6", "Alpha 3", "Alpha 5"],
        ),
        (
            by("CONFNAME ASC", "STARTTIME DESC", caseSensitive=False),
            ["Alpha 5", "alpha 4", "Alpha 3", "beta 4", "beta 3", "Gamma 6"],
        ),
        (
            by("CONFNAME DESC", "STARTTIME DESC", caseSensitive=False),
            ["Gamma 6", "beta 4", "beta 3", "Alpha 5", "alpha 4", "Alpha 3"],
        ),
    ],
)
def test_names_of_sessions_sort_by_letter_case_unless_told_otherwise(
    ordered: TestSite, order: dict[str, Any], expected: list[str]
) -> None:
    answer = ordered.client("admin").call(SESSIONS, order).ok()
    days = {in_days(day): str(day) for day in range(3, 7)}
    pairs = zip(answer.all("session/confName"), answer.all("session/startTime"), strict=True)
    assert [f"{name} {days[start]}" for name, start in pairs] == expected


def test_names_of_meetings_sort_without_letter_case(ordered: TestSite) -> None:
    order = by("CONFNAME ASC", "STARTTIME ASC")
    assert listed(ordered.client("admin"), MEETINGS, **order) == ["Alpha", "alpha", "Alpha", "beta", "beta", "Gamma"]


@ALL_LISTS
def test_orders_that_do_not_exist(ordered: TestSite, operation: str) -> None:
    client = ordered.client()
    for order in (by("HOSTNAME"), by("STARTTIME UP"), by("STARTTIME", "CONFNAME", "HOSTWEBEXID", "TRACKINGCODE1")):
        assert "order/" in (client.call(operation, order).failed("999999").reason or "")


# --- whose -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def peopled(shared_site: TestSite) -> TestSite:
    """A site with meetings of host1, of host2 and of the administrator; another site has some too."""
    site = shared_site.server.new_site()
    own, other, admin = (site.client(each) for each in ("host1", "host2", "admin"))
    mail = f"@{site.name}.example"
    create(own, "own")
    create(own, "own, unlisted", accessControl={"listToPublic": False, "isPublic": False})
    create(other, "private", accessControl={"listToPublic": True, "isPublic": False})
    create(other, "public", accessControl={"listToPublic": True, "isPublic": True})
    invitation = {"attendees": {"attendee": [attendee(f"host1{mail}"), attendee(f"Attendee1{mail}")]}}
    create(other, "invited", participants=invitation)
    create(other, "alternate", participants={"attendees": {"attendee": [attendee(f"host1{mail}", role="HOST")]}})
    create(admin, "admin's")
    create(site.server.new_site().client(), "another site's")
    return site


@pytest.mark.parametrize("recurrence", [False, True])
def test_a_list_of_people_counts_for_those_who_are_let_in(site: TestSite, recurrence: bool) -> None:
    mail = f"host2@{site.name}.example"
    host, guest = site.client(), site.client("host2")
    unlisted = {"listToPublic": False, "isPublic": False}
    statuses = ("INVITE", "ACCEPT", "REGISTER", "REJECT")
    parts = {status: attendee(mail, joinStatus=status) for status in statuses}
    parts["alternate"] = attendee(mail, role="HOST", joinStatus="REJECT")
    for name, part in parts.items():
        key = create(host, name, accessControl=unlisted, participants={"attendees": {"attendee": part}})
        told = guest.call("ep.GetSessionInfo", sessionKey=key).ok().all("metaData/confName")
        assert bool(told) == (name in ("INVITE", "ACCEPT", "alternate"))
    expected = ["ACCEPT", "INVITE", "alternate"]
    for operation in (MEETINGS, OLD_MEETINGS):
        answer = guest.call(operation, control(1, 2)).ok()
        assert answer.value("matchingRecords/total") == "3"
        assert sorted(names(guest.call(operation).ok())) == expected
    asked: dict[str, Any] = {"recurrence": recurrence, "invited": True}
    answer = guest.call(SESSIONS, control(1, 2), **asked).ok()
    assert answer.value("matchingRecords/total") == "3"
    assert sorted(names(guest.call(SESSIONS, **asked).ok())) == expected
    assert sorted(names(host.call(SESSIONS, **asked).ok())) == sorted(parts)


OF_HOST2 = ["alternate", "invited", "private", "public"]
OF_ALL = sorted([*OF_HOST2, "own", "own, unlisted", "admin's"])


@pytest.mark.parametrize(
    ("who", "operation", "asked", "expected"),
    [
        ("host1", MEETINGS, {}, ["alternate", "invited", "own", "own, unlisted"]),
        ("host1", OLD_MEETINGS, {}, ["alternate", "invited", "own", "own, unlisted"]),
        ("host1", SESSIONS, {}, ["alternate", "own", "own, unlisted"]),
        ("host1", SESSIONS, {"invited": False}, ["alternate", "own", "own, unlisted"]),
        ("host1", SESSIONS, {"invited": True}, ["alternate", "invited", "own", "own, unlisted"]),
        (
            "host1",
            SESSIONS,
            {"invited": True, "hostWebExID": "HOST1"},
            ["alternate", "invited", "own", "own, unlisted"],
        ),
        ("host1", MEETINGS, {"hostWebExID": " Host1 "}, ["alternate", "invited", "own", "own, unlisted"]),
        ("host2", MEETINGS, {}, OF_HOST2),
        ("host2", SESSIONS, {"hostEmail": "Host2@{site}.EXAMPLE"}, OF_HOST2),
        ("attendee1", MEETINGS, {}, ["invited"]),
        ("attendee1", OLD_MEETINGS, {}, ["invited"]),
        ("attendee1", SESSIONS, {"invited": True}, ["invited"]),
        ("attendee1", SESSIONS, {}, []),
        ("admin", MEETINGS, {}, OF_ALL),
        ("admin", OLD_MEETINGS, {}, OF_ALL),
        ("admin", SESSIONS, {}, OF_ALL),
        ("admin", SESSIONS, {"hostWebExID": "", "hostEmail": " "}, OF_ALL),
        ("admin", MEETINGS, {"hostWebExID": "host2"}, OF_HOST2),
        ("admin", SESSIONS, {"hostWebExID": "host2"}, OF_HOST2),
        ("admin", SESSIONS, {"hostWebExID": "host1"}, ["alternate", "own", "own, unlisted"]),
        ("admin", SESSIONS, {"hostEmail": "host1@{site}.example"}, ["alternate", "own", "own, unlisted"]),
        ("admin", SESSIONS, {"hostWebExID": "attendee1", "invited": True}, ["invited"]),
        ("admin", SESSIONS, {"hostWebExID": "nobody"}, []),
        ("admin", MEETINGS, {"hostWebExID": "nobody"}, []),
        ("admin", SESSIONS, {"hostEmail": "nobody@{site}.example"}, []),
    ],
)
def test_whose(peopled: TestSite, who: str, operation: str, asked: dict[str, Any], expected: list[str]) -> None:
    values = {
        name: value.format(site=peopled.name) if isinstance(value, str) else value for name, value in asked.items()
    }
    answer = peopled.client(who).call(operation, values)
    assert sorted(names(answer)) == expected
    if expected:
        assert answer.value("matchingRecords/total") == str(len(expected))


@pytest.mark.parametrize("who", ["host1", "attendee1"])
def test_nobody_else_sees_the_sessions_of_another(peopled: TestSite, who: str) -> None:
    client = peopled.client(who)
    for named in ({"hostWebExID": "host2"}, {"hostWebExID": "admin"}, {"hostWebExID": "nobody"}):
        client.call(MEETINGS, named).failed("000001")
        client.call(SESSIONS, named).failed("000001")
    client.call(SESSIONS, hostEmail=f"host2@{peopled.name}.example").failed("000001")
    client.call(SESSIONS, hostEmail="nobody@x.example").failed("000001")


def test_a_read_only_administrator_sees_all(peopled: TestSite) -> None:
    peopled.set_user("attendee1", ro_site_admin=True)
    try:
        assert sorted(listed(peopled.client("attendee1"), SESSIONS)) == OF_ALL
    finally:
        peopled.set_user("attendee1", ro_site_admin=False)


def test_without_an_account_there_is_nothing(peopled: TestSite) -> None:
    peopled.client(None, None).call(SESSIONS).failed(NOTHING)


def test_the_key_of_anothers_session_finds_nothing(peopled: TestSite) -> None:
    key = peopled.client("host2").call(SESSIONS, confName="private").ok().value("session/sessionKey")
    for operation, name in ((MEETINGS, "meetingKey"), (OLD_MEETINGS, "meetingKey"), (SESSIONS, "sessionKey")):
        peopled.client("host1").call(operation, {name: key}).failed(NOTHING)
        peopled.server.new_site().client("admin").call(operation, {name: key}).failed(NOTHING)
        assert listed(peopled.client("admin"), operation, **{name: key}) == ["private"]


def test_the_old_list_tells_guests_no_password(peopled: TestSite) -> None:
    answer = peopled.client("host1").call(OLD_MEETINGS, order={"orderBy": "CONFNAME"}).ok()
    assert names(answer) == ["alternate", "invited", "own", "own, unlisted"]
    assert len(answer.all("accessControl/meetingPassword")) == 2
    assert answer.all("attendee/person/email") == []


# --- which -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(shared_site: TestSite) -> TestSite:
    """A site with sessions of several services and types."""
    site = shared_site.server.new_site()
    client = site.client()
    for name, meeting_type, day in (("Plan A", 3, 2), ("plan b", 3, 3), ("A plan", 1, 4), ("Plänkeln", 101, 5)):
        create(
            client, name, metaData={"confName": name, "meetingType": meeting_type}, schedule={"startDate": in_days(day)}
        )
    now = site.server.clock.now()
    for name, service, session_type, day in (
        ("Audio", "MeetingCenter", 16, 6),
        ("Plan of lessons", "TrainingCenter", 104, 7),
        ("Webinar", "EventCenter", 103, 8),
        ("Help", "SupportCenter", 13, 9),
        ("Remote", "SupportCenter", 10, 10),
    ):
        start = (now // DAY + day) * DAY + 10 * 3600
        put(site, "host1", name=name, service=service, session_type=session_type, next_start=start)
    return site


MEETINGS_OF_MIXED = ["Plan A", "plan b", "A plan", "Plänkeln", "Audio"]
OTHERS_OF_MIXED = ["Plan of lessons", "Webinar", "Help", "Remote"]


def services(*named: str) -> dict[str, Any]:
    """A serviceTypes element."""
    return {"serviceTypes": {"serviceType": list(named)}}


def types(*numbers: int) -> dict[str, Any]:
    """A sessionTypes element."""
    return {"sessionTypes": {"sessionType": list(numbers)}}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, MEETINGS_OF_MIXED + OTHERS_OF_MIXED),
        ({"serviceTypes": {}}, MEETINGS_OF_MIXED + OTHERS_OF_MIXED),
        (services("MeetingCenter"), MEETINGS_OF_MIXED[:4]),
        (services("meetingcenter"), MEETINGS_OF_MIXED[:4]),
        (services("MeetingCenter") | types(16, 3), ["Plan A", "plan b", "Audio"]),
        (services("EventCenter", "TrainingCenter"), ["Plan of lessons", "Webinar"]),
        (services("SupportCenter"), ["Help"]),
        (services("SupportCenter") | types(10), ["Remote"]),
        (services("SalesCenter"), []),
        (types(16), ["Audio"]),
        (types(1, 103), ["A plan", "Webinar"]),
        (types(999), []),
        ({"confName": "plan"}, ["Plan A", "plan b", "Plan of lessons"]),
        ({"confName": "PLAN "}, ["Plan A", "plan b", "Plan of lessons"]),
        ({"confName": "PLÄN"}, ["Plänkeln"]),
        ({"confName": "lan"}, []),
        ({"confName": "%"}, []),
        ({"confName": "plan_a"}, []),
        ({"confName": ""}, MEETINGS_OF_MIXED + OTHERS_OF_MIXED),
        ({"confName": "plan"} | services("TrainingCenter"), ["Plan of lessons"]),
        ({"confName": "a", **types(16)}, ["Audio"]),
        ({"confName": "a", **types(3), **control(1, 20, "AND")}, []),
        ({"confName": "a", **types(3), **control(1, 20, "OR")}, ["Plan A", "plan b", "A plan", "Audio"]),
        (scope(startDateEnd=in_days(3)) | types(103) | control(1, 20, "OR"), ["Plan A", "plan b", "Webinar"]),
        (scope(startDateStart=in_days(3), startDateEnd=in_days(4)), ["plan b", "A plan"]),
        (scope(startDateStart=in_days(8, 11)), ["Help", "Remote"]),
        (scope(startDateStart=in_days(4), endDateEnd=in_days(6, 10)), ["A plan", "Plänkeln"]),
        (scope(startDateStart=in_days(5), endDateEnd=in_days(6, 11)), ["Plänkeln", "Audio"]),
        (scope(endDateStart=in_days(9, 11)), ["Help", "Remote"]),
        (scope(startDateStart=in_days(20)), []),
        (scope(startDateStart=in_days(4), startDateEnd=in_days(3)), []),
    ],
)
def test_which_sessions(mixed: TestSite, asked: dict[str, Any], expected: list[str]) -> None:
    for who in ("host1", "admin"):
        found = listed(mixed.client(who), SESSIONS, **{**control(1, 20), **asked})
        assert found == expected, who
        found = listed(mixed.client(who), SESSIONS, **{**control(1, 20), **asked}, recurrence=True)
        assert found == expected, who


def test_meetings_are_those_of_the_meeting_service(mixed: TestSite) -> None:
    for who in ("host1", "admin"):
        assert listed(mixed.client(who), MEETINGS, **control(1, 20)) == MEETINGS_OF_MIXED[:4]
        assert listed(mixed.client(who), OLD_MEETINGS, **control(1, 20)) == MEETINGS_OF_MIXED[:4]
        assert listed(mixed.client(who), MEETINGS, **scope(startDateStart=in_days(4, 9))) == MEETINGS_OF_MIXED[2:4]


def test_either_key_or_date_of_a_meeting(mixed: TestSite) -> None:
    client = mixed.client()
    key = client.call(SESSIONS, confName="A plan").ok().value("sessionKey")
    either = {"meetingKey": key, **scope(startDateStart=in_days(5)), **control(1, 20, "OR")}
    for operation in (MEETINGS, OLD_MEETINGS):
        assert listed(client, operation, **either) == ["A plan", "Plänkeln"]
        assert listed(client, operation, **either | control(1, 20, "AND")) == []
        assert listed(client, operation, **control(1, 20, "OR")) == MEETINGS_OF_MIXED[:4]


def test_keys_and_numbers(mixed: TestSite) -> None:
    client = mixed.client()
    row = client.call(SESSIONS, confName="plan b").ok()
    key, number = row.value("sessionKey"), row.value("confID")
    assert listed(client, SESSIONS, sessionKey=key) == ["plan b"]
    assert listed(client, SESSIONS, confID=number) == ["plan b"]
    assert listed(client, SESSIONS, sessionKey=key, confID="1") == []
    assert listed(client, MEETINGS, meetingKey=key) == ["plan b"]
    assert listed(client, OLD_MEETINGS, meetingkey=key) == ["plan b"]
    uuid = get(client, key or "").ok().value("meetingUUID")
    for operation in NAMES:
        assert listed(client, operation, meetingUUID=uuid) == ["plan b"]
        assert listed(client, operation, meetingUUID="0" * 32) == []


def test_values_that_do_not_exist(mixed: TestSite) -> None:
    client = mixed.client()
    for asked, path in (
        (services("Nothing"), "serviceTypes/serviceType"),
        (types() | {"sessionTypes": {"sessionType": "x"}}, "sessionTypes/sessionType"),
        ({"status": "OVER"}, "status"),
        (scope(timeZoneID=77), "dateScope/timeZoneID"),
        ({"listControl": {"listMethod": "XOR"}}, "listControl/listMethod"),
        ({"listControl": {"startFrom": "one"}}, "listControl/startFrom"),
        (types(*range(1, 2000)), "session"),
    ):
        assert path in (client.call(SESSIONS, asked).failed("999999").reason or "")
    for operation in NAMES:
        answer = client.call(operation, scope(startDateStart="2030-01-01")).failed("999999")
        assert answer.reason == "Date format should be MM/dd/yyyy HH:mm:ss"


def test_status(site: TestSite) -> None:
    client = site.client()
    create(client, "waiting")
    alter(site, create(client, "running"), status="INPROGRESS", host_joined=True, participants_joined=True)
    running = client.call(SESSIONS, status="INPROGRESS").ok()
    assert names(running) == ["running"]
    assert (running.value("hostJoined"), running.value("participantsJoined")) == ("true", "true")
    assert listed(client, SESSIONS, status="NOT_INPROGRESS") == ["waiting"]
    assert sorted(listed(client, SESSIONS)) == ["running", "waiting"]
    row = client.call(MEETINGS, **by("CONFNAME")).ok()
    assert row.all("meeting/status") == ["INPROGRESS", "NOT_INPROGRESS"]


def test_a_row_of_sessions(site: TestSite) -> None:
    client = site.client()
    alternate = attendee(f"host2@{site.name}.example", role="HOST")
    access = {"listToPublic": True, "isPublic": False}
    schedule = {"startDate": "06/15/2035 10:00:00", "timeZoneID": BERLIN, "duration": 45, "openTime": 600}
    people = {"attendees": {"attendee": [alternate]}}
    key = create(client, "Row", accessControl=access, schedule=schedule, participants=people)
    answer = client.call(SESSIONS, sessionKey=key).ok()
    expected = {
        "sessionKey": key,
        "confName": "Row",
        "sessionType": "3",
        "serviceType": "MeetingCenter",
        "hostWebExID": "host1",
        "hostFirstName": "Host1",
        "hostLastName": "Tester",
        "otherHostWebExID": "host2",
        "timeZoneID": str(BERLIN),
        "timeZone": "GMT+01:00, Europe (Berlin)",
        "status": "NOT_INPROGRESS",
        "startTime": "06/15/2035 08:00:00",
        "openTime": "600",
        "duration": "45",
        "listStatus": "PRIVATE",
        "hostEmail": f"host1@{site.name}.example",
        "passwordReq": "true",
        "hostJoined": "false",
        "participantsJoined": "false",
        "registration": "false",
        "isRecurring": "false",
        "altHost": "false",
        "isAudioOnly": "false",
        "telePresence": "false",
    }
    assert {name: answer.value(f"session/{name}") for name in expected} == expected
    assert "psoFields" not in answer.names("session")
    assert "psoFields" in client.call(SESSIONS, sessionKey=key, returnPSOFields=True).ok().names("session")
    assert site.client("host2").call(SESSIONS, sessionKey=key).ok().value("altHost") == "true"


# --- zones -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def zoned(shared_site: TestSite) -> TestSite:
    """A site with meetings at 10:00 in Berlin, one in summer and one in winter."""
    site = shared_site.server.new_site()
    for name, month in (("summer", 6), ("winter", 12)):
        start = {"startDate": f"{month:02d}/15/2035 10:00:00", "timeZoneID": BERLIN}
        create(site.client(), name, schedule=start)
    return site


class TestZones:
    """10:00 in Berlin in summer is 08:00 in GMT and 01:00 in San Francisco, the zone of all accounts."""

    @pytest.mark.parametrize(
        ("zone", "date", "found"),
        [
            (GMT, "06/15/2035 08:00:00", True),
            (GMT, "06/15/2035 08:00:01", False),
            (BERLIN, "06/15/2035 10:00:00", True),
            (BERLIN, "06/15/2035 10:00:01", False),
            (45, "06/15/2035 16:00:00", True),
            (45, "06/15/2035 16:00:01", False),
            (4, "06/15/2035 01:00:00", True),
            (4, "06/15/2035 01:00:01", False),
        ],
    )
    def test_bounds_are_read_in_the_zone_of_the_scope(self, zoned: TestSite, zone: int, date: str, found: bool) -> None:
        for operation in NAMES:
            asked = scope(timeZoneID=zone, startDateStart=date, startDateEnd="07/01/2035 00:00:00")
            assert listed(zoned.client(), operation, **asked) == (["summer"] if found else [])

    @pytest.mark.parametrize("zone", [None, -1])
    def test_without_a_zone_meetings_go_by_the_callers_and_sessions_by_gmt(
        self, zoned: TestSite, zone: int | None
    ) -> None:
        client = zoned.client()

        def first(operation: str, date: str) -> list[str]:
            return listed(client, operation, **scope(timeZoneID=zone, startDateStart=date), **control(1, 1))

        for operation in (MEETINGS, OLD_MEETINGS):
            assert first(operation, "06/15/2035 01:00:00") == ["summer"]
            assert first(operation, "06/15/2035 01:00:01") == ["winter"]
        assert first(SESSIONS, "06/15/2035 08:00:00") == ["summer"]
        assert first(SESSIONS, "06/15/2035 08:00:01") == ["winter"]

    @pytest.mark.parametrize(
        ("dates", "summer", "winter"),
        [
            ({}, "06/15/2035 08:00:00", "12/15/2035 09:00:00"),
            (scope(timeZoneID=BERLIN), "06/15/2035 10:00:00", "12/15/2035 10:00:00"),
            (scope(timeZoneID=4), "06/15/2035 01:00:00", "12/15/2035 01:00:00"),
            (scope(timeZoneID=45), "06/15/2035 16:00:00", "12/15/2035 17:00:00"),
            (scope(timeZoneID=-1), "06/15/2035 08:00:00", "12/15/2035 09:00:00"),
        ],
    )
    def test_start_times_of_sessions(self, zoned: TestSite, dates: dict[str, Any], summer: str, winter: str) -> None:
        answer = zoned.client().call(SESSIONS, dates).ok()
        assert answer.all("session/startTime") == [summer, winter]
        assert answer.all("session/timeZoneID") == [str(BERLIN)] * 2

    def test_the_zone_of_the_scope_is_shown_where_asked_for(self, zoned: TestSite) -> None:
        answer = zoned.client().call(SESSIONS, scope(timeZoneID=45, returnSpecifiedTimeZone="TRUE")).ok()
        assert answer.all("session/timeZoneID") == ["45", "45"]
        assert answer.value("session/timeZone") == "GMT+08:00, China (Beijing)"
        assert answer.value("session/startTime") == "06/15/2035 16:00:00"

    def test_meetings_are_shown_in_their_own_zone(self, zoned: TestSite) -> None:
        answer = zoned.client().call(MEETINGS, scope(timeZoneID=45)).ok()
        assert answer.all("meeting/startDate") == ["06/15/2035 10:00:00", "12/15/2035 10:00:00"]
        assert answer.all("meeting/timeZone") == ["GMT+01:00, Europe (Berlin)"] * 2


# --- time goes on ----------------------------------------------------------------------------------------------------


@pytest.fixture
def later(server: Server) -> Callable[..., None]:
    """Moves the server's clock on: `later(hours=2)`."""

    def move(**units: float) -> None:
        server.clock.ahead += int(timedelta(**units).total_seconds())

    return move


def test_ended_meetings_leave_the_list(site: TestSite, later: Callable[..., None]) -> None:
    client, admin = site.client(), site.client("admin")
    now = datetime.now(UTC)
    for minutes, name in ((10, "first"), (60, "second"), (3000, "third")):
        start = (now + timedelta(minutes=minutes)).strftime("%m/%d/%Y %H:%M:%S")
        create(client, name, schedule={"startDate": start, "timeZoneID": GMT, "duration": 30})
    everything = scope(startDateStart=in_days(-2))

    def shown() -> list[list[str]]:
        return [listed(who, operation) for who in (client, admin) for operation in NAMES]

    assert shown() == [["first", "second", "third"]] * 6
    later(minutes=39)  # the first one is on
    assert shown() == [["first", "second", "third"]] * 6
    later(minutes=2)  # and over
    assert shown() == [["second", "third"]] * 6
    later(minutes=50)
    assert shown() == [["third"]] * 6
    for operation in NAMES:
        assert listed(client, operation, **everything) == ["first", "second", "third"]
        assert listed(admin, operation, **everything) == ["first", "second", "third"]
    later(days=3)
    assert shown() == [[]] * 6


def test_a_meeting_that_is_over_can_still_be_read_and_moved(site: TestSite, later: Callable[..., None]) -> None:
    client = site.client()
    key = create(client, "again", schedule={"startDate": in_days(1)})
    later(days=3)
    assert listed(client, MEETINGS) == []
    assert get(client, key).ok().value("metaData/confName") == "again"
    client.call("meeting.SetMeeting", meetingkey=key, schedule={"startDate": in_days(5)}).ok()
    assert listed(client, MEETINGS) == ["again"]


def test_a_deleted_meeting_leaves_the_list_at_once(site: TestSite) -> None:
    client = site.client()
    create(client, "stays")
    key = create(client, "goes")
    client.call("meeting.DelMeeting", meetingKey=key).ok()
    for operation in NAMES:
        assert listed(client, operation) == ["stays"]
        assert listed(site.client("admin"), operation) == ["stays"]


class TestModified:
    """Lists by the date of the last change."""

    def _range(self, start: int | None, end: int | None) -> dict[str, Any]:
        dates = (("modifiedDateStart", start), ("modifiedDateEnd", end))
        return {name: in_days(day) for name, day in dates if day is not None}

    def test_sessions_changed_within_a_range(self, site: TestSite, later: Callable[..., None]) -> None:
        client, admin = site.client(), site.client("admin")
        first = create(client, "made first", schedule={"startDate": in_days(300)})
        later(days=5)
        create(client, "made later", schedule={"startDate": in_days(299)})
        later(days=5)
        for who in (client, admin):
            assert listed(who, SESSIONS, **self._range(-1, 2)) == ["made first"]
            assert listed(who, SESSIONS, **self._range(2, 7)) == ["made later"]
            assert listed(who, SESSIONS, **self._range(-1, 7)) == ["made later", "made first"]
            assert listed(who, SESSIONS, **self._range(7, 12)) == []
            assert listed(who, SESSIONS, **self._range(2, None)) == ["made later"]
        client.call("meeting.SetMeeting", meetingkey=first, metaData={"agenda": "x"}).ok()
        assert listed(client, SESSIONS, **self._range(-1, 2)) == []
        assert listed(client, SESSIONS, **self._range(7, 12)) == ["made first"]

    def test_the_date_scope_does_not_count_beside(self, site: TestSite) -> None:
        client = site.client()
        create(client, "far", schedule={"startDate": in_days(300)})
        far = scope(startDateStart=in_days(1), startDateEnd=in_days(2))
        assert listed(client, SESSIONS, **far) == []
        assert listed(client, SESSIONS, **far, **self._range(-1, 1)) == ["far"]
        assert listed(client, SESSIONS, **self._range(-1, 1), confName="near") == []

    def test_a_range_over_two_weeks_is_cut(self, site: TestSite, later: Callable[..., None]) -> None:
        client = site.client()
        for name, days in (("day 0", 10), ("day 10", 10), ("day 20", 1)):
            create(client, name, schedule={"startDate": in_days(300)})
            later(days=days)
        assert sorted(listed(client, SESSIONS, **self._range(-1, 40))) == ["day 0", "day 10"]
        assert sorted(listed(client, SESSIONS, **self._range(7, 21))) == ["day 10", "day 20"]
