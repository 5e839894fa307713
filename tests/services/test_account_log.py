"""Who changed which account: told for every way in which accounts change, without a value."""

from __future__ import annotations

import asyncio
import html
import json
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from parley.domain.user import User
from parley.seeing import asked
from parley.services.errands import Errands
from parley.services.history import keeping
from parley.services.history.keeping import ACCOUNT_LOG_SECONDS
from parley.store import Changes, account_log, users
from parley.store.account_log import AccountEntry
from tests.server import Server, TestSite
from tests.web.console import Person

SECRET = "Zq9-Secret-1"


def entries(site: TestSite, web_ex_id: str | None = None) -> list[AccountEntry]:
    """The log without what made the site, the newest first."""
    engine = site.server.application.engine
    found = site.server.run(account_log.latest(engine, site.site_id, 100, web_ex_id))
    return [each for each in found if each.channel != "SERVER" or each.web_ex_id == "x"]


def create(site: TestSite, name: str = "newcomer") -> None:
    site.client("admin").call(
        "user.CreateUser",
        f"<firstName>New</firstName><lastName>Comer</lastName><webExId>{name}</webExId>"
        f"<email>{name}@log.example</email><password>{SECRET}</password>"
        "<privilege><host>TRUE</host></privilege><active>ACTIVATED</active>",
    ).ok()


def test_accounts_that_programs_make_and_change(site: TestSite) -> None:
    create(site)
    admin = site.client("admin")
    for change in (
        "<firstName>Newer</firstName><phones><phone>5</phone></phones>",
        f"<password>{SECRET}-2</password>",
        "<privilege><siteAdmin>TRUE</siteAdmin></privilege>",
        "<active>DEACTIVATED</active>",
        "<active>ACTIVATED</active>",
    ):
        admin.call("user.SetUser", f"<webExId>newcomer</webExId>{change}").ok()
    found = entries(site, "NEWCOMER")[::-1]
    assert [each.what for each in found] == ["created", "changed", "password", "roles", "deactivated", "activated"]
    assert {(each.author, each.channel, each.web_ex_id) for each in found} == {("admin", "API", "newcomer")}
    assert "first_name" in found[1].fields.split()
    assert len(found[1].fields.split()) == 2
    assert "password" in found[2].fields.split()
    assert "site_admin" in found[3].fields.split()
    for entry in found:
        assert SECRET not in str(entry)
        assert "Newer" not in str(entry)
        assert "@log.example" not in str(entry)


def test_what_changes_nothing_or_fails_is_not_told(site: TestSite) -> None:
    create(site)
    before = len(entries(site))
    admin = site.client("admin")
    admin.call("user.SetUser", "<webExId>newcomer</webExId><firstName>New</firstName>").ok()
    assert admin.call("user.SetUser", "<webExId>newcomer</webExId><email>no address</email>").code is not None
    assert len(entries(site)) == before


def test_an_own_change_is_told_of_oneself_and_sites_see_their_own(site: TestSite) -> None:
    site.client("host1").call("user.SetUser", "<webExId>host1</webExId><lastName>Other</lastName>").ok()
    (entry,) = entries(site)
    assert (entry.author, entry.web_ex_id, entry.fields) == ("host1", "host1", "last_name")
    assert entries(site.server.new_site()) == []


def test_a_lock_by_wrong_passwords_is_told_of_nobody_and_the_api(server: Server) -> None:
    site = server.new_site(lock_after_failures=3, lock_minutes=None)
    for number in range(3):
        site.client("host1", f"wrong {number}").call("user.GetUser", webExId="host1").failed("030002")
    found = server.run(account_log.latest(server.application.engine, site.site_id, 100, "host1"))
    assert [(each.author, each.channel, each.what) for each in found[:1]] == [("", "API", "locked")]


def test_the_entry_and_the_change_are_one_transaction(site: TestSite) -> None:
    engine = site.server.application.engine
    user = site.server.run(users.by_web_ex_id(engine, site.site_id, "host1"))
    assert user is not None
    stale = msgspec.structs.replace(user, version=user.version + 7)
    changes = Changes()
    users.update_user(changes, stale, msgspec.structs.replace(stale, first_name="Lost"))
    before = site.server.run(account_log.latest(engine, site.site_id))
    with pytest.raises(Exception, match="rows"):
        site.server.run(engine.commit(changes))
    assert site.server.run(account_log.latest(engine, site.site_id)) == before


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"locked": True}, "locked"),
        ({"credential_version": 2}, "signed_out"),
        ({"document": '{"a": 1, "c": 3}'}, "changed"),
        ({"modified_at": 9, "version": 5}, None),
    ],
)
def test_what_it_is_called(changed: dict[str, object], what: str | None) -> None:
    before = User(1, 2, "x", "x", "x@x", "x@x", document='{"a": 1, "b": 2}')
    changes = Changes()
    account_log.put_changed(changes, before, msgspec.structs.replace(before, **changed))
    rows = [row for step in changes.steps() for row in step.rows or [step.args]]
    assert [row[7] for row in rows] == ([] if what is None else [what])
    if what == "changed":
        assert rows[0][8] == "b c"


def test_who_acts_without_a_request() -> None:
    assert asked.actor() == ("", "SERVER")
    with asked.acting_as("root", "CLI"):
        assert asked.actor() == ("root", "CLI")
    assert asked.actor() == ("", "SERVER")


def test_the_command_line_writes_and_shows_it(sqlite_database: str, tmp_path: Path) -> None:
    def parley(*words: str) -> str:
        code = "from parley.cli import main; main()"
        command = [sys.executable, "-c", code, *words, "--data", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, input=f"{SECRET}\n")
        return done.stdout

    assert Path(sqlite_database).parent == tmp_path
    parley("site", "create", "acme")
    names = ("--first-name", "Big", "--last-name", "Boss", "--email", "boss@acme.example")
    parley("user", "create", "acme", "boss", *names, "--password", SECRET)
    parley("user", "set-password", "acme", "boss", "--password", f"{SECRET}-2")
    told = json.loads(parley("user", "log", "acme", "--json"))
    assert [each["what"] for each in told] == ["password", "created"]
    assert {each["from"] for each in told} == {"CLI"}
    assert all(each["by"] for each in told)
    assert SECRET not in json.dumps(told)
    assert "password" in parley("user", "log", "acme", "--account", "boss", "--maximum", "1")


def test_what_is_older_than_two_years_is_forgotten(server: Server) -> None:
    application, sites = server.application, [server.new_site() for _ in range(2)]
    now = server.clock.now()
    for site in sites:
        before = User(site.site_id, 2, "x", "x", "x@x", "x@x")
        changes = Changes()
        for age in (0, ACCOUNT_LOG_SECONDS - 600, ACCOUNT_LOG_SECONDS + 600):
            after = msgspec.structs.replace(before, locked=True, modified_at=now - age)
            account_log.put_changed(changes, before, after)
        server.run(application.engine.commit(changes))

    def ages() -> list[list[int]]:
        return [[now - each.changed_at for each in entries(site, "x")] for site in sites]

    with_old = [0, ACCOUNT_LOG_SECONDS - 600, ACCOUNT_LOG_SECONDS + 600]
    assert ages() == [with_old, with_old]
    server.run(keeping.forget_accounts(application.engine, sites[0].site_id, now))
    assert ages() == [with_old[:2], with_old]
    server.run(Errands(application).tidy())
    assert ages() == [with_old[:2], with_old[:2]]


def test_reading_goes_by_an_index(sqlite_database: str) -> None:
    from parley.store import engine_for

    async def plan() -> str:
        engine = engine_for(sqlite_database)
        await engine.start()
        try:
            text, arrange = account_log._LATEST.for_sqlite()
            values = (1, 1) if arrange is None else arrange((1, 1))
            rows = engine._execute(f"EXPLAIN QUERY PLAN {text}", values).fetchall()  # type: ignore[attr-defined]
            return " ".join(str(row[3]) for row in rows)
        finally:
            await engine.stop()

    assert "ix_account_log_time" in asyncio.run(plan())


def test_pages_of_the_log_in_the_console(site: TestSite) -> None:
    server, now = site.server, site.server.clock.now()
    changes = Changes()
    for number in range(120):  # many of them in the same second
        before = User(site.site_id, 2, f"person{number}", f"person{number}", "x@x", "x@x")
        with asked.acting_as("root", "CLI"):
            after = msgspec.structs.replace(before, locked=True, modified_at=now + 60 + number // 50)
            account_log.put_changed(changes, before, after)
    server.run(server.application.engine.commit(changes))
    with closing(Person(site, "admin")) as admin:

        def turned(page: str, word: str) -> str:
            link = re.search(rf'console/(admin/audit\?[^"]*(?:earlier|later)=[^"]+)">{word}', page)
            assert link is not None
            return admin.open(html.unescape(link[1]))

        def shown(page: str) -> list[int]:
            return [int(number) for number in re.findall(r">person(\d+)<", page)]

        first = admin.open("admin/audit?who=root")
        second = turned(first, "Older")
        third = turned(second, "Older")
        pages = [shown(each) for each in (first, second, third)]
        assert [len(each) for each in pages] == [50, 50, 20]
        everyone = [number for page in pages for number in page]
        assert sorted(everyone) == list(range(120))
        assert [number // 50 for number in everyone] == [2] * 20 + [1] * 50 + [0] * 50
        assert ("Nobody" in second, ">Older" in third) == (False, False)
        assert shown(turned(third, "Newer")) == pages[1]
        assert shown(turned(admin.page, "Newer")) == pages[0]
        assert ">Newer" not in admin.page
        for odd in ("earlier=x", "later=1", "earlier=-1-2", f"later={'9' * 12}-{'9' * 19}", f"earlier={'9' * 30}"):
            assert shown(admin.open(f"admin/audit?who=root&{odd}")) == pages[0], odd


def test_administrators_see_it_in_the_console(site: TestSite) -> None:
    create(site)
    with closing(Person(site, "admin")) as admin:
        assert admin.open("admin/audit").count("Account made") >= 1
        page = admin.open("admin/audit?who=ADMIN")
        assert page.count("newcomer") == 1
        assert SECRET not in page
        assert "newcomer" not in admin.open("admin/audit?who=host1")
