"""Pictures of accounts: the owner's photo and the head of the personal room."""

from __future__ import annotations

import msgspec

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, delete_where, reader, select_where
from parley.store.tables import user_images as table


class UserImage(msgspec.Struct, frozen=True):
    """A picture; `kind` is Photo or Header."""

    site_id: int
    user_id: int
    kind: str
    media_type: str
    content: bytes
    modified_at: int


_read = reader(UserImage, table.c)
_INSERT = Insert(table)
_FIND = select_where(list(table.c), table.c.site_id, table.c.user_id, table.c.kind)
_DELETE = delete_where(table, table.c.site_id, table.c.user_id, table.c.kind)


def put(changes: Changes, image: UserImage) -> None:
    """Keep a picture in the place of the former one of its kind."""
    changes.sequential = True  # the former row is deleted and another inserted
    changes.add(_DELETE, image.site_id, image.user_id, image.kind)
    changes.insert(_INSERT, [msgspec.structs.astuple(image)])


async def find(engine: Engine, site_id: int, user_id: int, kind: str) -> UserImage | None:
    """The picture of this kind."""
    row = await engine.one(_FIND, site_id, user_id, kind)
    return None if row is None else _read(row)
