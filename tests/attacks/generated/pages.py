"""Pages as a parser reads them, and walks over all of them that somebody can reach."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import etree

from tests.attacks.generated.wire import Reply, Visitor

#: What addresses of the same kind differ in: numbers, and names of operations and of files.
_NUMBER: Final = re.compile(r"[0-9a-f]{16,}|[0-9]+|%[0-9A-F]{2}|(?<=/explorer/)\w+|(?<=/files/)[\w.]+|(?<=/mails/)\w+")
#: Addresses that end a visit.
_ENDS: Final = re.compile(r"sign-out|AT=LO\b")
#: Attributes that hold an address.
ADDRESSES: Final = ("href", "src", "action", "formaction", "data", "poster", "hx-get", "hx-post")


@dataclass
class Tag:
    """The beginning of an element."""

    name: str
    attributes: dict[str, str]


@dataclass
class Form:
    """A form: where it goes, how, and what it would send as it is."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Parsed(HTMLParser):
    """A page: its elements, its texts by the element they stand in, its forms."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self.forms: list[Form] = []
        self.scripts: list[str] = []
        self.comments: list[str] = []
        self.texts: list[str] = []
        self._select = ""
        self._area = ""
        self._in_script = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append(Tag(tag, values))
        self._in_script = tag in ("script", "style")
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower()))
        if not self.forms:
            return
        fields, name = self.forms[-1].fields, values.get("name", "")
        if tag == "input" and name and (values.get("type") not in ("checkbox", "radio") or "checked" in values):
            fields[name] = values.get("value", "")
        elif tag == "button" and name:
            fields.setdefault(name, values.get("value", ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in values or self._select not in fields):
            fields[self._select] = values.get("value", "")
        elif tag == "textarea" and name:
            self._area = name
            fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)
            return
        self.texts.append(data)
        if self._area and self.forms:
            self.forms[-1].fields[self._area] += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def links(self) -> list[str]:
        """The addresses in the page."""
        return [
            value
            for tag in self.tags
            for name, value in tag.attributes.items()
            if name in ADDRESSES and value and not (tag.name == "form" and tag.attributes.get("method") == "post")
        ]


@dataclass
class Page:
    """What was found at an address."""

    address: str
    reply: Reply
    parsed: Parsed | None


def is_html(reply: Reply) -> bool:
    """Whether a browser reads it as a page."""
    return reply.kind in ("text/html", "application/xhtml+xml", "image/svg+xml")


class Walk:
    """Follows every link below a site from some addresses on, as one visitor; of pages alike only some.

    Args:
        visitor: who walks.
        alike: so many pages are opened whose addresses differ in numbers only.
    """

    def __init__(self, visitor: Visitor, alike: int = 8) -> None:
        self.visitor = visitor
        self.pages: list[Page] = []
        self._alike = alike
        self._seen: set[str] = set()
        self._patterns: Counter[str] = Counter()

    def go(self, start: Iterable[str], most: int = 2000) -> Walk:
        """Walk; gives itself back."""
        waiting = [each for each in start if self._wanted(each)]
        while waiting and len(self.pages) < most:
            now, waiting = waiting[:40], waiting[40:]
            for address, reply in zip(now, self.visitor.get(now), strict=True):
                parsed = Parsed(reply.text) if is_html(reply) else None
                self.pages.append(Page(address, reply, parsed))
                found = parsed.links() if parsed is not None else []
                found += [reply.header("location")] if reply.header("location") else []
                waiting += [each for link in found if self._wanted(each := self._local(address, link))]
        return self

    def forms(self) -> list[tuple[str, Form]]:
        """The forms of all pages that change something, each once, with the address of the page."""
        found: dict[str, tuple[str, Form]] = {}
        for page in self.pages:
            for form in page.parsed.forms if page.parsed is not None else ():
                action = self._local(page.address, form.action or page.address)
                if form.method == "post" and not _ENDS.search(action):
                    key = alike(action) + ",".join(sorted(form.fields))
                    found.setdefault(key, (action, form))
        return list(found.values())

    def _local(self, at: str, link: str) -> str:
        """The path and query of a link on the server; empty for links that lead away."""
        url = urljoin(self.visitor.site.server.url + at, link.strip())
        if not url.startswith(self.visitor.site.server.url + "/"):
            return ""
        parts = urlsplit(url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _wanted(self, address: str) -> bool:
        """Whether to open an address: below the site, not yet seen, and not one that ends the visit."""
        if not address.startswith(f"/{self.visitor.site.name}") or address in self._seen:
            return False
        if _ENDS.search(address):
            return False
        self._seen.add(address)
        pattern = alike(address)
        self._patterns[pattern] += 1
        return self._patterns[pattern] <= self._alike


def alike(address: str) -> str:
    """What an address has in common with those of the same kind: path, and names and words of the query."""
    return _NUMBER.sub("#", address)


def links_of(texts: Iterable[str], site_url: str) -> list[str]:
    """The addresses below a site in documents and texts, path and query only."""
    found: dict[str, None] = {}
    pattern = re.compile(re.escape(site_url) + r"[^\s<>\"')\\]*")
    for text in texts:
        for each in pattern.findall(text.replace("&amp;", "&")):
            parts = urlsplit(each)
            found[parts.path + (f"?{parts.query}" if parts.query else "")] = None
    return list(found)


def texts_of_xml(body: bytes) -> Sequence[str]:
    """The texts of all elements of an answer."""
    return [text for each in etree.fromstring(body).iter() if (text := each.text)]
