"""How many people were at a session at which time, for charts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

_MINUTE: Final = 60


class Attendance(NamedTuple):
    """The people present over time, in slots of the same length.

    Attributes:
        start: when the first slot begins (UTC epoch seconds).
        slot: the length of each, in seconds; whole minutes.
        present: of every slot the most people that were there at one time.
    """

    start: int
    slot: int
    present: list[int]

    @property
    def end(self) -> int:
        """When the last slot is over."""
        return self.start + self.slot * len(self.present)


def attendance(stays: Sequence[tuple[int, int]], start: int, end: int, most_slots: int) -> Attendance:
    """Count the people present, minute by minute, or in longer slots when there are too many minutes.

    Who leaves in the second in which another comes was not there together with him, as in `domain.history.peak`.

    Args:
        stays: when people came and left (UTC epoch seconds).
        start, end: of the session; what lies outside of them widens the time.
        most_slots: at least 1.
    """
    begin = min([start, *(came for came, _left in stays)])
    close = max([end, begin + 1, *(left for _came, left in stays)])
    minutes = -(-(close - begin) // _MINUTE)
    slot = -(-minutes // most_slots) * _MINUTE
    present = [0] * -(-(close - begin) // slot)
    here, done = 0, 0
    for moment, came, left, passed in _moments(stays):
        place = min((moment - begin) // slot, len(present) - 1)
        for each in range(done + 1, place):
            present[each] = here
        # In the slot itself the people so far only count when they saw something of it.
        if place > done and moment > begin + place * slot:
            present[place] = here
        if place > done:
            done = place
        here += came - left
        present[place] = max(present[place], here + passed)
    for each in range(done + 1, len(present)):
        present[each] = here
    return Attendance(begin, slot, present)


def _moments(stays: Sequence[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Every moment at which something changes: how many come to stay, how many leave, how many only look in."""
    steps: list[tuple[int, int, int, int]] = []
    for came, left in stays:
        if left > came:
            steps += [(came, 1, 0, 0), (left, 0, 1, 0)]
        else:
            steps.append((came, 0, 0, 1))
    found = []
    for moment, group in groupby(sorted(steps), key=itemgetter(0)):
        same = list(group)
        found.append((moment, sum(each[1] for each in same), sum(each[2] for each in same), sum(e[3] for e in same)))
    return found
