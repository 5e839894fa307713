"""Tests of trainings taken on their pages, as a browser without scripts does, and as the pages' own module does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from parley.domain.session import Attendee, Session
from parley.services.mails import Notice
from parley.store import Changes, attendees
from tests.server import TestSite
from tests.services.quizzes import (
    ANSWER,
    CAPITAL,
    ESSAY,
    NO_LIMITS,
    PRIMES,
    blank,
    choices,
    equal,
    feedback,
    item,
    link,
    outbox_of,
    people_of,
    quiz,
    rule,
    schedule,
    training,
)
from tests.services.test_training_tests import _in

ORDER = item(
    "q5",
    "Into order!",
    choices({"a": "Exhaust", "b": "Intake", "c": "Power"}, "Ordered"),
    rule(equal("b") + equal("c") + equal("a"), 2),
)
NASTY = "<script>alert(1)</script>\"'&{{7*7}}"


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    """A browser without scripts."""
    with httpx.Client(timeout=30, follow_redirects=True) as client:
        yield client


class Scene:
    """A training of host1 with Ann and Ben, and a test that is open on the site."""

    def __init__(self, site: TestSite, document: str | None = None, **settings: Any) -> None:
        self.site = site
        self.host = site.client("host1")
        self.session: Session = training(site, ["ann@x.example", "ben@x.example"])
        self.test_id = schedule(self.host, self.session, document)
        website = {"startDate": _in(site, hours=-1), "dueDate": _in(site, hours=5)}
        self.set({"deliveryMethod": {"website": website}, **NO_LIMITS, **settings})
        people = {person.email_key: person for person in people_of(site, self.session)}
        self.ann: Attendee = people["ann@x.example"]
        self.ben: Attendee = people["ben@x.example"]
        self.ann_link, self.ben_link = (link(site, self.test_id, each) for each in (self.ann, self.ben))

    def set(self, values: dict[str, Any]) -> None:
        """SetScheduledTest."""
        given = {"sessionKey": self.session.session_key, "testID": self.test_id, **values}
        self.host.call("training.SetScheduledTest", given).ok()

    def told(self) -> Any:
        """GetTestInformation."""
        return self.host.call("training.GetTestInformation", testID=self.test_id).ok()

    def result(self, email: str = "ann@x.example") -> Any:
        """GetIMStestResult."""
        return self.host.call("training.GetIMStestResult", testID=self.test_id, participantEmail=email)


def send(browser: httpx.Client, url: str, go: str, **values: Any) -> httpx.Response:
    """Press a button of a page of the first attempt."""
    fields = {name.replace("_", "."): value for name, value in values.items()}
    return browser.post(url, data={"attempt": "1", "page": "1", **fields, "go": go})


def test_a_test_from_the_first_page_to_the_result(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site, quiz(CAPITAL, PRIMES, ANSWER, ORDER, grades=True))
    page = browser.get(scene.ann_link)
    assert page.status_code == 200
    assert "Start the test" in page.text
    assert "<dt>Points in all</dt><dd>9</dd>" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    page = send(browser, scene.ann_link, "begin")
    assert "Question 1" in page.text
    assert "What is the capital of France?" in page.text
    assert "primes" not in page.text
    page = send(browser, scene.ann_link, "next", q0_0="0")
    assert "primes" in page.text
    page = send(browser, scene.ann_link, "next", page="2", q1_0=["0", "2"])
    page = send(browser, scene.ann_link, "next", page="3", q2_0=" 42 ")
    assert "Into order!" in page.text
    page = send(browser, scene.ann_link, "prev", page="4", q3_0_0="3", q3_0_1="1", q3_0_2="2")
    assert 'value="42"' in page.text.replace(" 42 ", "42")
    page = send(browser, scene.ann_link, "review", page="3", q2_0="42")
    assert "Every question has an answer." in page.text
    told = scene.told()
    assert (told.value("numStarted"), told.value("numSubmitted")) == ("1", "0")
    page = send(browser, scene.ann_link, "submit")
    assert re.search(r"<strong>9 of 9</strong> · grade A<", page.text)
    told = scene.told()
    row = [told.value(f"submittedTest/{name}") for name in ("name", "email", "score", "grade", "registerID")]
    assert row == ["Ann", "ann@x.example", "9", "A", "0"]
    assert (told.value("numStarted"), told.value("numSubmitted"), told.value("numSubmittedUnscored")) == ("0", "1", "0")


def test_the_result_in_the_interchange_format(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site, quiz(CAPITAL, PRIMES, ANSWER, ORDER, ESSAY, item("q6", "Just read this."), grades=True))
    scene.result().failed("000015")
    send(browser, scene.ann_link, "begin")
    send(browser, scene.ann_link, "save", q0_0="1")
    send(browser, scene.ann_link, "save", page="2", q1_0=["0", "1"])
    send(browser, scene.ann_link, "save", page="4", q3_0_1="1")
    send(browser, scene.ann_link, "save", page="5", q4_0="They do.\r\nReally.")
    scene.result().failed("000015")
    send(browser, scene.ann_link, "submit")
    found = scene.result("  ANN@x.example ").ok()
    assert found.value("context/name") == "Ann"
    assert found.value("identifier_string") == "ann@x.example"
    assert found.value("assessment_result/asi_description") == "All about engines"
    assert found.value("num_sections") == "1"
    assert [found.value(f"assessment_result/outcomes/score/{each}") for each in ("score_value", "score_max")] == [
        "0",
        "14",
    ]
    assert found.value("grade_value") is None  # not all is scored
    assert found.all("response_value") == ["B", "A", "B", "", "b", "They do.\nReally.", ""]
    assert found.all("item_result/outcomes/score/score_value") == ["0"] * 6
    assert found.all("score_interpretation") == ["", "", "", "", "Not scored yet", ""]
    assert found.all("feedback_displayed") == ["Think of the Eiffel Tower."]
    assert found.all("correct_response")[:3] == ["A", "A", "C"]
    cardinalities = [each.get("cardinality") for each in found.content.iter("{*}response_form")]
    assert cardinalities == ["single", "multiple", "single", "ordered", "single", None]


def test_answers_outlive_a_closed_tab(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site, quiz(CAPITAL, PRIMES, ESSAY), timeLimit={"withinMinutes": 30})
    send(browser, scene.ann_link, "begin")
    kept = send(browser, scene.ann_link, "auto", q0_0="2")
    assert kept.status_code == 200
    assert kept.json()["kept"] is True
    assert 1700 < kept.json()["left"] <= 1800
    send(browser, scene.ann_link, "auto", page="3", q2_0="A first half")
    with httpx.Client() as other:  # another browser, after a while
        site.server.clock.ahead += 600
        page = other.get(scene.ann_link)
        assert "Continue" in page.text
        assert re.search(r'value="2" checked', other.get(f"{scene.ann_link}?page=1").text)
        assert "A first half</textarea>" in other.get(f"{scene.ann_link}?page=3").text
        left = other.get(f"{scene.ann_link}?page=2").text
        assert 1100 < int(re.search(r'data-left="(\d+)"', left)[1]) <= 1200  # type: ignore[index]
    # Taking an answer back counts too.
    send(browser, scene.ann_link, "auto", page="3", q2_0="")
    assert "A first half" not in browser.get(f"{scene.ann_link}?page=3").text


def test_the_server_keeps_the_time(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site, quiz(CAPITAL, ANSWER), timeLimit={"withinMinutes": 10})
    send(browser, scene.ann_link, "begin")
    send(browser, scene.ann_link, "auto", q0_0="0")
    site.server.clock.ahead += 10 * 60 + 5  # on its way when the time was over
    assert send(browser, scene.ann_link, "auto", page="2", q1_0="42").status_code == 200
    site.server.clock.ahead += 60
    late = send(browser, scene.ann_link, "auto", q0_0="1")
    assert (late.status_code, late.json()["kept"]) == (409, False)
    page = send(browser, scene.ann_link, "submit", q0_0="1")
    assert "The time is over" in page.text
    assert "<strong>5 of 5" in page.text
    told = scene.told()
    assert (told.value("submittedTest/score"), told.value("numStarted")) == ("5", "0")
    assert scene.result().ok().value("assessment_result/duration") == "PT600S"


def test_whoever_handed_in_is_not_reminded(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site, quiz(ANSWER))
    mails = {"beforeHours": 1}
    website = {"startDate": _in(site, hours=-1), "dueDate": _in(site, hours=5), "emailAttendee": mails}
    scene.set({"deliveryMethod": {"website": website}})
    assert len(outbox_of(site, "test.reminder")) == 2
    send(browser, scene.ann_link, "begin")
    send(browser, scene.ann_link, "submit")
    assert [each.recipient for each in outbox_of(site, "test.reminder")] == ["ben@x.example"]


def test_a_test_closes_what_goes_on(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site, quiz(ANSWER))
    send(browser, scene.ann_link, "begin")
    send(browser, scene.ann_link, "auto", q0_0="42")
    site.server.clock.ahead += 6 * 3600
    # Nobody opened the page again; whoever asks finds it handed in.
    told = scene.told()
    assert [told.value(each) for each in ("status", "numSubmitted", "submittedTest/score")] == ["ENDED", "1", "3"]
    assert "Start the test" not in browser.get(scene.ben_link).text
    assert "This test is closed." in send(browser, scene.ben_link, "begin").text
    assert scene.told().value("numSubmitted") == "1"


def test_attempts_are_limited_and_the_last_one_counts(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site, quiz(ANSWER), attemptLimit={"attemptTimes": 2})
    send(browser, scene.ann_link, "begin")
    send(browser, scene.ann_link, "save", q0_0="42")
    page = send(browser, scene.ann_link, "submit")
    assert "Take the test again" in page.text
    assert "2, 1 left" in page.text
    send(browser, scene.ann_link, "begin")
    assert send(browser, scene.ann_link, "auto", q0_0="42").status_code == 409  # the first one is handed in
    send(browser, scene.ann_link, "submit", attempt="2")
    page = send(browser, scene.ann_link, "begin")
    assert "Take the test again" not in page.text
    told = scene.told()
    assert told.all("submittedTest/score") == ["0"]


def test_many_begin_at_once_and_have_one_attempt(site: TestSite) -> None:
    scene = Scene(site, quiz(ANSWER), attemptLimit={"attemptTimes": 1})

    def begin(_number: int) -> int:
        with httpx.Client(timeout=30, follow_redirects=True) as client:
            return send(client, scene.ann_link, "begin").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(begin, range(8))) == {200}
    assert scene.told().value("numStarted") == "1"


def test_many_answers_at_once_are_all_kept(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site, quiz(*(item(f"q{place}", "?", blank("Integer"), rule(equal("1"), 1)) for place in range(8))))
    send(browser, scene.ann_link, "begin")

    def answer(place: int) -> int:
        with httpx.Client(timeout=30) as client:
            return send(client, scene.ann_link, "auto", page=str(place + 1), **{f"q{place}_0": "1"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(answer, range(8))) == {200}
    send(browser, scene.ann_link, "submit")
    assert scene.told().value("submittedTest/score") == "8"


def test_one_page_shows_a_whole_section(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site, quiz(CAPITAL, PRIMES, ESSAY, display="allOnePage"))
    page = send(browser, scene.ann_link, "begin")
    assert page.text.count("<fieldset") == 3
    page = send(browser, scene.ann_link, "review", q0_0="0", q1_0="0")
    assert "One question has no answer yet." in page.text
    assert 'href="?page=1"' in page.text


def test_links_open_nothing_else(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site)
    token = scene.ann_link.rpartition("/")[2]
    for other in (token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B"), "x" * 48, token + "A", "%00" * 16):
        assert browser.get(scene.ann_link.replace(token, other)).status_code == 404
    elsewhere = site.server.new_site()
    assert browser.get(scene.ann_link.replace(site.name, elsewhere.name)).status_code == 404
    strange = browser.post(scene.ann_link, data={"go": "begin"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert strange.status_code == 403
    assert scene.told().value("numStarted") == "0"
    # Whoever goes off the list, or the test that goes, take the link with them.
    scene.host.call("training.DelScheduledTest", sessionKey=scene.session.session_key, testID=scene.test_id).ok()
    assert browser.get(scene.ann_link).status_code == 404


def test_who_is_not_accepted_cannot_take_a_test(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site)
    engine = site.server.application.engine

    async def decide() -> None:
        changes = Changes()
        after = msgspec.structs.replace(scene.ann, join_status="REGISTER")
        attendees.change_list(changes, scene.session, 0, change=[(scene.ann, after)])
        await engine.commit(changes)

    site.server.run(decide())
    page = browser.get(scene.ann_link)
    assert page.status_code == 403
    assert "not on the list" in page.text
    send(browser, scene.ann_link, "begin")
    assert scene.told().value("numStarted") == "0"


def test_hostile_texts_and_answers_are_only_texts(site: TestSite, browser: httpx.Client) -> None:
    document = quiz(
        item("a", NASTY, choices({"1": NASTY, "2": "<b>bold</b><img src=x onerror=alert(1)>"}), rule(equal("1"), 1)),
        item("b", "<p onclick='x()'>Look <sub>here</sub></p>", blank()),
        title=NASTY,
        display="allOnePage",
    )
    scene = Scene(site, document)
    page = send(browser, scene.ann_link, "begin")
    for text in (page.text, browser.get(scene.ann_link).text, browser.get(f"{scene.ann_link}?review").text):
        assert "<script>alert" not in text
        assert "onerror" not in text
        assert "onclick" not in text
    assert "<b>bold</b>" in page.text
    assert "<sub>here</sub>" in page.text
    fields = {"q0.0": "9", "q1.0": NASTY + "\x00\ud800"[:1], "q7.0": "x", "q0.99": "1", "q1.0.3": "x", "page": "-1"}
    page = browser.post(scene.ann_link, data={**fields, "attempt": "1", "go": "save"})
    assert page.status_code == 200
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text
    for values in ({"page": "99999"}, {"attempt": "zero"}, {"go": "dance"}, {"page": "1" * 30}):
        assert browser.post(scene.ann_link, data={"attempt": "1", "go": "save", **values}).status_code == 200
    assert browser.post(scene.ann_link, content=b"\xff\xfe", headers={"Content-Type": "text/xml"}).status_code == 200
    assert browser.post(scene.ann_link, data={"go": "auto", "x": "y" * 5_000_000}).status_code == 413
    assert send(browser, scene.ann_link, "submit").status_code == 200


def test_a_long_essay_is_kept_as_far_as_it_may_be(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(
        site, quiz(ESSAY, item("b", "Short", blank(maxchars=5), rule(equal("12345"), 1)), display="allOnePage")
    )
    send(browser, scene.ann_link, "begin")
    send(browser, scene.ann_link, "save", q0_0="x" * 30_000, q1_0="123456789")
    send(browser, scene.ann_link, "submit")
    found = scene.result().ok()
    assert [len(each) for each in found.all("response_value")] == [20_000, 5]


def test_remarks_are_shown_when_nothing_more_can_be_tried(site: TestSite, browser: httpx.Client) -> None:
    hidden = item(
        "b", "Q", choices({"A": "x"}), rule(equal("A"), 1, feedback="f"), "", feedback("f", "For tutors", "Tutor")
    )
    scene = Scene(site, quiz(CAPITAL, hidden, display="allOnePage"), attemptLimit={"attemptTimes": 1})
    send(browser, scene.ann_link, "begin")
    send(browser, scene.ann_link, "save", q0_0="1", q1_0="0")
    page = send(browser, scene.ann_link, "submit")
    assert "Think of the Eiffel Tower." in page.text
    assert "For tutors" not in page.text
    scene.set({"sendReport": False})
    page = browser.get(scene.ann_link)
    assert "Eiffel" not in page.text
    assert "points" not in page.text.partition("Your result")[2]


# ---- the host --------------------------------------------------------------------------------------------


@contextmanager
def signed_in(site: TestSite, web_ex_id: str = "host1") -> Iterator[httpx.Client]:
    """A browser in which somebody is signed in."""
    answer = site.client(web_ex_id).call("user.GetloginurlUser", webExID=web_ex_id).ok()
    parts = urlsplit(answer.value("userLoginURL") or "")
    with httpx.Client(timeout=30) as client:
        client.get(f"{site.server.url}{parts.path}?{parts.query}")
        client.follow_redirects = True
        yield client


def host_page(scene: Scene, *more: object) -> str:
    return "/".join(map(str, (scene.site.server.url, scene.site.name, "tests", scene.session.session_key, *more)))


def test_the_host_scores_essays_by_hand(site: TestSite, browser: httpx.Client) -> None:
    mails = {"notifySubmits": True}
    website = {"startDate": _in(site, hours=-1), "dueDate": _in(site, hours=5), "emailAttendee": mails}
    scene = Scene(site, quiz(ANSWER, ESSAY, display="allOnePage", grades=True))
    scene.set({"deliveryMethod": {"website": website}})
    send(browser, scene.ann_link, "begin")
    send(browser, scene.ann_link, "save", q0_0="42", q1_0=f"Because.\n{NASTY}")
    page = send(browser, scene.ann_link, "submit")
    assert "has to read what you wrote" in page.text
    told = scene.told()
    assert [told.value(each) for each in ("numSubmittedUnscroed", "numSubmittedUnscored", "submittedTest/grade")] == [
        "1",
        "1",
        "",
    ]
    assert [each.recipient for each in outbox_of(site, "test.submitted")] == [f"host1@{site.name}.example"]
    assert outbox_of(site, "test.report") == []
    with signed_in(site) as host:
        assert "Engines" in host.get(host_page(scene)).text
        listed = host.get(host_page(scene, scene.test_id)).text
        attempt = re.search(rf'href="{scene.test_id}/(\d+)"', listed)
        assert attempt is not None
        address = host_page(scene, scene.test_id, attempt[1])
        shown = host.get(address).text
        assert "Because." in shown
        assert "<script>" not in shown
        for wrong in ("6", "-1", "many", "1" * 20):
            refused = host.post(address, data={"m1": wrong})
            assert refused.status_code == 422
            assert "A whole number from 0 to 5 is needed." in refused.text
        assert host.post(address, data={"m1": "", "m0": "3"}).status_code == 200
        assert scene.told().value("numSubmittedUnscored") == "1"
        assert "7 of 8" in host.post(address, data={"m1": "4"}).text
        assert host.get(host_page(scene, scene.test_id, 5)).status_code == 404
        assert host.get(host_page(scene, 5)).status_code == 404
    told = scene.told()
    assert (told.value("submittedTest/score"), told.value("submittedTest/grade")) == ("7", "B")
    assert scene.result().ok().value("grade_value") == "B"
    [report] = outbox_of(site, "test.report")
    about = msgspec.json.decode(report.document, type=Notice).test
    assert about is not None
    assert (report.recipient, about.score, about.highest, about.grade) == ("ann@x.example", 7, 8, "B")
    assert about.link.endswith(scene.ann_link.partition("/test/")[2])


def test_a_test_in_the_session_begins_and_ends_with_the_host(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site, quiz(ANSWER))
    scene.set({"deliveryMethod": {"session": "true"}})
    page = browser.get(scene.ann_link)
    assert "The host has not started this test yet." in page.text
    send(browser, scene.ann_link, "begin")
    assert scene.told().value("numStarted") == "0"
    with signed_in(site) as host:
        address = host_page(scene, scene.test_id)
        assert "End the test" in host.post(address, data={"go": "start"}).text
        assert {each.recipient for each in outbox_of(site, "test.started")} == {"ann@x.example", "ben@x.example"}
        host.post(address, data={"go": "start"})  # pressed twice
        assert len(outbox_of(site, "test.started")) == 2
        assert scene.told().value("status") == "STARTED"
        send(browser, scene.ann_link, "begin")
        send(browser, scene.ann_link, "auto", q0_0="42")
        site.server.clock.ahead += 100
        assert "Start again" in host.post(address, data={"go": "end"}).text
        site.server.clock.ahead += 60
        told = scene.told()
        assert [told.value(each) for each in ("status", "numSubmitted", "submittedTest/score")] == ["ENDED", "1", "3"]
        assert "handed in already" in send(browser, scene.ann_link, "submit").text
        host.post(address, data={"go": "start"})
        assert scene.told().value("status") == "STARTED"
        assert host.post(address, data={"go": "dance"}).status_code == 200
    assert "<strong>3 of 3</strong>" in browser.get(scene.ann_link).text


def test_pages_of_the_host_are_his_alone(site: TestSite, browser: httpx.Client) -> None:
    scene = Scene(site)
    assert browser.get(host_page(scene)).status_code == 403
    with signed_in(site, "attendee1") as other:
        assert other.get(host_page(scene)).status_code == 403
        assert other.post(host_page(scene, scene.test_id), data={"go": "start"}).status_code == 403
    with signed_in(site) as host:
        elsewhere = Scene(site)
        assert host.get(host_page(scene, elsewhere.test_id)).status_code == 404
        assert host.get(f"{site.server.url}/{site.name}/tests/1").status_code == 404
        assert host.get(f"{site.server.url}/{site.name}/tests/{'9' * 30}").status_code == 404
        refused = host.post(
            host_page(scene, scene.test_id), data={"go": "start"}, headers={"Origin": "https://evil.example"}
        )
        assert refused.status_code == 403
        start = host.get(f"{site.server.url}/{site.name}/m.php?AT=HM&MK={scene.session.session_key}")
        assert f"/tests/{scene.session.session_key}" in start.text
