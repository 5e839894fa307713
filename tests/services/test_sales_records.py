"""Customer accounts, opportunities and products over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.contract.sales import (
    AccountType,
    AddProducts,
    CreateAccount,
    CreateOpportunity,
    LstAccountsResponse,
    LstOpportunitiesResponse,
    LstProductsResponse,
    OpptyInstanceType,
    OpptyType,
    ProductInstanceType,
    ProductType,
    SetAccount,
    SetAccountAccount,
    SetOpportunity,
    SetProducts,
)
from parley.services.sales import customers
from tests.client import Answer, Client
from tests.generators import records, texts
from tests.server import TestSite
from tests.services.round_trips import BOUNDED, cleared, leaves, read_answer, send_record
from tests.services.sales_sites import new_sales_site


def account(client: Client, name: str, owner: str | None = None, **more: Any) -> str:
    answer = client.call("sales.CreateAccount", {"webExID": owner, "account": {"name": name, **more}}).ok()
    assert answer.type_name == "sales:createAccountResponse"
    assert answer.names() == ["intAccountID"]
    return answer.value("intAccountID") or ""


def opportunity(client: Client, name: str, owner: str | None = None, **more: Any) -> str:
    answer = client.call("sales.CreateOpportunity", {"webExID": owner, "opportunity": {"name": name, **more}}).ok()
    assert answer.type_name == "sales:createOpportunityResponse"
    return answer.value("intOpptyID") or ""


def accounts(client: Client, **filters: Any) -> list[str]:
    answer = client.call("sales.LstAccounts", filters)
    return [] if answer.code == "000015" else answer.ok().all("account/name")


def opportunities(client: Client, **filters: Any) -> list[str]:
    answer = client.call("sales.LstOpportunities", filters)
    return [] if answer.code == "000015" else answer.ok().all("opportunity/name")


def set_account(client: Client, number: str | None, owner: str | None = None, **values: Any) -> Answer:
    return client.call("sales.SetAccount", {"webExID": owner, "account": {"intAccountID": number, **values}})


def set_opportunity(client: Client, number: str | None, owner: str | None = None, **values: Any) -> Answer:
    return client.call("sales.SetOpportunity", {"webExID": owner, "opportunity": {"intOpptyID": number, **values}})


def test_accounts_with_their_opportunities(shop: TestSite) -> None:
    client = shop.client()
    acme = account(client, "Acme", extAccountID="A-1", extSystemID=7)
    daughter = account(client, "Acme Berlin", parentIntID=acme)
    engines = opportunity(client, "Engines", intAccountID=acme, extOpptyID="O-1", extSystemID=7)
    opportunity(client, "Alone")
    answer = client.call("sales.LstAccounts", returnOppty=True).ok()
    assert answer.type_name == "sales:lstAccountsResponse"
    assert answer.names() == ["account", "account"]
    assert answer.names("account") == ["name", "extAccountID", "extSystemID", "intAccountID", "opportunity"]
    assert answer.all("account/intAccountID") == [acme, daughter]
    assert answer.all("account/parentIntID") == [acme]
    assert answer.all("account/opportunity/intOpptyID") == [engines]
    assert "opportunity" not in client.call("sales.LstAccounts").ok().names("account")
    told = client.call("sales.LstOpportunities", intAccountID=acme).ok()
    assert told.names("opportunity") == [
        *("name", "intAccountID", "extOpptyID", "extSystemID", "intOpptyID", "extAccountID")
    ]
    assert told.all("opportunity/extAccountID") == ["A-1"]
    assert opportunities(client) == ["Alone", "Engines"]
    assert opportunities(client, extAccountID="A-1") == ["Engines"]
    assert opportunities(client, extOpptyID="O-1", extSystemID=7, intOpptyID=engines) == ["Engines"]
    assert opportunities(client, extSystemID=8) == []
    assert accounts(client, extAccountID="A-1", extSystemID=7) == ["Acme"]
    assert accounts(client, intAccountID=daughter) == ["Acme Berlin"]
    assert accounts(client, extAccountID="A-2") == []


def test_everybody_sees_and_the_owner_changes(shop: TestSite) -> None:
    mine = shop.client()
    acme, engines = account(mine, "Acme"), opportunity(mine, "Engines")
    theirs = shop.client("host2")
    assert (accounts(theirs), opportunities(theirs)) == (["Acme"], ["Engines"])
    set_account(theirs, acme, name="x").failed("000001")
    set_opportunity(theirs, engines, name="x").failed("000001")
    theirs.call("sales.CreateAccount", {"webExID": "host1", "account": {"name": "x"}}).failed("000001")
    assert accounts(theirs, webExID="HOST1") == ["Acme"]
    assert accounts(theirs, webExID="host2") == []
    theirs.call("sales.LstAccounts", webExID="nobody").failed("030001")
    admin = shop.client("admin")
    set_account(admin, acme, owner="host2").ok()
    set_account(mine, acme, name="x").failed("000001")
    answer = set_account(theirs, acme, name="Acme Ltd").ok()
    assert (answer.type_name, answer.value("intAccountID")) == ("sales:setAccountResponse", acme)
    assert accounts(mine, webExID="host2") == ["Acme Ltd"]
    set_account(theirs, acme, owner="nobody").failed("030001")
    account(admin, "For host1", owner="host1")
    assert accounts(mine, webExID="host1") == ["For host1"]
    set_opportunity(admin, engines, owner="host2", intAccountID=acme).ok()
    assert opportunities(mine, webExID="host2", intAccountID=acme) == ["Engines"]


def test_nobody_sees_another_sites(shop: TestSite) -> None:
    acme, engines = account(shop.client(), "Acme"), opportunity(shop.client(), "Engines")
    shop.client("admin").call("sales.AddProducts", {"product": {"name": "Engine"}}).ok()
    stranger = new_sales_site(shop.server).client("admin")
    assert (accounts(stranger), opportunities(stranger)) == ([], [])
    stranger.call("sales.LstProducts").failed("000015")
    set_account(stranger, acme, name="x").failed("999999")
    set_opportunity(stranger, engines, name="x").failed("999999")
    stranger.call("sales.CreateOpportunity", {"opportunity": {"name": "x", "intAccountID": acme}}).failed("999999")


def test_values_are_cleared(shop: TestSite) -> None:
    client = shop.client()
    acme = account(client, "Acme", extAccountID="A-1")
    daughter = account(client, "Daughter", parentIntID=acme)
    engines = opportunity(client, "Engines", intAccountID=acme, extOpptyID="O-1")
    set_account(client, acme, extAccountID="").ok()
    set_account(client, daughter, parentIntID=0).ok()
    set_opportunity(client, engines, extOpptyID="", intAccountID=0, name="").ok()
    assert accounts(client, extAccountID="A-1") == []
    assert client.call("sales.LstAccounts").ok().all("account/parentIntID") == []
    told = client.call("sales.LstOpportunities").ok()
    assert told.names("opportunity") == ["name", "intOpptyID"]


def test_products_of_an_account_have_their_names(shop: TestSite) -> None:
    admin = shop.client("admin")
    wheel, engine = admin.call("sales.AddProducts", product=[{"name": "Wheel"}, {"name": "Engine"}]).ok().all("prodID")
    products = {"smeInfo": {"description": "knows", "products": {"prodID": [wheel, "77", engine, wheel]}}}
    admin.call("user.SetUser", webExId="host1", salesCenter=products).ok()
    path = "salesCenter/smeInfo/products/product"

    def told() -> list[str]:
        answer = shop.client().call("user.GetUser", webExId="host1").ok()
        assert answer.all(f"{path}/prodID") == [wheel, "77", engine, wheel]
        return answer.all(f"{path}/name")

    assert told() == ["Wheel", "77", "Engine", "Wheel"]
    admin.call("sales.SetProducts", product={"prodID": wheel, "name": "Tyre"}).ok()
    assert told() == ["Tyre", "77", "Engine", "Tyre"]
    many = {"smeInfo": {"products": {"prodID": [*range(1000, 1600), engine]}}}
    admin.call("user.SetUser", webExId="host1", salesCenter=many).ok()
    answer = shop.client().call("user.GetUser", webExId="host1").ok()
    assert answer.all(f"{path}/name") == [*map(str, range(1000, 1600)), "Engine"]


def test_products(shop: TestSite) -> None:
    admin, client = shop.client("admin"), shop.client()
    answer = admin.call(
        "sales.AddProducts", {"product": [{"name": "Wheel"}, {"name": "Engine", "description": "Turns"}]}
    ).ok()
    assert (answer.type_name, answer.names()) == ("sales:addProductsResponse", ["prodID", "prodID"])
    wheel, engine = answer.all("prodID")
    told = client.call("sales.LstProducts").ok()
    assert told.names() == ["matchingRecords", "product", "product"]
    assert told.names("product") == ["name", "description", "prodID"]
    assert told.all("product/name") == ["Engine", "Wheel"]
    assert client.call("sales.LstProducts", name="WHEEL").ok().all("prodID") == [wheel]
    assert client.call("sales.LstProducts", prodID=[engine, "77"]).ok().all("prodID") == [engine]
    descending = {"orderBy": "NAME", "orderAD": "DESC"}
    page = client.call("sales.LstProducts", order=descending, listControl={"startFrom": 2, "maximumNum": 1}).ok()
    assert page.all("prodID") == [engine]
    assert [page.value(f"matchingRecords/{name}") for name in ("total", "returned", "startFrom")] == ["2", "1", "2"]
    client.call("sales.LstProducts", listControl={"startFrom": 9}).failed("000015")
    by_description = client.call("sales.LstProducts", order={"orderBy": ["DESCRIPTION", "PRODID"]}).ok()
    assert by_description.all("prodID") == [wheel, engine]
    changed = admin.call(
        "sales.SetProducts", {"product": [{"prodID": engine, "description": ""}, {"prodID": wheel, "name": "Tyre"}]}
    ).ok()
    assert changed.all("prodID") == [engine, wheel]
    told = client.call("sales.LstProducts").ok()
    assert told.all("product/name") == ["Engine", "Tyre"]
    assert told.all("product/description") == ["", ""]
    client.call("sales.AddProducts", {"product": {"name": "x"}}).failed("000001")
    client.call("sales.SetProducts", {"product": {"prodID": wheel, "name": "x"}}).failed("000001")


def test_what_cannot_be_is_refused(shop: TestSite) -> None:
    client, admin = shop.client(), shop.client("admin")
    acme = account(client, "Acme")
    for values in (
        {},
        {"account": {"name": " "}},
        {"account": {"name": "x" * 129}},
        {"account": {"name": "x", "extAccountID": "x" * 513}},
        {"account": {"name": "x", "parentIntID": 5}},
        {"account": {"name": "x", "extSystemID": "9" * 40}},
        {"account": {"name": "x", "parentIntID": "9" * 40}},
    ):
        client.call("sales.CreateAccount", values).failed("999999")
    set_account(client, acme, parentIntID=acme).failed("999999")
    set_account(client, None, name="x").failed("999999")
    set_account(client, "5", name="x").failed("999999")
    client.call("sales.SetAccount").failed("999999")
    for operation in ("CreateOpportunity", "SetOpportunity"):
        client.call(f"sales.{operation}").failed("999999")
        client.call(f"sales.{operation}", {"opportunity": {"name": ""}}).failed("999999")
    client.call("sales.CreateOpportunity", {"opportunity": {"name": "x", "intAccountID": -3}}).failed("999999")
    client.call("sales.LstOpportunities", intAccountID="9" * 40).failed("999999")
    for operation in ("AddProducts", "SetProducts"):
        admin.call(f"sales.{operation}").failed("999999")
        admin.call(f"sales.{operation}", {"product": {"name": "x" * 129}}).failed("999999")
        admin.call(f"sales.{operation}", {"product": [{"name": "x"}] * 501}).failed("999999")
    admin.call("sales.AddProducts", {"product": [{"name": "good"}, {"description": "bad"}]}).failed("999999")
    admin.call("sales.SetProducts", {"product": {"prodID": 5, "name": "x"}}).failed("999999")
    admin.call("sales.SetProducts", {"product": {"prodID": "9" * 40, "name": "x"}}).failed("999999")
    admin.call("sales.LstProducts", prodID=list(range(501))).failed("999999")
    admin.call("sales.LstProducts").failed("000015")


def test_a_site_has_an_end(shop: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "MOST", 1)
    client = shop.client()
    account(client, "Acme")
    opportunity(client, "Engines")
    client.call("sales.CreateAccount", {"account": {"name": "Beta"}}).failed("999999")
    client.call("sales.CreateOpportunity", {"opportunity": {"name": "Wheels"}}).failed("999999")
    shop.client("admin").call("sales.AddProducts", {"product": [{"name": "a"}, {"name": "b"}]}).failed("999999")
    account(new_sales_site(shop.server).client(), "Acme")


def test_changes_at_once_never_mix(shop: TestSite) -> None:
    client = shop.client()
    acme = account(client, "Acme")
    groups: list[dict[str, Any]] = [{"extAccountID": "A-1"}, {"extSystemID": 9}, {"name": "Acme Ltd"}]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda values: set_account(client, acme, **values).ok(), groups))
    assert accounts(client, extAccountID="A-1", extSystemID=9) == ["Acme Ltd"]


# --- what is sent comes back -----------------------------------------------------------------------------------------

_NAMES = texts(128, smallest=1).filter(lambda text: bool(text.strip()))


def _account_values(cls: type[AccountType]) -> st.SearchStrategy[AccountType]:
    return st.tuples(records(cls), _NAMES).map(
        lambda drawn: msgspec.structs.replace(drawn[0], name=drawn[1], parent_int_id=None)
    )


def _opportunity_values(cls: type[OpptyType]) -> st.SearchStrategy[OpptyType]:
    return st.tuples(records(cls), _NAMES).map(
        lambda drawn: msgspec.structs.replace(drawn[0], name=drawn[1], int_account_id=None)
    )


def _kept(first: msgspec.Struct, second: Any) -> dict[str, Any]:
    """What is expected after a change; an external number of blanks counts as none."""
    earlier: Any = first
    leavings = {name: value for name, value in leaves(earlier).items() if name not in cleared(second)}
    found = leavings | leaves(second)
    return {name: value for name, value in found.items() if not (isinstance(value, str) and value.isspace())}


@BOUNDED
@given(first=_account_values(AccountType), second=_account_values(SetAccountAccount))
def test_what_accounts_take_is_given_back(shared_shop: TestSite, first: AccountType, second: SetAccountAccount) -> None:
    client = shared_shop.client()
    number = send_record(client, CreateAccount(account=first)).ok().value("intAccountID") or ""
    second = msgspec.structs.replace(second, int_account_id=int(number))
    send_record(client, SetAccount(account=second)).ok()
    (found,) = read_answer(client.call("sales.LstAccounts", intAccountID=number), LstAccountsResponse).account
    present, expected = leaves(found), _kept(first, second)
    assert {name: present.get(name) for name in expected} == expected


@BOUNDED
@given(first=_opportunity_values(OpptyType), second=_opportunity_values(OpptyInstanceType))
def test_what_opportunities_take_is_given_back(
    shared_shop: TestSite, first: OpptyType, second: OpptyInstanceType
) -> None:
    client = shared_shop.client()
    number = send_record(client, CreateOpportunity(opportunity=first)).ok().value("intOpptyID") or ""
    second = msgspec.structs.replace(second, int_oppty_id=int(number))
    send_record(client, SetOpportunity(opportunity=second)).ok()
    answer = client.call("sales.LstOpportunities", intOpptyID=number)
    (found,) = read_answer(answer, LstOpportunitiesResponse).opportunity
    present, expected = leaves(found), _kept(first, second)
    assert {name: present.get(name) for name in expected} == expected


@BOUNDED
@given(name=_NAMES, description=st.none() | texts(256), again=st.none() | texts(256))
def test_what_products_take_is_given_back(
    shared_shop: TestSite, name: str, description: str | None, again: str | None
) -> None:
    admin = shared_shop.client("admin")
    added = send_record(admin, AddProducts(product=[ProductType(name=name, description=description)])).ok()
    number = added.value("prodID") or ""
    sent = ProductInstanceType(prod_id=int(number), description=again)
    send_record(admin, SetProducts(product=[sent])).ok()
    (found,) = read_answer(admin.call("sales.LstProducts", prodID=number), LstProductsResponse).product
    assert found.name == name
    assert (found.description or "") == (description or "" if again is None else again)
