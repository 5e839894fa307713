"""`parley site`: the tenants of a server."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli.common import (
    ConfigOption,
    DatabaseOption,
    DataOption,
    JsonOption,
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
    from parley.domain.site import AuditEntry, Site

app = typer.Typer(help="Sites: make, list, show and change them.", no_args_is_help=True)

_SiteArgument = Annotated[str, typer.Argument(metavar="SITE", help="The site's name or number.")]
#: Changes that `show --audit` prints.
_SHOWN_CHANGES = 200
#: Columns of a site that `set` changes, beside its settings.
_COLUMNS = ("level", "partner_id", "active", "suspended")


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
        print_json([_described(each) for each in found])
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
    site: _SiteArgument,
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
    described = _described(run(_one(loaded, site)))
    if as_json:
        print_json(described)
        return
    from parley.services.site_changes import flat_values

    given = described.pop("settings")
    rows = [*described.items(), *flat_values("", given)]
    print_table(("Name", "Value"), [(name, _text(value)) for name, value in rows])


async def _one(config: Config, name: str) -> Site:
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
            "; ".join(f"{each['name']}: {_text(each['before'])} -> {_text(each['after'])}" for each in change["what"]),
        )
        for change in changes
    ]
    print_table(("When (UTC)", "Who", "From", "What: before -> after"), rows)


def _described(site: Site) -> dict[str, Any]:
    from parley.services.site_changes import plain

    fields = ("name", "site_id", "partner_id", "level", "active", "suspended")
    return {**{name: getattr(site, name) for name in fields}, "settings": plain(site.settings)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@app.command("set")
def set_values(
    site: _SiteArgument,
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
    changed, names = run(_set(settings(config, data=data, database=database), site, wanted))
    what = f"changed: {', '.join(names)}" if names else "is as wanted already"
    typer.echo(f"site {changed.name} {what}")


async def _set(config: Config, name: str, wanted: dict[str, str]) -> tuple[Site, list[str]]:
    from parley.services.site_changes import at_the_terminal, change_site, differences
    from parley.store import Conflict

    async with running(config) as application:
        site = await site_named(application, name)
        done = await change_site(
            application.engine,
            site.site_id,
            lambda present: _changed(present, wanted),
            at_the_terminal(),
            application.clock.now(),
        )
        if done is None:  # it went meanwhile
            raise Conflict
        before, after = done
        return after, [each.name for each in differences(before, after)]


def _changed(site: Site, wanted: dict[str, str]) -> Site:
    """The site with other values.

    Raises:
        SiteError: an unknown name, or a value that does not fit.
    """
    import msgspec

    from parley.domain.site import Site as SiteType
    from parley.services.new_site import SiteError, level_text
    from parley.services.site_changes import plain

    described = plain(site)
    for name, value in wanted.items():
        _put(described, described if name in _COLUMNS else described["settings"], name, value)
    try:
        changed = msgspec.convert(described, SiteType, strict=False)
    except msgspec.ValidationError as error:
        raise SiteError(f"a value does not fit: {error}") from None
    changed.level = level_text(changed.level)
    return changed


def _put(described: dict[str, Any], inside: dict[str, Any], name: str, text: str) -> None:
    from parley.services.new_site import SiteError

    *groups, last = name.split(".")
    for group in groups:
        inner = inside.get(group)
        inside = inner if isinstance(inner, dict) else {}
    if isinstance(inside.get(last, {}), dict):
        raise SiteError(f"a site has no setting {name[:80]!r}: see `parley site show {described['name']}`")
    try:
        inside[last] = json.loads(text)
    except ValueError:
        inside[last] = text
    if isinstance(inside[last], int | float) and last in ("level", "partner_id"):
        inside[last] = text
