"""The calendar files behind the iCalendarURL links of the API, and on the pages of sessions.

The link that puts a session on a calendar is the link of its invitation (facts/url-api.md, "Links the XML API hands
out"): a browser, which asks for HTML, gets the page with a button for the file, anything else the file at once. Who
has the link is invited, so the file holds what the page shows, and no password.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from parley.domain.session import HostedSession
from parley.domain.timezones import UnknownZoneError, known_zone_id
from parley.services.sessions.kinds import kind_of
from parley.web.link_values import LinkValues
from parley.web.meeting_view import cancelled_name, cancelled_time
from parley.web.render import PRIVATE, SAFETY

if TYPE_CHECKING:
    from parley.mail.calendars import Method
    from parley.services.application import Application
    from parley.services.known_sites import KnownSite

#: What the pages' own links to a file end with.
WANTED: Final = "&DL=1"
#: Those of the cancel links, for hosts and for attendees.
CANCELLED: Final = frozenset({"CMC", "MC"})
#: ST of a cancel link that is about one occurrence of a series.
OCCURRENCE: Final = "2"
#: The number of changes of a session that is gone is not known; a calendar takes no smaller one than it has.
_LAST_SEQUENCE: Final = 2**31 - 1
_LONGEST_MINUTES: Final = 60 * 24 * 366


def wants_file(request: Request, values: LinkValues) -> bool:
    """Whether a request for the page of a session, or of a cancelled one, is one for its calendar file."""
    if request.method != "GET":
        return False
    accepted = request.headers.get("accept", "").lower()
    return values.get("DL") == "1" or "text/html" not in accepted


async def session_file(application: Application, known: KnownSite, session: HostedSession, mtid: str) -> Response:
    """The file that puts a session on a calendar.

    Args:
        mtid: the value of the link, the host's or the attendees'.
    """
    from parley.mail.calendars import calendar_file
    from parley.mail.entries import alarm_of, entry_of, related_of

    kind = kind_of(session, known.types)
    link = application.links.invitation(known.site.name, mtid)
    entry = entry_of(
        known.site,
        session,
        await related_of(application.engine, session),
        url=link,
        description=_description(link, session),
        alarm=alarm_of(kind.reminders(session, kind.read(session.document))),
    )
    return _file(calendar_file(entry, "PUBLISH"), "PUBLISH", f"meeting-{session.session_key}.ics")


def cancelled_file(application: Application, known: KnownSite, values: LinkValues) -> Response | None:
    """The file that takes a deleted session off a calendar, made of the link alone; None when the link is no good."""
    start, end = cancelled_time(values.get("STI")), cancelled_time(values.get("ETI"))
    number, zone = values.get("ED"), values.get("TD")
    if start is None or not (_is_number(number) and _is_number(zone) and len(number) < 19 and len(zone) < 5):
        return None
    zone_id = known_zone_id(int(zone))
    if zone_id is None:
        return None
    minutes = int((end - start) / timedelta(minutes=1)) if end is not None else 0
    try:
        content = _cancelled(application, known, values, int(number), start, zone_id, minutes)
    except (ValueError, OverflowError, UnknownZoneError):  # a time that no calendar has
        return None
    return _file(content, "CANCEL", f"cancelled-{int(number)}.ics")


def _cancelled(
    application: Application,
    known: KnownSite,
    values: LinkValues,
    event_id: int,
    start: datetime,
    zone_id: int,
    minutes: int,
) -> bytes:
    from parley.mail.calendars import Entry, Party, calendar_file
    from parley.mail.entries import uid_by
    from parley.mail.senders import sender_of

    sender = sender_of(application.config, known.site)
    entry = Entry(
        uid=uid_by(known.site, event_id),
        sequence=_LAST_SEQUENCE,
        name=cancelled_name(values.get("CN")) or "Meeting",
        description="",
        url=application.links.root(known.site.name),
        start=start,
        time_zone_id=zone_id,
        duration=min(max(minutes, 0), _LONGEST_MINUTES),
        stamp=application.clock.now(),
        organizer=Party(sender.address, sender.name),
        replaces=start if values.get("ST") == OCCURRENCE else None,
    )
    return calendar_file(entry, "CANCEL")


def _description(link: str, session: HostedSession) -> str:
    return f"Join: {link}\nMeeting number: {session.session_key}"


def _file(content: bytes, method: Method, name: str) -> Response:
    headers = {
        **SAFETY,
        **PRIVATE,
        "Content-Type": f"text/calendar; charset=utf-8; method={method}",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(content, headers=headers)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
