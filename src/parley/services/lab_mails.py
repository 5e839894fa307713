"""What people are told about labs that they reserved: rows for the outbox.

Source: facts/training-history.md 1.9 (sendMail of ReserveLab).
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.domain.identifiers import new_outbox_id
from parley.store import Changes, outbox
from parley.store.outbox import Message

#: The kinds of messages about labs.
LAB_RESERVED: Final = "lab.reserved"
LAB_ENDING: Final = "lab.ending"
LAB_CANCELLED: Final = "lab.cancelled"


class LabNotice(msgspec.Struct, omit_defaults=True):
    """The document of an outbox row about computers of a lab.

    Attributes:
        name: topic of the reservation.
        starts_at: UTC epoch seconds; it lasts `minutes`.
        time_zone_id: for readers without an account.
        reservation_id: the reservation that has to be there still when the mail goes out; 0: whether or not.
    """

    name: str
    lab: str
    computers: int
    starts_at: int
    minutes: int
    time_zone_id: int
    person: str | None = None
    reservation_id: int = 0


def lab_reserved(changes: Changes, site_id: int, recipient: str, notice: LabNotice, now: int) -> None:
    """Tell whoever reserved a lab that it is reserved; `now` in UTC epoch seconds."""
    _put(changes, LAB_RESERVED, site_id, recipient, notice, now, now)


def lab_ending(changes: Changes, site_id: int, recipient: str, notice: LabNotice, now: int, due_at: int) -> None:
    """Warn whoever has computers of a lab at `due_at` that the time ends; not when the reservation is gone by then."""
    _put(changes, LAB_ENDING, site_id, recipient, notice, now, due_at)


def lab_cancelled(changes: Changes, site_id: int, recipient: str, notice: LabNotice, now: int) -> None:
    """Tell whoever reserved a lab that there is no such lab any more."""
    _put(changes, LAB_CANCELLED, site_id, recipient, notice, now, now)


def _put(changes: Changes, kind: str, site_id: int, recipient: str, notice: LabNotice, now: int, due_at: int) -> None:
    message = Message(
        site_id=site_id,
        outbox_id=new_outbox_id(),
        kind=kind,
        recipient=recipient,
        document=msgspec.json.encode(notice).decode(),
        created_at=now,
        due_at=max(due_at, now),
    )
    outbox.put(changes, [message])
