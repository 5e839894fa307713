"""Parameters of SU and EU as the parts of an account.

What the XML API has no element for (PT, OC, AA, LB) is passed over.
Source: facts/url-api.md "p.php".
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from parley.contract.common import AddressType, TrackingType
from parley.contract.user import UserTypeMeetingTypes, UserTypeTspAccount
from parley.contract.user_settings import (
    MywebexType,
    PrivilegeType,
    SecurityType,
    TspAccountType,
    UserPhonesType,
)
from parley.protocol.declare import Record
from parley.web.url_api.parameters import Parameters

R = TypeVar("R", bound=Record)

_ADDRESS: Final = {
    "address1": "Address1",
    "address2": "Address2",
    "city": "City",
    "state": "State",
    "zip_code": "ZipCode",
    "country": "Country",
}
_MY_PAGES: Final = {
    "is_my_web_ex_pro": "MW",
    "my_partner_links": "PL",
    "my_folders": "FL",
    "my_contact": "AB",
    "my_profile": "PF",
    "my_meetings": "MM",
    "my_reports": "MR",
    "training_recordings": "RC",
    "recorded_events": "RE",
}
_PRIVILEGES: Final = {"lab_admin": "LA", "recording_editor": "RP"}
_TSP_ACCOUNTS: Final = 3


def profile_of(sent: Parameters) -> dict[str, Any]:
    """The parts of an account beside its names, by their names in the record of the request."""
    return without_nothing(
        address=part(AddressType, {name: sent.text(parameter) for name, parameter in _ADDRESS.items()}),
        phones=part(UserPhonesType, {"phone": _phone(sent, "OPhone"), "fax": _phone(sent, "FPhone")}),
        privilege=part(PrivilegeType, {name: sent.switch(parameter) for name, parameter in _PRIVILEGES.items()}),
        my_web_ex=part(
            MywebexType,
            {name: sent.switch(parameter) for name, parameter in _MY_PAGES.items()}
            | {"my_computer": sent.number("AC"), "additional_recording_storage": sent.number("AS")},
        ),
        meeting_types=UserTypeMeetingTypes(meeting_type=numbers) if (numbers := sent.numbers("MT")) else None,
        time_zone_id=sent.number("TimeZone"),
        security=part(SecurityType, {"force_change_password": sent.switch("ForceChangeUserPwd")}),
        tracking=tracking_of(sent),
    )


def changes_of(sent: Parameters) -> dict[str, Any]:
    """What EU changes of an account."""
    names = without_nothing(
        first_name=sent.text("NFN"),
        last_name=sent.text("NLN"),
        email=sent.text("NEM"),
        password=sent.secret("NPW"),
        new_web_ex_id=sent.text("NWID"),
        tsp_account=_tsp_accounts(sent),
    )
    return profile_of(sent) | names


def tracking_of(sent: Parameters) -> TrackingType | None:
    """The values of the tracking codes, TC1 to TC10."""
    return part(TrackingType, {f"tracking_code_{number}": sent.text(f"TC{number}") for number in range(1, 11)})


def part(cls: type[R], values: dict[str, Any]) -> R | None:
    """A part of a request; None when nothing of it was said."""
    said = without_nothing(**values)
    return cls(**said) if said else None


def without_nothing(**values: Any) -> dict[str, Any]:
    """The values that were sent."""
    return {name: value for name, value in values.items() if value is not None}


def _phone(sent: Parameters, name: str) -> str | None:
    """A telephone number in four parameters, as the XML API writes it: separated by commas, the country code first."""
    parts = [sent.text(f"{name}{each}") or "" for each in ("Country", "Area", "Local", "Ext")]
    return ",".join([*parts, "", "", ""]) if any(parts) else None


def _tsp_accounts(sent: Parameters) -> UserTypeTspAccount | None:
    accounts = []
    for number in range(1, _TSP_ACCOUNTS + 1):
        account = part(
            TspAccountType,
            {
                "create_on_bridge": sent.switch(f"CB{number}"),
                "toll_free_call_in_number": sent.text(f"FI{number}"),
                "toll_call_in_number": sent.text(f"TI{number}"),
                "participant_access_code": sent.text(f"PA{number}"),
                "subscriber_access_code": sent.text(f"SA{number}"),
            },
        )
        if account is not None:
            account.account_index = number
            accounts.append(account)
    return UserTypeTspAccount(tsp_account=accounts) if accounts else None
