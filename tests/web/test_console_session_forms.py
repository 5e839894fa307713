"""Scheduling sessions of every kind in the console, changing them, their pages, and scheduling for another host."""

from __future__ import annotations

import re
from typing import Any

import pytest

from parley.domain.site import SiteSettings, TrackingCode
from parley.store import sessions
from tests.client import Answer
from tests.server import TestSite
from tests.services.events import picture, program
from tests.services.sales_sites import with_sales
from tests.services.test_labs import make_lab
from tests.web.console import OWN, Come, Person, invited_series
from tests.web.test_console_sessions import mails, tomorrow
from tests.web.test_pages import NASTY

READS = {
    "meeting": ("meeting.GetMeeting", "meetingKey"),
    "webinar": ("meeting.GetMeeting", "meetingKey"),
    "event": ("event.GetEvent", "sessionKey"),
    "training": ("training.GetTrainingSession", "sessionKey"),
    "audio": ("teleconference.GetTeleconferenceSession", "sessionKey"),
    "sales": ("sales.GetSalesSession", "meetingKey"),
}


@pytest.fixture
def come(site: TestSite, come: Come) -> Come:
    """Called, host1 signs in; called with a name, somebody else does."""
    return lambda name="host1": come(site, name)


def read(site: TestSite, kind: str, key: str, host: str = "host1") -> Answer:
    operation, name = READS[kind]
    return site.client(host).call(operation, {name: key}).ok()


def fill(person: Person, kind: str, without: tuple[str, ...] = (), **values: str) -> None:
    """Fill in the form for a new session of a kind and send it."""
    person.open(f"sessions/new?kind={kind}")
    usual = {"NAME": "Team", "DATE": tomorrow(), "TIME": "14:30", "ZONE": "20"}
    person.send("meetings/new" if kind == "meeting" else "sessions/new", without, **{**usual, **values})


def scheduled(person: Person, kind: str, without: tuple[str, ...] = (), **values: str) -> str:
    fill(person, kind, without, **values)
    assert person.status == 200, re.findall(r'class="(?:error|wrong)".*?</p>', person.page)
    return person.where.removeprefix("meetings/")


def change(person: Person, key: str, without: tuple[str, ...] = (), **values: str) -> None:
    person.open(f"meetings/{key}/edit")
    person.send("edit", without, **values)
    assert person.notice == "The changes were saved.", re.findall(r'class="(?:error|wrong)".*?</p>', person.page)


def seen(answer: Answer, expected: dict[str, Any]) -> dict[str, Any]:
    return {path: answer.value(path) for path in expected}


# ---- the choice of kinds -----------------------------------------------------------------------------------------


def test_the_kinds_that_site_and_account_have_are_offered(site: TestSite, come: Come) -> None:
    person = come()
    page = person.open("sessions/new")
    offered = re.findall(r"kind=([a-z]+)", page)
    assert offered == ["meeting", "webinar", "event", "training", "audio", "support"]
    with_sales(site)
    assert "kind=sales" in person.open("sessions/new")
    site.set(settings=SiteSettings(classic_events=False))
    assert "kind=event" not in person.open("sessions/new")
    for kind in ("event", "nothing", NASTY):
        person.open(f"sessions/new?kind={kind}")
        assert (person.status, person.heading) == (403, "Not offered here")


def test_only_hosts_schedule(site: TestSite, come: Come) -> None:
    site.set_user("host2", ro_site_admin=True, host=False)
    person = come("attendee1")
    person.open("sessions/new?kind=training")
    assert person.status == 403
    reader = come("host2")
    reader.open("sessions/new?kind=training")
    reader.post("sessions/new", KIND="training", NAME="Team", CSRF=reader.form("sign-out")[1]["CSRF"])
    assert reader.status in (400, 403)
    assert "Nothing is scheduled" in reader.open()
    nobody = Person(site)
    nobody.open("sessions/new?kind=training")
    assert nobody.where.startswith("sign-in")
    nobody.close()
    host = come()
    host.open("sessions/new?kind=audio")
    host.post("sessions/new", KIND="audio", NAME="Team", CSRF="wrong")
    assert host.status == 403
    host.post("sessions/new", {"Sec-Fetch-Site": "cross-site"}, KIND="audio")
    assert host.status == 403


# ---- meetings and webinars ---------------------------------------------------------------------------------------


def test_all_options_of_a_meeting(site: TestSite, come: Come) -> None:
    site.set(
        settings=SiteSettings(tracking_codes=[TrackingCode(1, "Project", scheduling={"MeetingCenter": "OPTIONAL"})])
    )
    person = come()
    key = scheduled(
        person,
        "meeting",
        ("SCHEDULE_JOIN_TELECONF_BEFORE_HOST",),
        META_DATA_GREETING="Hello\nyou",
        META_DATA_LOCATION="Room 5",
        PARTICIPANTS_MAX_USER_NUMBER="12",
        SCHEDULE_ENTRY_EXIT_TONE="1",
        SCHEDULE_EXT_URL="https://acme.example/soon",
        SCHEDULE_EXT_NOTIFY_TIME="15",
        TELEPHONY_TELEPHONY_SUPPORT="OTHER",
        TELEPHONY_EXT_TELEPHONY_DESCRIPTION="Dial 1",
        TELEPHONY_CALL_IN_NUM_TOLL_NUM="123",
        REMIND_EMAILS_EMAIL="ada@example.com\nbob@example.com",
        REMIND="60",
        ASSIST_SERVICE_ASSIST_REQUEST="Dry Run",
        HOSTS=f"host2@{site.name}.example",
        PEOPLE="ada@example.com",
        CODE1="Apollo",
    )
    expected = {
        "metaData/greeting": "Hello\nyou",
        "metaData/location": "Room 5",
        "participants/maxUserNumber": "12",
        "schedule/entryExitTone": "1",
        "schedule/extURL": "https://acme.example/soon",
        "schedule/extNotifyTime": "15",
        "telephony/telephonySupport": "OTHER",
        "telephony/extTelephonyDescription": "Dial 1",
        "telephony/callInNum/tollNum": "123",
        "remind/hoursAhead": "1",
        "assistService/assistRequest": "Dry Run",
        "tracking/trackingCode1": "Apollo",
    }
    answer = read(site, "meeting", key)
    assert seen(answer, expected) == expected
    assert answer.all("remind/emails/email") == ["ada@example.com", "bob@example.com"]
    assert sorted(answer.all("attendee/role")) == ["ATTENDEE", "HOST"]
    change(person, key, SCHEDULE_EXT_URL="", REMIND_EMAILS_EMAIL="bob@example.com")
    answer = read(site, "meeting", key)
    assert answer.value("schedule/extURL") is None
    assert answer.all("remind/emails/email") == ["bob@example.com"]
    assert answer.value("schedule/extNotifyTime") == "15"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"SCHEDULE_EXT_NOTIFY_TIME": "soon"}, "schedule_ext_notify_time"),
        ({"TELEPHONY_TELEPHONY_SUPPORT": "SMOKE"}, "telephony_telephony_support"),
        ({"META_DATA_GREETING": "x" * 10_001}, "meta_data_greeting"),
        ({"HOSTS": "nobody@example.com"}, "hosts"),
        ({"HOSTS": "nobody"}, "hosts"),
        ({"REMIND": "7"}, "remind"),
        ({"TYPE": "104"}, "type"),
    ],
)
def test_what_is_wrong_far_down_is_seen(site: TestSite, come: Come, sent: dict[str, str], field: str) -> None:
    person = come()
    fill(person, "meeting", (), **sent)
    assert person.status == 400
    assert re.findall(r'class="error" id="([a-z0-9_]+)-error"', person.page) == [field]
    kept = person.form("meetings/new")[1]
    assert kept["NAME"] == "Team"


def test_a_list_that_cannot_be_emptied_says_so(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(person, "meeting", REMIND="60", REMIND_EMAILS_EMAIL="ada@example.com")
    person.open(f"meetings/{key}/edit")
    person.send("edit", REMIND_EMAILS_EMAIL="")
    assert person.status == 400
    assert 'id="remind_emails_email-error"' in person.page


def test_texts_that_the_form_cannot_hold_stay(site: TestSite, come: Come) -> None:
    values = {
        "metaData": {"confName": "Team", "greeting": "long " * 4000},
        "schedule": {"startDate": "04/01/2031 09:00:00", "duration": 30, "timeZoneID": 20},
    }
    key = site.client().call("meeting.CreateMeeting", values).ok().value("meetingkey") or ""
    person = come()
    page = person.open(f"meetings/{key}/edit")
    assert "too long for the form" in page
    person.send("edit", NAME="Other")
    answer = read(site, "meeting", key)
    assert answer.value("metaData/confName") == "Other"
    assert (answer.value("metaData/greeting") or "").startswith("long " * 3999)


def test_an_occurrence_begins_as_its_series(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(
        person,
        "meeting",
        ("O_CHAT", "O_POLL"),
        DATE="2031-05-14",
        REPEAT="WEEKLY",
        END="COUNT",
        COUNT="4",
        META_DATA_GREETING="Hello",
        PEOPLE="ada@example.com",
    )
    person.open(f"meetings/{key}/occurrence?day=2031-05-21")
    person.send("occurrence", TIME="16:00")
    other = person.where.removeprefix("meetings/")
    answer = read(site, "meeting", other)
    expected = {
        "enableOptions/chat": "false",
        "enableOptions/poll": "false",
        "enableOptions/notes": "true",
        "metaData/greeting": "Hello",
        "schedule/startDate": "05/21/2031 16:00:00",
        "repeat/isException": "true",
        "attendee/person/email": "ada@example.com",
    }
    assert seen(answer, expected) == expected


def test_what_a_repetition_says_beyond_the_form_stays(site: TestSite, come: Come) -> None:
    values = {
        "metaData": {"confName": "Team"},
        "schedule": {"startDate": "04/01/2031 09:00:00", "duration": 30, "timeZoneID": 20},
        "repeat": {"repeatType": "MONTHLY", "weekInMonth": 2, "dayInWeek": {"day": "FRIDAY"}, "afterMeetingNumber": 6},
    }
    key = site.client().call("meeting.CreateMeeting", values).ok().value("meetingkey") or ""
    change(come(), key, COUNT="4")
    expected = {"repeat/weekInMonth": "2", "repeat/dayInWeek/day": "FRIDAY", "repeat/afterMeetingNumber": "4"}
    assert seen(read(site, "meeting", key), expected) == expected


def test_a_webinar(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(person, "webinar", TYPE="102", PEOPLE="ada@example.com", PRESENTERS="bob@example.com")
    answer = read(site, "webinar", key)
    assert answer.value("metaData/meetingType") == "102"
    assert sorted(answer.all("attendee/role")) == ["ATTENDEE", "PRESENTER"]
    assert '<p class="kind">Webinar' in person.page
    assert "They only watch and listen." in person.page
    assert "Panelist" in person.page


def test_a_webinar_of_which_only_a_name_is_said(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(person, "webinar")
    assert read(site, "webinar", key).value("metaData/meetingType") == "101"
    assert '<p class="kind">Webinar' in person.page
    site.client("admin").call("user.SetUser", webExId="host1", sessionOptions={"defaultSessionType": 102}).ok()
    key = scheduled(person, "meeting")
    assert read(site, "meeting", key).value("metaData/meetingType") == "3"
    assert '<p class="kind">Meeting' in person.page


# ---- events ------------------------------------------------------------------------------------------------------


def test_an_event(site: TestSite, come: Come) -> None:
    number = program(site)
    person = come()
    key = scheduled(
        person,
        "event",
        NAME=NASTY.replace("<", "").replace(">", ""),
        DESCRIPTION="<b>Come</b> all",
        PROGRAM=str(number),
        PASSWORD="Secret77",
        PEOPLE="ada@example.com",
        PRESENTERS="bob@example.com",
        REGISTER="1",
        ENROLLMENT_PASSWORD_REQ="1",
        ENROLLMENT_PASSWORD="Enter1",
        ASK_COMPANY="MUST",
        ASK_PHONE="ASK",
        EXT_OPTIONS_DESTINATION_URL="https://acme.example/after",
        META_DATA_POST_EVENT_SURVEY_DISPLAY="POPUP_WINDOW",
        FIRST_REMINDER_SEND="1",
        FIRST_REMINDER_TIME="2031-01-02T09:30",
        FIRST_REMINDER_SUBJECT="Soon",
        Q1_LABEL="Which team?",
        Q1_KIND="LIST",
        Q1_CHOICES="Red\nBlue",
        Q1_ASKED="MUST",
        Q2_LABEL="Why?",
        Q2_KIND="LINES",
        R1_FIELD="-3",
        R1_CONDITION="CONTAINS",
        R1_TEXT="spy",
    )
    answer = read(site, "event", key)
    expected = {
        "metaData/description": "<b>Come</b> all",
        "metaData/programID": str(number),
        "metaData/postEventSurvey/display": "POPUP_WINDOW",
        "enrollment/passwordReq": "true",
        "enrollment/password": "Enter1",
        "enrollment/approvalReq": "true",
        "enrollment/approvalRules/rule/enrollFieldID": "-3",
        "enrollment/approvalRules/rule/queryField": "spy",
        "enrollmentForm/standardFields/company/req": "true",
        "enrollmentForm/standardFields/phone/incl": "true",
        "enrollmentForm/standardFields/phone/req": "false",
        "enrollmentForm/standardFields/city/incl": "false",
        "enrollmentForm/customFields/dropDownGroup/label": "Which team?",
        "enrollmentForm/customFields/dropDownGroup/req": "true",
        "enrollmentForm/customFields/textBox/type": "MULTI_LINE",
        "extOptions/destinationURL": "https://acme.example/after",
        "extOptions/registration": "true",
        "emailTemplates/reminderMsgs/firstReminder/sendDateTime": "01/02/2031 09:30:00",
        "panelists/panelist/email": "bob@example.com",
        "attendees/attendee/email": "ada@example.com",
    }
    assert seen(answer, expected) == expected
    assert answer.all("dropDownGroup/choice/label") == ["Red", "Blue"]
    told = [each for each in mails(site) if each[0] == "session.invitation"]
    assert [recipient for _, recipient in told] == ["ada@example.com", "bob@example.com"]
    page = person.page
    assert '<p class="kind">Event' in page
    assert all(text in page for text in ("you approve each of them", "Panelist", "Enter1", "RGID="))


def test_questions_and_rules_of_an_event_change_one_by_one(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(
        person, "event", REGISTER="1", Q1_LABEL="Why?", Q2_LABEL="Team?", Q2_KIND="BOXES", Q2_CHOICES="A\nB"
    )
    first = read(site, "event", key)
    number = first.value("checkBoxGroup/fieldID")
    change(person, key, Q2_CHOICES="A\nC", R1_FIELD=str(number), R1_TEXT="A", R1_ACTION="APPROVE", R2_TEXT="x")
    answer = read(site, "event", key)
    assert answer.all("checkBoxGroup/checkBox/label") == ["A", "C"]
    assert answer.value("checkBoxGroup/fieldID") == number
    assert answer.value("textBox/label") == "Why?"
    assert answer.all("rule/enrollFieldID") == [number, "-13"]
    change(person, key, Q1_ASKED="", R2_TEXT="", Q3_LABEL="New?", Q3_KIND="LINE")
    answer = read(site, "event", key)
    assert answer.all("textBox/label") == ["Why?", "New?"]
    assert answer.all("textBox/incl") == ["false", "true"]
    assert answer.all("rule/queryField") == ["A"]
    person.open(f"meetings/{key}/edit")
    person.send("edit", R1_TEXT="", Q1_LABEL="")
    assert person.status == 400
    assert 'id="r1_text-error"' in person.page
    assert 'id="q1_label-error"' in person.page


def test_an_event_with_very_much_in_it(site: TestSite, come: Come) -> None:
    labels = [f"Question {number} {'y' * 200}" for number in range(90)]
    texts = [{"label": each} for each in labels[:80]]
    choices = [{"label": f"Choice {number} {'z' * 200}"} for number in range(99)]
    groups = [{"label": each, "choice": choices} for each in labels[80:]]
    rules = [{"queryField": f"word {number}", "enrollFieldID": -13} for number in range(100)]
    mail = {"subject": "s", "content": "<&>ü" * 5000}
    values = {
        "metaData": {"sessionName": "Much", "description": "d" * 9000},
        "schedule": {"startDate": "04/01/2031 09:00:00", "duration": 30, "timeZoneID": 20},
        "panelists": {"panelistsInfo": "i" * 9000},
        "emailTemplates": {
            "invitationMsgs": {"participantsEmail": mail, "panelistsEmail": mail},
            "enrollmentMsgs": {"pendingEmail": {"content": "p" * 9000}, "acceptedEmail": {"content": "a" * 9000}},
        },
        "enrollment": {"approvalRules": {"rule": rules}},
        "enrollmentForm": {"customFields": {"textBox": texts, "dropDownGroup": groups}},
    }
    key = site.client().call("event.CreateEvent", values).ok().value("sessionKey") or ""
    person = come()
    before = read(site, "event", key)
    change(person, key, NAME="More", Q1_LABEL="First", R1_TEXT="other")
    answer = read(site, "event", key)
    assert answer.all("textBox/label") == ["First", *before.all("textBox/label")[1:]]
    assert answer.all("rule/queryField") == ["other", *before.all("rule/queryField")[1:]]
    for path in ("dropDownGroup/choice/label", "participantsEmail/content", "acceptedEmail/content", "description"):
        assert answer.all(path) == before.all(path), path


def test_a_question_needs_choices(site: TestSite, come: Come) -> None:
    person = come()
    fill(person, "event", Q2_LABEL="Which?", Q2_KIND="LIST", Q2_CHOICES="One")
    assert person.status == 400
    assert re.findall(r'class="error" id="([a-z0-9_]+)-error"', person.page) == ["q2_choices"]


def test_an_event_without_registration_stays_so(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(person, "event", ENROLLMENT_PASSWORD="later")
    assert read(site, "event", key).value("extOptions/registration") == "false"


def test_the_picture_of_an_event(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(person, "event")
    person.open(f"meetings/{key}/picture")
    csrf = person.form("picture")[1]["CSRF"]
    address = person.address(f"meetings/{key}/picture")

    def send(content: bytes, who: Person = person, value: str = csrf) -> int:
        answer = who.http.post(address, data={"CSRF": value}, files={"FILE": ("a.gif", content)}, headers=OWN)
        who.page = answer.text
        return answer.status_code

    assert send(picture()) == 200
    shown = re.search(r'<img class="event-picture" src="([^"]+)"', person.open(f"meetings/{key}"))
    assert shown is not None
    assert person.http.get(shown[1]).content == picture()
    for odd in (b"no picture", b"", picture(size=(2000, 10))):
        assert send(odd) == 400
        assert 'id="file-error"' in person.page
    assert send(b"x" * 200_000) == 413
    assert send(picture(), value="wrong") == 403
    other = come("host2")
    other.open("profile")
    assert send(picture(), other, other.form("profile")[1]["CSRF"]) == 404
    meeting = scheduled(person, "meeting")
    person.open(f"meetings/{meeting}/picture")
    assert person.status == 404


# ---- trainings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, {"repeatType": "SINGLE"}),
        (
            {"REPEAT": "DAILY", "END": "COUNT", "COUNT": "3", "COURSE": "RECURRING_SINGLE"},
            {"repeatType": "RECURRING_SINGLE", "occurenceType": "DAILY", "endAfter": "3"},
        ),
        (
            {"REPEAT": "WEEKLY", "DAY1": "1", "END": "COUNT", "COUNT": "2", "COURSE": "MULTIPLE_SESSION"},
            {"repeatType": "MULTIPLE_SESSION", "occurenceType": "WEEKLY", "dayInWeek/day": "TUESDAY"},
        ),
        (
            {"REPEAT": "IRREGULARLY", "COURSE": "MULTIPLE_SESSION", "DATES": "2031-06-01 10:00\n2031-06-09 9:15"},
            {"repeatType": "MULTIPLE_SESSION", "occurenceType": "IRREGULARLY"},
        ),
    ],
)
def test_how_trainings_repeat(site: TestSite, come: Come, sent: dict[str, str], expected: dict[str, str]) -> None:
    person = come()
    key = scheduled(person, "training", (), DATE="2031-05-14", **sent)
    answer = read(site, "training", key)
    assert {path: answer.value(f"repeat/{path}") for path in expected} == expected
    if "DATES" in sent:
        starts = ["05/14/2031 14:30:00", "06/01/2031 10:00:00", "06/09/2031 09:15:00"]
        assert answer.all("schedule/startDate") == starts
        change(person, key, DATES="2031-06-02 10:00")
        assert read(site, "training", key).all("schedule/startDate") == [starts[0], "06/02/2031 10:00:00"]
    page = person.open(f"meetings/{key}")
    assert ("<h2" in page and "Dates</h2>" in page) is bool(sent)
    assert "Single occurrences" not in page
    assert f"/tests/{key}" in page
    person.open(f"meetings/{key}/edit")
    shown = person.form("edit")[1]
    assert shown["REPEAT"] == sent.get("REPEAT", "NO_REPEAT")
    person.send("edit")
    assert person.notice == "Nothing was different, so nothing was changed."
    if sent:
        change(person, key, REPEAT="NO_REPEAT")
        assert read(site, "training", key).value("repeat/repeatType") == "SINGLE"


def test_a_training_with_registration_and_people(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(
        person,
        "training",
        PEOPLE="ada@example.com",
        PRESENTERS="bob@example.com",
        HOSTS=f"host2@{site.name}.example",
        REGISTER="1",
        APPROVE="1",
        SEATS="20",
        ATTENDEE_OPTIONS_REGISTRATION_PWD="Enter1",
        ATTENDEE_OPTIONS_MAX_REGISTRATIONS="15",
        ATTENDEE_OPTIONS_REGISTRATION_CLOSE_DATE="2031-01-02T09:30",
        REMIND="60",
        REMIND_ATTENDEES_REMINDER_DATETIME_2DAY="1",
        PRE_ASSIGN_BREAKOUT_ENABLE="1",
        PRE_ASSIGN_BREAKOUT_ATTENDEE_ASSIGN="AUTO",
        PRE_ASSIGN_BREAKOUT_NUM_SESSIONS="4",
    )
    answer = read(site, "training", key)
    expected = {
        "attendeeOptions/registration": "true",
        "attendeeOptions/auto": "false",
        "attendeeOptions/participantLimit": "20",
        "attendeeOptions/registrationPWD": "Enter1",
        "attendeeOptions/maxRegistrations": "15",
        "attendeeOptions/registrationCloseDate": "01/02/2031 09:30:00",
        "remind/attendees/reminderDatetime": "2DAY",
        "preAssignBreakout/numSessions": "4",
        "attendees/participants/participant/person/email": "ada@example.com",
    }
    assert seen(answer, expected) == expected
    assert sorted(answer.all("presenters/participants/participant/role")) == ["HOST", "PRESENTER"]
    assert all(text in person.page for text in ("Seats: 15.", "Until Thursday, January 2, 2031", "Alternate host"))
    person.open(f"meetings/{key}/edit")
    person.send("edit", ("REMIND_ATTENDEES_REMINDER_DATETIME_2DAY",))
    assert person.status == 400
    assert "Leave at least one" in person.page


def test_single_dates_of_a_training_are_moved_and_taken_away(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(person, "training", DATE="2031-05-14", REPEAT="DAILY", END="COUNT", COUNT="3")
    person.open(f"meetings/{key}/dates/2")
    assert "May 15, 2031" in person.heading
    person.send("dates/2")
    assert person.notice == "Nothing was different, so nothing was changed."
    person.open(f"meetings/{key}/dates/2")
    person.send("dates/2", DATE="2031-05-20", TIME="09:15")
    assert person.notice == "The changes were saved."
    assert person.page.count("Moved</span>") == 1
    person.open(f"meetings/{key}/dates/3")
    person.send("dates/3", GONE="1")
    answer = read(site, "training", key)
    assert answer.all("repeatSession/index") == ["1", "2"]
    assert answer.all("repeatSession/startDate") == ["05/14/2031 14:30:00", "05/20/2031 09:15:00"]
    person.open(f"meetings/{key}/dates/1")
    for odd, field in (({"DATE": "soon"}, "date"), ({"TIME": "25:00"}, "time")):
        person.send("dates/1", **odd)
        assert person.status == 400
        assert f'id="{field}-error"' in person.page
        person.open(f"meetings/{key}/dates/1")
    person.send("dates/1", DATE="2031-05-20")
    assert person.status == 400  # there is one on this day
    for nowhere in ("dates/3", "dates/99999999999999999999"):
        person.open(f"meetings/{key}/{nowhere}")
        assert person.status == 404
    other = come("host2")
    other.open(f"meetings/{key}/dates/1")
    assert other.status == 404
    meeting = scheduled(person, "meeting")
    person.open(f"meetings/{meeting}/dates/1")
    assert person.status == 404


def test_a_laboratory_is_reserved(site: TestSite, come: Come) -> None:
    make_lab(site, "Router lab", 10)
    person = come()
    assert ">Router lab</option>" in person.open("sessions/new?kind=training")
    key = scheduled(person, "training", HANDS_ON_LAB_RESERVE_HOL="1", LAB="Router lab", HANDS_ON_LAB_NUM_COMPUTERS="2")
    expected = {"handsOnLab/labName": "Router lab", "handsOnLab/numComputers": "2", "handsOnLab/reserveHOL": "true"}
    assert seen(read(site, "training", key), expected) == expected
    assert "Router lab, computers: 2" in person.page
    fill(person, "training", HANDS_ON_LAB_RESERVE_HOL="1", LAB="Router lab", HANDS_ON_LAB_NUM_COMPUTERS="500")
    assert person.status == 400


def test_dates_that_are_none(site: TestSite, come: Come) -> None:
    person = come()
    fill(person, "training", REPEAT="IRREGULARLY", DATES="2031-06-01 10:00\nsoon")
    assert person.status == 400
    assert re.findall(r'class="error" id="([a-z_]+)-error"', person.page) == ["dates"]


# ---- the other kinds ---------------------------------------------------------------------------------------------


def test_an_audio_only_session(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(
        person,
        "audio",
        PEOPLE="ada@example.com",
        LISTENERS="bob@example.com",
        SCHEDULE_ENTRY_EXIT_TONE="BEEP",
        REPEAT="WEEKLY",
        DAY2="1",
        LISTING="PRIVATE",
        REMIND="15",
    )
    answer = read(site, "audio", key)
    expected = {
        "accessControl/listing": "PRIVATE",
        "schedule/entryExitTone": "BEEP",
        "repeat/dayInWeek/day": "WEDNESDAY",
        "fullAccessAttendees/attendee/email": "ada@example.com",
        "limitedAccessAttendees/attendee/email": "bob@example.com",
        "remind/minutesAhead": "15",
    }
    assert seen(answer, expected) == expected
    path = "teleconference/subscriberAccessCode"
    assert (answer.value(path) or "-") in person.page
    assert '<p class="kind">Audio only' in person.page
    assert "Single occurrences" not in person.page
    change(person, key, TELECONFERENCE_REQUEST_CONFERENCE_NUMBER="1", NAME="Other")
    again = read(site, "audio", key)
    assert again.value(path) != answer.value(path)
    assert (again.value(path) or "-") in person.page


def test_a_support_session_begins_at_once(site: TestSite, come: Come) -> None:
    codes = [TrackingCode(1, "Case", scheduling={"SupportCenter": "REQUIRED"})]
    site.set(settings=SiteSettings(tracking_codes=codes))
    person = come()
    person.open("sessions/new?kind=support")
    assert "DATE" not in person.form("sessions/new")[1]
    person.send("sessions/new")
    assert 'id="code1-error"' in person.page
    person.send("sessions/new", CODE1="4711")
    key = person.where.removeprefix("meetings/")
    assert person.notice.startswith("The session has begun.")
    assert '<p class="kind">Support session' in person.page
    assert f"meetings/{key}/edit" not in person.page
    person.open(f"meetings/{key}/edit")
    assert person.status == 404
    stored = site.server.run(sessions.by_key(site.server.application.engine, site.site_id, int(key)))
    assert stored is not None
    assert "4711" in stored.document


def test_a_sales_session(site: TestSite, come: Come) -> None:
    with_sales(site)
    person = come()
    key = scheduled(
        person,
        "sales",
        CUSTOMER="Acme",
        OPPORTUNITY="Big one",
        PEOPLE="Ada <ada@example.com>",
        TEAM="bob@example.com",
        REPEAT="MONTHLY",
        END="COUNT",
        COUNT="3",
        O_SEND_EMAIL_BY_CLIENT="1",
    )
    answer = read(site, "sales", key)
    expected = {
        "metaData/account": "Acme",
        "metaData/opportunity": "Big one",
        "prospects/prospect/email": "ada@example.com",
        "salesTeam/email": "bob@example.com",
        "repeat/endAfter": "3",
        "enableOptions/sendEmailByClient": "true",
    }
    assert seen(answer, expected) == expected
    assert all(text in person.page for text in ("Sales session", "Acme", "Big one", "Sales team"))
    change(person, key, CUSTOMER="Other")
    assert read(site, "sales", key).value("metaData/account") == "Other"


@pytest.mark.parametrize("kind", ["meeting", "webinar", "event", "training", "audio"])
def test_hostile_texts(site: TestSite, come: Come, kind: str) -> None:
    person = come()
    name = '"><script>alert(1)</script>'
    fill(person, kind, NAME=name, TIME="99:99")
    assert person.status == 400
    assert "<script>alert" not in person.page
    fill(person, kind, NAME="\x00\x1b", PEOPLE="x" * 10_000, HOSTS="\x00", TYPE="9" * 40, DURATION="9" * 40)
    assert person.status == 400


def test_people_are_invited_to_present(site: TestSite, come: Come) -> None:
    person = come()
    key = scheduled(person, "event")
    assert "They are panelists" in person.open(f"meetings/{key}/invite")
    person.send("invite", PEOPLE="bob@example.com", PRESENTERS="1")
    assert person.notice == "The invitations are on their way."
    assert read(site, "event", key).all("panelists/panelist/email") == ["bob@example.com"]


# ---- for another host --------------------------------------------------------------------------------------------


def test_a_delegate_schedules_for_a_host(site: TestSite, come: Come) -> None:
    own = invited_series(site, "Quiet talk")
    person = come("host2")  # host1 lets host2 schedule
    page = person.open()
    assert 'aria-label="Whose meetings"' in page
    key = scheduled(person, "training", HOST="host1")
    assert read(site, "training", key, "host1").value("schedule/hostWebExID") == "host1"
    mine = scheduled(person, "meeting")
    assert read(site, "meeting", mine, "host2").value("schedule/hostWebExID") == "host2"
    person.open(f"meetings/{key}/edit")
    assert person.form("edit")[1]["HOST"] == "host1"
    person.send("edit", NAME="Other")
    assert read(site, "training", key, "host1").value("metaData/confName") == "Other"
    page = person.open("?host=host1")
    assert (f"meetings/{key}" in page, f"meetings/{mine}" in page, f"meetings/{own}" in page) == (True, False, False)
    page = person.open("?host=host2")
    assert (f"meetings/{key}" in page, f"meetings/{mine}" in page) == (False, True)
    # What the host scheduled himself is not the delegate's to see.
    person.open(f"meetings/{own}")
    assert person.status == 404


def test_an_administrator_gets_no_forms_of_others(site: TestSite, come: Come) -> None:
    key = scheduled(come(), "event")
    admin = come("admin")
    page = admin.open(f"meetings/{key}")
    assert admin.status == 200
    assert not any(place in page for place in (f"{key}/edit", f"{key}/picture", "RGID="))
    for place, status in (("edit", 403), ("picture", 404)):
        admin.open(f"meetings/{key}/{place}")
        assert admin.status == status
    elsewhere = Person(site.server.new_site(), "admin")
    for place in ("edit", "picture"):
        elsewhere.open(f"meetings/{key}/{place}")
        assert elsewhere.status == 404
    elsewhere.close()


def test_nobody_else_is_offered_hosts(site: TestSite, come: Come) -> None:
    person = come("host1")
    assert 'aria-label="Whose meetings"' not in person.open("?host=host2")
    person.open("meetings/new?host=host2")
    assert "HOST" not in person.form("meetings/new")[1]
    key = scheduled(person, "meeting", HOST="host2")
    assert read(site, "meeting", key).value("schedule/hostWebExID") == "host1"
    delegate = come("host2")
    fill(delegate, "meeting", HOST="admin")
    assert delegate.status == 400
    assert 'id="host-error"' in delegate.page
    site.set(settings=SiteSettings(schedule_on_behalf=False))
    delegate.open("meetings/new")
    assert "HOST" not in delegate.form("meetings/new")[1]
