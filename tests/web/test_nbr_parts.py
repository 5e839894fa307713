"""The parts of the web services by themselves: messages in pieces, parameters, tickets, the WSDL."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from parley.web.nbr.declared import NAMESPACE, SERVICES, find_operation, find_service
from parley.web.nbr.faults import NOT_THERE_TEXT, NbrFault, no_recording
from parley.web.nbr.files import Narrowed, number_of
from parley.web.nbr.reading import Attachments
from parley.web.nbr.soap import Call, Document, arguments, read_call, write_answer, write_fault
from parley.web.nbr.tickets import Ticket, Tickets
from parley.web.nbr.wsdl import wsdl

pytestmark = pytest.mark.anyio
CONTENTS = st.lists(
    st.lists(st.sampled_from([b"--b", b"\r\n", b"\r\n--", b"-", b"x", b"\r\n--c\r\n", b"\x00\xff"]), max_size=8).map(
        b"".join
    ),
    min_size=1,
    max_size=4,
)


async def _pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@given(CONTENTS, st.integers(1, 40), st.sampled_from([b"", b"preamble\r\n"]))
async def test_parts_come_out_as_they_went_in(contents: list[bytes], size: int, preamble: bytes) -> None:
    delimiter = b"b0undary"
    body = preamble + b"".join(
        b"--%s\r\nContent-Id: <p%d>\r\n\r\n%s\r\n" % (delimiter, place, content)
        for place, content in enumerate(contents)
    )
    parts = Attachments(_pieces(body + b"--%s--\r\n" % delimiter, size), delimiter)
    found: list[bytes] = []
    while (head := await parts.next()) is not None:
        assert head == {"content-id": f"<p{len(found)}>"}
        found.append(await parts.document(1000))
    assert found == contents


async def _read_all(parts: Attachments) -> None:
    while await parts.next() is not None:
        await parts.document(1000)


@given(CONTENTS, st.integers(1, 40), st.data())
async def test_messages_that_break_off(contents: list[bytes], size: int, data: st.DataObject) -> None:
    body = b"".join(b"--b0undary\r\n\r\n%s\r\n" % content for content in contents)
    cut = data.draw(st.integers(0, len(body) - 1))
    parts = Attachments(_pieces(body[:cut], size), b"b0undary")
    with pytest.raises(NbrFault, match="ends within a part"):
        await _read_all(parts)


@given(st.binary(max_size=300), st.sampled_from([b"", b"<Envelope><Body>", b"<a><getMeetingXml>"]))
async def test_anything_at_all(data: bytes, before: bytes) -> None:
    with contextlib.suppress(NbrFault):  # anything else would be a defect
        assert read_call(before + data)
    with contextlib.suppress(NbrFault):
        await _read_all(Attachments(_pieces(data.replace(b"x", b"\r\n--B"), 7), b"B"))


@given(
    st.permutations(["siteId", "recordId", "ticket"]),
    st.sampled_from([str.upper, str.lower, str.title, lambda name: f" {name} "]),
)
def test_parameters_by_name(names: list[str], written: object) -> None:
    operation = find_operation("downloadnbrstoragefile")
    assert operation is not None
    sent = [(written(name), f" {name} ") for name in names]  # type: ignore[operator]
    assert arguments(operation, sent) == {name: name for name in names}


def test_parameters_by_place_and_missing_ones() -> None:
    operation = find_operation("getNBRStorageFile")
    assert operation is not None
    found = arguments(operation, [("ticket", "t"), ("a", "1"), ("b", "2"), ("ticket", "again")])
    assert (found["siteId"], found["confId"], found["ticket"]) == ("1", "2", "t")
    assert (found["fileType"], found["fromDate"]) == ("again", "")
    password = find_operation("getStorageAccessTicket")
    assert password is not None
    assert arguments(password, [("password", "  x ")])["password"] == "  x "


def test_values_that_stand_elsewhere() -> None:
    document = (
        '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Header/><E:Body>'
        '<getMeetingXml><siteId href="#id0"/><confId> 7 </confId><dh href="cid:f"/><x><Include href="cid:g"/></x>'
        '</getMeetingXml><multiRef id="id0">12</multiRef></E:Body></E:Envelope>'
    )
    call = read_call(document.encode())
    assert call == Call(
        "getMeetingXml", NAMESPACE, [("siteId", "12"), ("confId", " 7 "), ("dh", "cid:f"), ("x", "cid:g")]
    )


@given(st.text(), st.sampled_from([NAMESPACE, "NBRStorageService"]))
def test_answers_are_documents(text: str, namespace: str) -> None:
    operation = find_operation("getStorageAccessTicket")
    assert operation is not None
    written = etree.fromstring(write_answer(Call("x", namespace, []), operation, text))
    assert written[0][0].tag == f"{{{namespace}}}getStorageAccessTicketResponse"
    assert written[0][0][0].tag == f"{{{namespace}}}getStorageAccessTicketReturn"
    assert etree.fromstring(write_fault(NbrFault(text)))[0][0][1] is not None


def test_a_fault_as_programs_read_it() -> None:
    fault = etree.fromstring(write_fault(no_recording()))[0][0]
    assert [etree.QName(each).localname for each in fault] == ["faultcode", "faultstring", "detail"]
    assert fault[1].text == NOT_THERE_TEXT
    assert fault.findtext("detail/exceptionID") == "000015"


def test_names() -> None:
    assert find_service("NBRXMLSERVICE") == "nbrXmlService"
    assert find_service("x") is None
    wav = find_operation("downloadWAVFile")
    assert wav is not None
    assert wav.name == "downloadWAVFlie"
    answer = write_answer(Call("downloadWAVFile", NAMESPACE, []), wav, ["A", "B"])
    assert b"ns1:downloadWAVFileReturn" in answer
    assert b'<item href="cid:B"/>' in answer
    assert b"<i>1</i>" in write_answer(Call("x", NAMESPACE, []), wav, Document("<i>1</i>"))


@given(st.binary(max_size=200))
def test_no_ticket_of_ours(data: bytes) -> None:
    tickets = Tickets(b"k" * 32)
    good = tickets.sign(Ticket(site_id=1, user_id=2, credential_version=3, until=100))
    assert tickets.read(good, 99) == Ticket(site_id=1, user_id=2, credential_version=3, until=100)
    assert tickets.read(good, 100) is None
    assert Tickets(b"l" * 32).read(good, 1) is None
    assert not good.startswith("AS")
    assert tickets.read(data.hex(), 1) is None
    assert tickets.read(data.decode("latin-1"), 1) is None


@pytest.mark.parametrize("service", SERVICES)
def test_both_forms_of_an_operation_are_described(service: str) -> None:
    root = etree.fromstring(wsdl(service, 'https://a.example/?x=1&y="2"').encode())
    names = root.xpath("//*[local-name()='binding']/*[local-name()='operation']/@name")
    assert names.count("getNBRStorageFile") == (2 if service == "NBRStorageService" else 0)
    messages = {each.get("name") for each in root.iterfind("{*}message")}
    used = {each.split(":")[1] for each in root.xpath("//@message")}
    assert used == messages


def test_numbers_and_times() -> None:
    assert [number_of(text) for text in ("7", "0", "", "x", "-1", "9" * 19, "٣")] == [7, *[None] * 6]
    assert Narrowed.of(".mp4", "", "").format == "MP4"
    assert Narrowed.of("", "2024-01-01T00:00:00", "2024-01-01T02:00:00+02:00") == Narrowed("", 1704067200, 1704067200)
    with pytest.raises(NbrFault, match="fromDate"):
        Narrowed.of("", "01/01/2024", "")
