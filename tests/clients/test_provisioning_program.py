"""A provisioning program keeps 500 accounts of a site for a while: made, changed, switched off and on, compared.

The accounts are made a hundred days ago and changed fifty days ago, since lists are asked for both kinds of dates.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from parley.domain.site import TrackingCode
from tests.clients.dialects import Elements
from tests.clients.meeting_program import Program, Refused
from tests.clients.programs import checker
from tests.clients.provisioning_program import (
    ADMIN_TOOL,
    DEPARTMENTS,
    Account,
    Person,
    Provisioner,
    SiteRules,
    made_up_password,
    read_table,
    refusals,
    write_table,
)
from tests.server import PASSWORD, Server, TestSite

COUNT = 500
DAY = 86_400
MADE, CHANGED = -100 * DAY, -50 * DAY
CODES = [
    TrackingCode(2, "Department", host_profile="REQUIRED", values=list(DEPARTMENTS)),
    TrackingCode(7, "Cost centre", host_profile="ADMIN_SET"),
]
#: Accounts that every site of the tests has.
FIRST_ACCOUNTS = ("admin", "host1", "host2", "attendee1")


@dataclass
class World:
    """A site with its people, and the program that keeps them."""

    site: TestSite
    people: list[Person]
    rules: SiteRules
    tool: Provisioner
    married: list[Person]
    left: list[Person]
    deletion: dict[str, str]
    now: int
    closing: ExitStack

    def as_user(self, person: Person) -> Provisioner:
        """The program, signed in as one of the people."""
        return provisioner(self.site, self.closing, person.login, made_up_password(person, self.rules))

    def active(self) -> list[Person]:
        """The people who still work here."""
        return [person for person in self.people if person.active]


def provisioner(site: TestSite, closing: ExitStack, user: str = "admin", password: str = PASSWORD) -> Provisioner:
    """The program for a site; every answer that it gets must be valid. Its connection ends with `closing`."""
    program = Program(site.server.url, {"siteName": site.name}, user, ADMIN_TOOL, checker(site))
    return Provisioner(closing.enter_context(program), password)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table of 500 people."""
    file = tmp_path_factory.mktemp("table") / "people.csv"
    write_table(file, COUNT)
    return file


@pytest.fixture(scope="module", params=list(itertools.product(("sqlite", "postgres"), ("42.1.0", "42.6.0"))), ids=str)
def world(request: pytest.FixtureRequest, table: Path) -> Iterator[World]:
    """A site at a level on a database, kept by the program for a hundred days; tests leave it as it is."""
    kind, level = request.param
    name = "sqlite_server" if kind == "sqlite" else "postgres_backed_server"
    server: Server = request.getfixturevalue(name)
    passwords = server.application.passwords
    usual = passwords._hasher
    # A password hash is costly by design; 500 of them need not be.
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    now = int(time.time())
    with ExitStack() as closing:
        try:
            yield kept_for_a_while(server, level, table, now, closing)
        finally:
            passwords._hasher = usual
            server.clock.ahead = 0


def kept_for_a_while(server: Server, level: str, table: Path, now: int, closing: ExitStack) -> World:
    """Everything that the program does, as far as all tests need it."""
    server.clock.ahead = MADE
    site = server.new_site(level, tracking_codes=CODES, host_limit=COUNT)
    tool, people = provisioner(site, closing), read_table(table)
    rules = tool.read_site()
    for person in people:
        assert tool.create(person, rules).isdecimal()
    server.clock.ahead = CHANGED
    for person in people[::25]:
        tool.move(person, DEPARTMENTS[(DEPARTMENTS.index(person.department) + 1) % len(DEPARTMENTS)], rules)
    married = people[7:500:50]
    for person in married:
        tool.marry(person, "Vale & D'Arcy-שלום", f"vale.{person.email}")
    tool.rename(people[3], "Renamed.0003")
    server.clock.ahead = 0
    left = people[40:80]
    deletion = tool.delete(left, "nobody", "admin", people[40].login.upper())
    for person in people[80:90]:
        tool.inactivate(person)
    for person in people[90:100]:
        tool.switch(person, active=False)
    for person in people[80:85]:
        tool.activate(person)
    tool.switch(people[95], active=True)
    return World(site, people, rules, tool, married, left, deletion, now, closing)


def logins(found: list[Account]) -> set[str]:
    return {account.web_ex_id for account in found}


def of(people: list[Person]) -> set[str]:
    return {person.login for person in people}


def written(instant: int) -> str:
    return time.strftime("%m/%d/%Y %H:%M:%S", time.gmtime(instant))


# --- what the site tells, what the program made -------------------------------------------------------------------


def test_the_site_tells_what_the_program_needs(world: World) -> None:
    rules = world.rules
    assert rules.name == world.site.name
    assert rules.tracking == {"Department": "trackingCode2", "Cost centre": "trackingCode7"}
    assert rules.values["Department"] == list(DEPARTMENTS)
    assert rules.demands == {"Department": "REQUIRED", "Cost centre": "ADMIN_SET"}
    assert [name for _, name in rules.meeting_types] == ["FRE", "PRO", "SC3", "AUO", "ONS", "ONS", "ONS", "TRS"]
    services = world.tool.session_types()
    assert list(services) == [number for number, _ in rules.meeting_types]
    assert services["104"] == "TrainingCenter"
    assert (rules.host_limit, rules.hosts) == (COUNT, 3)
    assert rules.password["minLength"] == "8"
    assert "passwd" in rules.forbidden
    since = world.site.level == "42.6.0"
    known = ("allowChangeFirstName", "allowChangeLastName", "allowChangeDisplayName", "AllowUploadPRAvatar")
    assert rules.profile_switches == (dict.fromkeys(known, True) if since else {})
    hosts = [person for person in world.active() if person.role != "attendee"]
    assert world.tool.read_site().hosts == len(hosts) + 3


def test_site_and_table_agree(world: World) -> None:
    assert world.tool.differences(world.people, world.rules, *FIRST_ACCOUNTS) == []
    assert world.tool.sign_ins == 3  # a ticket does not outlive the days in between
    person = next(each for each in world.people if each.role == "host" and each.active)
    assert world.tool.read(person.login)["company"] == person.company
    strayed = Person(**{**vars(person), "company": "Else", "login": person.login})
    told = world.tool.differences([strayed], world.rules, *FIRST_ACCOUNTS, *of(world.people[1:]))
    assert told[0] == f"{person.login}: company is {person.company}, not Else"


def test_everybody_can_sign_in_who_works_here(world: World) -> None:
    for person in (world.people[0], world.people[80], world.people[95], world.married[0]):
        assert world.as_user(person).read(person.login)["email"] == person.email
    gone = world.people[41]
    with pytest.raises(Refused, match="030008"):
        world.as_user(gone).read(gone.login)


def test_each_deletion_has_its_result(world: World) -> None:
    twice = world.people[40].login.upper()
    assert list(world.deletion)[-3:] == ["nobody", "admin", twice]
    failed = {login for login, status in world.deletion.items() if status != "SUCCESS"}
    assert failed == {"nobody", "admin"}
    assert not any(person.active for person in world.left)
    with pytest.raises(Refused, match="999999"):
        world.tool.delete(world.people[:51])
    assert world.tool.read(world.people[0].login)["active"] == "ACTIVATED"


# --- lists ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [37, 120, 500])
def test_pages_of_any_size_give_everybody_once(world: World, page: int) -> None:
    found = world.tool.listed(page=page)
    assert len(found) == len(logins(found)) == COUNT + len(FIRST_ACCOUNTS)
    assert logins(found) == of(world.people) | set(FIRST_ACCOUNTS)


def test_names_are_found_in_every_script(world: World) -> None:
    for first in sorted({person.first_name for person in world.people}):
        expected = of([person for person in world.people if person.first_name == first])
        assert logins(world.tool.listed([("firstName", first)])) == expected
    for name in ("VALE & D'ARCY-שלום", "ПЕТРОВ", "müller-WEISS", "ΠΑΠΑΔΌΠΟΥΛΟΣ"):
        expected = of([person for person in world.people if person.last_name.casefold() == name.casefold()])
        assert expected
        assert logins(world.tool.listed([("lastName", name)])) == expected


def test_filters_are_joined_as_asked(world: World) -> None:
    names: Elements = [("firstName", "小龙"), ("lastName", "O'Brien")]
    either = of([each for each in world.people if each.first_name == "小龙" or each.last_name == "O'Brien"])
    both = of([each for each in world.people if each.first_name == "小龙" and each.last_name == "O'Brien"])
    assert logins(world.tool.listed(names)) == both
    assert logins(world.tool.listed(names, method="OR")) == either
    person = world.people[33]
    assert logins(world.tool.listed([("email", person.email.upper())])) == {person.login}
    assert logins(world.tool.listed([("webExId", person.login.lower())])) == {person.login}
    assert logins(world.tool.listed([("email", person.email), ("webExId", world.people[34].login)])) == set()
    assert world.tool.listed([("email", "nobody@acme.example")]) == []


@pytest.mark.parametrize("whole", [False, True])
def test_states(world: World, whole: bool) -> None:
    on = world.tool.listed([("active", "ACTIVATED")], whole=whole)
    off = world.tool.listed([("active", "DEACTIVATED")], whole=whole)
    assert logins(on) == of(world.active()) | set(FIRST_ACCOUNTS)
    assert logins(off) == of(world.people) - of(world.active())
    assert world.tool.listed([("active", "REQUEST_TO_ACTIVATE")], whole=whole) == []


def test_roles(world: World) -> None:
    found = world.tool.listed(whole=True)
    for role, name in (("attendee", "attendeeOnly"), ("read-only admin", "roSiteAdmin")):
        expected = of([person for person in world.people if person.role == role])
        assert expected
        assert {each.web_ex_id for each in found if name in each.roles} - set(FIRST_ACCOUNTS) == expected
    by_login = {each.web_ex_id: each for each in found}
    assert {tuple(by_login[each.login].meeting_types) for each in world.people if each.role == "host"} == {("3", "104")}
    assert {tuple(by_login[each.login].meeting_types) for each in world.people if each.role == "attendee"} == {()}
    by_role = [each.web_ex_id for each in world.tool.listed([], [("orderBy", "PRIVILEGE"), ("orderAD", "DESC")])]
    assert by_role[0] == "admin"
    assert set(by_role[1:6]) == of([person for person in world.people if person.role == "read-only admin"])
    reader = next(person for person in world.active() if person.role == "read-only admin")
    looking = world.as_user(reader)
    assert len(looking.listed()) == len(found)
    with pytest.raises(Refused, match="000001"):
        looking.move(world.people[0], DEPARTMENTS[0], world.rules)


def test_dates_of_registration(world: World) -> None:
    def between(start: int, end: int) -> set[str]:
        scope: Elements = [
            ("regDateStart", written(world.now + start)),
            ("timeZoneID", "20"),
            ("regDateEnd", written(world.now + end)),
        ]
        return logins(world.tool.listed([("dataScope", scope)]))

    assert between(MADE - DAY, MADE + DAY) == of(world.people) | set(FIRST_ACCOUNTS)
    assert between(MADE + DAY, 0) == set()


def test_dates_of_changes_span_ninety_days_at_most(world: World) -> None:
    def between(start: int, end: int) -> set[str]:
        dates = [("modifiedDateStart", written(world.now + start)), ("modifiedDateEnd", written(world.now + end))]
        return logins(world.tool.listed(dates)) - set(FIRST_ACCOUNTS)

    today = of(world.people[40:100])
    moved = of([*world.people[::25], *world.married, world.people[3]]) - today
    assert between(-DAY, DAY) == today
    assert between(CHANGED - DAY, CHANGED + DAY) == moved
    assert between(MADE - DAY, MADE + DAY) == of(world.people) - today - moved
    assert between(-89 * DAY, DAY) == today | moved
    with pytest.raises(Refused, match="999999 Maximum date range is 90 days for modified date query"):
        between(MADE, 0)
    with pytest.raises(Refused, match="999999"):
        world.tool.listed([("modifiedDateStart", written(world.now + MADE))])


def test_three_sort_keys(world: World) -> None:
    order: Elements = [
        *(("orderBy", "LASTNAME"), ("orderAD", "ASC")),
        *(("orderBy", "FIRSTNAME"), ("orderAD", "DESC")),
        *(("orderBy", "WEBEXID"), ("orderAD", "ASC")),
    ]
    found = world.tool.listed([("active", "ACTIVATED")], order, page=50)
    rows = [(each.last_name.casefold(), each.first_name.casefold(), each.web_ex_id.casefold()) for each in found]
    expected = sorted(rows, key=lambda row: row[2])
    expected.sort(key=lambda row: row[1], reverse=True)
    expected.sort(key=lambda row: row[0])
    assert rows == expected
    assert len({row[0] for row in rows}) < len({row[:2] for row in rows}) < len(rows)


# --- suspension ----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["42.1.0", "42.6.0"])
def small_world(request: pytest.FixtureRequest, server: Server, table: Path) -> Iterator[World]:
    """As `world`, with two people, for a test that changes things."""
    with ExitStack() as closing:
        site = server.new_site(request.param, tracking_codes=CODES)
        tool, people = provisioner(site, closing), read_table(table)[10:12]
        rules = tool.read_site()
        for person in people:
            tool.create(person, rules)
        yield World(site, people, rules, tool, [], [], {}, int(time.time()), closing)


def test_before_during_and_after_a_suspension(small_world: World) -> None:
    site, tool, rules = small_world.site, small_world.tool, small_world.rules
    person, other = small_world.people
    own = small_world.as_user(person)
    refused = "010107" if site.level == "42.6.0" else ""
    numbers = itertools.count()

    def tries() -> list[str]:
        number = next(numbers)
        newcomer = Person(
            **{**vars(person), "login": f"new{number}", "email": f"new{number}@x.example", "role": "attendee"}
        )
        return refusals(
            [
                lambda: tool.create(newcomer, rules),
                lambda: tool.change(person.login, [("title", f"Dr. {number}")]),
                lambda: tool.change("admin", [("title", f"Boss {number}")]),
                lambda: tool.marry(person, person.last_name, person.email),
                lambda: own.change(person.login, [("officeGreeting", f"Gone & back {number}")]),
                lambda: own.change("host1", [("title", "x")]),
                lambda: tool.inactivate(other),
                lambda: tool.activate(other),
                lambda: tool.read(person.login),
                lambda: tool.listed([("webExId", person.login)]),
            ]
        )

    free = ["", "", "", "", "", "000001", "", "", "", ""]
    held = [refused, refused, refused, refused, "", "000001", "", "", "", ""]
    assert tries() == free
    site.set(suspended=True)
    assert tries() == held
    assert tool.read(person.login)["officeGreeting"] == "Gone & back 1"
    assert tool.read(person.login)["title"] == ("Dr. 0" if refused else "Dr. 1")
    assert logins(tool.listed([("email", "new1@x.example")])) == (set() if refused else {"new1"})
    site.set(suspended=False)
    assert tries() == free
    assert tool.read(person.login)["title"] == "Dr. 2"
    assert len(tool.listed([("active", "ACTIVATED")])) == len(FIRST_ACCOUNTS) + (4 if refused else 5)


# --- the program itself --------------------------------------------------------------------------------------------


def test_the_table_is_like_those_of_the_field(table: Path) -> None:
    people = read_table(table)
    assert len(people) == len(of(people)) == len({person.email.casefold() for person in people}) == COUNT
    everything = "".join(f"{person.first_name}{person.last_name}{person.company}" for person in people)
    assert all(each in everything for each in ("O'Brien", "&", "<", "“", "משה", "الأحمد", "山田", "김", "İ"))
