"""What a page shows of a session, in the language of the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from parley.domain.session import HostedSession
from parley.domain.timezones import UnknownZoneError, to_local, to_utc
from parley.web.link_values import LinkValues
from parley.web.words import said, spoken

_HEX_NAME: Final = re.compile(r"[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){0,511}")
_TIME: Final = "%Y-%m-%d-%H-%M-%S"


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: What a session is, by its service.
_KINDS: Final = {
    "EventCenter": _("event"),
    "TrainingCenter": _("training"),
    "SupportCenter": _("support session"),
    "SalesCenter": _("sales meeting"),
}
_MEETING: Final = _("meeting")


@dataclass(frozen=True, slots=True)
class TimeView:
    """A time as a page shows it: wall-clock time of the session's zone, and UTC for people elsewhere."""

    text: str
    zone: str
    utc: str
    iso: str

    @classmethod
    def of(cls, instant: int, zone_id: int) -> TimeView:
        """A UTC time in epoch seconds, in one of the API's time zones."""
        there = datetime.fromtimestamp(instant, UTC)
        local = to_local(instant, zone_id)
        words = spoken()
        utc = f"{words.time(there)} UTC"
        if local.date() != there.date():
            utc = f"{words.day(there)}, {utc}"
        return cls(
            text=f"{words.day(local)}, {words.time(local)}",
            zone=words.zone_text(zone_id, instant),
            utc=utc,
            iso=there.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )


@dataclass(frozen=True, slots=True)
class MeetingView:
    """A session as a page shows it; `kind` is a word in small letters, such as `meeting`."""

    name: str
    kind: str
    host: str
    number: str
    start: TimeView
    length: str
    recurring: bool
    ended: bool
    running: bool
    has_password: bool
    registration: bool

    @classmethod
    def of(cls, session: HostedSession, now: int) -> MeetingView:
        """What everybody who may see the session at all may know; `now` in UTC epoch seconds."""
        names = f"{session.host_first_name} {session.host_last_name}".strip()
        number = str(session.session_key)
        grouped = " ".join(filter(None, (number[:-8], number[-8:-4], number[-4:])))
        over = session.ended or (not session.recurring and session.next_end <= now)
        return cls(
            name=session.name,
            kind=said(_KINDS.get(session.service, _MEETING)),
            host=names or session.host_web_ex_id,
            number=grouped,
            start=TimeView.of(session.next_start, session.time_zone_id),
            length=spoken().length(session.duration),
            recurring=session.recurring,
            ended=over and session.status != "INPROGRESS",
            running=session.status == "INPROGRESS",
            has_password=bool(session.password),
            registration=session.registration,
        )


@dataclass(frozen=True, slots=True)
class CancelledView:
    """A cancelled session, of which nothing is left but what the link itself says."""

    name: str | None
    start: TimeView | None

    @classmethod
    def of(cls, values: LinkValues) -> CancelledView:
        """Read CN (name, its bytes in hex with colons), STI (local start) and TD (zone); odd ones count as none."""
        return cls(cancelled_name(values.get("CN")), _cancelled_start(values.get("STI"), values.get("TD")))


def cancelled_name(text: str) -> str | None:
    """The name in a cancel link: its bytes in hex with colons; None for anything else."""
    if not _HEX_NAME.fullmatch(text):
        return None
    name = bytes.fromhex(text.replace(":", "")).decode("utf-8", "replace")
    return "".join(c for c in name if c.isprintable()).strip() or None


def cancelled_time(text: str) -> datetime | None:
    """A wall-clock time in a cancel link; None for anything else, and for times that nobody has a meeting at."""
    try:
        local = datetime.strptime(text, _TIME)  # noqa: DTZ007  # the zone comes beside it
    except ValueError:
        return None
    return local if timedelta(0) < local - datetime(1970, 1, 2) < timedelta(days=365 * 200) else None  # noqa: DTZ001


def _cancelled_start(text: str, zone: str) -> TimeView | None:
    local = cancelled_time(text)
    if local is None:
        return None
    try:
        return TimeView.of(to_utc(local, int(zone[:4])), int(zone[:4]))
    except (ValueError, UnknownZoneError):
        return None
