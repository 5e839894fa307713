"""The user service over HTTP: signing in, reading accounts, login links."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from lxml import etree

from parley.contract import common as com
from parley.contract import user as use
from parley.contract import user_settings
from parley.domain import timezones
from parley.domain.identifiers import ticket_hash
from parley.domain.site import SiteSettings
from parley.services.accounts import create_account, set_password
from parley.store import Changes, Conflict, tickets, users
from tests.client import Answer, Client, xml_of
from tests.server import PASSWORD, Server, TestSite

# The order of the real service's answers for an account with a personal room, optional ones left out.
ORDER = [
    *("firstName", "lastName", "categoryId", "webExId", "address", "phones", "email", "password", "personalUrl"),
    *("expirationDate", "commOptions", "meetingTypes", "options", "timeZoneID", "timeZone", "timeZoneWithDST"),
    *("tracking", "service", "privilege", "language", "locale", "schedulingPermission", "active", "defaultCallIn"),
    *("supportedServices", "myWebEx", "personalTeleconf", "videoSystems", "personalMeetingRoom", "sessionOptions"),
    *("supportCenter", "security", "languageID", "webACDPrefs", "registrationDate", "visitCount", "userId"),
    *("passwordExpires", "passwordDaysLeft"),
]
PRIVILEGES = [
    *("host", "teleConfCallOut", "teleConfCallOutInternational", "teleConfCallIn", "teleConfTollFreeCallIn"),
    *("siteAdmin", "voiceOverIp", "roSiteAdmin", "labAdmin", "otherTelephony", "teleConfCallInInternational"),
    *("attendeeOnly", "recordingEditor", "meetingAssist"),
]


def get_user(client: Client, web_ex_id: str) -> Answer:
    return client.call("user.GetUser", {"webExId": web_ex_id})


def authenticate(client: Client, body: str = "") -> Answer:
    return client.call("user.AuthenticateUser", body)


def query_of(link: str | None) -> dict[str, list[str]]:
    return parse_qs(urlsplit(link or "").query, keep_blank_values=True)


async def profiled(site: TestSite, web_ex_id: str, profile: use.UserType, **more: Any) -> None:
    await create_account(
        site.server.application,
        site.site_id,
        web_ex_id=web_ex_id,
        email=f"{web_ex_id}@profiled.example",
        password=PASSWORD,
        first_name="Pia",
        last_name="Profile",
        profile=profile,
        **more,
    )


# --- AuthenticateUser --------------------------------------------------------------------------------------------


def test_a_password_is_turned_into_a_session_ticket(site: TestSite) -> None:
    before = time.time()
    answer = authenticate(site.client()).ok()
    assert answer.type_name == "use:authenticateUserResponse"
    assert answer.names() == ["sessionTicket", "createTime", "timeToLive"]
    assert re.fullmatch(r"AAAB[A-Za-z0-9+/=]{396,496}", answer.value("sessionTicket") or "")
    assert abs(int(answer.value("createTime") or 0) / 1000 - before) < 60
    assert answer.value("timeToLive") == "5400"


def test_a_ticket_signs_in_to_other_modules_and_makes_another_ticket(site: TestSite) -> None:
    ticket = authenticate(site.client()).ok().value("sessionTicket")
    client = site.client(password=None, ticket=ticket)
    assert get_user(client, "host1").ok().value("webExId") == "host1"
    client.call("site.LstTimeZone").ok()
    second = authenticate(client).ok().value("sessionTicket")
    assert second != ticket
    get_user(site.client(password=None, ticket=second), "host1").ok()
    get_user(client, "host1").ok()


def test_a_ticket_ends_after_ninety_minutes_and_is_good_for_its_user_only(site: TestSite) -> None:
    ticket = authenticate(site.client()).ok().value("sessionTicket")
    get_user(site.client("host2", password=None, ticket=ticket), "host2").failed("030047")
    site.server.clock.ahead = 5390
    get_user(site.client(password=None, ticket=ticket), "host1").ok()
    site.server.clock.ahead = 5402
    failed = authenticate(site.client(password=None, ticket=ticket)).failed("030047")
    assert failed.reason == "Not a valid session ticket"


def test_wrong_and_missing_proofs_of_authenticate_user(site: TestSite) -> None:
    authenticate(site.client(password="Wrong-1")).failed("030002")
    authenticate(site.client("nobody")).failed("030001")
    authenticate(site.client(password=None)).failed("030002")
    authenticate(site.client("", password=None)).failed("030002")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<accessToken>abc</accessToken>", "WebEx access token is invalid"),
        ("<samlResponse>PHNhbWw+</samlResponse>", "SAML response is invalid"),
    ],
)
def test_tokens_and_assertions_are_refused_while_nobody_vouches_for_them(
    site: TestSite, body: str, reason: str
) -> None:
    assert authenticate(site.client(password=None), body).failed("030047").reason == reason
    authenticate(site.client(), body).failed("030047")


def test_empty_token_elements_beside_a_password_do_not_matter(site: TestSite) -> None:
    authenticate(site.client(), "<accessToken/><samlResponse></samlResponse>").ok()


def test_attendees_may_sign_in_and_the_time_of_it_is_kept(site: TestSite) -> None:
    authenticate(site.client("attendee1")).ok()
    user = site.server.run(users.by_web_ex_id(site.server.application.engine, site.site_id, "attendee1"))
    assert user is not None
    assert abs((user.last_login_at or 0) - time.time()) < 60
    assert user.version == 1


@pytest.mark.parametrize(("ago", "noted"), [(30, False), (90, True), (-600, True)])
def test_the_time_of_a_sign_in_is_noted_once_a_minute(site: TestSite, ago: int, noted: bool) -> None:
    engine = site.server.application.engine
    user = site.server.run(users.by_web_ex_id(engine, site.site_id, "host1"))
    assert user is not None
    before, changes = int(time.time()) - ago, Changes()
    users.signed_in(changes, site.site_id, user.user_id, before)
    site.server.run(engine.commit(changes))
    authenticate(site.client()).ok()
    user = site.server.run(users.by_web_ex_id(engine, site.site_id, "host1"))
    assert user is not None
    assert (user.last_login_at != before) is noted


def test_another_password_ends_the_tickets(site: TestSite) -> None:
    ticket = authenticate(site.client()).ok().value("sessionTicket")
    site.server.run(set_password(site.server.application, site.site_id, "HOST1", "Another-Secret-7"))
    get_user(site.client(password=None, ticket=ticket), "host1").failed("030047")
    get_user(site.client(), "host1").failed("030002")
    get_user(site.client(password="Another-Secret-7"), "host1").ok()


# --- GetUser -----------------------------------------------------------------------------------------------------


def test_get_user_has_the_order_of_real_answers(site: TestSite) -> None:
    answer = get_user(site.client(), "host1").ok()
    assert answer.type_name == "use:getUserResponse"
    assert answer.names() == ORDER
    assert answer.names("address") == ["addressType", "country"]
    assert answer.names("phones") == ["phone", "mobilePhone", "fax", "pager", "PIN"]
    assert len(answer.names("commOptions")) == 9
    assert len(answer.names("options")) == 36
    assert answer.names("options")[32:] == ["workPhoneCallback", "cellPhoneCallback", "faxCallback", "pagerCallback"]
    assert answer.names("privilege")[: len(PRIVILEGES)] == PRIVILEGES
    assert set(answer.names("privilege")[len(PRIVILEGES) :]) == {
        *("HQvideo", "allowExtAttendees", "HDvideo", "isEnableCET", "isEnablePMR")
    }
    assert len(answer.names("myWebEx")) == 14
    assert answer.names("supportedServices") == [
        *("meetingCenter", "trainingCenter", "supportCenter", "eventCenter", "salesCenter")
    ]
    for empty in ("<use:tracking/>", "<use:defaultCallIn/>", "<use:videoSystems/>", "<use:PIN></use:PIN>"):
        assert empty in answer.text


@pytest.mark.parametrize("level", ["42.1.0", "42.6.0"])
def test_accounts_are_the_same_at_every_level(server: Server, level: str) -> None:
    answer = get_user(server.new_site(level=level).client(), "host1").ok()
    assert answer.names() == ORDER


def test_get_user_has_the_values_of_a_usual_host(site: TestSite) -> None:
    answer = get_user(site.client(), "host1").ok()
    expected = {
        "webExId": "host1",
        "password": "******",
        "expirationDate": "none",
        "phones/phone": "1,,,,,,",
        "phones/PIN": "",
        "timeZoneID": "4",
        "timeZone": "GMT-08:00, Pacific (San Jose)",
        "service": "FREE_OFFICE",
        "privilege/host": "true",
        "privilege/siteAdmin": "false",
        "active": "ACTIVATED",
        "language": "ENGLISH",
        "languageID": "1",
        "sessionOptions/defaultServiceType": "MeetingCenter",
        "sessionOptions/autoDeleteAfterMeetingEnd": "false",
        "sessionOptions/displayQuickStartHost": "true",
        "supportedServices/meetingCenter": "true",
        "supportedServices/salesCenter": "false",
        "supportCenter/serviceDesk/enable": "false",
        "security/lockAccount": "false",
        "visitCount": "0",
        "userId": str(site.users["host1"].user_id),
        "passwordExpires": "false",
        "passwordDaysLeft": "0",
        "schedulingPermission": "host2",
    }
    assert {path: answer.value(path) for path in expected} == expected
    assert re.fullmatch(
        r"San Francisco \(Pacific (Standard|Daylight) Time, GMT-0[78]:00\)", answer.value("timeZoneWithDST") or ""
    )
    assert PASSWORD not in answer.text


def test_the_first_meeting_type_of_a_host_takes_a_meeting_of_any_length(site: TestSite) -> None:
    client = site.client()
    answer = get_user(client, "host1").ok()
    first = answer.value("meetingTypes/meetingType") or ""
    assert answer.value("sessionOptions/defaultSessionType") == first
    details = client.call("meetingtype.GetMeetingType", {"meetingTypeID": first}).ok()
    assert details.value("productCodePrefix") == "PRO"
    assert details.value("limits/maxMeetingDuration") == "999999"
    values = {"metaData": {"confName": "Sample", "meetingType": first}, "schedule": {"duration": 999999}}
    client.call("meeting.CreateMeeting", values).ok()


def test_who_may_read_whom(site: TestSite) -> None:
    assert get_user(site.client("admin"), "HOST1").ok().value("webExId") == "host1"
    get_user(site.client("admin"), "nobody").failed("030001")
    get_user(site.client("host1"), " Host1 ").ok()
    get_user(site.client("host1"), "host2").failed("000001")
    get_user(site.client("host1"), "nobody").failed("000001")
    get_user(site.client("attendee1"), "attendee1").ok()
    get_user(site.client("attendee1"), "host1").failed("000001")
    site.client().call("user.GetUser").failed("999999")
    site.set_user("host2", ro_site_admin=True)
    get_user(site.client("host2"), "host1").ok()


def test_nobody_reads_another_sites_accounts(server: Server) -> None:
    one, other = server.new_site(), server.new_site()
    server.run(
        create_account(
            server.application,
            other.site_id,
            web_ex_id="only-there",
            email="only@there.example",
            password=PASSWORD,
            first_name="Only",
            last_name="There",
        )
    )
    get_user(one.client("admin"), "only-there").failed("030001")
    get_user(other.client("admin"), "only-there").ok()


def test_scheduling_for_others_shows_on_both_sides(site: TestSite) -> None:
    assert get_user(site.client("host2"), "host2").ok().all("scheduleFor/webExID") == ["host1"]
    changes = Changes()
    numbers = [site.users[name].user_id for name in ("host2", "admin")]
    users.permit(changes, site.site_id, site.users["host1"].user_id, numbers)
    site.server.run(site.server.application.engine.commit(changes))
    answer = get_user(site.client("admin"), "host1").ok()
    assert answer.value("schedulingPermission") == "admin;host2"
    assert "scheduleFor" not in answer.names()
    assert get_user(site.client("admin"), "admin").ok().all("scheduleFor/webExID") == ["host1"]
    assert get_user(site.client("host2"), "host2").ok().names()[-1] == "scheduleFor"


def test_a_personal_room_has_address_and_codes(site: TestSite) -> None:
    answer = get_user(site.client(), "host1").ok()
    room = "personalMeetingRoom"
    element = answer.content.xpath(f"*[local-name()='{room}']")[0]  # myWebEx has a switch of the same name
    assert [etree.QName(child).localname for child in element] == [
        *("title", "personalMeetingRoomURL", "sipURL", "accessCode", "hostPIN", "applyPMRForInstantMeeting"),
        *("PMRAutoLock", "PMRAutoLockWaitTime", "PRNotifications"),
    ]
    assert answer.value("personalUrl") == "host1"
    assert answer.value(f"{room}/title") == "Host1 Tester's Personal Room"
    assert answer.value(f"{room}/personalMeetingRoomURL") == f"{site.server.url}/meet/host1"
    assert answer.value(f"{room}/sipURL") == "host1@127.0.0.1"
    assert re.fullmatch(r"\d{9}", answer.value(f"{room}/accessCode") or "")
    assert re.fullmatch(r"\d{4}", answer.value(f"{room}/hostPIN") or "")
    assert answer.value(f"{room}/PRNotifications/mode") == "EMAIL"
    attendee = get_user(site.client("attendee1"), "attendee1").ok()
    assert attendee.value("privilege/isEnablePMR") == "false"
    assert room not in attendee.names()


def test_an_attendee_account_holds_nothing(site: TestSite) -> None:
    answer = get_user(site.client("attendee1"), "attendee1").ok()
    assert answer.value("privilege/attendeeOnly") == "true"
    assert answer.value("privilege/host") == "false"
    assert answer.names("meetingTypes") == []
    assert set(answer.all("supportedServices/meetingCenter")) == {"false"}
    assert "defaultSessionType" not in answer.names("sessionOptions")


def test_what_was_stored_of_an_account_comes_back(site: TestSite) -> None:
    profile = use.UserType(
        title="Dr.",
        company="Café <Ü> & Söhne",
        email2="second@example.com",
        meeting_types=use.UserTypeMeetingTypes(meeting_type=[103, 1, 999]),
        language="GERMAN",
        locale="GERMANY",
        personal_url="pia-room",
    )
    profile.phones = user_settings.UserPhonesType(phone="49,30,1234567", mobile_phone="0171 555", pin="8642")
    profile.address = com.AddressType(city="Berlin", country="Germany")
    profile.tracking = com.TrackingType(tracking_code_3="K-3")
    profile.tsp_account = use.UserTypeTspAccount(
        tsp_account=[user_settings.TspAccountType(account_index=1, toll_call_in_number="49,30,555")]
    )
    profile.privilege = user_settings.PrivilegeType(lab_admin=True, site_admin=True)
    profile.my_web_ex = user_settings.MywebexType(is_my_web_ex_pro=True)
    site.server.run(profiled(site, "pia", profile, time_zone_id=25))
    answer = get_user(site.client("pia"), "pia").ok()
    expected = {
        "title": "Dr.",
        "company": "Café <Ü> & Söhne",
        "email2": "second@example.com",
        "languageID": "9",
        "locale": "GERMANY",
        "phones/phone": "49,30,1234567",
        "phones/mobilePhone": "0171 555",
        "phones/fax": "49,,,,,,",
        "phones/PIN": "8642",
        "address/addressType": "PERSONAL",
        "address/city": "Berlin",
        "address/country": "Germany",
        "tracking/trackingCode3": "K-3",
        "tspAccount/tspAccount/accountIndex": "1",
        "privilege/labAdmin": "true",
        "privilege/recordingEditor": "true",
        "privilege/siteAdmin": "false",
        "myWebEx/isMyWebExPro": "true",
        "myWebEx/myMeetings": "true",
        "timeZone": "GMT+01:00, Europe (Berlin)",
        "supportedServices/meetingCenter": "true",
        "supportedServices/eventCenter": "true",
        "supportedServices/supportCenter": "false",
        "personalMeetingRoom/personalMeetingRoomURL": f"{site.server.url}/meet/pia-room",
    }
    assert {path: answer.value(path) for path in expected} == expected
    assert answer.all("meetingTypes/meetingType") == ["103", "1"]
    assert re.fullmatch(r"Berlin \(Europe (Summer )?Time, GMT\+0[12]:00\)", answer.value("timeZoneWithDST") or "")


def test_numbers_that_are_not_known_have_the_country_of_the_account(site: TestSite) -> None:
    site.server.run(profiled(site, "pia", use.UserType(address=com.AddressType(country="44"))))
    site.server.run(profiled(site, "piet", use.UserType(locale="GERMANY")))
    for web_ex_id, code in (("pia", "44"), ("piet", "49")):
        answer = get_user(site.client(web_ex_id), web_ex_id).ok()
        assert (answer.value("address/country"), answer.value("phones/fax")) == (code, f"{code},,,,,,")


def test_dates_are_those_of_the_users_clock(site: TestSite) -> None:
    site.set_user("host1", time_zone_id=25, expires_at=1_893_456_000)
    user = site.users["host1"]
    engine = site.server.application.engine
    assert user.registered_at > 0
    answer = get_user(site.client(), "host1").ok()
    assert answer.value("expirationDate") == "01/01/2030 01:00:00"
    local = time.strptime(answer.value("registrationDate") or "", "%m/%d/%Y %H:%M:%S")
    stored = site.server.run(users.by_web_ex_id(engine, site.site_id, "host1"))
    assert stored is not None
    assert (stored.registered_at - int(time.mktime((*local[:8], 0)) - time.timezone)) in (-3600, -7200)


def test_passwords_that_grow_old_show_the_days_left(server: Server) -> None:
    site = server.new_site(password_lifetime=30)
    answer = get_user(site.client(), "host1").ok()
    assert answer.value("passwordExpires") == "true"
    assert answer.value("passwordDaysLeft") == "30"
    server.clock.ahead = 29 * 86400 + 3600
    assert get_user(site.client(), "host1").ok().value("passwordDaysLeft") == "1"


def test_the_account_with_the_least_document_is_answered_whole(site: TestSite) -> None:
    site.set_user("host1", document="{}")
    answer = get_user(site.client(), "host1").ok()
    assert answer.all("meetingTypes/meetingType")[0] == "3"
    assert answer.value("supportedServices/trainingCenter") == "true"
    assert answer.value("privilege/host") == "true"
    assert len(answer.names("options")) == 36


def test_states_of_the_account_show_in_security_and_active(site: TestSite) -> None:
    site.set_user("host1", locked=True, must_change_password=True, status="DEACTIVATED")
    answer = get_user(site.client("admin"), "host1").ok()
    assert answer.value("active") == "DEACTIVATED"
    assert answer.value("security/lockAccount") == "true"
    assert answer.value("security/forceChangePassword") == "true"
    assert answer.value("security/resetPassword") == "false"


# --- GetLoginTicket ----------------------------------------------------------------------------------------------


def login_ticket(client: Client) -> str:
    answer = client.call("user.GetLoginTicket").ok()
    assert answer.type_name == "use:getLoginTicketResponse"
    assert answer.names() == ["ticket", "apiVersion"]
    assert re.fullmatch(r"WebEx XML API V\d+\.\d+\.\d+", answer.value("apiVersion") or "")
    return answer.value("ticket") or ""


def use_up(site: TestSite, ticket: str) -> None:
    changes = Changes()
    tickets.use(changes, site.site_id, ticket_hash(ticket), site.server.clock.now())
    site.server.run(site.server.application.engine.commit(changes))


def test_an_unused_login_ticket_is_given_again_until_it_is_used(site: TestSite) -> None:
    first = login_ticket(site.client())
    assert re.fullmatch(r"[0-9a-f]{64}", first)
    assert login_ticket(site.client()) == first
    query_of(site.client().call("user.GetloginurlUser", {"webExID": "host1"}).ok().value("userLoginURL"))
    assert login_ticket(site.client()) == first
    assert login_ticket(site.client("host2")) != first
    use_up(site, first)
    with pytest.raises(Conflict):
        use_up(site, first)
    second = login_ticket(site.client())
    assert second != first
    assert login_ticket(site.client()) == second


def test_a_login_ticket_is_good_for_an_hour_at_least(site: TestSite) -> None:
    first = login_ticket(site.client("attendee1"))
    site.server.clock.ahead = 22 * 3600
    assert login_ticket(site.client("attendee1")) == first
    site.server.clock.ahead = 23 * 3600 + 5
    second = login_ticket(site.client("attendee1"))
    assert second != first
    found = site.server.run(tickets.find(site.server.application.engine, site.site_id, ticket_hash(second)))
    assert found is not None
    assert found.user_id == site.users["attendee1"].user_id
    assert found.expires_at - site.server.clock.now() >= 3600


def test_another_password_brings_another_login_ticket(site: TestSite) -> None:
    first = login_ticket(site.client())
    site.set_user("host1", credential_version=2)
    assert login_ticket(site.client()) != first


def test_tickets_asked_for_at_once_are_the_same_one(site: TestSite) -> None:
    documents = [site.client().document("user.GetLoginTicket", "")] * 8
    with ThreadPoolExecutor(8) as pool:
        found = {answer.ok().value("ticket") for answer in pool.map(site.client().send, documents)}
    assert len(found) == 1


def test_a_ticket_used_within_the_second_of_its_making_is_not_made_again(site: TestSite) -> None:
    seen = []
    for _ in range(4):
        seen.append(login_ticket(site.client()))
        use_up(site, seen[-1])
    assert len(set(seen)) == 4


# --- login and logout links --------------------------------------------------------------------------------------


def test_a_login_link_has_the_known_parts_in_order(site: TestSite) -> None:
    back = "https://lms.example/back?a=1&b=2"
    client = site.client()
    answer = client.call("user.GetloginurlUser", {"webExID": "Host1", "backURL": back}).ok()
    assert answer.type_name == "use:getloginurlUserResponse"
    link = answer.value("userLoginURL") or ""
    assert link.startswith(f"{site.server.url}/{site.name}/p.php?AT=LI&FN=")
    query = query_of(link)
    assert list(query) == ["AT", "FN", "LN", "EM", "WID", "TK", "MU", "BU"]
    assert query["WID"] == ["host1"]
    assert query["EM"] == [f"host1@{site.name}.example"]
    assert query["MU"] == ["GoBack"]
    assert query["BU"] == [back]
    found = site.server.run(tickets.find(site.server.application.engine, site.site_id, ticket_hash(query["TK"][0])))
    assert found is not None
    assert found.user_id == site.users["host1"].user_id
    again = query_of(client.call("user.GetloginurlUser", {"webExID": "host1"}).ok().value("userLoginURL"))
    assert again["TK"] != query["TK"]
    assert again["BU"] == [""]


def test_only_administrators_get_login_links_of_others(site: TestSite) -> None:
    call = "user.GetloginurlUser"
    assert query_of(site.client("admin").call(call, {"webExID": "attendee1"}).ok().value("userLoginURL"))["WID"] == [
        "attendee1"
    ]
    site.client("host1").call(call, {"webExID": "host2"}).failed("000001")
    site.client("admin").call(call, {"webExID": "nobody"}).failed("030001")
    site.client("attendee1").call(call, {"webExID": "attendee1"}).ok()
    site.set_user("host2", ro_site_admin=True)
    site.client("host2").call(call, {"webExID": "host1"}).failed("000001")
    site.client("host2").call("user.GetlogouturlUser", {"webExID": "host1"}).ok()
    site.client().call(call).failed("999999")


@pytest.mark.parametrize(
    ("columns", "code"),
    [({"status": "DEACTIVATED"}, "030008"), ({"locked": True}, "030030"), ({"expires_at": 1}, "030007")],
)
def test_no_login_link_for_an_account_that_cannot_be_used(site: TestSite, columns: dict[str, Any], code: str) -> None:
    site.set_user("host1", **columns)
    site.client("admin").call("user.GetloginurlUser", {"webExID": "host1"}).failed(code)


def test_a_logout_link_goes_back_to_where_it_was_asked_to(site: TestSite) -> None:
    answer = site.client().call("user.GetlogouturlUser", {"webExID": "host1", "backURL": "https://a.example/?x=1&y"})
    assert answer.ok().type_name == "use:getlogouturlUserResponse"
    link = answer.value("userLogoutURL") or ""
    assert link.startswith(f"{site.server.url}/{site.name}/p.php?AT=LO&BU=")
    assert query_of(link)["BU"] == ["https://a.example/?x=1&y"]
    bare = site.client().call("user.GetlogouturlUser", {"webExID": "host1"}).ok().value("userLogoutURL")
    assert (bare or "").endswith("p.php?AT=LO&BU=")
    site.client().call("user.GetlogouturlUser", {"webExID": "host2"}).failed("000001")


def test_untidy_requests_are_understood(site: TestSite) -> None:
    context = xml_of({"siteName": site.name.upper(), "email": f"HOST1@{site.name}.example", "password": PASSWORD})
    document = (
        '\n<?xml version="1.0" encoding="ISO-8859-1"?>\n<serv:message '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><header><securityContext>'
        f"{context}</securityContext></header><body><bodyContent xsi:type='use:getuser'>"
        "<use:webExId>host1</use:webExId><unknown>1</unknown></bodyContent></body></serv:message>"
    )
    assert site.client().send(document).ok().value("email") == f"host1@{site.name}.example"


def test_names_of_any_script_come_back_exactly(site: TestSite) -> None:
    for first, last in (("משה", "‏כהן"), ("می‌خواهم", "<&>'\""), ("李", "小龙 🐉")):
        site.set_user("host1", first_name=first, last_name=last)
        answer = get_user(site.client(), "host1").ok()
        assert (answer.value("firstName"), answer.value("lastName")) == (first, last)
        assert answer.value("personalMeetingRoom/title") == f"{first} {last}'s Personal Room"
        assert query_of(site.client().call("user.GetloginurlUser", {"webExID": "host1"}).value("userLoginURL"))[
            "FN"
        ] == [first]


def test_the_document_of_an_account_holds_no_columns_and_no_password(site: TestSite) -> None:
    profile = use.UserType(password="Secret-5", web_ex_id="other", email="x@y.example", active="DEACTIVATED")
    site.server.run(profiled(site, "pia", profile))
    stored = site.server.run(users.by_web_ex_id(site.server.application.engine, site.site_id, "pia"))
    assert stored is not None
    kept = msgspec.json.decode(stored.document)
    assert not {"password", "webExId", "email", "active", "firstName", "timeZoneID", "security"} & set(kept)
    assert "Secret-5" not in stored.document
    assert not {"host", "siteAdmin", "roSiteAdmin", "attendeeOnly"} & set(kept["privilege"])
    assert stored.password_hash.startswith("$argon2id$")


async def respelt(site: TestSite, key: str, web_ex_id: str) -> None:
    """Spell the webExID of an account in other letters."""
    engine = site.server.application.engine
    before = await users.by_web_ex_id(engine, site.site_id, key)
    assert before is not None
    changes = Changes()
    users.update_user(changes, before, msgspec.structs.replace(before, web_ex_id=web_ex_id))
    await engine.commit(changes)


def test_an_answer_that_is_kept_follows_everything_it_shows(server: Server) -> None:
    site = server.new_site(password_lifetime=30)
    admin = site.client("admin")

    def shown(web_ex_id: str, path: str) -> str | None:
        return get_user(admin, web_ex_id).ok().value(path)

    for _ in range(2):
        assert shown("host1", "schedulingPermission") == "host2"
        assert shown("host2", "scheduleFor/webExID") == "host1"
        assert shown("host1", "passwordDaysLeft") == "30"
    site.set_user("host1", first_name="Renamed")
    server.run(respelt(site, "host1", "Host1"))
    assert shown("host1", "firstName") == "Renamed"
    assert shown("host2", "scheduleFor/webExID") == "Host1"
    server.run(respelt(site, "host2", "HOST2"))
    assert shown("host1", "schedulingPermission") == "HOST2"
    assert shown("host1", "displayName") is None
    site.set(settings=SiteSettings(password_lifetime=60, display_names=True))
    assert shown("host1", "passwordDaysLeft") == "60"
    assert shown("host1", "displayName") == "Renamed Tester"
    changes = Changes()
    users.permit(changes, site.site_id, site.users["host1"].user_id, [])
    server.run(server.application.engine.commit(changes))
    assert shown("host1", "schedulingPermission") is None
    assert shown("host2", "scheduleFor/webExID") is None
    before = shown("host1", "timeZoneWithDST")
    server.clock.ahead = 3 * 86_400
    assert shown("host1", "passwordDaysLeft") == "57"
    texts = {before}
    for days in (20, 40):
        server.clock.ahead = days * 86_400
        texts.add(shown("host1", "timeZoneWithDST"))
    now = server.clock.now()
    assert texts <= {timezones.with_dst_name(4, now + day * 86_400) for day in range(-60, 60)}


def test_an_answer_that_is_kept_is_of_the_sites_level(site: TestSite) -> None:
    admin = site.client("admin")
    newest = get_user(admin, "host1").ok()
    site.set(level="42.1.0")
    oldest = get_user(admin, "host1").ok()
    site.set(level="42.6.0")
    assert get_user(admin, "host1").ok().text == newest.text
    assert newest.value("webExId") == oldest.value("webExId") == "host1"


def test_what_is_kept_for_one_is_refused_to_another(site: TestSite) -> None:
    get_user(site.client("admin"), "host1").ok()
    get_user(site.client("host1"), "host1").ok()
    assert get_user(site.client("host2"), "host1").code == "000001"
    assert get_user(site.server.new_site().client("admin"), "host1").value("email") != get_user(
        site.client("admin"), "host1"
    ).value("email")
