"""Changing the session types that a site offers, and what its accounts hold of them, in one transaction.

Sources: facts/user-site.md 8 (prefixes, services, limits; which types a site has is the site's own), 4 (meetingTypes
and defaults of accounts). Running servers notice through the version of the site's row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from parley.contract import user as use
from parley.contract import user_settings as settings
from parley.contract.common import MeetingTypeType
from parley.domain.site import SessionType, Site
from parley.domain.user import User
from parley.services.accounts import services_of, write_profile
from parley.services.new_site import SiteError
from parley.services.profiles import profile_of
from parley.services.session_types import AUDIO_PREFIX, UNLIMITED, limits, stored_type, usual_options
from parley.services.site_changes import Author, Difference, put_changed
from parley.services.taking_turns import let_others_finish
from parley.store import Changes, Conflict, Duplicate, Engine, quotas, sites, users

PREFIXES: Final = (*MeetingTypeType.values, AUDIO_PREFIX)
SERVICES: Final = ("MeetingCenter", "EventCenter", "TrainingCenter", "SupportCenter", "SalesCenter")
_TRIES: Final = 40
_LONGEST_NAME: Final = 64
_LARGEST_ID: Final = 2**31 - 1
#: Numbers of a site's own types begin here (facts/user-site.md 8).
_FIRST_OWN: Final = 201

_Types = dict[int, SessionType]


class TypeValues(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a session type; None for what is not.

    Attributes:
        participants: most people in a session.
        minutes: longest duration.
        max_holders: activated accounts that may hold the type; 0 for any number.
        webinar, view_only: as in `StoredType`.
    """

    name: str | None = None
    display_name: str | None = None
    service: str | None = None
    prefix: str | None = None
    participants: int | None = None
    minutes: int | None = None
    max_holders: int | None = None
    webinar: bool | None = None
    view_only: bool | None = None
    active: bool | None = None


def described(session_type: SessionType) -> dict[str, Any]:
    """The values of a type, by the names that the command line and the audit log use."""
    stored = stored_type(session_type)
    return {
        "name": session_type.name,
        "display_name": session_type.display_name,
        "service": session_type.service,
        "prefix": session_type.prefix,
        "participants": stored.limits.max_meeting_user,
        "minutes": stored.limits.max_meeting_duration,
        "max_holders": stored.max_holders,
        "webinar": stored.webinar,
        "view_only": stored.view_only,
        "active": session_type.active,
    }


async def add_type(
    engine: Engine,
    site_id: int,
    type_id: int | None,
    values: TypeValues,
    by: Author,
    now: int,
    *,
    everyone: bool = False,
) -> SessionType:
    """Offer another session type.

    Args:
        type_id: None for the next free number.
        everyone: all accounts that hold session types get it; else it is given by name, and to new accounts.

    Raises:
        SiteError: a value cannot be used, or the number is taken.
    """
    if everyone and values.max_holders:
        raise SiteError("a type with a limit of holders is given to accounts one by one")

    def change(_site: Site, types: _Types) -> _Types:
        number = type_id if type_id is not None else max((_FIRST_OWN - 1, *types)) + 1
        if number in types:
            raise SiteError(f"there is a session type {number} already")
        if not 0 < number <= _LARGEST_ID:
            raise SiteError(f"{number} is no number of a session type: 1 to {_LARGEST_ID} are")
        if values.service is None or values.name is None:
            raise SiteError("a new session type needs a service and a name")
        blank = SessionType(site_id, number, "PRO", values.name, values.display_name or values.name, values.service)
        made = _laid_over(blank, values)
        stored = stored_type(made)
        stored.options = usual_options(made.service, made.prefix, webinar=stored.webinar)
        made.document = _document(stored)
        return types | {number: made}

    def grant(user: User, types: _Types, added: SessionType) -> User | None:
        return _granted(user, types, added, now) if everyone else None

    types, number = await _changed(engine, site_id, change, grant, by, now)
    return types[number]


async def change_type(
    engine: Engine, site_id: int, type_id: int, values: TypeValues, by: Author, now: int
) -> SessionType:
    """Change a session type; accounts keep it.

    Raises:
        SiteError: a value cannot be used, or there is no such type.
        SiteError: it is to belong to another service, and sessions of it are kept.
    """
    in_use = values.service is not None and await sites.has_sessions(engine, site_id, type_id)

    def change(_site: Site, types: _Types) -> _Types:
        present = _present(types, type_id)
        if in_use and values.service != present.service:
            raise SiteError(f"sessions of type {type_id} are kept, so it stays with its service")
        return types | {type_id: _laid_over(present, values)}

    types, _ = await _changed(engine, site_id, change, _no_change, by, now, number=type_id)
    return types[type_id]


async def remove_type(engine: Engine, site_id: int, type_id: int, by: Author, now: int) -> None:
    """Take a session type from the site and from all accounts; defaults that named it name another one.

    Raises:
        SiteError: there is no such type, or sessions of it are kept (then it can only be switched off).
    """
    if await sites.has_sessions(engine, site_id, type_id):
        raise SiteError(f"sessions of type {type_id} are kept, so it cannot be removed: switch it off instead")

    def change(_site: Site, types: _Types) -> _Types:
        _present(types, type_id)
        return {number: each for number, each in types.items() if number != type_id}

    def withdraw(user: User, types: _Types, gone: SessionType) -> User | None:
        return _without(user, types, gone.type_id, now)

    await _changed(engine, site_id, change, withdraw, by, now, number=type_id)


def _present(types: _Types, type_id: int) -> SessionType:
    found = types.get(type_id)
    if found is None:
        raise SiteError(f"the site has no session type {type_id}")
    return found


def _no_change(_user: User, _types: _Types, _concerned: SessionType) -> User | None:
    return None


async def _changed(
    engine: Engine,
    site_id: int,
    change: Callable[[Site, _Types], _Types],
    change_user: Callable[[User, _Types, SessionType], User | None],
    by: Author,
    now: int,
    *,
    number: int | None = None,
) -> tuple[_Types, int]:
    """Write other types of a site with what follows for its accounts, as often as it takes until nobody interferes.

    Args:
        change_user: makes an account as it is to be of the account, the types and the type concerned; None for no
            change.
        number: the type concerned; None for the one that is new.

    Returns:
        The types as they are then, and the number of the type concerned.
    """
    for tried in range(1, _TRIES + 1):
        site = await sites.by_id(engine, site_id)
        if site is None:
            raise SiteError("the site is gone")
        types = {each.type_id: each for each in await sites.types(engine, site_id)}
        wanted = change(site, types)
        concerned = number if number is not None else next(each for each in wanted if each not in types)
        changes = Changes()
        found = _differences(types, wanted)
        if not found:
            return wanted, concerned
        it = wanted.get(concerned) or types[concerned]
        accounts = 0
        async for user in users.every(engine, site_id):
            after = change_user(user, wanted, it)
            if after is not None:
                users.update_user(changes, user, after)
                accounts += 1
        if accounts:
            found.append(Difference(f"session_types.{concerned}.accounts_changed", None, accounts))
        put_changed(changes, site, _with_default(site, wanted), by, now, found)
        sites.put_types(changes, site_id, [each for _, each in sorted(wanted.items())])
        quotas.forget(changes, site_id)
        try:
            await engine.commit(changes)
        except (Conflict, Duplicate):
            await let_others_finish(tried)
        else:
            return wanted, concerned
    raise Conflict


def _with_default(site: Site, types: _Types) -> Site:
    """The site without a default type that it does not have."""
    if site.settings.default_session_type in types:
        return site
    return msgspec.structs.replace(site, settings=msgspec.structs.replace(site.settings, default_session_type=None))


def _differences(before: _Types, after: _Types) -> list[Difference]:
    found = []
    for number in sorted({*before, *after}):
        old = described(before[number]) if number in before else {}
        new = described(after[number]) if number in after else {}
        found += [
            Difference(f"session_types.{number}.{name}", old.get(name), new.get(name))
            for name in dict.fromkeys((*old, *new))
            if old.get(name) != new.get(name)
        ]
    return found


# --- one type --------------------------------------------------------------------------------------------------------


def _laid_over(present: SessionType, values: TypeValues) -> SessionType:
    """A type with what is said of it.

    Raises:
        SiteError: a value cannot be used.
    """
    columns = {
        name: text.strip()
        for name in ("name", "display_name", "service", "prefix")
        if (text := getattr(values, name)) is not None
    }
    if values.active is not None:
        after = msgspec.structs.replace(present, **columns, active=values.active)
    else:
        after = msgspec.structs.replace(present, **columns)
    _check_texts(after)
    stored = stored_type(present)
    people = _number(values.participants, stored.limits.max_meeting_user, "participants", UNLIMITED)
    minutes = _number(values.minutes, stored.limits.max_meeting_duration, "minutes", UNLIMITED)
    if values.participants is not None or values.minutes is not None or present.document == "{}":
        stored.limits = limits(minutes=minutes, people=people)
    if values.max_holders is not None:
        stored.max_holders = _number(values.max_holders, None, "holders", _LARGEST_ID, least=0) or None
    stored.webinar = stored.webinar if values.webinar is None else values.webinar
    stored.view_only = stored.view_only if values.view_only is None else values.view_only
    if stored.view_only and not stored.webinar:
        raise SiteError("only attendees of a webinar can be view-only")
    if stored.webinar and after.service != "MeetingCenter":
        raise SiteError("webinars belong to the service MeetingCenter")
    after.document = _document(stored)
    return after


def _document(stored: Any) -> str:
    return msgspec.json.encode(stored).decode()


def _check_texts(session_type: SessionType) -> None:
    for what in (session_type.name, session_type.display_name):
        if not what or len(what) > _LONGEST_NAME or not what.isprintable():
            raise SiteError(f"a name has 1 to {_LONGEST_NAME} printable characters")
    if session_type.service not in SERVICES:
        raise SiteError(f"{session_type.service[:80]!r} is no service: {', '.join(SERVICES)} are")
    if session_type.prefix not in PREFIXES:
        raise SiteError(f"{session_type.prefix[:80]!r} is no prefix: {', '.join(PREFIXES)} are")


def _number(sent: int | None, present: int | None, what: str, most: int, least: int = 1) -> int:
    if sent is None:
        return UNLIMITED if present is None else present
    if not least <= sent <= most:
        raise SiteError(f"a number of {what} is between {least} and {most}")
    return sent


# --- what accounts hold ----------------------------------------------------------------------------------------------


def _without(user: User, types: _Types, type_id: int, now: int) -> User | None:
    """An account without a type that is no more; None for one that does not hold it."""
    profile = profile_of(user)
    held = profile.meeting_types.meeting_type if profile.meeting_types else []
    chosen = profile.session_options
    is_default = chosen is not None and chosen.default_session_type == type_id
    if type_id not in held and not is_default:
        return None
    rest = [each for each in held if each != type_id]
    if profile.meeting_types is not None:
        profile.meeting_types = use.UserTypeMeetingTypes(meeting_type=rest)
    if chosen is not None and is_default:
        default = next((each for each in rest if each in types and types[each].active), None)
        profile.session_options = msgspec.structs.replace(
            chosen,
            default_session_type=default,
            default_service_type=chosen.default_service_type if default is None else types[default].service,
        )
    if profile.supported_services is not None and profile.meeting_types is not None:
        profile.supported_services = _services(profile.supported_services, services_of(rest, types), both=True)
    return _with_profile(user, profile, now)


def _granted(user: User, types: _Types, added: SessionType, now: int) -> User | None:
    """An account with another type; None for one that holds none, or follows the site anyway."""
    profile = profile_of(user)
    if user.attendee_only or profile.meeting_types is None or added.type_id in profile.meeting_types.meeting_type:
        return None
    held = [*profile.meeting_types.meeting_type, added.type_id]
    profile.meeting_types = use.UserTypeMeetingTypes(meeting_type=held)
    if profile.supported_services is not None:
        gained = services_of([added.type_id], types)
        profile.supported_services = _services(profile.supported_services, gained, both=False)
    return _with_profile(user, profile, now)


def _services(
    one: settings.SupportedServicesType, other: settings.SupportedServicesType, *, both: bool
) -> settings.SupportedServicesType:
    """Services that both name, or either of them."""
    join = all if both else any
    names = settings.SupportedServicesType.__struct_fields__
    return settings.SupportedServicesType(**{name: join((getattr(one, name), getattr(other, name))) for name in names})


def _with_profile(user: User, profile: use.UserInstanceType, now: int) -> User:
    return msgspec.structs.replace(user, document=write_profile(profile), modified_at=now)
