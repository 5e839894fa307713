"""Runs the server: binds the address, opens the database, says where it is, serves until told to stop.

One process serves from the event loop that also opened the database. Several workers are processes of their own under
a supervisor; they share the listening socket and get their settings, as they were at the start, in a variable.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import json
import os
import resource
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import typer
import uvicorn

from parley import __version__
from parley.cli import service_manager
from parley.cli.common import fail, make_data_folder, plain_errors
from parley.config import Config
from parley.store.engines import postgres_dsn
from parley.web.app import SETTINGS_VARIABLE, SUPERVISOR_VARIABLE, ParleyApp
from parley.web.http_protocol import MAX_CONNECTIONS, PROXIES, BoundedProtocol
from parley.web.logs import configure_logging
from parley.web.metrics import FOLDER_VARIABLE
from parley.web.serving import FINISH_SECONDS, DrainingServer
from parley.web.websockets import OPTIONS as WEBSOCKET_OPTIONS
from parley.web.websockets import websocket_protocol

# After the modules of parley.web: these come without rich (see parley.web).
from parley.mail.post import delivery_line  # isort: skip
from parley.seeing import tracing  # isort: skip
from parley.services.application import Application  # isort: skip
from parley.services.demo import ACCOUNTS, PASSWORD, SITE_ID, SITE_NAME, ensure_demo_site  # isort: skip

_BACKLOG: Final = 2048
_KEEP_ALIVE_SECONDS: Final = 30


def run_server(config: Config) -> None:
    """Serve until SIGINT or SIGTERM; ends the program with one line and code 2 when that cannot be done."""
    make_data_folder(config)
    configure_logging(config.log_level)
    if config.janus == "start":
        _need_janus(config)
    if (problem := tracing.problem(config.tracing, os.environ)) is not None:
        fail(problem)
    _allow_connections()
    listener = _handed_over(config)
    if listener is None:
        listener = _bind(config)
    else:
        config = msgspec.structs.replace(config, host=listener.getsockname()[0])
    config = msgspec.structs.replace(config, port=listener.getsockname()[1])
    with listener, plain_errors():
        if config.workers == 1:
            _run(_serve_here(config, listener))
        else:
            gc.enable()
            _run(_prepare(config))
            _serve_by_workers(config, listener)


def _run(work: object) -> None:
    import uvloop

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(work)  # type: ignore[arg-type]  # a coroutine
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


async def _open(config: Config) -> Application:
    application = await Application.start(config)
    if config.demo:
        try:
            await ensure_demo_site(application)
        except BaseException:
            await application.stop()
            raise
    return application


async def _prepare(config: Config) -> None:
    """Migrate and make the demo site before there are workers to do it all at once."""
    await (await _open(config)).stop()


async def _serve_here(config: Config, listener: socket.socket) -> None:
    app = ParleyApp(config, application=await _open(config))
    await _Server(_uvicorn(config, app), config).serve([listener])


def _uvicorn(config: Config, app: object, **more: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # an ASGI application, or the name of its factory
        loop="uvloop",
        http=BoundedProtocol,
        ws=websocket_protocol,  # type: ignore[arg-type]  # makes a protocol, as the class would
        **WEBSOCKET_OPTIONS,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,  # the XML endpoint sends its own
        proxy_headers=config.trust_proxy,
        forwarded_allow_ips=list(PROXIES) if config.trust_proxy else None,
        backlog=_BACKLOG,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=FINISH_SECONDS,
        **more,  # type: ignore[arg-type]
    )


class _Server(DrainingServer):
    """Says where it is when it is up."""

    def __init__(self, config: uvicorn.Config, settings: Config) -> None:
        super().__init__(config, settings.drain_seconds)
        self._settings = settings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        gc.freeze()  # what is there now stays, so later collections need not look at it
        gc.enable()
        _say_hello(self._settings)


def _need_janus(config: Config) -> None:
    from parley.rooms.engines.janus_process import JanusMissing, janus_command

    try:
        janus_command(Path(config.data))
    except JanusMissing as error:
        fail(str(error))


@contextlib.contextmanager
def _with_janus(config: Config) -> Iterator[Config]:
    """For workers: one Janus for all of them, run by this process; the settings then name its address."""
    if config.janus != "start":
        yield config
        return
    from parley.rooms.engines.janus_process import JanusProcess

    process = JanusProcess(config)
    process.start()
    try:
        yield process.reached(config)
    finally:
        process.stop()


def _serve_by_workers(config: Config, listener: socket.socket) -> None:
    from parley.web.shared_figures import shared_folder
    from parley.web.supervising import NotStarted, Supervisor

    with shared_folder() as folder, _with_janus(config) as reached:
        os.environ[SETTINGS_VARIABLE] = json.dumps(msgspec.to_builtins(reached))
        os.environ[FOLDER_VARIABLE] = str(folder)
        os.environ[SUPERVISOR_VARIABLE] = str(os.getpid())
        listener.listen(_BACKLOG)
        settings = _uvicorn(config, "parley.web.app:from_environment", factory=True, workers=config.workers)
        try:
            Supervisor(settings, listener, config.drain_seconds, lambda: _say_hello(config)).run()
        except NotStarted as error:
            fail(str(error))


def _bind(config: Config) -> socket.socket:
    """The bound socket; ends the program when the address cannot be had."""
    where = f"port {config.port} on {config.host}"
    try:
        found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        fail(f"cannot listen on {config.host}: {error.strerror or error}")
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            fail(f"{where} is taken by another program: stop that one, or choose another port with --port")
        if error.errno == errno.EACCES:
            fail(f"{where} may not be used by this account: choose a port above 1023 with --port")
        fail(f"cannot listen on {where}: {error.strerror}")
    listener.set_inheritable(True)
    return listener


def _handed_over(config: Config) -> socket.socket | None:
    """The socket of a service manager, where there is one; ends the program when it cannot be served on."""
    try:
        listener = service_manager.handed_over()
    except service_manager.NotUsable as error:
        fail(str(error))
    if listener is not None and config.demo:
        fail("the demo site is not served on a socket that a service manager hands over: its passwords are public")
    return listener


def _allow_connections() -> None:
    """As many open files as the system lets this process have, up to what the connections need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MAX_CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, 2 * MAX_CONNECTIONS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _say_hello(config: Config) -> None:
    database = "SQLite" if postgres_dsn(config.database_url) is None else "PostgreSQL"
    lines = [
        f"Parley {__version__} serves on {_address(config)}",
        f"Data folder: {Path(config.data).absolute()} ({database})",
    ]
    if config.public_url:
        lines.append(f"Links lead to: {config.base_url}")
    lines.append(delivery_line(config))
    if config.janus == "start":
        lines.append(f"Media server: Janus, on UDP ports {config.janus_ports}")
    if config.demo:
        lines += _demo_lines(config)
    lines.append("Stop with Ctrl-C.")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    service_manager.tell("READY=1")


def _address(config: Config) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)  # noqa: S104  # shown, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{config.port}"


def _demo_lines(config: Config) -> list[str]:
    roles = [
        f"{each.web_ex_id} ({'attendee' if each.attendee_only else 'administrator' if each.site_admin else 'host'})"
        for each in ACCOUNTS
    ]
    return [
        f"Demo site: {SITE_NAME} (siteID {SITE_ID}), accounts {', '.join(roles)}",
        f"Their password: {PASSWORD}",
        "Try it:",
        f"  {demo_command(_address(config))}",
    ]


def demo_command(address: str) -> str:
    """A shell command that asks the demo site for an account, and gets it."""
    context = f"<siteName>{SITE_NAME}</siteName><webExID>host1</webExID><password>{PASSWORD}</password>"
    document = (
        '<message xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<header><securityContext>{context}</securityContext></header>"
        '<body><bodyContent xsi:type="user.GetUser"><webExId>host1</webExId></bodyContent></body></message>'
    )
    return f"curl -s {address}/WBXService/XMLService -d '{document}'"
