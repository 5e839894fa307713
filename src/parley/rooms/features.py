"""What everything beside the media has in common that people do in a room: polls, questions, the note.

Each is a class of the same shape, made with the room: `handlers` says which messages it takes, `told` what somebody is
told of it who comes in or back, `look_again` tells somebody anew whose part has changed. None of them knows the clock
or the database. All are bounded in size, and everything in them ends with the room.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias

from parley.rooms import messages as m
from parley.rooms.entry import Rules

if TYPE_CHECKING:
    from parley.rooms.room import Member

#: Takes who says it, the message, and when (UTC epoch milliseconds).
Handler: TypeAlias = Callable[["Member", m.Said, int], None]


class Company(Protocol):
    """The room as its features see it."""

    rules: Rules
    members: dict[int, Member]

    def tell(self, member: Member, message: m.Told) -> None:
        """Tell somebody something."""

    def refuse(self, member: Member, code: str, text: str) -> None:
        """Tell somebody that something was not done."""

    def rights(self, member: Member) -> m.Rights:
        """What somebody may do at present."""

    def tell_rights(self) -> None:
        """Tell everybody what he may do."""


class Feature(Protocol):
    """Something that people do in a room."""

    @property
    def handlers(self) -> Mapping[type[m.Said], Handler]:
        """What takes which message."""

    def look_again(self, member: Member) -> None:
        """Tell somebody all that he sees of it, since his part has changed."""


def person_of(member: Member) -> str:
    """What says that two stays are of one person: the account, the registration, else the stay itself.

    An address that somebody typed proves nothing, so whoever comes again without account or registration counts anew.
    """
    ticket = member.ticket
    if ticket.user_id is not None:
        return f"user {ticket.user_id}"
    return f"registration {ticket.register_id}" if ticket.register_id is not None else f"stay {ticket.stay_id}"
