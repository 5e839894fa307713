"""The note of a room: one text, which everybody writes together or one person for all.

A change says which version it was made of. When others changed the text meanwhile, both changes are put together as
`merged` does; static/room/notes.js has the same function, so that browsers show what the server has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from parley.rooms import messages as m
from parley.rooms.features import Company, Handler
from parley.rooms.words import _

if TYPE_CHECKING:
    from parley.rooms.room import Member

#: Earlier texts that are kept; whoever is further behind gets the whole text and tries again.
KEPT: Final = 30


class Splice(NamedTuple):
    """What stood from `start` to `end` is now `text`."""

    start: int
    end: int
    text: str

    def on(self, text: str) -> str:
        """A text with this change."""
        return text[: self.start] + self.text + text[self.end :]


def difference(before: str, after: str) -> Splice:
    """The smallest single change that makes one text of another."""
    start, most = 0, min(len(before), len(after))
    while start < most and before[start] == after[start]:
        start += 1
    tail = 0
    while tail < most - start and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return Splice(start, len(before) - tail, after[start : len(after) - tail])


def merged(base: str, mine: str, theirs: str) -> str:
    """Two changes of one text put together. What both wrote stays; where they overlap, mine follows theirs."""
    if mine == base:
        return theirs
    if theirs in (base, mine):
        return mine
    ours, other = difference(base, mine), difference(base, theirs)
    shift = len(other.text) - (other.end - other.start)
    if ours.end <= other.start and ours.start < other.start:
        return ours.on(theirs)
    if ours.start >= other.end:
        return Splice(ours.start + shift, ours.end + shift, ours.text).on(theirs)
    after = other.start + len(other.text)
    rest = max(ours.end, other.end) + shift
    return Splice(after, rest, ours.text).on(theirs)


class Notes:
    """The note of a room."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._texts = [""]
        self._version = 0
        self._taker: int | None = None
        self._handlers: dict[type, Handler] = {m.Note: self._write, m.Taker: self._name}

    @property
    def handlers(self) -> Mapping[type, Handler]:
        """What takes which message."""
        return self._handlers

    @property
    def text(self) -> str:
        """The note as it is."""
        return self._texts[-1]

    def may_write(self, member: Member) -> bool:
        """Whether somebody writes the note: everybody but those who only watch, or the one who takes it."""
        if self._company.rules.notes == "none" or member.viewer:
            return False
        return self._company.rules.notes == "all" or self._takes(member)

    def _takes(self, member: Member) -> bool:
        named = self._company.members.get(self._taker) if self._taker is not None else None
        return member.host if named is None else named is member

    def told(self, member: Member) -> m.NoteState | None:
        """The whole note; None where there is none."""
        if self._company.rules.notes == "none":
            return None
        taker = None
        if self._company.rules.notes == "one":
            taker = next((each.id for each in self._company.members.values() if self._takes(each)), None)
        return m.NoteState(self._version, self.text, taker)

    def look_again(self, member: Member) -> None:
        """Tell somebody the note."""
        if self._version or self._company.rules.notes == "one":
            self._show_to(member)

    def _show_to(self, member: Member) -> None:
        state = self.told(member)
        if state is not None:
            self._company.tell(member, state)

    def host_changed(self) -> None:
        """The host takes the note where nobody else was named."""
        if self._company.rules.notes == "one" and self._taker not in self._company.members:
            for each in self._company.members.values():
                self.look_again(each)

    def _write(self, member: Member, message: m.Said, now_ms: int) -> None:
        assert isinstance(message, m.Note)  # noqa: S101  # the table says so
        if not self.may_write(member):
            self._company.refuse(member, "notes", _("Somebody else takes the note."))
            return
        behind = self._version - message.base
        if not 0 <= behind < len(self._texts):
            self._show_to(member)
            return
        base = self._texts[-1 - behind]
        text = "".join(c for c in message.text if c.isprintable() or c in "\n\t")
        if not message.start <= message.end <= len(base):
            self._show_to(member)
            return
        whole = merged(base, Splice(message.start, message.end, text).on(base), self.text)
        if len(whole) > m.MOST_NOTE:
            self._company.refuse(member, "notes", _("The note is full."))
            self._show_to(member)
            return
        change = difference(self.text, whole)
        self._version += 1
        self._texts.append(whole)
        del self._texts[:-KEPT]
        told = m.Noted(self._version, *change, member.id)
        for each in self._company.members.values():
            self._company.tell(each, told)

    def _name(self, member: Member, message: m.Said, now_ms: int) -> None:
        assert isinstance(message, m.Taker)  # noqa: S101
        chosen = self._company.members.get(message.member)
        if not member.host or self._company.rules.notes != "one":
            self._company.refuse(member, "notes", _("Only the host can do that."))
            return
        if chosen is None or chosen.viewer:
            return
        self._taker = chosen.id
        for each in self._company.members.values():
            self.look_again(each)
        self._company.tell_rights()
