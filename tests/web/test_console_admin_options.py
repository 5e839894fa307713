"""The administrators' pages of options, passwords and tracking codes: what they set, and that no change is lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from parley.domain.site import SiteSettings, SupportQueue, Telephony, TrackingCode
from parley.services.site_changes import Author, change_site, flat, plain
from parley.services.site_values import with_values
from parley.store import Engine
from parley.web.console.admin_settings import OPTIONS, PASSWORDS
from tests.server import TestSite
from tests.web.console import Person, logged
from tests.web.test_pages import NASTY

#: Settings that have pages of their own.
ELSEWHERE = {
    "default_session_type",
    "tracking_codes",
    "inspector",
    # Sets of criteria have only the fields that GetSite tells.
    "meeting_password_criteria.disallow_repeated",
    "account_password_criteria.disallow_web_text_sessions",
    "recording_password_criteria.disallow_repeated",
    "recording_password_criteria.disallow_web_text_accounts",
}
#: Single sign-on is set up by whoever runs the server; that it is there is all that the page shows.
_SINGLE_SIGN_ON = ("openid.", "saml.")
_COLUMNS = {"name", "partner_id", "level", "active", "suspended"}
_ALL = [option for group in (*OPTIONS, *PASSWORDS) for option in group.options]


def settings_of(site: TestSite) -> dict[str, Any]:
    return dict(flat(site.row()))


# ---- the declaration -------------------------------------------------------------------------------------------------


def test_every_setting_is_on_a_page(shared_site: TestSite) -> None:
    names = [option.name for option in _ALL]
    assert len(names) == len(set(names))
    expected = {name for name in set(names) | ELSEWHERE if not name.startswith(_SINGLE_SIGN_ON)}
    assert {n for n in settings_of(shared_site) if n not in _COLUMNS and not n.startswith(_SINGLE_SIGN_ON)} == expected


def test_the_docs_name_what_has_no_effect_so_far() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "administrators.md").read_text(encoding="utf-8")
    (names,) = re.findall(r"Kept but without effect yet: (.*)\.", docs)
    assert re.findall(r"`(\w+)`", names) == [option.name for option in _ALL if option.idle]


def test_every_option_reads_what_it_writes(shared_site: TestSite) -> None:
    row = shared_site.row()
    for option in _ALL:
        assert plain(option.read(option.text(row), row, 0)) == plain(_listed(option.value(row)))
        assert option.shown(row, 0)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def test_where_get_site_tells_an_option(shared_site: TestSite) -> None:
    answer = shared_site.client().call("site.GetSite").ok()
    shared_site.set(settings=SiteSettings(host_limit=5))
    with_limit = shared_site.client().call("site.GetSite").ok()
    shared_site.set(settings=SiteSettings())
    optional = {"meetingPlace", "myWebExConfig/myWebExProMaxHosts"}
    for option in _ALL:
        if option.told and option.told not in optional:
            group, _, name = option.told.rpartition("/")
            told = with_limit if option.name == "host_limit" else answer
            assert name in told.names("/".join(filter(None, ("siteInstance", group)))), option.told


# ---- options ---------------------------------------------------------------------------------------------------------

CHANGES = {
    "DEFAULT_TIME_ZONE_ID": ("25", 25),
    "DEFAULT_DURATION": ("45", 45),
    "ENTRY_EXIT_TONE": ("BEEP", "BEEP"),
    "MAX_ATTENDEES": ("200", 200),
    "BRAND_NAMES": ("Acme\n\n  Acme   Europe \n", ["Acme", "Acme Europe"]),
    "MAIL_SENDER": ("meet@acme.example", "meet@acme.example"),
    "MAIL_SENDER_NAME": (NASTY, NASTY),
    "HISTORY_DAYS": ("", None),
    "REGION": ("Germany", "Germany"),
    "LANGUAGE": ("GERMAN", "GERMAN"),
    "URL_API.ADDRESSES": ("https://portal.example.org/", ["https://portal.example.org/"]),
    "NOTICES.HOSTS": ("portal.example.org:8443", ["portal.example.org:8443"]),
    "MEETING_PLACE.MP_LOGOUT_URL": ("https://mp.example/out", "https://mp.example/out"),
    "LABS.COMPUTERS": ("12", 12),
    "TELEPHONY.TOLL_NUMBER": ("+49 30 1234", "+49 30 1234"),
}


def test_options_are_changed(site: TestSite, admin: Person) -> None:
    before = settings_of(site)
    admin.open("admin/options")
    sent = {name: text for name, (text, _value) in CHANGES.items()}
    admin.send("admin/options", ("ATTENDEE_LIST", "CLASSIC_EVENTS"), **sent, WAITING_LIST="1")
    assert admin.notice == "The changes were saved."
    expected = {name.lower(): value for name, (_text, value) in CHANGES.items()}
    expected |= {"attendee_list": False, "classic_events": False, "waiting_list": True}
    after = settings_of(site)
    assert {name: after[name] for name in after if after[name] != before[name]} == expected
    assert logged(site)[0][:2] == ("admin", "CONSOLE")
    assert set(logged(site)[0][2]) == set(expected)
    assert "<script>alert" not in admin.page
    told = site.client().call("site.GetSite").ok()
    assert told.value("siteInstance/metaData/timeZoneID") == "25"
    assert told.value("siteInstance/metaData/region") == "Germany"
    version = site.row().version
    admin.send("admin/options")
    assert admin.notice == "Nothing was different, so nothing was changed."
    assert site.row().version == version


def test_lists_of_groups(site: TestSite, admin: Person) -> None:
    kept = SupportQueue("Printers", "ALL", 1_700_000_000)
    site.set(settings=SiteSettings(support_queues=[kept]))
    admin.open("admin/options")
    admin.send(
        "admin/options",
        **{
            "SUPPORT_QUEUES": "Printers\nNetwork; agent\n",
            "TELEPHONY.GLOBAL_NUMBERS": "Germany; +49 30 1\nJapan; +81 3 2; toll-free",
        },
    )
    assert admin.notice == "The changes were saved."
    queues = site.row().settings.support_queues
    assert queues[0] == kept
    assert (queues[1].name, queues[1].type) == ("Network", "AGENT")
    numbers = site.row().settings.telephony.global_numbers
    assert [(each.country, each.number, each.toll_free) for each in numbers] == [
        ("Germany", "+49 30 1", False),
        ("Japan", "+81 3 2", True),
    ]
    assert admin.form("admin/options")[1]["TELEPHONY.GLOBAL_NUMBERS"].endswith("Japan; +81 3 2; toll-free")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("DEFAULT_DURATION", "0", "Please give a whole number from 1 to 999999."),
        ("DEFAULT_DURATION", "", "Please give a whole number from 1 to 999999."),
        ("DEFAULT_DURATION", "1.5", "Please give a whole number from 1 to 999999."),
        ("DEFAULT_OPEN_TIME", "9" * 3000, "Please give a whole number from 0 to 86400."),
        ("HISTORY_DAYS", "89", "Please give a whole number from 90 to 36500."),
        ("DEFAULT_TIME_ZONE_ID", "9999", "Please choose one."),
        ("REGION", NASTY, "Please choose one."),
        ("ENTRY_EXIT_TONE", "KAZOO", "Please choose one."),
        ("MAIL_SENDER", "nobody", "Please give an e-mail address."),
        ("MAIL_SENDER", "x" * 10_000, "At most 254 characters, please."),
        ("MAIL_SENDER_NAME", "x" * 65, "At most 64 characters, please."),
        ("URL_API.ADDRESSES", "javascript:alert(1)", "Please give addresses that begin with https://"),
        ("URL_API.ADDRESSES", "https://a.example/?x=1", "Please give addresses that begin with https://"),
        ("NOTICES.HOSTS", "Not A Host", "Please give names of hosts in small letters"),
        ("SUPPORT_QUEUES", "A\na", "Each line needs a name of its own"),
        ("SUPPORT_QUEUES", "A; COOK", "COOK is none of AGENT, MANAGER and ALL."),
        ("TELEPHONY.GLOBAL_NUMBERS", "Germany", "Each line is a country and a number"),
        ("BRAND_NAMES", "x\n" * 5_000, "At most 3900 characters, please."),
    ],
)
def test_values_that_do_not_fit(site: TestSite, admin: Person, name: str, text: str, problem: str) -> None:
    before = settings_of(site)
    admin.open("admin/options")
    page = admin.send("admin/options", **{name: text, "LOCALE": "GERMANY"})
    assert admin.status == 400
    assert re.search(f'id="{re.escape(name.lower())}-error">{re.escape(problem)}', page)
    assert admin.form("admin/options")[1]["LOCALE"] == "GERMANY"
    assert "<script>alert" not in admin.page
    assert settings_of(site) == before
    admin.send("admin/options", **{name: admin_text(site, name)})
    assert admin.notice == "The changes were saved."
    assert site.row().settings.locale == "GERMANY"


def admin_text(site: TestSite, name: str) -> str:
    return next(option.text(site.row()) for option in _ALL if option.key == name)


def test_characters_that_cannot_be_seen_are_left_out(site: TestSite, admin: Person) -> None:
    admin.open("admin/options")
    admin.send("admin/options", LOCALE="GER\x00MANY\x07")
    assert site.row().settings.locale == "GERMANY"


def test_what_the_server_decides_is_shown_only(site: TestSite, admin: Person) -> None:
    site.set(settings=SiteSettings(host_limit=7))
    page = admin.open("admin/options")
    assert 'Active hosts at most</strong> <span class="value">7</span>' in page
    fields = admin.form("admin/options")[1]
    for option in _ALL:
        if option.server:
            assert option.key not in fields
            assert f"WAS.{option.key}" not in fields
    csrf = fields["CSRF"]
    before = settings_of(site)
    sent = {
        "HOST_LIMIT": "",
        "NOTICES.PRIVATE_ADDRESSES": "1",
        "CONTROL_HUB": "1",
        "OPENID.ISSUER": "http://localhost/",
    }
    admin.post("admin/options", None, CSRF=csrf, **sent, **{f"WAS.{name}": "x" for name in sent})
    assert admin.notice == "Nothing was different, so nothing was changed."
    assert settings_of(site) == before


def test_unknown_fields_and_fields_without_their_marks_change_nothing(site: TestSite, admin: Person) -> None:
    admin.open("admin/options")
    csrf = admin.form("admin/options")[1]["CSRF"]
    before = settings_of(site)
    admin.post("admin/options", None, CSRF=csrf, DEFAULT_DURATION="5", NAME="other", SITE_ID="1", **{"WAS.LEVEL": "x"})
    assert settings_of(site) == before


def test_what_others_changed_meanwhile_stays(site: TestSite, admin: Person) -> None:
    other = Person(site, "admin")
    admin.open("admin/options")
    other.open("admin/options")
    other.send("admin/options", DEFAULT_DURATION="45", WAITING_LIST="1")
    admin.send("admin/options", MAX_ATTENDEES="50")
    assert admin.notice == "The changes were saved."
    found = site.row().settings
    assert (found.default_duration, found.waiting_list, found.max_attendees) == (45, True, 50)
    other.close()


def test_two_who_change_the_same(site: TestSite, admin: Person) -> None:
    other = Person(site, "admin")
    admin.open("admin/options")
    other.open("admin/options")
    other.send("admin/options", ("ATTENDEE_LIST",), DEFAULT_DURATION="45")
    page = admin.send("admin/options", DEFAULT_DURATION="30", MAX_ATTENDEES="50")
    assert admin.status == 400
    assert "admin changed this meanwhile: 45. Save again to have yours instead." in page
    fields = admin.form("admin/options")[1]
    assert (fields["DEFAULT_DURATION"], fields["MAX_ATTENDEES"]) == ("30", "50")
    assert "ATTENDEE_LIST" not in fields
    assert (site.row().settings.default_duration, site.row().settings.max_attendees) == (45, 1000)
    admin.send("admin/options")
    found = site.row().settings
    assert (found.default_duration, found.max_attendees, found.attendee_list) == (30, 50, False)
    other.close()


def test_somebody_who_is_faster_by_a_moment(site: TestSite, admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    others = {"max_attendees": 70}

    async def late(engine: Engine, site_id: int, change: Any, by: Author, now: int) -> Any:
        values, other = dict(others), Author("other", "CLI")
        others.clear()
        if values:
            await change_site(engine, site_id, lambda present: with_values(present, values), other, now)
        return await change_site(engine, site_id, change, by, now)

    monkeypatch.setattr("parley.web.console.admin_fields.change_site", late)
    admin.open("admin/options")
    admin.send("admin/options", DEFAULT_DURATION="30")  # something else of the site
    assert (site.row().settings.default_duration, site.row().settings.max_attendees) == (30, 70)
    others["default_duration"] = 45
    page = admin.send("admin/options", DEFAULT_DURATION="20")
    assert admin.status == 400
    assert "other changed this meanwhile: 45." in page
    assert site.row().settings.default_duration == 45


def test_finding_options_without_scripts(admin: Person) -> None:
    page = admin.open("admin/options?FIND=waiting")
    assert "Whoever registers for a full session waits for a seat" in page
    assert "Length in minutes" not in page
    assert "No option fits" in admin.open(f"admin/options?FIND={'x' * 5000}")
    admin.open("admin/options?FIND=<script>alert(1)</script>")
    assert "<script>alert" not in admin.page
    assert "Length in minutes" in admin.open("admin/options?FIND=default_duration")


def test_a_form_that_was_found_changes_only_what_it_shows(site: TestSite, admin: Person) -> None:
    admin.open("admin/options?FIND=default_duration")
    before = settings_of(site)
    assert "WAS.WAITING_LIST" not in admin.form("admin/options")[1]
    admin.send("admin/options", DEFAULT_DURATION="90")
    after = settings_of(site)
    assert {name for name in after if after[name] != before[name]} == {"default_duration"}


# ---- passwords -------------------------------------------------------------------------------------------------------


def test_criteria_are_changed(site: TestSite, admin: Person) -> None:
    admin.open("admin/passwords")
    admin.send(
        "admin/passwords",
        ("ACCOUNT_PASSWORD_CRITERIA.MIXED_CASE",),
        STRICT_MEETING_PASSWORDS="1",
        PASSWORD_LIFETIME="90",
        LOCK_AFTER_FAILURES="",
        **{
            "MEETING_PASSWORD_CRITERIA.MIN_LENGTH": "8",
            "MEETING_PASSWORD_CRITERIA.DISALLOWED": f"secret\n{NASTY}",
            "RECORDING_PASSWORD_CRITERIA.DISALLOWED": "",
        },
    )
    assert admin.notice == "The changes were saved."
    found = site.row().settings
    assert found.strict_meeting_passwords
    assert found.meeting_password_criteria.min_length == 8
    assert found.meeting_password_criteria.disallowed == ("secret", NASTY)
    assert found.recording_password_criteria.disallowed == ()
    assert not found.account_password_criteria.mixed_case
    assert (found.password_lifetime, found.lock_after_failures) == (90, None)
    assert "<script>alert" not in admin.page
    told = site.client().call("site.GetSite").ok()
    assert told.value("siteInstance/passwordCriteria/minLength") == "8"
    assert told.value("siteInstance/securityOptions/passwordLifetime") == "90"
    site.client().call(
        "meeting.CreateMeeting", {"metaData": {"confName": "x"}, "accessControl": {"meetingPassword": "short"}}
    ).failed("019011")


def test_criteria_that_no_password_can_keep(site: TestSite, admin: Person) -> None:
    before = settings_of(site)
    admin.open("admin/passwords")
    page = admin.send("admin/passwords", **{"MEETING_PASSWORD_CRITERIA.MIN_LENGTH": "17"})
    assert admin.status == 400
    assert "Please give a whole number from 0 to 16." in page
    sent = {f"MEETING_PASSWORD_CRITERIA.{each}": "9" for each in ("MIN_ALPHA", "MIN_NUMERIC", "MIN_LENGTH")}
    page = admin.send("admin/passwords", **sent)
    assert admin.status == 400
    assert "No password that is allowed can be so long or so varied." in page
    page = admin.send("admin/passwords", **{"ACCOUNT_PASSWORD_CRITERIA.DISALLOWED": "x" * 61})
    assert admin.status == 400
    assert settings_of(site) == before


def test_criteria_that_are_possible_together_only(site: TestSite, admin: Person) -> None:
    admin.open("admin/passwords")
    names = {"MIN_ALPHA": "8", "MIN_NUMERIC": "8"}
    admin.send("admin/passwords", **{f"MEETING_PASSWORD_CRITERIA.{name}": value for name, value in names.items()})
    assert admin.notice == "The changes were saved."
    names = {"MIN_ALPHA": "4", "MIN_NUMERIC": "12"}
    admin.send("admin/passwords", **{f"MEETING_PASSWORD_CRITERIA.{name}": value for name, value in names.items()})
    assert admin.notice == "The changes were saved."


@pytest.mark.parametrize(
    ("kind", "password", "problems"),
    [
        ("account_password_criteria", "Kp7-mistral-Q", []),
        (
            "account_password_criteria",
            "aaa",
            ["the least is 8 characters", "no capital letter", "too few digits; the least is 1", "three times"],
        ),
        ("account_password_criteria", "PassWord", ["too few digits", "It is one of the forbidden passwords."]),
        ("account_password_criteria", "Admin-x-77", ["the name of the site or of the person"]),
        ("meeting_password_criteria", "x" * 200, ["the most is 16 characters"]),
        ("meeting_password_criteria", "a b cd", ["blanks, or characters that cannot be seen"]),
    ],
)
def test_trying_a_password(site: TestSite, admin: Person, kind: str, password: str, problems: list[str]) -> None:
    admin.open("admin/passwords")
    page = admin.send("admin/passwords/try", KIND=kind, TRIED=password)
    assert admin.status == 200
    assert all(each in page for each in problems)
    assert ("This password keeps all criteria." in page) == (not problems)
    assert password not in page
    assert logged(site) == []
    assert admin.form("admin/passwords/try")[1]["KIND"] == kind


def test_trying_for_nothing_that_has_passwords(admin: Person) -> None:
    admin.open("admin/passwords")
    admin.send("admin/passwords/try", KIND="level", TRIED="x")
    assert admin.status == 404


# ---- tracking codes --------------------------------------------------------------------------------------------------


def test_codes_are_added_changed_and_removed(site: TestSite, admin: Person) -> None:
    assert "There are no tracking codes yet" in admin.open("admin/tracking")
    admin.open("admin/tracking/1")
    admin.send(
        "admin/tracking/1",
        NAME=NASTY,
        PROFILE="REQUIRED",
        VALUES="4711\n 4712 \n\n4711",
        **{"FOR.MEETINGCENTER": "OPTIONAL"},
    )
    assert admin.notice == "The changes were saved."
    assert "<script>alert" not in admin.page
    (made,) = site.row().settings.tracking_codes
    assert (made.name, made.values, made.scheduling) == (NASTY, ["4711", "4712"], {"MeetingCenter": "OPTIONAL"})
    assert logged(site)[0] == ("admin", "CONSOLE", ["tracking_codes"])
    told = site.client().call("site.GetSite").ok()
    code = "siteInstance/trackingCodes/trackingCode"
    assert told.value(f"{code}/hostProfile") == "REQUIRED"
    assert told.value(f"{code}/inputMode") == "select"
    site.client("admin").call(
        "user.CreateUser",
        firstName="A",
        lastName="B",
        webExId="codeless",
        email="codeless@acme.example",
        password="Kp7-mistral-Q",
        privilege={"host": True},
    ).failed("030009")
    admin.open("admin/tracking/1")
    admin.send("admin/tracking/1", NAME="Cost center", PROFILE="ADMIN_SET", VALUES="")
    (made,) = site.row().settings.tracking_codes
    assert (made.name, made.profile_rule, made.values) == ("Cost center", "ADMIN_SET", [])
    assert "Set by administrators only" in admin.page
    admin.open("admin/tracking/1")
    admin.send("admin/tracking/1")
    assert admin.notice == "Nothing was different, so nothing was changed."
    admin.open("admin/tracking/1/remove")
    assert admin.heading == "Remove Cost center?"
    admin.send("admin/tracking/1/remove")
    assert admin.notice == "The tracking code was removed."
    assert site.row().settings.tracking_codes == []
    admin.open("admin/tracking/1/remove")
    assert admin.status == 404


def test_up_to_ten_codes(site: TestSite, admin: Person) -> None:
    codes = [TrackingCode(index, f"Code {index}") for index in range(1, 11) if index != 4]
    site.set(settings=SiteSettings(tracking_codes=codes))
    page = admin.open("admin/tracking")
    assert f"/{site.name}/console/admin/tracking/4" in page
    admin.open("admin/tracking/4")
    admin.send("admin/tracking/4", NAME="Four")
    assert [each.index for each in site.row().settings.tracking_codes] == list(range(1, 11))
    assert "Add a code" not in admin.open("admin/tracking")
    for number in ("0", "11", "x", "99999999999", "%00"):
        admin.open(f"admin/tracking/{number}")
        assert admin.status == 404


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"NAME": ""}, "Please fill this in."),
        ({"NAME": "x" * 129}, "At most 128 characters, please."),
        ({"NAME": "TAKEN"}, "Another code has this label already."),
        ({"PROFILE": "KAZOO"}, "Please choose one."),
        ({"FOR.EVENTCENTER": NASTY}, "Please choose one."),
        ({"VALUES": "x" * 129}, "At most 500 values of at most 128 characters each"),
        ({"VALUES": "x\n" * 10_000}, "At most 500 values of at most 128 characters each"),
    ],
)
def test_codes_that_cannot_be(site: TestSite, admin: Person, sent: dict[str, str], problem: str) -> None:
    site.set(settings=SiteSettings(tracking_codes=[TrackingCode(1, "Taken")]))
    before = site.row()
    admin.open("admin/tracking/2")
    page = admin.send("admin/tracking/2", **{"NAME": "Cost center"} | sent)
    assert admin.status == 400
    assert problem in page
    assert "<script>alert" not in admin.page
    assert site.row() == before


def test_two_who_change_a_code_at_once(site: TestSite, admin: Person) -> None:
    site.set(settings=SiteSettings(tracking_codes=[TrackingCode(1, "One"), TrackingCode(2, "Two", required=True)]))
    other = Person(site, "admin")
    admin.open("admin/tracking/1")
    other.open("admin/tracking/2")
    other.send("admin/tracking/2", NAME="Second")
    admin.send("admin/tracking/1", NAME="First")
    assert [each.name for each in site.row().settings.tracking_codes] == ["First", "Second"]
    assert site.row().settings.tracking_codes[1].profile_rule == "REQUIRED"
    admin.open("admin/tracking/1")
    other.open("admin/tracking/1")
    other.send("admin/tracking/1", NAME="Theirs")
    page = admin.send("admin/tracking/1", NAME="Mine")
    assert admin.status == 409
    assert "admin changed this code meanwhile." in page
    assert site.row().settings.tracking_codes[0].name == "Theirs"
    admin.send("admin/tracking/1")
    assert site.row().settings.tracking_codes[0].name == "Mine"
    other.close()


def test_lists_that_are_too_long_for_a_page(site: TestSite, admin: Person) -> None:
    values = [f"{number:0>20}" for number in range(400)]
    code = TrackingCode(1, "Long", values=values)
    site.set(settings=SiteSettings(tracking_codes=[code], brand_names=values))
    assert "the command line changes it" in admin.open("admin/tracking/1")
    assert "the command line changes it" in admin.open("admin/options")
    assert "BRAND_NAMES" not in admin.form("admin/options")[1]
    admin.send("admin/options", DEFAULT_DURATION="45")
    assert site.row().settings.brand_names == values


def test_settings_survive_what_the_page_does_not_know(site: TestSite, admin: Person) -> None:
    telephony = Telephony(toll_number="+1")
    site.set(settings=SiteSettings(telephony=telephony, region="Atlantis"))
    admin.open("admin/options")
    assert admin.form("admin/options")[1]["REGION"] == "Atlantis"
    admin.send("admin/options", DEFAULT_DURATION="45")
    expected = msgspec.structs.replace(SiteSettings(), telephony=telephony, region="Atlantis", default_duration=45)
    assert site.row().settings == expected
