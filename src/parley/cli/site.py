"""`parley site`: the tenants of a server."""

from __future__ import annotations

import json
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
    from parley.domain.site import Site

app = typer.Typer(help="Sites: make, list, show and change them.", no_args_is_help=True)

_SiteArgument = Annotated[str, typer.Argument(metavar="SITE", help="The site's name or number.")]
_TRIES = 5
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
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Show a site with all its settings; `set` takes the same names."""
    described = _described(run(_one(settings(config, data=data, database=database), site)))
    if as_json:
        print_json(described)
        return
    given = described.pop("settings")
    rows = [*described.items(), *_flat("", given)]
    print_table(("Name", "Value"), [(name, _text(value)) for name, value in rows])


async def _one(config: Config, name: str) -> Site:
    async with running(config) as application:
        return await site_named(application, name)


def _described(site: Site) -> dict[str, Any]:
    fields = ("name", "site_id", "partner_id", "level", "active", "suspended")
    return {**{name: getattr(site, name) for name in fields}, "settings": _plain(site.settings)}


def _plain(value: Any) -> Any:
    """Structs as mappings with all their fields, those with default values too."""
    import msgspec

    if isinstance(value, msgspec.Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


def _flat(prefix: str, values: dict[str, Any]) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += _flat(f"{prefix}{name}.", value)
        else:
            rows.append((f"{prefix}{name}", value))
    return rows


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@app.command("set")
def set_values(
    site: _SiteArgument,
    values: Annotated[
        list[str], typer.Argument(metavar="NAME=VALUE...", help="Names as `show` prints them; values as text or JSON.")
    ],
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Change a site: its level, whether it is active or suspended, its settings."""
    wanted: dict[str, Any] = {}
    for each in values:
        name, equals, value = each.partition("=")
        if not equals or not name:
            fail(f"{each!r} is no NAME=VALUE")
        wanted[name.strip()] = value
    changed = run(_set(settings(config, data=data, database=database), site, wanted))
    typer.echo(f"site {changed.name} changed: {', '.join(wanted)}")


async def _set(config: Config, name: str, wanted: dict[str, str]) -> Site:
    from parley.store import Changes, Conflict, sites

    async with running(config) as application:
        for _ in range(_TRIES):
            before = await site_named(application, name)
            changes = Changes()
            after = sites.update(changes, before, _changed(before, wanted))
            try:
                await application.engine.commit(changes)
            except Conflict:
                continue
            return after
    raise Conflict


def _changed(site: Site, wanted: dict[str, str]) -> Site:
    """The site with other values.

    Raises:
        SiteError: an unknown name, or a value that does not fit.
    """
    import msgspec

    from parley.domain.site import Site as SiteType
    from parley.protocol.versions import LEVELS
    from parley.services.new_site import SiteError

    described = _plain(site)
    for name, value in wanted.items():
        _put(described, described if name in _COLUMNS else described["settings"], name, value)
    try:
        changed = msgspec.convert(described, SiteType, strict=False)
    except msgspec.ValidationError as error:
        raise SiteError(f"a value does not fit: {error}") from None
    if changed.level not in {level.text for level in LEVELS}:
        raise SiteError(f"there is no level {changed.level[:20]!r}: {LEVELS[0]} to {LEVELS[-1]} are known")
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
