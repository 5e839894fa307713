"""Address books: contacts of users and of the site, and distribution lists of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec
from sqlalchemy import and_, delete, func, select

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, delete_where, one_of, padded, reader, select_where, update_where, where
from parley.store.tables import contacts, dist_list_members, dist_lists

SITE_OWNER: Final = 0
"""The owner of contacts and lists that belong to the site."""


class Contact(msgspec.Struct, frozen=True):
    """An entry of an address book; `name_key` is the casefolded name, by which lists are sorted."""

    site_id: int
    contact_id: int
    owner_id: int
    name_key: str
    document: str
    created_at: int


class DistList(msgspec.Struct, frozen=True):
    """A distribution list; `name_key` is the casefolded name, unique for an owner."""

    site_id: int
    list_id: int
    owner_id: int
    name: str
    name_key: str
    description: str | None = None
    version: int = 1


_read_contact = reader(Contact, contacts.c)
_read_list = reader(DistList, dist_lists.c)
_INSERT_CONTACTS = Insert(contacts)
_INSERT_LIST = Insert(dist_lists)
_INSERT_MEMBERS = Insert(dist_list_members)
_OF_OWNER = select_where(
    list(contacts.c), contacts.c.site_id, contacts.c.owner_id, order=[contacts.c.name_key, contacts.c.contact_id]
)
_COUNT_CONTACTS = select_where([func.count()], contacts.c.site_id, contacts.c.owner_id)
_COUNT_LISTS = select_where([func.count()], dist_lists.c.site_id, dist_lists.c.owner_id)
_MEMBERS = Query(
    select(*contacts.c)
    .select_from(
        dist_list_members.join(
            contacts,
            and_(
                contacts.c.site_id == dist_list_members.c.site_id,
                contacts.c.contact_id == dist_list_members.c.contact_id,
            ),
        )
    )
    .where(*where(dist_list_members.c.site_id, dist_list_members.c.list_id))
    .order_by(contacts.c.name_key, contacts.c.contact_id),
    "key_site_id",
    "key_list_id",
)
_LIST = select_where(list(dist_lists.c), dist_lists.c.site_id, dist_lists.c.list_id)
_LISTS = select_where(
    list(dist_lists.c), dist_lists.c.site_id, dist_lists.c.owner_id, order=[dist_lists.c.name_key, dist_lists.c.list_id]
)
_UPDATE_LIST = update_where(
    dist_lists,
    ["name", "name_key", "description", "version"],
    dist_lists.c.site_id,
    dist_lists.c.list_id,
    dist_lists.c.version,
)
_DELETE_MEMBERS = delete_where(dist_list_members, dist_list_members.c.site_id, dist_list_members.c.list_id)


# ---- contacts --------------------------------------------------------------------------------------------


def add_contacts(changes: Changes, new: Sequence[Contact]) -> None:
    """Add entries; Duplicate when a number is taken."""
    changes.insert(_INSERT_CONTACTS, [msgspec.structs.astuple(each) for each in new])


async def contacts_of(engine: Engine, site_id: int, owner_id: int) -> list[Contact]:
    """The entries of an owner's address book by name."""
    return [_read_contact(row) for row in await engine.all(_OF_OWNER, site_id, owner_id, scan=True)]


async def count_contacts(engine: Engine, site_id: int, owner_id: int) -> int:
    """How many entries an owner's address book has."""
    return int((await engine.all(_COUNT_CONTACTS, site_id, owner_id))[0][0])


@lru_cache
def _owners_query(size: int) -> Query:
    condition, names = one_of(contacts.c.contact_id, "value", size)
    statement = select(contacts.c.contact_id, contacts.c.owner_id).where(*where(contacts.c.site_id), condition)
    return Query(statement, "key_site_id", *names)


async def owners(engine: Engine, site_id: int, contact_ids: Sequence[int]) -> dict[int, int]:
    """The owner of each of these entries; numbers without an entry are left out."""
    found: dict[int, int] = {}
    distinct = list(dict.fromkeys(contact_ids))
    for start in range(0, len(distinct), 256):
        part = padded(distinct[start : start + 256])
        found |= dict(await engine.all(_owners_query(len(part)), site_id, *part))
    return found


# ---- distribution lists ----------------------------------------------------------------------------------


async def dist_list(engine: Engine, site_id: int, list_id: int) -> DistList | None:
    """The list with this number, whoever owns it."""
    row = await engine.one(_LIST, site_id, list_id)
    return None if row is None else _read_list(row)


async def lists_of(engine: Engine, site_id: int, owner_id: int) -> list[DistList]:
    """The lists of an owner by name."""
    return [_read_list(row) for row in await engine.all(_LISTS, site_id, owner_id)]


async def count_lists(engine: Engine, site_id: int, owner_id: int) -> int:
    """How many lists an owner has."""
    return int((await engine.all(_COUNT_LISTS, site_id, owner_id))[0][0])


async def members(engine: Engine, site_id: int, list_id: int) -> list[Contact]:
    """The entries on a list by name."""
    return [_read_contact(row) for row in await engine.all(_MEMBERS, site_id, list_id, scan=True)]


def create_list(changes: Changes, new: DistList, contact_ids: Sequence[int]) -> None:
    """Add a list with entries on it; Duplicate when the owner has one of this name."""
    changes.insert(_INSERT_LIST, [msgspec.structs.astuple(new)])
    changes.insert(_INSERT_MEMBERS, [(new.site_id, new.list_id, each) for each in dict.fromkeys(contact_ids)])


@lru_cache
def _remove_query(size: int) -> Query:
    condition, names = one_of(dist_list_members.c.contact_id, "value", size)
    statement = delete(dist_list_members).where(
        *where(dist_list_members.c.site_id, dist_list_members.c.list_id), condition
    )
    return Query(statement, "key_site_id", "key_list_id", *names)


def update_list(
    changes: Changes,
    before: DistList,
    after: DistList,
    *,
    add: Sequence[int] = (),
    remove: Sequence[int] = (),
    clear: bool = False,
) -> None:
    """Change a list that is still as in `before` (Conflict otherwise) and its entries; what is so already stays so."""
    changes.sequential = True  # entries that are on the list already are deleted and inserted
    site_id, list_id = before.site_id, before.list_id
    changes.add(
        _UPDATE_LIST,
        after.name,
        after.name_key,
        after.description,
        before.version + 1,
        site_id,
        list_id,
        before.version,
        expect=1,
    )
    if clear:
        changes.add(_DELETE_MEMBERS, site_id, list_id)
    elif gone := sorted({*add, *remove}):
        for start in range(0, len(gone), 256):
            part = padded(gone[start : start + 256])
            changes.add(_remove_query(len(part)), site_id, list_id, *part)
    changes.insert(_INSERT_MEMBERS, [(site_id, list_id, each) for each in dict.fromkeys(add)])
