"""m.php and o.php: meetings, their people and registrations, as portals send it."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.old_portal import OldPortal, read_answer
from tests.server import PASSWORD, TestSite
from tests.web.url_api import BACK, GMT, portal_settings, root

START = (2035, 6, 4, 10, 30)
DATE: dict[str, object] = {"YE": 2035, "MO": 6, "DA": 4, "HO": 10, "MI": 30}
NASTY = "<script>alert(1)</script>\"'\\x22&{{7*7}}</title>"


@pytest.fixture
def portal(site: TestSite) -> Iterator[OldPortal]:
    """A portal whose user host1 is signed in."""
    portal_settings(site)
    with OldPortal(root(site), BACK) as made:
        made.log_in("host1", PASSWORD)
        yield made


def kept(site: TestSite, key: str, web_ex_id: str = "host1") -> Any:
    return site.client(web_ex_id).call("meeting.GetMeeting", {"meetingKey": key}).ok()


def people(site: TestSite, key: str) -> list[tuple[str, str]]:
    answer = site.client().call("attendee.LstMeetingAttendee", {"sessionKey": key})
    if answer.result != "SUCCESS":
        return []
    return list(zip(answer.all("attendee/person/email"), answer.all("attendee/role"), strict=True))


# ---- scheduling ------------------------------------------------------------------------------------------------------


def test_schedule_with_everything(site: TestSite, portal: OldPortal) -> None:
    key = portal.schedule(
        NASTY,
        START,
        TZ=GMT,
        LF=1,
        DS="Notes",
        MG="Welcome",
        IP=1,
        NA=20,
        AJ=1,
        AJMI=15,
        ExcludePW=1,
        PW="Secret77",
        RequestALogin="yes",
        MF="chat,poll,7",
        TC=3,
        TD="Call us",
        TC1="4711",
        ReminderTime=20,
        Email="a@example.org;b@example.org",
        CM="paid by card",
    )
    meeting = kept(site, key)
    assert meeting.value("metaData/confName") == NASTY
    assert meeting.value("metaData/agenda") == "Notes"
    assert meeting.value("metaData/greeting") == "Welcome"
    assert meeting.value("accessControl/listToPublic") == "true"
    assert meeting.value("enableOptions/voip") == "true"
    assert meeting.value("enableOptions/chat") == "true"
    assert meeting.value("enableOptions/poll") == "true"
    assert meeting.value("participants/maxUserNumber") == "20"
    assert meeting.value("schedule/openTime") == "900"
    assert meeting.value("attendeeOptions/excludePassword") == "true"
    assert meeting.value("attendeeOptions/joinRequiresAccount") == "true"
    assert meeting.value("telephony/telephonySupport") == "OTHER"
    assert meeting.value("telephony/extTelephonyDescription") == "Call us"
    assert meeting.value("tracking/trackingCode1") == "4711"
    assert meeting.value("remind/minutesAhead") == "20"
    assert meeting.all("remind/emails/email") == ["a@example.org", "b@example.org"]
    page = portal.send("m", "LM", BU="").text
    assert html.escape("<script>alert") in page
    assert "<script>alert" not in page


def test_schedule_a_series(site: TestSite, portal: OldPortal) -> None:
    weekly = portal.schedule("Weekly", START, TZ=GMT, RO=2, Days="2,TH", NS=6)
    meeting = kept(site, weekly)
    assert meeting.value("repeat/repeatType") == "WEEKLY"
    assert meeting.all("repeat/dayInWeek/day") == ["MONDAY", "THURSDAY"]
    assert meeting.value("repeat/afterMeetingNumber") == "6"
    daily = portal.schedule("Daily", START, TZ=GMT, RO="daily", UntilYE=2035, UntilMO=6, UntilDA=10)
    assert (kept(site, daily).value("repeat/expirationDate") or "").startswith("06/10/2035")
    portal.do("m", "EM", MK=daily, RO=0)
    assert kept(site, daily).value("repeat/repeatType") == "NO_REPEAT"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"MN": ""}, "InvalidDataFormat"),
        ({"MN": "x" * 3000}, "InvalidDataFormat"),
        ({"MO": "13"}, "InvalidDataFormat"),
        ({"DA": ""}, "InvalidDataFormat"),
        ({"HO": "ten"}, "InvalidDataFormat"),
        ({"YE": "99999999999999999"}, "InvalidDataFormat"),
        ({"YE": "2001"}, "InvalidDataFormat"),
        ({"DU": "-5"}, "InvalidDataFormat"),
        ({"DU": "9" * 30}, "InvalidDataFormat"),
        ({"TZ": "9999"}, "InvalidDataFormat"),
        ({"LF": "maybe"}, "InvalidDataFormat"),
        ({"RO": "HOURLY"}, "InvalidDataFormat"),
        ({"RO": "2", "Days": "S"}, "InvalidDataFormat"),
        ({"RO": "2", "Days": "9"}, "InvalidDataFormat"),
        ({"TC": "9"}, "InvalidDataFormat"),
        ({"MT": "987654"}, "NoMeetingTypeSupport"),
        ({"PW": "x" * 40}, "InvalidDataFormat"),
        ({"CSRF": ""}, "AccessDenied"),
        ({"CSRF": "00000000-0000-4000-8000-000000000000"}, "AccessDenied"),
    ],
)
def test_schedule_that_fails(portal: OldPortal, changes: dict[str, str], reason: str) -> None:
    assert portal.refused("m", "SM", **{"MN": "Tea", "DU": "30", **DATE, **changes}) == reason
    assert portal.meetings() == []


def test_a_meeting_that_would_be_too_long(portal: OldPortal) -> None:
    assert portal.refused("m", "SM", MN="Tea", MT=1, DU=100_000, **DATE) == "TheDurationIsExceedTheMaxDuration"


def test_start_at_once(site: TestSite, portal: OldPortal) -> None:
    answer = portal.ask("m", "IM", MN="Now")
    assert answer.address.startswith(f"{root(site)}/m.php?AT=HM&MK=")
    [key] = portal.meetings()
    assert answer.values["MK"] == key
    page = portal.browser.get(answer.address)
    assert page.status_code == 200
    assert "You are a host" in page.text
    assert kept(site, key).value("metaData/confName") == "Now"
    assert portal.refused("m", "IM", MN="Now", TZ=9999) == "InvalidDataFormat"


def test_edit_changes_what_is_said(site: TestSite, portal: OldPortal) -> None:
    key = portal.schedule("Tea", START, TZ=GMT, LF=1, PW="Secret77")
    assert portal.do("m", "EM", MK=key, DU=15, YE=2035, MO=7, DA=1, HO=8)["MK"] == key
    meeting = kept(site, key)
    assert meeting.value("metaData/confName") == "Tea"
    assert meeting.value("schedule/startDate") == "07/01/2035 08:00:00"
    assert meeting.value("schedule/duration") == "15"
    assert meeting.value("accessControl/listToPublic") == "true"
    assert portal.refused("m", "EM", MK="12345678901", MN="Tea") == "InvalidDataFormat"
    assert portal.refused("m", "EM", MN="Tea") == "InvalidDataFormat"
    assert portal.refused("m", "EM", MK="1 or 1=1", MN="Tea") == "InvalidDataFormat"


# ---- rights ----------------------------------------------------------------------------------------------------------

HOSTS = ("SM", "IM", "EM", "DM", "LM", "AA", "DA", "AP", "DP", "MD")


@pytest.mark.parametrize("command", HOSTS)
def test_without_a_session(site: TestSite, portal: OldPortal, command: str) -> None:
    key = portal.schedule("Tea", START)
    values = {"MK": key, "MN": "Stolen", "EM": "eve@example.org", **DATE}
    with OldPortal(root(site), BACK) as stranger:
        stranger.csrf = portal.csrf
        assert stranger.refused("m", command, **values) == "AccessDenied"
        assert stranger.refused("m", "HM", MK=key) == "AccessDenied"
        document = stranger.send("m", "OM").text
        assert "<Status>FAIL</Status><Reason>AccessDenied</Reason>" in document
    assert kept(site, key).value("metaData/confName") == "Tea"
    assert people(site, key) == []


@pytest.mark.parametrize("command", ["SM", "IM", "EM", "DM", "AA", "DA", "AP", "DP"])
def test_links_of_strangers_change_nothing(site: TestSite, portal: OldPortal, command: str) -> None:
    key = portal.schedule("Tea", START)
    values = {"MK": key, "MN": "Changed", "EM": "eve@example.org", **DATE}
    csrf, portal.csrf = portal.csrf, ""
    assert portal.refused("m", command, **values) == "AccessDenied"
    with OldPortal(root(site), BACK) as other:
        other.log_in("host2", PASSWORD)
        assert portal.refused("m", command, CSRF=other.csrf, **values) == "AccessDenied"
    params = {"AT": command, "BU": BACK, **{name: str(value) for name, value in values.items()}}
    assert read_answer(portal.browser.get(f"{root(site)}/m.php", params=params).text).failed == "AccessDenied"
    assert kept(site, key).value("metaData/confName") == "Tea"
    assert portal.meetings() == [key]
    assert people(site, key) == []
    portal.csrf = csrf
    portal.do("m", "DM", MK=key)


@pytest.mark.parametrize("web_ex_id", ["admin", "attendee1"])
def test_rights_are_those_of_the_operations(site: TestSite, portal: OldPortal, web_ex_id: str) -> None:
    key = portal.schedule("Tea", START)
    with OldPortal(root(site), BACK) as other:
        other.log_in(web_ex_id, PASSWORD)
        assert other.refused("m", "EM", MK=key, MN="Stolen") == "AccessDenied"
        assert other.refused("m", "DM", MK=key) == "AccessDenied"
        assert other.refused("m", "AA", MK=key, EM="eve@example.org") == "AccessDenied"
        assert other.refused("m", "DA", MK=key, EM="eve@example.org") == "AccessDenied"
        if web_ex_id == "attendee1":
            assert other.refused("m", "SM", MN="Tea", **DATE) == "AccessDenied"
            assert other.refused("m", "HM", MK=key) == "AccessDenied"
            assert other.refused("m", "MD", MK=key, EM="eve@example.org") == "AccessDenied"
    with OldPortal(root(site), BACK) as delegate:
        delegate.log_in("host2", PASSWORD)
        delegate.do("m", "EM", MK=key, MN="On behalf")
    assert kept(site, key).value("metaData/confName") == "On behalf"


def test_meetings_of_another_site(site: TestSite, portal: OldPortal) -> None:
    other = site.server.new_site()
    portal_settings(other)
    with OldPortal(root(other), BACK) as theirs:
        theirs.log_in("host1", PASSWORD)
        key = theirs.schedule("Theirs", START)
        for command in ("EM", "DM", "HM", "JM", "AA", "DA", "MD", "GF", "RM"):
            values = {"MK": key, "MN": "Ours", "EM": "eve@example.org", "AN": "Eve"}
            assert portal.refused("m", command, **values) == "InvalidDataFormat", command
        assert theirs.meetings() == [key]
    assert portal.meetings() == []


# ---- joining ---------------------------------------------------------------------------------------------------------


def test_join(site: TestSite, portal: OldPortal) -> None:
    key = portal.schedule("Tea", START, PW="Secret77")
    with OldPortal(root(site), BACK) as visitor:
        assert "Tea" in visitor.send("m", "JM", MK=key, AN=NASTY, PW="Secret77").text
        asked = visitor.send("m", "JM", MK=key, AN=NASTY)
        assert asked.status_code == 200
        assert 'type="password"' in asked.text
        assert "<script>alert" not in asked.text
        assert visitor.refused("m", "JM", MK=key, AN="Ada", PW="wrong") == "AccessDenied"
        assert visitor.refused("m", "JM", MK="123", AN="Ada") == "InvalidDataFormat"
        assert visitor.refused("m", "JM", MK="x", AN="Ada") == "InvalidDataFormat"
        link = site.client().call(
            "meeting.GetjoinurlMeeting", {"sessionKey": key, "attendeeName": "Ada", "meetingPW": "Secret77"}
        )
        assert "Tea" in visitor.browser.get(link.ok().value("joinMeetingURL") or "").text


# ---- people ----------------------------------------------------------------------------------------------------------


def test_people_come_and_go(site: TestSite, portal: OldPortal) -> None:
    key = portal.schedule("Tea", START)
    portal.do("m", "AA", MK=key, FN1="Ada", EA1="ada@example.org", FN2=NASTY, EA2="bob@example.org", PhoneCountry1=49)
    portal.do("m", "AA", MK=key, FN="Cleo", EM="cleo@example.org", EI=1)
    portal.do("m", "AP", MK=key, FN="Dan", EM="dan@example.org", PC=1, PN=5551234)
    assert sorted(people(site, key)) == [
        ("ada@example.org", "ATTENDEE"),
        ("bob@example.org", "ATTENDEE"),
        ("cleo@example.org", "ATTENDEE"),
        ("dan@example.org", "PRESENTER"),
    ]
    found = portal.do("m", "MD", MK=key, EM="BOB@example.org")
    assert (found["FN"], found["EM"], found["Role"]) == (NASTY, "bob@example.org", "ATTENDEE")
    portal.do("m", "DA", MK=key, EM="ada@example.org", EC=1)
    portal.do("m", "DP", MK=key, EM="dan@example.org")
    assert sorted(each[0] for each in people(site, key)) == ["bob@example.org", "cleo@example.org"]
    assert portal.refused("m", "DA", MK=key, EM="ada@example.org") == "InvalidDataFormat"
    assert portal.refused("m", "MD", MK=key, EM="ada@example.org") == "InvalidDataFormat"
    assert portal.refused("m", "AA", MK=key) == "InvalidDataFormat"
    assert portal.refused("m", "AA", MK=key, EM="no address") == "InvalidDataFormat"
    assert portal.refused("m", "AP", MK="", EM="ada@example.org") == "InvalidDataFormat"


def test_fifty_people_at_once(site: TestSite, portal: OldPortal) -> None:
    key = portal.schedule("Tea", START)
    form: dict[str, str] = {}
    for number in range(1, 51):
        form |= {f"EA{number}": f"p{number}@example.org", f"FN{number}": f"P {number}", f"Language{number}": "English"}
        form |= {f"TimeZone{number}": "20", f"Locale{number}": "U.S."}
    portal.do("m", "AA", MK=key, **form)
    assert kept(site, key).ok()
    answer = site.client().call("attendee.LstMeetingAttendee", {"sessionKey": key}).ok()
    assert answer.value("matchingRecords/total") == "50"


# ---- registration ----------------------------------------------------------------------------------------------------

ADA = {"FN": "Ada", "LN": "L", "EM": "ada@example.org", "JT": "Countess", "CY": "Engines"}


def test_registration(site: TestSite, portal: OldPortal) -> None:
    key = portal.schedule("Tea", START, LF=1, AR=1, AQ=1)
    with OldPortal(root(site), BACK) as visitor:
        form = visitor.ask("m", "GF", MK=key)
        assert "j.php?RGID=r" in form.address
        assert "Tea" in visitor.browser.get(form.address).text
        answer = visitor.do("m", "RM", MK=key, **ADA)
        assert answer["RID"].isdecimal()
        assert "Tea" in visitor.send("m", "JM", MK=key, RID=answer["RID"]).text
        assert "RID" not in visitor.do("m", "RM", MK=key, **ADA)  # anybody can type an address
        for name in ADA:
            assert visitor.refused("m", "RM", MK=key, **{**ADA, name: ""}) == "InvalidDataFormat"
        assert visitor.refused("m", "RM", MK=key, **{**ADA, "EM": "no address"}) == "InvalidDataFormat"
        assert visitor.refused("m", "RM", MK="12345678901", **ADA) == "InvalidDataFormat"
        assert visitor.refused("m", "GF", MK="12345678901") == "InvalidDataFormat"
    assert [each[0] for each in people(site, key)] == ["ada@example.org"]


def test_registration_of_a_hidden_session(site: TestSite, portal: OldPortal) -> None:
    hidden, plain = portal.schedule("Tea", START, AR=1), portal.schedule("Tea", START, LF=1)
    with OldPortal(root(site), BACK) as visitor:
        assert visitor.refused("m", "GF", MK=hidden) == "AccessDenied"
        assert visitor.refused("m", "RM", MK=hidden, **ADA) == "AccessDenied"
        assert visitor.refused("m", "RM", MK=plain, **ADA) == "InvalidDataFormat"
    assert people(site, hidden) == []


def test_registration_that_the_host_decides_on(site: TestSite, portal: OldPortal) -> None:
    key = portal.schedule("Tea", START, LF=1, AR=1)
    with OldPortal(root(site), BACK) as visitor:
        assert "RID" not in visitor.do("m", "RM", MK=key, **ADA)


# ---- recordings, services, and odd requests --------------------------------------------------------------------------


def test_service_of_the_browser(site: TestSite, portal: OldPortal) -> None:
    key = portal.schedule("Tea", START)
    assert portal.refused("o", "ST") == "InvalidDataFormat"
    assert portal.refused("o", "ST", SP="XX") == "InvalidDataFormat"
    portal.do("o", "ST", SP="TC")
    assert portal.refused("m", "SM", MN="Course", **DATE) == "NoMeetingTypeSupport"
    assert portal.in_progress() == []
    portal.do("o", "ST", SP="mc")
    assert portal.meetings() == [key]
    portal.schedule("More tea", START)
    with OldPortal(root(site), BACK) as visitor:  # before anybody is signed in
        visitor.do("o", "ST", SP="EC")
        assert visitor.browser.cookies["service"] == "EC"


def test_list_is_the_hosts_own(site: TestSite, portal: OldPortal) -> None:
    with OldPortal(root(site), BACK) as other:
        other.log_in("host2", PASSWORD)
        theirs = other.schedule("Theirs", START)
        ours = [portal.schedule(f"Tea {number}", START) for number in range(3)]
        assert sorted(portal.meetings()) == sorted(ours)
        assert other.meetings() == [theirs]


def test_too_much_is_refused(portal: OldPortal) -> None:
    page = portal.browser.post(f"{portal.root}/m.php", data={f"F{number}": "x" for number in range(3000)})
    assert page.status_code == 413
