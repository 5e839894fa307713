"""The addresses of the server with numbers and secret names of another site in them, and its links under another name.

The addresses are those that the application says it has, the numbers those that the rows of a full site have; a page
that is added is tried without a word here. What holds for operations holds here (see `test_tenants`): nothing is told,
nothing changes, and what comes back is what comes back for a number that nobody has.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from starlette.routing import Route

from parley.store import tables
from tests.attacks.generated.amounts import LONG, some
from tests.attacks.generated.loot import Scene, twin
from tests.attacks.generated.pages import Walk, alike, links_of
from tests.attacks.generated.wire import Reply, Visitor, Wire
from tests.attacks.generated.worlds import answers_of, rows_of

_PARAMETER: Final = re.compile(r"{(\w+)(?::(\w+))?}")
_VISITORS: Final = ("admin", "host1", "attendee1", None)
_MOST: Final = 3


def _routes(wire: Wire) -> list[Route]:
    """All addresses below a site."""
    app: Any = wire.server.app._pages
    while not hasattr(app, "routes"):
        app = app.app
    return [each for each in app.routes if isinstance(each, Route) and each.path.startswith("/{site}")]


def _together(scene: Scene) -> Iterator[tuple[str, ...]]:
    """Numbers and names that stand in a row of the other site together."""
    for name, rows in rows_of(scene.wire, scene.there).items():
        table = tables.metadata.tables[name]
        places = [
            place
            for place, column in enumerate(table.c)
            if column.name != "site_id" and column.name.endswith(("_id", "_key", "session_num", "kind", "rcid"))
        ]
        for row in rows:
            yield tuple(str(row[place]) for place in places if row[place] is not None)


def _filled(scene: Scene, route: Route) -> list[tuple[str, ...]]:
    """What the parameters of a route are filled with: what belongs together, and each thing in each place."""
    parameters = _PARAMETER.findall(route.path)[1:]
    if not parameters:
        return []
    names = [scene.loot.numbers if kind == "int" else scene.loot.names for _, kind in parameters]
    if len(parameters) == 1:
        return [(each,) for each in some(names[0], _MOST, route.path)]
    rows = {pair for row in _together(scene) for pair in itertools.permutations(row, len(parameters))}
    fits = [
        pair
        for pair in rows
        if all(kind != "int" or each.isdigit() for each, (_, kind) in zip(pair, parameters, strict=True))
    ]
    pairs = list(some(sorted(fits), _MOST, route.path))
    pairs += [tuple(some(each, 1, f"{route.path}{turn}")[0] for each in names) for turn in range(_MOST)]
    return pairs


def _addressed(route: Route, site: str, filled: tuple[str, ...]) -> str:
    values = iter((site, *filled))
    return _PARAMETER.sub(lambda _match: quote(next(values), safe=""), route.path)


def _same(reply: Reply) -> tuple[int, str, str]:
    """What is compared: the status, what it is, and where it leads without numbers."""
    return reply.status, reply.kind, re.sub(r"[0-9a-f]{8,}|\d+", "#", reply.header("location").partition("?")[0])


def _check(scene: Scene, problems: list[str], what: str, sent: str, reply: Reply) -> None:
    if reply.raised or reply.status >= 500:
        problems.append(f"{what}: {reply.status} {reply.raised}")
    if told := scene.told(reply, sent):
        problems.append(f"{what}: told {told}")


@pytest.mark.parametrize("web_ex_id", _VISITORS)
def test_numbers_of_another_site_lead_nowhere(foreign: Scene, web_ex_id: str | None) -> None:
    foreign = foreign.anew()
    site = foreign.cast.site
    visitor = Visitor(foreign.wire, site, web_ex_id)
    before = rows_of(foreign.wire, foreign.there)
    problems: list[str] = []
    sent = 0
    for route in _routes(foreign.wire):
        for filled in _filled(foreign, route):
            for method in sorted((route.methods or set()) & {"GET", "POST", "PATCH", "DELETE"}):
                pair = [_addressed(route, site.name, each) for each in (tuple(map(twin, filled)), filled)]
                form = None if method == "GET" else {"CSRF": visitor.csrf}
                theirs = foreign.wire.requests([visitor.request(method, each, form) for each in pair])
                what = f"{method} {pair[1]}"
                _check(foreign, problems, what, " ".join(filled), theirs[1])
                if _same(theirs[0]) != _same(theirs[1]):
                    problems.append(f"{what}: {_same(theirs[1])} instead of {_same(theirs[0])}")
                sent += 1
    assert not problems, "\n".join(problems)
    assert sent > 100
    assert rows_of(foreign.wire, foreign.there) == before


def test_links_of_another_site_lead_nowhere_under_ones_own(foreign_on_sqlite: Scene) -> None:
    foreign = foreign_on_sqlite.anew()
    theirs, own = foreign.theirs.site, foreign.cast.site
    answers = [each.response.text for each in answers_of(foreign.theirs)]
    links = links_of([*answers, *(mail.text for mail in theirs.mails)], f"{theirs.server.url}/{theirs.name}")
    walks = [
        Walk(Visitor(foreign.wire, theirs, each), alike=2).go([f"/{theirs.name}/console/", *links])
        for each in ("host1", "admin")
    ]
    known = dict.fromkeys([*links, *(page.address for walk in walks for page in walk.pages)])
    addresses = [each.replace(f"/{theirs.name}", f"/{own.name}", 1) for each in known]
    before = rows_of(foreign.wire, foreign.there)
    problems: list[str] = []
    for web_ex_id in _VISITORS if LONG else ("admin", None):
        visitor = Visitor(foreign.wire, own, web_ex_id)
        for address, reply in zip(addresses, visitor.get(addresses), strict=True):
            _check(foreign, problems, address, address, reply)
    assert not problems, "\n".join(problems)
    assert len(addresses) > 100
    assert rows_of(foreign.wire, foreign.there) == before


@pytest.mark.parametrize("web_ex_id", ["admin", "host1", None])
def test_forms_and_queries_with_what_belongs_to_another_site(foreign_on_sqlite: Scene, web_ex_id: str | None) -> None:
    foreign = foreign_on_sqlite.anew()
    path = f"/{foreign.cast.site.name}"
    walk = Walk(Visitor(foreign.wire, foreign.cast.site, web_ex_id), alike=2).go([f"{path}/", f"{path}/console/"])
    before = rows_of(foreign.wire, foreign.there)
    problems: list[str] = []
    asked = list(_queries(walk, foreign))
    for (address, sent), reply in zip(asked, walk.visitor.get([each for each, _ in asked]), strict=True):
        _check(foreign, problems, address, sent, reply)
    forms = list(_forms(walk, foreign))
    for (action, form, value), reply in zip(forms, walk.visitor.post([each[:2] for each in forms]), strict=True):
        foreign.keep(value)
        _check(foreign, problems, f"form of {action} {form}", value, reply)
    assert not problems, "\n".join(problems)
    assert len(asked) + len(forms) > (100 if web_ex_id else 1)
    assert rows_of(foreign.wire, foreign.there) == before


def _queries(walk: Walk, scene: Scene) -> Iterator[tuple[str, str]]:
    """Addresses with a value of the other site in place of each of the query, and in each field of a search; and it."""
    for page in {alike(page.address): page for page in walk.pages}.values():
        path, _, query = page.address.partition("?")
        lists = [parse_qsl(query, keep_blank_values=True)]
        if page.parsed is not None:
            lists += [list(form.fields.items()) for form in page.parsed.forms if form.method == "get"]
        for pairs in lists:
            for place, (name, _) in enumerate(pairs):
                for value in some(scene.loot.names, 2, f"{path}?{name}"):
                    changed = [(key, value if at == place else old) for at, (key, old) in enumerate(pairs)]
                    yield f"{path}?{urlencode(changed)}", value


def _forms(walk: Walk, scene: Scene) -> Iterator[tuple[str, dict[str, str], str]]:
    """Forms with a value of the other site in place of each that they would send."""
    for action, form in walk.forms():
        for name in some(list(form.fields), 5, alike(action)):
            if name != "CSRF":
                for value in some(scene.loot.names, 1, f"{alike(action)}#{name}"):
                    yield action, {**form.fields, name: value}, value


def test_a_visit_of_another_site_is_none_here(foreign: Scene) -> None:
    """Cookie, secret of the forms and session ticket of another site's administrator open nothing."""
    own = foreign.cast.site
    theirs = Visitor(foreign.wire, foreign.theirs.site, "admin")
    stray = Visitor(foreign.wire, own)
    stray.cookies, stray.csrf = theirs.cookies, theirs.csrf
    for page in ("", "profile", "admin/users", "recordings"):
        assert stray.get([f"/{own.name}/console/{page}"])[0].status == 303
    honest = Visitor(foreign.wire, own, "admin")
    honest.csrf = theirs.csrf
    refused = honest.post([(f"/{own.name}/console/profile", {"FIRST": "Mallory"})])[0]
    assert refused.status == 403
    ticket = foreign.theirs.site.client("admin").call("user.AuthenticateUser").ok().value("sessionTicket")
    for name in ("admin", "host1"):
        client = own.client(name, password=None, ticket=ticket)
        assert client.call("user.GetUser", webExId=name).result == "FAILURE"
