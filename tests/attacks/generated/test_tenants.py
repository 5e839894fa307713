"""What belongs to another site, or to another host, in every place of every operation.

Places come from the contract, what is put there from the rows of a site that has one of everything: each value of each
column and of each field of a document in one, that the caller's own site has not. So a new operation, element or table
is tried without a word here. For another site's things four things must hold:

* what comes back tells nothing of the other site;
* of operations that keep nothing it is what comes back for a value of the same form that nobody has, with the same
  code and reason (for the others see `tests/services/test_tenant_crossing.py`);
* no row of the other site is different afterwards;
* no error is logged for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import pytest
from lxml import etree

from parley.services.registry import Operation, operations
from parley.services.roles import Role
from parley.store import tables
from tests.attacks.generated.amounts import some
from tests.attacks.generated.contract import content, readers
from tests.attacks.generated.loot import DIGIT, DIGITS, Loot, Scene, twin
from tests.attacks.generated.wire import Reply, Wire
from tests.attacks.generated.worlds import Rows, new_cast, rows_of
from tests.services.test_roles import SAMPLES, Cast
from tests.services.test_tenant_crossing import OWNER, TOLD_ON_THE_SITE, own_everything

#: Operations after whose success the next call gets something new to be called on.
_ONCE: Final = (
    *("Create", "Del", "Register", "Add", "Upload", "Copy", "Recover", "Activate", "Inactivate", "Reserve", "Send"),
)
_FOREIGN_ROLES: Final = (Role.HOST_OWN, Role.ADMIN, Role.ATTENDEE)
_HOST_ROLES: Final = (Role.HOST_OTHER, Role.ATTENDEE)


def sample_of(cast: Cast, operation: Operation, role: Role) -> etree._Element:
    """The content of a call that succeeds for those who may make it; callers keep their accounts."""
    if operation.name in ("SetUser", "DelUser"):
        return content({"webExId": cast.throwaway()})
    return content(SAMPLES[operation.name](cast, role))


def same(reply: Reply, value: str) -> tuple[str, str, str]:
    """Result, code and reason, without what was sent and without numbers."""
    reason = re.sub(rf"(?<!\w){re.escape(value.casefold())}(?!\w)", "#", reply.reason.casefold())
    return reply.result, reply.code, DIGITS.sub("#", reason)


def _entries(wire: Wire) -> Sequence[Operation]:
    """All operations on SQLite, a slice of them on PostgreSQL; those first that keep nothing of what they are sent."""
    every = operations() if wire.server.config.database is None else some(operations(), 20, "slice")
    return sorted(every, key=lambda each: each not in readers())


def test_a_full_site_has_something_in_every_kind_of_place(foreign: Scene) -> None:
    assert len(foreign.loot.names) > 60
    assert len(foreign.loot.secrets) > 150
    assert len({twin(each) for each in foreign.loot.names} & set(foreign.loot.names)) == 0


def test_what_belongs_to_another_site_is_nowhere_to_be_had(foreign: Scene) -> None:
    foreign = foreign.anew()
    before = rows_of(foreign.wire, foreign.there)
    for operation in _entries(foreign.wire):
        for role in some(_FOREIGN_ROLES, 1, operation.name):
            _attack(foreign, operation, role)
        after = rows_of(foreign.wire, foreign.there)
        foreign.holes += [("changed", operation.name, table) for table in before if after[table] != before[table]]
    assert not foreign.holes, "\n".join(map(str, foreign.holes))
    assert foreign.sent > 400


def _attack(scene: Scene, operation: Operation, role: Role) -> None:
    """Put what belongs to the others into every place, and what belongs to nobody."""
    sample = sample_of(scene.cast, operation, role)
    for leaf, value in scene.tries(operation, role):
        seen = []
        for each in (twin(value), value) if operation in readers() else (value,):
            reply = scene.call(operation, role, sample, leaf, each)
            if told := scene.told(reply, value):
                scene.holes.append(("told", operation.name, role.name, leaf.name, value, *told))
            seen.append(same(reply, each))
            if reply.result == "SUCCESS" and operation.name.startswith(_ONCE):
                sample = sample_of(scene.cast, operation, role)
        # Names that somebody gave to what is his own are known from then on, so operations that keep nothing tell.
        if seen[0] != seen[-1]:
            scene.holes.append(("known", operation.name, role.name, leaf.name, value, str(seen)))


# ---- hosts of one site ----------------------------------------------------------------------------------------------

#: For the number of a session these tell every account of the site its other numbers, and how to ask to be let in.
_BY_NUMBER: Final = frozenset({"GetjoinurlMeeting", "GetSessionInfo", "GetJoinSessionInfo"})
_NUMBER: Final = re.compile("m?[0-9a-f]{9,32}")
#: Tables whose rows count, remember or wait, and are written with what anybody does.
_COUNTERS: Final = frozenset(
    {"sites", "session_days", "run_days", "user_totals", "user_revisions"}
    | {"recording_usage", "quotas", "audit_log", "users"}
)


def _things(after: Rows, before: Rows) -> Rows:
    """The rows that came in between, of tables that hold things."""
    return {
        name: [row for row in found if row not in before[name]]
        for name, found in after.items()
        if name not in _COUNTERS
    }


def _about(rows: Rows, keys: frozenset[Any]) -> Rows:
    """The rows that have one of these things in their key: itself, and what hangs on it."""
    found = {}
    for name, kept in rows.items():
        table = tables.metadata.tables[name]
        places = [list(table.c).index(column) for column in table.primary_key.columns]
        found[name] = [row for row in kept if any(row[place] in keys for place in places)]
    return found


def _is_numbers(operation: Operation, told: set[str]) -> bool:
    """Whether all that is told are further numbers of a session, by an operation that gives them for one of them."""
    return operation.name in _BY_NUMBER and all(_NUMBER.fullmatch(each) for each in told)


@pytest.fixture(scope="module")
def inside(wire: Wire) -> Scene:
    """Hosts of a site, who are after what belongs to another host of it and is not listed."""
    cast = new_cast(wire, OWNER)
    before = rows_of(wire, cast.site.site_id)
    owned = own_everything(cast.site)
    owned.client.call("ep.DelSession", sessionKey=owned.values["sessionKey"][3]).ok()  # calls are never hidden
    things = _things(rows_of(wire, cast.site.site_id), before)
    return Scene(wire, cast, Loot.of(things, before), cast.site.site_id, cast)


def _keys(scene: Scene) -> frozenset[Any]:
    """The numbers and secret names of the things, without those of people."""
    names = {each for each in scene.loot.everything if len(each) > 8 and len(DIGIT.findall(each)) > 3}
    people = {row[1] for row in rows_of(scene.wire, scene.there)["users"]} | {scene.there}
    return frozenset(int(each) if each.isdigit() else each for each in names) - people


def test_what_belongs_to_another_host_is_his(inside: Scene) -> None:
    wire, site_id, keys = inside.wire, inside.there, _keys(inside)
    before = _about(rows_of(wire, site_id), keys)
    assert sum(len(found) for found in before.values()) > 20
    for operation in _entries(wire):
        if operation.name in TOLD_ON_THE_SITE:
            continue
        for role in some(_HOST_ROLES, 1, operation.name):
            sample = sample_of(inside.cast, operation, role)
            for leaf, value in inside.tries(operation, role):
                reply = inside.call(operation, role, sample, leaf, value)
                told = inside.told(reply, value)
                if told and not _is_numbers(operation, told):
                    inside.holes.append(("told", operation.name, role.name, leaf.name, value, *told))
                if reply.result == "SUCCESS" and operation.name.startswith(_ONCE):
                    sample = sample_of(inside.cast, operation, role)
        after = _about(rows_of(wire, site_id), keys)
        for table, rows in before.items():
            if after[table] != rows:
                changed = set(map(repr, after[table])) ^ set(map(repr, rows))
                inside.holes.append(("changed", operation.name, table, *changed))
        before = after
    assert not inside.holes, "\n".join(map(str, inside.holes))
