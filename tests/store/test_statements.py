"""The statements themselves: compiled for both databases, never without a site, always in one order."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from types import ModuleType

import msgspec
import pytest
from sqlalchemy import Table

from parley.domain.history import Run, Stay
from parley.domain.labs import Lab, Reservation
from parley.domain.recording import Access, HostedRecording, Recording
from parley.domain.session import Attendee, HostedSession, Session
from parley.domain.site import SessionType, Site
from parley.domain.user import User
from parley.store import (
    Changes,
    address_books,
    assertions,
    audit,
    email_changes,
    engine_for,
    history_lists,
    labs,
    one_click,
    outbox,
    password_history,
    past_runs,
    profile_numbers,
    quotas,
    recorded_events,
    recording_accesses,
    recording_lists,
    recordings,
    room_homes,
    runs,
    sales,
    session_lists,
    session_templates,
    sessions,
    sign_in_failures,
    sites,
    support_queues,
    support_staff,
    tables,
    tickets,
    training_tests,
    usage,
    user_images,
    user_lists,
    users,
)
from parley.store.query import Query, padded
from tests.store.builders import a_session, a_site, a_type, a_user, an_attendee

MODULES = (
    *(sites, users, user_lists, sessions, session_lists, tickets, outbox),
    *(assertions, email_changes, user_images, session_templates, support_queues, support_staff),
    *(password_history, sign_in_failures, quotas, profile_numbers),
    *(address_books, one_click, sales, labs),
    *(runs, history_lists, past_runs, usage, audit, room_homes),
    *(recordings, recording_lists, recording_accesses, recorded_events),
    training_tests,
)


def _queries() -> Iterator[tuple[str, Query]]:
    for module in MODULES:
        for name, value in vars(module).items():
            if isinstance(value, Query):
                yield f"{_short(module)}.{name}", value


def _short(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


@pytest.mark.parametrize(
    ("cls", "table"),
    [
        (Site, tables.sites),
        (SessionType, tables.session_types),
        (User, tables.users),
        (Session, tables.sessions),
        (Attendee, tables.attendees),
        (tickets.Ticket, tables.login_tickets),
        (outbox.Message, tables.outbox),
        (email_changes.EmailChange, tables.email_changes),
        (user_images.UserImage, tables.user_images),
        (session_templates.SessionTemplate, tables.session_templates),
        (password_history.OldPassword, tables.password_history),
        (address_books.Contact, tables.contacts),
        (address_books.DistList, tables.dist_lists),
        (Run, tables.runs),
        (Stay, tables.stays),
        (sales.CustomerAccount, tables.sales_accounts),
        (sales.Opportunity, tables.opportunities),
        (sales.Product, tables.products),
        (Lab, tables.labs),
        (Reservation, tables.lab_reservations),
        (Recording, tables.recordings),
        (Access, tables.recording_accesses),
    ],
)
def test_entities_and_tables_have_the_same_fields_in_the_same_order(cls: type[msgspec.Struct], table: Table) -> None:
    more = [*users._KEYS] if table is tables.users else []  # made from the others when a row is written
    assert [*cls.__struct_fields__, *more] == [column.name for column in table.columns]


def test_a_hosted_session_is_a_session_with_four_columns_of_its_host_and_its_people() -> None:
    assert len(HostedSession.__struct_fields__) == len(sessions.HOSTED_COLUMNS) + 1
    assert [*HostedSession.__struct_fields__[-5:-1]] == [f"host_{column.name}" for column in sessions.HOST_COLUMNS]
    assert sessions.WITH_PEOPLE[:-1] == sessions.HOSTED_COLUMNS


def test_a_hosted_recording_is_a_recording_with_four_columns_of_its_owner() -> None:
    assert len(HostedRecording.__struct_fields__) == len(recordings.HOSTED)
    owner = recordings.HOSTED[len(Recording.__struct_fields__) :]
    assert [*HostedRecording.__struct_fields__[-4:]] == [f"host_{column.name}" for column in owner]


@pytest.mark.parametrize("table", tables.metadata.tables.values(), ids=str)
def test_keys_and_indexes_begin_with_the_site(table: Table) -> None:
    if table.name in ("meta", "sites"):
        return
    assert next(iter(table.primary_key.columns)).name == "site_id"
    for index in table.indexes:
        assert next(iter(index.columns)).name == "site_id"
    for constraint in table.foreign_key_constraints:
        assert constraint.column_keys[0] == "site_id"
        assert constraint.elements[0].column.name == "site_id"


@pytest.mark.parametrize(("name", "query"), [pytest.param(*each, id=each[0]) for each in _queries()])
def test_every_statement_names_the_site(name: str, query: Query) -> None:
    for text, _ in (query.for_sqlite(), query.for_postgres()):
        assert "\n" not in text
        if name != "sites._ALL":
            assert "site_id" in text or "sites.name =" in text
        assert "POSTCOMPILE" not in text


def test_lengths_of_choices_are_powers_of_two() -> None:
    assert padded((1,)) == (1,)
    assert padded((1, 2, 3)) == (1, 2, 3, 3)
    assert [len(padded(range(size))) for size in (1, 2, 3, 5, 256, 257)] == [1, 2, 4, 8, 256, 512]


def test_a_set_touches_tables_in_one_order_whatever_was_added_first() -> None:
    site = a_site()
    host = a_user(site.site_id)
    session = a_session(site.site_id, host.user_id)
    writes: list[Callable[[Changes], object]] = [
        lambda changes: outbox.put(changes, [outbox.Message(site.site_id, 1, "mail")]),
        lambda changes: sessions.create_session(changes, session, [an_attendee(session)]),
        lambda changes: users.create(changes, host),
        lambda changes: sites.create(changes, site, [a_type(site.site_id)]),
    ]
    orders = []
    for some in (writes, writes[::-1]):
        changes = Changes()
        for write in some:
            write(changes)
        orders.append([step.query for step in changes.steps()])
    assert orders[0] == orders[1]
    written = [query.statement.table.name for query in orders[0][:-3]]  # type: ignore[attr-defined]
    assert written == ["sites", "session_types", "users", "sessions", "attendees", "outbox", "account_log", "labs"]
    counters = [table.info["rank"] for table in (tables.session_days, tables.user_totals, tables.user_revisions)]
    assert [query.rank for query in orders[0][-3:]] == counters


def test_counters_are_summed_and_sorted() -> None:
    counter = sessions._COUNT_DAY
    changes = Changes()
    kind = ("PUBLIC", "MeetingCenter", 3)
    for day, by in ((5, 1), (3, 1), (5, -1), (4, 2), (3, 1)):
        changes.tally(counter, 1, False, day, *kind, by=by)
    assert [step.args for step in changes.steps()] == [(1, False, 3, *kind, 2), (1, False, 4, *kind, 2)]
    changes = Changes()
    changes.tally(counter, 1, False, 3, *kind, by=1)
    assert changes
    changes.tally(counter, 1, False, 3, *kind, by=-1)
    assert not changes


def test_the_hot_read_searches_by_keys_only(sqlite_database: str) -> None:
    """One index probe per table, no sort, no scan: what makes it cost microseconds."""
    asyncio.run(_started(sqlite_database))
    connection = sqlite3.connect(sqlite_database)
    try:
        for login in ("web_ex_id_key", "email_key"):
            for key, whole in (("session_key", False), ("session_key", True), ("uuid", False)):
                text, _ = users._caller_query(login, key, whole).for_sqlite()
                plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", (1, 2, 3))]
                assert len(plan) == 4
                assert all(step.startswith("SEARCH") for step in plan)
    finally:
        connection.close()


async def _started(database: str) -> None:
    engine = engine_for(database)
    await engine.start()
    await engine.stop()
