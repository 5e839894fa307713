"""The form for an audio-only session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parley.contract.attendee import AttendeeType
from parley.contract.teleconference import AttendeeType as Caller
from parley.contract.teleconference import CreateTeleconferenceSession
from parley.domain.site import SiteSettings
from parley.protocol.declare import Record
from parley.services.teleconference.kind import AUDIO
from parley.web.console.meeting_form import INVITE_HINT
from parley.web.console.session_form import SessionForm


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


class AudioForm(SessionForm):
    """The form for an audio-only session."""

    request = CreateTeleconferenceSession
    service = AUDIO.service

    def blank(self, settings: SiteSettings) -> Record:
        """What a new audio-only session has."""
        return AUDIO.stored(CreateTeleconferenceSession(), None, settings).audio

    def people_fields(self) -> Sequence[tuple[str, str, str]]:
        """Those who may speak, and those who only listen."""
        return (
            ("PEOPLE", _("Invite"), INVITE_HINT),
            ("LISTENERS", _("Invite to listen only"), INVITE_HINT),
        )

    def other_places(self) -> dict[str, str]:
        """Where faults belong that are about people."""
        return super().other_places() | {"fullAccess": "PEOPLE", "limitedAccess": "LISTENERS", "participants": "PEOPLE"}

    def _people(self, people: Mapping[str, Sequence[AttendeeType]]) -> dict[str, Any]:
        return {
            "full_access_attendees.attendee": _callers(people["PEOPLE"]),
            "limited_access_attendees.attendee": _callers(people["LISTENERS"]),
            "attendee_options.email_invitations": True,
        }


def _callers(people: Sequence[AttendeeType]) -> list[Caller]:
    return [Caller(name=each.person.name, email=each.person.email) for each in people if each.person is not None]
