"""CreateUser, SetUser, DelUser, ActivateUser and InactivateUser over HTTP."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest
from lxml import etree

from parley.domain.site import SiteSettings, TrackingCode
from parley.domain.user import User
from parley.services.account_notices import AccountNotice
from parley.services.user import email_changes as confirming
from parley.store import email_changes, outbox, users
from parley.store.outbox import Message
from tests.client import Answer, Client
from tests.server import PASSWORD, Server, TestSite

GOOD = "Good-Secret-7"


def account(web_ex_id: str = "ann", /, **values: Any) -> dict[str, Any]:
    """What a careful program sends to make an account."""
    return {
        "firstName": "Ann",
        "lastName": "Example",
        "webExId": web_ex_id,
        "email": f"{web_ex_id}@example.com",
        "password": GOOD,
        "privilege": {"host": True},
        "active": "ACTIVATED",
        **values,
    }


def create(client: Client, web_ex_id: str = "ann", /, **values: Any) -> Answer:
    return client.call("user.CreateUser", account(web_ex_id, **values))


def change(client: Client, web_ex_id: str, /, **values: Any) -> Answer:
    return client.call("user.SetUser", {"webExId": web_ex_id, **values})


def get(client: Client, web_ex_id: str) -> Answer:
    return client.call("user.GetUser", {"webExId": web_ex_id}).ok()


def stored(site: TestSite, web_ex_id: str) -> User:
    found = site.server.run(users.by_web_ex_id(site.server.application.engine, site.site_id, web_ex_id))
    assert found is not None
    return found


def waiting(site: TestSite, kind: str) -> list[tuple[Message, AccountNotice]]:
    """The mails of a kind that wait to be sent."""
    found = site.server.run(outbox.waiting(site.server.application.engine, site.site_id))
    decode = msgspec.json.Decoder(AccountNotice).decode
    return [(each, decode(each.document)) for each in found if each.kind == kind]


@pytest.fixture
def admin(site: TestSite) -> Client:
    return site.client("admin")


# --- CreateUser --------------------------------------------------------------------------------------------------


def test_a_new_account_can_be_read_and_used_at_once(site: TestSite, admin: Client) -> None:
    answer = create(admin, "Ann.Example", company="Acme <&>").ok()
    assert answer.type_name == "use:createUserResponse"
    assert answer.names() == ["userId"]
    found = get(site.client("ann.example", password=GOOD), "Ann.Example")
    assert found.value("userId") == answer.value("userId")
    expected = {
        "firstName": "Ann",
        "email": "Ann.Example@example.com",
        "company": "Acme <&>",
        "password": "******",
        "expirationDate": "none",
        "active": "ACTIVATED",
        "service": "FREE_OFFICE",
        "privilege/host": "true",
        "privilege/siteAdmin": "false",
        "personalUrl": "ann.example",
        "languageID": "1",
        "timeZoneID": "4",
        "security/forceChangePassword": "false",
    }
    assert {path: found.value(path) for path in expected} == expected
    assert found.all("meetingTypes/meetingType")[0] == "3"
    assert GOOD not in found.text


@pytest.mark.parametrize("caller", ["host1", "attendee1"])
def test_only_administrators_make_and_switch_accounts(site: TestSite, caller: str) -> None:
    client = site.client(caller)
    create(client).failed("000001")
    change(client, "host2", title="Boss").failed("000001")
    change(client, "nobody", title="Boss").failed("000001")
    client.call("user.DelUser", {"webExId": "host2"}).failed("000001")
    client.call("user.ActivateUser", {"webexID": "host2"}).failed("000001")
    client.call("user.InactivateUser", {"webexID": "host2"}).failed("000001")


def test_a_read_only_administrator_changes_nothing(site: TestSite) -> None:
    site.set_user("host2", ro_site_admin=True)
    client = site.client("host2")
    create(client).failed("000001")
    change(client, "host1", title="Boss").failed("000001")
    change(client, "host2", title="Boss").failed("000001")
    client.call("user.DelUser", {"webExId": "host1"}).failed("000001")
    assert "title" not in get(client, "host1").names()


@pytest.mark.parametrize(
    ("values", "code", "text"),
    [
        ({"firstName": None}, "030009", "firstName"),
        ({"lastName": " "}, "030009", "lastName"),
        ({"email": None}, "030009", "email"),
        ({"webExId": None}, "030009", "webExId"),
        ({"password": None}, "030055", "password"),
        ({"password": "******"}, "030055", "password"),
        ({"password": "Ab1"}, "030003", "password"),
        ({"password": "with blank 1A"}, "030058", "password"),
        ({"password": "alllowercase1"}, "019011", "password"),
        ({"password": "Example-77-x"}, "019011", "password"),
        ({"password": "x" * 61}, "999999", "password"),
        ({"email": "no address"}, "030062", "email"),
        ({"webExId": "a b"}, "999999", "webExId"),
        ({"webExId": "HOST1"}, "030004", "WebExID"),
        ({"firstName": "x" * 10_000}, "999999", "firstName"),
        ({"company": "x" * 129}, "999999", "company"),
        ({"description": "x" * 4001}, "999999", "description"),
        ({"officeGreeting": "x" * 10_000}, "999999", "officeGreeting"),
        ({"address": {"address1": "x" * 129}}, "999999", "address/address1"),
        ({"phones": {"phone": "1" * 65}}, "999999", "phones/phone"),
        ({"timeZoneID": 99}, "999999", "timeZoneID"),
        ({"timeZone": "Middle Earth"}, "999999", "timeZone"),
        ({"languageID": 99}, "030060", "languageID"),
        ({"language": "KLINGON"}, "030060", "language"),
        ({"meetingTypes": {"meetingType": [3, 999]}}, "030025", "999"),
        ({"schedulingPermission": "host1;nobody"}, "030019", "nobody"),
        ({"active": "DEACTIVATED"}, "999999", "active"),
        ({"expirationDate": "tomorrow"}, "999999", "MM/dd/yyyy"),
        ({"expirationDate": "12/31/9999 00:00:00"}, "999999", "MM/dd/yyyy"),
        ({"privilege": {"HDvideo": True, "HQvideo": False}}, "999999", "privilege/HDvideo"),
        ({"personalMeetingRoom": {"hostPIN": "1111"}}, "999999", "valid PIN"),
        ({"personalMeetingRoom": {"hostPIN": "4321"}}, "999999", "valid PIN"),
        ({"personalMeetingRoom": {"hostPIN": "12a4"}}, "999999", "valid PIN"),
        ({"personalMeetingRoom": {"PMRAutoLockWaitTime": -1}}, "999999", "PMRAutoLockWaitTime"),
        ({"phones": {"PIN": "2222"}}, "999999", "valid PIN"),
        ({"personalTeleconf": {"account": {"accountIndex": 1}}}, "999999", "valid PIN"),
        ({"phones": {"PIN": "8642"}, "personalTeleconf": {"account": {"accountIndex": 4}}}, "999999", "accountIndex"),
        ({"tspAccount": {"tspAccount": {"accountIndex": 4}}}, "030018", "accountIndex"),
        (
            {"tspAccount": {"tspAccount": [{"accountIndex": n, "defaultFlag": True} for n in (1, 2)]}},
            "030014",
            "default",
        ),
        (
            {"privilege": {"attendeeOnly": True}, "supportCenter": {"serviceDesk": {"enable": True}}},
            "030045",
            "serviceDesk",
        ),
        ({"personalUrl": "host1"}, "999999", "personalUrl"),
        ({"personalUrl": "a/b"}, "999999", "personalUrl"),
        ({"security": {"resetPassword": True}}, "030053", "resetPassword"),
    ],
)
def test_what_no_account_can_be(site: TestSite, values: dict[str, Any], code: str, text: str) -> None:
    answer = create(site.client("admin"), **values).failed(code)
    assert text in (answer.reason or "")
    site.client("admin").call("user.GetUser", {"webExId": "ann"}).failed("030001")


def test_one_address_belongs_to_one_account(site: TestSite, admin: Client) -> None:
    create(admin).ok()
    create(admin, "other", email="ANN@example.com").failed("030005")
    create(admin, "ANN", email="other@example.com").failed("030004")
    other = site.server.new_site()
    create(other.client("admin")).ok()


def test_with_validate_format_all_problems_are_told(admin: Client) -> None:
    values = {"email": "none", "languageID": 99, "password": "x", "meetingTypes": {"meetingType": 999}}
    answer = create(admin, **values, validateFormat=True).failed("999999")
    assert answer.all("subError/exceptionID") == ["030062", "030025", "030060", "030003"]
    assert create(admin, **values).code == "030062"
    create(admin, email="none", validateFormat=True).failed("030062")
    admin.call("user.CreateUser", {"validateFormat": True}).failed("999999")


def test_defaults_come_from_the_site(server: Server) -> None:
    site = server.new_site(default_time_zone_id=25, language="GERMAN", locale="GERMANY")
    create(site.client("admin")).ok()
    found = get(site.client("admin"), "ann")
    assert [found.value(each) for each in ("timeZoneID", "language", "languageID", "locale")] == [
        *("25", "GERMAN", "9", "GERMANY")
    ]


def test_zone_and_language_by_number_or_name(admin: Client) -> None:
    create(admin, timeZone="GMT+01:00, Europe (Berlin)", language=" german").ok()
    found = get(admin, "ann")
    assert (found.value("timeZoneID"), found.value("languageID")) == ("25", "9")
    change(admin, "ann", timeZoneID=-1, languageID=7).ok()
    found = get(admin, "ann")
    assert (found.value("timeZoneID"), found.value("language")) == ("25", "FRENCH")
    # Of two that disagree the one counts that is new.
    change(admin, "ann", timeZoneID=25, timeZone="GMT-08:00, Pacific (San Jose)", languageID=7, language="ENGLISH").ok()
    found = get(admin, "ann")
    assert (found.value("timeZoneID"), found.value("languageID")) == ("4", "1")
    change(admin, "ann", timeZoneID=21, timeZone="GMT-08:00, Pacific (San Jose)", languageID=9, language="ENGLISH").ok()
    found = get(admin, "ann")
    assert (found.value("timeZoneID"), found.value("language")) == ("21", "GERMAN")


def test_session_types_bring_their_services(admin: Client) -> None:
    create(admin, meetingTypes={"meetingType": [103, 1, 103]}).ok()
    found = get(admin, "ann")
    assert found.all("meetingTypes/meetingType") == ["103", "1"]
    services = {name: found.value(f"supportedServices/{name}") for name in ("meetingCenter", "eventCenter")}
    assert services == {"meetingCenter": "true", "eventCenter": "true"}
    assert found.value("supportedServices/trainingCenter") == "false"
    change(admin, "ann", meetingTypes={"meetingType": [104]}, supportedServices={"eventCenter": True}).ok()
    found = get(admin, "ann")
    assert found.all("meetingTypes/meetingType") == ["104"]
    assert found.value("supportedServices/trainingCenter") == "true"
    assert found.value("supportedServices/eventCenter") == "true"
    assert found.value("supportedServices/meetingCenter") == "false"
    change(admin, "ann", supportedServices={"eventCenter": False}).ok()
    assert get(admin, "ann").value("supportedServices/eventCenter") == "false"


def test_new_accounts_may_be_welcomed(site: TestSite, admin: Client) -> None:
    create(admin).ok()
    assert waiting(site, "user.welcome") == []
    create(admin, "bob", languageID=9, sendWelcome=True, isHTMLEmail=True).ok()
    [(message, notice)] = waiting(site, "user.welcome")
    assert message.recipient == "bob@example.com"
    assert (notice.web_ex_id, notice.language_id, notice.html) == ("bob", 9, True)
    assert GOOD not in message.document


def test_no_more_hosts_than_the_site_may_have(server: Server) -> None:
    site = server.new_site(host_limit=4)
    admin = site.client("admin")
    create(admin).ok()
    create(admin, "bob").failed("030010")
    create(admin, "guest", privilege={"attendeeOnly": True}).ok()
    change(admin, "guest", privilege={"attendeeOnly": False, "host": True}).failed("030010")
    admin.call("user.InactivateUser", {"webexID": "ann"}).ok()
    create(admin, "bob").ok()
    admin.call("user.ActivateUser", {"webexID": "ann"}).failed("030010")
    change(admin, "ann", active="ACTIVATED").failed("030010")
    change(admin, "ann", title="still off").ok()


# --- roles and privileges ----------------------------------------------------------------------------------------


def roles(answer: Answer) -> list[str]:
    names = ("host", "siteAdmin", "roSiteAdmin", "attendeeOnly")
    return [name for name in names if answer.value(f"privilege/{name}") == "true"]


def test_roles_are_given_and_taken_in_part(admin: Client) -> None:
    create(admin, privilege={"host": False, "siteAdmin": True}).ok()
    assert roles(get(admin, "ann")) == ["siteAdmin"]
    change(admin, "ann", privilege={"host": True, "recordingEditor": False}).ok()
    found = get(admin, "ann")
    assert roles(found) == ["host", "siteAdmin"]
    assert found.value("privilege/recordingEditor") == "false"
    assert found.value("privilege/voiceOverIp") == "true"
    change(admin, "ann", privilege={"attendeeOnly": True}).ok()
    found = get(admin, "ann")
    assert roles(found) == ["attendeeOnly"]
    assert found.names("meetingTypes") == []
    assert found.value("supportedServices/meetingCenter") == "false"
    change(admin, "ann", privilege={"host": True}).ok()
    found = get(admin, "ann")
    assert roles(found) == ["host"]
    assert found.all("meetingTypes/meetingType")[:2] == ["3", "1"]
    assert found.value("supportedServices/meetingCenter") == "true"
    change(admin, "ann", privilege={"roSiteAdmin": True, "siteAdmin": False}).ok()
    assert roles(get(admin, "ann")) == ["host", "roSiteAdmin"]


def test_hd_video_needs_hq_video(admin: Client) -> None:
    create(admin).ok()
    change(admin, "ann", privilege={"HQvideo": False}).ok()
    found = get(admin, "ann")
    assert (found.value("privilege/HQvideo"), found.value("privilege/HDvideo")) == ("false", "false")
    change(admin, "ann", privilege={"HDvideo": True}).failed("999999")
    change(admin, "ann", privilege={"HQvideo": True, "HDvideo": True}).ok()
    assert get(admin, "ann").value("privilege/HDvideo") == "true"


def test_a_room_comes_with_the_privilege(admin: Client) -> None:
    create(admin, privilege={"attendeeOnly": True}).ok()
    assert "personalMeetingRoom" not in get(admin, "ann").names()
    change(admin, "ann", privilege={"host": True, "isEnablePMR": True}).ok()
    found = get(admin, "ann")
    assert found.value("personalUrl") == "ann"
    assert len(found.value("personalMeetingRoom/hostPIN") or "") == 4
    change(admin, "ann", personalMeetingRoom={"hostPIN": "2580", "PMRAutoLock": True, "PMRAutoLockWaitTime": 10}).ok()
    again = get(admin, "ann")
    assert again.value("personalMeetingRoom/hostPIN") == "2580"
    assert again.value("personalMeetingRoom/PMRAutoLock") == "true"
    assert again.value("personalMeetingRoom/accessCode") == found.value("personalMeetingRoom/accessCode")
    change(admin, "ann", personalMeetingRoom={"hostPIN": "", "applyPMRForInstantMeeting": False}).ok()
    assert get(admin, "ann").value("personalMeetingRoom/hostPIN") == "2580"


def test_two_rooms_never_have_one_address(admin: Client) -> None:
    create(admin, "ann", personalUrl="Bob").ok()
    assert get(admin, "ann").value("personalUrl") == "Bob"
    create(admin, "bob").ok()  # nobody asked for this address, so another one is found
    assert (get(admin, "bob").value("personalUrl") or "").startswith("pr")
    change(admin, "bob", personalUrl="BOB").failed("999999")
    change(admin, "ann", personalUrl="ann").ok()
    change(admin, "bob", personalUrl="BOB").ok()
    assert get(admin, "bob").all("personalMeetingRoom/personalMeetingRoomURL")[0].endswith("/meet/BOB")


# --- SetUser -----------------------------------------------------------------------------------------------------


def test_only_what_is_sent_changes(site: TestSite, admin: Client) -> None:
    create(admin, company="Acme", phones={"phone": "1,408,555"}, address={"city": "Rome", "country": "Italy"}).ok()
    before = get(admin, "ann")
    answer = change(admin, "ANN", title="Dr.", address={"city": "Oslo"}, phones={"fax": "1,2,3"}).ok()
    assert answer.type_name == "use:setUserResponse"
    assert answer.names() == []
    after = get(admin, "ann")
    expected = {
        "title": "Dr.",
        "company": "Acme",
        "address/city": "Oslo",
        "address/country": "Italy",
        "phones/phone": "1,408,555",
        "phones/fax": "1,2,3",
    }
    assert {path: after.value(path) for path in expected} == expected
    for path in ("userId", "personalUrl", "registrationDate", "personalMeetingRoom/accessCode", "firstName"):
        assert after.value(path) == before.value(path)
    change(admin, "ann", company="", firstName="", email="", phones={"fax": ""}).ok()
    cleared = get(admin, "ann")
    assert cleared.value("company") is None
    assert (cleared.value("firstName"), cleared.value("email")) == ("Ann", "ann@example.com")
    assert cleared.value("phones/fax") == "1,,,,,,"
    assert stored(site, "ann").version == 3


def test_unknown_and_missing_targets(admin: Client) -> None:
    change(admin, "nobody", title="x").failed("030001")
    admin.call("user.SetUser", {"title": "x"}).failed("999999")


def test_a_whole_account_can_be_sent_back(site: TestSite, admin: Client) -> None:
    create(admin, expirationDate="12/31/2049 23:59:59", schedulingPermission="host1;host2").ok()
    before = get(admin, "ann")
    body = "".join(etree.tostring(child, encoding="unicode", with_tail=False) for child in before.content)
    kept = stored(site, "ann")
    for client in (admin, site.client("ann", password=GOOD)):
        client.call("user.SetUser", body).ok()
        assert get(admin, "ann").text == before.text
    after = stored(site, "ann")
    assert (after.credential_version, after.password_hash) == (kept.credential_version, kept.password_hash)
    site.client("ann", password=GOOD).call("user.GetUser", {"webExId": "ann"}).ok()


def test_accounts_are_renamed(site: TestSite, admin: Client) -> None:
    create(admin).ok()
    number = get(admin, "ann").value("userId")
    change(admin, "ann", newWebExId="Anna").ok()
    admin.call("user.GetUser", {"webExId": "ann"}).failed("030001")
    found = get(site.client("anna", password=GOOD), "anna")
    assert (found.value("webExId"), found.value("userId")) == ("Anna", number)
    change(admin, "anna", newWebExId="host1").failed("030004")
    change(admin, "anna", newWebExId="a b").failed("999999")
    change(admin, "anna", newWebExId="ANNA").ok()
    change(admin, "anna", email=f"host1@{site.name}.example").failed("030005")


def test_who_may_schedule_is_replaced(site: TestSite, admin: Client) -> None:
    create(admin, schedulingPermission=f"HOST1; host2@{site.name}.example ;ann;;").ok()
    assert get(admin, "ann").value("schedulingPermission") == "host1;host2"
    assert get(site.client("host2"), "host2").all("scheduleFor/webExID") == ["ann", "host1"]
    change(admin, "ann", title="x").ok()
    assert get(admin, "ann").value("schedulingPermission") == "host1;host2"
    change(admin, "ann", schedulingPermission="admin").ok()
    assert get(admin, "ann").value("schedulingPermission") == "admin"
    change(admin, "ann", schedulingPermission="nobody").failed("030019")
    change(site.client("ann", password=GOOD), "ann", schedulingPermission="").ok()
    assert get(admin, "ann").value("schedulingPermission") is None


def test_accounts_end_on_a_date_of_their_clock(site: TestSite, admin: Client) -> None:
    later = time.gmtime(time.time() + 86400 * 10)
    date = time.strftime("%m/%d/%Y 00:00:00", later)
    create(admin, timeZoneID=25, expirationDate=date).ok()
    assert get(admin, "ann").value("expirationDate") == date
    site.client("ann", password=GOOD).call("user.GetUser", {"webExId": "ann"}).ok()
    site.server.clock.ahead = 86400 * 11
    site.client("ann", password=GOOD).call("user.GetUser", {"webExId": "ann"}).failed("030007")
    change(admin, "ann", expirationDate="None").ok()
    assert get(site.client("ann", password=GOOD), "ann").value("expirationDate") == "none"


def test_telephone_accounts_change_one_by_one(admin: Client) -> None:
    create(
        admin,
        phones={"PIN": "8642"},
        tspAccount={
            "tspAccount": [
                {"accountIndex": 1, "tollCallInNumber": "49,30,1", "defaultFlag": True},
                {"accountIndex": 2, "tollCallInNumber": "49,30,2"},
            ]
        },
        personalTeleconf={"account": {"accountIndex": 1, "autoGenerate": True}, "joinBeforeHost": True},
    ).ok()
    found = get(admin, "ann")
    assert found.all("tspAccount/tspAccount/accountIndex") == ["1", "2"]
    assert len(found.value("personalTeleconf/account/subscriberAccessCode") or "") == 8
    change(
        admin,
        "ann",
        tspAccount={
            "tspAccount": [{"accountIndex": 2, "defaultFlag": True}, {"accountIndex": 3, "tollCallInNumber": "3"}]
        },
    ).ok()
    found = get(admin, "ann")
    assert found.all("tspAccount/tspAccount/tollCallInNumber") == ["49,30,1", "49,30,2", "3"]
    assert found.all("tspAccount/tspAccount/defaultFlag") == ["false", "true"]
    gone = [{"accountIndex": number, "delete": True} for number in (1, 2, 3)]
    change(admin, "ann", tspAccount={"tspAccount": gone}, personalTeleconf={"account": gone[:1]}).ok()
    found = get(admin, "ann")
    assert found.all("tspAccount/tspAccount/accountIndex") == []
    assert found.names("personalTeleconf") == ["joinBeforeHost"]


# --- passwords, locks, tickets -----------------------------------------------------------------------------------


def ticket(site: TestSite, web_ex_id: str, password: str) -> Client:
    """A client that signs in with a session ticket made now."""
    answer = site.client(web_ex_id, password=password).call("user.AuthenticateUser").ok()
    return site.client(web_ex_id, password=None, ticket=answer.value("sessionTicket"))


def test_another_password_ends_tickets_and_the_same_one_does_not(site: TestSite, admin: Client) -> None:
    create(admin).ok()
    old = ticket(site, "ann", GOOD)
    change(admin, "ann", password=GOOD).ok()
    change(admin, "ann", password="******", title="x").ok()
    get(old, "ann")
    change(admin, "ann", password="Better-Secret-8").ok()
    old.call("user.GetUser", {"webExId": "ann"}).failed("030047")
    site.client("ann", password=GOOD).call("user.GetUser", {"webExId": "ann"}).failed("030002")
    own = site.client("ann", password="Better-Secret-8")
    change(own, "ann", password="short").failed("030003")
    change(own, "ann", password="Third-Secret-9").ok()
    get(site.client("ann", password="Third-Secret-9"), "ann")


@pytest.mark.parametrize(
    "values",
    [
        {"active": "DEACTIVATED"},
        {"security": {"lockAccount": True}},
        {"privilege": {"siteAdmin": True}},
        {"privilege": {"host": False}},
    ],
)
def test_changes_of_state_and_role_end_tickets(site: TestSite, admin: Client, values: dict[str, Any]) -> None:
    create(admin).ok()
    old = ticket(site, "ann", GOOD)
    change(admin, "ann", title="x").ok()
    get(old, "ann")
    change(admin, "ann", **values).ok()
    old.call("user.GetUser", {"webExId": "ann"}).failed("030047")


def test_locked_accounts_are_unlocked(site: TestSite, admin: Client) -> None:
    create(admin).ok()
    client = site.client("ann", password=GOOD)
    change(admin, "ann", security={"lockAccount": True}).ok()
    client.call("user.GetUser", {"webExId": "ann"}).failed("030030")
    assert get(admin, "ann").value("security/lockAccount") == "true"
    change(admin, "ann", security={"lockAccount": False}).ok()
    get(client, "ann")


def test_a_forced_change_holds_until_there_is_another_password(site: TestSite, admin: Client) -> None:
    create(admin, security={"forceChangePassword": True}).ok()
    client = site.client("ann", password=GOOD)
    client.call("user.GetUser", {"webExId": "ann"}).failed("030029")
    change(admin, "ann", security={"forceChangePassword": False}).failed("030057")
    change(admin, "ann", password=GOOD).failed("030032")
    change(admin, "ann", password="Better-Secret-8").ok()
    get(site.client("ann", password="Better-Secret-8"), "ann")
    change(admin, "ann", security={"forceChangePassword": True}).ok()
    assert get(admin, "ann").value("security/forceChangePassword") == "true"
    [(message, notice)] = waiting(site, "user.password_change")
    assert (message.recipient, notice.password) == ("ann@example.com", None)
    change(admin, "ann", security={"forceChangePassword": True}).ok()
    assert len(waiting(site, "user.password_change")) == 1


def test_a_reset_password_is_mailed(site: TestSite, admin: Client) -> None:
    create(admin).ok()
    change(admin, "ann", password="Better-Secret-8", security={"resetPassword": True}).failed("030053")
    change(admin, "ann", security={"resetPassword": True}).ok()
    [(message, notice)] = waiting(site, "user.password_reset")
    assert message.recipient == "ann@example.com"
    site.client("ann", password=GOOD).call("user.GetUser", {"webExId": "ann"}).failed("030002")
    site.client("ann", password=notice.password).call("user.GetUser", {"webExId": "ann"}).failed("030029")
    assert get(admin, "ann").value("security/resetPassword") == "false"
    create(admin, "bob", password=None, security={"resetPassword": True}).ok()
    assert len(waiting(site, "user.password_reset")) == 2


def test_passwords_rest_as_long_as_the_site_wants(server: Server) -> None:
    site = server.new_site(password_change_interval=24)
    client = site.client("host1")
    change(client, "host1", password="Other-Secret-8").failed("999999")
    change(client, "host1", password=PASSWORD, title="x").failed("999999")
    change(site.client("admin"), "host1", password="Other-Secret-8").ok()
    server.clock.ahead = 25 * 3600
    change(site.client("host1", password="Other-Secret-8"), "host1", password="Third-Secret-9").ok()


# --- a user's own account ----------------------------------------------------------------------------------------


def test_users_change_their_own_data(site: TestSite) -> None:
    client = site.client("host1")
    change(
        client,
        "host1",
        title="Dr.",
        firstName="Anna",
        timeZoneID=25,
        phones={"phone": "49,30,1"},
        personalMeetingRoom={"hostPIN": "2580"},
        commOptions={"press": True},
        languageID=9,
    ).ok()
    found = get(client, "host1")
    assert (found.value("firstName"), found.value("commOptions/press")) == ("Anna", "true")
    change(site.client("attendee1"), "attendee1", title="Guest").ok()
    assert get(site.client("attendee1"), "attendee1").value("title") == "Guest"


@pytest.mark.parametrize(
    "values",
    [
        {"privilege": {"siteAdmin": True}},
        {"privilege": {"recordingEditor": False}},
        {"privilege": {"attendeeOnly": True}},
        {"active": "DEACTIVATED"},
        {"expirationDate": "01/01/2040 00:00:00"},
        {"meetingTypes": {"meetingType": [3]}},
        {"supportedServices": {"salesCenter": True}},
        {"service": "PRO_OFFICE"},
        {"myWebEx": {"isMyWebExPro": True}},
        {"webACDPrefs": {"isMgr": True}},
        {"security": {"lockAccount": True}},
        {"security": {"forceChangePassword": True}},
        {"security": {"resetPassword": True}},
        {"newWebExId": "boss"},
    ],
)
def test_users_grant_themselves_nothing(site: TestSite, values: dict[str, Any]) -> None:
    before = stored(site, "host1")
    change(site.client("host1"), "host1", **values).failed("000001")
    assert stored(site, "host1") == before


def test_names_and_addresses_as_the_site_allows(server: Server) -> None:
    site = server.new_site(
        allow_change_first_name=False,
        allow_change_last_name=False,
        allow_change_display_name=False,
        display_names=True,
        change_personal_url=False,
        change_user_name=True,
    )
    client, admin = site.client("host1"), site.client("admin")
    for name in ("firstName", "lastName", "displayName", "personalUrl"):
        change(client, "host1", **{name: "Else"}).failed("000001")
    found = get(client, "host1")
    same = {name: found.value(name) for name in ("firstName", "lastName", "displayName", "personalUrl")}
    change(client, "host1", **same, title="x").ok()
    change(admin, "host1", firstName="Else", displayName="Else").ok()
    change(client, "host1", newWebExId="host-1").ok()
    site.set(level="42.1.0")
    change(site.client("host-1"), "host-1", firstName="Before", lastName="42.2", displayName="Free").ok()
    site.set(level="42.2.0")
    change(site.client("host-1"), "host-1", firstName="Again").failed("000001")
    site.set(settings=SiteSettings(customize_profile_fields=False, allow_change_first_name=False))
    change(site.client("host-1"), "host-1", firstName="Again").ok()


def test_display_names_are_behind_their_toggle(server: Server) -> None:
    site = server.new_site()
    admin = site.client("admin")
    create(admin, displayName="Annie").ok()
    assert get(admin, "ann").value("displayName") is None
    site.set(settings=SiteSettings(display_names=True))
    assert get(admin, "ann").value("displayName") == "Ann Example"
    change(admin, "ann", displayName="Ann Example", lastName="Miller").ok()
    assert get(admin, "ann").value("displayName") == "Ann Miller"
    change(admin, "ann", displayName="Annie").ok()
    change(admin, "ann", lastName="Example").ok()
    assert get(admin, "ann").value("displayName") == "Annie"
    change(admin, "ann", displayName="", firstName="小龙", lastName="李").ok()
    assert get(admin, "ann").value("displayName") == "小龙李"


def test_administrators_keep_their_own_account(site: TestSite, admin: Client) -> None:
    for values in (
        {"privilege": {"siteAdmin": False}},
        {"active": "DEACTIVATED"},
        {"security": {"lockAccount": True}},
        {"privilege": {"attendeeOnly": True}},
    ):
        change(admin, "admin", **values).failed("000001")
    assert admin.call("user.DelUser", {"webExId": "admin"}).ok().value("user/status") == "FAILURE"
    admin.call("user.InactivateUser", {"webexID": "admin"}).failed("000001")
    change(admin, "admin", privilege={"siteAdmin": True, "host": False}, title="x").ok()


# --- e-mail addresses --------------------------------------------------------------------------------------------


def test_addresses_change_at_once_where_nothing_is_to_be_confirmed(site: TestSite, admin: Client) -> None:
    change(site.client("host1"), "host1", email="new@example.com").ok()
    assert get(admin, "host1").value("email") == "new@example.com"
    assert waiting(site, "user.email_change") == []


def test_a_new_address_waits_for_its_link(server: Server) -> None:
    site = server.new_site(confirm_email_changes=True)
    client, admin, application = site.client("host1"), site.client("admin"), server.application
    old = f"host1@{site.name}.example"
    change(client, "host1", email="first@example.com", title="x").ok()
    found = get(client, "host1")
    assert (found.value("email"), found.value("title")) == (old, "x")
    change(client, "host1", email=f"host2@{site.name}.example").failed("030005")
    change(client, "host1", email="none").failed("030062")
    change(client, "host1", email="second@example.com").ok()
    change(client, "host1", email=old, title="y").ok()  # sent back as it was read
    mails = {message.recipient: notice.token or "" for message, notice in waiting(site, "user.email_change")}
    assert set(mails) == {"first@example.com", "second@example.com"}
    assert server.run(confirming.confirm(application, site.site_id, mails["first@example.com"])) is None
    assert server.run(confirming.confirm(application, site.site_id, "nonsense")) is None
    changed = server.run(confirming.confirm(application, site.site_id, mails["second@example.com"]))
    assert changed is not None
    assert get(client, "host1").value("email") == "second@example.com"
    assert server.run(confirming.confirm(application, site.site_id, mails["second@example.com"])) is None
    change(admin, "host1", email="third@example.com").ok()
    assert get(admin, "host1").value("email") == "third@example.com"


def test_links_of_addresses_grow_old_and_lose_to_administrators(server: Server) -> None:
    site = server.new_site(confirm_email_changes=True)
    client, admin, application = site.client("host1"), site.client("admin"), server.application

    def token() -> str:
        return waiting(site, "user.email_change")[-1][1].token or ""

    change(client, "host1", email="a@example.com").ok()
    change(admin, "host1", email="admins@example.com").ok()
    assert server.run(confirming.confirm(application, site.site_id, token())) is None
    assert server.run(email_changes.of_user(application.engine, site.site_id, site.users["host1"].user_id)) is None
    server.clock.ahead = 10
    change(client, "host1", email="b@example.com").ok()
    server.clock.ahead = 10 + confirming.LINK_SECONDS
    assert server.run(confirming.confirm(application, site.site_id, token())) is None
    server.clock.ahead = 20
    create(admin, "thief", email="b@example.com").ok()
    with pytest.raises(Exception, match="030005"):
        server.run(confirming.confirm(application, site.site_id, token()))


# --- tracking codes ----------------------------------------------------------------------------------------------

CODES = [
    TrackingCode(1, "Division", host_profile="REQUIRED"),
    TrackingCode(2, "Project", values=["Red", "Blue"]),
    TrackingCode(3, "Cost centre", host_profile="ADMIN_SET"),
    TrackingCode(4, "Old", required=True, values=["x"]),
]


def test_tracking_codes_obey_the_site(server: Server) -> None:
    site = server.new_site(tracking_codes=CODES)
    admin, host = site.client("admin"), site.client("host1")
    good = {"trackingCode1": "D", "trackingCode2": "Red", "trackingCode3": "C", "trackingCode4": "x"}
    for wrong, code in (
        ({}, "030009"),
        ({**good, "trackingCode1": ""}, "030009"),
        ({**good, "trackingCode2": "Green"}, "999999"),
        ({**good, "trackingCode4": None}, "030009"),
        ({**good, "trackingCode1": "x" * 129}, "999999"),
    ):
        create(admin, tracking=wrong).failed(code)
    create(admin, tracking={**good, "trackingCode9": "free"}).ok()
    found = get(admin, "ann")
    assert {name: found.value(f"tracking/{name}") for name in good} == good
    assert found.value("tracking/trackingCode9") == "free"
    change(admin, "ann", tracking={"trackingCode1": ""}).failed("030009")
    change(admin, "ann", tracking={"trackingCode2": ""}).ok()
    # Accounts from before the definition are not held up.
    change(host, "host1", title="x").ok()
    change(host, "host1", tracking={"trackingCode3": "C"}).failed("000001")
    change(host, "host1", tracking={"trackingCode1": "D", "trackingCode2": "Blue"}).ok()
    change(admin, "host1", tracking={"trackingCode3": "C"}).ok()
    change(host, "host1", tracking={"trackingCode3": "C", "trackingCode2": "Red"}).ok()


# --- DelUser, ActivateUser, InactivateUser -----------------------------------------------------------------------


def test_deleted_users_are_deactivated_each_with_a_result(site: TestSite, admin: Client) -> None:
    create(admin).ok()
    answer = admin.call("user.DelUser", {"webExId": ["ANN", "nobody", "host1", "ann", "admin"]}).ok()
    assert answer.type_name == "use:delUserResponse"
    assert answer.all("user/webExId") == ["ANN", "nobody", "host1", "ann", "admin"]
    assert answer.all("user/status") == ["SUCCESS", "FAILURE", "SUCCESS", "SUCCESS", "FAILURE"]
    assert get(admin, "ann").value("active") == "DEACTIVATED"
    site.client("host1").call("user.GetUser", {"webExId": "host1"}).failed("030008")
    create(admin, email="other@example.com").failed("030004")
    admin.call("user.DelUser").failed("999999")
    admin.call("user.DelUser", {"webExId": [f"u{number}" for number in range(51)]}).failed("999999")
    many = admin.call("user.DelUser", {"webExId": [f"u{number}" for number in range(50)]}).ok()
    assert many.all("user/status") == ["FAILURE"] * 50


def test_accounts_are_switched_by_number_or_id(site: TestSite, admin: Client) -> None:
    number = str(site.users["host1"].user_id)
    answer = admin.call("user.InactivateUser", {"userID": number}).ok()
    assert (answer.type_name, answer.names()) == ("use:inactivateUserResponse", [])
    assert get(admin, "host1").value("active") == "DEACTIVATED"
    version = stored(site, "host1").version
    admin.call("user.InactivateUser", {"webexID": "HOST1"}).ok()
    assert stored(site, "host1").version == version
    answer = admin.call("user.ActivateUser", {"webexID": "host1"}).ok()
    assert (answer.type_name, answer.names()) == ("use:activateUserResponse", [])
    get(site.client("host1"), "host1")
    change(admin, "host1", active="DEACTIVATED").ok()
    change(admin, "host1", active="ACTIVATED").ok()
    get(site.client("host1"), "host1")
    for operation in ("ActivateUser", "InactivateUser"):
        admin.call(f"user.{operation}").failed("999999")
        admin.call(f"user.{operation}", {"userID": 1}).failed("030001")
        admin.call(f"user.{operation}", {"webexID": "nobody"}).failed("030001")


# --- levels and suspension ---------------------------------------------------------------------------------------


def test_a_suspended_site_keeps_administrators_from_changing_accounts(site: TestSite, admin: Client) -> None:
    site.set(suspended=True)
    create(admin).failed("010107")
    change(admin, "host1", title="x").failed("010107")
    change(admin, "admin", title="x").failed("010107")
    change(site.client("host1"), "host1", title="own").ok()
    change(site.client("host1"), "host2", title="x").failed("000001")
    get(admin, "host1")
    site.set(level="42.5.0")
    change(admin, "host1", title="x").ok()
    create(admin).ok()
    site.set(level="42.6.0", suspended=False)
    change(admin, "host1", title="y").ok()


def test_on_a_site_of_control_hub_the_address_is_the_id(server: Server) -> None:
    site = server.new_site(control_hub=True)
    admin = site.client("admin")
    create(admin, "ann", password=None, sendWelcome=True, active="DEACTIVATED").ok()
    found = get(admin, "ann@example.com")
    assert (found.value("webExId"), found.value("active")) == ("ann@example.com", "ACTIVATED")
    assert waiting(site, "user.welcome") == []
    [(message, _)] = waiting(site, "user.activation")
    assert message.recipient == "ann@example.com"
    before = stored(site, "ann@example.com")
    change(admin, "ann@example.com", password="Better-Secret-8", firstName="Else", newWebExId="x", title="Dr.").ok()
    after = stored(site, "ann@example.com")
    assert (after.password_hash, after.first_name, after.web_ex_id) == (before.password_hash, "Ann", "ann@example.com")
    assert get(admin, "ann@example.com").value("title") == "Dr."
    change(admin, "ann@example.com", email="anna@example.com").ok()
    assert get(admin, "anna@example.com").value("webExId") == "anna@example.com"


def test_names_of_any_script_survive(admin: Client) -> None:
    for place, (first, last) in enumerate((("משה", "‏כהן"), ("می‌خواهم", "<&>'\""), ("李", "小龙 🐉"))):
        create(admin, f"u{place}", firstName=first, lastName=last).ok()
        found = get(admin, f"u{place}")
        assert (found.value("firstName"), found.value("lastName")) == (first, last)
