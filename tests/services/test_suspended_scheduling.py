"""A suspended site, operation by operation: what may be scheduled there, below level 42.5 and from it on."""

from __future__ import annotations

import pytest

from parley.domain.site import SupportQueue
from parley.services.registry import Operation, operations
from parley.services.roles import Role
from tests.server import Server, TestSite
from tests.services.sales_sites import with_sales
from tests.services.test_roles import NOT_THERE, SAMPLES, Cast

SUSPENDED = "010107"
#: Everything that schedules, lists, reads or cancels sessions but trainings.
MODULES = {"meeting", "teleconference", "attendee", "event", "supportsession", "sales", "ep"}
#: What schedules a session or changes one.
SCHEDULING = {
    *("CreateMeeting", "SetMeeting", "CreateEvent", "SetEvent", "CreateSupportSession"),
    *("CreateTeleconferenceSession", "SetTeleconferenceSession", "CreateSalesSession", "SetSalesSession"),
}
OPERATIONS = [each for each in operations() if each.module in MODULES and each.name in SAMPLES]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def cast(request: pytest.FixtureRequest) -> Cast:
    """A site that tests suspend, once per kind of database."""
    name = "sqlite_server" if request.param == "sqlite" else "postgres_backed_server"
    server: Server = request.getfixturevalue(name)
    site = with_sales(server.new_site(support_queues=[SupportQueue("first")]))
    made = Cast(site, site)
    server.run(made.add(site, "host3"))
    return made


def called_on_suspended(cast: Cast, entry: Operation, level: str) -> str | None:
    """The code of a call by whom it belongs to, on the site suspended at this level."""
    site: TestSite = cast.site
    role = next(each for each in (Role.HOST_OWN, Role.ADMIN) if entry.row.outcome(each) is None)
    sample = SAMPLES[entry.name](cast, role)
    site.set(level=level, suspended=True)
    try:
        return cast.client(role).call(f"{entry.module}.{entry.name}", sample).code
    finally:
        site.set(level="42.6.0", suspended=False)


@pytest.mark.parametrize("entry", OPERATIONS, ids=lambda entry: entry.name)
def test_operations_on_a_suspended_site(cast: Cast, entry: Operation) -> None:
    codes = [called_on_suspended(cast, entry, level) for level in ("42.4.0", "42.5.0", "42.6.0")]
    done = {None, *NOT_THERE}
    assert codes[0] in done
    if entry.name in SCHEDULING:
        assert codes[1:] == [SUSPENDED] * 2
    else:
        assert set(codes[1:]) <= done


def test_every_operation_that_schedules_is_among_them() -> None:
    assert {each.name for each in OPERATIONS} >= SCHEDULING
