"""Polls: who prepares and answers them, who sees what, and that everybody has one vote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.rooms import messages as m
from parley.rooms.polls import MOST_POLLS
from tests.rooms.playing import RULES, Play, kinds, ticket

POLL = m.SavePoll("Which day?", ["Monday", "Tuesday", "Friday"])


def opened(play: Play, poll: m.SavePoll = POLL) -> None:
    play.say(play.host, poll)
    play.say(play.host, m.MovePoll(1, "open"))


def test_a_poll_from_draft_to_shared_results() -> None:
    play = Play(2)
    first, second = play.others
    assert set(play.say(play.host, POLL)) == {play.host.id}
    told = play.say(play.host, m.MovePoll(1, "open"))
    assert {key: each[0].counts for key, each in told.items()} == {
        play.host.id: [0, 0, 0],
        first.id: None,
        second.id: None,
    }
    told = play.say(first, m.Vote(1, [1]))
    assert told[first.id][0].mine == [1]
    assert told[play.host.id][0].counts == [0, 1, 0]
    assert second.id not in told
    play.say(first, m.Vote(1, [2]))
    play.say(second, m.Vote(1, [2]))
    assert play.room.welcome(play.host, "").polls[0].counts == [0, 0, 2]
    told = play.say(play.host, m.MovePoll(1, "closed"))
    assert told[first.id][0].counts is None
    assert play.code(first, m.Vote(1, [0])) == "poll"
    told = play.say(play.host, m.MovePoll(1, "shared"))
    assert (told[first.id][0].counts, told[first.id][0].voters) == ([0, 0, 2], 2)
    assert play.say(play.host, m.MovePoll(1, "hidden"))[first.id][0].counts is None
    told = play.say(play.host, m.MovePoll(1, "gone"))
    assert {key: kinds(each) for key, each in told.items()} == {key: ["Removed"] for key in play.room.members}
    assert play.room.welcome(first, "").polls == []


def test_results_are_not_shared_before_the_end() -> None:
    play = Play(1)
    opened(play)
    told = play.say(play.host, m.MovePoll(1, "shared"))
    assert told[play.others[0].id][0].counts is None


def test_whoever_becomes_presenter_manages_them_and_no_longer_afterwards() -> None:
    play = Play(1)
    other = play.others[0]
    play.say(play.host, POLL)
    assert play.code(other, POLL) == "poll"
    told = play.say(play.host, m.Present(other.id))[other.id]
    assert [each.polls[0].state for each in told if isinstance(each, m.Polls)] == ["draft"]
    assert play.code(other, m.MovePoll(1, "open")) is None
    told = play.say(play.host, m.Present(play.host.id))[other.id]
    assert [each.polls[0].counts for each in told if isinstance(each, m.Polls)] == [None]


@pytest.mark.parametrize("choices", [[], [3], [0, 1], [11]], ids=["none", "no such option", "two of one", "far beyond"])
def test_what_is_no_vote(choices: list[int]) -> None:
    play = Play(1)
    opened(play)
    assert play.code(play.others[0], m.Vote(1, choices)) == "poll"
    assert play.room.welcome(play.host, "").polls[0].voters == 0


def test_one_vote_a_person_whatever_the_window() -> None:
    play = Play(0)
    opened(play)
    first = play.room.enter(ticket(7, user_id=5))
    play.say(first, m.Vote(1, [0]))
    play.room.leave(first.id)
    again = play.room.enter(ticket(8, user_id=5))
    assert play.room.welcome(again, "").polls[0].mine == [0]
    play.say(again, m.Vote(1, [1]))
    assert play.room.welcome(play.host, "").polls[0].counts == [0, 1, 0]


def test_polls_are_bounded_and_can_be_switched_off() -> None:
    play = Play(0)
    for _ in range(MOST_POLLS):
        assert play.code(play.host, POLL) is None
    assert play.code(play.host, POLL) == "poll"
    off = Play(1, RULES._replace(polls=False))
    assert off.code(off.host, POLL) == "poll"
    rights = off.room.rights(off.others[0])
    assert (rights.vote, rights.polls) == (False, False)


@pytest.mark.parametrize(
    "poll",
    [
        m.SavePoll(" ", ["a", "b"]),
        m.SavePoll("x", ["a", " a "]),
        m.SavePoll("x", ["a", "\x00"]),
        m.SavePoll("x", ["a", "b"], poll=9),
    ],
)
def test_what_is_no_poll(poll: m.SavePoll) -> None:
    play = Play(0)
    assert play.code(play.host, poll) == "poll"


@settings(max_examples=150, deadline=None)
@given(
    st.booleans(),
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.one_of(
                st.builds(m.Vote, st.integers(1, 2), st.lists(st.integers(0, 3), max_size=4)),
                st.builds(
                    m.MovePoll, st.integers(1, 2), st.sampled_from(["open", "closed", "shared", "hidden", "gone"])
                ),
                st.just(POLL),
            ),
        ),
        max_size=30,
    ),
)
def test_what_always_holds_of_votes(multiple: bool, steps: list[tuple[int, Any]]) -> None:
    play = Play(3)
    opened(play, m.SavePoll("Which?", ["a", "b", "c"], multiple))
    people = [play.host, *play.others]
    for who, message in steps:
        play.say(people[who], message)
        for each in people:
            for view in play.room.welcome(each, "").polls:
                assert view.counts is None or (
                    view.voters is not None and max(view.counts) <= view.voters <= len(people)
                )
                assert len(view.mine) <= (len(view.options) if view.multiple else 1)
                assert each is play.host or (view.state != "draft" and (view.counts is None or view.shared))
                assert not view.shared or view.state == "closed"
