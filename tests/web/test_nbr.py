"""The web services of recordings: tickets, files, meetings, uploads, faults; and what does not belong there."""

from __future__ import annotations

import base64
import threading
import wave
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree
from zeep import Client as Zeep
from zeep import Settings, Transport
from zeep.exceptions import Fault as ZeepFault

from parley.domain.recording import Kind, Recording, State
from parley.recordings import tools
from parley.recordings.storage import StorageUnavailable
from parley.web.nbr import multipart
from parley.web.nbr.declared import SERVICES
from parley.web.nbr.faults import NOT_THERE_TEXT
from parley.web.nbr.tickets import TICKET_SECONDS
from tests.clients.nbr_client import WSDL_NAMESPACE, NbrClient, NbrRefused, envelope, parts_of
from tests.recordings.stores import CLIP, CLIPS
from tests.server import PASSWORD, Server, TestSite
from tests.services.recordings import new_recording
from tests.web.recordings import CONTENT, bucket_server, recorded, stored

NASTY = '<b>"Tea" & cake</b> ü'


def client(site: TestSite, service: str = "NBRStorageService", **options: Any) -> NbrClient:
    return NbrClient(site.server.url, service, **options)


def ticket(site: TestSite, user: str = "host1") -> str:
    with client(site) as script:
        return script.ticket(site.site_id, user, PASSWORD)


def refused(script: NbrClient, operation: str, *values: tuple[str, object]) -> str:
    with pytest.raises(NbrRefused) as fault:
        script.call(operation, *values)
    return fault.value.text


def fault_text(response: httpx.Response) -> str:
    fault = etree.fromstring(response.content)[0][0]
    assert etree.QName(fault).localname == "Fault"
    return fault[1].text or ""


def downloads(site: TestSite, row: Recording) -> int:
    answer = site.client("admin").call("history.LstrecordaccessHistory", recordName=row.name)
    return int(answer.value("downloaded") or 0) if answer.result == "SUCCESS" else 0


# ---- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bare", [True, False])
@pytest.mark.parametrize("service", ["NBRStorageService", "nbrstorageservice", ""])
def test_a_file_comes_as_three_parts(site: TestSite, service: str, bare: bool) -> None:
    row = recorded(site, NASTY)
    with client(site, service, bare=bare) as script:
        shown = script.ticket(site.site_id, "HOST1", PASSWORD)
        by_lines = script.load_by_blank_lines(site.site_id, row.recording_id, shown)
        by_boundary = script.load_by_boundary(site.site_id, row.recording_id, shown)
    assert by_lines.content == by_boundary.content == CONTENT
    assert by_lines.name == by_boundary.name
    assert by_lines.name.endswith(".mp4")
    assert by_boundary.content_id.isalnum()
    assert downloads(site, stored(site, row)) == 2


def test_blank_lines_inside_of_a_file(site: TestSite, tmp_path: Path) -> None:
    """The file is the last part, so what it holds confuses nobody."""
    file = tmp_path / "odd.mp4"
    file.write_bytes(CONTENT + b"\r\n\r\n--x\r\n\r\n" * 3)
    row = recorded(site, file=file)
    with client(site) as script:
        loaded = script.load_by_blank_lines(site.site_id, row.recording_id, ticket(site))
    assert loaded.content == file.read_bytes()


def test_zeep_loads_a_file_by_the_published_wsdl(site: TestSite) -> None:
    row = recorded(site)
    service = _zeep(site, "NBRStorageService").service
    shown = service.getStorageAccessTicket(site.site_id, "host1", PASSWORD)
    pack = service.downloadNBRStorageFile(site.site_id, row.recording_id, shown)
    words, file = pack.attachments
    assert file.content == CLIP.read_bytes()
    assert words.content.decode().split("\n")[1] == str(len(CONTENT))
    with pytest.raises(ZeepFault, match="does not exist or is no longer available"):
        service.downloadNBRStorageFile(site.site_id, 1, shown)
    by_password = _zeep(site, "NBRFileOpenService").service
    pack = by_password.downloadFile(site.site_id, "MC", "host1", PASSWORD, row.recording_id)
    assert pack.attachments[1].content == CLIP.read_bytes()
    xml = _zeep(site, "nbrXmlService").service
    assert len(xml.getMeetingTicket(site.site_id, "host1", PASSWORD, "MC")) > 40
    assert xml.deleteMeetingXml is not None


def _zeep(site: TestSite, service: str) -> Zeep:
    return Zeep(  # type: ignore[no-untyped-call]
        f"{site.server.url}/nbr/services/{service}?wsdl",
        settings=Settings(forbid_dtd=True),
        transport=Transport(timeout=30, operation_timeout=30),  # type: ignore[no-untyped-call]
    )


@pytest.mark.parametrize("service", SERVICES)
def test_the_wsdl_names_every_operation(site: TestSite, service: str) -> None:
    response = httpx.get(f"{site.server.url}/nbr/services/{service.lower()}?WSDL")
    assert response.headers["content-type"].startswith("text/xml")
    root = etree.fromstring(response.content)
    names = root.xpath("//*[local-name()='portType']/*[local-name()='operation']/@name")
    assert set(names) == {each.name for each in SERVICES[service]}
    (address,) = root.xpath("//*[local-name()='address']/@location")
    assert address == f"{site.server.url}/nbr/services/{service}"
    assert root.get("targetNamespace") == WSDL_NAMESPACE
    assert "SOAP" in httpx.get(f"{site.server.url}/nbr/services/{service}").text
    assert service in httpx.get(f"{site.server.url}/nbr/services/").text


def test_the_name_of_the_host_names_the_site(site: TestSite) -> None:
    row = recorded(site)
    with client(site, host=f"{site.name}.meet.example.org") as script:
        shown = script.call("getStorageAccessTicket", ("username", "host1"), ("password", PASSWORD))
        values = (("recordId", row.recording_id), ("ticket", shown))
        assert parts_of(script.send("downloadNBRStorageFile", *values)).content == CONTENT


@pytest.mark.parametrize(
    "names",
    [
        ("siteId", "username", "password"),
        ("SITEID", "userName", "PassWord"),
        ("in0", "in1", "in2"),
        ("siteID", "webExID", "password"),
    ],
)
def test_parameters_count_by_name_and_then_by_place(site: TestSite, names: tuple[str, ...]) -> None:
    values = list(zip(names, (site.site_id, "host1", PASSWORD), strict=True))
    with client(site) as script:
        assert script.call("getStorageAccessTicket", *values, typed=' xsi:type="xsd:string"')
        if names[0] != "in0":
            assert script.call("GETSTORAGEACCESSTICKET", *reversed(values))


def test_a_get_names_the_operation_in_its_query(site: TestSite) -> None:
    values = {"method": "getMeetingTicket", "siteId ": f"{site.site_id} ", "username": "host1", "password": PASSWORD}
    answer = httpx.get(f"{site.server.url}/nbr/services/nbrXMLService", params={**values, "service": "MC"})
    assert answer.status_code == 200
    returned = etree.fromstring(answer.content)[0][0][0]
    assert returned.tag == f"{{{WSDL_NAMESPACE}}}getMeetingTicketReturn"
    row = recorded(site)
    asked = {"siteId": site.site_id, "recordId": row.recording_id, "ticket": returned.text}
    file = httpx.get(f"{site.server.url}/nbr/services/", params={"method": "downloadNBRStorageFile", **asked})
    assert parts_of(file).content == CONTENT
    sent = httpx.get(f"{site.server.url}/nbr/services/NBRFileOpenService", params={"method": "uploadRecording"})
    assert (sent.status_code, "POST" in sent.text) == (500, True)


def test_numbers_of_recordings_and_meetings(site: TestSite) -> None:
    own = [recorded(site, conf_id=700 + place // 2, created_at=1_700_000_000 + place * 60) for place in range(4)]
    other = recorded(site, host="host2", conf_id=900, service="TrainingCenter")
    new_recording(site, state=State.TRASHED)
    numbers = sorted(str(row.recording_id) for row in own)
    with client(site, "nbrXmlService") as script:
        who = [("siteId", site.site_id), ("userName", "host1"), ("password", PASSWORD)]
        assert sorted(script.leaves("getNBRRecordIdList", *who)) == numbers
        who[1] = ("userName", "admin")
        assert sorted(script.leaves("getNBRRecordIdList", *who)) == sorted([*numbers, str(other.recording_id)])
        whole, trainings = (script.call("getMeetingTicket", *who, ("service", service)) for service in ("", "TC"))
        site_id = ("siteId", site.site_id)
        assert script.leaves("getNBRConfIdList", site_id, ("ticket", whole)) == ["700", "701", "900"]
        assert script.leaves("getNBRConfIdList", site_id, ("ticket", trainings)) == ["900"]
        assert script.leaves("getNBRConfIdList", site_id, ("ticket", ticket(site))) == ["700", "701"]
    with client(site) as script:
        shown = ("ticket", ticket(site))
        of = (site_id, ("confId", 700), shown)
        assert script.leaves("getNBRStorageFile", *of) == [str(row.recording_id) for row in own[:2]]
        assert script.leaves("getNBRStorageFile", *of, ("fileType", "WMV")) == []
        dates = [("fromDate", "2023-11-14T22:14:00Z"), ("toDate", "2023-11-14T23:15:30+01:00")]
        found = script.leaves("getNBRStorageFile", site_id, ("confId", 0), shown, ("fileType", "mp4"), *dates)
        assert found == sorted(str(row.recording_id) for row in own[1:3])
        assert "fromDate" in refused(script, "getNBRStorageFile", *of, ("fileType", ""), ("fromDate", "yesterday"))
        assert "no recording" in refused(script, "getNBRStorageFile", site_id, ("confId", 900), shown)
        assert "no recording" in refused(script, "getNBRStorageFile", site_id, ("confId", 1), shown)


def test_a_recording_is_thrown_away(site: TestSite) -> None:
    row, other = recorded(site, conf_id=12), recorded(site, host="host2")
    with client(site) as script:
        site_id, shown = ("siteId", site.site_id), ("ticket", ticket(site))
        of = [site_id, ("confId", 13), ("recordId", row.recording_id), shown]
        assert refused(script, "deleteNBRStorageFile", *of) == NOT_THERE_TEXT
        of[1] = ("confId", 12)
        assert script.call("deleteNBRStorageFile", *of) == "true"
        assert stored(site, row).state is State.TRASHED
        assert refused(script, "deleteNBRStorageFile", *of) == NOT_THERE_TEXT
        of[1:3] = [("confId", 0), ("recordId", other.recording_id)]
        assert refused(script, "deleteNBRStorageFile", *of) == NOT_THERE_TEXT
        of[-1] = ("ticket", ticket(site, "admin"))
        assert script.call("deleteNBRStorageFile", *of) == "true"
    assert stored(site, other).state is State.TRASHED


def test_the_sound_of_a_meeting(site: TestSite) -> None:
    recorded(site, "Tea", conf_id=55)
    new_recording(site, conf_id=56, format="ARF", file_key=f"{site.site_id}/00/{'0' * 32}.arf")
    with client(site) as script:
        of = [("siteId", site.site_id), ("confId", 55), ("ticket", ticket(site))]
        loaded = parts_of(script.send("downloadWAVFlie", *of))
        assert b"downloadWAVFileReturn" in script.send("downloadWAVFile", *of).content
        of[1] = ("confId", 56)
        assert "ARF" in refused(script, "downloadWAVFlie", *of)
    assert loaded.name == "Tea.wav"
    with wave.open(BytesIO(loaded.content)) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getsampwidth()) == (1, 16000, 2)
        assert 5 < sound.getnframes() / 16000 < 7
    arriving = Path(site.server.config.data) / "recordings" / "arriving"
    assert not list(arriving.glob("sound-*"))


# ---- who may --------------------------------------------------------------------------------------------------------


def test_tickets_end(server: Server) -> None:
    site, other = server.new_site(), server.new_site()
    row = recorded(site)
    with client(site) as script:
        shown = ticket(site)

        def load(site_id: int, text: str) -> str:
            return refused(
                script, "downloadNBRStorageFile", ("siteId", site_id), ("recordId", row.recording_id), ("ticket", text)
            )

        bad = "Not a valid session ticket"
        changed = [shown[:-1] + ("0" if shown[-1] != "0" else "1"), shown[2:], "", "AS", "0" * 80, "z" * 80, "ab" * 900]
        assert {load(site.site_id, text) for text in changed} == {bad}
        assert load(other.site_id, shown) == bad
        assert load(other.site_id, ticket(other)) == NOT_THERE_TEXT
        assert load(1, shown) == "Failed to get SiteUrl from server"
        assert load("x", shown) == "Failed to get SiteUrl from server"  # type: ignore[arg-type]
        assert script.load_by_boundary(site.site_id, row.recording_id, shown).content == CONTENT
        server.clock.ahead += TICKET_SECONDS - 60
        assert script.load_by_boundary(site.site_id, row.recording_id, shown).content == CONTENT
        server.clock.ahead += 61
        assert load(site.site_id, shown) == bad
        shown = ticket(site)
        site.set_user("host1", credential_version=99)  # as a change of the password does
        assert load(site.site_id, shown) == bad
        shown = ticket(site)
        site.set_user("host1", locked=True)
        assert load(site.site_id, shown) in (bad, "The account is locked")


def test_hosts_load_their_own_and_administrators_all(site: TestSite) -> None:
    row = recorded(site)
    site.set_user("host2", ro_site_admin=True)
    of = ("siteId", site.site_id), ("recordId", row.recording_id)
    with client(site) as script:
        for user in ("admin", "host2"):
            assert script.load_by_boundary(site.site_id, row.recording_id, ticket(site, user)).content == CONTENT
        shown = ("ticket", ticket(site, "host2"))
        assert "Access denied" in refused(script, "deleteNBRStorageFile", *of, shown)
        site.set_user("host2", ro_site_admin=False)
        assert refused(script, "downloadNBRStorageFile", *of, ("ticket", ticket(site, "host2"))) == NOT_THERE_TEXT
        for number in (0, -1, row.recording_id + 1, "x", "9" * 30, "1 OR 1=1"):
            asked = (of[0], ("recordId", number), ("ticket", ticket(site)))
            assert refused(script, "downloadNBRStorageFile", *asked) == NOT_THERE_TEXT
    assert stored(site, row).state is State.READY
    with client(site) as script, pytest.raises(NbrRefused, match="Access denied"):
        script.ticket(site.site_id, "attendee1", PASSWORD)


def test_wrong_passwords_lock_as_in_the_xml_api(site: TestSite) -> None:
    site.set(settings=_with_lock(site))
    with client(site, "nbrXmlService") as script:
        who = [("siteId", site.site_id), ("username", "host1"), ("password", "wrong"), ("service", "MC")]
        for place in range(3):
            who[2] = ("password", f"wrong-{place}")
            assert script.call("getMeetingTicket", *who).startswith("AS030002")
        who[2] = ("password", PASSWORD)
        assert script.call("getMeetingTicket", *who).startswith("AS030030")
        assert site.client("host1").call("user.AuthenticateUser").code == "030030"
        who[1] = ("username", "nobody")
        assert script.call("getMeetingTicket", *who).startswith("AS030001")
        assert script.call("getMeetingTicket", *who[:3], ("service", "XX")).startswith("AS999999")
    with client(site) as script, pytest.raises(NbrRefused, match="Corresponding User not found"):
        script.ticket(site.site_id, "nobody", PASSWORD)


def _with_lock(site: TestSite) -> Any:
    from parley.domain.site import SiteSettings

    return SiteSettings(lock_after_failures=3)


# ---- uploads --------------------------------------------------------------------------------------------------------


def upload(
    site: TestSite, content: bytes = CONTENT, user: str = "host1", inline: bool = False, **changes: object
) -> httpx.Response:
    values: dict[str, object] = {
        "dh": base64.b64encode(content).decode() if inline else "",
        "siteId": site.site_id,
        "userId": user,
        "recordName": NASTY,
        "fileType": "MP4",
        "filesize": len(content),
        "duration": 6,
        "serviceType": 3,
        "appToken": changes.pop("token", None) or ticket(site, user),
        **changes,
    }
    document = envelope("uploadRecording", list(values.items()))
    address = f"{site.server.url}/nbr/services/NBRFileOpenService"
    if inline:
        return httpx.post(address, content=document, timeout=60)
    document = document.replace("<dh></dh>", '<dh href="cid:file-1"/>')
    head = "--MIME\r\nContent-Type: {}\r\nContent-Id: <{}>\r\n\r\n"
    body = head.format("text/xml", "root").encode() + document.encode() + b"\r\n"
    body += head.format("text/plain", "other").encode() + b"not this one\r\n"
    body += head.format("video/mp4", "file-1").encode() + content + b"\r\n--MIME--\r\n"
    kind = {"Content-Type": 'multipart/related; type="text/xml"; boundary=MIME'}
    return httpx.post(address, content=body, headers=kind, timeout=60)


def number_in(response: httpx.Response) -> int:
    assert response.status_code == 200, response.text
    return int(etree.fromstring(response.content)[0][0][0].text or 0)


@pytest.mark.parametrize("inline", [False, True])
def test_a_file_is_brought_along_and_taken_away(site: TestSite, inline: bool) -> None:
    number = number_in(upload(site, inline=inline))
    row = stored(site, new_reference(site, number))
    assert (row.state, row.kind, row.size, row.service) == (State.READY, Kind.UPLOADED, len(CONTENT), "TrainingCenter")
    assert row.name == NASTY
    with client(site, "NBRFileOpenService") as script:
        shown = ticket(site)
        assert script.load_by_boundary(site.site_id, number, shown).content == CONTENT
        of = [("siteId", site.site_id), ("recordId", number), ("appToken", shown), ("deleteRomoteFile", "false")]
        assert script.call("deleteUploadedRecording", *of) == "true"
        assert stored(site, row).state is State.TRASHED
        other = number_in(upload(site))
        of[1:] = [("recordId", other), of[2], ("deleteRomoteFile", "true")]
        assert script.call("deleteUploadedRecording", *of) == "true"
        made_here = new_recording(site)
        of[1] = ("recordId", made_here.recording_id)
        assert refused(script, "deleteUploadedRecording", *of) == NOT_THERE_TEXT


def new_reference(site: TestSite, number: int) -> Recording:
    from parley.store import recordings

    found = site.server.run(recordings.by_id(site.server.application.engine, site.site_id, number))
    assert found is not None
    return found


def test_files_that_are_not_taken(site: TestSite) -> None:
    before = _arriving(site)
    for response, text in (
        (upload(site, b"<html>" * 900), "no recording"),
        (upload(site, filesize=len(CONTENT) + 1), "fewer bytes"),
        (upload(site, filesize=len(CONTENT) - 1), "more bytes"),
        (upload(site, filesize=""), "filesize"),
        (upload(site, filesize=10**15), "not stored"),
        (upload(site, user="host1", userId="host2"), "Corresponding User not found"),
        (upload(site, token="0" * 60), "Not a valid session ticket"),
        (upload(site, dh="cid:none", inline=True), "missing"),
        (upload(site, dh="not base64!", inline=True), "Base64"),
    ):
        assert response.status_code == 500
        assert text in fault_text(response)
    assert _arriving(site) == before
    with client(site, "nbrXmlService") as script:
        who = ("siteId", site.site_id), ("userName", "host1"), ("password", PASSWORD)
        assert script.leaves("getNBRRecordIdList", *who) == []
    owned = number_in(upload(site, user="admin", userId="host2"))
    assert stored(site, new_reference(site, owned)).owner_id == site.users["host2"].user_id


def _arriving(site: TestSite) -> set[str]:
    folder = Path(site.server.config.data) / "recordings" / "arriving"
    return {each.name for each in folder.glob("upload-*")}


# ---- hostile --------------------------------------------------------------------------------------------------------

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "x",
        "<a/>",
        "<Envelope/>",
        "<Envelope><Body/></Envelope>",
        BOMB + envelope("getStorageAccessTicket", [("siteId", "&i;")]).replace("&amp;i;", "&i;"),
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><Envelope><Body><getMeetingXml/></Body></Envelope>',
        "<Envelope><Body>" + "<a>" * 5000 + "</a>" * 5000 + "</Body></Envelope>",
        "<Envelope><Body><getMeetingXml>" + "<a/>" * 300_000 + "</getMeetingXml></Body></Envelope>",
        "<Envelope><Body><getMeetingXml>" + "<a/>" * 100 + "</getMeetingXml></Body></Envelope>",
        "<Envelope><Body><getMeetingXml><ticket>" + "a" * 100_000 + "</ticket></getMeetingXml></Body></Envelope>",
        "<Envelope><Body><launchMissiles/></Body></Envelope>",
        "<Envelope><Body><" + "o" * 10_000 + "/></Body></Envelope>",
        '<Envelope><Body><getMeetingXml><a href="#b"/></getMeetingXml><b id="b"><c href="#b"/></b></Body></Envelope>',
        "<Envelope><Body><getMeetingXml/></Body>",
    ],
)
def test_documents_that_are_none(shared_site: TestSite, document: str) -> None:
    address = f"{shared_site.server.url}/nbr/services/nbrXmlService"
    response = httpx.post(address, content=document.encode(), timeout=60)
    assert response.status_code == 500
    assert "Internal error" not in fault_text(response)
    assert "root:" not in response.text
    assert len(response.content) < 2000


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/related", b"--a\r\n\r\n<x/>\r\n--a--"),
        ("multipart/related; boundary=" + "b" * 300, b""),
        ("multipart/related; boundary=a", b""),
        ("multipart/related; boundary=a", b"--a--\r\n"),
        ("multipart/related; boundary=a", b"x" * 200_000),
        ("multipart/related; boundary=a", b"--a\r\n" + b"h: v\r\n" * 9000),
        ("multipart/related; boundary=a", b"--a\r\n\r\n<x/>"),
        ("multipart/related; boundary=a", b"--a\r\n\r\n" + b"x" * 5_000_000 + b"\r\n--a--"),
        ("text/xml", b"<" + b"x" * 5_000_000),
    ],
)
def test_messages_that_are_none(shared_site: TestSite, kind: str, body: bytes) -> None:
    address = f"{shared_site.server.url}/nbr/services/NBRFileOpenService"
    try:
        response = httpx.post(address, content=body, headers={"Content-Type": kind}, timeout=60)
    except httpx.TransportError:  # the server hung up while we were still sending
        assert len(body) > 1_000_000
        return
    assert response.status_code == 500
    assert "Internal error" not in fault_text(response)


def test_there_is_no_such_service(shared_site: TestSite) -> None:
    response = httpx.get(f"{shared_site.server.url}/nbr/services/AdminService?wsdl")
    assert response.status_code == 404
    many = "&".join(f"a{number}=1" for number in range(200))
    assert httpx.get(f"{shared_site.server.url}/nbr/services/nbrXmlService?{many}").status_code == 500
    assert httpx.put(f"{shared_site.server.url}/nbr/services/nbrXmlService").status_code == 405


def test_fifty_at_once(site: TestSite, tmp_path: Path) -> None:
    file = tmp_path / "large.mp4"
    file.write_bytes(CONTENT + bytes(3_000_000))
    row, shown = recorded(site, file=file), ticket(site)

    def load(_: int) -> bytes:
        with client(site) as script:
            return script.load_by_boundary(site.site_id, row.recording_id, shown).content

    expected = file.read_bytes()
    with ThreadPoolExecutor(50) as pool:
        assert all(content == expected for content in pool.map(load, range(50)))
    assert downloads(site, stored(site, row)) == 50


def test_a_file_that_is_not_there(site: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, row = new_recording(site), recorded(site)

    async def away(key: str) -> int | None:
        raise StorageUnavailable("the store does not answer")

    with client(site) as script:
        of = [("siteId", site.site_id), ("recordId", gone.recording_id), ("ticket", ticket(site))]
        assert refused(script, "downloadNBRStorageFile", *of) == NOT_THERE_TEXT
        monkeypatch.setattr(site.server.application.storage, "size", away)
        of[1] = ("recordId", row.recording_id)
        assert "busy" in refused(script, "downloadNBRStorageFile", *of)
    assert downloads(site, stored(site, row)) == 0


def test_a_store_that_goes_away_in_the_middle(site: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came so far must not pass for the whole."""
    row = recorded(site)

    async def broken(*_: object) -> AsyncIterator[bytes]:
        yield CONTENT[:1000]
        raise StorageUnavailable("the store does not answer")

    monkeypatch.setattr(multipart, "stored_pieces", broken)
    with client(site) as script:
        shown = ticket(site)
        with pytest.raises(httpx.RemoteProtocolError):
            script.load_by_boundary(site.site_id, row.recording_id, shown)


def test_nothing_is_read_for_somebody_who_left(site: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    row, ended, read = recorded(site), threading.Event(), 0

    async def endless(*_: object) -> AsyncIterator[bytes]:
        nonlocal read
        try:
            while True:
                read += 1
                yield bytes(65_536)
        finally:
            ended.set()

    monkeypatch.setattr(multipart, "stored_pieces", endless)
    values = ("siteId", site.site_id), ("recordId", row.recording_id), ("ticket", ticket(site))
    document = envelope("downloadNBRStorageFile", list(values))
    with httpx.stream("POST", f"{site.server.url}/nbr/services/", content=document) as response:
        assert response.status_code == 200
        assert next(response.iter_raw())
    assert ended.wait(20)
    assert read > 0


def test_sounds_without_ffmpeg(site: TestSite, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(site, conf_id=55)
    monkeypatch.setattr(tools, "ffmpeg", lambda: None)
    with client(site) as script:
        of = ("siteId", site.site_id), ("confId", 55), ("ticket", ticket(site))
        assert "no program for it" in refused(script, "downloadWAVFlie", *of)


def test_files_in_a_bucket(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with bucket_server(sqlite_template, tmp_path, monkeypatch) as server:
        site = server.new_site()
        row = recorded(site, file=CLIPS / "clip.webm")
        with client(site) as script:
            loaded = script.load_by_boundary(site.site_id, row.recording_id, ticket(site))
        assert loaded.content == (CLIPS / "clip.webm").read_bytes()
