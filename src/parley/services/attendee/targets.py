"""Which sessions a request of the attendee service names, and whether the caller may do so.

Source: facts/meeting-event.md 4 (sessionKey, meetingKey, confID), facts/general-session.md 4 (meetingUUID).
"""

from __future__ import annotations

from parley.domain.session import HostedSession
from parley.protocol import faults
from parley.services.context import Context
from parley.services.sessions.scheduling import may_edit
from parley.store import runs, sessions


class Targets:
    """The sessions of one request, each read once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[int, HostedSession] = {}
        self._editable: set[int] = set()
        if context.session is not None:
            self._known[context.session.session_key] = context.session

    async def find(
        self, uuid: str | None = None, key: int | None = None, conf_id: int | None = None
    ) -> HostedSession | None:
        """The session that is named, by the first of these that was sent; the context's one when none was.

        Raises:
            Fault: 060001 when there is no such session.
        """
        if not uuid and key is None and conf_id is None:
            return self._context.session
        found = next(
            (each for each in self._known.values() if uuid == each.uuid or (not uuid and key == each.session_key)), None
        )
        if found is None:
            found = await self._read(uuid, key, conf_id)
        if found is None:
            raise faults.MEETING_NOT_FOUND()
        self._known[found.session_key] = found
        return found

    async def _read(self, uuid: str | None, key: int | None, conf_id: int | None) -> HostedSession | None:
        engine, site_id = self._context.engine, self._context.site.site.site_id
        if uuid:
            return await sessions.by_uuid(engine, site_id, uuid)
        if key is not None:
            return await sessions.by_key(engine, site_id, key)
        found = await sessions.by_conf_id(engine, site_id, conf_id or 0)
        if found is not None:
            return found
        earlier = await runs.run(engine, site_id, conf_id or 0)
        return None if earlier is None else await sessions.by_key(engine, site_id, earlier.session_key)

    async def has_run(self, session: HostedSession, conf_id: int | None) -> bool:
        """Whether a run is one of the session, at present or earlier; True for None."""
        if conf_id in (None, session.conf_id):
            return True
        earlier = await runs.run(self._context.engine, session.site_id, conf_id or 0)
        return earlier is not None and earlier.session_key == session.session_key

    async def editable(self, session: HostedSession | None) -> HostedSession:
        """The session, when the caller may change its list: he holds or scheduled it, or is a delegate of the host.

        Raises:
            Fault: 060001 for None, 000001.
        """
        if session is None:
            raise faults.MEETING_NOT_FOUND()
        if session.session_key not in self._editable:
            if not await may_edit(self._context, session):
                raise faults.ACCESS_DENIED()
            self._editable.add(session.session_key)
        return session

    async def readable(self, session: HostedSession | None) -> HostedSession:
        """The session, when the caller may read its list: he may change it, or is an administrator.

        Raises:
            Fault: 060001 for None, 000001.
        """
        caller = self._context.caller
        if session is not None and (caller.site_admin or caller.ro_site_admin):
            return session
        return await self.editable(session)
