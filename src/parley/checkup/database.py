"""The database and its read replicas."""

from __future__ import annotations

import asyncio
from typing import Final

from parley.checkup.findings import Area, Report, Setup, reason
from parley.store import migrations
from parley.store.checkup import OLDEST_POSTGRES, Facts, Standing, facts, standing
from parley.store.engines import postgres_dsn, sqlite_path

#: Seconds by which two clocks may differ.
CLOSE: Final = 2.0
_LATE: Final = 30.0
#: Bytes of the log that a replica may be behind; and what a log is ahead by where it is idle, at most.
MUCH: Final = 64 * 1024 * 1024
_PAGE: Final = 8_192
#: Connections that administrators, backups and other programs want beside the server.
_OTHERS: Final = 5


async def database(setup: Setup, report: Report) -> None:
    """Whether it answers, fits this release, and has room for the server's connections."""
    config = setup.config
    url = config.database_url
    try:
        found = await facts(url, _patience(setup))
    except Exception as error:  # a driver has many
        report.fail("reachable", f"{_shown(url)}: {_said(error)}", _mend(url, error))
        return
    version = ".".join(map(str, found.version))
    report.ok("reachable", f"{found.kind} {version} at {_shown(url)}")
    _tell_revision(found, report)
    if found.kind == "SQLite":
        return
    _tell_server(found, report)
    _tell_clock(found, report)
    _tell_connections(setup, found, report)


async def replicas(setup: Setup, report: Report) -> None:
    """Whether read replicas answer, are those of the database, may be read and keep up."""
    urls = setup.config.replica_urls
    if not urls:
        return
    asking = (standing(url, _patience(setup)) for url in (setup.config.database_url, *urls))
    first, *others = await asyncio.gather(*asking, return_exceptions=True)
    primary = first if isinstance(first, Standing) else None  # what is wrong with it is told by itself
    for number, (url, found) in enumerate(zip(urls, others, strict=True), 1):
        name = f"replica {number}"
        if isinstance(found, Standing):
            _tell_replica(name, found, primary, report)
        else:
            told = f"{_shown(url)}: {_said(found)}"
            report.fail(name, told, "lists are read from the database meanwhile; mend it")


def _tell_replica(name: str, found: Standing, primary: Standing | None, report: Report) -> None:
    behind = max(0, primary.position - found.position) if primary is not None else 0
    idle = found.seconds or 0.0
    if not found.recovering:
        report.fail(name, "it is no replica: it takes writes of its own", "name a standby of the database")
    elif primary is not None and found.system != primary.system:
        report.fail(name, "it belongs to another primary", "name a standby of the database")
    elif primary is not None and found.database != primary.database:
        told = f"it is the database {found.database}, and lists are of {primary.database}"
        report.fail(name, told, "name the same database in both settings")
    elif not found.may_read:
        mend = "on the primary: GRANT SELECT ON ALL TABLES IN SCHEMA public TO its account"
        report.fail(name, "its account may not read all tables", mend)
    elif found.revision != migrations.HEAD:
        report.warn(name, f"it has revision {found.revision or 'none'}", "wait until it has caught up")
    elif behind > MUCH or (behind > _PAGE and idle > _LATE):
        told = f"{behind:,} bytes of the log behind; its last change is {idle:.0f} s old"
        report.warn(name, told, "see what holds it up: a long statement there, its disk, the network")
    else:
        report.ok(name, f"keeps up; its account may {'write too' if found.may_write else 'only read'}")


def _patience(setup: Setup) -> float:
    """Seconds for each answer, so that what does not come is told by what waited for it."""
    return max(0.5, setup.seconds - 1)


def _tell_revision(found: Facts, report: Report) -> None:
    problem = found.problem
    if problem is None:
        report.ok("revision", f"{found.revision}, as this release needs it")
    elif problem == "newer":
        report.fail(
            "revision",
            f"{found.revision}, made by a newer release; this one knows up to {migrations.HEAD}",
            "install the newer release again, or restore a backup",
        )
    elif problem == "empty":
        report.warn("revision", "there are no tables yet", "`parley serve` makes them, or `parley db upgrade`")
    else:
        report.fail(
            "revision",
            f"{found.revision}, and this release needs {migrations.HEAD}",
            "make a backup, then: parley db upgrade (`parley serve` does it at its start, too)",
        )


def _tell_server(found: Facts, report: Report) -> None:
    if found.version[0] < OLDEST_POSTGRES:
        report.warn("version", f"PostgreSQL {found.version[0]} gets no more fixes", "upgrade it")
    if found.encoding != "UTF8":
        report.fail("encoding", found.encoding, "make the database anew: CREATE DATABASE ... ENCODING 'UTF8'")
    else:
        report.ok("encoding", "UTF8")
    if found.replica or found.read_only:
        report.fail("writable", "it takes no writes", "name the primary server, or let it take writes")
    else:
        report.ok("writable", "takes writes")


def _tell_clock(found: Facts, report: Report) -> None:
    told = f"{abs(found.ahead):.1f} s {'ahead of' if found.ahead > 0 else 'behind'} this machine's"
    if abs(found.ahead) > CLOSE:
        report.warn("clock", told, "let both machines keep time by NTP")
    else:
        report.ok("clock", "agrees with this machine's")


def _tell_connections(setup: Setup, found: Facts, report: Report) -> None:
    wanted = setup.config.workers * setup.config.pool_size
    told = f"the server wants up to {wanted} ({setup.config.workers} workers with {setup.config.pool_size} each)"
    allowed = f"PostgreSQL allows {found.most}, {found.others} of them are in use by others"
    if wanted > found.most:
        report.fail("connections", f"{told}; {allowed}", "lower pool_size or workers, or raise max_connections")
    elif wanted + max(_OTHERS, found.others) > found.most:
        report.warn("connections", f"{told}; {allowed}", "leave some for backups and people: raise max_connections")
    else:
        report.ok("connections", f"{told}; {allowed}")


def _shown(url: str) -> str:
    """The address without user, password and options; it may have several hosts."""
    if postgres_dsn(url) is None:
        return str(sqlite_path(url))
    address = url.partition("://")[2]
    before = address.partition("?")[0]
    if "@" in address and "@" not in before:
        return "PostgreSQL"  # the question mark may be one of the password
    shown = before.rpartition("@")[2]
    return shown if shown[:1] not in ("", "/") else f"a local socket{shown}"


def _said(error: BaseException) -> str:
    """What went wrong; what Python says of an address that is none has parts of it, of the password too."""
    return "the address cannot be read" if type(error) is ValueError else reason(error)


def _mend(url: str, error: Exception) -> str:
    kind = type(error).__name__
    if postgres_dsn(url) is None:
        return "see whether the file is a database and may be read; restore a backup when it is damaged"
    if kind in ("InvalidPasswordError", "InvalidAuthorizationSpecificationError"):
        return "check user and password in the setting database, and pg_hba.conf"
    if kind == "InvalidCatalogNameError":
        return "make the database: createdb -E UTF8 NAME"
    if kind == "TooManyConnectionsError":
        return "raise max_connections, or lower pool_size and workers"
    return "see whether PostgreSQL runs, and whether host and port of the setting database are right"


AREA: Final = Area("database", (database, replicas))
