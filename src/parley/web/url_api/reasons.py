"""The words with which the URL API says why a command failed, and which word stands for which fault.

Source: facts/url-api.md "Form" (failures).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from parley.protocol import faults
from parley.protocol.faults import Fault, Kind


class Reason(StrEnum):
    """What RS says."""

    ACCESS_DENIED = "AccessDenied"
    ALREADY_LOGON = "AlreadyLogon"
    AUTO_LOGIN_DISABLED = "AutoLoginDisabled"
    BAD_PASSWORD = "BadWebExIDorPassword"  # noqa: S105 - the word for it
    NO_URL_API = "DoNotSupportAPI"
    EMAIL_CONFLICT = "EmailConflict"
    INVALID_DATA = "InvalidDataFormat"
    NO_MEETING_TYPE = "NoMeetingTypeSupport"
    NO_SERVICE = "SiteDoNotSupportThisMeetingType"
    PARTNER_ID = "PartnerIDError"
    TOO_LONG = "TheDurationIsExceedTheMaxDuration"
    UNKNOWN = "Unknown"
    UNKNOWN_COMMAND = "UnknownATCommand"
    WEB_EX_ID_CONFLICT = "WebExIDConflict"


class Refused(Exception):
    """A command that is not done."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def _codes(reason: Reason, *kinds: Kind) -> dict[str, Reason]:
    return {kind.code: reason for kind in kinds}


_BY_CODE: Final = {
    **_codes(Reason.BAD_PASSWORD, faults.UNKNOWN_USER, faults.WRONG_PASSWORD),
    **_codes(Reason.WEB_EX_ID_CONFLICT, faults.WEB_EX_ID_TAKEN),
    **_codes(Reason.EMAIL_CONFLICT, faults.EMAIL_TAKEN),
    **_codes(Reason.NO_MEETING_TYPE, faults.UNKNOWN_MEETING_TYPE),
    **_codes(Reason.TOO_LONG, faults.DURATION_TOO_LONG),
    **_codes(
        Reason.ACCESS_DENIED,
        faults.ACCESS_DENIED,
        faults.ACCOUNT_EXPIRED,
        faults.ACCOUNT_LOCKED,
        faults.ACCOUNT_NOT_ACTIVE,
        faults.INVALID_TICKET,
        faults.MEETING_IN_PROGRESS,
        faults.NOT_A_DELEGATE,
        faults.PASSWORDS_REFUSED,
        faults.PASSWORD_EXPIRED,
        faults.PASSWORD_MUST_CHANGE,
        faults.PROFILE_REFUSED,
        faults.ROLE_NOT_ASSIGNABLE,
        faults.SITE_SUSPENDED,
        faults.STARTED_TRAINING,
    ),
    **_codes(
        Reason.UNKNOWN,
        faults.BUSY,
        faults.COMPUTER_LIMIT,
        faults.HOST_LIMIT,
        faults.MY_WEB_EX_PRO_LIMIT,
        faults.RATE_LIMIT,
        faults.SESSION_TYPE_LIMIT,
        faults.STORAGE_LIMIT,
    ),
}


def reason_of(fault: Fault) -> Reason:
    """The word for a fault of an operation; for all that no word is known for, the values sent were not usable."""
    return _BY_CODE.get(fault.code, Reason.INVALID_DATA)
