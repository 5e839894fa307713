"""Sites on which the event service is switched off.

Source: facts/meeting-event.md 5 (the toggle EnableClassicEvent, since 41.12).
"""

from __future__ import annotations

from parley.protocol import faults
from parley.services.context import Context


def check_classic_events(context: Context) -> None:
    """See to it that the site has the event service.

    For CreateEvent, SetEvent, GetEvent, LstsummaryEvent, LstrecordedEvent, LstsummaryProgram, UploadEventImage, and
    GetSessionInfo of an event; DelEvent and SendInvitationEmail go on without it.

    Raises:
        Fault: 010106.
    """
    if not context.site.settings.classic_events:
        raise faults.CLASSIC_EVENTS_OFF()
