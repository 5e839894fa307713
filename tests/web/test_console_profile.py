"""One's own profile in the console: what the site lets people change of their accounts."""

from __future__ import annotations

import pytest

from parley.domain.site import SiteSettings
from tests.server import TestSite
from tests.web.console import Person
from tests.web.test_pages import NASTY


def test_names_zone_and_language(site: TestSite, person: Person) -> None:
    person.open("profile")
    person.send("profile", FIRST=NASTY, LAST="Lovelace", ZONE="20", LANGUAGE="GERMAN")
    assert (person.where, person.notice) == ("profile", "Ihr Profil wurde gespeichert.")
    assert "<script>alert" not in person.page
    user = site.client().call("user.GetUser", webExId="host1").ok()
    expected = {"firstName": NASTY, "lastName": "Lovelace", "timeZoneID": "20", "language": "GERMAN"}
    assert {path: user.value(path) for path in expected} == expected
    assert person.form("profile")[1]["LANGUAGE"] == "GERMAN"
    person.send("profile")
    assert person.notice == "Es gab nichts zu ändern."
    assert "Meine Besprechungen" in person.open()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"FIRST": ""}, "first"),
        ({"ZONE": "9999"}, "zone"),
        ({"ZONE": "x"}, "zone"),
        ({"LANGUAGE": "KLINGON"}, "language"),
    ],
)
def test_what_is_wrong_is_said(site: TestSite, person: Person, sent: dict[str, str], field: str) -> None:
    person.open("profile")
    person.send("profile", LAST="Lovelace", **sent)
    assert person.status == 400
    assert f'id="{field}-error"' in person.page or 'class="wrong"' in person.page
    assert person.form("profile")[1]["LAST"] == "Lovelace"
    assert site.client().call("user.GetUser", webExId="host1").ok().value("lastName") == "Tester"


def test_the_personal_room_is_named_where_there_is_one(site: TestSite, person: Person) -> None:
    for enabled in (True, False):
        site.client("admin").call("user.SetUser", webExId="host1", privilege={"isEnablePMR": enabled}).ok()
        address = (
            site.client().call("user.GetUser", webExId="host1").ok().value("personalMeetingRoom/personalMeetingRoomURL")
        )
        assert (address is not None) is enabled
        assert ("Personal room" in person.open("profile")) is enabled
        assert f'<a href="{address}">' in person.page or not enabled


def test_names_that_the_site_keeps(site: TestSite, person: Person) -> None:
    site.set(settings=SiteSettings(allow_change_first_name=False, display_names=True, allow_change_display_name=False))
    page = person.open("profile")
    fields = person.form("profile")[1]
    assert "FIRST" not in fields
    assert "DISPLAY" not in fields
    assert "LAST" in fields
    assert "Your administrator keeps some of your names" in page
    csrf = fields["CSRF"]
    person.post("profile", CSRF=csrf, FIRST="Grace", LAST="Hopper", ZONE=fields["ZONE"], LANGUAGE=fields["LANGUAGE"])
    user = site.client().call("user.GetUser", webExId="host1").ok()
    assert (user.value("firstName"), user.value("lastName")) == ("Host1", "Hopper")
    admin = Person(site, "admin")
    admin.open("profile")
    assert {"FIRST", "LAST", "DISPLAY"} <= set(admin.form("profile")[1])
    admin.close()
    site.set(settings=SiteSettings(control_hub=True))
    person.open("profile")
    assert {"FIRST", "LAST"}.isdisjoint(person.form("profile")[1])


def test_display_names_where_the_site_has_them(site: TestSite, person: Person) -> None:
    person.open("profile")
    assert "DISPLAY" not in person.form("profile")[1]
    site.set(settings=SiteSettings(display_names=True))
    person.open("profile")
    person.send("profile", DISPLAY="Countess Ada")
    assert person.notice == "Your profile was saved."
    assert site.client().call("user.GetUser", webExId="host1").ok().value("displayName") == "Countess Ada"


def test_accounts_that_hold_no_meetings_have_a_profile(site: TestSite) -> None:
    person = Person(site, "attendee1")
    assert (person.status, person.where, person.heading) == (200, "profile", "Profile")
    person.send("profile", LAST="Byron")
    assert person.notice == "Your profile was saved."
    person.close()
