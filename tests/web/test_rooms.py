"""Rooms over their sockets, against a started server: what people and what attackers do."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack
from itertools import pairwise
from typing import Any
from unittest.mock import AsyncMock
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from parley.rooms import seats
from parley.rooms.limits import Addresses
from parley.rooms.tokens import Pass, Signer, Ticket
from parley.store import StoreUnavailable
from tests.server import TestSite
from tests.web.rooms import SDP, Guest, Party, hub, ticket
from tests.web.rooms import party as party  # the fixtures
from tests.web.rooms import site as site
from tests.web.test_pages import NASTY, address, invitation, schedule, unlisted

# ---- what people do ---------------------------------------------------------------------------------------------


def test_people_meet_and_the_api_tells_it(party: Party) -> None:
    assert party.told("status") == "NOT_INPROGRESS"
    guest = party.guest()
    page = guest.open(invitation(party.site, party.key))
    assert page.status_code == 200
    assert "Monday round" in page.text
    assert "camera=(self)" in page.headers["permissions-policy"]
    assert guest.enter("Ada")["reason"] == "host"
    host = party.host()
    welcome = guest.until("welcome")
    assert [each["name"] for each in welcome["members"]] == ["Grace", "Ada"]
    assert welcome["name"] == "Monday round"
    assert host.until("joined")["member"]["name"] == "Ada"
    assert (party.told("status"), party.told("hostJoined"), party.told("participantsJoined")) == (
        "INPROGRESS",
        "true",
        "true",
    )
    guest.say("chat", to="all", text="hello")
    assert host.until("chat")["text"] == "hello"
    guest.say("hand", up=True)
    assert host.until("changed")["member"]["hand"] == 1
    guest.say("leave")
    assert host.until("left")["why"] == "left"
    host.say("leave")
    host.closed()
    assert party.told("status") == "NOT_INPROGRESS"


def test_the_request_for_a_socket_may_come_in_pieces(party: Party) -> None:
    """As over a real network, and through fronts; wherever it is cut, it is taken up."""
    port = party.site.server.config.port
    head = (
        f"GET /{party.site.name}/room/{party.key}/socket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()
    middle = head.index(b"Upgrade:")
    for cuts in ((middle,), (20, middle), (middle + 30,)):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
            for begin, end in pairwise((0, *cuts, len(head))):
                wire.sendall(head[begin:end])
                time.sleep(0.05)  # else they would come as one
            assert wire.recv(12) == b"HTTP/1.1 101"


def test_a_password_is_asked_for_and_remembered(site: TestSite) -> None:
    party = Party(site, **unlisted("Secret77"))
    host = party.host()
    guest = party.guest()
    link = address(site, f"room/{party.key}")
    assert "Monday round" not in guest.http.get(link).text
    assert guest.ask().json()["wanted"] == "password"
    wrong = guest.ask(password="secret77")
    assert (wrong.status_code, wrong.json()["wrong"]) == (403, True)
    assert guest.enter("Ada", password="Secret77")["type"] == "welcome"
    assert "Monday round" in guest.http.get(link).text
    assert guest.ask().status_code == 200
    other = party.guest()
    other.open(address(site, f"m.php?AT=JM&MK={party.key}&AN=Bob&PW=Secret77"))
    assert other.ask("Bob").status_code == 200
    changed = {"accessControl": {"meetingPassword": "Another88"}, "meetingkey": party.key}
    site.client().call("meeting.SetMeeting", changed).ok()
    assert other.ask("Bob").json()["wanted"] == "password"
    host.sync()
    party.close()


def test_a_host_key_claims_the_session(party: Party) -> None:
    host, guest = party.host(), party.invited()
    guest.say("claim", key="000000")
    assert guest.until("refused")["code"] == "host-key"
    guest.say("claim", key=party.told("hostKey"))
    assert guest.until("allowed")["rights"]["host"] is True
    host.until("changed")
    host.say("end")
    assert host.until("refused")["code"] == "not-allowed"
    host.say("claim")  # as one of the session's hosts, without a key
    assert host.until("allowed")["rights"]["host"] is True


def test_a_locked_room_has_a_lobby(party: Party) -> None:
    host = party.host()
    host.say("lock", on=True)
    host.until("locked", on=True)
    guest, other, third = party.invited("Ada"), party.invited("Bob"), party.invited("Cy")
    assert guest.log[0]["reason"] == "admit"
    lobby: list[dict[str, Any]] = []
    while len(lobby) < 3:
        lobby = host.until("lobby")["people"]
    by_name = {each["name"]: each["id"] for each in lobby}
    guest.say("chat", to="all", text="let me in")
    host.say("admit", member=by_name["Ada"])
    assert guest.until("welcome")["members"]
    host.say("expel", member=by_name["Bob"])
    assert other.until("goodbye")["reason"] == "denied"
    host.say("admit")
    third.until("welcome")
    assert not [each for each in host.sync() if each["type"] == "chat"]


def test_the_host_sends_somebody_away(party: Party) -> None:
    host, guest = party.host(), party.invited()
    joined = host.until("joined")["member"]["id"]
    host.say("expel", member=joined)
    assert guest.until("goodbye")["reason"] == "expelled"
    assert host.until("left")["why"] == "expelled"
    again = party.guest().connect(guest.log[0]["token"])
    assert again.until("goodbye")["reason"] == "expelled"


def test_the_host_ends_the_session_for_all(party: Party) -> None:
    host, guest = party.host(), party.invited()
    guest.say("end")
    assert guest.until("refused")["code"] == "not-allowed"
    host.say("end")
    for each in (host, guest):
        assert each.until("goodbye")["reason"] == "ended"
        each.closed()
    assert party.told("status") == "NOT_INPROGRESS"
    assert party.invited().log[0]["type"] == "waiting"


def test_a_dropped_connection_finds_its_place_again(party: Party) -> None:
    host, guest = party.host(), party.invited()
    host.until("joined")
    guest.say("chat", to="all", text="one")
    guest.until("chat")
    guest.drop()
    assert host.until("changed", member={**guest.log[0]["members"][1], "here": False})
    host.say("chat", to="all", text="two")
    back = party.guest()
    back.connect(guest.log[0]["token"])
    welcome = back.until("welcome")
    assert welcome["you"] == guest.id
    assert [each["text"] for each in welcome["chat"]] == ["one", "two"]
    assert host.until("changed")["member"]["here"] is True
    assert not [each for each in host.sync() if each["type"] in ("joined", "left")]


def test_a_server_that_starts_anew_finds_people_in_the_same_session(party: Party) -> None:
    rooms = hub(party.site)

    async def restart() -> None:
        await rooms.stop()
        await rooms.start()

    host, guest = party.host(), party.invited()
    host.until("joined")
    party.site.server.run(restart())
    assert (host.closed(), guest.closed()) == (1012, 1012)
    back = party.guest().connect(guest.log[0]["token"])  # before the host, who was there
    assert [each["name"] for each in back.until("welcome")["members"]] == ["Ada"]
    party.guest().connect(host.log[0]["token"]).until("welcome")
    assert back.until("joined")["member"]["host"] is True
    answer = party.site.client().call("ep.LstOpenSession").ok()
    assert party.key in answer.text


def test_the_place_goes_to_the_newest_window(party: Party) -> None:
    party.host()
    guest = party.invited()
    other = party.guest().connect(guest.log[0]["token"])
    assert other.until("welcome")["you"] == guest.id
    assert guest.until("goodbye")["reason"] == "elsewhere"
    assert other.sync() == []


def test_a_place_is_not_kept_for_ever(party: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "GRACE_SECONDS", 0)
    host, guest = party.host(), party.invited()
    host.until("joined")
    guest.drop()
    assert host.until("left")["why"] == "lost"
    assert party.told("status") == "INPROGRESS"


def test_people_come_in_early_when_the_session_says_so(site: TestSite) -> None:
    party = Party(site, schedule={**_later(), "openTime": 7200})
    assert party.invited().log[0]["type"] == "welcome"
    strict = Party(site, schedule={**_later(), "openTime": 300})
    assert strict.invited().log[0]["type"] == "waiting"
    for each in (party, strict):
        each.close()


def _later() -> dict[str, Any]:
    start = time.strftime("%m/%d/%Y %H:%M:%S", time.gmtime(time.time() + 3600))
    return {"startDate": start, "duration": 45, "timeZoneID": 20}


def test_what_the_session_demands_holds(site: TestSite) -> None:
    party = Party(site, attendeeOptions={"joinRequiresAccount": True})
    assert party.guest().ask().json()["wanted"] == "account"
    listed = Party(site, attendeeOptions={"registration": True})
    guest = listed.guest()
    assert guest.ask().json()["wanted"] == "registration"
    assert guest.ask(registerId="123456").json()["wrong"] is True
    small = Party(site, attendeeOptions={"participantLimit": 2})
    small.host()
    assert small.invited("Ada").log[0]["type"] == "welcome"
    assert small.invited("Bob").log[0]["reason"] == "full"
    for each in (party, listed, small):
        each.close()


def test_names_and_chat_are_only_text(party: Party) -> None:
    host, guest = party.host(), party.guest()
    guest.open(invitation(party.site, party.key))
    guest.enter(NASTY)
    assert host.until("joined")["member"]["name"] == NASTY
    guest.say("chat", to="all", text=NASTY)
    assert host.until("chat")["text"] == NASTY
    page = guest.http.get(address(party.site, f"room/{party.key}"))
    assert "<script>" not in page.text
    assert guest.ask("\x00\n ").json()["wanted"] == "name"


# ---- what attackers do ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["forged", "foreign", "late", "used", "pass", "other room", "other site", "nothing"])
def test_tokens_that_are_no_good(party: Party, what: str) -> None:
    host = party.host()
    now = party.site.server.clock.now()
    guest = party.guest()
    token = ticket(party)
    if what == "forged":
        token = token[:-4] + "AAAA"
    elif what == "foreign":
        shown = Ticket(
            kind="entry",
            site_id=party.site.site_id,
            session_key=int(party.key),
            until=now + 60,
            nonce="n",
            stay_id=1,
            name="Eve",
            may_host=True,
        )
        token = Signer(b"x" * 32).sign(shown)
    elif what == "late":
        token = ticket(party, until=now)
    elif what == "used":
        party.guest().connect(token).until("welcome")
    elif what == "pass":
        token = hub(party.site).signer.sign(
            Pass(site_id=party.site.site_id, session_key=int(party.key), until=now + 60)
        )
    elif what == "other room":
        token = ticket(party, session_key=int(schedule(party.site)))
    elif what == "other site":
        token = ticket(party, site_id=party.site.site_id + 1)
    elif what == "nothing":
        token = "x"
    assert guest.connect(token).until("goodbye")["reason"] == "token"
    assert guest.closed() == 1008
    assert [each["type"] for each in host.sync()].count("joined") == (1 if what == "used" else 0)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{}",
        "null",
        '{"type":"enter"}',
        '{"type":"chat","to":"all","text":"x"}',
        "[" * 20_000,
        b"\xff\x00",
        "x" * 40_000,
    ],
)
def test_a_socket_that_does_not_show_a_token(party: Party, raw: str | bytes) -> None:
    url = f"ws://127.0.0.1:{party.site.server.config.port}/{party.site.name}/room/{party.key}/socket"
    with connect(url, compression=None) as socket:
        socket.send(raw)
        assert json.loads(socket.recv(timeout=15))["reason"] == "bad"
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=15)


def test_a_megabyte_of_chat_harms_nobody(party: Party) -> None:
    host, guest, other = party.host(), party.invited("Ada"), party.invited("Bob")
    with pytest.raises(ConnectionClosed):  # noqa: PT012  # whichever of them meets the closed socket
        guest.say("chat", to="all", text="x" * 1_000_000)
        guest.closed()
        guest.say("ping")
    other.say("chat", to="all", text="still here")
    assert host.until("chat")["text"] == "still here"


def test_too_many_messages_end_the_connection_and_too_much_chat_is_refused(party: Party) -> None:
    host, guest, other = party.host(), party.invited("Ada"), party.invited("Bob")
    for number in range(30):
        other.say("chat", to="all", text=str(number))
    assert other.until("refused")["code"] == "flood"
    with pytest.raises(ConnectionClosed):  # noqa: PT012  # whichever of them meets the closed socket
        for _ in range(2000):
            guest.say("ping")
        guest.closed()
        guest.say("ping")
    assert host.sync()


def test_too_many_connections_of_an_address_are_refused(party: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    host = party.host()
    host.sync()
    monkeypatch.setattr(hub(party.site), "joins", Addresses(burst=20, rate=0))
    reasons = []
    for _ in range(100):
        with ExitStack() as stack:
            guest = Guest(party.site, party.key)
            stack.callback(guest.close)
            try:
                reasons.append(guest.connect("x").until("goodbye")["reason"])
            except ConnectionClosed as closed:  # before the token was sent
                reasons.append("busy" if closed.rcvd is not None and closed.rcvd.code == 1013 else "lost")
    assert reasons == ["token"] * 20 + ["busy"] * 80
    assert host.sync() == []


def test_peers_reach_only_peers_of_their_own_room(party: Party) -> None:
    host, guest = party.host(), party.invited()
    elsewhere = Party(party.site)
    stranger = elsewhere.host("Eve")
    host.sync()
    signal = {"link": "a", "kind": "offer", "sdp": SDP}
    for number in (0, 1, 2, 3, 99):
        if number:
            stranger.say("signal", to=number, **signal)
    assert not [each for each in stranger.sync() if each["type"] == "signal"]
    assert not [each for each in host.sync() if each["type"] == "signal"]
    guest.say("signal", to=host.id, **signal)
    assert host.until("signal")["sender"] == guest.id
    elsewhere.close()


def test_who_only_watches_cannot_offer(party: Party) -> None:
    host = party.host()
    viewer = party.guest().connect(ticket(party, viewer=True))
    rights = viewer.until("welcome")["rights"]
    assert rights["chat"] == ["all", "host", "presenter"]
    assert (rights["claim"], rights["ask"], rights["vote"]) == ("no", True, True)
    assert not any(rights[name] for name in ("share", "host", "record", "polls", "answer", "note"))
    host.until("joined")
    for kind in ("offer", "answer"):
        viewer.say("signal", to=host.id, link="a", kind=kind, sdp=SDP)
        assert viewer.until("refused")["code"] == "view-only"
    viewer.say("claim", key=party.told("hostKey"))
    viewer.until("refused")
    viewer.say("state", mic=True, camera=True, sharing=True)
    assert not [each for each in host.sync() if each["type"] in ("signal", "changed")]


def test_pages_of_others_cannot_open_sockets_or_ask_for_entry(party: Party) -> None:
    url = f"ws://127.0.0.1:{party.site.server.config.port}/{party.site.name}/room/{party.key}/socket"
    origins: list[Any] = ["https://evil.example", "http://["]
    for origin in origins:
        with pytest.raises(InvalidStatus) as refused, connect(url, origin=origin, compression=None):
            pass
        assert refused.value.response.status_code == 403
    with pytest.MonkeyPatch.context() as without_sites:  # of pages of others nothing is looked up
        without_sites.setattr(party.site.server.application.sites, "by_name", None)
        with pytest.raises(InvalidStatus) as refused, connect(url, origin=origins[0], compression=None):
            pass
        assert refused.value.response.status_code == 403
    with pytest.MonkeyPatch.context() as away:
        away.setattr(party.site.server.application.sites, "reload", AsyncMock(side_effect=StoreUnavailable("away")))
        with pytest.raises(InvalidStatus) as refused, connect(url, compression=None):
            pass
        assert refused.value.response.status_code == 403  # as of a socket that is closed before it was opened
    for wrong in (url.replace(party.key, "x"), url.replace(party.site.name, "no-such-site")):
        with pytest.raises(InvalidStatus), connect(wrong, compression=None):
            pass
    guest = party.guest()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, *({"Origin": each} for each in origins)):
        answer = guest.http.post(address(party.site, f"room/{party.key}/entry"), json={"name": "Eve"}, headers=headers)
        assert answer.status_code == 403
        assert "token" not in answer.text


@pytest.mark.parametrize(
    "body", ["", "[]", '{"name":1}', '{"name":"' + "x" * 500 + '"}', "[" * 5000, '{"x":' + "[" * 5000]
)
def test_a_form_that_is_none(party: Party, body: str) -> None:
    answer = httpx.post(address(party.site, f"room/{party.key}/entry"), content=body)
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["room/1", "room/x", "room/99999999999999999999", "room/12345678901"])
def test_a_room_that_is_none(site: TestSite, path: str) -> None:
    assert httpx.get(address(site, path)).status_code == 404
    assert httpx.post(address(site, f"{path}/entry"), json={"name": "Ada"}).status_code == 404


def test_a_pass_of_another_session_is_not_kept(party: Party) -> None:
    guest = party.guest()
    guest.open(invitation(party.site, party.key))
    value = guest.http.cookies["parley_room"]
    other = schedule(party.site)
    answer = httpx.post(address(party.site, f"room/{other}"), data={"PASS": value})
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    assert urlsplit(answer.headers["location"]).query == ""
