"""The form for a support session, which begins as soon as it is made."""

from __future__ import annotations

from parley.contract.supportsession import CreateSupportSession
from parley.domain.site import SiteSettings
from parley.protocol.declare import Record
from parley.services.support.kind import SUPPORT
from parley.web.console.session_form import SessionForm


class SupportForm(SessionForm):
    """The form for a support session: its type and the site's tracking codes."""

    request = CreateSupportSession
    service = SUPPORT.service
    timed = False

    def blank(self, settings: SiteSettings) -> Record:
        """What a new support session has: nothing."""
        return CreateSupportSession()
