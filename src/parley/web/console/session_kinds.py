"""The kinds of sessions that are scheduled in the console: for each its name, its form and its operations.

A kind more is a row more here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from parley.contract import event, meeting, sales, supportsession, teleconference, training
from parley.domain.session import HostedSession
from parley.domain.site import SessionType
from parley.protocol.declare import Record
from parley.services.accounts import has_service
from parley.services.event.kind import EVENT
from parley.services.meeting.kind import MEETING
from parley.services.profiles import profile_of
from parley.services.sales.kind import SALES
from parley.services.session_traits import traits_of
from parley.services.sessions.kinds import Kind, kind_of
from parley.services.sessions.scheduling import offered_to, usual_type
from parley.services.support.kind import SUPPORT
from parley.services.teleconference.kind import AUDIO
from parley.services.training.kind import TRAINING
from parley.web.console.audio_form import AudioForm
from parley.web.console.event_form import EventForm
from parley.web.console.meeting_form import MeetingForm, WebinarForm
from parley.web.console.sales_form import SalesForm
from parley.web.console.session_form import SessionForm
from parley.web.console.shell import ConsoleCall
from parley.web.console.support_form import SupportForm
from parley.web.console.training_form import TrainingForm


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


@dataclass(frozen=True)
class SessionKind:
    """One kind of sessions.

    Attributes:
        word: its name in addresses.
        name, about: what the choice of kinds says.
        heading: of the form for a new one.
        form: its fields.
        kind: as the services know it.
        create, get, set: its operations; None: such sessions are not changed.
        key: the field in which operations have the number.
        presenter: what somebody is called who presents without being host.
        presenters: what the invitation of such people says; None: nobody presents.
        webinar: its session types are those of webinars; None: that makes no difference.
    """

    word: str
    name: str
    about: str
    heading: str
    form: type[SessionForm]
    kind: Kind[Any]
    create: type[Record]
    get: type[Record] | None = None
    set: type[Record] | None = None
    key: str = "session_key"
    presenter: str = _("Presenter")
    presenters: str | None = None
    webinar: bool | None = None

    def holds(self, type_id: int, types: Mapping[int, SessionType]) -> bool:
        """Whether sessions of a type are of this kind."""
        session_type = types.get(type_id)
        if session_type is None or not self.kind.offers(session_type):
            return False
        return self.webinar is None or traits_of(types, type_id).webinar is self.webinar

    def types(self, console: ConsoleCall) -> list[SessionType]:
        """The session types of this kind that the visitor may hold."""
        profile, types = profile_of(console.user), console.call.known.types
        if self.kind is EVENT and not console.site.settings.classic_events:
            return []
        if not has_service(profile, self.kind.service):
            return []
        offered = offered_to(profile, types, self.kind.offers)
        return [each for number, each in sorted(offered.items()) if self.holds(number, types)]

    def has_usual_type(self, console: ConsoleCall) -> bool:
        """Whether the session type of a request that names none is of this kind."""
        profile, types = profile_of(console.user), console.call.known.types
        usual = usual_type(profile, console.site.settings, offered_to(profile, types, self.kind.offers))
        return usual is not None and self.holds(usual.type_id, types)

    def get_request(self, key: int) -> Record | None:
        """The request that reads one of them."""
        return self.get(**{self.key: key}) if self.get is not None else None

    def set_request(self, key: int, parts: Mapping[str, Any]) -> Record | None:
        """The request that changes one of them."""
        return self.set(**{self.key: key}, **parts) if self.set is not None else None


KINDS: Final = (
    SessionKind(
        "meeting",
        _("Meeting"),
        _("People talk, see each other and share."),
        _("Schedule a meeting"),
        MeetingForm,
        MEETING,
        meeting.CreateMeeting,
        meeting.GetMeeting,
        meeting.SetMeeting,
        "meeting_key",
        presenters=_("They may present"),
        webinar=False,
    ),
    SessionKind(
        "webinar",
        _("Webinar"),
        _("Panelists present, attendees follow."),
        _("Schedule a webinar"),
        WebinarForm,
        MEETING,
        meeting.CreateMeeting,
        meeting.GetMeeting,
        meeting.SetMeeting,
        "meeting_key",
        presenter=_("Panelist"),
        presenters=_("They are panelists"),
        webinar=True,
    ),
    SessionKind(
        "event",
        _("Event"),
        _("With registration, questions, panelists and mails of its own."),
        _("Schedule an event"),
        EventForm,
        EVENT,
        event.CreateEvent,
        event.GetEvent,
        event.SetEvent,
        presenter=_("Panelist"),
        presenters=_("They are panelists"),
    ),
    SessionKind(
        "training",
        _("Training session"),
        _("One date, classes or a course, with tests and laboratories."),
        _("Schedule a training session"),
        TrainingForm,
        TRAINING,
        training.CreateTrainingSession,
        training.GetTrainingSession,
        training.SetTrainingSession,
        presenters=_("They are presenters"),
    ),
    SessionKind(
        "audio",
        _("Audio only"),
        _("A conference by telephone."),
        _("Schedule an audio-only session"),
        AudioForm,
        AUDIO,
        teleconference.CreateTeleconferenceSession,
        teleconference.GetTeleconferenceSession,
        teleconference.SetTeleconferenceSession,
    ),
    SessionKind(
        "support",
        _("Support session"),
        _("Begins at once, with one customer."),
        _("Begin a support session"),
        SupportForm,
        SUPPORT,
        supportsession.CreateSupportSession,
    ),
    SessionKind(
        "sales",
        _("Sales session"),
        _("With prospects, a customer and the sales team."),
        _("Schedule a sales session"),
        SalesForm,
        SALES,
        sales.CreateSalesSession,
        sales.GetSalesSession,
        sales.SetSalesSession,
        "meeting_key",
        presenter=_("Sales team"),
        presenters=_("They belong to the sales team"),
    ),
)


def kind_for(session: HostedSession, types: Mapping[int, SessionType]) -> SessionKind | None:
    """The kind of a session; None for one of a service that is not offered here."""
    try:
        kind = kind_of(session, types)
    except KeyError:
        return None
    fitting = [each for each in KINDS if each.kind is kind]
    return next((each for each in fitting if each.holds(session.session_type, types)), fitting[0] if fitting else None)


def kinds_of(console: ConsoleCall) -> list[SessionKind]:
    """The kinds that the visitor may schedule."""
    return [each for each in KINDS if each.types(console)]
