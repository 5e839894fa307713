"""What is fuzzed: functions that take any bytes, and do nothing worse with them than to refuse them.

Each target has seeds, which are good inputs, and tokens, which mutations put into them. A target returns whether the
input was taken; whatever it raises is a finding.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from urllib.parse import quote, urlencode

from lxml import etree
from starlette.exceptions import HTTPException

from parley.cli.request_writer import Login, RequestError, write_request
from parley.contract import SCHEMAS
from parley.contract.training_tests import UploadIMStest
from parley.domain.notices import is_public, target_of
from parley.domain.site import Site, SiteSettings
from parley.mail.calendars import Entry, Party, calendar_file
from parley.protocol.answer import Result, write_answer
from parley.protocol.codec import Problems, decoder, encoder
from parley.protocol.declare import Record
from parley.protocol.envelope import read_children, read_message
from parley.protocol.faults import Fault
from parley.protocol.masking import masked
from parley.protocol.versions import LEVELS, Level
from parley.recordings.probing import NotARecording, _asf_seconds, _mp4_seconds, kind_of
from parley.rooms import messages
from parley.rooms.tokens import Pass, Recorder, Signer, Ticket
from parley.services import catalogue, user_import
from parley.services.event.pictures import checked_picture
from parley.services.import_tables import TableError
from parley.services.registry import Operation, find, operations
from parley.services.signin import read_credentials
from parley.services.training_tests.library import checked_document
from parley.services.training_tests.questions import Definition, questions_of, read_definition, write_definition
from parley.web import xml_endpoint
from parley.web.link_values import LinkValues, _pairs, clean_values
from parley.web.nbr.faults import NbrFault
from parley.web.nbr.soap import read_call, text, write_fault
from parley.web.reference.samples import request_sample
from parley.web.uploads import _parts
from parley.web.url_api.account_values import changes_of, profile_of, tracking_of
from parley.web.url_api.meeting_values import meeting_of
from parley.web.url_api.parameters import Parameters
from parley.web.url_api.reasons import Refused

assert catalogue.__all__  # importing it enters the operations into the register

LIMIT: Final = 65_536
#: A fault says what is wrong in a line, however long what was sent is.
_LONGEST_ANSWER: Final = 4_000
_NOW: Final = 1_770_000_000
_SITE: Final = Site(site_id=1, name="fuzzed", settings=SiteSettings())
_SIGNER: Final = Signer(bytes(range(32)))
_LOGIN: Final = Login(site="fuzzed", user="host1", password="Secret-77")


@dataclass(frozen=True)
class Target:
    """Something that takes bytes from strangers.

    Attributes:
        weight: its share of all inputs, compared with those of the others.
        run: does what a server does with the bytes; False: they were refused.
        seeds: makes the good inputs.
        tokens: parts that are worth putting in.
    """

    name: str
    weight: int
    run: Callable[[bytes], bool]
    seeds: Callable[[], list[bytes]]
    tokens: tuple[bytes, ...]


def _check_line(reason: str) -> None:
    """What is said of a bad input is short, and on one line."""
    assert len(reason) < _LONGEST_ANSWER
    assert "\n" not in reason


def _check_refusal(answer: bytes) -> None:
    """An answer that refuses is short, and a document."""
    assert len(answer) < _LONGEST_ANSWER
    assert etree.fromstring(answer) is not None


# --- the XML API: bytes, form, envelope, record, and back ---------------------------------------------------------


def run_document(data: bytes) -> bool:
    """A POST to the XML endpoint, up to where an operation would begin."""
    try:
        document, form = xml_endpoint._from_body(data)
        message = read_message(document)
        credentials = read_credentials(message.security_context, form, {"headers": [], "client": None})
        assert len(credentials.web_ex_id or "") <= len(data)
        for content in message.contents:
            operation = find(content.type_name)
            if operation is not None:
                _run_content(operation, content.element, LEVELS[len(data) % len(LEVELS)])
    except Fault as fault:
        _check_refusal(write_answer([Result(None, fault=fault)]))
        return False
    finally:
        masked(data)
    return True


def _run_content(operation: Operation, element: Any, level: Level) -> None:
    problems = Problems()
    record = decoder(operation.request, level)(element, problems)
    if problems.items:
        raise Fault("999999", problems.items[0].message)
    _write_again(operation.request, record, level)
    if isinstance(record, UploadIMStest):
        _take_test(record)


def _write_again(cls: type[Record], record: Record, level: Level) -> None:
    """What was read can be written, and says the same when it is read again."""
    written = encoder(cls, level)(record)
    problems = Problems()
    again = decoder(cls, level)(read_children(written, SCHEMAS), problems)
    assert not problems.items, problems.items
    assert encoder(cls, level)(again) == written


def _take_test(record: UploadIMStest) -> None:
    document = checked_document(record.questestinterop)
    definition = Definition(one_per_page=True, assign_grades=True, document=document)
    again = read_definition(write_definition(definition))
    assert questions_of(again) == questions_of(definition)


def document_seeds() -> list[bytes]:
    """A request of every operation: with what it needs, with everything, and as `parley call` writes it."""
    found = []
    for operation in operations():
        full = request_sample(operation, LEVELS[-1], full=True)
        found += [request_sample(operation, LEVELS[-1]), full, _called(operation, full)]
    form = f"UID=host1&PWD=Secret-77&SID=1&XML={quote(found[0])}"
    return [each.encode() for each in (*found, form)]


def _called(operation: Operation, full: str) -> str:
    """The same request written from paths."""
    (content,) = read_message(full.encode()).contents
    name, values = f"{operation.module}.{operation.name}", list(_paths(content.element, ""))
    try:
        return write_request(name, values, _LOGIN)
    except RequestError:  # a text beside elements has no path
        return write_request(name, [each for each in values if _can_be_said(name, each)], _LOGIN)


def _can_be_said(name: str, value: str) -> bool:
    try:
        write_request(name, [value], _LOGIN)
    except RequestError:
        return False
    return True


def _paths(element: Any, before: str) -> Iterator[str]:
    for child in element:
        name = f"{before}{etree.QName(child).localname}"
        if len(child):
            yield from _paths(child, f"{name}.")
        elif child.text and child.text.strip():
            yield f"{name}={child.text}"


def test_seeds() -> list[bytes]:
    """Tests in the interchange format."""
    seeds = [seed for seed in document_seeds() if re.search(rb"UploadIMStest|uploadIMStest", seed)]
    parts = (
        b'<qtiasi:flow><qtiasi:response_lid ident="A" rcardinality="Multiple"><qtiasi:render_choice>'
        b'<qtiasi:response_label ident="1">yes</qtiasi:response_label></qtiasi:render_choice>'
        b"</qtiasi:response_lid></qtiasi:flow>"
    )
    return [*seeds, *(re.sub(rb"<qtiasi:flow>.*?</qtiasi:flow>", parts, seed, flags=re.S) for seed in seeds)]


# --- what pages and other doors take ------------------------------------------------------------------------------


def run_link(data: bytes) -> bool:
    """The query or the form of a link of the URL API, up to the records that it asks for."""
    try:
        query = data.decode("latin-1")
        values = LinkValues(clean_values(_pairs(query, 100)))
        document, _ = xml_endpoint._from_query(data)
        assert len(document) <= len(data)
        for make in (
            lambda sent: meeting_of(sent, new=True),
            lambda sent: meeting_of(sent, new=False),
            profile_of,
            changes_of,
            tracking_of,
        ):
            make(Parameters(values))
        target = target_of(values.get("BU"))
        if target is not None:
            assert target.host.isascii()
            assert not re.search(r"[\s\\@/?#]", target.authority)
            assert not re.search(r"[\s\\#]", target.path)
        is_public(values.get("BU"))
    except (HTTPException, Refused):
        return False
    return True


def link_seeds() -> list[bytes]:
    """Links as portals make them."""
    values = {
        "AT": "SM",
        "MN": "Weekly review",
        "PW": "Secret-77",
        "MO": "5",
        "DA": "30",
        "YE": "2030",
        "HO": "10",
        "MI": "15",
        "TZ": "20",
        "DU": "60",
        "RE": "1",
        "REPEAT": "WEEKLY",
        "BU": "https://user@[::1]:8443/back?a=b",
        "FN": "Ada",
        "LN": "Lovelace",
        "EM": "ada@example.com",
        "PN": "1,555,0100,,,0",
        "TC1": "x",
    }
    return [urlencode(values).encode(), b"AT=LI&WID=host1&PW=x&MU=/fuzzed/console", b"XML=%3Cmessage/%3E"]


def run_upload(data: bytes) -> bool:
    """A form with a file; its first line is the boundary."""
    boundary, _, body = data.partition(b"\n")
    try:
        parts = list(_parts(body, boundary[:70] or b"x"))
    except HTTPException:
        return False
    assert sum(len(head) + len(content) for head, content in parts) <= 3 * len(data)
    return True


def upload_seeds() -> list[bytes]:
    """Forms as browsers write them."""
    one = b'--b\r\nContent-Disposition: form-data; name="CSRF"\r\n\r\n1\r\n'
    file = b'--b\r\nContent-Disposition: form-data; name="FILE"; filename="a.csv"\r\n\r\nwebExId\r\nx\r\n'
    return [b"b\n" + one + file + b"--b--\r\n", b"b\n" + one * 101 + b"--b--\r\n", b"\n--x--"]


def run_table(data: bytes) -> bool:
    """A table of people that an administrator brings."""
    try:
        rows = user_import.read_table(data, _SITE, most=2_000)
    except TableError as error:
        _check_line(str(error))
        return False
    assert len(rows) <= 2_001
    return True


def table_seeds() -> list[bytes]:
    """Tables as spreadsheets write them."""
    head = ";".join(user_import.COLUMNS)
    line = ";".join(f"v{number}" for number in range(len(user_import.COLUMNS)))
    plain = f"{head}\r\n{line}\r\n{line}\r\n"
    quoted = 'sep=,\nwebExId,firstName,lastName,email\n"a""b","x\ny",=1+1,a@b.c\n'
    return [plain.encode(), plain.encode("utf-16"), quoted.encode("utf-8-sig"), plain.replace(";", "\t").encode()]


def run_picture(data: bytes) -> bool:
    """A picture for an event."""
    try:
        return checked_picture(data, None) in ("image/gif", "image/jpeg")
    except Fault as fault:
        _check_line(fault.reason)
        return False


def picture_seeds() -> list[bytes]:
    """A still picture, a scan and an animation."""
    from PIL import Image

    found = []
    picture = Image.new("RGB", (24, 12), "red")
    picture.putpixel((3, 4), (0, 255, 0))
    frames: dict[str, Any] = {"save_all": True, "append_images": [picture.rotate(90)] * 3}
    for kind, options in (("GIF", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("GIF", frames), ("PNG", {})):
        with io.BytesIO() as file:
            picture.save(file, kind, **options)
            found.append(file.getvalue())
    return found


def run_recording(data: bytes) -> bool:
    """The beginning of a file that may be a recording; a broken one has no length."""
    try:
        found = kind_of(data[:4096])
    except NotARecording:
        return False
    read = {"mp4": _mp4_seconds, "wmv": _asf_seconds}.get(found.suffix)
    if read is not None:
        try:
            read(io.BytesIO(data), len(data))
        except (ValueError, ZeroDivisionError, OverflowError):
            return False
        except Exception as error:
            if type(error).__name__ != "error":  # struct.error
                raise
            return False
    return True


def run_message(data: bytes) -> bool:
    """A message on the socket of a room."""
    try:
        said = messages.read(data)
    except messages.BadMessage:
        return False
    description = getattr(said, "description", None)
    if isinstance(description, str):
        messages.sends_media(description)
    return True


def message_seeds() -> list[bytes]:
    """Messages of browsers."""
    sdp = "v=0\\r\\nm=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\na=sendrecv\\r\\n"
    return [
        b'{"type":"enter","token":"abc","seen":3}',
        b'{"type":"chat","to":"all","text":"hello"}',
        f'{{"type":"signal","to":2,"link":1,"description":"{sdp}"}}'.encode(),
        b'{"type":"savepoll","question":"a","options":["x","y"],"several":true}',
        b'{"type":"note","start":0,"removed":1,"added":"x"}',
    ]


def run_token(data: bytes) -> bool:
    """A token of a room; nobody has the secret, so none counts."""
    told = data.decode("latin-1")
    found = (_SIGNER.read(told, Pass, _NOW), _SIGNER.read(told, Ticket, _NOW), _SIGNER.read(told, Recorder, _NOW))
    return any(each is not None for each in found)


def run_soap(data: bytes) -> bool:
    """A call of the recording services."""
    try:
        call = read_call(data)
    except NbrFault as fault:
        _check_refusal(write_fault(fault))
        return False
    assert etree.fromstring(f"<a>{text(''.join(value for _, value in call.sent))}</a>") is not None
    return True


def soap_seeds() -> list[bytes]:
    """Calls in the forms that SOAP libraries write."""
    return [
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><n:getNBRConfIdList xmlns:n="urn:x">'
        b"<siteId>1</siteId><ticket>a</ticket></n:getNBRConfIdList></s:Body></s:Envelope>",
        b'<Envelope><Body><upload><a href="#id0"/><b href="cid:1"/></upload><m id="id0">x</m></Body></Envelope>',
    ]


def run_calendar(data: bytes) -> bool:
    """Texts of a session, in the file that goes to calendars: they add no line and no component to it."""
    import icalendar

    words = [each.decode("utf-8", "replace").replace("\0", "") for each in (data + b"\n\n\n\n").split(b"\n", 4)]
    entry = Entry(
        uid="1@parley",
        sequence=0,
        name=words[0],
        description=words[4][:2_000],
        url="https://meet.example.com/j.php",
        start=datetime(2026, 3, 2, 9, 30),  # noqa: DTZ001 - wall-clock time
        time_zone_id=25,
        duration=45,
        stamp=_NOW,
        organizer=Party("host1@example.com", words[1]),
        attendees=[Party("ada@example.com", words[2])],
    )
    file = calendar_file(entry, "REQUEST")
    read = icalendar.Calendar.from_ical(file)
    assert isinstance(read, icalendar.Calendar)
    (event,) = read.walk("VEVENT")
    plain = calendar_file(_calm(entry), "REQUEST")
    assert _names(event) <= _names(icalendar.Calendar.from_ical(plain).walk("VEVENT")[0]) | {"DESCRIPTION", "SUMMARY"}
    assert not read.walk("VALARM")
    return True


def _calm(entry: Entry) -> Entry:
    import msgspec

    return msgspec.structs.replace(
        entry, name="a", description="b", organizer=Party("host1@example.com", "c"), attendees=[Party("a@b.c", "d")]
    )


def _names(event: Any) -> set[str]:
    return {str(name) for name in event}


# --- all of them --------------------------------------------------------------------------------------------------

_XML: Final = (
    *(b"<", b">", b"</", b"/>", b"<?xml ", b"?>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE a [", b"&", b";"),
    *(b"\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc3", b"\xed\xa0\x80", b"&#0;", b"&#xD800;", b"&#x2028;"),
    *(b' xsi:type="GetUser"', b' xsi:nil="true"', b' xmlns:a=""', b' xmlns=""', b' encoding="UTF-7"', b"XML=", b"%3C"),
    *(b"<message>", b"<body>", b"<bodyContent>", b"<securityContext>", b"<siteID>", b"<a:b:c/>", b"<a/>" * 50),
    *(b"", b"-1", b"2147483648", b"9" * 300, b"1e999", b"NaN", b"true", b"01/01/0001 00:00:00", b"13/45/2031 25:61:00"),
)
_LINK: Final = (*(b"&", b"=", b";", b"%00", b"%0d%0a", b"%", b"+", b"%ff", b"\xc4\xb0", b"BU=", b"PW="), *_XML[-9:])
_ICAL: Final = (
    b"\r\n",
    b"\r",
    b"\n",
    b"BEGIN:VALARM",
    b"END:VEVENT",
    b":",
    b";",
    b'"',
    b",",
    b"^n",
    b"\xe2\x80\xa8",
    b"\\",
)
_MEDIA: Final = (
    b"ftypisom",
    b"moov",
    b"mvhd",
    b"\x00\x00\x00\x01",
    b"\xff\xff\xff\xff",
    b"\x00" * 8,
    b"webm",
    b"\xff\xda",
)
_JSON: Final = (b"{", b"}", b"[" * 50, b'"', b"\\ud800", b"1e400", b"null", b'"type":', b"\\u0000", b"-0", b"\xff")
_FORM: Final = (b"\r\n--b", b"--", b"\r\n\r\n", b'name="', b"filename*=", b"\x00", b"\r\n--b--")


def _clips() -> list[bytes]:
    head = b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isomiso2"
    movie = b"\x00\x00\x00\x6cmvhd" + bytes(12) + (1000).to_bytes(4, "big") + (60_000).to_bytes(4, "big") + bytes(80)
    asf = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + (200).to_bytes(8, "little") + (1).to_bytes(4, "little")
    asf += b"\x01\x02" + bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365") + (104).to_bytes(8, "little") + bytes(90)
    return [
        head + (8 + len(movie)).to_bytes(4, "big") + b"moov" + movie,
        asf,
        b"WOTF1234",
        b"\x1aE\xdf\xa3B\x82\x84webm",
    ]


def _tokens_of_rooms() -> list[bytes]:
    good = Signer(bytes(32)).sign(Recorder(site_id=1, session_key=2, recording_id=3, stay_id=4, until=_NOW + 9))
    return [good.encode(), good[:-1].encode(), b"a" * 400]


TARGETS: Final = {
    each.name: each
    for each in (
        Target("document", 60, run_document, document_seeds, _XML),
        Target("test", 8, run_document, test_seeds, (*_XML, b"Single", b"Multiple", b' ident="A"', b"ScoreAdd")),
        Target("link", 8, run_link, link_seeds, _LINK),
        Target("upload", 4, run_upload, upload_seeds, _FORM),
        Target("table", 4, run_table, table_seeds, (*_FORM, b'"', b";", b"\t", b",", b"\xff\xfe", b"sep=")),
        Target("picture", 4, run_picture, picture_seeds, _MEDIA),
        Target("recording", 3, run_recording, _clips, _MEDIA),
        Target("message", 4, run_message, message_seeds, _JSON),
        Target("token", 2, run_token, _tokens_of_rooms, (b"=", b"-", b"_", b"\xff", b"AAAA")),
        Target("soap", 2, run_soap, soap_seeds, _XML),
        Target("calendar", 1, run_calendar, lambda: [b"Planning\nHanna\nAda\nx\nWhat we do"], _ICAL),
    )
}


@cache
def seeds_of(name: str) -> tuple[bytes, ...]:
    """The seeds of a target, made once."""
    return tuple(TARGETS[name].seeds())
