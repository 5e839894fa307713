"""The visitor's recordings: the list, one of them, the trash, and the page that sends a file.

Everybody finds the own recordings here only, administrators too; of others' there is no page. What the pages change
they change through the operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.contract.ep_recording import (
    DelRecording,
    DelRecordingFromRecycleBin,
    RecordingBasicType,
    RecoverRecordingFromRecycleBin,
    SetRecordingInfo,
    SetRecordingInfoRecording,
)
from parley.domain import timezones
from parley.domain.listing import Listing
from parley.domain.recording import TRASH_DAYS, HostedRecording, State
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.store import recordings, sessions
from parley.store.lists import Order
from parley.store.recording_lists import RecordingFilter, list_recordings
from parley.web.console import agenda
from parley.web.console.fields import Field, place_of, problem_text
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.link_values import MAX_VALUE
from parley.web.recordings.pages import clock, readable
from parley.web.recordings.upload import LONGEST_NAME, LONGEST_PASSWORD
from parley.web.render import SAFETY

_PLACE: Final = "recordings"
#: Recordings that a page shows at once.
_ROWS: Final = 25
#: Numbers of recordings have nine digits.
_NUMBERS: Final = 10**9
_MEGABYTE: Final = 1024 * 1024
#: The page that sends a file loads our module, which talks to this server.
_SENDING: Final = {
    "Content-Security-Policy": f"{SAFETY['Content-Security-Policy']}; script-src 'self'; connect-src 'self'"
}
#: Of so many weeks the past sessions are offered, and so many at most.
_WEEKS: Final = 5
_SESSIONS: Final = 40
#: Form values are cut a little later.
_LONGEST_DESCRIPTION: Final = MAX_VALUE - 100
_PLACES: Final = {
    "basic/topic": "NAME",
    "recording/description": "DESCRIPTION",
    "recording/password": "PASSWORD",
}
_CODES: Final = {faults.WEAK_PASSWORD.code: "PASSWORD"}


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: Who finds a recording without its link.
_LISTINGS: Final = {
    Listing.PUBLIC.value: _("Everybody, on the site's list"),
    Listing.PRIVATE.value: _("People who are signed in"),
    Listing.UNLISTED.value: _("Only whoever has the link"),
}


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/recordings", own_page, hosts=True),
        shell.page("/recordings/upload", upload_page, hosts=True),
        shell.page("/recordings/trash", trash_page, hosts=True),
        shell.page("/recordings/trash/empty", empty_page, ("GET", "POST"), hosts=True),
        shell.page("/recordings/trash/{number:int}", recover, ("POST",), hosts=True),
        shell.page("/recordings/trash/{number:int}/delete", delete_page, ("GET", "POST"), hosts=True),
        shell.page("/recordings/{number:int}", recording_page, ("GET", "POST"), hosts=True),
        shell.page("/recordings/{number:int}/trash", throw_away, ("POST",), hosts=True),
    ]


@dataclass(frozen=True, slots=True)
class Shown:
    """A recording as the pages show it, with its times in the reader's zone.

    Attributes:
        length, size: empty where they are not known, of recordings that lie elsewhere.
        play, share, load: where its owner plays it, where others do, and where the file is.
        forgotten: the day on which the trash lets go of it; empty when it is not there.
    """

    number: int
    name: str
    day: str
    time: str
    length: str
    size: str
    format: str
    play: str
    share: str
    load: str
    locked: bool
    elsewhere: bool
    forgotten: str


def _shown(console: ConsoleCall, row: HostedRecording) -> Shown:
    links, site, zone = console.application.links, console.site.name, console.user.time_zone_id
    made = timezones.to_local(row.created_at, zone)
    trashed = None if row.trashed_at is None else timezones.to_local(row.trashed_at, zone)
    return Shown(
        number=row.recording_id,
        name=row.name,
        day=console.language.short_day(made.date()),
        time=console.language.time(made),
        length=clock(row.duration) if row.duration else "",
        size=readable(row.size) if row.size else "",
        format=row.format,
        play=links.recording_of_host(site, row.stream_rcid),
        share=links.recording(site, row.stream_rcid),
        load=links.recording_file(site, row.file_rcid),
        locked=row.password is not None,
        elsewhere=row.details.address is not None,
        forgotten="" if trashed is None else console.language.short_day((trashed + timedelta(days=TRASH_DAYS)).date()),
    )


def may_upload(user: User) -> bool:
    """Whether the addresses of uploads are open to somebody: hosts only, no administrators who hold nothing."""
    return user.host and not user.attendee_only


# ---- lists -------------------------------------------------------------------------------------------------------


async def own_page(console: ConsoleCall) -> Response:
    """The own recordings, the newest first."""
    return await _list(console, "recordings.html", State.READY)


async def trash_page(console: ConsoleCall) -> Response:
    """What the visitor threw away and can still have back."""
    return await _list(console, "recordings_trash.html", State.TRASHED)


async def _list(console: ConsoleCall, template: str, state: State) -> Response:
    text = console.text("PAGE")
    page = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1
    wanted = RecordingFilter(site_id=console.site.site_id, state=state, owner_id=console.user.user_id)
    order, engine = (Order("CREATED", descending=True),), console.application.engine
    found = await list_recordings(engine, wanted, order, (max(page, 1) - 1) * _ROWS + 1, _ROWS)
    pages = max(1, -(-found.total // _ROWS))
    if page > pages:  # the list has become shorter: the last page
        page = pages
        found = await list_recordings(engine, wanted, order, (page - 1) * _ROWS + 1, _ROWS)
    return console.show(
        template,
        place=_PLACE,
        rows=[_shown(console, each) for each in found.rows],
        total=found.total,
        page=max(page, 1),
        pages=pages,
        may_upload=may_upload(console.user),
        trash_days=TRASH_DAYS,
    )


# ---- one recording -----------------------------------------------------------------------------------------------


async def _own(console: ConsoleCall, state: State = State.READY) -> HostedRecording:
    """The recording of an address, for its owner; for all others there is none.

    Raises:
        HTTPException: 404.
    """
    number = console.call.request.path_params["number"]
    found = None
    if number < _NUMBERS:
        found = await recordings.by_id(console.application.engine, console.site.site_id, number)
    if found is None or found.state is not state or found.owner_id != console.user.user_id:
        raise HTTPException(404)
    return found


async def recording_page(console: ConsoleCall) -> Response:
    """Show a recording (GET), and change what it is called, its description and its password (POST)."""
    row = await _own(console)
    fields = _fields(row)
    if not console.posted:
        return await _recording(console, row, fields)
    sent = {
        "NAME": console.text("NAME"),
        "DESCRIPTION": console.values.get("DESCRIPTION").strip(),
        "PASSWORD": console.values.get("PASSWORD"),
        "LISTING": console.text("LISTING"),
    }
    if sent["LISTING"] not in _LISTINGS:
        sent["LISTING"] = row.listing
    changed = {each.name for each in fields if sent[each.name] != each.value}
    for each in fields:
        each.value = sent[each.name]
    if not fields[0].value:
        fields[0].error = _("Please fill this in.")
        return await _recording(console, row, fields, 400)
    if not changed:
        return console.go(f"recordings/{row.recording_id}", "unchanged")
    try:
        await console.perform(_request(row, sent, changed))
    except Fault as fault:
        place = place_of(fault, _PLACES, _CODES)
        for each in fields:
            each.error = problem_text(fault) if each.name == place else ""
        return await _recording(console, row, fields, 400, wrong=None if place else problem_text(fault))
    return console.go(f"recordings/{row.recording_id}", "saved")


def _fields(row: HostedRecording) -> list[Field]:
    """The fields of the form, as they come back when nobody touches them."""
    description = "".join(c for c in row.details.description or "" if c.isprintable() or c == "\n").strip()
    fields = [Field("NAME", "text", _("Name"), " ".join(row.name.split()), required=True)]
    # A longer one, which a program gave it, would be cut on its way back.
    if len(description) + description.count("\n") <= _LONGEST_DESCRIPTION:
        fields.append(Field("DESCRIPTION", "lines", _("Description"), description, longest=_LONGEST_DESCRIPTION))
    fields.append(
        Field(
            "PASSWORD",
            "text",
            _("Password"),
            row.password or "",
            _("Whoever has the link is asked for it; empty: nobody is asked."),
            longest=LONGEST_PASSWORD,
        )
    )
    listings = list(_LISTINGS.items())
    fields.append(Field("LISTING", "list", _("Who sees it"), row.listing, options=listings, translated=True))
    return fields


def _request(row: HostedRecording, sent: dict[str, str], changed: set[str]) -> SetRecordingInfo:
    request = SetRecordingInfo(recording=SetRecordingInfoRecording(recording_id=row.recording_id))
    if {"NAME", "LISTING"} & changed:
        topic = sent["NAME"] if "NAME" in changed else None
        request.basic = RecordingBasicType(topic=topic, listing=sent["LISTING"])
    if request.recording is not None and "DESCRIPTION" in changed:
        request.recording.description = sent["DESCRIPTION"]
    if request.recording is not None and "PASSWORD" in changed:
        request.recording.password = sent["PASSWORD"]
    return request


async def _recording(
    console: ConsoleCall, row: HostedRecording, fields: list[Field], status: int = 200, wrong: str | None = None
) -> Response:
    session = None
    if row.session_key is not None:
        session = await sessions.by_key(console.application.engine, row.site_id, row.session_key)
    return console.show(
        "recording.html",
        status,
        place=_PLACE,
        script=True,
        recording=_shown(console, row),
        fields=fields,
        session=session if session is not None and session.host_id == console.user.user_id else None,
        wrong=wrong,
        trash_days=TRASH_DAYS,
    )


async def throw_away(console: ConsoleCall) -> Response:
    """Move a recording into the trash."""
    row = await _own(console)
    await console.perform(DelRecording(recording_id=row.recording_id))
    return console.go(_PLACE, "recording-trashed")


# ---- the trash ---------------------------------------------------------------------------------------------------


async def recover(console: ConsoleCall) -> Response:
    """Take a recording out of the trash."""
    row = await _own(console, State.TRASHED)
    await console.perform(RecoverRecordingFromRecycleBin(recording_id=[row.recording_id]))
    return console.go(f"recordings/{row.recording_id}", "recording-recovered")


async def delete_page(console: ConsoleCall) -> Response:
    """Ask whether a recording is to be deleted for good (GET), and do it (POST)."""
    row = await _own(console, State.TRASHED)
    if not console.posted:
        return console.show("recordings_delete.html", place=_PLACE, recording=_shown(console, row))
    await console.perform(DelRecordingFromRecycleBin(recording_id=[row.recording_id]))
    return console.go("recordings/trash", "recording-deleted")


async def empty_page(console: ConsoleCall) -> Response:
    """Ask whether everything in the trash is to be deleted for good (GET), and do it (POST)."""
    if not console.posted:
        return console.show("recordings_delete.html", place=_PLACE, recording=None)
    await console.perform(DelRecordingFromRecycleBin(delete_all=True))
    return console.go("recordings/trash", "trash-emptied")


# ---- sending a file ----------------------------------------------------------------------------------------------


async def upload_page(console: ConsoleCall) -> Response:
    """The page whose module sends a file to the addresses of uploads (see `web.recordings.upload`)."""
    if not may_upload(console.user):
        return console.say(_("For hosts only"), _("Your account cannot upload recordings."), 403, below=_PLACE)
    most = console.application.config.max_recording_megabytes * _MEGABYTE
    response = console.show(
        "recordings_upload.html",
        place=_PLACE,
        fields=_upload_fields(await _past(console)),
        most=most,
        most_text=readable(most),
    )
    response.headers.update(_SENDING)
    return response


def _upload_fields(past: list[tuple[str, str]]) -> list[Field]:
    name = Field("NAME", "text", _("Name"), "", _("Empty: the name of the file."), longest=LONGEST_NAME)
    password = Field("PASSWORD", "text", _("Password"), "", _("For whoever has the link; empty: none."))
    password.longest = LONGEST_PASSWORD
    hint = _("If it shows one of your sessions of the last weeks.")
    return [name, password, Field("SESSION", "list", _("Session"), "", hint, options=[("", "–"), *past])]


async def _past(console: ConsoleCall) -> list[tuple[str, str]]:
    """Keys and names of the own sessions of the last weeks, the newest first; a series once, by its latest day."""
    found: dict[int, str] = {}
    last = agenda.today(console)
    for _week in range(_WEEKS):
        first = last - timedelta(days=6)
        rows, _more = await agenda.rows_between(console, first, last)
        for row in reversed(rows):
            if row.host is None and row.starts <= timezones.to_local(console.now, console.user.time_zone_id):
                found.setdefault(row.key, f"{row.name[:80]}, {console.language.short_day(row.starts.date())}")
        last = first - timedelta(days=1)
        if len(found) >= _SESSIONS:
            break
    return [(str(key), text) for key, text in list(found.items())[:_SESSIONS]]
