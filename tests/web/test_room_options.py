"""What the options of a session say holds in its room: what people are told that they may do, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.server import TestSite
from tests.services.events import create_event
from tests.services.trainings import create_training, hours_from_now
from tests.web.rooms import Guest
from tests.web.rooms import site as site  # the fixture
from tests.web.test_pages import address, schedule


@pytest.fixture
def come(site: TestSite) -> Iterator[Callable[..., tuple[Guest, dict[str, Any]]]]:
    """Called with a session's key: somebody comes to its room; he, and the first that he is told."""
    guests: list[Guest] = []

    def join(key: str, host: bool = False, **more: str) -> tuple[Guest, dict[str, Any]]:
        guest = Guest(site, key)
        guests.append(guest)
        if host:
            link = site.client().call("meeting.GethosturlMeeting", {"sessionKey": key}).ok().value("hostMeetingURL")
            guest.open(link or "")
        else:
            guest.http.get(address(site, f"room/{key}"))
        return guest, guest.enter("Grace" if host else "Ada", **more)

    yield join
    for each in guests:
        each.close()


Come = Callable[..., tuple[Guest, dict[str, Any]]]
OPTIONS = "enableOptions"


@pytest.mark.parametrize(
    ("option", "value", "of_host", "expected"),
    [
        ("poll", False, False, {"vote": False}),
        ("poll", True, True, {"vote": True, "polls": True}),
        ("supportQandA", False, True, {"ask": False, "answer": False}),
        ("supportQandA", True, False, {"ask": True, "answer": False}),
        ("notes", False, True, {"notes": False, "note": False}),
        ("notes", True, False, {"notes": True, "note": True}),
        ("singleNote", True, False, {"notes": True, "note": False}),
        ("singleNote", True, True, {"notes": True, "note": True}),
        ("desktopShare", False, True, {"share": True, "windows": True}),
        ("applicationShare", False, True, {"share": True, "windows": False}),
        ("chat", False, False, {"chat": []}),
        ("chatAllAttendees", False, False, {"chat": ["host", "presenter"]}),
        ("meetingRecord", False, True, {"record": False}),
        ("supportE2E", True, True, {"record": False}),
    ],
)
def test_an_option_of_a_meeting(
    site: TestSite, come: Come, option: str, value: bool, of_host: bool, expected: dict[str, Any]
) -> None:
    key = schedule(site, enableOptions={option: value})
    _, welcome = come(key, host=True)
    if not of_host:
        _, welcome = come(key)
    assert {name: welcome["rights"][name] for name in expected} == expected


def test_nothing_is_shared_where_neither_screen_nor_window_may_be(site: TestSite, come: Come) -> None:
    key = schedule(site, enableOptions={"desktopShare": False, "applicationShare": False})
    host, welcome = come(key, host=True)
    assert not welcome["rights"]["share"]
    host.say("state", mic=True, camera=False, sharing=True)
    assert host.until("refused")["code"] == "share"


def test_an_end_to_end_encrypted_meeting_says_so(site: TestSite, come: Come) -> None:
    key = schedule(site, enableOptions={"supportE2E": True}, schedule={"openTime": 3600})
    guest, waiting = come(key)
    assert waiting["type"] == "waiting"
    _, welcome = come(key, host=True)
    assert welcome["secret"]
    assert guest.until("welcome")["secret"]
    assert guest.ask().json()["secret"]


def test_options_of_a_training(site: TestSite, come: Come) -> None:
    key = create_training(
        site.client(),
        enableOptions={"muteOnEntry": True, "attendeeSendVideo": False, "poll": False},
        accessControl={"sessionPassword": "Secret12"},
        schedule={"startDate": hours_from_now(1)},
    )
    host, welcome = come(key, host=True)
    assert not welcome["muted"]
    guest, welcome = come(key, password="Secret12")
    assert (welcome["muted"], welcome["rights"]["camera"], welcome["rights"]["vote"]) == (True, False, False)
    guest.say("state", mic=True, camera=True, sharing=False)
    assert guest.until("changed")["member"]["camera"] is False
    host.say("savepoll", question="Why?", options=["a", "b"])
    assert host.until("refused")["code"] == "poll"


def test_an_event_begins_for_its_attendees_when_the_host_says_so(site: TestSite, come: Come) -> None:
    key = create_event(site.client(), schedule={"startDate": hours_from_now(2)})
    guest, waiting = come(key, password="Secret12")
    assert waiting["reason"] == "start"
    host, welcome = come(key, host=True)
    assert welcome["practice"]
    assert host.until("lobby", early=1)["people"] == []
    other, waiting = come(key, password="Secret12")
    assert waiting["reason"] == "start"
    host.say("chat", to="all", text="among ourselves")
    host.sync()
    host.say("begin")
    for each in (guest, other):
        welcome = each.until("welcome")
        assert (welcome["practice"], welcome["chat"]) == (False, [])
    assert host.until("practice")["on"] is False
    guest.say("begin")
    assert guest.until("refused")["code"] == "not-allowed"


def test_panelists_come_in_by_their_password(site: TestSite, come: Come) -> None:
    key = create_event(
        site.client(),
        schedule={"startDate": hours_from_now(1)},
        panelists={"panelistPassword": "Panel99", "panelist": []},
    )
    stranger = Guest(site, key)
    assert "I am a panelist" in stranger.http.get(address(site, f"room/{key}")).text
    assert stranger.ask(password="Panel98").status_code == 403
    stranger.close()
    come(key, host=True)
    panelist, welcome = come(key, password="Panel99")
    assert (welcome["type"], welcome["practice"], welcome["rights"]["answer"]) == ("welcome", True, True)
    # It is remembered by this browser, and by no other.
    assert panelist.ask().status_code == 200
    assert "I am a panelist" not in panelist.http.get(address(site, f"room/{key}")).text
    _, waiting = come(key, password="Secret12")
    assert waiting["reason"] == "start"


def test_polls_questions_and_the_note_outlive_a_dropped_connection(site: TestSite, come: Come) -> None:
    key = schedule(site)
    host, _ = come(key, host=True)
    guest, _ = come(key)
    host.say("savepoll", question="Why?", options=["<b>a</b>", "b"])
    host.say("movepoll", poll=1, to="open")
    guest.until("poll")
    guest.say("vote", poll=1, choices=[0])
    guest.say("ask", text="When?")
    guest.say("note", base=0, start=0, end=0, text="remember")
    guest.until("noted")
    host.say("reply", question=1, text="Now.", private=True)
    guest.until("question", state="answered")
    guest.drop()
    host.until("changed")
    again = Guest(site, key).connect(guest.token)
    welcome = again.until("welcome")
    assert [(each["options"], each["mine"]) for each in welcome["polls"]] == [(["<b>a</b>", "b"], [0])]
    assert [each["answers"][0]["text"] for each in welcome["questions"]] == ["Now."]
    assert welcome["note"]["text"] == "remember"
    again.close()


@pytest.mark.parametrize(
    "message",
    [
        {"type": "savepoll", "question": "x", "options": ["a"]},
        {"type": "savepoll", "question": "x", "options": ["a"] * 13},
        {"type": "savepoll", "question": "x" * 501, "options": ["a", "b"]},
        {"type": "movepoll", "poll": 0, "to": "open"},
        {"type": "movepoll", "poll": 1, "to": "everywhere"},
        {"type": "vote", "poll": 1, "choices": [12]},
        {"type": "vote", "poll": 1, "choices": ["0"]},
        {"type": "ask", "text": ""},
        {"type": "ask", "text": "x" * 1001},
        {"type": "reply", "question": 1, "text": "x" * 2001},
        {"type": "note", "base": -1, "start": 0, "end": 0, "text": ""},
        {"type": "note", "base": 0, "start": 0, "end": 20_001, "text": ""},
        {"type": "sealed", "to": 1, "box": "<b>"},
        {"type": "sealed", "to": 1, "box": "x" * 401},
    ],
    ids=lambda each: str(each)[:60],
)
def test_what_is_no_message_ends_the_connection(site: TestSite, come: Come, message: dict[str, Any]) -> None:
    guest, _ = come(schedule(site), host=True)
    guest.say(message.pop("type"), **message)
    guest.closed()
    assert guest.log[-1]["reason"] == "bad"
