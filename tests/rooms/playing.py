"""A room with people in it, and what each of them is told."""

from __future__ import annotations

from typing import Any

from parley.rooms.entry import Rules
from parley.rooms.room import Member, Room
from parley.rooms.tokens import Ticket

RULES = Rules(name="Round", host_key="123456", start=0)


def ticket(number: int, **more: Any) -> Ticket:
    """An entry ticket of stay `number`."""
    values = {"kind": "entry", "site_id": 1, "session_key": 2, "until": 9, "nonce": "n", "stay_id": number}
    return Ticket(**{**values, "name": f"Person {number}", **more})


class Play:
    """A room with one host and some others, and what each was told since last asked."""

    def __init__(self, others: int = 2, rules: Rules = RULES, **more: Any) -> None:
        self.room = Room(rules, 0)
        self.host = self.room.enter(ticket(1, may_host=True, panelist=True))
        self.others = [self.room.enter(ticket(number + 2, **more)) for number in range(others)]
        self.room.take()

    def say(self, member: Member, message: Any) -> dict[int, list[Any]]:
        """What everybody is told when a member says something."""
        self.room.said(member, message, 5)
        return self.told()

    def told(self) -> dict[int, list[Any]]:
        """What everybody was told, by the number of the member."""
        found: dict[int, list[Any]] = {}
        for member_id, message in self.room.take():
            found.setdefault(member_id, []).append(message)
        return found

    def code(self, member: Member, message: Any) -> str | None:
        """The code with which a message is refused; None: it is done."""
        told = self.say(member, message).get(member.id, [])
        return next((each.code for each in told if type(each).__name__ == "Refused"), None)


def kinds(messages: list[Any]) -> list[str]:
    """The names of messages."""
    return [type(each).__name__ for each in messages]
