"""What programs know of the meetings they made: what was acknowledged, and what may or may not have happened."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import NamedTuple


class State(NamedTuple):
    """What a meeting looks like: its name, and the addresses of its people."""

    mark: str
    people: frozenset[str] = frozenset()


@dataclass(slots=True)
class Meeting:
    """A meeting that was acknowledged.

    Attributes:
        state: what the last SUCCESS was for; None: the meeting was deleted.
        maybe: what it may be instead, since a change got no clear answer; None: it may be gone.
        invited: addresses that were to get an invitation when it was made.
    """

    key: str
    state: State | None
    maybe: list[State | None] = field(default_factory=list)
    invited: frozenset[str] = frozenset()


class Ledger:
    """The meetings of all programs. A meeting is borrowed for a request, so no two requests are about the same one.

    Args:
        chance: draws the meetings.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._free: list[Meeting] = []
        self.meetings: dict[str, Meeting] = {}
        self.unanswered: dict[str, frozenset[str]] = {}
        """Meetings that may have been created: people by mark."""

    def __len__(self) -> int:
        return len(self.meetings)

    def borrow(self) -> Meeting | None:
        """One of the meetings of which all is clear; None: there is none."""
        if not self._free:
            return None
        place = self._chance.randrange(len(self._free))
        self._free[place], self._free[-1] = self._free[-1], self._free[place]
        return self._free.pop()

    def give_back(self, meeting: Meeting) -> None:
        """End of a request about it. What is in doubt or gone is not lent again."""
        if meeting.state is not None and not meeting.maybe:
            self._free.append(meeting)

    def created(self, key: str, state: State, invited: frozenset[str]) -> None:
        """A meeting was acknowledged."""
        self.unanswered.pop(state.mark, None)
        self.meetings[key] = meeting = Meeting(key, state, invited=invited)
        self._free.append(meeting)

    @property
    def alive(self) -> list[Meeting]:
        """Meetings that have to be there."""
        return [each for each in self.meetings.values() if each.state is not None and None not in each.maybe]

    @property
    def deleted(self) -> list[Meeting]:
        """Meetings that have to be gone."""
        return [each for each in self.meetings.values() if each.state is None]

    @property
    def doubtful(self) -> list[Meeting]:
        """Meetings about which a request got no clear answer."""
        return [each for each in self.meetings.values() if each.maybe]
