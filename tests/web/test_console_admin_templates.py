"""The templates of mails in the console: what each looks like, and a site's own texts in place of the built-in ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from parley.mail import overrides
from parley.mail.overrides import MOST, file_names
from parley.mail.previews import names
from parley.mail.rendering import site_folder
from parley.web.console.mail_words import GROUPS, SHARED
from tests.server import TestSite
from tests.web.console import Come, Person, csrf_of, logged
from tests.web.test_console_admin_mail import invited
from tests.web.test_pages import NASTY

CANCELLED = "session_cancelled.mail"
FILE = f"admin/templates/files/{CANCELLED}"
HEAD = '{% extends "_session.mail" %}\n'
OWN = HEAD + "{% block words %}Off it is, {{ host|apart }}!{% endblock %}\n"


def folder_of(site: TestSite) -> Path:
    found = site_folder(Path(site.server.config.data), site.name)
    assert found is not None
    return found


def own(site: TestSite) -> list[str]:
    folder = folder_of(site)
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def save(person: Person, text: str, path: str = FILE, **values: str) -> str:
    person.open(path)
    return person.send(path.rpartition("templates/")[2], **{"TEXT": text, "DO": "save", **values})


def test_every_mail_and_file_has_its_words() -> None:
    assert sorted(template for _group, mails in GROUPS for template in mails) == names()
    assert {*SHARED, *(f"{name}.mail" for name in names())} == set(file_names())


def test_all_mails_are_listed(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    page = person.open("admin/templates")
    assert person.heading == "Mail templates"
    assert all(f'href="/{site.name}/console/admin/templates/mails/{name}"' in page for name in names())
    assert all(f'href="/{site.name}/console/admin/templates/files/{name}"' in page for name in file_names())
    assert "your own words" not in page


@pytest.mark.parametrize("name", names())
def test_every_mail_is_shown_in_every_language(shared_site: TestSite, come: Come, name: str) -> None:
    person = come(shared_site, "admin")
    subjects = set()
    for tag in ("en", "de", "fr", "es", "ja"):
        page = person.open(f"admin/templates/mails/{name}?language={tag}")
        assert person.status == 200
        found = re.search(r'<dt>Subject</dt><dd lang="(\w+)">(.+?)</dd>', page)
        assert found is not None
        assert found[1] == tag
        subjects.add(found[2])
        frame = person.http.get(person.address(f"admin/templates/mails/{name}/html?language={tag}"))
        if "/html?" in page:
            assert frame.status_code == 200
            assert frame.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
            assert f'<html lang="{tag}' in frame.text
    assert len(subjects) == 1 if name == "event_own" else len(subjects) > 3


def test_names_and_languages_that_are_none(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    for path in (
        "mails/nothing",
        "mails/_session",
        "mails/nothing/html",
        "files/nothing.mail",
        "files/..%2F..%2Fparley.db",
        "files/%00",
        "files/session_cancelled",
        f"files/{NASTY.replace('/', '')}",
        "files/nothing/difference",
        "files/nothing/built-in",
    ):
        person.open(f"admin/templates/{path}")
        assert person.status == 404, path
    for tag in ("xx", NASTY, "x" * 10_000):
        person.http.get(person.address("admin/templates/mails/user_welcome"), params={"language": tag})
        assert person.open("admin/templates/mails/user_welcome")
        assert person.status == 200


def test_a_text_of_ones_own(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    page = person.open(FILE)
    assert "The site has the built-in text." in page
    assert person.form(f"files/{CANCELLED}")[1]["TEXT"].startswith(HEAD)
    save(person, OWN.replace("\n", "\r\n"))
    assert person.notice == "The text is kept. It counts from the next mail on."
    assert own(site) == [CANCELLED]
    assert (folder_of(site) / CANCELLED).read_text() == OWN
    assert ("admin", "CONSOLE", [f"mail_template.{CANCELLED}"]) in logged(site)
    assert f"Mail template {CANCELLED}" in person.open("admin/audit")
    assert "your own words" in person.open("admin/templates")
    assert "Off it is" in person.open("admin/templates/mails/session_cancelled?language=de")
    assert "Off it is, Ada Lovelace!" in person.http.get(
        person.address("admin/templates/mails/session_cancelled/html")
    ).text.replace('<span dir="auto">', "").replace("</span>", "")
    difference = person.open(f"{FILE}/difference")
    assert "<ins>+{% block words %}Off it is" in difference
    assert "<del>-{% block words %}" in difference
    assert "cancelled this session" in person.http.get(person.address(f"{FILE}/built-in")).text
    key = invited(site, "Weekly planning")
    site.client().call("meeting.DelMeeting", meetingKey=key).ok()
    assert any("Off it is" in each.text for each in site.mails)
    save(person, OWN)
    assert person.notice == "Nothing was different, so nothing was changed."
    person.open(FILE)
    person.send(f"files/{CANCELLED}", DO="reset")
    assert person.notice == "The built-in text counts again."
    assert own(site) == []
    assert "Off it is" not in person.open("admin/templates/mails/session_cancelled")
    assert "Nothing: the site has the built-in text." in person.open(f"{FILE}/difference")


def test_the_built_in_text_is_no_own_one(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    save(person, OWN)
    built_in = person.http.get(person.address(f"{FILE}/built-in")).text
    save(person, built_in)
    assert person.notice == "The built-in text counts again."
    assert own(site) == []


def test_checking_keeps_nothing(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    person.open(FILE)
    page = person.send(f"files/{CANCELLED}", TEXT=OWN, DO="check", LANGUAGE="fr")
    assert person.status == 200
    assert "It can be kept" in page
    assert "Off it is, Ada Lovelace!" in page
    assert person.form(f"files/{CANCELLED}")[1]["TEXT"] == OWN
    assert own(site) == []
    csrf = csrf_of(person)
    answer = person.http.post(
        person.address(f"{FILE}/html"), data={"CSRF": csrf, "TEXT": OWN}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert "Off it is" in answer.text
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    answer = person.http.post(
        person.address(f"{FILE}/html"),
        data={"CSRF": csrf, "TEXT": f"{HEAD}{{{{ <script>"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith("Line 2: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There is no text."),
        ("Hello", "A mail has to begin with {% extends … %}"),
        (f"{HEAD}{{% block words %}}", "Line 2"),
        (f"{HEAD}\n{{{{ {NASTY} }}}}", "Line 3"),
        (f"{HEAD}{{{{ no_such }}}}", "There is no value no_such in this mail."),
        (f"{HEAD}{{% set x = 1 %}}", "{% set %} is not taken here."),
        (f"{HEAD}{{{{ name|safe }}}}", "What people wrote would get into HTML as it is"),
        (f"{HEAD}<p title={{{{ name }}}}>", "A value in a tag has to stand in quotes"),
        (f"{HEAD}{{% block subject %}}{{% endblock %}}", "The mail has no subject."),
        ("x" * (MOST + 100), f"{MOST} characters are taken"),
    ],
)
def test_what_cannot_be_kept(shared_site: TestSite, come: Come, text: str, said: str) -> None:
    person = come(shared_site, "admin")
    page = save(person, text)
    assert person.status == 400
    assert "This cannot be kept:" in page
    assert said in re.sub(r"<[^>]+>", "", page)
    assert "<script>alert" not in person.page
    assert person.form(f"files/{CANCELLED}")[1]["TEXT"].strip() == text.strip()
    assert own(shared_site) == []


def test_somebody_else_was_quicker(site: TestSite, come: Come) -> None:
    person, other = come(site, "admin"), come(site, "admin")
    other.open(FILE)
    save(person, OWN)
    other.send(f"files/{CANCELLED}", TEXT=OWN.replace("Off", "Gone"), DO="save")
    assert other.status == 409
    assert "Somebody changed the file" in other.page
    assert "Off it is" in (folder_of(site) / CANCELLED).read_text()
    other.send(f"files/{CANCELLED}", DO="save")
    assert "Gone it is" in (folder_of(site) / CANCELLED).read_text()


def test_somebody_else_saves_while_a_text_is_checked(
    site: TestSite, come: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = come(site, "admin")
    person.open(FILE)

    def slow(*_arguments: object) -> list[overrides.Problem]:
        theirs = OWN.replace("Off", "Gone")
        overrides.put_in_place(
            overrides.write_part(folder_of(site).parents[2], site.name, CANCELLED, theirs), CANCELLED
        )
        return []

    monkeypatch.setattr(overrides, "check", slow)
    save(person, OWN)
    assert person.status == 409
    assert "Gone it is" in (folder_of(site) / CANCELLED).read_text()


def test_a_data_folder_that_cannot_be_written(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    folder_of(site).parent.parent.mkdir(parents=True, exist_ok=True)
    folder_of(site).parent.write_text("in the way")
    page = save(person, OWN)
    assert person.status == 500
    assert "The data folder of the server cannot be written to" in page


def test_special_letters_stay(site: TestSite, come: Come) -> None:
    person = come(site, "admin")
    text = HEAD + "{% block words %}Annulé\u00a0: 中止 👩\u200d💻{% endblock %}\n"
    save(person, text)
    assert (folder_of(site) / CANCELLED).read_text() == text


def test_sites_do_not_share_texts(site: TestSite, come: Come) -> None:
    other = site.server.new_site()
    save(come(site, "admin"), OWN)
    person = come(other, "admin")
    assert "Off it is" not in person.open(FILE)
    assert own(other) == []


def test_who_may(site: TestSite, come: Come) -> None:
    site.add_user("looker", "ro_admin")
    site.set_user("host2", ro_site_admin=False)
    paths = ["admin/templates", "admin/templates/mails/user_welcome", "admin/templates/mails/user_welcome/html"]
    paths += [FILE, f"{FILE}/difference", f"{FILE}/built-in"]
    for name in ("host2", "attendee1"):
        person = come(site, name)
        csrf = csrf_of(person)
        for path in paths:
            person.open(path)
            assert person.status == 403, (name, path)
        for path in (FILE, f"{FILE}/html"):
            person.post(path, CSRF=csrf, DO="save", TEXT=OWN)
            assert person.status == 403
    nobody = come(site)
    nobody.open(FILE)
    assert nobody.where.startswith("sign-in")
    looker = come(site, "looker")
    csrf = csrf_of(looker)
    for path in paths:
        looker.open(path)
        assert looker.status == 200, path
    page = looker.open(FILE)
    assert "<textarea" not in page
    assert "{% block words %}" in page
    for path in (FILE, f"{FILE}/html"):
        looker.post(path, CSRF=csrf, DO="save", TEXT=OWN)
        assert looker.status == 403
    admin = come(site, "admin")
    bad: tuple[dict[str, Any], ...] = ({}, {"CSRF": "0" * 64}, {"CSRF": csrf})
    for values in bad:
        admin.post(FILE, DO="save", TEXT=OWN, **values)
        assert admin.status == 403
    admin.post(FILE, CSRF=csrf_of(admin), DO="explode", TEXT=OWN)
    assert admin.status == 400
    assert own(site) == []
