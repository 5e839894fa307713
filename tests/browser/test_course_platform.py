"""A learning platform's course from its scheduling to the results, with three people who take its test in a browser."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping

import httpx
import msgspec
from lxml import html as markup
from playwright.sync_api import Page

from parley.domain.timezones import api_date
from parley.services.mails import Notice
from parley.services.training.form import set_form
from tests.browser.test_pages import check
from tests.browsers import Visitor
from tests.clients.course_platform import QUESTIONS, CoursePlatform, Person
from tests.server import TestSite
from tests.services.meetings import GMT, in_days
from tests.services.quizzes import outbox_of
from tests.services.test_labs import make_lab
from tests.web.test_pages import address

LAB = "Engine lab"
COURSE = "Engines from the inside"
PEOPLE = [Person(f"Pupil{number:02}", "Öz", f"pupil{number:02}@school.example") for number in range(30)]
ANN, BEN, CLEO = PEOPLE[:3]
WHY = "Why do you come?"
ESSAY = "They turn fuel into motion.\nHeat gets lost on the way."
#: What to do on the page of each question: labels to tick, texts to type, numbers of the order.
RIGHT: dict[int, list[str]] = {
    1: ["Paris"],
    2: ["2", "7"],
    3: ["42"],
    4: [ESSAY],
    5: ["3", "1", "2"],
    6: ["False"],
    7: ["Oslo"],
    8: ["A", "Z"],
    9: ["0.5"],
}
WRONG: dict[int, list[str]] = {1: ["Lyon"], 2: ["4"], 3: ["41"], 6: ["True"], 7: ["Bergen"]}


def fill_in(page: Page, number: int, answers: list[str]) -> None:
    """Answer a question as somebody does who sees it."""
    question = page.get_by_role("group", name=f"Question {number} of")
    if question.locator("select").count():
        for place, choice in enumerate(answers):
            question.locator("select").nth(place).select_option(choice)
    elif question.locator("input[type=radio], input[type=checkbox]").count():
        for label in answers:
            question.get_by_label(label, exact=True).check()
    else:
        for place, words in enumerate(answers):
            question.get_by_label("Your answer").nth(place).fill(words)


def take(page: Page, answers: Mapping[int, list[str]], first: int = 1, last: int = len(QUESTIONS)) -> None:
    """Go from one question to another and answer them; from the last page on to the overview."""
    for number in range(first, last + 1):
        page.get_by_text(f"Question {number} of {len(QUESTIONS)}").first.wait_for()
        fill_in(page, number, answers.get(number, []))
        if number < last or last == len(QUESTIONS):
            ends = number == len(QUESTIONS)
            page.get_by_role("button", name="Check and hand in" if ends else "Next question").click()


def hand_in(page: Page) -> None:
    page.get_by_role("button", name="Hand in", exact=True).click()
    page.get_by_text("Handed in on").wait_for()


def with_form(site: TestSite, key: str) -> None:
    """Let the registration form ask for the company, and a question of the host's own, as the command does."""
    form = (
        "<registrationForm><standardFields><company><incl>true</incl><req>true</req></company></standardFields>"
        f"<customFields><textBox><incl>true</incl><req>true</req><label>{WHY}</label></textBox></customFields>"
        "</registrationForm>"
    )
    application = site.server.application

    async def work() -> None:
        known = await application.sites.by_id(site.site_id)
        assert known is not None
        await set_form(application.engine, known.site, int(key), form.encode(), application.clock.now())

    site.server.run(work())


def register(browser: httpx.Client, link: str, person: Person) -> None:
    tree = markup.fromstring(browser.get(link).text)
    names = {
        each.text_content().strip(): tree.xpath(f"//*[@id='{each.get('for')}']/@name")[0]
        for each in tree.xpath("//label[@for]")
    }
    form = {"FIRST_NAME": person.first_name, "LAST_NAME": person.last_name, "EMAIL": person.email}
    own = {names["Company"]: f"School of {person.first_name}", names[WHY]: f"{person.first_name} likes engines"}
    page = browser.post(link, data={**form, **own})
    assert page.status_code == 200
    assert "You are registered" in html.unescape(page.text)


def links_of(site: TestSite) -> dict[str, str]:
    """The link to the test that everybody was mailed, by address."""
    found = {}
    for mail in outbox_of(site, "test.invitation"):
        notice = msgspec.json.decode(mail.document, type=Notice)
        assert notice.test is not None
        found[mail.recipient or ""] = notice.test.link.replace(site.server.config.base_url, site.server.url)
    return found


def test_a_course_with_its_test(site: TestSite, visit: Callable[..., Visitor]) -> None:
    make_lab(site, LAB, computers=12)
    platform = CoursePlatform(site.client())
    starts = [in_days(days, 10) for days in (3, 5, 12)]
    key = platform.schedule(COURSE, starts, GMT, 90, LAB, 12)
    assert platform.course(key).all("repeatSession/startDate") == starts

    # The lab is theirs at all three times, and nobody else's.
    reserved = platform.lab_schedule(LAB, in_days(0), in_days(30), GMT)
    assert reserved == [(COURSE, start, "12") for start in starts]
    assert len(outbox_of(site, "lab.ending")) == 3

    # Thirty people register, and no one more.
    with_form(site, key)
    page = platform.registration_page(key)
    with httpx.Client(timeout=30) as browser:
        for person in PEOPLE:
            register(browser, page, person)
        refused = browser.get(page)
        assert "All seats are taken" in refused.text
    enrolled = platform.enrolled(key)
    assert set(enrolled) == {each.email for each in PEOPLE}
    seventh = enrolled["pupil07@school.example"]
    assert (seventh["company"], seventh["lastName"], seventh[WHY]) == (
        "School of Pupil07",
        "Öz",
        "Pupil07 likes engines",
    )

    # The test: three people take it.
    now = site.server.application.clock.now()
    test_id = platform.give_test(key, api_date(now - 3600, GMT), api_date(now + 86_400, GMT))
    links = links_of(site)
    assert set(links) == set(enrolled)

    ann = visit(1280)
    shown = ann.open(links[ANN.email])
    check(shown)
    shown.get_by_role("button", name="Start the test").click()
    take(shown, RIGHT)
    hand_in(shown)
    check(shown)

    # Ben is on his telephone, closes the tab in the middle of a word, and returns.
    ben = visit(375)
    shown = ben.open(links[BEN.email])
    check(shown)
    shown.get_by_role("button", name="Start the test").click()
    take(shown, RIGHT, last=4)
    check(shown)
    shown.close(run_before_unload=False)
    shown = ben.new_page()
    ben.open(links[BEN.email], page=shown)
    shown.get_by_role("link", name="Continue").click()
    ben.open(links[BEN.email] + "?page=4", page=shown)
    assert shown.get_by_label("Your answer").input_value() == ESSAY
    check(shown)
    ben.open(links[BEN.email] + "?page=2", page=shown)
    assert shown.get_by_label("7", exact=True).is_checked()
    ben.open(links[BEN.email] + "?page=5", page=shown)
    check(shown)
    take(shown, RIGHT, first=5)
    check(shown)
    hand_in(shown)

    cleo = visit(375)
    shown = cleo.open(links[CLEO.email])
    shown.get_by_role("button", name="Start the test").click()
    take(shown, WRONG)
    shown.get_by_text("have no answer yet").wait_for()
    hand_in(shown)

    # Read back through the API: the essays wait for the host.
    results = platform.results(test_id)
    assert {email: each.score for email, each in results.items()} == {
        ANN.email: "15",
        BEN.email: "15",
        CLEO.email: "0",
    }
    assert results[ANN.email].answers == results[BEN.email].answers
    assert ESSAY in results[BEN.email].answers
    assert results[CLEO.email].answers[0] == "B"
    assert results[ANN.email].unscored == 2  # Cleo wrote none

    # The host reads Ann's and gives her all the points there are.
    host = visit(375)
    host.open(site.client().call("user.GetloginurlUser", webExID="host1").ok().value("userLoginURL") or "")
    shown = host.open(address(site, f"tests/{key}/{test_id}"))
    check(shown)
    shown.get_by_role("listitem").filter(has_text=ANN.email).get_by_role("link").click()
    check(shown)
    shown.get_by_label("Points").fill("5")
    shown.get_by_role("button", name="Save the points").click()
    shown.get_by_text("20 of 20").first.wait_for()
    told = platform.results(test_id)[ANN.email]
    assert (told.score, told.unscored) == ("20", 1)

    # Without the course the lab is free.
    platform.cancel(key)
    assert platform.lab_schedule(LAB, in_days(0), in_days(30), GMT) == []
