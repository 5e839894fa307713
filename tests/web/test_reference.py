"""The reference: complete, valid, linked within itself, and the same on the server and as files."""

from __future__ import annotations

import html.parser
import json
import posixpath
from pathlib import Path

import httpx
import pytest
from lxml import etree
from typer.testing import CliRunner

from parley import contract
from parley.cli import app
from parley.protocol import faults
from parley.protocol.versions import FIRST, LATEST, LEVELS, Level
from parley.protocol.xsd import ALL, write_tree
from parley.services.registry import find, operations
from parley.services.roles import Role
from parley.web.reference.book import Book, Outside
from parley.web.reference.files import write_reference
from parley.web.reference.given_faults import faults_of, faults_of_all
from parley.web.reference.samples import answer_sample, request_sample
from tests.server import TestSite

_OUTSIDE = Outside("static/")
_LARGEST = 100_000


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name in ("href", "src") and value}


@pytest.fixture(scope="module")
def book() -> Book:
    return Book(LATEST, _OUTSIDE)


@pytest.fixture(scope="module")
def pages(book: Book) -> dict[str, str]:
    return {path: book.page(path) or "" for path in book.paths()}


def page_of(book: Book, name: str) -> str:
    operation = find(name)
    assert operation is not None
    text = book.page(f"{operation.module}/{operation.name}.html")
    assert text is not None
    return text


@pytest.mark.parametrize("level", [FIRST, LATEST], ids=str)
def test_samples_of_all_operations_are_valid(level: Level, tmp_path: Path) -> None:
    write_tree(level, tmp_path)
    validator = etree.XMLSchema(etree.parse(str(tmp_path / ALL)))
    for operation in operations():
        for full in (False, True):
            for write in (request_sample, answer_sample):
                document = etree.fromstring(write(operation, level, full=full).encode())
                assert validator.validate(document), (operation.name, full, validator.error_log)


def test_every_operation_and_type_has_a_page(book: Book, pages: dict[str, str]) -> None:
    for operation in operations():
        assert operation.summary.split("'")[0].split("&")[0] in pages[f"{operation.module}/{operation.name}.html"]
    requests = {kind for each in operations() for kind in (each.request, each.answer)}
    for schema in contract.SCHEMAS:
        for name, kind in schema.types.items():
            assert kind in requests or f"types/{schema.prefix}.{name}.html" in pages


def test_every_element_is_in_the_search_and_on_the_page_of_its_type(book: Book, pages: dict[str, str]) -> None:
    index = json.loads(pages["search.json"])
    for schema in contract.SCHEMAS:
        for cls in schema.records():
            for element in cls.__declaration__.elements:
                owners = [index["types"][number] for number in index["elements"][element.name]]
                path = next(path for name, path in owners if name == f"{schema.prefix}:{cls.xml_name}")
                assert f"<code>{element.name}" in pages[path], (path, element.name)


def test_no_page_is_too_large_and_none_has_a_script_of_its_own(pages: dict[str, str]) -> None:
    for path, text in pages.items():
        if path.endswith(".html"):
            assert len(text.encode()) < _LARGEST, path
            assert "<script>" not in text
            assert " style=" not in text
            assert "onclick" not in text


def test_all_links_lead_somewhere(tmp_path: Path) -> None:
    write_reference(tmp_path, [FIRST, LATEST])
    present = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    seen = 0
    for name in present:
        if not name.endswith(".html"):
            continue
        links = _Links()
        links.feed((tmp_path / name).read_text("utf-8"))
        for link in links.found:
            path = link.partition("#")[0]
            if path:
                seen += 1
                assert posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) in present, (name, link)
    assert seen > 10_000


def test_an_operation_says_order_bounds_default_roles_and_faults(book: Book) -> None:
    text = page_of(book, "CreateMeeting")
    # order of the schema
    assert text.index("<code>accessControl") < text.index("<code>metaData") < text.index("<code>schedule")
    assert "at most 16 characters" in text
    assert "default <code>true</code>" in text
    assert "0..1" in text
    assert 'href="../types/meet.accessControlType.html"' in text
    assert "Who can see the meeting, and the password for entering it." in text
    assert faults.NOT_A_DELEGATE.code in text
    assert str(Role.HOST_OTHER) not in text  # columns are named as on the page of operations
    assert "Host, another" in text


def test_faults_of_an_operation_are_those_of_its_code() -> None:
    of = {operation.name: set(faults_of(operation)) for operation in operations()}
    assert faults.MEETING_NOT_FOUND in of["DelMeeting"]
    assert faults.SITE_SUSPENDED in of["CreateMeeting"]
    assert faults.LAB_FULL in of["ReserveLab"]
    assert faults.LAB_FULL not in of["DelMeeting"]
    assert of["GetAPIVersion"] <= set(faults_of_all()) | {faults.UNKNOWN_USER}
    assert {faults.MALFORMED_DOCUMENT, faults.WRONG_PASSWORD, faults.RATE_LIMIT} <= set(faults_of_all())


def test_every_fault_of_the_roles_is_on_the_page() -> None:
    for operation in operations():
        refusals = {kind for role in Role if (kind := operation.row.outcome(role))}
        assert refusals <= set(faults_of(operation))


def test_levels_differ_by_what_came_later() -> None:
    first, second = (Book(level, _OUTSIDE).page("elements/m.html") or "" for level in LEVELS[:2])
    assert "<code>myWebExConfig</code>" in second
    assert "customize" not in first.lower()
    later = Book(LEVELS[1], _OUTSIDE).page("search.json") or ""
    earlier = Book(LEVELS[0], _OUTSIDE).page("search.json") or ""
    assert len(json.loads(later)["elements"]) > len(json.loads(earlier)["elements"])


def test_changes_of_levels_stand_with_their_operations() -> None:
    assert "Changed by levels" in page_of(Book(LATEST, _OUTSIDE), "CreateUser")
    assert "Changed by levels" not in page_of(Book(FIRST, _OUTSIDE), "CreateUser")


def test_on_the_server(site: TestSite) -> None:
    server = site.server.url
    start = httpx.get(f"{server}/reference/", follow_redirects=True)
    assert start.status_code == 200
    assert start.url.path == f"/reference/{LATEST}/index.html"
    policy = start.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert 'href="/static/reference.css"' in start.text
    operation = httpx.get(f"{server}/reference/{FIRST}/meeting/GetMeeting.html")
    assert operation.status_code == 200
    assert f'href="/schemas/{FIRST}/' in operation.text
    document = httpx.get(f"{server}/reference/{LATEST}/meeting/GetMeeting.answer.xml")
    assert document.headers["content-type"].startswith("application/xml")
    assert etree.fromstring(document.content) is not None
    assert "operations" in httpx.get(f"{server}/reference/{LATEST}/search.json").json()
    assert httpx.get(f"{server}/reference/index.html").status_code == 200
    assert httpx.get(f"{server}/static/reference.js").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["42.9.0/index.html", "nothing/", f"{LATEST}/meeting/NoSuch.html", f"{LATEST}/..%2F..%2Fhome.html", f"{LATEST}/x"],
)
def test_what_is_not_there(site: TestSite, path: str) -> None:
    assert httpx.get(f"{site.server.url}/reference/{path}").status_code == 404


def test_the_start_page_and_the_operations_lead_to_it(site: TestSite) -> None:
    assert 'href="/reference/"' in httpx.get(f"{site.server.url}/").text
    text = httpx.get(f"{site.server.url}/operations").text
    links = _Links()
    links.feed(text)
    some = f"/reference/{LATEST}/user/GetUser.html"
    assert some in links.found
    assert httpx.get(site.server.url + some).status_code == 200


def test_the_command_writes_the_levels_that_are_asked_for(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["docs", "build", "--to", str(tmp_path / "out"), "--level", "42.2.0"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "42.2.0" / "user" / "GetUser.html").is_file()
    assert not (tmp_path / "out" / "42.6.0").exists()
    assert CliRunner().invoke(app, ["docs", "build", "--to", str(tmp_path), "--level", "42.9"]).exit_code == 2
