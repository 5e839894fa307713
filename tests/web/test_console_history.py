"""The history in the console: the own sessions, one of them with its people, and who sees whose."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

import msgspec
import pytest

from parley.domain.history import Known, Part
from parley.services import presence
from parley.store import Changes, feedback, runs
from parley.store.feedback import Feedback
from tests.server import TestSite
from tests.services.stages import DAY, Guest, Stage, host
from tests.store.test_history_lists import a_run, a_stay
from tests.web.console import Person
from tests.web.recordings import recorded
from tests.web.test_pages import NASTY


@pytest.fixture
def stage(site: TestSite) -> Stage:
    return Stage(site)


def table(person: Person, path: str) -> list[dict[str, str]]:
    """A table that was loaded, by the names of its columns."""
    answer = person.http.get(person.address(path))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["cache-control"] == "no-store"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def bring(stage: Stage, name: str, started_at: int, *people: str, who: str = "host1", **more: object) -> int:
    """A run that ended, as an import brings it; its confID."""
    known = stage.run(stage.known()).site
    user = stage.site.users[who]
    run = a_run(known, name=name, started_at=started_at, host_id=user.user_id, host_web_ex_id=who, **more)
    run.participants = run.attended = len(people)

    async def put() -> None:
        changes = Changes()
        runs.bring_run(changes, run)
        for each in people:
            runs.bring_stay(changes, a_stay(run, name=each, person_key=each))
        await stage.application.engine.commit(changes)

    stage.run(put())
    return run.conf_id


def test_nothing_yet(person: Person) -> None:
    page = person.open("history")
    assert (person.status, person.heading) == (200, "History")
    assert "No session has taken place yet." in page
    assert 'aria-current="page">History' in page
    assert "kept for 90 days" in page
    assert table(person, "history/sessions.csv") == []


def test_the_list_has_all_kinds_the_newest_first(stage: Stage, person: Person) -> None:
    stage.hold(stage.meeting(NASTY), host(0, 3600), Guest("Ann", 60, 600), start=stage.start - DAY)
    stage.hold(stage.event("Launch"), host(0, 1800), start=stage.start)
    stage.hold(stage.training("Basics"), host(0, 60), start=stage.start - 2 * DAY)
    stage.hold(stage.meeting("Of somebody else", host="host2"), Guest("Host2", 0, 60, Part.HOST))
    page = person.open("history")
    assert page.index("Launch") < page.index(NASTY) < page.index("Basics")
    assert "<script>alert" not in person.page
    assert "Of somebody else" not in page
    assert "Meeting · People: 2 · 1 hour" in page
    assert "Event · People: 1 · 30 minutes" in page
    assert "Training · People: 1 · 1 minute" in page


def test_one_session_with_its_people_and_numbers(stage: Stage, person: Person) -> None:
    key = stage.meeting("Review")
    guests = (
        host(0, 600),
        Guest("Ann <b>", 60, 60, email="ann@guests.example"),
        Guest("Ann <b>", 240, 120, email="ann@guests.example"),
        Guest("Bob", 90, 300, email="bob@guests.example"),
    )
    conf_id = stage.hold(key, *guests)
    page = person.open(f"history/{conf_id}")
    assert person.heading == "Review"
    told = stage.ask("LstmeetingusageHistory").ok()
    people = told.value("meetingUsageHistory/totalParticipants")
    spent = told.value("meetingUsageHistory/totalPeopleMinutes")
    assert (people, spent) == ("3", "18")
    for name, value in (("People", people), ("Most at once", "3"), ("Length", "10 minutes")):
        assert re.search(rf"{name}</span> <strong>{value}<", page), name
    assert f"<strong>{spent}</strong>" in page
    assert page.count(f"history/{conf_id}/people/") == 4
    assert "ann@guests.example" in page
    assert "Ann <b>" in page
    assert "<b>" not in person.page
    assert f'href="/{stage.site.name}/console/meetings/{key}"' in page
    # The line goes from one person to three at most, and back.
    assert 'role="img"' in page
    assert re.search(r'<path class="line" d="M0 66\.67H', page)
    assert "Most people at once: 3, from" in page
    assert "style=" not in person.page


def test_the_people_as_a_table_are_those_of_the_api(stage: Stage, person: Person) -> None:
    guests = (
        host(0, 600, voip=90),
        Guest("=1+1", 60, 61, email="ann@guests.example", more={"ip_address": "203.0.113.5", "client_agent": "MAC,FF"}),
    )
    conf_id = stage.hold(stage.meeting("Review"), *guests)
    rows = table(person, f"history/{conf_id}/people.csv")
    told = stage.ask("LstmeetingattendeeHistory", {"confID": conf_id}).ok()
    assert [row["Name"].removeprefix("'") for row in rows] == told.all("meetingAttendeeHistory/name")
    assert [row["Minutes"] for row in rows] == told.all("meetingAttendeeHistory/duration")
    assert [row["Minutes with audio"] for row in rows] == told.all("meetingAttendeeHistory/voipDuration")
    assert rows[1]["Name"] == "'=1+1"
    assert rows[1]["E-mail"] == "ann@guests.example"
    assert (rows[1]["IP address"], rows[1]["Program"]) == ("203.0.113.5", "MAC,FF")
    listed = table(person, "history/sessions.csv")
    assert [(row["Name"], row["People"], row["Minutes"], row["Run"]) for row in listed] == [
        ("Review", "2", "10", str(conf_id))
    ]


def test_a_session_that_goes_on(stage: Stage, person: Person) -> None:
    key = stage.meeting("Now")
    now = stage.application.clock.now()
    here = stage.run(stage.joined(key, Guest("Ann", 0, email="ann@guests.example"), now - 600))
    stage.run(stage.joined(key, host(), now - 300))
    page = person.open("history")
    assert "In progress" in page
    assert "Present: 2" in page
    page = person.open(f"history/{here.conf_id}")
    assert "in progress" in page
    assert re.search(r"People</span> <strong>2<", page)
    assert page.count("Present</span>") == 2
    assert '<path class="line" d="M0 50H' in page
    assert "Who was to come" not in page
    assert table(person, f"history/{here.conf_id}/people.csv")[0]["Minutes"] == ""
    stage.run(presence.end_run(stage.application, stage.site.site_id, here.conf_id))
    assert "In progress" not in person.open("history")


def test_who_was_to_come_and_who_came(stage: Stage, person: Person) -> None:
    conf_id = bring(stage, "Launch", stage.start, "Ann", "Bob", service="EventCenter", invited=4, registered=3)
    page = person.open(f"history/{conf_id}")
    for text in ("Invited: 4", "Registered: 3", "Registered and came: 0", "Came: 2"):
        assert text in page
    assert 'width="75.0%"' in page


def test_a_person_with_the_answers_of_the_registration(stage: Stage, person: Person) -> None:
    site = stage.run(stage.known()).site
    run = a_run(site, name="Launch", started_at=stage.start, host_id=stage.site.users["host1"].user_id)
    known = Known(title="Dr", phone="+49 30 1", zip="10115", questions=(("Why?", NASTY),), source="Radio")
    stay = a_stay(run, name="Ada", city="Berlin", company="Analytical", ip_address="203.0.113.9")
    stay.document = msgspec.json.encode(known).decode()
    second = a_run(site, name="Other", started_at=stage.start, host_id=stage.site.users["host1"].user_id)

    async def put() -> None:
        changes = Changes()
        runs.bring_run(changes, run)
        runs.bring_run(changes, second)
        runs.bring_stay(changes, stay)
        await stage.application.engine.commit(changes)

    stage.run(put())
    page = person.open(f"history/{run.conf_id}/people/{stay.stay_id}")
    assert person.heading == "Ada"
    for text in ("Dr", "Analytical", "10115 Berlin", "203.0.113.9", "Why?", NASTY, "Radio"):
        assert text in page
    assert "<script>alert" not in person.page
    assert NASTY in table(person, f"history/{run.conf_id}/people.csv")[0]["Answers"]
    for path in (f"{second.conf_id}/people/{stay.stay_id}", f"{run.conf_id}/people/{2**63}", f"{run.conf_id}/people/1"):
        person.open(f"history/{path}")
        assert person.status == 404, path


def test_pages_are_turned_both_ways(stage: Stage, person: Person) -> None:
    for number in range(60):
        # Several begin in the same second.
        bring(stage, f"Talk {number:02}", stage.start - 3600 * (number // 3))
    seen: list[str] = []
    page = person.open("history")
    assert "Newer" not in page
    while True:
        found = re.findall(r"Talk \d\d", page)
        seen += found
        link = re.search(r'console/(history\?[^"]+)">Older', page)
        if link is None:
            break
        page = person.open(link[1])
    assert len(seen) == len(set(seen)) == 60
    backwards = found
    while link := re.search(r'console/(history\?[^"]+)">Newer', page):
        page = person.open(link[1])
        backwards = re.findall(r"Talk \d\d", page) + backwards
    assert page.count("Talk ") == 25
    assert set(backwards) == set(seen)
    assert len(table(person, "history/sessions.csv")) == 60
    for odd in ("before=x", "before=1", "after=.", f"before={'9' * 30}.1", "after=0.0", "before=1.1.1", "after=²."):
        assert person.open(f"history?{odd}")
        assert person.status == 200, odd


def test_finding_by_name_day_and_kind(stage: Stage, person: Person) -> None:
    bring(stage, "Alpha one", stage.start)
    bring(stage, "alphabet", stage.start - 10 * DAY)
    bring(stage, "Beta", stage.start - 10 * DAY, service="EventCenter")
    day = datetime.fromtimestamp(stage.start - 10 * DAY, UTC).date().isoformat()

    def found(query: str) -> list[str]:
        page = person.open(f"history?{query}")
        assert person.status == 200, query
        return [name for name in ("Alpha one", "alphabet", "Beta") if f">{name}</a>" in page]

    assert found("name=ALPHA") == ["Alpha one", "alphabet"]
    assert found("name=one") == []
    assert "Nothing of the kind has taken place." in person.page
    assert found("kind=EventCenter") == ["Beta"]
    assert found("kind=Unknown") == ["Alpha one", "alphabet", "Beta"]
    # The reader's day may begin some hours earlier or later.
    first = datetime.fromtimestamp(stage.start - 11 * DAY, UTC).date().isoformat()
    last = datetime.fromtimestamp(stage.start - 9 * DAY, UTC).date().isoformat()
    assert found(f"from={first}&until={last}") == ["alphabet", "Beta"]
    assert found(f"from={first}&until={last}&name=alpha&kind=MeetingCenter") == ["alphabet"]
    before = datetime.fromtimestamp(stage.start - 12 * DAY, UTC).date().isoformat()
    assert found(f"until={before}") == []
    assert found(f"from=x{day}&until=y") == ["Alpha one", "alphabet", "Beta"]
    assert len(table(person, f"history/sessions.csv?from={first}&until={last}")) == 2
    for edge in ("from=2198-12-31&until=1971-01-01", "from=1971-01-01&until=2198-12-31", "until=0000-00-00"):
        person.open(f"history?{edge}")
        assert person.status == 200, edge
    hostile = "%3Cscript%3E%22%27%00" + "x" * 10_000
    assert found(f"name={hostile}&kind={hostile}&from={hostile}&host={hostile}&all=1") == []
    assert "<script>x" not in person.page


def test_recordings_and_what_was_said(stage: Stage, person: Person, admin: Person) -> None:
    key = stage.meeting("Review")
    conf_id = stage.hold(key, host(0, 600))
    row = recorded(stage.site, "Review as film", session_key=key, conf_id=conf_id)
    page = person.open(f"history/{conf_id}")
    assert f"console/recordings/{row.recording_id}" in page
    page = admin.open(f"history/{conf_id}")
    assert f"ldr.php?RCID={row.stream_rcid}" in page


def test_what_was_said_afterwards(stage: Stage, person: Person) -> None:
    conf_id = stage.hold(stage.event("Launch"), host(0, 600))
    row = stage.row(conf_id)

    async def put() -> None:
        changes = Changes()
        for number, document in enumerate(('{"setup":5,"comment":"Fine <i>"}', '{"setup":4}'), 1):
            feedback.put(
                changes, Feedback(row.site_id, number, row.session_key, conf_id, 0, stage.start + number, document)
            )
        await stage.application.engine.commit(changes)

    stage.run(put())
    page = person.open(f"history/{conf_id}")
    assert "4.5 of 5" in page
    assert "Fine <i>" in page
    assert "<i>" not in person.page


def test_another_hosts_sessions_are_not_there(stage: Stage, other: Person) -> None:
    conf_id = stage.hold(stage.meeting("Review"), host(0, 600))
    stay = stage.stays(conf_id)[0].stay_id
    assert "Review" not in other.open("history?all=1&host=host1")
    assert table(other, "history/sessions.csv?all=1&host=host1") == []
    for path in (f"{conf_id}", f"{conf_id}/people.csv", f"{conf_id}/people/{stay}"):
        other.open(f"history/{path}")
        assert other.status == 404, path


def test_another_sites_sessions_are_not_there(stage: Stage, admin: Person) -> None:
    elsewhere = Stage(stage.site.server.new_site())
    conf_id = elsewhere.hold(elsewhere.meeting("Elsewhere"), host(0, 600))
    for path in (f"{conf_id}", f"{conf_id}/people.csv", f"{2**63}", "0"):
        admin.open(f"history/{path}")
        assert admin.status == 404, path
    assert "Elsewhere" not in admin.open("history?all=1")


@pytest.mark.parametrize("name", ["admin", "host2"])
def test_administrators_see_all_hosts(stage: Stage, name: str) -> None:
    stage.site.set_user("host2", ro_site_admin=True)
    conf_id = stage.hold(stage.meeting("Review"), host(0, 600))
    person = Person(stage.site, name)
    assert ">Review</a>" not in person.open("history")
    page = person.open("history?all=1")
    assert ">Review</a>" in page
    assert stage.row(conf_id).host_name in page
    assert ">Review</a>" in person.open("history?host=HOST1")
    assert ">Review</a>" not in person.open("history?host=admin")
    assert "No account has this name." in person.open("history?host=nobody")
    assert ">Review</a>" not in person.page
    assert len(table(person, "history/sessions.csv?all=1")) == 1
    person.open(f"history/{conf_id}")
    assert (person.status, person.heading) == (200, "Review")
    person.close()


def test_nobody_and_attendees_look_at_nothing(stage: Stage) -> None:
    conf_id = stage.hold(stage.meeting("Review"), host(0, 600))
    nobody, attendee = Person(stage.site), Person(stage.site, "attendee1")
    for path in ("history", "history/sessions.csv", f"history/{conf_id}", f"history/{conf_id}/people.csv"):
        nobody.open(path)
        assert nobody.where == "sign-in", path
        attendee.open(path)
        assert attendee.status == 403, path
    nobody.close()
    attendee.close()


def test_many_people_come_in_pages(stage: Stage, person: Person) -> None:
    conf_id = bring(stage, "Big", stage.start, *(f"Person {number:03}" for number in range(230)))
    page = person.open(f"history/{conf_id}")
    assert page.count(f"{conf_id}/people/") == 100
    assert "Page 1 of 3" in page
    assert person.open(f"history/{conf_id}?page=9").count(f"{conf_id}/people/") == 30
    assert len(table(person, f"history/{conf_id}/people.csv")) == 230


def test_long_names_keep_pages_small(stage: Stage, person: Person) -> None:
    long = "<&\"'>" * 2000
    found = [
        bring(stage, f"{number}{long}", stage.start - number, *(f"{long}{each}" for each in range(100)))
        for number in range(26)
    ]
    assert person.open("history")
    assert person.open(f"history/{found[0]}")
    assert person.status == 200
