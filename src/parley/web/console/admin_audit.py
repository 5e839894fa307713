"""Who changed what of the site, when and from where."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.domain.site import AuditEntry
from parley.services.site_changes import Difference, read_differences, value_text
from parley.store import account_log, audit
from parley.store.account_log import AccountEntry, AccountFilter, Place
from parley.store.audit import AuditFilter
from parley.web.console.admin_settings import OPTIONS, PASSWORDS
from parley.web.console.fields import Field
from parley.web.console.history import day_end, day_start, moment
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.words import said

_PLACE: Final = "admin/audit"
_ROWS: Final = 25
#: Differences of an entry that are shown, and characters of a value.
_DIFFERENCES: Final = 40
_LONGEST: Final = 200
#: Second and number of an entry; neither is beyond what a database takes.
_PLACE_TEXT: Final = re.compile(r"([0-9]{1,12})-([0-9]{1,18}|[1-8][0-9]{18})")
_PART: Final = re.compile(r"(session_types|programs)\.(\d+)\.(\w+)")
_TEMPLATE: Final = "mail_template."


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_ORIGINS: Final = {
    "API": _("by a program"),
    "CLI": _("on the server's command line"),
    "CONSOLE": _("in the console"),
    "LINK": _("by a link"),
    "SERVER": _("by the server itself"),
}
#: What became of an account.
_ACCOUNTS: Final = {
    "created": _("Account made"),
    "password": _("Password changed"),
    "activated": _("Account activated"),
    "deactivated": _("Account deactivated"),
    "locked": _("Account locked"),
    "unlocked": _("Account unlocked"),
    "roles": _("Roles changed"),
    "signed_out": _("Signed out everywhere"),
    "changed": _("Account changed"),
}
#: Changes of accounts on a page, and names of values of each.
_ACCOUNT_ROWS: Final = 50
_ACCOUNT_FIELDS: Final = 12
_PARTS: Final = {
    "session_types": _("Session type %(number)s, %(name)s"),
    "programs": _("Program %(number)s, %(name)s"),
}
_ON: Final = {True: _("on"), False: _("off")}
#: What is no setting.
_OTHERS: Final = {
    "name": _("Name of the site"),
    "partner_id": _("Partner number"),
    "level": _("Level of the API"),
    "active": _("Site in use"),
    "suspended": _("Site suspended"),
    "tracking_codes": _("Tracking codes"),
    "accounts_renamed": _("Accounts that got their address as user name"),
    "mail_sent_again": _("Mail sent again"),
    "mail_called_off": _("Mail called off"),
}
#: What lets whoever knows it in, so that it is not shown to those who may only read.
_SECRET: Final = frozenset({"partner_id", "openid.client_secret"})
#: Names of settings as the pages that change them have them, with the headings that they stand under.
_SETTINGS: Final = {
    option.name: (group.title, option.label) for group in (*OPTIONS, *PASSWORDS) for option in group.options
}


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [shell.page("/admin/audit", audit_page, admins=True)]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that changed: what it is called, its technical name, and a sentence that tells what became of it."""

    label: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class AccountChange:
    """A change of an account; `fields` are names of values, `more` how many are not shown."""

    who: str
    when: str
    origin: str
    account: str
    what: str
    fields: list[str]
    more: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log; `more`: differences that are not shown."""

    who: str
    when: str
    origin: str
    changes: list[Change]
    more: int


T = TypeVar("T")
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class _Page(Generic[T]):
    """A page of a list that is read the newest first, and whether there are newer and older ones."""

    rows: list[T] = field(default_factory=list)
    newer: bool = False
    older: bool = False


async def _page(
    read: Callable[[P | None, P | None], Awaitable[list[T]]], before: P | None, after: P | None, most: int
) -> _Page[T]:
    """The page before or after a place.

    Args:
        read: gives one row more than `most`, those before the first place or after the second one.
    """
    rows = await read(before, after)
    if after is not None and len(rows) <= most:  # the first page
        before = after = None
        rows = await read(None, None)
    turned = before is not None or after is not None
    return _Page(rows[-most:] if after is not None else rows[:most], turned, after is not None or len(rows) > most)


async def audit_page(console: ConsoleCall) -> Response:
    """The entries, and changes of accounts below them, the newest first; further pages are of one of them."""
    who, first, last = console.text("WHO"), console.text("FROM"), console.text("UNTIL")
    before, after = (_version(console.text(name)) for name in ("BEFORE", "AFTER"))
    earlier, later = (_place(console.text(name)) for name in ("EARLIER", "LATER"))
    entries: _Page[AuditEntry] = _Page()
    accounts: _Page[AccountEntry] = _Page()
    if earlier or later:
        accounts = await _page(partial(_accounts, console), earlier, later, _ACCOUNT_ROWS)
    if not accounts.newer:
        entries = await _page(partial(_some, console), before, after, _ROWS)
        if not entries.newer:
            accounts = await _page(partial(_accounts, console), None, None, _ACCOUNT_ROWS)
    query = urlencode({name: value for name, value in (("who", who), ("from", first), ("until", last)) if value})
    turned = f"{query}&" if query else ""
    rows, changed = entries.rows, accounts.rows
    return console.show(
        "admin_audit.html",
        place=_PLACE,
        fields=[
            Field("WHO", "text", _("Who"), who, longest=200),
            Field("FROM", "date", _("From"), first),
            Field("UNTIL", "date", _("Until"), last),
        ],
        query=query,
        rows=[_entry(console, each) for each in rows],
        accounts=[_account(console, each) for each in changed],
        only_accounts=accounts.newer,
        newer=f"{turned}after={rows[0].version}" if rows and entries.newer else "",
        older=f"{turned}before={rows[-1].version}" if rows and entries.older else "",
        newer_accounts=f"{turned}later={_shown(changed[0])}" if changed and accounts.newer else "",
        older_accounts=f"{turned}earlier={_shown(changed[-1])}" if changed and accounts.older else "",
    )


def _shown(entry: AccountEntry) -> str:
    """Where an entry stands, as `_place` reads it."""
    return f"{entry.changed_at}-{entry.entry_id}"


def _place(text: str) -> Place | None:
    found = _PLACE_TEXT.fullmatch(text)
    return Place(int(found[1]), int(found[2])) if found is not None else None


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


async def _some(console: ConsoleCall, before: int | None, after: int | None) -> list[AuditEntry]:
    """A page of entries and one more."""
    wanted = AuditFilter(
        site_id=console.site.site_id,
        author=console.text("WHO") or None,
        changed_from=day_start(console, console.text("FROM")),
        changed_to=day_end(console, console.text("UNTIL")),
        version_from=None if after is None else after + 1,
        version_to=None if before is None else before - 1,
    )
    return await audit.find(console.application.engine.for_lists(), wanted, _ROWS + 1)


async def _accounts(console: ConsoleCall, before: Place | None, after: Place | None) -> list[AccountEntry]:
    """A page of changes of accounts in the chosen time, by whoever was chosen, and one more."""
    wanted = AccountFilter(
        site_id=console.site.site_id,
        author=console.text("WHO") or None,
        changed_from=day_start(console, console.text("FROM")),
        changed_to=day_end(console, console.text("UNTIL")),
        older_than=before,
        newer_than=after,
    )
    return await account_log.find(console.application.engine.for_lists(), wanted, _ACCOUNT_ROWS + 1)


def _account(console: ConsoleCall, entry: AccountEntry) -> AccountChange:
    fields = entry.fields.split()
    return AccountChange(
        who=entry.author,
        when=moment(console, entry.changed_at),
        origin=_ORIGINS.get(entry.channel, entry.channel),
        account=entry.web_ex_id,
        what=_ACCOUNTS.get(entry.what, entry.what),
        fields=fields[:_ACCOUNT_FIELDS],
        more=max(len(fields) - _ACCOUNT_FIELDS, 0),
    )


def _entry(console: ConsoleCall, entry: AuditEntry) -> Entry:
    found = read_differences(entry)
    return Entry(
        who=entry.author,
        when=moment(console, entry.changed_at),
        origin=_ORIGINS.get(entry.origin, entry.origin),
        changes=[change_of(each) for each in found[:_DIFFERENCES]],
        more=max(len(found) - _DIFFERENCES, 0),
    )


def change_of(found: Difference) -> Change:
    """A difference in words."""
    if found.name == "created":
        return Change(said(_("The site was made.")), "", "")
    text = said(_("changed")) if found.name in _SECRET else _text(found.before, found.after)
    return Change(_label(found.name), found.name, text)


def _label(name: str) -> str:
    part = _PART.fullmatch(name)
    if part is not None:
        return said(_PARTS[part[1]], number=part[2], name=part[3].replace("_", " "))
    if name.startswith(_TEMPLATE):
        return said(_("Mail template %(file)s"), file=name.removeprefix(_TEMPLATE))
    if name in _SETTINGS:
        title, label = _SETTINGS[name]
        return f"{said(title)}: {said(label)}"
    return said(_OTHERS[name]) if name in _OTHERS else name


def _text(before: Any, after: Any) -> str:
    """What became of a value."""
    if isinstance(before, list) and isinstance(after, list):
        return _lists(before, after)
    if _empty(before):
        return said(_("now %(after)s"), after=_value(after))
    if _empty(after):
        return said(_("was %(before)s, now empty"), before=_value(before))
    return said(_("was %(before)s, now %(after)s"), before=_value(before), after=_value(after))


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _lists(before: list[Any], after: list[Any]) -> str:
    """What came to a list, and what went from it."""
    came = [each for each in after if each not in before]
    gone = [each for each in before if each not in after]
    if came and gone:
        return said(_("added: %(came)s; taken away: %(gone)s"), came=_values(came), gone=_values(gone))
    if came:
        return said(_("added: %(came)s"), came=_values(came))
    if gone:
        return said(_("taken away: %(gone)s"), gone=_values(gone))
    return said(_("in another order"))


def _values(values: list[Any]) -> str:
    return _cut(", ".join(_value(each) for each in values))


def _value(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return said(_ON[value])
    if _empty(value):
        return said(_("empty"))
    if isinstance(value, dict):
        return _cut(", ".join(f"{name} {_value(each)}" for name, each in value.items() if not _empty(each)))
    return _cut(value_text(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
