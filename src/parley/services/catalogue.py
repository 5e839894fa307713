"""All services. Importing this module enters every operation into the register."""

from parley.services import (
    address_book,
    attendee,
    event,
    general_session,
    history,
    labs,
    meeting,
    meetingtype,
    one_click,
    sales,
    site,
    support,
    teleconference,
    training,
    training_tests,
    user,
)

__all__ = [
    "address_book",
    "attendee",
    "event",
    "general_session",
    "history",
    "labs",
    "meeting",
    "meetingtype",
    "one_click",
    "sales",
    "site",
    "support",
    "teleconference",
    "training",
    "training_tests",
    "user",
]
