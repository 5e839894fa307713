"""The control API: what it does, and whom it refuses."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.testing.control import ControlServer, is_loopback
from tests.client import Client
from tests.server import PASSWORD, Server


@pytest.fixture(scope="module")
def control(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlServer]:
    """A control API with its server."""
    folder = tmp_path_factory.mktemp("controlled")
    (folder / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, folder).start()
    server.watch()
    started = ControlServer(server).start()
    yield started
    started.stop()
    server.stop()


class Suite:
    """A test suite in another language, as far as the control API knows."""

    def __init__(self, control: ControlServer) -> None:
        self.http = httpx.Client(base_url=control.url, headers={"Authorization": f"Bearer {control.token}"}, timeout=30)
        self.site: dict[str, Any] = self("POST", "/sites", {})

    def __call__(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        path = path if path.startswith("/") else f"/sites/{self.site['name']}/{path}".rstrip("/")
        content = b"" if body is None else json.dumps(body).encode()
        answer = self.http.request(method, path, content=content)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/json"
        return answer.json()

    def refused(self, method: str, path: str, body: Any = None) -> str:
        return str(self(method, path, body, status=400)["error"])

    def client(self, web_ex_id: str = "host1") -> Client:
        return Client(
            self.site["url"],
            self.site["name"],
            web_ex_id=web_ex_id,
            password=self.site["password"],
            level=lambda: str(self.site["level"]),
        )


@pytest.fixture
def suite(control: ControlServer) -> Iterator[Suite]:
    """A suite with a site of its own."""
    made = Suite(control)
    yield made
    made("DELETE", "/clock")
    made.http.close()


def test_a_site_is_made_and_changed(suite: Suite) -> None:
    assert suite.site["password"] == PASSWORD
    assert suite.site["apiUrl"] == f"{suite.site['url']}/WBXService/XMLService"
    assert [each["webExId"] for each in suite.site["users"]] == ["admin", "host1", "host2", "attendee1"]
    assert suite.site["name"] in suite("GET", "/")["sites"]
    suite.site = suite("PATCH", "", {"level": "42.3"})
    assert suite("GET", "")["level"] == "42.3.0"
    assert suite.client().call("ep.GetAPIVersion").value("apiVer") == "42.3.0"
    suite("PATCH", "", {"settings": {"strict_requests": True}})
    suite("PATCH", "", {"suspended": True})
    assert suite.client().call("meeting.LstsummaryMeeting").result == "FAILURE"


def test_settings_are_checked(suite: Suite) -> None:
    assert suite("POST", "/sites", {"level": "42.1", "settings": {"history_days": 90}})["level"] == "42.1.0"
    assert "no setting 'oddness'" in suite.refused("POST", "/sites", {"settings": {"oddness": 1}})
    assert "Expected" in suite.refused("POST", "/sites", {"settings": {"history_days": "many"}})
    assert "no level" in suite.refused("POST", "/sites", {"level": "12.0"})


def test_accounts_and_sessions(suite: Suite) -> None:
    nora = suite("POST", "users", {"webExId": "nora", "password": "Other-secret-1", "firstName": "Nora"})
    assert nora["email"] == f"nora@{suite.site['name']}.example"
    assert "(030004)" in suite.refused("POST", "users", {"webExId": "nora"}) or suite.refused(
        "POST", "users", {"webExId": "nora"}
    ).startswith("030004")
    key = suite("POST", "sessions", {"name": "Review", "start": "2031-05-04T09:30:00+02:00", "minutes": 45})[
        "sessionKey"
    ]
    told = suite.client().call("meeting.GetMeeting", meetingKey=key).ok()
    assert (told.value("schedule/startDate"), told.value("schedule/duration")) == ("05/04/2031 07:30:00", "45")
    suite("POST", f"sessions/{key}/hold", {"people": {"Ann": "ann@example.org"}, "minutes": 20})
    history = suite.client().call("history.LstmeetingattendeeHistory", meetingKey=key).ok()
    assert sorted(history.all("meetingAttendeeHistory/name")) == ["Ann", "Host1 Tester"]
    assert "no kind" in suite.refused("POST", "sessions", {"kind": "party"})
    assert "no session" in suite.refused("POST", "sessions/123/hold", {})


def test_failures_requests_and_mails(suite: Suite) -> None:
    suite("POST", "failures", {"operation": "CreateMeeting", "code": "999999", "caller": "host1"})
    with pytest.raises(AssertionError, match="999999"):
        suite.client().call("meeting.CreateMeeting", metaData={"confName": "Review"}, schedule={"startDate": ""}).ok()
    suite.client().call("meeting.CreateMeeting", metaData={"confName": "Review"}, schedule={"startDate": ""}).ok()
    assert [each["code"] for each in suite("GET", "requests")] == ["999999", None]
    (mail,) = suite("GET", "mails")
    assert (mail["subject"], mail["to"]) == ("Meeting scheduled: Review", suite.site["users"][1]["email"])
    assert "BEGIN:VCALENDAR" in mail["calendar"]
    assert mail["headers"]["Subject"] == mail["subject"]
    suite("POST", "clear")
    assert suite("GET", "requests") == suite("GET", "mails") == []
    assert "six digits" in suite.refused("POST", "failures", {"operation": "*", "code": "nine"})


def test_the_clock(suite: Suite) -> None:
    assert suite("PUT", "/clock", {"to": "2031-05-04T09:30:00Z"})["now"].startswith("2031-05-04T09:30")
    assert suite("PUT", "/clock", {"seconds": 3600})["now"].startswith("2031-05-04T10:30")
    assert suite("POST", "advance", {"seconds": 86_400})["now"].startswith("2031-05-05T10:30")
    assert suite("POST", "advance", {"to": "2031-05-06T00:00:00Z"})["now"].startswith("2031-05-06T00:00")
    assert suite("POST", "chores")["now"].startswith("2031-05-06T00:00")
    assert suite.refused("PUT", "/clock", {"to": "2031-05-04T09:30:00"}) == "a moment needs a time zone: " + (
        "datetime(..., tzinfo=UTC)"
    )
    assert not suite("DELETE", "/clock")["now"].startswith("2031")


def test_what_is_not_known_is_refused(suite: Suite) -> None:
    assert "nothing for GET" in suite("GET", "/nowhere", status=404)["error"]
    assert "nothing for DELETE" in suite("DELETE", "/sites", status=404)["error"]
    assert "no site" in suite("GET", "/sites/nobodys/mails", status=404)["error"]
    assert "unknown field" in suite.refused("POST", "users", {"webExId": "a", "colour": "red"})
    assert suite.http.post("/sites", content=b"{").status_code == 400


@given(body=st.binary(max_size=60) | st.text(max_size=60).map(str.encode), path=st.sampled_from(["users", "sessions"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_brings_it_down(suite: Suite, body: bytes, path: str) -> None:
    answer = suite.http.post(f"/sites/{suite.site['name']}/{path}", content=body)
    assert answer.status_code in (200, 400)
    assert (answer.status_code == 400) is ("error" in answer.json())


# ---- whom it refuses -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic abc"}, 401),
        ({"Authorization": ""}, 401),
        ({"Host": "localhost:8080"}, 200),
        ({"Host": "[::1]:8080"}, 200),
        ({"Host": "attacker.example"}, 403),
        ({"Host": "127.0.0.1.attacker.example:80"}, 403),
        ({"Host": "10.0.0.1"}, 403),
        ({"Origin": "http://localhost:3000"}, 200),
        ({"Origin": "http://attacker.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://127.0.0.1@attacker.example"}, 403),
    ],
)
def test_only_programs_of_this_machine_that_have_the_token(
    control: ControlServer, headers: dict[str, str], status: int
) -> None:
    usual = {"Authorization": f"Bearer {control.token}"}
    answer = httpx.get(f"{control.url}/", headers={**usual, **headers})
    assert answer.status_code == status
    assert ("error" in answer.json()) is (status != 200)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Host: 127.0.0.1\r\nHost: attacker.example", 403),
        ("", 403),
        ("Host: 127.0.0.1\r\nContent-Length: 999999999999", 413),
        ("Host: 127.0.0.1\r\nContent-Length: -1", 411),
        ("Host: 127.0.0.1\r\nTransfer-Encoding: chunked", 411),
    ],
)
def test_odd_heads_end_the_connection(control: ControlServer, head: str, status: int) -> None:
    address = urlsplit(control.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=20) as connection:
        lines = ["POST /sites HTTP/1.1", f"Authorization: Bearer {control.token}", *head.split("\r\n")]
        connection.sendall("\r\n".join([*filter(None, lines), "", ""]).encode())
        received = b""
        while part := connection.recv(4096):
            received += part
    assert received.startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:80", True),
        ("LOCALHOST:1", True),
        ("[::1]", True),
        ("10.0.0.1", False),
        ("localhost.attacker.example", False),
        ("", False),
        ("[::1", False),
    ],
)
def test_loopback_names(host: str, is_one: bool) -> None:
    assert is_loopback(host) is is_one
