"""Questions and answers: who asks, who answers, and who reads what."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.rooms import messages as m
from parley.rooms.questions import MOST_ANSWERS, MOST_OPEN, MOST_QUESTIONS
from tests.rooms.playing import RULES, Play, kinds, ticket


def seen(play: Play, member: Any) -> list[tuple[str, list[str]]]:
    """Questions and answers as somebody has them who comes back."""
    found = play.room.welcome(member, "").questions
    return [(each.text, [answer.text for answer in each.answers]) for each in found]


def test_private_and_public_answers() -> None:
    play = Play(2)
    asker, other = play.others
    told = play.say(asker, m.Ask(" <b>Why</b>?\x00 "))
    assert {key: each[0].text for key, each in told.items()} == {play.host.id: "<b>Why</b>?", asker.id: "<b>Why</b>?"}
    assert (told[asker.id][0].own, told[play.host.id][0].own) == (True, False)
    assert set(play.say(play.host, m.Reply(1, "Because.", private=True))) == {play.host.id, asker.id}
    assert seen(play, other) == []
    assert set(play.say(play.host, m.Reply(1, "For all: because."))) == {play.host.id, asker.id, other.id}
    assert seen(play, other) == [("<b>Why</b>?", ["For all: because."])]
    assert seen(play, asker) == [("<b>Why</b>?", ["Because.", "For all: because."])]
    told = play.say(play.host, m.Dismiss(1))
    assert kinds(told[other.id]) == ["Removed"]
    assert seen(play, other) == []
    assert told[asker.id][0].state == "dismissed"


def test_panelists_answer_attendees_do_not() -> None:
    play = Play(2)
    asker, other = play.others
    panelist = play.room.enter(ticket(9, panelist=True))
    play.say(asker, m.Ask("Why?"))
    assert play.code(other, m.Reply(1, "Because.")) == "questions"
    assert play.code(other, m.Dismiss(1)) == "questions"
    assert play.code(panelist, m.Reply(1, "Because.")) is None
    play.say(asker, m.Ask("When?"))
    assert play.code(asker, m.Dismiss(2)) is None
    assert play.room.welcome(asker, "").questions[1].state == "dismissed"


def test_whoever_becomes_presenter_sees_all() -> None:
    play = Play(2)
    asker, other = play.others
    play.say(asker, m.Ask("Why?"))
    told = play.say(play.host, m.Present(other.id))[other.id]
    assert [len(each.questions) for each in told if isinstance(each, m.Questions)] == [1]
    told = play.say(play.host, m.Present(play.host.id))[other.id]
    assert [len(each.questions) for each in told if isinstance(each, m.Questions)] == [0]


def test_names_stay_hidden_where_the_list_is() -> None:
    play = Play(2, RULES._replace(attendee_list=False))
    asker, other = play.others
    play.say(asker, m.Ask("Why?"))
    told = play.say(play.host, m.Reply(1, "Because."))
    assert {key: each[0].name for key, each in told.items()} == {
        play.host.id: "Person 2",
        asker.id: "Person 2",
        other.id: "",
    }
    watching = Play(2, viewer=True)
    watching.say(watching.others[0], m.Ask("Why?"))
    told = watching.say(watching.host, m.Reply(1, "Because."))
    assert told[watching.others[1].id][0].name == ""


def test_questions_are_bounded() -> None:
    play = Play(1)
    asker = play.others[0]
    for _ in range(MOST_OPEN):
        assert play.code(asker, m.Ask("Why?")) is None
    assert play.code(asker, m.Ask("Why?")) == "questions"
    for _ in range(MOST_ANSWERS):
        assert play.code(play.host, m.Reply(1, "Because.")) is None
    assert play.code(play.host, m.Reply(1, "Because.")) == "questions"
    for number in range(2, MOST_QUESTIONS + 5):
        play.say(play.host, m.Dismiss(number))
        play.say(asker, m.Ask(f"Question {number}"))
    assert len(play.room.welcome(play.host, "").questions) <= MOST_QUESTIONS
    off = Play(1, RULES._replace(questions=False))
    assert off.code(off.others[0], m.Ask("Why?")) == "questions"
    assert not off.room.rights(off.host).answer


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.one_of(
                st.builds(m.Ask, st.text(min_size=1, max_size=4)),
                st.builds(m.Reply, st.integers(1, 4), st.just("secret"), st.just(True)),
                st.builds(m.Reply, st.integers(1, 4), st.just("public")),
                st.builds(m.Dismiss, st.integers(1, 4)),
                st.builds(m.Present, st.integers(1, 4)),
            ),
        ),
        max_size=30,
    )
)
def test_nobody_reads_what_is_not_for_him(steps: list[tuple[int, Any]]) -> None:
    play = Play(3)
    people = [play.host, *play.others]
    has: dict[int, dict[int, Any]] = {each.id: {} for each in people}
    for who, message in steps:
        for member_id, told in play.say(people[who], message).items():
            for each in told:
                if isinstance(each, m.Questions):
                    has[member_id] = {question.id: question for question in each.questions}
                elif isinstance(each, m.QuestionView):
                    has[member_id][each.id] = each
                elif isinstance(each, m.Removed):
                    has[member_id].pop(each.id, None)
        for each in people:
            # What was told bit by bit is what somebody gets who comes back.
            assert [has[each.id][number] for number in sorted(has[each.id])] == play.room.welcome(each, "").questions
            for question in has[each.id].values():
                if not (question.own or each.staff):
                    assert question.answers
                    assert all(answer.text == "public" for answer in question.answers)
