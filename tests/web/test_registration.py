"""The page where people register, opened and filled in as a browser does it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from lxml import html as markup

from parley.domain.site import SiteSettings
from tests.client import Client
from tests.server import TestSite
from tests.services.events import create_event
from tests.services.meetings import create, in_days
from tests.services.test_attendee import invite, listed, mails, person, register, statuses, with_registration

NASTY = "<script>alert(1)</script>\"'&{{7*7}}"
#: A text that would be something else in a page if it were not written as text.
ODD = "1 < 2 > 0 & \"c\" 'd' {{7*7}}"
WHO = {"FIRST_NAME": "Ada", "LAST_NAME": "Löw", "EMAIL": "ada@people.example"}
OWN_FIELDS: dict[str, Any] = {
    "textBox": [{"label": "Why?", "req": True, "type": "MULTI_LINE", "height": 3, "index": 1}],
    "checkBoxGroup": {
        "label": "Food",
        "checkBox": [{"label": "Meat", "state": "SELECTED"}, {"label": ODD}],
        "req": True,
        "index": 2,
    },
    "optionButtonGroup": {
        "label": "Size",
        "defaultChoice": 2,
        "choice": [{"label": "S"}, {"label": "L"}],
        "req": True,
        "index": 3,
    },
    "dropDownGroup": {"label": "Day", "choice": [{"label": "Mon"}, {"label": "Tue"}], "index": 4},
}


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    """A browser that does not follow redirects by itself, so that tests see them."""
    with httpx.Client(timeout=30, headers={"Accept": "text/html,*/*;q=0.8"}) as client:
        yield client


def link_of(client: Client, key: str) -> str:
    """The registration page of a session."""
    answer = client.call("meeting.GetjoinurlMeeting", sessionKey=key).ok()
    return answer.value("registerMeetingURL") or ""


def event_with_form(site: TestSite, **groups: Any) -> str:
    """An event with a form of all kinds of fields; its registration page."""
    client = site.client()
    standard = {"phone": {"incl": True}, "company": {"incl": True, "req": True}, "futureInfo": {"incl": True}}
    form = {"standardFields": standard, "customFields": OWN_FIELDS}
    usual: dict[str, Any] = {"enrollment": {"approvalReq": False}}
    return link_of(client, create_event(client, ODD, enrollmentForm=form, **{**usual, **groups}))


def inputs(page: httpx.Response) -> dict[str, str]:
    """Labels of the form's fields and the names they are sent under; check boxes and buttons by their own label."""
    tree = markup.fromstring(page.text)
    found = {}
    for each in tree.xpath("//form//*[self::input or self::select or self::textarea][@name][not(@type='hidden')]"):
        label = (
            each.getparent() if each.getparent().tag == "label" else tree.xpath(f"//label[@for='{each.get('id')}']")[0]
        )
        found[label.text_content().replace("(optional)", "").strip()] = each.get("name")
    return found


def filled(names: dict[str, str], **more: str) -> dict[str, str]:
    """A form with everything that has to be there."""
    return {**WHO, names["Company"]: "Acme", names["Why?"]: "Because", names["Meat"]: "1", names["S"]: "1", **more}


def test_a_form_with_every_kind_of_field(site: TestSite, browser: httpx.Client) -> None:
    link = event_with_form(site)
    page = browser.get(link)
    assert page.status_code == 200
    assert "no-store" in page.headers["cache-control"]
    tree = markup.fromstring(page.text)
    names = inputs(page)
    assert list(names) == [
        *("First name", "Last name", "E-mail address", "Telephone", "Company", "Tell me about later events"),
        *("Why?", "Meat", ODD, "S", "L", "Day"),
    ]
    assert tree.xpath("//input[@type='checkbox'][@checked]/@name") == [names["Meat"]]
    assert tree.xpath("//input[@type='radio'][@checked]/@value") == ["2"]
    assert [each.text for each in tree.xpath("//select/option")] == ["Choose…", "Mon", "Tue"]
    assert tree.xpath("//textarea/@rows") == ["3"]
    assert tree.xpath("//input[@name='EMAIL']/@autocomplete") == ["email"]
    assert [each.text.strip() for each in tree.xpath("//legend")] == ["Food", "Size"]
    required = set(tree.xpath("//*[@required]/@name"))
    assert required == {"FIRST_NAME", "LAST_NAME", "EMAIL", names["Company"], names["Why?"], names["S"]}
    assert ODD not in page.text
    assert tree.xpath("//h1")[0].text == ODD


def test_whoever_fills_it_in_right_is_registered(site: TestSite, browser: httpx.Client) -> None:
    link = event_with_form(site)
    names = inputs(browser.get(link))
    page = browser.post(link, data=filled(names, **{names["Why?"]: "One\r\ntwo", names["Day"]: "2"}))
    assert page.status_code == 200
    assert "You are registered" in page.text
    join = re.search(r'href="([^"]*RID=\d+)"', page.text)
    assert join
    entry = browser.get(html.unescape(join[1]).replace(site.server.config.base_url, site.server.url))
    assert entry.status_code == 200
    assert markup.fromstring(entry.text).xpath("//h1")[0].text == ODD
    calendar = re.search(r'href="(j\.php[^"]*)"', page.text)
    assert calendar
    file = browser.get(f"{site.server.url}/{site.name}/{html.unescape(calendar[1])}")
    assert file.text.startswith("BEGIN:VCALENDAR")
    assert ("registration.accepted", "ada@people.example") in mails(site)
    assert ("registration.received", f"host1@{site.name}.example") in mails(site)
    key = re.search(r"MK=(\d+)", html.unescape(join[1]))
    assert key
    answer = site.client().call("attendee.GetEnrollmentInfo", sessionKey=key[1]).ok()
    values = dict(zip(answer.all("field/label"), answer.all("field/value"), strict=True))
    assert values == {"Why?": "One\ntwo", "Food": "Meat", "Size": "S", "Day": "Tue"}


@pytest.mark.parametrize(
    ("label", "value", "complaint"),
    [
        ("First name", " ", "Please fill this in."),
        ("E-mail address", "ada", "This is no e-mail address."),
        ("E-mail address", "a@b@c", "This is no e-mail address."),
        ("Company", "x" * 129, "This is too long."),
        ("Why?", "", "Please fill this in."),
        ("Why?", "x" * 2001, "This is too long."),
        ("Meat", "", "Please fill this in."),
        ("S", "3", "Please choose one of these."),
        ("Day", "-1", "Please choose one of these."),
    ],
)
def test_what_is_wrong_stands_next_to_its_field(
    site: TestSite, browser: httpx.Client, label: str, value: str, complaint: str
) -> None:
    link = event_with_form(site)
    names = inputs(browser.get(link))
    page = browser.post(link, data=filled(names, **{names["Telephone"]: NASTY, names[label]: value}))
    assert page.status_code == 422
    tree = markup.fromstring(page.text)
    assert tree.xpath("//p[@class='error']/text()") == [complaint]
    [wrong] = tree.xpath("//*[@aria-invalid='true']")
    described = wrong.get("aria-describedby")
    assert tree.xpath(f"//p[@id='{described}']/text()") == [complaint]
    assert tree.xpath(f"//div[@role='alert']//a[@href='#{wrong.get('id')}']")
    assert tree.xpath("//title")[0].text.startswith("Please check")
    # What was right stays filled in, harmless.
    assert tree.xpath("//input[@name='LAST_NAME']/@value") == ["Löw"]
    assert tree.xpath("//input[@name='PHONE']/@value") == [NASTY[:64]] or label == "Telephone"
    assert mails(site) == []


def test_rules_decide_and_the_page_says_so(site: TestSite, browser: httpx.Client) -> None:
    rules = [
        {"enrollFieldID": -13, "condition": "ENDS_WITH", "queryField": "@evil.example", "action": "REJECT"},
        {"enrollFieldID": -13, "condition": "ENDS_WITH", "queryField": "@GOOD.example", "action": "APPROVE"},
    ]
    client = site.client()
    key = create_event(client, enrollment={"approvalReq": True, "approvalRules": {"rule": rules}})
    link = link_of(client, key)
    assert "The host decides" in browser.get(link).text
    expected = {
        "a@evil.example": ("was not accepted", "REJECT"),
        "b@good.example": ("You are registered", "ACCEPT"),
        "c@other.example": ("has arrived", "REGISTER"),
    }
    for email, (words, _) in expected.items():
        page = browser.post(link, data={**WHO, "EMAIL": email})
        assert (page.status_code, words in page.text) == (200, True)
        assert ("RID=" in page.text) is (words == "You are registered")
    assert statuses(client, key) == {email: status for email, (_, status) in expected.items()}


def test_nothing_is_told_of_who_is_on_the_list(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    key = create(client, **with_registration())
    register(client, key, person(1)).ok()
    invite(client, key, person(2)).ok()
    link = link_of(client, key)
    before = listed(client, key).all("attendee/registerID")
    for number in (1, 2, 2):
        page = browser.post(link, data={**WHO, "EMAIL": f"P{number}@people.example"})
        assert "on the list already" in page.text
        assert not any(each in page.text for each in before)
        assert "RID=" not in page.text
    # Who was invited is in now; who was in is as before.
    assert statuses(client, key) == {"p1@people.example": "ACCEPT", "p2@people.example": "ACCEPT"}
    assert listed(client, key).all("attendee/registerID") == before


def test_nobody_is_pushed_down_by_a_form_in_his_name(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    key = create(client, **with_registration(auto=False))
    invite(client, key, person(1)).ok()
    register(client, key, person(2, joinStatus="ACCEPT"), person(3, joinStatus="REJECT")).ok()
    before = statuses(client, key)
    for number in (1, 2, 3):
        browser.post(link_of(client, key), data={**WHO, "EMAIL": f"p{number}@people.example"})
    assert statuses(client, key) == before


def test_full_closed_and_waiting(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    key = create(client, **with_registration(limit=1))
    link = link_of(client, key)
    assert "You are registered" in browser.post(link, data=WHO).text
    for page in (browser.get(link), browser.post(link, data={**WHO, "EMAIL": "b@people.example"})):
        assert "Nobody else can register" in page.text
        assert "<form" not in page.text
    site.set(settings=SiteSettings(waiting_list=True))
    assert "onto the waiting list" in browser.get(link).text
    page = browser.post(link, data={**WHO, "EMAIL": "b@people.example"})
    assert "You are on the waiting list" in page.text
    assert "RID=" not in page.text
    site.server.clock.ahead = 4 * 86_400
    for page in (browser.get(link), browser.post(link, data={**WHO, "EMAIL": "c@people.example"})):
        assert "is over" in page.text
        assert "<form" not in page.text
    client.call("meeting.DelMeeting", meetingKey=key).ok()
    assert browser.get(link).status_code == 404


def test_a_registration_password(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    key = create_event(client, enrollment={"approvalReq": False, "passwordReq": True, "password": "Tür-42"})
    link = link_of(client, key)
    assert inputs(browser.get(link))["Registration password"] == "PASSWORD"
    for wrong in ({}, {"PASSWORD": ""}, {"PASSWORD": "Tür-4"}, {"PASSWORD": "tür-42"}):
        page = browser.post(link, data={**WHO, **wrong})
        assert page.status_code == 422
        assert "not the registration password" in page.text
        assert "Tür-4" not in page.text
    assert "You are registered" in browser.post(link, data={**WHO, "PASSWORD": "Tür-42"}).text


def test_guessing_the_registration_password_is_slowed_down(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    key = create_event(client, enrollment={"approvalReq": False, "passwordReq": True, "password": "Secret-42"})
    brake, name = site.server.application.brake, f"{site.site_id}/registration/{key}"
    for number in range(6):
        browser.post(link_of(client, key), data={**WHO, "PASSWORD": f"guess{number}"})
    assert brake.delay(name) > 0
    assert brake.delay(f"{site.site_id}/registration/1") == 0


def test_trying_out_addresses_is_slowed_down(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    key = create(client, **with_registration())
    register(client, key, *(person(each) for each in range(6))).ok()
    link = link_of(client, key)
    for number in range(6):
        browser.post(link, data={**WHO, "EMAIL": f"p{number}@people.example"})
    assert site.server.application.brake.delay(f"{site.site_id}/registrant/{key}/127.0.0.1") > 0


def test_pages_of_others_cannot_register_anybody(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    key = create(client, **with_registration())
    link = link_of(client, key)
    for foreign in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": f"{site.server.url}.evil.example"},
    ):
        assert browser.post(link, data=WHO, headers=foreign).status_code == 403
    listed(client, key).failed("000015")
    for own in ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": site.server.url}, {"Origin": "null"}):
        assert browser.post(link, data=WHO, headers=own).status_code == 200


def test_a_visitor_who_is_signed_in_finds_the_name_filled_in(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    key = create(client, **with_registration())
    start = client.call("meeting.GethosturlMeeting", sessionKey=key).ok().value("hostMeetingURL") or ""
    browser.get(start)
    tree = markup.fromstring(browser.get(link_of(client, key)).text)
    assert tree.xpath("//input[@name='EMAIL']/@value") == [f"host1@{site.name}.example"]
    assert tree.xpath("//input[@name='FIRST_NAME']/@value") == ["Host1"]


def test_forms_beyond_measure(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    key = create(client, **with_registration())
    link = link_of(client, key)
    assert browser.post(link, data={**WHO, "X": "x" * 70_000}).status_code == 413
    assert browser.post(link, data={f"F{each}": "1" for each in range(2_100)}).status_code == 413
    odd = {"FIRST_NAME": "\x00\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "LAST_NAME": "'--"}
    page = browser.post(link, data={**WHO, **odd})
    assert page.status_code == 200
    assert listed(client, key).ok().value("attendee/person/name") == "😀 '--"
    assert (
        browser.post(link, content=b"\xff\xfe=%zz&EMAIL=%00", headers={"Content-Type": "text/plain"}).status_code == 422
    )


def test_where_people_are_led_afterwards(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    for url, shown in (("https://shop.example/thanks", True), ("javascript:alert(1)", False)):
        made = client.call(
            "event.CreateEvent",
            {
                "accessControl": {"sessionPassword": "Secret12"},
                "metaData": {"sessionName": "Led"},
                "schedule": {"startDate": in_days(3)},
                "enrollment": {"approvalReq": False, "endURLAfterEnroll": url},
            },
        )
        if made.result == "FAILURE":
            assert not shown
            continue
        page = browser.post(link_of(client, made.value("sessionKey") or ""), data=WHO)
        assert "You are registered" in page.text
        assert (f'href="{url}"' in page.text) is shown


# ---- joining -------------------------------------------------------------------------------------------------


def join_link(site: TestSite, key: str, **values: Any) -> str:
    query = "".join(f"&{name}={value}" for name, value in values.items())
    return f"{site.server.url}/{site.name}/m.php?AT=JM&MK={key}{query}"


def test_a_registration_id_opens_a_session_and_a_password_alone_does_not(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    private: dict[str, Any] = {
        "accessControl": {"listToPublic": False, "isPublic": False, "meetingPassword": "Secret12"}
    }
    key = create(client, "Registered only", **with_registration(auto=False, **private))
    answer = register(client, key, person(1, joinStatus="ACCEPT"), person(2), person(3, joinStatus="REJECT")).ok()
    accepted, pending, rejected = answer.all("register/registerID")
    assert "Registered only" in browser.get(join_link(site, key, RID=accepted)).text
    for values, status in (
        ({}, 200),
        ({"PW": "Secret12"}, 200),
        ({"RID": pending}, 403),
        ({"RID": rejected}, 403),
        ({"RID": "0"}, 403),
        ({"RID": "9" * 40}, 403),
        ({"RID": "%00"}, 200),
    ):
        page = browser.get(join_link(site, key, **values))
        assert page.status_code == status, values
        assert "Registered only" not in page.text
        assert "RGID" not in page.text
    invited = invite(client, key, person(4)).ok().value("register/registerID")
    assert "Registered only" in browser.post(join_link(site, key), data={"RID": invited}).text


def test_guessing_registration_ids_is_slowed_down(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    key = create(client, **with_registration())
    for number in range(6):
        browser.get(join_link(site, key, RID=100_000 + number))
    assert site.server.application.brake.delay(f"{site.site_id}/register/{key}") > 0


def test_pages_of_a_public_session_lead_to_the_form(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    key = create(client, **with_registration(accessControl={"isPublic": True}))
    answer = client.call("meeting.GetjoinurlMeeting", sessionKey=key).ok()
    form = answer.value("registerMeetingURL") or ""
    for page in (
        browser.get(answer.value("inviteMeetingURL") or ""),
        browser.get(answer.value("joinMeetingURL") or ""),
        browser.get(join_link(site, key)),
    ):
        assert html.escape(form) in page.text


# ---- feedback ------------------------------------------------------------------------------------------------


def test_the_feedback_form(site: TestSite, browser: httpx.Client) -> None:
    client = site.client()
    key = create(client, NASTY)
    link = (client.call("meeting.GetjoinurlMeeting", sessionKey=key).ok().value("inviteMeetingURL") or "").replace(
        "MTID=m", "FGID=f"
    )
    assert browser.get(link.replace("FGID=f", "FGID=m")).status_code == 404
    assert "too early" in browser.get(link).text
    site.server.clock.ahead = 4 * 86_400
    page = browser.get(link)
    assert page.status_code == 200
    tree = markup.fromstring(page.text)
    assert len(tree.xpath("//fieldset/legend")) == 3
    assert len(tree.xpath("//input[@type='radio']")) == 15
    assert NASTY not in page.text
    empty = browser.post(link, data={"COMMENT": " ", "SETUP": "6"})
    assert empty.status_code == 422
    assert "at least one question" in empty.text
    assert browser.post(link, data={"SETUP": "5"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert "Thank you" in browser.post(link, data={"SETUP": "5", "AID": "x" * 50}).text
