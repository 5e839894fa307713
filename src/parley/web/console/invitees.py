"""Texts that name people, as hosts write them into a form."""

from __future__ import annotations

import re
from typing import Final

from parley.contract.attendee import AttendeeType
from parley.contract.common import PersonType
from parley.domain.mail_address import is_email
from parley.services.attendee.coming import MOST_AT_ONCE
from parley.web.link_values import MAX_VALUE
from parley.web.words import said

#: One person of many; a comma between quotes is part of the name.
_PERSON: Final = re.compile(r'(?:"[^"\n]*"|[^,;\n])+')
_NAMED: Final = re.compile(r"\s*\"?([^<\"]*?)\"?\s*<([^<>]+)>\s*")
#: Longest text that names people; link values are cut a little later, so nothing is lost unnoticed.
LONGEST_PEOPLE: Final = MAX_VALUE - 100


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def people_named(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    """The people of a text with one on each line, or between commas: `ada@example.com`, `Ada <ada@example.com>`.

    Returns:
        Names and addresses, each address once; and what is no address.
    """
    found: dict[str, tuple[str, str]] = {}
    odd = []
    for part in _PERSON.findall(text):
        words = part.strip()
        if not words:
            continue
        named = _NAMED.fullmatch(words)
        name, address = (named[1].strip(), named[2].strip()) if named else ("", words)
        if is_email(address):
            found.setdefault(address.casefold(), (name or address, address))
        else:
            odd.append(words[:80])
    return list(found.values()), odd


def attendees_for(text: str) -> tuple[list[AttendeeType], str]:
    """The people of a text as the contract has them, to be told by mail, and what is wrong with it (empty: nothing)."""
    if len(text) > LONGEST_PEOPLE:
        return [], _("This is too long: invite the others afterwards.")
    people, odd = people_named(text)
    if odd:
        return [], said(_("Not an e-mail address: %(text)s"), text=", ".join(odd[:3]))
    if len(people) > MOST_AT_ONCE:
        return [], said(_("At most %(count)s people can be invited at once."), count=MOST_AT_ONCE)
    return [
        AttendeeType(person=PersonType(name=name, email=address), email_invitations=True, role="ATTENDEE")
        for name, address in people
    ], ""
