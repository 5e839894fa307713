"""The accounts of a site in the console: looking for them, one of them, many at once, the list as a file."""

from __future__ import annotations

import csv
import io

import msgspec
import pytest

from parley.contract.common import TrackingType
from parley.contract.user import UserType
from parley.domain.site import TrackingCode
from parley.domain.user import User
from parley.store import Changes, sites, users
from tests.server import TestSite
from tests.web.console import Person
from tests.web.test_pages import NASTY

_OWN_ACCOUNT = "This is your own account."


def account(site: TestSite, web_ex_id: str) -> User:
    found = site.server.run(users.by_web_ex_id(site.server.application.engine, site.site_id, web_ex_id.casefold()))
    assert found is not None, web_ex_id
    return found


def number_of(site: TestSite, web_ex_id: str) -> int:
    return account(site, web_ex_id).user_id


def told(site: TestSite, web_ex_id: str, path: str) -> str | None:
    """What GetUser tells of an account."""
    return site.client("admin").call("user.GetUser", webExId=web_ex_id).ok().value(path)


# ---- who sees what -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["host1", "attendee1"])
def test_it_is_for_administrators(site: TestSite, name: str) -> None:
    person = Person(site, name)
    number = number_of(site, "host1")
    for path in ("", "/new", "/import", "/accounts.csv", f"/{number}", f"/{number}/delete", f"/{number}/password"):
        page = person.open(f"admin/users{path}")
        assert (person.status, person.heading) == (403, "For administrators only"), path
        assert "admin/users" not in page
    person.open("profile")
    csrf = person.form("sign-out")[1]["CSRF"]
    for path in ("change", "new", "import", f"{number}", f"{number}/do", f"{number}/delete"):
        person.post(f"admin/users/{path}", CSRF=csrf, DO="LOCK", FIRST="X")
        assert person.status == 403, path
    assert not account(site, "host1").locked
    person.close()


def test_nobody_is_asked_to_sign_in(site: TestSite) -> None:
    person = Person(site)
    person.open("admin/users")
    assert person.where.startswith("sign-in")
    person.post(f"admin/users/{number_of(site, 'host1')}/do", DO="LOCK")
    assert person.where.startswith("sign-in")
    assert not account(site, "host1").locked
    person.close()


def test_administrators_who_only_look(site: TestSite) -> None:
    site.set_user("host2", ro_site_admin=True)
    person = Person(site, "host2")
    number = number_of(site, "host1")
    page = person.open("admin/users")
    assert person.status == 200
    assert "host1" in page
    assert "New user" not in page
    assert 'type="checkbox"' not in page
    page = person.open(f"admin/users/{number}")
    assert "Your account may look at this, not change it." in page
    assert "<fieldset disabled>" in page
    csrf = person.form("sign-out")[1]["CSRF"]
    for path in (f"{number}", f"{number}/do", f"{number}/delete", f"{number}/password", "new", "change", "import"):
        person.post(f"admin/users/{path}", None, CSRF=csrf, DO="LOCK", SURE="1", **{f"U{number}": "1"})
        assert (person.status, person.heading) == (403, "Not yours to change"), path
    for path in ("new", "import"):
        person.open(f"admin/users/{path}")
        assert person.status == 403, path
    assert account(site, "host1").version == 1
    person.close()


def test_accounts_of_another_site_are_none(site: TestSite, admin: Person) -> None:
    foreign = number_of(site.server.new_site(), "host1")
    admin.open("admin/users")
    csrf = admin.form("sign-out")[1]["CSRF"]
    for number in (foreign, 0, 10**18, 10**40):
        for path in ("", "/delete", "/password"):
            admin.open(f"admin/users/{number}{path}")
            assert admin.status == 404, (number, path)
        admin.post(f"admin/users/{number}/do", DO="LOCK", CSRF=csrf)
        assert admin.status == 404
    page = admin.post("admin/users/change", None, CSRF=csrf, DO="LOCK", SURE="1", **{f"U{foreign}": "1"})
    assert (admin.status, "Tick the accounts that are to be changed first." in page) == (400, True)


def test_forms_of_strangers(site: TestSite, admin: Person) -> None:
    number = number_of(site, "host1")
    for path, values in (
        ("new", {"FIRST": "A", "LAST": "B", "EMAIL": "a@example.com", "ROLE": "HOST"}),
        (f"{number}", {"FIRST": "A"}),
        (f"{number}/do", {"DO": "LOCK"}),
        (f"{number}/delete", {}),
        (f"{number}/password", {}),
        ("change", {"DO": "LOCK", "SURE": "1", f"U{number}": "1"}),
        ("import", {}),
        ("import/table", {}),
        ("import/forget", {}),
    ):
        admin.post(f"admin/users/{path}", None, **values)
        assert (admin.status, admin.heading) == (403, "This form is too old"), path
        admin.post(f"admin/users/{path}", {"Sec-Fetch-Site": "cross-site"}, **values)
        assert admin.status == 403, path
    assert account(site, "host1").version == 1


# ---- the list ------------------------------------------------------------------------------------------------------


def names(page: str) -> list[str]:
    """The sign-in names of the rows of a list, in their order."""
    return [each.partition("<")[0] for each in page.split('<td class="id">')[1:]]


def test_the_list(site: TestSite, admin: Person) -> None:
    site.add_user("zorro", first_name=NASTY, last_name="Aaa", email="z@example.org")
    page = admin.open("admin/users")
    assert (admin.status, admin.heading) == (200, "Users")
    assert names(page)[0] == "zorro"
    assert set(names(page)) == {"zorro", "admin", "host1", "host2", "attendee1"}
    assert "5 accounts" in page
    assert "<script>alert" not in admin.page
    assert "never signed in" in page
    page = admin.open("admin/users?sort=id")
    assert names(page) == ["admin", "attendee1", "host1", "host2", "zorro"]
    assert names(admin.open("admin/users?sort=newest"))[-1] != ""
    assert names(admin.open("admin/users?sort=role"))[0] == "admin"
    for bad in ("sort=x", "role=9", "state=X", "type=x", "page=x", "page=-1", "page=0", f"page={'9' * 40}", "find=%00"):
        assert len(names(admin.open(f"admin/users?{bad}"))) == 5, bad


def test_looking_for_people(site: TestSite, admin: Person) -> None:
    site.add_user("jdoe", first_name="Jane", last_name="von Doe", email="jane@sea.example.org")
    site.add_user("off", first_name="Off", last_name="Line")
    site.set_user("off", status="DEACTIVATED")
    site.set_user("host1", locked=True)
    site.set_user("host2", ro_site_admin=True)
    for query, found in (
        ("find=doe", ["jdoe"]),
        ("find=DOE+jan", ["jdoe"]),
        ("find=sea.ex", ["jdoe"]),
        ("find=doe+nobody", []),
        ("find=100%25_", []),
        ("find=%5C", []),
        ("role=3", ["admin"]),
        ("role=2", ["host2"]),
        ("role=0", ["attendee1"]),
        ("state=DEACTIVATED", ["off"]),
        ("state=LOCKED", ["host1"]),
        ("state=LOCKED&find=doe", []),
        ("state=ACTIVATED&role=1&sort=id", ["host1", "jdoe"]),
        (f"find={'x' * 10_000}", []),
    ):
        page = admin.open(f"admin/users?{query}")
        assert (admin.status, names(page)) == (200, found), query[:40]
    page = admin.open("admin/users?find=doe&role=1&sort=id")
    fields = admin.form("admin/users")[1]
    assert (fields["FIND"], fields["ROLE"], fields["SORT"]) == ("doe", "1", "id")
    page = admin.open("admin/users?find=nobody-at-all")
    assert "No account fits." in page
    assert "0 accounts" in page


def test_who_holds_a_session_type(site: TestSite, admin: Person) -> None:
    held = told(site, "host1", "meetingTypes/meetingType") or ""
    site.client("admin").call("user.SetUser", webExId="host1", meetingTypes={"meetingType": [held]}).ok()
    types = [
        each.partition('"')[0]
        for each in admin.open("admin/users").split('value="GIVE.')[1:]
        if each.partition('"')[0] != held
    ]
    assert "host1" in names(admin.open(f"admin/users?type={held}"))
    found = names(admin.open(f"admin/users?type={types[0]}"))
    assert "admin" in found
    assert not {"host1", "attendee1"} & set(found)


def test_pages_of_the_list(site: TestSite, admin: Person) -> None:
    for number in range(52):
        site.add_user(f"many{number:02}", first_name="Many", last_name=f"Aa{number:02}")
    first = admin.open("admin/users")
    assert ("56 accounts" in first, "Page 1 of 2" in first) == (True, True)
    assert names(first) == [f"many{number:02}" for number in range(50)]
    assert "page=2" in first.casefold()
    last = admin.open("admin/users?page=99")
    assert "Page 2 of 2" in last
    assert names(last)[:2] == ["many50", "many51"]
    found = admin.open("admin/users?find=many&page=2")
    assert names(found) == ["many50", "many51"]
    assert "FIND=many&PAGE=1" in found
    ticked = admin.open("admin/users?find=many&all=1")
    assert ticked.count("checked") == 50


def test_the_list_as_a_file(site: TestSite, admin: Person) -> None:
    site.add_user("formula", first_name="=1+1", last_name="@cmd", email="f@example.com")
    answer = admin.http.get(admin.address("admin/users/accounts.csv"))
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["web_ex_id"] for row in rows} == {"admin", "host1", "host2", "attendee1", "formula"}
    found = next(row for row in rows if row["web_ex_id"] == "formula")
    assert (found["first_name"], found["last_name"], found["role"]) == ("'=1+1", "'@cmd", "host")
    assert not any("argon2" in value for row in rows for value in row.values())


# ---- many at once --------------------------------------------------------------------------------------------------


def test_many_are_changed_after_a_question(site: TestSite, admin: Person) -> None:
    ids = [site.add_user(f"many{number}", first_name="Many").user_id for number in range(3)]
    ticks = {f"U{number}": "1" for number in ids}
    admin.open("admin/users?find=many")
    page = admin.send("users/change", DO="DEACTIVATE", **ticks)
    assert (admin.heading, "This changes 3 accounts." in page) == ("Deactivate", True)
    assert account(site, "many0").status == "ACTIVATED"
    page = admin.send("users/change")
    assert "3 accounts were changed." in page
    assert "find=many" in page.casefold()
    assert {account(site, f"many{number}").status for number in range(3)} == {"DEACTIVATED"}
    admin.open("admin/users?find=many")
    admin.send("users/change", DO="ACTIVATE", **{f"U{ids[0]}": "1"})
    assert "This changes one account." in admin.page
    admin.send("users/change")
    assert account(site, "many0").status == "ACTIVATED"
    page = admin.open("admin/users?find=many")
    admin.send("users/change", DO="ACTIVATE", **ticks)
    page = admin.send("users/change")
    assert "2 accounts were changed." in page
    assert "One account was so already." in page


def test_locks_and_passwords_of_many(site: TestSite, admin: Person) -> None:
    number = number_of(site, "host1")
    for do, check in (
        ("LOCK", lambda user: user.locked),
        ("UNLOCK", lambda user: not user.locked),
        ("RENEW", lambda user: user.must_change_password),
    ):
        admin.open("admin/users")
        admin.send("users/change", DO=do, **{f"U{number}": "1"})
        page = admin.send("users/change")
        assert "One account was changed." in page, do
        assert check(account(site, "host1")), do


def test_a_session_type_is_given_and_taken(site: TestSite, admin: Person) -> None:
    page = admin.open("admin/users")
    type_id = page.split('value="TAKE.')[1].partition('"')[0]
    numbers = [number_of(site, name) for name in ("host1", "host2")]
    ticks = {f"U{number}": "1" for number in numbers}

    def held() -> list[bool]:
        answers = [site.client("admin").call("user.GetUser", webExId=name).ok() for name in ("host1", "host2")]
        return [type_id in answer.all("meetingTypes/meetingType") for answer in answers]

    assert held() == [True, True]
    admin.send("users/change", DO=f"TAKE.{type_id}", **ticks)
    assert "2 accounts were changed." in admin.send("users/change")
    assert held() == [False, False]
    admin.open("admin/users")
    admin.send("users/change", DO=f"GIVE.{type_id}", **ticks)
    assert "2 accounts were changed." in admin.send("users/change")
    assert held() == [True, True]


def test_each_that_fails_says_why(site: TestSite, admin: Person) -> None:
    limited = site.server.new_site(host_limit=3)
    limited.add_user("off", role="attendee")
    limited.set_user("off", status="DEACTIVATED", attendee_only=False, host=True)
    person = Person(limited, "admin")
    person.open("admin/users")
    person.send("users/change", DO="ACTIVATE", **{f"U{number_of(limited, 'off')}": "1"})
    page = person.send("users/change")
    assert "One account was not changed:" in page
    assert "The site has all the 3 host accounts it may have." in page
    person.close()
    ticks = {f"U{number_of(site, name)}": "1" for name in ("admin", "host1")}
    admin.open("admin/users")
    admin.send("users/change", DO="LOCK", **ticks)
    page = admin.send("users/change")
    assert "One account was changed." in page
    assert _OWN_ACCOUNT in page
    assert (account(site, "admin").locked, account(site, "host1").locked) == (False, True)


def test_nothing_is_chosen(site: TestSite, admin: Person) -> None:
    number = number_of(site, "host1")
    admin.open("admin/users")
    assert "Tick the accounts" in admin.send("users/change", DO="LOCK")
    for do in ("", "X", "GIVE", "GIVE.", "GIVE.99999", "TAKE.x", "GIVE.1.1", NASTY):
        admin.open("admin/users")
        assert "Choose what to do with them." in admin.send("users/change", DO=do, SURE="1", **{f"U{number}": "1"}), do
        assert (admin.status, "<script>alert" in admin.page) == (400, False)
    admin.open("admin/users")
    made = [site.add_user(f"m{each}").user_id for each in range(101)]
    page = admin.send("users/change", DO="LOCK", SURE="1", **{f"U{each}": "1" for each in made})
    assert "At most 100 accounts can be changed at once." in page
    admin.open("admin/users")
    page = admin.send("users/change", DO="LOCK", **{"Ux": "1", f"U{'9' * 50}": "1", f"U{number}": "1"})
    assert "This changes one account." in page


# ---- a new one -----------------------------------------------------------------------------------------------------


def test_a_new_account(site: TestSite, admin: Person) -> None:
    admin.open("admin/users/new")
    page = admin.send("users/new", FIRST="Ada", LAST="Lovelace", EMAIL="ada@example.com", WEBEXID="ada")
    assert (admin.status, admin.heading, admin.notice) == (200, "Ada Lovelace", "The account was made."), page
    user = account(site, "ada")
    assert (user.host, user.site_admin, user.must_change_password, user.status) == (True, False, True, "ACTIVATED")
    mails = [mail for mail in site.mails if "ada@example.com" in str(mail.to)]
    assert len(mails) == 2  # the welcome, and the password


def test_a_new_account_with_everything(site: TestSite, admin: Person) -> None:
    admin.open("admin/users/new")
    types = sorted(name for name in admin.form("users/new")[1] if name[0] == "T" and name[1:].isdigit())
    page = admin.send(
        "users/new",
        (types[0], "WELCOME", "RENEW"),
        FIRST="Ada",
        LAST="Lovelace",
        EMAIL="ada@example.com",
        WEBEXID="ada",
        PASSWORD="Engine-1843-Note",
        ROLE="ADMIN",
        ZONE="20",
        LANGUAGE="GERMAN",
        TITLE="Countess",
        COMPANY="Analytical",
        PHONE="+44 1 234",
        ADDRESS1="St James's Square",
        CITY="London",
        COUNTRY="United Kingdom",
        DESCRIPTION="First\r\nprogrammer",
        DELEGATES="host1\nhost2",
        EXPIRES="2031-12-31",
    )
    assert admin.heading == "Ada Lovelace", page
    person = Person(site, "ada", "Engine-1843-Note")
    person.open("admin/users")
    assert person.status == 200
    person.close()
    for path, value in (
        ("privilege/siteAdmin", "true"),
        ("privilege/host", "true"),
        ("timeZoneID", "20"),
        ("language", "GERMAN"),
        ("title", "Countess"),
        ("company", "Analytical"),
        ("phones/phone", "+44 1 234"),
        ("address/city", "London"),
        ("address/country", "United Kingdom"),
        ("description", "First\nprogrammer"),
        ("schedulingPermission", "host1;host2"),
        ("expirationDate", "12/31/2031 23:59:59"),
        ("security/forceChangePassword", "false"),
    ):
        assert told(site, "ada", path) == value, path
    answer = site.client("admin").call("user.GetUser", webExId="ada").ok()
    assert types[0][1:] not in answer.all("meetingTypes/meetingType")
    assert not [mail for mail in site.mails if "ada@example.com" in str(mail.to)]


def test_an_attendee_and_an_administrator_who_holds_nothing(site: TestSite, admin: Person) -> None:
    for name, role, without in (("att", "ATTENDEE", ()), ("adm", "ADMIN", ("HOLDS",)), ("look", "READER", ())):
        admin.open("admin/users/new")
        admin.send("users/new", without, FIRST="A", LAST="B", EMAIL=f"{name}@example.com", ROLE=role)
        assert admin.notice == "The account was made.", role
    found = {name: account(site, f"{name}@example.com") for name in ("att", "adm", "look")}
    assert (found["att"].attendee_only, found["att"].host) == (True, False)
    assert (found["adm"].site_admin, found["adm"].host) == (True, False)
    assert (found["look"].ro_site_admin, found["look"].host) == (True, True)


def test_what_is_refused_of_a_new_one(site: TestSite, admin: Person) -> None:
    good = {"FIRST": "Ada", "LAST": "Lovelace", "EMAIL": "ada@example.com", "WEBEXID": "ada"}
    for name, value in (
        ("FIRST", ""),
        ("LAST", "x" * 65),
        ("EMAIL", "no address"),
        ("EMAIL", "host1@" + "x" * 300),
        ("WEBEXID", "host1"),
        ("WEBEXID", "with blank"),
        ("PASSWORD", "a"),
        ("ROLE", "KING"),
        ("ZONE", "999"),
        ("LANGUAGE", "KLINGON"),
        ("DELEGATES", "nobody"),
        ("EXPIRES", "soon"),
        ("EXPIRES", "0001-01-01"),
        ("COMPANY", "x" * 129),
        ("P_IS_ENABLE_CET", "1"),
    ):
        admin.open("admin/users/new")
        page = admin.send("users/new", **{**good, name: value})
        assert admin.status == 400, (name, value[:20])
        assert f'id="{name.lower()}-error"' in page, (name, value[:20])
        assert admin.form("users/new")[1]["FIRST"] == ("" if name == "FIRST" else "Ada")
    admin.open("admin/users/new")
    email = account(site, "host1").email
    assert 'id="email-error"' in admin.send("users/new", **{**good, "EMAIL": email})
    page = admin.send("users/new", FIRST=NASTY, LAST="a\0b", EMAIL="x", DESCRIPTION="y" * 10_000)
    assert (admin.status, "<script>alert" in admin.page) == (400, False)


# ---- one that is there ---------------------------------------------------------------------------------------------


def test_only_what_was_changed_is_sent(site: TestSite, admin: Person) -> None:
    profile = UserType(title="T" * 500, company="Kept", tracking=TrackingType(tracking_code_1="kept"))
    number = site.add_user("kept", first_name="Ke", last_name="Pt", profile=profile).user_id
    before = account(site, "kept")
    admin.open(f"admin/users/{number}")
    admin.send(f"users/{number}")
    assert admin.notice == "Nothing was different, so nothing was changed."
    assert account(site, "kept").version == before.version
    admin.send(f"users/{number}", FIRST="Kept", MOBILE="123")
    assert (admin.heading, admin.notice) == ("Kept Pt", "The changes were saved.")
    assert told(site, "kept", "title") == "T" * 500
    assert told(site, "kept", "company") == "Kept"
    assert told(site, "kept", "phones/mobilePhone") == "123"
    assert (told(site, "kept", "phones/phone") or "").endswith(",,,,,,")
    admin.send(f"users/{number}", COMPANY="", MOBILE="")
    assert told(site, "kept", "company") is None
    assert account(site, "kept").document.count('"country"') == before.document.count('"country"')


def test_two_who_change_one(site: TestSite, admin: Person) -> None:
    number = number_of(site, "host1")
    admin.open(f"admin/users/{number}")
    values = {"webExId": "host1", "title": "Dr", "privilege": {"roSiteAdmin": True}, "company": "Theirs"}
    site.client("admin").call("user.SetUser", values).ok()
    admin.send(f"users/{number}", CITY="Turin")
    assert admin.notice == "The changes were saved."
    assert (told(site, "host1", "title"), account(site, "host1").ro_site_admin) == ("Dr", True)
    admin.open(f"admin/users/{number}")
    site.client("admin").call("user.SetUser", webExId="host1", company="Others", privilege={"roSiteAdmin": False}).ok()
    page = admin.send(f"users/{number}", COMPANY="Mine", ROLE="ADMIN", LAST="New")
    assert admin.status == 400
    assert "Somebody else changed this meanwhile: Others. Save again to have yours instead." in page
    assert "Somebody else changed this meanwhile: Host." in page
    assert account(site, "host1").last_name != "New"
    admin.send(f"users/{number}")
    assert admin.notice == "The changes were saved."
    assert (told(site, "host1", "company"), account(site, "host1").site_admin) == ("Mine", True)
    assert account(site, "host1").last_name == "New"


def test_everything_of_one_is_changed(site: TestSite, admin: Person) -> None:
    number = number_of(site, "host1")
    admin.open(f"admin/users/{number}")
    page = admin.send(
        f"users/{number}",
        ("P_VOICE_OVER_IP", "S_SALES_CENTER"),
        WEBEXID="renamed",
        EMAIL="new@example.com",
        ROLE="READER",
        PASSWORD="Engine-1843-Note",
        RENEW="1",
        ZONE="4",
        DELEGATES="attendee1",
        P_TELE_CONF_CALL_IN="1",
    )
    assert admin.notice == "The changes were saved.", page
    user = account(site, "renamed")
    assert (user.email, user.ro_site_admin, user.host) == ("new@example.com", True, True)
    assert user.must_change_password
    assert told(site, "renamed", "privilege/voiceOverIp") == "false"
    assert told(site, "renamed", "privilege/teleConfCallIn") == "true"
    assert told(site, "renamed", "supportedServices/salesCenter") == "false"
    assert told(site, "renamed", "schedulingPermission") == "attendee1"
    admin.open(f"admin/users/{number}")
    admin.send(f"users/{number}", ROLE="ATTENDEE")
    assert account(site, "renamed").attendee_only
    admin.open(f"admin/users/{number}")
    admin.send(f"users/{number}", ROLE="HOST")
    assert (account(site, "renamed").attendee_only, account(site, "renamed").host) == (False, True)


def test_what_is_refused_of_one(site: TestSite, admin: Person) -> None:
    number = number_of(site, "host1")
    for name, value in (
        ("FIRST", ""),
        ("EMAIL", account(site, "host2").email),
        ("WEBEXID", "host2"),
        ("WEBEXID", ""),
        ("PASSWORD", "short"),
        ("DELEGATES", "nobody"),
        ("ROOM", "a b"),
    ):
        admin.open(f"admin/users/{number}")
        page = admin.send(f"users/{number}", **{name: value})
        assert (admin.status, f'id="{name.lower()}-error"' in page) == (400, True), name
    assert account(site, "host1").version == 1


def test_tracking_codes(site: TestSite) -> None:
    codes = [
        {"index": 1, "name": NASTY, "required": True, "values": ["North", "South"]},
        {"index": 2, "name": "Cost centre", "host_profile": "ADMIN_SET"},
        {"index": 3, "name": "Unused", "host_profile": "NOT_USED"},
    ]
    site = site.server.new_site()
    site.server.run(_with_codes(site, codes))
    admin = Person(site, "admin")
    page = admin.open("admin/users/new")
    assert "Cost centre" in page
    assert "Unused" not in page
    assert "<script>alert" not in admin.page
    good = {"FIRST": "Ada", "LAST": "Lovelace", "EMAIL": "ada@example.com", "WEBEXID": "ada"}
    page = admin.send("users/new", **good)
    assert (admin.status, 'id="code1-error"' in page) == (400, True)
    page = admin.send("users/new", **good, CODE1="East")
    assert 'id="code1-error"' in page
    admin.send("users/new", **good, CODE1="North", CODE2="4711")
    assert admin.notice == "The account was made."
    assert (told(site, "ada", "tracking/trackingCode1"), told(site, "ada", "tracking/trackingCode2")) == (
        "North",
        "4711",
    )
    number = number_of(site, "host1")  # from before the definition
    admin.open(f"admin/users/{number}")
    admin.send(f"users/{number}", TITLE="Dr")
    assert admin.notice == "The changes were saved."
    admin.close()


async def _with_codes(site: TestSite, codes: list[dict[str, object]]) -> None:
    engine = site.server.application.engine
    before = await sites.by_id(engine, site.site_id)
    assert before is not None
    settings = msgspec.structs.replace(before.settings, tracking_codes=msgspec.convert(codes, list[TrackingCode]))
    changes = Changes()
    sites.update(changes, before, msgspec.structs.replace(before, settings=settings))
    await engine.commit(changes)


def test_the_buttons(site: TestSite, admin: Person) -> None:
    number = number_of(site, "host1")
    for do, notice in (
        ("LOCK", "The account is locked."),
        ("UNLOCK", "The account is no longer locked."),
        ("DEACTIVATE", "The account is inactive."),
        ("ACTIVATE", "The account is active."),
        ("RENEW", "A new password has to be chosen at the next sign-in. A mail says so."),
    ):
        page = admin.open(f"admin/users/{number}")
        assert f'value="{do}"' in page
        admin.send(f"users/{number}/do", DO=do)
        assert (admin.status, admin.notice) == (200, notice)
    assert account(site, "host1").must_change_password
    admin.send(f"users/{number}/do", DO="EXPLODE")
    assert admin.status == 404


def test_a_password_is_mailed(site: TestSite, admin: Person) -> None:
    number = number_of(site, "host1")
    admin.open(f"admin/users/{number}/password")
    admin.send(f"users/{number}/password")
    assert admin.notice == "A new password is on its way."
    assert account(site, "host1").must_change_password
    assert [mail for mail in site.mails if account(site, "host1").email in str(mail.to)]


def test_one_is_deleted(site: TestSite, admin: Person) -> None:
    number = number_of(site, "host1")
    page = admin.open(f"admin/users/{number}/delete")
    assert "Nothing is erased" in page
    admin.send(f"users/{number}/delete")
    assert (admin.heading, admin.notice) == ("Users", "The account was deleted: it is inactive now.")
    assert account(site, "host1").status == "DEACTIVATED"


def test_nobody_locks_himself_out(site: TestSite, admin: Person) -> None:
    number = number_of(site, "admin")
    page = admin.open(f"admin/users/{number}")
    assert _OWN_ACCOUNT in page
    fields = admin.form(f"users/{number}")[1]
    assert not {"ROLE", "PASSWORD", "EXPIRES"} & set(fields)
    for do in ("LOCK", "DEACTIVATE"):
        page = admin.post(f"admin/users/{number}/do", CSRF=fields["CSRF"], DO=do)
        assert (admin.status, _OWN_ACCOUNT in page) == (400, True), do
    for path in ("delete",):
        page = admin.post(f"admin/users/{number}/{path}", CSRF=fields["CSRF"])
        assert (admin.status, _OWN_ACCOUNT in page) == (400, True)
    admin.post(f"admin/users/{number}/password", CSRF=fields["CSRF"])
    assert admin.status == 404
    user = account(site, "admin")
    assert (user.status, user.locked, user.site_admin) == ("ACTIVATED", False, True)
    admin.open(f"admin/users/{number}")
    admin.send(f"users/{number}", TITLE="Chief", ROLE="HOST")
    assert admin.notice == "The changes were saved."
    assert account(site, "admin").site_admin


def test_a_suspended_site(site: TestSite, admin: Person) -> None:
    number = number_of(site, "host1")
    site.set(suspended=True)
    admin.open(f"admin/users/{number}")
    page = admin.send(f"users/{number}", FIRST="Other")
    assert (admin.status, "The site is suspended." in page) == (400, True)
    assert account(site, "host1").first_name != "Other"


def test_a_site_that_control_hub_manages(site: TestSite) -> None:
    managed = site.server.new_site(control_hub=True)
    admin = Person(managed, "admin")
    page = admin.open("admin/users/new")
    assert admin.status == 200, page
    fields = admin.form("users/new")[1]
    assert not {"WEBEXID", "PASSWORD", "WELCOME"} & set(fields)
    admin.send("users/new", FIRST="Ada", LAST="Lovelace", EMAIL="ada@example.com")
    assert admin.notice == "The account was made."
    number = number_of(managed, "ada@example.com")
    page = admin.open(f"admin/users/{number}")
    assert "Control Hub keeps the names" in page
    assert not {"FIRST", "PHONE", "PASSWORD"} & set(admin.form(f"users/{number}")[1])
    admin.send(f"users/{number}", TITLE="Countess")
    assert admin.notice == "The changes were saved."
    admin.close()
