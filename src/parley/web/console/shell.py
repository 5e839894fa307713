"""What all pages of the console share: who may open them, their navigation, notices, the value that forms carry.

A page is a function that gets a `ConsoleCall` and gives a response; `Shell.page` makes a route of it and sees to it
that the visitor is signed in, has a password that is not due, and sent a form of ours.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from parley.domain.user import User, may_hold
from parley.mail.languages import Language
from parley.mail.rendering import translator
from parley.protocol import faults
from parley.protocol.credentials import Overloaded
from parley.protocol.faults import Fault
from parley.seeing import asked as asking
from parley.services.password_changes import stale_password
from parley.store import Conflict
from parley.store.errors import Unstorable
from parley.web import going_on
from parley.web.acting import Acting
from parley.web.console.suspended import banner
from parley.web.console.words import NOTICES
from parley.web.forms import check_sender
from parley.web.link_values import MAX_VALUE
from parley.web.meeting_links import MeetingLinks
from parley.web.page_call import PageCall
from parley.web.render import SAFETY, private_page
from parley.web.rooms_door import RoomDoor
from parley.web.uploads import read_upload
from parley.web.visits import Visits

if TYPE_CHECKING:
    from parley.services.application import Application

_NOTICE: Final = "console_notice"
_NOTICE_SECONDS: Final = 60
#: For pages with a script of ours; they work without it.
_WITH_SCRIPT: Final = {
    "Content-Security-Policy": f"{SAFETY['Content-Security-Policy']}; script-src 'self'; connect-src 'self'"
}


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def anybody(_user: User) -> bool:
    """For entries that all who are signed in see."""
    return True


def administers(user: User) -> bool:
    """For entries that administrators of the site see, and may change."""
    return user.site_admin


def looks_over(user: User) -> bool:
    """For entries that administrators of the site see, read-only ones too."""
    return user.site_admin or user.ro_site_admin


class Entry(NamedTuple):
    """A place in the navigation: its name, its address below the console, who sees it, and what stands below it.

    A place with others below it has no page of its own: it leads to the first of them that the reader sees.
    """

    name: str
    path: str
    shown: Callable[[User], bool]
    below: tuple[Entry, ...] = ()


#: The navigation, in its order; a page names the entry that it belongs to by its path.
NAVIGATION: Final = (
    Entry(_("My meetings"), "", may_hold),
    Entry(_("Calendar"), "month", may_hold),
    Entry(_("Recordings"), "recordings", may_hold),
    Entry(_("History"), "history", may_hold),
    Entry(
        _("Administration"),
        "admin",
        looks_over,
        (
            Entry(_("Overview"), "admin", looks_over),
            Entry(_("Users"), "admin/users", looks_over),
            Entry(_("Session types"), "admin/types", looks_over),
            Entry(_("Passwords"), "admin/passwords", looks_over),
            Entry(_("Options"), "admin/options", looks_over),
            Entry(_("Tracking codes"), "admin/tracking", looks_over),
            Entry(_("API level"), "admin/level", looks_over),
            Entry(_("Usage"), "admin/usage", looks_over),
            Entry(_("Storage"), "admin/storage", looks_over),
            Entry(_("Mail"), "admin/mail", looks_over),
            Entry(_("Mail templates"), "admin/templates", looks_over),
            Entry(_("Audit log"), "admin/audit", looks_over),
        ),
    ),
    Entry(
        _("Developers"),
        "developers",
        anybody,
        (
            Entry(_("Explorer"), "explorer", anybody),
            Entry(_("Inspector"), "inspector", administers),
            Entry(_("Reference"), "reference", anybody),
        ),
    ),
    Entry(_("Profile"), "profile", anybody),
)


class Place(NamedTuple):
    """An entry of the navigation as a page shows it: where it leads, and whether the page belongs to it."""

    name: str
    path: str
    here: bool


def places(user: User | None, place: str | None) -> tuple[list[Place], list[Place]]:
    """The navigation of a page in two rows: its places, and those below the one that the page belongs to."""
    first: list[Place] = []
    second: list[Place] = []
    for each in NAVIGATION:
        if user is None or not each.shown(user):
            continue
        below = [Place(one.name, one.path, one.path == place) for one in each.below if one.shown(user)]
        here = each.path == place or any(one.here for one in below)
        if each.below and not below:
            continue
        first.append(Place(each.name, below[0].path if below else each.path, here))
        if here:
            second = below
    return first, second


class ConsoleCall(Acting):
    """One request for a page of the console."""

    def __init__(self, application: Application, visits: Visits, call: PageCall, door: RoomDoor) -> None:
        super().__init__(application, visits, call)
        self.values = call.values
        self.door = door
        self.language: Language = call.language
        user, settings = call.user, call.site.settings
        #: The time zone that the reader's times are in.
        self.zone_id = user.time_zone_id if user is not None else settings.default_time_zone_id

    @property
    def posted(self) -> bool:
        """Whether a form was sent."""
        return self.call.request.method == "POST"

    @property
    def now(self) -> int:
        """UTC epoch seconds."""
        return self.application.clock.now()

    @property
    def site_path(self) -> str:
        """The path of the site's pages, without final slash."""
        return going_on.path_of(self.root)

    @property
    def notice(self) -> str:
        """The word of what the page says once, as the browser kept it; empty for nothing."""
        return self.call.request.cookies.get(_NOTICE, "")

    def path(self, below: str = "") -> str:
        """The path of a page of the console."""
        return f"{self.site_path}/console/{below}"

    def text(self, name: str) -> str:
        """A value of one line that was sent, without blanks around it."""
        return " ".join(self.values.get(name).split())

    def show(
        self, template: str, status: int = 200, *, place: str | None = None, script: bool = False, **values: Any
    ) -> Response:
        """A page.

        Args:
            template: its name below templates/console.
            place: the path of the entry of the navigation that the page belongs to.
            script: it loads a script of ours.
        """
        user, visit = self.call.user, self.call.visit
        kept = self.notice
        notice = NOTICES.get(kept)
        admin = user is not None and looks_over(user)
        navigation, inner = places(user, place)
        response = private_page(
            f"console/{template}",
            status,
            _WITH_SCRIPT if script else None,
            _=translator(self.language),
            lang=self.language.tag,
            site_name=self.site.name,
            site_path=self.site_path,
            home=self.path(),
            suspended=banner(self.call.known.level, admin=admin) if self.site.suspended else None,
            user=user,
            csrf=self.visits.csrf(visit) if visit is not None and user is not None else "",
            navigation=navigation,
            inner=inner,
            notice=notice,
            script=script,
            **values,
        )
        if kept:
            secure = self.root.startswith("https:")
            response.delete_cookie(_NOTICE, path=self.path(), secure=secure, httponly=True, samesite="lax")
        return response

    def go(self, below: str = "", notice: str | None = None, *, to: str | None = None) -> Response:
        """Lead on after a form, to a page of the console, or to another path of the site (`to`)."""
        response = RedirectResponse(to or self.path(below), 303, headers={"Referrer-Policy": "no-referrer"})
        if notice is not None:
            secure = self.root.startswith("https:")
            response.set_cookie(
                _NOTICE,
                notice,
                max_age=_NOTICE_SECONDS,
                path=self.path(),
                secure=secure,
                httponly=True,
                samesite="lax",
            )
        return response

    def say(self, title: str, text: str, status: int, *, below: str | None = None, link: str | None = None) -> Response:
        """A page that says one thing, and where to go from here."""
        return self.show("message.html", status, title=title, text=text, below=below, link=link)


Page = Callable[[ConsoleCall], Awaitable[Response]]


class PageRoute(Route):
    """The route of a page of the console, which tells who may open it (see `Shell.page`)."""

    hosts: bool
    admins: bool
    signed_in: bool
    takes_file: bool


class Shell:
    """Makes routes of pages."""

    def __init__(self, application: Application, links: MeetingLinks, visits: Visits, door: RoomDoor) -> None:
        self.application = application
        self._links = links
        self._visits = visits
        self._door = door

    def page(
        self,
        path: str,
        page: Page,
        methods: Sequence[str] = ("GET",),
        *,
        hosts: bool = False,
        admins: bool = False,
        signed_in: bool = True,
        stale: bool = False,
        longest: int = MAX_VALUE,
        file: int = 0,
    ) -> PageRoute:
        """The route of a page.

        Args:
            path: its address below the console.
            hosts: for those who hold sessions only.
            admins: for administrators of the site only; those who may only read get no form of it taken.
            signed_in: for those who are signed in only.
            stale: for those too whose password is due for a change.
            longest: so much is taken of a value that was sent.
            file: bytes that the file of its form may have (see `web.uploads`). Hosts send one, and of pages for
                administrators only those.
        """

        async def handle(call: PageCall) -> Response:
            if call.request.method == "POST":
                check_sender(call.request)
                if file and call.user is not None and (administers if admins else may_hold)(call.user):
                    call.values = await read_upload(call.request, file)
            if call.user is not None and (asked := asking.current()) is not None:
                asked.site, asked.caller = call.site.name, call.user.web_ex_id
            console = ConsoleCall(self.application, self._visits, call, self._door)
            refused = _refused(console, hosts=hosts, admins=admins, stale=stale) if signed_in else None
            return refused or await _answered(console, page)

        async def answer(request: Request) -> Response:
            return await self._links.answer(request, handle, large=request.method == "POST", longest=longest)

        route = PageRoute(f"/{{site}}/console{path}", answer, methods=list(methods))
        route.hosts, route.admins, route.signed_in, route.takes_file = hosts, admins, signed_in, file > 0
        return route

    def public(self, path: str, page: Page) -> Route:
        """The route of a page below the site's address that anybody may read.

        Args:
            path: its address below that of the site.
        """

        async def handle(call: PageCall) -> Response:
            return await _answered(ConsoleCall(self.application, self._visits, call, self._door), page)

        async def answer(request: Request) -> Response:
            return await self._links.answer(request, handle)

        return Route(f"/{{site}}{path}", answer, methods=["GET"])


def _refused(console: ConsoleCall, *, hosts: bool, admins: bool, stale: bool) -> Response | None:
    """What is answered instead of a page that is not the visitor's to open; None when it is."""
    user = console.call.user
    if user is None:
        asked = console.call.request.url
        back = asked.path + (f"?{asked.query}" if asked.query else "")
        return console.go(f"sign-in?next={quote(back)}" if not console.posted else "sign-in", "idle")
    if not stale and stale_password(user, console.site.settings, console.now) is not None:
        return console.go("password")
    if hosts and not may_hold(user):
        if console.call.request.url.path.rstrip("/") == console.path().rstrip("/"):
            return console.go("profile")
        return console.say(_("For hosts only"), _("Your account cannot hold meetings."), 403, below="profile")
    if admins and not looks_over(user):
        return console.say(_("For administrators only"), _("Your account does not administer the site."), 403, below="")
    if admins and console.posted and not administers(user):
        return console.say(_("Not yours to change"), _("Your account may look at this, not change it."), 403, below="")
    if console.posted and not console.carries_csrf(console.text("CSRF")):
        return console.say(
            _("This form is too old"), _("It was made before you signed in anew. Open the page again."), 403, below=""
        )
    return None


async def _answered(console: ConsoleCall, page: Page) -> Response:
    try:
        return await page(console)
    except Fault as fault:
        return _faulty(console, fault)
    except Unstorable:
        return console.say(_("That cannot be kept"), _("There are characters in it that cannot be stored."), 400)
    except (Conflict, Overloaded):
        raise HTTPException(503, headers={"Retry-After": "60"}) from None


def _faulty(console: ConsoleCall, fault: Fault) -> Response:
    """The page for a refusal that no form of the page could show."""
    if fault.code == faults.BUSY.code:
        raise HTTPException(503, headers={"Retry-After": "60"})
    if fault.code == faults.MEETING_NOT_FOUND.code:
        raise HTTPException(404)
    status = 403 if fault.code == faults.ACCESS_DENIED.code else 400
    return console.say(_("This was refused"), fault.reason, status, below="")
