"""The numbers that the people of a site call in to, as the API tells them."""

from __future__ import annotations

from parley.contract.service import GlobalCallInNumType
from parley.domain.site import Telephony


def global_numbers(telephony: Telephony) -> list[GlobalCallInNumType]:
    """The site's numbers of other countries."""
    return [
        GlobalCallInNumType(country_alias=each.country, phone_number=each.number, toll_free=each.toll_free)
        for each in telephony.global_numbers
    ]
