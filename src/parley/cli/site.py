"""`parley site`: the tenants of a server."""

from __future__ import annotations

import enum
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli.common import (
    ConfigOption,
    DatabaseOption,
    DataOption,
    JsonOption,
    SiteArgument,
    fail,
    print_json,
    print_table,
    run,
    running,
    settings,
    site_named,
)
from parley.config import Config

if TYPE_CHECKING:
    from parley.domain.site import AuditEntry, SessionType, Site

app = typer.Typer(help="Sites: make, list, show and change them.", no_args_is_help=True)

#: Changes that `show --audit` prints.
_SHOWN_CHANGES = 200


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="siteName, the first label of its host name.")],
    site_id: Annotated[int | None, typer.Option("--id", help="siteID.", show_default="a free number")] = None,
    partner_id: Annotated[str | None, typer.Option("--partner-id", help="partnerID that programs send.")] = None,
    level: Annotated[str | None, typer.Option(help="Level of the XML API.", show_default="the newest")] = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a site with the usual session types."""
    made = run(_create(settings(config, data=data, database=database), name, site_id, partner_id, level))
    typer.echo(f"site {made.name} made, siteID {made.site_id}, level {made.level}")


async def _create(config: Config, name: str, site_id: int | None, partner_id: str | None, level: str | None) -> Site:
    from parley.services.new_site import create_site

    async with running(config) as application:
        return await create_site(application, name, site_id=site_id, partner_id=partner_id, level=level)


@app.command("list")
def list_sites(
    as_json: JsonOption = False, data: DataOption = None, database: DatabaseOption = None, config: ConfigOption = None
) -> None:
    """List all sites."""
    found = run(_all(settings(config, data=data, database=database)))
    if as_json:
        print_json([described(each) for each in found])
        return
    rows = [(each.name, str(each.site_id), each.level, each.partner_id or "", _state(each)) for each in found]
    print_table(("Name", "siteID", "Level", "partnerID", "State"), rows)


async def _all(config: Config) -> list[Site]:
    from parley.store import sites

    async with running(config) as application:
        return await sites.all_sites(application.engine)


def _state(site: Site) -> str:
    if not site.active:
        return "switched off"
    return "suspended" if site.suspended else "active"


@app.command()
def show(
    site: SiteArgument,
    audit: Annotated[bool, typer.Option("--audit", help="Show who changed what, the last changes first.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Show a site with all its settings; `set` takes the same names."""
    loaded = settings(config, data=data, database=database)
    if audit:
        _print_audit(run(_audit(loaded, site)), as_json)
        return
    found = described(run(one(loaded, site)))
    if as_json:
        print_json(found)
        return
    from parley.services.site_changes import flat_values

    given = found.pop("settings")
    rows = [*found.items(), *flat_values("", given)]
    print_table(("Name", "Value"), [(name, text_of(value)) for name, value in rows])


async def one(config: Config, name: str) -> Site:
    """The site with this name or number."""
    async with running(config) as application:
        return await site_named(application, name)


async def _audit(config: Config, name: str) -> list[AuditEntry]:
    from parley.store import audit

    async with running(config) as application:
        site = await site_named(application, name)
        return await audit.latest(application.engine, site.site_id, _SHOWN_CHANGES)


def _print_audit(entries: list[AuditEntry], as_json: bool) -> None:
    from parley.services.site_changes import plain, read_differences

    changes: list[dict[str, Any]] = [
        {
            "version": each.version,
            "when": datetime.fromtimestamp(each.changed_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "who": each.author,
            "from": each.origin,
            "what": [plain(difference) for difference in read_differences(each)],
        }
        for each in entries
    ]
    if as_json:
        print_json(changes)
        return
    rows = [
        (
            change["when"],
            change["who"],
            change["from"],
            "; ".join(
                f"{each['name']}: {text_of(each['before'])} -> {text_of(each['after'])}" for each in change["what"]
            ),
        )
        for change in changes
    ]
    print_table(("When (UTC)", "Who", "From", "What: before -> after"), rows)


def described(site: Site) -> dict[str, Any]:
    """A site as `show` prints it as JSON."""
    from parley.services.site_changes import plain

    fields = ("name", "site_id", "partner_id", "level", "active", "suspended")
    return {**{name: getattr(site, name) for name in fields}, "settings": plain(site.settings)}


def text_of(value: Any) -> str:
    """A value as tables show it."""
    from parley.services.site_changes import value_text

    return value_text(value)


@app.command("set")
def set_values(
    site: SiteArgument,
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE...", help="Names as `show` prints them; values as text or JSON."),
    ] = None,
    more: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="The same as an option; may be repeated.")
    ] = None,
    level: Annotated[str | None, typer.Option("--level", help="Level of the XML API, such as 42.2.0.")] = None,
    suspended: Annotated[
        bool | None,
        typer.Option("--suspended/--active", help="Suspend the site, or let it go on.", show_default=False),
    ] = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Change a site: its level, whether it is active or suspended, its settings. A running server notices at once."""
    wanted: dict[str, str] = {}
    if level is not None:
        wanted["level"] = level
    if suspended is not None:
        wanted["suspended"] = json.dumps(suspended)
        if not suspended:
            wanted["active"] = "true"
    for each in (*(values or ()), *(more or ())):
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            fail(f"{each!r} is no NAME=VALUE")
        wanted[name.strip()] = value
    if not wanted:
        fail("say what to change: --level, --suspended, --active or NAME=VALUE")
    change(settings(config, data=data, database=database), site, wanted)


def change(config: Config, name: str, wanted: dict[str, str]) -> None:
    """Change values of a site, and tell which were not so before; ends the program when that cannot be done.

    Args:
        wanted: texts or JSON by the names that `show` prints.
    """
    changed, names = run(_change(config, name, wanted))
    what = f"changed: {', '.join(names)}" if names else "is as wanted already"
    typer.echo(f"site {changed.name} {what}")


async def _change(config: Config, name: str, wanted: dict[str, str]) -> tuple[Site, list[str]]:
    """The changed site, and the names of what was not so before.

    Raises:
        SiteError: an unknown name, or a value that does not fit.
    """
    from parley.services.site_changes import at_the_terminal, change_site, differences
    from parley.services.site_values import with_texts
    from parley.store import Conflict

    async with running(config) as application:
        site = await site_named(application, name)
        done = await change_site(
            application.engine,
            site.site_id,
            lambda present: with_texts(present, wanted),
            at_the_terminal(),
            application.clock.now(),
        )
        if done is None:  # it went meanwhile
            raise Conflict
        before, after = done
        return after, [each.name for each in differences(before, after)]


class TypeAction(enum.StrEnum):
    """What is done to a session type."""

    list = "list"
    add = "add"
    change = "change"
    remove = "remove"
    on = "on"
    off = "off"


@app.command("session-types")
def session_types(
    site: SiteArgument,
    action: Annotated[TypeAction, typer.Argument(help="What to do.")] = TypeAction.list,
    type_id: Annotated[
        int | None, typer.Argument(metavar="ID", help="The type's number; a free one for `add`.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name, and display name of a new type.")] = None,
    display_name: Annotated[str | None, typer.Option("--display-name", help="Name that people see.")] = None,
    service: Annotated[str | None, typer.Option("--service", help="Service, such as MeetingCenter.")] = None,
    prefix: Annotated[str | None, typer.Option("--prefix", help="Product code, such as PRO.")] = None,
    free: Annotated[
        bool | None, typer.Option("--free/--paid", help="The same as prefix FRE or PRO.", show_default=False)
    ] = None,
    participants: Annotated[int | None, typer.Option("--participants", help="Most people in a session.")] = None,
    minutes: Annotated[int | None, typer.Option("--minutes", help="Longest session, in minutes.")] = None,
    holders: Annotated[
        int | None, typer.Option("--holders", help="Most active accounts that may hold the type; 0: any number.")
    ] = None,
    webinar: Annotated[
        bool | None, typer.Option("--webinar/--no-webinar", help="Sessions are webinars.", show_default=False)
    ] = None,
    view_only: Annotated[
        bool | None,
        typer.Option("--view-only/--interactive", help="Attendees of the webinar only watch.", show_default=False),
    ] = None,
    everyone: Annotated[bool, typer.Option("--everyone", help="With `add`: all hosts there are get the type.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """List a site's session types, add, change or remove one, switch it on or off. A running server notices at once."""
    if free is not None:
        if prefix is not None:
            fail("say --prefix, or --free or --paid, not both")
        prefix = "FRE" if free else "PRO"
    sent = {
        "name": name,
        "display_name": display_name,
        "service": service,
        "prefix": prefix,
        "participants": participants,
        "minutes": minutes,
        "max_holders": holders,
        "webinar": webinar,
        "view_only": view_only,
    }
    if action not in (TypeAction.add, TypeAction.change) and any(value is not None for value in sent.values()):
        fail(f"{action} takes no values of a type: add and change do")
    if everyone and action is not TypeAction.add:
        fail("--everyone belongs to add")
    loaded = settings(config, data=data, database=database)
    if action is TypeAction.list:
        _print_types(run(_types(loaded, site, type_id)), as_json)
        return
    if type_id is None and action is not TypeAction.add:
        fail("say the number of the session type")
    typer.echo(run(_change_types(loaded, site, action, type_id, sent, everyone=everyone)))


async def _types(config: Config, name: str, type_id: int | None) -> list[SessionType]:
    from parley.store import sites

    async with running(config) as application:
        found = await sites.types(application.engine, (await site_named(application, name)).site_id)
        return [each for each in found if type_id in (None, each.type_id)]


def _print_types(found: list[SessionType], as_json: bool) -> None:
    from parley.services.session_type_changes import described

    if as_json:
        print_json([{"id": each.type_id, **described(each)} for each in found])
        return
    from parley.services.session_types import UNLIMITED

    rows = []
    for each in found:
        values = described(each)
        kind = ("webinar, view-only" if values["view_only"] else "webinar") if values["webinar"] else ""
        numbers = [values[name] for name in ("participants", "minutes", "max_holders")]
        limits = ["" if number in (None, UNLIMITED) else str(number) for number in numbers]
        state = "on" if each.active else "off"
        rows.append((str(each.type_id), each.prefix, each.name, each.service, state, *limits, kind))
    print_table(("ID", "Prefix", "Name", "Service", "State", "Participants", "Minutes", "Holders", "Kind"), rows)


async def _change_types(
    config: Config, name: str, action: TypeAction, type_id: int | None, sent: dict[str, Any], *, everyone: bool
) -> str:
    from parley.services import session_type_changes as changing
    from parley.services.site_changes import at_the_terminal

    async with running(config) as application:
        site_id = (await site_named(application, name)).site_id
        engine, now, author = application.engine, application.clock.now(), at_the_terminal()
        if action is TypeAction.add:
            values = changing.TypeValues(**sent)
            made = await changing.add_type(engine, site_id, type_id, values, author, now, everyone=everyone)
            return f"session type {made.type_id} ({made.name}) added"
        number = type_id or 0
        if action is TypeAction.remove:
            await changing.remove_type(engine, site_id, number, author, now)
            return f"session type {number} removed"
        active = {TypeAction.on: True, TypeAction.off: False}.get(action)
        values = changing.TypeValues(**sent, active=active)
        changed = await changing.change_type(engine, site_id, number, values, author, now)
        done = "changed" if active is None else f"switched {action}"
        return f"session type {changed.type_id} ({changed.name}) {done}"
