"""What an account is after CreateUser or SetUser: every rule checked, columns and document filled, nothing written.

Sources: facts/user-site.md 4 (CreateUser, SetUser) and 5 (Control Hub), facts/versions.md 40.4, 40.11 and 42.2,
facts/holes.md (1). What plain users may change of their own accounts is told by `parley.services.user.own`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import msgspec

from parley.contract import common as com
from parley.contract import user as use
from parley.contract import user_settings as settings
from parley.domain import timezones
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.faults import Fault, SubError
from parley.services.accounts import (
    check_password,
    identity_faults,
    is_room_name,
    number_key,
    numbered_room,
    room_key,
    write_profile,
)
from parley.services.context import Context
from parley.services.lists import zone_or
from parley.services.password_changes import stale_password
from parley.services.user.document import HIDDEN_PASSWORD, effective_profile, held_types
from parley.services.user.own import check_own_changes
from parley.services.user.profile import give_room, profile_after, sent_profile
from parley.services.user.rules import (
    Roles,
    conference_number_faults,
    offer_faults,
    profile_faults,
    roles_of,
    tracking_faults,
)
from parley.services.values import date_of, given
from parley.store import profile_numbers, users

_NEVER: Final = "none"
#: Years in which an account may expire; far enough for the 12/31/2049 of recorded answers and all zones' dates.
_FIRST_YEAR, _LAST_YEAR = 1970, 9998
_HOUR: Final = 3600


@dataclass(slots=True)
class Plan:
    """An account as a request wants it.

    Attributes:
        user: the row; its password is still the old one.
        password: another password to be given, which keeps the site's rules; None to leave the old one.
        delegates: numbers of those who may schedule for the account; None to leave the list.
        pending_email: an address that counts only when the user confirms it.
        reset: the password is to be replaced by a random one, which is mailed.
    """

    user: User
    password: str | None = None
    delegates: list[int] | None = None
    pending_email: str | None = None
    reset: bool = False


@dataclass(slots=True)
class _Findings:
    """Faults found so far; the first is the answer, or with validateFormat all of them together."""

    faults: list[Fault] = field(default_factory=list)

    @contextmanager
    def noted(self) -> Iterator[None]:
        try:
            yield
        except Fault as fault:
            self.faults.append(fault)

    def settle(self, *, together: bool) -> None:
        """Raise what was found.

        Raises:
            Fault: the first one; with several and `together`, one that has them all as subErrors.
        """
        if not self.faults:
            return
        if len(self.faults) == 1 or not together:
            raise self.faults[0]
        subs = tuple(SubError(each.code, each.reason, each.value) for each in self.faults)
        summary = faults.FORMAT_PROBLEMS(count=len(subs))
        raise Fault(summary.code, summary.reason, sub_errors=subs)


async def planned(context: Context, request: use.CreateUser | use.SetUser, before: User, *, new: bool) -> Plan:
    """The account after the request.

    Args:
        before: the account as it is; of a new one with the defaults for all that the request does not say.

    Raises:
        Fault: what is wrong with the request, or 000001 for what the caller may not change.
    """
    found = _Findings()
    plan = Plan(before)
    kept_roles = Roles(before.host, before.site_admin, before.ro_site_admin, before.attendee_only)
    roles = roles_of(request.privilege, kept_roles)
    after = msgspec.structs.replace(before, **msgspec.structs.asdict(roles), modified_at=context.now)
    await _lay_identity(context, request, before, after, plan, found)
    with found.noted():
        after.time_zone_id = _zone(request, before)
    with found.noted():
        after.expires_at = _expiry(request.expiration_date, before, after.time_zone_id)
    with found.noted():
        after.status = _status(request.active, before, new=new)
    with found.noted():
        _lay_security(context, request, before, after, plan)
    await _lay_profile(context, request, before, after, found, new=new, roles=(kept_roles, roles))
    with found.noted():
        plan.delegates = await _delegates(context, request.scheduling_permission, after)
    if not new:
        with found.noted():
            check_own_changes(context, request, before, after)
    with found.noted():
        _check_new_password(context, before, after, plan)
    found.settle(together=bool(request.validate_format))
    plan.user = after
    return plan


# --- who it is -------------------------------------------------------------------------------------------------------


async def _lay_identity(
    context: Context,
    request: use.CreateUser | use.SetUser,
    before: User,
    after: User,
    plan: Plan,
    found: _Findings,
) -> None:
    """Names, webExID and e-mail address; each of the latter two belongs to one account of the site."""
    after.first_name = _said(request.first_name) or before.first_name
    after.last_name = _said(request.last_name) or before.last_name
    after.email = _said(request.email) or before.email
    renamed = _said(request.new_web_ex_id) if isinstance(request, use.SetUser) else None
    after.web_ex_id = renamed or before.web_ex_id
    if context.site.settings.control_hub:
        after.web_ex_id = after.email
    after.web_ex_id_key, after.email_key = after.web_ex_id.casefold(), after.email.casefold()
    wrong = list(_identity_faults(before, after))
    found.faults += wrong
    if not wrong:
        await _check_unique(context, before, after, found)
    settings_of_site = context.site.settings
    if settings_of_site.confirm_email_changes and not context.caller.site_admin and after.email_key != before.email_key:
        plan.pending_email = after.email
        after.email, after.email_key = before.email, before.email_key
        after.web_ex_id, after.web_ex_id_key = renamed or before.web_ex_id, (renamed or before.web_ex_id).casefold()


def _identity_faults(before: User, after: User) -> Iterator[Fault]:
    """What is wrong with names, webExID and address; what stays as it was is not looked at again."""
    good = {"web_ex_id": "x", "email": "x@example.com", "first_name": "x", "last_name": "x"}
    if before.version:
        changed = {name for name in good if getattr(before, name) != getattr(after, name)}
    else:
        changed = set(good)
    return identity_faults(**good | {name: getattr(after, name) for name in changed})


def _said(text: str | None) -> str | None:
    """A text without blanks around it; an empty one counts as not sent."""
    return text.strip() or None if text else None


async def _check_unique(context: Context, before: User, after: User, found: _Findings) -> None:
    site_id, other = context.site.site.site_id, None
    if after.web_ex_id_key != before.web_ex_id_key or not before.version:
        other = await users.by_web_ex_id(context.engine, site_id, after.web_ex_id_key)
        if other is not None and other.user_id != before.user_id:
            found.faults.append(faults.WEB_EX_ID_TAKEN())
    if after.email_key != before.email_key or not before.version:
        namesake = other
        other = await users.by_email(context.engine, site_id, after.email_key)
        if other is not None and other.user_id != before.user_id:
            if namesake is None and other.web_ex_id_key == after.web_ex_id_key:  # made between the two looks
                found.faults.append(faults.WEB_EX_ID_TAKEN())
            found.faults.append(faults.EMAIL_TAKEN())


def _zone(request: use.UserType, before: User) -> int:
    """timeZoneID, else the zone that timeZone names; a text beside the number that is kept already counts."""
    by_text = timezones.zone_id_for_text(request.time_zone) if request.time_zone else None
    if by_text is not None and request.time_zone_id in (None, -1, before.time_zone_id):
        same_text = timezones.zone(before.time_zone_id).text == request.time_zone
        return before.time_zone_id if same_text else by_text
    return zone_or(request.time_zone_id, before.time_zone_id, "timeZoneID")


def _expiry(text: str | None, before: User, zone_id: int) -> int | None:
    """expirationDate as UTC epoch seconds; `none` for an account without end."""
    said = _said(text)
    if said is None:
        return before.expires_at
    if said.casefold() == _NEVER:
        return None
    date = date_of(said)
    if date is None or not _FIRST_YEAR <= date.year <= _LAST_YEAR:
        raise faults.INVALID_DATE()
    return timezones.to_utc(date, zone_id)


def _status(active: str | None, before: User, *, new: bool) -> str:
    """The state asked for; new accounts are active ones (facts/user-site.md 4, [RN 9.0 SP2])."""
    if new and active not in (None, "ACTIVATED"):
        raise faults.INVALID_VALUE(path="active", problem="a new account is always ACTIVATED")
    return active or before.status


# --- passwords -------------------------------------------------------------------------------------------------------


def _lay_security(
    context: Context, request: use.CreateUser | use.SetUser, before: User, after: User, plan: Plan
) -> None:
    """security and password: what is forced, reset, locked, and which password is to be set."""
    security = request.security or settings.SecurityType()
    password = None if request.password == HIDDEN_PASSWORD else request.password or None
    if context.site.settings.control_hub:
        password = None  # passwords are Control Hub's
    if security.reset_password:
        if password is not None:
            raise faults.RESET_AND_PASSWORD()
        plan.reset = True
        after.must_change_password = True
    if security.force_change_password is not None:
        if not security.force_change_password and before.must_change_password and password is None:
            raise faults.FORCED_CHANGE_PENDING()
        after.must_change_password = security.force_change_password or plan.reset
    elif password is not None:
        after.must_change_password = False
    if security.lock_account is not None:
        after.locked = security.lock_account
    plan.password = password


def _check_new_password(context: Context, before: User, after: User, plan: Plan) -> None:
    """The site's criteria, and how long a password must be kept.

    The latter holds for whoever changes the own password, administrators too, unless the change is due. To others
    administrators give a new one whenever they need to.
    """
    if plan.password is None:
        return
    check_password(context.site.site, after, plan.password)
    hours = context.site.settings.password_rest
    own = context.caller.user_id == before.user_id and before.version > 0
    due = stale_password(before, context.site.settings, context.now) is not None
    if own and not due and hours and context.now - before.password_changed_at < hours * _HOUR:
        raise faults.PASSWORD_TOO_SOON(hours=hours)


# --- the document ----------------------------------------------------------------------------------------------------


async def _lay_profile(
    context: Context,
    request: use.CreateUser | use.SetUser,
    before: User,
    after: User,
    found: _Findings,
    *,
    new: bool,
    roles: tuple[Roles, Roles],
) -> None:
    kept = effective_profile(before)
    for type_id in request.meeting_types.meeting_type if request.meeting_types else ():
        known = context.site.types.get(type_id)
        if known is None or not known.active:
            found.faults.append(faults.UNKNOWN_SESSION_TYPE(type_id=type_id, value=str(type_id)))
    sent = sent_profile(context, request, before, kept)
    try:
        profile = profile_after(context, request, sent, kept, roles)
    except Fault as fault:
        found.faults.append(fault)
        return
    found.faults += profile_faults(sent, kept, profile, attendee_only=after.attendee_only)
    found.faults += offer_faults(context.site.settings, kept.privilege or settings.PrivilegeType(), request.privilege)
    prefixes = {context.site.types[type_id].prefix for type_id in held_types(context, profile)}
    found.faults += conference_number_faults(kept, profile, prefixes)
    found.faults += tracking_faults(
        context.site.settings,
        kept.tracking or com.TrackingType(),
        request.tracking,
        new=new,
        admin=context.caller.site_admin,
    )
    give_room(profile, after.web_ex_id)
    with found.noted():
        await _check_room(context, sent, before, after, profile)
    with found.noted():
        await _check_profile_number(context, before, kept, profile)
    after.personal_url = room_key(profile)
    after.document = write_profile(profile)


async def _check_room(
    context: Context, sent: use.UserInstanceType, before: User, after: User, profile: use.UserInstanceType
) -> None:
    """The address of the room is nobody else's; one that nobody asked for gives way, one asked for is refused."""
    key = room_key(profile)
    if key is None or (key == before.personal_url and before.version):
        return
    if sent.personal_url and not is_room_name(sent.personal_url):
        raise faults.INVALID_VALUE(
            path="personalUrl", problem="at most 64 letters, digits, dots, dashes and underscores are allowed"
        )
    other = await users.by_personal_url(context.engine, after.site_id, key)
    if other is None or other.user_id == after.user_id:
        return
    if sent.personal_url:
        raise faults.ROOM_TAKEN()
    profile.personal_url = numbered_room()


async def _check_profile_number(
    context: Context, before: User, kept: use.UserInstanceType, profile: use.UserInstanceType
) -> None:
    """A number on the conference server is nobody else's.

    Raises:
        Fault: 030051.
    """
    key = number_key(profile)
    if key is None or (key == number_key(kept) and before.version):
        return
    holder = await profile_numbers.holder(context.engine, before.site_id, key)
    if holder not in (None, before.user_id):
        number = profile.mp_profile_number
        raise faults.PROFILE_NUMBER_TAKEN(number=number, value=number)


async def _delegates(context: Context, text: str | None, user: User) -> list[int] | None:
    """Who may schedule for the account, from a list of webExIDs and e-mail addresses separated by semicolons.

    The account itself may stand in the list and is passed over.

    Raises:
        Fault: 030019.
    """
    if text is None:
        return None
    names = {name.casefold(): name for each in text.split(";") if (name := given(each.strip()))}
    names.pop(user.web_ex_id_key, None)
    names.pop(user.email_key, None)
    site_id = context.site.site.site_id
    by_id = {each.web_ex_id_key: each for each in await users.many(context.engine, site_id, "web_ex_id_key", [*names])}
    rest = [key for key in names if key not in by_id]
    by_email = {each.email_key: each for each in await users.many(context.engine, site_id, "email_key", rest)}
    numbers = []
    for key, name in names.items():
        account = by_id.get(key) or by_email.get(key)
        if account is None:
            raise faults.SCHEDULING_PERMISSION_UNKNOWN(person=name[:64], value=name[:64])
        if account.user_id != user.user_id:
            numbers.append(account.user_id)
    return numbers
