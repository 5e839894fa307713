"""Who may look at a recording, what was proved on the way, and how often that happens.

The link of a recording is secret, like an invitation: whoever has it may look, after the password and the registration
that the owner asks for, unless he keeps the recording to himself. Owner and administrators are asked for nothing,
neither are accounts that it is shared with asked for the password. Accounts of other sites are strangers.
Sources: facts/general-session.md 9 (fileAccess), facts/training-history.md 2.8 (what is counted).
"""

from __future__ import annotations

import hmac
import re
from collections import OrderedDict
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from parley.domain.recording import HostedRecording, RegisteredPerson
from parley.protocol.credentials import Overloaded
from parley.services.recording import accesses
from parley.services.recording.accesses import Visitor
from parley.store import Conflict, recordings
from parley.web import going_on
from parley.web.forms import counted_as
from parley.web.page_call import PageCall
from parley.web.recordings.tickets import (
    DOOR_SECONDS,
    FILE_SECONDS,
    VIEW_SECONDS,
    Grant,
    Tickets,
    new_visitor,
)

if TYPE_CHECKING:
    from parley.services.application import Application

_RCID: Final = re.compile(r"[0-9a-f]{32}")
_VISITOR: Final = re.compile(r"[0-9a-f]{32}")
_VISIT_COOKIE: Final = "parley_watching"
#: A visit ends after so many seconds without a page of a recording.
_VISIT_SECONDS: Final = 1800
_COUNTED: Final = 20_000


class Standing(IntEnum):
    """What a visitor is to a recording."""

    STRANGER = 0
    SHARED = 1
    OWNER = 2
    """Or an administrator of the site."""


class Doors:
    """Knows who may look at what."""

    def __init__(self, application: Application, tickets: Tickets) -> None:
        self._application = application
        self.tickets = tickets
        self._counted: OrderedDict[tuple[int, int], None] = OrderedDict()

    @property
    def now(self) -> int:
        """UTC epoch seconds."""
        return self._application.clock.now()

    def path(self, call: PageCall) -> str:
        """The path of the site's pages, without final slash."""
        return going_on.path_of(self._application.links.root(call.site.name))

    async def find(self, call: PageCall, *, file: bool) -> HostedRecording:
        """The recording of a link, whatever state it is in; guessing links is slowed down.

        Args:
            file: by the RCID of lsr.php, not of ldr.php.

        Raises:
            HTTPException: 404.
        """
        rcid = call.values.get("RCID").strip().lower()
        if _RCID.fullmatch(rcid):
            by_rcid = recordings.by_file_rcid if file else recordings.by_stream_rcid
            found = await by_rcid(self._application.engine, call.site.site_id, rcid)
            if found is not None:
                return found
        await self._slow_down(call)
        raise HTTPException(404)

    async def _slow_down(self, call: PageCall) -> None:
        key = f"{call.site.site_id}/rcid/{counted_as(call.request) or '?'}"
        await self._wait(key)
        self._application.brake.failed(key)

    async def _wait(self, key: str) -> None:
        try:
            await self._application.brake.wait(key)
        except Overloaded:
            raise HTTPException(503, headers={"Retry-After": "60"}) from None

    async def standing(self, call: PageCall, row: HostedRecording) -> Standing:
        """What the visitor is to a recording of the same site."""
        user = call.user
        if user is None:
            return Standing.STRANGER
        if user.user_id == row.owner_id or user.site_admin or user.ro_site_admin:
            return Standing.OWNER
        shared = await recordings.shared_to(self._application.engine, row.site_id, user.user_id, [row.recording_id])
        return Standing.SHARED if shared else Standing.STRANGER

    # ---- what was proved ---------------------------------------------------------------------------------------

    def door(self, request: Request, row: HostedRecording) -> Grant | None:
        """What a visitor proved of a recording earlier."""
        return self.tickets.read(request.cookies.get(_cookie(row), ""), "door", row, self.now)

    def open(self, call: PageCall, response: Response, row: HostedRecording, **proved: str) -> None:
        """Remember what a visitor proved: `registration`, `name`, `email`; the password was right."""
        grant = self._grant(row, "door", DOOR_SECONDS, mark=self.tickets.mark(row), **proved)
        self._set_cookie(call, response, _cookie(row), self.tickets.sign(grant), DOOR_SECONDS)

    async def password_is(self, row: HostedRecording, sent: str) -> bool:
        """Whether this is the recording's password; guessing is slowed down.

        Raises:
            HTTPException: 503, too many try.
        """
        key = f"{row.site_id}/recording/{row.recording_id}"
        await self._wait(key)
        if row.password and hmac.compare_digest(row.password.encode(), sent.encode()):
            return True
        self._application.brake.failed(key)
        return False

    async def register(self, row: HostedRecording, name: str, email: str, person: RegisteredPerson) -> str:
        """Note that somebody registered; returns the secret by which he is known again.

        Raises:
            HTTPException: 404, the recording went in that moment.
        """
        try:
            made = await accesses.register(self._application.engine, row.plain(), name, email, person, self.now)
        except Conflict:
            raise HTTPException(404) from None
        return made.registration or ""

    # ---- tickets for the file ----------------------------------------------------------------------------------

    def ticket(self, call: PageCall, visit: str, row: HostedRecording, standing: Standing, *, file: bool) -> str:
        """A ticket for the bytes of a recording, for somebody who may have them.

        Args:
            visit: as `visit` gives it.
            file: to be saved, not played.
        """
        door, user = self.door(call.request, row), call.user
        kind: Literal["file", "view"] = "file" if file else "view"
        seconds = FILE_SECONDS if file else VIEW_SECONDS
        name, email = (door.name, door.email) if door is not None and door.registration else ("", "")
        if user is not None and not name:
            name, email = f"{user.first_name} {user.last_name}".strip() or user.web_ex_id, user.email
        grant = self._grant(
            row,
            kind,
            seconds,
            owner=standing > Standing.STRANGER,
            mark="" if standing > Standing.STRANGER else self.tickets.mark(row),
            access_id=self.tickets.access_id(visit, row, kind),
            name=name,
            email=email,
            registration=door.registration if door is not None else "",
        )
        return self.tickets.sign(grant)

    def visit(self, request: Request) -> str:
        """The visit that a request belongs to, by a cookie; a new one else."""
        known = request.cookies.get(_VISIT_COOKIE, "")
        return known if _VISITOR.fullmatch(known) else new_visitor()

    def stay(self, call: PageCall, response: Response, visit: str) -> None:
        """Let a visit last for half an hour from now."""
        self._set_cookie(call, response, _VISIT_COOKIE, visit, _VISIT_SECONDS)

    def _set_cookie(self, call: PageCall, response: Response, name: str, value: str, seconds: int) -> None:
        path, secure = self.path(call), self._secure
        response.set_cookie(name, value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="lax")

    async def count(self, grant: Grant, row: HostedRecording) -> None:
        """Count a view or a download, once for each visit.

        Raises:
            HTTPException: 404, the recording went in that moment.
        """
        key = (grant.site_id, grant.access_id)
        if key in self._counted:
            return
        engine, plain = self._application.engine, row.plain()
        known = await accesses.registered(engine, plain, grant.registration)
        viewed = grant.kind == "view"
        try:
            await accesses.note(
                engine,
                plain,
                Visitor(grant.name, grant.email or None, known),
                self.now,
                viewed=viewed,
                downloaded=not viewed,
                access_id=grant.access_id,
            )
        except Conflict:
            raise HTTPException(404) from None
        self._counted[key] = None
        if len(self._counted) > _COUNTED:
            self._counted.popitem(last=False)

    def _grant(
        self, row: HostedRecording, kind: Literal["door", "view", "file"], seconds: int, **more: object
    ) -> Grant:
        return Grant(
            kind=kind,
            site_id=row.site_id,
            recording_id=row.recording_id,
            until=self.now + seconds,
            **more,  # type: ignore[arg-type]  # fields of a grant by their names
        )

    @property
    def _secure(self) -> bool:
        return self._application.config.base_url.startswith("https:")


def _cookie(row: HostedRecording) -> str:
    return f"parley_recording_{row.recording_id}"
