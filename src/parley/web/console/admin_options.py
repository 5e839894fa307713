"""For administrators: the options of the site, and what passwords must be like, with a form to try one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.domain.passwords import Fault, Violation, violations
from parley.domain.site import CRITERIA_LENGTHS
from parley.services.accounts import web_text
from parley.web.console.admin_fields import Form, Row
from parley.web.console.admin_settings import CRITERIA, OPTIONS, PASSWORDS, Group
from parley.web.console.shell import ConsoleCall, Shell, administers
from parley.web.words import said

_OPTIONS: Final = "admin/options"
_PASSWORDS: Final = "admin/passwords"
_LONGEST_SEARCH: Final = 100


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/admin/options", options, ("GET", "POST"), admins=True),
        shell.page("/admin/passwords", passwords, ("GET", "POST"), admins=True),
        shell.page("/admin/passwords/try", tried, ("POST",), admins=True),
    ]


class Shown(NamedTuple):
    """A group of a page with its rows."""

    group: Group
    rows: list[Row]


def _shown(form: Form, groups: Sequence[Group]) -> list[Shown]:
    return [Shown(group, [form.rows[option.name] for option in group.options]) for group in groups]


def _form(console: ConsoleCall, groups: Sequence[Group]) -> Form:
    return Form(console, [option for group in groups for option in group.options])


async def _saved(console: ConsoleCall, form: Form, place: str) -> Response | None:
    """Save what was sent, and where that leads; None: nothing was sent, or it was refused and the form says why."""
    if not console.posted:
        return None
    changed = await form.save()
    return None if form.refused else console.go(place, "saved" if changed else "unchanged")


async def options(console: ConsoleCall) -> Response:
    """Show the options, those alone that are looked for (GET), and change some (POST)."""
    form = _form(console, OPTIONS)
    if (saved := await _saved(console, form, _OPTIONS)) is not None:
        return saved
    words = console.text("FIND")[:_LONGEST_SEARCH] if not console.posted else ""
    shown = [
        Shown(group, rows)
        for group, all_rows in _shown(form, OPTIONS)
        if (rows := [row for row in all_rows if _fits(row, group, words)])
    ]
    return console.show(
        "admin_options.html",
        400 if form.refused else 200,
        place=_OPTIONS,
        script=True,
        shown=shown,
        find=words,
        wrong=form.wrong,
        refused=form.refused,
        may_change=administers(console.user),
    )


def _fits(row: Row, group: Group, words: str) -> bool:
    option = row.option
    texts = [option.name, option.told, said(group.title), said(option.label), option.hint and said(option.hint)]
    text = " ".join(texts).casefold()
    return all(word in text for word in words.casefold().split())


# ---- passwords -------------------------------------------------------------------------------------------------------


async def passwords(console: ConsoleCall) -> Response:
    """Show what passwords must be like (GET), and change it (POST)."""
    form = _form(console, PASSWORDS)
    if (saved := await _saved(console, form, _PASSWORDS)) is not None:
        return saved
    return _passwords(console, form, 400 if form.refused else 200)


def _passwords(
    console: ConsoleCall, form: Form, status: int = 200, *, kind: str = "", problems: list[str] | None = None
) -> Response:
    return console.show(
        "admin_passwords.html",
        status,
        place=_PASSWORDS,
        shown=_shown(form, PASSWORDS),
        kinds=[(name, group.title) for name, group in CRITERIA.items()],
        kind=kind,
        problems=problems,
        wrong=form.wrong,
        refused=form.refused,
        may_change=administers(console.user),
    )


async def tried(console: ConsoleCall) -> Response:
    """Tell which criteria a password breaks that somebody tries; it is not kept, and not shown again."""
    kind = console.text("KIND")
    if kind not in CRITERIA:
        raise HTTPException(404)
    site, longest = console.site, CRITERIA_LENGTHS[kind]
    sent = console.values.get("TRIED")
    found = violations(sent, getattr(site.settings, kind), web_text(site, console.user), longest=longest)
    return _passwords(console, _form(console, PASSWORDS), kind=kind, problems=[_problem(each) for each in found])


_PROBLEMS: Final = {
    Fault.TOO_SHORT: _("It is too short; the least is %(limit)s characters."),
    Fault.TOO_LONG: _("It is too long; the most is %(limit)s characters."),
    Fault.CHARACTER: _("It has blanks, or characters that cannot be seen."),
    Fault.MIXED_CASE: _("It has no capital letter, or no small one."),
    Fault.ALPHA: _("It has too few letters; the least is %(limit)s."),
    Fault.NUMERIC: _("It has too few digits; the least is %(limit)s."),
    Fault.SPECIAL: _("It has too few characters that are neither letters nor digits; the least is %(limit)s."),
    Fault.REPEATED: _("It has the same character three times in a row."),
    Fault.LISTED: _("It is one of the forbidden passwords."),
    Fault.WEB_TEXT: _("It has the name of the site or of the person in it."),
}


def _problem(violation: Violation) -> str:
    return said(_PROBLEMS[violation.fault], limit=violation.limit)
