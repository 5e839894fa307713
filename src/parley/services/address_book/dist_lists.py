"""CreateDistList, SetDistList and LstDistList.

Source: facts/general-session.md 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from parley.contract.ep import (
    CreateDistList,
    CreateDistListResponse,
    DistListInstanceType,
    LstDistList,
    LstDistListResponse,
    SetDistList,
    SetDistListResponse,
)
from parley.domain.identifiers import new_record_id
from parley.protocol import faults
from parley.services.address_book.access import GLOBAL, PERSONAL, visible_list
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.values import given
from parley.store import Changes, address_books, users
from parley.store.address_books import SITE_OWNER, DistList

#: Lists of one owner, and characters of their texts.
MOST_LISTS: Final = 1_000
LONGEST_NAME: Final = 128
LONGEST_DESCRIPTION: Final = 2_000


@operation("ep", request=CreateDistList, answer=CreateDistListResponse)
async def create_dist_list(context: Context, request: CreateDistList) -> CreateDistListResponse:
    """Make a distribution list of contacts.

    A list that an administrator makes of contacts of the site alone is the site's own; every other is the caller's.
    """
    sent = request.dist_list
    name = given(sent.name) if sent else None
    if sent is None or name is None:
        raise faults.MISSING_ELEMENT(path="distList/name")
    name, description = _checked_name(name), _checked_description(sent.desc)
    owners = await _owners(context, sent.contact_id)
    of_site = context.caller.site_admin and owners == {SITE_OWNER}
    new = DistList(
        site_id=context.site.site.site_id,
        list_id=new_record_id(),
        owner_id=SITE_OWNER if of_site else context.caller.user_id,
        name=name,
        name_key=name.strip().casefold(),
        description=description or None,
    )
    await _check_free(context, new)
    if await address_books.count_lists(context.engine, new.site_id, new.owner_id) >= MOST_LISTS:
        raise faults.INVALID_VALUE(path="distList", problem=f"at most {MOST_LISTS} lists are allowed")
    changes = Changes()
    address_books.create_list(changes, new, sent.contact_id)
    await context.engine.commit(changes)
    return CreateDistListResponse(dist_list_id=new.list_id)


@operation("ep", request=SetDistList, answer=SetDistListResponse)
async def set_dist_list(context: Context, request: SetDistList) -> SetDistListResponse:
    """Change a distribution list: name, description, and who is on it; without contactOperation people are added."""
    sent = request.dist_list
    if sent is None or sent.dist_list_id is None:
        raise faults.MISSING_ELEMENT(path="distList/distListID")
    before = await visible_list(context, sent.dist_list_id, None)
    if before is None:
        raise faults.NOTHING_FOUND()
    if before.owner_id == SITE_OWNER and not context.caller.site_admin:
        raise faults.ACCESS_DENIED()
    name = _checked_name(given(sent.name) or before.name)
    after = msgspec.structs.replace(before, name=name, name_key=name.strip().casefold())
    if sent.desc is not None:
        after = msgspec.structs.replace(after, description=_checked_description(sent.desc) or None)
    if after.name_key != before.name_key:
        await _check_free(context, after)
    what = sent.contact_operation or "ADD"
    changes = Changes()
    if what == "ADD":
        owners = await _owners(context, sent.contact_id)
        if before.owner_id == SITE_OWNER and owners - {SITE_OWNER}:
            raise faults.INVALID_VALUE(path="distList/contactID", problem="a list of the site holds its contacts only")
        address_books.update_list(changes, before, after, add=sent.contact_id)
    elif what == "DELETE":
        address_books.update_list(changes, before, after, remove=sent.contact_id)
    else:
        address_books.update_list(changes, before, after, clear=True)
    await context.engine.commit(changes)
    return SetDistListResponse()


@operation("ep", request=LstDistList, answer=LstDistListResponse)
async def lst_dist_list(context: Context, request: LstDistList) -> LstDistListResponse:
    """List distribution lists by name: those of the caller and of the site, or those of another host."""
    site_id, owners = context.site.site.site_id, [context.caller.user_id, SITE_OWNER]
    host = given(request.host_web_ex_id)
    if host is not None:
        user = await users.by_web_ex_id(context.engine, site_id, host.strip().casefold())
        owners = [user.user_id] if user else []
    found = [each for owner in owners for each in await address_books.lists_of(context.engine, site_id, owner)]
    name = given(request.name)
    shown = [
        each
        for each in sorted(found, key=lambda each: (each.name_key, each.list_id))
        if request.dist_list_id in (None, each.list_id)
        and (name is None or each.name_key == name.strip().casefold())
        and request.address_type in (None, "", _address_type(each))
    ]
    if not shown:
        raise faults.NOTHING_FOUND()
    return LstDistListResponse(
        dist_list=[
            DistListInstanceType(
                dist_list_id=each.list_id, name=each.name, desc=each.description, address_type=_address_type(each)
            )
            for each in shown
        ]
    )


def _address_type(each: DistList) -> str:
    return GLOBAL if each.owner_id == SITE_OWNER else PERSONAL


def _checked_name(name: str) -> str:
    if len(name) > LONGEST_NAME:
        raise faults.INVALID_VALUE(path="distList/name", problem=f"at most {LONGEST_NAME} characters are allowed")
    return name


def _checked_description(text: str | None) -> str:
    if text and len(text) > LONGEST_DESCRIPTION:
        raise faults.INVALID_VALUE(
            path="distList/desc", problem=f"at most {LONGEST_DESCRIPTION} characters are allowed"
        )
    return text or ""


async def _owners(context: Context, contact_ids: Sequence[int]) -> set[int]:
    """Whose the contacts are.

    Raises:
        Fault: 999999 for a contact that is neither the caller's nor the site's.
    """
    found = await address_books.owners(context.engine, context.site.site.site_id, contact_ids)
    usable = (context.caller.user_id, SITE_OWNER)
    for contact_id in contact_ids:
        if found.get(contact_id) not in usable:
            raise faults.INVALID_VALUE(path="distList/contactID", problem=f"there is no contact {contact_id}")
    return set(found.values())


async def _check_free(context: Context, wanted: DistList) -> None:
    """Refuse a name that another list of the owner has.

    Raises:
        Fault: 999999.
    """
    present = await address_books.lists_of(context.engine, wanted.site_id, wanted.owner_id)
    if any(each.name_key == wanted.name_key and each.list_id != wanted.list_id for each in present):
        raise faults.INVALID_VALUE(path="distList/name", problem="there is a list of this name already")
