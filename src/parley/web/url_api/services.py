"""o.php: the service that the commands of this browser are for.

The choice is a cookie of its own: portals make it before anybody is signed in. It gives no right to anything.
Source: facts/url-api.md "o.php".
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from parley.web import going_on
from parley.web.url_api.desk import DONE, Command, Desk
from parley.web.url_api.reasons import Reason, Refused
from parley.web.url_api.replies import reply

#: The usual service.
MEETINGS: Final = "MeetingCenter"
_COOKIE: Final = "service"
#: Services by the words of SP. Access Anywhere (SAC) is a kind of support.
_SERVICES: Final = {
    "MC": MEETINGS,
    "TC": "TrainingCenter",
    "EC": "EventCenter",
    "SC": "SupportCenter",
    "SAC": "SupportCenter",
}


def chosen(desk: Desk) -> str:
    """The service that was chosen in this browser."""
    return _SERVICES.get(desk.call.request.cookies.get(_COOKIE, ""), MEETINGS)


async def choose(desk: Desk) -> Response:
    """ST: choose the service (SP)."""
    word = desk.parameters.required("SP").upper()
    service = _SERVICES.get(word)
    if service is None:
        raise Refused(Reason.INVALID_DATA)
    if not any(each.active and each.service == service for each in desk.call.known.types.values()):
        raise Refused(Reason.NO_SERVICE)
    response = reply(desk, "ST", DONE)
    secure = desk.root.startswith("https:")
    path = going_on.path_of(desk.root)
    response.set_cookie(_COOKIE, word, path=path, secure=secure, httponly=True, samesite="lax")
    return response


COMMANDS: Final = {"ST": Command(choose)}
