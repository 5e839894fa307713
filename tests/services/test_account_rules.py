"""Passwords that grow old, come back too soon or were used before; locks; and what accounts of a site share."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import httpx
import pytest

from parley.domain.site import MyWebExLimits
from parley.services import locking
from parley.services.accounts import set_password
from parley.services.session_type_changes import TypeValues, change_type
from parley.services.site_changes import Author
from parley.store import password_history, sign_in_failures, tables
from tests.client import Answer, Client
from tests.server import PASSWORD, Server, TestSite

DAY = 86_400
SECOND, THIRD, FOURTH = "Second-Secret-2", "Third-Secret-3", "Fourth-Secret-4"


def get(client: Client, web_ex_id: str = "host1") -> Answer:
    return client.call("user.GetUser", {"webExId": web_ex_id})


def change(client: Client, web_ex_id: str = "host1", **values: Any) -> Answer:
    return client.call("user.SetUser", {"webExId": web_ex_id, **values})


def create(client: Client, web_ex_id: str, **values: Any) -> Answer:
    fields = {
        "firstName": "Ann",
        "lastName": "Lee",
        "webExId": web_ex_id,
        "email": f"{web_ex_id}@people.example",
        "password": SECOND,
        "privilege": {"host": True},
        "active": "ACTIVATED",
    }
    return client.call("user.CreateUser", fields | values)


def guess(site: TestSite, web_ex_id: str = "host1", times: int = 1) -> None:
    """Send so many different wrong passwords, each of which has to be computed."""
    for _ in range(times):
        site.server.application.brake.succeeded(f"{site.site_id}/{site.users[web_ex_id].user_id}")
        get(site.client(web_ex_id, f"Wrong-{secrets.token_hex(8)}"), web_ex_id).failed("030002")


def failures(site: TestSite, web_ex_id: str = "host1") -> int:
    found = site.server.run(
        sign_in_failures.of_user(site.server.application.engine, site.site_id, site.users[web_ex_id].user_id)
    )
    return 0 if found is None else found.number


def recompute(site: TestSite) -> None:
    """Let the server forget which passwords it verified."""
    site.server.application.passwords._cache.clear()


# --- passwords that grow old -----------------------------------------------------------------------------------------


def test_an_expired_password_signs_nobody_in(server: Server) -> None:
    site = server.new_site(password_lifetime=30)
    admin, client = site.client("admin"), site.client("host1")
    ticket = client.call("user.AuthenticateUser").ok().value("sessionTicket")
    server.clock.ahead = 30 * DAY - 60
    assert get(client).ok().value("passwordDaysLeft") == "1"
    server.clock.ahead = 30 * DAY + 60
    assert get(client).failed("030031").reason == "The password has expired and must be changed"
    client.call("user.AuthenticateUser").failed("030031")
    client.call("meeting.CreateMeeting").failed("030031")
    get(site.client("host1", None, ticket=ticket)).failed("030047")  # long over by itself
    get(site.client("host1", "Wrong-1")).failed("030002")
    change(admin, "admin", password=SECOND).ok()
    answer = get(site.client("admin", SECOND)).ok()
    assert (answer.value("passwordExpires"), answer.value("passwordDaysLeft")) == ("true", "0")


def test_a_ticket_does_not_outlive_the_password(server: Server) -> None:
    site = server.new_site(password_lifetime=30)
    server.clock.ahead = 30 * DAY - 60
    ticket = site.client("host1").call("user.AuthenticateUser").ok().value("sessionTicket")
    holder = site.client("host1", None, ticket=ticket)
    get(holder).ok()
    server.clock.ahead = 30 * DAY + 60
    get(holder).failed("030031")
    holder.call("user.AuthenticateUser").failed("030031")


@pytest.mark.parametrize("lifetime", [None, 0])
def test_without_a_lifetime_passwords_stay_good(server: Server, lifetime: int | None) -> None:
    site = server.new_site(password_lifetime=lifetime)
    server.clock.ahead = 4000 * DAY
    answer = get(site.client()).ok()
    assert (answer.value("passwordExpires"), answer.value("passwordDaysLeft")) == ("false", "0")
    found = site.client().call("site.GetSite").ok()
    assert found.value("siteInstance/securityOptions/passwordExpires") == "false"


def test_control_hub_sees_to_passwords_itself(server: Server) -> None:
    site = server.new_site(password_lifetime=30, control_hub=True)
    server.clock.ahead = 40 * DAY
    assert get(site.client()).ok().value("passwordExpires") == "false"


@pytest.mark.parametrize(("columns", "code"), [({"must_change_password": True}, "030029"), ({}, "030031")])
def test_users_change_a_password_that_is_due(server: Server, columns: dict[str, Any], code: str) -> None:
    site = server.new_site(password_lifetime=30, password_change_interval=24_000)
    server.clock.ahead = 31 * DAY if not columns else 0
    if columns:
        site.set_user("host1", **columns)
    client = site.client("host1")
    change(client, title="x").failed(code)
    change(client, password="******").failed(code)
    change(client, password="").failed(code)
    change(client, "host2", password=SECOND).failed("000001")
    change(client, password="short").failed("030003")
    reused = change(client, password=PASSWORD).failed("030032")
    assert reused.reason == "The password must not be one of the last 3"
    change(client, password=SECOND, title="Dr.").ok()
    assert get(site.client("host1", SECOND)).ok().value("title") == "Dr."
    get(client).failed("030002")


def test_an_administrator_whose_password_is_due_changes_no_others(server: Server) -> None:
    site = server.new_site()
    site.set_user("admin", must_change_password=True)
    admin = site.client("admin")
    change(admin, "host1", password=SECOND).failed("030029")
    create(admin, "ann").failed("030029")
    change(admin, "admin", password=SECOND).ok()
    change(site.client("admin", SECOND), "host1", password=SECOND).ok()


def test_administrators_end_expiry(server: Server) -> None:
    site = server.new_site(password_lifetime=30)
    server.clock.ahead = 20 * DAY
    change(site.client("admin"), "admin", password=SECOND).ok()
    server.clock.ahead = 31 * DAY
    get(site.client("host1")).failed("030031")
    change(site.client("admin", SECOND), "host1", password=SECOND).ok()
    assert get(site.client("host1", SECOND)).ok().value("passwordDaysLeft") == "30"


# --- passwords of before ---------------------------------------------------------------------------------------------


def test_the_last_passwords_do_not_come_back(site: TestSite) -> None:
    passwords = [PASSWORD, SECOND, THIRD, FOURTH]
    for present, following in pairwise(passwords):
        change(site.client("host1", present), password=following).ok()
    for used in (SECOND, THIRD):
        change(site.client("host1", FOURTH), password=used).failed("030032")
        answer = change(site.client("admin"), password=used).failed("030032")
        assert answer.value("value") == "3"
    change(site.client("host1", FOURTH), password=FOURTH, title="x").ok()  # the present one changes nothing
    change(site.client("host1", FOURTH), password=PASSWORD).ok()  # the fourth last
    kept = site.server.run(
        password_history.of_user(site.server.application.engine, site.site_id, site.users["host1"].user_id)
    )
    assert len(kept) == 2
    assert all(each.password_hash.startswith("$argon2id$") for each in kept)


def test_a_reset_password_leaves_the_former_one_behind(site: TestSite) -> None:
    change(site.client("admin"), security={"resetPassword": True}).ok()
    change(site.client("admin"), password=PASSWORD).failed("030032")
    change(site.client("admin"), password=SECOND).ok()
    get(site.client("host1", SECOND)).ok()


def test_the_command_line_does_not_bring_passwords_back_either(site: TestSite) -> None:
    application = site.server.application
    site.server.run(set_password(application, site.site_id, "host1", SECOND))
    for used in (PASSWORD, SECOND):
        with pytest.raises(Exception, match="030032"):
            site.server.run(set_password(application, site.site_id, "host1", used))
    get(site.client("host1", SECOND)).ok()


def test_without_the_rule_nothing_is_kept(server: Server) -> None:
    site = server.new_site(password_history=0)
    change(site.client("host1"), password=SECOND).ok()
    change(site.client("host1", SECOND), password=PASSWORD).ok()
    assert not server.run(
        password_history.of_user(server.application.engine, site.site_id, site.users["host1"].user_id)
    )


def test_the_interval_holds_for_everybodys_own_password(server: Server) -> None:
    site = server.new_site(password_change_interval=24)
    for web_ex_id in ("host1", "admin", "attendee1"):
        answer = change(site.client(web_ex_id), web_ex_id, password=SECOND).failed("999999")
        assert answer.reason == "password: a password can be changed once in 24 hours"
    change(site.client("admin"), "host1", password=SECOND).ok()
    options = site.client("admin").call("site.GetSite").ok()
    path = "siteInstance/securityOptions/passwordChangeInterval"
    assert (options.value(f"{path}Opt"), options.value(path)) == ("true", "24")
    server.clock.ahead = 25 * 3600
    change(site.client("admin"), "admin", password=SECOND).ok()


# --- locks -----------------------------------------------------------------------------------------------------------


def test_wrong_passwords_lock_an_account(server: Server) -> None:
    site = server.new_site(lock_after_failures=3, lock_minutes=None)
    admin, client = site.client("admin"), site.client("host1")
    ticket = client.call("user.AuthenticateUser").ok().value("sessionTicket")
    guess(site, times=2)
    get(client).ok()
    guess(site)
    get(client).failed("030030")
    get(site.client("host1", None, ticket=ticket)).failed("030047")
    assert get(admin).ok().value("security/lockAccount") == "true"
    server.clock.ahead = 400 * DAY
    get(client).failed("030030")
    change(admin, security={"lockAccount": False}).ok()
    get(client).ok()
    assert failures(site) == 0
    get(site.client("host2"), "host2").ok()


def test_a_lock_ends_by_itself(server: Server) -> None:
    site = server.new_site(lock_after_failures=3, lock_minutes=30)
    client = site.client("host1")
    guess(site, times=3)
    server.clock.ahead = 29 * 60
    get(client).failed("030030")
    server.clock.ahead = 31 * 60
    guess(site)  # the wrong password opens nothing
    assert get(site.client("admin")).ok().value("security/lockAccount") == "true"
    get(client).ok()
    assert failures(site) == 0
    guess(site, times=2)
    get(client).ok()


def test_links_know_that_a_lock_has_ended(server: Server) -> None:
    site = server.new_site(lock_after_failures=3, lock_minutes=30)
    admin = site.client("admin")
    before = admin.call("user.GetloginurlUser", {"webExID": "host1"}).ok().value("userLoginURL") or ""
    guess(site, times=3)
    admin.call("user.GetloginurlUser", {"webExID": "host1"}).failed("030030")
    refused = httpx.get(before)
    assert refused.status_code == 403
    assert not refused.cookies
    server.clock.ahead = 31 * 60
    assert httpx.get(before).cookies
    assert get(admin).ok().value("security/lockAccount") == "false"
    guess(site, times=3)
    server.clock.ahead = 62 * 60
    admin.call("user.GetloginurlUser", {"webExID": "host1"}).ok()
    assert get(admin).ok().value("security/lockAccount") == "false"
    assert failures(site) == 0


def test_the_lock_of_an_administrator_does_not_end_by_itself(server: Server) -> None:
    site = server.new_site(lock_after_failures=3, lock_minutes=30)
    guess(site, times=2)
    change(site.client("admin"), security={"lockAccount": True}).ok()
    guess(site, times=3)
    server.clock.ahead = 10 * DAY
    get(site.client("host1")).failed("030030")


def test_a_right_password_takes_the_count_back(server: Server) -> None:
    site = server.new_site(lock_after_failures=3)
    for _ in range(3):
        guess(site, times=2)
        assert failures(site) == 2
        recompute(site)
        get(site.client("host1")).ok()
        assert failures(site) == 0


def test_one_wrong_password_sent_over_and_over_is_one(server: Server) -> None:
    site = server.new_site(lock_after_failures=3)
    client = site.client("host1", "Old-Secret-1")
    for _ in range(20):
        get(client).failed("030002")
    assert failures(site) == 1
    get(site.client("host1")).ok()


def test_wrong_passwords_of_long_ago_do_not_count(server: Server) -> None:
    site = server.new_site(lock_after_failures=3)
    guess(site, times=2)
    server.clock.ahead = locking.FORGET_SECONDS + 60
    guess(site)
    assert failures(site) == 1
    get(site.client("host1")).ok()


def test_good_sign_ins_write_nothing(site: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = site.server.application.engine
    accounts = {table.info["rank"] for table in (tables.users, tables.sign_in_failures)}
    commits: list[object] = []
    commit = engine.commit

    async def counted(changes: Any) -> None:
        if any(step.query.rank in accounts for step in changes.steps()):  # chores go on meanwhile
            commits.append(changes)
        await commit(changes)

    monkeypatch.setattr(engine, "commit", counted)
    for _ in range(3):
        recompute(site)
        get(site.client("host1")).ok()
    assert not commits
    guess(site, times=1)
    assert commits


def test_sites_without_the_rule_count_nothing(server: Server) -> None:
    site = server.new_site(lock_after_failures=None)
    guess(site, times=12)
    get(site.client("host1")).ok()
    assert failures(site) == 0


def test_many_guesses_at_once_lock_once(server: Server) -> None:
    site = server.new_site(lock_after_failures=4, lock_minutes=None)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: get(site.client("host1", f"Guess-{number}-x")), range(8)))
    assert {answer.code for answer in answers} <= {"030002"}
    get(site.client("host1")).failed("030030")
    unlocked = server.run(locking.unlock(server.application.engine, site.site_id, site.users["host1"].user_id, 0))
    assert unlocked
    get(site.client("host1")).ok()


# --- what accounts share ---------------------------------------------------------------------------------------------

BY = Author("tester", "CLI")


def limit_type(site: TestSite, type_id: int, holders: int) -> None:
    application = site.server.application
    values = TypeValues(max_holders=holders)
    site.server.run(change_type(application.engine, site.site_id, type_id, values, BY, application.clock.now()))


def test_a_session_type_has_so_many_holders(site: TestSite) -> None:
    """The three hosts of the site hold the type already."""
    admin = site.client("admin")
    limit_type(site, 104, 4)
    create(admin, "ann").ok()
    assert "104" not in get(admin, "ann").ok().all("meetingTypes/meetingType")  # nobody named it
    create(admin, "bob", meetingTypes={"meetingType": [3, 104]}).ok()
    answer = change(admin, "ann", meetingTypes={"meetingType": [3, 104]}).failed("110055")
    assert answer.value("value") == "104"
    assert answer.reason == "meetingTypes/meetingType: no more users may hold the session type Training Session"
    create(admin, "carl", meetingTypes={"meetingType": 104}).failed("110055")
    change(admin, "bob", title="x", meetingTypes={"meetingType": [104, 3]}).ok()
    change(admin, "bob", active="DEACTIVATED").ok()
    change(admin, "ann", meetingTypes={"meetingType": [3, 104]}).ok()
    change(admin, "bob", active="ACTIVATED").failed("110055")
    change(admin, "ann", meetingTypes={"meetingType": 3}).ok()
    admin.call("user.ActivateUser", webexID="bob").ok()
    limit_type(site, 104, 2)  # nobody loses it
    change(admin, "ann", meetingTypes={"meetingType": [3, 104]}).failed("110055")
    limit_type(site, 104, 0)
    change(admin, "ann", meetingTypes={"meetingType": [3, 104]}).ok()


def test_the_last_place_goes_to_one(site: TestSite) -> None:
    admin = site.client("admin")
    for number in range(6):
        create(admin, f"u{number}", meetingTypes={"meetingType": 3}).ok()
    limit_type(site, 104, 5)  # three hold it
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda number: change(site.client("admin"), f"u{number}", meetingTypes={"meetingType": [3, 104]}),
                range(6),
            )
        )
    codes = sorted(answer.code or "" for answer in answers)
    assert codes == ["", "", *["110055"] * 4]


@pytest.mark.parametrize(
    ("limits", "element", "first", "second", "code"),
    [
        (MyWebExLimits(pro_hosts=1), "isMyWebExPro", True, True, "030015"),
        (MyWebExLimits(extra_storage=100), "additionalRecordingStorage", 60, 41, "030016"),
        (MyWebExLimits(extra_computers=3), "myComputer", 2, 2, "030017"),
    ],
)
def test_the_own_pages_have_limits(
    server: Server, limits: MyWebExLimits, element: str, first: Any, second: Any, code: str
) -> None:
    site = server.new_site(my_web_ex=limits)
    admin = site.client("admin")
    change(admin, "host1", myWebEx={element: first}).ok()
    change(admin, "host2", myWebEx={element: second}).failed(code)
    create(admin, "ann", myWebEx={element: second}).failed(code)
    change(admin, "host1", active="DEACTIVATED").ok()
    change(admin, "host2", myWebEx={element: second}).ok()
    config = admin.call("site.GetSite").ok()
    path = "siteInstance/myWebExConfig"
    shown = [config.value(f"{path}/{name}") for name in ("enableMyWebExPro", "addlStorage", "addlAccessAnyComputers")]
    assert shown == [
        "true" if limits.pro_hosts else "false",
        str(limits.extra_storage or 0),
        str(limits.extra_computers or 0),
    ]


# --- further rules of single sections --------------------------------------------------------------------------------


def test_what_a_site_does_not_offer_is_not_switched_on(server: Server) -> None:
    site = server.new_site(personal_rooms=False)
    admin = site.client("admin")
    create(admin, "ann").ok()
    assert get(admin, "ann").ok().value("privilege/isEnablePMR") == "false"
    assert get(admin, "ann").ok().value("personalMeetingRoom/accessCode") is None
    change(admin, "ann", privilege={"isEnablePMR": True}).failed("010086")
    change(admin, "ann", privilege={"cmrHybridVoip": True}).failed("010086")
    create(admin, "bob", privilege={"host": True, "isEnablePMR": True}).failed("010086")
    change(admin, "ann", privilege={"isEnablePMR": False}).ok()


def test_enabling_cet_needs_a_telephone(site: TestSite) -> None:
    admin = site.client("admin")
    change(admin, privilege={"isEnableCET": True}).failed("060048")
    change(admin, privilege={"isEnableCET": True, "otherTelephony": True}).ok()
    change(admin, privilege={"otherTelephony": False}).failed("060048")
    change(admin, title="x").ok()


def test_a_personal_conference_number_needs_a_paid_type(site: TestSite) -> None:
    admin = site.client("admin")
    number = {"account": {"accountIndex": 1, "autoGenerate": True}}
    values: dict[str, Any] = {"phones": {"PIN": "8642"}, "personalTeleconf": number}
    change(admin, meetingTypes={"meetingType": 1}, **values).failed("030077")
    change(admin, meetingTypes={"meetingType": [1, 3]}, **values).ok()
    change(admin, meetingTypes={"meetingType": 1}).ok()  # what is there stays


def test_a_profile_number_belongs_to_one_account(site: TestSite) -> None:
    admin = site.client("admin")
    change(admin, "host1", mpProfileNumber="Ab 77").ok()
    change(admin, "host1", mpProfileNumber="Ab 77", title="x").ok()
    answer = change(admin, "host2", mpProfileNumber=" ab 77").failed("030051")
    assert answer.reason == "mpProfileNumber:  ab 77 is already in use by this site"
    create(admin, "ann", mpProfileNumber="AB 77").failed("030051")
    change(admin, "host1", mpProfileNumber="78").ok()
    create(admin, "ann", mpProfileNumber="AB 77").ok()
    change(admin, "host2", mpProfileNumber="AB 77").failed("030051")
    other = site.server.new_site()
    change(other.client("admin"), "host2", mpProfileNumber="AB 77").ok()


def test_a_profile_number_that_many_want_goes_to_one(site: TestSite) -> None:
    names = ("admin", "host1", "host2", "attendee1")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda name: change(site.client("admin"), name, mpProfileNumber="5"), names))
    assert sorted(answer.code or "" for answer in answers) == ["", "030051", "030051", "030051"]


def test_a_new_account_needs_a_password_on_a_strict_site(server: Server) -> None:
    create(server.new_site().client("admin"), "ann", password=None).failed("030055")
    create(server.new_site(strict_user_passwords=False).client("admin"), "ann", password=None).failed("030009")
