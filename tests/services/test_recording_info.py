"""GetRecordingInfo and SetRecordingInfo over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.contract.ep_recording import (
    GetRecordingInfo,
    GetRecordingInfoResponse,
    RecordingBasicType,
    RecordingFileAccessType,
    RecordingPlaybackType,
    SetRecordingInfo,
    SetRecordingInfoRecording,
)
from parley.domain.passwords import RECORDING_CRITERIA, violations
from parley.domain.recording import Recording, State
from parley.recordings import keeping
from parley.recordings.keeping import NewRecording
from parley.services.safe_texts import plain_line, rich_text
from tests.client import Answer
from tests.generators import records, texts
from tests.server import TestSite
from tests.services.recordings import details, new_recording, now
from tests.services.round_trips import BOUNDED, cleared, leaves, read_answer, send_record

GET, SET = "ep.GetRecordingInfo", "ep.SetRecordingInfo"


def info(site: TestSite, recording: Recording, caller: str = "host1") -> Answer:
    return site.client(caller).call(GET, recordingID=recording.recording_id)


def put(site: TestSite, made: Recording, caller: str = "host1", /, **groups: Any) -> Answer:
    own = groups.pop("recording", {})
    values = {"recording": {"recordingID": made.recording_id, **own}, **groups}
    return site.client(caller).call(SET, values)


def test_what_is_told_of_a_recording(site: TestSite) -> None:
    made = new_recording(
        site, name="Review", listing="PUBLIC", password="Secret12", document=details(agenda="A", description="D")
    )
    answer = site.client().call(GET, recordingID=made.recording_id, isServiceRecording=False).ok()
    assert answer.type_name == "ep:getRecordingInfoResponse"
    assert answer.names() == ["basic", "playback", "fileAccess"]
    assert answer.names("basic") == ["topic", "listing", "presenter", "email", "agenda", "description"]
    basic = [answer.value(f"basic/{name}") for name in answer.names("basic")]
    assert basic == ["Review", "PUBLIC", "Host1 Tester", f"host1@{site.name}.example", "A", "D"]
    assert answer.names("playback") == [
        *("chat", "supportQandA", "video", "polling", "notes", "fileShare", "attendeeList", "toc", "range"),
        *("partialStart", "partialEnd", "includeNBRcontrols"),
    ]
    assert answer.value("playback/range") == "FULL"
    shown = {name: answer.value(f"fileAccess/{name}") for name in answer.names("fileAccess")}
    assert shown == {
        "registration": "false",
        "attendeeView": "true",
        "attendeeDownload": "true",
        "endPlayURL": "",
        "password": "Secret12",
    }


def test_all_properties_can_be_set(site: TestSite) -> None:
    made = new_recording(site, duration=600)
    switches = ("chat", "supportQandA", "video", "polling", "notes", "fileShare", "attendeeList", "toc")
    playback = {
        **dict.fromkeys((*switches, "includeNBRcontrols"), False),
        "range": "PARTIAL",
        "partialStart": 30,
        "partialEnd": 90,
    }
    access = {
        "registration": True,
        "attendeeView": False,
        "attendeeDownload": False,
        "endPlayURL": "https://acme.example/done?x=1",
    }
    basic = {
        "topic": "Renamed",
        "listing": "UNLISTED",
        "presenter": "Ann Lee",
        "email": "ann@acme.example",
        "agenda": "First <b>this</b>",
    }
    own = {"description": "What it is", "password": "New-Secret-1"}
    answer = put(site, made, recording=own, basic=basic, playback=playback, fileAccess=access).ok()
    assert answer.type_name == "ep:setRecordingInfoResponse"
    assert answer.value("recordingID") == str(made.recording_id)
    found = info(site, made).ok()

    def told(group: str) -> dict[str, str]:
        return {name: found.value(f"{group}/{name}") or "" for name in found.names(group)}

    assert told("basic") == {**basic, "description": "What it is"}
    expected = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in playback.items()}
    assert told("playback") == {**expected, "range": "PARTIAL"}
    assert told("fileAccess") == {
        "registration": "true",
        "attendeeView": "false",
        "attendeeDownload": "false",
        "endPlayURL": access["endPlayURL"],
        "password": "New-Secret-1",
    }
    row = site.client().call("ep.LstRecording", recordName="renamed").ok()
    assert (row.value("recording/name"), row.value("recording/registerReq")) == ("Renamed", "true")
    assert row.value("recording/listing") == "UNLISTED"


def test_what_is_not_sent_stays_and_what_is_empty_goes(site: TestSite) -> None:
    document = details(agenda="A", description="D", presenter="P", end_url="https://x.example/")
    made = new_recording(site, name="Review", password="Secret12", document=document)
    before = now(site, made)
    put(site, made).ok()
    after = now(site, made)
    assert (after.document, after.password, after.name, after.listing) == (
        before.document,
        before.password,
        before.name,
        before.listing,
    )
    # A platform renames so: it sends what it has read, and the new name.
    put(site, made, recording={"description": "D", "password": "Secret12"}, basic={"topic": "New", "agenda": "A"}).ok()
    assert now(site, made).name == "New"
    put(site, made, recording={"password": "", "description": ""}, basic={"topic": "", "agenda": ""}).ok()
    put(site, made, basic={"presenter": ""}, fileAccess={"endPlayURL": ""}).ok()
    bare = now(site, made)
    assert (bare.name, bare.password, bare.details) == ("New", None, bare.details.__class__())


def test_passwords_follow_the_criteria_for_recordings(site: TestSite) -> None:
    loose = new_recording(site, password="old")
    put(site, loose, recording={"password": "x"}).ok()
    put(site, loose, recording={"password": "a" * 61}).failed("019011")
    put(site, loose, recording={"password": "with blank"}).failed("019011")
    site = site.server.new_site(strict_recording_passwords=True)
    made = new_recording(site, password="x")
    refused = put(site, made, recording={"password": "secret"}).failed("019011")
    assert "recording/password" in (refused.reason or "")
    put(site, made, recording={"password": "x"}).ok()  # the one there is
    put(site, made, recording={"password": "Abcdefg1"}).ok()
    put(site, made, recording={"password": ""}).failed("999999")
    assert now(site, made).password == "Abcdefg1"
    free = new_recording(site)
    put(site, free, recording={"password": ""}, basic={"topic": "Same"}).ok()


@pytest.mark.parametrize("own", [None, "Mine-enough-1"])
def test_new_recordings_have_the_password_that_the_site_demands(site: TestSite, own: str | None) -> None:
    def begun(here: TestSite) -> str | None:
        host = here.users["host1"].user_id
        new = NewRecording(
            site_id=here.site_id,
            owner_id=host,
            creator_id=host,
            name="Review",
            created_at=0,
            time_zone_id=20,
            password=own,
        )
        return here.server.run(keeping.begin(here.server.application, new)).password

    assert begun(site) == own
    strict = begun(site.server.new_site(strict_recording_passwords=True))
    assert strict is not None
    assert violations(strict, RECORDING_CRITERIA) == []
    assert strict == own or own is None


def test_who_may_set_what(site: TestSite) -> None:
    made = new_recording(site, password="Secret12")
    for caller in ("host2", "attendee1"):
        code = "000001" if caller == "attendee1" else "000015"
        info(site, made, caller).failed(code)
        put(site, made, caller, basic={"topic": "Mine"}).failed(code)
    put(site, made, "admin", basic={"topic": "By an administrator"}).ok()
    assert info(site, made, "admin").ok().value("fileAccess/password") == "Secret12"
    site.set_user("admin", site_admin=False, ro_site_admin=True)
    assert info(site, made, "admin").ok().value("fileAccess/password") == ""
    put(site, made, "admin", basic={"topic": "Mine"}).failed("000001")
    assert now(site, made).name == "By an administrator"


@pytest.mark.parametrize("state", [each for each in State if each is not State.READY])
def test_only_what_is_ready_is_there(site: TestSite, state: State) -> None:
    made = new_recording(site, state=state)
    info(site, made).failed("000015")
    put(site, made, basic={"topic": "New"}).failed("000015")


@pytest.mark.parametrize(
    ("groups", "path"),
    [
        ({"basic": {"topic": "x" * 513}}, "basic/topic"),
        ({"basic": {"topic": "\u3164\u200b"}}, "basic/topic"),
        ({"basic": {"email": "no address"}}, "basic/email"),
        ({"basic": {"agenda": "x" * 8001}}, "basic/agenda"),
        ({"basic": {"presenter": "x" * 513}}, "basic/presenter"),
        ({"basic": {"listing": "EVERYBODY"}}, "basic/listing"),
        ({"recording": {"description": "x" * 8001}}, "recording/description"),
        ({"playback": {"range": "SOME"}}, "playback/range"),
        ({"playback": {"range": "PARTIAL"}}, "playback/partialStart"),
        ({"playback": {"range": "PARTIAL", "partialStart": 90, "partialEnd": 30}}, "playback/partialStart"),
        ({"playback": {"range": "PARTIAL", "partialStart": 600, "partialEnd": 700}}, "playback/partialStart"),
        ({"playback": {"partialStart": -1}}, "playback/partialStart"),
        ({"playback": {"partialEnd": 2**40}}, "playback/partialEnd"),
        ({"fileAccess": {"endPlayURL": "javascript:alert(1)"}}, "fileAccess/endPlayURL"),
        ({"fileAccess": {"endPlayURL": "https://x.example/" + "a" * 3000}}, "fileAccess/endPlayURL"),
    ],
)
def test_values_that_cannot_be(shared_site: TestSite, groups: dict[str, Any], path: str) -> None:
    made = new_recording(shared_site, duration=600)
    answer = put(shared_site, made, **groups).failed("999999")
    assert path in (answer.reason or "")
    assert now(shared_site, made).version == 1


def test_numbers_that_name_nothing(shared_site: TestSite) -> None:
    client = shared_site.client()
    client.call(GET).failed("999999")
    client.call(SET).failed("999999")
    client.call(SET, {"basic": {"topic": "x"}}).failed("999999")
    for number in ("0", "-5", "999999999999"):
        client.call(GET, recordingID=number).failed("000015")
    client.call(GET, recordingID="1 OR 1=1").failed("999999")


def test_scripts_do_not_get_into_pages(shared_site: TestSite) -> None:
    made = new_recording(shared_site)
    evil = "<script>alert(1)</script><b>bold</b>"
    put(shared_site, made, recording={"description": evil}, basic={"topic": f"Name {evil}"}).ok()
    found = now(shared_site, made)
    assert found.details.description == "<b>bold</b>"
    assert "<script" not in found.name


# ---- what is set is told ---------------------------------------------------------------------------------------------


def _basics() -> st.SearchStrategy[RecordingBasicType | None]:
    emails = st.sampled_from(("", None, "ann@acme.example"))
    topics = st.none() | texts(40).filter(lambda text: any(map(str.isalnum, text)))
    drawn = st.tuples(records(RecordingBasicType), emails, topics)
    return st.none() | drawn.map(lambda some: _with(some[0], email=some[1], topic=some[2]))


def _playbacks() -> st.SearchStrategy[RecordingPlaybackType | None]:
    parts = st.sampled_from(((None, None, None), ("FULL", 0, 0), ("FULL", 7, 3), ("PARTIAL", 10, 500)))
    drawn = st.tuples(records(RecordingPlaybackType), parts)
    return st.none() | drawn.map(
        lambda some: _with(some[0], range=some[1][0], partial_start=some[1][1], partial_end=some[1][2])
    )


def _accesses() -> st.SearchStrategy[RecordingFileAccessType | None]:
    links = st.sampled_from((None, "", "https://acme.example/", "http://a.example/x?y=1&z=2"))
    drawn = st.tuples(records(RecordingFileAccessType), links)
    return st.none() | drawn.map(lambda some: _with(some[0], end_play_url=some[1]))


def _with(record: Any, **fields: Any) -> Any:
    return type(record)(**{name: getattr(record, name) for name in record.__struct_fields__} | fields)


def _requests() -> st.SearchStrategy[SetRecordingInfo]:
    passwords = st.none() | st.sampled_from(("", "Secret12", "a&b<c>\"d'"))
    own = st.builds(SetRecordingInfoRecording, description=st.none() | texts(40), password=passwords)
    return st.builds(SetRecordingInfo, recording=own, basic=_basics(), playback=_playbacks(), file_access=_accesses())


#: Paths of what is set by the path at which it is told.
_MOVED = {"recording.description": "basic.description", "recording.password": "file_access.password"}
_RICH = ("basic.description", "basic.agenda")
_LINES = ("basic.topic", "basic.presenter")


def _expected(sent: SetRecordingInfo) -> dict[str, Any]:
    found = {_MOVED.get(path, path): value for path, value in leaves(sent, ("recording.recording_id",)).items()}
    for path in _RICH:
        if path in found:
            found[path] = rich_text(found[path])
    for path in _LINES:
        if path in found:
            found[path] = plain_line(found[path].strip())
    return {path: value for path, value in found.items() if not isinstance(value, str) or value.strip()}


@BOUNDED
@given(first=_requests(), second=_requests())
def test_what_set_recording_info_takes_get_recording_info_gives_back(
    site: TestSite, first: SetRecordingInfo, second: SetRecordingInfo
) -> None:
    client, made = site.client(), new_recording(site, duration=600)
    expected: dict[str, Any] = {}
    for sent in (first, second):
        assert sent.recording is not None
        sent.recording.recording_id = made.recording_id
        send_record(client, sent).ok()
        emptied = {_MOVED.get(path, path) for path in cleared(sent)} - {"basic.topic"}
        expected = {path: value for path, value in expected.items() if path not in emptied} | _expected(sent)
    answer = send_record(client, GetRecordingInfo(recording_id=made.recording_id))
    told = leaves(read_answer(answer, GetRecordingInfoResponse))
    assert {path: told.get(path) for path in expected} == expected
