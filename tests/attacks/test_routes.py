"""What holds for every address of the server, found in its table of routes: heads that protect, forms of others.

`tests/web/test_console_security.py` walks the pages for people who sign in; here are all the others too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.routing import Mount, Route, WebSocketRoute

from tests.server import TestSite
from tests.services.meetings import create
from tests.web.console import Person

#: Answers to programs: these have no page that could be framed or run.
_PROGRAMS = re.compile(r"^/(health|healthz|ready|readyz|metrics|schemas/.*\.zip|static)")


@pytest.fixture(scope="module")
def visited(sqlite_server: Any) -> Iterator[tuple[TestSite, Person]]:
    """A site, and somebody who is signed in to it."""
    site = sqlite_server.new_site()
    create(site.client())
    person = Person(site, "admin")
    person.http.follow_redirects = False
    yield site, person
    person.close()


def routes(site: TestSite) -> list[Route]:
    """All routes of the running server."""
    pages = site.server.app._pages
    assert pages is not None
    found: list[Route] = []
    for route in pages.routes:  # type: ignore[attr-defined]  # a Starlette application
        assert isinstance(route, Route | Mount | WebSocketRoute), route
        if isinstance(route, Route):
            found.append(route)
    return found


def address(site: TestSite, route: Route) -> str:
    """An address that the route takes."""
    path = re.sub(r"\{(\w+):path\}", "x", route.path.replace("{site}", site.name))
    return site.server.url + re.sub(r"\{[^}]+\}", "7", path)


def test_every_page_carries_the_heads_that_protect_it(visited: tuple[TestSite, Person]) -> None:
    site, person = visited
    pages = 0
    for route in routes(site):
        if "GET" not in (route.methods or {"GET"}):
            continue
        answer = person.http.get(address(site, route))
        where = f"{route.path} {answer.status_code}"
        assert answer.status_code < 500, where
        for cookie in answer.headers.get_list("set-cookie"):
            flags = cookie.casefold()
            assert "httponly" in flags, where
            assert "samesite=lax" in flags or "samesite=strict" in flags, where
        if "text/html" not in answer.headers.get("content-type", "") or answer.is_redirect:
            continue
        pages += 1
        policy = answer.headers.get("content-security-policy", "")
        assert "frame-ancestors 'none'" in policy or "frame-ancestors 'self'" in policy or "sandbox" in policy, where
        assert "default-src 'none'" in policy, where
        assert "unsafe" not in policy.replace("wasm-unsafe", ""), where
        assert answer.headers.get("x-content-type-options") == "nosniff", where
        assert answer.headers.get("referrer-policy") == "no-referrer", where
    assert pages > 60


def test_forms_of_others_are_refused_wherever_somebody_is_signed_in(visited: tuple[TestSite, Person]) -> None:
    """Every address that takes a POST, sent by a page of somebody else with the visitor's cookie along."""
    site, person = visited
    before = state(site)
    posts = 0
    for route in routes(site):
        if "POST" not in (route.methods or ()):
            continue
        posts += 1
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            answer = person.http.post(address(site, route), data={"AT": "DM", "MK": "1", "CSRF": "x"}, headers=headers)
            # A fault of SOAP has status 500, as its specification says.
            assert answer.status_code < 500 or "soap" in answer.text, route.path
            if answer.status_code == 200 and "/console/" in route.path:
                pytest.fail(f"{route.path} took the form of somebody else")
    assert posts > 40
    assert state(site) == before


def state(site: TestSite) -> tuple[list[str], str]:
    """What a form could have changed: the meetings and the accounts of the site."""
    client = site.client("admin")
    people = client.call("user.LstsummaryUser").ok()
    listed = client.call("meeting.LstsummaryMeeting", hostWebExID="host1")
    return sorted(people.all("user/webExId")), listed.text


def test_other_methods_are_refused(visited: tuple[TestSite, Person]) -> None:
    site, person = visited
    for route in routes(site):
        answer = person.http.request("PROPFIND", address(site, route))
        assert answer.status_code in (404, 405), route.path


def test_what_is_not_there_is_not_repeated(visited: tuple[TestSite, Person]) -> None:
    """A page about a wrong address shows nothing of it."""
    site, person = visited
    for path in ("<script>alert(1)</script>", "%3Cscript%3Ealert(1)%3C/script%3E", "x?a=<script>alert(1)</script>"):
        for start in ("/", f"/{site.name}/", f"/{site.name}/console/", "/static/", "/schemas/42.6/"):
            answer: httpx.Response = person.http.get(f"{site.server.url}{start}{path}")
            assert "<script>alert" not in answer.text
            assert "alert(1)" not in answer.headers.get("location", "")
