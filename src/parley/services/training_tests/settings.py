"""How a test of a session is taken: the settings column, and what goes with it.

Source: facts/training-history.md 1.8 (SetScheduledTest).
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.domain.tests import Delivery, State, end_of_attempt, state_of
from parley.store.training_tests import Attempt, StoredTest


class Notices(msgspec.Struct, omit_defaults=True, frozen=True):
    """Which mails go out about a test that is taken on the site.

    Attributes:
        invite: those invited to the session get their link.
        after_start: and a reminder when the test opens.
        before: seconds before the end at which they are reminded; None: not at all.
        registrants: those who registered get the same mails.
        submits: the host is told of every test that is handed in.
    """

    invite: bool = False
    after_start: bool = False
    before: int | None = None
    registrants: bool = False
    submits: bool = False


class Settings(msgspec.Struct, omit_defaults=True, frozen=True):
    """How a test is taken.

    Attributes:
        minutes: how long an attempt may last; None: without limit.
        attempts: how often somebody may take it; None: without limit.
        report: people see their score, and get it by mail.
        notices: mails about the test.
    """

    minutes: int | None = None
    attempts: int | None = 1
    report: bool = True
    notices: Notices = Notices()


_read: Final = msgspec.json.Decoder(Settings).decode


def settings_of(test: StoredTest) -> Settings:
    """The settings of a test."""
    return _read(test.settings)


def write_settings(settings: Settings) -> str:
    """The text for the settings column."""
    return msgspec.json.encode(settings).decode()


def delivery_of(test: StoredTest) -> Delivery:
    """Where a test is taken."""
    return Delivery(test.delivery)


def state(test: StoredTest, now: int) -> State:
    """How far a test is; `now` in UTC epoch seconds."""
    return state_of(test.opens_at, test.closes_at, now)


def end_of(test: StoredTest, attempt: Attempt) -> int | None:
    """When the time of an attempt is over, UTC epoch seconds; None: never."""
    return end_of_attempt(attempt.started_at, settings_of(test).minutes, test.closes_at)
