"""What a running server writes into its log: a line for each request, ids everywhere, and nothing secret."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from parley.protocol.declare import Record
from parley.protocol.masking import STARS, masked
from parley.services import catalogue as _catalogue  # noqa: F401  # enters the operations
from parley.services.demo import PASSWORD, SITE_NAME
from parley.services.registry import operations
from parley.testing.client import Client
from tests.processes import ServerProcess

#: Begins everything that no log may show.
MARK = "Zq9Geheim"
_DEPTH = 4


class Watched:
    """A server with the most talkative settings, and its log."""

    def __init__(self, folder: Path) -> None:
        self.server = ServerProcess(
            folder, demo=True, log_level="debug", mail_delivery=True, inspector=True, trust_proxy=True
        )
        self.url = self.server.url

    def client(self, web_ex_id: str | None = "host1", password: str | None = PASSWORD) -> Client:
        return Client(self.url, SITE_NAME, web_ex_id=web_ex_id, password=password)

    @property
    def text(self) -> str:
        return self.server.log.read_text("utf-8")

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.split("\n") if line]

    def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first line that is wanted, which may still be to come."""
        deadline = time.monotonic() + 60
        while True:
            found = [line for line in self.lines if wanted(line)]
            if found:
                return found[0]
            assert time.monotonic() < deadline, self.text
            time.sleep(0.05)

    def of_request(self, request_id: str) -> dict[str, Any]:
        return self.wait(lambda line: line["event"] == "request" and line["request_id"] == request_id)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    (folder / "parley.db").write_bytes(sqlite_template.read_bytes())
    watched = Watched(folder)
    yield watched
    watched.server.stop()


def test_the_line_of_a_request_tells_what_was_asked(watched: Watched) -> None:
    client = watched.client()
    document = client.document("user.GetUser", "<webExId>host1</webExId>")
    answer = client.http.post(client.url, content=document)
    line = watched.of_request(answer.headers["X-Request-Id"])
    assert (line["operation"], line["site"], line["caller"]) == ("GetUser", SITE_NAME, "host1")
    assert (line["method"], line["route"], line["status"]) == ("POST", "/WBXService/XMLService", 200)
    assert "code" not in line
    assert line["bytes_in"] == len(document.encode())
    assert line["bytes_out"] == len(answer.content)
    assert line["ms"] > 0
    failed = client.http.post(client.url, content=client.document("meeting.GetMeeting", "<meetingKey>1</meetingKey>"))
    assert watched.of_request(failed.headers["X-Request-Id"])["code"] == "060001"
    too_long = client.http.post(client.url, content=b"<message>" + b" " * 4_000_000)
    code = re.search(r"<serv:exceptionID>(\d{6})<", too_long.text)
    assert code is not None
    assert watched.of_request(too_long.headers["X-Request-Id"])["code"] == code[1]


def test_an_id_of_the_front_is_taken_over_where_it_is_one(watched: Watched) -> None:
    for sent in ("front-0123456789", "a" * 64):
        assert (
            httpx.get(f"{watched.url}/healthz", headers={"X-Request-Id": sent}, timeout=60).headers["X-Request-Id"]
            == sent
        )
    for sent in ("short", "a" * 65, "with blank in it", 'quote"quote"quote', "ends;with=evil<>"):
        given = httpx.get(f"{watched.url}/healthz", headers={"X-Request-Id": sent}, timeout=60).headers["X-Request-Id"]
        assert re.fullmatch("[0-9a-f]{12}-[0-9a-f]+", given)


def test_mails_bear_the_id_of_the_request_that_queued_them(watched: Watched) -> None:
    client = watched.client()
    people = "<attendee><person><email>guest@ids.example</email></person></attendee>"
    body = (
        "<metaData><confName>Ids</confName></metaData><schedule><startDate>01/15/2040 10:00:00</startDate></schedule>"
        f"<participants><attendees>{people}</attendees></participants>"
    )
    answer = client.http.post(client.url, content=client.document("meeting.CreateMeeting", body))
    request_id = answer.headers["X-Request-Id"]
    line = watched.wait(lambda each: each["event"] == "mail sent" and each.get("request_id") == request_id)
    assert line["kind"] == "session.scheduled"
    assert "guest@ids.example" not in watched.text


def test_what_somebody_sends_stays_within_its_line(watched: Watched) -> None:
    evil = 'x"}\n{"event": "request", "level": "error", "forged": 1}\r\n\x1b[2J\u2028\x85'
    httpx.get(f"{watched.url}/{evil.encode().hex()}", headers={"User-Agent": "forged"}, timeout=60)
    httpx.request("GET", watched.url + "/%0a%7b%22forged%22:1%7d/console", timeout=60)
    for name in ("webExID", "siteName"):
        watched.client(web_ex_id=None).send(
            '<message xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><header><securityContext>'
            f"<siteName>{SITE_NAME}</siteName><{name}>a&#10;{{&quot;forged&quot;: 1}}&#x85;&#x2028;</{name}>"
            '</securityContext></header><body><bodyContent xsi:type="forged&#10;operation"/></body></message>'
        )
    text = watched.text
    assert all("forged" not in json.loads(line) for line in text.split("\n") if line)
    assert text.isascii()
    assert not any(ord(letter) < 32 and letter != "\n" for letter in text)


def test_no_secret_of_any_operation_is_in_the_log(watched: Watched) -> None:
    admin = watched.client("admin")
    marked = 0
    for operation in operations():
        body = filled(operation.request)
        marked += body.count(MARK)
        admin.http.post(admin.url, content=admin.document(f"{operation.module}.{operation.name}", body))
    assert marked > 50
    wrong = watched.client("host1", f"{MARK}-wrong")
    wrong.call("user.GetUser", "<webExId>host1</webExId>").failed("030002")
    made = watched.client("host2")
    made.call(
        "meeting.CreateMeeting",
        f"<accessControl><meetingPassword>{MARK}1a</meetingPassword></accessControl>"
        "<metaData><confName>Marked</confName></metaData>"
        "<schedule><startDate>01/15/2040 10:00:00</startDate></schedule>",
    )
    ticket = made.call("user.AuthenticateUser").value("sessionTicket") or ""
    assert len(ticket) > 20
    on_pages(watched)
    watched.of_request(httpx.get(f"{watched.url}/{SITE_NAME}/console/nothing", timeout=60).headers["X-Request-Id"])
    text = watched.text
    assert MARK not in text
    assert ticket not in text
    assert PASSWORD not in text


def on_pages(watched: Watched) -> None:
    """Use pages and links with secrets in every place that they have for some."""
    with httpx.Client(base_url=watched.url, follow_redirects=True, timeout=60) as browser:
        page = browser.get(f"/{SITE_NAME}/console/sign-in")
        form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        browser.post(f"/{SITE_NAME}/console/sign-in", data={**form, "user": "host1", "password": f"{MARK}-form"})
        browser.get(f"/{SITE_NAME}/p.php", params={"AT": "LI", "WID": "host1", "PW": f"{MARK}-pw", "TK": f"{MARK}-tk"})
        browser.get(f"/{SITE_NAME}/m.php", params={"AT": "JM", "MK": "1", "PW": f"{MARK}-pw"})
        browser.get(f"/{SITE_NAME}/j.php", params={"MTID": f"{MARK}mtid", "PW": f"{MARK}-pw"})
        browser.get(f"/{SITE_NAME}/reset/{MARK}-link")
        browser.get("/WBXService/XMLService", params={"UID": "host1", "PWD": f"{MARK}-pwd", "XML": "<message/>"})
        browser.get("/nbr/services", params={"ticket": f"{MARK}-nbr"}, headers={"Cookie": f"session={MARK}-cookie"})
        browser.get("/metrics", headers={"Authorization": f"Bearer {MARK}-token"})


def filled(record: type[Record], depth: int = 0) -> str:
    """The contents of a request with a value in every element, and a secret in every one that is for secrets."""
    parts = []
    for element in record.__declaration__.elements:
        if element.place != "element":
            continue
        if element.kind == "record":
            value = filled(element.record, depth + 1) if depth < _DEPTH else ""
        elif STARS in masked(f"<{element.name}>x</{element.name}>"):
            value = f"{MARK}{element.name}"
        elif element.values:
            value = str(element.values[0])
        else:
            value = {"boolean": "TRUE", "integer": "1", "number": "1"}.get(element.kind, "x")
        parts.append(f"<{element.name}>{value}</{element.name}>")
    return "".join(parts)
