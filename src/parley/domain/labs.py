"""Computers of a lab, and who has them when: reservations that overlap, and what is free in a window of time.

A reservation has its computers from its start until just before its end, so one that begins when another ends does not
overlap it. Source: facts/training-history.md 1.9.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from parley.domain.identifiers import new_uuid

#: Seconds before the end of a reservation at which whoever has the computers is told that it ends.
WARNING: Final = 15 * 60
#: The lab that every site has from the start, and its number.
MAINTENANCE_ROOM: Final = "Maintenance Room"
MAINTENANCE_ROOM_ID: Final = 1


class Lab(msgspec.Struct, frozen=True, kw_only=True):
    """A lab of a site.

    Attributes:
        computers: how many it has.
        access: how its computers are reached, in the words of the site.
        setup_key: the secret part of the address of the page that tells it.
    """

    site_id: int
    lab_id: int
    name: str
    name_key: str
    description: str = ""
    computers: int = 0
    access: str = ""
    setup_key: str = ""
    version: int = 1


def maintenance_room(site_id: int) -> Lab:
    """The lab that a new site has. It has no computers until somebody says so."""
    return Lab(
        site_id=site_id,
        lab_id=MAINTENANCE_ROOM_ID,
        name=MAINTENANCE_ROOM,
        name_key=MAINTENANCE_ROOM.casefold(),
        setup_key=new_uuid(),
    )


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """Computers of a lab that somebody has for a time; times: UTC epoch seconds.

    Attributes:
        session_key: the training that they are for; None: for no session.
        topic: what they are for.
        time_limit: minutes that one person may work at a computer; None: as long as the reservation lasts.
    """

    site_id: int
    reservation_id: int
    lab_id: int
    host_id: int
    session_key: int | None
    topic: str
    starts_at: int
    ends_at: int
    computers: int
    time_limit: int | None = None


class Window(NamedTuple):
    """A time from `start` until just before `end`, UTC epoch seconds."""

    start: int
    end: int


class Held(NamedTuple):
    """How many computers are held in a window."""

    window: Window
    computers: int


class LabWish(NamedTuple):
    """The computers that a session wants whenever it takes place: of which lab, how many."""

    lab_name: str
    computers: int


def overlap(one: Window, other: Window) -> bool:
    """Whether two windows have a moment in common."""
    return one.start < other.end and other.start < one.end


def most_held(held: Iterable[Held], window: Window) -> int:
    """The largest number of computers that are held at one moment of a window."""
    changes: list[tuple[int, int]] = []
    for each in held:
        if overlap(each.window, window):
            changes += [(max(each.window.start, window.start), each.computers), (each.window.end, -each.computers)]
    most = now = 0
    for _, change in sorted(changes):  # at one moment those that end come first: the negative ones
        now += change
        most = max(most, now)
    return most


def free_computers(computers: int, held: Iterable[Held], window: Window) -> int:
    """How many of a lab's computers are free during a whole window; 0 when more are held than there are."""
    return max(computers - most_held(held, window), 0)


def warned_at(window: Window) -> int:
    """When whoever has the computers is told that the time ends: 15 minutes before, but not before it begins."""
    return max(window.end - WARNING, window.start)
