"""What holds for every page of the console, found in its table of routes: who may open it, forms, headers, addresses.

A page that is new is in these tests by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from parley.config import Config
from parley.protocol.credentials import GuessBrake
from parley.web.console import console_routes
from parley.web.console.shell import PageRoute
from parley.web.meeting_links import MeetingLinks
from parley.web.public import public_routes
from parley.web.url_api.api import UrlApi
from tests.server import PASSWORD, Server, TestSite
from tests.services.meetings import create
from tests.web.console import OWN, Person
from tests.web.recordings import recorded

_NOTHING = cast("Any", None)
#: Routes are made before a server runs; all that they may want by then are its settings.
_SETTINGS = cast("Any", SimpleNamespace(config=Config(data=str(Path(__file__).parent / "no-such-folder"))))
ROUTES = [cast("PageRoute", route) for route in console_routes(_SETTINGS, _NOTHING, _NOTHING, _NOTHING)]
PUBLIC = [cast("Any", route).path for route in public_routes(_SETTINGS, _NOTHING, _NOTHING, _NOTHING)]
GUARDED = [route for route in ROUTES if route.signed_in]
FORMS = [route for route in ROUTES if "POST" in (route.methods or ())]
PAGES = [route for route in ROUTES if "GET" in (route.methods or ())]
EVIL = (
    "https://evil.example/",
    "http://evil.example",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%2f/evil.example/",
    "/%5cevil.example/",
    "https://127.0.0.1@evil.example/",
    "{site}//evil.example",
    "{site}/../../evil",
    "{site}/%2e%2e/%2e%2e/other/",
    "{root}.evil.example/",
    "{root}@evil.example/",
    "\thttps://evil.example/",
    "/other-site/console/",
)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The brake on guessing counts, but nobody waits for it: these tests try a lot."""

    async def at_once(self: GuessBrake, account: str, address: str | None = None) -> None:
        assert account

    monkeypatch.setattr(GuessBrake, "wait", at_once)


@pytest.fixture(scope="module")
def people(shared_site: TestSite) -> Iterator[dict[str, Person]]:
    """Somebody of each kind: nobody who is signed in, and those with an account."""
    site = shared_site
    names = ("host1", "admin", "attendee1")
    found = {"nobody": Person(site), **{name: Person(site, name) for name in names}}
    found["looking"] = looking_on(site)
    for each in found.values():
        each.http.follow_redirects = False
    yield found
    for each in found.values():
        each.close()


def looking_on(site: TestSite) -> Person:
    """An administrator who may only read, in a browser."""
    site.set_user("host2", ro_site_admin=True, host=True)
    return Person(site, "host2")


def path_of(route: PageRoute, site: TestSite, value: str = "7") -> str:
    """The path of a page below a site, with something for whatever it names."""
    below = re.sub(r"\{[^}]+\}", value, route.path.removeprefix("/{site}"))
    return f"/{site.name}{below}"


def get(person: Person, path: str) -> httpx.Response:
    return person.http.get(f"{person.site.server.url}{path}")


def post(person: Person, path: str, headers: dict[str, str] | None = None, **values: str) -> httpx.Response:
    return person.http.post(f"{person.site.server.url}{path}", data=values, headers=OWN if headers is None else headers)


def send(person: Person, route: PageRoute, path: str, value: str) -> httpx.Response:
    """Send the form of a page, as its kind is, with nothing in it but the value of the visit."""
    if not route.takes_file:
        return post(person, path, CSRF=value)
    return person.http.post(f"{person.site.server.url}{path}", files={"CSRF": (None, value)}, headers=OWN)


def csrf(person: Person) -> str:
    """The value that the person's forms carry."""
    page = get(person, f"/{person.site.name}/console/profile").text
    found = re.search(r'name="CSRF" value="([0-9a-f-]{36})"', page)
    assert found is not None
    return found[1]


def test_the_table_is_the_whole_console() -> None:
    assert len(ROUTES) > 60
    assert len({route.path for route in ROUTES}) == len(ROUTES)
    opened = {route.path.partition("/console/")[2] for route in ROUTES if not route.signed_in}
    assert opened == {
        *("sign-in", "sign-in/openid", "sign-in/openid/back", "sign-in/openid/end"),
        *("forgotten", "new-password"),
    }
    assert all(route.admins for route in ROUTES if "/admin" in route.path)


@pytest.mark.parametrize("digits", [20, 5000])
def test_numbers_that_are_too_long_are_of_no_page(
    shared_site: TestSite, people: dict[str, Person], digits: int
) -> None:
    paths = {path_of(route, shared_site, "9" * digits) for route in PAGES if ":int}" in route.path}
    assert len(paths) > 5
    for path in (*paths, f"/{shared_site.name}/room/{'9' * digits}/recording/1/done"):
        assert get(people["admin"], path).status_code == 404, path[:60]


# ---- who may -----------------------------------------------------------------------------------------------------


def test_whoever_is_not_signed_in_is_asked_to(shared_site: TestSite, people: dict[str, Person]) -> None:
    sign_in = f"/{shared_site.name}/console/sign-in"
    for route in GUARDED:
        path = path_of(route, shared_site)
        if "GET" in (route.methods or ()):
            answer = get(people["nobody"], f"{path}?a=1")
            assert answer.status_code == 303, path
            there = urlsplit(answer.headers["location"])
            assert (there.netloc, there.path) == ("", sign_in), path
            assert parse_qs(there.query)["next"] == [f"{path}?a=1"]
        if "POST" in (route.methods or ()):
            answer = post(people["nobody"], path, CSRF="00000000-0000-4000-8000-000000000000")
            assert (answer.status_code, answer.headers["location"]) == (303, sign_in), path


def test_forms_without_the_value_of_the_visit_are_refused(shared_site: TestSite, people: dict[str, Person]) -> None:
    admin, others = people["admin"], csrf(people["host1"])
    for route in FORMS:
        if not route.signed_in:
            continue
        path = path_of(route, shared_site)
        for value in ("", "00000000-0000-4000-8000-000000000000", others):
            answer = post(admin, path, CSRF=value)
            assert answer.status_code == 403, f"{path} {value}"
    assert get(admin, f"/{shared_site.name}/console/profile").status_code == 200  # still signed in


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1.evil.example"},
    ],
)
def test_forms_of_other_sites_are_refused(
    shared_site: TestSite, people: dict[str, Person], headers: dict[str, str]
) -> None:
    admin = people["admin"]
    value = csrf(admin)
    for route in FORMS:
        answer = post(admin, path_of(route, shared_site), headers, CSRF=value)
        assert answer.status_code == 403, route.path


@pytest.mark.parametrize("name", ["host1", "attendee1"])
def test_pages_of_administrators_are_closed_to_others(
    shared_site: TestSite, people: dict[str, Person], name: str
) -> None:
    value = csrf(people[name])
    for route in ROUTES:
        if not route.admins:
            continue
        path = path_of(route, shared_site)
        if "GET" in (route.methods or ()):
            assert get(people[name], path).status_code == 403, path
        if "POST" in (route.methods or ()):
            assert post(people[name], path, CSRF=value).status_code == 403, path


def test_administrators_who_may_only_read_change_nothing(shared_site: TestSite, people: dict[str, Person]) -> None:
    person = people["looking"]
    value = csrf(person)
    for route in ROUTES:
        if route.admins and "POST" in (route.methods or ()):
            assert post(person, path_of(route, shared_site), CSRF=value).status_code == 403, route.path


def test_pages_of_hosts_are_closed_to_attendees(shared_site: TestSite, people: dict[str, Person]) -> None:
    person, home = people["attendee1"], f"/{shared_site.name}/console"
    value = csrf(person)
    hosts = [route for route in ROUTES if route.hosts]
    assert len(hosts) > 10
    for route in hosts:
        path = path_of(route, shared_site)
        if "GET" in (route.methods or ()):
            answer = get(person, path)
            if path.rstrip("/") == home:
                assert (answer.status_code, answer.headers["location"]) == (303, f"{home}/profile")
            else:
                assert answer.status_code == 403, path
        if "POST" in (route.methods or ()):
            assert post(person, path, CSRF=value).status_code == 403, path


def others(site: TestSite) -> dict[str, list[int]]:
    """Numbers of things that belong to another site, and to another host of this one."""
    other = site.server.new_site()
    return {
        "elsewhere": [
            int(create(other.client(), "Theirs")),
            recorded(other, "Theirs").recording_id,
            other.users["host1"].user_id,
        ],
        "another host": [int(create(site.client("admin"), "Theirs")), recorded(site, "Theirs", "admin").recording_id],
    }


def test_numbers_of_another_site_are_not_found(shared_site: TestSite, people: dict[str, Person]) -> None:
    _walk_numbers(people["admin"], others(shared_site)["elsewhere"])


def test_numbers_of_another_host_are_not_found(shared_site: TestSite, people: dict[str, Person]) -> None:
    _walk_numbers(people["host1"], others(shared_site)["another host"], admins=False)


def _walk_numbers(person: Person, numbers: list[int], *, admins: bool = True) -> None:
    value = csrf(person)
    named = [route for route in GUARDED if ":int}" in route.path and (admins or not route.admins)]
    assert len(named) > 8
    for route in named:
        for number in numbers:
            path = path_of(route, person.site, str(number))
            if "GET" in (route.methods or ()):
                answer = get(person, path)
                assert answer.status_code == 404, path
                assert "Theirs" not in answer.text
            if "POST" in (route.methods or ()):
                answer = send(person, route, path, value)
                assert answer.status_code == 404, path


# ---- what every page carries -------------------------------------------------------------------------------------


def directives(answer: httpx.Response) -> dict[str, list[str]]:
    """The content security policy of an answer, taken apart."""
    policy = answer.headers["content-security-policy"]
    parts = [each.split() for each in policy.split(";")]
    assert len({name for name, *_ in parts}) == len(parts), policy  # of two alike the second would not count
    return {name: values for name, *values in parts}


def check_headers(answer: httpx.Response) -> None:
    """The headers that keep a page to itself, and nothing in it that they would not let run."""
    where = str(answer.url)
    policy = directives(answer)
    assert policy["default-src"] == ["'none'"], where
    assert policy["frame-ancestors"] == ["'none'"] or "sandbox" in policy or policy["frame-ancestors"] == ["'self'"]
    assert policy["base-uri"] == ["'none'"], where
    assert policy.get("form-action") in (["'self'"], ["'none'"]), where
    if "text/html" in answer.headers["content-type"] and "sandbox" not in policy:
        assert policy.get("script-src", []) in ([], ["'self'"]), where
        assert policy["style-src"] == ["'self'"], where
        assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)", answer.text), where
        assert not re.search(r"<[^>]+\s(?:style|on[a-z]+|hx-on[^=]*)=", without_values(answer.text)), where
    assert answer.headers["x-content-type-options"] == "nosniff", where
    assert answer.headers["referrer-policy"] == "no-referrer", where
    assert answer.headers["cache-control"] == "no-store", where
    assert len(answer.content) < 100_000, where


def without_values(page: str) -> str:
    """A page without the values of its attributes, in which anything may stand."""
    return re.sub(r'="[^"]*"', "=", page)


def check_cookies(answer: httpx.Response, *, secure: bool) -> None:
    """No cookie is for scripts or for forms of others."""
    for cookie in answer.headers.get_list("set-cookie"):
        flags = {each.strip().casefold() for each in cookie.split(";")[1:]}
        assert "httponly" in flags, cookie
        assert flags & {"samesite=lax", "samesite=strict"}, cookie
        assert ("secure" in flags) is secure, cookie


@pytest.mark.parametrize("name", ["nobody", "admin", "attendee1"])
def test_pages_carry_the_headers_that_protect_them(shared_site: TestSite, people: dict[str, Person], name: str) -> None:
    shown = 0
    for route in PAGES:
        answer = get(people[name], path_of(route, shared_site))
        check_cookies(answer, secure=False)
        if answer.status_code == 303:
            assert answer.headers["referrer-policy"] == "no-referrer"
            continue
        assert answer.status_code in (200, 400, 403, 404), answer.url
        check_headers(answer)
        shown += 1
    for path in PUBLIC:
        answer = get(people[name], path.replace("{site}", shared_site.name))
        check_headers(answer)
        check_cookies(answer, secure=False)
    assert shown > 5


def test_cookies_are_for_tls_only_where_there_is_tls(sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, tmp_path, public_url="https://meet.example").start()
    try:
        site = server.new_site()
        with httpx.Client(timeout=30) as client:
            address = f"{server.url}/{site.name}/console"
            seen = []
            for answer in (
                client.post(f"{address}/sign-in", data={"NAME": "host1", "PASSWORD": PASSWORD}, headers=OWN),
                client.get(f"{address}/profile"),  # the cookie is not sent without TLS: a notice that asks to sign in
            ):
                assert answer.status_code == 303
                check_cookies(answer, secure=True)
                seen += answer.headers.get_list("set-cookie")
            assert [each.partition("=")[0] for each in seen] == ["ticket", "console_notice"]
    finally:
        server.stop()


# ---- where pages lead --------------------------------------------------------------------------------------------


def check_place(answer: httpx.Response, site: TestSite) -> None:
    """Whatever an answer leads to by itself is on the site."""
    assert "evil" not in answer.headers.get("refresh", ""), answer.url
    place = answer.headers.get("location")
    if place is None:
        return
    root = site.server.application.links.root(site.name)
    parts = urlsplit(unquote(unquote(place.partition("?")[0])))
    assert "\\" not in place
    assert parts.netloc in ("", urlsplit(root).netloc, urlsplit(site.server.url).netloc), place
    assert parts.scheme in ("", "http"), place
    assert parts.path.startswith(f"/{site.name}/") or (parts.path == "" and not parts.netloc), place
    assert ".." not in parts.path.split("/"), place


@pytest.mark.parametrize("target", EVIL)
def test_signing_in_leads_nowhere_else(shared_site: TestSite, target: str) -> None:
    site = shared_site
    target = filled(target, site)
    with httpx.Client(timeout=30) as client:
        base = f"{site.server.url}/{site.name}"
        for answer in (
            client.get(f"{base}/console/sign-in", params={"next": target}),
            client.post(
                f"{base}/console/sign-in",
                data={"NAME": "host1", "PASSWORD": PASSWORD, "NEXT": target},
                headers=OWN,
            ),
            client.get(f"{base}/console/sign-in", params={"next": target}),
            client.post(f"{base}/p.php", data={"AT": "LI", "WID": "host1", "PW": PASSWORD, "MU": target}),
            client.post(f"{base}/p.php", data={"AT": "LI", "WID": "host1", "PW": PASSWORD, "BU": target}),
        ):
            check_place(answer, site)


def filled(target: str, site: TestSite) -> str:
    return target.replace("{site}", f"/{site.name}").replace("{root}", f"{site.server.url}/{site.name}")


def commands() -> list[tuple[str, str]]:
    """Every command of the pages for portals: page and name."""
    api = UrlApi(_NOTHING, _NOTHING, _NOTHING, _NOTHING)
    return [(page, name) for page, named in sorted(api._commands.items()) for name in sorted(named)]


@pytest.mark.parametrize("name", ["nobody", "host1"])
@pytest.mark.parametrize("field", ["BU", "MU", "backURL", "next"])
def test_commands_lead_nowhere_else(shared_site: TestSite, field: str, name: str) -> None:
    site = shared_site
    assert len(commands()) > 20
    with httpx.Client(timeout=30) as client:
        if name != "nobody":
            entered = client.post(
                f"{site.server.url}/{site.name}/p.php", data={"AT": "LI", "WID": name, "PW": PASSWORD}
            )
            assert entered.status_code in (200, 303)
        for page, command in commands():
            for target in ("https://evil.example/", "//evil.example/", "/\\evil.example/"):
                values = {"AT": command, "MK": "123456", field: target}
                address = f"{site.server.url}/{site.name}/{page}.php"
                check_place(client.get(address, params=values), site)
                check_place(client.post(address, data=values), site)


def test_links_of_the_api_lead_nowhere_else(shared_site: TestSite) -> None:
    client, opened = shared_site.client(), 0
    for target in EVIL:
        answer = client.call("user.GetloginurlUser", webExID="host1", backURL=filled(target, shared_site))
        link = answer.value("userLoginURL")
        if link is None:  # refused, as what is no address
            continue
        with httpx.Client(timeout=30) as browser:
            check_place(browser.get(link), shared_site)
        opened += 1
    assert opened > 3


# ---- guessing ----------------------------------------------------------------------------------------------------


def test_guessing_passwords_is_slowed_down(site: TestSite) -> None:
    brake: Callable[..., float] = site.server.application.brake.delay
    account = f"{site.site_id}/{site.users['host1'].user_id}"
    person = Person(site)
    assert brake(account) == 0
    for number in range(7):
        person.post("sign-in", NAME="host1", PASSWORD=f"{site.name} {number}")
        assert person.status == 403
    assert brake(account) > 0
    assert brake(f"{site.site_id}/{site.users['host2'].user_id}") == 0
    person.post("sign-in", NAME="nobody-here", PASSWORD="guess")
    assert brake("none", f"{site.site_id}@127.0.0.1") == 0  # many people may share an address
    person.close()


def test_the_console_has_no_way_past_the_links() -> None:
    """All pages go through the one place that knows sites and visits."""
    assert all(route.endpoint.__qualname__.startswith("Shell.page.") for route in ROUTES)
    assert hasattr(MeetingLinks, "answer")
