"""The page of a live room, the question whether somebody may enter, and the room's socket.

Sources: facts/url-api.md (joining by link), facts/media.md 2; the rules are those of `rooms.entry`.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from parley.domain.listing import Relation
from parley.domain.session import HostedSession
from parley.domain.user import User
from parley.protocol.credentials import Overloaded
from parley.recordings.arriving import going_on
from parley.recordings.storage import arriving_folder
from parley.rooms.admission import Visitor, clean_name, panel_mark_of, panel_of, panel_password_is, rules_of, ticket_for
from parley.rooms.entry import Place, Proof, Rules, Wanted, ask
from parley.rooms.hub import Hub
from parley.rooms.limits import Addresses
from parley.rooms.tokens import Pass
from parley.rooms.turn import ice_servers, parse_servers
from parley.rooms.words import _
from parley.services.application import Application
from parley.services.attendee.own import WrongRegisterId, admitted
from parley.services.known_sites import KnownSite
from parley.services.sessions.standing import password_is
from parley.store import StoreUnavailable, sessions
from parley.web.forms import body_of, check_sender, counted_as, is_own_origin
from parley.web.link_values import read_values
from parley.web.meeting_links import MeetingLinks
from parley.web.meeting_view import MeetingView
from parley.web.render import SAFETY, private_page
from parley.web.rooms_door import RoomDoor
from parley.web.who_sees import may_see, relation_of
from parley.web.words import language_for, said, speak, words_of_rooms

_KEY: Final = re.compile(r"[0-9]{1,18}")
_MOST_BODY: Final = 8_192
_BODY_SECONDS: Final = 10.0
#: Camera, microphone and screen for these pages only, scripts and sockets of this server only.
_HEADERS: Final = {
    "Content-Security-Policy": (
        f"{SAFETY['Content-Security-Policy']}; script-src 'self'; connect-src 'self'; media-src 'self' blob:"
    ),
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), autoplay=(self)",
}
_TEXTS: Final = {
    Wanted.ACCOUNT: _("Sign in to this site to join."),
    Wanted.PASSWORD: _("This session has a password. It stands in the invitation."),
    Wanted.REGISTRATION: _("Only people who registered can join. Please enter your registration ID."),
    Wanted.OVER: _("This session is over."),
}
_AGENTS: Final = (("Edg/", "EDGE"), ("Firefox/", "FIREFOX"), ("Chrome/", "CHROME"), ("Safari/", "SAFARI"))
_SYSTEMS: Final = (
    *(("Android", "ANDROID"), ("iPhone", "IOS"), ("iPad", "IOS"), ("Windows", "WINDOWS")),
    *(("Mac OS", "MAC"), ("CrOS", "CHROMEOS"), ("Linux", "LINUX")),
)


class _Asked(msgspec.Struct, frozen=True, rename="camel"):
    """What the form before the room sends."""

    name: Annotated[str, Meta(max_length=400)]
    email: Annotated[str, Meta(max_length=256)] = ""
    password: Annotated[str, Meta(max_length=256)] = ""
    register_id: Annotated[str, Meta(max_length=40)] = ""


class _Knows(NamedTuple):
    """What was proved by a password: that of the session, or (the mark of) that of its panelists."""

    password: bool = False
    panel: str = ""


class _Wire:
    """A socket as the hub wants it."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def receive(self) -> str | bytes | None:
        """The next message; None when the other side has gone."""
        event = await self._socket.receive()
        if event["type"] != "websocket.receive":
            return None
        text = event.get("text")
        return text if text is not None else event.get("bytes") or b""

    async def send(self, text: str) -> None:
        """Send a message."""
        await self._socket.send_text(text)

    async def close(self, code: int) -> None:
        """Close the socket."""
        await self._socket.close(code)


class RoomPages:
    """The page and the socket of rooms."""

    def __init__(self, application: Application, links: MeetingLinks, door: RoomDoor, hub: Hub) -> None:
        self._application = application
        self._links = links
        self._door = door
        self._hub = hub
        self._asks = Addresses(burst=120, rate=10)
        self._servers = parse_servers(application.config.ice_servers)

    def routes(self) -> list[BaseRoute]:
        """The routes of rooms."""
        return [
            Route("/{site}/room/{key}", self._page, methods=["GET", "POST"]),
            Route("/{site}/room/{key}/entry", self._entry, methods=["POST"]),
            WebSocketRoute("/{site}/room/{key}/socket", self._socket),
        ]

    # ---- the page --------------------------------------------------------------------------------------------

    async def _page(self, request: Request) -> Response:
        handler = self._come if request.method == "POST" else self._show
        return await self._links.below_site(request, handler)

    async def _come(self, request: Request, known: KnownSite, user: User | None) -> Response:
        """Keep the pass of the button that was pressed, and go on to the page itself."""
        session = await self._session(known, request.path_params["key"])
        values = await read_values(request)
        path = self._door.path(known.site, session.session_key)
        response = RedirectResponse(path, 303, headers={"Referrer-Policy": "no-referrer"})
        value = values.get("PASS")
        if self._door.read(value, known.site.site_id, session.session_key) is not None:
            self._door.keep(response, value, path)
        return response

    async def _show(self, request: Request, known: KnownSite, user: User | None) -> Response:
        session = await self._session(known, request.path_params["key"])
        speak(language_for(request, user, known.site))
        shown = self._door.shown(request, known.site.site_id, session.session_key)
        visitor = await Visitor.of(self._application, session, user, shown)
        rules = rules_of(session, known, self._now)
        panel = panel_of(session, known)
        proof = visitor.proof(self._door.signer, session, panel=panel)
        wanted = ask(rules, proof)
        named = isinstance(wanted, Place) or await self._is_named(session, user, shown, proof)
        return private_page(
            "room.html",
            headers=_HEADERS,
            meeting=MeetingView.of(session, self._now) if named else None,
            path=self._door.path(known.site, session.session_key),
            wanted=None if isinstance(wanted, Place) else wanted.value,
            text=None if isinstance(wanted, Place) else said(_TEXTS[wanted]),
            place=wanted if isinstance(wanted, Place) else None,
            user=user,
            name=visitor.name,
            email=visitor.email,
            panel=bool(panel) and not (proof.panel or proof.panelist),
            recorded=await self._is_recorded(session, rules),
            words=await asyncio.to_thread(words_of_rooms),
        )

    async def _is_recorded(self, session: HostedSession, rules: Rules) -> bool:
        """Whether people are to know before they come that the session is recorded."""
        if rules.recording.auto:
            return True
        root = arriving_folder(self._application.config)
        return await asyncio.to_thread(going_on, root, session.site_id, session.session_key) is not None

    async def _is_named(self, session: HostedSession, user: User | None, shown: Pass | None, proof: Proof) -> bool:
        if proof.password or (shown is not None and shown.link):
            return True
        relation = await relation_of(self._application.engine, user, session)
        return relation >= Relation.INVITED or may_see(session, relation)

    # ---- asking for entry ------------------------------------------------------------------------------------

    async def _entry(self, request: Request) -> Response:
        check_sender(request)
        if not self._asks.take(counted_as(request) or "", time.monotonic()):
            raise HTTPException(429, headers={"Retry-After": "10"})
        return await self._links.below_site(request, self._ask)

    async def _ask(self, request: Request, known: KnownSite, user: User | None) -> Response:
        """Answer with a token for the socket, or with what is missing."""
        asked = await _read(request)
        speak(language_for(request, user, known.site))
        session = await self._session(known, request.path_params["key"])
        name = clean_name(asked.name)
        if not name:
            return _no("name", said(_("Please enter your name.")))
        shown, panel = self._door.shown(request, known.site.site_id, session.session_key), panel_of(session, known)
        try:
            knows = await self._known_password(session, panel, asked.password)
            shown = await self._with_register_id(session, asked, shown, knows)
        except Overloaded:
            raise HTTPException(503, headers={"Retry-After": "30"}) from None
        except WrongRegisterId:
            return _no(Wanted.REGISTRATION, said(_("That is not a registration ID of this session.")), wrong=True)
        visitor = await Visitor.of(self._application, session, user, shown)
        rules, now = rules_of(session, known, self._now), self._now
        proof = visitor.proof(self._door.signer, session, password=knows.password, panel=panel)
        ticket = ticket_for(visitor, session, rules, proof, name, asked.email.strip(), now)
        if isinstance(ticket, Wanted):
            wrong = ticket is Wanted.PASSWORD and bool(asked.password)
            text = _("That is not the password of this session.") if wrong else _TEXTS[ticket]
            return _no(ticket, said(text), wrong=wrong)
        path = self._door.path(known.site, session.session_key)
        response = JSONResponse(
            {
                "token": self._door.signer.sign(ticket),
                "socket": f"{path}/socket",
                "viewer": ticket.viewer,
                "secret": rules.end_to_end,
                "iceServers": self._ice(ticket.stay_id, now),
            },
            headers={"Cache-Control": "no-store"},
        )
        if shown is not None:
            self._door.keep(response, self._door.signer.sign(shown), path)
        return response

    def _ice(self, stay_id: int, now: int) -> list[dict[str, Any]]:
        return ice_servers(self._servers, self._application.config.turn_secret, str(stay_id), now)

    async def _known_password(self, session: HostedSession, panel: str, sent: str) -> _Knows:
        """Raises: Overloaded: too many guess."""
        brake = self._application.brake
        if not sent:
            return _Knows()
        if await panel_password_is(brake, session, panel, sent):
            return _Knows(panel=panel_mark_of(self._door.signer, session, panel))
        return _Knows(password=await password_is(brake, session, sent))

    async def _with_register_id(
        self, session: HostedSession, asked: _Asked, shown: Pass | None, knows: _Knows
    ) -> Pass | None:
        """The pass with what was proved just now.

        Raises:
            WrongRegisterId: the registration ID opens nothing.
            Overloaded: too many guess.
        """
        if not (any(knows) or asked.register_id):
            return shown
        row = await admitted(self._application, session, asked.register_id) if asked.register_id else None
        fresh = self._door.form(
            (await self._known(session)).site,
            session,
            name=asked.name,
            email=asked.email,
            password=knows.password,
            panel=knows.panel,
            register_id=row.register_id if row is not None else shown.register_id if shown else None,
        )
        return self._door.read(fresh.value, session.site_id, session.session_key)

    async def _known(self, session: HostedSession) -> KnownSite:
        known = await self._application.sites.by_id(session.site_id)
        if known is None:
            raise HTTPException(404)
        return known

    # ---- the socket ------------------------------------------------------------------------------------------

    async def _socket(self, socket: WebSocket) -> None:
        origin, key = socket.headers.get("origin"), socket.path_params["key"]
        # Pages of others cost nothing: whatever they send is refused before anything is read.
        if (origin is not None and not is_own_origin(origin, socket.headers.get("host"))) or not _KEY.fullmatch(key):
            await socket.close(1008)
            return
        try:
            known = await self._application.sites.by_name(socket.path_params["site"].casefold()[:64])
            # The copy may be older than the row: of a room that is open all day this process reads nothing else.
            known = await self._application.sites.reload(known.site.site_id) if known is not None else None
        except StoreUnavailable:  # the browser comes again
            await socket.close(1013)
            return
        if known is None or not known.site.active:
            await socket.close(1008)
            return
        address = socket.client.host if socket.client is not None else ""
        try:
            await socket.accept()
            await self._hub.serve(known, int(key), _Wire(socket), address, _agent(socket.headers.get("user-agent", "")))
        except (WebSocketDisconnect, RuntimeError):  # gone in the middle of a message
            return

    async def _session(self, known: KnownSite, key: str) -> HostedSession:
        session = None
        if _KEY.fullmatch(key):
            session = await sessions.by_key(self._application.engine, known.site.site_id, int(key))
        if session is None:
            raise HTTPException(404)
        return session

    @property
    def _now(self) -> int:
        return self._application.clock.now()


def _no(wanted: str, text: str, *, wrong: bool = False) -> Response:
    return JSONResponse({"wanted": str(wanted), "text": text, "wrong": wrong}, 403, {"Cache-Control": "no-store"})


async def _read(request: Request) -> _Asked:
    """Raises: HTTPException: 400 for what is not the form, 413 and 408 for what is too long or too slow."""
    data = await body_of(request, _MOST_BODY, _BODY_SECONDS)
    try:
        return msgspec.json.decode(data, type=_Asked)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise HTTPException(400) from None


def _agent(text: str) -> str:
    """System and browser, such as "LINUX,CHROME" (facts/training-history.md 2.1, clientAgent)."""
    system = next((name for mark, name in _SYSTEMS if mark in text), "OTHER")
    return f"{system},{next((name for mark, name in _AGENTS if mark in text), 'OTHER')}"
