"""Scheduling as all kinds of sessions share it: for whom, of which type, when, who sees it, with which password.

Sources: facts/meeting-event.md 0-3, facts/user-site.md 7 (password policy) and 8 (session types).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from parley.contract.meeting import RepeatType
from parley.contract.user import GetUserResponse
from parley.domain import passwords, schedule
from parley.domain.passwords import Criteria, WebText
from parley.domain.problems import Code, Problem
from parley.domain.recurrence import Rule
from parley.domain.schedule import Asked, Defaults, Schedule
from parley.domain.session import HostedSession, Session
from parley.domain.site import SessionType, Site, SiteSettings
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.services.accounts import has_service
from parley.services.context import Context
from parley.services.profiles import profile_of
from parley.store import users


class Limits(msgspec.Struct, rename="camel"):
    """The part of a session type's document that scheduling obeys (mtgtype:limitsType)."""

    max_meeting_duration: int = schedule.UNLIMITED
    max_meeting_user: int = schedule.UNLIMITED


class _TypeDocument(msgspec.Struct):
    limits: Limits = msgspec.field(default_factory=Limits)


_read_type: Final = msgspec.json.Decoder(_TypeDocument)


def limits_of(session_type: SessionType) -> Limits:
    """How long and how large sessions of this type may be."""
    return _read_type.decode(session_type.document).limits


async def host_of_request(context: Context, web_ex_id: str | None, current: HostedSession | None = None) -> User:
    """The account that a session is scheduled for: hostWebExID, else who hosts it so far, else the caller.

    Raises:
        Fault: 060019 for an unknown host, 060021 for one who did not permit the caller, 000001 for one who may not
            hold sessions.
    """
    site_id, caller = context.site.site.site_id, context.caller
    host_id = current.host_id if current else caller.user_id
    host: User | None
    if web_ex_id:
        host = await users.by_web_ex_id(context.engine, site_id, web_ex_id.strip().casefold())
    elif context.account is not None and context.account.user_id == host_id:
        host = context.account
    else:
        host = await users.by_id(context.engine, site_id, host_id)
    if host is None:
        raise faults.UNKNOWN_HOST()
    is_new_host = current is None or host.user_id != current.host_id
    if is_new_host and host.user_id != caller.user_id and not await _is_delegate(context, host.user_id):
        raise faults.NOT_A_DELEGATE(host=host.web_ex_id)
    if not host.host or host.attendee_only:
        raise faults.ACCESS_DENIED()
    return host


async def _is_delegate(context: Context, host_id: int) -> bool:
    site = context.site.site
    return site.settings.schedule_on_behalf and await users.may_schedule_for(
        context.engine, site.site_id, context.caller.user_id, host_id
    )


def owns(context: Context, session: Session) -> bool:
    """Whether the caller holds or scheduled the session."""
    return context.caller.user_id in (session.host_id, session.creator_id)


async def may_edit(context: Context, session: Session) -> bool:
    """Whether the caller may change the session: its own, or as a delegate of the host."""
    return owns(context, session) or await _is_delegate(context, session.host_id)


def named_session(context: Context) -> HostedSession:
    """The session that the request names, of whatever kind (`sessions.changing` has the one for a certain kind).

    Raises:
        Fault: 060001 when there is none.
    """
    if context.session is None:
        raise faults.MEETING_NOT_FOUND()
    return context.session


def offered_to(
    profile: GetUserResponse, types: Mapping[int, SessionType], offers: Callable[[SessionType], bool]
) -> dict[int, SessionType]:
    """The session types of a site that a host may hold, by number.

    Args:
        offers: whether sessions of the wanted kind may be of a type.
    """
    held = set(profile.meeting_types.meeting_type) if profile.meeting_types else None
    return {
        type_id: each
        for type_id, each in types.items()
        if each.active and offers(each) and (held is None or type_id in held)
    }


def session_type_of(
    context: Context,
    host: User,
    asked: int | None,
    offers: Callable[[SessionType], bool],
    service: str,
    current: int | None = None,
) -> SessionType:
    """The session type of a request: as asked for, else the present one, the host's default, the site's default.

    Args:
        offers: whether sessions of the kind may be of a type.
        service: the kind's service, for the fault when the host has no type at all.

    Raises:
        Fault: 030025 for a type that site or host does not have.
    """
    profile = profile_of(host)
    if not has_service(profile, service):
        raise faults.UNKNOWN_MEETING_TYPE(meeting_type=service)
    offered = offered_to(profile, context.site.types, offers)
    if asked is not None and asked != -1:
        if asked not in offered:
            raise faults.UNKNOWN_MEETING_TYPE(meeting_type=asked)
        return offered[asked]
    if current is not None and current in offered:
        return offered[current]
    usual = usual_type(profile, context.site.settings, offered)
    if usual is None:
        raise faults.UNKNOWN_MEETING_TYPE(meeting_type=service)
    return usual


def usual_type(
    profile: GetUserResponse, settings: SiteSettings, offered: Mapping[int, SessionType]
) -> SessionType | None:
    """The session type of a request that names none: the host's default, the site's, the first; None: there is none.

    Args:
        profile: of the host.
        offered: session types that the host may hold, by number.
    """
    own_default = profile.session_options.default_session_type if profile.session_options else None
    for wanted in (own_default, settings.default_session_type):
        if wanted is not None and wanted in offered:
            return offered[wanted]
    return next((each for _, each in sorted(offered.items())), None)


def settled_schedule(
    context: Context, host: User, session_type: SessionType, asked: Asked, current: Schedule | None = None
) -> Schedule:
    """The schedule of a request with all defaults taken.

    Raises:
        Fault: what is wrong with it.
    """
    settings = context.site.settings
    defaults = schedule.defaults_of(
        user_zone=host.time_zone_id,
        site_zone=settings.default_time_zone_id,
        duration=settings.default_duration,
        open_time=settings.default_open_time,
        longest=limits_of(session_type).max_meeting_duration,
    )
    settled, problems = schedule.settle(asked, defaults, context.now, current=current)
    if settled is None:
        raise _schedule_fault(problems[0], defaults)
    return settled


#: Fields that the rules of recurrence and the contract's repeat element have; all others belong to the schedule.
_REPEAT_FIELDS: Final = frozenset((*Rule.__struct_fields__, *RepeatType.__struct_fields__))


def _schedule_fault(problem: Problem, defaults: Defaults) -> Fault:
    if problem.code is Code.LIMIT and problem.field == "duration":
        return faults.DURATION_TOO_LONG(limit=defaults.longest)
    if problem.code is Code.PAST:
        return faults.START_IN_PAST()
    if problem.field == "start_date" and problem.code is Code.RANGE:
        return faults.START_TOO_LATE()
    group = "repeat" if problem.field in _REPEAT_FIELDS else "schedule"
    return faults.rule_problem(f"{group}/{_element(problem.field)}", problem.code.value, problem.low, problem.high)


def _element(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join("ID" if part == "id" else part.capitalize() for part in rest)


def checked_password(
    context: Context, host: User, name: str, password: str | None, *, enforce: bool, path: str
) -> str | None:
    """The password of a session, checked against what the site demands; None for a session without one.

    Args:
        password: as asked for, or the present one; None and empty are the same.
        enforce: False when the request switches the criteria off (enforcePassword).

    Raises:
        Fault: 060026 when one is demanded and missing, 019011 when it does not meet the criteria.
    """
    settings = context.site.settings
    criteria = settings.meeting_password_criteria
    texts = _web_text(context.site.site, host, name)
    if not password:
        if not settings.all_meetings_password:
            return None
        if not settings.generate_passwords:
            raise faults.PASSWORD_REQUIRED()
        return passwords.generate_password(criteria, texts)
    rules = criteria if enforce and settings.strict_meeting_passwords else Criteria()
    broken = passwords.violations(password, rules, texts)
    if broken:
        raise faults.weak_password(path, [(each.fault.value, each.limit) for each in broken])
    return password


def _web_text(site: Site, host: User, name: str) -> WebText:
    return WebText(
        site=(site.name, *site.settings.brand_names),
        account=(host.web_ex_id, host.first_name, host.last_name, host.email),
        session=(name,),
    )
