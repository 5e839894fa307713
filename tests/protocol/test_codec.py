"""Reading and writing of records: leniency, problems, exactness, and that nothing a client sends makes it fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from parley import contract
from parley.contract import attendee as att
from parley.contract import common as com
from parley.contract import (
    ep,
    ep_recording,
    event,
    meeting,
    qtiasi,
    session,
    site,
    site_config,
    training,
    training_tests,
    user,
    user_settings,
)
from parley.contract import service as serv
from parley.protocol import codec
from parley.protocol.codec import (
    MAX_PROBLEMS,
    MAX_SPELLINGS,
    Problem,
    Problems,
    answer_encoder,
    decoder,
    encoder,
    escape,
)
from parley.protocol.declare import Record
from parley.protocol.versions import FIRST, LATEST, LEVELS, Level
from tests.generators import records

contract.modules()
ALL_TYPES: list[type[Record]] = [cls for schema in contract.SCHEMAS for cls in schema.records()]
#: Attributes are written by the parent, so that types with attributes do not come back by themselves.
TYPES = [cls for cls in ALL_TYPES if all(e.place != "attribute" for e in cls.__declaration__.elements)]
_DECLARATIONS = "".join(f' xmlns:{schema.prefix}="{schema.namespace}"' for schema in contract.SCHEMAS)
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)


def parse(inner: str, *, attributes: str = "") -> Any:
    return etree.fromstring(f"<bodyContent{_DECLARATIONS}{attributes}>{inner}</bodyContent>".encode(), _PARSER)


def read(cls: type[Any], inner: str, level: Level = LATEST) -> tuple[Any, Problems]:
    problems = Problems()
    return decoder(cls, level)(parse(inner), problems), problems


def read_clean(cls: type[Any], inner: str) -> Any:
    record, problems = read(cls, inner)
    assert problems.items == []
    assert problems.unknown == []
    return record


# --- there and back


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data(), st.sampled_from(LEVELS))
def test_every_record_comes_back_as_it_was_written(data: st.DataObject, level: Level) -> None:
    cls = data.draw(st.sampled_from(TYPES))
    record = data.draw(records(cls, level))
    written = encoder(cls, level)(record)
    problems = Problems()
    assert decoder(cls, level)(parse(written), problems) == record
    assert problems.items == []
    assert problems.unknown == []


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(records(training_tests.UploadIMStest))
def test_tests_with_attributes_and_mixed_text_come_back(record: training_tests.UploadIMStest) -> None:
    written = encoder(training_tests.UploadIMStest, LATEST)(record)
    assert read_clean(training_tests.UploadIMStest, written) == record


def test_attributes_are_written_into_the_tag() -> None:
    item = qtiasi.ItemType(ident='a"<&\n\tb', presentation=qtiasi.PresentationType())
    written = encoder(qtiasi.SectionType, LATEST)(qtiasi.SectionType(item=[item, qtiasi.ItemType(ident="2")]))
    assert written == (
        '<qtiasi:item ident="a&quot;&lt;&amp;&#10;&#9;b"><qtiasi:presentation/></qtiasi:item><qtiasi:item ident="2"/>'
    )


def test_a_bad_attribute_is_a_problem() -> None:
    problems = Problems()
    feedback = parse("<flow_mat/>", attributes=' view="nobody" ident="x"')
    record = decoder(qtiasi.ItemfeedbackType, LATEST)(feedback, problems)
    assert record == qtiasi.ItemfeedbackType(ident="x", flow_mat=qtiasi.FlowMatType())
    assert [(p.path, p.kind, p.value) for p in problems.items] == [("@view", "enumeration", "nobody")]


def test_a_blank_attribute_is_absent() -> None:
    problems = Problems()
    feedback = parse("", attributes=' view=" " ident=""')
    assert decoder(qtiasi.ItemfeedbackType, LATEST)(feedback, problems) == qtiasi.ItemfeedbackType(ident="")
    assert problems.items == []


# --- writing


def test_what_is_absent_is_left_out_and_what_is_empty_is_written() -> None:
    record = meeting.MeetingType(
        meta_data=meeting.MetaDataType(conf_name="A", invitation=""), tracking=com.TrackingType()
    )
    assert encoder(meeting.MeetingType, LATEST)(record) == (
        "<meet:metaData><meet:confName>A</meet:confName><meet:invitation></meet:invitation></meet:metaData>"
        "<meet:tracking/>"
    )
    assert encoder(meeting.MeetingType, LATEST)(meeting.MeetingType()) == ""


def test_answers_have_what_the_schema_requires() -> None:
    write = answer_encoder(meeting.GetMeetingResponse, LATEST)
    alone = write(meeting.GetMeetingResponse())
    assert "<meet:meetingkey>0</meet:meetingkey>" in alone
    record, problems = read(meeting.GetMeetingResponse, write(meeting.GetMeetingResponse(meeting_key=5)))
    assert (record.meeting_key, problems.items) == (5, [])
    assert encoder(meeting.GetMeetingResponse, LATEST)(meeting.GetMeetingResponse()) == ""


def test_answers_leave_out_records_that_say_nothing_of_what_they_require() -> None:
    """A room's number is required, but a meeting without such a room has no such element."""
    for cls in ALL_TYPES:
        for element in cls.__declaration__.elements:
            if element.kind != "record" or element.is_list or element.minimum:
                continue
            if all(each.place == "element" for each in element.record.__declaration__.elements):
                break
        else:
            continue
        requires = any(each.minimum for each in element.record.__declaration__.elements)
        record = cls(**{element.attribute: element.record()})
        name = f"<{element.schema.prefix}:{element.name}"
        assert (name in answer_encoder(cls, LATEST)(record)) != requires
        assert name in encoder(cls, LATEST)(record)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_an_answer_says_all_that_the_record_says(data: st.DataObject) -> None:
    cls = data.draw(st.sampled_from(TYPES))
    record = data.draw(records(cls))
    said = {each.tag: each.text for each in parse(encoder(cls, LATEST)(record)).iter() if each.text and len(each) == 0}
    answered = {(each.tag, each.text) for each in parse(answer_encoder(cls, LATEST)(record)).iter()}
    assert answered.issuperset(said.items())


def test_values_beside_an_enumeration_are_written_and_escaped() -> None:
    record = meeting.RepeatType(repeat_type="A<B")
    assert encoder(meeting.RepeatType, LATEST)(record) == "<meet:repeatType>A&lt;B</meet:repeatType>"


def test_elements_carry_the_prefix_of_the_schema_that_declares_them() -> None:
    record = user.UserType(phones=user_settings.UserPhonesType(phone="1,555", pager="2", pin="99"))
    assert encoder(user.UserType, LATEST)(record) == (
        "<use:phones><com:phone>1,555</com:phone><use:pager>2</use:pager><use:PIN>99</use:PIN></use:phones>"
    )
    zone = site.LstTimeZoneResponse(time_zone=[site.TimeZoneType(gmt_offset=60, fall_in_dst=True)])
    assert encoder(site.LstTimeZoneResponse, LATEST)(zone) == (
        "<ns1:timeZone><ns1:gmtOffset>60</ns1:gmtOffset><ns1:fallInDST>true</ns1:fallInDST></ns1:timeZone>"
    )


def test_values_are_written_in_their_usual_form() -> None:
    recording = ep_recording.RecordingType(recording_id=7, size=0.25, password_req=False, name="x < y & z > \r")
    assert encoder(ep_recording.RecordingType, LATEST)(recording) == (
        "<ep:recordingID>7</ep:recordingID><ep:name>x &lt; y &amp; z &gt; &#13;</ep:name><ep:size>0.25</ep:size>"
        "<ep:passwordReq>false</ep:passwordReq>"
    )
    image = user.UploadPMRImage(image_data=b"\x00\xff")
    assert ">AP8=</use:" in encoder(user.UploadPMRImage, LATEST)(image)


def test_lists_are_written_one_by_one() -> None:
    repeat = meeting.RepeatTypeDayInWeek(day=["MONDAY", "FRIDAY"])
    assert encoder(meeting.RepeatTypeDayInWeek, LATEST)(repeat) == (
        "<meet:day>MONDAY</meet:day><meet:day>FRIDAY</meet:day>"
    )
    people = meeting.ParticipantsTypeAttendees(attendee=[att.AttendeeType(), att.AttendeeType(session_key=1)])
    assert encoder(meeting.ParticipantsTypeAttendees, LATEST)(people) == (
        "<meet:attendee/><meet:attendee><att:sessionKey>1</att:sessionKey></meet:attendee>"
    )


def test_rows_share_one_element() -> None:
    pair = training.CreateTrainingSessionResponseAdditionalInfo
    answer = training.CreateTrainingSessionResponse(
        additional_info=[pair(session_key=1, guest_token="a"), pair(session_key=2, guest_token="b")]
    )
    written = encoder(training.CreateTrainingSessionResponse, LATEST)(answer)
    assert written == (
        "<train:additionalInfo><train:sessionkey>1</train:sessionkey><train:guestToken>a</train:guestToken>"
        "<train:sessionkey>2</train:sessionkey><train:guestToken>b</train:guestToken></train:additionalInfo>"
    )
    assert read_clean(training.CreateTrainingSessionResponse, written) == answer
    _, problems = read(training.CreateTrainingSessionResponse, written + "<additionalInfo/>")
    assert [p.kind for p in problems.items] == ["count"]
    _, problems = read(training.CreateTrainingSessionResponse, "<additionalInfo><other/></additionalInfo>")
    assert problems.unknown == ["additionalInfo/other"]


def test_rows_of_alternatives_keep_their_order() -> None:
    text = '<varequal respident="a">1</varequal><not><varequal respident="b"> 2 </varequal></not><varequal/><and/>'
    record, problems = read(qtiasi.AndType, f"<and>{text}</and>")
    assert problems.items == []
    equal = qtiasi.VarequalType
    assert record.and_ == [
        qtiasi.AndType(varequal=equal(text="1", respident="a")),
        qtiasi.AndType(not_=qtiasi.NotType(varequal=equal(text=" 2 ", respident="b"))),
        qtiasi.AndType(varequal=equal()),
        qtiasi.AndType(),
    ]


def test_what_a_closed_schema_does_not_have_is_a_problem() -> None:
    _, problems = read(
        qtiasi.SectionType,
        '<item ident="1"/><item ident="2" maxattempts="3" xml:lang="en"><itemmetadata/>more'
        "<presentation><flow><material><mattext>a<b>c</b></mattext></material></flow></presentation></item>",
    )
    assert [(each.path, each.message) for each in problems.items] == [
        ("item[2]/@maxattempts", "the attribute is not known here"),
        ("item[2]", "text is not known here"),
        ("item[2]/itemmetadata", "the element is not known here"),
        ("item[2]/presentation/flow/material/mattext/b", "the element is not known here"),
    ]
    assert problems.unknown == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        ("a&b<c>d", "a&amp;b&lt;c&gt;d"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\x00\x08\x1b\ufffe\ud800", "\ufffd\ufffd\ufffd\ufffd\ufffd"),
        ("\r&\x01", "&#13;&amp;\ufffd"),
        ("\U0001f600\x85\xa0", "\U0001f600\x85\xa0"),
        ("", ""),
    ],
)
def test_escaping(text: str, written: str) -> None:
    assert escape(text) == written


@given(st.text())
def test_whatever_is_written_can_be_parsed(text: str) -> None:
    inner = encoder(meeting.MetaDataType, LATEST)(meeting.MetaDataType(agenda=text))
    assert parse(inner)[0].tag == "{http://www.webex.com/schemas/2002/06/service/meeting}agenda"


def test_numbers_that_are_none_are_written_as_xml_says() -> None:
    write = encoder(ep_recording.RecordingType, LATEST)
    values = [float("inf"), float("-inf"), float("nan")]
    assert [write(ep_recording.RecordingType(size=value)) for value in values] == [
        "<ep:size>INF</ep:size>",
        "<ep:size>-INF</ep:size>",
        "<ep:size>NaN</ep:size>",
    ]


# --- levels


def test_newer_elements_are_neither_written_nor_read() -> None:
    config = site_config.MyWebExConfigType(my_contacts=True, allow_change_first_name=True)
    assert "allowChangeFirstName" in encoder(site_config.MyWebExConfigType, Level.parse("42.2.0"))(config)
    written = encoder(site_config.MyWebExConfigType, FIRST)(config)
    assert written == "<ns1:myContacts>true</ns1:myContacts>"
    newer = "<allowChangeFirstName>true</allowChangeFirstName>"
    record, problems = read(site_config.MyWebExConfigType, newer, FIRST)
    assert record == site_config.MyWebExConfigType()
    assert problems.unknown == ["allowChangeFirstName"]
    assert read_clean(site_config.MyWebExConfigType, newer) == (
        site_config.MyWebExConfigType(allow_change_first_name=True)
    )


def test_levels_before_the_first_leave_out_what_came_after_them() -> None:
    answer = meeting.CreateMeetingResponse(meeting_key=1, meeting_uuid="f" * 32)
    assert "meetingUUID" in encoder(meeting.CreateMeetingResponse, FIRST)(answer)
    assert "meetingUUID" not in encoder(meeting.CreateMeetingResponse, Level.parse("39.7.0"))(answer)


def test_functions_are_made_once_for_all_levels_that_do_not_differ() -> None:
    assert encoder(meeting.CreateMeeting, FIRST) is encoder(meeting.CreateMeeting, LATEST)
    assert decoder(meeting.CreateMeeting, LATEST) is decoder(meeting.CreateMeeting, LATEST)
    assert encoder(site.GetSiteResponse, FIRST) is not encoder(site.GetSiteResponse, LATEST)
    assert encoder(site.GetSiteResponse, LEVELS[1]) is encoder(site.GetSiteResponse, LATEST)


# --- reading: what is let pass


@pytest.mark.parametrize(
    "inner",
    [
        "<metaData><confName>A</confName></metaData><accessControl><isPublic>true</isPublic></accessControl>",
        "<accessControl><isPublic>TRUE</isPublic></accessControl><metaData><confName>A</confName></metaData>",
        "<meet:accessControl><meet:isPublic>1</meet:isPublic></meet:accessControl>"
        "<meet:metaData><meet:confName>A</meet:confName></meet:metaData>",
        "<serv:accessControl><isPublic> True\n</isPublic></serv:accessControl>"
        "<use:metaData><CONFNAME>A</CONFNAME></use:metaData>",
        "<AccessControl><ispublic>tRuE</ispublic></AccessControl>"
        "<x:METADATA xmlns:x='urn:x'><x:Confname>A</x:Confname></x:METADATA>",
        "\n <accessControl> <!-- public --> <isPublic>true</isPublic></accessControl>text<?pi?>"
        "<metaData><confName>\n  A\n</confName></metaData>",
    ],
)
def test_order_namespace_and_letter_case_do_not_matter(inner: str) -> None:
    expected = meeting.CreateMeeting(
        access_control=meeting.AccessControlType(is_public=True), meta_data=meeting.MetaDataType(conf_name="A")
    )
    assert read_clean(meeting.CreateMeeting, inner) == expected


def test_prefixes_that_are_not_bound_are_let_pass() -> None:
    source = b"<meet:bodyContent><meet:metaData><com:confName>A</com:confName></meet:metaData></meet:bodyContent>"
    element = etree.fromstring(source, etree.XMLParser(recover=True))
    problems = Problems()
    record = decoder(meeting.CreateMeeting, LATEST)(element, problems)
    assert record == meeting.CreateMeeting(meta_data=meeting.MetaDataType(conf_name="A"))
    assert problems.items == []
    assert problems.unknown == []


def test_comments_are_passed_over_when_the_parser_kept_them() -> None:
    element = etree.fromstring(b"<b><!-- x --><metaData><?p i?><agenda>A</agenda></metaData></b>")
    problems = Problems()
    record = decoder(meeting.CreateMeeting, LATEST)(element, problems)
    assert record == meeting.CreateMeeting(meta_data=meeting.MetaDataType(agenda="A"))
    assert problems.unknown == []
    pairs = etree.fromstring(b"<b><additionalInfo><!-- x --><sessionkey>1</sessionkey><!-- x --></additionalInfo></b>")
    answer = decoder(training.CreateTrainingSessionResponse, LATEST)(pairs, problems)
    assert [row.session_key for row in answer.additional_info] == [1]


def test_exact_letter_case_goes_before_any_other() -> None:
    assert read_clean(meeting.SetMeeting, "<meetingKey>1</meetingKey>").meeting_key == 1
    assert read_clean(meeting.SetMeeting, "<meetingkey>1</meetingkey>").meeting_key == 1


def test_empty_values_are_absent_and_empty_strings_are_empty() -> None:
    schedule = read_clean(
        meeting.ScheduleType,
        "<startDate/><duration/><timeZone> </timeZone><joinTeleconfBeforeHost></joinTeleconfBeforeHost>",
    )
    assert schedule == meeting.ScheduleType(start_date="")
    assert (
        read_clean(serv.LstControlType, "<startFrom/><maximumNum>\n</maximumNum><listMethod/>") == serv.LstControlType()
    )
    assert read_clean(meeting.RemindTypeEmails, "<email/><email> </email>") == meeting.RemindTypeEmails()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" a", " a"),
        ("a ", "a "),
        ("\n  a\n", "a"),
        ("a\r\n", "a"),
        ("  \t ", ""),
        ("a\nb", "a\nb"),
        ("\n a \n b \n", "a \n b"),
        ("\xa0a\xa0", "\xa0a\xa0"),
        ("<![CDATA[<b>]]>", "<b>"),
    ],
)
def test_blanks_around_strings(text: str, value: str) -> None:
    assert read_clean(meeting.MetaDataType, f"<agenda>{text}</agenda>").agenda == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("20", 20), ("20.0", 20), ("20.", 20), (" +7\n", 7), ("-3", -3), ("007", 7), (str(2**63 - 1), 2**63 - 1)],
)
def test_whole_numbers(text: str, value: int) -> None:
    assert read_clean(meeting.GetMeeting, f"<meetingKey>{text}</meetingKey>").meeting_key == value


@pytest.mark.parametrize("text", ["1_000", "٣", "0x10", "1e3", "20.5", "a", "- 1", "1 2", "²", "9" * 41 + "."])
def test_what_is_no_whole_number(text: str) -> None:
    record, problems = read(meeting.GetMeeting, f"<meetingKey>{text}</meetingKey>")
    assert record == meeting.GetMeeting()
    assert [(p.path, p.kind, p.message) for p in problems.items] == [("meetingKey", "type", "must be a whole number")]


@pytest.mark.parametrize("text", [str(2**63), str(-(2**63) - 1), "9" * 30, "9" * 5000])
def test_whole_numbers_have_64_bits(text: str) -> None:
    _, problems = read(meeting.GetMeeting, f"<meetingKey>{text}</meetingKey>")
    assert [p.kind for p in problems.items] == ["range"]
    assert len(problems.items[0].value) < 110


def test_an_xsd_int_has_32_bits() -> None:
    assert read_clean(ep_recording.DelRecording, f"<recordingID>{2**31 - 1}</recordingID>").recording_id == 2**31 - 1
    _, problems = read(ep_recording.DelRecording, f"<recordingID>{2**31}</recordingID>")
    assert [p.kind for p in problems.items] == ["range"]


@pytest.mark.parametrize(
    ("text", "value"), [("", None), ("1", 1.0), ("-1.5e3", -1500.0), (".5", 0.5), ("2.", 2.0), (" 7 ", 7.0)]
)
def test_numbers(text: str, value: float | None) -> None:
    assert read_clean(ep_recording.RecordingType, f"<size>{text}</size>").size == value


@pytest.mark.parametrize("text", ["NaN", "INF", "1e999", "1,5", "0x1p3", "1_0", "e5", "."])
def test_what_is_no_number(text: str) -> None:
    record, problems = read(ep_recording.RecordingType, f"<size>{text}</size>")
    assert record.size is None
    assert [p.message for p in problems.items] == ["must be a number"]


def test_enumerations_give_the_value_of_the_schema() -> None:
    record = read_clean(meeting.RepeatType, "<repeatType> weekly</repeatType><dayInWeek><day>Monday</day></dayInWeek>")
    assert record.repeat_type == "WEEKLY"
    assert record.day_in_week.day == ["MONDAY"]
    _, problems = read(meeting.RepeatType, "<repeatType>HOURLY</repeatType>")
    assert problems.items == [
        Problem(
            "repeatType", "enumeration", "must be one of WEEKLY, DAILY, NO_REPEAT, CONSTANT, MONTHLY, YEARLY", "HOURLY"
        )
    ]
    _, problems = read(com.PersonType, "<type>NOBODY</type><address><addressType>?</addressType></address>")
    assert [p.path for p in problems.items] == ["type", "address/addressType"]


def test_base64() -> None:
    cls = user.UploadPMRImage
    field = next(e for e in cls.__declaration__.elements if e.kind == "binary")
    for text, value in (("AP8=", b"\x00\xff"), ("\n AP\n8= ", b"\x00\xff"), ("", None)):
        assert getattr(read_clean(cls, f"<{field.name}>{text}</{field.name}>"), field.attribute) == value
    for text in ("AP8", "ä===", "!"):
        _, problems = read(cls, f"<{field.name}>{text}</{field.name}>")
        assert [p.message for p in problems.items] == ["must be Base64 text"]


# --- reading: problems


def test_all_problems_of_a_request_are_told() -> None:
    record, problems = read(
        meeting.CreateMeeting,
        "<accessControl><meetingPassword>12345678901234567</meetingPassword><isPublic>maybe</isPublic></accessControl>"
        "<schedule><duration>long</duration><openTime>900</openTime></schedule>",
    )
    assert [(p.path, p.kind) for p in problems.items] == [
        ("accessControl/meetingPassword", "length"),
        ("accessControl/isPublic", "type"),
        ("schedule/duration", "type"),
    ]
    assert problems.items[0].message == "may be 16 characters long at most"
    assert problems.items[1].message == "must be true or false"
    assert record == meeting.CreateMeeting(
        access_control=meeting.AccessControlType(), schedule=meeting.ScheduleType(open_time=900)
    )


def test_what_may_occur_once_occurs_once() -> None:
    _, problems = read(meeting.GetMeeting, "<meetingKey>1</meetingKey><meetingKEY>2</meetingKEY>")
    assert problems.items == [Problem("meetingKEY", "count", "may occur once only", "2")]
    _, problems = read(meeting.MetaDataType, "<confName>a</confName><confName>b</confName>")
    assert [p.kind for p in problems.items] == ["count"]
    _, problems = read(meeting.MeetingType, "<schedule/><schedule/><schedule/>")
    assert [p.kind for p in problems.items] == ["count", "count"]
    _, problems = read(meeting.AccessControlType, "<isPublic>true</isPublic><isPublic>true</isPublic>")
    assert [p.kind for p in problems.items] == ["count"]


def test_lists_have_an_end() -> None:
    record, problems = read(meeting.OrderType, "<orderBy>STARTTIME</orderBy>" * 5)
    assert record.order_by == ["STARTTIME"] * 3
    assert [(p.path, p.message) for p in problems.items] == [("orderBy", "may occur 3 times at most")] * 2
    record, problems = read(user.UserTypeTspAccount, "<tspAccount/>" * 4)
    assert len(record.tsp_account) == 3
    assert [p.kind for p in problems.items] == ["count"]
    _, problems = read(meeting.OrderType, "<orderBy>SIZE</orderBy>")
    assert [p.kind for p in problems.items] == ["enumeration"]


def test_lowest_values_and_patterns_hold() -> None:
    _, problems = read(event.ScheduleType, "<extNotifyTime>-1</extNotifyTime>")
    assert [(p.kind, p.message) for p in problems.items] == [("range", f"must be between 0 and {2**63 - 1}")]
    display = training_tests.UploadIMStestDisplay
    assert read_clean(display, "<allOnePage>TRUE</allOnePage><onePerPage/>") == display(all_one_page="TRUE")
    _, problems = read(display, "<allOnePage>yes</allOnePage>")
    assert [p.kind for p in problems.items] == ["pattern"]


def test_unknown_elements_are_noted_and_passed_over() -> None:
    record, problems = read(meeting.GetMeeting, "<a><b/></a><meetingKey>1</meetingKey><listControlType/>")
    assert record.meeting_key == 1
    assert problems.items == []
    assert problems.unknown == ["a", "listControlType"]


def test_problems_and_unknown_elements_are_bounded() -> None:
    _, problems = read(meeting.GetMeeting, "<meetingKey>x</meetingKey>" * 500 + "<y/>" * 500)
    assert len(problems.items) == MAX_PROBLEMS
    assert len(problems.unknown) == MAX_PROBLEMS


def test_tables_of_spellings_are_bounded() -> None:
    table = codec._Table()
    slot: codec.Slot = (0, "name", None, codec._skip)
    table.fill({"name": slot})
    for number in range(MAX_SPELLINGS * 3):
        assert table.find(f"{{urn:{number}}}NAME") is slot
    assert len(table.slots) <= MAX_SPELLINGS + 1
    assert table.slots["name"] is slot
    size = len(table.slots)
    assert table.find("{" + "x" * 500 + "}name") is slot
    assert table.find("{urn:x}other") is codec._UNKNOWN
    assert len(table.slots) == size


# --- reading: whatever comes


_NAMES = sorted({e.name for cls in TYPES for e in cls.__declaration__.elements})
_TAGS = st.one_of(st.sampled_from(_NAMES), st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}", fullmatch=True))
_TEXTS = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=8)
)
_COINS: st.SearchStrategy[Any] = st.booleans()
_LEAVES: st.SearchStrategy[Any] = st.tuples(_TAGS, _TEXTS, st.just([]))
_TREES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES, lambda inner: st.tuples(_TAGS, _TEXTS, st.lists(inner, max_size=5)), max_leaves=30
)


def _element(tree: Any) -> Any:
    tag, text, children = tree
    element = etree.Element(tag)
    element.text = text
    for child in children:
        element.append(_element(child))
    return element


@settings(max_examples=200, deadline=None)
@given(st.data(), st.lists(_TREES, max_size=6))
def test_no_document_makes_reading_fail(data: st.DataObject, trees: list[Any]) -> None:
    cls = data.draw(st.sampled_from(ALL_TYPES))
    names = [e.name for e in cls.__declaration__.elements]
    root = etree.Element("bodyContent")
    for tree in trees:
        child = _element(tree)
        if names and data.draw(_COINS):
            child.tag = data.draw(st.sampled_from(names))
        root.append(child)
    problems = Problems()
    record = decoder(cls, LATEST)(root, problems)
    assert isinstance(record, cls)
    encoder(cls, LATEST)(record)


def test_depth_of_records_ends_with_the_document() -> None:
    deep = "<not><and>" * 48 + "</and></not>" * 48
    record = read_clean(qtiasi.ConditionvarType, deep)
    depth = 0
    inner = record.not_
    while inner is not None:
        depth += 1
        inner = next(iter(inner.and_), None) if isinstance(inner, qtiasi.NotType) else inner.not_
    assert depth == 95  # the innermost `and` holds nothing
    written = encoder(qtiasi.ConditionvarType, LATEST)(record)
    assert read_clean(qtiasi.ConditionvarType, written) == record


def test_elements_of_the_api_inside_of_values_are_passed_over() -> None:
    record = read_clean(meeting.MetaDataType, "<confName>a<role>c</role> </confName><meetingType>1<x/></meetingType>")
    assert (record.conf_name, record.meeting_type) == ("a", 1)


@pytest.mark.parametrize("text", ["An<b>n</b>", "<i>Ann</i>", "a<role>c</role>d", "A<br/>"])
def test_markup_inside_of_texts_is_refused(text: str) -> None:
    record, problems = read(meeting.MetaDataType, f"<confName>{text}</confName><agenda>fine</agenda>")
    assert record.agenda == "fine"
    assert [(each.path, each.message) for each in problems.items] == [
        ("confName", "markup inside of a text must be escaped")
    ]


def test_nillable_elements_are_read_as_empty() -> None:
    nil = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'
    record = read_clean(session.ParticipantsType, f"<participants{nil}><participant{nil}/></participants>")
    assert record.participants.participant == [session.ParticipantType()]


def test_sessions_of_the_ep_module_read_their_lists() -> None:
    request = read_clean(
        ep.LstsummarySession,
        "<serviceTypes><serviceType>meetingcenter</serviceType></serviceTypes><invited>TRUE</invited>",
    )
    assert request.service_types.service_type == ["MeetingCenter"]
    assert request.invited is True
