"""SetSite: the addresses of a customer's conference server.

Source: facts/user-site.md 7 (SetSite).
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.contract.site import SetSite, SetSiteResponse
from parley.contract.site_config import MeetingPlaceType
from parley.domain.site import MeetingPlace, Site
from parley.protocol import faults
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.site_changes import Author, change_site

#: Longest address or number that is kept; the schema names no limit.
_LONGEST: Final = 2000


@operation("site", request=SetSite, answer=SetSiteResponse)
async def set_site(context: Context, request: SetSite) -> SetSiteResponse:
    """Set the addresses of the site's conference server; what is not sent stays, an empty element clears."""
    sent = _sent(request.meeting_place)

    def change(site: Site) -> Site:
        place = msgspec.structs.replace(site.settings.meeting_place, **sent)
        return msgspec.structs.replace(site, settings=msgspec.structs.replace(site.settings, meeting_place=place))

    if sent:
        author = Author(context.caller.web_ex_id, "API")
        await change_site(context.engine, context.site.site.site_id, change, author, context.now)
    return SetSiteResponse()


def _sent(place: MeetingPlaceType | None) -> dict[str, str]:
    """What is set. nbrProfilePassword is taken and not kept: nothing here signs in to a conference server."""
    if place is None:
        return {}
    found = {name: value for name in MeetingPlace.__struct_fields__ if (value := getattr(place, name)) is not None}
    for name, value in found.items():
        if len(value) > _LONGEST:
            raise faults.INVALID_VALUE(
                path=f"meetingPlace/{_element(name)}", problem=f"at most {_LONGEST} characters are allowed"
            )
    return found


def _element(attribute: str) -> str:
    return next(e.name for e in MeetingPlaceType.__declaration__.elements if e.attribute == attribute)
