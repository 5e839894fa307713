"""The administrators' pages about the site: at a glance, its level, suspending it, its session types."""

from __future__ import annotations

import re

import pytest

from parley.domain.site import SessionType, SiteSettings
from parley.protocol.versions import CHANGES, LEVELS
from parley.services.session_type_changes import described
from parley.store import Changes, outbox, sites, type_holders
from parley.store.outbox import Message
from tests.server import TestSite
from tests.web.console import Person, logged
from tests.web.test_pages import NASTY

PAGES = (
    "admin",
    "admin/options",
    "admin/passwords",
    "admin/types",
    "admin/types/3",
    "admin/types/3/remove",
    "admin/types/new",
    "admin/tracking",
    "admin/tracking/1",
    "admin/level",
    "admin/suspend",
)
POSTS = (
    "admin/options",
    "admin/passwords",
    "admin/passwords/try",
    "admin/types/new",
    "admin/types/3",
    "admin/types/3/switch",
    "admin/types/3/usual",
    "admin/types/3/remove",
    "admin/tracking/1",
    "admin/level",
    "admin/suspend",
)


def types_of(site: TestSite) -> dict[int, SessionType]:
    found = site.server.run(sites.types(site.server.application.engine, site.site_id))
    return {each.type_id: each for each in found}


# ---- who may ---------------------------------------------------------------------------------------------------------


def test_administrators_see_all_pages(site: TestSite, admin: Person) -> None:
    for path in PAGES:
        admin.open(path)
        assert (admin.status, admin.where) == (200, path)
        assert 'aria-current="page"' in admin.page
    admin.open("admin/tracking/11")
    assert admin.status == 404


@pytest.mark.parametrize("who", ["host1", "attendee1"])
def test_nobody_else_does(site: TestSite, who: str) -> None:
    person = Person(site, who)
    for path in PAGES:
        person.open(path)
        assert person.status == 403
        assert site.name not in person.heading
    before = site.row()
    person.open("profile")
    csrf = person.form("profile")[1]["CSRF"]
    for path in POSTS:
        person.post(path, CSRF=csrf, SUSPENDED="1", LEVEL="42.1.0", WAS="42.6.0", ACTIVE="0", NAME="x")
        assert person.status == 403
    assert site.row() == before
    person.close()


def test_whoever_is_not_signed_in_is_sent_to_sign_in(site: TestSite) -> None:
    person = Person(site)
    for path in PAGES:
        person.open(path)
        assert person.where == "sign-in"
    for path in POSTS:
        person.post(path, SUSPENDED="1")
        assert person.where == "sign-in"
    assert not site.row().suspended
    person.close()


def test_the_administrator_of_another_site_is_nobody_here(site: TestSite) -> None:
    other = site.server.new_site()
    person = Person(other, "admin")
    person.http.get(f"{site.server.url}/{site.name}/console/admin")
    answer = person.http.get(f"{site.server.url}/{site.name}/console/admin/options")
    assert "sign-in" in str(answer.url)
    person.close()


def test_read_only_administrators_see_everything_and_change_nothing(site: TestSite) -> None:
    site.set_user("admin", site_admin=False, ro_site_admin=True)
    person = Person(site, "admin")
    before, types = site.row(), types_of(site)
    for path in PAGES:
        person.open(path)
        assert person.status == 200, path
        if path != "admin/types/3/remove":
            assert "Your account may look at this, not change it." in person.page or path == "admin/types/new"
        assert not re.search(r'<form method="post" action="[^"]*/(switch|usual|remove|suspend|level)"', person.page)
    person.open("profile")
    csrf = person.form("profile")[1]["CSRF"]
    for path in POSTS:
        person.post(path, CSRF=csrf, SUSPENDED="1", LEVEL="42.1.0", WAS="42.6.0", ACTIVE="0", NAME="x")
        assert person.status == 403
    assert (site.row(), types_of(site)) == (before, types)
    person.close()


def test_forms_without_the_value_of_the_visit_do_nothing(site: TestSite, admin: Person) -> None:
    before = site.row()
    for path in POSTS:
        admin.post(path, SUSPENDED="1", LEVEL="42.1.0", WAS="42.6.0", ACTIVE="0", NAME="x")
        assert admin.status == 403
        admin.post(path, {"Sec-Fetch-Site": "cross-site"}, SUSPENDED="1")
        assert admin.status == 403
    assert site.row() == before


# ---- at a glance -----------------------------------------------------------------------------------------------------


def test_the_site_at_a_glance(site: TestSite, admin: Person) -> None:
    site.schedule("Weekly")
    site.set_user("host2", status="DEACTIVATED")
    page = admin.open("admin")
    assert site.name in page
    assert str(site.site_id) in page
    assert f"{site.server.url}/WBXService/XMLService" in page
    assert "42.6.0" in page
    figures = re.findall(r"<li><strong>([\d.]+)</strong> <span>([^<]+)</span>", page)
    assert ("3", "active accounts") in figures
    assert ("1", "sessions to come") in figures
    assert "not active: 1" in page
    assert "mails become files that nobody gets" in page
    assert 'href="' + f"/{site.name}/console/admin/options" in page


def test_what_needs_attention(site: TestSite, admin: Person) -> None:
    site.set(settings=SiteSettings(host_limit=2, strict_user_passwords=False, archive_storage_limit=0))
    now = site.server.application.clock.now()
    changes = Changes()
    message = Message(
        site_id=site.site_id, outbox_id=1, kind="session.invitation", created_at=now, due_at=now, document="{}"
    )
    outbox.put(changes, [message])
    site.server.run(site.server.application.engine.commit(changes))
    changes = Changes()
    outbox.give_up(changes, message, now, "refused")
    site.server.run(site.server.application.engine.commit(changes))
    page = admin.open("admin")
    assert "Mails that were given up: 1" in page
    assert "All 2 host accounts that the site may have are in use." in page
    assert "Accounts may have any password" in page
    assert "megabytes that they may" in page
    site.set(suspended=True)
    assert "The site is suspended." in admin.open("admin")


# ---- the level of the API --------------------------------------------------------------------------------------------


def test_every_level_with_what_it_changes(admin: Person) -> None:
    page = admin.open("admin/level")
    for level in LEVELS:
        assert level.text in page
    for change in CHANGES:
        assert change.summary in page
        assert ", ".join(change.operations) in page


def test_another_level_is_set_after_a_question(site: TestSite, admin: Person) -> None:
    page = admin.open("admin/level?LEVEL=42.2.0")
    assert admin.heading == "Change the level from 42.6.0 to 42.2.0?"
    assert "This holds no longer" in page
    lost = [each.summary for each in CHANGES if each.level.text in ("42.3.0", "42.5.0", "42.6.0")]
    assert all(each in page for each in lost)
    assert "One call registers" not in page
    assert site.row().level == "42.6.0"
    admin.send("admin/level")
    assert admin.notice == "The site speaks another level of the API now."
    assert site.row().level == "42.2.0"
    assert site.client().call("ep.GetAPIVersion").ok().value("apiVer") == "42.2.0"
    assert logged(site)[0] == ("admin", "CONSOLE", ["level"])
    assert "This begins to hold" in admin.open("admin/level?LEVEL=42.6.0")
    admin.open("admin/level?LEVEL=42.2.0")
    assert admin.heading == "API level"


def test_a_level_that_somebody_else_changed_meanwhile(site: TestSite, admin: Person) -> None:
    admin.open("admin/level?LEVEL=42.2.0")
    site.set_level("42.4")
    page = admin.send("admin/level")
    assert admin.status == 400
    assert "Somebody else changed the level meanwhile." in page
    assert site.row().level == "42.4.0"


@pytest.mark.parametrize("level", ["42.7.0", "", "x", NASTY, "9" * 10_000, "42.2\x00.0"])
def test_levels_that_are_none(site: TestSite, admin: Person, level: str) -> None:
    admin.open("admin/level?LEVEL=42.2.0")
    admin.send("admin/level", LEVEL=level)
    assert admin.status == (400 if level != "42.2\x00.0" else 200)
    assert "<script>alert" not in admin.page
    assert site.row().level == ("42.6.0" if admin.status == 400 else "42.2.0")


# ---- suspending ------------------------------------------------------------------------------------------------------


def test_suspending_and_going_on(site: TestSite, admin: Person) -> None:
    page = admin.open("admin/suspend")
    assert admin.heading == "Suspend the site?"
    assert "are answered with 010107" in page
    assert "can neither make nor change accounts" in page
    admin.send("admin/suspend")
    assert admin.notice == "The site is suspended."
    assert site.row().suspended
    assert logged(site)[0] == ("admin", "CONSOLE", ["suspended"])
    site.client("admin").call("user.SetUser", webExId="host1", firstName="Ada").failed("010107")
    guest = Person(site)
    assert "This site is suspended: only free meetings" in guest.open("sign-in")
    assert "administrators cannot change accounts" not in guest.page
    for path in ("", "calendar"):
        page = guest.http.get(f"{site.server.url}/{site.name}/{path}").text
        assert "This site is suspended: only free meetings" in page
    admin.open("admin/suspend")
    assert admin.heading == "Let the site go on?"
    admin.send("admin/suspend")
    assert admin.notice == "The site goes on."
    assert not site.row().suspended
    assert "This site is suspended" not in guest.open("sign-in")
    guest.close()


@pytest.mark.parametrize(
    ("level", "said", "unsaid"),
    [
        ("42.4.0", "Nothing: refusals begin with level 42.5.", "010107"),
        ("42.5.0", "Programs that schedule or change meetings", "can neither make nor change accounts"),
        ("42.6.0", "can neither make nor change accounts", "Nothing: refusals begin"),
    ],
)
def test_what_suspending_means_at_a_level(site: TestSite, admin: Person, level: str, said: str, unsaid: str) -> None:
    site.set_level(level)
    page = admin.open("admin/suspend")
    assert said in page
    assert unsaid not in page
    site.set(suspended=True)
    refused = site.client("admin").call("user.SetUser", webExId="host1", firstName="Ada")
    assert (refused.code == "010107") == ("accounts" in said)


def test_two_who_suspend_at_once(site: TestSite, admin: Person) -> None:
    admin.open("admin/suspend")
    site.set(suspended=True)
    admin.send("admin/suspend")
    assert admin.status == 409
    assert "Somebody else did that already." in admin.page
    assert site.row().suspended


# ---- session types ---------------------------------------------------------------------------------------------------


def test_the_list_of_types_with_who_holds_them(site: TestSite, admin: Person) -> None:
    site.set_user("host2", status="DEACTIVATED")
    page = admin.open("admin/types")
    for each in types_of(site).values():
        assert each.name in page
    held = re.search(r'<td id="held-3"[^>]*>(\d+)<span class="quiet">(\d+) of them active</span>', page)
    assert held is not None
    assert held.groups() == ("3", "2")
    assert page.count("Usual</span>") == 1
    assert "40 minutes" in page
    assert "Webinar, attendees only watch" in page


def test_a_type_is_added_renamed_switched_and_removed(site: TestSite, admin: Person) -> None:
    admin.open("admin/types/new")
    admin.send("admin/types/new", NAME=NASTY, SERVICE="MeetingCenter", PREFIX="PRO", MINUTES="90", EVERYONE="1")
    assert admin.notice == "The session type was added."
    assert "<script>alert" not in admin.page
    number = max(types_of(site))
    made = types_of(site)[number]
    assert (made.name, made.display_name, described(made)["minutes"]) == (NASTY, NASTY, 90)
    assert number in site_types_of(site, "host1")
    assert logged(site)[0][:2] == ("admin", "CONSOLE")
    admin.open(f"admin/types/{number}")
    admin.send(f"admin/types/{number}", NAME="Ninety", DISPLAY_NAME="", MAX_HOLDERS="5")
    assert admin.notice == "The changes were saved."
    changed = types_of(site)[number]
    assert (changed.display_name, described(changed)["max_holders"], described(changed)["minutes"]) == ("Ninety", 5, 90)
    admin.open(f"admin/types/{number}")
    admin.send(f"admin/types/{number}")
    assert admin.notice == "Nothing was different, so nothing was changed."
    admin.open(f"admin/types/{number}")
    admin.send(f"admin/types/{number}", MINUTES="", MAX_HOLDERS="")
    assert described(types_of(site)[number])["max_holders"] is None
    admin.send(f"admin/types/{number}/switch")
    assert not types_of(site)[number].active
    admin.send(f"admin/types/{number}/switch")
    assert types_of(site)[number].active
    page = admin.open(f"admin/types/{number}/remove")
    assert "Host1 Tester" in page
    admin.send(f"admin/types/{number}/remove")
    assert admin.notice == "The session type was removed."
    assert number not in types_of(site)
    assert number not in site_types_of(site, "host1")
    admin.open(f"admin/types/{number}")
    assert admin.status == 404


def site_types_of(site: TestSite, web_ex_id: str) -> list[int]:
    user = site.client("admin").call("user.GetUser", webExId=web_ex_id).ok()
    return [int(each) for each in user.all("meetingTypes/meetingType")]


def test_a_type_of_which_there_are_sessions_stays(site: TestSite, admin: Person) -> None:
    site.schedule("Weekly")
    page = admin.open("admin/types/3/remove")
    assert "There are sessions of this type" in page
    csrf = admin.form("switch")[1]["CSRF"]
    admin.post("admin/types/3/remove", CSRF=csrf)
    assert admin.status == 400
    assert 3 in types_of(site)
    admin.send("switch")
    assert not types_of(site)[3].active


def test_the_usual_type(site: TestSite, admin: Person) -> None:
    admin.open("admin/types")
    admin.send("admin/types/1/usual")
    assert site.row().settings.default_session_type == 1
    assert logged(site)[0] == ("admin", "CONSOLE", ["default_session_type"])
    admin.send("admin/types/16/switch")
    csrf = admin.form("switch")[1]["CSRF"]
    admin.post("admin/types/16/usual", CSRF=csrf)
    assert admin.status == 400
    assert site.row().settings.default_session_type == 1
    made = site.add_user("newcomer")
    assert site_types_of(site, made.web_ex_id)[0] == 1


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"NAME": ""}, "Please fill this in."),
        ({"NAME": "x" * 65}, "At most 64 characters, please."),
        ({"NAME": "x" * 10_000}, "At most 64 characters, please."),
        ({"SERVICE": "Kitchen"}, "Please choose one."),
        ({"PREFIX": NASTY}, "Please choose one."),
        ({"MINUTES": "0"}, "Please give a whole number from 1 to 999999."),
        ({"MINUTES": "1e3"}, "Please give a whole number from 1 to 999999."),
        ({"PARTICIPANTS": "-5"}, "Please give a whole number from 1 to 999999."),
        ({"PARTICIPANTS": "9" * 400}, "Please give a whole number from 1 to 999999."),
        ({"MAX_HOLDERS": "٣"}, "Please give a whole number from 1 to 1000000."),
        ({"VIEW_ONLY": "1"}, "Only attendees of a webinar can only watch."),
        ({"WEBINAR": "1", "SERVICE": "EventCenter"}, "Webinars belong to the service MeetingCenter."),
        ({"MAX_HOLDERS": "5", "EVERYONE": "1"}, "A type with a limit of holders is given to accounts one by one."),
    ],
)
def test_values_that_no_type_can_have(site: TestSite, admin: Person, sent: dict[str, str], problem: str) -> None:
    before = types_of(site)
    admin.open("admin/types/new")
    page = admin.send("admin/types/new", **{"NAME": "Kitchen talk"} | sent)
    assert admin.status == 400
    assert problem in page
    assert "<script>alert" not in admin.page
    assert types_of(site) == before


def test_two_who_change_a_type_at_once(site: TestSite, admin: Person) -> None:
    other = Person(site, "admin")
    admin.open("admin/types/3")
    other.open("admin/types/3")
    other.send("admin/types/3", NAME="Theirs")
    page = admin.send("admin/types/3", MINUTES="60")
    assert admin.status == 409
    assert "admin changed this type meanwhile." in page
    assert types_of(site)[3].name == "Theirs"
    assert described(types_of(site)[3])["minutes"] == 999_999
    admin.send("admin/types/3")
    assert (types_of(site)[3].name, described(types_of(site)[3])["minutes"]) == ("Pro Meeting", 60)
    other.close()


@pytest.mark.parametrize("number", ["0", "999", "x", "3'", "٣", "9" * 30, "%00"])
def test_types_that_are_none(admin: Person, number: str) -> None:
    admin.open(f"admin/types/{number}")
    assert admin.status == 404


def test_holders_are_counted_quickly_enough_on_a_large_site(
    site: TestSite, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parley.web.console.admin_types._COUNTED_AT_ONCE", 1)
    page = admin.open("admin/types")
    assert "not counted yet" in page
    assert "Count who holds which type" in page
    page = admin.open("admin/types?COUNT=1")
    assert re.search(r'<td id="held-3"[^>]*>3<', page)


def test_counts_of_a_site_without_accounts(site: TestSite) -> None:
    engine = site.server.application.engine
    assert site.server.run(type_holders.counts(engine, 5)) == {}
    assert site.server.run(type_holders.accounts(engine, 5)) == type_holders.Accounts()
