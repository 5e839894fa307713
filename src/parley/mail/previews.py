"""Every mail filled with an example, for those who change its template."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from parley.contract.ep import GetSessionInfoResponseTelephony, GetSessionInfoResponseTelephonyCallInNum
from parley.contract.event import (
    EmailTemplatesType,
    EmailTemplatesTypeInvitationMsgs,
    EmailTemplateType,
    EventType,
)
from parley.domain.recurrence import Kind, Rule
from parley.domain.reminders import Whom, Wish
from parley.domain.session import Attendee, HostedSession
from parley.domain.site import Site
from parley.mail.composing import Draft, account_draft, compose_draft, deleted_session, session_draft
from parley.mail.languages import LANGUAGE_TAGS, Language, language
from parley.mail.messages import sessions
from parley.mail.messages.others import (
    LAB_MAILS,
    RECORDING_MAILS,
    TEST_MAILS,
    lab_values,
    recording_values,
    values_of_test,
)
from parley.mail.messages.readers import Reader
from parley.mail.messages.sessions import Part, SessionFacts
from parley.mail.rendering import site_folder
from parley.mail.senders import sender_of
from parley.services.account_notices import AccountNotice
from parley.services.event.document import SERVICE, StoredEvent
from parley.services.follow_ups import ABSENTEE, THANKS
from parley.services.lab_mails import LabNotice
from parley.services.links import Links
from parley.services.mails import AboutTest, Deleted, Notice, Times
from parley.services.recording_mails import RecordingNotice
from parley.services.sessions.kinds import View
from parley.services.sessions.stored import StoredSession, write_document
from parley.store.outbox import Message

if TYPE_CHECKING:
    from parley.services.application import Application

_SITE: Final = Site(0, "example")
_ADDRESS: Final = "grace@example.com"
_ATTENDEE_ID: Final = 4711
#: When the examples are told: a while before they take place.
TOLD_AT: Final = 1_799_000_000


def names() -> list[str]:
    """The mails that there are."""
    return sorted(_EXAMPLES)


def preview(application: Application, site: Site | None, template: str, language_name: str = "1") -> EmailMessage:
    """A mail filled with an example.

    Args:
        site: whose templates and sender are taken; None: an example's, without templates of its own.
        template: one of `names`.
        language_name: a languageID, or a language's tag such as `de` or `fr-CA`.

    Raises:
        KeyError: there is no such mail.
        LookupError: there is no such language.
    """
    config = application.config
    folder = site_folder(Path(config.data), site.name) if site is not None else None
    of = site or _SITE
    draft = example(template, of, application.links, named_language(language_name))
    message = Message(of.site_id, 1, draft.kind, created_at=TOLD_AT)
    return compose_draft(application.links, of, draft, message, sender_of(config, of), folder, TOLD_AT).mail


def named_language(name: str) -> Language:
    """The language with this languageID or tag.

    Raises:
        LookupError: there is none.
    """
    if name.isascii() and name.isdigit():
        number = int(name)
        if number not in LANGUAGE_TAGS.values():
            raise LookupError(name)
        return language(number)
    wanted = name.strip().casefold().replace("_", "-")
    for tag, number in LANGUAGE_TAGS.items():
        if tag.casefold() == wanted or tag.casefold().startswith(f"{wanted}-"):
            return language(number)
    raise LookupError(name)


def example(template: str, site: Site, links: Links, words: Language) -> Draft:
    """The draft of a mail, filled with an example."""
    return _EXAMPLES[template](site, links, words)


_Maker = Callable[[Site, Links, Language], Draft]


# ---- sessions --------------------------------------------------------------------------------------------


def a_session(**changes: Any) -> HostedSession:
    """A session as examples have it."""
    notice = Notice("Quarterly review", "2027-03-04 14:00:00", 4, 90, 1, "0f" * 16)
    known = Deleted("MeetingCenter", 0, 7, "Ada", "Lovelace", "ada@example.com", _document(), event_id=1)
    base = deleted_session(Message(0, 1, "", 24_891_233_071), msgspec.structs.replace(notice, deleted=known))
    base = msgspec.structs.replace(
        base,
        password="Tea4two",  # noqa: S106 - an example
        host_key="482913",
        host_link=f"m{'a1' * 16}",
        attendee_link=f"m{'b2' * 16}",
        modified_at=TOLD_AT,
    )
    return msgspec.structs.replace(base, **changes)


def _document(rule: Rule | None = None) -> str:
    return write_document(StoredSession(rule=rule) if rule is not None else StoredSession())


_WEEKLY: Final = Rule(kind=Kind.WEEKLY, days=(3,), after_meeting_number=10)
_AGENDA: Final = "Figures of the quarter\nWhat went well\nPlans until summer"
_PHONES: Final = GetSessionInfoResponseTelephony(
    telephony_support="CALLIN",
    call_in_num=GetSessionInfoResponseTelephonyCallInNum(toll_num="+1 415 555 0100", toll_free_num="+1 800 555 0100"),
)


def a_person(**changes: Any) -> Attendee:
    """Somebody on the list of an example's session."""
    person = Attendee(0, 0, _ATTENDEE_ID, _ADDRESS, None, "Grace Hopper")
    return msgspec.structs.replace(person, **changes)


def session_facts(
    site: Site,
    links: Links,
    words: Language,
    *,
    part: Part = Part.ATTENDEE,
    session: HostedSession | None = None,
    person: Attendee | None = None,
    view: View | None = None,
    **notice: Any,
) -> SessionFacts:
    """The facts of an example."""
    session, person = session or a_session(), person or a_person()
    host = part is Part.HOST
    told = Notice(
        session.name, session.start_local, session.time_zone_id, session.duration, session.sequence, session.uuid
    )
    told = msgspec.structs.replace(told, attendee_id=None if host else person.attendee_id, **notice)
    return SessionFacts(
        site=site,
        links=links,
        notice=told,
        session=session,
        view=view or View(agenda=_AGENDA, telephony=_PHONES),
        wishes=(Wish(Whom.HOST, 900),),
        person=person,
        reader=Reader("Ada Lovelace" if host else person.name, session.host_email if host else _ADDRESS, words, 4),
        part=part,
    )


def _session(kind: str, **facts: Any) -> _Maker:
    return lambda site, links, words: session_draft(kind, session_facts(site, links, words, **facts))


_REGISTERED: Final = {
    "session": a_session(name="Spring webinar", registration=True),
    "person": a_person(join_status="ACCEPT", register_id=730_114),
}
_ASKED: Final = {**_REGISTERED, "person": a_person(join_status="REGISTER")}
_BEFORE: Final = Times("2027-03-03 10:00:00", 4, 60)
_STORED_EVENT: Final = write_document(StoredEvent(event=EventType()))
_EVENT: Final = {"session": a_session(name="Spring event", service=SERVICE, document=_STORED_EVENT)}


def _own_words(site: Site, links: Links, words: Language) -> Draft:
    invitation = EmailTemplateType(
        subject="Come to %Topic%",
        content="<p>Dear %AttendeeName%,</p><p>we would be glad to see you at <b>%Topic%</b>.</p>",
    )
    templates = EmailTemplatesType(
        format="HTML", invitation_msgs=EmailTemplatesTypeInvitationMsgs(participants_email=invitation)
    )
    document = write_document(StoredEvent(event=EventType(email_templates=templates)))
    session = a_session(name="Spring event", service=SERVICE, document=document)
    return session_draft(sessions.INVITATION, session_facts(site, links, words, session=session))


# ---- everything else -------------------------------------------------------------------------------------


def _account(kind: str, **notice: Any) -> _Maker:
    told = AccountNotice(7, "ada", "Ada", "Lovelace", html=True)

    def make(site: Site, links: Links, words: Language) -> Draft:
        about = msgspec.structs.replace(told, language_id=words.language_id, **notice)
        return account_draft(kind, site, links, about, "ada@example.com")

    return make


def _recording(kind: str, **notice: Any) -> _Maker:
    told = RecordingNotice("Quarterly review", 7, 1_798_000_000, 3_130, "Charles Babbage", size=88_100_000)

    def make(site: Site, links: Links, words: Language) -> Draft:
        reader = Reader("Ada Lovelace", "ada@example.com", words, 4)
        values = recording_values(site, links, reader, msgspec.structs.replace(told, **notice))
        return Draft(kind=kind, template=RECORDING_MAILS[kind], values=values, reader=reader)

    return make


def _lab(kind: str) -> _Maker:
    def make(site: Site, links: Links, words: Language) -> Draft:
        reader = Reader("Ada Lovelace", "ada@example.com", words, 4)
        notice = LabNotice("Networking for beginners", "Router lab", 12, 1_804_000_000, 120, 4)
        values = lab_values(site, links, reader, notice)
        return Draft(kind=kind, template=LAB_MAILS[kind], values=values, reader=reader)

    return make


def _test(kind: str, **about: Any) -> _Maker:
    def make(site: Site, links: Links, words: Language) -> Draft:
        reader = Reader("Grace Hopper", _ADDRESS, words, 4)
        session = a_session(name="Networking for beginners", service="TrainingCenter")
        told = AboutTest(1, "Routers and switches", f"{links.root(site.name)}/test/example", minutes=45, **about)
        values = values_of_test(site, links, reader, session, told, "Grace Hopper")
        return Draft(kind=kind, template=TEST_MAILS[kind], values=values, reader=reader)

    return make


_OPEN: Final = {"opens_at": 1_803_980_000, "closes_at": 1_804_412_000}

_EXAMPLES: Final[dict[str, _Maker]] = {
    "session_scheduled": _session(sessions.SCHEDULED, part=Part.HOST, session=a_session(document=_document(_WEEKLY))),
    "session_invitation": _session(sessions.INVITATION),
    "session_alternate": _session(sessions.INVITATION, part=Part.ALTERNATE),
    "session_panelist": _session(sessions.INVITATION, part=Part.PANELIST, **_EVENT),
    "session_rescheduled": _session(sessions.RESCHEDULED, before=_BEFORE),
    "session_handed_over": _session(sessions.HANDED_OVER, part=Part.OTHER),
    "session_cancelled": _session(sessions.CANCELLED),
    "occurrence_cancelled": _session(sessions.OCCURRENCE_CANCELLED, session=a_session(document=_document(_WEEKLY))),
    "session_reminder": _session(sessions.REMINDER, starts_at=1_804_197_600),
    "registration_received": _session(sessions.RECEIVED, part=Part.HOST, **_ASKED),
    "registration_pending": _session(sessions.PENDING, **_ASKED),
    "registration_waiting": _session(sessions.WAITING, **_REGISTERED),
    "registration_accepted": _session(sessions.ACCEPTED, **_REGISTERED),
    "registration_rejected": _session(sessions.REJECTED, **_ASKED),
    "registration_removed": _session(sessions.REMOVED, **_REGISTERED),
    "event_own": _own_words,
    "event_thanks": _session(THANKS, **_EVENT),
    "event_absentee": _session(ABSENTEE, **_EVENT),
    "user_welcome": _account("user.welcome"),
    "user_activation": _account("user.activation"),
    "user_password_reset": _account("user.password_reset", password="Qm7-vexil-42"),  # noqa: S106 - an example
    "user_password_change": _account("user.password_change"),
    "user_password_link": _account("user.password_link", token="example"),  # noqa: S106 - an example
    "user_email_change": _account("user.email_change", token="example"),  # noqa: S106 - an example
    "recording_trashed": _recording("recording.trashed", trash_days=30),
    "recording_deleted": _recording("recording.deleted"),
    "recording_reassigned": _recording("recording.reassigned", new_owner="Grace Hopper"),
    "lab_reserved": _lab("lab.reserved"),
    "lab_ending": _lab("lab.ending"),
    "lab_cancelled": _lab("lab.cancelled"),
    "test_invitation": _test("test.invitation", **_OPEN),
    "test_started": _test("test.started", **_OPEN),
    "test_reminder": _test("test.reminder", **_OPEN),
    "test_submitted": _test("test.submitted"),
    "test_report": _test("test.report", score=17, highest=20, grade="B"),
}
