"""Texts that would do harm, in every place of the contract that keeps one, on every page that shows what is kept.

The site is filled from the contract, then walked from link to link as its administrator, its host and as a stranger;
pages are read by parsers. What belongs to it beside pages is looked at too: mails, calendar files, tables, answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from html import escape
from urllib.parse import parse_qsl, quote, urlencode

import pytest

from tests.attacks.generated import harm
from tests.attacks.generated.amounts import LONG
from tests.attacks.generated.contract import writers
from tests.attacks.generated.pages import Walk, alike, links_of
from tests.attacks.generated.wire import Visitor, Wire
from tests.attacks.generated.worlds import Filler, answers_of, new_cast, with_history, with_recordings, with_tests
from tests.services.test_roles import Cast


@dataclass
class Soiled:
    """A site full of such texts.

    Attributes:
        taken: the places that took one, by operation.
        told: addresses that answers and mails tell.
    """

    wire: Wire
    cast: Cast
    taken: dict[str, list[str]]
    walks: dict[str | None, Walk] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    def walk(self, web_ex_id: str | None) -> Walk:
        """All that somebody can reach, walked once."""
        if web_ex_id not in self.walks:
            path = f"/{self.cast.site.name}"
            start = [f"{path}/", f"{path}/console/", f"{path}/console/explorer", *self.told]
            self.walks[web_ex_id] = Walk(Visitor(self.wire, self.cast.site, web_ex_id)).go(start)
        return self.walks[web_ex_id]


@pytest.fixture(scope="module", params=harm.EACH if LONG else [harm.WHOLE], ids=lambda text: repr(text)[:30])
def soiled(request: pytest.FixtureRequest, attacked_sqlite: Wire) -> Soiled:
    """A site on SQLite, full of one text."""
    text: str = request.param
    wire, cast = attacked_sqlite, new_cast(attacked_sqlite)
    taken = Filler(wire, new_cast(wire)).fill(cast, lambda leaf: harm.texts_for(leaf, text))
    with_recordings(cast, text)
    with_history(cast, text)
    flat = text.replace("\r", "").replace("\n", " ")
    made = Soiled(wire, cast, taken, told=[with_tests(cast, flat)])
    made.answers = [each.response.text for each in answers_of(cast)]
    mails = [mail.text for mail in cast.site.mails]
    made.told += links_of([*made.answers, *mails], f"{cast.site.server.url}/{cast.site.name}")
    return made


def found(where: str, problems: Iterable[str]) -> list[str]:
    """What is wrong, with where it is."""
    return [f"{where}: {each}" for each in problems]


@pytest.mark.parametrize(
    "page",
    [
        *(
            f"<p title='{text}'>{text}</p>"
            for text in (harm.WHOLE, harm.ONE_LINE, "'><hurt-x>", "x' onmouseover='hurt()")
        ),
        "<a href=' java\nscript:hurt()'>x</a>",
        "<p>hurt1337hurt</p>",
        "<!--hurt--><p>x</p>",
        "<script>let name = '' -hurt()- '';</script>",
        "<p style='background: hurt'>x</p>",
        "<textarea></textarea><hurt-x></textarea>",
    ],
)
def test_harm_in_a_page_would_be_seen(page: str) -> None:
    assert list(harm.of_html(page))
    assert not list(harm.of_html(f"<p title='{escape(page)}'>{escape(page)}</p>".replace("1337", "")))


def test_harm_elsewhere_would_be_seen() -> None:
    assert list(harm.of_table('Name,Host\r\n"=hurt(1)",x\r\n'))
    assert not list(harm.of_table("Name,Host\r\n'=hurt(1),-5\r\n"))
    lines = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nSUMMARY:a\r\nHURT-Y:b\r\nEND:VCALENDAR\r\n"
    assert list(harm.of_calendar(lines))
    assert not list(harm.of_calendar(lines.replace("\r\nHURT", "\\nHURT")))
    mail = EmailMessage()
    mail["Bcc"] = "hurt@hurt.example"
    mail.set_content("x")
    assert list(harm.of_mail(mail))
    assert list(harm.of_document(b"<a><hurt-x/></a>"))


def test_nearly_every_place_takes_such_a_text(soiled: Soiled) -> None:
    assert set(soiled.taken) == {each.name for each in writers()}
    assert sum(map(len, soiled.taken.values())) > 300
    assert len(soiled.told) > 20


@pytest.mark.parametrize("web_ex_id", ["admin", "host1", "attendee1", None])
def test_no_page_takes_a_text_for_markup(soiled: Soiled, web_ex_id: str | None) -> None:
    walk = soiled.walk(web_ex_id)
    problems: list[str] = []
    for page in walk.pages:
        problems += found(page.address, harm.of_reply(page.reply))
    assert not problems, "\n".join(dict.fromkeys(problems))
    shown = sum("hurt" in page.reply.text for page in walk.pages)
    assert shown > {"admin": 40, "host1": 40}.get(web_ex_id or "", 10), shown


def test_no_answer_takes_a_text_for_markup(soiled: Soiled) -> None:
    problems: list[str] = []
    for text in soiled.answers:
        problems += harm.of_document(text.encode())
    assert not problems, "\n".join(problems)
    assert sum("hurt" in each for each in soiled.answers) > 30


def test_no_mail_takes_a_text_for_more(soiled: Soiled) -> None:
    mails = soiled.cast.site.mails
    problems: list[str] = []
    for mail in mails:
        problems += found(mail.subject, harm.of_mail(mail.message))
    assert not problems, "\n".join(problems)
    assert sum("hurt" in mail.text for mail in mails) > 10
    assert sum("hurt" in (mail.calendar or "") for mail in mails) > 5


def _in_links(addresses: Iterable[str], text: str) -> Iterator[str]:
    """The addresses with the text in place of each value of the query, and of each number in the path."""
    for address in addresses:
        path, _, query = address.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        for place in range(len(pairs)):
            changed = [(name, text if at == place else value) for at, (name, value) in enumerate(pairs)]
            yield f"{path}?{urlencode(changed)}"
        parts = path.split("/")
        for place, part in enumerate(parts[2:], 2):
            if part.isdigit() or len(part) > 20:
                yield "/".join([*parts[:place], quote(text, safe=""), *parts[place + 1 :]])


@pytest.mark.parametrize("web_ex_id", ["admin", "host1", None])
def test_no_link_with_such_a_text_brings_it_into_a_page(soiled: Soiled, web_ex_id: str | None) -> None:
    walk = soiled.walk(web_ex_id)
    shapes = {alike(page.address): page.address for page in walk.pages}
    problems: list[str] = []
    for text in (harm.ONE_LINE, harm.ADDRESS):
        addresses = list(dict.fromkeys(_in_links(shapes.values(), text)))
        for address, reply in zip(addresses, walk.visitor.get(addresses), strict=True):
            problems += found(address, harm.of_reply(reply))
    assert not problems, "\n".join(dict.fromkeys(problems))


@pytest.mark.parametrize("web_ex_id", ["host1", "admin", None])
def test_no_form_with_such_a_text_brings_it_into_a_page(soiled: Soiled, web_ex_id: str | None) -> None:
    walk = soiled.walk(web_ex_id)
    sent = [
        (action, {name: text if every or not value else value for name, value in form.fields.items()})
        for action, form in walk.forms()
        for text in (harm.ONE_LINE, harm.ADDRESS)
        for every in (False, True)  # what is empty only, so that the rest is taken; everything
    ]
    problems: list[str] = []
    shown = 0
    for (action, _), reply in zip(sent, walk.visitor.post(sent), strict=True):
        problems += found(f"form of {action}", harm.of_reply(reply))
        shown += "hurt" in reply.text
        assert not reply.header("location").endswith("/sign-in"), action
    assert not problems, "\n".join(dict.fromkeys(problems))
    assert shown > (20 if web_ex_id else 0)
