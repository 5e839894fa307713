"""CreateUser, SetUser, DelUser, ActivateUser and InactivateUser.

Sources: facts/user-site.md 4 to 6, facts/versions.md 40.4, 42.2 and 42.6.
"""

from __future__ import annotations

import asyncio
import random
import secrets
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
from parley.domain import passwords
from parley.domain.passwords import ACCOUNT_PASSWORD_LENGTH, WebText
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.credentials import Overloaded
from parley.services.accounts import NewAccount, check_host_limit, identity_faults, new_account
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.scheduling import profile_of
from parley.services.suspension import check_accounts
from parley.services.user import notices
from parley.services.user.email_changes import ask_to_confirm
from parley.services.user.own import without_foreign_fields
from parley.services.user.planning import Plan, planned
from parley.services.values import given
from parley.store import Changes, Conflict, Duplicate, email_changes, users

T = TypeVar("T")

#: How often a change is tried again when somebody else changed the same account in between; the pauses between the
#: tries grow, so that many administrators at one account come through one after the other.
_TRIES: Final = 40
_PAUSE: Final = 0.004
_LONGEST_PAUSE: Final = 0.1
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
        raise faults.ACCOUNT_VALUE_MISSING(path="password")
    await check_host_limit(context.engine, Changes(), site, None, user)
    password = plan.password or _random_password(context, user)
    user.password_hash = await context.application.passwords.hash_in_background(password)
    user.version = 1
    changes = Changes()
    await check_host_limit(context.engine, changes, site, None, user)
    users.create(changes, user)
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
    hashes: dict[str, str] = {}

    async def change() -> SetUserResponse:
        before = await users.by_web_ex_id(context.engine, context.site.site.site_id, key)
        if before is None:
            raise faults.UNKNOWN_USER()
        plan = await planned(context, request, before, new=False)
        changes = Changes()
        await _lay_password(context, changes, before, plan, hashes)
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


async def _lay_password(context: Context, changes: Changes, before: User, plan: Plan, hashes: dict[str, str]) -> None:
    """Put another password into the plan; the present one sent again changes nothing.

    Args:
        hashes: of this request's passwords, made once however often the change is tried.
    """
    user = plan.user
    if plan.password is None and not plan.reset:
        return
    password = plan.password or hashes.get("made up") or _random_password(context, user)
    if plan.reset:
        hashes["made up"] = password
        notices.password_reset(changes, user, context.now, password, language_id=profile_of(user).language_id)
    elif await _is_present(context, before, password):
        if before.must_change_password:
            raise faults.PASSWORD_REUSED(count=1, value="1")
        return
    if password not in hashes:
        hashes[password] = await context.application.passwords.hash_in_background(password)
    user.password_hash = hashes[password]
    user.password_changed_at = context.now


async def _is_present(context: Context, before: User, password: str) -> bool:
    try:
        return await context.application.passwords.verify(before.password_hash, password)
    except Overloaded:
        raise faults.BUSY() from None


def _random_password(context: Context, user: User) -> str:
    """A password nobody knows that keeps the site's rules."""
    site = context.site
    texts = WebText(
        site=(site.site.name, *site.settings.brand_names),
        account=(user.web_ex_id, user.first_name, user.last_name, user.email),
    )
    criteria = site.settings.account_password_criteria
    try:
        return passwords.generate_password(criteria, texts, longest=ACCOUNT_PASSWORD_LENGTH)
    except passwords.CriteriaError:  # the rules contradict each other; then no password keeps them
        return secrets.token_urlsafe(24)


async def _write(context: Context, changes: Changes, before: User, plan: Plan) -> None:
    """Write a planned change of an account with all that hangs on it.

    Raises:
        Fault: 030010, one host too many.
        Conflict, Duplicate: somebody else was faster.
    """
    user = plan.user
    if any(getattr(before, name) != getattr(user, name) for name in _PROVEN):
        user.credential_version = before.credential_version + 1
    await check_host_limit(context.engine, changes, context.site.site, before, user)
    users.update_user(changes, before, user)
    if plan.delegates is not None:
        users.permit(changes, user.site_id, user.user_id, plan.delegates)
    if plan.pending_email is not None:
        ask_to_confirm(context, changes, user, plan.pending_email)
    elif user.email_key != before.email_key:
        email_changes.forget(changes, user.site_id, user.user_id)
    await context.engine.commit(changes)


async def _until_done(change: Callable[[], Awaitable[T]]) -> T:
    """Do a change that starts anew from what is kept, until nobody else comes in between.

    Raises:
        Conflict: others were always faster.
    """
    for tried in range(1, _TRIES):
        try:
            return await change()
        except (Conflict, Duplicate):
            await asyncio.sleep(random.uniform(0, min(_PAUSE * tried, _LONGEST_PAUSE)))
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
        await _switch(context, None, web_ex_id.strip().casefold(), "DEACTIVATED")
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


async def _switch(context: Context, user_id: int | None, web_ex_id: str | None, status: str) -> None:
    """Give an account another state; one that has it already stays as it is.

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
        if before.status == status:
            return
        if before.user_id == context.caller.user_id:
            raise faults.ACCESS_DENIED()
        after = msgspec.structs.replace(before, status=status, modified_at=context.now)
        await _write(context, Changes(), before, Plan(after))

    await _until_done(change)
