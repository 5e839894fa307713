"""GetSessionInfo and GetJoinSessionInfo over HTTP: who is told what of a session."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parley.services.application import Application
from parley.services.session_types import stored_type
from parley.store import Changes, sessions, sites
from tests.client import Answer, Client
from tests.server import Server, TestSite
from tests.services.meetings import BERLIN, GMT, attendee, create, in_days
from tests.services.test_lists import alter

INFO = "ep.GetSessionInfo"
JOIN = "ep.GetJoinSessionInfo"
START = "06/04/2035 10:00:00"
PASSWORD = "Secret12"
WRONG = "060026"

#: What is left of a meeting for strangers, as paths of the answer.
LEFT = {
    *("status", "sessionkey", "accessControl", "metaData", "attendeeOptions"),
    *("isAllowJBH", "isCETMeeting", "isPersonalMeetingRoom"),
}


def nobody(site: TestSite) -> Client:
    """A client that does not sign in."""
    return site.client(None, password=None)


def info(client: Client, key: str, **more: Any) -> Answer:
    return client.call(INFO, {"sessionKey": key, **more})


@pytest.fixture(scope="module")
def told(shared_site: TestSite) -> tuple[TestSite, str]:
    """A meeting of host1 with a password, an agenda, an invited attendee and an alternate host."""
    mail = f"@{shared_site.name}.example"
    people = [attendee(f"attendee1{mail}"), attendee(f"host2{mail}", role="HOST")]
    key = create(
        shared_site.client(),
        "Budget",
        metaData={"confName": "Budget", "agenda": "Numbers"},
        participants={"attendees": {"attendee": people}},
        attendeeOptions={"joinRequiresAccount": True, "participantLimit": 20},
        telephony={"telephonySupport": "CALLIN", "extTelephonyDescription": "Ring 1"},
        schedule={"startDate": START, "timeZoneID": BERLIN, "duration": 45, "openTime": 900},
    )
    return shared_site, key


def test_a_host_is_told_everything(told: tuple[TestSite, str]) -> None:
    site, key = told
    answer = info(site.client(), key).ok()
    assert answer.type_name == "ep:getSessionInfoResponse"
    found = {
        path: answer.value(path)
        for path in (
            *("status", "sessionkey", "metaData/confName", "metaData/agenda", "metaData/serviceType"),
            *("accessControl/sessionPassword", "accessControl/listStatus", "accessControl/passwordReq"),
            *("accessControl/registration", "telephony/telephonySupport", "telephony/extTelephonyDescription"),
            *("host/webExId", "host/email", "host/alternateHost", "schedule/startDate", "schedule/duration"),
            *("attendeeOptions/joinRequiresAccount", "isAlternateHost", "isCreator", "isAllowJBH"),
            *("isNextUpcomingInstance", "enableEvent", "enableWebniar", "isAudioOnly"),
        )
    }
    assert found == {
        "status": "NOT_INPROGRESS",
        "sessionkey": key,
        "metaData/confName": "Budget",
        "metaData/agenda": "Numbers",
        "metaData/serviceType": "MeetingCenter",
        "accessControl/sessionPassword": PASSWORD,
        "accessControl/listStatus": "PUBLIC",
        "accessControl/passwordReq": "true",
        "accessControl/registration": "false",
        "telephony/telephonySupport": "CALLIN",
        "telephony/extTelephonyDescription": "Ring 1",
        "host/webExId": "host1",
        "host/email": f"host1@{site.name}.example",
        "host/alternateHost": "host2",
        "schedule/startDate": START,
        "schedule/duration": "45",
        "attendeeOptions/joinRequiresAccount": "true",
        "isAlternateHost": "false",
        "isCreator": "true",
        "isAllowJBH": "true",
        "isNextUpcomingInstance": "true",
        "enableEvent": "false",
        "enableWebniar": "false",
        "isAudioOnly": "false",
    }
    assert (answer.value("schedule/timeZone") or "").startswith("GMT+01:00")
    assert len(answer.value("meetingUUID") or "") == 32
    assert len(answer.value("hostKey") or "") == 6
    assert "j.php?MTID=" in (answer.value("meetingLink") or "")
    names = answer.names()
    assert names[:4] == ["status", "isLocked", "sessionkey", "meetingUUID"]
    assert names.index("confID") == 4


@pytest.mark.parametrize("who", [None, "admin", "stranger"])
def test_strangers_are_told_what_is_left(told: tuple[TestSite, str], server_stranger: str, who: str | None) -> None:
    site, key = told
    client = nobody(site) if who is None else site.client(server_stranger if who == "stranger" else who)
    answer = info(client, key).ok()
    if who == "admin":  # sees in lists what is hidden from strangers, but nothing that needs the password
        assert answer.value("metaData/confName") == "Budget"
        assert answer.value("host/webExId") == "host1"
        for path in ("accessControl/sessionPassword", "metaData/agenda", "telephony", "hostKey"):
            assert answer.all(path) == []
        return
    assert set(answer.names()) == LEFT
    assert answer.names("metaData") == ["serviceType"]
    assert answer.names("accessControl") == ["listStatus", "registration", "passwordReq", "isRegisterIDRequired"]
    for text in ("Budget", "Numbers", PASSWORD, "host1", "Ring 1", START, "j.php"):
        assert text not in answer.text


@pytest.fixture(scope="module")
def server_stranger(shared_site: TestSite) -> str:
    """The webExID of an account without part in anything."""
    values = {
        "firstName": "No",
        "lastName": "Body",
        "webExId": "stranger",
        "email": "stranger@elsewhere.example",
        "password": "Parley-demo-1",
        "privilege": {"host": True},
        "active": "ACTIVATED",
    }
    shared_site.client("admin").call("user.CreateUser", values).ok()
    return "stranger"


def test_the_password_makes_a_part(told: tuple[TestSite, str]) -> None:
    site, key = told
    answer = info(nobody(site), key, sessionPassword=PASSWORD).ok()
    for path, value in (
        ("metaData/confName", "Budget"),
        ("metaData/agenda", "Numbers"),
        ("accessControl/sessionPassword", PASSWORD),
        ("schedule/startDate", START),
        ("telephony/telephonySupport", "CALLIN"),
    ):
        assert answer.value(path) == value
    assert answer.all("hostKey") == []
    admin = info(site.client("admin"), key, sessionPassword=PASSWORD).ok()
    assert admin.value("metaData/agenda") == "Numbers"
    assert admin.all("hostKey") == []


def test_people_on_the_list_are_told_without_the_password(told: tuple[TestSite, str]) -> None:
    site, key = told
    guest = info(site.client("attendee1"), key).ok()
    assert guest.value("metaData/agenda") == "Numbers"
    assert guest.value("accessControl/sessionPassword") == PASSWORD
    assert guest.value("accessControl/joinStatus") == "INVITE"
    assert guest.value("attendeeRole") == "ATTENDEE"
    assert (guest.value("isAlternateHost"), guest.all("hostKey")) == ("false", [])
    other = info(site.client("host2"), key).ok()
    assert (other.value("isAlternateHost"), other.value("attendeeRole")) == ("true", "ALTERNATEHOST")
    assert len(other.value("hostKey") or "") == 6


def test_a_wrong_password(told: tuple[TestSite, str]) -> None:
    site, key = told
    assert info(nobody(site), key, sessionPassword="secret12").failed(WRONG).reason is not None
    # Whoever has a part does not need it.
    info(site.client(), key, sessionPassword="secret12").ok()
    info(site.client("attendee1"), key, sessionPassword="x").ok()


def test_guessing_is_slowed_down(site: TestSite) -> None:
    key = create(site.client())
    for guess in range(6):
        info(nobody(site), key, sessionPassword=f"guess{guess}").failed(WRONG)
    application: Application = site.server.application
    assert application.brake.delay(f"{site.site_id}/session/{key}") > 0
    info(nobody(site), key, sessionPassword=PASSWORD).ok()  # waits, and gets in


def test_a_password_that_is_kept_back_is_for_hosts(site: TestSite) -> None:
    key = create(
        site.client(),
        attendeeOptions={"excludePassword": True},
        participants={"attendees": {"attendee": attendee(f"attendee1@{site.name}.example")}},
    )
    assert info(site.client("attendee1"), key).ok().all("accessControl/sessionPassword") == []
    assert info(site.client(), key).ok().value("accessControl/sessionPassword") == PASSWORD
    assert info(nobody(site), key, sessionPassword=PASSWORD).ok().value("accessControl/sessionPassword") == PASSWORD


def test_without_a_password_strangers_stay_strangers(site: TestSite) -> None:
    key = create(site.client(), accessControl={"meetingPassword": ""})
    for more in ({}, {"sessionPassword": "anything"}):
        answer = info(nobody(site), key, **more).ok()
        assert answer.value("accessControl/passwordReq") == "false"
        assert set(answer.names()) == LEFT


@pytest.mark.parametrize("password", ["", "<", "x" * 5000, "ü" * 300, "%00", "1' OR '1'='1"])
def test_hostile_passwords(told: tuple[TestSite, str], password: str) -> None:
    site, key = told
    answer = info(nobody(site), key, sessionPassword=password)
    if password:
        assert answer.code in (WRONG, "999999")
    else:
        assert set(answer.ok().names()) == LEFT


@pytest.mark.parametrize("key", ["12345678901", "0", "-5", "9223372036854775807"])
def test_unknown_sessions(told: tuple[TestSite, str], key: str) -> None:
    site, _ = told
    for client in (nobody(site), site.client()):
        info(client, key).failed("060001")
        client.call(JOIN, sessionKey=key, sessionPassword="x", attendeeName="A", attendeeEmail="a@b.example").failed(
            "060001"
        )


def test_values_that_are_none(told: tuple[TestSite, str]) -> None:
    site, _ = told
    for key in ("", "abc", "99999999999999999999999", "1 2"):
        answer = info(nobody(site), key)
        assert answer.code in ("060001", "999999")
    assert info(nobody(site), "<x>").result == "FAILURE"


def test_the_uuid_stands_for_the_key(told: tuple[TestSite, str]) -> None:
    site, key = told
    uuid = info(site.client(), key).ok().value("meetingUUID")
    assert nobody(site).call(INFO, meetingUUID=uuid).ok().value("sessionkey") == key
    nobody(site).call(INFO, meetingUUID="0" * 32).failed("060001")


def test_another_site_knows_nothing_of_it(told: tuple[TestSite, str]) -> None:
    site, key = told
    other = site.server.new_site()
    info(nobody(other), key).failed("060001")
    info(other.client(), key, sessionPassword=PASSWORD).failed("060001")


class TestKinds:
    """Sessions of other services; their rows are enough for what is told here."""

    @pytest.mark.parametrize(
        ("service", "session_type", "absent"),
        [
            ("EventCenter", 103, ["presenter", "telephony", "sessionPassword", "agenda"]),
            ("SupportCenter", 13, ["presenter", "description", "registration"]),
            ("MeetingCenter", 16, ["status", "presenter", "agenda", "description", "registration"]),
        ],
    )
    def test_what_a_host_is_never_told(
        self, site: TestSite, service: str, session_type: int, absent: list[str]
    ) -> None:
        key = self._made(site, service)
        assert info(site.client(), key).ok().value("metaData/sessionType") == str(session_type)
        answer = info(site.client(), key).ok()
        assert answer.value("sessionkey") == key
        for name in absent:
            assert answer.all(name) == []

    def _made(self, site: TestSite, service: str) -> str:
        client = site.client()
        if service == "SupportCenter":
            made = client.call("supportsession.CreateSupportSession", {"metaData": {"sessionType": 13}})
            return made.ok().value("sessionKey") or ""
        if service == "EventCenter":
            values = {"metaData": {"sessionName": "Open day"}, "schedule": {"startDate": in_days(3)}}
            return client.call("event.CreateEvent", values).ok().value("sessionKey") or ""
        values = {"metaData": {"confName": "Audio"}, "schedule": {"startDate": in_days(3)}}
        return client.call("meeting.auo.CreateTeleconferenceSession", values).ok().value("sessionKey") or ""


def test_events_on_a_site_without_them(server: Server) -> None:
    site = server.new_site()
    key = (
        site.client()
        .call("event.CreateEvent", {"metaData": {"sessionName": "Open day"}, "schedule": {"startDate": in_days(3)}})
        .ok()
        .value("sessionKey")
    )
    assert key is not None
    assert info(nobody(site), key).ok().value("sessionkey") == key
    kept = server.run(sites.by_id(server.application.engine, site.site_id))
    assert kept is not None
    site.set(settings=msgspec.structs.replace(kept.settings, classic_events=False))
    info(nobody(site), key).failed("010106")
    info(site.client(), key).failed("010106")
    site.client().call("ep.DelSession", sessionKey=key).ok()


def test_webinars_say_so(site: TestSite) -> None:
    found = {}
    for session_type in (3, 101, 102):
        key = create(site.client(), metaData={"confName": "W", "meetingType": session_type})
        answer = info(site.client(), key).ok()
        found[session_type] = (answer.value("enableEvent"), answer.value("enableWebniar"))
        row = site.client().call("ep.LstsummarySession", sessionKey=key).ok()
        assert (row.value("session/enableEvent"), row.value("session/enableWebniar")) == found[session_type]
    assert found == {3: ("false", "false"), 101: ("true", "false"), 102: ("true", "true")}


def test_private_meetings_are_those_of_a_private_type(site: TestSite) -> None:
    engine = site.server.application.engine
    key = create(site.client())
    assert info(site.client(), key).ok().value("isPrivateMeeting") == "false"

    async def make_private() -> None:
        kept, types = await sites.by_id(engine, site.site_id), await sites.types(engine, site.site_id)
        assert kept is not None
        place = next(place for place, each in enumerate(types) if each.type_id == 3)
        stored = stored_type(types[place])
        stored.options.support_private_meeting = True
        document = msgspec.json.encode(stored).decode()
        types[place] = msgspec.structs.replace(types[place], document=document)
        changes = Changes()
        sites.replace_types(changes, kept, types)
        await engine.commit(changes)

    site.server.run(make_private())
    assert info(site.client(), key).ok().value("isPrivateMeeting") == "true"
    listed = site.client().call("ep.LstsummarySession", sessionKey=key).ok()
    assert listed.value("session/isPrivateMeeting") == "true"


@pytest.mark.parametrize("level", ["42.1.0", "42.4.0"])
def test_older_levels(server: Server, level: str) -> None:
    site = server.new_site(level=level)
    key = create(site.client())
    assert set(info(nobody(site), key).ok().names()) == LEFT
    assert info(site.client(), key).ok().value("enableEvent") == "false"


class TestSeries:
    """What is told of a series, its occurrences and its exceptions."""

    def test_which_comes_next(self, site: TestSite) -> None:
        client = site.client()
        schedule = {"startDate": START, "timeZoneID": GMT, "duration": 30}
        series = create(client, schedule=schedule, repeat={"repeatType": "DAILY", "afterMeetingNumber": 5})
        assert info(client, series).ok().value("isNextUpcomingInstance") == "true"
        assert info(client, series).ok().value("metaData/isRecurring") == "true"
        of_series = {"repeatType": "NO_REPEAT", "isException": True, "seriesMeetingKey": series}
        found = []
        for day in ("06/04", "06/06"):
            moved = {**schedule, "startDate": f"{day}/2035 12:00:00"}
            found.append(create(client, schedule=moved, repeat=of_series))
        flags = [info(client, key).ok().value("isNextUpcomingInstance") for key in found]
        assert flags == ["true", "false"]

    def test_one_occurrence_by_its_number(self, site: TestSite) -> None:
        client = site.client()
        schedule = {"startDate": START, "timeZoneID": GMT, "duration": 30}
        series = create(client, schedule=schedule, repeat={"repeatType": "WEEKLY", "afterMeetingNumber": 3})
        answer = info(client, series, subSessionNo=3).ok()
        assert answer.value("schedule/startDate") == "06/18/2035 10:00:00"
        for number in (4, -1, 10**12):
            info(client, series, subSessionNo=number).failed("060001")
        assert info(client, series, subSessionNo=0).ok().value("schedule/startDate") == START


class TestRegistration:
    """What is told of registering."""

    def test_until_all_seats_are_taken(self, site: TestSite) -> None:
        client = site.client()
        key = create(client, attendeeOptions={"registration": True, "auto": True, "participantLimit": 1})
        assert info(client, key).ok().value("accessControl/registrationStatus") == "REGISTER"
        assert "RGID=" in (info(client, key).ok().value("accessControl/registrationURL") or "")
        person = {"person": {"name": "Kim", "email": "kim@guests.example"}, "joinStatus": "ACCEPT", "sessionKey": key}
        client.call("attendee.RegisterMeetingAttendee", {"attendees": person}).ok()
        assert info(client, key).ok().value("accessControl/registrationStatus") in ("FULL", "WAITLIST")
        assert info(nobody(site), key).ok().value("accessControl/registration") == "true"

    def test_whoever_waits_for_approval_is_a_stranger(self, site: TestSite) -> None:
        client = site.client()
        key = create(client, attendeeOptions={"registration": True, "auto": False})
        email = f"attendee1@{site.name}.example"
        person = {"person": {"name": "A", "email": email}, "sessionKey": key}
        client.call("attendee.RegisterMeetingAttendee", {"attendees": {**person, "joinStatus": "REGISTER"}}).ok()
        assert set(info(site.client("attendee1"), key).ok().names()) == LEFT
        client.call("attendee.RegisterMeetingAttendee", {"attendees": {**person, "joinStatus": "ACCEPT"}}).ok()
        assert info(site.client("attendee1"), key).ok().value("metaData/confName") == "Weekly review"


class TestJoining:
    """GetJoinSessionInfo."""

    def call(self, client: Client, key: str, **more: Any) -> Answer:
        person = {"attendeeName": "Kim", "attendeeEmail": "kim@guests.example", "sessionPassword": PASSWORD}
        return client.call(JOIN, {"sessionKey": key, **person, **more})

    def test_with_the_password(self, site: TestSite) -> None:
        key = create(site.client(), enableOptions={"chat": True, "poll": False})
        answer = self.call(nobody(site), key).ok()
        assert answer.value("confName") == "Weekly review"
        assert answer.value("siteID") == str(site.site_id)
        assert answer.value("attendeeID") == "0"
        assert (answer.value("enableOptions/chat"), answer.value("enableOptions/poll")) == ("true", "false")
        assert answer.value("mzmAddress")
        assert answer.value("telephony/telephonySupport") == "NONE"

    def test_without_it(self, site: TestSite) -> None:
        key = create(site.client(), participants={"attendees": {"attendee": attendee("kim@guests.example")}})
        for sent in ("", "wrong"):
            self.call(nobody(site), key, sessionPassword=sent).failed(WRONG)
        listed = self.call(nobody(site), key).ok()
        assert listed.value("attendeeID") == site.client().call("meeting.GetMeeting", meetingKey=key).value("contactID")
        self.call(site.client(), key, sessionPassword="").ok()
        open_key = create(site.client(), accessControl={"meetingPassword": ""})
        self.call(nobody(site), open_key, sessionPassword="").ok()

    def test_where_an_account_or_a_registration_is_needed(self, site: TestSite) -> None:
        closed = create(site.client(), attendeeOptions={"joinRequiresAccount": True})
        self.call(nobody(site), closed).failed("000001")
        self.call(site.client("attendee1"), closed).ok()
        registered = create(site.client(), attendeeOptions={"registration": True, "auto": True})
        self.call(nobody(site), registered).failed("000001")
        person = {"person": {"name": "Kim", "email": "kim@guests.example"}, "joinStatus": "ACCEPT"}
        site.client().call("attendee.RegisterMeetingAttendee", {"attendees": {**person, "sessionKey": registered}}).ok()
        self.call(nobody(site), registered).ok()


def test_a_meeting_in_progress_says_so(site: TestSite) -> None:
    key = create(site.client())
    alter(site, key, status="INPROGRESS")
    assert info(nobody(site), key).ok().value("status") == "INPROGRESS"


def test_a_session_of_a_type_that_is_gone_is_still_told(site: TestSite) -> None:
    key = create(site.client())

    async def change() -> None:
        engine = site.server.application.engine
        before = await sessions.by_key(engine, site.site_id, int(key))
        assert before is not None
        changes = Changes()
        sessions.update_session(changes, before.plain(), msgspec.structs.replace(before.plain(), session_type=999))
        await engine.commit(changes)

    site.server.run(change())
    assert info(site.client(), key).ok().value("metaData/sessionType") == "999"
