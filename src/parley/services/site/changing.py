"""SetSite: the addresses of a customer's conference server, and what passwords must be like.

Source: facts/user-site.md 7 (SetSite, "Password policy"). That SetSite takes the criteria is an addition.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from parley.contract.site import SetSite, SetSiteResponse
from parley.contract.site_config import MeetingPlaceType
from parley.domain.passwords import LONGEST_FORBIDDEN, MOST_FORBIDDEN, Criteria, is_possible
from parley.domain.site import CRITERIA_LENGTHS, MeetingPlace, Site
from parley.protocol import faults
from parley.protocol.declare import Record
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.site.criteria import AnyCriteria, sent_values
from parley.services.site_changes import Author, change_site
from parley.services.values import given

#: Longest address or number that is kept; the schema names no limit.
LONGEST: Final = 2000
#: The sets of criteria by the names of the site's settings, with those of the request.
_CRITERIA: Final = {
    "meeting_password_criteria": "password_criteria",
    "recording_password_criteria": "recording_password_criteria",
    "account_password_criteria": "account_password_criteria",
}


@operation("site", request=SetSite, answer=SetSiteResponse)
async def set_site(context: Context, request: SetSite) -> SetSiteResponse:
    """Set the addresses of the site's conference server and its password criteria.

    What is not sent stays. An empty element of meetingPlace clears; forbidden passwords are sent all together.
    """
    place, criteria = _sent(request.meeting_place), _sent_criteria(request)

    def change(site: Site) -> Site:
        settings = site.settings
        changed: dict[str, Any] = {name: _rules(getattr(settings, name), name, sent) for name, sent in criteria.items()}
        changed["meeting_place"] = msgspec.structs.replace(settings.meeting_place, **place)
        return msgspec.structs.replace(site, settings=msgspec.structs.replace(settings, **changed))

    if place or criteria:
        author = Author(context.caller.web_ex_id, "API")
        await change_site(context.engine, context.site.site.site_id, change, author, context.now)
    return SetSiteResponse()


def _sent_criteria(request: SetSite) -> dict[str, AnyCriteria]:
    """The sets of criteria that a request has, by the names of the site's settings."""
    sent = {name: getattr(request, attribute) for name, attribute in _CRITERIA.items()}
    return {name: each for name, each in sent.items() if each is not None}


def _rules(kept: Criteria, name: str, sent: AnyCriteria) -> Criteria:
    """A set of criteria after a request.

    Raises:
        Fault: 999999, no password can be so, or there are too many or too long forbidden ones.
    """
    path, longest = _element(SetSite, _CRITERIA[name]), CRITERIA_LENGTHS[name]
    rules = msgspec.structs.replace(kept, **sent_values(sent))
    if sent.disallow_value:
        rules = msgspec.structs.replace(rules, disallowed=tuple(each for each in sent.disallow_value if given(each)))
    if not is_possible(rules, longest):
        raise faults.INVALID_VALUE(path=path, problem=f"no password of at most {longest} characters can be so")
    if len(rules.disallowed) > MOST_FORBIDDEN or any(len(each) > LONGEST_FORBIDDEN for each in rules.disallowed):
        raise faults.INVALID_VALUE(
            path=f"{path}/disallowValue",
            problem=f"at most {MOST_FORBIDDEN} values of at most {LONGEST_FORBIDDEN} characters are allowed",
        )
    return rules


def _sent(place: MeetingPlaceType | None) -> dict[str, str]:
    """What is set. nbrProfilePassword is taken and not kept: nothing here signs in to a conference server."""
    if place is None:
        return {}
    found = {name: value for name in MeetingPlace.__struct_fields__ if (value := getattr(place, name)) is not None}
    for name, value in found.items():
        if len(value) > LONGEST:
            raise faults.INVALID_VALUE(
                path=f"meetingPlace/{_element(MeetingPlaceType, name)}",
                problem=f"at most {LONGEST} characters are allowed",
            )
    return found


def _element(cls: type[Record], attribute: str) -> str:
    return next(e.name for e in cls.__declaration__.elements if e.attribute == attribute)
