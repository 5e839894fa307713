"""Who is in which session: runs and stays begin and end here, and the session's row follows in the same commit.

How rooms use it. Whoever lets a person into a room draws a number for the stay (`new_stay_id`) and keeps it with the
connection, in the browser too if the place is to be found again. Then:

    here = await presence.join(application, site, session_key, Person(stay_id=..., name=..., part=Part.ATTENDEE))
    ...                                              # chat, media; `here.conf_id` names the run
    await presence.audio(application, site_id, here.stay_id, on=True)       # computer audio on and off, any number
    await presence.tell(application, site_id, here.conf_id, locked=..., presenter=...)    # when one of them changes
    open_ones = await presence.alive(application, site_id, [ids of all stays of this process])   # every 10 seconds
    await presence.leave(application, site_id, here.stay_id)                # the person goes

- `join` begins a run when the session has none (`here.began`), so whoever may not begin one (nobody before the host)
  must not be let in yet: the lobby is no stay. Joining again with the same number is the same stay. If that stay was
  ended meanwhile, a new one of the same person begins, with a number of its own (`here.stay_id`): always keep the
  number that `join` gives back.
- `leave` is for people who go. When the last one goes, the run ends with that second. A connection that merely drops
  is not left: say nothing, and either the browser comes back within `SILENCE` seconds (`join` with the same number) or
  `sweep` ends the stay at its last sign of life.
- `alive` is the sign of life, for many stays at once. It tells which of them are still open: those that are missing
  were swept or ended by `end_run`, so their connections have to join again or be closed.
- `end_run` ends the run for all.
- `sweep` ends what killed servers and browsers left open and counts runs that were closed by a process which died
  before it had counted. Every server does it for all sites (`keep_swept`); a process needs no list of its rooms.

Everything may be called twice, late, or by several processes at once: what has ended stays ended, each function tells
what came of it, and conflicts are tried again. `at` is when it happened (UTC epoch seconds), by default now; times
before the stay or run began count as its beginning. Nothing is checked here of who may enter: passwords, registration,
locks and capacity are the room's.

What follows: sessions.status, host_joined, participants_joined (somebody but the host), run_started_at and conf_id.
The version of the session's row grows when one of them changes, so GetMeeting, GetSessionInfo, lists and
LstOpenSession tell it at once. Both flags stay true until the run ends. A session's next run gets a confID of its own.
Once a run has ended and was counted, it and its stays are history (services/history).

Sources: facts/training-history.md 2.0 and 2.1, facts/rest-map.md (hostDidJoin, attendeeDidJoin).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import msgspec
import structlog

from parley.domain import identifiers
from parley.domain.history import Known, Part, Run, Stay, totals_of
from parley.domain.registration import Answers, Status
from parley.domain.session import Attendee, HostedSession
from parley.domain.site import SessionType
from parley.protocol import faults
from parley.seeing import figures
from parley.services import notices, removals
from parley.services.application import Application
from parley.services.known_sites import KnownSite
from parley.services.session_traits import traits_of
from parley.services.sessions.kinds import kind_of, view_of
from parley.services.sessions.people import person_of
from parley.services.values import one_line
from parley.store import Changes, Conflict, Duplicate, StoreUnavailable, attendees, event_lists, runs, sessions, sites

#: Seconds without a sign of life after which a stay counts as ended, at the last one.
SILENCE: Final = 45
_MAX_TRIES: Final = 12
#: Stays and runs that one look of `sweep` at a site ends.
_AT_ONCE: Final = 500
_STAY_IDS: Final = 1 << 62
_LONGEST_NAME: Final = 256
_LONGEST: Final = 512
_read_answers: Final = msgspec.json.Decoder(Answers).decode
_log = structlog.get_logger("parley.presence")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who comes into a room, as the room knows him.

    Attributes:
        stay_id: the number of the stay, from `new_stay_id`.
        part: HOST for whoever holds the session at the time, OTHER for what is no person (a recorder).
        email: as typed or as the account has it; None: not known.
        user_id: the account, None without one.
        register_id: the registration ID that the person came in with; None: the list is searched for the address.
        ip_address, client_agent: of the browser, such as "LINUX,CHROME".
    """

    stay_id: int
    name: str
    part: Part = Part.ATTENDEE
    email: str | None = None
    user_id: int | None = None
    register_id: int | None = None
    ip_address: str | None = None
    client_agent: str | None = None


class Here(NamedTuple):
    """A stay that is open. `began`: the run began with it; `is_new`: it did not exist before this call."""

    stay_id: int
    conf_id: int
    began: bool = False
    is_new: bool = True


class Swept(NamedTuple):
    """What a sweep did: stays and runs that it ended."""

    stays: int
    runs: int


def new_stay_id() -> int:
    """The number for a stay that is to begin."""
    return identifiers.random_below(_STAY_IDS)


# ---- coming --------------------------------------------------------------------------------------------------


async def join(
    application: Application, site: KnownSite, session_key: int, person: Person, *, at: int | None = None
) -> Here:
    """Let somebody into a session, whose run begins if it has none.

    Raises:
        Fault: 060001, the session is gone.
        Conflict: others were always quicker (try again later).
    """
    engine, site_id = application.engine, site.site.site_id
    at = application.clock.now() if at is None else at
    stay_id, before = person.stay_id, None
    for _ in range(_MAX_TRIES):
        found = await runs.stay(engine, site_id, stay_id)
        if found is not None and found.left_at is None and found.session_key == session_key:
            await alive(application, site_id, [stay_id], at=at)
            return Here(stay_id, found.conf_id, is_new=False)
        if found is not None:
            before = found.person_key if found.session_key == session_key else None
            stay_id = new_stay_id()
        session = await sessions.by_key(engine, site_id, session_key)
        if session is None:
            raise faults.MEETING_NOT_FOUND()
        run = await runs.run(engine, site_id, session.conf_id)
        began = run is None or run.closed_at is not None
        # The confID that a session was made with is that of its first run.
        conf_id = identifiers.new_conf_id() if run is not None and began else session.conf_id
        current = _new_run(session, site.types, conf_id, at) if run is None or began else run
        stay = await _new_stay(application, session, current, person, stay_id, before, at)
        changes = Changes()
        if began:
            runs.begin(changes, session.plain(), current, stay)
        else:
            runs.enter(changes, stay)
        kind = kind_of(session, site.types)
        wanted = kind.notices(kind.read(session.document))
        notices.joined(changes, site.site.name, site.settings, session, wanted, current, stay)
        try:
            await engine.commit(changes)
        except (Conflict, Duplicate):
            continue
        return Here(stay_id, conf_id, began)
    raise Conflict


def _new_run(session: HostedSession, types: Mapping[int, SessionType], conf_id: int, at: int) -> Run:
    view = view_of(session, types)
    kept = types.get(session.session_type)
    assist = view.assist_service
    codes: dict[str, Any] = {f"tracking_code_{number}": code for number, code in enumerate(session.tracking_codes, 1)}
    return Run(
        site_id=session.site_id,
        conf_id=conf_id,
        session_key=session.session_key,
        uuid=session.uuid,
        service=session.service,
        audio_only=traits_of(types, session.session_type).audio_only,
        session_type=session.session_type,
        type_code=kept.prefix if kept is not None else "",
        name=session.name,
        name_key=session.name_key,
        host_id=session.host_id,
        host_web_ex_id=session.host_web_ex_id,
        host_name=f"{session.host_first_name} {session.host_last_name}".strip(),
        host_email=session.host_email,
        time_zone_id=session.time_zone_id,
        started_at=at,
        assist_request=assist.assist_request if assist else None,
        assist_confirm=assist.assist_confirm if assist else None,
        pso_field=view.pso_fields.pso_field1 if view.pso_fields else None,
        account=view.account,
        account_key=session.account_key,
        opportunity=view.opportunity,
        opportunity_key=session.opportunity_key,
        invited=session.attendee_count,
        **codes,
    )


async def _new_stay(
    application: Application,
    session: HostedSession,
    run: Run,
    person: Person,
    stay_id: int,
    before: str | None,
    at: int,
) -> Stay:
    """Args: `before`: the person_key of an earlier stay of the same person."""
    row = await _listed(application, session, person)
    email = one_line(person.email, _LONGEST) or (row.email_key if row is not None else None)
    email = email.lower() if email else None
    user_id = person.user_id if person.user_id is not None or row is None else row.user_id
    at = max(at, run.started_at)
    known = _read_answers(row.answers) if row is not None else Answers()
    sent = person_of(row) if row is not None else None
    address, phones = (sent.address, sent.phones) if sent else (None, None)

    def said(name: str, *others: str | None) -> str | None:
        """What was filled in, else what came with the invitation."""
        texts = (known.standard.get(name), *others)
        return next((text for each in texts if (text := one_line(each, _LONGEST))), None)

    rest = Known(
        title=said("title", sent.title if sent else None),
        phone=said("phone", phones.phone if phones else None),
        address1=said("address1", address.address1 if address else None),
        address2=said("address2", address.address2 if address else None),
        zip=said("postal_code", address.zip_code if address else None),
        source=known.source,
        score=known.score if known.source is not None else None,
        questions=tuple((each.label, ", ".join(each.values)) for each in known.custom),
        team=row is not None and row.role in ("PRESENTER", "HOST"),
    )
    return Stay(
        site_id=run.site_id,
        stay_id=stay_id,
        conf_id=run.conf_id,
        session_key=run.session_key,
        service=run.service,
        audio_only=run.audio_only,
        host_id=run.host_id,
        run_started_at=run.started_at,
        run_ended_at=None,
        person_key=_person_key(user_id, email, before, stay_id),
        name=one_line(person.name, _LONGEST_NAME) or email or "",
        email=email,
        user_id=user_id,
        attendee_id=row.attendee_id if row is not None else None,
        register_id=row.register_id if row is not None else None,
        part=person.part,
        ip_address=one_line(person.ip_address, _LONGEST),
        client_agent=one_line(person.client_agent, _LONGEST),
        joined_at=at,
        left_at=None,
        alive_at=at,
        listed=row is not None,
        registered=row is not None and row.join_status in (Status.REGISTER, Status.ACCEPT),
        external=_external(session, user_id, email),
        company=said("company", sent.company if sent else None),
        city=said("city", address.city if address else None),
        state=said("state", address.state if address else None),
        country=said("country", address.country if address else None),
        document=msgspec.json.encode(rest).decode(),
    )


async def _listed(application: Application, session: HostedSession, person: Person) -> Attendee | None:
    """The row of the session's list that somebody came in by: of his registration ID, else of account or address."""
    engine, key = application.engine, (session.site_id, session.session_key)
    if person.register_id is not None:
        return await attendees.by_register_id(engine, *key, person.register_id)
    email = one_line(person.email, _LONGEST)
    if person.user_id is not None:
        found = await sessions.attendees_of_person(engine, *key, person.user_id, (email or "").casefold())
    elif email:
        found = await sessions.attendees_by_email(engine, *key, [email.casefold()])
    else:
        found = []
    return found[0] if found else None


def _person_key(user_id: int | None, email: str | None, before: str | None, stay_id: int) -> str:
    """What says that two stays are of one person; whoever gives neither account nor address is somebody new."""
    if user_id is not None:
        return f"user {user_id}"
    return f"email {email}" if email else before or f"stay {stay_id}"


def _external(session: HostedSession, user_id: int | None, email: str | None) -> str:
    """Whether somebody belongs to the host's organisation: an account of the site, or an address of the same domain."""
    if user_id is not None:
        return "INTERNAL"
    if not email:
        return "N/A"
    return "INTERNAL" if email.rpartition("@")[2] == session.host_email.lower().rpartition("@")[2] else "EXTERNAL"


# ---- being there ---------------------------------------------------------------------------------------------


async def alive(application: Application, site_id: int, stay_ids: Sequence[int], *, at: int | None = None) -> set[int]:
    """Note a sign of life of stays; gives those that are open."""
    if not stay_ids:
        return set()
    changes = Changes()
    runs.alive(changes, site_id, stay_ids, application.clock.now() if at is None else at)
    await application.engine.commit(changes)
    return await runs.still_open(application.engine, site_id, stay_ids)


async def audio(application: Application, site_id: int, stay_id: int, *, on: bool, at: int | None = None) -> None:
    """Note that somebody's computer audio is connected or not any more; it ends with the stay."""
    changes = Changes()
    runs.audio(changes, site_id, stay_id, application.clock.now() if at is None else at, on=on)
    await application.engine.commit(changes)


async def tell(application: Application, site_id: int, conf_id: int, *, locked: bool, presenter: str | None) -> None:
    """Note what GetSessionInfo tells of a run beyond who is there.

    Args:
        locked: nobody else may come in.
        presenter: the name of who presents; None: nobody does.
    """
    changes = Changes()
    runs.tell(changes, site_id, conf_id, locked=locked, presenter=one_line(presenter, _LONGEST_NAME))
    await application.engine.commit(changes)


# ---- going ---------------------------------------------------------------------------------------------------


async def leave(application: Application, site_id: int, stay_id: int, *, at: int | None = None) -> bool:
    """End a stay, and with the last one the run; False when there is no such stay, or it had ended.

    Raises:
        Conflict: others were always quicker (try again later).
    """
    for _ in range(_MAX_TRIES):
        stay = await runs.stay(application.engine, site_id, stay_id)
        if stay is None or stay.left_at is not None:
            return False
        end = max(application.clock.now() if at is None else at, stay.joined_at)
        changes = Changes()
        runs.leave(changes, stay, end)
        try:
            await application.engine.commit(changes)
        except Conflict:
            continue
        await _end_if_empty(application, site_id, stay.conf_id)
        return True
    raise Conflict


async def end_run(application: Application, site_id: int, conf_id: int, *, at: int | None = None) -> bool:
    """End a run for all who are in it; False when there is no such run, or it had ended."""
    run = await runs.run(application.engine, site_id, conf_id)
    if run is None or run.closed_at is not None:
        return False
    last = await runs.latest(application.engine, site_id, conf_id)
    end = max(application.clock.now() if at is None else at, last or 0, run.started_at)
    if not await _close(application, run, end, empty=False):
        return False
    await removals.ended_for_all(application, site_id, run.session_key)
    return True


async def _end_if_empty(application: Application, site_id: int, conf_id: int) -> bool:
    """End a run in which nobody is left, at the time when the last one went."""
    run = await runs.run(application.engine, site_id, conf_id)
    if run is None or run.closed_at is not None or run.present > 0:
        return False
    last = await runs.latest(application.engine, site_id, conf_id)
    return await _close(application, run, last if last is not None else run.started_at, empty=True)


async def _close(application: Application, run: Run, end: int, *, empty: bool) -> bool:
    changes = Changes()
    runs.close(changes, run, end, empty=empty)
    try:
        await application.engine.commit(changes)
    except Conflict:
        return False
    await _count(application, msgspec.structs.replace(run, closed_at=end))
    return True


async def _count(application: Application, run: Run) -> None:
    """Make a run that has ended history. Numbers of the list are those at the end, if the session is still there."""
    engine, site_id = application.engine, run.site_id
    totals = totals_of(await runs.stays_of(engine, site_id, run.conf_id))
    session = await sessions.by_key(engine, site_id, run.session_key)
    if session is not None:
        enrolled = await event_lists.enrolments(engine, site_id, [run.session_key])
        registered = enrolled[run.session_key].registered if run.session_key in enrolled else 0
        run = msgspec.structs.replace(run, invited=session.attendee_count, registered=registered)
    changes = Changes()
    runs.count(changes, run, totals)
    with suppress(Conflict):  # another process counted it; else the next sweep does
        await engine.commit(changes)


# ---- what was left open --------------------------------------------------------------------------------------


async def sweep(application: Application, site_id: int, *, at: int | None = None) -> Swept:
    """End a site's stays without a sign of life at the last one, and the runs in which nobody is left.

    Two probes of indexes when there is nothing to do.
    """
    engine = application.engine
    now = application.clock.now() if at is None else at
    ended = 0
    while silent := await runs.silent(engine, site_id, now - SILENCE, _AT_ONCE):
        done = 0
        for stay in silent:
            changes = Changes()
            runs.leave(changes, stay, max(stay.alive_at, stay.joined_at), silent=True)
            try:
                await engine.commit(changes)
            except Conflict:  # it ended, or gave a sign of life meanwhile
                continue
            done += 1
        ended += done
        if done == 0:
            break
    closed = 0
    for run in await runs.unfinished(engine, site_id, _AT_ONCE):
        if run.closed_at is not None:
            await _count(application, run)
        elif run.present <= 0:
            closed += await _end_if_empty(application, site_id, run.conf_id)
    return Swept(ended, closed)


async def keep_swept(application: Application, seconds: float) -> None:
    """Sweep all sites every so many seconds, until it is cancelled."""
    while True:
        await asyncio.sleep(seconds)
        try:
            with figures.chore("presence"):
                for site in await sites.all_sites(application.engine):
                    await sweep(application, site.site_id)
        except StoreUnavailable as error:
            _log.warning("presence_not_swept", error=str(error))
        except Exception:  # whatever it is, the next look may go well
            _log.exception("presence_not_swept")
