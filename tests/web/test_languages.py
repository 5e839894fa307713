"""The languages of pages: who reads which, and that no page keeps English words in another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from babel.messages.pofile import read_po
from starlette.requests import Request

from parley.domain.site import SiteSettings
from parley.mail.languages import CATALOGUES, language
from parley.web.render import rendered
from parley.web.words import language_for, said, speak, spoken
from tests.server import Server, TestSite
from tests.web.console import Person, asked_to_register, invited_series

#: Names of languages in the API, the tag that their pages have, and what the button says that ends a visit.
LANGUAGES = {
    "GERMAN": ("de-DE", "Abmelden"),
    "FRENCH": ("fr-FR", "Se déconnecter"),
    "SPANISH": ("es-ES", "Cerrar sesión"),
    "JAPANESE": ("ja-JP", "サインアウト"),
}
#: Attributes that people read or hear.
_SPOKEN = frozenset({"aria-label", "title", "placeholder", "alt"})
_PLACE = re.compile(r"%\(\w+\)s")
#: A text with values is looked for when so many letters of it are its own.
_LETTERS = 8


class _Texts(HTMLParser):
    """The texts of a page, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.tag = ""
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.tag = values["lang"]
        if tag == "a":
            self.links.append(values.get("href", ""))
        self.texts += [
            value for name, value in values.items() if name in _SPOKEN or (name.startswith("data-") and " " in value)
        ]
        self._quiet += tag in ("script", "style", "code", "pre", "textarea")

    def handle_endtag(self, tag: str) -> None:
        self._quiet -= tag in ("script", "style", "code", "pre", "textarea")

    def handle_data(self, data: str) -> None:
        if not self._quiet and data.strip():
            self.texts.append(" ".join(data.split()))


def read(page: str) -> _Texts:
    found = _Texts()
    found.feed(page)
    return found


class _English:
    """Which texts a page in another language must not have, since its catalogue has words for them."""

    def __init__(self, name: str) -> None:
        with (CATALOGUES / f"{name}.po").open("rb") as file:
            known = {str(each.id): str(each.string) for each in read_po(file, locale=name)}
        other = {text for text, translated in known.items() if text and translated not in ("", text)}
        self._whole = {" ".join(text.split()) for text in other if not _PLACE.search(text)} - set(known.values())
        self._patterns = [
            re.compile("(.+)".join(map(re.escape, _PLACE.split(text))))
            for text in other
            if _PLACE.search(text) and len(re.sub("[^A-Za-z]", "", _PLACE.sub("", text))) >= _LETTERS
        ]

    def among(self, texts: list[str]) -> list[str]:
        return [text for text in texts if text in self._whole or any(each.fullmatch(text) for each in self._patterns)]


def _request(accepted: str | None) -> Request:
    headers = [] if accepted is None else [(b"accept-language", accepted.encode("latin-1"))]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        (None, "en-US"),
        ("", "en-US"),
        ("de", "de-DE"),
        ("de-AT,de;q=0.9,en;q=0.8", "de-DE"),
        ("fr-CA, fr;q=0.7", "fr-CA"),
        ("fr-BE", "fr-FR"),
        ("es-MX,es;q=0.9", "es-419"),
        ("es", "es-ES"),
        ("en-GB,de;q=0.9", "en-GB"),
        ("it, ja;q=0.5", "ja-JP"),
        ("it", "en-US"),
        ("en;q=0.3, de;q=0.8", "de-DE"),
        ("de;q=0, fr", "fr-FR"),
        ("*", "en-US"),
        ("de;q=x,fr", "fr-FR"),
        ("\xff;;;,,q=,-", "en-US"),
        ("x" * 100_000, "en-US"),
        (",".join(["zz"] * 5000) + ",de", "en-US"),
    ],
)
def test_browsers_say_what_their_people_read(accepted: str | None, tag: str) -> None:
    assert language_for(_request(accepted)).tag == tag


def test_texts_are_in_the_language_of_the_page() -> None:
    speak(language(9))
    assert spoken().tag == "de-DE"
    assert said("Invite to %(name)s", name="<b> 100 %") == "Zu <b> 100 % einladen"
    speak(language(1))
    assert said("Invite to %(name)s", name="Ada") == "Invite to Ada"


def test_who_is_not_signed_in_reads_what_the_browser_asks_for_else_what_the_site_speaks(site: TestSite) -> None:
    site.set(settings=SiteSettings(language="FRENCH"))
    address = f"{site.server.url}/{site.name}/console/sign-in"
    assert "Se connecter" in httpx.get(address).text
    page = httpx.get(address, headers={"Accept-Language": "de-CH,de;q=0.9"}).text
    assert ("<h1>Anmelden</h1>" in page, read(page).tag) == (True, "de-DE")
    assert "Se connecter" in httpx.get(address, headers={"Accept-Language": "it"}).text
    gone = httpx.get(f"{site.server.url}/{site.name}/j.php", headers={"Accept-Language": "ja"})
    assert (gone.status_code, read(gone.text).tag) == (404, "ja-JP")
    assert "見つかりません" in gone.text
    nowhere = httpx.get(f"{site.server.url}/no/such/page", headers={"Accept-Language": "es"})
    assert (nowhere.status_code, "No encontrado" in nowhere.text) == (404, True)


def test_who_is_signed_in_reads_the_own_language_whatever_the_browser_says(site: TestSite) -> None:
    person = Person(site, "host1")
    person.http.headers["Accept-Language"] = "fr"
    for name, (tag, words) in LANGUAGES.items():
        person.open("profile")
        person.send("profile", LANGUAGE=name)
        assert person.notice
        assert (read(person.page).tag, words in person.page) == (tag, True)
    person.close()


def test_a_language_that_a_program_chose_stays_until_another_is_chosen(site: TestSite) -> None:
    site.client().call("user.SetUser", webExId="host1", language="ITALIAN").ok()
    person = Person(site, "host1")
    page = person.open("profile")
    assert ("Italiano" in page, read(page).tag) == (True, "en-US")
    assert person.form("profile")[1]["LANGUAGE"] == "ITALIAN"
    person.close()


@pytest.fixture
def busy(sqlite_server: Server) -> TestSite:
    """A site with something on most of its pages."""
    site = sqlite_server.new_site()
    invited_series(site, "Lorem")
    asked_to_register(site, "Ipsum")
    return site


def walked(person: Person) -> Iterator[str]:
    """The addresses of all pages that links lead to from the console's first one; of pages that differ by a number
    only, one."""
    start = person.address()
    below = urlsplit(start).path.rpartition("/console/")[0]
    waiting, seen = [start, person.address("sign-in"), person.address("forgotten")], set[str]()
    while waiting:
        address = waiting.pop(0)
        alike = re.sub(r"[0-9a-f]*[0-9][0-9a-f-]*", "0", urlsplit(address).path)
        if alike in seen or not urlsplit(address).path.startswith(below):
            continue
        seen.add(alike)
        answer = person.http.get(address)
        if not answer.url.path.startswith(below):  # the reference, which belongs to no site
            continue
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        if "/explorer" not in urlsplit(address).path:  # its names are those of the contract, in any language
            yield address
        waiting += [
            urljoin(str(answer.url), each) for each in read(answer.text).links if not each.startswith("mailto:")
        ]


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("who", ["host1", "admin"])
def test_no_page_keeps_english_words(busy: TestSite, who: str, name: str) -> None:
    busy.client(who).call("user.SetUser", webExId=who, language=name).ok()
    person = Person(busy, who)
    tag = LANGUAGES[name][0]
    person.http.headers["Accept-Language"] = tag
    english = _English(tag.partition("-")[0])
    types = busy.client("admin").call("meetingtype.LstMeetingType").ok()
    named = set(types.all("meetingType/displayName") + types.all("meetingType/productCodePrefix"))  # by the site
    addresses = list(walked(person))
    assert len(addresses) > 12
    kept = {}
    for address in addresses:
        page = read(person.http.get(address).text)
        assert page.tag == tag, address
        if found := [text for text in english.among(page.texts) if text not in named]:
            kept[address] = found
    person.close()
    assert kept == {}


def test_texts_and_values_are_escaped_once() -> None:
    speak(language(9))
    shown = rendered(
        "message.html",
        title="<b>",
        text=said("Mail goes to %(email)s.", email="<i>&"),
        hint=None,
        link=None,
        link_text=None,
        shown=None,
    )
    speak(language(1))
    assert "<h1>&lt;b&gt;</h1>" in shown
    assert "<p>Mails gehen an &lt;i&gt;&amp;.</p>" in shown
    assert '<html lang="de-DE">' in shown
