"""What people do in a room beside talking: polls, questions, notes, practice; encryption, personal rooms, host keys."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from parley.rooms.notes import merged
from tests.browser.test_room import Visit, check, figures, inside, picture, until
from tests.server import TestSite
from tests.services.events import create_event
from tests.web.test_pages import address, invitation, schedule, start_link

Come = Callable[..., Page]


def panel(page: Page, name: str) -> None:
    """Open a tab of the panel from wherever one is."""
    page.keyboard.press("Escape")
    if page.locator(f"#tab-{name}").is_visible():
        page.locator(f"#tab-{name}").click()
        return
    page.locator("#more").click()
    page.locator(f"[data-panel={name}]").click()


def test_a_poll_is_prepared_answered_and_shown(site: TestSite, come: Come) -> None:
    key = schedule(site)
    host = come(start_link(site, key), "Grace Hopper")
    inside(host)
    guest = come(invitation(site, key), "Ada Lovelace", 360)
    inside(guest)
    panel(host, "polls")
    host.locator("#new-poll").click()
    host.get_by_label("Question", exact=True).fill("Which day suits you best?")
    host.locator("#poll-more").click()
    for number, day in enumerate(["Monday", "Tuesday", "Any other day of that week, if need be"], 1):
        host.get_by_label(f"Option {number}").fill(day)
    check(host)
    picture(host, "poll-form-1280")
    host.locator("#poll-form").get_by_role("button", name="Save").click()
    host.locator("#polls-list").get_by_role("button", name="Open the poll").click()
    # The poll comes up by itself; whoever picked something keeps it until he votes.
    expect(guest.locator("#polls-list h3")).to_have_text("Which day suits you best?")
    guest.get_by_label("Tuesday").check()
    check(guest)
    picture(guest, "poll-360")
    guest.get_by_role("button", name="Vote").click()
    expect(host.locator("#polls-list .figure").nth(1)).to_have_text("1 · 100 %")
    expect(guest.locator("#polls-list .figure")).to_have_count(0)
    host.get_by_role("button", name="Close the poll").click()
    host.get_by_role("button", name="Show results").click()
    expect(guest.locator("#polls-list .figure").nth(1)).to_have_text("1 · 100 %")
    expect(guest.locator("#polls-list")).to_contain_text("your choice")
    check(host)
    picture(host, "poll-results-1280")
    check(guest)


def test_questions_and_the_note(site: TestSite, come: Come) -> None:
    key = schedule(site)
    host = come(start_link(site, key), "Grace Hopper")
    inside(host)
    guest = come(invitation(site, key), "Ada Lovelace", 360)
    inside(guest)
    panel(guest, "questions")
    check(guest)
    guest.locator("#ask-text").fill("How long does it take?")
    guest.locator("#ask-form button").click()
    expect(guest.locator("#questions-list")).to_contain_text("Waits for an answer")
    expect(host.locator(".toast").last).to_contain_text("Ada Lovelace asks: How long")
    panel(host, "questions")
    host.get_by_label("Your answer").fill("About an hour.")
    host.get_by_label("Only to who asked").check()
    host.locator("#questions-list").get_by_role("button", name="Send the answer").click()
    expect(guest.locator("#questions-list .answer")).to_contain_text("About an hour.")
    expect(guest.locator("#questions-list .answer")).to_contain_text("only to who asked")
    check(host)
    picture(host, "questions-1280")
    picture(guest, "questions-360")

    panel(host, "notes")
    panel(guest, "notes")
    host.locator("#note").press_sequentially("We begin at nine 🙂.")
    expect(guest.locator("#note")).to_have_value("We begin at nine 🙂.")
    # Both write at once, at different places; nothing is lost and both see the same.
    guest.locator("#note").press("Control+End")
    guest.locator("#note").press_sequentially(" Ada brings tea.", delay=20)
    host.locator("#note").press("Control+Home")
    host.locator("#note").press_sequentially("Monday: ", delay=20)
    for page in (host, guest):
        expect(page.locator("#note")).to_have_value("Monday: We begin at nine 🙂. Ada brings tea.")
    check(host)
    check(guest)
    picture(host, "notes-1280")
    with host.expect_download() as saved:
        host.locator("#note-save").click()
    assert saved.value.path().read_text(encoding="utf-8") == "Monday: We begin at nine 🙂. Ada brings tea."


def test_browsers_put_changes_of_the_note_together_as_the_server_does(site: TestSite, visit: Visit) -> None:
    draw = random.Random(7)

    def text() -> str:
        return "".join(draw.choices("ab🙂\n", k=draw.randrange(9)))

    cases = [[text(), text(), text()] for _ in range(400)]
    page = visit().open(address(site, f"room/{schedule(site)}"))
    made = page.evaluate(
        """async (cases) => {
          const { merged } = await import("/static/room/notes.js");
          return cases.map((each) => merged(...each.map((text) => [...text])).join(""));
        }""",
        cases,
    )
    assert made == [merged(*each) for each in cases]


def test_panelists_practise_before_an_event(site: TestSite, come: Come, visit: Visit) -> None:
    key = create_event(site.client(), "Launch", schedule={"startDate": soon()})
    host = come(start_link(site, key), "Grace Hopper", 360)
    inside(host)
    expect(host.locator("#practice")).to_be_visible()
    guest = visit(360).open(address(site, f"e.php?AT=SI&MK={key}"))
    guest.locator("form[action*='/room/'] button").click()
    guest.get_by_label("Your name").fill("Ada Lovelace")
    guest.get_by_label("Meeting password").fill("Secret12")
    guest.locator("#join-button").click()
    expect(guest.locator("#waiting-text")).to_contain_text("It has not started yet")
    expect(host.locator("#practice-text")).to_contain_text("1 person waits")
    check(host)
    picture(host, "practice-360")
    host.locator("#begin").click()
    inside(guest)
    expect(host.locator("#practice")).to_be_hidden()
    expect(guest.locator(".tile.seen")).to_have_count(2)


def soon() -> str:
    """An hour from now, as the API writes it."""
    return (datetime.now(UTC) + timedelta(hours=1)).strftime("%m/%d/%Y %H:%M:%S")


#: Somebody whose browser does not hand on the keys of others.
_NO_KEYS = """
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, ...rest) {
  if (message.op !== "key") post.call(this, message, ...rest);
};
"""


def test_end_to_end_encrypted_media_need_their_keys(site: TestSite, come: Come) -> None:
    key = schedule(site, enableOptions={"supportE2E": True})
    host = come(start_link(site, key), "Grace Hopper")
    inside(host)
    guest = come(invitation(site, key), "Ada Lovelace", 360)
    inside(guest)
    for page in (host, guest):
        until(page, lambda now: now["frames"] > 5 and now["energy"] > 0)
    codes = []
    for page in (host, guest):
        page.locator("#secret-badge").click()
        expect(page.locator("#secret-code span")).to_have_count(8)
        codes.append(page.locator("#secret-code").inner_text())
    assert codes[0] == codes[1]
    check(guest)
    picture(guest, "secret-360")
    for page in (host, guest):
        page.keyboard.press("Escape")
    # The shared screen too.
    host.locator("#share").click()
    until(guest, lambda now: now["screen"] > 2)
    host.locator("#share").click()

    deaf = come(invitation(site, key), "Eve", 360, _NO_KEYS)
    inside(deaf)
    until(deaf, lambda now: now["open"] == 2 and now["packets"] > 50)
    assert figures(deaf)["frames"] == 0
    assert figures(deaf)["energy"] < 1e-6
    deaf.locator("#secret-badge").click()
    expect(deaf.locator("#secret-code span")).to_have_count(8)
    assert deaf.locator("#secret-code").inner_text() != codes[0]
    deaf.keyboard.press("Escape")
    deaf.locator("#leave").click()
    expect(host.locator(".tile")).to_have_count(2)
    # With new keys the others go on.
    before = figures(guest)["frames"]
    guest.wait_for_timeout(1500)
    until(guest, lambda now: now["frames"] > before + 5)


def test_a_personal_room_waits_for_its_owner(site: TestSite, come: Come) -> None:
    room = site.client().call("user.GetUser", webExId="host1").ok()
    link = address(site, f"meet/{room.value('personalUrl')}")
    guest = come(link, "Ada Lovelace", 360)
    expect(guest.locator("#waiting-text")).to_contain_text("The host is not here yet")
    host = come(link.replace("host1", "HOST1"), "Grace Hopper", 1280)
    expect(host.locator("#waiting-text")).to_contain_text("The host is not here yet")
    # Whoever has signed in as the owner starts it.
    host.goto(start_link(site, schedule(site)))
    host.goto(link)
    expect(host.locator("main")).to_contain_text("This is your room")
    check(host)
    picture(host, "personal-1280")
    host.locator("form[action*='/meet/'] button").click()
    host.locator("#join-button").click()
    inside(host)
    inside(guest)
    # With the PIN somebody else becomes host; a wrong one is told.
    pin = room.value("personalMeetingRoom/hostPIN") or ""
    for said in ("999999", pin):
        guest.locator("#more").click()
        guest.get_by_role("button", name="Become host").click()
        guest.get_by_label("Host key").fill(said)
        check(guest)
        guest.locator("#claim-form").get_by_role("button", name="Become host").click()
        if said != pin:
            expect(guest.locator(".toast").last).to_contain_text("not the host key")
            guest.locator(".toast").last.wait_for(state="detached")
    expect(guest.locator(".toast").last).to_contain_text("You are the host now")
    guest.locator("#open-people").click()
    guest.get_by_role("button", name="What to do with Host1 Tester").click()
    guest.get_by_role("menuitem", name="Make host").click()
    expect(host.locator(".toast").last).to_contain_text("You are the host now")


def test_somebody_is_pinned_and_nobody_needs_devices(site: TestSite, come: Come) -> None:
    key = schedule(site)
    none = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('none', 'NotFoundError'));"
    host = come(start_link(site, key), "Grace Hopper", 1280, none)
    inside(host)
    guest = come(invitation(site, key), "Ada Lovelace", 1280)
    inside(guest)
    other = come(invitation(site, key), "Blaise Pascal", 360)
    inside(other)
    until(host, lambda now: now["frames"] > 3 and now["energy"] > 0)
    expect(host.locator("#mic")).to_have_attribute("aria-pressed", "false")
    expect(guest.locator(".tile.speaking")).not_to_have_count(0, timeout=20_000)
    host.locator(".tile", has_text="Ada Lovelace").hover()
    host.get_by_role("button", name="Pin: Ada Lovelace").click()
    expect(host.locator("#main-tiles .tile")).to_have_count(1)
    expect(host.locator("#main-tiles .tile")).to_contain_text("Ada Lovelace")
    check(host)
    picture(host, "pinned-1280")
    other.locator("#open-people").click()
    other.get_by_role("button", name="What to do with Grace Hopper").click()
    other.get_by_role("menuitem", name="Pin for me").click()
    other.locator("#close-panel").click()
    expect(other.locator("#main-tiles .tile")).to_contain_text("Grace Hopper")
    picture(other, "pinned-360")
    host.get_by_role("button", name="Pin: Ada Lovelace").click()
    expect(host.locator("#main-tiles .tile")).to_have_count(3)
