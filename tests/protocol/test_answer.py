"""The envelope of answers, byte by byte."""

from __future__ import annotations

import pytest
from lxml import etree

from parley.protocol import faults
from parley.protocol.answer import HEADERS, Result, write_answer
from parley.protocol.faults import Fault, SubError
from tests.client import schema_of

SERV = 'xmlns:serv="http://www.webex.com/schemas/2002/06/service"'
COM = 'xmlns:com="http://www.webex.com/schemas/2002/06/common"'
SERVICE = "http://www.webex.com/schemas/2002/06/service"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def text_of(*results: Result) -> str:
    return write_answer(list(results)).decode()


def test_a_success_to_the_byte() -> None:
    inner = "<meet:meetingkey>1</meet:meetingkey>"
    assert text_of(Result("meeting", "meet:createMeetingResponse", inner)) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<serv:message {SERV} {COM} xmlns:meet="{SERVICE}/meeting" xmlns:att="{SERVICE}/attendee">'
        "<serv:header><serv:response><serv:result>SUCCESS</serv:result><serv:gsbStatus>PRIMARY</serv:gsbStatus>"
        "</serv:response></serv:header>"
        f'<serv:body><serv:bodyContent xsi:type="meet:createMeetingResponse" {XSI}>{inner}</serv:bodyContent>'
        "</serv:body></serv:message>"
    )


def test_a_success_without_content_to_the_byte() -> None:
    text = text_of(Result("user", "use:setUserResponse"))
    assert text.endswith(
        f'<serv:body><serv:bodyContent xsi:type="use:setUserResponse" {XSI}/></serv:body></serv:message>'
    )


def test_a_failure_to_the_byte() -> None:
    fault = Fault("040015", "Too many: 50", value="50")
    assert text_of(Result("attendee", fault=fault)) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<serv:message {SERV} {COM} xmlns:att="{SERVICE}/attendee">'
        "<serv:header><serv:response><serv:result>FAILURE</serv:result><serv:reason>Too many: 50</serv:reason>"
        "<serv:gsbStatus>PRIMARY</serv:gsbStatus><serv:exceptionID>040015</serv:exceptionID>"
        "<serv:value>50</serv:value></serv:response></serv:header>"
        "<serv:body><serv:bodyContent/></serv:body></serv:message>"
    )


@pytest.mark.parametrize(
    ("module", "prefixes"),
    [
        ("meeting", ["meet", "att"]),
        ("attendee", ["att"]),
        ("ep", ["ep", "meet"]),
        ("site", ["ns1", "event"]),
        ("event", ["event"]),
        ("user", ["use"]),
        ("meetingtype", ["mtgtype"]),
        (None, []),
    ],
)
def test_the_root_declares_what_the_module_names(module: str | None, prefixes: list[str]) -> None:
    for result in (Result(module, "serv:x"), Result(module, fault=faults.ACCESS_DENIED())):
        root = etree.fromstring(write_answer([result]))
        assert list(root.nsmap) == ["serv", "com", *prefixes]


def test_faults_before_a_service_was_reached_declare_no_module() -> None:
    for module in (None, "meeting", "user"):
        root = etree.fromstring(write_answer([Result(module, fault=faults.EMPTY_DOCUMENT())]))
        assert list(root.nsmap) == ["serv", "com"]


@pytest.mark.parametrize("module", ["site", "event"])
def test_some_modules_answer_in_latin_1_with_references(module: str) -> None:
    document = write_answer([Result(module, "event:x", "<event:a>é漢\U0001f600</event:a>")])
    assert document.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>\n')
    assert document.isascii()
    assert etree.fromstring(document).findtext(".//{*}a") == "é漢\U0001f600"


def test_other_modules_answer_in_utf_8() -> None:
    document = write_answer([Result("meeting", "meet:x", "<meet:a>é漢\U0001f600</meet:a>")])
    assert "é漢\U0001f600".encode() in document


@pytest.mark.parametrize(
    "text", ["a < b & c > d", "]]>", "\x00\x01\x1f", "\ufffe\uffff", "\ud800", "</serv:reason>", "<!--"]
)
def test_texts_of_faults_can_be_anything(text: str) -> None:
    for module in ("meeting", "site", None):
        sub = SubError("999999", text, text)
        document = write_answer([Result(module, fault=Fault("999999", text, text, (sub,)))])
        root = etree.fromstring(document)
        reasons = [each.text for each in root.iter("{*}reason")]
        assert len(reasons) == 2
        assert len(set(reasons)) == 1
        assert len(reasons[0] or "") == len(text)
        assert document.count(b"\n") == 1


def test_problems_reported_together_stand_between_code_and_value() -> None:
    subs = (SubError("999999", "first"), SubError("019011", "second", "x&y"))
    text = text_of(Result("meeting", fault=Fault("999999", "2 problems", "v", subs)))
    assert (
        "<serv:exceptionID>999999</serv:exceptionID><serv:subErrors>"
        "<serv:subError><serv:exceptionID>999999</serv:exceptionID><serv:reason>first</serv:reason></serv:subError>"
        "<serv:subError><serv:exceptionID>019011</serv:exceptionID><serv:reason>second</serv:reason>"
        "<serv:value>x&amp;y</serv:value></serv:subError></serv:subErrors><serv:value>v</serv:value></serv:response>"
    ) in text
    assert schema_of("42.6.0").validate(etree.fromstring(text.encode()))


def test_several_results_stand_in_order_each_with_its_response() -> None:
    results = [
        Result("user", "use:getUserResponse", "<use:a/>"),
        Result("meeting", fault=faults.MEETING_NOT_FOUND()),
        Result(None, fault=faults.NO_OPERATION_NAMED()),
        Result("meeting", "meet:delMeetingResponse"),
    ]
    root = etree.fromstring(write_answer(results))
    assert [each.text for each in root.iter("{*}result")] == ["SUCCESS", "FAILURE", "FAILURE", "SUCCESS"]
    contents = list(root.iter("{*}bodyContent"))
    assert [each.get("{http://www.w3.org/2001/XMLSchema-instance}type") for each in contents] == [
        "use:getUserResponse",
        None,
        None,
        "meet:delMeetingResponse",
    ]
    assert list(root.nsmap) == ["serv", "com", "use", "meet", "att"]


def test_several_results_have_one_encoding() -> None:
    first_latin = write_answer(
        [Result("site", "ns1:x", "<ns1:a>é</ns1:a>"), Result("user", "use:x", "<use:a>漢</use:a>")]
    )
    assert first_latin.isascii()
    assert [each.text for each in etree.fromstring(first_latin).iter("{*}a")] == ["é", "漢"]
    first_utf = write_answer(
        [Result("user", "use:x", "<use:a>漢</use:a>"), Result("site", "ns1:x", "<ns1:a>é</ns1:a>")]
    )
    assert b'encoding="UTF-8"' in first_utf
    assert [each.text for each in etree.fromstring(first_utf).iter("{*}a")] == ["漢", "é"]


def test_headers_are_those_of_the_real_service() -> None:
    assert dict(HEADERS) == {
        b"server": b"",
        b"pragma": b"no-cache",
        b"cache-control": b"no-cache",
        b"expires": b"Thu, 01 Jan 1970 00:00:00 GMT",
        b"content-type": b"text/xml;charset=UTF-8",
    }
