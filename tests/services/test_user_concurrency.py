"""Twenty administrators at the same accounts at once: no duplicate, no lost change, no failure of the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import msgspec
import pytest

from parley.store import Changes, users
from parley.store.user_lists import UserFilter, list_users
from tests.client import Answer, Client
from tests.server import Server, TestSite
from tests.services.test_user_provisioning import account, change, create, get

ADMINS = 20


@pytest.fixture
def admins(site: TestSite) -> list[Client]:
    """Twenty administrators, each with a session ticket of its own."""
    return crew(site)


def crew(site: TestSite) -> list[Client]:
    engine, source = site.server.application.engine, site.users["admin"]

    changes = Changes()
    for number in range(ADMINS):
        name = f"boss{number:02}"
        columns: dict[str, Any] = {"user_id": 1000 + number, "web_ex_id": name, "web_ex_id_key": name}
        columns |= {"email": f"{name}@x.example", "email_key": f"{name}@x.example", "personal_url": name, "host": False}
        users.create(changes, msgspec.structs.replace(source, **columns))
    site.server.run(engine.commit(changes))
    return [site.client(f"boss{number:02}") for number in range(ADMINS)]


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """The answers of calls that are made at the same time; any status but 200 fails in the client."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result() for each in [pool.submit(call) for call in calls]]


def codes(answers: list[Answer]) -> Counter[str | None]:
    return Counter(answer.code for answer in answers)


def test_an_account_that_all_make_is_made_once(site: TestSite, admins: list[Client]) -> None:
    def make(client: Client, number: int) -> Callable[[], Answer]:
        return lambda: client.call("user.CreateUser", account("Ann", email=f"ann{number}@example.com"))

    assert codes(at_once([make(client, number) for number, client in enumerate(admins)])) == {None: 1, "030004": 19}

    def same_address(client: Client, number: int) -> Callable[[], Answer]:
        return lambda: client.call("user.CreateUser", account(f"bob{number}", email="BOB@example.com"))

    found = codes(at_once([same_address(client, number) for number, client in enumerate(admins)]))
    assert found == {None: 1, "030005": 19}
    assert get(admins[0], "ann").value("email")


def test_changes_of_one_account_are_all_kept(site: TestSite, admins: list[Client]) -> None:
    create(admins[0], "ann").ok()
    fields: list[tuple[str, dict[str, Any]]] = [
        (f"tracking/trackingCode{number}", {"tracking": {f"trackingCode{number}": "kept"}}) for number in range(1, 11)
    ]
    places = ("address1", "address2", "city", "state", "zipCode")
    fields += [(f"address/{name}", {"address": {name: "kept"}}) for name in places]
    texts = ("title", "company", "description", "officeGreeting", "passwordHint")
    fields += [(name, {name: "kept"}) for name in texts]
    assert len(fields) == len(admins)
    for _ in range(2):
        calls = [partial(change, client, "ann", **values) for client, (_, values) in zip(admins, fields, strict=True)]
        assert codes(at_once(calls)) == {None: ADMINS}
        found = get(admins[0], "ann")
        assert {path: found.value(path) for path, _ in fields} == {path: "kept" for path, _ in fields}


def test_programs_that_make_or_else_change_the_same_accounts(site: TestSite, admins: list[Client]) -> None:
    """Twenty importers with one table: each makes whom it does not find made, and sets a value of its own on all."""
    names = [f"u{number}" for number in range(6)]
    values = [("tracking", f"trackingCode{number}") for number in range(1, 11)]
    values += [("address", name) for name in ("address1", "address2", "city", "state", "zipCode")]
    values += [("phones", name) for name in ("phone", "mobilePhone", "fax", "pager", "phone2")]
    assert len(values) == len(admins)

    def made_or_changed(client: Client, login: str, place: int) -> Answer:
        group, name = values[place]
        own = {group: {name: f"{place} of {login}"}}
        made = client.call("user.CreateUser", account(login, **own))
        if made.code is None:
            return made
        assert made.code == "030004"
        return change(client, login, **own).ok()

    def run(client: Client, place: int) -> Answer:
        # Every importer begins elsewhere in the table, so that all of them meet at every account.
        turns = [names[(place + turn) % len(names)] for turn in range(len(names))]
        return [made_or_changed(client, login, place) for login in turns][-1]

    assert codes(at_once([partial(run, client, place) for place, client in enumerate(admins)])) == {None: ADMINS}
    for login in names:
        found = get(admins[0], login)
        present = [found.value(f"{group}/{name}") for group, name in values]
        assert present == [f"{place} of {login}" for place in range(ADMINS)]
    everybody = admins[0].call("user.LstsummaryUser", {"listControl": {"maximumNum": 500}}).ok().all("user/webExId")
    assert len(everybody) == len(set(everybody)) == 4 + ADMINS + len(names)


def test_passwords_roles_and_names_at_once(site: TestSite, admins: list[Client]) -> None:
    create(admins[0], "ann").ok()
    kinds: list[dict[str, Any]] = [
        {"password": "Second-Secret-8"},
        {"privilege": {"recordingEditor": False}},
        {"firstName": "Anna"},
        {"schedulingPermission": "host1;host2"},
        {"meetingTypes": {"meetingType": [1, 3]}},
    ]
    calls = [partial(change, client, "ann", **kinds[number % 5]) for number, client in enumerate(admins)]
    assert codes(at_once(calls)) == {None: ADMINS}
    found = get(site.client("ann", password="Second-Secret-8"), "ann")
    expected = {
        "privilege/recordingEditor": "false",
        "firstName": "Anna",
        "schedulingPermission": "host1;host2",
        "privilege/host": "true",
    }
    assert {path: found.value(path) for path in expected} == expected
    assert found.all("meetingTypes/meetingType") == ["1", "3"]


def test_one_name_is_taken_once(site: TestSite, admins: list[Client]) -> None:
    for number in range(ADMINS):
        create(admins[0], f"u{number}").ok()
    calls = [partial(change, client, f"u{number}", newWebExId="Prize") for number, client in enumerate(admins)]
    assert codes(at_once(calls)) == {None: 1, "030004": 19}
    calls = [partial(change, client, f"boss{number:02}", personalUrl="room") for number, client in enumerate(admins)]
    assert codes(at_once(calls)) == {None: 1, "999999": 19}


def test_the_last_host_accounts_go_to_nobody_twice(server: Server) -> None:
    site = server.new_site(host_limit=8)  # three are taken
    admins = crew(site)
    calls = [partial(create, client, f"u{number}") for number, client in enumerate(admins)]
    assert codes(at_once(calls)) == {None: 5, "030010": 15}
    for number in range(ADMINS):
        create(admins[0], f"guest{number}", privilege={"attendeeOnly": True}).ok()
    admins[0].call("user.DelUser", {"webExId": ["host1", "host2"]}).ok()
    calls = [
        partial(change, client, f"guest{number}", privilege={"host": True}) for number, client in enumerate(admins)
    ]
    assert codes(at_once(calls)) == {None: 2, "030010": 18}
    engine = server.application.engine
    hosts = server.run(list_users(engine, UserFilter(site_id=site.site_id, host=True, status="ACTIVATED"), maximum=500))
    assert hosts.total == len(hosts.rows) == server.run(users.active_hosts(engine, site.site_id)) == 8


def test_deleting_and_switching_at_once_leave_one_state(site: TestSite, admins: list[Client]) -> None:
    names = [f"u{number}" for number in range(5)]
    for name in names:
        create(admins[0], name).ok()
    switches = ("user.InactivateUser", "user.ActivateUser")
    calls: list[Callable[[], Answer]] = []
    for number, client in enumerate(admins):
        if number % 2:
            calls.append(partial(client.call, "user.DelUser", {"webExId": names}))
        else:
            values = {"webexID": names[number % 5]}
            calls.append(partial(client.call, switches[number // 2 % 2], values))
    assert codes(at_once(calls)) == {None: ADMINS}
    for name in names:
        assert get(admins[0], name).value("active") in ("ACTIVATED", "DEACTIVATED")
        change(admins[0], name, active="ACTIVATED").ok()
    assert admins[0].call("user.LstsummaryUser", {"active": "ACTIVATED"}).ok().value("matchingRecords/total") == str(
        5 + 4 + ADMINS
    )


def test_lists_are_read_while_accounts_change(site: TestSite, admins: list[Client]) -> None:
    create(admins[0], "ann").ok()
    calls: list[Callable[[], Answer]] = []
    for number, client in enumerate(admins):
        if number % 2:
            calls.append(partial(create, client, f"new{number}"))
        else:
            calls.append(partial(client.call, "user.LstUser", {"listControl": {"maximumNum": 500}}))
    answers = at_once(calls)
    assert codes(answers) == {None: ADMINS}
    assert all(isinstance(answer.response, httpx.Response) for answer in answers)
    final = admins[0].call("user.LstsummaryUser", {"listControl": {"maximumNum": 500}}).ok()
    assert len(set(final.all("user/webExId"))) == 4 + ADMINS + 1 + 10
