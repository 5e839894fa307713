"""What the links about accounts lead to: pictures of people, and the confirmation of a new e-mail address.

Opening the link of a mail changes nothing, since programs that look through mails open links too; the button on its
page does.
Sources: facts/user-site.md 4 (GetUserCard, avatar), facts/versions.md 40.4.0 (confirmation).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from parley.domain.site import Site
from parley.protocol.faults import Fault
from parley.services.user.document import HEADER, PHOTO
from parley.services.user.email_changes import confirm
from parley.store import Conflict, user_images, users
from parley.web.link_values import read_values
from parley.web.render import SAFETY, message, private_page
from parley.web.words import language_for, said, speak

if TYPE_CHECKING:
    from parley.services.application import Application


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_KINDS: Final = {kind.lower(): kind for kind in (PHOTO, HEADER)}
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_TOKEN: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME: Final = 64


class AccountLinks:
    """The pages and pictures of accounts below the address of a site."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def routes(self) -> list[BaseRoute]:
        """The routes of the links."""
        return [
            Route("/{site}/picture/{user_id}/{kind}", self.picture),
            Route("/{site}/confirm-email", self.confirm_email, methods=["GET", "POST"]),
        ]

    async def picture(self, request: Request) -> Response:
        """The photo of a user, or the head of the personal room; for anybody, as GetUserCard."""
        site = await self._site(request)
        kind, number = _KINDS.get(request.path_params["kind"]), request.path_params["user_id"]
        if kind is None or not _NUMBER.fullmatch(number):
            raise HTTPException(404)
        engine = self._application.engine
        user = await users.by_id(engine, site.site_id, int(number))
        image = await user_images.find(engine, site.site_id, int(number), kind)
        if image is None or user is None or user.status != "ACTIVATED":
            raise HTTPException(404)
        headers = {**SAFETY, "Cache-Control": "public, max-age=3600"}
        return Response(image.content, media_type=image.media_type, headers=headers)

    async def confirm_email(self, request: Request) -> Response:
        """Ask whether a new address is to count (GET), and let it count (POST)."""
        site = await self._site(request)
        token = (await read_values(request)).get("TOKEN")
        if request.method != "POST":
            return private_page("confirm_email.html", action=request.url.path, token=token)
        try:
            user = await confirm(self._application, site.site_id, token) if _TOKEN.fullmatch(token) else None
        except Conflict:
            raise HTTPException(503) from None
        except Fault:
            return message(
                _("This address cannot be used"), _("It belongs to another account of the site by now."), 409
            )
        if user is None:
            return message(
                _("This link is no longer good"),
                _("It was used already, or another address was asked for later."),
                403,
                hint=_("Change the address again to get a new link."),
            )
        return message(_("Your new address counts from now on"), said(_("Mail goes to %(email)s."), email=user.email))

    async def _site(self, request: Request) -> Site:
        name = request.path_params["site"].casefold()
        known = await self._application.sites.by_name(name) if len(name) <= _LONGEST_NAME else None
        # The copy may be older than the row, and pages are no hot path.
        known = await self._application.sites.reload(known.site.site_id) if known is not None else None
        if known is None or not known.site.active:
            raise HTTPException(404)
        speak(language_for(request, None, known.site))
        return known.site
