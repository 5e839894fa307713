"""What a session is by its type: audio only, a webinar, private.

Sources: facts/versions.md 42.1.0 (enableEvent, enableWebniar) and 40.12.0 (private meetings).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from parley.domain.site import SessionType
from parley.services.session_types import AUDIO_PREFIX, stored_type


class Traits(NamedTuple):
    """What follows from a session's type.

    Attributes:
        webinar: enableEvent.
        view_only: attendees of the webinar only watch (enableWebniar); means nothing where it is no webinar.
        private: isPrivateMeeting.
        records: such sessions can be recorded (supportMeetingRecord).
    """

    audio_only: bool = False
    webinar: bool = False
    view_only: bool = False
    private: bool = False
    records: bool = True


_NONE: Final = Traits()


def traits_of(types: Mapping[int, SessionType], type_id: int) -> Traits:
    """The traits of sessions of a type; a type that the site no longer has says nothing."""
    session_type = types.get(type_id)
    return _traits(session_type.prefix, session_type.document) if session_type is not None else _NONE


@lru_cache(maxsize=1024)
def _traits(prefix: str, document: str) -> Traits:
    stored = stored_type(SessionType(0, 0, prefix, "", "", "", document=document))
    return Traits(
        audio_only=prefix == AUDIO_PREFIX,
        webinar=stored.webinar,
        view_only=stored.webinar and stored.view_only,
        private=bool(stored.options.support_private_meeting),
        records=stored.options.support_meeting_record is not False,
    )


def audio_only_types(types: Mapping[int, SessionType]) -> tuple[int, ...]:
    """The numbers of the site's types of audio-only sessions."""
    return tuple(sorted(number for number, each in types.items() if each.prefix == AUDIO_PREFIX))
