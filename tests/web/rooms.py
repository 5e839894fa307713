"""People in rooms over their sockets, for tests: guests, parties, and the server's side of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from parley.rooms.hub import Hub
from parley.rooms.tokens import Ticket
from parley.services.presence import new_stay_id
from tests.server import Server, TestSite
from tests.web.test_pages import address, invitation, schedule, start_link

SDP = "v=0\r\nm=audio 9 UDP 111\r\na=sendrecv\r\n"


class Guest:
    """Somebody with a browser: cookies, and a socket once he is in."""

    def __init__(self, site: TestSite, key: str) -> None:
        self.site = site
        self.key = key
        self.http = httpx.Client(timeout=30, follow_redirects=True, headers={"Accept": "text/html"})
        self.socket: ClientConnection | None = None
        self._open = ExitStack()
        self.log: list[dict[str, Any]] = []
        self.token = ""
        self.id = 0

    def open(self, link: str) -> httpx.Response:
        """Follow a link to the meeting's page, and press its button."""
        page = self.http.get(link)
        action = page.text.partition('action="')[2].partition('"')[0]
        value = page.text.partition('name="PASS" value="')[2].partition('"')[0]
        assert "/room/" in action, page.text
        return self.http.post(self.site.server.url + action, data={"PASS": value})

    def ask(self, name: str = "Ada", **more: str) -> httpx.Response:
        """Ask for entry."""
        return self.http.post(address(self.site, f"room/{self.key}/entry"), json={"name": name, **more})

    def connect(self, token: str, **options: Any) -> Guest:
        """Open the socket and show a token."""
        url = f"ws://127.0.0.1:{self.site.server.config.port}/{self.site.name}/room/{self.key}/socket"
        self.socket = self._open.enter_context(connect(url, compression=None, max_size=None, **options))
        self.say("enter", token=token)
        return self

    def enter(self, name: str = "Ada", **more: str) -> dict[str, Any]:
        """Come in, or wait; gives the first message."""
        answer = self.ask(name, **more)
        assert answer.status_code == 200, answer.text
        self.connect(answer.json()["token"])
        first = self.next()
        self.token = first.get("token", "")
        self.id = first.get("you", 0)
        return first

    def say(self, type_: str, **values: Any) -> None:
        assert self.socket is not None
        self.socket.send(json.dumps({"type": type_, **values}))

    def next(self) -> dict[str, Any]:
        """The next message."""
        assert self.socket is not None
        message: dict[str, Any] = json.loads(self.socket.recv(timeout=15))
        self.log.append(message)
        return message

    def until(self, type_: str, **values: Any) -> dict[str, Any]:
        """The next message of a type with these values; what comes before it is passed over."""
        while True:
            message = self.next()
            if message["type"] == type_ and all(message.get(key) == value for key, value in values.items()):
                return message

    def sync(self) -> list[dict[str, Any]]:
        """Everything that was told up to now."""
        before = len(self.log)
        self.say("ping")
        self.until("pong")
        return self.log[before:-1]

    def closed(self) -> int:
        """Read until the server closes; the code."""
        assert self.socket is not None
        try:
            while True:
                self.log.append(json.loads(self.socket.recv(timeout=15)))
        except ConnectionClosed as error:
            return error.rcvd.code if error.rcvd is not None else 1006

    def drop(self) -> None:
        """Let the connection break, without a word."""
        assert self.socket is not None
        self.socket.socket.close()

    def close(self) -> None:
        """End everything."""
        self._open.close()
        self.http.close()


class Party:
    """A meeting of host1, and people who come to it."""

    def __init__(self, site: TestSite, **more: Any) -> None:
        self.site = site
        self.key = schedule(site, more.pop("name", "Monday round"), **more)
        self.guests: list[Guest] = []

    def guest(self) -> Guest:
        self.guests.append(Guest(self.site, self.key))
        return self.guests[-1]

    def host(self, name: str = "Grace") -> Guest:
        guest = self.guest()
        guest.open(start_link(self.site, self.key))
        assert guest.enter(name)["type"] == "welcome"
        return guest

    def invited(self, name: str = "Ada") -> Guest:
        guest = self.guest()
        guest.open(invitation(self.site, self.key))
        guest.enter(name)
        return guest

    def told(self, *path: str) -> str | None:
        answer = self.site.client().call("meeting.GetMeeting", meetingKey=self.key).ok()
        return answer.value("/".join(path))

    def close(self) -> None:
        for each in self.guests:
            each.close()


@pytest.fixture
def site(sqlite_server: Server) -> Iterator[TestSite]:
    """A site of the test's own; nobody has used up what an address may do."""
    site = sqlite_server.new_site()
    yield site
    sqlite_server.clock.ahead = 0
    hub(site).joins._known.clear()


@pytest.fixture
def party(site: TestSite) -> Iterator[Party]:
    party = Party(site)
    yield party
    party.close()


def hub(site: TestSite) -> Hub:
    httpx.get(site.server.url)
    found = site.server.app._hub
    assert found is not None
    return found


def ticket(party: Party, **more: Any) -> str:
    values: dict[str, Any] = {
        "kind": "entry",
        "site_id": party.site.site_id,
        "session_key": int(party.key),
        "until": party.site.server.clock.now() + 60,
        "nonce": str(new_stay_id()),
        "stay_id": new_stay_id(),
        "name": "Eve",
    }
    return hub(party.site).signer.sign(Ticket(**{**values, **more}))
