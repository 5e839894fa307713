"""The pages behind the links of the API, opened as a browser opens them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from parley.web.visits import COOKIE
from tests.server import TestSite

NASTY = "<script>alert(1)</script>\"'&{{7*7}}"


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    """A browser that does not follow redirects by itself, so that tests see them."""
    with httpx.Client(timeout=30, headers={"Accept": "text/html,*/*;q=0.8"}) as client:
        yield client


def schedule(site: TestSite, name: str = "Monday round", **more: Any) -> str:
    """A meeting of host1 in an hour; its key."""
    start = (datetime.now(UTC) + timedelta(hours=1)).strftime("%m/%d/%Y %H:%M:%S")
    values = {
        "metaData": {"confName": name},
        "schedule": {"startDate": start, "duration": 45, "timeZoneID": 20},
        **more,
    }
    return site.client().call("meeting.CreateMeeting", values).ok().value("meetingkey") or ""


def unlisted(password: str | None = None) -> dict[str, Any]:
    control: dict[str, Any] = {"listToPublic": False, "isPublic": False}
    return {"accessControl": control | ({"meetingPassword": password} if password else {})}


def address(site: TestSite, path: str) -> str:
    return f"{site.server.url}/{site.name}/{path}"


def invitation(site: TestSite, key: str) -> str:
    answer = site.client().call("meeting.GetjoinurlMeeting", {"sessionKey": key}).ok()
    return answer.value("inviteMeetingURL") or ""


def start_link(site: TestSite, key: str) -> str:
    answer = site.client().call("meeting.GethosturlMeeting", {"sessionKey": key}).ok()
    return answer.value("hostMeetingURL") or ""


def test_invitation_link_names_a_meeting_that_no_list_shows(site: TestSite, browser: httpx.Client) -> None:
    key = schedule(site, NASTY, **unlisted("Secret77"))
    page = browser.get(invitation(site, key))
    assert page.status_code == 200
    headline = re.search("<h1>(.*)</h1>", page.text)
    assert headline is not None
    assert html.unescape(headline[1]) == NASTY
    assert "<script" not in page.text
    assert "Host1 Tester" in page.text
    assert "Secret77" not in page.text
    moment = re.search(r'<time datetime="([0-9T:Z-]+)">', page.text)
    assert moment is not None
    start = datetime.fromisoformat(moment[1])
    assert abs(start - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=2)


def test_pages_carry_the_headers_that_keep_links_secret(site: TestSite, browser: httpx.Client) -> None:
    headers = browser.get(invitation(site, schedule(site))).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_number_alone_names_public_meetings_only(site: TestSite, browser: httpx.Client) -> None:
    public, hidden = schedule(site, "Open house"), schedule(site, "Quiet talk", **unlisted("Secret77"))
    assert "Open house" in browser.get(address(site, f"e.php?AT=SI&MK={public}")).text
    page = browser.get(address(site, f"e.php?AT=SI&MK={hidden}"))
    assert page.status_code == 200
    assert 'type="password"' in page.text
    assert "Quiet talk" not in page.text
    assert "Host1" not in page.text
    unknown = browser.get(address(site, "e.php?AT=SI&MK=12345678901"))
    assert unknown.status_code == 404


def test_join_link_wants_the_password(site: TestSite, browser: httpx.Client) -> None:
    key = schedule(site, "Quiet talk", **unlisted("Secret77"))
    link = address(site, f"m.php?AT=JM&MK={key}&AN=Ada")
    asked = browser.get(link)
    assert asked.status_code == 200
    assert "Quiet talk" not in asked.text
    assert 'type="password"' in asked.text
    form = {"AT": "JM", "MK": key, "AN": "Ada"}
    wrong = browser.post(address(site, "m.php"), data={**form, "PW": "secret77"})
    assert wrong.status_code == 403
    assert "Quiet talk" not in wrong.text
    right = browser.post(address(site, "m.php"), data={**form, "PW": "Secret77"})
    assert right.status_code == 200
    assert "Quiet talk" in right.text
    assert "Quiet talk" in browser.get(f"{link}&PW=Secret77").text


def test_join_link_of_a_meeting_without_password_names_it(site: TestSite, browser: httpx.Client) -> None:
    key = schedule(site, "Quiet talk", **unlisted())
    assert "Quiet talk" in browser.get(address(site, f"m.php?AT=JM&MK={key}&AN=Ada")).text


def test_start_link_signs_in_once_and_leads_to_the_host_page(site: TestSite, browser: httpx.Client) -> None:
    key = schedule(site, "Quiet talk", **unlisted("Secret77"))
    link = start_link(site, key)
    first = browser.get(link)
    assert first.status_code == 303
    assert first.headers["location"].startswith(f"/{site.name}/m.php?AT=HM&MK={key}&Rnd=0.")
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert f"path=/{site.name}" in cookie
    page = browser.get(site.server.url + first.headers["location"])
    assert page.status_code == 200
    assert "Quiet talk" in page.text
    assert "You are a host" in page.text
    with httpx.Client() as other:
        assert other.get(site.server.url + first.headers["location"]).status_code == 403
        again = other.get(link)
        assert again.status_code == 403
        assert COOKIE not in other.cookies


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "preview"}, {"Sec-Fetch-Dest": "image"}],
)
def test_looking_at_a_start_link_leaves_its_ticket(
    site: TestSite, browser: httpx.Client, headers: dict[str, str]
) -> None:
    link = start_link(site, schedule(site))
    looked = browser.get(link, headers=headers)
    assert looked.status_code == 200
    assert COOKIE not in browser.cookies
    assert browser.head(link).status_code == 200
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', looked.text))
    opened = browser.post(address(site, "p.php"), data={name: html.unescape(value) for name, value in fields.items()})
    assert opened.status_code == 303
    assert COOKIE in browser.cookies


def test_visit_ends_after_half_an_hour_and_with_the_password(site: TestSite, browser: httpx.Client) -> None:
    key = schedule(site)
    place = site.server.url + browser.get(start_link(site, key)).headers["location"]
    site.server.clock.ahead = 1700
    assert browser.get(place).status_code == 200  # and goes on for another half hour
    site.server.clock.ahead = 3400
    assert browser.get(place).status_code == 200
    site.server.clock.ahead = 5300
    assert browser.get(place).status_code == 403
    site.server.clock.ahead = 0
    place = site.server.url + browser.get(start_link(site, key)).headers["location"]
    assert browser.get(place).status_code == 200
    site.set_user("host1", credential_version=2)
    assert browser.get(place).status_code == 403


def test_visit_of_one_site_is_none_of_another(site: TestSite, browser: httpx.Client) -> None:
    other = site.server.new_site()
    browser.get(start_link(site, schedule(site)))
    value = browser.cookies[COOKIE]
    key = schedule(other, "Theirs", **unlisted("Secret77"))
    page = browser.get(address(other, f"m.php?AT=HM&MK={key}"), headers={"Cookie": f"{COOKIE}={value}"})
    assert page.status_code == 403
    link = invitation(other, key).replace(f"/{other.name}/", f"/{site.name}/")
    assert browser.get(link).status_code == 404
    ticket = re.search("TK=([0-9a-fA-F]+)", start_link(other, key))
    assert ticket is not None
    assert browser.get(address(site, f"p.php?AT=LI&TK={ticket[1]}")).status_code == 403


def test_forged_and_foreign_cookies_count_as_none(site: TestSite, browser: httpx.Client) -> None:
    key = schedule(site, "Quiet talk", **unlisted("Secret77"))
    browser.get(start_link(site, key))
    value = browser.cookies[COOKIE]
    browser.cookies.clear()
    for forged in (value[:20] + ("A" if value[20] != "A" else "B") + value[21:], "A" * len(value), "x", ""):
        page = browser.get(address(site, f"m.php?AT=HM&MK={key}"), headers={"Cookie": f"{COOKIE}={forged}"})
        assert page.status_code == 403


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "javascript:alert(1)",
        "/other/m.php",
        "/{site}/../other/m.php",
        "/{site}/%2e%2e/other/m.php",
        "/{site}//evil.example",
        "{root}.evil.example/",
        "{root}@evil.example/",
    ],
)
def test_sign_in_leads_nowhere_else_by_itself(site: TestSite, browser: httpx.Client, target: str) -> None:
    root = f"{site.server.url}/{site.name}"
    target = target.replace("{site}", site.name).replace("{root}", root)
    ticket = re.search("TK=([0-9a-fA-F]+)", start_link(site, schedule(site)))
    assert ticket is not None
    page = browser.get(f"{root}/p.php?AT=LI&TK={ticket[1]}&MU={quote(target, safe='')}")
    assert page.status_code == 303
    assert page.headers["location"] == f"/{site.name}/"


def test_login_link_asks_before_it_leads_away(site: TestSite, browser: httpx.Client) -> None:
    answer = site.client().call("user.GetloginurlUser", {"webExID": "host1"}).ok()
    link = answer.value("userLoginURL") or ""
    ticket = re.search("TK=([0-9a-fA-F]+)", link)
    assert ticket is not None
    back = "https://intranet.example/calendar?x=1"
    page = browser.get(address(site, f"p.php?AT=LI&WID=host1&TK={ticket[1]}&MU=GoBack&BU={quote(back, safe='')}"))
    assert page.status_code == 200
    assert 'href="https://intranet.example/calendar?x=1&amp;AT=LI&amp;ST=SUCCESS"' in page.text
    home = browser.get(address(site, ""))
    assert "host1" in home.text
    out = browser.get(address(site, "p.php?AT=LO&BU=javascript:alert(1)"))
    assert "javascript:" not in out.text
    assert "host1" not in browser.get(address(site, "")).text


def test_ticket_of_somebody_else_is_refused_and_kept(site: TestSite, browser: httpx.Client) -> None:
    ticket = re.search("TK=([0-9a-fA-F]+)", start_link(site, schedule(site)))
    assert ticket is not None
    assert browser.get(address(site, f"p.php?AT=LI&WID=host2&TK={ticket[1]}")).status_code == 403
    assert COOKIE not in browser.cookies
    assert "window.location.replace" in browser.get(address(site, f"p.php?AT=LI&WID=HOST1&TK={ticket[1]}")).text
    assert COOKIE in browser.cookies


def test_cancel_link_says_what_was_cancelled(site: TestSite, browser: httpx.Client) -> None:
    key = schedule(site, "Grüße <b>an</b> alle")
    answer = site.client().call("meeting.DelMeeting", {"meetingKey": key}).ok()
    link = answer.value("iCalendarURL/attendee") or ""
    page = browser.get(link)
    assert page.status_code == 200
    assert "Grüße &lt;b&gt;an&lt;/b&gt; alle" in page.text
    assert "cancelled" in page.text
    assert '<time datetime="' in page.text
    odd = browser.get(address(site, "j.php?ED=1&ICS=MC&CN=zz&STI=9999-99-99&TD=x"))
    assert odd.status_code == 200
    assert "A meeting" in odd.text


def test_registration_link(site: TestSite, browser: httpx.Client) -> None:
    link = invitation(site, schedule(site, "Sign up"))
    page = browser.get(link.replace("MTID=m", "RGID=r"))
    assert page.status_code == 200
    assert "Sign up" in page.text
    assert browser.get(link.replace("MTID=m", "RGID=m")).status_code == 404
    assert browser.get(link.replace("MTID=m", "MTID=r")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "j.php",
        "j.php?MTID=m" + "0" * 32,
        "j.php?MTID=../../etc/passwd",
        f"j.php?MTID={quote(NASTY)}",
        "m.php",
        "m.php?AT=JM&MK=99999999999999999999999",
        "m.php?AT=JM&MK=%00",
        "e.php?AT=SI&MK=-1",
        "x.php?AT=SI",
        "no/such/page",
    ],
)
def test_unknown_links_get_a_plain_page(site: TestSite, browser: httpx.Client, path: str) -> None:
    page = browser.get(address(site, path))
    assert page.status_code == 404
    assert "<h1>Not found</h1>" in page.text
    assert "<script" not in page.text


def test_no_pages_of_unknown_and_switched_off_sites(site: TestSite, browser: httpx.Client) -> None:
    link = invitation(site, schedule(site))
    assert browser.get(f"{site.server.url}/nosuchsite/").status_code == 404
    assert browser.get(link.replace(f"/{site.name}/", f"/{site.name.upper()}/")).status_code == 200
    site.set(active=False)
    assert browser.get(link).status_code == 404


def test_too_much_is_refused(site: TestSite, browser: httpx.Client) -> None:
    assert browser.post(address(site, "m.php"), data={"AT": "x" * 70_000}).status_code == 413
    assert browser.get(address(site, "m.php?" + "&".join(f"a{i}=1" for i in range(200)))).status_code == 413
    assert browser.put(address(site, "m.php")).status_code == 405


def test_general_pages_tell_nothing_of_sites(site: TestSite, browser: httpx.Client) -> None:
    for path in ("/", "/operations", "/schemas/", "/metrics", "/health", "/ready"):
        page = browser.get(site.server.url + path)
        assert page.status_code == 200, path
        assert site.name not in page.text, path
    assert browser.get(f"{site.server.url}/static/parley.css").headers["content-type"].startswith("text/css")


def test_operations_page_names_what_is_served(site: TestSite, browser: httpx.Client) -> None:
    text = browser.get(f"{site.server.url}/operations").text
    assert "CreateMeeting" in text
    assert "LstsummarySession" in text


def test_metrics_count_by_operation_and_outcome(site: TestSite, browser: httpx.Client) -> None:
    def value(sample: str) -> float:
        found = re.search(f"^{re.escape(sample)} ([0-9.e+]+)$", browser.get(f"{site.server.url}/metrics").text, re.M)
        return float(found[1]) if found else 0.0

    good = 'parley_requests_total{operation="GetMeeting",outcome="success"}'
    bad = 'parley_requests_total{operation="GetMeeting",outcome="failure"}'
    code = 'parley_faults_total{code="060001"}'
    count = 'parley_request_duration_seconds_count{operation="GetMeeting"}'
    before = [value(sample) for sample in (good, bad, code, count)]
    client = site.client()
    key = schedule(site)
    client.call("meeting.GetMeeting", {"meetingKey": key}).ok()
    client.call("meeting.GetMeeting", {"meetingKey": "12345678901"}).failed("060001")
    assert [value(sample) for sample in (good, bad, code, count)] == [
        before[0] + 1,
        before[1] + 1,
        before[2] + 1,
        before[3] + 2,
    ]
