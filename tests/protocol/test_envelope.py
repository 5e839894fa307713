"""Reading requests in all the forms that programs send, and refusing what is none."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.protocol.envelope import MAX_CONTENTS, MAX_DEPTH, MAX_ELEMENTS, Message, local_name, read_message
from parley.protocol.faults import Fault

SERVICE = "http://www.webex.com/schemas/2002/06/service"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
JAVA = "java:com.webex.service.binding.meeting.GetMeeting"
INSIDE = (
    "<header><securityContext><webExID>a</webExID></securityContext></header>"
    f'<body><bodyContent xsi:type="{JAVA}"><meetingKey>1</meetingKey></bodyContent></body>'
)
PLAIN = f"<message {XSI}>{INSIDE}</message>"

FORMS = {
    "plain": PLAIN,
    "usual": f'<?xml version="1.0"?>\n<serv:message xmlns:serv="{SERVICE}" {XSI}>{INSIDE}</serv:message>',
    "prefix not declared": f"<serv:message {XSI}>{INSIDE}</serv:message>",
    "nothing declared": f"<serv:message>{INSIDE}</serv:message>",
    "other prefixes not declared": f"<serv:message {XSI}>{INSIDE}</serv:message>".replace(
        "meetingKey", "meet:meetingKey"
    ),
    "older namespace": f'<message xmlns:serv="http://www.webex.com/schemas/2009/05/service" {XSI}>{INSIDE}</message>',
    "default namespace": f'<message xmlns="{SERVICE}" {XSI}>{INSIDE}</message>',
    "blanks in front": f' \r\n\t<?xml version="1.0"?>\n{PLAIN}',
    "byte order mark": f'\ufeff<?xml version="1.0"?>{PLAIN}',
    "blanks and mark": f"\ufeff\n{PLAIN}",
    "schema location": f'<message {XSI} xsi:schemaLocation="one">{INSIDE}</message>',
    "schema location only": f'<serv:message xsi:schemaLocation="a b c" {XSI}>{INSIDE}</serv:message>',
    "comments": f"<!-- a --><message {XSI}><!-- b -->{INSIDE}<!-- c --></message><!-- d -->",
    "instructions": f'<?a b?><message {XSI}><?c?>{INSIDE}</message><?d "e"?>',
    "odd encoding": f'<?xml version="1.0" encoding="ISO - 8859 - 1"?>{PLAIN}',
    "unknown encoding": f'<?xml version="1.0" encoding="whatever"?>{PLAIN}',
    "qualified": (
        f'<serv:message xmlns:serv="{SERVICE}" {XSI}>'
        "<serv:header><serv:securityContext><com:webExID>a</com:webExID></serv:securityContext></serv:header>"
        f'<serv:body><serv:bodyContent xsi:type="{JAVA}"><meet:meetingKey>1</meet:meetingKey></serv:bodyContent>'
        "</serv:body></serv:message>"
    ),
    "xsi bound to something else": f'<message xmlns:xsi="http://www.w3.org/1999/XMLSchema-instance">{INSIDE}</message>',
    "body first": f"<message {XSI}>{INSIDE[INSIDE.index('<body>') :]}{INSIDE[: INSIDE.index('<body>')]}</message>",
}


def names(message: Message) -> list[str]:
    return [content.type_name for content in message.contents]


def refused(body: bytes | str) -> Fault:
    with pytest.raises(Fault) as caught:
        read_message(body.encode() if isinstance(body, str) else body)
    assert caught.value.code == "000000"
    assert caught.value.module is False
    assert "\n" not in caught.value.reason
    assert len(caught.value.reason) < 400
    return caught.value


@pytest.mark.parametrize("form", FORMS)
def test_every_form_that_programs_send_is_read(form: str) -> None:
    message = read_message(FORMS[form].encode())
    assert names(message) == [JAVA]
    assert message.security_context is not None
    assert message.security_context[0].text == "a"
    element = message.contents[0].element
    assert [(local_name(child.tag), child.text) for child in element] == [("meetingKey", "1")]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "us-ascii"])
def test_declared_encodings_are_believed(encoding: str) -> None:
    value = "x" if encoding == "us-ascii" else "é"
    text = f'<?xml version="1.0" encoding="{encoding}"?>{PLAIN}'.replace(">1<", f">{value}<")
    assert read_message(text.encode(encoding)).contents[0].element[0].text == value


@pytest.mark.parametrize("declared", ["whatever", "UTF 8", "ISO - 8859 - 1", ""])
def test_text_under_odd_encoding_names_is_guessed(declared: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>{PLAIN}'.replace(">1<", ">é<")
    assert read_message(text.encode("iso-8859-1")).contents[0].element[0].text == "é"
    if "8859" not in declared:
        assert read_message(text.encode()).contents[0].element[0].text == "é"


@pytest.mark.parametrize(
    ("tag", "name"), [("a", "a"), ("{urn:x}a", "a"), ("p:a", "a"), ("{urn:x:y}a", "a"), ("a:b:c", "c"), ("{}a", "a")]
)
def test_local_names(tag: str, name: str) -> None:
    assert local_name(tag) == name


def test_several_contents_and_bodies_are_read_in_order() -> None:
    text = (
        f'<message {XSI}><body><bodyContent xsi:type="a"/><x/><bodyContent xsi:type="b"/></body>'
        '<other/><body><bodyContent/></body><body/><body><bodyContent type="d"/></body></message>'
    )
    message = read_message(text.encode())
    assert names(message) == ["a", "b", "", "d"]
    assert message.security_context is None


def test_the_first_security_context_counts() -> None:
    context = "<securityContext><webExID>{}</webExID></securityContext>"
    for inside in (
        f"<header>{context.format('first')}{context.format('second')}</header>",
        f"<header>{context.format('first')}</header><header>{context.format('second')}</header>",
    ):
        message = read_message(f"<message>{inside}<body><bodyContent/></body></message>".encode())
        assert message.security_context is not None
        assert message.security_context[0].text == "first"


def test_the_number_of_contents_is_bounded() -> None:
    body = "<message><body>" + "<bodyContent/>" * MAX_CONTENTS + "</body></message>"
    assert len(read_message(body.encode()).contents) == MAX_CONTENTS
    assert "at most 50 bodyContent" in refused(body.replace("<body>", "<body><bodyContent/>")).reason


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n"])
def test_nothing_is_no_document(body: bytes) -> None:
    assert refused(body).reason == "Fail to forward request: the request holds no XML document"


@pytest.mark.parametrize(
    ("body", "name"),
    [("<a/>", "a"), ("<soap:Envelope/>", "Envelope"), ("<messages/>", "messages"), ("<Message/>", "Message")],
)
def test_other_documents_are_no_messages(body: str, name: str) -> None:
    assert refused(body).reason.endswith(f", but is {name}")


@pytest.mark.parametrize("body", ["<message/>", "<message><body/></message>", "<message><bodyContent/></message>"])
def test_a_message_needs_content(body: str) -> None:
    assert refused(body).reason == "Fail to forward request: the message has no body/bodyContent element"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("<message>", "line 1, column 10"),
        ("<message>\n\n<a></b></message>", "line 3, column "),
        ("<serv:message>\n<a></b></serv:message>", "line 2, column "),
        ("hello", "line 1, column 1"),
        ("<message a=1/>", "line 1, column "),
        ("<message>&#0;</message>", "line 1, column "),
        ("<message/><message/>", "line 1, column 11"),
        ("<p:message><body><bodyContent></p:message>", "line 1, column "),
    ],
)
def test_malformed_documents_are_told_where(body: str, place: str) -> None:
    reason = refused(body).reason
    assert reason.startswith("Fail to forward request: the document is not well-formed XML (line ")
    assert place in reason


@pytest.mark.parametrize(
    "before",
    [
        "<!DOCTYPE message>",
        '<?xml version="1.0"?><!DOCTYPE message>',
        " \n<!-- <x> --><?y <z> ?>\n<!DOCTYPE message>",
        '<!DOCTYPE message [<!ENTITY a "b">]>',
        '<!DOCTYPE message SYSTEM "x.dtd">',
        "<!DOCTYPE message [",
    ],
)
def test_document_type_declarations_are_refused(before: str) -> None:
    for document in (PLAIN, FORMS["nothing declared"]):
        for encoding in ("utf-8", "utf-16", "utf-32"):
            reason = refused((before + document).strip().encode(encoding)).reason
            assert reason == "Fail to forward request: a document type declaration (DOCTYPE) is not allowed"


@pytest.mark.parametrize(
    "text", ["<![CDATA[<!DOCTYPE a>]]>", "<!-- <!DOCTYPE a> -->", "&lt;!DOCTYPE a>", "<?a <!DOCTYPE a>?>"]
)
def test_only_a_real_declaration_is_one(text: str) -> None:
    for form in ("plain", "nothing declared", "unknown encoding"):
        assert names(read_message(FORMS[form].replace(">1<", f">{text}<").encode())) == [JAVA]


def test_looking_for_a_declaration_takes_bounded_time() -> None:
    for part in ("<?a?>", "<!---->", " ", "<?", "<!--", "<?a?><!--a-->", "<!--?>", "<?-->"):
        refused(part * (1_000_000 // len(part)) + "<")


def test_depth_is_bounded() -> None:
    room = MAX_DEPTH - 4  # message, body, bodyContent, meetingKey
    for form in ("plain", "nothing declared"):
        fits = FORMS[form].replace(">1<", f">{'<a>' * room}{'</a>' * room}<")
        assert names(read_message(fits.encode())) == [JAVA]
        deeper = FORMS[form].replace(">1<", f">{'<a>' * (room + 1)}{'</a>' * (room + 1)}<")
        assert "nested more than 100 deep" in refused(deeper).reason
        assert "nested more than 100 deep" in refused(FORMS[form].replace(">1<", f">{'<a>' * 300}<")).reason


def test_the_number_of_elements_is_bounded() -> None:
    fixed = 7
    for name in ("a", "abcdef"):
        fits = PLAIN.replace(">1<", f">{f'<{name}/>' * (MAX_ELEMENTS - fixed)}<")
        assert names(read_message(fits.encode())) == [JAVA]
        more = PLAIN.replace(">1<", f">{f'<{name}/>' * (MAX_ELEMENTS - fixed + 1)}<")
        assert "more than 200000 elements" in refused(more).reason


def test_faults_hold_nothing_of_earlier_documents() -> None:
    for body in ("<secret:a/>", "<message><secret:b></message>", '<?xml version="1.0" encoding="secret"?><a'):
        refused(body)
    for other in (
        b"\x00",
        b"\x00<",
        b"<",
        b"\xff\xfe",
        b"\xfe\xff",
        b"x",
        b"\x00\x00\x00<",
        b"<?xml",
        b"\xff\xfe<\x00",
    ):
        assert "secret" not in refused(other).reason


def test_earlier_documents_do_not_matter_to_later_ones() -> None:
    for form in FORMS.values():
        refused("<a><b></a>")
        refused("<q:a &x;>")
        assert names(read_message(form.encode())) == [JAVA]


def test_documents_are_read_side_by_side() -> None:
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for form in FORMS.values():
                assert names(read_message(form.encode())) == [JAVA]
                refused("<a><b></a>")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(FORMS["usual"])), st.sampled_from(sorted(FORMS)))
def test_whatever_comes_is_read_or_refused_with_a_fault(noise: bytes, place: int, form: str) -> None:
    document = FORMS[form].encode()
    for body in (noise, document[:place] + noise + document[place:], document[:place] + noise):
        code = None
        try:
            assert read_message(body).contents
        except Fault as fault:
            code = fault.code
        assert code in (None, "000000")
