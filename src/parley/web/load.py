"""What of this process is in use at the moment: rooms, connections to the database, what is kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parley.rooms.hub import Hub
    from parley.services.application import Application
    from parley.store.engines.base import Load
    from parley.web.metrics import Reading


def load_of(application: Application, hub: Callable[[], Hub | None]) -> Callable[[], Iterator[Reading]]:
    """A source of figures, which looks at its parts when it is asked and waits for nothing.

    Args:
        hub: the rooms of this process; None until somebody opened a page.
    """

    def readings() -> Iterator[Reading]:
        yield from _rooms(hub())
        load = application.engine.load()
        yield "parley_database_waiting", "", load.waiting
        if load.most:
            yield "parley_database_connections", "in_use", load.in_use
            yield "parley_database_connections", "idle", load.open - load.in_use
            yield "parley_database_connections_most", "", load.most
        yield from _replicas(load)
        for name, kept in (("answers", application.encoded), ("rows", application.encoded_rows)):
            yield "parley_cache_lookups", f"{name}|hit", kept.hits
            yield "parley_cache_lookups", f"{name}|miss", kept.misses
            yield "parley_cache_entries", name, len(kept)
        yield "parley_cache_entries", "sites", len(application.sites)
        yield "parley_cache_entries", "passwords", len(application.passwords)

    return readings


def _replicas(load: Load) -> Iterator[Reading]:
    """By their numbers in the setting; nothing where there are none."""
    for number, replica in enumerate(load.replicas, 1):
        yield "parley_replica_in_use", str(number), replica.ready
        yield "parley_list_reads", str(number), replica.served
        if replica.behind is not None:
            yield "parley_replica_behind_bytes", str(number), replica.behind
    if load.replicas:
        yield "parley_list_reads", "primary", load.fallen_back


def _rooms(hub: Hub | None) -> Iterator[Reading]:
    rooms, inside, waiting = hub.figures() if hub is not None else (0, 0, 0)
    yield "parley_rooms_open", "", rooms
    yield "parley_room_people", "inside", inside
    yield "parley_room_people", "lobby", waiting
