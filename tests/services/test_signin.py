"""Who gets in and who does not: passwords, tickets, sites, accounts that may not be used, and the brake on guessing."""

from __future__ import annotations

import secrets
import shutil
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from parley.services.accounts import create_account, set_password
from parley.services.signin import read_credentials
from tests.client import Answer, Client
from tests.server import PASSWORD, Server, TestSite
from tests.services.meetings import create, get

OTHER_PASSWORD = "Another-Password-2"


def sign_in(client: Client) -> Answer:
    """A request that any account of a site may make."""
    return client.call("site.LstTimeZone", timeZoneID=20)


def ticket_of(client: Client) -> str:
    return client.call("user.AuthenticateUser").ok().value("sessionTicket") or ""


def guess() -> str:
    """A wrong password that was never sent before: all accounts of the tests share one hash, and outcomes are kept."""
    return f"Guess-{secrets.token_hex(8)}"


def account_key(site: TestSite, web_ex_id: str = "host1") -> str:
    """What the brake on guessing knows an account by."""
    return f"{site.site_id}/{site.users[web_ex_id].user_id}"


def with_ticket(site: TestSite, ticket: str, web_ex_id: str | None = "host1", **options: str) -> Client:
    return Client(site.server.url, site.name, web_ex_id=web_ex_id, ticket=ticket, level=lambda: site.level, **options)


def new_password(site: TestSite, web_ex_id: str = "host1", password: str = OTHER_PASSWORD) -> None:
    site.server.run(set_password(site.server.application, site.site_id, web_ex_id, password))


@pytest.fixture
def second(server: Server, tmp_path: Path) -> Iterator[Server]:
    """A second server on the same database."""
    started = Server(server.config.database, Path(server.config.data)).start()
    yield started
    started.stop()


class Verifications:
    """Counts the Argon2 runs of a server."""

    def __init__(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        self.passwords: list[str] = []
        verifier = server.application.passwords
        compute: Callable[[str, str], bool] = verifier._compute

        def counted(password_hash: str, password: str) -> bool:
            self.passwords.append(password)
            return compute(password_hash, password)

        monkeypatch.setattr(verifier, "_compute", counted)


@pytest.fixture
def verifications(server: Server, monkeypatch: pytest.MonkeyPatch) -> Verifications:
    return Verifications(server, monkeypatch)


# --- account and password ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("web_ex_id", ["host1", "HOST1", "hOsT1", " host1 ", "\nhost1\n"])
def test_a_web_ex_id_counts_without_letter_case(site: TestSite, web_ex_id: str) -> None:
    sign_in(site.client(web_ex_id)).ok()


def test_an_email_address_stands_for_the_web_ex_id(site: TestSite) -> None:
    email = site.users["host1"].email
    for text in (email, email.upper(), f" {email} "):
        answer = site.client(None, email=text).call("user.GetUser", webExId="host1").ok()
        assert answer.value("email") == email
    sign_in(site.client(None, email="nobody@nowhere.example")).failed("030001")
    sign_in(site.client("", email=email)).ok()


def test_the_web_ex_id_wins_over_the_email_address(site: TestSite) -> None:
    client = site.client("host2", email=site.users["host1"].email)
    client.call("user.GetUser", webExId="host2").ok()
    client.call("user.GetUser", webExId="host1").failed("000001")
    sign_in(site.client("nobody", email=site.users["host1"].email)).failed("030001")


def test_an_unknown_user(site: TestSite) -> None:
    for name in ("nobody", "host", "host11", "%", "host_", "h" * 5_000, "\u0131host1", "host1@" + site.name):
        answer = sign_in(site.client(name)).failed("030001")
        assert answer.reason == "Corresponding User not found"


@pytest.mark.parametrize(
    "password",
    [PASSWORD.lower(), PASSWORD + " x", PASSWORD[:-1], PASSWORD * 2, "x", "ü" * 60, "x" * 1024, "x" * 100_000, "%"],
)
def test_a_wrong_password(site: TestSite, password: str) -> None:
    answer = sign_in(site.client(password=password)).failed("030002")
    assert answer.reason == "Incorrect user or password"


def test_passwords_of_any_letters(site: TestSite) -> None:
    for number, password in enumerate(["ünï-Çödé-1", "パスワード-Aa1", "<&>'\"]]>-Aa1", "\U0001f600\U0001f680-Aab-12"]):
        new_password(site, f"host{number % 2 + 1}", password)
        sign_in(site.client(f"host{number % 2 + 1}", password)).ok()


def test_one_accounts_password_is_not_anothers(site: TestSite) -> None:
    new_password(site)
    sign_in(site.client("host2")).ok()
    sign_in(site.client("host2", OTHER_PASSWORD)).failed("030002")
    sign_in(site.client("host1", OTHER_PASSWORD)).ok()


@pytest.mark.parametrize(
    "context",
    [
        "",
        "<header/>",
        "<header><securityContext/></header>",
        "<header><securityContext><siteName>@</siteName></securityContext></header>",
        "<header><securityContext><siteName>@</siteName><webExID>host1</webExID></securityContext></header>",
        "<header><securityContext><siteName>@</siteName><webExID>host1</webExID><password/></securityContext></header>",
        "<header><securityContext><siteName>@</siteName><password>Parley-demo-1</password></securityContext></header>",
        "<header><securityContext><siteName>@</siteName><webExID/><email/><password>x</password></securityContext></header>",
        "<header><securityContext><siteName>@</siteName><partnerID>x</partnerID></securityContext></header>",
    ],
)
def test_a_request_without_a_proven_user_is_refused(site: TestSite, context: str) -> None:
    document = site.client().document("site.LstTimeZone", "")
    start, end = document.index("<header>"), document.index("<body>")
    document = document[:start] + context.replace("@", site.name) + document[end:]
    headers = {"Host": f"{site.name}.meetings.example"}
    answer = site.client().send(document, headers).failed("030002")
    assert answer.reason == "Incorrect user or password"
    # Where nobody has to be signed in, the same is enough.
    sent = document.replace("site.LstTimeZone", "ep.GetAPIVersion")
    if "host1" not in context and PASSWORD not in context:
        site.client().send(sent, headers).ok()


def test_an_access_token_is_refused_while_nobody_vouches_for_it(site: TestSite) -> None:
    document = site.client(password=None).document("site.LstTimeZone", "")
    document = document.replace("</webExID>", "</webExID><webExAccessToken>abc</webExAccessToken>")
    assert site.client().send(document).failed("030047").reason == "WebEx access token is invalid"


# --- session tickets ---------------------------------------------------------------------------------------------


def test_a_ticket_lives_for_ninety_minutes(site: TestSite) -> None:
    ticket = ticket_of(site.client())
    for ahead in (0, 60, 2700, 5390):
        site.server.clock.ahead = ahead
        sign_in(with_ticket(site, ticket)).ok()
    for ahead in (5402, 10_000, 10**8):
        site.server.clock.ahead = ahead
        answer = sign_in(with_ticket(site, ticket)).failed("030047")
        assert answer.reason == "Not a valid session ticket"


def test_a_ticket_of_the_future_is_refused(site: TestSite) -> None:
    site.server.clock.ahead = 3600
    ticket = ticket_of(site.client())
    site.server.clock.ahead = 0
    sign_in(with_ticket(site, ticket)).failed("030047")


def test_a_ticket_is_good_for_its_user_in_any_spelling(site: TestSite) -> None:
    ticket = ticket_of(site.client("HOST1"))
    for web_ex_id in ("host1", "Host1", "HOST1"):
        sign_in(with_ticket(site, ticket, web_ex_id)).ok()
    sign_in(with_ticket(site, ticket, None, email=site.users["host1"].email.upper())).ok()
    broken = "\n   ".join(ticket[start : start + 76] for start in range(0, len(ticket), 76))
    sign_in(with_ticket(site, broken)).ok()


@pytest.mark.parametrize("web_ex_id", ["host2", "admin", "attendee1", "nobody"])
def test_a_ticket_is_good_for_nobody_else(site: TestSite, web_ex_id: str) -> None:
    ticket = ticket_of(site.client())
    sign_in(with_ticket(site, ticket, web_ex_id)).failed("030047")
    answer = sign_in(with_ticket(site, ticket, ""))
    assert answer.failed("030002").reason == "Incorrect user or password"


def test_a_ticket_is_good_on_its_own_site_only(site: TestSite) -> None:
    other = site.server.new_site()
    ticket = ticket_of(site.client())
    sign_in(with_ticket(other, ticket)).failed("030047")
    sign_in(with_ticket(other, ticket_of(other.client()))).ok()


def test_a_ticket_that_was_tampered_with_is_refused(site: TestSite) -> None:
    ticket = ticket_of(site.client())
    tampered = [
        ticket[:place] + ("A" if ticket[place] != "A" else "B") + ticket[place + 1 :]
        for place in (0, 4, 8, 15, 20, 30, 40, 50, 200, 388, 400, len(ticket) - 1)
    ]
    tampered += [ticket[:-4], ticket + "AAAA", ticket[:-1] + "=", ticket.lower(), ticket[::-1], "A" * len(ticket), "x"]
    tampered += ["ü" * len(ticket), "=" * len(ticket), ticket + ticket]
    for each in tampered:
        sign_in(with_ticket(site, each)).failed("030047")
    sign_in(with_ticket(site, ticket)).ok()


def test_a_ticket_counts_before_a_password(site: TestSite) -> None:
    ticket = ticket_of(site.client())
    both = site.client(password="wrong", ticket=ticket)
    sign_in(both).ok()
    sign_in(site.client(ticket="wrong")).failed("030047")


def test_a_changed_password_ends_all_tickets(site: TestSite) -> None:
    tickets = [ticket_of(site.client()) for _ in range(3)]
    of_other = ticket_of(site.client("host2"))
    new_password(site)
    for ticket in tickets:
        sign_in(with_ticket(site, ticket)).failed("030047")
    sign_in(with_ticket(site, of_other, "host2")).ok()
    sign_in(with_ticket(site, ticket_of(site.client(password=OTHER_PASSWORD)))).ok()


def test_tickets_are_good_in_every_process(site: TestSite, second: Server) -> None:
    ticket = ticket_of(site.client())
    there = Client(second.url, site.name, web_ex_id="host1", ticket=ticket)
    sign_in(there).ok()
    new_password(site)
    sign_in(there).failed("030047")


# --- accounts that may not be used -------------------------------------------------------------------------------

BARRED = [
    ({"locked": True}, "030030"),
    ({"status": "DEACTIVATED"}, "030008"),
    ({"status": "REQUEST_TO_ACTIVATE"}, "030008"),
    ({"expires_at": 1_000_000_000}, "030007"),
    ({"must_change_password": True}, "030029"),
]


@pytest.mark.parametrize(("columns", "code"), BARRED, ids=[code for _, code in BARRED])
def test_barred_accounts_are_told_why_once_they_are_proven(
    site: TestSite, columns: dict[str, object], code: str
) -> None:
    ticket = ticket_of(site.client())
    before = site.users["host1"]
    site.set_user("host1", **columns)
    sign_in(site.client()).failed(code)
    sign_in(site.client(None, email=before.email)).failed(code)
    sign_in(with_ticket(site, ticket)).failed(code)
    site.client().call("user.AuthenticateUser").failed(code)
    site.client().call("meeting.CreateMeeting").failed(code)
    # Whoever does not know the password learns nothing.
    sign_in(site.client(password="wrong")).failed("030002")
    site.set_user("host1", **{name: getattr(before, name) for name in columns})
    sign_in(site.client()).ok()


def test_an_account_expires_at_its_second(site: TestSite) -> None:
    site.set_user("host1", expires_at=site.server.application.clock.now() + 1000)
    sign_in(site.client()).ok()
    site.server.clock.ahead = 1001
    sign_in(site.client()).failed("030007")


def test_attendees_sign_in_but_hold_no_meetings(site: TestSite) -> None:
    client = site.client("attendee1")
    sign_in(client).ok()
    client.call("user.GetUser", webExId="attendee1").ok()
    answer = client.call("meeting.CreateMeeting").failed("000001")
    assert answer.reason == "Access denied, additional privileges are required"
    site.set_user("host2", host=False)
    site.client("host2").call("meeting.CreateMeeting").failed("000001")
    sign_in(site.client("host2")).ok()


# --- which site --------------------------------------------------------------------------------------------------


def sent_to(site: TestSite, context: str, host: str | None = None) -> Answer:
    """A request with this text in its securityContext beside the account, sent to a host name."""
    client = site.client()
    document = client.document("user.GetUser", "<webExId>host1</webExId>")
    document = document.replace(f"<siteName>{site.name}</siteName>", context)
    return client.send(document, {"Host": host} if host else None)


def test_a_site_is_named_by_name_number_or_host(site: TestSite) -> None:
    name, number = site.name, site.site_id
    for context, host in (
        (f"<siteName>{name.upper()}</siteName>", None),
        (f"<siteName> {name} </siteName>", None),
        (f"<siteID>{number}</siteID>", None),
        (f"<siteID> {number}.0 </siteID>", None),
        (f"<siteID>{number}</siteID><partnerID>anything</partnerID>", None),
        (f"<siteName>{name}</siteName><siteID>1</siteID>", None),
        (f"<siteName>{name}</siteName>", "nowhere.example"),
        ("", f"{name}.webex.example"),
        ("", f"{name.upper()}.webex.example:8080"),
        ("<siteName/>", f"{name}.webex.example"),
        ("<siteName></siteName><siteID></siteID>", f"{name}.webex.example"),
    ):
        assert sent_to(site, context, host).ok().value("email") == site.users["host1"].email


def test_a_site_that_does_not_exist(site: TestSite) -> None:
    for context, host in (
        ("<siteName>nowhere</siteName>", None),
        ("<siteName>nowhere</siteName>", f"{site.name}.webex.example"),
        (f"<siteName>nowhere</siteName><siteID>{site.site_id}</siteID>", None),
        ("<siteID>1</siteID>", f"{site.name}.webex.example"),
        ("<siteID>-1</siteID>", None),
        ("", None),
        ("", "localhost"),
        (f"<siteName>{'n' * 100_000}</siteName>", None),
        (f"<siteName>{site.name}%</siteName>", None),
        (f"<siteName>{site.name}.webex.example</siteName>", None),
    ):
        answer = sent_to(site, context, host).failed("010001")
        assert answer.reason == "Failed to get SiteUrl from server"


def test_requests_that_name_no_site_are_for_the_default_one(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "parley.db")
    server = Server(None, tmp_path, default_site="usual").start()
    try:
        site = TestSite(server, "usual", "42.6.0")
        server.run(site.create({}))
        other = server.new_site()
        assert sent_to(site, "").ok().value("email") == site.users["host1"].email
        assert sent_to(site, "", "nowhere.example").ok().value("email") == site.users["host1"].email
        assert sent_to(other, "", f"{other.name}.example").ok().value("email") == other.users["host1"].email
        sent_to(site, "<siteName>nowhere</siteName>").failed("010001")
        sent_to(site, "<siteID>77</siteID>").failed("010001")
    finally:
        server.stop()


def test_a_site_that_is_switched_off(site: TestSite, second: Server) -> None:
    there = Client(second.url, site.name, web_ex_id="host1", password=PASSWORD)
    ticket = ticket_of(site.client())
    sign_in(there).ok()
    site.set(active=False)
    for client in (site.client(), there, with_ticket(site, ticket), site.client(password="wrong")):
        answer = sign_in(client).failed("010002")
        assert answer.reason == "The site is not active"
    site.client(password=None).call("ep.GetAPIVersion").failed("010002")
    site.set(active=True)
    sign_in(site.client()).ok()
    sign_in(there).ok()


def test_accounts_of_the_same_name_on_two_sites_are_two_accounts(site: TestSite) -> None:
    other = site.server.new_site()
    new_password(other)
    sign_in(site.client()).ok()
    sign_in(other.client()).failed("030002")
    key = create(site.client(), "Not yours")
    get(other.client(password=OTHER_PASSWORD), key).failed("060001")


# --- what changes is seen at once, in every process --------------------------------------------------------------


def test_a_changed_password_holds_at_once_in_every_process(site: TestSite, second: Server) -> None:
    def client(password: str, *, there: bool) -> Client:
        return Client(second.url if there else site.server.url, site.name, web_ex_id="host1", password=password)

    for there in (False, True):  # both remember the password now
        sign_in(client(PASSWORD, there=there)).ok()
        sign_in(client(OTHER_PASSWORD, there=there)).failed("030002")
    new_password(site)
    for there in (False, True):
        sign_in(client(PASSWORD, there=there)).failed("030002")
        sign_in(client(OTHER_PASSWORD, there=there)).ok()
    third = "Third-Password-3"
    second.run(set_password(second.application, site.site_id, "host1", third))
    for there in (False, True):
        sign_in(client(OTHER_PASSWORD, there=there)).failed("030002")
        sign_in(client(third, there=there)).ok()


@pytest.mark.parametrize(("columns", "code"), BARRED, ids=[code for _, code in BARRED])
def test_a_barred_account_is_barred_in_every_process(
    site: TestSite, second: Server, columns: dict[str, object], code: str
) -> None:
    there = Client(second.url, site.name, web_ex_id="host1", password=PASSWORD)
    sign_in(there).ok()
    site.set_user("host1", **columns)
    sign_in(there).failed(code)


# --- the cost of a verification ----------------------------------------------------------------------------------


def test_a_password_is_computed_once_and_then_remembered(site: TestSite, verifications: Verifications) -> None:
    new_password(site)
    verifications.passwords.clear()  # whether it is the old one has been looked at
    for _ in range(5):
        sign_in(site.client(password=OTHER_PASSWORD)).ok()
        sign_in(site.client("HOST1", OTHER_PASSWORD)).ok()
        sign_in(site.client(None, OTHER_PASSWORD, email=site.users["host1"].email)).ok()
    assert verifications.passwords == [OTHER_PASSWORD]


def test_many_cold_sign_ins_at_once_cost_one_computation(site: TestSite, verifications: Verifications) -> None:
    new_password(site)
    verifications.passwords.clear()  # whether it is the old one has been looked at
    barrier = threading.Barrier(64)

    def call() -> str:
        barrier.wait(30)
        return sign_in(site.client(password=OTHER_PASSWORD)).result

    with ThreadPoolExecutor(64) as pool:
        results = [each.result(60) for each in [pool.submit(call) for _ in range(64)]]
    assert results == ["SUCCESS"] * 64
    assert verifications.passwords == [OTHER_PASSWORD]


def test_others_are_answered_while_passwords_are_computed(site: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(site.client("host2")).ok()
    new_password(site)
    begun, may_end = threading.Event(), threading.Event()
    verifier = site.server.application.passwords
    compute = verifier._compute

    def slow(password_hash: str, password: str) -> bool:
        begun.set()
        may_end.wait(20)
        return compute(password_hash, password)

    monkeypatch.setattr(verifier, "_compute", slow)
    with ThreadPoolExecutor(1) as pool:
        cold = pool.submit(lambda: sign_in(site.client(password=OTHER_PASSWORD)).result)
        assert begun.wait(20)
        for _ in range(3):
            sign_in(site.client("host2")).ok()
            sign_in(with_ticket(site, ticket_of(site.client("host2")), "host2")).ok()
        assert not cold.done()
        may_end.set()
        assert cold.result(20) == "SUCCESS"


def test_an_unknown_user_costs_as_much_as_a_wrong_password(site: TestSite, verifications: Verifications) -> None:
    def seconds(web_ex_id: str) -> float:
        client = site.client(web_ex_id, guess())
        begun = time.perf_counter()
        assert sign_in(client).result == "FAILURE"
        return time.perf_counter() - begun

    known, unknown = [], []
    for _ in range(4):
        for name in ("host1", "host2", "attendee1"):
            known.append(seconds(name))
            unknown.append(seconds(f"no-{name}"))
    assert len(verifications.passwords) == 24
    assert statistics.median(unknown) > statistics.median(known) / 3
    assert statistics.median(known) > statistics.median(unknown) / 3


# --- the brake on guessing ---------------------------------------------------------------------------------------


def test_guessing_at_an_account_is_slowed_down_while_its_owner_works_on(site: TestSite) -> None:
    owner = site.client()
    sign_in(owner).ok()
    ticket = ticket_of(owner)
    for _ in range(7):
        sign_in(site.client(password=guess())).failed("030002")
    begun = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: sign_in(site.client(password=guess())).code)
        while not waiting.done():  # the owner and everybody else are answered as long as the guess waits
            sign_in(owner).ok()
            sign_in(with_ticket(site, ticket)).ok()
            sign_in(site.client("host2")).ok()
        assert waiting.result() == "030002"
    assert time.monotonic() - begun > 0.9


def test_the_brake_is_for_the_account_whatever_it_is_called(site: TestSite) -> None:
    for number in range(5):
        sign_in(site.client("HOST1" if number % 2 else " host1", guess())).failed("030002")
    brake = site.server.application.brake
    assert brake.delay(account_key(site)) > 0
    assert brake.delay(account_key(site, "host2")) == 0
    begun = time.monotonic()
    sign_in(site.client(None, guess(), email=site.users["host1"].email)).failed("030002")
    assert time.monotonic() - begun > 0.2


def test_guesses_side_by_side_are_as_slow_as_one_after_the_other(site: TestSite) -> None:
    for _ in range(6):
        sign_in(site.client(password=guess())).failed("030002")
    begun = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        guesses = [pool.submit(lambda: sign_in(site.client(password=guess())).code) for _ in range(4)]
        assert [each.result(60) for each in guesses] == ["030002"] * 4
    assert time.monotonic() - begun > 1.9


def test_the_same_wrong_password_again_is_no_further_guess(site: TestSite, verifications: Verifications) -> None:
    for _ in range(30):
        sign_in(site.client(password="Stale-password")).failed("030002")
    assert verifications.passwords in (["Stale-password"], [])  # accounts of other tests have the same hash
    brake = site.server.application.brake
    assert brake.delay(account_key(site), f"{site.site_id}@127.0.0.1") == 0


def test_a_right_password_releases_the_brake(site: TestSite) -> None:
    new_password(site)
    brake, account = site.server.application.brake, account_key(site)
    for _ in range(5):
        sign_in(site.client(password=guess())).failed("030002")
    assert brake.delay(account) > 0
    sign_in(site.client(password=OTHER_PASSWORD)).ok()
    assert brake.delay(account) == 0


def test_an_address_of_many_users_is_not_slowed_by_the_mistakes_of_a_few(site: TestSite) -> None:
    for number in range(40):
        sign_in(site.client(f"user{number}", f"Mistake-{number}")).failed("030001")
    brake = site.server.application.brake
    assert brake.delay(account_key(site), f"{site.site_id}@127.0.0.1") == 0


def test_accounts_of_one_site_do_not_slow_those_of_another(site: TestSite) -> None:
    other = site.server.new_site()
    for _ in range(6):
        sign_in(site.client(password=guess())).failed("030002")
    new_password(other)
    assert site.server.application.brake.delay(account_key(other), f"{other.site_id}@127.0.0.1") == 0
    sign_in(other.client(password=OTHER_PASSWORD)).ok()


def test_an_account_made_a_moment_ago_signs_in(site: TestSite, second: Server) -> None:
    there = Client(second.url, site.name, web_ex_id="new", password=OTHER_PASSWORD)
    sign_in(there).failed("030001")
    make = create_account(
        site.server.application,
        site.site_id,
        web_ex_id="New",
        email="new@somewhere.example",
        password=OTHER_PASSWORD,
        first_name="Nora",
        last_name="New",
    )
    site.server.run(make)
    sign_in(there).ok()


@pytest.mark.parametrize(
    ("client", "counted"),
    [(("2001:db8::5:6", 1), "2001:db8::"), (("::ffff:192.0.2.1", 1), "192.0.2.1"), (("192.0.2.1", 1), "192.0.2.1")],
)
def test_nobody_has_more_tries_for_having_a_whole_net(client: tuple[str, int], counted: str) -> None:
    assert read_credentials(None, None, {"client": client}).address == counted
    assert read_credentials(None, None, {"client": None}).address == "local"
