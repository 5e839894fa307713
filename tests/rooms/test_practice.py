"""Practice before the start, rooms that lock themselves, first presenters: what the session's options do to a room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.rooms import messages as m
from parley.rooms.entry import Door
from parley.rooms.room import Room
from tests.rooms.playing import RULES, Play, kinds, ticket

EVENT = RULES._replace(practice=True, start=1_000)
HOST, PANELIST, GUEST = ticket(1, may_host=True, panelist=True), ticket(2, panelist=True), ticket(3)


def test_attendees_wait_until_the_host_begins() -> None:
    room = Room(EVENT, 0)
    assert room.door(PANELIST, 500) is Door.HOST
    host = room.enter(HOST, 500)
    assert room.practice
    assert room.door(PANELIST, 500) is Door.IN
    waiter = room.wait(GUEST, "host")
    assert room.told_reason(waiter) == "start"
    # Practice goes on over the time of the start, until the host says otherwise.
    assert room.may_enter_now(2_000) == []
    room.take()
    assert room.begin()
    assert "Practice" in kinds([message for _, message in room.take()])
    assert room.may_enter_now(2_000) == [waiter]
    assert not room.welcome(host, "").practice
    assert not room.begin()


def test_there_is_no_practice_after_the_start_nor_in_other_sessions() -> None:
    late = Room(EVENT, 0)
    late.enter(HOST, 1_000)
    assert not late.practice
    assert late.door(GUEST, 1_000) is Door.IN
    usual = Room(RULES._replace(start=1_000), 0)
    usual.enter(HOST, 500)
    assert usual.door(GUEST, 500) is Door.IN


def test_where_attendees_come_first_it_has_begun() -> None:
    room = Room(EVENT._replace(open_before=900), 0)
    assert room.door(GUEST, 200) is Door.IN
    room.enter(GUEST, 200)
    room.enter(HOST, 300)
    assert not room.practice


def test_after_a_restart_attendees_do_not_burst_into_practice() -> None:
    room = Room(EVENT, 0)
    room.host_came = True
    assert room.door(GUEST, 500) is Door.HOST
    assert room.door(GUEST, 1_000) is Door.IN


@given(st.lists(st.tuples(st.sampled_from([HOST, PANELIST, GUEST]), st.integers(0, 2_000)), max_size=8))
def test_nobody_but_host_and_panelists_is_in_practice(steps: list[tuple[object, int]]) -> None:
    room = Room(EVENT, 0)
    now = 0
    for number, (shown, passed) in enumerate(steps, 10):
        now += passed
        here = ticket(number, may_host=shown is HOST, panelist=shown is not GUEST)
        if room.door(here, now) is Door.IN:
            room.enter(here, now)
        if room.practice:
            assert all(each.staff for each in room.members.values())


def test_a_room_locks_itself() -> None:
    room = Room(RULES._replace(auto_lock=300), 0)
    room.enter(HOST, 100)
    locked = []
    for now in (399, 400):
        room.may_enter_now(now)
        locked.append(room.locked)
    assert locked == [False, True]
    # Whoever opens it again has it open.
    room.locked = False
    room.may_enter_now(900)
    assert not room.locked


def test_before_the_host_the_first_may_present() -> None:
    room = Room(RULES._replace(first_presents=True), 0)
    first, second = room.enter(ticket(5)), room.enter(ticket(6))
    assert (first.presenter, second.presenter) == (True, False)
    assert room.rights(first).share
    host = room.enter(HOST)
    assert (host.host, first.presenter) == (True, True)
    assert not Room(RULES, 0).enter(ticket(5)).presenter


def test_a_room_that_needs_its_host_lets_nobody_in_without() -> None:
    room = Room(RULES._replace(host_needed=True), 0)
    host = room.enter(HOST)
    assert room.door(GUEST, 0) is Door.IN
    room.leave(host.id)
    assert room.door(GUEST, 0) is Door.HOST


@pytest.mark.parametrize(
    ("share", "may", "windows"), [("all", True, False), ("windows", True, True), ("nothing", False, False)]
)
def test_what_may_be_shared(share: str, may: bool, windows: bool) -> None:
    play = Play(0, RULES._replace(share=share))  # type: ignore[arg-type]
    rights = play.room.rights(play.host)
    assert (rights.share, rights.windows) == (may, windows)
    play.say(play.host, m.State(mic=False, camera=False, sharing=True))
    assert play.host.sharing is may


def test_attendees_without_cameras_and_muted_at_first() -> None:
    play = Play(1, RULES._replace(attendee_video=False, muted=True))
    other = play.others[0]
    for each in (play.host, other):
        play.say(each, m.State(mic=True, camera=True, sharing=False))
    assert (play.host.camera, other.camera, other.mic) == (True, False, True)
    assert (play.room.welcome(play.host, "").muted, play.room.welcome(other, "").muted) == (False, True)


def test_sealed_messages_go_to_one_person_only() -> None:
    play = Play(2)
    first, second = play.others
    assert play.say(first, m.Sealed(second.id, "a.b")) == {second.id: [m.Opened(first.id, "a.b")]}
    assert play.say(first, m.Sealed(99, "a.b")) == {}
    key = "B" * 87
    member = play.room.enter(ticket(9), key=key)
    assert {each.id: each.key for each in play.room.welcome(first, "").members}[member.id] == key
