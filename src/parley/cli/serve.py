"""`parley serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from parley.cli.common import ConfigOption, DatabaseOption, DataOption, fail, settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 for any free one.", min=0, max=65535, show_default="8080")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that answer requests.", min=1, max=256, show_default="1")
    ] = None,
    drain_seconds: Annotated[
        float | None,
        typer.Option(
            "--drain-seconds",
            help="Seconds of serving on after SIGTERM, while /readyz says 503.",
            min=0,
            max=600,
            show_default="0",
        ),
    ] = None,
    database: DatabaseOption = None,
    database_replicas: Annotated[
        str | None,
        typer.Option("--database-replicas", metavar="URLS", help="Read replicas for lists, separated by commas."),
    ] = None,
    data: DataOption = None,
    demo: Annotated[
        bool | None, typer.Option("--demo/--no-demo", help="Serve the demo site too; on loopback addresses only.")
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option("--public-url", metavar="URL", help="How others reach this server; {site} stands for a site."),
    ] = None,
    janus: Annotated[
        bool | None, typer.Option("--janus/--no-janus", help="Run Janus, the media server for rooms of five and more.")
    ] = None,
    config: ConfigOption = None,
    log_level: Annotated[
        str | None,
        typer.Option("--log-level", help="debug, info, warning or error.", show_default="info"),
    ] = None,
) -> None:
    """Serve the API and the pages of its links. The database is migrated first when it needs to be."""
    loaded = settings(
        config,
        host=host,
        port=port,
        workers=workers,
        drain_seconds=drain_seconds,
        database=database,
        database_replicas=database_replicas,
        data=data,
        demo=demo,
        public_url=public_url,
        janus=None if janus is None else "start" if janus else "off",
        log_level=log_level,
    )
    if loaded.demo and not _is_loopback(loaded.host):
        fail(
            f"the demo site is not served on {loaded.host}: its passwords are public, so only on a loopback address "
            "such as 127.0.0.1"
        )
    if loaded.log_level.lower() not in ("debug", "info", "warning", "error"):
        fail(f"log level {loaded.log_level!r} is not known: debug, info, warning and error are")
    import gc

    gc.disable()  # nothing that is imported now is ever let go again; looking for it costs 50 ms; see `_Server.startup`
    from parley.cli.server import run_server

    run_server(loaded)


def _is_loopback(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
