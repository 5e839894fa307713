"""Lists of sessions as LstsummaryMeeting, LstsummarySession and their kin share them.

Who sees what: a host the own sessions, those he scheduled for others, those with him as alternate host, and where
asked for those he is invited to; an administrator those of all hosts, or of the one he names
(facts/meeting-event.md 1, facts/general-session.md 2).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from parley.contract.service import MatchingRecordsType
from parley.domain import timezones
from parley.domain.dates import format_date, stored_to_api
from parley.domain.session import HostedSession, SessionSummary
from parley.domain.user import User
from parley.protocol import faults
from parley.services.context import Context
from parley.services.lists import Page, Scope
from parley.services.sessions.stored import following_occurrence
from parley.services.values import given
from parley.store import session_lists, sessions, users
from parley.store.lists import Order
from parley.store.session_lists import LARGEST_CHOICE, Mark, SessionFilter


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose sessions a list shows: None for those of everybody on the site."""

    user_id: int | None


async def whose(context: Context, web_ex_id: str | None, email: str | None = None) -> Whose:
    """Read hostWebExID and hostEmail of a list request.

    Raises:
        Fault: 000001 when somebody who is no administrator asks for another's sessions, 000015 for an unknown host.
    """
    caller = context.caller
    named = given(web_ex_id) or given(email)
    if named is None:
        return Whose(None if caller.site_admin or caller.ro_site_admin else caller.user_id)
    host = await _user(context, given(web_ex_id), given(email))
    if not (caller.site_admin or caller.ro_site_admin) and (host is None or host.user_id != caller.user_id):
        raise faults.ACCESS_DENIED()
    if host is None:
        raise faults.NOTHING_FOUND()
    return Whose(host.user_id)


async def _user(context: Context, web_ex_id: str | None, email: str | None) -> User | None:
    site_id = context.site.site.site_id
    if web_ex_id is not None:
        return await users.by_web_ex_id(context.engine, site_id, web_ex_id.strip().casefold())
    return await users.by_email(context.engine, site_id, (email or "").strip().casefold())


#: No session has this number.
_NO_KEY: Final = 0


def keys_of(context: Context, key: int | None, uuid: str | None) -> tuple[int, ...]:
    """The one session that a list is narrowed to, by its UUID (then it is the context's session) or its number.

    A UUID that no session has narrows the list to nothing.
    """
    if uuid:
        return (context.session.session_key if context.session is not None else _NO_KEY,)
    return () if key is None else (key,)


def folded(text: str | None) -> str | None:
    """The beginning of names that a list is narrowed to, as the store compares it; None: all names."""
    return text.strip().casefold() if text and given(text) else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list that is asked for: which sessions, in which order, which page.

    Attributes:
        invited: also sessions to which the person is invited.
        alternates: also sessions of which the person is an alternate host.
        criteria: further fields of `SessionFilter`.
    """

    persons: Whose
    scope: Scope
    order: Sequence[tuple[str, bool]]
    page: Page
    invited: bool
    alternates: bool = True
    case_sensitive: bool = False
    criteria: Mapping[str, Any] = field(default_factory=dict)


async def found(context: Context, wanted: Wanted) -> tuple[list[HostedSession], int]:
    """One page of sessions, whole, and the length of the whole list."""
    await roll(context)
    page = wanted.page
    result = await session_lists.list_sessions(
        context.lists, filter_of(context, wanted), orders_of(wanted), page.first, page.size
    )
    return result.rows, result.total


class Listed(NamedTuple):
    """A session as a row of a list shows it.

    `other_host` is the webExID of an alternate host; `by_another`: there is one, and the caller is not the host.
    `more` is what `found_rows` was to read besides.
    """

    session: SessionSummary
    other_host: str | None
    by_another: bool
    more: Any = None


More = Callable[[Sequence[int]], Awaitable[Mapping[int, Any]]]
"""Reads what rows tell beyond the summaries, for the sessions with these keys."""


async def found_rows(
    context: Context,
    wanted: Wanted,
    encode_rows: Callable[[list[Listed]], str],
    encode_matching: Callable[[MatchingRecordsType], str],
    *variant: object,
    more: More | None = None,
) -> tuple[str, str]:
    """One page of sessions as encoded rows, and the encoded matchingRecords.

    A page that is asked for again and again (most programs poll) is put together from rows that were encoded before;
    one that nobody asked for lately is read and encoded as a whole, which costs less than looking for its rows.

    Args:
        encode_rows: makes the XML of rows.
        encode_matching: makes the XML of matchingRecords.
        variant: everything else that a row depends on (kind of list, zone, options).
        more: reads what rows tell beyond the summaries; it must not change without the session's version.

    Raises:
        Fault: 000015 when the list is empty.
    """
    await roll(context)
    asked = (context.lists, filter_of(context, wanted), tuple(orders_of(wanted)), wanted.page.first, wanted.page.size)
    if context.application.recent_lists.seen((variant, *asked[1:])):
        marks, total = await session_lists.list_marks(*asked)
        matching = encode_matching(wanted.page.matching(total, len(marks)))
        return await _kept_rows(context, marks, encode_rows, variant, more), matching
    listed, total = await session_lists.list_summaries(*asked)
    matching = encode_matching(wanted.page.matching(total, len(listed)))
    others = await other_hosts(context, [each.session_key for each in listed if each.alternates])
    caller_id = context.caller.user_id
    rows = [as_listed(session, others, caller_id) for session in listed]
    if more is not None:
        extra = await more([each.session_key for each in listed])
        rows = [row._replace(more=extra.get(row.session.session_key)) for row in rows]
    return encode_rows(rows), matching


async def _kept_rows(
    context: Context,
    marks: list[Mark],
    encode_rows: Callable[[list[Listed]], str],
    variant: object,
    more: More | None,
) -> str:
    """The rows of the marked sessions, each encoded once.

    A row is kept with the versions of the session and its host that it was made of, which are read anew for each
    list; as long as both are the same, it is right.
    """
    others = await other_hosts(context, [mark.session_key for mark in marks if mark.alternates])
    site_id, kept, caller_id = context.site.site.site_id, context.application.encoded_rows, context.caller.user_id
    keys = [
        (
            variant,
            site_id,
            mark.session_key,
            mark.version,
            mark.host_version,
            *((others[mark.session_key], mark.host_id != caller_id) if mark.session_key in others else ()),
        )
        for mark in marks
    ]
    rows = [kept.get(key) for key in keys]
    missing = [mark.session_key for mark, row in zip(marks, rows, strict=True) if row is None]
    if missing:
        found = {each.session_key: each for each in await session_lists.summaries_of(context.lists, site_id, missing)}
        extra = await more(missing) if more is not None else {}
        for place, (mark, key) in enumerate(zip(marks, keys, strict=True)):
            session = found.get(mark.session_key)
            if rows[place] is None and session is not None:
                listed = as_listed(session, others, caller_id)._replace(more=extra.get(session.session_key))
                row = encode_rows([listed])
                rows[place] = row
                if session.version == mark.version and session.host_version == mark.host_version:
                    kept.put(key, row)
    return "".join([row for row in rows if row is not None])


def as_listed(session: SessionSummary, others: Mapping[int, str], caller_id: int | None) -> Listed:
    """A session as a row shows it; `others` are the `other_hosts`, `caller_id` None is nobody."""
    other = others.get(session.session_key)
    return Listed(session, other, other is not None and session.host_id != caller_id)


def start_shown(session: SessionSummary | HostedSession) -> str:
    """The start that a list tells of a session, as answers have dates, in the session's zone.

    A series shows its next start; its first one may be years ago.
    """
    if session.recurring:
        return format_date(timezones.to_local(session.next_start, session.time_zone_id))
    return stored_to_api(session.start_local)


async def roll(context: Context) -> None:
    """Let sessions that are over go on to their next occurrence, at most once a second for each site."""
    site = context.site
    if site.rolled_at != context.now:
        await sessions.roll_due(context.engine, site.site.site_id, context.now, following_occurrence)
        site.rolled_at = context.now


def filter_of(context: Context, wanted: Wanted) -> SessionFilter:
    """What the store has to look for.

    Without a bound in the past only sessions that are not over are listed (chosen, docs/fidelity.md).
    """
    scope, criteria, user_id = wanted.scope, wanted.criteria, wanted.persons.user_id
    reaches_back = not scope.is_open and (scope.start_from is None or scope.start_from < context.now)
    for name in ("session_types", "services", "keys"):
        if len(criteria.get(name, ())) > LARGEST_CHOICE:
            raise faults.INVALID_VALUE(path=name, problem=f"at most {LARGEST_CHOICE} values are allowed")
    return SessionFilter(
        site_id=context.site.site.site_id,
        ended=None if reaches_back else False,
        host_id=user_id,
        creator_id=user_id,
        alternate_id=user_id if wanted.alternates and not wanted.invited else None,
        invited_id=user_id if wanted.invited else None,
        start_from=scope.start_from,
        start_to=scope.start_to,
        end_from=scope.end_from,
        end_to=scope.end_to,
        **criteria,
    )


def orders_of(wanted: Wanted) -> list[Order]:
    """The order for the store."""
    return [Order(name, descending, wanted.case_sensitive) for name, descending in wanted.order]


async def other_hosts(context: Context, session_keys: Sequence[int]) -> dict[int, str]:
    """The first alternate host's webExID of each session that has one, by session key."""
    if not session_keys:
        return {}
    hosts = await sessions.alternate_hosts(context.lists, context.site.site.site_id, session_keys)
    return {key: some[0].web_ex_id for key, some in hosts.items() if some}
