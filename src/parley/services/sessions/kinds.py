"""Kinds of sessions: how the contract of each says what all have in common.

A kind is found for a session by the session's service and type; whatever works on sessions of any kind (deleting,
registering, GetSessionInfo) asks it instead of knowing the contracts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, NamedTuple, TypeVar

import msgspec

from parley.contract.attendee import AttendeeType
from parley.contract.common import PsoFieldsType, TrackingType
from parley.contract.ep import EnableOptionsType, GetSessionInfoResponseTelephony
from parley.contract.service import MeetingAssistType
from parley.domain.labs import LabWish
from parley.domain.listing import Listing
from parley.domain.notices import NOTHING, Wanted
from parley.domain.recurrence import Change
from parley.domain.registration import Registration
from parley.domain.reminders import FollowUp, Wish
from parley.domain.schedule import Asked
from parley.domain.session import Session
from parley.domain.site import SessionType, SiteSettings
from parley.protocol import faults
from parley.services.session_types import AUDIO_PREFIX
from parley.services.sessions.stored import StoredSession

#: hostType of every answer seen (facts/versions.md 3, GetMeeting).
HOST_TYPE: Final = "1019001"
#: Every role that people on a session's list have.
ALL_ROLES: Final = frozenset({"ATTENDEE", "PRESENTER", "HOST", "LIMITED"})


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says of a session, in the words that all kinds share; None is what it does not say.

    Attributes:
        host: webExID of the account that is to hold the session.
        listing: as the request leaves it, the site's rules applied.
        password: the new password; `enforce_password` False leaves the site's criteria aside.
        registration: people have to register; already merged with what was kept.
        tracking, account, opportunity: as they are to be kept; already merged with what was kept.
        people: everybody whom the request puts on the list.
        replaced_roles: people of these roles give way to `people`; empty when the request names nobody.
        mail_invited: everybody in `people` is invited by mail; else those whose own element says so.
        is_exception: the session replaces an occurrence of the series `series_key`.
        program_id: the program that an event belongs to; already merged with what was kept.
        occurrences: occurrences of the series, by number, that come to take place otherwise.
        listed_occurrences: likewise, but as answers list them, so that programs send them back with something else
            changed: they count only where the series goes on by the same rule.
        lab: computers that it wants whenever it takes place; already merged with what was kept.
    """

    host: str | None = None
    name: str | None = None
    session_type: int | None = None
    asked: Asked = Asked()
    listing: Listing = Listing.PUBLIC
    password: str | None = None
    enforce_password: bool = True
    registration: bool = False
    tracking: TrackingType | None = None
    account: str | None = None
    opportunity: str | None = None
    people: Sequence[AttendeeType] = ()
    replaced_roles: frozenset[str] = frozenset()
    mail_invited: bool = False
    is_exception: bool = False
    series_key: int | None = None
    program_id: int | None = None
    occurrences: Sequence[Change] = ()
    listed_occurrences: Sequence[Change] = ()
    lab: LabWish | None = None


class Limits(NamedTuple):
    """How many people a site lets a session of a kind have; None: no other limit than that of all sessions.

    Attributes:
        invitees: on its list without having registered.
        registrants: accepted after they registered; where classes have registrations of their own, for each of them.
    """

    invitees: int | None = None
    registrants: int | None = None


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a session of any kind beyond its row, as GetSessionInfo and the pages show it.

    Attributes:
        agenda, description: meetings and trainings have the one, events and trainings the other.
        open_before_host: people may come in before the host.
        participant_limit: how many may take part; 0 is without limit.
        image: key of the session's picture, for `Links.event_image`.
        options: what can be done in the session, where the kind keeps it.
        assist_service, pso_fields: what was asked for of the vendor's staff.
        personal: it takes place in the personal room of its host.
    """

    agenda: str | None = None
    description: str | None = None
    panelists_info: str | None = None
    program_id: int | None = None
    account: str | None = None
    opportunity: str | None = None
    telephony: GetSessionInfoResponseTelephony | None = None
    join_requires_account: bool = False
    exclude_password: bool = False
    open_before_host: bool = False
    end_to_end: bool = False
    participant_limit: int = 0
    image: str | None = None
    options: EnableOptionsType | None = None
    assist_service: MeetingAssistType | None = None
    pso_fields: PsoFieldsType | None = None
    personal: bool = False


R = TypeVar("R", contravariant=True)


class Kind(ABC, Generic[R]):
    """One kind of session. `R` is what its create and set requests have in common.

    Attributes:
        service: the API's name of the service (com:serviceTypeType), as in the session's row.
        prefix: product code of its session types where the service alone does not tell; None otherwise.
        usual_name: name of a session whose request has no place for one.
        has_password: requests can say a password; sites that demand one demand none of kinds that cannot.
        has_labs: sessions can have computers of a lab reserved (`Draft.lab`).
        name_path, password_path: where the request says name and password, for faults.
        most_occurrences: how long its series may be; None: without end. Endless series are not allowed otherwise.
        started: the fault for deleting a session that is in progress.
    """

    service: ClassVar[str]
    prefix: ClassVar[str | None] = None
    usual_name: ClassVar[str | None] = None
    has_password: ClassVar[bool] = True
    has_labs: ClassVar[bool] = False
    name_path: ClassVar[str] = "metaData/confName"
    password_path: ClassVar[str] = "accessControl/sessionPassword"  # noqa: S105 - the name of an element
    most_occurrences: ClassVar[int | None] = None
    started: ClassVar[faults.Kind] = faults.MEETING_IN_PROGRESS

    def offers(self, session_type: SessionType) -> bool:
        """Whether sessions of this kind may be of this type."""
        return session_type.service == self.service and (
            (self.prefix is None and session_type.prefix != AUDIO_PREFIX) or session_type.prefix == self.prefix
        )

    @abstractmethod
    def read(self, document: str) -> StoredSession:
        """The document of a session of this kind."""

    @abstractmethod
    def stored(self, request: R, kept: StoredSession | None, settings: SiteSettings) -> StoredSession:
        """The document that a request makes of what was kept (None: a new session), with all defaults.

        Rule and skipped dates are filled in by the planning.
        """

    @abstractmethod
    def draft(self, request: R, stored: StoredSession, settings: SiteSettings, listing: Listing) -> Draft:
        """What the request says in the words of all kinds.

        Args:
            stored: the document that `stored` made.
            listing: the present listing, or that of a new session.
        """

    @abstractmethod
    def view(self, session: Session) -> View:
        """What is told of a session beyond its row."""

    def registration(self, session: Session) -> Registration:
        """How people get onto the session's list by registering; without a form and limits unless the kind says."""
        return Registration(required=session.registration)

    def limits(self, settings: SiteSettings) -> Limits:
        """How many people the site lets sessions of this kind have."""
        return Limits()

    # What a session wants follows from its document, which whoever asks for several of these reads once.

    def reminders(self, session: Session, stored: StoredSession) -> Sequence[Wish]:
        """Whom the session wants reminded and when; nobody unless the kind says."""
        return ()

    def follow_ups(self, session: Session, stored: StoredSession) -> Sequence[FollowUp]:
        """Which mails the session wants after its end; none unless the kind says."""
        return ()

    def notices(self, stored: StoredSession) -> Wanted:
        """Which addresses the session wants told of what happens; none unless the kind says."""
        return NOTHING

    def goes_after_end(self, stored: StoredSession) -> bool:
        """Whether the session is deleted after its end; never unless the kind says."""
        return False


_KINDS: Final[dict[tuple[str, bool], Kind[Any]]] = {}


def enter(kind: Kind[Any]) -> None:
    """Make a kind known."""
    _KINDS[kind.service, kind.prefix == AUDIO_PREFIX] = kind


def kind_of(session: Session, types: Mapping[int, SessionType]) -> Kind[Any]:
    """The kind of a session.

    Args:
        types: the site's session types by number.
    """
    return _known_kind(session, types) or _KINDS[session.service, False]


def view_of(session: Session, types: Mapping[int, SessionType]) -> View:
    """What is told of a session beyond its row; nothing of one whose service is not offered here."""
    kind = _known_kind(session, types)
    return View() if kind is None else kind.view(session)


def _known_kind(session: Session, types: Mapping[int, SessionType]) -> Kind[Any] | None:
    session_type = types.get(session.session_type)
    audio_only = session_type is not None and session_type.prefix == AUDIO_PREFIX
    return _KINDS.get((session.service, audio_only)) or _KINDS.get((session.service, False))
