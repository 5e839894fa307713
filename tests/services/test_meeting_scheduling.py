"""CreateMeeting, SetMeeting, DelMeeting over HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.server import Server, TestSite
from tests.services.meetings import BERLIN, GMT, attendee, create, get, in_days, meeting


def test_a_new_meeting_answers_key_links_and_password(site: TestSite) -> None:
    answer = site.client().call("meeting.CreateMeeting", meeting("Plan & <act>")).ok()
    assert answer.type_name == "meet:createMeetingResponse"
    assert answer.names() == ["meetingkey", "meetingUUID", "meetingPassword", "iCalendarURL", "guestToken"]
    assert re.fullmatch(r"[1-9]\d{10}", answer.value("meetingkey") or "")
    assert re.fullmatch(r"[0-9a-f]{32}", answer.value("meetingUUID") or "")
    assert answer.value("meetingPassword") == "Secret12"
    host, people = answer.value("iCalendarURL/host"), answer.value("iCalendarURL/attendee")
    assert host != people
    for link in (host, people):
        assert re.fullmatch(rf"http://[^/]+/{site.name}/j\.php\?MTID=m[0-9a-f]{{32}}", link or "")
    assert get(site.client(), answer.value("meetingkey") or "").value("metaData/confName") == "Plan & <act>"


def test_defaults_of_a_meeting_with_only_a_name(site: TestSite) -> None:
    client = site.client()
    key = client.call("meeting.CreateMeeting", {"metaData": {"confName": "Now"}}).ok().value("meetingkey") or ""
    answer = get(client, key).ok()
    assert answer.value("schedule/duration") == "60"
    assert answer.value("schedule/openTime") == "900"
    assert answer.value("schedule/hostWebExID") == "host1"
    assert answer.value("telephony/telephonySupport") == "NONE"
    assert answer.value("repeat/repeatType") == "NO_REPEAT"
    assert answer.names("repeat") == ["repeatType"]
    assert "meetingPassword" not in answer.names("accessControl")


def test_get_meeting_has_the_recorded_order_of_elements(site: TestSite) -> None:
    client = site.client()
    answer = get(client, create(client)).ok()
    assert answer.names() == [
        *("accessControl", "metaData", "participants", "enableOptions", "schedule", "telephony", "tracking", "repeat"),
        *("remind", "attendeeOptions", "meetingkey", "status", "hostJoined", "participantsJoined", "telePresence"),
        *("hostKey", "eventID", "guestToken", "hostType", "sipURL", "isPrivateMeeting", "meetingUUID", "meetingLink"),
    ]
    assert answer.names("schedule") == [
        *("startDate", "timeZoneID", "timeZone", "duration", "openTime", "hostWebExID", "showFileStartMode"),
        *("showFileContPlayFlag", "showFileInterVal", "entryExitTone", "extNotifyTime", "joinTeleconfBeforeHost"),
        "firstAttendeeAsPresenter",
    ]
    assert answer.names("attendeeOptions") == [
        *("request", "registration", "auto", "participantLimit", "excludePassword", "joinRequiresAccount")
    ]
    assert len(answer.names("enableOptions")) == 56
    assert "<meet:tracking/>" in answer.text
    assert "<meet:invitation></meet:invitation>" in answer.text


@pytest.mark.parametrize("key", ["12345678901", "1", "0", "-5", "999999999999999999"])
def test_unknown_keys(site: TestSite, key: str) -> None:
    client = site.client()
    for operation in ("GetMeeting", "DelMeeting", "GethosturlMeeting", "GetjoinurlMeeting"):
        client.call(f"meeting.{operation}", meetingKey=key).failed("060001")
    client.call("meeting.SetMeeting", meetingkey=key, metaData={"confName": "x"}).failed("060001")


def test_the_uuid_stands_for_the_key(site: TestSite) -> None:
    client = site.client()
    uuid = client.call("meeting.CreateMeeting", meeting()).value("meetingUUID")
    assert client.call("meeting.GetMeeting", meetingUUID=uuid).ok().value("meetingUUID") == uuid
    client.call("meeting.DelMeeting", meetingUUID=uuid).ok()
    client.call("meeting.GetMeeting", meetingUUID=uuid).failed("060001")


def test_deleting_gives_cancel_links_and_ends_the_meeting(site: TestSite) -> None:
    client = site.client()
    key = create(client, "Äh: & so")
    answer = client.call("meeting.DelMeeting", meetingKey=key).ok()
    link = answer.value("iCalendarURL/host") or ""
    name = ":".join(f"{byte:02X}" for byte in "Äh: & so".encode())
    assert f"&CN={name}&STI=" in link
    assert link.endswith("&ICS=CMC")
    assert (answer.value("iCalendarURL/attendee") or "").endswith("&ICS=MC")
    get(client, key).failed("060001")
    client.call("meeting.DelMeeting", meetingKey=key).failed("060001")


class TestWho:
    """Who may schedule for whom, and see or change whose meetings."""

    def test_attendee_only_accounts_may_not_schedule(self, site: TestSite) -> None:
        site.client("attendee1").call("meeting.CreateMeeting", meeting()).failed("000001")

    def test_a_delegate_schedules_and_changes_for_the_host(self, site: TestSite) -> None:
        delegate, host = site.client("host2"), site.client("host1")
        key = create(delegate, schedule={"hostWebExID": "HOST1"})
        assert get(delegate, key).ok().value("schedule/hostWebExID") == "host1"
        assert get(host, key).ok().value("schedule/hostWebExID") == "host1"
        own = create(host)
        delegate.call("meeting.SetMeeting", meetingkey=own, metaData={"agenda": "by the delegate"}).ok()
        assert get(host, own).value("metaData/agenda") == "by the delegate"
        get(delegate, own).failed("000001")

    def test_nobody_else_schedules_for_a_host(self, site: TestSite) -> None:
        for web_ex_id, other in (("host1", "host2"), ("admin", "host1")):
            answer = site.client(web_ex_id).call("meeting.CreateMeeting", meeting(schedule={"hostWebExID": other}))
            answer.failed("060021")

    def test_unknown_host(self, site: TestSite) -> None:
        answer = site.client().call("meeting.CreateMeeting", meeting(schedule={"hostWebExID": "nobody"}))
        assert answer.failed("060019").reason == "The host WebExID does not exist"

    def test_others_meetings_are_refused_even_to_administrators(self, site: TestSite) -> None:
        key = create(site.client("host2"))
        for web_ex_id in ("host1", "admin"):
            client = site.client(web_ex_id)
            get(client, key).failed("000001")
            client.call("meeting.SetMeeting", meetingkey=key, metaData={"confName": "mine"}).failed("000001")
            client.call("meeting.DelMeeting", meetingKey=key).failed("000001")
            client.call("meeting.GethosturlMeeting", meetingKey=key).failed("000001")
        assert get(site.client("host2"), key).ok().value("metaData/confName") == "Weekly review"

    def test_another_site_does_not_see_the_meeting(self, site: TestSite, server: Server) -> None:
        key = create(site.client())
        other = server.new_site()
        get(other.client(), key).failed("060001")
        other.client("admin").call("meeting.DelMeeting", meetingKey=key).failed("060001")
        get(site.client(), key).ok()


class TestSchedule:
    """Start, zone and duration."""

    def test_the_start_comes_back_in_the_zone_of_the_meeting(self, site: TestSite) -> None:
        client = site.client()
        start = in_days(30, 9)
        answer = get(client, create(client, schedule={"startDate": start, "timeZoneID": BERLIN})).ok()
        assert answer.value("schedule/startDate") == start
        assert answer.value("schedule/timeZone") == "GMT+01:00, Europe (Berlin)"

    def test_the_zone_may_be_named_by_its_text(self, site: TestSite) -> None:
        client = site.client()
        zone = {"timeZoneID": None, "timeZone": "GMT+08:00, China (Beijing)"}
        assert get(client, create(client, schedule=zone)).value("schedule/timeZoneID") == "45"

    @pytest.mark.parametrize("start", ["2030-01-01T10:00:00", "13/01/2030 10:00:00", "tomorrow", "02/30/2030 10:00:00"])
    def test_a_date_that_cannot_be_read(self, site: TestSite, start: str) -> None:
        answer = site.client().call("meeting.CreateMeeting", meeting(schedule={"startDate": start})).failed("999999")
        assert answer.reason == "Date format should be MM/dd/yyyy HH:mm:ss"

    @pytest.mark.parametrize("start", ["1/5/2030 9:3:7", "01/05/2030 09:03", " 01/05/2030 09:03:07\n"])
    def test_dates_are_read_leniently(self, site: TestSite, start: str) -> None:
        client = site.client()
        found = get(client, create(client, schedule={"startDate": start})).value("schedule/startDate") or ""
        assert found.startswith("01/05/2030 09:03:0")

    def test_a_start_in_the_past_or_too_far_is_refused(self, site: TestSite) -> None:
        client = site.client()
        client.call("meeting.CreateMeeting", meeting(schedule={"startDate": in_days(-2)})).failed("009007")
        late = client.call("meeting.CreateMeeting", meeting(schedule={"startDate": "01/01/2051 00:00:00"}))
        assert late.failed("999999").reason == "Date should not be later than 12/31/2050"

    @pytest.mark.parametrize("duration", ["0", "-1", "10000000", "x", "1.5"])
    def test_impossible_durations(self, site: TestSite, duration: str) -> None:
        answer = site.client().call("meeting.CreateMeeting", meeting(schedule={"duration": duration})).failed("999999")
        assert "schedule/duration" in (answer.reason or "")

    def test_a_duration_with_a_fraction_of_nothing(self, site: TestSite) -> None:
        client = site.client()
        assert get(client, create(client, schedule={"duration": "20.0"})).value("schedule/duration") == "20"

    def test_a_duration_above_the_limit_of_the_type(self, site: TestSite) -> None:
        free = meeting(metaData={"confName": "Long", "meetingType": "1"}, schedule={"duration": 100_000})
        site.client().call("meeting.CreateMeeting", free).failed("060017")

    def test_an_unknown_zone(self, site: TestSite) -> None:
        answer = site.client().call("meeting.CreateMeeting", meeting(schedule={"timeZoneID": 77})).failed("999999")
        assert "timeZoneID" in (answer.reason or "")


class TestPassword:
    """What a site may demand of passwords."""

    def test_a_site_that_demands_one(self, server: Server) -> None:
        site = server.new_site(all_meetings_password=True)
        answer = site.client().call("meeting.CreateMeeting", {"metaData": {"confName": "Open"}}).failed("060026")
        assert answer.reason == "Meeting password must not be null"
        empty = meeting(accessControl={"meetingPassword": ""})
        site.client().call("meeting.CreateMeeting", empty).failed("060026")

    def test_a_site_that_makes_one_up(self, server: Server) -> None:
        site = server.new_site(all_meetings_password=True, generate_passwords=True)
        answer = site.client().call("meeting.CreateMeeting", {"metaData": {"confName": "Open"}}).ok()
        assert len(answer.value("meetingPassword") or "") >= 4

    def test_criteria_and_the_switch_in_the_request(self, server: Server) -> None:
        site = server.new_site(strict_meeting_passwords=True)
        client = site.client()
        weak = meeting(accessControl={"meetingPassword": "abc"})
        answer = client.call("meeting.CreateMeeting", weak).failed("019011")
        assert "at least 4 characters" in (answer.reason or "")
        weak["accessControl"]["enforcePassword"] = False
        client.call("meeting.CreateMeeting", weak).ok()

    def test_the_longest_password(self, site: TestSite) -> None:
        client = site.client()
        create(client, accessControl={"meetingPassword": "x" * 16})
        long = meeting(accessControl={"meetingPassword": "x" * 17})
        assert "meetingPassword" in (client.call("meeting.CreateMeeting", long).failed("999999").reason or "")


class TestSet:
    """Changing a meeting."""

    def test_what_is_not_sent_stays(self, site: TestSite) -> None:
        client = site.client()
        groups: dict[str, Any] = {
            "metaData": {"agenda": "points", "location": "Room 5"},
            "participants": {"attendees": {"attendee": [attendee("a@x.example"), attendee("b@x.example")]}},
            "enableOptions": {"chat": False, "webTour": True},
            "tracking": {"trackingCode3": "cost centre"},
            "remind": {"enableReminder": True, "emails": {"email": ["r@x.example"]}, "minutesAhead": 15},
        }
        key = create(client, "Before", **groups)
        before = get(client, key).ok()
        client.call("meeting.SetMeeting", meetingkey=key, metaData={"confName": "Later"}).ok()
        after = get(client, key).ok()
        assert after.text.replace("Later", "Before") == before.text

    def test_an_empty_text_clears_but_an_empty_password_does_not(self, site: TestSite) -> None:
        client = site.client()
        key = create(client, metaData={"confName": "A", "agenda": "points"})
        client.call("meeting.SetMeeting", f"<meetingKey>{key}</meetingKey><metaData><agenda/></metaData>").ok()
        empty = "<accessControl><meetingPassword></meetingPassword></accessControl>"
        client.call("meeting.SetMeeting", f"<meetingkey>{key}</meetingkey>{empty}").ok()
        answer = get(client, key)
        assert answer.value("metaData/agenda") == ""
        assert answer.value("accessControl/meetingPassword") == "Secret12"

    def test_people_sent_take_the_place_of_the_invited(self, site: TestSite) -> None:
        client = site.client()
        people = {"attendees": {"attendee": [attendee("a@x.example"), attendee("b@x.example")]}}
        key = create(client, participants=people)
        numbers = dict(
            zip(*(get(client, key).all(f"attendee/{p}") for p in ("person/email", "contactID")), strict=True)
        )
        changed = {"attendees": {"attendee": [attendee("B@x.example"), attendee("c@x.example")]}}
        client.call("meeting.SetMeeting", meetingkey=key, participants=changed).ok()
        answer = get(client, key)
        assert answer.all("attendee/person/email") == ["B@x.example", "c@x.example"] or set(
            answer.all("attendee/person/email")
        ) == {"B@x.example", "c@x.example"}
        found = dict(zip(answer.all("attendee/person/email"), answer.all("attendee/contactID"), strict=True))
        assert found["B@x.example"] == numbers["b@x.example"]

    def test_another_start_moves_the_meeting(self, site: TestSite) -> None:
        client = site.client()
        key = create(client)
        client.call("meeting.SetMeeting", meetingkey=key, schedule={"startDate": in_days(9, 7)}).ok()
        answer = get(client, key)
        assert answer.value("schedule/startDate") == in_days(9, 7)
        assert answer.value("schedule/duration") == "30"
        listed = client.call("meeting.LstsummaryMeeting", meetingKey=key).ok()
        assert listed.value("meeting/startDate") == in_days(9, 7)


class TestPeople:
    """Attendees and alternate hosts."""

    def test_attendees_come_back_completed(self, site: TestSite) -> None:
        client = site.client()
        people = {"attendees": {"attendee": [{"person": {"name": "admin", "email": "Some.One@X.example"}}]}}
        answer = get(client, create(client, participants=people)).ok()
        assert answer.value("attendee/person/firstName") == "admin"
        assert answer.value("attendee/person/email") == "Some.One@X.example"
        assert answer.value("attendee/person/type") == "VISITOR"
        assert answer.value("attendee/joinStatus") == "INVITE"
        assert answer.value("attendee/role") == "ATTENDEE"
        assert answer.names("attendee") == [
            *("person", "contactID", "joinStatus", "meetingKey", "language", "role", "languageID")
        ]

    @pytest.mark.parametrize("email", ["no address", "a@", "@b", "a b@c", "a@b@c", "a@b\r\nBcc: x@y", "x" * 400 + "@y"])
    def test_what_is_no_address(self, site: TestSite, email: str) -> None:
        people = {"attendees": {"attendee": [{"person": {"email": email}}]}}
        answer = site.client().call("meeting.CreateMeeting", meeting(participants=people)).failed("999999")
        assert "person/email" in (answer.reason or "")

    def test_lists_without_anybody_are_no_lists(self, site: TestSite) -> None:
        client = site.client()
        for nobody in ("<attendees/>", "<attendees></attendees>", "<attendees><attendee></attendee></attendees>"):
            body = f"<metaData><confName>A</confName></metaData><participants>{nobody}</participants>"
            key = client.call("meeting.CreateMeeting", body).ok().value("meetingkey") or ""
            assert get(client, key).all("attendee/person/email") == []

    def test_alternate_hosts_are_hosts_of_the_site(self, site: TestSite) -> None:
        client = site.client()
        by_email = attendee(f"host2@{site.name}.example", role="HOST")
        by_id = {"person": {"webExId": "Host2", "type": "MEMBER"}, "role": "HOST"}
        for each in (by_email, by_id):
            key = create(client, participants={"attendees": {"attendee": [each]}})
            assert get(client, key).value("attendee/person/email") == f"host2@{site.name}.example"
            listed = site.client("host2").call("ep.LstsummarySession", sessionKey=key).ok()
            assert listed.value("session/otherHostWebExID") == "host2"
            assert listed.value("session/altHost") == "true"
            site.client("host2").call("meeting.GethosturlMeeting", sessionKey=key).ok()
        for wrong in (
            attendee("x@elsewhere.example", role="HOST"),
            attendee(f"attendee1@{site.name}.example", role="HOST"),
        ):
            body = meeting(participants={"attendees": {"attendee": [wrong]}})
            client.call("meeting.CreateMeeting", body).failed("040007")


def test_the_free_type_is_all_that_a_suspended_site_schedules(server: Server) -> None:
    site = server.new_site()
    client = site.client()
    key = create(client)
    site.set(suspended=True)
    client.call("meeting.CreateMeeting", meeting()).failed("010107")
    client.call("meeting.SetMeeting", meetingkey=key, metaData={"agenda": "x"}).failed("010107")
    client.call("meeting.CreateMeeting", meeting(metaData={"confName": "Free", "meetingType": 1})).ok()
    get(client, key).ok()
    client.call("meeting.DelMeeting", meetingKey=key).ok()
    site.set(level="42.4.0")
    create(client)


def test_a_meeting_type_that_the_site_does_not_have(site: TestSite) -> None:
    body = meeting(metaData={"confName": "A", "meetingType": 4711})
    assert "4711" in (site.client().call("meeting.CreateMeeting", body).failed("030025").reason or "")


def test_unlisted_sites_and_the_flags_of_a_meeting(site: TestSite, server: Server) -> None:
    client = site.client()
    flags = {"listToPublic": "TRUE", "isPublic": "False"}
    key = create(client, accessControl=flags)
    assert client.call("meeting.LstsummaryMeeting", meetingKey=key).value("listStatus") == "PRIVATE"
    assert get(client, key).value("accessControl/isPublic") == "false"
    unlisted = server.new_site(all_meetings_unlisted=True).client()
    key = create(unlisted, accessControl={"listToPublic": True, "isPublic": True})
    assert unlisted.call("meeting.LstsummaryMeeting", meetingKey=key).value("listStatus") == "UNLISTED"
    assert get(unlisted, key).value("accessControl/listToPublic") == "false"


def test_end_to_end_encryption_switches_recording_off(site: TestSite) -> None:
    client = site.client()
    options = {"supportE2E": True, "meetingRecord": True, "supportRemoteComputer": True}
    answer = get(client, create(client, enableOptions=options))
    assert answer.value("enableOptions/supportE2E") == "true"
    assert answer.value("enableOptions/meetingRecord") == "false"
    assert answer.value("enableOptions/supportRemoteComputer") == "false"


def test_all_problems_at_once_with_validate_format(site: TestSite) -> None:
    body = "<metaData><confName>A</confName><agenda>%s</agenda></metaData><schedule><duration>x</duration></schedule>"
    client = site.client()
    first = client.call("meeting.CreateMeeting", body % ("y" * 2501)).failed("999999")
    assert first.all("subError/reason") == []
    both = client.call("meeting.CreateMeeting", body % ("y" * 2501) + "<validateFormat>TRUE</validateFormat>")
    assert both.failed("999999").all("subError/exceptionID") == ["999999", "999999"]
    assert any("agenda" in reason for reason in both.all("subError/reason"))


def test_gmt_is_zone_20(site: TestSite) -> None:
    client = site.client()
    key = create(client, schedule={"timeZoneID": GMT, "startDate": in_days(5, 12)})
    assert client.call("ep.LstsummarySession", sessionKey=key).value("session/startTime") == in_days(5, 12)
