"""Polls: host and presenter prepare, open and close them and show the results; everybody has one vote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from parley.rooms import messages as m
from parley.rooms.features import Company, Handler, person_of
from parley.rooms.words import _

if TYPE_CHECKING:
    from parley.rooms.room import Member

MOST_POLLS: Final = 50


class Poll(msgspec.Struct, eq=False):
    """A poll; `votes` are the choices of each person."""

    id: int
    question: str
    options: list[str]
    multiple: bool
    state: Literal["draft", "open", "closed"] = "draft"
    shared: bool = False
    votes: dict[str, tuple[int, ...]] = {}

    def counts(self) -> list[int]:
        """Votes for each option."""
        found = [0] * len(self.options)
        for choices in self.votes.values():
            for choice in choices:
                found[choice] += 1
        return found


class Polls:
    """The polls of a room."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._polls: dict[int, Poll] = {}
        self._last_id = 0
        self._handlers: dict[type, Handler] = {m.SavePoll: self._save, m.MovePoll: self._move, m.Vote: self._vote}

    @property
    def handlers(self) -> Mapping[type, Handler]:
        """What takes which message."""
        return self._handlers

    def told(self, member: Member) -> list[m.PollView]:
        """All polls that somebody sees, as he sees them."""
        return [view for each in self._polls.values() if (view := self._view(each, member)) is not None]

    def look_again(self, member: Member) -> None:
        """Tell somebody all that he sees of the polls."""
        if self._polls:
            self._company.tell(member, m.Polls(self.told(member)))

    def _view(self, poll: Poll, member: Member) -> m.PollView | None:
        manages = self._company.rights(member).polls
        if poll.state == "draft" and not manages:
            return None
        sees = manages or poll.shared
        return m.PollView(
            id=poll.id,
            question=poll.question,
            options=poll.options,
            multiple=poll.multiple,
            state=poll.state,
            shared=poll.shared,
            mine=list(poll.votes.get(person_of(member), ())),
            counts=poll.counts() if sees else None,
            voters=len(poll.votes) if sees else None,
        )

    def _show(self, poll: Poll) -> None:
        for each in self._company.members.values():
            view = self._view(poll, each)
            if view is not None:
                self._company.tell(each, view)

    def _managed(self, member: Member) -> bool:
        if not self._company.rights(member).polls:
            self._company.refuse(member, "poll", _("Only host and presenter can do that."))
            return False
        return True

    def _save(self, member: Member, message: m.Said, now_ms: int) -> None:
        assert isinstance(message, m.SavePoll)  # noqa: S101  # the table says so
        if not self._managed(member):
            return
        question, options = m.clean(message.question), [m.clean(each) for each in message.options]
        if not question or not all(options) or len(set(options)) < len(options):
            self._company.refuse(member, "poll", _("A poll has a question, and options that differ."))
            return
        poll = self._polls.get(message.poll) if message.poll is not None else None
        if poll is None and (message.poll is not None or len(self._polls) >= MOST_POLLS):
            text = _("That poll is not there any more.") if message.poll is not None else _("There are too many polls.")
            self._company.refuse(member, "poll", text)
            return
        if poll is None:
            self._last_id += 1
            poll = self._polls[self._last_id] = Poll(self._last_id, question, options, message.multiple)
        elif poll.state != "draft":
            self._company.refuse(member, "poll", _("A poll that was opened stays as it is."))
            return
        poll.question, poll.options, poll.multiple = question, options, message.multiple
        self._show(poll)

    def _move(self, member: Member, message: m.Said, now_ms: int) -> None:
        assert isinstance(message, m.MovePoll)  # noqa: S101
        poll = self._polls.get(message.poll)
        if not self._managed(member) or poll is None:
            return
        if message.to == "gone":
            del self._polls[poll.id]
            for each in self._company.members.values():
                self._company.tell(each, m.Removed("poll", poll.id))
            return
        if message.to in ("open", "closed"):
            if message.to == "closed" and poll.state == "draft":
                return
            poll.state, poll.shared = message.to, False
        elif poll.state == "closed":
            poll.shared = message.to == "shared"
        self._show(poll)

    def _vote(self, member: Member, message: m.Said, now_ms: int) -> None:
        assert isinstance(message, m.Vote)  # noqa: S101
        poll = self._polls.get(message.poll)
        if poll is None or poll.state != "open":
            self._company.refuse(member, "poll", _("This poll is closed."))
            return
        choices = tuple(sorted(set(message.choices)))
        if not choices or choices[-1] >= len(poll.options) or (len(choices) > 1 and not poll.multiple):
            self._company.refuse(member, "poll", _("That is no choice of this poll."))
            return
        poll.votes[person_of(member)] = choices
        for each in self._company.members.values():
            if each is member or self._company.rights(each).polls:
                view = self._view(poll, each)
                if view is not None:
                    self._company.tell(each, view)
