"""What a site's activated accounts may hold together: session types, and what the own pages offer.

Only what is limited is counted. A counter is made by looking at all accounts when a limit is first met, moves with
every change in the transaction of that change, and is forgotten when the site's limits change.
Sources: facts/exceptions.json 110055 (session types) and 030015 to 030017 (myWebEx).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from parley.domain.site import SessionType, Site
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.services.profiles import profile_of
from parley.services.session_types import stored_type
from parley.store import Changes, Engine, quotas, users

#: Values of one account above this are counted as this, so that sums stay numbers that databases hold.
_MOST: Final = 10**9


class _Limit(NamedTuple):
    """How much there may be, and what is answered to whoever wants more."""

    most: int
    fault: Callable[[], Fault]


async def settle_quotas(
    engine: Engine,
    changes: Changes,
    site: Site,
    types: Mapping[int, SessionType],
    before: User | None,
    after: User,
) -> None:
    """See to it that an account does not hold more than the site has left, whoever else writes.

    Args:
        changes: what makes the account so; it gets the new counts, on condition that there is room.
        types: the site's session types by number.
        before: the account so far, None for a new one.

    Raises:
        Fault: 110055 or 030015 to 030017.
    """
    limits = _limits(site, types)
    if not limits:
        return
    if before is not None and (before.document, before.status) == (after.document, after.status):
        return
    had, has = _held(before), _held(after)
    for name, limit in limits.items():
        by = has.get(name, 0) - had.get(name, 0)
        if by:
            await _move(engine, changes, site.site_id, name, by, limit)


async def _move(engine: Engine, changes: Changes, site_id: int, name: str, by: int, limit: _Limit) -> None:
    used = await quotas.used(engine, site_id, name)
    counted = used if used is not None else await _counted(engine, site_id, name)
    if by > 0 and counted + by > limit.most:
        raise limit.fault()
    if used is None:
        quotas.start(changes, site_id, name, counted + by)
    else:
        quotas.move(changes, site_id, name, by, limit.most if by > 0 else None)


async def _counted(engine: Engine, site_id: int, name: str) -> int:
    return sum([_held(user).get(name, 0) async for user in users.every(engine, site_id)])


def _limits(site: Site, types: Mapping[int, SessionType]) -> dict[str, _Limit]:
    """What the site limits, by the names of the counters."""
    own, found = site.settings.my_web_ex, {}
    for name, most, kind in (
        ("pro_hosts", own.pro_hosts, faults.MY_WEB_EX_PRO_LIMIT),
        ("extra_storage", own.extra_storage, faults.STORAGE_LIMIT),
        ("extra_computers", own.extra_computers, faults.COMPUTER_LIMIT),
    ):
        if most is not None:
            found[name] = _Limit(most, lambda kind=kind, most=most: kind(limit=most))  # type: ignore[misc]
    for each in types.values():
        most = stored_type(each).max_holders
        if most is not None:
            found[_of_type(each.type_id)] = _Limit(
                most,
                lambda each=each: faults.SESSION_TYPE_LIMIT(name=each.name, value=str(each.type_id)),  # type: ignore[misc]
            )
    return found


def _of_type(type_id: int) -> str:
    return f"type/{type_id}"


def _held(user: User | None) -> dict[str, int]:
    """What an account holds, by the names of the counters; one that is not activated holds nothing."""
    if user is None or user.status != "ACTIVATED":
        return {}
    profile = profile_of(user)
    held = {_of_type(each): 1 for each in profile.meeting_types.meeting_type} if profile.meeting_types else {}
    own = profile.my_web_ex
    if own is not None:
        held["pro_hosts"] = int(bool(own.is_my_web_ex_pro))
        held["extra_storage"] = _bounded(own.additional_recording_storage)
        held["extra_computers"] = _bounded(own.my_computer)
    return held


def _bounded(value: int | None) -> int:
    return min(max(value or 0, 0), _MOST)
