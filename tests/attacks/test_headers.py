"""Heads that lie: whose server this is, where somebody comes from, and lines that would become heads of answers."""

from __future__ import annotations

import re
import time
from urllib.parse import quote

import httpx
import pytest

from parley.protocol.credentials import GuessBrake
from tests.attacks.targets import Attacked
from tests.server import PASSWORD, TestSite
from tests.services.meetings import create
from tests.web.console import OWN
from tests.web.wire import Wire, head, request

EVIL = "evil.example"
#: What fronts say of the host that was asked for; only a front that is told to be believed may.
LIES = {
    "Host": EVIL,
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Server": EVIL,
    "X-Original-Host": EVIL,
    "X-Host": EVIL,
    "Forwarded": f"for=203.0.113.5;host={EVIL};proto=https",
    "X-Original-URL": f"https://{EVIL}/",
    "X-Rewrite-URL": "/other/console",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": f"//{EVIL}",
}


def test_the_host_that_is_asked_for_is_in_no_link(own_site: TestSite) -> None:
    """Links of answers and mails lead to the address in the settings; redirects stay on the server."""
    site = own_site
    key = create(site.client())
    for headers in ({"Host": EVIL}, LIES):
        _check_links(site, key, headers)
        site.server.clock.ahead += 120  # an account gets one such mail in a minute
    site.server.clock.ahead = 0


def _check_links(site: TestSite, key: str, headers: dict[str, str]) -> None:
    site.clear()
    with httpx.Client(timeout=30, headers=headers) as client:
        document = site.client().document("meeting.GetjoinurlMeeting", f"<sessionKey>{key}</sessionKey>")
        answer = client.post(f"{site.server.url}/WBXService/XMLService", content=document).text
        assert "SUCCESS" in answer
        assert EVIL not in answer
        assert f"{site.server.url}/{site.name}/" in answer
        asked = client.post(f"{site.server.url}/{site.name}/console/forgotten", data={"NAME": "host1"}, headers=OWN)
        assert asked.status_code in (200, 303)
        for page in ("console", "j.php?MTID=x", "", "../health"):
            shown = client.get(f"{site.server.url}/{site.name}/{page}")
            assert EVIL not in shown.text
            assert EVIL not in shown.headers.get("location", "")
            assert not shown.headers.get("location", "/").startswith(("http", "//"))
    deadline = time.monotonic() + 20
    while not (sent := site.mails) and time.monotonic() < deadline:  # the answer does not wait for the mail
        time.sleep(0.02)
    assert sent
    for mail in sent:
        assert EVIL not in mail.text
        assert set(re.findall(r"https?://[^/\s]+", mail.text)) == {site.server.url}


def test_an_address_in_a_head_is_not_believed_without_a_proxy(attacked: Attacked) -> None:
    """The server of this test trusts no proxy: the log has the address of the connection, whatever is said."""
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP", "X-Client-IP"):
        data = request(attacked.document.replace(PASSWORD.encode(), b"wrong" + name.encode()), f"{name}: 203.0.113.77")
        assert attacked.exchange(data).value("exceptionID") == "030002"
    assert "203.0.113.77" not in attacked.process.log.read_text()


#: Values that would begin a line of the answer, if they came into its head as they are.
SPLITTING = (
    "a\r\nSet-Cookie: evil=1",
    "a\nX-Evil: 1",
    "a\r\n\r\n<script>",
    "a\u560a\u560dX-Evil: 1",
    "a\u2028X-Evil: 1",
)


@pytest.mark.parametrize("value", SPLITTING)
def test_no_value_becomes_a_line_of_a_head(own_site: TestSite, value: str) -> None:
    site = own_site
    port, encoded = site.server.config.port, quote(value)
    places = (
        f"/{site.name}/p.php?AT=LI&WID=host1&PW={PASSWORD}&BU={encoded}",
        f"/{site.name}/p.php?AT=LI&WID=host1&PW={PASSWORD}&MU={encoded}",
        f"/{site.name}/p.php?AT=LO&BU=%2F{encoded}",
        f"/{site.name}/m.php?AT=SM&MN={encoded}&BU={encoded}",
        f"/{site.name}/console/sign-in?next=/{site.name}/console/{encoded}",
        f"/{site.name}/j.php?MTID={encoded}",
        f"/{site.name}/{encoded}",
        f"/schemas/{encoded}.zip",
        f"/static/{encoded}",
        f"/{encoded}",
    )
    for place in places:
        with Wire(port) as wire:
            response = wire.send(head(None, "Connection: close", method="GET", target=place)).response()
        assert response is not None
        assert not re.search(r"^(x-evil|set-cookie: evil)", response.head, re.M), place
        assert b"\r\n\r\n<script>" not in response.body


def test_names_of_files_are_no_lines_of_a_head(own_site: TestSite) -> None:
    """The calendar file of a meeting is named after it."""
    site = own_site
    key = create(site.client(), 'x"\r\nSet-Cookie: evil=1; ü<script>')
    answer = site.client().call("meeting.GetjoinurlMeeting", sessionKey=key).ok()
    link = answer.value("joinMeetingURL") or ""
    with httpx.Client(timeout=30) as client:
        for address in (link, link.replace("j.php", "ics.php")):
            shown = client.get(address)
            assert "evil" not in str(shown.headers)
            assert "<script>" not in shown.text


def test_lines_in_names_are_no_lines_of_mails(own_site: TestSite) -> None:
    """A name and a subject of several lines come out on one, in the place where they belong."""
    site = own_site
    people = {
        "attendees": {
            "attendee": {
                "person": {"name": "Ada\r\nBcc: eve@evil.example", "email": "ada@guests.example"},
                "emailInvitations": True,
            }
        }
    }
    create(site.client(), "Review\r\nBcc: eve@evil.example\r\n\r\nclick here", participants=people)
    sent = [mail for mail in site.mails if "ada@guests.example" in mail.to]
    assert sent
    for mail in sent:
        assert mail.message.get_all("To") == [mail.message["To"]]
        assert "\n" not in mail.subject
        assert "Bcc" not in mail.message


@pytest.mark.parametrize(
    "cookie",
    [
        "ticket=a; ticket=b",
        "ticket=" + "A" * 8000,
        'ticket="' + "A" * 96 + '"',
        "ticket=\u00ff\u00fe",
        "ticket=%00%0d%0a; console_notice=<script>alert(1)</script>",
        "=; ;;; ticket; a=b=c",
        "console_notice=" + "x" * 4000,
        "language=../../etc/passwd; lang=../../etc",
        ";" * 5000,
    ],
)
def test_cookies_that_are_none_of_ours(attacked: Attacked, cookie: str) -> None:
    """They sign nobody in, and are shown nowhere."""
    for page in ("console", "console/sign-in", "p.php?AT=LI", ""):
        data = head(None, f"Cookie: {cookie}", method="GET", target=f"/{attacked.site.name}/{page}")
        response = attacked.exchange(data)
        assert response.status in (200, 303, 400, 403, 404, 431), response.head
        assert b"<script>alert" not in response.body
        assert b"My meetings" not in response.body


@pytest.mark.parametrize(
    "fields",
    [
        ("Host: a", "Host: b"),
        ("Host: a, b",),
        ("Host: ../..",),
        ("Host: [::1",),
        ("Host: \u00e9\u00e8",),
        (f"Host: {'a' * 9000}.example",),
        ("Accept-Language: " + "de;q=0.1," * 3000,),
        ("Accept-Language: ../../../etc/passwd",),
        ("Accept-Language: *;q=nan,de;q=1e999",),
        ("Range: bytes=" + "0-1," * 5000,),
        ("If-None-Match: " + '"a",' * 5000,),
        ("If-Modified-Since: Thu, 99 Foo 99999",),
        ("Content-Type: " + "a" * 9000,),
        ("Content-Type: multipart/form-data; boundary=" + ";" * 5000,),
        ("Authorization: Bearer " + "A" * 9000,),
        ("Authorization: Basic \u00ff",),
        ("Origin: http://[",),
        ("Traceparent: 00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-ff",),
        ("X-Request-ID: a\tb<script>",),
        tuple(f"X-{number}: a" for number in range(2000)),
    ],
    ids=lambda fields: fields[0][:30],
)
def test_odd_heads_are_answered(attacked: Attacked, fields: tuple[str, ...]) -> None:
    for page in (f"/{attacked.site.name}/console/sign-in", "/schemas/", "/static/site.css", f"/{attacked.site.name}/"):
        data = head(None, *fields, method="GET", target=page)
        response = attacked.exchange(data)
        assert response.status in (200, 206, 303, 304, 400, 404, 416, 431), response.head
    posted = attacked.exchange(request(attacked.document, *fields))
    assert posted.status in (200, 400)


def test_the_brake_counts_where_somebody_really_comes_from(own_site: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another address in every head does not make another guesser of somebody; the account is slowed down anyway."""
    site = own_site
    seen: list[tuple[str, str | None]] = []

    async def note(self: GuessBrake, account: str, address: str | None = None) -> None:
        seen.append((account, address))

    monkeypatch.setattr(GuessBrake, "wait", note)
    for number in range(7):
        document = site.client(password=f"guess {number}").document("user.AuthenticateUser", "")
        httpx.post(
            f"{site.server.url}/WBXService/XMLService",
            content=document,
            headers={"X-Real-IP": f"203.0.113.{number}", "Forwarded": f"for=203.0.113.{number}"},
            timeout=30,
        )
    assert len({account for account, _ in seen}) == 1
    assert len({address for _, address in seen}) == 1
    account = f"{site.site_id}/{site.users['host1'].user_id}"
    assert site.server.application.brake.delay(account) > 0
