"""All figures that a server tells Prometheus: their names, kinds, labels and meanings, once.

`exposition` writes by this table, `docs/seeing.md` shows it, and the dashboard and the alerts are checked against it.
Labels have few values, all of them ours: there is none that says a site, an account or an address.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

#: `highest`: of several processes the highest value holds; `gauge`: their sum.
Kind = Literal["counter", "gauge", "highest", "histogram"]


class Family(NamedTuple):
    """Figures of one name; a counter's name goes on with `_total` when it is told."""

    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


FAMILIES: Final[dict[str, Family]] = {
    # ---- the API -------------------------------------------------------------------------------------------------
    "parley_requests": Family("counter", "Operations of the API answered", ("operation", "outcome")),
    "parley_request_duration_seconds": Family(
        "histogram", "Time from the request's head to its answer", ("operation",)
    ),
    "parley_faults": Family("counter", "Failures by exceptionID", ("code",)),
    "parley_rate_limited_calls": Family(
        "counter",
        "Calls on sites that measure or enforce rate limits, within the limit or over it",
        ("group", "outcome"),
    ),
    "parley_requests_running": Family("gauge", "HTTP requests that are being answered"),
    # ---- pages ---------------------------------------------------------------------------------------------------
    "parley_http_requests": Family("counter", "Requests for pages and links", ("part", "status")),
    "parley_http_seconds": Family("histogram", "Time from a page's request to its end", ("part",)),
    # ---- mails ---------------------------------------------------------------------------------------------------
    "parley_mails": Family("counter", "What became of mails that this server took", ("outcome",)),
    "parley_mail_seconds": Family("histogram", "Time to make a mail and hand it to the mail server"),
    "parley_mails_queued": Family("gauge", "Mails that are due and not delivered yet"),
    "parley_mail_oldest_seconds": Family("gauge", "For how long the oldest of the queued mails is due"),
    # ---- rooms ---------------------------------------------------------------------------------------------------
    "parley_rooms_open": Family("gauge", "Rooms that are open on this server"),
    "parley_room_people": Family("gauge", "People in rooms, and those who wait to be let in", ("place",)),
    # ---- what the server does by itself ----------------------------------------------------------------------------
    "parley_errands": Family("counter", "What became of errands", ("outcome",)),
    "parley_errands_waiting": Family("gauge", "Errands that are due and not done yet"),
    "parley_errand_oldest_seconds": Family("gauge", "For how long the oldest of the waiting errands is due"),
    "parley_chore_runs": Family("counter", "Runs of what the server does by itself", ("chore", "outcome")),
    "parley_chore_last_success_timestamp_seconds": Family(
        "highest", "When it last went well; at first, when the server began", ("chore",)
    ),
    "parley_chore_interval_seconds": Family("highest", "The pause between two runs", ("chore",)),
    # ---- database ------------------------------------------------------------------------------------------------
    "parley_database_seconds": Family("histogram", "Time for statements, waiting for a connection included", ("kind",)),
    "parley_database_errors": Family("counter", "Statements that were not done, by the reason", ("kind",)),
    "parley_database_connections": Family("gauge", "Connections to PostgreSQL", ("state",)),
    "parley_database_connections_most": Family("gauge", "Connections that all processes may open (pool_size)"),
    "parley_database_waiting": Family("gauge", "Statements that wait for a connection, or for the writer of SQLite"),
    "parley_replica_in_use": Family("gauge", "Processes that read lists from a read replica", ("replica",)),
    "parley_replica_behind_bytes": Family(
        "highest", "What a read replica had not replayed of the log when it was last looked at", ("replica",)
    ),
    "parley_list_reads": Family(
        "counter", "Statements of lists with read replicas, by the number of the one that answered", ("source",)
    ),
    # ---- memory --------------------------------------------------------------------------------------------------
    "parley_cache_lookups": Family("counter", "Looks into what is kept in memory", ("cache", "outcome")),
    "parley_cache_entries": Family("gauge", "What is kept in memory, by number", ("cache",)),
    # ---- the processes and their machine ---------------------------------------------------------------------------
    "parley_build": Family("gauge", "The release that runs", ("version",)),
    "parley_workers": Family("gauge", "Processes that answer requests"),
    "parley_log_lines": Family("counter", "Lines of the log", ("level",)),
    "parley_data_bytes": Family("gauge", "The disk of the data folder", ("state",)),
    "parley_worker_memory_bytes": Family("highest", "Resident memory of the largest worker"),
    "process_resident_memory_bytes": Family("gauge", "Resident memory of all workers"),
    "process_cpu_seconds": Family("counter", "CPU time of all workers"),
    "process_open_fds": Family("gauge", "Open file descriptors of all workers"),
    "process_max_fds": Family("gauge", "File descriptors that all workers may open"),
    "process_start_time_seconds": Family("highest", "When the youngest worker began, UTC epoch seconds"),
}


def told_names() -> set[str]:
    """The names of the series that a scrape has, as PromQL uses them."""
    names: set[str] = set()
    for name, family in FAMILIES.items():
        if family.kind == "counter":
            names.add(f"{name}_total")
        elif family.kind == "histogram":
            names |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
        else:
            names.add(name)
    return names
