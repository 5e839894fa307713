"""m.php: hosts and others go into a session. The pages are those of the links; programs that wait for an answer get one
when the page would turn the person away.

Source: facts/url-api.md "m.php" (HM, JM).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from parley.web.page_call import Handler
from parley.web.url_api.desk import Command, Desk
from parley.web.url_api.reasons import Reason, Refused
from parley.web.url_api.replies import allowed_back


async def host(desk: Desk) -> Response:
    """HM: the page where the host starts the session."""
    return await _page(desk, desk.pages.host)


async def join(desk: Desk) -> Response:
    """JM: the page where people join the session."""
    return await _page(desk, desk.pages.join)


async def _page(desk: Desk, page: Handler) -> Response:
    if allowed_back(desk) is None:
        return await page(desk.call)
    try:
        response = await page(desk.call)
    except HTTPException as error:
        if error.status_code != HTTPStatus.NOT_FOUND:
            raise
        raise Refused(Reason.INVALID_DATA) from None
    if response.status_code == HTTPStatus.FORBIDDEN:
        raise Refused(Reason.ACCESS_DENIED)
    return response


COMMANDS: Final = {"HM": Command(host, open_link=True), "JM": Command(join, open_link=True)}
