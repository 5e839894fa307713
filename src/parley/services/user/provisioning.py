"""CreateUser, SetUser, DelUser, ActivateUser and InactivateUser.

Sources: facts/user-site.md 4 to 6, facts/versions.md 40.4, 42.2 and 42.6.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec

from parley.contract.user import (
    ActivateUser,
    ActivateUserResponse,
    CreateUser,
    CreateUserResponse,
    DelUser,
    DelUserResponse,
    DelUserStatusType,
    InactivateUser,
    InactivateUserResponse,
    SetUser,
    SetUserResponse,
)
from parley.domain.user import User
from parley.protocol import faults
from parley.services import account_notices as notices
from parley.services.accounts import (
    NewAccount,
    check_host_limit,
    identity_faults,
    new_account,
    number_key,
    random_password,
)
from parley.services.context import Context
from parley.services.password_changes import check_history, is_password, keep_former, stale_password
from parley.services.profiles import profile_of
from parley.services.quotas import settle_quotas
from parley.services.registry import operation
from parley.services.suspension import check_accounts
from parley.services.taking_turns import let_others_finish
from parley.services.user.document import HIDDEN_PASSWORD
from parley.services.user.email_changes import ask_to_confirm
from parley.services.user.own import without_foreign_fields
from parley.services.user.planning import Plan, planned
from parley.services.values import given
from parley.store import Changes, Conflict, Duplicate, email_changes, profile_numbers, sign_in_failures, users

T = TypeVar("T")

#: How often a change is tried again when somebody else changed the same account in between.
_TRIES: Final = 40
#: What makes proofs of identity given before worthless when it changes.
_PROVEN: Final = ("password_hash", "status", "locked", "host", "site_admin", "ro_site_admin", "attendee_only")


@operation("user", request=CreateUser, answer=CreateUserResponse)
async def create_user(context: Context, request: CreateUser) -> CreateUserResponse:
    """Make an account; the answer is its number."""
    check_accounts(context)
    without_foreign_fields(context, request)
    plan = await planned(context, request, _blank(context, request), new=True)
    site, user = context.site.site, plan.user
    if plan.password is None and not (plan.reset or site.settings.control_hub):
        strict = site.settings.strict_user_passwords
        raise faults.PASSWORD_MISSING() if strict else faults.ACCOUNT_VALUE_MISSING(path="password")
    await check_host_limit(context.engine, Changes(), site, None, user)
    password = plan.password or random_password(context.site.site, user)
    user.password_hash = await context.application.passwords.hash_in_background(password)
    user.version = 1
    changes = Changes()
    await check_host_limit(context.engine, changes, site, None, user)
    await settle_quotas(context.engine, changes, site, context.site.types, None, user)
    users.create(changes, user)
    _lay_number(changes, None, user)
    if plan.delegates:
        users.permit(changes, user.site_id, user.user_id, plan.delegates)
    language_id = profile_of(user).language_id
    if plan.reset:
        notices.password_reset(changes, user, context.now, password, language_id=language_id)
    if request.send_welcome:
        html = bool(request.is_html_email)
        notices.welcome(changes, user, context.now, language_id=language_id, html=html)
    elif site.settings.control_hub:
        notices.activation(changes, user, context.now, language_id=language_id)
    await context.engine.commit(changes)
    return CreateUserResponse(user_id=user.user_id)


def _blank(context: Context, request: CreateUser) -> User:
    """A new account with names and roles of the request and the site's defaults for everything else; version 0.

    Values that no account can have are replaced, so that the other rules can be looked at too; `planned` tells them.
    """
    email = (request.email or "").strip()
    web_ex_id = (request.web_ex_id or "").strip()
    if context.site.settings.control_hub:
        web_ex_id = email
    values = [web_ex_id, email, (request.first_name or "").strip(), (request.last_name or "").strip()]
    usable = not any(identity_faults(*values))
    privilege = request.privilege
    account = NewAccount(
        web_ex_id=web_ex_id if usable else "nobody",
        email=email if usable else "nobody@example.com",
        first_name=values[2] if usable else "-",
        last_name=values[3] if usable else "-",
        attendee_only=bool(privilege and privilege.attendee_only),
    )
    user = new_account(context.site.site, context.site.types, account, "", context.now)
    return msgspec.structs.replace(
        user, web_ex_id=values[0], email=values[1], first_name=values[2], last_name=values[3], version=0
    )


@operation("user", request=SetUser, answer=SetUserResponse)
async def set_user(context: Context, request: SetUser) -> SetUserResponse:
    """Change an account: administrators any, other users their own; what the request does not say stays."""
    key = _target(context, request.web_ex_id)
    check_accounts(context)
    without_foreign_fields(context, request)
    _check_renewal(context, request, key)
    hashes: dict[str, str] = {}

    async def change() -> SetUserResponse:
        before = await users.by_web_ex_id(context.engine, context.site.site.site_id, key)
        if before is None:
            raise faults.UNKNOWN_USER()
        plan = await planned(context, request, before, new=False)
        changes = Changes()
        await _lay_password(context, changes, before, plan, hashes)
        _tell_forced(context, changes, before, plan)
        await _write(context, changes, before, plan)
        return SetUserResponse()

    return await _until_done(change)


def _target(context: Context, web_ex_id: str | None) -> str:
    """The casefolded webExID of the account to change.

    Raises:
        Fault: none is named, or the caller may not change it (000001): who is no administrator changes the own
            account, and a read-only administrator changes nothing.
    """
    name = given(web_ex_id)
    if name is None:
        raise faults.MISSING_ELEMENT(path="webExId")
    key, caller = name.strip().casefold(), context.caller
    if caller.site_admin:
        return key
    if caller.ro_site_admin or key != caller.web_ex_id.casefold():
        raise faults.ACCESS_DENIED()
    return key


def _check_renewal(context: Context, request: SetUser, key: str) -> None:
    """Whether a caller whose password must be changed or has expired does that: gives himself another one.

    Raises:
        Fault: 030029 or 030031 for whatever else he wants.
    """
    stale = stale_password(context.caller, context.site.settings, context.now)
    renews = given(request.password) is not None and request.password != HIDDEN_PASSWORD
    if stale is not None and not (renews and key == context.caller.web_ex_id.casefold()):
        raise stale


async def _lay_password(context: Context, changes: Changes, before: User, plan: Plan, hashes: dict[str, str]) -> None:
    """Put another password into the plan; the present one sent again changes nothing.

    Args:
        hashes: of this request's passwords, made once however often the change is tried.
    """
    user = plan.user
    if plan.password is None and not plan.reset:
        return
    password = plan.password or hashes.get("made up") or random_password(context.site.site, user)
    if plan.reset:
        hashes["made up"] = password
        notices.password_reset(changes, user, context.now, password, language_id=profile_of(user).language_id)
    elif await is_password(context.application, before.password_hash, password):
        if stale_password(before, context.site.settings, context.now) is not None:
            count = max(1, context.site.settings.password_history)
            raise faults.PASSWORD_REUSED(count=count, value=str(count))
        return
    else:
        await check_history(context.application, context.site.site, before, password)
    if password not in hashes:
        hashes[password] = await context.application.passwords.hash_in_background(password)
    user.password_hash = hashes[password]
    user.password_changed_at = context.now
    await keep_former(context.engine, changes, context.site.site, before)


def _tell_forced(context: Context, changes: Changes, before: User, plan: Plan) -> None:
    """Tell an account's owner that somebody else wants another password of them, unless a mail with one says so."""
    user = plan.user
    forced = user.must_change_password and not before.must_change_password
    if forced and not plan.reset and context.caller.user_id != user.user_id and user.status == "ACTIVATED":
        notices.password_change(changes, user, context.now, language_id=profile_of(user).language_id)


async def _write(context: Context, changes: Changes, before: User, plan: Plan) -> None:
    """Write a planned change of an account with all that hangs on it.

    Raises:
        Fault: 030010, one host too many; 110055 or 030015 to 030017, too much of what the site limits.
        Conflict, Duplicate: somebody else was faster.
    """
    user = plan.user
    if any(getattr(before, name) != getattr(user, name) for name in _PROVEN):
        user.credential_version = before.credential_version + 1
    await check_host_limit(context.engine, changes, context.site.site, before, user)
    await settle_quotas(context.engine, changes, context.site.site, context.site.types, before, user)
    users.update_user(changes, before, user)
    _lay_number(changes, before, user)
    if before.locked != user.locked:
        sign_in_failures.forget(changes, user.site_id, user.user_id)
    if plan.delegates is not None:
        users.permit(changes, user.site_id, user.user_id, plan.delegates)
    if plan.pending_email is not None:
        ask_to_confirm(context, changes, user, plan.pending_email)
    elif user.email_key != before.email_key:
        email_changes.forget(changes, user.site_id, user.user_id)
    await context.engine.commit(changes)


def _lay_number(changes: Changes, before: User | None, after: User) -> None:
    """See to it that the account has its profile number for itself."""
    if before is not None and before.document == after.document:
        return
    old = None if before is None else number_key(profile_of(before))
    new = number_key(profile_of(after))
    if old == new:
        return
    if old is not None:
        profile_numbers.release(changes, after.site_id, old, after.user_id)
    if new is not None:
        profile_numbers.take(changes, after.site_id, new, after.user_id)


async def _until_done(change: Callable[[], Awaitable[T]]) -> T:
    """Do a change that starts anew from what is kept, until nobody else comes in between.

    Raises:
        Conflict: others were always faster.
    """
    for tried in range(1, _TRIES):
        try:
            return await change()
        except (Conflict, Duplicate):
            await let_others_finish(tried)
    return await change()


# --- switching on and off --------------------------------------------------------------------------------------------


@operation("user", request=DelUser, answer=DelUserResponse)
async def del_user(context: Context, request: DelUser) -> DelUserResponse:
    """Deactivate up to 50 accounts; each has its own result, and one that fails does not stop the others."""
    if not request.web_ex_id:
        raise faults.MISSING_ELEMENT(path="webExId")
    return DelUserResponse(user=[await _deleted(context, name) for name in request.web_ex_id])


async def _deleted(context: Context, web_ex_id: str) -> DelUserStatusType:
    status = "SUCCESS"
    try:
        unlicensed = context.site.settings.control_hub
        await _switch(context, None, web_ex_id.strip().casefold(), "DEACTIVATED", unlicensed=unlicensed)
    except faults.Fault:
        status = "FAILURE"
    return DelUserStatusType(web_ex_id=web_ex_id, status=status)


@operation("user", request=ActivateUser, answer=ActivateUserResponse)
async def activate_user(context: Context, request: ActivateUser) -> ActivateUserResponse:
    """Make an account usable again, named by number or webExID."""
    await _switch(context, request.user_id, given(request.web_ex_id), "ACTIVATED")
    return ActivateUserResponse()


@operation("user", request=InactivateUser, answer=InactivateUserResponse)
async def inactivate_user(context: Context, request: InactivateUser) -> InactivateUserResponse:
    """Deactivate an account, named by number or webExID."""
    await _switch(context, request.user_id, given(request.web_ex_id), "DEACTIVATED")
    return InactivateUserResponse()


async def _switch(
    context: Context, user_id: int | None, web_ex_id: str | None, status: str, *, unlicensed: bool = False
) -> None:
    """Give an account another state; one that has it already stays as it is.

    Args:
        unlicensed: the account shall be no host's any more; DelUser takes the licence where Control Hub manages the
            site (facts/user-site.md 5).

    Raises:
        Fault: no account is named; 030001; 000001 for the caller's own account; 030010.
    """
    engine, site_id = context.engine, context.site.site.site_id
    if user_id is None and web_ex_id is None:
        raise faults.MISSING_ELEMENT(path="webexID")

    async def change() -> None:
        if user_id is not None:
            before = await users.by_id(engine, site_id, user_id)
        else:
            before = await users.by_web_ex_id(engine, site_id, (web_ex_id or "").strip().casefold())
        if before is None:
            raise faults.UNKNOWN_USER()
        host = before.host and not unlicensed
        if (before.status, before.host) == (status, host):
            return
        if before.user_id == context.caller.user_id:
            raise faults.ACCESS_DENIED()
        after = msgspec.structs.replace(before, status=status, host=host, modified_at=context.now)
        await _write(context, Changes(), before, Plan(after))

    await _until_done(change)
