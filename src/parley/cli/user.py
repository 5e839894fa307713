"""`parley user`: the accounts of a site."""

from __future__ import annotations

import enum
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from parley.cli import importing
from parley.cli.common import (
    ConfigOption,
    DatabaseOption,
    DataOption,
    JsonOption,
    SiteArgument,
    chosen_site,
    fail,
    print_json,
    print_table,
    progress,
    run,
    running,
    settings,
    site_named,
)
from parley.config import Config

if TYPE_CHECKING:
    from parley.domain.user import User
    from parley.services.import_tables import Outcome
    from parley.store.account_log import AccountEntry

app = typer.Typer(help="Accounts: make, import and list them, set their passwords.", no_args_is_help=True)

_PAGE: Final = 500
TELLING: Final = importing.Telling(
    "accounts", "webExID", ("web_ex_id", "email"), again=" with --skip-existing", secret=("password",)
)
"""How `import` tells what became of the lines."""
_UserArgument = Annotated[str, typer.Argument(metavar="WEBEXID", help="The account's webExID.")]
_PasswordOption = Annotated[
    str | None,
    typer.Option(
        "--password",
        envvar="PARLEY_NEW_PASSWORD",
        help="The password; asked for, or read from standard input, when not given.",
    ),
]


class Role(enum.StrEnum):
    """What an account may do."""

    host = "host"
    admin = "admin"
    attendee = "attendee"


def _password(given: str | None) -> str:
    """The password from the option, else from the terminal, else the first line of standard input."""
    if given is not None:
        return given
    if sys.stdin.isatty():
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


@app.command()
def create(
    site: SiteArgument,
    web_ex_id: _UserArgument,
    email: Annotated[str, typer.Option(help="E-mail address.")],
    first_name: Annotated[str, typer.Option("--first-name", help="First name.")],
    last_name: Annotated[str, typer.Option("--last-name", help="Last name.")],
    role: Annotated[
        Role, typer.Option(help="host: may hold meetings; admin: is site administrator too; attendee: neither.")
    ] = Role.host,
    password: _PasswordOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Make an account."""
    loaded = settings(config, data=data, database=database)
    made = run(_create(loaded, site, web_ex_id, email, _password(password), first_name, last_name, role))
    typer.echo(f"account {made.web_ex_id} made, userId {made.user_id}")


async def _create(
    config: Config, site: str, web_ex_id: str, email: str, password: str, first_name: str, last_name: str, role: Role
) -> User:
    from parley.services.accounts import create_account

    async with running(config) as application:
        return await create_account(
            application,
            (await site_named(application, site)).site_id,
            web_ex_id=web_ex_id,
            email=email,
            password=password,
            first_name=first_name,
            last_name=last_name,
            host=role is not Role.attendee,
            site_admin=role is Role.admin,
            attendee_only=role is Role.attendee,
        )


@app.command("list")
def list_users(
    site: SiteArgument,
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """List the accounts of a site."""
    found = run(_all(settings(config, data=data, database=database), site))
    if as_json:
        fields = ("web_ex_id", "user_id", "email", "first_name", "last_name", "status", "locked")
        print_json([{**{name: getattr(each, name) for name in fields}, "role": _role(each)} for each in found])
        return
    rows = [
        (each.web_ex_id, f"{each.first_name} {each.last_name}".strip(), each.email, _role(each), _state(each))
        for each in found
    ]
    print_table(("webExID", "Name", "E-mail", "Role", "State"), rows)


async def _all(config: Config, site: str) -> list[User]:
    from parley.store import user_lists

    async with running(config) as application:
        wanted = user_lists.UserFilter(site_id=(await site_named(application, site)).site_id)
        found: list[User] = []
        while True:
            page = await user_lists.list_users(application.engine, wanted, start_from=len(found) + 1, maximum=_PAGE)
            found += page.rows
            if len(page.rows) < _PAGE:
                return found


def _role(user: User) -> str:
    if user.site_admin:
        return "admin"
    if user.ro_site_admin:
        return "read-only admin"
    return "attendee" if user.attendee_only or not user.host else "host"


def _state(user: User) -> str:
    return "locked" if user.locked else user.status.lower().replace("_", " ")


@app.command("log")
def log(
    site: SiteArgument,
    account: Annotated[str | None, typer.Option("--account", metavar="WEBEXID", help="Of this account only.")] = None,
    maximum: Annotated[int, typer.Option("--maximum", help="So many at most.", min=1, max=10_000)] = 50,
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Show who changed accounts, when, from where and what of them; the newest first, names only and no values."""
    import datetime

    entries = run(_log(settings(config, data=data, database=database), site, account, maximum))
    rows = [
        {
            "at": datetime.datetime.fromtimestamp(each.changed_at, datetime.UTC).isoformat().replace("+00:00", "Z"),
            "by": each.author,
            "from": each.channel,
            "account": each.web_ex_id,
            "what": each.what,
            "fields": each.fields.split(),
        }
        for each in entries
    ]
    if as_json:
        print_json(rows)
        return
    shown = [
        (str(row["at"]), each.author, each.channel, each.web_ex_id, each.what, each.fields)
        for row, each in zip(rows, entries, strict=True)
    ]
    print_table(("At", "By", "From", "Account", "What", "Fields"), shown)


async def _log(config: Config, name: str, account: str | None, maximum: int) -> list[AccountEntry]:
    from parley.store import account_log

    async with running(config) as application:
        site = await site_named(application, name)
        return await account_log.latest(application.engine, site.site_id, maximum, account)


@app.command("set-password")
def set_password(
    site: SiteArgument,
    web_ex_id: _UserArgument,
    password: _PasswordOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Give an account another password. Its tickets and browser sign-ins end."""
    loaded = settings(config, data=data, database=database)
    changed = run(_set_password(loaded, site, web_ex_id, _password(password)))
    typer.echo(f"account {changed.web_ex_id} has a new password")


async def _set_password(config: Config, site: str, web_ex_id: str, password: str) -> User:
    from parley.services import accounts

    async with running(config) as application:
        site_id = (await site_named(application, site)).site_id
        return await accounts.set_password(application, site_id, web_ex_id, password)


@app.command()
def unlock(
    site: SiteArgument,
    web_ex_id: _UserArgument,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Unlock an account, whoever or whatever locked it."""
    loaded = settings(config, data=data, database=database)
    unlocked = run(_unlock(loaded, site, web_ex_id))
    typer.echo(f"account {web_ex_id} is unlocked" if unlocked else f"account {web_ex_id} was not locked")


async def _unlock(config: Config, site: str, web_ex_id: str) -> bool:
    from parley.protocol import faults
    from parley.services import locking
    from parley.store import users

    async with running(config) as application:
        site_id = (await site_named(application, site)).site_id
        user = await users.by_web_ex_id(application.engine, site_id, web_ex_id.strip().casefold())
        if user is None:
            raise faults.UNKNOWN_USER()
        return await locking.unlock(application.engine, site_id, user.user_id, application.clock.now())


@app.command("import")
def import_users(
    file: importing.FileArgument,
    site: Annotated[
        str | None,
        typer.Option(
            "--site", metavar="SITE", help="The site's name or number.", show_default="the only site there is"
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look; make no account.")] = False,
    skip_existing: Annotated[
        bool,
        typer.Option(
            "--skip-existing", help="Pass over lines whose account is there already, with the same webExID and address."
        ),
    ] = False,
    must_change: Annotated[
        bool, typer.Option("--must-change-password", help="The passwords have to be changed at the first sign-in.")
    ] = False,
    report: importing.ReportOption = None,
    encoding: importing.EncodingOption = None,
    ignore_unknown: importing.IgnoreOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Make accounts from a table. Lines that are refused do not stop the others; exit code 1 tells of them."""
    reading: importing.Reading = {"encoding": encoding, "ignore_unknown": ignore_unknown}
    options = {"dry_run": dry_run, "must_change": must_change, "skip_existing": skip_existing}
    loaded = settings(config, data=data, database=database)

    def work(content: bytes, outcome: Outcome) -> Coroutine[Any, Any, None]:
        return _import(loaded, site, content, reading, options, outcome)

    importing.carry_out(work, file, TELLING, dry_run=dry_run, report=report)


async def _import(
    config: Config,
    site_name: str | None,
    content: bytes,
    reading: importing.Reading,
    options: dict[str, bool],
    outcome: Outcome,
) -> None:
    from parley.services.import_tables import TableError
    from parley.services.user_import import Importer, read_table

    async with running(config) as application:
        site = await chosen_site(application, site_name)
        try:
            rows = read_table(content, site, **reading)
        except TableError as error:
            fail(str(error))
        importer = await Importer.of(application, site, **options)
        with progress("Looking" if options["dry_run"] else "Making accounts", len(rows)) as step:
            await importer.run(rows, step, outcome)
