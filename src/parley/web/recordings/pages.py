"""ldr.php, where a recording is played, and lsr.php, where its file is loaded.

Playing needs no script: the browser's own player seeks by ranges, chapters are links. Our module makes them quicker,
keeps to the part that the owner lets be played, and leads on at the end.

The pages behind lsr.php say what programs look for that were written for the known service: a cookie with the
recording's number, an address on the first page, `prepareTicket`, `downloadUrl` and `download()` on the second, and
the answer of the third that it is ready. None of it runs in a browser, where a link does.
Source: facts/general-session.md 9 (fileURL).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from parley.domain.mail_address import is_email
from parley.domain.recording import TRASH_SECONDS, HostedRecording, RegisteredPerson, State, megabytes, played
from parley.recordings.storage import FileMissing, StorageError
from parley.store import recordings
from parley.web import going_on
from parley.web.forms import check_sender
from parley.web.meeting_links import MeetingLinks
from parley.web.meeting_view import TimeView
from parley.web.page_call import PageCall
from parley.web.recordings.access import Doors, Standing
from parley.web.recordings.serving import file_name, stored_file
from parley.web.recordings.tickets import Tickets
from parley.web.render import SAFETY, message, private_page
from parley.web.tests_view import shown
from parley.web.words import said, spoken

if TYPE_CHECKING:
    from parley.services.application import Application


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: The player loads from this server only, and runs our own module.
PLAYING: Final = {
    "Content-Security-Policy": f"{SAFETY['Content-Security-Policy']}; script-src 'self'; media-src 'self'"
}
_NOT_THERE: Final = _("The recording you are looking for does not exist or is no longer available.")
#: How long the trash keeps a recording.
_MORE: Final = _("It can be recovered for %(days)s more days; then it is deleted for good.")
_ONE_MORE: Final = _("It can be recovered for one more day; then it is deleted for good.")
#: Media types that browsers play.
_PLAYED: Final = ("video/mp4", "video/webm")
#: What people fill in: name of the field, label, what browsers fill it with.
_FIELDS: Final = (
    ("FN", _("First name"), "given-name"),
    ("LN", _("Last name"), "family-name"),
    ("EM", _("E-mail address"), "email"),
    ("CY", _("Company"), "organization"),
    ("JT", _("Job title"), "organization-title"),
    ("PH", _("Telephone"), "tel"),
)
_NEEDED: Final = ("FN", "LN", "EM")
_LONGEST: Final = 128
#: Old programs compare the whole media type of lsr.php's page, and take a page of less than 16,000 bytes for one.
_EXACTLY_HTML: Final = {"Content-Type": "text/html"}


class _NotGoodError(Exception):
    """A ticket is none of ours, of another site, or over."""


class RecordingPages:
    """The pages of recordings below the address of a site."""

    def __init__(self, application: Application, links: MeetingLinks, tickets: Tickets) -> None:
        self._application = application
        self._links = links
        self._doors = Doors(application, tickets)

    def routes(self) -> list[BaseRoute]:
        """The routes of playing and loading."""
        return [
            Route("/{site}/ldr.php", self._through(self._play), methods=["GET", "POST"]),
            Route("/{site}/lsr.php", self._through(self._load), methods=["GET", "POST"]),
            Route("/{site}/recordings/play/{ticket}/{name}", self._through(self._media)),
            Route("/{site}/recordings/file", self._through(self._file)),
            Route("/{site}/recordings/nbrshared.do", self._through(self._steps), methods=["GET", "POST"]),
            Route("/{site}/recordings/nbrPrepare.do", self._through(self._prepared)),
        ]

    def _through(self, handler: Callable[[PageCall], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(call: PageCall) -> Response:
            try:
                return await handler(call)
            except _NotGoodError:
                return message(
                    _("This link is no longer good"),
                    _("Links to the file of a recording are good for some hours, and end with its password."),
                    403,
                    hint=_("Open the page of the recording again."),
                )

        async def answer(request: Request) -> Response:
            return await self._links.answer(request, guarded)

        return answer

    # ---- playing -----------------------------------------------------------------------------------------------

    async def _play(self, call: PageCall) -> Response:
        row = await self._doors.find(call, file=False)
        standing = await self._doors.standing(call, row)
        if call.values.get("AT").lower() == "host" and standing is not Standing.OWNER:
            return self._sign_in(call, row)
        refusal = await self._refusal(call, row, standing)
        if refusal is None and row.details.address is not None:
            return await self._elsewhere(call, row, standing, file=False)
        return refusal or self._player(call, row, standing)

    async def _elsewhere(self, call: PageCall, row: HostedRecording, standing: Standing, *, file: bool) -> Response:
        """The page of an entry for a recording that lies elsewhere; that it is shown counts."""
        visit = self._doors.visit(call.request)
        grant = self._doors.tickets.decode(self._doors.ticket(call, visit, row, standing, file=file))
        if grant is not None:
            await self._doors.count(grant, row)
        response = message(
            row.name,
            _("This recording is kept at another address."),
            hint=row.details.description,
            link=going_on.away(row.details.address or ""),
            link_text=_("Open the recording"),
        )
        self._doors.stay(call, response, visit)
        return response

    def _player(self, call: PageCall, row: HostedRecording, standing: Standing) -> Response:
        details, visit = row.details, self._doors.visit(call.request)
        start, end = played(row, details)
        ticket = self._doors.ticket(call, visit, row, standing, file=False)
        may_load = standing is Standing.OWNER or details.attendee_download
        links, base = self._application.links, f"{self._doors.path(call)}/recordings/play/{ticket}/"
        chapters = details.chapters if details.playback.contents else ()
        at = _seconds(call.values.get("S"))
        response = private_page(
            "recording.html",
            headers=PLAYING,
            recording=row,
            details=details,
            description=shown(details.description or ""),
            agenda=shown(details.agenda or ""),
            made=TimeView.of(row.created_at, row.time_zone_id),
            length=clock(end - start),
            playable=row.media_type in _PLAYED,
            source=f"{base}{_plain_name(row)}",
            part=_fragment(row, start, end, at),
            start=start,
            end=end if end < row.duration else 0,
            chapters=[
                (each.name, clock(each.second), each.second)
                for each in chapters
                if start <= each.second < max(end, 1) or not row.duration
            ],
            here=f"ldr.php?RCID={row.stream_rcid}",
            load=links.recording_file(call.site.name, row.file_rcid) if may_load else None,
            size=readable(row.size),
            onward=going_on.away(details.end_url or ""),
        )
        self._doors.stay(call, response, visit)
        return response

    async def _media(self, call: PageCall) -> Response:
        params = call.request.path_params
        return await self._bytes(call, params["ticket"], "view")

    # ---- loading -----------------------------------------------------------------------------------------------

    async def _load(self, call: PageCall) -> Response:
        row = await self._doors.find(call, file=True)
        standing = await self._doors.standing(call, row)
        refusal = await self._refusal(call, row, standing, load=True)
        if refusal is not None:
            return refusal
        if row.details.address is not None:
            return await self._elsewhere(call, row, standing, file=True)
        visit = self._doors.visit(call.request)
        response = private_page(
            "recording_file.html",
            headers=_EXACTLY_HTML,
            recording=row,
            name=file_name(row),
            size=readable(row.size),
            root=self._application.links.root(call.site.name),
            site=call.site.name,
            ticket=self._doors.ticket(call, visit, row, standing, file=True),
        )
        # Programs that read one cookie only look for this one, so it comes first.
        response.set_cookie("recordId", str(row.recording_id), path=self._doors.path(call), samesite="lax")
        self._doors.stay(call, response, visit)
        return response

    async def _steps(self, call: PageCall) -> Response:
        """The page that programs read the addresses of the next two steps from."""
        row = await self._granted(call, call.values.get("RECORDKEY"), "file")
        return private_page(
            "recording_steps.html",
            headers=_EXACTLY_HTML,
            recording=row,
            root=self._application.links.root(call.site.name),
            site=call.site.name,
            ticket=call.values.get("RECORDKEY"),
        )

    async def _prepared(self, call: PageCall) -> Response:
        """The answer to programs that ask whether the file is ready, which it always is."""
        ticket = call.values.get("PREPARETICKET")
        await self._granted(call, ticket, "file")
        return private_page("recording_prepared.html", headers=_EXACTLY_HTML, ticket=ticket)

    async def _file(self, call: PageCall) -> Response:
        return await self._bytes(call, call.values.get("TICKET"), "file")

    async def _bytes(self, call: PageCall, ticket: str, kind: str) -> Response:
        """The file, or a part of it, for a ticket."""
        row = await self._granted(call, ticket, kind)
        try:
            response = await stored_file(call.request, self._application.storage, row, attachment=kind == "file")
        except FileMissing:
            return message(_("Not available"), _NOT_THERE, 404)
        except StorageError:
            return _away()
        grant = self._doors.tickets.decode(ticket)
        if grant is not None and response.status_code in (200, 206) and call.request.method == "GET":
            await self._doors.count(grant, row)
        return response

    async def _granted(self, call: PageCall, ticket: str, kind: str) -> HostedRecording:
        """The recording that a ticket is good for.

        Raises:
            _NotGoodError: it is none, or not good any more.
            HTTPException: 404, the recording is gone.
        """
        said = self._doors.tickets.decode(ticket)
        if said is None or said.site_id != call.site.site_id:
            raise _NotGoodError
        row = await recordings.by_id(self._application.engine, call.site.site_id, said.recording_id)
        if row is None or row.state is not State.READY:
            raise HTTPException(404)
        grant = self._doors.tickets.read(ticket, kind, row, self._doors.now)
        details = row.details
        allowed = details.attendee_download if kind == "file" else details.attendee_view
        if grant is None or not (grant.owner or allowed):
            raise _NotGoodError
        return row

    # ---- who may -----------------------------------------------------------------------------------------------

    async def _refusal(
        self, call: PageCall, row: HostedRecording, standing: Standing, *, load: bool = False
    ) -> Response | None:
        """The page for somebody who may not look at a recording, or has to show something first; None: he may."""
        owner = standing is Standing.OWNER
        if row.state is not State.READY:
            return _not_there(row, self._doors.now) if owner else message(_("Not available"), _NOT_THERE, 404)
        details = row.details
        if owner:
            return None
        if not (details.attendee_download if load else details.attendee_view):
            return message(
                _("Not open to you"),
                _("The owner of this recording keeps the file.") if load else _("The owner keeps this recording."),
                403,
                hint=_("Ask the person who gave you the link."),
            )
        door = self._doors.door(call.request, row)
        if row.password and door is None and standing is Standing.STRANGER:
            return await self._ask_password(call, row)
        if details.registration and not (door is not None and door.registration):
            return await self._ask_person(call, row)
        return None

    def _sign_in(self, call: PageCall, row: HostedRecording) -> Response:
        if call.user is not None:
            return message(_("Not your recording"), _("You are signed in, but this recording is somebody else's."), 403)
        url_api = call.site.settings.url_api
        if not (url_api.offered and url_api.auto_login):
            return message(_("Sign in first"), _("This page is for the owner of a recording."), 403)
        root = self._application.links.root(call.site.name)
        return private_page(
            "recording_sign_in.html",
            action=f"{self._doors.path(call)}/p.php",
            target=f"{root}/ldr.php?RCID={row.stream_rcid}&AT=host",
        )

    async def _ask_password(self, call: PageCall, row: HostedRecording) -> Response:
        wrong = False
        if call.request.method == "POST" and call.values.get("PW"):
            if await self._doors.password_is(row, call.values.get("PW")):
                response = self._again(call)
                self._doors.open(call, response, row)
                return response
            wrong = True
        return private_page(
            "recording_password.html",
            403 if wrong else 200,
            wrong=wrong,
            action=call.request.url.path,
            rcid=call.values.get("RCID"),
        )

    async def _ask_person(self, call: PageCall, row: HostedRecording) -> Response:
        values = {name: call.values.get(name).strip()[:_LONGEST] for name, *_ in _FIELDS}
        sent = call.request.method == "POST" and call.values.get("REGISTER")
        errors: dict[str, str] = {}
        if sent:
            check_sender(call.request)
            errors = {name: _("Please fill this in.") for name in _NEEDED if not values[name]}
            if values["EM"] and not is_email(values["EM"]):
                errors["EM"] = _("This is no e-mail address.")
            if not errors:
                return await self._register(call, row, values)
        return private_page(
            "recording_register.html",
            422 if errors else 200,
            recording=row,
            made=TimeView.of(row.created_at, row.time_zone_id),
            fields=[(name, label, auto, values[name], errors.get(name)) for name, label, auto in _FIELDS],
            needed=_NEEDED,
            errors=errors,
            action=call.request.url.path,
            rcid=call.values.get("RCID"),
        )

    async def _register(self, call: PageCall, row: HostedRecording, values: dict[str, str]) -> Response:
        person = RegisteredPerson(
            first_name=values["FN"],
            last_name=values["LN"],
            company=values["CY"] or None,
            title=values["JT"] or None,
            phone=values["PH"] or None,
        )
        full_name = f"{values['FN']} {values['LN']}"
        secret = await self._doors.register(row, full_name, values["EM"], person)
        response = self._again(call)
        self._doors.open(call, response, row, registration=secret, name=full_name, email=values["EM"])
        return response

    def _again(self, call: PageCall) -> Response:
        """To the same page, to be opened with what was proved."""
        target = f"{call.request.url.path}?RCID={call.values.get('RCID').strip().lower()}"
        return RedirectResponse(target, 303, headers={"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})


def clock(seconds: int) -> str:
    """A length or a place in a recording, such as `1:02:03` or `4:05`."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def readable(size: int) -> str:
    """Bytes for people: three figures are enough."""
    number = spoken().number
    if size < 1024 * 1024:
        return f"{number(-(-size // 1024))} KB"
    found = megabytes(size)
    if found >= 10_000:
        return f"{number(found / 1024, 1)} GB"
    return f"{number(found, 1 if found < 100 else 0)} MB"


def _seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def _fragment(row: HostedRecording, start: int, end: int, at: int | None) -> str:
    """The part of an address that says what the player plays: from where, and up to where."""
    begin = min(max(at if at is not None else start, start), max(end, start)) if row.duration else (at or 0)
    if end < row.duration:
        return f"#t={begin},{end}"
    return f"#t={begin}" if begin else ""


def _plain_name(row: HostedRecording) -> str:
    return f"recording.{(row.file_key or '').rpartition('.')[2] or 'mp4'}"


def _not_there(row: HostedRecording, now: int) -> Response:
    """What the owner is told of a recording that cannot be played."""
    if row.state is State.TRASHED:
        left = -(-max(0, (row.trashed_at or 0) + TRASH_SECONDS - now) // 86_400)
        return message(
            _("In the trash"),
            said(_("%(name)s is in the trash and cannot be played there."), name=row.name),
            410,
            hint=said(_ONE_MORE if left == 1 else _MORE, days=left),
        )
    if row.state in (State.ARRIVING, State.WORKING):
        return message(
            _("Not ready yet"), said(_("%(name)s is still being made. Please look again later."), name=row.name), 409
        )
    if row.state is State.GONE:
        return message(_("Not available"), _NOT_THERE, 404)
    return message(
        _("Not available"),
        said(_("The file of %(name)s is not there."), name=row.name),
        404,
        hint=_("The administrator of this server finds the reason with `parley recording check`."),
    )


def _away() -> Response:
    return message(
        _("Not available at the moment"),
        _("The store of recordings does not answer."),
        503,
        hint=_("Please try again in a minute."),
    )
