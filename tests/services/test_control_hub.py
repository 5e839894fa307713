"""A site that Control Hub manages, line by line of facts/user-site.md 5, and what stays as it is on a classic site."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parley.services import control_hub
from parley.services.accounts import create_account
from parley.services.site_changes import Author, change_site, read_differences
from parley.services.user.email_changes import confirm
from parley.store import audit
from tests.client import Answer, Client
from tests.server import PASSWORD, Server, TestSite
from tests.services.test_user_provisioning import account, change, create, get, stored, waiting

ANN = "ann@example.com"
SECRET = "Better-Secret-8"
NEW_IN_42_2 = ("allowChangeFirstName", "allowChangeLastName", "allowChangeDisplayName", "AllowUploadPRAvatar")


@pytest.fixture
def managed(server: Server) -> TestSite:
    """A site that Control Hub manages."""
    return server.new_site(control_hub=True)


@pytest.fixture
def admin(managed: TestSite) -> Client:
    return managed.client("admin")


def make(client: Client, **values: Any) -> Answer:
    """Make an account as the update notes of 41.11 advise: without password, webExId as the address."""
    return client.call("user.CreateUser", {**account(ANN, email=ANN, password=None, active=None), **values})


def verify(site: TestSite, web_ex_id: str = ANN) -> Client:
    """Follow the activation mail for somebody: he has a password and has signed in with it."""
    site.set_user(web_ex_id, password_hash=site.server.password_hash)
    client = site.client(web_ex_id)
    client.call("user.AuthenticateUser").ok()
    return client


# --- CreateUser ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("web_ex_id", [ANN, "ann", "", None, "ANN@Example.com", "x" * 65, "two words"])
def test_the_id_is_the_address_whatever_is_sent(managed: TestSite, admin: Client, web_ex_id: str | None) -> None:
    make(admin, webExId=web_ex_id).ok()
    assert get(admin, ANN).value("webExId") == ANN
    assert stored(managed, ANN).web_ex_id == ANN
    if web_ex_id == "ann":
        admin.call("user.GetUser", {"webExId": "ann"}).failed("030001")


def test_one_address_one_account(managed: TestSite, admin: Client) -> None:
    make(admin).ok()
    assert make(admin, webExId="other", email="ANN@EXAMPLE.com").code in ("030004", "030005")
    make(admin, email="no address").failed("030062")
    assert "email" in (make(admin, email=None).failed("030009").reason or "")
    longest = f"{'x' * 40}@{'y' * 11}.example.com"
    assert len(longest) == 64
    make(admin, email=longest).ok()
    assert get(admin, longest).value("webExId") == longest


@pytest.mark.parametrize("password", [None, "", "short", "weak password", SECRET, "******"])
def test_no_password_counts_and_an_activation_mail_goes_out(
    managed: TestSite, admin: Client, password: str | None
) -> None:
    make(admin, password=password, security={"resetPassword": True}).ok()
    if password:
        managed.client(ANN, password=password).call("user.GetUser", {"webExId": ANN}).failed("030002")
    [(message, notice)] = waiting(managed, "user.activation")
    assert (message.recipient, notice.web_ex_id, notice.password) == (ANN, ANN, None)
    assert waiting(managed, "user.password_reset") == []
    assert not password or password not in message.document


@pytest.mark.parametrize("html", [False, True])
def test_nobody_is_welcomed(managed: TestSite, admin: Client, html: bool) -> None:
    make(admin, sendWelcome=True, isHTMLEmail=html).ok()
    assert waiting(managed, "user.welcome") == []
    assert len(waiting(managed, "user.activation")) == 1


@pytest.mark.parametrize("active", ["ACTIVATED", "DEACTIVATED", "REQUEST_TO_ACTIVATE"])
def test_the_state_of_a_new_account_is_not_the_programs(admin: Client, active: str) -> None:
    make(admin, active=active).ok()
    assert get(admin, ANN).value("active") == "ACTIVATED"


def test_administrators_are_appointed_elsewhere(managed: TestSite, admin: Client) -> None:
    for role in ("siteAdmin", "roSiteAdmin"):
        answer = make(admin, privilege={"host": True, role: True}).failed("030103")
        assert answer.reason == "Assignment of this role is not supported"
    make(admin, privilege={"host": True, "siteAdmin": False, "roSiteAdmin": False}).ok()
    for role in ("siteAdmin", "roSiteAdmin"):
        change(admin, ANN, privilege={role: True}).failed("030103")
    change(admin, ANN, privilege={"siteAdmin": False, "host": True}, title="Dr.").ok()
    managed.set_user("host2", site_admin=True)
    change(admin, "host2", privilege={"siteAdmin": False}).failed("030103")
    assert stored(managed, "host2").site_admin
    change(admin, "host2", privilege={"siteAdmin": True}, title="still boss").ok()


# --- SetUser -------------------------------------------------------------------------------------------------------


def test_passwords_names_ids_and_telephones_are_not_the_programs(managed: TestSite, admin: Client) -> None:
    make(admin, phones={"phone": "49,30,1"}).ok()
    before = stored(managed, ANN)
    change(
        admin,
        ANN,
        password=SECRET,
        firstName="Else",
        lastName="Else",
        newWebExId="else@example.com",
        phones={"phone": "49,30,2", "mobilePhone": "1"},
        security={"resetPassword": True},
        title="Dr.",
    ).ok()
    after, found = stored(managed, ANN), get(admin, ANN)
    same = ("password_hash", "first_name", "last_name", "web_ex_id", "must_change_password", "credential_version")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert (found.value("phones/phone"), found.value("title")) == ("49,30,1", "Dr.")
    assert waiting(managed, "user.password_reset") == []
    admin.call("user.GetUser", {"webExId": "else@example.com"}).failed("030001")


def test_accounts_are_named_by_their_address_only(admin: Client) -> None:
    make(admin, webExId="ann").ok()
    change(admin, "ann", title="x").failed("030001")
    change(admin, "Ann@EXAMPLE.com", title="x").ok()
    assert get(admin, ANN).value("title") == "x"


def test_the_address_changes_and_the_id_with_it(managed: TestSite, admin: Client) -> None:
    make(admin).ok()
    number = get(admin, ANN).value("userId")
    change(admin, ANN, email="anna@example.com").ok()
    found = get(admin, "anna@example.com")
    assert [found.value(each) for each in ("webExId", "email", "userId")] == [
        *("anna@example.com", "anna@example.com", number)
    ]
    admin.call("user.GetUser", {"webExId": ANN}).failed("030001")
    change(admin, "anna@example.com", email="none").failed("030062")
    make(admin).ok()  # the old address is free again
    assert change(admin, ANN, email="ANNA@example.com").code in ("030004", "030005")
    own = verify(managed, "anna@example.com")
    change(own, "anna@example.com", email="annie@example.com").ok()
    assert get(managed.client("annie@example.com"), "annie@example.com").value("userId") == number


def test_an_address_that_waits_for_its_link_waits_as_id_too(server: Server) -> None:
    site = server.new_site(control_hub=True, confirm_email_changes=True)
    admin = site.client("admin")
    make(admin).ok()
    change(verify(site), ANN, email="anna@example.com").ok()
    found = get(admin, ANN)
    assert (found.value("webExId"), found.value("email")) == (ANN, ANN)
    [(_, notice)] = waiting(site, "user.email_change")
    assert server.run(confirm(server.application, site.site_id, notice.token or "")) is not None
    assert get(admin, "anna@example.com").value("webExId") == "anna@example.com"


def test_licences_are_given_and_taken(managed: TestSite, admin: Client) -> None:
    make(admin, meetingTypes={"meetingType": [3, 104]}).ok()
    change(admin, ANN, meetingTypes={"meetingType": [101]}, supportedServices={"trainingCenter": True}).ok()
    found = get(admin, ANN)
    assert found.all("meetingTypes/meetingType") == ["101"]
    assert found.value("supportedServices/trainingCenter") == "true"
    change(admin, ANN, privilege={"host": False}).ok()
    assert get(admin, ANN).value("privilege/host") == "false"
    change(admin, ANN, privilege={"host": True}).ok()
    assert get(admin, ANN).value("privilege/host") == "true"
    change(verify(managed), ANN, meetingTypes={"meetingType": [3]}).failed("000001")


def test_who_is_not_verified_cannot_be_activated(managed: TestSite, admin: Client) -> None:
    make(admin).ok()
    change(admin, ANN, active="ACTIVATED", title="nothing to do").ok()
    change(admin, ANN, active="DEACTIVATED").ok()
    answer = change(admin, ANN, active="ACTIVATED").failed("030105")
    assert answer.reason == "Error setting up or modifying user profile"
    assert get(admin, ANN).value("active") == "DEACTIVATED"
    managed.set_user(ANN, status="ACTIVATED")
    own = verify(managed)
    change(admin, ANN, active="DEACTIVATED").ok()
    own.call("user.GetUser", {"webExId": ANN}).failed("030008")
    change(admin, ANN, active="ACTIVATED").ok()
    own.call("user.GetUser", {"webExId": ANN}).ok()


def test_a_whole_account_can_be_sent_back(managed: TestSite, admin: Client) -> None:
    make(admin, phones={"phone": "49,30,1"}).ok()
    for client in (admin, verify(managed)):
        before = get(client, ANN)
        body = before.text.partition("getUserResponse")[2].partition(">")[2].partition("</serv:bodyContent>")[0]
        names = 'xmlns:use="http://www.webex.com/schemas/2002/06/service/user"'
        assert names in before.text
        client.call("user.SetUser", body).ok()
        assert get(client, ANN).text == before.text


# --- tickets, DelUser, lists, GetSite ------------------------------------------------------------------------------


def test_tickets_are_good_for_keeping_accounts(managed: TestSite) -> None:
    """030104 was an answer of 2015; later programs keep accounts with tickets (facts/user-site.md 5)."""
    signed_in = managed.client("admin").call("user.AuthenticateUser").ok()
    admin = managed.client("admin", None, ticket=signed_in.value("sessionTicket"))
    make(admin).ok()
    change(admin, ANN, title="Dr.").ok()
    admin.call("user.DelUser", {"webExId": ANN}).ok()


def test_deleting_takes_the_licence(server: Server) -> None:
    site = server.new_site(control_hub=True, host_limit=4)
    admin = site.client("admin")
    make(admin).ok()
    make(admin, email="bob@example.com").failed("030010")
    verify(site)
    answer = admin.call("user.DelUser", {"webExId": [ANN, "nobody@example.com", ANN]}).ok()
    assert answer.all("user/status") == ["SUCCESS", "FAILURE", "SUCCESS"]
    found = get(admin, ANN)
    assert (found.value("active"), found.value("privilege/host")) == ("DEACTIVATED", "false")
    make(admin, email="bob@example.com").ok()  # the licence is free for somebody else
    change(admin, ANN, active="ACTIVATED").ok()
    assert get(admin, ANN).value("privilege/host") == "false"
    change(admin, ANN, privilege={"host": True}).failed("030010")
    admin.call("user.DelUser", {"webExId": "bob@example.com"}).ok()
    change(admin, ANN, privilege={"host": True}).ok()
    assert site.client(ANN).call("user.GetUser", {"webExId": ANN}).ok().all("meetingTypes/meetingType")
    admin.call("user.InactivateUser", {"webexID": ANN}).ok()
    assert get(admin, ANN).value("privilege/host") == "true"


def test_lists_have_the_number_of_every_account(admin: Client) -> None:
    make(admin).ok()
    whole = admin.call("user.LstsummaryUser", {"listControl": {"maximumNum": 50}}).ok()
    numbers = dict(zip(whole.all("user/webExId"), whole.all("user/objectGUID"), strict=True))
    assert len(set(numbers.values())) == 5
    change(admin, ANN, email="anna@example.com").ok()
    alone = admin.call("user.LstsummaryUser", {"email": "anna@example.com"}).ok()
    assert alone.all("user/objectGUID") == [numbers[ANN]]
    assert alone.names("user")[-1] == "objectGUID"


def test_get_site_has_nothing_new_of_42_2(managed: TestSite, server: Server) -> None:
    classic = server.new_site()
    for level, expected in (("42.6.0", NEW_IN_42_2), ("42.2.0", NEW_IN_42_2), ("42.1.0", ())):
        for site in (managed, classic):
            site.set(level=level)
        there = classic.client().call("site.GetSite").ok().names("myWebExConfig")
        here = managed.client().call("site.GetSite").ok().names("myWebExConfig")
        assert [name for name in there if name in NEW_IN_42_2] == list(expected)
        assert [name for name in here if name in NEW_IN_42_2] == []


@pytest.mark.parametrize("level", ["42.1.0", "42.6.0"])
def test_the_rules_of_41_11_hold_at_every_level(managed: TestSite, admin: Client, level: str) -> None:
    managed.set(level=level)
    make(admin, webExId="ann", password="x", active="DEACTIVATED", sendWelcome=True).ok()
    change(admin, ANN, firstName="Else", password="x").ok()
    assert (get(admin, ANN).value("firstName"), get(admin, ANN).value("active")) == ("Ann", "ACTIVATED")
    change(admin, ANN, email="anna@example.com").ok()
    assert get(admin, "anna@example.com").value("webExId") == "anna@example.com"
    managed.set(suspended=True)
    refused = {"42.1.0": None, "42.6.0": "010107"}[level]
    assert change(admin, "anna@example.com", title="x").code == refused
    change(verify(managed, "anna@example.com"), "anna@example.com", title="own").ok()


# --- classic sites -------------------------------------------------------------------------------------------------


def test_on_a_classic_site_nothing_of_this_holds(site: TestSite) -> None:
    admin = site.client("admin")
    create(admin, sendWelcome=True, privilege={"host": True, "siteAdmin": True}).ok()
    assert len(waiting(site, "user.welcome")) == 1
    assert waiting(site, "user.activation") == []
    change(admin, "ann", firstName="Anna", password=SECRET, newWebExId="anna", phones={"phone": "1"}).ok()
    found = get(site.client("anna", SECRET), "anna")
    assert (found.value("firstName"), found.value("phones/phone")) == ("Anna", "1")
    change(admin, "anna", privilege={"siteAdmin": False}, active="DEACTIVATED").ok()
    change(admin, "anna", active="ACTIVATED").ok()
    admin.call("user.DelUser", {"webExId": "anna"}).ok()
    found = get(admin, "anna")
    assert (found.value("active"), found.value("privilege/host")) == ("DEACTIVATED", "true")
    assert "objectGUID" not in admin.call("user.LstsummaryUser").ok().names("user")
    site.client("host1", PASSWORD).call("user.GetUser", {"webExId": "host1"}).ok()


# --- accounts of the command line, and of before ---------------------------------------------------------------------


def take_over(site: TestSite, *, managed: bool = True) -> None:
    """Let Control Hub manage the site from now on, as `parley site set` does it."""
    application = site.server.application
    changing = change_site(
        application.engine,
        site.site_id,
        lambda before: msgspec.structs.replace(
            before, settings=msgspec.structs.replace(before.settings, control_hub=managed)
        ),
        Author("test", "CLI"),
        application.clock.now(),
    )
    site.server.run(changing)


def test_accounts_of_the_terminal_need_no_password_there(managed: TestSite, admin: Client) -> None:
    def made(email: str, password: str) -> str:
        making = create_account(
            managed.server.application,
            managed.site_id,
            web_ex_id="ann",
            email=email,
            password=password,
            first_name="Ann",
            last_name="Lee",
        )
        return managed.server.run(making).web_ex_id

    assert made(ANN, "") == ANN
    [(message, _)] = waiting(managed, "user.activation")
    assert message.recipient == ANN
    assert made("bea@example.com", SECRET) == "bea@example.com"
    assert len(waiting(managed, "user.activation")) == 1
    managed.client("bea@example.com", SECRET).call("user.GetUser", {"webExId": "bea@example.com"}).ok()
    managed.client(ANN, SECRET).call("user.GetUser", {"webExId": ANN}).failed("030002")


def test_accounts_of_before_are_named_by_their_address_too(site: TestSite) -> None:
    email = get(site.client("host1"), "host1").ok().value("email") or ""
    create(site.client("admin"), "same@people.example", email="same@people.example").ok()
    take_over(site)
    site.client("host1").call("user.GetUser", {"webExId": "host1"}).failed("030001")
    found = get(site.client(email), email).ok()
    assert (found.value("webExId"), found.value("email")) == (email, email)
    boss = site.client(site.users["admin"].email)
    assert get(boss, "same@people.example").ok().value("webExId") == "same@people.example"
    [entry] = site.server.run(audit.latest(site.server.application.engine, site.site_id, 1))
    told = {each.name: each.after for each in read_differences(entry)}
    assert (told["control_hub"], told["accounts_renamed"]) == (True, 4)
    take_over(site, managed=False)
    assert get(site.client(email), email).ok().value("webExId") == email


def test_webexids_that_are_addresses_of_others_move_round(site: TestSite) -> None:
    emails = {name: get(site.client(name), name).ok().value("email") or "" for name in ("host1", "host2", "admin")}
    circle = {"host1": "host2", "host2": "admin", "admin": "host1"}
    for name, other in circle.items():
        site.set_user(name, web_ex_id=emails[other], web_ex_id_key=emails[other].casefold())
    take_over(site)
    for email in emails.values():
        assert get(site.client(email), email).ok().value("email") == email


def test_an_address_too_long_for_a_webexid_holds_the_change_up(site: TestSite) -> None:
    email = f"{'x' * 60}@people.example"
    site.set_user("host2", email=email, email_key=email)
    with pytest.raises(control_hub.LongAddresses, match=r"1 accounts .*'host2'"):
        take_over(site)
    assert get(site.client("host1"), "host1").ok().value("webExId") == "host1"
