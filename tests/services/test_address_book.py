"""Contacts and distribution lists over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.contract.common import AddressType
from parley.contract.ep import (
    ContactType,
    CreateContacts,
    CreateDistList,
    DistListWithContactType,
    LstContactResponse,
    LstDistListResponse,
    SetDistList,
    SetDistListDistList,
)
from parley.services.address_book import contacts as contacts_module
from parley.services.address_book import dist_lists as dist_lists_module
from tests.client import Answer, Client
from tests.generators import records, texts
from tests.server import TestSite
from tests.services.round_trips import BOUNDED, leaves, read_answer, send_record


def add(client: Client, *contacts: dict[str, Any], **more: Any) -> list[str]:
    """Add contacts; their numbers."""
    answer = client.call("ep.CreateContacts", {"contact": list(contacts), **more}).ok()
    assert answer.type_name == "ep:createContactsResponse"
    assert set(answer.names()) == {"contactID"}
    return answer.all("contactID")


def contact(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "email": f"{name.lower()}@x.example", **more}


def of_site(name: str) -> dict[str, Any]:
    return contact(name, address={"addressType": "GLOBAL"})


def listed(client: Client, **filters: Any) -> list[str]:
    """The names of the contacts that are listed; an empty list is a fault."""
    answer = client.call("ep.LstContact", filters)
    if answer.code == "000015":
        return []
    assert answer.ok().type_name == "ep:lstContactResponse"
    return answer.all("contact/name")


def make(client: Client, name: str, *numbers: str, **more: Any) -> str:
    answer = client.call("ep.CreateDistList", {"distList": {"name": name, "contactID": list(numbers), **more}}).ok()
    assert answer.type_name == "ep:createDistListResponse"
    return answer.value("distListID") or ""


def change(client: Client, number: str | None, *numbers: str, **more: Any) -> Answer:
    return client.call("ep.SetDistList", {"distList": {"distListID": number, "contactID": list(numbers), **more}})


def lists(client: Client, **filters: Any) -> list[tuple[str | None, str, str]]:
    answer = client.call("ep.LstDistList", filters)
    if answer.code == "000015":
        return []
    answer.ok()
    names, kinds = answer.all("distList/name"), answer.all("distList/addressType")
    return list(zip(answer.all("distList/distListID"), names, kinds, strict=True))


def test_contacts_are_added_and_listed_by_name(site: TestSite) -> None:
    client = site.client()
    numbers = add(client, contact("Zoe"), contact("Ann", title="Dr", phones={"phone": "1,555,,,,,"}))
    assert len(set(numbers)) == 2
    answer = client.call("ep.LstContact").ok()
    assert answer.all("contact/name") == ["Ann", "Zoe"]
    assert answer.names("contact") == ["name", "title", "address", "phones", "email"]
    assert answer.all("contact/address/addressType") == ["PERSONAL", "PERSONAL"]
    assert "contactID" not in answer.text
    assert listed(client, hostWebExID="HOST1") == ["Ann", "Zoe"]
    assert listed(client, addressType="GLOBAL") == []


def test_nobody_sees_what_another_host_keeps(site: TestSite) -> None:
    mine = site.client()
    (number,) = add(mine, contact("Secret"))
    own = make(mine, "My list", number)
    for name in ("host2", "admin"):
        other = site.client(name)
        assert listed(other) == []
        assert listed(other, distListID=own) == []
        assert listed(other, distListName="My list") == []
        other.call("ep.LstContact", hostWebExID="host1").failed("000001")
        refused = other.call("ep.CreateDistList", {"distList": {"name": "Theirs", "contactID": number}})
        refused.failed("999999")
        change(other, own, name="Mine now").failed("000015")
        change(other, own, contactOperation="DELETE_ALL").failed("000015")
        theirs = make(other, "Theirs")
        change(other, theirs, number).failed("999999")
        # Names of lists are known of every host (documented), what is on them is not.
        assert lists(other, hostWebExID="host1") == [(own, "My list", "PERSONAL")]
        assert lists(other) == [(theirs, "Theirs", "PERSONAL")]
    stranger = site.server.new_site().client()
    assert (listed(stranger), listed(stranger, distListID=own), lists(stranger, distListID=own)) == ([], [], [])
    change(stranger, own, name="x").failed("000015")
    stranger.call("ep.CreateDistList", {"distList": {"name": "x", "contactID": number}}).failed("999999")
    assert lists(mine, hostWebExID="nobody") == []
    assert listed(mine, distListID=own) == ["Secret"]


def test_contacts_of_the_site_are_made_by_administrators_and_seen_by_all(site: TestSite) -> None:
    site.client().call("ep.CreateContacts", {"contact": [contact("Ann"), of_site("Boss")]}).failed("000001")
    assert listed(site.client()) == []
    (boss,) = add(site.client("admin"), of_site("Boss"))
    mine = site.client("host2")
    add(mine, contact("Ann"))
    assert listed(mine) == ["Ann", "Boss"]
    assert listed(mine, addressType="GLOBAL") == ["Boss"]
    assert listed(mine, addressType="PERSONAL") == ["Ann"]
    everybody = make(site.client("admin"), "Everybody", boss)
    assert lists(mine, addressType="GLOBAL") == [(everybody, "Everybody", "GLOBAL")]
    assert listed(mine, distListName="everybody") == ["Boss"]
    change(mine, everybody, name="Nobody").failed("000001")
    private = make(mine, "With the boss", boss)
    assert listed(mine, distListID=private) == ["Boss"]
    (own,) = add(site.client("admin"), contact("Private"))
    change(site.client("admin"), everybody, own).failed("999999")
    change(site.client("admin"), everybody, contactOperation="DELETE_ALL").ok()
    assert listed(mine, distListID=everybody) == []


def test_lists_are_changed_in_every_way(site: TestSite) -> None:
    client = site.client()
    ann, bob, carl = add(client, contact("Ann"), contact("Bob"), contact("Carl"))
    number = make(client, "Team", ann, ann, desc="All of us")
    answer = change(client, number, bob, ann).ok()  # without an operation people are added
    assert (answer.type_name, answer.names()) == ("ep:setDistListResponse", [])
    assert listed(client, distListID=number) == ["Ann", "Bob"]
    change(client, number, carl, contactOperation="ADD").ok()
    change(client, number, ann, ann, contactOperation="DELETE").ok()
    assert listed(client, distListID=number) == ["Bob", "Carl"]
    change(client, number, ann, contactOperation="DELETE").ok()
    change(client, number, name="The team", desc="").ok()
    told = client.call("ep.LstDistList", distListID=number).ok()
    assert told.names("distList") == ["distListID", "name", "addressType"]
    assert told.value("distList/name") == "The team"
    assert listed(client, distListName="THE TEAM", distListID=number) == ["Bob", "Carl"]
    assert listed(client, distListName="Team", distListID=number) == []
    change(client, number, contactOperation="DELETE_ALL").ok()
    assert listed(client, distListID=number) == []
    assert lists(client, name="the team", distListID=number, addressType="PERSONAL", hostWebExID="host1") != []


def test_names_of_lists_are_taken_once(site: TestSite) -> None:
    client = site.client()
    first, second = make(client, "Team"), make(client, "Others")
    client.call("ep.CreateDistList", {"distList": {"name": " TEAM "}}).failed("999999")
    change(client, second, name="team").failed("999999")
    change(client, first, name="TEAM").ok()
    make(site.client("host2"), "Team")


def test_changes_at_once_never_mix(site: TestSite) -> None:
    client = site.client()
    numbers = add(client, *(contact(f"Person{place}") for place in range(8)))
    team = make(client, "Team")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: change(client, team, number).ok(), numbers))
    assert len(listed(client, distListID=team)) == 8
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: client.call("ep.CreateDistList", {"distList": {"name": "Once"}}), range(4)))
    assert sorted(answer.result for answer in made) == ["FAILURE"] * 3 + ["SUCCESS"]


def test_what_cannot_be_is_refused(site: TestSite) -> None:
    client = site.client()
    client.call("ep.CreateContacts").failed("999999")
    client.call("ep.CreateContacts", {"contact": {"name": "Nobody"}}).failed("999999")
    client.call("ep.CreateContacts", {"contact": contact("Long", notes="x" * 9000)}).failed("999999")
    client.call("ep.CreateContacts", {"contact": contact("Odd", timeZoneID="9" * 40)}).failed("999999")
    client.call("ep.CreateContacts", {"contact": contact("Odd", joinStatus="MAYBE")}).failed("999999")
    client.call("ep.LstContact", distListID="9" * 40).failed("999999")
    client.call("ep.LstContact", distListID=0).failed("000015")
    client.call("ep.LstContact", addressType="SECRET").failed("999999")
    client.call("ep.CreateDistList").failed("999999")
    client.call("ep.CreateDistList", {"distList": {"name": "  "}}).failed("999999")
    client.call("ep.CreateDistList", {"distList": {"name": "x" * 129}}).failed("999999")
    client.call("ep.CreateDistList", {"distList": {"name": "x", "desc": "x" * 2001}}).failed("999999")
    client.call("ep.CreateDistList", {"distList": {"name": "x", "contactID": [1, -5]}}).failed("999999")
    client.call("ep.CreateDistList", {"distList": {"name": "x", "contactID": "9" * 40}}).failed("999999")
    change(client, None, name="x").failed("999999")
    change(client, "12345", name="x").failed("000015")
    client.call("ep.SetDistList").failed("999999")
    number = make(client, "Team")
    change(client, number, contactOperation="EXPLODE").failed("999999")
    assert listed(client) == []


def test_addresses_are_looked_at_when_that_is_asked_for(site: TestSite) -> None:
    client = site.client()
    odd = [{"name": "One", "email": "no address"}, {"name": "Two", "email": "nor@this@"}]
    answer = client.call("ep.CreateContacts", {"contact": odd, "validateFormat": True}).failed("999999")
    assert len(answer.all("subErrors/subError")) == 2
    client.call("ep.CreateContacts", {"contact": odd[0], "validateFormat": True}).failed("999999")
    add(client, *odd)
    assert listed(client) == ["One", "Two"]


def test_address_books_and_lists_have_an_end(site: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts_module, "MOST_CONTACTS", 3)
    monkeypatch.setattr(dist_lists_module, "MOST_LISTS", 1)
    client = site.client()
    add(client, contact("Ann"), contact("Bob"))
    client.call("ep.CreateContacts", {"contact": [contact("Carl"), contact("Dora")]}).failed("999999")
    add(client, contact("Carl"))
    add(site.client("host2"), contact("Theirs"))
    make(client, "Team")
    client.call("ep.CreateDistList", {"distList": {"name": "Another"}}).failed("999999")


def test_long_names_are_kept_whole(site: TestSite) -> None:
    name = "ß漢" * 900
    add(site.client(), contact("x") | {"name": name})
    assert listed(site.client()) == [name]


@st.composite
def _contacts(draw: st.DrawFn) -> ContactType:
    sent = draw(records(ContactType, complete=True))
    address = sent.address and msgspec.structs.replace(sent.address, address_type=None)
    return msgspec.structs.replace(
        sent, email=draw(texts(smallest=1).filter(lambda text: not text.isspace())), address=address or AddressType()
    )


@pytest.fixture(scope="module")
def examples() -> list[int]:
    """Counts the examples, so that each finds its own contact."""
    return [0]


@BOUNDED
@given(data=st.data())
def test_what_create_contacts_takes_lst_contact_gives_back(
    shared_site: TestSite, examples: list[int], data: st.DataObject
) -> None:
    examples[0] += 1
    sent = data.draw(_contacts())
    client = shared_site.client()
    number = send_record(client, CreateContacts(contact=[sent])).ok().value("contactID") or ""
    own = make(client, f"Example {examples[0]}", number)
    found = read_answer(client.call("ep.LstContact", distListID=own), LstContactResponse)
    assert len(found.contact) == 1
    present = leaves(found.contact[0])
    expected = leaves(sent)
    assert {name: present.get(name) for name in expected} == expected


@BOUNDED
@given(name=texts(100, smallest=1).filter(lambda text: bool(text.strip())), desc=st.none() | texts(200))
def test_what_dist_lists_take_is_given_back(
    shared_site: TestSite, examples: list[int], name: str, desc: str | None
) -> None:
    examples[0] += 1
    client, first, second = shared_site.client(), f"{name} {examples[0]}", f"{examples[0]} {name}"
    created = send_record(client, CreateDistList(dist_list=DistListWithContactType(name=first, desc=desc))).ok()
    number = int(created.value("distListID") or 0)
    (found,) = read_answer(client.call("ep.LstDistList", distListID=number), LstDistListResponse).dist_list
    assert (found.name, found.desc or "") == (first, desc or "")
    send_record(client, SetDistList(dist_list=SetDistListDistList(dist_list_id=number, name=second))).ok()
    (found,) = read_answer(client.call("ep.LstDistList", distListID=number), LstDistListResponse).dist_list
    assert (found.name, found.desc or "") == (second, desc or "")
