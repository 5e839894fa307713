"""Texts that would do harm where they are not told from markup, formulas or headers, and the eyes that would see it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from typing import Final

from icalendar import Calendar
from lxml import etree
from lxml import html as lxml_html

from tests.attacks.generated.contract import Leaf
from tests.attacks.generated.pages import ADDRESSES, Parsed, is_html
from tests.attacks.generated.wire import Reply

#: Begins a formula, leaves an attribute and an element, is a template, ends a line, and turns the direction of writing.
WHOLE: Final = "=hurt'\"><hurt-x hurt=1>hurt{{7*191}}hurt\nhurt-y: b\u202e"
ONE_LINE: Final = "=hurt'\"><hurt-x hurt=1>hurt{{7*191}}hurt"
ADDRESS: Final = "javascript:hurt()"
#: Each of these alone, for the long run.
EACH: Final = (
    WHOLE,
    "<script>hurt()</script>",
    '"><img src=x onerror=hurt()>',
    "'-hurt()-'",
    "x' onmouseover='hurt()",
    "hurt{{7*191}}hurt${7*191}hurt",
    ADDRESS,
    "\u202ehurt",
    "]]><hurt-x/>",
    "<!--hurt",
    "</textarea></title></style></script><hurt-x>",
    "@hurt()",
    "+hurt",
    "a\r\nBcc: hurt@hurt.example\r\n\r\n<hurt-x>",
    "a\nATTENDEE:hurt\nEND:VEVENT",
    "\\u003churt-x\\u003e",
    "&lt;hurt-x&gt;&#60;hurt-x&#62;",
)
_SCHEMES: Final = ("javascript:", "vbscript:", "data:text/html", "data:image/svg")
_BLANKS: Final = re.compile(r"[\x00-\x20\x7f\u200b\u2028\u2029]+")
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def texts_for(leaf: Leaf, harm: str) -> Sequence[str]:
    """What is tried in a place, the worst first; what is no address or date may be taken in a later form."""
    name = leaf.element.name.lower()
    flat = harm.replace("\r", "").replace("\n", " ")
    forms = [harm, flat, ONE_LINE, "<hurt-x>", "<hurt>", '"hurt'] if harm == WHOLE else [harm, flat]
    if "mail" in name:
        return [*forms, f'"{flat}"@people.example', "hurt'x@people.example", "<hurt-x>@people.example"]
    if "url" in name or "link" in name or "page" in name:
        return [ADDRESS, *forms, f"https://people.example/{ONE_LINE}", "https://people.example/'><hurt-x>"]
    return forms


def of_reply(reply: Reply) -> Iterator[str]:
    """What is wrong with an answer of a page, in words."""
    if reply.raised or reply.status >= 500:
        yield f"{reply.status} {reply.raised}"
    for name, value in reply.headers:
        if "hurt" in name or "\n" in value or "\r" in value:
            yield f"header {name}: {value}"
        if name == "location" and is_script(value):
            yield f"leads to {value}"
    if is_html(reply):
        yield from of_html(reply.text)
        if "content-security-policy" not in dict(reply.headers):
            yield "no policy of what may run"
    elif reply.kind == "text/csv":
        yield from of_table(reply.text)
    elif reply.kind == "text/calendar":
        yield from of_calendar(reply.text)
    elif reply.kind in ("text/xml", "application/xml"):
        yield from of_document(reply.body)
    elif reply.kind == "application/json":
        json.loads(reply.body)
    if dict(reply.headers).get("x-content-type-options") != "nosniff" and reply.body and reply.kind != "text/xml":
        yield f"{reply.kind} may be taken for something else"


def is_script(address: str) -> bool:
    """Whether a browser would run an address."""
    return _BLANKS.sub("", address).casefold().startswith(_SCHEMES)


def of_html(text: str) -> Iterator[str]:
    """What of a page is not text, as two parsers read it: the elements, attributes and scripts that came from texts."""
    parsed = Parsed(text)
    for tag in parsed.tags:
        yield from _of_tag(tag.name, tag.attributes)
    for script in parsed.scripts:
        if "hurt" in script and not _is_json(script):
            yield f"script: {script[:200]}"
    for comment in parsed.comments:
        if "hurt" in comment:
            yield f"comment: {comment[:100]}"
    if "hurt1337" in text:
        yield "a template was filled in"
    root = lxml_html.fromstring(text) if text.strip() else None
    for element in root.iter() if root is not None else ():
        if isinstance(element.tag, str):
            yield from _of_tag(element.tag, {str(name): str(value) for name, value in element.attrib.items()})


def _of_tag(name: str, attributes: dict[str, str]) -> Iterator[str]:
    if "hurt" in name:
        yield f"element {name}"
    for key, value in attributes.items():
        if "hurt" in key or (key.startswith("on") and "hurt" in value) or (key == "style" and "hurt" in value):
            yield f"attribute {key}={value[:100]} of {name}"
        if key in (*ADDRESSES, "xlink:href", "srcset") and is_script(value):
            yield f"address {key}={value[:100]} of {name}"
    if name == "meta" and "refresh" in attributes.get("http-equiv", "").lower() and "hurt" in str(attributes):
        yield "a page leads on by itself"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def of_table(text: str) -> Iterator[str]:
    """Cells of a table that a spreadsheet would work out."""
    for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))):
        for cell in row:
            if cell.startswith(_FORMULAS) and "hurt" in cell:
                yield f"formula {cell[:60]!r}"


def of_calendar(text: str) -> Iterator[str]:
    """Lines of a calendar file that came from texts."""
    for line in text.replace("\r\n", "\n").split("\n"):
        if re.match(r"(?i)(hurt|bcc|attendee:hurt)", line):
            yield f"line {line[:80]}"
    calendar = Calendar.from_ical(text)
    for part in calendar.walk():
        for name, value in part.property_items(recursive=False):
            if "hurt" in str(name).lower():
                yield f"property {name}"
            if name in ("URL", "ATTACH") and is_script(str(value)):
                yield f"address {value}"


def of_document(body: bytes) -> Iterator[str]:
    """Elements of an answer that came from texts."""
    for each in etree.fromstring(body).iter():
        if not isinstance(each.tag, str) or "hurt" in each.tag or any("hurt" in str(name) for name in each.attrib):
            yield f"element {each.tag!r}"


def of_mail(mail: EmailMessage) -> Iterator[str]:
    """Headers of a mail that came from texts, and what is wrong with its parts."""
    for name, value in mail.items():
        if name.lower() in ("bcc", "hurt-y", "attendee") or "\n" in str(value).replace("\n ", ""):
            yield f"header {name}: {value}"
    raw = mail.as_bytes()
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    for line in head.split(b"\n"):
        if re.match(rb"(?i)(hurt|bcc|attendee)", line):
            yield f"line {line[:80]!r}"
    for part in mail.walk():
        if part.is_multipart() or not part.get_content_type().startswith("text/"):
            continue
        content = part.get_payload(decode=True)
        text = content.decode(part.get_content_charset() or "utf-8") if isinstance(content, bytes) else ""
        if part.get_content_type() == "text/html":
            yield from of_html(text)
        elif part.get_content_type() == "text/calendar":
            yield from of_calendar(text)
        if "hurt1337" in text:
            yield "a template was filled in"
