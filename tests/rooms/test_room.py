"""A room as a state machine: what members are told, and what holds whatever they do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.rooms import messages as m
from parley.rooms.engines.mesh import CAPACITY
from parley.rooms.room import Room
from tests.rooms.playing import RULES, Play, kinds, ticket

SENDING = "v=0\r\nm=audio 9 UDP 111\r\na=recvonly\r\nm=video 9 UDP 96\r\na=sendrecv\r\n"
WATCHING = "v=0\r\nm=audio 9 UDP 111\r\na=recvonly\r\nm=video 9 UDP 96\r\na=inactive\r\n"


def test_the_first_host_holds_the_session_and_presents() -> None:
    play = Play()
    assert (play.host.host, play.host.presenter) == (True, True)
    second = play.room.enter(ticket(9, may_host=True))
    assert not second.host
    assert play.room.rights(second).claim == "free"
    assert play.room.rights(play.others[0]).claim == "key"
    play.room.leave(play.host.id)
    assert second.host


def test_chat_reaches_whom_it_is_for() -> None:
    play = Play(3)
    writer, other, third = play.others
    play.say(play.host, m.Present(third.id))
    for to, readers in (
        ("all", {play.host, writer, other, third}),
        ("host", {play.host, writer}),
        ("presenter", {third, writer}),
    ):
        told = play.say(writer, m.Chat(to, " <b>hi</b>\x00\n "))  # type: ignore[arg-type]
        assert set(told) == {each.id for each in readers}
        assert all(messages[0].text == "<b>hi</b>" for messages in told.values())
    assert play.say(writer, m.Chat("all", "\x00 \n")) == {}


def test_chat_holds_to_the_options_of_the_session() -> None:
    play = Play(2, RULES._replace(chat_all=False))
    writer = play.others[0]
    assert play.room.rights(writer).chat == ["host", "presenter"]
    assert kinds(play.say(writer, m.Chat("all", "hi"))[writer.id]) == ["Refused"]
    assert len(play.say(play.host, m.Chat("all", "hi"))) == 3
    closed = Play(1, RULES._replace(chat_all=False, chat_host=False, chat_presenter=False))
    assert closed.room.rights(closed.others[0]).chat == []


def test_who_comes_back_reads_what_he_missed_and_nothing_else() -> None:
    play = Play(2)
    first, second = play.others
    play.say(play.host, m.Chat("all", "one"))
    play.say(first, m.Chat("host", "two"))
    play.say(play.host, m.Chat("all", "three"))
    assert [line.text for line in play.room.welcome(first, "", 1).chat] == ["two", "three"]
    assert [line.text for line in play.room.welcome(second, "").chat] == ["one", "three"]
    late = play.room.enter(ticket(9))
    assert play.room.welcome(late, "").chat == []


@pytest.mark.parametrize(
    "message", [m.Mute(), m.Lock(True), m.Present(1), m.Host(2), m.Hand(False, 1)], ids=lambda each: type(each).__name__
)
def test_only_the_host_decides(message: Any) -> None:
    play = Play()
    other = play.others[0]
    play.host.hand = 1
    told = play.say(other, message)
    assert {key: kinds(each) for key, each in told.items()} == {other.id: ["Refused"]}
    assert not play.room.locked
    assert play.host.host
    assert play.host.hand == 1


def test_mute_one_and_all() -> None:
    play = Play()
    first, second = play.others
    for each in (play.host, first, second):
        play.say(each, m.State(mic=True, camera=True, sharing=False))
    assert "Muted" in kinds(play.say(play.host, m.Mute(first.id))[first.id])
    assert (first.mic, second.mic) == (False, True)
    play.say(play.host, m.Mute())
    assert (play.host.mic, second.mic) == (True, False)


def test_hands_stand_in_order() -> None:
    play = Play()
    first, second = play.others
    play.say(second, m.Hand(True))
    play.say(first, m.Hand(True))
    assert first.hand > second.hand > 0
    play.say(play.host, m.Hand(False, second.id))
    assert second.hand == 0


def test_only_the_presenter_shares_and_only_one() -> None:
    play = Play()
    first, second = play.others
    told = play.say(first, m.State(mic=False, camera=False, sharing=True))
    assert (first.sharing, kinds(told[first.id])) == (False, ["Refused", "Changed"])
    play.say(play.host, m.Present(first.id))
    play.say(first, m.State(mic=False, camera=False, sharing=True))
    assert (first.sharing, play.host.sharing) == (True, False)
    play.say(play.host, m.State(mic=False, camera=False, sharing=True))
    assert (first.sharing, play.host.sharing) == (False, True)
    play.say(play.host, m.Present(second.id))
    play.say(play.host, m.Host(second.id))
    assert not play.host.sharing
    assert second.host


def test_those_who_only_watch_send_nothing() -> None:
    play = Play(1)
    viewer, other = play.room.enter(ticket(7, viewer=True)), play.room.enter(ticket(8, viewer=True))
    play.room.take()
    told = play.say(viewer, m.State(mic=True, camera=True, sharing=True))
    assert (viewer.mic, viewer.camera, viewer.sharing) == (False, False, False)
    assert play.host.id not in told
    signal: dict[str, Any] = {"to": play.host.id, "link": "a"}
    for message in (m.Signal(kind="offer", sdp=WATCHING, **signal), m.Signal(kind="answer", sdp=SENDING, **signal)):
        assert set(play.say(viewer, message)) == {viewer.id}
    assert set(play.say(viewer, m.Signal(kind="answer", sdp=WATCHING, **signal))) == {play.host.id}
    # They do not see each other, and cannot become more than they are.
    assert set(play.say(viewer, m.Signal(other.id, "a", "ice"))) == {viewer.id}
    assert other.id not in {each.id for each in play.room.welcome(viewer, "").members}
    assert set(play.say(play.host, m.Present(viewer.id))) == {play.host.id}
    assert set(play.say(play.host, m.Host(viewer.id))) == {play.host.id}


@pytest.mark.parametrize(
    ("description", "sends"),
    [
        (SENDING, True),
        (WATCHING, False),
        ("v=0\nm=audio 9 x\n", True),
        ("v=0\na=recvonly\nm=audio 9 x\n", False),
        ("v=0\na=recvonly\nm=audio 9 x\na=sendonly\na=recvonly\n", True),
        ("v=0\na=sendrecv\nm=audio 9 x\na=recvonly\n", False),
        ("m=audio 9 x\r\na=recvonly\r\nm=video 9 x\r\n", True),
        ("v=0", False),
        ("v=0\rm=audio 9 x\ra=sendonly", True),
        ("v=0\r\nm=audio 9 x\r\ni=a\x0ba=recvonly\r\n", True),
        ("v=0\nm=audio 9 x\ni=a\u2028a=recvonly\n", True),
        ("v=0\nm=audio 9 x\n a=recvonly\n", True),
    ],
)
def test_which_descriptions_send(description: str, sends: bool) -> None:
    assert m.sends_media(description) is sends


def test_places_for_media_are_given_in_order_and_passed_on() -> None:
    play = Play(CAPACITY.audio)
    levels = [each.level for each in play.room.members.values()]
    assert levels == ["video"] * CAPACITY.video + ["audio"] * (CAPACITY.audio - CAPACITY.video) + ["none"]
    last = play.others[-1]
    fifth = play.others[CAPACITY.video - 1]
    assert kinds(play.say(last, m.Signal(1, "a", "ice"))[last.id]) == ["Refused"]
    play.say(fifth, m.State(mic=True, camera=True, sharing=False))
    assert (fifth.mic, fifth.camera) == (True, False)
    play.room.leave(play.others[0].id)
    assert (fifth.level, last.level) == ("video", "audio")


def test_names_are_hidden_where_the_list_is_not_shown() -> None:
    play = Play(2, RULES._replace(attendee_list=False))
    first, second = play.others
    names = {each.id: each.name for each in play.room.welcome(first, "").members}
    assert names == {play.host.id: "Person 1", first.id: "Person 2", second.id: ""}
    assert all(each.name for each in play.room.welcome(play.host, "").members)
    play.say(play.host, m.Present(first.id))
    assert {each.name for each in play.room.welcome(first, "").members} == {"Person 1", "Person 2", "Person 3"}


def test_who_waits_for_the_host_comes_in_with_him_unless_the_room_is_locked() -> None:
    room = Room(RULES, 0)
    waiter = room.wait(ticket(5), "host")
    assert room.may_enter_now(0) == []
    room.enter(ticket(1, may_host=True))
    assert room.may_enter_now(0) == [waiter]
    room.locked = True
    assert room.may_enter_now(0) == []
    assert waiter.reason == "admit"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "[]",
        "{}",
        '{"type":"nothing"}',
        '{"type":"ping","more":1}',
        '{"type":"chat","to":"all"}',
        '{"type":"chat","to":"everybody","text":"x"}',
        '{"type":"chat","to":"all","text":""}',
        '{"type":"chat","to":"all","text":"' + "x" * (m.MOST_CHAT + 1) + '"}',
        '{"type":"signal","to":0,"link":"a","kind":"ice"}',
        '{"type":"signal","to":1,"link":"<a>","kind":"ice"}',
        '{"type":"hand","up":1}',
        "[" * 30_000,
        b"\xff\xfe",
        "x" * (m.MOST_BYTES + 1),
    ],
)
def test_what_is_no_message(raw: str | bytes) -> None:
    with pytest.raises(m.BadMessage):
        m.read(raw)


@given(st.text() | st.binary())
def test_anything_is_read_or_refused(raw: str | bytes) -> None:
    with pytest.raises(m.BadMessage):
        m.read(raw)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.booleans(), st.booleans()),
        st.tuples(st.just("leave"), st.integers(1, 12), st.just(None)),
        st.tuples(
            st.just("say"),
            st.integers(1, 12),
            st.one_of(
                st.builds(m.Chat, st.sampled_from(["all", "host", "presenter"]), st.text(min_size=1, max_size=5)),
                st.builds(m.Hand, st.booleans(), st.none() | st.integers(1, 12)),
                st.builds(m.State, st.booleans(), st.booleans(), st.booleans()),
                st.builds(m.Mute, st.none() | st.integers(1, 12)),
                st.builds(m.Lock, st.booleans()),
                st.builds(m.Present, st.integers(1, 12)),
                st.builds(m.Host, st.integers(1, 12)),
                st.builds(m.Signal, st.integers(1, 12), st.just("a"), st.sampled_from(["offer", "answer", "ice"])),
                st.builds(m.React, st.just("clap")),
                st.builds(m.SavePoll, st.just("Why?"), st.just(["a", "b"]), st.booleans(), st.none() | st.just(1)),
                st.builds(m.MovePoll, st.integers(1, 3), st.sampled_from(["open", "closed", "shared", "gone"])),
                st.builds(m.Vote, st.integers(1, 3), st.lists(st.integers(0, 3), max_size=3)),
                st.builds(m.Ask, st.text(min_size=1, max_size=5)),
                st.builds(m.Reply, st.integers(1, 3), st.text(min_size=1, max_size=5), st.booleans()),
                st.builds(m.Dismiss, st.integers(1, 3)),
                st.builds(m.Note, st.integers(0, 3), st.integers(0, 4), st.integers(0, 4), st.text(max_size=4)),
                st.builds(m.Sealed, st.integers(1, 12), st.just("a.b")),
            ),
        ),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_what_always_holds(steps: list[tuple[str, Any, Any]]) -> None:
    room = Room(RULES, 0)
    for number, (what, value, message) in enumerate(steps, 1):
        if what == "enter":
            room.enter(ticket(number, may_host=value, viewer=message and not value))
        elif what == "leave":
            room.leave(value)
        elif value in room.members:
            room.said(room.members[value], message, number)
        people = list(room.members.values())
        told = room.take()
        for each in people:  # whatever anybody is told can be sent
            m.write(room.welcome(each, ""))
        for _, each_told in told:
            m.write(each_told)
        assert sum(each.host for each in people) <= 1
        assert sum(each.presenter for each in people) <= 1
        assert sum(each.sharing for each in people) <= 1
        assert sum(each.level == "video" for each in people) == min(len(people), CAPACITY.video)
        assert not any(each.camera for each in people if each.level != "video")
        assert not any(each.mic or each.camera or each.sharing or each.host for each in people if each.viewer)
        assert {member_id for member_id, _ in told} <= set(room.members)
        if any(each.ticket.may_host for each in people):
            assert room.host is not None
