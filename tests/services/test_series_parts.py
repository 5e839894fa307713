"""Series as others than programs change them: one occurrence cancelled, this one and all that follow split off."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.domain.recurrence import Kind, Rule, normalised, occurrences, problems
from parley.domain.recurrence import split as split_rule
from parley.domain.session import HostedSession, Session
from parley.protocol.faults import Fault
from parley.services.sessions import series as parts
from parley.store import outbox, sessions
from tests.client import Client
from tests.domain.test_recurrence import series as rules
from tests.server import TestSite
from tests.services.contexts import context_of
from tests.services.meetings import BERLIN, attendee, create, get
from tests.services.test_general_session_lists import exception, expanded, rows, starts
from tests.services.test_lists import alter

START = "06/04/2035 10:00:00"


def daily(client: Client, most: int = 6, **groups: Any) -> str:
    """A daily series of half-hour meetings; its key."""
    schedule = {"startDate": START, "timeZoneID": BERLIN, "duration": 30}
    return create(
        client, "Daily", schedule=schedule, repeat={"repeatType": "DAILY", "afterMeetingNumber": most}, **groups
    )


def stored(site: TestSite, key: str) -> HostedSession:
    found = site.server.run(sessions.by_key(site.server.application.engine, site.site_id, int(key)))
    assert found is not None
    return found


def cancel(site: TestSite, key: str, day: str, who: str = "host1", **more: Any) -> Session:
    async def run() -> Session:
        context = await context_of(site, who)
        session = await sessions.by_key(context.engine, site.site_id, int(key))
        assert session is not None
        return await parts.cancel_occurrence(context, session, date.fromisoformat(day), **more)

    return site.server.run(run())


def split(site: TestSite, key: str, day: str, who: str = "host1") -> Session:
    async def run() -> Session:
        context = await context_of(site, who)
        session = await sessions.by_key(context.engine, site.site_id, int(key))
        assert session is not None
        return await parts.split_series(context, session, date.fromisoformat(day))

    return site.server.run(run())


def kinds_of_mail(site: TestSite, key: int) -> list[str]:
    async def waiting() -> list[str]:
        found = await outbox.waiting(site.server.application.engine, site.site_id, 500)
        return [each.kind for each in found if each.session_key == key]

    return sorted(site.server.run(waiting()))


def days_of(client: Client, key: str) -> list[str]:
    return [start[:5] for start in starts(expanded(client, sessionKey=key))]


class TestCancelling:
    """One occurrence goes, the others stay."""

    def test_one_day(self, site: TestSite) -> None:
        client = site.client()
        key = daily(client)
        before = stored(site, key)
        after = cancel(site, key, "2035-06-06")
        assert days_of(client, key) == ["06/04", "06/05", "06/07", "06/08", "06/09"]
        assert after.sequence == before.sequence + 1
        assert kinds_of_mail(site, int(key)) == ["occurrence.cancelled", "session.scheduled"]
        assert get(client, key).ok().all("hasException") == []

    def test_the_first_and_the_last(self, site: TestSite) -> None:
        client = site.client()
        key = daily(client, 3)
        cancel(site, key, "2035-06-04", send_email=False)
        assert client.call("ep.LstsummarySession", sessionKey=key).ok().value("session/startTime") == (
            "06/05/2035 08:00:00"
        )
        cancel(site, key, "2035-06-06")
        assert days_of(client, key) == ["06/05"]
        cancel(site, key, "2035-06-05")
        client.call("ep.LstsummarySession", sessionKey=key).failed("000015")
        get(client, key).ok()
        assert kinds_of_mail(site, int(key)).count("occurrence.cancelled") == 2

    @pytest.mark.parametrize("day", ["2035-06-03", "2035-06-10", "1999-01-01"])
    def test_a_day_without_one(self, site: TestSite, day: str) -> None:
        key = daily(site.client())
        with pytest.raises(Fault, match="no meeting on this day"):
            cancel(site, key, day)

    def test_not_twice_and_not_where_it_was_replaced(self, site: TestSite) -> None:
        client = site.client()
        key = daily(client)
        cancel(site, key, "2035-06-05")
        exception(client, key, "06/06/2035 15:00:00", zone=BERLIN)
        for day in ("2035-06-05", "2035-06-06"):
            with pytest.raises(Fault, match="no meeting on this day"):
                cancel(site, key, day)

    def test_not_while_it_is_in_progress(self, site: TestSite) -> None:
        key = daily(site.client())
        alter(site, key, status="INPROGRESS")
        with pytest.raises(Fault, match="in progress"):
            cancel(site, key, "2035-06-04")
        cancel(site, key, "2035-06-05")

    def test_who_may(self, site: TestSite) -> None:
        key = daily(site.client())
        cancel(site, key, "2035-06-05", "host2")  # whom host1 lets schedule
        for who in ("admin", "attendee1"):
            with pytest.raises(Fault, match="Access denied"):
                cancel(site, key, "2035-06-06", who)


class TestSplitting:
    """An occurrence and all that follow become a series of their own."""

    def test_days_go_on(self, site: TestSite) -> None:
        client = site.client()
        key = daily(client)
        before = stored(site, key)
        new = split(site, key, "2035-06-07")
        other = str(new.session_key)
        assert days_of(client, key) == ["06/04", "06/05", "06/06"]
        assert days_of(client, other) == ["06/07", "06/08", "06/09"]
        assert stored(site, key).sequence == before.sequence + 1
        answers = [get(client, each).ok() for each in (key, other)]
        assert [each.value("repeat/afterMeetingNumber") for each in answers] == ["3", "3"]
        assert [each.value("repeat/repeatType") for each in answers] == ["DAILY", "DAILY"]
        assert answers[1].value("schedule/startDate") == "06/07/2035 10:00:00"
        assert answers[1].value("accessControl/meetingPassword") == "Secret12"
        for name in ("uuid", "conf_id", "guest_token", "host_link", "attendee_link", "host_key"):
            assert getattr(before, name) != getattr(stored(site, other), name)
        assert kinds_of_mail(site, new.session_key) == ["session.rescheduled"]

    def test_exceptions_and_cancelled_days_go_along(self, site: TestSite) -> None:
        client = site.client()
        key = daily(client, 8)
        early = exception(client, key, "06/05/2035 15:00:00", zone=BERLIN)
        late = exception(client, key, "06/08/2035 15:00:00", zone=BERLIN)
        cancel(site, key, "2035-06-06")
        cancel(site, key, "2035-06-09")
        other = str(split(site, key, "2035-06-07").session_key)
        assert days_of(client, key) == ["06/04"]
        assert days_of(client, other) == ["06/07", "06/10", "06/11"]
        found = {each: get(client, each).ok().value("repeat/seriesMeetingKey") for each in (early, late)}
        assert found == {early: key, late: other}
        assert [get(client, each).ok().value("hasException") for each in (key, other)] == ["true", "true"]
        client.call("ep.DelSession", sessionKey=other).ok()
        get(client, late).failed("060001")
        get(client, early).ok()

    def test_at_a_day_that_was_replaced(self, site: TestSite) -> None:
        client = site.client()
        key = daily(client, 4)
        moved = exception(client, key, "06/06/2035 15:00:00", zone=BERLIN)
        other = str(split(site, key, "2035-06-06").session_key)
        assert days_of(client, other) == ["06/07"]
        assert get(client, moved).ok().value("repeat/seriesMeetingKey") == other

    def test_people_and_registrations_are_kept(self, site: TestSite) -> None:
        client = site.client()
        people = {"attendees": {"attendee": [attendee("kim@guests.example"), attendee("lee@guests.example")]}}
        options = {"registration": True, "auto": True, "participantLimit": 10}
        key = daily(client, participants=people, attendeeOptions=options)
        person = {"person": {"name": "Max", "email": "max@guests.example"}, "joinStatus": "ACCEPT", "sessionKey": key}
        register_id = (
            client.call("attendee.RegisterMeetingAttendee", {"attendees": person}).ok().value("register/registerID")
        )
        new = split(site, key, "2035-06-07")
        found = [self._people(site, each) for each in (key, str(new.session_key))]
        assert found[0] == found[1]
        assert found[0]["max@guests.example"] == ("ACCEPT", int(register_id or 0))
        assert set(found[0]) == {"kim@guests.example", "lee@guests.example", "max@guests.example"}
        assert [stored(site, each).seats_taken for each in (key, str(new.session_key))] == [1, 1]

    def _people(self, site: TestSite, key: str) -> dict[str, tuple[str, int | None]]:
        session = stored(site, key)
        found = site.server.run(sessions.all_attendees(site.server.application.engine, session))
        return {each.email_key: (each.join_status, each.register_id) for each in found}

    def test_people_of_single_occurrences_go_where_these_go(self, site: TestSite) -> None:
        client = site.client()
        key = daily(client)
        for email, number in (("two@guests.example", 2), ("five@guests.example", 5)):
            person = {"person": {"name": "P", "email": email}, "sessionKey": key, "sessionNum": number}
            client.call("attendee.CreateMeetingAttendee", person).ok()
        new = split(site, key, "2035-06-07")
        engine = site.server.application.engine
        found = {}
        for each in (key, str(new.session_key)):
            people = site.server.run(sessions.all_attendees(engine, stored(site, each)))
            found[each] = [(person.email_key, person.session_num) for person in people]
        assert found == {key: [("two@guests.example", 2)], str(new.session_key): [("five@guests.example", 2)]}

    @pytest.mark.parametrize(("day", "problem"), [("2035-06-04", "begins on this day"), ("2035-06-10", "no meeting")])
    def test_where_there_is_nothing_to_split(self, site: TestSite, day: str, problem: str) -> None:
        key = daily(site.client())
        with pytest.raises(Fault, match=problem):
            split(site, key, day)

    def test_a_single_meeting_is_no_series(self, site: TestSite) -> None:
        key = create(site.client())
        with pytest.raises(Fault, match="no meeting on this day"):
            split(site, key, "2035-06-04")

    def test_who_may(self, site: TestSite) -> None:
        key = daily(site.client())
        for who in ("admin", "attendee1"):
            with pytest.raises(Fault, match="Access denied"):
                split(site, key, "2035-06-07", who)
        new = split(site, key, "2035-06-07", "host2")
        assert (new.host_id, new.creator_id) == (site.users["host1"].user_id, site.users["host2"].user_id)

    def test_what_runs_is_not_split_off(self, site: TestSite) -> None:
        key = daily(site.client())
        cancel(site, key, "2035-06-04")
        alter(site, key, status="INPROGRESS")  # that of 5 June
        with pytest.raises(Fault, match="in progress"):
            split(site, key, "2035-06-05")
        new = split(site, key, "2035-06-06")
        assert (new.status, stored(site, key).status) == ("NOT_INPROGRESS", "INPROGRESS")
        assert rows(expanded(site.client(), status="INPROGRESS"), "sessionKey") == [(key,)]


@settings(max_examples=300)
@given(rules(), st.integers(2, 12))
def test_both_parts_together_are_the_whole(made: tuple[Rule, Any], number: int) -> None:
    rule, start = made
    if rule.kind in (Kind.NO_REPEAT, Kind.CONSTANT) or problems(rule, start):
        return
    whole = list(occurrences(rule, start, 20, limit=number + 15))
    if len(whole) < number:
        return
    ends, goes_on = split_rule(rule, start, number)
    first = [each.local for each in occurrences(ends, start, 20)]
    rest = whole[number - 1].local
    assert normalised(goes_on, rest) == goes_on
    after = [each.local for each in occurrences(goes_on, rest, 20, limit=len(whole) - number + 1)]
    assert first + after == [each.local for each in whole]
    if len(whole) < number + 15:
        assert len(list(occurrences(goes_on, rest, 20, limit=50))) == len(whole) - number + 1
