"""Accounts from a table in the console: what would become of each line first, then the accounts; hostile tables."""

from __future__ import annotations

import asyncio
import codecs
import csv
import io
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from parley.services import staged_imports
from parley.services.import_tables import Row
from parley.services.staged_tables import SECONDS, staging_folder
from parley.services.user_import import Importer
from parley.web.console import admin_users_import
from tests.server import TestSite
from tests.web.console import OWN, Person
from tests.web.test_console_users import account, names
from tests.web.test_pages import NASTY

_HEAD = "email,first_name,last_name,web_ex_id,password,role\n"
_GOOD = "Engine-1843-Note"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """As long as it is closed no line is worked on, and pages do not wait for that."""
    opened, take = threading.Event(), Importer.take

    async def held(self: Importer, row: Row) -> bool:
        await asyncio.to_thread(opened.wait, 30)
        return await take(self, row)

    monkeypatch.setattr(Importer, "take", held)
    monkeypatch.setattr(admin_users_import, "_WAIT_SECONDS", 0.0)
    yield opened
    opened.set()


def lines(*web_ex_ids: str, password: str = _GOOD) -> str:
    return "".join(f"{name}@example.com,{name.title()},Table,{name},{password},host\n" for name in web_ex_ids)


def send(person: Person, content: str | bytes, without: tuple[str, ...] = (), /, **values: str) -> str:
    """Send a file by the form for tables."""
    person.open("admin/users/import")
    action, fields = person.form("users/import")
    fields.pop("FILE")
    sent = {name: value for name, value in (fields | values).items() if name not in without}
    data = content.encode() if isinstance(content, str) else content
    files = {"FILE": ("people.csv", data, "text/csv")}
    answer = person.http.post(f"{person.site.server.url}{action}", data=sent, files=files, headers=OWN)
    person.status, person.page = answer.status_code, answer.text
    person.where = answer.url.path.partition("/console/")[2]
    assert len(answer.content) < 100_000
    return answer.text


def settled(person: Person) -> str:
    """The page of the table when the work on it is done."""
    page = ""
    for _ in range(200):
        page = person.open("admin/users/import/table")
        if "hx-get" not in page:
            return page
        time.sleep(0.1)
    raise AssertionError(page)


def there(site: TestSite, web_ex_id: str) -> bool:
    try:
        account(site, web_ex_id)
    except AssertionError:
        return False
    return True


def kept(site: TestSite) -> list[Path]:
    return list(staging_folder(site.server.application.config).glob("*-rows"))


def test_a_table_is_looked_at_and_then_taken_over(site: TestSite, admin: Person) -> None:
    table = _HEAD + lines("ada", "grace") + lines("weak", password="x") + lines("host1") + lines("ada")
    send(admin, table)
    assert admin.where == "admin/users/import/table"
    page = settled(admin)
    assert admin.heading == "What would become of the table"
    assert "Make 2 accounts" in page
    assert page.count("would be made") == 2
    assert "Line 2 has the same" in page or "line 2 has the same" in page
    assert "The WebExID is already in use by this site" in page
    assert not there(site, "ada")
    assert "weak@example.com" in admin.open("admin/users/import/table?show=refused")
    assert "grace@example.com" not in admin.page
    settled(admin)
    admin.send("import/table")
    page = settled(admin)
    assert admin.heading == "The table is taken over"
    assert page.count(">made<") == 2
    assert (there(site, "ada"), there(site, "grace"), there(site, "weak")) == (True, True, False)
    assert account(site, "ada").must_change_password
    assert "ada" in names(admin.open("admin/users?find=ada"))


def test_the_work_goes_on_by_itself(site: TestSite, admin: Person, gate: threading.Event) -> None:
    page = send(admin, _HEAD + lines("ada", "grace"))
    assert admin.heading == "Looking at the table"
    assert ("<progress" in page, 'http-equiv="refresh"' in page, "0 of 2 lines" in page) == (True, True, True)
    csrf = admin.form("sign-out")[1]["CSRF"]
    admin.post("admin/users/import/table", CSRF=csrf)  # too early
    assert admin.heading == "Looking at the table"
    assert "still being worked on" in send(admin, _HEAD + lines("mary"))
    gate.set()
    page = settled(admin)
    assert ("Make 2 accounts" in page, 'http-equiv="refresh"' in page) == (True, False)
    gate.clear()
    admin.send("import/table")
    assert admin.heading == "Making the accounts"
    admin.post("admin/users/import/table", CSRF=csrf)  # once more
    assert not there(site, "ada")
    gate.set()
    settled(admin)
    assert admin.heading == "The table is taken over"
    assert (there(site, "ada"), there(site, "grace"), there(site, "mary")) == (True, True, False)


def test_work_that_was_broken_off(
    site: TestSite, admin: Person, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(admin, _HEAD + lines("ada"))
    monkeypatch.setattr(staged_imports, "_SILENT_SECONDS", -1)  # as if the process were gone
    admin.open("admin/users/import/table")
    assert admin.heading == "The work was broken off"
    monkeypatch.undo()
    gate.set()

    async def fail(self: Importer, row: Row) -> bool:
        raise RuntimeError(row.line)

    settled(admin)
    monkeypatch.setattr(Importer, "take", fail)
    admin.send("import/table")
    page = settled(admin)
    assert admin.heading == "The work was broken off"
    assert "Send the table again" in page
    assert not there(site, "ada")


def test_what_was_refused_can_be_mended(site: TestSite, admin: Person) -> None:
    head = "email,first_name,last_name,web_ex_id,password,company\n"
    send(admin, head + f"no address,Ada,Lovelace,ada,{_GOOD},=1+1\ngrace@example.com,Grace,Hopper,grace,{_GOOD},Navy\n")
    settled(admin)
    answer = admin.http.get(admin.address("admin/users/import/refused.csv"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["line"] for row in rows] == ["2"]
    assert rows[0]["company"] == "'=1+1"
    assert _GOOD not in answer.text
    assert "password" not in rows[0]


def test_those_who_are_there_are_passed_over(site: TestSite, admin: Person) -> None:
    table = _HEAD + lines("ada")
    send(admin, table)
    settled(admin)
    admin.send("import/table")
    settled(admin)
    send(admin, table)
    page = settled(admin)
    assert "there already, passed over" in page
    assert "There is nothing to be made of it." in page
    send(admin, table, ("SKIP",))
    assert "The WebExID is already in use by this site" in settled(admin)


def test_the_options_of_the_form(site: TestSite, admin: Person) -> None:
    send(admin, _HEAD + lines("ada"), ("RENEW",))
    settled(admin)
    admin.send("import/table")
    settled(admin)
    assert not account(site, "ada").must_change_password
    odd = "email;first_name;last_name;web_ex_id;password;shoe size\n"
    text = odd + f"jose@example.com;José;Müller;jose;{_GOOD};42\n"
    page = send(admin, text.encode("cp1252"), IGNORE="1")
    assert "choose its encoding" in page
    page = send(admin, text.encode("cp1252"), ENCODING="cp1252")
    assert "shoe size" in page
    send(admin, text.encode("cp1252"), ENCODING="cp1252", IGNORE="1")
    assert "José Müller" in settled(admin)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choose a file first."),
        (b"\r\n\r\n", "empty"),
        (b"PK\x03\x04" + b"\0" * 200, "Save it as CSV"),
        (b"\x00\xff" * 500, "Save it as CSV"),
        (_HEAD.encode(), "no lines below"),
        (b"email,first_name\nada@example.com,Ada\n", "last_name"),
        (b"email,email,first_name,last_name\na,b,c,d\n", "stands twice"),
        (_HEAD.encode() + b"\xff\xfe\xff\n", "UTF-8"),
        (_HEAD.encode() + b'"' + b"x" * 200_000 + b'",A,B\n', "field larger than field limit"),
        (_HEAD.encode() + b'"never closed\n', "cannot be read"),
        (codecs.BOM_UTF16_LE + b"a\x00b", "UTF-16"),
        (f"email,first_name,last_name,{NASTY.replace(',', ' ')}\na@b.example,A,B,c\n".encode(), "is not known"),
    ],
)
def test_tables_that_cannot_be_read(shared_site: TestSite, content: bytes, said: str) -> None:
    person = Person(shared_site, "admin")
    page = send(person, content)
    assert (person.status, person.where) == (400, "admin/users/import")
    assert 'role="alert"' in page
    assert said in page, page[page.find('role="alert"') :][:300]
    assert "<script>alert" not in page
    person.close()


def test_hostile_values_are_lines_that_are_refused_or_shown_as_text(site: TestSite, admin: Person) -> None:
    rows = [
        f'n@example.com,"{NASTY.replace(chr(34), chr(39))}",B,nasty,{_GOOD},host',
        f"d@example.com,{'x' * 5000},B,long,{_GOOD},host",
        f"a\0b@example.com,A,B,nul,{_GOOD},host",
        f"c@example.com,A\0,B,nul2,{_GOOD},host",
        f"e@example.com,A,B,king,{_GOOD},king",
        f"f@example.com,A,B,more,{_GOOD},host,and,more",
        "only-one-value",
    ]
    send(admin, _HEAD + "\n".join(rows))
    page = settled(admin)
    assert admin.status == 200
    assert "<script>alert" not in admin.page
    assert "Make one account" in page
    assert page.count('class="error"') == len(rows) - 1


def test_a_file_that_is_too_large(site: TestSite, admin: Person) -> None:
    content = _HEAD.encode() + b"x" * (9 * 1024 * 1024)
    admin.open("admin/users/import")
    action, fields = admin.form("users/import")
    fields.pop("FILE")
    answer = admin.http.post(
        f"{site.server.url}{action}", data=fields, files={"FILE": ("p.csv", content)}, headers={**OWN}
    )
    assert answer.status_code == 413
    many = "email,first_name,last_name\n" + "a@example.com,A,B\n" * 20_001
    assert "more than 20,000 lines" in send(admin, many)


def test_what_is_no_form(site: TestSite, admin: Person) -> None:
    admin.open("admin/users/import")
    csrf = admin.form("users/import")[1]["CSRF"]
    address = admin.address("admin/users/import")
    for kind, body in (
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"--x" * 10_000),
        ("multipart/form-data; boundary=x", b"--x\r\nname\r\n\r\n1\r\n" * 500),
    ):
        answer = admin.http.post(address, content=body, headers={**OWN, "Content-Type": kind})
        assert answer.status_code in (400, 403), (kind, body[:20])
    admin.post("admin/users/import", CSRF=csrf)
    assert admin.status == 403  # a form without a file is none of ours


def test_the_table_is_sealed_and_removed(site: TestSite, admin: Person) -> None:
    before = set(kept(site))
    send(admin, _HEAD + lines("ada"))
    settled(admin)
    fresh = set(kept(site)) - before
    assert len(fresh) == 1
    path = fresh.pop()
    assert path.stat().st_mode & 0o077 == 0
    assert _GOOD.encode() not in path.read_bytes()
    assert b"ada" not in path.read_bytes()
    cookie = next(each for each in admin.http.cookies.jar if each.name == "console_import")
    assert (cookie.value or "") not in str(path)
    assert cookie.path == f"/{site.name}/console/admin/users/import"
    admin.send("import/table")
    settled(admin)
    assert not path.exists()
    send(admin, _HEAD + lines("grace"))
    settled(admin)
    admin.send("import/forget")
    assert admin.notice == "The table was removed from the server."
    assert set(kept(site)) <= before
    admin.open("admin/users/import/table")
    assert (admin.status, admin.heading) == (404, "The table is not there any more")


def test_a_ticket_is_good_for_its_owner_only(site: TestSite, admin: Person) -> None:
    send(admin, _HEAD + lines("ada"))
    settled(admin)
    cookie = next(each.value for each in admin.http.cookies.jar if each.name == "console_import")
    site.add_user("second", role="admin")
    other = Person(site, "second")
    foreign = Person(site.server.new_site(), "admin")
    for person in (other, foreign):
        for value in (cookie, "", "x", "ff" * 32, "0" * 10_000):
            headers = {
                "Cookie": f"console_import={value}; " + "; ".join(f"{k}={v}" for k, v in person.http.cookies.items())
            }
            for path in ("table", "refused.csv"):
                answer = person.http.get(person.address(f"admin/users/import/{path}"), headers=headers)
                assert answer.status_code == 404, (path, value and value[:5])
        person.close()


def test_a_table_grows_too_old(site: TestSite, admin: Person) -> None:
    before = set(kept(site))
    send(admin, _HEAD + lines("ada"))
    settled(admin)
    for path in set(kept(site)) - before:
        os.utime(path, (time.time() - SECONDS - 5,) * 2)
    admin.send("import/table")
    assert not there(site, "ada")
    send(admin, _HEAD + lines("grace"))  # what is too old is swept away
    assert not [path for path in kept(site) if time.time() - path.stat().st_mtime > SECONDS]


def test_a_suspended_site_makes_no_accounts(site: TestSite, admin: Person) -> None:
    send(admin, _HEAD + lines("ada"))
    settled(admin)
    site.set(suspended=True)
    page = admin.send("import/table")
    assert (admin.status, "The site is suspended" in page) == (400, True)
    send(admin, _HEAD + lines("grace"))
    assert admin.status == 400
    assert not there(site, "ada")


def test_the_sample_can_be_sent(site: TestSite, admin: Person) -> None:
    content = admin.http.get(admin.address("admin/users/import/sample.csv")).content
    send(admin, content)
    assert "Make 2 accounts" in settled(admin)


def test_many_lines_have_pages(site: TestSite, admin: Person) -> None:
    head = "email,first_name,last_name,web_ex_id,password\n"
    rows = "".join(f"p{number}@example.com,P,Q,p{number},{_GOOD}\n" for number in range(350))
    send(admin, head + rows)
    page = settled(admin)
    assert "Make 350 accounts" in page
    assert "Page 1 of 4" in page
    page = admin.open("admin/users/import/table?page=4")
    assert "p349@example.com" in page
    assert "p100@example.com" not in page
    assert "Page 4 of 4" in admin.open(f"admin/users/import/table?page={'9' * 8}")
    for bad in ("page=x", "show=x", "page=-1"):
        assert "Page 1 of 4" in admin.open(f"admin/users/import/table?{bad}")
