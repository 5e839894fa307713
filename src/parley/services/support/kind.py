"""Support sessions as a kind of session.

Source: facts/meeting-event.md 6.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.contract.common import TrackingType
from parley.contract.supportsession import MetaDataType, SupportType
from parley.domain.listing import Listing
from parley.domain.session import Session
from parley.domain.site import SiteSettings
from parley.services.records import without_empty_texts
from parley.services.sessions import kinds
from parley.services.sessions.kinds import Draft, Kind, View
from parley.services.sessions.stored import StoredSession


class StoredSupport(StoredSession, kw_only=True):
    """The document of a support session: the common part and its tracking codes."""

    tracking: TrackingType | None = None


_read: Final = msgspec.json.Decoder(StoredSupport)


class SupportKind(Kind[SupportType]):
    """Sessions of the support service.

    Their requests name no time: they begin when they are made. They have no password, and as they are between a
    representative and one customer they are on no calendar.
    """

    service = "SupportCenter"
    usual_name = "Support Session"
    has_password = False

    def read(self, document: str) -> StoredSupport:
        """The document of a support session."""
        return _read.decode(document)

    def stored(self, request: SupportType, kept: StoredSession | None, settings: SiteSettings) -> StoredSupport:
        """The document that a request makes."""
        return StoredSupport(tracking=without_empty_texts(request.tracking) if request.tracking else None)

    def draft(self, request: SupportType, stored: StoredSession, settings: SiteSettings, listing: Listing) -> Draft:
        """What the request says in the words of all kinds."""
        meta = request.meta_data or MetaDataType()
        return Draft(session_type=meta.session_type, listing=Listing.UNLISTED, tracking=request.tracking)

    def view(self, session: Session) -> View:
        """What is told of a support session beyond its row: nothing."""
        return View()


SUPPORT: Final = SupportKind()
kinds.enter(SUPPORT)
