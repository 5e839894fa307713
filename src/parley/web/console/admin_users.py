"""The accounts of a site, for administrators: looking for them, changing many at once, and the list as a file.

What is changed is changed by the operations of the API, one account after the other, so each has its own result.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.contract.user import (
    ActivateUser,
    GetUser,
    GetUserResponse,
    InactivateUser,
    SetUser,
    UserTypeMeetingTypes,
)
from parley.contract.user_settings import SecurityType
from parley.domain import timezones
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.declare import Record
from parley.protocol.faults import Fault
from parley.services.accounts import offered_types
from parley.services.user_import import ROLES as IMPORTED_ROLES
from parley.store import users
from parley.store.lists import Order
from parley.store.user_search import MOST, Matches, Search, search_users
from parley.web.console import tables
from parley.web.console.fields import Field, problem_text
from parley.web.console.history import page_number
from parley.web.console.shell import ConsoleCall, Shell, administers
from parley.web.words import said

PLACE: Final = "admin/users"
_ROWS: Final = 50
#: Accounts that are changed at once.
_AT_ONCE: Final = 100
#: Rows of the file that are written at once.
_PART: Final = 500
_LONGEST_SEARCH: Final = 200
_LONGEST_NUMBER: Final = 18


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: What an account is, by its `users.privilege_key`.
ROLES: Final = {
    3: _("Administrator"),
    2: _("Read-only administrator"),
    1: _("Host"),
    0: _("Attendee only"),
}
_STATES: Final = (
    ("", _("Any")),
    ("ACTIVATED", _("Active")),
    ("DEACTIVATED", _("Inactive")),
    ("REQUEST_TO_ACTIVATE", _("Waiting for activation")),
    ("LOCKED", _("Locked")),
)
_SORTS: Final = {
    "last": (Order("LASTNAME"), _("Last name")),
    "first": (Order("FIRSTNAME"), _("First name")),
    "email": (Order("EMAIL"), _("E-mail")),
    "id": (Order("WEBEXID"), _("Sign-in name")),
    "role": (Order("PRIVILEGE", descending=True), _("Role")),
    "newest": (Order("REGDATE", descending=True), _("Newest first")),
}


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/admin/users", list_page, admins=True),
        shell.page("/admin/users/change", change_page, ("POST",), admins=True),
        shell.page("/admin/users/accounts.csv", load_all, admins=True),
    ]


def when(console: ConsoleCall, instant: int | None) -> str:
    """A day for the reader; empty for None. `instant` in UTC epoch seconds."""
    if instant is None:
        return ""
    return console.language.short_day(timezones.to_local(instant, console.user.time_zone_id).date())


def type_names(console: ConsoleCall) -> dict[int, str]:
    """The session types that the site offers, by number."""
    known = console.call.known
    found = {number: known.types[number] for number in offered_types(known.site, known.types)}
    return {number: each.display_name or each.name for number, each in found.items()}


# ---- the list ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """An account as the list shows it."""

    number: int
    name: str
    web_ex_id: str
    email: str
    role: str
    active: bool
    waiting: bool
    locked: bool
    seen: str


class Asked(NamedTuple):
    """What the list is asked for, as its form has it."""

    find: str
    role: str
    state: str
    type: str
    sort: str

    def query(self, **more: str) -> str:
        """The query of an address for it, beginning with its question mark; empty for the plain list."""
        values = {**{name.upper(): value for name, value in self._asdict().items()}, **more}
        found = urlencode({name: value for name, value in values.items() if value})
        return f"?{found}" if found else ""


def _asked(console: ConsoleCall) -> Asked:
    """What was sent, without what cannot be chosen."""
    role, state, sort = (console.text(name) for name in ("ROLE", "STATE", "SORT"))
    held = console.text("TYPE")
    return Asked(
        console.text("FIND")[:_LONGEST_SEARCH],
        role if role in map(str, ROLES) else "",
        state if state in dict(_STATES) else "",
        held if held in map(str, type_names(console)) else "",
        sort if sort in _SORTS else "",
    )


def _search(console: ConsoleCall, asked: Asked) -> Search:
    locked = asked.state == "LOCKED"
    return Search(
        site_id=console.site.site_id,
        terms=tuple(asked.find.casefold().split()),
        privilege=int(asked.role) if asked.role else None,
        status=asked.state if asked.state and not locked else None,
        locked=True if locked else None,
        type_id=int(asked.type) if asked.type else None,
    )


async def list_page(console: ConsoleCall) -> Response:
    """The accounts that fit what is looked for."""
    asked, page = _asked(console), page_number(console)
    found = await _page(console, asked, page)
    pages = max(1, -(-found.total // _ROWS))
    if page > pages:  # the list has become shorter: the last page
        page = pages
        found = await _page(console, asked, page)
    return console.show(
        "admin_users.html",
        place=PLACE,
        script=True,
        fields=_filters(console, asked),
        asked=asked,
        rows=[_row(console, user) for user in found.rows],
        counted=_counted(console, found),
        page=page,
        pages=pages,
        actions=_ACTIONS,
        types=type_names(console),
        ticked=console.text("ALL") == "1",
        may_change=administers(console.user),
    )


async def _page(console: ConsoleCall, asked: Asked, page: int) -> Matches:
    order, _name = _SORTS[asked.sort or "last"]
    return await search_users(
        console.application.engine.for_lists(), _search(console, asked), order, (page - 1) * _ROWS + 1, _ROWS
    )


def _counted(console: ConsoleCall, found: Matches) -> str:
    if found.more:
        number = console.language.number(MOST)
        return said(_("More than %(count)s accounts. Look for something narrower to see them all."), count=number)
    if found.total == 1:
        return said(_("One account"))
    return said(_("%(count)s accounts"), count=console.language.number(found.total))


def _row(console: ConsoleCall, user: User) -> Row:
    return Row(
        number=user.user_id,
        name=f"{user.first_name} {user.last_name}".strip() or user.web_ex_id,
        web_ex_id=user.web_ex_id,
        email=user.email,
        role=ROLES[users.privilege_key(user)],
        active=user.status == "ACTIVATED",
        waiting=user.status == "REQUEST_TO_ACTIVATE",
        locked=user.locked,
        seen=when(console, user.last_login_at),
    )


def _filters(console: ConsoleCall, asked: Asked) -> list[Field]:
    roles = [("", _("Any")), *((str(number), name) for number, name in ROLES.items())]
    sorts = [("" if name == "last" else name, text) for name, (_order, text) in _SORTS.items()]
    types = [("", said(_("Any"))), *((str(number), name) for number, name in type_names(console).items())]
    return [
        Field("ROLE", "list", _("Role"), asked.role, options=roles, translated=True),
        Field("STATE", "list", _("State"), asked.state, options=_STATES, translated=True),
        Field("TYPE", "list", _("Holds session type"), asked.type, options=types),
        Field("SORT", "list", _("Sorted by"), asked.sort, options=sorts, translated=True),
    ]


# ---- changing many -----------------------------------------------------------------------------------------------


class Action(NamedTuple):
    """Something that can be done to many accounts; its texts are marked for translation."""

    label: str
    means: str


_ACTIONS: Final = {
    "ACTIVATE": Action(_("Activate"), _("They can sign in again.")),
    "DEACTIVATE": Action(
        _("Deactivate"), _("They cannot sign in any more, and their sign-ins end. Their meetings and recordings stay.")
    ),
    "UNLOCK": Action(_("Unlock"), _("They can sign in again with their password.")),
    "LOCK": Action(_("Lock"), _("They cannot sign in until somebody unlocks them.")),
    "RENEW": Action(
        _("Require a new password"), _("They have to choose another password when they sign in. A mail tells them.")
    ),
}
_GIVE: Final = Action(_("Give a session type"), _("They can hold sessions of this type."))
_TAKE: Final = Action(
    _("Take away a session type"), _("They cannot schedule sessions of this type any more. What is scheduled stays.")
)


class Outcome(NamedTuple):
    """What became of one account: `problem` is empty when it was changed, or was so already."""

    row: Row
    changed: bool
    problem: str = ""


async def change_page(console: ConsoleCall) -> Response:
    """Ask whether the ticked accounts are to be changed so, and with SURE change them."""
    action, type_id = _chosen(console)
    chosen = await _ticked(console)
    back = _asked(console).query(PAGE=console.text("PAGE"))
    problem = _wrong(action, chosen)
    if action is None or problem is not None:
        return console.show(
            "admin_users_none.html", 400, place=PLACE, problem=problem or _("Choose what to do with them."), back=back
        )
    name = type_names(console).get(type_id, "") if type_id is not None else ""
    values: dict[str, Any] = {"action": action, "type_name": name, "back": back, "count": len(chosen)}
    if console.text("SURE") != "1":
        rows = [_row(console, user) for user in chosen]
        sent = console.text("DO")
        return console.show("admin_users_change.html", place=PLACE, rows=rows, do=sent, asked=_asked(console), **values)
    done = [await _changed(console, user, console.text("DO").partition(".")[0], type_id) for user in chosen]
    return console.show(
        "admin_users_changed.html",
        place=PLACE,
        failed=[each for each in done if each.problem],
        changed=[each.row for each in done if each.changed],
        same=[each.row for each in done if not each.changed and not each.problem],
        **values,
    )


def _chosen(console: ConsoleCall) -> tuple[Action | None, int | None]:
    """The action that was chosen, and the session type that it is about."""
    name, _dot, number = console.text("DO").partition(".")
    if name in ("GIVE", "TAKE"):
        known = {str(each): each for each in type_names(console)}
        return (_GIVE if name == "GIVE" else _TAKE, known[number]) if number in known else (None, None)
    return _ACTIONS.get(console.text("DO")), None


async def _ticked(console: ConsoleCall) -> list[User]:
    """The accounts of this site that are ticked, by name; numbers of no account here are passed over."""
    numbers = [int(name) for name in console.values.starting("U") if _is_number(name)]
    found = await users.many(console.application.engine, console.site.site_id, "user_id", numbers[: _AT_ONCE + 1])
    return sorted(found, key=lambda user: (user.last_name.casefold(), user.first_name.casefold(), user.web_ex_id_key))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER


def _wrong(action: Action | None, chosen: Sequence[User]) -> str | None:
    if not chosen:
        return _("Tick the accounts that are to be changed first.")
    if len(chosen) > _AT_ONCE:
        return said(_("At most %(most)s accounts can be changed at once."), most=_AT_ONCE)
    return _("Choose what to do with them.") if action is None else None


async def _changed(console: ConsoleCall, user: User, name: str, type_id: int | None) -> Outcome:
    row = _row(console, user)
    try:
        request = await _request(console, user, name, type_id)
        if request is None:
            return Outcome(row, changed=False)
        await console.perform(request)
    except Fault as fault:
        return Outcome(row, changed=False, problem=refusal(console, user, fault))
    return Outcome(row, changed=True)


async def _request(console: ConsoleCall, user: User, name: str, type_id: int | None) -> Record | None:
    """The request that changes an account; None when it is so already."""
    if name == "ACTIVATE":
        return None if user.status == "ACTIVATED" else ActivateUser(user_id=user.user_id)
    if name == "DEACTIVATE":
        return None if user.status == "DEACTIVATED" else InactivateUser(user_id=user.user_id)
    request = SetUser(web_ex_id=user.web_ex_id)
    if name in ("LOCK", "UNLOCK"):
        wanted = name == "LOCK"
        request.security = SecurityType(lock_account=wanted)
        return None if user.locked is wanted else request
    if name == "RENEW":
        request.security = SecurityType(force_change_password=True)
        return None if user.must_change_password else request
    known = cast("GetUserResponse", await console.perform(GetUser(web_ex_id=user.web_ex_id)))
    held = list(known.meeting_types.meeting_type) if known.meeting_types is not None else []
    if type_id is None or (type_id in held) is (name == "GIVE"):
        return None
    after = [*held, type_id] if name == "GIVE" else [each for each in held if each != type_id]
    request.meeting_types = UserTypeMeetingTypes(meeting_type=after)
    return request


def refusal(console: ConsoleCall, user: User, fault: Fault) -> str:
    """Why an account was not changed, in words; what nobody may do to the own account is said as such."""
    if user.user_id == console.user.user_id and fault.code == faults.ACCESS_DENIED.code:
        return said(OWN)
    return problem_text(fault)


OWN: Final = _(
    "This is your own account. Another administrator can lock or deactivate it or change its role, you cannot."
)


# ---- the list as a file ------------------------------------------------------------------------------------------

_COLUMNS: Final = (
    *("email", "first_name", "last_name", "web_ex_id", "role", "state", "locked", "time_zone"),
    *("registered", "last_sign_in"),
)
#: How the table of `parley user import` calls the roles.
_ROLE_WORDS: Final = dict(zip((1, 3, 2, 0), IMPORTED_ROLES, strict=True))


async def load_all(console: ConsoleCall) -> Response:
    """All accounts of the site as a table, without passwords."""
    return tables.table("accounts", _COLUMNS, _parts(console))


async def _parts(console: ConsoleCall) -> AsyncIterator[list[Sequence[tables.Cell]]]:
    part: list[Sequence[tables.Cell]] = []
    async for user in users.every(console.application.engine, console.site.site_id):
        part.append(_line(user))
        if len(part) == _PART:
            yield part
            part = []
    if part:
        yield part


def _line(user: User) -> tuple[tables.Cell, ...]:
    return (
        user.email,
        user.first_name,
        user.last_name,
        user.web_ex_id,
        _ROLE_WORDS[users.privilege_key(user)],
        user.status,
        "yes" if user.locked else "no",
        timezones.zone(user.time_zone_id).text,
        _iso(user.registered_at),
        "" if user.last_login_at is None else _iso(user.last_login_at),
    )


def _iso(instant: int) -> str:
    return timezones.to_local(instant, timezones.GMT).strftime("%Y-%m-%d %H:%M:%S")
