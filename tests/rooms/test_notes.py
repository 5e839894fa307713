"""The note: changes of several people put together, and who writes it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parley.rooms import messages as m
from parley.rooms.notes import KEPT, Splice, difference, merged
from tests.rooms.playing import RULES, Play, kinds

TEXTS = st.text(alphabet="ab🙂\n", max_size=12)


@given(TEXTS, TEXTS)
def test_a_difference_makes_one_text_of_the_other(before: str, after: str) -> None:
    assert difference(before, after).on(before) == after


@given(TEXTS, TEXTS)
def test_one_change_alone_is_kept_as_it_is(base: str, text: str) -> None:
    assert merged(base, text, base) == merged(base, base, text) == merged(base, text, text) == text


@given(TEXTS, TEXTS, st.text(alphabet="XY", max_size=4), st.text(alphabet="PQ", max_size=4), st.data())
def test_what_both_wrote_stays(first: str, last: str, mine: str, theirs: str, data: st.DataObject) -> None:
    base = first + "|" + last
    one, other = data.draw(st.integers(0, len(base))), data.draw(st.integers(0, len(base)))
    whole = merged(base, Splice(one, one, mine).on(base), Splice(other, other, theirs).on(base))
    assert mine in whole
    assert theirs in whole
    assert "".join(c for c in whole if c not in "XYPQ") == base


def test_changes_of_an_older_version_are_carried_over() -> None:
    play = Play(2)
    first, second = play.others
    play.say(first, m.Note(0, 0, 0, "one two"))
    told = play.say(second, m.Note(1, 7, 7, " three"))
    assert {key: each[0] for key, each in told.items()} == dict.fromkeys(
        play.room.members, m.Noted(2, 7, 7, " three", second.id)
    )
    told = play.say(first, m.Note(1, 0, 0, "zero "))
    assert told[second.id] == [m.Noted(3, 0, 0, "zero ", first.id)]
    assert play.room.notes.text == "zero one two three"
    note = play.room.welcome(second, "").note
    assert note is not None
    assert (note.version, note.text, note.taker) == (3, "zero one two three", None)


def test_who_is_far_behind_or_says_nonsense_gets_the_whole_note() -> None:
    play = Play(1)
    writer = play.others[0]
    for number in range(KEPT + 2):
        play.say(writer, m.Note(number, 0, 0, "x"))
    text = play.room.notes.text
    for message in (
        m.Note(0, 0, 0, "y"),
        m.Note(99, 0, 0, "y"),
        m.Note(KEPT + 2, 9, 3, "y"),
        m.Note(KEPT + 2, 0, 999, "y"),
    ):
        told = play.say(writer, message)
        assert {key: kinds(each) for key, each in told.items()} == {writer.id: ["NoteState"]}
    assert play.room.notes.text == text


def test_the_note_is_bounded() -> None:
    play = Play(1)
    writer, base = play.others[0], 0
    while play.code(writer, m.Note(base, 0, 0, "x" * m.MOST_SPLICE)) is None:
        base += 1
    assert len(play.room.notes.text) == m.MOST_NOTE
    assert base == m.MOST_NOTE // m.MOST_SPLICE


def test_one_person_takes_the_note() -> None:
    play = Play(2, RULES._replace(notes="one"))
    first, second = play.others
    assert play.code(first, m.Note(0, 0, 0, "x")) == "notes"
    assert play.code(play.host, m.Note(0, 0, 0, "By the host. ")) is None
    assert play.code(first, m.Taker(first.id)) == "notes"
    told = play.say(play.host, m.Taker(first.id))
    assert [each.taker for each in told[second.id] if isinstance(each, m.NoteState)] == [first.id]
    assert play.code(first, m.Note(1, 0, 0, "x")) is None
    assert play.code(play.host, m.Note(2, 0, 0, "x")) == "notes"
    # When the note taker goes, the host has it again.
    play.room.leave(first.id)
    assert play.room.rights(play.host).note
    play.say(play.host, m.Host(second.id))
    assert (play.room.rights(play.host).note, play.room.rights(second).note) == (False, True)


def test_who_only_watches_reads_and_where_there_is_no_note_nobody_writes() -> None:
    watching = Play(1, viewer=True)
    assert watching.code(watching.others[0], m.Note(0, 0, 0, "x")) == "notes"
    off = Play(0, RULES._replace(notes="none"))
    assert off.code(off.host, m.Note(0, 0, 0, "x")) == "notes"
    assert off.room.welcome(off.host, "").note is None
