"""Sales sessions over HTTP."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.contract.sales import (
    AccessControlType,
    AlternateHostType,
    CreateSalesSession,
    GetSalesSessionResponse,
    MetaDataType,
    ProspectType,
    RepeatType,
    SalesSessionType,
    SalesSessionTypeProspects,
    SalesSessionTypeSalesTeam,
    ScheduleType,
    SetSalesSession,
)
from parley.store import outbox, sessions
from tests.client import Answer, Client
from tests.generators import records, texts
from tests.server import TestSite
from tests.services.meetings import BERLIN, GMT, create, in_days, laid_over
from tests.services.round_trips import (
    BOUNDED,
    after_change,
    cleared,
    leaves,
    read_answer,
    repeat_elements,
    send_record,
)
from tests.services.sales_sites import SALES_TYPE, new_sales_site, with_sales


def sales(name: str = "Demonstration", **groups: Any) -> dict[str, Any]:
    """The elements of a small CreateSalesSession; groups are laid over them."""
    values: dict[str, Any] = {
        "accessControl": {"listing": "PUBLIC", "meetingPassword": "Secret12"},
        "metaData": {"confName": name},
        "schedule": {"startDate": in_days(3), "timeZoneID": GMT, "duration": 30},
    }
    return laid_over(values, groups)


def made(client: Client, name: str = "Demonstration", **groups: Any) -> str:
    return client.call("sales.CreateSalesSession", sales(name, **groups)).ok().value("meetingKey") or ""


def get(client: Client, key: str) -> Answer:
    return client.call("sales.GetSalesSession", meetingKey=key)


def change(client: Client, key: str, **groups: Any) -> Answer:
    return client.call("sales.SetSalesSession", {"meetingKey": key, **groups})


def listed(client: Client, **filters: Any) -> list[str]:
    answer = client.call("sales.LstsummarySalesSession", filters)
    if answer.code == "000015":
        return []
    return answer.ok().all("salesSession/confName")


def account(client: Client, name: str) -> str:
    return client.call("sales.CreateAccount", {"account": {"name": name}}).ok().value("intAccountID") or ""


def opportunity(client: Client, name: str, account_id: str | None = None) -> str:
    values = {"opportunity": {"name": name, "intAccountID": account_id}}
    return client.call("sales.CreateOpportunity", values).ok().value("intOpptyID") or ""


def test_a_session_is_scheduled_and_given_back(shop: TestSite) -> None:
    client = shop.client()
    answer = client.call(
        "sales.CreateSalesSession",
        sales(
            metaData={"agenda": "Prices", "account": "Acme", "opportunity": "Engines", "sessionType": SALES_TYPE},
            enableOptions={"autoDeleteAfterMeetingEnd": True},
            telephony={"telephonySupport": "CALLIN", "extTelephonyDescription": "Dial in"},
            prospects={"prospect": [{"firstName": "Ann", "email": "ann@x.example"}, {"email": "bob@x.example"}]},
            salesTeam={"webExID": ["host2"], "email": ["carl@y.example"], "altHosts": {"webExID": "ADMIN"}},
            attendeeOptions={"participantLimit": 7},
            tracking={"trackingCode3": "three"},
        ),
    ).ok()
    assert answer.type_name == "sales:createSalesSessionResponse"
    assert answer.names() == ["meetingKey", "iCalendarURL", "guestToken"]
    assert answer.names("iCalendarURL") == ["host", "attendee", "sme"]
    found = get(client, answer.value("meetingKey") or "").ok()
    assert found.names() == [
        *("accessControl", "metaData", "schedule", "enableOptions", "telephony", "tracking", "repeat", "remind"),
        *("prospects", "salesTeam", "attendeeOptions", "meetingKey", "status", "hostKey", "eventID", "guestToken"),
        "hostType",
    ]
    assert found.value("metaData/account") == "Acme"
    assert found.value("metaData/sessionType") == str(SALES_TYPE)
    assert found.all("prospect/email") == ["ann@x.example", "bob@x.example"]
    assert found.all("prospect/firstName") == ["Ann"]
    assert found.all("salesTeam/webExID") == ["host2", "ADMIN"]
    assert found.all("salesTeam/email") == ["carl@y.example"]
    assert found.all("altHosts/webExID") == ["ADMIN"]
    assert found.value("attendeeOptions/participantLimit") == "7"
    assert found.value("schedule/openTimeEnabled") == "true"
    assert found.value("status") == "NOT_INPROGRESS"


def test_prospects_and_team_give_way_apart(shop: TestSite) -> None:
    client = shop.client()
    key = made(
        client,
        prospects={"prospect": [{"email": "ann@x.example"}]},
        salesTeam={"webExID": ["host2"], "email": ["carl@y.example"]},
    )
    change(client, key, prospects={"prospect": [{"email": "dora@x.example"}]}).ok()
    found = get(client, key).ok()
    assert found.all("prospect/email") == ["dora@x.example"]
    assert (found.all("salesTeam/webExID"), found.all("salesTeam/email")) == (["host2"], ["carl@y.example"])
    change(client, key, salesTeam={"altHosts": {"webExID": "host2"}}).ok()
    found = get(client, key).ok()
    assert found.all("prospect/email") == ["dora@x.example"]
    assert (found.all("altHosts/webExID"), found.all("salesTeam/email")) == (["host2"], [])
    change(client, key, schedule={"duration": 45}).ok()
    assert get(client, key).all("altHosts/webExID") == ["host2"]
    listing = shop.client("host2").call("sales.LstsummarySalesSession").ok()
    assert listing.all("salesSession/hostWebExID") == ["host1"]


def test_customers_and_opportunities_are_named_by_number(shop: TestSite) -> None:
    client = shop.client()
    acme, other = account(client, "Acme"), account(client, "Other")
    engines = opportunity(client, "Engines", acme)
    key = made(client, metaData={"intOpptyID": engines})
    found = get(client, key).ok()
    assert (found.value("metaData/account"), found.value("metaData/intAccountID")) == ("Acme", acme)
    assert (found.value("metaData/opportunity"), found.value("metaData/intOpptyID")) == ("Engines", engines)
    change(client, key, metaData={"account": "By name"}).ok()
    found = get(client, key).ok()
    assert (found.value("metaData/account"), found.value("metaData/intAccountID")) == ("By name", None)
    assert found.value("metaData/intOpptyID") == engines
    for meta in ({"intAccountID": other, "intOpptyID": engines}, {"intAccountID": 1}, {"intOpptyID": -1}):
        client.call("sales.CreateSalesSession", sales(metaData=meta)).failed("999999")
    stranger = new_sales_site(shop.server)
    stranger.client().call("sales.CreateSalesSession", sales(metaData={"intAccountID": acme})).failed("999999")


def test_sessions_are_listed_by_customer(shop: TestSite) -> None:
    client = shop.client()
    made(client, "First", metaData={"account": "Beta", "opportunity": "Engines"})
    made(client, "Second", metaData={"account": "ACME"}, schedule={"startDate": in_days(4)})
    made(client, "Third", schedule={"startDate": in_days(5)})
    create(client, "A meeting")
    answer = client.call("sales.LstsummarySalesSession").ok()
    assert answer.type_name == "sales:lstsummarySalesSessionResponse"
    assert answer.names() == ["matchingRecords", *["salesSession"] * 3]
    assert answer.names("salesSession") == [
        *("meetingKey", "confName", "meetingType", "hostWebExID", "timeZoneID", "timeZone", "status", "startDate"),
        *("duration", "listStatus", "account", "opportunity"),
    ]
    assert answer.all("salesSession/confName") == ["First", "Second", "Third"]
    assert listed(client, account="acme") == ["Second"]
    assert listed(client, opportunity="ENGINES", account="beta") == ["First"]
    assert listed(client, account="Acm") == []
    assert listed(client, order={"orderBy": "ACCOUNT", "orderAD": "DESC"}) == ["First", "Second", "Third"]
    assert listed(client, order={"orderBy": "ACCOUNT"}) == ["Third", "Second", "First"]
    either = {"listMethod": "OR", "startFrom": 1, "maximumNum": 5}
    assert listed(client, account="acme", opportunity="engines", listControl=either) == ["First", "Second"]
    window = {"startDateStart": in_days(4, 9), "timeZoneID": GMT}
    assert listed(client, dateScope=window) == ["Second", "Third"]
    page = client.call("sales.LstsummarySalesSession", {"listControl": {"startFrom": 2, "maximumNum": 1}}).ok()
    assert [page.value(f"matchingRecords/{name}") for name in ("total", "returned", "startFrom")] == ["3", "1", "2"]


def test_lists_show_nobody_elses_sessions(shop: TestSite) -> None:
    key = made(shop.client())
    assert listed(shop.client("host2")) == []
    shop.client("host2").call("sales.LstsummarySalesSession", hostWebExID="host1").failed("000001")
    assert listed(shop.client("admin")) == ["Demonstration"]
    assert listed(shop.client("admin"), hostWebExID="host2") == []
    assert listed(new_sales_site(shop.server).client("admin"), meetingKey=key) == []
    get(shop.client("host2"), key).failed("000001")
    get(shop.client("admin"), key).failed("000001")
    get(new_sales_site(shop.server).client(), key).failed("060001")


def test_a_session_is_deleted(shop: TestSite) -> None:
    client = shop.client()
    key = made(client)
    shop.client("admin").call("sales.DelSalesSession", meetingKey=key).failed("000001")
    answer = client.call("sales.DelSalesSession", meetingKey=key).ok()
    assert answer.names("iCalendarURL") == ["host", "attendee", "sme"]
    client.call("sales.DelSalesSession", meetingKey=key).failed("060001")
    get(client, key).failed("060001")
    meeting = create(client)
    client.call("sales.DelSalesSession", meetingKey=meeting).failed("060001")
    get(client, meeting).failed("060001")


def test_mails_to_prospects_and_team(shop: TestSite) -> None:
    made(
        shop.client(),
        prospects={"prospect": [{"email": "Ann@x.example"}]},
        salesTeam={"email": ["carl@y.example"]},
        attendeeOptions={"emailInvitations": True},
    )
    engine = shop.server.application.engine
    mailed = shop.server.run(outbox.waiting(engine, shop.site_id, 20))
    assert sorted((each.kind, each.recipient) for each in mailed) == [
        ("session.invitation", "ann@x.example"),
        ("session.invitation", "carl@y.example"),
        ("session.scheduled", f"host1@{shop.name}.example"),
    ]


def test_teams_that_cannot_be(shop: TestSite) -> None:
    client = shop.client()
    for team, code in (
        ({"webExID": "nobody"}, "030001"),
        ({"altHosts": {"webExID": "nobody"}}, "040007"),
        ({"altHosts": {"webExID": "attendee1"}}, "040007"),
        ({"email": "no address"}, "999999"),
    ):
        client.call("sales.CreateSalesSession", sales(salesTeam=team)).failed(code)
    both = made(client, salesTeam={"webExID": ["host2", "HOST2"], "altHosts": {"webExID": "host2"}})
    found = get(client, both).ok()
    assert (found.all("salesTeam/webExID"), found.all("altHosts/webExID")) == (["host2"], ["host2"])


def test_a_site_without_the_service(site: TestSite) -> None:
    client = site.client()
    client.call("sales.CreateSalesSession", sales()).failed("030025")
    for operation, values in (
        ("CreateAccount", {"account": {"name": "Acme"}}),
        ("LstAccounts", {}),
        ("CreateOpportunity", {"opportunity": {"name": "Engines"}}),
        ("LstOpportunities", {}),
        ("LstProducts", {}),
    ):
        client.call(f"sales.{operation}", values).failed("030025")
    site.client("admin").call("sales.AddProducts", {"product": {"name": "Engine"}}).failed("030025")
    assert listed(client) == []
    with_sales(site)
    made(client)
    admin = site.client("admin")
    admin.call("user.SetUser", {"webExId": "host1", "supportedServices": {"salesCenter": False}}).ok()
    client.call("sales.CreateSalesSession", sales()).failed("030025")
    client.call("sales.LstAccounts").failed("030025")


def test_a_suspended_site_schedules_none(shop: TestSite) -> None:
    key = made(shop.client())
    shop.set(suspended=True)
    shop.client().call("sales.CreateSalesSession", sales()).failed("010107")
    change(shop.client(), key, metaData={"confName": "x"}).failed("010107")


def test_nobody_comes_early_where_that_is_switched_off(shop: TestSite) -> None:
    client = shop.client()
    key = made(client, schedule={"openTimeEnabled": False, "openTime": 600})
    engine = shop.server.application.engine
    found = get(client, key).ok()
    assert (found.value("schedule/openTimeEnabled"), found.value("schedule/openTime")) == ("false", "600")
    row = shop.server.run(sessions.by_key(engine, shop.site_id, int(key)))
    assert row is not None
    assert row.open_time == 0
    change(client, key, schedule={"openTimeEnabled": True}).ok()
    row = shop.server.run(sessions.by_key(engine, shop.site_id, int(key)))
    assert row is not None
    assert row.open_time == 600


@pytest.mark.parametrize(
    "groups",
    [
        {"metaData": {"confName": " "}},
        {"metaData": {"account": "x" * 129}},
        {"metaData": {"sessionType": 3}},
        {"metaData": {"intAccountID": "9" * 40}},
        {"metaData": {"extSystemID": "9" * 40}},
        {"schedule": {"openTime": -1}},
        {"schedule": {"duration": 0}},
        {"schedule": {"extURL": "x" * 513}},
        {"accessControl": {"listing": "INTERNAL"}},
        {"prospects": {"prospect": {"name": "nobody"}}},
        {"prospects": {"prospect": {"email": "x" * 60 + "@x.example"}}},
        {"attendeeOptions": {"participantLimit": -1}},
        {"repeat": {"repeatType": "YEARLY", "dayInMonth": 31, "monthInYear": 2}},
    ],
)
def test_what_cannot_be_is_refused(shared_shop: TestSite, groups: dict[str, Any]) -> None:
    answer = shared_shop.client().call("sales.CreateSalesSession", sales(**groups))
    assert answer.result == "FAILURE"
    assert answer.code in ("999999", "030025", "060017")


# --- what is sent comes back -----------------------------------------------------------------------------------------

_NEVER = frozenset(
    {
        *("access_control.enforce_password", "meta_data.session_template", "validate_format", "meeting_key"),
        *("meta_data.int_account_id", "meta_data.int_oppty_id", "prospects.prospect", "sales_team.web_ex_id"),
        *("sales_team.email", "sales_team.alt_hosts.web_ex_id"),
    }
)


def _prospects() -> st.SearchStrategy[list[ProspectType]]:
    def numbered(some: list[ProspectType]) -> list[ProspectType]:
        return [
            msgspec.structs.replace(each, email=f"Prospect{place}@x.example", name=each.name or f"N{place}")
            for place, each in enumerate(some)
        ]

    return st.lists(records(ProspectType), max_size=3).map(numbered)


@st.composite
def sales_sessions(draw: st.DrawFn, cls: type[SalesSessionType]) -> SalesSessionType:
    """Requests that the rules allow; apart from these rules every element is drawn freely."""
    only = {"enable_options", "telephony", "tracking", "remind", "attendee_options"}
    free = draw(records(cls, only=only, complete=True))
    meta = draw(records(MetaDataType))
    schedule = draw(records(ScheduleType))
    name = texts(smallest=1).filter(lambda text: not text.isspace())
    team = draw(st.lists(st.sampled_from(["host2", "admin"]), unique=True))
    return msgspec.structs.replace(
        free,
        access_control=AccessControlType(
            listing=draw(st.sampled_from([None, "PUBLIC", "PRIVATE", "UNLISTED"])),
            meeting_password=draw(st.none() | st.text("abcXYZ019&<>\"'", min_size=1, max_size=16)),
        ),
        meta_data=msgspec.structs.replace(
            meta, conf_name=draw(name), session_type=SALES_TYPE, int_account_id=None, int_oppty_id=None
        ),
        schedule=msgspec.structs.replace(
            schedule,
            start_date=in_days(draw(st.integers(1, 300))),
            time_zone_id=draw(st.sampled_from([GMT, BERLIN])),
            time_zone=None,
            duration=draw(st.integers(1, 999_999)),
            open_time=draw(st.none() | st.integers(0, 86_400)),
            host_web_ex_id=None,
        ),
        repeat=draw(repeat_elements(RepeatType)),
        prospects=SalesSessionTypeProspects(prospect=draw(_prospects())),
        sales_team=SalesSessionTypeSalesTeam(
            web_ex_id=team,
            email=draw(st.lists(st.sampled_from(["One@y.example", "two@y.example"]), unique=True)),
            alt_hosts=AlternateHostType(web_ex_id=draw(st.lists(st.sampled_from(team or ["admin"]), max_size=1))),
        ),
    )


def _check(sent: SalesSessionType, expected: dict[str, Any], found: GetSalesSessionResponse) -> None:
    present = leaves(found, _NEVER)
    assert {name: present.get(name) for name in expected} == expected
    assert sent.prospects is not None
    assert found.prospects is not None
    if sent.prospects.prospect:
        by_address = {each.email: leaves(each) for each in found.prospects.prospect}
        assert len(by_address) == len(sent.prospects.prospect)
        assert all(leaves(each).items() <= by_address[each.email].items() for each in sent.prospects.prospect)
    team, told = sent.sales_team, found.sales_team
    assert team is not None
    assert team.alt_hosts is not None
    assert told is not None
    assert told.alt_hosts is not None
    alternates = team.alt_hosts.web_ex_id
    if team.web_ex_id or team.email or alternates:
        assert set(told.web_ex_id) == {*team.web_ex_id, *alternates}
        assert set(told.email) == set(team.email)
        assert told.alt_hosts.web_ex_id == alternates


@BOUNDED
@given(data=st.data())
def test_what_create_takes_get_gives_back(shared_shop: TestSite, data: st.DataObject) -> None:
    sent = data.draw(sales_sessions(CreateSalesSession))
    client = shared_shop.client()
    key = send_record(client, sent).ok().value("meetingKey") or ""
    _check(sent, leaves(sent, _NEVER), read_answer(get(client, key), GetSalesSessionResponse))


@BOUNDED
@given(data=st.data())
def test_what_set_takes_get_gives_back(shared_shop: TestSite, data: st.DataObject) -> None:
    client = shared_shop.client()
    first = data.draw(sales_sessions(CreateSalesSession))
    key = send_record(client, first).ok().value("meetingKey") or ""
    second = data.draw(sales_sessions(SetSalesSession))
    assert isinstance(second, SetSalesSession)
    second = msgspec.structs.replace(second, meeting_key=int(key))
    send_record(client, second).ok()
    expected = after_change(
        leaves(first, _NEVER), leaves(second, _NEVER), cleared(second), repeats=second.repeat is not None
    )
    _check(second, expected, read_answer(get(client, key), GetSalesSessionResponse))


# --- what other services say of these sessions -----------------------------------------------------------------------


def test_the_general_session_service_knows_them(shop: TestSite) -> None:
    client = shop.client()
    key = made(client, metaData={"agenda": "Prices", "account": "Acme", "opportunity": "Engines"})
    told = client.call("ep.GetSessionInfo", sessionKey=key).ok()
    assert (told.value("metaData/account"), told.value("metaData/opportunity")) == ("Acme", "Engines")
    anonymous = shop.client(None, password=None).call("ep.GetSessionInfo", sessionKey=key)
    assert "Acme" not in anonymous.text
    listed_there = client.call("ep.LstsummarySession", {"serviceTypes": {"serviceType": "SalesCenter"}}).ok()
    assert listed_there.all("session/sessionKey") == [key]
    person = {"person": {"name": "Ann", "email": "ann@x.example"}, "sessionKey": key}
    client.call("attendee.CreateMeetingAttendee", person).ok()
    assert get(client, key).all("prospect/email") == ["ann@x.example"]
    client.call("ep.DelSession", sessionKey=key).ok()
    get(client, key).failed("060001")
