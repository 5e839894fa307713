"""p.php: signing in and out, and accounts, as portals send it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import httpx
import msgspec
import pytest

from parley.domain.site import SiteSettings, UrlApi
from parley.web.visits import COOKIE
from tests.clients.old_portal import OldPortal, read_answer
from tests.server import PASSWORD, TestSite
from tests.web.url_api import BACK, PARTNER, portal_settings, root

OTHER = "Another-pass-9"
NEW = {"WID": "nina", "FN": "Nina", "LN": "New", "EM": "nina@example.org", "PW": OTHER, "PID": PARTNER}


@pytest.fixture
def portal(site: TestSite) -> Iterator[OldPortal]:
    portal_settings(site)
    with OldPortal(root(site), BACK) as made:
        yield made


# ---- signing in ------------------------------------------------------------------------------------------------------


def test_sign_in_answers_with_a_script_and_a_cookie(site: TestSite, portal: OldPortal) -> None:
    page = portal.send("p", "LI", WID="HOST1", PW=PASSWORD)
    assert page.status_code == 200
    assert "window.location.replace(" in page.text
    assert r"https\x3a\x2f\x2fportal.example\x2fanswers\x2fpage\x3fuser\x3d7\x26AT\x3dLI\x26WID\x3dhost1" in page.text
    answer = read_answer(page.text)
    assert answer.address.startswith(f"{BACK}&AT=LI&WID=host1&ST=SUCCESS&CSRF=")
    assert str(uuid.UUID(answer.values["CSRF"])) == answer.values["CSRF"]
    assert COOKIE == "ticket"
    cookie = page.headers["set-cookie"].lower()
    assert cookie.startswith("ticket=")
    assert "httponly" in cookie
    policy = page.headers["content-security-policy"]
    assert re.search("script-src 'sha256-[^']+'$", policy)
    assert "unsafe" not in policy


def test_without_an_address_the_result_goes_to_the_page_of_the_site(site: TestSite, portal: OldPortal) -> None:
    answer = portal.ask("p", "LI", BU="", WID="host1", PW=PASSWORD)
    assert answer.address.startswith(f"{root(site)}/?siteurl={site.name}&AT=LI&WID=host1&ST=SUCCESS&CSRF=")
    home = portal.browser.get(answer.address)
    assert "host1" in home.text
    failed = portal.ask("p", "AC", BU="", WID="host1", PID="no")
    assert "partner ID is wrong" in portal.browser.get(failed.address).text
    assert "<b>" not in portal.browser.get(f"{root(site)}/?ST=FAIL&RS=<b>x</b>").text


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"WID": "host1", "PW": "wrong"}, "BadWebExIDorPassword"),
        ({"WID": "nobody-here", "PW": PASSWORD}, "BadWebExIDorPassword"),
        ({"WID": "host1"}, "BadWebExIDorPassword"),
        ({"PW": PASSWORD}, "BadWebExIDorPassword"),
        ({"WID": "host1", "TK": "0" * 64}, "BadWebExIDorPassword"),
        ({"WID": "host1", "SK": "A" * 432}, "AccessDenied"),
        ({"WID": "<script>alert(1)</script>", "PW": "'\"\\"}, "BadWebExIDorPassword"),
    ],
)
def test_sign_in_that_fails(portal: OldPortal, values: dict[str, str], reason: str) -> None:
    page = portal.send("p", "LI", **values)
    assert read_answer(page.text).failed == reason
    assert COOKIE not in portal.browser.cookies
    assert "<script>alert" not in page.text


def test_sign_in_by_address_session_and_ticket(site: TestSite, portal: OldPortal) -> None:
    assert portal.do("p", "LI", EM=f"HOST1@{site.name}.example", PW=PASSWORD)["WID"] == "host1"
    portal.log_out()
    session = site.client().call("user.AuthenticateUser", {}).ok().value("sessionTicket")
    assert portal.do("p", "LI", WID="host1", SK=session)["WID"] == "host1"
    portal.log_out()
    ticket = site.client().call("user.GetLoginTicket", {}).ok().value("ticket")
    assert portal.do("p", "LI", WID="host1", TK=ticket)["CSRF"]
    portal.log_out()
    assert portal.refused("p", "LI", WID="host1", TK=ticket) == "BadWebExIDorPassword"


def test_sign_in_twice(portal: OldPortal) -> None:
    portal.log_in("host1", PASSWORD)
    assert portal.refused("p", "LI", WID="host1", PW=PASSWORD) == "AlreadyLogon"
    portal.log_out()
    portal.log_in("host2", PASSWORD)


def test_sign_in_with_another_password(portal: OldPortal) -> None:
    portal.do("p", "LI", WID="host1", PW=PASSWORD, NPW=OTHER)
    portal.log_out()
    assert portal.refused("p", "LI", WID="host1", PW=PASSWORD) == "BadWebExIDorPassword"
    portal.log_in("host1", OTHER)


@pytest.mark.parametrize("columns", [{"status": "DEACTIVATED"}, {"locked": True}, {"must_change_password": True}])
def test_account_that_may_not_be_used(site: TestSite, portal: OldPortal, columns: dict[str, object]) -> None:
    site.set_user("host1", **columns)
    assert portal.refused("p", "LI", WID="host1", PW=PASSWORD) == "AccessDenied"


def test_passwords_in_an_address_are_refused(site: TestSite, portal: OldPortal) -> None:
    for name in ("PW", "pw", "PID", "NPW", "SK"):
        page = portal.browser.get(
            f"{root(site)}/p.php", params={"AT": "LI", "WID": "host1", name: PASSWORD, "BU": BACK}
        )
        assert read_answer(page.text).failed == "AccessDenied", name
    form = {"AT": "LI", "WID": "host1", "PW": PASSWORD, "BU": BACK}
    page = portal.browser.post(f"{root(site)}/p.php?PW={PASSWORD}", data=form)
    assert read_answer(page.text).failed == "AccessDenied"
    page = portal.browser.get(f"{root(site)}/p.php", params={"AT": "AC", "WID": "host1", "PID": PARTNER, "BU": BACK})
    assert read_answer(page.text).failed == "AccessDenied"
    assert COOKIE not in portal.browser.cookies


def test_visit_ends_after_half_an_hour_without_a_page(site: TestSite, portal: OldPortal) -> None:
    portal.log_in("host1", PASSWORD)
    site.server.clock.ahead = 1700
    assert portal.meetings() == []
    site.server.clock.ahead = 3400
    assert portal.meetings() == []
    site.server.clock.ahead = 5300
    assert portal.refused("m", "LM") == "AccessDenied"


def test_site_without_automatic_sign_in(site: TestSite, portal: OldPortal) -> None:
    portal_settings(site, auto_login=False)
    answer = site.client().call("site.GetSite", {}).ok()
    assert answer.value("siteInstance/supportAPI/autoLogin") == "false"
    assert portal.refused("p", "LI", WID="host1", PW=PASSWORD) == "AutoLoginDisabled"
    assert portal.refused("p", "LO") == "AutoLoginDisabled"
    assert portal.refused("p", "SU", **NEW) == "AutoLoginDisabled"
    portal.do("p", "IN", WID="host2", PID=PARTNER)
    link = site.client().call("user.GetloginurlUser", {"webExID": "host1"}).ok().value("userLoginURL") or ""
    portal.browser.get(link)
    assert COOKIE in portal.browser.cookies


def test_site_without_the_url_api(site: TestSite, portal: OldPortal) -> None:
    portal_settings(site, offered=False)
    assert portal.refused("p", "LI", WID="host1", PW=PASSWORD) == "DoNotSupportAPI"
    assert portal.refused("p", "SU", **NEW) == "DoNotSupportAPI"
    assert portal.refused("m", "LM") == "DoNotSupportAPI"


def test_commands_that_nobody_knows(portal: OldPortal) -> None:
    for page, command in (("p", "DF"), ("p", "LF"), ("p", "QR"), ("m", "XX"), ("o", "LI"), ("m", "<b>")):
        assert portal.refused(page, command) == "UnknownATCommand"


# ---- where answers go ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/answers/",
        "http://portal.example/answers/",
        "https://portal.example/",
        "https://portal.example/answers-of-others/",
        "https://portal.example/answers/../secret",
        "https://portal.example/answers/%2e%2e/secret",
        "https://portal.example/answers/%252e%252e/secret",
        "https://portal.example:8443/answers/",
        "https://portal.example.evil.example/answers/",
        "https://portal.example@evil.example/answers/",
        "https://evil.example\\@portal.example/answers/",
        "https://portal.example/answers/\r\nSet-Cookie: a=b",
        'https://portal.example/answers/"+alert(1)+"',
        "https://portal.example:port/answers/",
        "//portal.example/answers/",
        "javascript:alert(1)//https://portal.example/answers/",
        "data:text/html,<script>alert(1)</script>",
        "/other-site/p.php",
    ],
)
def test_answers_go_nowhere_else(site: TestSite, portal: OldPortal, target: str) -> None:
    page = portal.send("m", "LM", BU=target)
    answer = read_answer(page.text)
    assert answer.address == f"{root(site)}/?siteurl={site.name}&AT=LM&ST=FAIL&RS=AccessDenied"
    assert "set-cookie" not in page.headers
    signed = portal.send("p", "LI", BU=target, WID="host1", PW=PASSWORD)
    assert "CSRF" not in signed.text or read_answer(signed.text).address.startswith(f"{root(site)}/?siteurl=")


def test_a_page_of_the_site_does_not_get_the_value_for_commands(site: TestSite, portal: OldPortal) -> None:
    key = site.client().call("meeting.CreateMeeting", _meeting()).ok().value("meetingkey")
    answer = portal.ask("p", "LI", BU=f"{root(site)}/m.php?AT=DM&MK={key}", WID="host1", PW=PASSWORD)
    assert answer.address.startswith(f"{root(site)}/m.php?AT=DM&MK={key}&AT=LI")
    assert "CSRF" not in answer.values
    assert read_answer(portal.browser.get(answer.address).text).failed == "AccessDenied"
    site.client().call("meeting.GetMeeting", {"meetingKey": key}).ok()


def _meeting() -> dict[str, object]:
    return {
        "metaData": {"confName": "Tea"},
        "schedule": {"startDate": "06/04/2035 10:00:00", "duration": 30, "timeZoneID": 20},
    }


def test_sign_in_leads_to_a_page_of_the_site(site: TestSite, portal: OldPortal) -> None:
    page = portal.send("p", "LI", WID="host1", PW=PASSWORD, MU=f"{root(site)}/m.php?AT=LM")
    assert page.status_code == 303
    assert page.headers["location"] == f"/{site.name}/m.php?AT=LM"
    portal.log_out()
    page = portal.send("p", "LI", WID="host1", PW=PASSWORD, MU="https://portal.example/answers/")
    assert page.headers["location"] == f"/{site.name}/"
    portal.log_out()
    assert portal.do("p", "LI", WID="host1", PW=PASSWORD, MU="GoBack")["WID"] == "host1"


@pytest.mark.parametrize(
    "address",
    ["http://portal.example/", "https://portal.example/?a=b", "https://u:p@portal.example/", "portal.example", ""],
)
def test_addresses_that_no_site_can_allow(address: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"url_api": {"addresses": [address]}}, SiteSettings)
    assert msgspec.convert({"addresses": ["https://portal.example"]}, UrlApi).addresses == ("https://portal.example",)


# ---- accounts --------------------------------------------------------------------------------------------------------


def test_sign_up_edit_deactivate_activate(site: TestSite, portal: OldPortal) -> None:
    more = {"City": "Bonn", "Country": "Germany", "OPhoneCountry": 49, "OPhoneArea": 228, "OPhoneLocal": 1234}
    portal.do("p", "SU", **NEW, **more, TimeZone=25, MM=1)
    admin = site.client("admin")
    made = admin.call("user.GetUser", {"webExId": "nina"}).ok()
    assert made.value("firstName") == "Nina"
    assert made.value("address/city") == "Bonn"
    assert made.value("timeZoneID") == "25"
    assert (made.value("phones/phone") or "").startswith("49,228,1234,")
    portal.log_in("nina", OTHER)
    portal.log_out()

    portal.do("p", "EU", WID="nina", PW=OTHER, PID=PARTNER, NFN="Ninon", NEM="ninon@example.org", City="Köln")
    made = admin.call("user.GetUser", {"webExId": "nina"}).ok()
    assert (made.value("firstName"), made.value("email")) == ("Ninon", "ninon@example.org")
    assert (made.value("lastName"), made.value("address/city")) == ("New", "Köln")
    portal.do("p", "EU", WID="nina", PW=OTHER, PID=PARTNER, NPW=PASSWORD)

    portal.do("p", "IN", WID="nina", PID=PARTNER)
    assert portal.refused("p", "LI", WID="nina", PW=PASSWORD) == "AccessDenied"
    portal.do("p", "AC", WID="nina", PID=PARTNER)
    portal.log_in("nina", PASSWORD)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"PID": "wrong"}, "PartnerIDError"),
        ({"PID": ""}, "PartnerIDError"),
        ({"WID": "host1"}, "WebExIDConflict"),
        ({"EM": "host1@{site}.example"}, "EmailConflict"),
        ({"EM": "no address"}, "InvalidDataFormat"),
        ({"EM": ""}, "InvalidDataFormat"),
        ({"FN": ""}, "InvalidDataFormat"),
        ({"PW": ""}, "InvalidDataFormat"),
        ({"PW": "short"}, "InvalidDataFormat"),
        ({"TimeZone": "noon"}, "InvalidDataFormat"),
        ({"MT": "1,x"}, "InvalidDataFormat"),
        ({"MT": "987654"}, "NoMeetingTypeSupport"),
        ({"FN": "x" * 3000}, "InvalidDataFormat"),
    ],
)
def test_sign_up_that_fails(site: TestSite, portal: OldPortal, changes: dict[str, str], reason: str) -> None:
    values = {**NEW, **{name: value.replace("{site}", site.name) for name, value in changes.items()}}
    assert portal.refused("p", "SU", **values) == reason
    site.client("admin").call("user.GetUser", {"webExId": "nina"}).failed("030001")


@pytest.mark.parametrize("command", ["SU", "EU", "AC", "IN"])
def test_partner_id_is_asked_for(site: TestSite, portal: OldPortal, command: str) -> None:
    assert portal.refused("p", command, **{**NEW, "PID": "partner-1"}) == "PartnerIDError"
    site.set(partner_id=None)
    assert portal.refused("p", command, **{**NEW, "PID": ""}) == "PartnerIDError"


@pytest.mark.parametrize("account", ["", "nobody-here", "host1"])
def test_partner_id_gives_no_more_rights_than_its_account_has(site: TestSite, portal: OldPortal, account: str) -> None:
    portal_settings(site, partner_account=account)
    assert portal.refused("p", "SU", **NEW) == "AccessDenied"
    assert portal.refused("p", "IN", WID="host2", PID=PARTNER) == "AccessDenied"
    assert site.client("admin").call("user.GetUser", {"webExId": "host2"}).ok().value("active") == "ACTIVATED"


def test_edit_needs_the_password_of_the_account(site: TestSite, portal: OldPortal) -> None:
    for values in ({"PW": "wrong"}, {"PW": ""}):
        refused = portal.refused("p", "EU", WID="host1", PID=PARTNER, NFN="Eve", **values)
        assert refused == "BadWebExIDorPassword"
    assert portal.refused("p", "EU", WID="host1", PW=PASSWORD, PID=PARTNER, NEM=f"host2@{site.name}.example") == (
        "EmailConflict"
    )
    assert site.client().call("user.GetUser", {"webExId": "host1"}).ok().value("firstName") == "Host1"


def test_account_of_another_site(site: TestSite, portal: OldPortal) -> None:
    other = site.server.new_site()
    portal_settings(other)
    portal.log_in("host1", PASSWORD)
    with OldPortal(root(other), BACK) as stranger:
        stranger.csrf = portal.csrf
        cookie = {"Cookie": f"{COOKIE}={portal.browser.cookies[COOKIE]}"}
        page = stranger.browser.post(
            f"{root(other)}/m.php", data={"AT": "LM", "BU": BACK, "CSRF": portal.csrf}, headers=cookie
        )
        assert read_answer(page.text).failed == "AccessDenied"


def test_nobody_is_signed_in_by_looking_at_a_link(site: TestSite) -> None:
    portal_settings(site)
    ticket = site.client().call("user.GetLoginTicket", {}).ok().value("ticket")
    with httpx.Client() as browser:
        link = f"{root(site)}/p.php?AT=LI&WID=host1&TK={ticket}&BU={BACK}"
        assert browser.get(link, headers={"Sec-Purpose": "prefetch"}).status_code == 200
        assert COOKIE not in browser.cookies
        assert read_answer(browser.get(link).text).failed is None
        assert COOKIE in browser.cookies
