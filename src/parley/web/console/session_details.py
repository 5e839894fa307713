"""What the page of a session tells beyond time and people: registration, dates, tests, laboratory, access codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from parley.contract.teleconference import GetTeleconferenceSession, GetTeleconferenceSessionResponse
from parley.domain import timezones
from parley.domain.registration import Registration
from parley.domain.session import HostedSession
from parley.services.event.kind import EVENT
from parley.services.meeting.document import SERVICE as MEETINGS
from parley.services.session_traits import traits_of
from parley.services.sessions.kinds import view_of
from parley.services.sessions.registering import registration_on
from parley.services.teleconference.kind import AUDIO
from parley.services.training.document import read_document
from parley.services.training.kind import TRAINING
from parley.services.training.repeating import CLASSES, sessions_of
from parley.web.console.session_kinds import SessionKind
from parley.web.console.shell import ConsoleCall
from parley.web.words import said

#: Dates of a training that its page shows.
_DATES: Final = 50


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


class Date(NamedTuple):
    """One date of a training; `moved`: it takes place otherwise than the others say."""

    number: int
    text: str
    moved: bool


@dataclass(slots=True)
class Details:
    """What a page tells of a session of its kind.

    Attributes:
        facts: labels, and texts or links.
        dates: of the classes of a training, or of a course, as people read them; `more_dates`: there are more.
        sort: what these dates are.
        register: the link to register with; None: nobody registers.
        picture: the address of an event's picture; None: it has none.
        pictured: it may have one.
        tests: where the tests of a training are.
        excepts: single occurrences of its series may differ.
    """

    facts: list[tuple[str, str]] = field(default_factory=list)
    dates: list[Date] = field(default_factory=list)
    sort: str = ""
    more_dates: bool = False
    register: str | None = None
    picture: str | None = None
    pictured: bool = False
    tests: str | None = None
    excepts: bool = False


def may_except(session: HostedSession, kind: SessionKind | None) -> bool:
    """Whether single occurrences of such a series can be made to differ from it."""
    return kind is not None and session.service == MEETINGS and kind.kind is not AUDIO


async def details_of(console: ConsoleCall, session: HostedSession, kind: SessionKind | None, *, mine: bool) -> Details:
    """What the page of a session tells; what opens doors is told to its host only."""
    details = Details()
    if kind is None:
        return details
    types, links, site = console.call.known.types, console.application.links, console.site.name
    view = view_of(session, types)
    details.excepts = may_except(session, kind)
    if traits_of(types, session.session_type).view_only:
        details.facts.append((_("Attendees"), said(_("They only watch and listen."))))
    details.facts += [
        (label, text) for label, text in ((_("Customer"), view.account), (_("Opportunity"), view.opportunity)) if text
    ]
    if session.registration:
        rules = registration_on(console.site.settings, types, session)
        details.facts.append((_("Registration"), _registration(console, session, rules)))
        details.register = links.registration(site, session.attendee_link) if mine else None
        if mine and rules.password:
            details.facts.append((_("Password for registering"), rules.password))
    if kind.kind is EVENT:
        details.pictured = True
        details.picture = links.event_image(site, view.image) if view.image else None
    if kind.kind is TRAINING:
        _tell_training(console, session, details)
        details.tests = f"{console.site_path}/tests/{session.session_key}" if mine else None
    if kind.kind is AUDIO and console.user.user_id in (session.host_id, session.creator_id):
        details.facts += await _codes(console, session)
    return details


def _registration(console: ConsoleCall, session: HostedSession, rules: Registration) -> str:
    sentences = [
        said(_("People register, and you approve each of them."))
        if rules.approval
        else said(_("People register and are in at once."))
    ]
    if rules.rules:
        sentences.append(said(_("Rules decide on some of them.")))
    if rules.capacity:
        sentences.append(said(_("Seats: %(count)s."), count=rules.capacity))
    if rules.waiting_list:
        sentences.append(said(_("Who finds no seat waits for one.")))
    if rules.closes_at is not None:
        closes = timezones.to_local(rules.closes_at, session.time_zone_id)
        text = f"{console.language.day(closes.date())}, {console.language.time(closes)}"
        sentences.append(said(_("Until %(time)s."), time=text))
    return " ".join(sentences)


def _tell_training(console: ConsoleCall, session: HostedSession, details: Details) -> None:
    stored = read_document(session.document)
    lab = stored.training.hands_on_lab
    if lab is not None and lab.reserve_hol:
        text = said(_("%(name)s, computers: %(count)s"), name=lab.lab_name or "", count=lab.num_computers or 0)
        details.facts.append((_("Laboratory"), text))
    if not session.recurring:
        return
    classes = stored.repeat_type == CLASSES
    details.sort = _("Classes: people register for each date.") if classes else _("A course of several dates.")
    moved = {each.number for each in stored.rule.changes}
    starts = sorted(sessions_of(session, stored).items(), key=lambda each: each[1])
    details.dates = [Date(number, _date(console, start), number in moved) for number, start in starts[:_DATES]]
    details.more_dates = len(starts) > _DATES


def _date(console: ConsoleCall, start: datetime) -> str:
    return f"{console.language.day(start.date())}, {console.language.time(start)}"


async def _codes(console: ConsoleCall, session: HostedSession) -> list[tuple[str, str]]:
    """The numbers and access codes of an audio-only session."""
    answer = await console.perform(GetTeleconferenceSession(session_key=session.session_key))
    if not isinstance(answer, GetTeleconferenceSessionResponse) or answer.teleconference is None:
        return []
    told = answer.teleconference
    facts = (
        (_("Call-in number"), told.toll_call_in_number),
        (_("Toll-free call-in number"), told.toll_free_call_in_number),
        (_("Host's access code"), told.subscriber_access_code),
        (_("Access code to speak"), told.participant_full_access_code),
        (_("Access code to listen"), told.participant_limited_access_code),
    )
    return [(label, text) for label, text in facts if text]
