"""Notices to the addresses that a session names: before it starts (extURL), and when somebody comes in (joinNotifyURL).

A notice is a row of the store that is written with what it tells of, so that it survives the end of a process; the
server's errands send it (`services.errands`), to hosts that the site lists only, and try again for a while.
Sources: the contract's extURL, extNotifyTime and joinNotifyURL. What is sent is chosen (docs/fidelity.md, "Notices").
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import msgspec

from parley.domain import identifiers, reminders
from parley.domain.history import Part, Run, Stay
from parley.domain.notices import Target, Wanted, is_allowed, target_of
from parley.domain.reminders import Whom, Wish
from parley.domain.session import HostedSession, Session
from parley.domain.site import SiteSettings
from parley.domain.timezones import GMT, api_date
from parley.services.reminders import plan_of
from parley.store import Changes, errands
from parley.store.errands import Errand

#: Kinds of errands: the next start of a session, and somebody who came in.
STARTING: Final = "notice.starting"
JOINED: Final = "notice.joined"
_ERRAND_IDS: Final = 1 << 62


class Starting(msgspec.Struct, frozen=True):
    """The document of STARTING: when it is to be told, UTC epoch seconds."""

    at: int


class Told(msgspec.Struct, frozen=True):
    """The document of JOINED: where it goes, and the fields that are sent."""

    address: str
    fields: dict[str, str]


read_starting: Final = msgspec.json.Decoder(Starting).decode
read_told: Final = msgspec.json.Decoder(Told).decode


def open_target(address: str | None, settings: SiteSettings) -> Target | None:
    """An address that the site allows, taken apart; None for all others."""
    target = target_of(address) if address else None
    return target if target is not None and is_allowed(target, settings.notices.hosts) else None


# ---- before the start ----------------------------------------------------------------------------------------


def put_next(changes: Changes, session: Session, wanted: Wanted, after: int, now: int) -> None:
    """Write the row for the first start that is to be told later than `after`, if there is one."""
    errands.put(changes, next_rows(session, wanted, after, now))


def put_anew(changes: Changes, session: Session, before: Wanted, wanted: Wanted, now: int) -> None:
    """Write the row anew for a session that is changed; `before`: what it asked for until now."""
    if before.before_start or wanted.before_start:
        errands.forget(changes, session.site_id, session.session_key, STARTING)
        put_next(changes, session, wanted, now, now)


def next_rows(session: Session, wanted: Wanted, after: int, now: int) -> tuple[Errand, ...]:
    """The row for the first start that is to be told later than `after`; none when there is none."""
    if wanted.before_start is None:
        return ()
    moment = reminders.next_moment(_wishes(wanted), plan_of(session), after)
    if moment is None:
        return ()
    return (_errand(session, STARTING, Starting(moment), now, moment),)


def starting_fields(site: str, session: HostedSession, wanted: Wanted, errand: Errand) -> dict[str, str] | None:
    """What is sent for a row of STARTING; None when the session no longer starts then."""
    starts_at = read_starting(errand.document).at + wanted.minutes * 60
    if not reminders.starts_then(plan_of(session), starts_at):
        return None
    return _fields("starting", site, session, errand.errand_id) | {"startTime": _time(starts_at)}


def _wishes(wanted: Wanted) -> tuple[Wish, ...]:
    return (Wish(Whom.HOST, wanted.minutes * 60),)


# ---- somebody comes in ---------------------------------------------------------------------------------------


def joined(
    changes: Changes, site: str, settings: SiteSettings, session: HostedSession, wanted: Wanted, run: Run, stay: Stay
) -> None:
    """Write the row that tells of somebody who came in; none where the session or the site wants none."""
    if stay.part == Part.OTHER or open_target(wanted.on_join, settings) is None:
        return
    number = identifiers.random_below(_ERRAND_IDS)
    fields = _fields("joined", site, session, number) | {
        "confID": str(run.conf_id),
        "joinTime": _time(stay.joined_at),
        "participantType": stay.part,
        "attendeeName": stay.name,
    }
    if stay.email:
        fields["attendeeEmail"] = stay.email
    if stay.register_id is not None:
        fields["registerID"] = str(stay.register_id)
    told = Told(wanted.on_join or "", fields)
    errands.put(changes, [_errand(session, JOINED, told, stay.joined_at, stay.joined_at, number)])


# ---- both ----------------------------------------------------------------------------------------------------


def body_of(fields: dict[str, str]) -> bytes:
    """The fields as a form."""
    return urlencode(fields).encode()


def _errand(
    session: Session, kind: str, document: Starting | Told, now: int, due_at: int, number: int | None = None
) -> Errand:
    return Errand(
        site_id=session.site_id,
        errand_id=identifiers.random_below(_ERRAND_IDS) if number is None else number,
        kind=kind,
        session_key=session.session_key,
        document=msgspec.json.encode(document).decode(),
        created_at=now,
        due_at=due_at,
    )


def _fields(event: str, site: str, session: HostedSession, number: int) -> dict[str, str]:
    return {
        "event": event,
        "noticeID": str(number),
        "siteName": site,
        "serviceType": session.service,
        "sessionKey": str(session.session_key),
        "confName": session.name,
        "hostWebExID": session.host_web_ex_id,
    }


def _time(at: int) -> str:
    """A time in GMT, as dates of the API are written."""
    return api_date(at, GMT)
