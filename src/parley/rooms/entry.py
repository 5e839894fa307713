"""Who may enter a room, and as what: the only place for these rules.

`ask` looks at what a session wants of a person, before there is a token; `door` at what the room allows at the moment.
Sources: facts/meeting-event.md 1 (openTime, participantLimit, registration, joinRequiresAccount), facts/versions.md
42.1.0 (webinars with attendees who only watch); where these say nothing, docs/fidelity.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal, NamedTuple

from parley.domain.visibility import Standing
from parley.rooms.recording import RecordingRules


class Rules(NamedTuple):
    """What a session says of who may enter.

    Attributes:
        start: of the occurrence that runs or comes next, UTC epoch seconds.
        over: it has taken place for the last time and does not run.
        open_before: seconds before the start from which on people come in without the host; None: never without.
        limit: how many may be in the room; 0 is without limit.
        view_only: attendees only watch.
        chat_all, chat_host, chat_presenter: whom attendees may write to.
        attendee_list: attendees see each other's names.
        end_to_end: nobody but the people in the room can decrypt what is said, so it never goes through a media server.
        recording: who may record it.
        polls, questions: there are any.
        notes: who writes the note: nobody (there is none), everybody, or one person.
        share: what presenters may share of their screens.
        practice: host and panelists meet before the start, and the others come in when the host begins.
        attendee_video: attendees may have cameras on.
        muted: people come in muted.
        first_presents: the first who comes in before the host is presenter.
        host_needed: whenever the host is out, newcomers wait.
        auto_lock: seconds after the host came after which the room locks itself; None: it does not.
    """

    name: str
    host_key: str
    start: int
    over: bool = False
    open_before: int | None = None
    limit: int = 0
    needs_account: bool = False
    needs_password: bool = False
    needs_registration: bool = False
    view_only: bool = False
    chat_all: bool = True
    chat_host: bool = True
    chat_presenter: bool = True
    attendee_list: bool = True
    end_to_end: bool = False
    recording: RecordingRules = RecordingRules()
    polls: bool = True
    questions: bool = True
    notes: Literal["none", "all", "one"] = "all"
    share: Literal["nothing", "windows", "all"] = "all"
    practice: bool = False
    attendee_video: bool = True
    muted: bool = False
    first_presents: bool = False
    host_needed: bool = False
    auto_lock: int | None = None


class Proof(NamedTuple):
    """What somebody showed.

    Attributes:
        standing: what the account is to the session.
        account: signed in.
        password: knows the session's password.
        listed: is on the session's list and let in.
        panelist: is listed as presenter.
        panel: knows the panelists' password, which stands for all else.
    """

    standing: Standing = Standing.STRANGER
    account: bool = False
    password: bool = False
    listed: bool = False
    panelist: bool = False
    panel: bool = False


class Wanted(StrEnum):
    """What is missing before somebody may come."""

    ACCOUNT = "account"
    PASSWORD = "password"  # noqa: S105  # the name of what is missing
    REGISTRATION = "registration"
    OVER = "over"


class Place(NamedTuple):
    """As what somebody may come."""

    may_host: bool
    panelist: bool
    viewer: bool


def ask(rules: Rules, proof: Proof) -> Place | Wanted:
    """Whether somebody may come at all, and as what; what is missing otherwise."""
    host = proof.standing is Standing.HOST
    if host:
        return Place(may_host=True, panelist=True, viewer=False)
    if rules.over:
        return Wanted.OVER
    if proof.panel:
        return Place(may_host=False, panelist=True, viewer=False)
    if rules.needs_account and not proof.account:
        return Wanted.ACCOUNT
    if rules.needs_registration and not proof.listed:
        return Wanted.REGISTRATION
    # Whoever is on the list and signed in, or has a registration ID, needs no password besides.
    known = proof.standing is Standing.TRUSTED or (rules.needs_registration and proof.listed)
    if rules.needs_password and not (proof.password or known):
        return Wanted.PASSWORD
    return Place(may_host=False, panelist=proof.panelist, viewer=rules.view_only and not proof.panelist)


class Door(StrEnum):
    """What happens to somebody with a ticket at the moment."""

    IN = "in"
    HOST = "host"
    """Waits until the host comes."""
    ADMIT = "admit"
    """Waits until the host lets him in."""
    FULL = "full"


#: More people than that are in no room, whatever the session says.
MOST_MEMBERS: Final = 1_000
MOST_WAITING: Final = 500


def door(
    rules: Rules,
    *,
    may_host: bool,
    host_came: bool,
    locked: bool,
    inside: int,
    waiting: int,
    now: int,
    practice: bool = False,
    begun: bool = True,
    panelist: bool = False,
) -> Door:
    """What happens to a newcomer.

    Args:
        host_came: the host is in the room or was; where he is needed: he is in it.
        practice: host and panelists practise at the moment.
        begun: it has begun for everybody.
        inside, waiting: people in the room and before it.
        now: UTC epoch seconds.
    """
    if may_host:
        return Door.IN if inside < MOST_MEMBERS else Door.FULL
    opened = rules.open_before is not None and now >= rules.start - rules.open_before
    early = rules.practice and not begun and now < rules.start and not opened
    if not (host_came or opened) or (not panelist and (practice or early)):
        return Door.HOST if waiting < MOST_WAITING else Door.FULL
    if locked:
        return Door.ADMIT if waiting < MOST_WAITING else Door.FULL
    most = min(rules.limit or MOST_MEMBERS, MOST_MEMBERS)
    return Door.IN if inside < most else Door.FULL
