"""CreateTrainingSession, SetTrainingSession, GetTrainingSession and DelTrainingSession over HTTP."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from parley.domain.site import SiteSettings
from parley.store import Changes, outbox, sessions
from tests.server import Server, TestSite
from tests.services.meetings import BERLIN, GMT, in_days, meeting
from tests.services.quizzes import ESSAY, quiz, upload
from tests.services.trainings import (
    classes,
    create_training,
    dates,
    get_training,
    people,
    person,
    set_training,
    training,
)


def mails(site: TestSite) -> list[tuple[str, str | None]]:
    found = site.server.run(outbox.waiting(site.server.application.engine, site.site_id))
    return [(each.kind, each.recipient) for each in found]


def begin(site: TestSite, key: str) -> None:
    """Let a session be in progress."""

    async def change() -> None:
        engine = site.server.application.engine
        before = await sessions.by_key(engine, site.site_id, int(key))
        assert before is not None
        changes = Changes()
        sessions.update_session(changes, before.plain(), msgspec.structs.replace(before.plain(), status="INPROGRESS"))
        await engine.commit(changes)

    site.server.run(change())


class TestCreating:
    def test_the_answer_has_the_key_twice_and_the_token(self, site: TestSite) -> None:
        answer = site.client().call("training.CreateTrainingSession", training("Plan & <act>")).ok()
        assert answer.type_name == "train:createTrainingSessionResponse"
        assert answer.names() == ["sessionkey", "additionalInfo"]
        assert answer.names("additionalInfo") == ["sessionkey", "guestToken"]
        key = answer.value("sessionkey")
        assert re.fullmatch(r"[1-9]\d{10}", key or "")
        assert answer.value("additionalInfo/sessionkey") == key
        read = get_training(site.client(), key or "")
        assert read.value("confName") == "Plan & <act>"
        assert read.value("guestToken") == answer.value("additionalInfo/guestToken")
        assert mails(site) == [("session.scheduled", f"host1@{site.name}.example")]

    def test_defaults_of_a_training_with_only_a_name(self, site: TestSite) -> None:
        client = site.client()
        sent = {"metaData": {"confName": "Now"}, "accessControl": {"enforcePassword": "FALSE"}}
        key = client.call("training.CreateTrainingSession", sent).ok().value("sessionkey") or ""
        answer = get_training(client, key)
        assert answer.names() == [
            *("accessControl", "schedule", "metaData", "enableOptions", "telephony", "tracking", "repeat", "remind"),
            *("presenters", "attendees", "attendeeOptions", "handsOnLab", "psoFields", "assistService", "sessionKey"),
            *("status", "hostKey", "eventID", "guestToken", "hostType"),
        ]
        values = {
            "accessControl/listing": "PUBLIC",
            "metaData/sessionType": "104",
            "schedule/duration": "60",
            "schedule/openTime": "900",
            "schedule/hostWebExID": "host1",
            "enableOptions/chat": "true",
            "enableOptions/nativeClient": "true",
            "enableOptions/javaClient": "false",
            "telephony/telephonySupport": "NONE",
            "repeat/repeatType": "SINGLE",
            "attendeeOptions/registration": "false",
            "attendeeOptions/emailInvitations": "false",
            "attendeeOptions/participantLimit": "0",
            "handsOnLab/reserveHOL": "false",
            "status": "NOT_INPROGRESS",
            "hostType": "1019001",
        }
        assert {path: answer.value(path) for path in values} == values
        assert answer.names("repeat") == ["repeatType"]

    def test_the_request_of_a_learning_platform(self, site: TestSite) -> None:
        """As a widely used one sends it: text of the zone alone, telephonySupport alone, presenters as MEMBER HOST."""
        client = site.client()
        sent = {
            "accessControl": {"listing": "PUBLIC", "sessionPassword": "Secret12", "enforcePassword": False},
            "schedule": {
                "startDate": "4/1/2040 2:31:24",
                "timeZone": "GMT+01:00, Europe (Berlin)",
                "duration": 90,
                "openTime": 20,
            },
            "metaData": {"confName": "Course", "agenda": "All of it"},
            "telephony": {"telephonySupport": "CALLIN"},
            "repeat": {"repeatType": "SINGLE"},
            "presenters": people(person(f"host2@{site.name}.example", "HOST", type="MEMBER")),
            "attendees": people(person("Ann@Pupils.example", "ATTENDEE", type="VISITOR")),
        }
        key = client.call("training.CreateTrainingSession", sent).ok().value("sessionkey") or ""
        answer = get_training(client, key)
        assert answer.value("schedule/startDate") == "04/01/2040 02:31:24"
        assert answer.value("schedule/timeZoneID") == str(BERLIN)
        assert answer.value("schedule/openTime") == "20"
        assert answer.value("telephony/telephonySupport") == "CALLIN"
        assert answer.value("presenters/participants/participant/role") == "HOST"
        assert answer.value("attendees/participants/participant/person/email") == "Ann@Pupils.example"
        assert answer.value("attendees/participants/participant/role") == "ATTENDEE"
        info = client.call("ep.GetSessionInfo", sessionKey=key).ok()
        assert info.value("host/alternateHost/webExID") in ("host2", None)
        summary = site.client("host2").call("ep.LstsummarySession").ok()
        assert summary.value("session/otherHostWebExID") == "host2"

    def test_invitations_by_mail_when_they_are_wanted(self, site: TestSite) -> None:
        client = site.client()
        listed: dict[str, Any] = {
            "attendees": people(person("a@people.example")),
            "presenters": people(person("p@people.example")),
        }
        create_training(client, **listed)
        assert [kind for kind, _ in mails(site)] == ["session.scheduled"]
        create_training(client, **listed, attendeeOptions={"emailInvitations": True})
        assert sorted(mails(site))[:2] == [
            ("session.invitation", "a@people.example"),
            ("session.invitation", "p@people.example"),
        ]

    def test_harmful_texts_lose_what_is_harmful(self, site: TestSite) -> None:
        client = site.client()
        texts = {
            "confName": "<script>alert(1)</script>Safe",
            "agenda": "<b>bold</b><script>alert(1)</script>",
            "description": '<a href="javascript:x()">here</a>',
            "location": "<img src=x onerror=y>Room 5",
        }
        answer = get_training(client, create_training(client, metaData=texts))
        assert answer.value("metaData/confName") == "Safe"
        assert answer.value("metaData/agenda") == "<b>bold</b>"
        assert "javascript" not in (answer.value("metaData/description") or "")
        assert answer.value("metaData/location") == "Room 5"

    def test_what_cannot_be_is_refused_and_nothing_is_kept(self, site: TestSite) -> None:
        client = site.client()
        refused: list[tuple[dict[str, Any], str, str]] = [
            ({"metaData": {"confName": ""}}, "999999", "metaData/confName: a value is required"),
            ({"metaData": {"confName": "x" * 513}}, "999999", "metaData/confName: at most 512"),
            ({"metaData": {"agenda": "x" * 2501}}, "999999", "agenda"),
            ({"metaData": {"description": "x" * 10_001}}, "999999", "metaData/description: at most 10000"),
            ({"metaData": {"sessionType": 3}}, "030025", "metaData"),
            ({"schedule": {"startDate": "01/01/2020 10:00:00"}}, "009007", "schedule/startDate"),
            ({"schedule": {"startDate": "soon"}}, "999999", "Date format"),
            ({"schedule": {"duration": 0}}, "999999", "schedule/duration"),
            ({"schedule": {"timeZoneID": 900}}, "999999", "schedule/timeZoneID"),
            ({"schedule": {"hostWebExID": "nobody"}}, "060019", "does not exist"),
            ({"schedule": {"hostWebExID": "admin"}}, "060021", "not allowed"),
            ({"schedule": {"extURL": "javascript:alert(1)"}}, "999999", "schedule/extURL"),
            ({"schedule": {"joinNotifyURL": "file:///etc/passwd"}}, "999999", "schedule/joinNotifyURL"),
            ({"telephony": {"extTelephonyURL": "//x.example"}}, "999999", "telephony/extTelephonyURL"),
            ({"attendees": people({"person": {"name": "No Mail"}})}, "999999", "person/email: a value is required"),
            ({"attendees": people(person("a@b@c"))}, "999999", "person/email: this is no e-mail address"),
            ({"presenters": people(person("x@people.example", "HOST"))}, "040007", "no host account"),
            ({"attendeeOptions": {"maxRegistrations": -1}}, "999999", "attendeeOptions/maxRegistrations"),
            ({"attendeeOptions": {"maxRegistrations": 1001}}, "999999", "a number from 0 to 1000"),
            ({"attendeeOptions": {"registrationCloseDate": "later"}}, "999999", "Date format"),
            ({"attendeeOptions": {"registrationPWD": "x" * 65}}, "999999", "attendeeOptions/registrationPWD"),
            ({"handsOnLab": {"numComputers": -1}}, "999999", "handsOnLab/numComputers"),
            ({"preAssignBreakout": {"numSessions": -1}}, "999999", "preAssignBreakout/numSessions"),
            ({"preAssignBreakout": {"attendeesPerSess": -5}}, "999999", "preAssignBreakout/attendeesPerSess"),
        ]
        for groups, code, words in refused:
            answer = client.call("training.CreateTrainingSession", training(**groups)).failed(code)
            assert words in (answer.reason or ""), (groups, answer.reason)
        client.call("training.LstsummaryTrainingSession").failed("000015")

    def test_passwords_by_the_rules_of_the_site(self, server: Server) -> None:
        client = server.new_site(all_meetings_password=True, strict_meeting_passwords=True).client()
        weak = {"sessionPassword": "abc"}
        create = "training.CreateTrainingSession"
        client.call(create, training(accessControl={"sessionPassword": ""})).failed("060026")
        client.call(create, training(accessControl=weak)).failed("019011")
        key = create_training(client, accessControl={**weak, "enforcePassword": False})
        assert get_training(client, key).value("sessionPassword") == "abc"

    def test_only_checking_keeps_nothing(self, site: TestSite) -> None:
        client = site.client()
        answer = client.call("training.CreateTrainingSession", training(validateFormat=True)).ok()
        assert answer.names() == []
        wrong = training(validateFormat=True, schedule={"duration": 0})
        client.call("training.CreateTrainingSession", wrong).failed("999999")
        client.call("training.LstsummaryTrainingSession").failed("000015")
        assert mails(site) == []
        key = create_training(client)
        before = get_training(client, key).text
        set_training(client, key, validateFormat=True, metaData={"confName": "Other"}).ok()
        set_training(client, key, validateFormat=True, schedule={"duration": -1}).failed("999999")
        assert get_training(client, key).text == before

    def test_scheduling_for_a_host_who_permitted_it(self, site: TestSite) -> None:
        key = create_training(site.client("host2"), schedule={"hostWebExID": "host1"})
        assert get_training(site.client("host2"), key).value("schedule/hostWebExID") == "host1"
        assert get_training(site.client("host1"), key).value("sessionKey") == key

    @pytest.mark.parametrize(("level", "code"), [("42.4.0", None), ("42.5.0", "010107")])
    def test_a_suspended_site(self, site: TestSite, level: str, code: str | None) -> None:
        client = site.client()
        key = create_training(client)
        site.set(suspended=True, level=level)
        answers = [
            client.call("training.CreateTrainingSession", training()),
            set_training(client, key, metaData={"agenda": "New"}),
        ]
        for answer in answers:
            if code is None:
                answer.ok()
            else:
                answer.failed(code)
        assert get_training(client, key).value("sessionKey") == key
        client.call("training.DelTrainingSession", sessionKey=key).ok()

    def test_sites_whose_trainings_are_all_unlisted(self, server: Server) -> None:
        for site in (server.new_site(trainings_unlisted=True), server.new_site(all_meetings_unlisted=True)):
            client = site.client()
            key = create_training(client, accessControl={"listing": "PUBLIC"})
            assert get_training(client, key).value("accessControl/listing") == "UNLISTED"
            assert client.call("site.GetSite").ok().value("TCMeetingsUnlisted") == "true"
        plain = server.new_site().client()
        assert plain.call("site.GetSite").ok().value("TCMeetingsUnlisted") == "false"
        key = create_training(plain, accessControl={"listing": "PRIVATE"})
        assert get_training(plain, key).value("accessControl/listing") == "PRIVATE"


class TestChanging:
    def test_only_what_is_sent_changes(self, site: TestSite) -> None:
        client = site.client()
        key = create_training(
            client,
            metaData={"agenda": "First", "location": "Room 5"},
            enableOptions={"chat": False},
            telephony={"telephonySupport": "CALLIN", "numPhoneLines": 7},
            tracking={"trackingCode1": "blue", "trackingCode10": "red"},
            preAssignBreakout={"enable": True, "attendeeAssign": "AUTO", "numSessions": 3},
            repeat=classes(4),
            attendees=people(person("a@people.example")),
        )
        before = get_training(client, key)
        set_training(client, key, schedule={"duration": 75}).ok()
        after = get_training(client, key)
        assert after.value("schedule/duration") == "75"
        assert after.text.replace(">75<", ">30<") == before.text
        set_training(client, key, metaData={"agenda": "Second"}, accessControl={"listing": "UNLISTED"}).ok()
        changed = get_training(client, key)
        assert changed.value("metaData/agenda") == "Second"
        assert changed.value("metaData/location") == "Room 5"
        assert changed.value("accessControl/sessionPassword") == "Secret12"
        assert changed.all("repeatSession/index") == ["1", "2", "3", "4"]
        assert changed.value("preAssignBreakout/numSessions") == "3"

    def test_people_of_one_part_give_way_to_those_sent(self, site: TestSite) -> None:
        client = site.client()
        key = create_training(
            client,
            presenters=people(person("p@people.example")),
            attendees=people(person("a@people.example"), person("b@people.example")),
        )
        set_training(client, key, attendees=people(person("c@people.example"))).ok()
        answer = get_training(client, key)
        assert answer.all("presenters/participants/participant/person/email") == ["p@people.example"]
        assert answer.all("attendees/participants/participant/person/email") == ["c@people.example"]
        set_training(client, key, presenters=people(person(f"host2@{site.name}.example", "HOST"))).ok()
        answer = get_training(client, key)
        assert answer.all("presenters/participants/participant/role") == ["HOST"]
        assert answer.all("attendees/participants/participant/person/email") == ["c@people.example"]
        set_training(client, key, attendees=people()).ok()
        assert get_training(client, key).all("attendees/participants/participant/person/email") == ["c@people.example"]

    def test_join_statuses_of_participants(self, site: TestSite) -> None:
        client = site.client()
        sent = ["REGISTER", "INVITE", "REJECT", "ACCEPT", "REJECTREGISTER", "ACCEPTREGISTER", "ACCEPTINVITE", None]
        some = [
            {**person(f"p{place}@people.example"), "joinStatus": status, "contactID": 7 + place}
            for place, status in enumerate(sent)
        ]
        answer = get_training(client, create_training(client, attendees=people(*some)))
        kept = ["REGISTER", "INVITE", "REJECT", "ACCEPT", "REJECT", "ACCEPT", "ACCEPT", "INVITE"]
        assert answer.all("attendees/participants/participant/joinStatus") == kept
        assert answer.all("attendees/participants/participant/contactID") == [str(7 + place) for place in range(8)]

    def test_another_host_gets_the_training(self, site: TestSite) -> None:
        key = create_training(site.client("host2"))
        site.client("host1").call("training.SetTrainingSession", sessionKey=key, metaData={"confName": "x"}).failed(
            "000001"
        )
        site.client("host2").call("training.SetTrainingSession", sessionKey=key, schedule={"hostWebExID": "host1"}).ok()
        assert get_training(site.client("host1"), key).value("schedule/hostWebExID") == "host1"

    def test_a_started_training_keeps_how_it_recurs_and_stays(self, site: TestSite) -> None:
        client = site.client()
        key = create_training(client, repeat=classes())
        begin(site, key)
        reason = "On WebEx11 site, a started session cannot be deleted or changed recurrence type"
        for repeat in ({"repeatType": "SINGLE"}, classes(3, "MULTIPLE_SESSION"), {"occurenceType": "WEEKLY"}):
            assert set_training(client, key, repeat=repeat).failed("060042").reason == reason
        set_training(client, key, repeat={"repeatSession": {"action": "DELETE", "index": 1}}).failed("060042")
        set_training(client, key, repeat={"repeatSession": {"action": "DELETE", "index": 3}}).ok()
        set_training(client, key, metaData={"agenda": "Now"}, repeat=classes()).ok()
        assert client.call("training.DelTrainingSession", sessionKey=key).failed("060042").reason == reason
        client.call("ep.DelSession", sessionKey=key).failed("060042")
        assert get_training(client, key).value("status") == "INPROGRESS"
        foreign = site.client("admin").call(
            "training.SetTrainingSession", sessionKey=key, repeat={"repeatType": "SINGLE"}
        )
        foreign.failed("000001")

    def test_a_new_time_is_told_to_those_who_were_written_to(self, site: TestSite) -> None:
        client = site.client()
        listed: dict[str, Any] = {
            "attendees": people(person("a@people.example")),
            "attendeeOptions": {"emailInvitations": True},
        }
        key = create_training(client, **listed)
        set_training(client, key, schedule={"startDate": in_days(5)}).ok()
        told = [recipient for kind, recipient in mails(site) if kind == "session.rescheduled"]
        assert sorted(filter(None, told)) == ["a@people.example", f"host1@{site.name}.example"]


class TestReading:
    def test_only_who_holds_or_scheduled_it(self, site: TestSite) -> None:
        key = create_training(site.client("host1"), schedule={"hostWebExID": "host1"})
        for other in ("host2", "admin", "attendee1"):
            site.client(other).call("training.GetTrainingSession", sessionKey=key).failed("000001")

    def test_keys_that_name_no_training(self, site: TestSite) -> None:
        client = site.client()
        other = client.call("meeting.CreateMeeting", meeting()).value("meetingkey")
        for key in ("12345678901", "0", "-5", "999999999999999999", other):
            for name in ("GetTrainingSession", "DelTrainingSession", "SetTrainingSession"):
                client.call(f"training.{name}", sessionKey=key).failed("060001")
        own = create_training(client)
        client.call("meeting.GetMeeting", meetingKey=own).failed("060001")
        client.call("event.DelEvent", sessionKey=own).failed("060001")

    def test_by_uuid(self, site: TestSite) -> None:
        client = site.client()
        key = create_training(client)
        uuid = client.call("ep.GetSessionInfo", sessionKey=key).ok().value("meetingUUID") or ""
        assert client.call("training.GetTrainingSession", meetingUUID=uuid).ok().value("sessionKey") == key
        client.call("training.DelTrainingSession", meetingUUID=uuid).ok()
        client.call("training.GetTrainingSession", sessionKey=key).failed("060001")

    def test_links_and_general_information(self, site: TestSite) -> None:
        client = site.client()
        key = create_training(
            client, metaData={"agenda": "Fire drill", "description": "Bring shoes"}, psoFields={"psoField1": "x"}
        )
        assert client.call("meeting.GethosturlMeeting", sessionKey=key).ok().value("hostMeetingURL")
        assert client.call("meeting.GetjoinurlMeeting", sessionKey=key).ok().value("joinMeetingURL")
        info = client.call("ep.GetSessionInfo", sessionKey=key).ok()
        assert info.value("metaData/serviceType") == "TrainingCenter"
        assert info.value("metaData/agenda") == "Fire drill"
        listed = client.call("ep.LstsummarySession", returnPSOFields=True).ok()
        assert listed.value("psoFields/psoField1") == "x"

    def test_tests_of_the_training_are_told_as_they_are_at_the_time(self, site: TestSite) -> None:
        client = site.client()
        key = create_training(client)
        assert "test" not in get_training(client, key).names()
        test = upload(client, quiz(ESSAY))
        client.call("training.AddScheduledTest", sessionKey=key, testID=test).ok()
        answer = get_training(client, key)
        assert answer.names("test") == ["testID", "title", "delivery", "status"]
        assert answer.value("test/delivery") == "IN_SESSION"
        number = answer.value("test/testID")
        client.call("training.DelScheduledTest", sessionKey=key, testID=number).ok()
        assert "test" not in get_training(client, key).names()


class TestDeleting:
    def test_deleting_ends_a_training_with_all_its_sessions(self, site: TestSite) -> None:
        client = site.client()
        listed: dict[str, Any] = {
            "attendees": people(person("a@people.example")),
            "attendeeOptions": {"emailInvitations": True},
        }
        key = create_training(client, **listed, repeat=classes())
        answer = client.call("training.DelTrainingSession", sessionKey=key).ok()
        assert answer.names() == []
        client.call("training.GetTrainingSession", sessionKey=key).failed("060001")
        client.call("training.DelTrainingSession", sessionKey=key).failed("060001")
        told = sorted(recipient or "" for kind, recipient in mails(site) if kind == "session.cancelled")
        assert told == ["a@people.example", f"host1@{site.name}.example"]

    def test_who_may(self, site: TestSite) -> None:
        key = create_training(site.client("host1"))
        site.client("admin").call("training.DelTrainingSession", sessionKey=key).failed("000001")
        site.client("host2").call("training.DelTrainingSession", sessionKey=key).ok()  # a delegate of host1

    def test_the_tests_of_a_training_go_with_it(self, site: TestSite) -> None:
        client = site.client()
        key = create_training(client)
        client.call("training.AddScheduledTest", sessionKey=key, testID=upload(client, quiz(ESSAY))).ok()
        number = client.call("training.LstScheduledTests", sessionKey=key).ok().value("test/testID")
        client.call("training.DelTrainingSession", sessionKey=key).ok()
        client.call("training.GetTestInformation", testID=number).failed("999999")


class TestLimits:
    def test_of_people_who_are_invited(self, site: TestSite) -> None:
        site.set(settings=SiteSettings(max_training_invitees=2))
        client = site.client()
        three = people(*(person(f"p{place}@people.example") for place in range(3)))
        refused = client.call("training.CreateTrainingSession", training(attendees=three)).failed("999999")
        assert refused.reason == "participants/attendees: at most 2 attendees are allowed"
        key = create_training(client, attendees=people(person("a@people.example")))
        set_training(client, key, attendees=three).failed("999999")
        set_training(client, key, presenters=people(person("b@people.example"), person("c@people.example"))).failed(
            "999999"
        )
        invite = {"sessionKey": key}
        client.call("attendee.CreateMeetingAttendee", **invite, **person("b@people.example")).ok()
        client.call("attendee.CreateMeetingAttendee", **invite, **person("c@people.example")).failed("999999")
        client.call("attendee.CreateMeetingAttendee", **invite, **person("b@people.example", name="Bea")).ok()
        other = client.call("meeting.CreateMeeting", meeting()).value("meetingkey")
        for place in range(3):
            added = person(f"p{place}@people.example")
            client.call("attendee.CreateMeetingAttendee", meetingKey=other, **added).ok()

    def test_people_who_registered_are_not_invitees(self, site: TestSite) -> None:
        site.set(settings=SiteSettings(max_training_invitees=2, max_training_registrants=3))
        client = site.client()
        key = create_training(client, attendeeOptions={"registration": True, "auto": True})
        register = "attendee.RegisterMeetingAttendee"
        for place in range(3):
            client.call(register, attendees={**person(f"r{place}@people.example"), "sessionKey": key}).ok()
        full = client.call(register, attendees={**person("r9@people.example"), "sessionKey": key}).failed("999999")
        assert full.reason == "The session is full: it takes 3 people"
        for place in range(2):
            added = person(f"i{place}@people.example")
            client.call("attendee.CreateMeetingAttendee", sessionKey=key, **added).ok()
        client.call("attendee.CreateMeetingAttendee", sessionKey=key, **person("i9@people.example")).failed("999999")


def test_times_of_another_zone_come_back_as_they_were_sent(site: TestSite) -> None:
    client = site.client()
    [start] = dates(5, 1, hour=23)
    key = create_training(client, schedule={"startDate": start, "timeZoneID": BERLIN})
    assert get_training(client, key).value("schedule/startDate") == start
    set_training(client, key, schedule={"timeZoneID": GMT}).ok()
    assert get_training(client, key).value("schedule/startDate") == start
