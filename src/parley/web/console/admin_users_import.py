"""Many accounts from a table: what would become of it is shown first, line by line, and then it is taken over.

It is the table of `parley user import`, and the same work. Which table a browser means is in a cookie, the only place
where the key of the sealed table is kept.
"""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.protocol import faults
from parley.services.import_tables import Row, TableError
from parley.services.staged_imports import Line, Phase, Progress, StagedImport
from parley.services.staged_tables import SECONDS, staging_folder, sweep
from parley.services.suspension import refuses_accounts
from parley.services.user_import import COLUMNS, ROLES, read_table
from parley.web.console import tables
from parley.web.console.admin_users import PLACE
from parley.web.console.fields import Field
from parley.web.console.history import page_number
from parley.web.console.shell import ConsoleCall, Shell, administers
from parley.web.uploads import Upload
from parley.web.words import said

_IMPORT: Final = f"{PLACE}/import"
_TABLE: Final = f"{_IMPORT}/table"
_COOKIE: Final = "console_import"
_MEGABYTES: Final = 8
_MOST_ROWS: Final = 20_000
#: Lines of the outcome on a page.
_SHOWN: Final = 100
#: A table that is worked on this quickly shows its outcome at once.
_WAIT_SECONDS: Final = 2.0
_ENCODINGS: Final = (
    ("", "UTF-8, UTF-16"),
    ("cp1252", "Windows-1252"),
    ("cp1250", "Windows-1250"),
    ("cp1251", "Windows-1251"),
    ("shift_jis", "Shift JIS"),
    ("gb18030", "GB 18030"),
)


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_OUTCOMES: Final = (
    ("", _("All lines")),
    ("refused", _("Refused")),
    ("made", _("Accepted")),
    ("there", _("There already")),
)


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    sweep(staging_folder(shell.application.config))  # what was left when the server stopped
    return [
        shell.page("/admin/users/import", import_page, ("GET", "POST"), admins=True, file=_MEGABYTES * 1024 * 1024),
        shell.page("/admin/users/import/sample.csv", sample, admins=True),
        shell.page("/admin/users/import/table", table_page, ("GET", "POST"), admins=True),
        shell.page("/admin/users/import/refused.csv", refused, admins=True),
        shell.page("/admin/users/import/forget", forget, ("POST",), admins=True),
    ]


# ---- sending a table ---------------------------------------------------------------------------------------------


async def import_page(console: ConsoleCall) -> Response:
    """The form for a table (GET), and reading the one that was sent (POST)."""
    if not administers(console.user):
        return console.say(_("Not yours to change"), _("Your account may look at this, not change it."), 403, below="")
    fields = _fields(console)
    if not console.posted:
        return _form(console, fields)
    _check_open(console)
    for field in fields:
        field.value = console.text(field.name)
    values = {field.name: field.value for field in fields}
    staged = StagedImport(console.application, console.site, console.user.user_id)
    try:
        rows = await _rows(console, values)
        if staged.busy:
            raise TableError(said(_("Your last table is still being worked on. Wait until it is done.")))
        staged.begin(rows, must_change=bool(values["RENEW"]), skip_existing=bool(values["SKIP"]))
    except TableError as error:
        text = str(error)
        return _form(console, fields, text[:1].upper() + text[1:])
    except OSError:
        return _form(console, fields, said(_("The server has no room for the table. Whoever runs it can tell why.")))
    await staged.settle(_WAIT_SECONDS)
    response = console.go(_TABLE)
    _keep(console, response, staged.ticket)
    return response


def _check_open(console: ConsoleCall) -> None:
    """Whether accounts may be made now.

    Raises:
        Fault: 010107.
    """
    if console.site.suspended and refuses_accounts(console.call.known.level):
        raise faults.SITE_SUSPENDED()


def _fields(console: ConsoleCall) -> list[Field]:
    skip = Field(
        "SKIP", "tick", _("Pass over lines whose account is there already, with the same name and address"), "1"
    )
    renew = Field("RENEW", "tick", _("The passwords have to be changed at the first sign-in"), "1")
    ignore = Field("IGNORE", "tick", _("Pass over columns that are not known"))
    encoding = Field("ENCODING", "list", _("Encoding of the table"), options=_ENCODINGS)
    encoding.hint = _("Only if letters with accents come out wrong.")
    return [skip, renew, ignore, encoding]


def _form(console: ConsoleCall, fields: list[Field], wrong: str | None = None) -> Response:
    codes = [code.name for code in console.site.settings.tracking_codes]
    return console.show(
        "admin_users_import.html",
        400 if wrong else 200,
        place=PLACE,
        fields=fields,
        wrong=wrong,
        columns=[name for name in COLUMNS if not name.startswith("tracking_code")],
        codes=codes,
        roles=ROLES,
        megabytes=_MEGABYTES,
        most=console.language.number(_MOST_ROWS),
    )


async def _rows(console: ConsoleCall, values: dict[str, str]) -> list[Row]:
    """The rows of the file that was sent.

    Raises:
        TableError: there is none, or it cannot be read.
    """
    sent = console.values
    content = sent.file if isinstance(sent, Upload) else None
    if not content:
        raise TableError(said(_("Choose a file first.")))
    name = values["ENCODING"] if values["ENCODING"] in dict(_ENCODINGS) else ""
    if not name and b"\0" in content[:1000] and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise TableError(said(_("This is no table of text. Save it as CSV in your spreadsheet and send that file.")))
    try:
        rows = await asyncio.to_thread(
            read_table,
            content,
            console.site,
            encoding=name or None,
            ignore_unknown=bool(values["IGNORE"]),
            most=_MOST_ROWS,
        )
    except TableError as error:
        text = str(error).partition(": save the table as UTF-8")
        advice = said(_("Save the table as UTF-8, or choose its encoding below."))
        raise TableError(f"{text[0]}. {advice}" if text[1] else text[0]) from None
    if not rows:
        raise TableError(said(_("The table has no lines below the names of its columns.")))
    if len(rows) > _MOST_ROWS:
        most = console.language.number(_MOST_ROWS)
        raise TableError(said(_("The table has more than %(most)s lines. Send it in parts."), most=most))
    return rows


def _keep(console: ConsoleCall, response: Response, ticket: str) -> None:
    response.set_cookie(
        _COOKIE,
        ticket,
        max_age=SECONDS,
        path=console.path(_IMPORT),
        secure=console.root.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


async def sample(console: ConsoleCall) -> Response:
    """A table to begin with: the usual columns, those of the site's tracking codes, and two lines."""
    codes = [code.name for code in console.site.settings.tracking_codes if code.profile_rule != "NOT_USED"]
    usual = ("email", "first_name", "last_name", "web_ex_id", "password", "role", "company", "phone")
    people = (
        ("ada@example.com", "Ada", "Lovelace", "ada", "Engine-1843-Note", "host", "Analytical", ""),
        ("charles@example.com", "Charles", "Babbage", "charles", "Engine-1837-Mill", "attendee", "", ""),
    )
    first = {code.name: code.values[0] for code in console.site.settings.tracking_codes if code.values}
    filled = [first.get(name, "") for name in codes]

    async def parts() -> AsyncIterator[Sequence[Sequence[tables.Cell]]]:
        yield [(*person, *filled) for person in people]

    return tables.table("accounts-sample", (*usual, *codes), parts())


# ---- the table that was sent -------------------------------------------------------------------------------------


class Shown(NamedTuple):
    """A line of the table on a page."""

    line: int
    email: str
    name: str
    outcome: str
    reason: str


def _staged(console: ConsoleCall) -> StagedImport:
    ticket = console.call.request.cookies.get(_COOKIE, "")
    return StagedImport(console.application, console.site, console.user.user_id, ticket)


async def table_page(console: ConsoleCall) -> Response:
    """What became of the table, or would become (GET), and taking it over (POST)."""
    staged = _staged(console)
    progress = staged.progress()
    if progress is None:
        return console.say(
            _("The table is not there any more"),
            _("A table is kept for half an hour. Send it again."),
            404,
            below=_IMPORT,
            link=_("Send a table"),
        )
    if not console.posted:
        return _table(console, staged, progress)
    _check_open(console)
    if progress.phase is Phase.LOOKED and progress.made and not staged.busy:
        staged.take_over(progress)
        await staged.settle(_WAIT_SECONDS)
    return console.go(_TABLE)


def _table(console: ConsoleCall, staged: StagedImport, progress: Progress) -> Response:
    settled = progress.phase in (Phase.LOOKED, Phase.MADE)
    lines = staged.lines() if settled else []
    wanted = console.text("SHOW")
    if wanted not in dict(_OUTCOMES):
        wanted = ""
    fitting = [each for each in lines if not wanted or each.outcome == wanted]
    pages = max(1, -(-len(fitting) // _SHOWN))
    page = min(pages, page_number(console))
    return console.show(
        "admin_users_table.html",
        place=PLACE,
        script=True,
        phase=progress.phase.value,
        progress=progress,
        numbers={
            name: console.language.number(getattr(progress, name))
            for name in ("total", "done", "made", "there", "refused")
        },
        rows=[_line(each) for each in fitting[(page - 1) * _SHOWN : page * _SHOWN]],
        wanted=wanted,
        outcomes=_OUTCOMES,
        page=page,
        pages=pages,
        may_change=administers(console.user),
    )


def _line(line: Line) -> Shown:
    reason = line.reason[:1].upper() + line.reason[1:]
    return Shown(line.line, line.email[:100], line.name[:100], line.outcome, reason[:400])


async def refused(console: ConsoleCall) -> Response:
    """The lines that were refused, with their reasons and without passwords, to be mended and sent again."""
    staged = _staged(console)
    lines = [each for each in staged.lines() if each.outcome == "refused"]
    if not lines:
        raise HTTPException(404)
    names = [name for name in COLUMNS if name != "password" and any(name in each.values for each in lines)]

    async def parts() -> AsyncIterator[Sequence[Sequence[tables.Cell]]]:
        for start in range(0, len(lines), _SHOWN):
            yield [
                (each.line, each.reason, *(each.values.get(name, "") for name in names))
                for each in lines[start : start + _SHOWN]
            ]

    return tables.table("refused", ("line", "reason", *names), parts())


async def forget(console: ConsoleCall) -> Response:
    """Give a table up."""
    _staged(console).forget()
    response = console.go(_IMPORT, "table-forgotten")
    response.delete_cookie(_COOKIE, path=console.path(_IMPORT))
    return response
