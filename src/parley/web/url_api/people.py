"""m.php: hosts put people on the list of a session, take them off it, and look somebody up.

AddToAddressBook and the words for language and place (Language1, Locale1) beyond those that the XML API has are kept as
the attendee's; nobody is put into an address book.
Source: facts/url-api.md "m.php" (AA, DA, AP, DP, MD).
"""

from __future__ import annotations

from typing import Final, cast

from parley.contract.attendee import (
    AttendeeEmailType,
    AttendeeInstanceType,
    AttendeeType,
    CreateMeetingAttendee,
    DelMeetingAttendee,
    LstMeetingAttendee,
    LstMeetingAttendeeResponse,
)
from parley.contract.common import PersonType, PhonesType
from parley.contract.service import LstControlType
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.services.attendee.coming import MOST_AT_ONCE
from parley.web.url_api.desk import DONE, Command, Desk, Done
from parley.web.url_api.parameters import Parameters
from parley.web.url_api.reasons import Reason, Refused

_PAGE: Final = 500
_PHONE: Final = ("PhoneCountry", "PhoneArea", "PhoneLocal", "PhoneExt")
_PRESENTERS_PHONE: Final = ("PC", "PA", "PN", "PE")


async def add_attendees(desk: Desk) -> Done:
    """AA: put up to 50 people on the list, named as FN1, EA1, FN2, EA2 ... or one as FN, EM."""
    sent, key = desk.parameters, desk.parameters.key()
    mailed = sent.switch("EI")
    numbers = sent.numbered("EA", MOST_AT_ONCE) or sent.numbered("EM", MOST_AT_ONCE)
    if numbers:
        people = [_numbered(sent, key, number, mailed) for number in numbers]
    else:
        people = [_person(sent, key, "ATTENDEE", _PHONE, mailed)]
    await desk.perform(CreateMeetingAttendee(attendees=people))
    return DONE


async def add_presenter(desk: Desk) -> Done:
    """AP: put a presenter on the list."""
    sent = desk.parameters
    person = _person(sent, sent.key(), "PRESENTER", _PRESENTERS_PHONE, sent.switch("EI"))
    await desk.perform(CreateMeetingAttendee(attendees=[person]))
    return DONE


def _numbered(sent: Parameters, key: int, number: int, mailed: bool | None) -> AttendeeType:
    email = sent.text(f"EA{number}", f"EM{number}")
    phone = _phone(sent, [f"{name}{number}" for name in _PHONE])
    return AttendeeType(
        person=PersonType(name=sent.text(f"FN{number}") or email, email=email, phones=phone),
        session_key=key,
        role="ATTENDEE",
        email_invitations=mailed,
        time_zone_id=sent.number(f"TimeZone{number}"),
        language=sent.text(f"Language{number}"),
        locale=sent.text(f"Locale{number}"),
    )


def _person(sent: Parameters, key: int, role: str, phone: tuple[str, ...], mailed: bool | None) -> AttendeeType:
    email = sent.required("EM")
    person = PersonType(name=sent.text("FN") or email, email=email, phones=_phone(sent, phone))
    return AttendeeType(person=person, session_key=key, role=role, email_invitations=mailed)


def _phone(sent: Parameters, names: tuple[str, ...] | list[str]) -> PhonesType | None:
    parts = [sent.text(name) or "" for name in names]
    return PhonesType(phone=",".join(parts)) if any(parts) else None


async def remove(desk: Desk) -> Done:
    """DA, DP: take somebody off the list; with EC he is told by mail."""
    sent = desk.parameters
    named = AttendeeEmailType(email=sent.required("EM"), session_key=sent.key())
    await desk.perform(DelMeetingAttendee(attendee_email=[named], send_email=sent.switch("EC")))
    return DONE


async def details(desk: Desk) -> Done:
    """MD: what the list of a session has of somebody."""
    person = await _listed(desk, desk.parameters.key(), desk.parameters.required("EM").casefold())
    known = person.person or PersonType()
    values = [("FN", known.name), ("EM", known.email), ("Role", person.role), ("Status", person.join_status)]
    return Done(after=tuple((name, value) for name, value in values if value))


async def _listed(desk: Desk, key: int, email: str) -> AttendeeInstanceType:
    """Somebody on the list of a session, by his address."""
    first = 1
    while True:
        request = LstMeetingAttendee(
            session_key=key, list_control=LstControlType(start_from=first, maximum_num=_PAGE), incl_history=True
        )
        try:
            answer = cast("LstMeetingAttendeeResponse", await desk.perform(request))
        except Fault as fault:
            if fault.code == faults.NOTHING_FOUND.code:
                raise Refused(Reason.INVALID_DATA) from None
            raise
        for each in answer.attendee:
            if each.person is not None and (each.person.email or "").casefold() == email:
                return each
        if len(answer.attendee) < _PAGE:
            raise Refused(Reason.INVALID_DATA)
        first += _PAGE


COMMANDS: Final = {
    "AA": Command(add_attendees, signed_in=True, changes=True),
    "DA": Command(remove, signed_in=True, changes=True),
    "AP": Command(add_presenter, signed_in=True, changes=True),
    "DP": Command(remove, signed_in=True, changes=True),
    "MD": Command(details, signed_in=True),
}
