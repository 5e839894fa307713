"""People on a session's list: from the contract's attendees to rows and back, and who may be an alternate host.

Sources: facts/meeting-event.md 1 (participants, alternate host) and 4; facts/clients.md 8, 19.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from parley.contract.attendee import AttendeeType
from parley.contract.common import AddressType, PersonType, PhonesType
from parley.domain.identifiers import new_attendee_id
from parley.domain.session import Attendee, Session
from parley.domain.user import User
from parley.protocol import faults
from parley.services.context import Context
from parley.services.values import is_email
from parley.store import users

_PATH: Final = "participants/attendees/attendee"
#: The person of a row's document, as it was sent.
read_sent: Final = msgspec.json.Decoder(AttendeeType).decode


@dataclass(slots=True)
class Accounts:
    """Accounts of the site that a list of people names, by casefolded webExID and e-mail."""

    by_web_ex_id: dict[str, User] = field(default_factory=dict)
    by_email: dict[str, User] = field(default_factory=dict)

    def of(self, person: PersonType) -> User | None:
        """The account of a person: by webExID, else by e-mail."""
        if person.web_ex_id and (found := self.by_web_ex_id.get(_key(person.web_ex_id))):
            return found
        return self.by_email.get(_key(person.email)) if person.email else None


async def accounts_of(context: Context, people: Sequence[AttendeeType]) -> Accounts:
    """Read the accounts of all these people at once."""
    site_id = context.site.site.site_id
    named = [person for each in people if (person := each.person) is not None]
    ids = [_key(person.web_ex_id) for person in named if person.web_ex_id]
    emails = [_key(person.email) for person in named if person.email]
    accounts = Accounts()
    if ids:
        found = await users.many(context.engine, site_id, "web_ex_id_key", ids)
        accounts.by_web_ex_id = {user.web_ex_id_key: user for user in found}
    if emails:
        found = await users.many(context.engine, site_id, "email_key", emails)
        accounts.by_email = {user.email_key: user for user in found}
    return accounts


async def invited(context: Context, session_key: int, people: Sequence[AttendeeType]) -> list[Attendee]:
    """The rows for people that a request puts on a session's list, in the order of the request.

    Somebody who is named twice is kept once, as named last.

    Raises:
        Fault: a person without address, an address that is none, an alternate host without host account (040007).
    """
    accounts = await accounts_of(context, people)
    rows: dict[str, Attendee] = {}
    numbers = sorted(distinct_ids(len(people)))
    for number, sent in zip(numbers, people, strict=True):
        row = new_row(context, session_key, number, sent, accounts)
        old = rows.pop(row.email_key, None)
        rows[row.email_key] = row if old is None else msgspec.structs.replace(row, attendee_id=old.attendee_id)
    return list(rows.values())


def distinct_ids(count: int) -> set[int]:
    """So many attendee numbers, all different."""
    numbers: set[int] = set()
    while len(numbers) < count:
        numbers.add(new_attendee_id())
    return numbers


def new_row(
    context: Context,
    session_key: int,
    attendee_id: int,
    sent: AttendeeType,
    accounts: Accounts,
    path: str = _PATH,
) -> Attendee:
    """The row for somebody who is put on a session's list.

    Args:
        accounts: of everybody in the request, see `accounts_of`.
        path: where the request says it, for faults.

    Raises:
        Fault: no address, one that is none, an alternate host without host account (040007).
    """
    person = sent.person or PersonType()
    account = accounts.of(person)
    email = (person.email or "").strip() or (account.email if account else "")
    if not email:
        raise faults.MISSING_ELEMENT(path=f"{path}/person/email")
    if not is_email(email):
        raise faults.INVALID_VALUE(path=f"{path}/person/email", problem="this is no e-mail address")
    role = sent.role or "ATTENDEE"
    if role == "HOST" and (account is None or not _may_host(account)):
        raise faults.INVALID_ALTERNATE_HOST(person=(person.web_ex_id or email)[:64])
    name = _name(person) or email
    return Attendee(
        site_id=context.site.site.site_id,
        session_key=session_key,
        attendee_id=attendee_id,
        email_key=_key(email),
        user_id=account.user_id if account else None,
        name=name,
        role=role,
        join_status=sent.join_status or "INVITE",
        document=_document(sent, person, email),
        created_at=context.now,
    )


def _may_host(user: User) -> bool:
    return user.host and not user.attendee_only and user.status == "ACTIVATED"


def _name(person: PersonType) -> str:
    return (person.name or "").strip() or " ".join(filter(None, (person.first_name, person.last_name)))


def _document(sent: AttendeeType, person: PersonType, email: str) -> str:
    """What was sent of a person, without what the row's columns hold."""
    kept = msgspec.structs.replace(
        sent,
        person=msgspec.structs.replace(person, email=email),
        join_status=None,
        role=None,
        meeting_key=None,
        session_key=None,
        meeting_uuid=None,
        session_num=None,
    )
    return msgspec.json.encode(kept).decode()


def was_mailed(row: Attendee) -> bool:
    """Whether somebody was written to about the session, so that changes of it concern what he was told."""
    return bool(read_sent(row.document).email_invitations)


def marked_as_mailed(row: Attendee) -> Attendee:
    """The row of somebody who is written to about the session."""
    sent = read_sent(row.document)
    if sent.email_invitations:
        return row
    marked = msgspec.structs.replace(sent, email_invitations=True)
    return msgspec.structs.replace(row, document=msgspec.json.encode(marked).decode())


def person_of(row: Attendee) -> PersonType:
    """What was sent of a person on a list."""
    return read_sent(row.document).person or PersonType()


def as_answered(session: Session, row: Attendee, language: str = "ENGLISH") -> AttendeeType:
    """A person as GetMeeting answers them: what was sent, completed as the real service does.

    A person with only a name gets it as first name too; address and telephones are there even when nothing is known
    of them; invitations by mail, session key and the like are not answered.
    """
    sent = read_sent(row.document)
    person = sent.person or PersonType()
    return AttendeeType(
        person=msgspec.structs.replace(
            person,
            name=person.name or row.name,
            first_name=person.first_name or (None if person.last_name else _first_name(person, row)),
            address=_address(person.address),
            phones=person.phones or PhonesType(),
            type=person.type or "VISITOR",
        ),
        contact_id=sent.contact_id if sent.contact_id is not None else row.attendee_id,
        join_status=row.join_status,
        meeting_key=session.session_key,
        language=sent.language or language,
        role=row.role,
        locale=sent.locale,
        time_zone_id=sent.time_zone_id,
        language_id=sent.language_id if sent.language_id is not None else 1,
    )


def _first_name(person: PersonType, row: Attendee) -> str:
    return person.name or row.name


def _address(address: AddressType | None) -> AddressType:
    if address is None:
        return AddressType(address_type="PERSONAL")
    return msgspec.structs.replace(address, address_type=address.address_type or "PERSONAL")


def _key(text: str) -> str:
    return text.strip().casefold()
