"""CreateEvent, SetEvent, GetEvent and DelEvent over HTTP."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parley.domain.site import SiteSettings
from parley.store import outbox, sessions
from tests.client import Answer, Client
from tests.server import Server, TestSite
from tests.services.events import create_event, event, get_event, person, program
from tests.services.meetings import BERLIN, in_days, meeting


def mails(site: TestSite) -> list[tuple[str, str | None]]:
    found = site.server.run(outbox.waiting(site.server.application.engine, site.site_id))
    return [(each.kind, each.recipient) for each in found]


def test_a_new_event_answers_key_and_token(site: TestSite) -> None:
    answer = site.client().call("event.CreateEvent", event("Plan & <act>")).ok()
    assert answer.type_name == "event:createEventResponse"
    assert answer.names() == ["sessionKey", "guestToken"]
    assert re.fullmatch(r"[1-9]\d{10}", answer.value("sessionKey") or "")
    assert get_event(site.client(), answer.value("sessionKey") or "").value("sessionName") == "Plan & <act>"
    assert mails(site) == [("session.scheduled", f"host1@{site.name}.example")]


def test_defaults_and_order_of_an_event_with_only_a_name(site: TestSite) -> None:
    client = site.client()
    key = client.call("event.CreateEvent", {"metaData": {"sessionName": "Now"}}).ok().value("sessionKey") or ""
    answer = get_event(client, key)
    assert answer.names() == [
        *("accessControl", "metaData", "schedule", "telephony", "tracking", "remind", "panelists", "attendees"),
        *("extOptions", "emailTemplates", "assistService", "sessionKey", "status", "enrollment", "enrollmentForm"),
        *("hostKey", "eventID", "guestToken", "hostType"),
    ]
    values = {
        "accessControl/listing": "PUBLIC",
        "metaData/sessionType": "103",
        "schedule/duration": "60",
        "schedule/openTime": "900",
        "schedule/hostWebExID": "host1",
        "telephony/telephonySupport": "NONE",
        "extOptions/allowInviteFriend": "true",
        "extOptions/registration": "false",
        "enrollment/approvalReq": "true",
        "assistService/assistRequest": "None",
        "assistService/assistConfirm": "Pending",
        "emailTemplates/format": "TEXT",
        "pendingEmail/send": "true",
        "acceptedEmail/send": "true",
        "rejectedEmail/send": "true",
        "status": "NOT_INPROGRESS",
        "hostType": "1019001",
    }
    assert {path: answer.value(path) for path in values} == values
    assert "sessionPassword" not in answer.names("accessControl")
    assert answer.value("emailAddress/fieldID") == "-13"


def test_requests_without_a_name_or_with_odd_values(site: TestSite) -> None:
    client = site.client()
    assert client.call("event.CreateEvent", {}).failed("999999").reason == "metaData/sessionName: a value is required"
    refused: list[tuple[dict[str, Any], str, str]] = [
        ({"schedule": {"startDate": "01/01/2020 10:00:00"}}, "009007", "schedule/startDate"),
        ({"schedule": {"duration": 0}}, "999999", "schedule/duration"),
        ({"schedule": {"timeZoneID": 900}}, "999999", "schedule/timeZoneID"),
        ({"metaData": {"sessionType": 3}}, "030025", "metaData"),
        ({"metaData": {"programID": 77}}, "999999", "metaData/programID: there is no program 77"),
        ({"metaData": {"description": "x" * 10_001}}, "999999", "metaData/description: at most 10000"),
        ({"metaData": {"sessionName": "x" * 513}}, "999999", "metaData/sessionName: at most 512"),
        ({"panelists": {"panelistsInfo": "<b>" * 3000}}, "999999", "panelists/panelistsInfo: at most"),
        ({"panelists": {"panelistPassword": "x" * 65}}, "999999", "panelists/panelistPassword"),
        ({"panelists": {"panelist": {"name": "No Mail"}}}, "999999", "person/email: a value is required"),
        ({"attendees": {"attendee": person("a@b@c")}}, "999999", "person/email: this is no e-mail address"),
        ({"extOptions": {"destinationURL": "javascript:alert(1)"}}, "999999", "extOptions/destinationURL"),
        ({"extOptions": {"destinationURL": "http://"}}, "999999", "extOptions/destinationURL"),
        ({"extOptions": {"destinationURL": "http://[::1"}}, "999999", "extOptions/destinationURL"),
        ({"enrollment": {"endURLAfterEnroll": "data:text/html,x"}}, "999999", "enrollment/endURLAfterEnroll"),
        ({"schedule": {"extURL": "file:///etc/passwd"}}, "999999", "schedule/extURL"),
        ({"telephony": {"extTelephonyURL": "//x.example"}}, "999999", "telephony/extTelephonyURL"),
        (
            {"emailTemplates": {"invitationMsgs": {"participantsEmail": {"content": "x" * 100_001}}}},
            "999999",
            "content",
        ),
        ({"emailTemplates": {"reminderMsgs": {"firstReminder": {"sendDateTime": "soon"}}}}, "999999", "Date format"),
    ]
    for groups, code, words in refused:
        answer = client.call("event.CreateEvent", event(**groups)).failed(code)
        assert words in (answer.reason or ""), (groups, answer.reason)
    client.call("event.LstsummaryEvent").failed("000015")


def test_keys_that_name_no_event(site: TestSite) -> None:
    client = site.client()
    other = client.call("meeting.CreateMeeting", meeting()).value("meetingkey")
    for key in ("12345678901", "0", "-5", "999999999999999999", other):
        for name in ("GetEvent", "DelEvent", "SetEvent", "SendInvitationEmail"):
            client.call(f"event.{name}", sessionKey=key).failed("060001")
        client.call("event.UploadEventImage", sessionKey=key, imageType="GIF", imageData="R0lG").failed("060001")
    own = create_event(client)
    client.call("meeting.GetMeeting", meetingKey=own).failed("060001")
    client.call("meeting.DelMeeting", meetingKey=own).failed("060001")


def test_deleting_ends_an_event(site: TestSite) -> None:
    client = site.client()
    key = create_event(client)
    answer = client.call("event.DelEvent", sessionKey=key).ok()
    assert answer.names() == []
    client.call("event.GetEvent", sessionKey=key).failed("060001")
    client.call("event.DelEvent", sessionKey=key).failed("060001")
    assert ("session.cancelled", f"host1@{site.name}.example") in mails(site)


def test_an_event_in_progress_is_not_deleted(site: TestSite) -> None:
    client, engine = site.client(), site.server.application.engine
    key = create_event(client)

    async def start() -> None:
        from parley.store import Changes

        before = await sessions.by_key(engine, site.site_id, int(key))
        assert before is not None
        changes, after = Changes(), before.plain()
        after.status = "INPROGRESS"
        sessions.update_session(changes, before.plain(), after)
        await engine.commit(changes)

    site.server.run(start())
    client.call("event.DelEvent", sessionKey=key).failed("060002")
    assert get_event(client, key).value("status") == "INPROGRESS"


class TestWho:
    """Who may do what with whose events."""

    def test_a_delegate_schedules_and_changes_for_the_host(self, site: TestSite) -> None:
        delegate, host = site.client("host2"), site.client("host1")
        key = create_event(delegate, schedule={"hostWebExID": "HOST1"})
        assert get_event(delegate, key).value("schedule/hostWebExID") == "host1"
        own = create_event(host)
        delegate.call("event.SetEvent", sessionKey=own, metaData={"description": "by the delegate"}).ok()
        assert get_event(host, own).value("description") == "by the delegate"
        delegate.call("event.GetEvent", sessionKey=own).failed("000001")

    def test_others_events_are_refused_even_to_administrators(self, site: TestSite) -> None:
        key = create_event(site.client("host2"))
        for web_ex_id in ("host1", "admin"):
            client = site.client(web_ex_id)
            client.call("event.GetEvent", sessionKey=key).failed("000001")
            client.call("event.SetEvent", sessionKey=key).failed("000001")
            client.call("event.DelEvent", sessionKey=key).failed("000001")

    def test_nobody_schedules_for_a_stranger(self, site: TestSite) -> None:
        admin = site.client("admin")
        admin.call("event.CreateEvent", event(schedule={"hostWebExID": "host1"})).failed("060021")
        admin.call("event.CreateEvent", event(schedule={"hostWebExID": "nobody"})).failed("060019")
        site.client("attendee1").call("event.CreateEvent", event()).failed("000001")


class TestSetEvent:
    """A change touches what it says."""

    def test_what_is_not_said_stays(self, site: TestSite) -> None:
        client = site.client()
        key = create_event(
            client,
            metaData={"description": "About it", "postEventSurvey": {"display": "POPUP_WINDOW"}},
            tracking={"trackingCode1": "north", "trackingCode10": "2026"},
            remind={"minutesAhead": 20},
            panelists={"panelistPassword": "pan1", "panelistsInfo": "Two of us", "panelist": person("p@x.example")},
            attendees={"attendee": [person("a@x.example"), person("b@x.example", joinStatus="ACCEPT")]},
            extOptions={"destinationURL": "https://acme.example/thanks", "participantLimit": 12},
            emailTemplates={"iCalendar": True, "invitationMsgs": {"panelistsEmail": {"subject": "Come"}}},
        )
        before = get_event(client, key)
        client.call("event.SetEvent", sessionKey=key, metaData={"sessionName": "Other"}).ok()
        after = get_event(client, key)
        assert after.value("sessionName") == "Other"
        assert before.text.replace(">Launch<", ">Other<") == after.text
        expected = {
            "panelistPassword": "pan1",
            "panelistsInfo": "Two of us",
            "panelist/email": "p@x.example",
            "panelist/type": "PANELIST",
            "postEventSurvey/display": "POPUP_WINDOW",
            "trackingCode10": "2026",
            "minutesAhead": "20",
            "destinationURL": "https://acme.example/thanks",
            "iCalendar": "true",
            "panelistsEmail/subject": "Come",
        }
        assert {path: after.value(path) for path in expected} == expected
        assert after.all("attendee/email") == ["a@x.example", "b@x.example"]
        assert after.all("attendee/joinStatus") == ["INVITE", "ACCEPT"]

    def test_empty_texts_clear_but_not_the_password(self, site: TestSite) -> None:
        client = site.client()
        key = create_event(client, metaData={"description": "About it"}, extOptions={"destinationURL": "http://x.y"})
        client.call(
            "event.SetEvent",
            sessionKey=key,
            accessControl={"sessionPassword": ""},
            metaData={"description": "", "sessionName": " "},
            extOptions={"destinationURL": ""},
        ).ok()
        after = get_event(client, key)
        assert (after.value("sessionPassword"), after.value("sessionName")) == ("Secret12", "Launch")
        assert after.value("description") is None
        assert after.value("destinationURL") is None

    def test_attendees_and_panelists_change_apart(self, site: TestSite) -> None:
        client = site.client()
        key = create_event(
            client,
            panelists={"panelist": [person("p@x.example"), person("q@x.example")]},
            attendees={"attendee": [person("a@x.example"), person("b@x.example")]},
        )
        client.call("event.SetEvent", sessionKey=key, attendees={"attendee": person("c@x.example")}).ok()
        answer = get_event(client, key)
        assert answer.all("attendee/email") == ["c@x.example"]
        assert answer.all("panelist/email") == ["p@x.example", "q@x.example"]
        client.call("event.SetEvent", sessionKey=key, panelists={"panelist": person("c@x.example")}).ok()
        answer = get_event(client, key)
        assert (answer.all("attendee/email"), answer.all("panelist/email")) == ([], ["c@x.example"])
        client.call("event.SetEvent", sessionKey=key, attendees={"attendee": person("c@x.example")}).ok()
        answer = get_event(client, key)
        assert (answer.all("attendee/email"), answer.all("panelist/email")) == ([], ["c@x.example"])
        nobody: list[dict[str, Any]] = [{"attendees": {}}, {"attendees": {"attendee": {"name": ""}}}]
        for groups in (*nobody, {"panelists": {"panelist": {}}}):
            client.call("event.SetEvent", sessionKey=key, **groups).ok()
        assert get_event(client, key).all("panelist/email") == ["c@x.example"]

    def test_moving_an_event_tells_its_host(self, site: TestSite) -> None:
        client = site.client()
        key = create_event(client, schedule={"timeZoneID": BERLIN})
        client.call("event.SetEvent", sessionKey=key, schedule={"startDate": in_days(9, 18)}).ok()
        answer = get_event(client, key)
        assert (answer.value("startDate"), answer.value("timeZoneID")) == (in_days(9, 18), str(BERLIN))
        assert ("session.rescheduled", f"host1@{site.name}.example") in mails(site)


def test_whoever_is_to_be_invited_by_mail_is(site: TestSite) -> None:
    create_event(
        site.client(),
        extOptions={"emailInvitations": True},
        attendees={"attendee": [person("a@x.example"), person("B@x.example")]},
        panelists={"panelist": person("p@x.example")},
    )
    found = [recipient for kind, recipient in mails(site) if kind == "session.invitation"]
    assert sorted(map(str, found)) == ["a@x.example", "b@x.example", "p@x.example"]


def test_listing(server: Server) -> None:
    client = server.new_site().client()
    for listing in ("PUBLIC", "PRIVATE", "UNLISTED"):
        key = create_event(client, accessControl={"listing": listing})
        assert get_event(client, key).value("listing") == listing
        client.call("event.SetEvent", sessionKey=key, metaData={"sessionName": "x"}).ok()
        assert get_event(client, key).value("listing") == listing
    for forced in (
        server.new_site(events_unlisted=True).client(),
        server.new_site(all_meetings_unlisted=True).client(),
    ):
        key = create_event(forced, accessControl={"listing": "PUBLIC"})
        assert get_event(forced, key).value("listing") == "UNLISTED"
        site = forced.call("site.GetSite").ok()
        assert site.value("ECMeetingsUnlisted") == "true"


def test_a_site_that_demands_passwords(server: Server) -> None:
    client = server.new_site(all_meetings_password=True).client()
    client.call("event.CreateEvent", event(accessControl={"sessionPassword": ""})).failed("060026")
    strict = server.new_site(strict_meeting_passwords=True).client()
    weak = event(accessControl={"sessionPassword": "x"})
    assert "accessControl/sessionPassword" in (strict.call("event.CreateEvent", weak).failed("019011").reason or "")
    strict.call("event.CreateEvent", event(accessControl={"sessionPassword": "x", "enforcePassword": False})).ok()


def _all_operations(client: Client, key: str) -> dict[str, Answer]:
    calls: dict[str, dict[str, Any]] = {
        "CreateEvent": event(),
        "SetEvent": {"sessionKey": key},
        "GetEvent": {"sessionKey": key},
        "LstsummaryEvent": {},
        "LstrecordedEvent": {},
        "LstsummaryProgram": {},
        "UploadEventImage": {"sessionKey": key, "imageType": "GIF", "imageData": "R0lG"},
        "SendInvitationEmail": {"sessionKey": key},
        "DelEvent": {"sessionKey": key},
    }
    return {name: client.call(f"event.{name}", values) for name, values in calls.items()}


def test_a_site_without_the_event_service(site: TestSite) -> None:
    key = create_event(site.client())
    site.set(settings=SiteSettings(classic_events=False))
    answers = _all_operations(site.client(), key)
    refused = [name for name, answer in answers.items() if answer.code == "010106"]
    assert refused == [
        *("CreateEvent", "SetEvent", "GetEvent", "LstsummaryEvent", "LstrecordedEvent", "LstsummaryProgram"),
        "UploadEventImage",
    ]
    assert answers["CreateEvent"].reason == "The classic Event has been disabled."
    assert [answers[name].ok().result for name in ("SendInvitationEmail", "DelEvent")] == ["SUCCESS", "SUCCESS"]


def test_a_suspended_site(site: TestSite) -> None:
    key = create_event(site.client(), attendees={"attendee": person("a@x.example")})
    site.set(suspended=True)
    answers = _all_operations(site.client(), key)
    assert [name for name, answer in answers.items() if answer.code == "010107"] == ["CreateEvent", "SetEvent"]
    for name in ("GetEvent", "LstsummaryEvent", "SendInvitationEmail", "DelEvent"):
        answers[name].ok()


def test_programs_of_events(site: TestSite) -> None:
    client = site.client()
    first, second = program(site, "First"), program(site, "Second", status="UNLISTED", host="host2")
    key = create_event(client, metaData={"programID": first})
    assert get_event(client, key).value("programID") == str(first)
    client.call("event.SetEvent", sessionKey=key, metaData={"sessionName": "Still"}).ok()
    assert get_event(client, key).value("programID") == str(first)
    answer = client.call("event.SetEvent", sessionKey=key, metaData={"programID": second}).failed("999999")
    assert answer.reason == f"metaData/programID: there is no program {second}"
    site.client("host2").call("event.SetEvent", sessionKey=key, metaData={"programID": second}).ok()
    assert get_event(client, key).value("programID") == str(second)
    client.call("event.SetEvent", sessionKey=key, metaData={"programID": 0}).ok()
    assert get_event(client, key).value("programID") is None


def test_programs_are_the_sites_own(server: Server) -> None:
    one, other = server.new_site(), server.new_site()
    program(one)
    number = program(one, "Two")
    other.client().call("event.CreateEvent", event(metaData={"programID": number})).failed("999999")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Plain & simple: 1 < 2", "Plain & simple: 1 < 2"),
        ("<b>Bold</b> & more", "<b>Bold</b> &amp; more"),
        ("<script>alert(1)</script>Hello", "Hello"),
        ('<img src="x.gif" onerror="alert(1)">', '<img src="x.gif">'),
        ('<a href="javascript:alert(1)">go</a>', '<a rel="noopener noreferrer">go</a>'),
        ("<img src=x onerror=alert(1) ", "&lt;img src=x onerror=alert(1)"),
        ("<iframe src=//evil.example></iframe><svg/onload=alert(1)>x", "x"),
    ],
)
def test_html_in_texts_does_no_harm(shared_site: TestSite, sent: str, kept: str) -> None:
    client = shared_site.client()
    mail = {"content": sent, "subject": "Line\r\nBcc: evil@x.example"}
    key = create_event(
        client,
        metaData={"description": sent},
        panelists={"panelistsInfo": sent},
        emailTemplates={"format": "HTML", "invitationMsgs": {"participantsEmail": mail}},
    )
    answer = get_event(client, key)
    assert (answer.value("description") or "").rstrip() == kept
    assert (answer.value("panelistsInfo") or "").rstrip() == kept
    assert (answer.value("participantsEmail/content") or "").rstrip() == kept
    assert answer.value("participantsEmail/subject") == "Line Bcc: evil@x.example"
    listed = client.call("event.LstsummaryEvent", sessionKey=key).ok()
    assert ((listed.value("event/description") or "").rstrip(), (listed.value("event/panelists") or "").rstrip()) == (
        kept,
        kept,
    )


def test_names_lose_tags_that_do_something(site: TestSite) -> None:
    client = site.client()
    for sent, kept in (("Q&A <round 2>", "Q&A <round 2>"), ("<script>x</script>Talk", "Talk"), ("a<b", "a<b")):
        assert get_event(client, create_event(client, sent)).value("sessionName") == kept
    client.call("event.CreateEvent", event("<script>x</script>")).failed("999999")


def test_changes_at_once_never_mix(site: TestSite) -> None:
    key = create_event(site.client())

    def change(number: int) -> None:
        client = site.client("host1" if number % 2 else "host2")
        box = {"customFields": {"textBox" if number < 6 else "dropDownGroup": _field(number)}}
        values: dict[str, Any] = {"tracking": {f"trackingCode{number}": f"code {number}"}, "enrollmentForm": box}
        client.call("event.SetEvent", sessionKey=key, **values).ok()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(change, range(1, 11)))
    answer = get_event(site.client(), key)
    assert [answer.value(f"tracking/trackingCode{number}") for number in range(1, 11)] == [
        f"code {number}" for number in range(1, 11)
    ]
    # Each change replaced the list of its kind, and every new field got a number of its own.
    numbers = [int(text) for text in answer.all("customFields/textBox/fieldID")]
    numbers += [int(text) for text in answer.all("customFields/dropDownGroup/fieldID")]
    assert len(numbers) == 2
    assert max(numbers) == 10


def _field(number: int) -> dict[str, Any]:
    return {"label": f"Question {number}", "choice": [{"label": "a"}, {"label": "b"}] if number >= 6 else None}
