"""The way from a page to a room: a form that carries what was proved on the page, and the cookie that keeps it.

A page of a session hands out a pass (see `rooms.tokens`) as the hidden field of its button. The room's page puts it
into a cookie of its own address, so that it stands in no address and reloading the page asks for nothing anew.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from parley.domain.session import HostedSession
from parley.domain.site import Site
from parley.rooms.admission import clean_name
from parley.rooms.tokens import PASS_SECONDS, Pass, Signer
from parley.services.application import Application
from parley.web import going_on

COOKIE: Final = "parley_room"
_MOST_EMAIL: Final = 256


class RoomForm(NamedTuple):
    """The button that leads to a room: where its form goes, and the pass in it."""

    action: str
    value: str


class RoomDoor:
    """Hands out and reads passes."""

    def __init__(self, application: Application, signer: Signer) -> None:
        self._application = application
        self.signer = signer

    def form(
        self,
        site: Site,
        session: HostedSession,
        *,
        name: str = "",
        email: str = "",
        password: bool = False,
        register_id: int | None = None,
        panel: str = "",
    ) -> RoomForm:
        """The form for a page that names the session to whoever reads it.

        Args:
            name, email: as the link has them.
            password: its password was shown.
            register_id: a registration ID that was shown.
            panel: the mark of the panelists' password, if it was shown.
        """
        mark = self.signer.password_mark(session.site_id, session.session_key, session.password) if password else ""
        shown = Pass(
            site_id=session.site_id,
            session_key=session.session_key,
            until=self._application.clock.now() + PASS_SECONDS,
            link=True,
            password=mark,
            register_id=register_id,
            panel=panel,
            name=clean_name(name),
            email=email.strip()[:_MOST_EMAIL],
        )
        return RoomForm(self.path(site, session.session_key), self.signer.sign(shown))

    def path(self, site: Site, session_key: int) -> str:
        """The path of a room's page."""
        return f"{going_on.path_of(self._application.links.root(site.name))}/room/{session_key}"

    def read(self, text: str, site_id: int, session_key: int) -> Pass | None:
        """A pass for this session, if the text is one."""
        shown = self.signer.read(text, Pass, self._application.clock.now())
        return shown if shown is not None and (shown.site_id, shown.session_key) == (site_id, session_key) else None

    def shown(self, request: Request, site_id: int, session_key: int) -> Pass | None:
        """The pass that a browser keeps for this session, if any."""
        return self.read(request.cookies.get(COOKIE, ""), site_id, session_key)

    def keep(self, response: Response, shown: str, path: str) -> None:
        """Let the browser keep a pass, for the addresses of the room."""
        secure = self._application.config.base_url.startswith("https:")
        response.set_cookie(
            COOKIE, shown, max_age=PASS_SECONDS, path=path, secure=secure, httponly=True, samesite="lax"
        )
