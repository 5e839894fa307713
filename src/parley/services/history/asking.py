"""What a request of the history service wants: filters, order, page and zone, the same for all of them.

The requests have the same elements under (nearly) the same names, each some of them; what one has not is not asked.
Sources: facts/training-history.md 2.0, 2.2 (meetingUUID), 2.6 (preliminary data).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from parley.contract.service import BodyContentType
from parley.domain import timezones
from parley.domain.user import Caller, User
from parley.protocol import faults
from parley.services import lists
from parley.services.context import Context
from parley.services.sessions import session_lists
from parley.services.values import given
from parley.store import runs, users
from parley.store.history_lists import HistoryFilter
from parley.store.lists import Order

_DAY: Final = 86_400
#: How far back the history goes, and the preliminary one.
WINDOW: Final = 90 * _DAY
PRELIMINARY_WINDOW: Final = 14 * _DAY
#: By so much clocks of clients may be behind.
_SLACK: Final = 300
#: No session has this number.
_NO_KEY: Final = 0
#: Sort keys of requests that the store calls otherwise.
_ORDERS: Final = {"SESSIONSTARTTIME": "STARTTIME", "ATTENDEENAME": "NAME"}


class Asked(NamedTuple):
    """What is wanted. `zone`: of the dates in the answer."""

    wanted: HistoryFilter
    order: list[Order]
    page: lists.Page
    zone: int


async def asked(
    context: Context, request: BodyContentType, service: str, *, preliminary: bool, video_only: bool
) -> Asked:
    """Read a request.

    Args:
        service: whose runs are listed.
        preliminary: the list is one of preliminary data.
        video_only: audio-only sessions are left out.

    Raises:
        Fault: 000015 for a host that the site does not know, 000018 and 000047 for preliminary data, 999999 for half a
            scope, a date that cannot be read, a zone that does not exist, a negative start.
    """
    zone = lists.zone_or(_sent(request, "time_zone_id"), timezones.GMT, "timeZoneID")
    started = _scope(request, "start_time_scope", "session_start_time", "startTimeScope/sessionStartTime", zone)
    ended = _scope(request, "end_time_scope", "session_end_time", "endTimeScope/sessionEndTime", zone)
    control = _sent(request, "list_control")
    fields = _sent(request, "pso_fields")
    wanted = HistoryFilter(
        site_id=context.site.site.site_id,
        service=service,
        since=context.now - (PRELIMINARY_WINDOW if preliminary else WINDOW),
        audio_only=False if video_only else None,
        host_id=await host_of(context, given(_sent(request, "host_web_ex_id"))),
        any_of=control is not None and control.list_method == "OR",
        started_from=started[0],
        started_to=started[1],
        ended_from=ended[0],
        ended_to=ended[1],
        name_prefix=session_lists.folded(_sent(request, "conf_name")),
        session_key=await _key(context, request),
        conf_id=_sent(request, "conf_id"),
        pso_field=given(fields.pso_field1) if fields is not None else None,
        account_key=session_lists.folded(_sent(request, "account")),
        opportunity_key=session_lists.folded(_sent(request, "opportunity")),
    )
    if preliminary:
        _check_preliminary(context, wanted)
        page = lists.Page(1, 1, lists.LARGEST_PAGE)
    else:
        page = lists.page(control)
    return Asked(wanted, _order(request), page, zone)


def _sent(request: BodyContentType, name: str) -> Any:
    """The value of an element; None when it was not sent, or the request has no such element."""
    return getattr(request, name, None)


def _scope(
    request: BodyContentType, name: str, prefix: str, path: str, zone: int
) -> tuple[int, int] | tuple[None, None]:
    """Both ends of a scope, None without one."""
    sent = _sent(request, name)
    if sent is None:
        return None, None
    start, end = lists.scope_of_dates(getattr(sent, f"{prefix}_start"), getattr(sent, f"{prefix}_end"), zone)
    if start is not None and end is not None:
        return start, end
    if start is None and end is None:
        return None, None
    raise faults.MISSING_ELEMENT(path=f"{path}{'Start' if start is None else 'End'}")


def sees_all(caller: Caller | User) -> bool:
    """Whether somebody looks back on the sessions of all hosts of the site, and not only on his own."""
    return caller.site_admin or caller.ro_site_admin


async def host_of(context: Context, web_ex_id: str | None) -> int | None:
    """Whose sessions are listed: everybody's (None) or the named host's for administrators, else the own ones.

    Whom a host names does not matter (facts/training-history.md 2.0).
    """
    caller = context.caller
    if not sees_all(caller):
        return caller.user_id
    if web_ex_id is None:
        return None
    host = await users.by_web_ex_id(context.engine, context.site.site.site_id, web_ex_id.strip().casefold())
    if host is None:
        raise faults.NOTHING_FOUND()
    return host.user_id


async def _key(context: Context, request: BodyContentType) -> int | None:
    """The session that is named, by its UUID or else by its number, which meetings call otherwise."""
    uuid = given(_sent(request, "meeting_uuid"))
    if uuid is not None:
        found = await runs.key_of_uuid(context.engine, context.site.site.site_id, uuid.strip().lower())
        return _NO_KEY if found is None else found
    key: int | None = _sent(request, "session_key")
    return _sent(request, "meeting_key") if key is None else key


def _order(request: BodyContentType) -> list[Order]:
    sent = _sent(request, "order")
    pairs = lists.ordering(sent.order_by, sent.order_ad) if sent is not None else []
    return [Order(_ORDERS.get(name, name), falling) for name, falling in pairs]


def _check_preliminary(context: Context, wanted: HistoryFilter) -> None:
    start, end = wanted.started_from, wanted.started_to
    filters = (wanted.conf_id, wanted.name_prefix, wanted.session_key, start)
    if all(each is None for each in filters):
        raise faults.FILTER_NEEDED()
    if start is not None and end is not None:
        too_wide = end - start > PRELIMINARY_WINDOW
        if too_wide or start < context.now - PRELIMINARY_WINDOW - _SLACK:
            raise faults.RANGE_OVER_TWO_WEEKS()
