"""Texts that come from people, made fit for mails: one line, several lines, or HTML without harm."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final, NamedTuple

import nh3
from markupsafe import Markup

#: Letters that turn the direction of all that follows; what comes from people is set apart by `isolated` instead.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_BREAKS: Final = frozenset({"Cc", "Zl", "Zp"})
_DROPPED: Final = frozenset({"Cs"})
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_ENDS_LINE: Final = re.compile(r"<br\s*/?>|</(?:p|div|li|tr|h[1-6]|ul|ol|table|blockquote|pre)>", re.IGNORECASE)
_LINK: Final = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_MANY_LINES: Final = re.compile(r"\n{3,}")
_LONGEST_LINE: Final = 500
#: A mail loads nothing: neither pictures nor sounds.
_TAGS: Final = nh3.ALLOWED_TAGS - {"img", "area", "map"}


class RichText(NamedTuple):
    """A text of several lines: as HTML, and plain."""

    html: Markup
    plain: str


def one_line(text: str, longest: int = _LONGEST_LINE) -> str:
    """A text as one line without anything that could end a header or turn what stands beside it around."""
    return header_line("".join(c for c in text if _kept(c)), longest)


def _kept(letter: str) -> bool:
    return letter not in _TURNING and unicodedata.category(letter) not in _DROPPED


def header_line(text: str, longest: int = _LONGEST_LINE) -> str:
    """A text of ours as one line; what `isolated` did to values in it stays."""
    letters = (
        " " if unicodedata.category(c) in _BREAKS else c for c in text if unicodedata.category(c) not in _DROPPED
    )
    line = " ".join("".join(letters).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def isolated(text: str) -> str:
    """A line for places without HTML; one with letters from right to left is kept apart from what surrounds it."""
    turns = any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)
    return f"\u2068{text}\u2069" if turns else text


def several_lines(text: str) -> str:
    """A plain text of several lines without control characters."""
    lines = "".join(c for c in text if _kept(c)).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    clean = ("".join(" " if unicodedata.category(c) in _BREAKS else c for c in line).rstrip() for line in lines)
    return _MANY_LINES.sub("\n\n", "\n".join(clean)).strip()


def rich(text: str | None) -> RichText | None:
    """A text that may be HTML, such as a description; None when nothing is in it."""
    if not text or not text.strip():
        return None
    return html_text(text) if nh3.is_html(text) else plain_text(text)


def plain_text(text: str) -> RichText:
    """A text that is no HTML, whatever it looks like."""
    plain = several_lines(text)
    return RichText(Markup("<br>\n").join(plain.split("\n")), plain)  # join escapes its parts


def html_text(text: str) -> RichText:
    """A text that is HTML: harmless tags, and nothing that is loaded from elsewhere."""
    clean = nh3.clean(text, tags=_TAGS)
    return RichText(Markup(clean), _plain(clean))  # noqa: S704 - cleaned


def _address(link: re.Match[str]) -> str:
    target, words = link.groups()
    return str(words) if target in words else f"{words} ({target})"


def _plain(text: str) -> str:
    lines = _ENDS_LINE.sub("\n", _LINK.sub(_address, " ".join(text.split())))
    bare = html.unescape(nh3.clean(lines, tags=set()))
    return several_lines("\n".join(line.strip() for line in bare.split("\n")))
