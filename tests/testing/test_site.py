"""What a test can do with its site: time, failures, mails, requests, accounts and sessions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from parley import testing
from parley.domain.recording import State
from parley.protocol.faults import Fault
from parley.protocol.masking import STARS
from parley.services.new_site import SiteError
from parley.store import recordings
from parley.testing.stage import ScriptError
from tests.clients.old_portal import OldPortal
from tests.server import PASSWORD, Server, TestSite
from tests.services.recordings import new_recording
from tests.web.url_api import BACK, portal_settings, root


@pytest.fixture(scope="module")
def watched(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as the fixture parley_server has it."""
    folder = tmp_path_factory.mktemp("watched")
    (folder / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, folder).start()
    server.watch()
    yield server
    server.stop()


@pytest.fixture
def mine(watched: Server) -> Iterator[TestSite]:
    """A site of the test's own."""
    yield watched.new_site()
    watched.clock.reset()


def operations(site: testing.Site) -> list[tuple[str, str | None, str | None]]:
    return [(each.operation, each.caller, each.code) for each in site.requests]


# ---- failures ------------------------------------------------------------------------------------------------


def test_the_next_call_fails_and_does_nothing(mine: TestSite) -> None:
    mine.fail("meeting.CreateMeeting", "060001")
    host = mine.client()
    with pytest.raises(AssertionError, match="060001"):
        mine.schedule("First")
    mine.schedule("Second")
    assert host.call("meeting.LstsummaryMeeting").ok().all("confName") == ["Second"]


def test_a_call_may_do_its_work_and_fail_nevertheless(mine: TestSite) -> None:
    mine.fail("CreateMeeting", "999999", "The answer was lost", after=True)
    with pytest.raises(AssertionError, match="999999 The answer was lost"):
        mine.schedule("First")
    mine.schedule("First")
    assert mine.client().call("meeting.LstsummaryMeeting").ok().all("confName") == ["First", "First"]


def test_failures_are_for_a_caller_and_so_many_calls(mine: TestSite, watched: Server) -> None:
    mine.fail("user.GetUser", "000001", caller="HOST2", times=2)
    other = watched.new_site()
    mine.client("host1").call("user.GetUser", webExId="host1").ok()
    other.client("host2").call("user.GetUser", webExId="host2").ok()
    for _ in range(2):
        mine.client("host2").call("user.GetUser", webExId="host2").failed("000001")
    mine.client("host2").call("user.GetUser", webExId="host2").ok()


def test_failures_may_last_and_are_forgotten(mine: TestSite) -> None:
    mine.fail("*", "000015", times=None)
    host = mine.client()
    for _ in range(3):
        host.call("meeting.LstsummaryMeeting").failed("000015")
        host.call("ep.GetAPIVersion").failed("000015")
    mine.clear()
    host.call("ep.GetAPIVersion").ok()
    assert operations(mine) == [("GetAPIVersion", "host1", None)]


def test_a_slow_call_takes_as_long_as_it_was_told(mine: TestSite) -> None:
    mine.delay("GetAPIVersion", 0.2)
    mine.client().call("ep.GetAPIVersion").ok()
    mine.client().call("ep.GetAPIVersion").ok()
    slow, _ = mine.requests
    assert slow.seconds >= 0.2


def test_calls_of_the_url_api_fail_too(mine: TestSite) -> None:
    portal_settings(mine)
    mine.fail("DelSession", "999999")
    key = mine.schedule("Review")
    with OldPortal(root(mine), BACK) as portal:
        portal.log_in("host1", PASSWORD)
        portal.refused("m", "DM", MK=key)
        mine.client().call("meeting.GetMeeting", meetingKey=key).ok()
        portal.do("m", "DM", MK=key)
    mine.client().call("meeting.GetMeeting", meetingKey=key).failed("060001")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"operation": "CreateNothing", "code": "999999"}, "there is no operation"),
        ({"operation": "*"}, "a code, or a delay"),
        ({"operation": "*", "code": "12"}, "six digits"),
        ({"operation": "*", "code": "999999", "times": 0}, "at least 1"),
        ({"operation": "*", "delay": -1.0}, "0 to 600"),
        ({"operation": "*", "delay": 1.0, "after": True}, "a code, or a delay"),
    ],
)
def test_rules_that_cannot_be_are_refused(mine: TestSite, options: dict[str, object], told: str) -> None:
    with pytest.raises(ScriptError, match=told):
        mine.script(**options)  # type: ignore[arg-type]  # wrong on purpose


# ---- requests and mails --------------------------------------------------------------------------------------


def test_requests_tell_who_asked_for_what_and_what_came_of_it(mine: TestSite) -> None:
    key = mine.schedule("Review")
    mine.client("nobody").call("meeting.GetMeeting", meetingKey=key).failed("030001")
    mine.client().send(mine.client().document("nothing.Such", "")).failed("000000")
    assert operations(mine) == [
        ("CreateMeeting", "host1", None),
        ("GetMeeting", "nobody", "030001"),
        ("java:com.webex.service.binding.nothing.Such", "host1", "000000"),
    ]
    created, refused, _ = mine.requests
    assert (created.result, refused.result) == ("SUCCESS", "FAILURE")
    assert refused.reason
    assert abs(created.at - mine.clock.now()) < 60
    assert key in created.answer
    assert f"<password>{STARS}</password>" in created.request
    assert f"<meetingPassword>{STARS}</meetingPassword>" in created.request
    assert PASSWORD not in f"{created.request}{refused.request}"


def test_a_message_with_two_contents_is_two_requests(mine: TestSite) -> None:
    document = mine.client().document("ep.GetAPIVersion", "")
    body = '<bodyContent xsi:type="meeting.GetMeeting"><meetingKey>1</meetingKey></bodyContent></body>'
    mine.client().send(document.replace("</body>", body))
    assert operations(mine) == [("GetAPIVersion", "host1", None), ("GetMeeting", "host1", "060001")]


def test_what_cannot_be_read_is_kept_by_the_server(mine: TestSite, watched: Server) -> None:
    mine.client().send("<message><password>Geheim</password>")
    last = watched.requests[-1]
    assert (last.operation, last.caller, last.result) == ("", None, "FAILURE")
    assert "Geheim" not in last.request
    assert not mine.requests


def test_mails_are_as_they_go_out(mine: TestSite) -> None:
    invited = {"attendees": {"attendee": {"person": {"name": "Ann", "email": "ann@example.org"}}}}
    mine.schedule("Review", participants=invited, attendeeOptions={"emailInvitations": True})
    to_host, to_guest = sorted(mine.mails, key=lambda mail: mail.to, reverse=True)
    assert (to_host.to, to_guest.to) == (mine.users["host1"].email, "ann@example.org")
    assert to_guest.subject == "Meeting invitation: Review"
    assert "Review" in to_guest.text
    assert to_guest.html is not None
    assert "<html" in to_guest.html
    assert to_guest.calendar is not None
    assert "METHOD:REQUEST" in to_guest.calendar
    assert to_guest.message["To"].addresses[0].addr_spec == "ann@example.org"
    assert len(mine.mails) == 2
    mine.clear()
    assert not mine.mails


# ---- time ----------------------------------------------------------------------------------------------------


def test_reminders_of_a_series_come_as_time_passes(mine: TestSite) -> None:
    start = mine.clock.time + timedelta(days=1)
    mine.schedule(
        "Stand-up",
        start=start,
        repeat={"repeatType": "DAILY", "interval": 1, "afterMeetingNumber": 3},
        remind={"enableReminder": True, "sendEmail": True, "daysAhead": 0, "hoursAhead": 0, "minutesAhead": 15},
    )
    mine.clear()
    mine.advance(timedelta(days=10))
    assert [mail.subject for mail in mine.mails] == ["Meeting reminder: Stand-up"] * 3


def test_tickets_grow_old(mine: TestSite) -> None:
    ticket = mine.client().call("user.AuthenticateUser").ok().value("sessionTicket")
    with_ticket = mine.client("host1", None, ticket=ticket)
    mine.advance(5000)
    with_ticket.call("user.GetUser", webExId="host1").ok()
    mine.advance(500)
    assert with_ticket.call("user.GetUser", webExId="host1").result == "FAILURE"


def test_the_clock_is_set_stopped_and_put_right(watched: Server) -> None:
    clock = watched.clock
    moment = datetime(2031, 5, 4, 9, 30, tzinfo=UTC)
    clock.stop()
    clock.set(moment)
    assert clock.time == moment
    assert clock.now_ms() // 1000 == clock.now() == int(moment.timestamp())
    clock.advance(timedelta(minutes=1))
    assert clock.time == moment + timedelta(minutes=1)
    with pytest.raises(ValueError, match="time zone"):
        clock.set(datetime(2031, 5, 4))  # noqa: DTZ001  # wrong on purpose
    clock.reset()
    assert abs(clock.time - datetime.now(UTC)) < timedelta(minutes=1)


def test_time_only_advances(mine: TestSite) -> None:
    with pytest.raises(ValueError, match="forward"):
        mine.advance(-1)


def test_the_trash_is_emptied_when_its_time_has_come(mine: TestSite) -> None:
    number = new_recording(mine).recording_id
    mine.client().call("ep.DelRecording", recordingID=number).ok()
    mine.advance(timedelta(days=400))
    engine = mine.server.application.engine
    found = mine.server.run(recordings.by_id(engine, mine.site_id, number))
    assert found is None or found.state is State.GONE


def test_a_session_takes_place_and_has_a_history(mine: TestSite) -> None:
    key = mine.schedule("Review")
    before = mine.clock.now()
    mine.hold(key, {"Ann": "ann@example.org"}, minutes=45)
    assert 45 * 60 <= mine.clock.now() - before < 46 * 60
    told = mine.client().call("history.LstmeetingattendeeHistory", meetingKey=key).ok()
    assert sorted(told.all("meetingAttendeeHistory/name")) == ["Ann", "Host1 Tester"]
    assert set(told.all("meetingAttendeeHistory/duration")) == {"45"}
    with pytest.raises(LookupError):
        mine.hold("12345")


# ---- the site and its accounts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "operation"), [("event", "event.GetEvent"), ("training", "training.GetTrainingSession")]
)
def test_sessions_of_other_kinds(mine: TestSite, kind: str, operation: str) -> None:
    key = mine.schedule("Launch", kind=kind, minutes=90, accessControl={"listing": "UNLISTED"})
    told = mine.client().call(operation, sessionKey=key).ok()
    assert told.value("duration") == "90"
    assert told.value("listing") == "UNLISTED"


def test_accounts_are_made_with_a_role(mine: TestSite) -> None:
    user = mine.add_user("nora", "admin", "Other-secret-1", first_name="Nora")
    assert mine.users["nora"] is user
    told = mine.client("nora", "Other-secret-1").call("user.GetUser", webExId="nora").ok()
    assert (told.value("firstName"), told.value("privilege/siteAdmin")) == ("Nora", "true")
    with pytest.raises(Fault, match="030004"):
        mine.add_user("nora")
    with pytest.raises(ValueError, match="no role"):
        mine.add_user("ned", "king")


def test_the_level_changes(mine: TestSite) -> None:
    mine.set_level("42.2")
    assert mine.client().call("ep.GetAPIVersion").value("apiVer") == "42.2.0"
    with pytest.raises(SiteError):
        mine.set_level("41.0")


def test_a_server_for_people_has_no_stage(mine: TestSite) -> None:
    server = Server(None, Path(mine.server.config.data)).start()
    try:
        assert server.application.stage is None
        site = TestSite(server, mine.name, mine.level, site_id=mine.site_id)
        mine.fail("*", times=None)
        site.client().call("ep.GetAPIVersion").ok()
        assert not site.requests
    finally:
        server.stop()
