"""`parley history`: what happened at the sessions of a site, and histories brought along."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from parley.cli import importing
from parley.cli.common import (
    ConfigOption,
    DatabaseOption,
    DataOption,
    JsonOption,
    chosen_site,
    fail,
    print_json,
    print_table,
    progress,
    run,
    running,
    settings,
)
from parley.config import Config

if TYPE_CHECKING:
    from parley.services.import_tables import Outcome

app = typer.Typer(help="What happened at sessions: show it, bring it along from elsewhere.", no_args_is_help=True)

_KindOption = Annotated[
    str,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="meeting-, training-, event-, support- or sales-, and then sessions or attendees.",
    ),
]
_ZoneOption = Annotated[
    str, typer.Option("--time-zone", metavar="ZONE", help="Zone of the times, by number or text; see LstTimeZone.")
]
_TELLING: Final = importing.Telling("rows", "confID", ("conf_id",), again="")
_GMT: Final = "20"
_MOST: Final = 500


@app.command("import")
def import_history(
    file: importing.FileArgument,
    kind: _KindOption,
    site: Annotated[
        str | None,
        typer.Argument(metavar="SITE", help="The site's name or number.", show_default="the only site there is"),
    ] = None,
    zone: _ZoneOption = _GMT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look; take nothing over.")] = False,
    report: importing.ReportOption = None,
    encoding: importing.EncodingOption = None,
    ignore_unknown: importing.IgnoreOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Take over a history from a table, first sessions, then attendees; doing it again adds nothing.

    The columns are the elements of the rows that the API lists. Lines that are refused do not stop the others; exit
    code 1 tells of them.
    """
    reading: importing.Reading = {"encoding": encoding, "ignore_unknown": ignore_unknown}
    loaded = settings(config, data=data, database=database)

    def work(content: bytes, outcome: Outcome) -> Coroutine[Any, Any, None]:
        return _import(loaded, site, kind, zone, content, reading, outcome, dry_run=dry_run)

    importing.carry_out(work, file, _TELLING, dry_run=dry_run, report=report)


async def _import(
    config: Config,
    site_name: str | None,
    kind: str,
    zone: str,
    content: bytes,
    reading: importing.Reading,
    outcome: Outcome,
    *,
    dry_run: bool,
) -> None:
    from parley.services.history.bringing import Importer, read_table, zone_of
    from parley.services.import_tables import TableError

    wanted = _report_of(kind)
    async with running(config) as application:
        site = await chosen_site(application, site_name)
        try:
            rows = read_table(content, wanted, **reading)
        except TableError as error:
            fail(str(error))
        importer = Importer(application, site, wanted, zone=zone_of(zone), dry_run=dry_run)
        with progress("Looking" if dry_run else "Taking over", len(rows)) as step:
            await importer.run(rows, step, outcome)


def _report_of(kind: str) -> Any:
    from parley.services.history.bringing import KINDS

    found = KINDS.get(kind.strip().casefold())
    if found is None:
        fail(f"there is no kind {kind[:40]!r}: {', '.join(KINDS)}")
    return found


@app.command()
def show(
    kind: _KindOption = "meeting-sessions",
    site: Annotated[
        str | None,
        typer.Argument(metavar="SITE", help="The site's name or number.", show_default="the only site there is"),
    ] = None,
    conf_id: Annotated[int | None, typer.Option("--conf-id", metavar="CONFID", help="Only this run.")] = None,
    key: Annotated[int | None, typer.Option("--key", metavar="KEY", help="Only the session with this key.")] = None,
    zone: _ZoneOption = _GMT,
    number: Annotated[int, typer.Option("--number", min=1, max=_MOST, help="So many rows, the latest first.")] = 50,
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what happened, the latest first; older rows than the API lists too."""
    loaded = settings(config, data=data, database=database)
    rows, total = run(_found(loaded, site, kind, zone, conf_id, key, number))
    if as_json:
        print_json(rows)
        return
    if rows:
        print_table(tuple(rows[0]), [tuple(str(value) for value in row.values()) for row in rows])
    typer.echo(f"{len(rows)} of {total} rows")


async def _found(
    config: Config, site_name: str | None, kind: str, zone: str, conf_id: int | None, key: int | None, number: int
) -> tuple[list[dict[str, Any]], int]:
    from parley.domain.history import minutes, stayed
    from parley.services.history.bringing import zone_of
    from parley.services.history.telling import Telling
    from parley.store.history_lists import HistoryFilter, list_runs, list_stays
    from parley.store.lists import Order

    wanted, how = _report_of(kind), Telling(zone_of(zone))
    async with running(config) as application:
        site = await chosen_site(application, site_name)
        chosen = HistoryFilter(site_id=site.site_id, service=wanted.service, since=0, conf_id=conf_id, session_key=key)
        latest = [Order("STARTTIME", descending=True)]
        if not wanted.of_stays:
            sessions = await list_runs(application.engine, chosen, latest, 1, number)
            return [
                {
                    "start": how.time(each.started_at),
                    "end": how.time(each.ended_at),
                    "confID": each.conf_id,
                    "key": each.session_key,
                    "name": each.name,
                    "host": each.host_web_ex_id,
                    "people": each.participants,
                    "minutes": each.people_minutes,
                }
                for each in sessions.rows
            ], sessions.total
        people = await list_stays(application.engine, chosen, latest, 1, number)
        return [
            {
                "start": how.time(each.stay.joined_at),
                "end": how.time(each.stay.left_at),
                "confID": each.stay.conf_id,
                "session": each.conf_name,
                "name": each.stay.name,
                "e-mail": each.stay.email or "",
                "part": each.stay.part,
                "minutes": minutes(stayed(each.stay)),
            }
            for each in people.rows
        ], people.total
