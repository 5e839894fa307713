"""For administrators: the site at a glance, its level of the API, suspending it and letting it go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.domain.site import Site
from parley.protocol.versions import CHANGES, LEVELS, Change, Level
from parley.services.suspension import FREE_TYPE
from parley.store import outbox, recordings, type_holders
from parley.store.session_lists import SessionFilter, count_starts
from parley.web.console.admin_fields import save_values
from parley.web.console.admin_storage import MEGABYTE
from parley.web.console.shell import ConsoleCall, Shell, administers, places
from parley.web.console.suspended import effects
from parley.web.words import said, spoken

_PLACE: Final = "admin"
_LEVEL: Final = "admin/level"
#: From this part of the limit on storage is nearly full.
_NEARLY_FULL: Final = 0.9
#: A mail that is due for so many seconds waits for something that does not happen.
_LONG_DUE: Final = 900


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/admin", overview, admins=True),
        shell.page("/admin/level", level, ("GET", "POST"), admins=True),
        shell.page("/admin/suspend", suspend, ("GET", "POST"), admins=True),
    ]


#: What the pages of the administration are for, by their paths.
_ABOUT: Final = {
    "admin/users": _("Accounts, their roles and locks."),
    "admin/types": _("What kinds of sessions there are, and who holds them."),
    "admin/passwords": _("What passwords must be like, and when accounts are locked."),
    "admin/options": _("What new sessions have, what people may do, who is told."),
    "admin/tracking": _("What accounts and sessions are filed by."),
    "admin/level": _("What programs of an older level of the API find."),
    "admin/mail": _("Mails that wait, that were sent, and that were given up."),
    "admin/templates": _("What mails say."),
    "admin/audit": _("Who changed what, and when."),
    "admin/storage": _("What recordings use, and whose they are."),
    "admin/usage": _("Sessions, people and storage over time."),
}


# ---- at a glance -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Figures:
    """The figures of a site; storage in bytes."""

    accounts: type_holders.Accounts
    to_come: int
    mails: outbox.Totals
    used: int


class Attention(NamedTuple):
    """Something that an administrator should look at, and where."""

    text: str
    path: str | None = None
    link: str = ""


async def overview(console: ConsoleCall) -> Response:
    """The site at a glance."""
    engine, site = console.application.engine, console.site
    figures = _Figures(
        await type_holders.accounts(engine, site.site_id),
        await count_starts(engine, SessionFilter(site_id=site.site_id, ended=False, start_from=console.now)),
        await outbox.totals(engine, site.site_id),
        await recordings.used(engine, site.site_id),
    )
    pages = places(console.user, _PLACE)[1]
    return console.show(
        "admin_overview.html",
        place=_PLACE,
        site=site,
        address=urlunsplit((*urlsplit(console.root)[:2], "/WBXService/XMLService", "", "")),
        level=console.call.known.level,
        figures=figures,
        used=_megabytes(figures.used),
        attention=_attention(console, figures),
        pages=[(each, _ABOUT.get(each.path, "")) for each in pages if each.path != _PLACE],
        linked={each.path for each in pages},
        may_change=administers(console.user),
    )


def _megabytes(size: int) -> str:
    return spoken().number(size / MEGABYTE, 1 if size < 100 * MEGABYTE else 0)


def _attention(console: ConsoleCall, figures: _Figures) -> list[Attention]:
    """What is not as it should be, the worst first."""
    site, settings = console.site, console.site.settings
    found: list[Attention] = []
    if site.suspended:
        found.append(Attention(_("The site is suspended."), "admin/suspend", _("See what that means")))
        if not any(each.active and each.prefix == FREE_TYPE for each in console.call.known.types.values()):
            text = _("No free session type is switched on, so nothing at all can be scheduled while it is suspended.")
            found.append(Attention(text, "admin/types", _("Session types")))
    if not any(each.active for each in console.call.known.types.values()):
        found.append(Attention(_("No session type is switched on."), "admin/types", _("Session types")))
    if figures.mails.failed:
        text = said(_("Mails that were given up: %(number)s"), number=figures.mails.failed)
        found.append(Attention(text, "admin/mail", _("See the mails")))
    oldest = figures.mails.oldest_due
    if oldest is not None and console.now - oldest > _LONG_DUE:
        found.append(
            Attention(_("Mails are due for more than a quarter of an hour."), "admin/mail", _("See the mails"))
        )
    if console.application.config.smtp is None:
        found.append(Attention(_("The server has no mail server, so mails become files that nobody gets.")))
    if settings.host_limit is not None and figures.accounts.hosts >= settings.host_limit:
        text = said(_("All %(limit)s host accounts that the site may have are in use."), limit=settings.host_limit)
        found.append(Attention(text, "admin/users", _("Users")))
    limit = settings.archive_storage_limit
    if limit is not None and figures.used >= limit * MEGABYTE * _NEARLY_FULL:
        text = said(
            _("Recordings use %(used)s of the %(limit)s megabytes that they may."),
            used=_megabytes(figures.used),
            limit=limit,
        )
        found.append(Attention(text, "admin/storage", _("Storage")))
    if not settings.strict_user_passwords:
        text = _("Accounts may have any password: the criteria are switched off.")
        found.append(Attention(text, "admin/passwords", _("Passwords")))
    return found


# ---- the level of the API --------------------------------------------------------------------------------------------


class _Step(NamedTuple):
    """A level and what it changed."""

    level: Level
    changes: list[Change]


def _steps(levels: tuple[Level, ...]) -> list[_Step]:
    return [_Step(each, [change for change in CHANGES if change.level == each]) for each in levels]


async def level(console: ConsoleCall) -> Response:
    """The levels and what each changes; with another one chosen, a page that asks (GET). Set it (POST)."""
    present = console.call.known.level
    wanted = next((each for each in LEVELS if each.text == console.text("LEVEL")), None)
    wrong = None
    if console.posted and wanted is not None:
        try:
            await save_values(console, lambda site: _with_level(site, console.text("WAS"), wanted))
        except _Meanwhile:
            wrong = _("Somebody else changed the level meanwhile. See what it is now.")
        else:
            return console.go(_LEVEL, "unchanged" if wanted == present else "level-set")
    elif console.posted:
        wrong = _("There is no such level.")
    asks = wanted is not None and wanted != present and wrong is None and administers(console.user)
    return console.show(
        "admin_level_ask.html" if asks else "admin_level.html",
        400 if wrong else 200,
        place=_LEVEL,
        steps=_steps(LEVELS)[::-1],
        present=present,
        wanted=wanted,
        gained=_between(present, wanted) if wanted is not None else [],
        lost=_between(wanted, present) if wanted is not None else [],
        wrong=wrong,
        may_change=administers(console.user),
    )


def _between(below: Level, top: Level) -> list[_Step]:
    """What changed above one level, up to another one."""
    return [
        each for each in _steps(LEVELS) if below < each.level <= top and any(one.operations for one in each.changes)
    ]


class _Meanwhile(Exception):
    """The site is not any more as the page said."""


def _with_level(site: Site, was: str, wanted: Level) -> dict[str, str]:
    if site.level != was:
        raise _Meanwhile
    return {"level": wanted.text}


# ---- suspending ------------------------------------------------------------------------------------------------------


async def suspend(console: ConsoleCall) -> Response:
    """Say what suspending or going on means, and ask (GET); do it (POST)."""
    wrong = None
    if console.posted:
        wanted = console.text("SUSPENDED") == "1"
        try:
            await save_values(console, lambda site: _with_state(site, wanted))
        except _Meanwhile:
            wrong = _("Somebody else did that already.")
        else:
            return console.go(_PLACE, "suspended" if wanted else "resumed")
    refused, kept = effects(console.call.known.level)
    return console.show(
        "admin_suspend.html",
        409 if wrong else 200,
        place=_PLACE,
        site=console.site,
        level=console.call.known.level,
        refused=refused,
        kept=kept,
        wrong=wrong,
        may_change=administers(console.user),
    )


def _with_state(site: Site, wanted: bool) -> dict[str, bool]:
    if site.suspended == wanted:
        raise _Meanwhile
    return {"suspended": wanted}
