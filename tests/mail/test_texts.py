"""Texts from people are made fit for headers, plain texts and HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from parley.mail.texts import html_text, isolated, one_line, plain_text, rich, several_lines


@given(st.text())
def test_a_line_has_nothing_that_ends_or_turns_it(text: str) -> None:
    line = one_line(text)
    assert line == " ".join(line.split())
    assert line.splitlines() in ([], [line])
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    line.encode()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nBcc: b@example.com", "a Bcc: b@example.com"),
        ("a\x00\x1b[31mb\x85c\u2028d", "a [31mb c d"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("\ud800x", "x"),
        ("  much   room\t", "much room"),
        ("می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"),
    ],
)
def test_lines(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_long_line_is_cut_with_a_mark() -> None:
    assert one_line("x" * 20, 10) == "x" * 9 + "…"


def test_only_lines_from_right_to_left_are_set_apart() -> None:
    assert isolated("Ada") == "Ada"
    assert isolated("עדה") == "\u2068עדה\u2069"
    assert isolated("a سلام") == "\u2068a سلام\u2069"


@given(st.text())
def test_several_lines_hold_no_control_characters(text: str) -> None:
    lines = several_lines(text)
    assert all(letter == "\n" or letter.isprintable() or ord(letter) > 127 for letter in lines)
    assert "\n\n\n" not in lines


def test_plain_texts_show_what_looks_like_html() -> None:
    assert plain_text("a < b\r\n<b>c</b>").html == "a &lt; b<br>\n&lt;b&gt;c&lt;/b&gt;"
    assert plain_text("a < b\r\n<b>c</b>").plain == "a < b\n<b>c</b>"


@pytest.mark.parametrize("empty", [None, "", "  \n "])
def test_nothing_stays_nothing(empty: str | None) -> None:
    assert rich(empty) is None


def test_html_loses_pictures_and_scripts_and_becomes_plain_lines() -> None:
    text = html_text(
        '<p onclick="x()">Come &amp; see<img src="https://track.example/p.gif"></p><script>x()</script>'
        '<ul><li>one</li><li>two</li></ul><a href="https://example.com/a?b=1&amp;c=2">here</a>'
        '<a href="javascript:x()">there</a>'
    )
    tree = lxml_html.fromstring(f"<div>{text.html}</div>")
    assert [each.tag for each in tree.iter()] == ["div", "p", "ul", "li", "li", "a", "a"]
    assert "javascript" not in text.html
    assert text.plain == "Come & see\none\ntwo\n\nhere (https://example.com/a?b=1&c=2)there"


def test_a_link_that_shows_its_address_is_told_once() -> None:
    assert html_text('<a href="https://example.com">https://example.com</a>').plain == "https://example.com"


@given(st.text())
def test_no_text_makes_tags_that_run(text: str) -> None:
    found = rich(text)
    if found is not None:
        tree = lxml_html.fromstring(f"<div>{found.html}</div>")
        assert not [each for each in tree.iter() if each.tag in ("script", "img", "iframe", "style", "object")]
