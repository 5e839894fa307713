"""Templates of mails: every mail in every language, and those that a site puts in their place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from structlog.testing import capture_logs

from parley.contract.common import LanguageType
from parley.domain.site import Site
from parley.mail.composing import Draft
from parley.mail.languages import language
from parley.mail.previews import example, names
from parley.mail.rendering import TEMPLATES, Rendered, render, site_folder, template_names
from parley.services.links import Links

SITE = Site(1, "acme")
LINKS = Links("https://meet.example.com")
LANGUAGES = range(1, len(LanguageType.values) + 1)


def draft(name: str, number: int = 1) -> Draft:
    return example(name, SITE, LINKS, language(number))


def rendered(mail: str, /, number: int = 1, folder: Path | None = None, **values: object) -> Rendered:
    made = draft(mail, number)
    return render(made.template, made.reader.language, {**made.values, **values}, folder)


def test_every_template_has_an_example() -> None:
    assert names() == template_names()


@pytest.mark.parametrize("number", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in names() if name != "event_own"])
def test_every_mail_is_whole_in_every_language(name: str, number: int) -> None:
    subject, text, html = rendered(name, number)
    for words in (subject, text, html):
        assert words.strip()
        assert not re.search(r"%\(|\{\{|\{%|None|Undefined", words)
    assert subject == " ".join(subject.split())
    tree = lxml_html.document_fromstring(html)
    assert tree.get("lang") == language(number).tag
    assert not [each for each in tree.iter() if each.tag in ("script", "img", "link", "iframe", "form", "object")]
    assert not re.search(r"url\(|@import|src=|background=", html)
    addresses = [str(each.get("href")) for each in tree.iter("a")]
    assert addresses
    assert all(address.startswith("https://meet.example.com/acme") for address in addresses)
    # What HTML links to can be reached from the plain text as well.
    assert all(address in text for address in addresses)


@pytest.mark.parametrize("name", ["session_invitation", "registration_received", "user_welcome", "recording_trashed"])
def test_values_from_outside_are_text_in_html(name: str) -> None:
    evil = '<script>alert(1)</script>" onmouseover="x'
    values: dict[str, Any] = {
        key: evil for key in ("name", "host", "person", "web_ex_id", "actor", "site") if key in draft(name).values
    }
    tree = lxml_html.document_fromstring(rendered(name, **values).html)
    assert not list(tree.iter("script"))
    assert not [each for each in tree.iter() if each.get("onmouseover")]
    assert evil in tree.text_content()


def test_names_from_right_to_left_are_set_apart() -> None:
    name = "סקירה רבעונית"
    subject, text, html = rendered("session_invitation", name=name, host="עדה לאבלייס")
    assert subject == f"Meeting invitation: \u2068{name}\u2069"
    assert "\u2068עדה לאבלייס\u2069 invites you to take part." in text
    (heading,) = lxml_html.document_fromstring(html).iter("h1")
    assert heading.get("dir") == "auto"
    assert '<span dir="auto">עדה לאבלייס</span> invites you' in html


# ---- a site's own templates ------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = site_folder(tmp_path, "acme")
    assert found == tmp_path / "sites" / "acme" / "mail"
    found.mkdir(parents=True)
    return found


def test_a_site_overrides_one_file_and_keeps_the_others(folder: Path) -> None:
    (folder / "layout.txt").write_text("ACME\n{% block body %}{% endblock %}")
    with capture_logs() as logs:
        subject, text, html = rendered("session_cancelled", folder=folder)
    assert text.startswith("ACME\n")
    assert (subject, html) == (rendered("session_cancelled").subject, rendered("session_cancelled").html)
    assert logs == []


def test_a_site_overrides_words(folder: Path) -> None:
    (folder / "session_cancelled.mail").write_text(
        '{% extends "_session.mail" %}{% block words %}Off, {{ name }}! {{ _("Date") }}{% endblock %}'
    )
    assert "Off, Quarterly review! Datum" in rendered("session_cancelled", 9, folder).text
    assert rendered("session_invitation", folder=folder) == rendered("session_invitation")


def test_a_changed_override_is_seen(folder: Path) -> None:
    file = folder / "session_cancelled.mail"
    file.write_text("{% extends layout %}{% block subject %}one{% endblock %}")
    assert rendered("session_cancelled", folder=folder).subject == "one"
    file.write_text("{% extends layout %}{% block subject %}another{% endblock %}")
    assert rendered("session_cancelled", folder=folder).subject == "another"


@pytest.mark.parametrize(
    "broken",
    [
        "{% block words %}",
        "{% extends layout %}{% block subject %}{{ no_such_name }}{% endblock %}",
        "{% extends 'missing' %}",
        "{% extends layout %}{% block subject %}{{ 1 / 0 }}{% endblock %}",
        "{% extends layout %}{% block subject %}{{ ''.__class__.__mro__ }}{% endblock %}",
        "{% extends layout %}{% block subject %}{{ _.__globals__ }}{% endblock %}",
        "{% include '../../../secret' %}",
        "{% extends layout %}{% block subject %} {% endblock %}",
        "{% extends layout %}{% block subject %}{% for i in range(999999999) %}{% endfor %}{% endblock %}",
    ],
)
def test_a_broken_override_falls_back_and_is_logged(folder: Path, broken: str) -> None:
    (folder.parent.parent.parent / "secret").write_text("secret")
    (folder / "session_cancelled.mail").write_text(broken)
    with capture_logs() as logs:
        assert rendered("session_cancelled", folder=folder) == rendered("session_cancelled")
    (entry,) = logs
    assert entry["log_level"] == "warning"
    assert (entry["mail"], entry["folder"]) == ("session_cancelled", str(folder))


def test_an_override_that_is_no_text_falls_back(folder: Path) -> None:
    (folder / "session_cancelled.mail").write_bytes(b"\xff\xfe\x00")
    with capture_logs() as logs:
        assert rendered("session_cancelled", folder=folder) == rendered("session_cancelled")
    assert len(logs) == 1


def test_a_template_cannot_change_what_it_is_given(folder: Path) -> None:
    (folder / "session_cancelled.mail").write_text(
        "{% extends layout %}{% block subject %}{% do values.clear() %}x{% endblock %}"
    )
    with capture_logs() as logs:
        assert rendered("session_cancelled", folder=folder).subject == "Meeting cancelled: Quarterly review"
    assert len(logs) == 1


def test_a_folder_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    assert rendered("user_welcome", folder=tmp_path / "nothing") == rendered("user_welcome")


@pytest.mark.parametrize("name", ["../evil", "", "a/b", "Ä", ".hidden"])
def test_a_name_that_is_no_folder_has_no_templates(tmp_path: Path, name: str) -> None:
    assert site_folder(tmp_path, name) is None


def test_the_built_in_templates_stand_beside_the_code() -> None:
    assert (TEMPLATES / "layout.html").is_file()
