"""Recordings of events, as they are listed by event and host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from parley.store.engines.base import Engine
from parley.store.lists import Order, Page


class RecordedEventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which recordings a list shows; what is None does not limit.

    Scope: the site, and with `host_id` the recordings of one host's events. Criteria, joined by AND, with `any_of` by
    OR: the program of the event, and ranges (inclusive, UTC epoch seconds) of start and end of the recording.
    """

    site_id: int
    host_id: int | None = None
    program_id: int | None = None
    start_from: int | None = None
    start_to: int | None = None
    end_from: int | None = None
    end_to: int | None = None
    any_of: bool = False


class RecordedEvent(NamedTuple):
    """A recording of an event.

    `started_at` is UTC epoch seconds, `play_time` seconds, `size` bytes. `record_file_path` is where the file lies,
    `view_url` where it is watched, `destination_url` where people are led afterwards.
    """

    host_web_ex_id: str
    event_name: str
    event_type: str
    started_at: int
    time_zone_id: int
    play_time: int
    panelists_info: str
    description: str
    record_file_path: str
    destination_url: str
    size: int
    access_password: bool
    enrollment_password: bool
    view_url: str


async def list_recorded(
    engine: Engine,
    wanted: RecordedEventFilter,
    order: Sequence[Order] = (),
    start_from: int = 1,
    maximum: int = 100,
) -> Page[RecordedEvent]:
    """One page of recordings, and how many the whole list has; `order` as for lists of sessions.

    This server records nothing, and no table holds recordings, so every list of them is empty.
    """
    return Page([], 0)
