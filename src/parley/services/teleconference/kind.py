"""Audio-only sessions as a kind of session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from parley.contract.ep import GetSessionInfoResponseTelephony
from parley.contract.teleconference import AudioOnlyType, MetaDataType
from parley.domain.listing import Listing, resolve_named
from parley.domain.reminders import Wish
from parley.domain.session import Session
from parley.domain.site import SiteSettings
from parley.services.reminders import wishes_of
from parley.services.session_types import AUDIO_PREFIX
from parley.services.sessions import kinds
from parley.services.sessions.kinds import Draft, Kind, View
from parley.services.sessions.repeats import asked_of
from parley.services.sessions.stored import StoredSession
from parley.services.teleconference.document import (
    FULL,
    LIMITED,
    StoredAudio,
    completed,
    listed_people,
    read_document,
)
from parley.services.values import given


class AudioKind(Kind[AudioOnlyType]):
    """Sessions of the meeting service that are held by telephone alone."""

    service = "MeetingCenter"
    prefix = AUDIO_PREFIX

    def read(self, document: str) -> StoredAudio:
        """The document of an audio-only session."""
        return read_document(document)

    def stored(self, request: AudioOnlyType, kept: StoredSession | None, settings: SiteSettings) -> StoredAudio:
        """The document that a request makes."""
        return completed(request, cast("StoredAudio | None", kept), settings)

    def draft(self, request: AudioOnlyType, stored: StoredSession, settings: SiteSettings, listing: Listing) -> Draft:
        """What the request says in the words of all kinds."""
        meta, access = request.meta_data or MetaDataType(), request.access_control
        people, options = listed_people(request), request.attendee_options
        return Draft(
            host=given(request.schedule.host_web_ex_id) if request.schedule else None,
            name=meta.conf_name,
            session_type=meta.session_type,
            asked=asked_of(request.schedule, request.repeat),
            listing=resolve_named(
                given(access.listing) if access else None, site_unlisted=settings.all_meetings_unlisted, current=listing
            ),
            password=access.session_password if access else None,
            tracking=cast("StoredAudio", stored).audio.tracking,
            people=people,
            # Whoever else came onto the list, an alternate host say, is not told of here and stays.
            replaced_roles=frozenset({each.role for each in people if each.role in (FULL, LIMITED)}),
            mail_invited=bool(options and options.email_invitations),
        )

    def view(self, session: Session) -> View:
        """What is told of an audio-only session beyond its row."""
        stored = read_document(session.document)
        teleconference, options = stored.audio.teleconference, stored.audio.attendee_options
        # With a personal account the codes are those that the host's account has at the time.
        own = teleconference is None or teleconference.account_index is None
        codes = stored.codes if own else None
        return View(
            telephony=GetSessionInfoResponseTelephony(
                telephony_support="CALLIN",
                ext_telephony_description=teleconference.ext_telephony_description if teleconference else None,
                participant_access_code=codes.full if codes else None,
                participant_limited_access_code=codes.limited if codes else None,
            ),
            join_requires_account=bool(options and options.require_account),
            exclude_password=bool(options and options.exclude_password),
            open_before_host=bool(session.open_time),
        )

    def reminders(self, session: Session, stored: StoredSession) -> Sequence[Wish]:
        """An audio-only session reminds its host."""
        return wishes_of(cast("StoredAudio", stored).audio.remind)


AUDIO: Final = AudioKind()
kinds.enter(AUDIO)
