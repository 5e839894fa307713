"""What the services say when something cannot be done; the only place with these texts.

What the XML API has a fault for is told with the text of that one, and its code in the detail.
Source: facts/general-session.md 10 "Faults"; where that is silent the texts are ours.
"""

from __future__ import annotations

from typing import Final

from parley.protocol import faults
from parley.protocol.faults import Fault

#: Codes of SOAP faults, as the library behind the known service has them.
OF_USER: Final = "Server.userException"
OF_CALLER: Final = "Client"

NOT_THERE_TEXT: Final = "The recording you are looking for does not exist or is no longer available."


class NbrFault(Exception):
    """A SOAP fault.

    Attributes:
        text: the faultstring.
        code: the faultcode without its prefix.
        number: code of the XML API's fault that it stands for.
    """

    def __init__(self, text: str, code: str = OF_USER, number: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.number = number


def no_recording() -> NbrFault:
    """There is none, it is in the trash, or somebody else's."""
    return NbrFault(NOT_THERE_TEXT, number=faults.NOTHING_FOUND.code)


def no_meeting() -> NbrFault:
    """No recorded meeting of the caller has this number."""
    return NbrFault("The meeting does not exist or has no recording.", number=faults.NOTHING_FOUND.code)


def no_operation(name: str) -> NbrFault:
    """The operation is not known."""
    shown = "".join(c for c in name[:80] if c.isprintable())
    return NbrFault(f"No such operation '{shown}'", OF_CALLER)


def no_report() -> NbrFault:
    """Reports are opened by a key that nobody hands out here."""
    return NbrFault("The hash key is not valid.")


def no_sound(reason: str) -> NbrFault:
    """A sound file cannot be made."""
    return NbrFault(f"The sound of the recording is not available: {reason}.")


def not_taken(reason: str) -> NbrFault:
    """A file is not taken in; `reason` without a full stop."""
    return NbrFault(f"The file was not stored: {reason}.")


def not_understood(problem: str) -> NbrFault:
    """A request that is none."""
    return NbrFault(f"The request cannot be read: {problem}.", OF_CALLER)


def no_document(fault: Fault) -> NbrFault:
    """A document that the XML API would refuse too."""
    return NbrFault(fault.reason, OF_CALLER, fault.code)


def parameter(name: str, problem: str) -> NbrFault:
    """A value that cannot be used."""
    return NbrFault(f"{name}: {problem}.", OF_CALLER)


def of(fault: Fault) -> NbrFault:
    """The SOAP fault for one of the XML API."""
    if fault.code == faults.NOTHING_FOUND.code:
        return no_recording()
    return NbrFault(fault.reason, number=fault.code)


def as_ticket(fault: Fault) -> str:
    """What getMeetingTicket returns in place of a ticket: programs look for the first two letters."""
    return f"AS{fault.code}: {fault.reason}"
