"""Documents made to harm, sent to the server as people start it: each gets its clear fault, in bounded time and space.

The server runs as a process of its own, so its memory and its log can be looked at. A second site on its database
holds texts that no answer may ever show.
"""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.client import Answer, Client
from tests.processes import ServerProcess
from tests.server import PASSWORD, Server, TestSite
from tests.services.meetings import create, get, meeting

CANARY = "CANARY-4f1d9a"
_LARGEST = 4_000_000
#: Resident memory that the server may take, whatever is sent: a document of 4 MB may become a tree of 150 MB.
_MEMORY = 700_000_000
SERV = ' xmlns:serv="http://www.webex.com/schemas/2002/06/service"'


class Hostile:
    """The attacked server and the attacker's own, honest account on it."""

    def __init__(self, process: ServerProcess, site: TestSite, canary: Path) -> None:
        self.process = process
        self.site = site
        self.canary = canary

    def client(self) -> Client:
        """A client of the attacker's account."""
        return Client(self.process.url, self.site.name, web_ex_id="host1", password=PASSWORD)

    def document(self, inner: str = "<webExId>host1</webExId>", before: str = "", operation: str = "GetUser") -> str:
        """A GetUser, with something in front of its root element."""
        text = self.client().document(f"user.{operation}", inner)
        return text.replace("?>\n", f"?>{before}", 1)

    def send(self, document: str | bytes) -> Answer:
        """Send a document; whatever it was, the answer is valid, tells nothing it must not and leaves the server up."""
        answer = self.client().send(document)
        assert CANARY not in answer.text
        assert "Traceback" not in answer.text
        assert answer.code != "000029"
        return answer

    def refuse(self, document: str | bytes, reason: str) -> Answer:
        """Send a document that must be refused as a document, with a reason that has this in it."""
        answer = self.send(document).failed("000000")
        assert reason in (answer.reason or ""), answer.reason
        assert answer.text.count("<serv:bodyContent/>") == 1
        return answer


@pytest.fixture(scope="module")
def attacked(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    """A server process for the tests of this module, on the database of the SQLite server."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "parley.db").symlink_to(Path(sqlite_server.config.data) / "parley.db")
    canary = folder / "canary.txt"
    canary.write_text(CANARY)
    process = ServerProcess(folder, max_body_seconds=2)
    yield Hostile(process, sqlite_server.new_site(), canary)
    process.stop()


@pytest.fixture
def hostile(attacked: Hostile) -> Iterator[Hostile]:
    """The attacked server; after the test it still answers, is not too large and logged no error."""
    yield attacked
    attacked.send(attacked.document()).ok()
    assert attacked.process.is_running
    assert attacked.process.memory() < _MEMORY
    assert attacked.process.errors() == []


# --- document type declarations and entities ---------------------------------------------------------------------


def _laughs(levels: int = 12, fan: int = 10) -> str:
    entities = ['<!ENTITY a0 "ha ha ha ">']
    entities += [f'<!ENTITY a{level} "{f"&a{level - 1};" * fan}">' for level in range(1, levels)]
    return f"<!DOCTYPE serv:message [{''.join(entities)}]>"


_LONG = "x" * 50_000
DTDS: dict[str, tuple[str, str]] = {
    "empty": ("<!DOCTYPE message>", "host1"),
    "internal entity": ('<!DOCTYPE m [<!ENTITY a "host1">]>', "&a;"),
    "billion laughs": (_laughs(), "&a11;"),
    "quadratic blow-up": (f'<!DOCTYPE m [<!ENTITY a "{_LONG}">]>', "&a;" * 50_000),
    "entity that names itself": ('<!DOCTYPE m [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', "&a;"),
    "default attributes": ('<!DOCTYPE m [<!ATTLIST webExId kind CDATA "x">]>', "host1"),
    "parameter entity": ("<!DOCTYPE m [<!ENTITY % p \"<!ENTITY a 'host1'>\"> %p;]>", "&a;"),
    "behind a comment": ('<!-- <a> ?> --><!DOCTYPE m [<!ENTITY a "host1">]>', "&a;"),
    "behind an instruction": ('<?x --> <a> ?><!DOCTYPE m [<!ENTITY a "host1">]>', "&a;"),
    "malformed": ("<!DOCTYPE m [<!ENTITY a ", "&a;"),
}


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "undeclared"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", DTDS)
def test_no_document_type_declaration_gets_through(hostile: Hostile, name: str, encoding: str, declared: bool) -> None:
    before, value = DTDS[name]
    text = hostile.document(f"<webExId>{value}</webExId>", before)
    text = text[text.index("?>") + 2 :]
    if encoding.startswith("utf-16"):
        text = f'<?xml version="1.0" encoding="UTF-16"?>{text}'
    if not declared:  # such a document is read by another, more lenient parser
        text = text.replace(SERV, "")
    hostile.refuse(text.encode(encoding), "a document type declaration (DOCTYPE) is not allowed")


def test_entities_in_attributes_are_not_expanded(hostile: Hostile) -> None:
    for declared in (SERV, ""):
        text = hostile.document('<webExId kind="&a11;">host1</webExId>', _laughs()).replace(SERV, declared)
        hostile.refuse(text, "DOCTYPE")


@pytest.mark.parametrize("form", ["entity", "parameter", "subset", "public", "instruction", "include", "location"])
def test_no_file_is_read(hostile: Hostile, form: str) -> None:
    uri = hostile.canary.as_uri()
    forms = {
        "entity": (f'<!DOCTYPE m [<!ENTITY a SYSTEM "{uri}">]>', "<webExId>&a;</webExId>", "000000"),
        "parameter": (f'<!DOCTYPE m [<!ENTITY % a SYSTEM "{uri}"> %a;]>', "<webExId>host1</webExId>", "000000"),
        "subset": (f'<!DOCTYPE m SYSTEM "{uri}">', "<webExId>host1</webExId>", "000000"),
        "public": (f'<!DOCTYPE m PUBLIC "-//a//b//c" "{uri}">', "<webExId>host1</webExId>", "000000"),
        "instruction": (f'<?xml-stylesheet type="text/xsl" href="{uri}"?>', "<webExId>nobody</webExId>", "000001"),
        "include": (
            "",
            f'<webExId><i:include xmlns:i="http://www.w3.org/2001/XInclude" parse="text" href="{uri}"/></webExId>',
            "999999",
        ),
        "location": ("", f'<webExId xsi:schemaLocation="urn:x {uri}">nobody</webExId>', "000001"),
    }
    before, inner, code = forms[form]
    for declared in (SERV, ""):
        hostile.send(hostile.document(inner, before).replace(SERV, declared)).failed(code)


def test_nothing_is_fetched_from_the_network(hostile: Hostile) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        uri = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        for before in (
            f'<!DOCTYPE m SYSTEM "{uri}">',
            f'<!DOCTYPE m [<!ENTITY a SYSTEM "{uri}">]>',
            f'<!DOCTYPE m [<!ENTITY % a SYSTEM "{uri}"> %a;]>',
        ):
            inner = "<webExId>&a;</webExId>"
            hostile.refuse(hostile.document(inner, before), "DOCTYPE")
            hostile.refuse(hostile.document(inner, before).replace(SERV, ""), "DOCTYPE")
        include = f'<webExId><i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{uri}"/></webExId>'
        hostile.send(hostile.document(include, f'<?xml-stylesheet href="{uri}"?>')).failed("999999")
        hostile.send(hostile.document(f'<webExId xsi:schemaLocation="{uri} {uri}">host1</webExId>')).ok()
        with pytest.raises(TimeoutError):
            listener.accept()


def test_entities_that_nobody_defined_are_refused(hostile: Hostile) -> None:
    hostile.refuse(hostile.document("<webExId>&nbsp;</webExId>"), "Entity 'nbsp' not defined")
    hostile.refuse(hostile.document("<webExId>&nbsp;</webExId>").replace(SERV, ""), "Entity 'nbsp' not defined")


def test_texts_that_look_like_a_declaration_are_texts(hostile: Hostile) -> None:
    for inner in ("<webExId><![CDATA[<!DOCTYPE a>]]></webExId>", "<webExId>&lt;!DOCTYPE a&gt;</webExId>"):
        for declared in (SERV, ""):
            hostile.send(hostile.document(inner).replace(SERV, declared)).failed("000001")


# --- size and shape ----------------------------------------------------------------------------------------------

DEEP = "elements are nested more than 100 deep"


@pytest.mark.parametrize("depth", [101, 300, 5_000, 200_000])
def test_deep_nesting_is_refused(hostile: Hostile, depth: int) -> None:
    inner = "<a>" * depth + "</a>" * depth
    hostile.refuse(hostile.document(inner), DEEP)
    hostile.refuse(hostile.document(inner).replace(SERV, ""), DEEP)
    hostile.send("<a>" * depth + "</a>" * depth).failed("000000")


def test_nesting_up_to_the_limit_is_read(hostile: Hostile) -> None:
    around = 3  # message, body and bodyContent
    for depth, code in ((100 - around, None), (101 - around, "000000")):
        inner = "<webExId>host1</webExId>" + "<a>" * depth + "</a>" * depth
        assert hostile.send(hostile.document(inner)).code == code


def _many(pattern: str, number: int) -> str:
    return "".join(pattern.format(each) for each in range(number))


TOO_MANY = "the document has more than 200000 elements"


@pytest.mark.parametrize(
    "inner", ["<a/>" * 600_000, _many("<a{}/>", 300_000), _many("<p{}:a/>", 220_000)], ids=["same", "names", "prefixes"]
)
def test_more_elements_than_any_request_needs_are_refused(hostile: Hostile, inner: str) -> None:
    hostile.refuse(hostile.document(inner), TOO_MANY)


@pytest.mark.parametrize(
    "inner",
    [
        f'<webExId a="{"x" * 3_000_000}">host1</webExId>',
        "<webExId " + _many('a{}="" ', 200_000) + ">host1</webExId>",
        "<webExId " + _many('xmlns:p{0}="u{0}" ', 50_000) + ">host1</webExId>",
        "<webExId " + _many('q{}:a="" ', 50_000) + ">host1</webExId>",
        f"<webExId>host1</webExId>{'<!---->' * 400_000}",
        f"<webExId>host1</webExId>{'<?a?>' * 500_000}",
        f"<webExId>host1</webExId>{'<b/>' * 150_000}",
        f"<webExId>host1</webExId>{'<b>x</b> ' * 100_000}",
        f"<webExId>host1</webExId><{'n' * 40_000}/>",
    ],
    ids=["attribute", "attributes", "namespaces", "prefixes", "comments", "PIs", "elements", "texts", "name"],
)
def test_large_parts_that_mean_nothing_are_passed_over(hostile: Hostile, inner: str) -> None:
    document = hostile.document(inner)
    assert len(document) < _LARGEST
    assert hostile.send(document).ok().value("webExId") == "host1"


def test_the_same_attribute_twice_is_refused(hostile: Hostile) -> None:
    hostile.refuse(hostile.document('<webExId a="1" a="2">host1</webExId>'), "Attribute a redefined")


def test_names_beyond_what_the_parser_takes_are_refused(hostile: Hostile) -> None:
    hostile.refuse(hostile.document(f"<{'n' * 100_000}/>"), "Name too long")


def test_texts_of_faults_are_bounded(hostile: Hostile) -> None:
    name = "n" * 40_000
    for document in (
        f"<{name}/>",
        hostile.document(operation=name),
        hostile.document(operation=name * 50),
        hostile.document(f"<webExId>{name}</webExId>" * 3),
        hostile.document(f"<{name}>", ""),
    ):
        answer = hostile.send(document)
        assert answer.result == "FAILURE"
        assert len(answer.text) < 2_000


def test_a_message_holds_a_bounded_number_of_requests(hostile: Hostile) -> None:
    document = hostile.document()
    start, end = document.index("<bodyContent"), document.index("</body>")
    fifty = document[:start] + document[start:end] * 50 + document[end:]
    assert hostile.send(fifty).all("response/result") == ["SUCCESS"] * 50
    many = document[:start] + document[start:end] * 51 + document[end:]
    hostile.refuse(many, "at most 50 bodyContent elements are allowed")
    hostile.refuse(document[:start] + "<bodyContent/>" * 150_000 + document[end:], "at most 50 bodyContent elements")


def test_documents_up_to_the_limit_are_read_and_larger_ones_refused(hostile: Hostile) -> None:
    document = hostile.document()
    filler = "<!--" + "x" * (_LARGEST - len(document) - 7) + "-->"
    largest = document.replace("<webExId>", filler + "<webExId>")
    assert len(largest) == _LARGEST
    hostile.send(largest).ok()
    hostile.refuse(largest + "\n", "the document is larger than 4000000 bytes")


def test_memory_does_not_grow_with_repeated_attacks(hostile: Hostile) -> None:
    worst = hostile.document("<a/>" * 600_000)
    for _ in range(3):
        hostile.refuse(worst, TOO_MANY)
    before = hostile.process.memory()
    for number in range(8):
        hostile.refuse(worst, TOO_MANY)
        hostile.send(hostile.document(_many(f"<webExId><x{number}_{{}}/></webExId>", 40_000))).failed("999999")
    assert hostile.process.memory() - before < 150_000_000


def test_others_are_answered_while_large_documents_are_read(hostile: Hostile) -> None:
    document = hostile.document("<a/>" * 600_000)
    threads = [threading.Thread(target=hostile.send, args=(document,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        hostile.send(hostile.document()).ok()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


# --- characters and encodings ------------------------------------------------------------------------------------

CONTROLS = [0x0, 0x1, 0x8, 0xB, 0xC, 0xE, 0x1F, 0xFFFE, 0xFFFF]


@pytest.mark.parametrize("number", CONTROLS)
def test_characters_that_xml_forbids_are_refused(hostile: Hostile, number: int) -> None:
    hostile.refuse(hostile.document(f"<webExId>host1{chr(number)}</webExId>"), "the document is not well-formed XML")
    hostile.refuse(hostile.document(f"<webExId>host1&#{number};</webExId>"), f"invalid xmlChar value {number}")
    hostile.refuse(hostile.document(f"<webExId>host1&#x{number:x};</webExId>"), f"invalid xmlChar value {number}")


@pytest.mark.parametrize("reference", ["&#xD800;", "&#xDFFF;", "&#x110000;", "&#99999999999999999999;", "&#-1;", "&#;"])
def test_references_to_no_character_are_refused(hostile: Hostile, reference: str) -> None:
    hostile.refuse(hostile.document(f"<webExId>{reference}</webExId>"), "the document is not well-formed XML (line ")


@pytest.mark.parametrize(
    "damage",
    [b"\xff", b"\xfe\xff", b"\xc0\xbc", b"\xe0\x80\xbc", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3", b"\x80"],
    ids=lambda damage: damage.hex(),
)
def test_bytes_that_are_no_utf_8_are_refused(hostile: Hostile, damage: bytes) -> None:
    document = hostile.document("<webExId>@</webExId>").encode().replace(b"@", damage)
    hostile.refuse(document, "Invalid bytes in character encoding")


def test_a_nul_before_or_behind_the_document_is_refused(hostile: Hostile) -> None:
    document = hostile.document()
    hostile.refuse("\0" + document, "the document is not well-formed XML")
    hostile.refuse(document + "\0", "Extra content at the end of the document")
    hostile.refuse(document + "<a/>", "Extra content at the end of the document")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_documents_in_wide_encodings_are_read(hostile: Hostile, encoding: str) -> None:
    text = hostile.document()
    without = text[text.index("?>") + 2 :]
    declared = f'<?xml version="1.0" encoding="{encoding[:6].upper()}"?>{without}'
    hostile.send(declared.encode(encoding)).ok()
    if encoding in ("utf-16", "utf-32"):  # their first character tells
        hostile.send(without.encode(encoding)).ok()


@pytest.mark.parametrize(
    "name",
    ["nonsense", "", "utf_8", "utf-8 ", "ISO - 8859 - 1", "rot13", "hex", "idna", "punycode", "undefined", "cp037"],
)
def test_encoding_names_that_nobody_knows_are_passed_over(hostile: Hostile, name: str) -> None:
    hostile.refuse("<a", "the document is not well-formed XML")  # what came before must not matter
    hostile.send(hostile.document().replace('encoding="UTF-8"', f'encoding="{name}"')).ok()


@pytest.mark.parametrize("name", ["\0utf-8", "a\0b", "\0", "\1", "\ufffd", "ä"])
def test_encoding_names_may_be_anything(hostile: Hostile, name: str) -> None:
    for before in ("", "\t"):
        document = hostile.document().replace('encoding="UTF-8"', f'encoding="{name}"')
        assert hostile.send(before + document).code in (None, "000000")


@pytest.mark.parametrize("name", ["punycode", "idna", "utf_7", "unicode_escape", "zlib"])
def test_encoding_names_do_not_start_long_computations(hostile: Hostile, name: str) -> None:
    hostile.refuse(f'<?xml version="1.0" encoding="{name}"?><message>-{"a" * 3_900_000}', "not well-formed")


def test_an_encoding_that_the_bytes_are_not_in_is_refused(hostile: Hostile) -> None:
    document = hostile.document("<webExId>hôst</webExId>")
    hostile.refuse(document.encode("latin-1"), "Invalid bytes in character encoding")
    hostile.refuse(document.replace("UTF-8", "UTF-16"), "the document is not well-formed XML")
    hostile.send(document.replace("UTF-8", "ISO-8859-1").encode("latin-1")).failed("000001")


def test_a_fault_says_nothing_of_what_others_sent(hostile: Hostile) -> None:
    hostile.refuse(hostile.document("<secret-of-somebody:a/>" * 5 + "<b"), "not well-formed")
    for document in ("\0", "\0<", "<", b"\xff\xfe", b"\x00<\x00?", "<a", "  \t", "\ufeff", "%", "\x01<a/>"):
        assert "secret-of-somebody" not in hostile.send(document).failed("000000").text


# --- values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "ho<!-- x -->st1",
        "ho<?x y?>st1",
        "<![CDATA[host1]]>",
        "ho<![CDATA[st]]>1",
        "&#104;ost1",
        "\n  host1\t\n",
        "HOST1",
    ],
)
def test_values_are_read_through_comments_and_sections(hostile: Hostile, value: str) -> None:
    answer = hostile.send(hostile.document(f"<webExId>{value}</webExId>")).ok()
    assert answer.value("webExId") == "host1"
    password = hostile.document().replace(PASSWORD, "Parley<!-- -->-demo<![CDATA[-]]>1")
    hostile.send(password).ok()


def test_nil_and_empty_elements_are_no_values(hostile: Hostile) -> None:
    for element in (
        '<webExId xsi:nil="true"/>',
        "<webExId/>",
        "<webExId> </webExId>",
        '<webExId xsi:nil="1"></webExId>',
    ):
        answer = hostile.send(hostile.document(element)).failed("999999")
        assert answer.reason == "webExId: a value is required"


_NAMED = "<metaData><confName>Dates</confName></metaData>"


@pytest.mark.parametrize(
    ("element", "path", "allowed"),
    [
        ("<metaData/><metaData/>", "metaData", "may occur once only"),
        ("<metaData><confName>a</confName><confName>b</confName></metaData>", "metaData/confName", "once only"),
        ("<accessControl><listToPublic>maybe</listToPublic></accessControl>", "listToPublic", "must be true or false"),
        ("<metaData><meetingType>pro</meetingType></metaData>", "metaData/meetingType", "must be a whole number"),
        ("<schedule><duration>1.5</duration></schedule>", "schedule/duration", "must be a whole number"),
        ("<schedule><duration>1e3</duration></schedule>", "schedule/duration", "must be a whole number"),
        ("<schedule><duration>٣٠</duration></schedule>", "schedule/duration", "must be a whole number"),
        ("<schedule><duration>0x1F</duration></schedule>", "schedule/duration", "must be a whole number"),
        (f"<schedule><duration>{'9' * 5000}</duration></schedule>", "schedule/duration", "must be between"),
        (f"<schedule><duration>-{'9' * 40}</duration></schedule>", "schedule/duration", "must be between"),
        (f"<metaData><meetingType>{2**63}</meetingType></metaData>", "metaData/meetingType", "must be between"),
        (
            _NAMED + "<schedule><startDate>tomorrow</startDate></schedule>",
            "",
            "Date format should be MM/dd/yyyy HH:mm:ss",
        ),
        (_NAMED + "<schedule><startDate>02/30/2030 10:00:00</startDate></schedule>", "", "Date format should be"),
        (_NAMED + "<schedule><startDate>01/01/99999 10:00:00</startDate></schedule>", "", "Date format should be"),
        ("<repeat><repeatType>OFTEN</repeatType></repeat>", "repeat/repeatType", "must be one of"),
        (
            "<repeat><repeatType>WEEKLY</repeatType><dayInWeek><day>8</day></dayInWeek></repeat>",
            "repeat/dayInWeek/day",
            "must be one of",
        ),
        ("<telephony><telephonySupport>5</telephonySupport></telephony>", "telephony/telephonySupport", "must be one"),
        (
            f"<accessControl><meetingPassword>{'p' * 17}</meetingPassword></accessControl>",
            "accessControl/meetingPassword",
            "16",
        ),
    ],
)
def test_wrong_values_name_their_element_and_what_is_allowed(
    hostile: Hostile, element: str, path: str, allowed: str
) -> None:
    answer = hostile.client().call("meeting.CreateMeeting", element).failed("999999")
    assert path in (answer.reason or "")
    assert allowed in (answer.reason or ""), answer.reason
    assert len(answer.reason or "") < 400


def test_all_problems_are_reported_together_when_asked_for(hostile: Hostile) -> None:
    values = "<schedule><duration>x</duration></schedule><metaData><meetingType>y</meetingType></metaData>"
    answer = hostile.client().call("meeting.CreateMeeting", values + "<validateFormat>TRUE</validateFormat>")
    assert answer.failed("999999").all("subError/reason") == [
        "schedule/duration: must be a whole number",
        "metaData/meetingType: must be a whole number",
    ]
    many = "<participants><attendees>" + "<attendee><role>x</role></attendee>" * 5_000 + "</attendees></participants>"
    answer = hostile.client().call("meeting.CreateMeeting", many + "<validateFormat>1</validateFormat>")
    assert len(answer.failed("999999").all("subError")) == 50


NAMES = [
    "</meet:confName><x/><script>alert(1)</script>",
    "a & b &amp; &lt;c&gt; ]]> 'd' \"e\"",
    "<![CDATA[x]]> <!-- y --> <?z?>",
    "\u202eevil\u202c \u200f\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 \U00020000 \U0010fffd",
    "n\u0303 \u0301\u0302\u0303\u0304 Z\u0351\u036b\u0343",
    "tab\tand nbsp\u00a0 and \u2028 and \u0085 and \u007f",
    "{0} {name} %s %(x)s $1 \\n \\u0000 ${jndi:x}",
    "'; DROP TABLE sessions; --",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_come_back_as_they_were_sent(hostile: Hostile, name: str) -> None:
    client = hostile.client()
    key = create(client, name)
    assert get(client, key).ok().value("confName") == name
    values = {"dateScope": {"startDateStart": "01/01/2020 00:00:00"}, "listControl": {"maximumNum": 500}}
    listed = client.call("meeting.LstsummaryMeeting", values).ok()
    assert name in listed.all("meeting/confName")
    client.call("meeting.DelMeeting", meetingKey=key).ok()


@pytest.mark.parametrize("letter", ["n", "é", "\U0001f600"])
def test_names_that_no_one_can_read_are_refused(site: TestSite, letter: str) -> None:
    name = "".join(chr(ord(letter) + random.randrange(20)) for _ in range(10_000))
    answer = site.client().call("meeting.CreateMeeting", meeting(name)).failed("999999")
    assert (answer.reason or "").startswith("metaData/confName: at most ")


# --- other sites -------------------------------------------------------------------------------------------------


def test_another_sites_sessions_cannot_be_reached_by_their_keys(hostile: Hostile) -> None:
    other = hostile.site.server.new_site()
    key = create(other.client(), CANARY)
    uuid = get(other.client(), key).ok().value("meetingUUID")
    for element in (f"<meetingKey>{key}</meetingKey>", f"<meetingUUID>{uuid}</meetingUUID>"):
        for operation in ("GetMeeting", "SetMeeting", "DelMeeting", "GethosturlMeeting", "GetjoinurlMeeting"):
            document = hostile.client().document(f"meeting.{operation}", element.replace("meetingKey", "sessionKey"))
            for text in (document, document.replace("sessionKey", "meetingKey")):
                assert hostile.send(text).result == "FAILURE"
    assert get(other.client(), key).ok().value("confName") == CANARY


def test_a_header_has_one_security_context(hostile: Hostile) -> None:
    """The first one counts, so a filter in front that looks at the first one sees what counts."""
    other = hostile.site.server.new_site()
    second = (
        f"<securityContext><siteName>{other.name}</siteName><webExID>host1</webExID>"
        f"<password>{PASSWORD}</password></securityContext>"
    )
    document = hostile.document()
    for text in (
        document.replace("</header>", f"{second}</header>"),
        document.replace("</header>", f"</header><header>{second}</header>"),
    ):
        assert hostile.send(text).ok().value("email") == hostile.site.users["host1"].email


# --- everything at once ------------------------------------------------------------------------------------------


def test_attacks_side_by_side(hostile: Hostile) -> None:
    attacks: list[Callable[[], object]] = [
        lambda: hostile.refuse(hostile.document("<webExId>&a11;</webExId>", _laughs()), "DOCTYPE"),
        lambda: hostile.refuse(hostile.document("<a>" * 200_000), DEEP),
        lambda: hostile.refuse(hostile.document("<a/>" * 300_000), TOO_MANY),
        lambda: hostile.refuse("<" * 1_000_000, "not well-formed"),
        lambda: hostile.send(hostile.document()).ok(),
    ]
    failures: list[BaseException] = []

    def attack(number: int) -> None:
        try:
            for step in range(6):
                attacks[(number + step) % len(attacks)]()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=attack, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert not any(thread.is_alive() for thread in threads)
