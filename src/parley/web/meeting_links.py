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
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from parley.domain import timezones
from parley.domain.listing import Relation
from parley.domain.session import Attendee, HostedSession
from parley.domain.site import Site
from parley.domain.user import User, is_usable
from parley.protocol.credentials import GuessBrake, Overloaded
from parley.services.attendee.own import WrongRegisterId, admitted, other_class
from parley.services.known_sites import KnownSite
from parley.services.sessions.standing import part_of, password_is
from parley.services.training_tests.access import TRAINING
from parley.services.training_tests.taking import links_to_tests
from parley.store import sessions, users
from parley.web import calendar_links, going_on
from parley.web.event_links import picture_of, program_page
from parley.web.feedback import FeedbackPages
from parley.web.forms import counted_as
from parley.web.link_values import MAX_VALUE, LinkValues, read_values
from parley.web.meeting_view import CancelledView, MeetingView
from parley.web.page_call import Handler, PageCall
from parley.web.registration import RegistrationPages
from parley.web.render import message, private_page
from parley.web.rooms_door import RoomDoor
from parley.web.url_api.api import UrlApi
from parley.web.url_api.desk import Pages
from parley.web.visits import Visit, Visits, sets_visit
from parley.web.who_sees import may_see, relation_of
from parley.web.words import said, speak, spoken

if TYPE_CHECKING:
    from parley.services.application import Application


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: The links of a session that j.php knows, and the letter that each begins with.
_PURPOSES: Final = {"MTID": "m", "RGID": "r", "FGID": "f"}
_MTID: Final = re.compile(r"[mrf][0-9a-f]{32}")
_KEY: Final = re.compile(r"[0-9]{1,18}")


class MeetingLinks:
    """The pages below the address of a site."""

    def __init__(self, application: Application, visits: Visits, door: RoomDoor) -> None:
        self._application = application
        self._visits = visits
        self._door = door
        self._registration = RegistrationPages(application)
        self._feedback = FeedbackPages(application)
        # Many people may share an address and mistype; nobody gets to look through all numbers.
        self._numbers = GuessBrake(free=100, processes=application.config.workers)
        self._handlers: dict[tuple[str, str], Handler] = {
            ("j", ""): self._invitation,
            ("e", "SI"): self._information,
            ("e", "SINF"): self._information,
        }
        self._url_api = UrlApi(application, visits, Pages(host=self._host, join=self._join), self._registration)

    def routes(self) -> list[BaseRoute]:
        """The routes of the links."""
        return [
            Route("/{site}/{page}.php", self._link, methods=["GET", "POST"]),
            Route("/{site}/onstage/g.php", self._program),
        ]

    async def _link(self, request: Request) -> Response:
        page = request.path_params["page"].lower()
        # The forms of sessions are behind j.php, and those with many people behind m.php.
        values = await read_values(request, large=page == "j" or (page == "m" and request.method == "POST"))
        name = "" if page == "j" else values.get("AT").upper()
        handler = self._handlers.get((page, name)) or self._url_api.handler(page, name)
        if handler is None:
            raise HTTPException(404)
        return await self._answer(request, values, handler)

    async def _program(self, request: Request) -> Response:
        async def handler(call: PageCall) -> Response:
            return await program_page(self._application, call.site, call.user, call.values.get("P"))

        return await self._answer(request, await read_values(request), handler)

    async def below_site(
        self, request: Request, handler: Callable[[Request, KnownSite, User | None], Awaitable[Response]]
    ) -> Response:
        """Answer a page below a site's address: the handler gets the site, and the account that is signed in."""
        return await self._answer(request, LinkValues({}), lambda call: handler(call.request, call.known, call.user))

    async def answer(
        self, request: Request, handler: Handler, *, large: bool = False, longest: int = MAX_VALUE
    ) -> Response:
        """Answer a page below a site's address that reads the values of its link, or of its form.

        Args:
            large: for forms with many fields, and texts of several lines.
            longest: so much is taken of a value.
        """
        return await self._answer(request, await read_values(request, large=large, longest=longest), handler)

    async def answer_plainly(self, request: Request, handler: Handler) -> Response:
        """As `answer`, for requests whose body is no form."""
        return await self._answer(request, LinkValues({}), handler)

    async def _answer(self, request: Request, values: LinkValues, handler: Handler) -> Response:
        name = request.path_params["site"].casefold()
        known = await self._application.sites.by_name(name) if len(name) <= 64 else None
        # The copy may be older than the row, and pages are no hot path.
        known = await self._application.sites.reload(known.site.site_id) if known is not None else None
        if known is None or not known.site.active:
            raise HTTPException(404)
        site = known.site
        visit, user = await self._visitor(request, site)
        call = PageCall(request, known, values, user, visit)
        speak(call.language)
        response = await handler(call)
        if visit is not None and not sets_visit(response):
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
        if user is None or not is_usable(user, self._now) or user.credential_version != visit.credential_version:
            return None, None
        return visit, user

    # ---- sessions --------------------------------------------------------------------------------------------

    def _console(self, call: PageCall) -> str:
        """The path of the console, with a slash at the end."""
        return f"{self._cookie_path(call.site)}/console/"

    async def _invitation(self, call: PageCall) -> Response:
        if call.values.get("ED") and call.values.get("ICS"):
            return self._cancelled(call)
        purpose = next((name for name in _PURPOSES if call.values.get(name)), "MTID")
        link = call.values.get(purpose).lower()
        if not _MTID.fullmatch(link) or link[0] != _PURPOSES[purpose]:
            raise HTTPException(404)
        engine, site_id = self._application.engine, call.site.site_id
        session, role = await sessions.by_attendee_link(engine, site_id, f"m{link[1:]}"), "invited"
        if session is None and purpose == "MTID":
            session = await sessions.by_host_link(engine, site_id, link)
            # The link goes on leading to the session when somebody else holds it; then it is an invitation like others.
            role = await self._role_of_host_link(call, session) if session is not None else role
        if session is None:
            raise HTTPException(404)
        if purpose == "MTID" and calendar_links.wants_file(call.request, call.values):
            return await calendar_links.session_file(self._application, call.known, session, link)
        if purpose == "FGID":
            return await self._feedback.answer(call.request, session, call.values)
        if purpose == "RGID" and session.registration:
            return await self._registration.answer(call.request, call.known, session, call.values, call.user)
        calendar = f"j.php?MTID={link}{calendar_links.WANTED}" if purpose == "MTID" else None
        return self._meeting(call, session, "register" if purpose == "RGID" else role, calendar)

    async def _role_of_host_link(self, call: PageCall, session: HostedSession) -> str:
        """What the link of the host's invitation is to whoever opens it; it signs nobody in."""
        if call.user is None:
            return "host-link"
        return "host" if await self._relation(call, session) is Relation.HOST else "invited"

    def _cancelled(self, call: PageCall) -> Response:
        """The page of a deleted session, or the file that takes it off a calendar."""
        file = None
        if call.values.get("ICS").upper() in calendar_links.CANCELLED:
            file = calendar_links.cancelled_file(self._application, call.known, call.values)
        if file is not None and calendar_links.wants_file(call.request, call.values):
            return file
        calendar = f"?{call.request.url.query}{calendar_links.WANTED}" if file is not None else None
        return private_page("cancelled.html", meeting=CancelledView.of(call.values), calendar=calendar)

    async def _information(self, call: PageCall) -> Response:
        session = await self._by_number(call)
        if may_see(session, await self._relation(call, session)):
            return self._meeting(call, session, "information")
        # Whoever was given this link of a session that is not listed has to show that he may come.
        return await self._join(call)

    async def _join(self, call: PageCall) -> Response:
        session = await self._by_number(call)
        relation = await self._relation(call, session)
        if relation >= Relation.INVITED:
            person = (await part_of(self._application.engine, call.user, session)).row
            return self._meeting(call, session, "join", tests=await self._tests_of(call, session, person))
        register_id = call.values.get("RID")
        if register_id and (person := await self._opened_by(session, register_id)) is not None:
            start = other_class(session, person, self._now)
            if start is not None:
                return _another_class(session, start)
            tests = await self._tests_of(call, session, person)
            return self._meeting(call, session, "join", tests=tests, register_id=person.register_id)
        view = MeetingView.of(session, self._now) if may_see(session, relation) else None
        if session.registration:
            return self._wants_register_id(call, session, view, wrong=bool(register_id))
        if not session.password:
            return self._meeting(call, session, "join")
        sent = call.values.get("PW")
        if sent and await self._password_is(call, session, sent):
            return self._meeting(call, session, "join", password=True)
        status = 403 if sent else 200
        return private_page(
            "password.html",
            status,
            meeting=view,
            wrong=bool(sent),
            action=call.request.url.path,
            fields=call.values.fields("AT", "MK", "AN", "AE", "RID", "BU"),
        )

    async def _opened_by(self, session: HostedSession, register_id: str) -> Attendee | None:
        """Whom a registration ID lets in, if anybody; guessing is slowed down."""
        try:
            return await admitted(self._application, session, register_id)
        except WrongRegisterId:
            return None
        except Overloaded:
            raise HTTPException(503, headers={"Retry-After": "60"}) from None

    async def _tests_of(
        self, call: PageCall, session: HostedSession, person: Attendee | None
    ) -> Sequence[tuple[str, str]]:
        """Titles and links of the tests that somebody on the session's list may take."""
        if person is None:
            return ()
        return await links_to_tests(self._application, call.known, session, person)

    def _wants_register_id(
        self, call: PageCall, session: HostedSession, view: MeetingView | None, *, wrong: bool
    ) -> Response:
        links = self._application.links
        return private_page(
            "register_id.html",
            403 if wrong else 200,
            meeting=view,
            wrong=wrong,
            action=call.request.url.path,
            fields=call.values.fields("AT", "MK", "AN", "AE", "PW", "BU"),
            register=links.registration(call.site.name, session.attendee_link) if view else None,
        )

    async def _host(self, call: PageCall) -> Response:
        session = await self._by_number(call)
        relation = await self._relation(call, session)
        if relation is Relation.HOST:  # administrators may not start what belongs to others
            tests = []
            if session.service == TRAINING:
                tests = [
                    (_("Tests of this training"), self._application.links.tests(call.site.name, session.session_key))
                ]
            return self._meeting(call, session, "host", tests=tests)
        if call.user is None:
            return message(
                _("Sign in first"),
                _("This page is for the host of a meeting."),
                403,
                hint=_(
                    "A start link signs you in, but only once and for a short time. Ask the program that gave it to "
                    "you for a new one, or sign in with your password."
                ),
                link=f"{self._console(call)}sign-in?{urlencode({'next': _here(call)})}",
                link_text=_("Sign in"),
            )
        return message(_("Not your meeting"), _("You are signed in, but you are not a host of this meeting."), 403)

    def _meeting(
        self,
        call: PageCall,
        session: HostedSession,
        role: str,
        calendar: str | None = None,
        tests: Sequence[tuple[str, str]] = (),
        *,
        password: bool = False,
        register_id: int | None = None,
    ) -> Response:
        """Args: `password`, `register_id`: what was shown on the way here, for the room."""
        register = None
        if session.registration and role in ("invited", "information"):
            register = self._application.links.registration(call.site.name, session.attendee_link)
        view, picture = MeetingView.of(session, self._now), picture_of(session)
        room = self._door.form(
            call.site,
            session,
            name=call.values.get("AN"),
            email=call.values.get("AE"),
            password=password,
            register_id=register_id,
        )
        return private_page(
            "meeting.html",
            meeting=view,
            role=role,
            register=register,
            picture=picture,
            calendar=calendar,
            tests=tests,
            room=room,
        )

    async def _by_number(self, call: PageCall) -> HostedSession:
        """The session of a link; trying out numbers is slowed down.

        Raises:
            HTTPException: 404; 503, too many are tried.
        """
        number, who = "".join(call.values.get("MK").split()), f"{call.site.site_id}/{counted_as(call.request)}"
        session = None
        try:
            await self._numbers.wait(who)
        except Overloaded:
            raise HTTPException(503, headers={"Retry-After": "60"}) from None
        if _KEY.fullmatch(number):
            session = await sessions.by_key(self._application.engine, call.site.site_id, int(number))
        if session is None:
            self._numbers.failed(who)
            raise HTTPException(404)
        return session

    async def relation(self, user: User | None, session: HostedSession) -> Relation:
        """What a visitor is to a session."""
        return await relation_of(self._application.engine, user, session)

    async def _relation(self, call: PageCall, session: HostedSession) -> Relation:
        return await relation_of(self._application.engine, call.user, session)

    async def _password_is(self, call: PageCall, session: HostedSession, sent: str) -> bool:
        """Whether the session's password was sent; guessing is slowed down."""
        try:
            return await password_is(self._application.brake, session, sent)
        except Overloaded:
            raise HTTPException(503, headers={"Retry-After": "60"}) from None


def _here(call: PageCall) -> str:
    """The path and query of a page that was asked for by a link."""
    return f"{call.request.url.path}?{call.request.url.query}"


def _another_class(session: HostedSession, start: datetime) -> Response:
    """Somebody registered for one class and comes to another."""
    words = spoken()
    zone = words.zone_text(session.time_zone_id, timezones.to_utc(start, session.time_zone_id))
    return message(
        _("You registered for another class"),
        said(
            _("Your class of %(name)s is on %(day)s at %(time)s (%(zone)s)."),
            name=session.name,
            day=words.short_day(start),
            time=words.time(start),
            zone=zone,
        ),
        403,
        hint=_("Open this link again then: it lets you in as soon as your class is the next one."),
    )
