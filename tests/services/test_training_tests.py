"""Libraries of tests and the tests of trainings, over HTTP on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.contract import qtiasi, training_tests
from parley.protocol.codec import encoder
from parley.protocol.versions import LATEST
from parley.services.mails import Notice
from tests.generators import texts
from tests.server import TestSite
from tests.services.quizzes import (
    ANSWER,
    CAPITAL,
    ESSAY,
    NO_LIMITS,
    blank,
    choices,
    equal,
    feedback,
    item,
    on_site,
    outbox_of,
    quiz,
    rule,
    schedule,
    training,
    upload,
)
from tests.services.round_trips import BOUNDED, read_answer, send_record
from tests.services.trainings import people, person, set_training

# ---- upload and details: nothing is lost -----------------------------------------------------------------

_IDENTS = st.from_regex(r"[A-Za-z0-9_.-]{1,8}", fullmatch=True)
_TEXTS = texts(smallest=1).filter(lambda text: bool(text.strip()))


def _material(text: str) -> qtiasi.MaterialType:
    return qtiasi.MaterialType(mattext=qtiasi.MattextType(text=text))


_MATERIALS = _TEXTS.map(_material)
_BLOCKS = _MATERIALS.map(lambda material: qtiasi.FlowMatType(material=material))


@st.composite
def _labels(draw: st.DrawFn) -> list[qtiasi.ResponseLabelType]:
    made = []
    for ident in draw(st.lists(_IDENTS, min_size=1, max_size=5, unique=True)):
        block = draw(st.none() | _BLOCKS)
        text = None if block is not None else draw(_TEXTS)
        made.append(qtiasi.ResponseLabelType(ident=ident, text=text, flow_mat=block))
    return made


@st.composite
def _equals(draw: st.DrawFn, values: dict[str, list[str]]) -> qtiasi.VarequalType:
    ident = draw(st.sampled_from(sorted(values)))
    return qtiasi.VarequalType(respident=ident, text=draw(st.sampled_from(values[ident])))


@st.composite
def _rows(draw: st.DrawFn, cls: Any, values: dict[str, list[str]], depth: int = 0) -> Any:
    kinds = ["varequal", "not"] if cls is qtiasi.ConditionvarType else ["varequal", "not", "and", "or"]
    rows = []
    for kind in draw(st.lists(st.sampled_from(kinds if depth < 3 else ["varequal"]), min_size=1, max_size=3)):
        if kind == "varequal":
            rows.append(cls(varequal=draw(_equals(values))))
        elif kind == "not":
            inner = draw(_rows(qtiasi.AndType, values, depth + 1))
            whole = (
                qtiasi.NotType(and_=inner) if draw(st.booleans()) else qtiasi.NotType(varequal=draw(_equals(values)))
            )
            rows.append(cls(not_=whole))
        elif kind == "and":
            rows.append(cls(and_=draw(_rows(qtiasi.AndType, values, depth + 1))))
        else:
            rows.append(cls(or_=draw(_rows(qtiasi.OrType, values, depth + 1))))
    return rows


@st.composite
def _items(draw: st.DrawFn, ident: str) -> qtiasi.ItemType:
    values: dict[str, list[str]] = {}
    flow = qtiasi.FlowType(material=draw(st.lists(_MATERIALS, min_size=1, max_size=2)))
    written = draw(st.booleans())
    for name in draw(st.lists(_IDENTS, max_size=2, unique=True)):
        if written:
            values[name] = draw(st.lists(_TEXTS, min_size=1, max_size=3))
            fib = qtiasi.RenderFibType(
                response_label=qtiasi.ResponseLabelType(ident="x"),
                prompt=draw(st.sampled_from(["Box", "Dashline", None])),
                maxchars=draw(st.none() | st.integers(1, 99)),
            )
            flow.response_str.append(qtiasi.ResponseStrType(ident=name, render_fib=fib))
        else:
            labels = draw(_labels())
            values[name] = [label.ident or "" for label in labels]
            cardinality = draw(st.sampled_from(["Single", "Multiple", "Ordered", "Extension", None]))
            choice = qtiasi.RenderChoiceType(response_label=labels, maxnumber=draw(st.none() | st.integers(1, 99)))
            flow.response_lid.append(qtiasi.ResponseLidType(ident=name, rcardinality=cardinality, render_choice=choice))
    shown = draw(st.lists(_IDENTS, max_size=2, unique=True))
    processing = [draw(_processings(values, shown))] if bool(values) and draw(st.booleans()) else []
    return qtiasi.ItemType(
        ident=ident,
        presentation=qtiasi.PresentationType(flow=flow),
        resprocessing=processing,
        itemfeedback=[qtiasi.ItemfeedbackType(ident=each, flow_mat=draw(_BLOCKS)) for each in shown],
        qticomment=draw(st.none() | texts().map(lambda text: qtiasi.QticommentType(text=text or None))),
    )


@st.composite
def _processings(draw: st.DrawFn, values: dict[str, list[str]], shown: list[str]) -> qtiasi.ResprocessingType:
    references: st.SearchStrategy[qtiasi.DisplayfeedbackType | None] = st.none()
    if shown:
        references |= st.sampled_from([qtiasi.DisplayfeedbackType(linkrefid=each) for each in shown])
    rules = [
        qtiasi.RespconditionType(
            conditionvar=draw(_rows(qtiasi.ConditionvarType, values)),
            setvar=qtiasi.SetvarType(text=str(draw(st.integers(0, 5))), action=draw(st.sampled_from(["Set", "Add"]))),
            displayfeedback=draw(references),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    outcomes = qtiasi.OutcomesType(
        decvar=qtiasi.DecvarType(minvalue=draw(st.sampled_from([None, 0])), maxvalue=draw(st.sampled_from([None, 5])))
    )
    return qtiasi.ResprocessingType(
        outcomes=outcomes, respcondition=rules, scoremodel=draw(st.none() | texts(smallest=1))
    )


@st.composite
def _documents(draw: st.DrawFn) -> qtiasi.QuestestinteropType:
    idents = draw(st.lists(_IDENTS, min_size=1, max_size=4, unique=True))
    return qtiasi.QuestestinteropType(
        assessment=qtiasi.AssessmentType(
            ident=draw(st.none() | st.integers(0, 2**31)),
            title=draw(st.none() | texts(smallest=1)),
            qticomment=draw(st.none() | _TEXTS.map(lambda text: qtiasi.QticommentType(text=text))),
            duration=draw(st.none() | st.sampled_from(["PT30M", "half an hour", ""])),
            section=qtiasi.SectionType(ident="s", item=[draw(_items(ident)) for ident in idents]),
        )
    )


@given(document=_documents(), change=_documents())
@BOUNDED
def test_a_test_comes_back_as_it_was_uploaded(
    shared_site: TestSite, document: qtiasi.QuestestinteropType, change: qtiasi.QuestestinteropType
) -> None:
    host = shared_site.client("host1")
    display = training_tests.UploadIMStestDisplay(one_per_page="true")
    uploaded = send_record(host, training_tests.UploadIMStest(display=display, questestinterop=document)).ok()
    test_id = int(uploaded.value("testID") or 0)

    def kept() -> training_tests.GetIMStestDetailsResponse:
        found = host.call("training.GetIMStestDetails", testID=test_id)
        return read_answer(found, training_tests.GetIMStestDetailsResponse)

    assert kept().questestinterop == document
    send_record(host, training_tests.SetIMStest(test_id=test_id, questestinterop=change)).ok()
    assert kept().questestinterop == change
    host.call("training.DelLibTests", testID=test_id).ok()


def test_the_document_of_a_test_is_the_same_text_again(site: TestSite) -> None:
    host = site.client("host1")
    text = "  blanks at both ends, & <b>tags</b>\n\tand lines  "
    document = quiz(item("a", text, choices({"1": "x", "2": "y"}), rule(equal("1") + f"<not>{equal('2')}</not>", 1)))
    answer = host.call("training.GetIMStestDetails", testID=upload(host, document)).ok()
    found = read_answer(answer, training_tests.GetIMStestDetailsResponse).questestinterop
    assert found is not None
    written = encoder(qtiasi.QuestestinteropType, LATEST)(found).replace("qtiasi:", "")
    assert f"<questestinterop>{written}</questestinterop>" in document


# ---- bad documents ---------------------------------------------------------------------------------------

_PATH = "questestinterop/assessment/section"
_SCALE = ' minvalue="0" maxvalue="2"'
_DISPLAY = "<display><allOnePage>true</allOnePage></display>"
_RULE = "resprocessing/respcondition/conditionvar"
_BLOCK = "<flow_mat><material><mattext>y</mattext></material></flow_mat>"


def _bounded(attributes: str) -> str:
    """A choice of one, with bounds of how many are to be taken."""
    return _one(asked=choices({"A": "x"}).replace("<render_choice>", f"<render_choice {attributes}>"))


def _one(rules: str = "", bounds: str = _SCALE, asked: str | None = None, more: str = "") -> str:
    asked = choices({"A": "x", "B": "y"}) if asked is None else asked
    return quiz(CAPITAL, item("b", "Bad", asked, rules, bounds, more))


BAD: dict[str, tuple[str, str]] = {
    "no section": (f"{_DISPLAY}<questestinterop><assessment/></questestinterop>", _PATH),
    "no document": (_DISPLAY, "questestinterop: a value is required"),
    "no display": (quiz().partition("</display>")[2], "display/allOnePage"),
    "two displays": (quiz().replace("<display>", "<display><allOnePage>true</allOnePage>"), "display: allOnePage or"),
    "display off": (quiz().replace("true", "false", 1), "display/onePerPage"),
    "same item": (quiz(CAPITAL, CAPITAL), f'{_PATH}/item[2]/@ident: "q1" is there already'),
    "item without ident": (quiz(CAPITAL, item("", "x")), f"{_PATH}/item[2]/@ident: a value is required"),
    "unknown response": (_one(rule(equal("A", "Z"), 1)), f"{_PATH}/item[2]/{_RULE}/varequal[1]/@respident"),
    "unknown answer": (_one(rule(equal("Q"), 1)), 'varequal[1]: the response "R" has no answer "Q"'),
    "unknown in a nest": (
        _one(rule(f"{equal('A')}<not><and><or>{equal('A')}{equal('Q')}</or></and></not>", 1)),
        "conditionvar/not[1]/and[1]/or[1]/varequal[2]",
    ),
    "unknown feedback": (
        _one(rule(equal("A"), 1, feedback="f")),
        'displayfeedback/@linkrefid: the question has no itemfeedback "f"',
    ),
    "same feedback": (_one(more=feedback("f", "x") + feedback("f", "y")), f"{_PATH}/item[2]/itemfeedback[2]/@ident"),
    "no condition": (_one(rule("", 1)), "respcondition/conditionvar: a condition is required"),
    "empty and": (_one(rule("<not><and/></not>", 1)), "conditionvar/not[1]"),
    "score too high": (
        _one(rule(equal("A"), 1) + rule(equal("B"), 3)),
        "respcondition[2]/setvar: the score is out of range: 0 to 2",
    ),
    "score too low": (_one(rule(equal("A"), -1)), "setvar: the score is out of range"),
    "adds too much": (_one(rule(equal("A"), 9, "Add")), "setvar: adds more than the score can be"),
    "no number": (_one(rule(equal("A"), "much")), "setvar: a whole number"),
    "no whole number": (_one(rule(equal("A"), "0.5")), "setvar: a whole number"),
    "endless": (_one(rule(equal("A"), "1e999999"), bounds=""), "setvar: a whole number"),
    "scale upside down": (_one(bounds=' minvalue="3" maxvalue="2"'), "decvar/@minvalue"),
    "scale of words": (_one(bounds=' vartype="String"'), "decvar/@vartype: scores are Integer or Decimal"),
    "least above most": (_bounded('minnumber="3" maxnumber="2"'), "render_choice/@minnumber"),
    "more than there are": (_bounded('minnumber="2"'), "there are only 1 answers"),
    "range of an attribute": (
        _bounded('maxnumber="100"'),
        f"{_PATH}/item[2]/presentation/flow/response_lid/render_choice/@maxnumber: must be between 1 and 99",
    ),
    "empty label": (_one(asked=choices({"A": ""})), "render_choice/response_label: a value is required"),
    "same label": (_one(asked=choices({"A": "x", "A ": "y"})), "response_label[2]/@ident"),
    "text and block": (_one(asked=choices({"A": "x"}).replace(">x<", f">x{_BLOCK}<")), "text or flow_mat"),
    "two ways to answer": (_one(asked=choices({"A": "x"}) + blank(ident="S")), "response_str: a question has either"),
    "same response": (_one(asked=choices({"A": "x"}) + choices({"A": "x"})), "response_lid[2]/@ident"),
    "no number in a blank": (
        _one(rule(equal("many"), 1), asked=blank("Integer")),
        '"many" is no answer to a blank of type Integer',
    ),
    "elements of elsewhere": (
        _one(more="<itemmetadata/>"),
        f"{_PATH}/item[2]/itemmetadata: the element is not known here",
    ),
    "tags in a text": (
        quiz(CAPITAL).replace("What is", "What <b>is</b>"),
        "item/presentation/flow/material/mattext/b: the element is not known here",
    ),
    "attributes of elsewhere": (
        quiz().replace("<mattext>", '<mattext texttype="text/html">', 1),
        "mattext/@texttype: the attribute is not known here",
    ),
    "long title": (quiz(title="x" * 300), "assessment/@title: at most 256"),
    "wrong word": (
        quiz().replace('rcardinality="Single"', 'rcardinality="Many"'),
        "response_lid/@rcardinality: must be one of",
    ),
    "too many questions": (quiz(*(item(str(number), "x") for number in range(501))), f"{_PATH}/item: at most 500"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_test_gets_a_fault_that_names_the_place(shared_site: TestSite, name: str) -> None:
    document, place = BAD[name]
    answer = shared_site.client("host1").call("training.UploadIMStest", document).failed("999999")
    assert place in (answer.reason or "")


def test_a_test_beyond_all_size_is_refused(shared_site: TestSite) -> None:
    host = shared_site.client("host1")
    large = quiz(item("a", "x" * 10_000_000))
    host.call("training.UploadIMStest", large).failed("000000")
    deep = _one(rule("<not><and>" * 60 + equal("A") + "</and></not>" * 60, 1))
    assert "nested" in (host.call("training.UploadIMStest", deep).failed("000000").reason or "")


def test_hostile_texts_are_kept_as_texts(shared_site: TestSite) -> None:
    host = shared_site.client("host1")
    evil = '<script>alert(1)</script><!DOCTYPE x [<!ENTITY a "b">]>&a;]]><?php 1 ?>'
    test_id = upload(host, quiz(item("a", evil, choices({"1": evil}))))
    found = host.call("training.GetIMStestDetails", testID=test_id).ok()
    assert found.value("mattext") == evil
    assert found.value("response_label") == evil
    entity = quiz(item("a", "&boom;").replace("&amp;boom;", "&boom;"))
    host.call("training.UploadIMStest", entity).failed("000000")


# ---- libraries -------------------------------------------------------------------------------------------


def test_libraries_are_of_a_host_or_of_the_site(site: TestSite) -> None:
    host, other, admin = site.client("host1"), site.client("host2"), site.client("admin")
    host.call("training.LstLibTests").failed("000015")
    mine = upload(host, quiz(title="Mine"))
    listed = host.call("training.LstLibTests").ok()
    assert listed.all("libTest/testID") == [str(mine)]
    assert [listed.value(f"libTest/{name}") for name in ("type", "title", "description", "author")] == [
        "PRIVATE",
        "Mine",
        "All about engines",
        "Host1 Tester",
    ]
    other.call("training.LstLibTests").failed("000015")
    other.call("training.CopyLibTests", testID=mine, copyToType="PRIVATE").failed("000001")
    shared = host.call("training.CopyLibTests", testID=[mine, mine], copyToType="SHARE").ok().all("testID")
    assert len(set(shared)) == 2
    assert other.call("training.LstLibTests").ok().all("libTest/type") == ["SHARE", "SHARE"]
    own = other.call("training.CopyLibTests", testID=shared[0], copyToType="PRIVATE").ok().value("testID")
    assert other.call("training.GetIMStestDetails", testID=own).ok().value("mattext")
    host.call("training.GetIMStestDetails", testID=own).failed("000001")
    other.call("training.DelLibTests", testID=shared[0]).failed("000001")
    # All or nothing: the unknown one keeps the others.
    admin.call("training.DelLibTests", testID=[shared[0], 5]).failed("999999")
    admin.call("training.DelLibTests", testID=[shared[0], shared[0]]).ok()
    admin.call("training.SetIMStest", testID=mine, assignGrades=True).failed("000001")
    host.call("training.DelLibTests", testID=shared[1]).ok()
    assert host.call("training.LstLibTests").ok().all("libTest/testID") == [str(mine)]


def test_a_request_without_tests_names_what_is_missing(shared_site: TestSite) -> None:
    host = shared_site.client("host1")
    for operation in ("DelLibTests", "CopyLibTests", "GetIMStestDetails", "GetTestInformation", "SetIMStest"):
        values = {"copyToType": "SHARE"} if operation == "CopyLibTests" else {}
        reason = host.call(f"training.{operation}", values).failed("999999").reason
        assert reason == "testID: a value is required"
    host.call("training.CopyLibTests", testID=1).failed("999999")
    host.call("training.DelLibTests", testID=list(range(101))).failed("999999")


def test_a_changed_test_changes_no_session(site: TestSite) -> None:
    host = site.client("host1")
    session, library = training(site), upload(site.client("host1"))
    added = host.call("training.AddScheduledTest", sessionKey=session.session_key, testID=library).ok().value("testID")
    host.call(
        "training.SetIMStest", quiz(ESSAY, title="New").replace("<display>", f"<testID>{library}</testID><display>")
    ).ok()
    assert host.call("training.LstLibTests").ok().value("libTest/title") == "New"
    assert host.call("training.GetTestInformation", testID=added).ok().value("title") == "Engines"
    host.call("training.SetIMStest", testID=added).failed("999999")
    host.call("training.DelLibTests", testID=library).ok()
    assert host.call("training.GetTestInformation", testID=added).ok().value("numQuestions") == "4"


# ---- tests of sessions -----------------------------------------------------------------------------------


def _api(moment: datetime) -> str:
    return moment.strftime("%m/%d/%Y %H:%M:%S")


def _in(site: TestSite, **ahead: float) -> str:
    """A time from the server's now on, in the zone of the trainings here."""
    now = datetime.fromtimestamp(site.server.application.clock.now(), UTC)
    return _api((now + timedelta(**ahead)).astimezone(ZoneInfo("Europe/Berlin")))


def test_a_test_of_a_session_is_set_and_read(site: TestSite) -> None:
    host, session = site.client("host1"), training(site)
    test_id = schedule(host, session, quiz(duration="PT1H30M"))
    key = session.session_key
    new = host.call("training.GetTestInformation", testID=test_id).ok()
    assert [new.value(name) for name in ("delivery", "status", "timeLimit", "maxScore", "numSubmittedUnscroed")] == [
        "IN_SESSION",
        "NOT_STARTED",
        "90",
        "12",
        "0",
    ]
    opens, due = _in(site, hours=-1), _in(site, days=2)
    limits = {"timeLimit": {"withinMinutes": 20}, "attemptLimit": {"attemptTimes": 2}}
    values = {"sessionKey": key, "testID": test_id, **on_site(opens, due), **limits, "sendReport": False}
    host.call("training.SetScheduledTest", values).ok()
    found = host.call("training.GetTestInformation", testID=test_id).ok()
    names = ("delivery", "status", "startDate", "dueDate", "timeLimit", "author", "sessionKey")
    assert [found.value(name) for name in names] == [
        "WEBSITE",
        "STARTED",
        opens,
        due,
        "20",
        "Host1 Tester",
        str(key),
    ]
    site.server.clock.ahead += 3 * 86_400
    assert host.call("training.GetTestInformation", testID=test_id).ok().value("status") == "ENDED"


def test_dates_straight_below_the_delivery_method(site: TestSite) -> None:
    host, session = site.client("host1"), training(site)
    test_id = schedule(host, session)
    dates = {"startDate": _in(site, days=1), "dueDate": _in(site, days=2)}
    values = {"sessionKey": session.session_key, "testID": test_id, "deliveryMethod": dates, **NO_LIMITS}
    host.call("training.SetScheduledTest", values).ok()
    assert host.call("training.GetTestInformation", testID=test_id).ok().value("dueDate") == dates["dueDate"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"deliveryMethod": {"website": {"startDate": "01/02/2030 00:00:00"}}}, "website/dueDate: a value is required"),
        (on_site("01/02/2030 00:00:00", "01/02/2030 00:00:00"), "website/dueDate: must be after startDate"),
        (on_site("yesterday", "01/02/2030 00:00:00"), "Date format should be"),
        ({"deliveryMethod": {"session": "true", "website": {}}}, "deliveryMethod: session or website"),
        ({"deliveryMethod": {"session": "no"}}, "deliveryMethod/session"),
        ({"timeLimit": {"withinMinutes": 0}}, "timeLimit/withinMinutes"),
        ({"timeLimit": {"withinMinutes": 5, "noLimit": "true"}}, "timeLimit: noLimit or"),
        ({"attemptLimit": {"attemptTimes": 5, "noLimit": "true"}}, "attemptLimit: noLimit or"),
        (on_site("01/02/2030 00:00:00", "01/03/2030 00:00:00", beforeDays=100), "emailAttendee/beforeDays"),
    ],
)
def test_settings_that_cannot_be(shared_site: TestSite, change: dict[str, object], place: str) -> None:
    host, session = shared_site.client("host1"), training(shared_site)
    test_id = schedule(host, session, quiz(ANSWER))
    values = {"sessionKey": session.session_key, "testID": test_id, **change}
    answer = host.call("training.SetScheduledTest", values).failed("999999")
    assert place in (answer.reason or "")


def test_lists_of_scheduled_tests(site: TestSite) -> None:
    host, other = site.client("host1"), site.client("host2")
    first, second, foreign = training(site), training(site), training(site, host="host2")
    inside, web = schedule(host, first), schedule(host, second)
    schedule(other, foreign)
    dates = on_site(_in(site, hours=-1), _in(site, days=9))
    host.call("training.SetScheduledTest", {"sessionKey": second.session_key, "testID": web, **dates}).ok()

    def listed(**criteria: object) -> list[str]:
        return sorted(host.call("training.LstScheduledTests", criteria).ok().all("test/testID"))

    assert listed() == sorted([str(inside), str(web)])
    assert listed(sessionKey=second.session_key) == [str(web)]
    assert listed(status="STARTED") == [str(web)]
    assert listed(author="host1 TESTER", status="NOT_STARTED") == [str(inside)]
    assert listed(dateScope={"endDateStart": _in(site, days=8), "timeZoneID": 25}) == [str(web)]
    assert listed(dateScope={"endDateEnd": _in(site, days=8), "timeZoneID": 25}) == [str(inside)]
    host.call("training.LstScheduledTests", author="nobody").failed("000015")
    other.call("training.LstScheduledTests", sessionKey=first.session_key).ok()  # a delegate of host1
    site.client("admin").call("training.LstScheduledTests", sessionKey=first.session_key).failed("000001")
    host.call("training.LstScheduledTests", sessionKey=1).failed("060001")


def test_tests_are_taken_off_together_or_not_at_all(site: TestSite) -> None:
    host, session, other = site.client("host1"), training(site), training(site)
    first, second, foreign = schedule(host, session), schedule(host, session), schedule(host, other)
    key = session.session_key
    host.call("training.DelScheduledTest", sessionKey=key, testID=[first, foreign]).failed("999999")
    host.call("training.DelScheduledTest", sessionKey=key, testID=[first, second]).ok()
    host.call("training.LstScheduledTests", sessionKey=key).failed("000015")
    host.call("training.GetTestInformation", testID=first).failed("999999")
    assert host.call("training.LstLibTests").ok().all("libTest/title") == ["Engines"] * 3
    host.call("training.SetScheduledTest", sessionKey=key, testID=foreign).failed("999999")


def test_other_sessions_have_no_tests(site: TestSite) -> None:
    host, library = site.client("host1"), upload(site.client("host1"))
    meeting = training(site, service="MeetingCenter", session_type=3)
    host.call("training.AddScheduledTest", sessionKey=meeting.session_key, testID=library).failed("060001")
    host.call("training.AddScheduledTest", testID=library).failed("060001")
    mine = training(site)
    host.call("training.AddScheduledTest", sessionKey=mine.session_key, testID=[library] * 101).failed("999999")
    host.call("training.GetTestInformation", testID=library).failed("999999")


def test_a_suspended_site_schedules_no_tests(site: TestSite) -> None:
    host, session, library = site.client("host1"), training(site), upload(site.client("host1"))
    test_id = schedule(host, session)
    site.set(suspended=True)
    host.call("training.AddScheduledTest", sessionKey=session.session_key, testID=library).failed("010107")
    host.call("training.SetScheduledTest", sessionKey=session.session_key, testID=test_id).failed("010107")
    site.set(level="42.4.0")
    host.call("training.AddScheduledTest", sessionKey=session.session_key, testID=library).ok()


def test_a_test_goes_with_its_session(site: TestSite) -> None:
    host, session = site.client("host1"), training(site)
    test_id = schedule(host, session)
    host.call("ep.DelSession", sessionKey=session.session_key).ok()
    host.call("training.GetTestInformation", testID=test_id).failed("999999")


# ---- mails -----------------------------------------------------------------------------------------------


def test_mails_about_a_test_on_the_site(site: TestSite) -> None:
    host, session = site.client("host1"), training(site, ["ann@x.example", "ben@x.example"])
    test_id = schedule(host, session)
    mails = {"invite": True, "reminderAfterStart": True, "beforeHours": 1, "beforeMinutes": 30}
    values = {"sessionKey": session.session_key, "testID": test_id, **NO_LIMITS}
    host.call("training.SetScheduledTest", {**values, **on_site(_in(site, days=1), _in(site, days=2), **mails)}).ok()
    now = site.server.application.clock.now()
    invited = outbox_of(site, "test.invitation")
    assert {each.recipient for each in invited} == {"ann@x.example", "ben@x.example"}
    told = msgspec.json.decode(
        next(each.document for each in invited if each.recipient == "ann@x.example"), type=Notice
    ).test
    assert told is not None
    assert (told.test_id, told.title) == (test_id, "Engines")
    assert f"/{site.name}/test/" in told.link
    assert [each.due_at for each in outbox_of(site, "test.started")] == pytest.approx([now + 86_400] * 2, abs=5)
    assert [each.due_at for each in outbox_of(site, "test.reminder")] == pytest.approx(
        [now + 2 * 86_400 - 5400] * 2, abs=5
    )
    # Another time: the old mails are taken back.
    host.call("training.SetScheduledTest", {**values, **on_site(_in(site, days=3), _in(site, days=4))}).ok()
    assert [each.due_at for each in outbox_of(site, "test.reminder")] == pytest.approx(
        [now + 4 * 86_400 - 5400] * 2, abs=5
    )
    host.call("training.SetScheduledTest", {**values, "deliveryMethod": {"session": "true"}}).ok()
    assert outbox_of(site, "test.reminder") == []


def test_who_is_put_on_the_list_by_a_change_of_the_training_gets_the_mails_too(site: TestSite) -> None:
    host = site.client("host1")
    session = training(site, ["lisa@x.example"])
    values = {"sessionKey": session.session_key, "testID": schedule(host, session), **NO_LIMITS}
    times = on_site(_in(site, days=1), _in(site, days=2), invite=True)
    host.call("training.SetScheduledTest", {**values, **times}).ok()
    assert [each.recipient for each in outbox_of(site, "test.invitation")] == ["lisa@x.example"]
    names = people(*(person(f"{name}@x.example") for name in ("lisa", "max")))
    set_training(host, str(session.session_key), attendees=names).ok()
    told = sorted(each.recipient or "" for each in outbox_of(site, "test.invitation"))
    assert told == ["lisa@x.example", "max@x.example"]


def test_newcomers_get_the_mails_too(site: TestSite) -> None:
    host, session = site.client("host1"), training(site)
    test_id = schedule(host, session)
    mails = {"invite": True, "beforeDays": 1, "sendToRegister": True}
    values = {"sessionKey": session.session_key, "testID": test_id, **NO_LIMITS}
    host.call("training.SetScheduledTest", {**values, **on_site(_in(site, days=1), _in(site, days=2), **mails)}).ok()
    assert outbox_of(site, "test.invitation") == []
    person = {"person": {"name": "Late Lisa", "email": "lisa@x.example"}, "sessionKey": session.session_key}
    host.call("attendee.CreateMeetingAttendee", person).ok()
    told = {kind: [each.recipient for each in outbox_of(site, kind)] for kind in ("test.invitation", "test.reminder")}
    assert told == {"test.invitation": ["lisa@x.example"], "test.reminder": ["lisa@x.example"]}
    host.call("attendee.CreateMeetingAttendee", person).ok()
    assert len(outbox_of(site, "test.invitation")) == 1
