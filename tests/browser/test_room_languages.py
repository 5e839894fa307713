"""The room in another language than English, on a small telephone: one room, people of two languages."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_room import inside, picture
from tests.browsers import Visitor, scrolls_sideways
from tests.server import TestSite
from tests.web.test_pages import invitation, schedule, start_link

#: Texts of the page that stand in English although there are words for them.
_ENGLISH = """() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const left = (text) => Object.hasOwn(words, text.trim()) && words[text.trim()] !== text.trim();
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (left(walker.currentNode.data)) found.push(walker.currentNode.data);
  }
  for (const each of document.querySelectorAll("[aria-label], [placeholder]")) {
    const said = [each.getAttribute("aria-label"), each.getAttribute("placeholder")];
    found.push(...said.filter((text) => left(text ?? "")));
  }
  return found;
}"""


def german(page: Page) -> None:
    """All words are German, and all of them fit."""
    assert page.evaluate(_ENGLISH) == []
    assert not scrolls_sideways(page)


def test_two_people_of_two_languages_meet(
    site: TestSite, come: Callable[..., Page], visit: Callable[..., Visitor]
) -> None:
    key = schedule(site)
    host = come(start_link(site, key), "Grace Hopper")
    inside(host)
    visitor = visit(360, locale="de-DE")
    guest = visitor.open(invitation(site, key))
    guest.locator("form[action*='/room/'] button").click()
    expect(guest.locator("html")).to_have_attribute("lang", "de-DE")
    guest.locator("#join-button:enabled").wait_for()
    german(guest)
    picture(guest, "de-before-360")
    guest.get_by_label("Ihr Name").fill("   ")
    guest.locator("#join-button").click()
    expect(guest.locator("#join-error")).to_have_text("Bitte geben Sie Ihren Namen ein.")
    visitor.problems.clear()  # the answer says with its status that something is missing
    guest.get_by_label("Ihr Name").fill("Ada Lovelace")
    guest.locator("#join-button").click()
    inside(guest)
    german(guest)
    picture(guest, "de-room-360")

    # What the host does is told to each in the own language.
    expect(host.locator("#polite")).to_have_text("Ada Lovelace joined")
    host.locator("#hand").click()
    expect(guest.locator(".toast").last).to_have_text("Grace Hopper hebt die Hand")
    guest.locator("#more").click()
    german(guest)
    picture(guest, "de-more-360")
    guest.locator("#do-claim").click()
    guest.get_by_label("Gastgeberschlüssel").fill("1")
    german(guest)
    guest.locator("#claim-form [value=claim]").click()
    # This answer comes from the server, over the socket that both share.
    expect(guest.locator(".toast").last).to_have_text("Das ist nicht der Gastgeberschlüssel dieser Sitzung.")
    for panel in ("people", "chat"):
        guest.locator(f"#open-{panel}").click()
        german(guest)
        picture(guest, f"de-{panel}-360")
    host.locator("#more").click()
    host.locator("[data-panel=polls]").click()
    host.locator("#new-poll").click()
    host.get_by_label("Question", exact=True).fill("Tee oder Kaffee?")
    host.get_by_label("Option 1").fill("Tee")
    host.get_by_label("Option 2").fill("Kaffee")
    host.locator("#poll-form").get_by_role("button", name="Save").click()
    host.locator("#polls-list").get_by_role("button", name="Open the poll").click()
    expect(guest.locator(".toast").last).to_have_text("Eine Umfrage: Tee oder Kaffee?")
    guest.locator("#more").click()
    guest.locator("[data-panel=polls]").click()
    guest.get_by_label("Tee", exact=True).check()
    guest.get_by_role("button", name="Abstimmen").click()
    expect(guest.locator("#polls-list")).to_contain_text("Sie haben abgestimmt.")
    german(guest)
    guest.locator("#leave").click()
    expect(guest.locator("#over-title")).to_have_text("Sie haben die Besprechung verlassen")
    german(guest)
