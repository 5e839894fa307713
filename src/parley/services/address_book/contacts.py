"""CreateContacts and LstContact.

Source: facts/general-session.md 6.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.contract.common import AddressType
from parley.contract.ep import ContactType, CreateContacts, CreateContactsResponse, LstContact, LstContactResponse
from parley.domain.identifiers import new_record_id
from parley.protocol import faults
from parley.protocol.faults import Fault, SubError
from parley.services.address_book.access import GLOBAL, PERSONAL, check_own, visible_list
from parley.services.context import Context
from parley.services.records import without_empty_texts
from parley.services.registry import operation
from parley.services.values import given, is_email
from parley.store import Changes, address_books
from parley.store.address_books import SITE_OWNER, Contact, DistList

#: Contacts in one address book, and characters of one contact. LstContact has no pages, so both bound its answer.
MOST_CONTACTS: Final = 5_000
LONGEST_CONTACT: Final = 8_000
#: As much of a name as lists are sorted by: longer ones do not fit an index.
LONGEST_KEY: Final = 512

_read: Final = msgspec.json.Decoder(ContactType)


@operation("ep", request=CreateContacts, answer=CreateContactsResponse)
async def create_contacts(context: Context, request: CreateContacts) -> CreateContactsResponse:
    """Add contacts to the caller's address book, or as administrator to that of the site; all of them or none."""
    if not request.contact:
        raise faults.MISSING_ELEMENT(path="contact")
    _check(request)
    new = [_row(context, each) for each in request.contact]
    for owner_id in {each.owner_id for each in new}:
        if owner_id == SITE_OWNER and not context.caller.site_admin:
            raise faults.ACCESS_DENIED()
        present = await address_books.count_contacts(context.engine, context.site.site.site_id, owner_id)
        if present + sum(each.owner_id == owner_id for each in new) > MOST_CONTACTS:
            raise faults.INVALID_VALUE(path="contact", problem=f"an address book holds at most {MOST_CONTACTS}")
    changes = Changes()
    address_books.add_contacts(changes, new)
    await context.engine.commit(changes)
    return CreateContactsResponse(contact_id=[each.contact_id for each in new])


def _check(request: CreateContacts) -> None:
    """What every contact needs; with validateFormat the form of the addresses too, and all problems together.

    Raises:
        Fault: 999999.
    """
    found: list[Fault] = []
    for each in request.contact:
        email = given(each.email)
        if email is None:
            found.append(faults.MISSING_ELEMENT(path="contact/email"))
        elif request.validate_format and not is_email(email.strip()):
            found.append(faults.INVALID_VALUE(path="contact/email", problem="this is no e-mail address"))
        if len(msgspec.json.encode(each)) > LONGEST_CONTACT:
            found.append(
                faults.INVALID_VALUE(path="contact", problem=f"at most {LONGEST_CONTACT} characters are allowed")
            )
    if not found:
        return
    if len(found) == 1 or not request.validate_format:
        raise found[0]
    summary = faults.FORMAT_PROBLEMS(count=len(found))
    raise Fault(summary.code, summary.reason, sub_errors=tuple(SubError(each.code, each.reason) for each in found))


def _row(context: Context, sent: ContactType) -> Contact:
    kept = without_empty_texts(sent)
    of_site = kept.address is not None and kept.address.address_type == GLOBAL
    return Contact(
        site_id=context.site.site.site_id,
        contact_id=new_record_id(),
        owner_id=SITE_OWNER if of_site else context.caller.user_id,
        name_key=(given(kept.name) or kept.email or "").strip().casefold()[:LONGEST_KEY],
        document=msgspec.json.encode(kept).decode(),
        created_at=context.now,
    )


@operation("ep", request=LstContact, answer=LstContactResponse)
async def lst_contact(context: Context, request: LstContact) -> LstContactResponse:
    """List contacts by name: those of the caller and of the site, or those on a distribution list."""
    check_own(context, request.host_web_ex_id)
    site_id, owners = context.site.site.site_id, (context.caller.user_id, SITE_OWNER)
    if request.dist_list_id is not None or given(request.dist_list_name):
        wanted = await _wanted_list(context, request)
        found = await address_books.members(context.engine, site_id, wanted.list_id)
    else:
        books = [await address_books.contacts_of(context.engine, site_id, owner) for owner in owners]
        found = sorted((each for book in books for each in book), key=lambda each: (each.name_key, each.contact_id))
    shown = [
        each
        for each in found
        if each.owner_id in owners and request.address_type in (None, "", _address_type(each.owner_id))
    ]
    if not shown:
        raise faults.NOTHING_FOUND()
    return LstContactResponse(contact=[_answered(each) for each in shown])


async def _wanted_list(context: Context, request: LstContact) -> DistList:
    """The list that a request names by number, by name, or by both.

    Raises:
        Fault: 000015 when the caller can see no such list.
    """
    wanted = await visible_list(context, request.dist_list_id, given(request.dist_list_name))
    if wanted is None:
        raise faults.NOTHING_FOUND()
    return wanted


def _address_type(owner_id: int) -> str:
    return GLOBAL if owner_id == SITE_OWNER else PERSONAL


def _answered(row: Contact) -> ContactType:
    kept = _read.decode(row.document)
    address = kept.address or AddressType()
    return msgspec.structs.replace(
        kept, address=msgspec.structs.replace(address, address_type=_address_type(row.owner_id))
    )
