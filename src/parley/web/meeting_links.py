"""The pages behind the links that the API hands out: who holds which session when, sign-in and sign-out.

What a page tells follows from the link. The links of an invitation (MTID) are secret, so they name the session. A
session's number is not: it names the session only to those who may see it on the calendar, to its people, and to
those who know its password; a session without password lets in whoever has its number, so its join link names it.
All others learn no more than that there is a session.

A link with a one-time ticket signs in as soon as it is opened, as programs and people expect of it, but not when
something only looks at it: requests that browsers mark as prefetch, preview or part of another page, and HEAD, leave
the ticket as it is and get a button.
Sources: facts/url-api.md "Form", "Links the XML API hands out", "p.php", "m.php"; facts/meeting-event.md 1 (listing).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from parley.domain.identifiers import ticket_hash
from parley.domain.listing import Relation
from parley.domain.session import HostedSession
from parley.domain.site import Site
from parley.domain.user import User
from parley.protocol.credentials import Overloaded
from parley.store import Changes, Conflict, sessions, tickets, users
from parley.web import going_on
from parley.web.link_values import LinkValues, read_values
from parley.web.meeting_view import CancelledView, MeetingView
from parley.web.render import message, private_page
from parley.web.visits import Visit, Visits
from parley.web.who_sees import may_see, password_opens, relation_of

if TYPE_CHECKING:
    from parley.services.application import Application

_MTID: Final = re.compile(r"[mr][0-9a-f]{32}")
_KEY: Final = re.compile(r"[0-9]{1,18}")

_Handler = Callable[["_Call"], Awaitable[Response]]


class _Call:
    """One request for a page of a site."""

    def __init__(
        self, request: Request, site: Site, values: LinkValues, user: User | None, visit: Visit | None
    ) -> None:
        self.request = request
        self.site = site
        self.values = values
        self.user = user
        self.visit = visit


class MeetingLinks:
    """The pages below the address of a site."""

    def __init__(self, application: Application, visits: Visits) -> None:
        self._application = application
        self._visits = visits
        self._handlers: dict[tuple[str, str], _Handler] = {
            ("j", ""): self._invitation,
            ("e", "SI"): self._information,
            ("m", "JM"): self._join,
            ("m", "HM"): self._host,
            ("p", "LI"): self._sign_in,
            ("p", "LO"): self._sign_out,
        }

    def routes(self) -> list[BaseRoute]:
        """The routes of the links."""
        return [Route("/{site}/{page}.php", self._link, methods=["GET", "POST"])]

    def site_routes(self) -> list[BaseRoute]:
        """The routes of a site's own page, with and without a slash at the end."""
        return [Route("/{site}/", self._site), Route("/{site}", self._site)]

    async def _link(self, request: Request) -> Response:
        values = await read_values(request)
        page = request.path_params["page"].lower()
        handler = self._handlers.get((page, "" if page == "j" else values.get("AT").upper()))
        if handler is None:
            raise HTTPException(404)
        return await self._answer(request, values, handler)

    async def _site(self, request: Request) -> Response:
        return await self._answer(request, LinkValues({}), self._site_page)

    async def _answer(self, request: Request, values: LinkValues, handler: _Handler) -> Response:
        name = request.path_params["site"].casefold()
        known = await self._application.sites.by_name(name) if len(name) <= 64 else None
        # The copy may be older than the row, and pages are no hot path.
        known = await self._application.sites.reload(known.site.site_id) if known is not None else None
        site = known.site if known is not None else None
        if site is None or not site.active:
            raise HTTPException(404)
        visit, user = await self._visitor(request, site)
        response = await handler(_Call(request, site, values, user, visit))
        if visit is not None and "set-cookie" not in response.headers:
            self._visits.stretch(response, visit, self._now, self._cookie_path(site))
        return response

    @property
    def _now(self) -> int:
        return self._application.clock.now()

    def _cookie_path(self, site: Site) -> str:
        return going_on.path_of(self._application.links.root(site.name))

    async def _visitor(self, request: Request, site: Site) -> tuple[Visit | None, User | None]:
        visit = self._visits.read(request, site.site_id, self._now)
        if visit is None:
            return None, None
        user = await users.by_id(self._application.engine, site.site_id, visit.user_id)
        if user is None or not _usable(user, self._now) or user.credential_version != visit.credential_version:
            return None, None
        return visit, user

    # ---- sessions --------------------------------------------------------------------------------------------

    async def _site_page(self, call: _Call) -> Response:
        return private_page("site.html", name=call.site.name, user=call.user)

    async def _invitation(self, call: _Call) -> Response:
        if call.values.get("ED") and call.values.get("ICS"):
            return private_page("cancelled.html", meeting=CancelledView.of(call.values))
        registering = not call.values.get("MTID")
        link = call.values.get("RGID" if registering else "MTID").lower()
        if not _MTID.fullmatch(link):
            raise HTTPException(404)
        engine, site_id = self._application.engine, call.site.site_id
        session = await sessions.by_attendee_link(engine, site_id, f"m{link[1:]}")
        if session is None and not registering:
            session = await sessions.by_host_link(engine, site_id, link)
        if session is None or registering != (link[0] == "r"):
            raise HTTPException(404)
        return self._meeting(session, "register" if registering else "invited")

    async def _information(self, call: _Call) -> Response:
        session = await self._by_number(call)
        if may_see(session, await self._relation(call, session)):
            return self._meeting(session, "information")
        return _hidden()

    async def _join(self, call: _Call) -> Response:
        session = await self._by_number(call)
        relation = await self._relation(call, session)
        if relation >= Relation.INVITED or not session.password:
            return self._meeting(session, "join")
        sent = call.values.get("PW")
        if sent and await self._password_is(call, session, sent):
            return self._meeting(session, "join")
        view = MeetingView.of(session, self._now) if may_see(session, relation) else None
        status = 403 if sent else 200
        return private_page(
            "password.html",
            status,
            meeting=view,
            wrong=bool(sent),
            action=call.request.url.path,
            fields=call.values.fields("AT", "MK", "AN", "AE", "RID"),
        )

    async def _host(self, call: _Call) -> Response:
        session = await self._by_number(call)
        relation = await self._relation(call, session)
        if relation >= Relation.HOST:
            return self._meeting(session, "host")
        if call.user is None:
            return message(
                "Sign in first",
                "This page is for the host of a meeting.",
                403,
                hint="A start link signs you in, but only once and for a short time. Ask the program that gave it to "
                "you for a new one.",
            )
        return message("Not your meeting", "You are signed in, but you are not a host of this meeting.", 403)

    def _meeting(self, session: HostedSession, role: str) -> Response:
        return private_page("meeting.html", meeting=MeetingView.of(session, self._now), role=role)

    async def _by_number(self, call: _Call) -> HostedSession:
        number = "".join(call.values.get("MK").split())
        session = None
        if _KEY.fullmatch(number):
            session = await sessions.by_key(self._application.engine, call.site.site_id, int(number))
        if session is None:
            raise HTTPException(404)
        return session

    async def _relation(self, call: _Call, session: HostedSession) -> Relation:
        return await relation_of(self._application.engine, call.user, session)

    async def _password_is(self, call: _Call, session: HostedSession, sent: str) -> bool:
        """Whether the session's password was sent; guessing is slowed down."""
        brake = self._application.brake
        key = f"{session.site_id}/session/{session.session_key}"
        try:
            await brake.wait(key)
        except Overloaded:
            raise HTTPException(503, headers={"Retry-After": "60"}) from None
        if password_opens(session, sent):
            return True
        brake.failed(key)
        return False

    # ---- signing in and out ----------------------------------------------------------------------------------

    async def _sign_in(self, call: _Call) -> Response:
        ticket = call.values.get("TK")
        if not ticket:
            return message(
                "This link cannot sign you in",
                "It holds no ticket.",
                400,
                hint="Ask the program that gave it to you for a new one.",
            )
        if _only_looks(call.request):
            fields = call.values.fields("AT", "TK", "WID", "MU", "BU")
            return private_page("sign_in.html", action=call.request.url.path, fields=fields)
        user = await self._use_ticket(call, ticket)
        if user is None:
            return self._refused(call)
        response = self._go_on(call)
        visit = Visit(call.site.site_id, user.user_id, user.credential_version, self._now)
        self._visits.write(response, visit, self._cookie_path(call.site))
        return response

    async def _use_ticket(self, call: _Call, ticket: str) -> User | None:
        """Use the ticket up and give its account; None when either is not good, then it stays as it is."""
        engine, site_id, now = self._application.engine, call.site.site_id, self._now
        found = await tickets.find(engine, site_id, ticket_hash(ticket))
        if found is None or found.used_at is not None or found.expires_at <= now:
            return None
        user = await users.by_id(engine, site_id, found.user_id)
        named = call.values.get("WID").strip().casefold()
        if user is None or not _usable(user, now) or (named and named != user.web_ex_id_key):
            return None
        changes = Changes()
        tickets.use(changes, site_id, found.ticket_hash, now)
        try:
            await engine.commit(changes)
        except Conflict:  # somebody else was quicker
            return None
        return user

    def _refused(self, call: _Call) -> Response:
        away = going_on.away(call.values.get("BU"), AT="LI", ST="FAIL", RS="BadWebExIDorPassword")
        return message(
            "This link is no longer good",
            "A sign-in link can be used once and for a short time only.",
            403,
            hint="Ask the program that gave it to you for a new one.",
            link=away,
            link_text="Go back",
            shown=away,
        )

    def _go_on(self, call: _Call) -> Response:
        """Where a sign-in leads: to a page of this site, or to a question before it leads away from it."""
        root = self._application.links.root(call.site.name)
        target = call.values.get("MU")
        if target and target != "GoBack":
            inside = going_on.inside(target, root)
            if inside is not None:
                return RedirectResponse(inside, 303, headers={"Referrer-Policy": "no-referrer"})
        back = call.values.get("BU")
        inside = going_on.inside(back, root)
        if inside is not None:
            return RedirectResponse(inside, 303, headers={"Referrer-Policy": "no-referrer"})
        away = going_on.away(back, AT="LI", ST="SUCCESS")
        if away is not None:
            return message(
                "You are signed in", "You came from another address.", link=away, link_text="Go back there", shown=away
            )
        home = f"{going_on.path_of(root)}/"
        return RedirectResponse(home, 303, headers={"Referrer-Policy": "no-referrer"})

    async def _sign_out(self, call: _Call) -> Response:
        away = going_on.away(call.values.get("BU"), AT="LO", ST="SUCCESS")
        response = message(
            "You are signed out", "This browser is no longer signed in.", link=away, link_text="Go back", shown=away
        )
        self._visits.end(response, self._cookie_path(call.site))
        return response


def _hidden() -> Response:
    return message(
        "This meeting is not public",
        "Only its people can see it.",
        403,
        hint="Open it with the link of your invitation, or with a link that signs you in.",
    )


def _usable(user: User, now: int) -> bool:
    """Whether somebody may be signed in as this account; as for the API's own sign-in."""
    expired = user.expires_at is not None and user.expires_at <= now
    return user.status == "ACTIVATED" and not user.locked and not expired


def _only_looks(request: Request) -> bool:
    """Whether a request fetches a page without anybody having opened it."""
    if request.method == "POST":
        return False
    headers = request.headers
    purpose = ",".join(headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz")).lower()
    return (
        request.method == "HEAD"
        or any(word in purpose for word in ("prefetch", "preview", "prerender"))
        or headers.get("sec-fetch-mode", "navigate") != "navigate"
        or headers.get("sec-fetch-dest", "document") != "document"
    )
