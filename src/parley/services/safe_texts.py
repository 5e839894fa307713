"""Texts that programs and pages show to people: HTML that could do harm is taken out of them.

Which tags the real service looked for is not known (facts/meeting-event.md 5, "HTML Tags Checked").
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

import nh3

from parley.protocol import faults

#: Where a reader of HTML would begin a tag, a comment or the like.
_TAG: Final = re.compile(r"<[A-Za-z/!?]")
#: Tags that do something by themselves, and tags with attributes, which may hold scripts.
_ACTIVE: Final = re.compile(
    r"<[/\s]*(?:a|applet|audio|base|body|button|embed|form|frame|frameset|iframe|image|img|input|isindex|link|math|meta"
    r"|noscript|object|option|plaintext|portal|script|select|source|style|svg|template|textarea|title|video|xml|xmp)"
    r"(?![A-Za-z0-9])|<[A-Za-z/!?][^<>]*[\s/][^<>]*=|<[!?]",
    re.IGNORECASE,
)
_LONGEST_ADDRESS: Final = 2000


def rich_text(text: str) -> str:
    """A text that may be HTML, with harmless tags and attributes only; a text without tags stays as it is."""
    if not _TAG.search(text):
        return text
    # What only looks like the beginning of a tag would become one in front of the tags of a page.
    return nh3.clean(text) if nh3.is_html(text) else text.replace("<", "&lt;")


def plain_line(text: str) -> str:
    """A name or label, which is no HTML: as it is, without its tags when one of them could do something."""
    return nh3.clean(text, tags=set()) if _ACTIVE.search(text) else text


def web_address(text: str, path: str) -> str:
    """An address that people are led to.

    Args:
        path: the element, for the fault.

    Raises:
        Fault: 999999 for anything but an http or https address.
    """
    address = text.strip()
    if len(address) > _LONGEST_ADDRESS:
        raise faults.INVALID_VALUE(path=path, problem=f"at most {_LONGEST_ADDRESS} characters are allowed")
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    odd = any(character.isspace() or not character.isprintable() or character in '<>"\\' for character in address)
    if odd or parts.scheme not in ("http", "https") or not parts.netloc:
        raise faults.INVALID_VALUE(path=path, problem="an address that begins with http:// or https:// is needed")
    return address
