"""One account, for administrators: making it, what it is, locking, passwords, deleting.

GetUser tells what there is, CreateUser, SetUser, ActivateUser, InactivateUser and DelUser change it, so all that holds
for programs holds here. What was refused stands beside the field that it is about.
"""

from __future__ import annotations

from typing import Final, NamedTuple, cast

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.contract.user import (
    ActivateUser,
    CreateUserResponse,
    DelUser,
    DelUserResponse,
    GetUser,
    GetUserResponse,
    InactivateUser,
    SetUser,
)
from parley.contract.user_settings import SecurityType
from parley.domain.user import User
from parley.protocol.faults import Fault
from parley.services.password_links import has_passwords
from parley.store import users
from parley.web.console.admin_user_form import UserForm
from parley.web.console.admin_users import OWN, PLACE, ROLES, refusal, type_names, when
from parley.web.console.shell import ConsoleCall, Shell, administers


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/admin/users/new", new_page, ("GET", "POST"), admins=True),
        shell.page("/admin/users/{number:int}", user_page, ("GET", "POST"), admins=True),
        shell.page("/admin/users/{number:int}/do", do_page, ("POST",), admins=True),
        shell.page("/admin/users/{number:int}/password", password_page, ("GET", "POST"), admins=True),
        shell.page("/admin/users/{number:int}/delete", delete_page, ("GET", "POST"), admins=True),
    ]


async def _account(console: ConsoleCall) -> User:
    """The account of an address, on this site.

    Raises:
        HTTPException: 404.
    """
    number = console.call.request.path_params["number"]
    found = await users.by_id(console.application.engine, console.site.site_id, number)
    if found is None:
        raise HTTPException(404)
    return found


def _form(console: ConsoleCall, *, new: bool, own: bool) -> UserForm:
    passwords = has_passwords(console.site)
    return UserForm(console.call.known, type_names(console), console.now, new=new, own=own, passwords=passwords)


def _read(console: ConsoleCall, form: UserForm) -> None:
    form.read({name: console.values.get(name) for name in form.fields}, console.values.starting("WAS."))


# ---- a new one ---------------------------------------------------------------------------------------------------


async def new_page(console: ConsoleCall) -> Response:
    """The form for a new account (GET), and making it (POST)."""
    if not administers(console.user):
        return console.say(_("Not yours to change"), _("Your account may look at this, not change it."), 403, below="")
    form = _form(console, new=True, own=False)
    form.begin()
    if not console.posted:
        return _new(console, form)
    shown = form.values()
    _read(console, form)
    if form.faulty:
        return _new(console, form, 400)
    try:
        made = cast("CreateUserResponse", await console.perform(form.creation(shown)))
    except Fault as fault:
        form.blame(fault)
        return _new(console, form, 400)
    return console.go(f"{PLACE}/{made.user_id}", "user-made")


def _new(console: ConsoleCall, form: UserForm, status: int = 200) -> Response:
    return console.show("admin_users_new.html", status, place=PLACE, form=form)


# ---- one that is there -------------------------------------------------------------------------------------------


class Button(NamedTuple):
    """Something that is done to an account at once; its texts are marked for translation."""

    name: str
    label: str
    notice: str


_LOCK: Final = Button("LOCK", _("Lock"), "user-locked")
_UNLOCK: Final = Button("UNLOCK", _("Unlock"), "user-unlocked")
_ACTIVATE: Final = Button("ACTIVATE", _("Activate"), "user-activated")
_DEACTIVATE: Final = Button("DEACTIVATE", _("Deactivate"), "user-deactivated")
_RENEW: Final = Button("RENEW", _("Require a new password"), "user-renews")
_BUTTONS: Final = {each.name: each for each in (_LOCK, _UNLOCK, _ACTIVATE, _DEACTIVATE, _RENEW)}


async def user_page(console: ConsoleCall) -> Response:
    """Show an account with its form (GET), and change what was changed (POST)."""
    user = await _account(console)
    known = cast("GetUserResponse", await console.perform(GetUser(web_ex_id=user.web_ex_id)))
    form = _form(console, new=False, own=user.user_id == console.user.user_id)
    form.show(known)
    if not console.posted:
        return _shown(console, user, form)
    shown = form.values()
    _read(console, form)
    if form.faulty:
        return _shown(console, user, form, 400)
    request = form.change(user.web_ex_id, shown)
    if request is None:
        return console.go(f"{PLACE}/{user.user_id}", "unchanged")
    try:
        await console.perform(request)
    except Fault as fault:
        form.blame(fault)
        return _shown(console, user, form, 400)
    return console.go(f"{PLACE}/{user.user_id}", "saved")


def _shown(
    console: ConsoleCall, user: User, form: UserForm, status: int = 200, *, refused: str | None = None
) -> Response:
    own = user.user_id == console.user.user_id
    return console.show(
        "admin_users_one.html",
        status,
        place=PLACE,
        account=user,
        role=ROLES[users.privilege_key(user)],
        form=form,
        own=OWN if own else "",
        buttons=[] if own else _buttons(console, user),
        refused=refused,
        registered=when(console, user.registered_at),
        seen=when(console, user.last_login_at),
        passwords=has_passwords(console.site),
        may_change=administers(console.user),
    )


def _buttons(console: ConsoleCall, user: User) -> list[Button]:
    found = [_UNLOCK if user.locked else _LOCK, _DEACTIVATE if user.status == "ACTIVATED" else _ACTIVATE]
    if has_passwords(console.site) and not user.must_change_password:
        found.append(_RENEW)
    return found


async def do_page(console: ConsoleCall) -> Response:
    """Do to an account what one of its buttons says."""
    user = await _account(console)
    button = _BUTTONS.get(console.text("DO"))
    if button is None:
        raise HTTPException(404)
    try:
        await console.perform(_request(button, user))
    except Fault as fault:
        known = cast("GetUserResponse", await console.perform(GetUser(web_ex_id=user.web_ex_id)))
        form = _form(console, new=False, own=user.user_id == console.user.user_id)
        form.show(known)
        return _shown(console, user, form, 400, refused=refusal(console, user, fault))
    return console.go(f"{PLACE}/{user.user_id}", button.notice)


def _request(button: Button, user: User) -> ActivateUser | InactivateUser | SetUser:
    if button is _ACTIVATE:
        return ActivateUser(user_id=user.user_id)
    if button is _DEACTIVATE:
        return InactivateUser(user_id=user.user_id)
    security = SecurityType(force_change_password=True)
    if button is not _RENEW:
        security = SecurityType(lock_account=button is _LOCK)
    return SetUser(web_ex_id=user.web_ex_id, security=security)


async def password_page(console: ConsoleCall) -> Response:
    """Ask whether an account is to get a password that is made up and mailed (GET), and do it (POST)."""
    user = await _account(console)
    if not has_passwords(console.site) or user.user_id == console.user.user_id:
        raise HTTPException(404)
    if not console.posted:
        return console.show("admin_users_password.html", place=PLACE, account=user, refused=None)
    try:
        await console.perform(SetUser(web_ex_id=user.web_ex_id, security=SecurityType(reset_password=True)))
    except Fault as fault:
        told = refusal(console, user, fault)
        return console.show("admin_users_password.html", 400, place=PLACE, account=user, refused=told)
    return console.go(f"{PLACE}/{user.user_id}", "user-mailed")


async def delete_page(console: ConsoleCall) -> Response:
    """Ask whether an account is to be deleted, as DelUser does it (GET), and do it (POST)."""
    user = await _account(console)
    own = user.user_id == console.user.user_id
    if not console.posted:
        told = OWN if own else None
        return console.show("admin_users_delete.html", place=PLACE, account=user, refused=told, own=own)
    answer = cast("DelUserResponse", await console.perform(DelUser(web_ex_id=[user.web_ex_id])))
    if any(each.status != "SUCCESS" for each in answer.user):
        told = OWN if own else _("The account could not be deleted.")
        return console.show("admin_users_delete.html", 400, place=PLACE, account=user, refused=told, own=own)
    return console.go(PLACE, "user-deleted")
