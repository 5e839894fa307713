"""What a server does by itself, done when a test says so, for one site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from parley.domain.history import Part
from parley.recordings.finishing import finish_all
from parley.recordings.reconciling import empty_trash
from parley.services import presence
from parley.services.errands import Errands
from parley.services.history import keeping
from parley.services.presence import Person
from parley.store import errands, outbox, sessions

if TYPE_CHECKING:
    from parley.services.application import Application
    from parley.services.known_sites import KnownSite
    from parley.testing.mailbox import Mailbox

#: Chores without a time of their own have their turn at least once a day.
_LONGEST_STEP: Final = 86_400


async def run(application: Application, mailbox: Mailbox, site_id: int) -> None:
    """Do what is due: lost connections, notices and removals, old histories, trash, recordings, mails."""
    await presence.sweep(application, site_id)
    await Errands(application).do_due(site_id)
    known = await application.sites.reload(site_id)
    if known is not None and known.settings.history_days is not None:
        await keeping.purge(application.engine, site_id, application.clock.now(), known.settings.history_days)
    await finish_all(application)
    await empty_trash(application, site_id)
    await mailbox.deliver(application, site_id)


async def next_due(application: Application, site_id: int, latest: int) -> int:
    """When there is something to do next, `latest` at the latest. UTC epoch seconds."""
    now = application.clock.now()
    mail = await outbox.next_due(application.engine, site_id, now)
    waiting = await errands.due(application.engine, site_id, latest, 1)
    moments = [latest, now + _LONGEST_STEP, *(each.due_at for each in waiting)]
    return min(moments if mail is None else [*moments, mail])


async def begin(application: Application, site_id: int, session_key: int, people: dict[str, str]) -> list[int]:
    """Let the host and people into a session; gives their stays.

    Args:
        people: e-mail addresses by name.

    Raises:
        LookupError: there is no such session.
    """
    known: KnownSite | None = await application.sites.reload(site_id)
    session = await sessions.by_key(application.engine, site_id, session_key)
    if known is None or session is None:
        raise LookupError(f"there is no session {session_key}")
    name = f"{session.host_first_name} {session.host_last_name}".strip()
    host = Person(
        stay_id=presence.new_stay_id(), name=name, part=Part.HOST, email=session.host_email, user_id=session.host_id
    )
    guests = [Person(stay_id=presence.new_stay_id(), name=name, email=email) for name, email in people.items()]
    return [(await presence.join(application, known, session_key, each)).stay_id for each in (host, *guests)]


async def end(application: Application, site_id: int, stays: list[int]) -> None:
    """Let people go, the host last; with the last one the session's run ends."""
    for stay_id in reversed(stays):
        await presence.leave(application, site_id, stay_id)
