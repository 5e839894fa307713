"""Pictures of events, one for each."""

from __future__ import annotations

import msgspec

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, delete_where, reader, select_where
from parley.store.tables import event_images as table


class EventImage(msgspec.Struct, frozen=True):
    """A picture; `image_key` is the secret part of its address, another one for every picture."""

    site_id: int
    session_key: int
    image_key: str
    media_type: str
    content: bytes
    modified_at: int


_read = reader(EventImage, table.c)
_INSERT = Insert(table)
_FIND = select_where(list(table.c), table.c.site_id, table.c.image_key)
_DELETE = delete_where(table, table.c.site_id, table.c.session_key)


def put(changes: Changes, image: EventImage) -> None:
    """Keep a picture in the place of the former one of its event."""
    changes.sequential = True  # the former row is deleted and another inserted
    changes.add(_DELETE, image.site_id, image.session_key)
    changes.insert(_INSERT, [msgspec.structs.astuple(image)])


async def find(engine: Engine, site_id: int, image_key: str) -> EventImage | None:
    """The picture with this key."""
    row = await engine.one(_FIND, site_id, image_key)
    return None if row is None else _read(row)
