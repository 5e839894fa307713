"""DelRecording, the trash, and what the owner is told, over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from parley.domain.recording import Recording, State
from parley.services.recording import changing
from parley.services.recording.changing import Actor, NoRoom
from parley.services.recording_mails import RecordingNotice
from parley.store import Changes, outbox, recordings, users
from tests.client import Answer
from tests.server import TestSite
from tests.services.recordings import DAY, change, details, new_recording, now, share

DELETE, LIST, TRASH = "ep.DelRecording", "ep.LstRecording", "ep.LstRecordingInRecycleBin"
RECOVER, PURGE = "ep.RecoverRecordingFromRecycleBin", "ep.DelRecordingFromRecycleBin"


def delete(site: TestSite, recording: Recording, caller: str = "host1", **more: Any) -> Answer:
    return site.client(caller).call(DELETE, recordingID=recording.recording_id, **more)


def listed(site: TestSite, operation: str = LIST, caller: str = "host1") -> list[str]:
    answer = site.client(caller).call(operation)
    return [] if answer.code == "000015" else answer.ok().all("recording/recordingID")


def mails(site: TestSite) -> list[tuple[str, str, RecordingNotice]]:
    """Kind, recipient and content of what waits to be sent about recordings."""
    waiting = site.server.run(outbox.waiting(site.server.application.engine, site.site_id, 500))
    return [
        (each.kind, each.recipient or "", msgspec.json.decode(each.document, type=RecordingNotice))
        for each in waiting
        if each.kind.startswith("recording.")
    ]


def test_deleting_moves_to_the_trash_and_it_comes_back(site: TestSite) -> None:
    made = new_recording(site, password="Secret12", document=details(description="D"))
    answer = delete(site, made, isServiceRecording=True, deletePermanently=False).ok()
    assert answer.type_name == "ep:delRecordingResponse"
    assert answer.value("recordingID") == str(made.recording_id)
    assert (listed(site), listed(site, TRASH)) == ([], [str(made.recording_id)])
    kept = now(site, made)
    assert (kept.state, kept.trashed_by) == (State.TRASHED, site.users["host1"].user_id)
    delete(site, made).failed("000015")
    back = site.client().call(RECOVER, recordingID=made.recording_id).ok()
    assert back.type_name == "ep:recoverRecordingFromRecycleBinResponse"
    assert back.all("successfulRecoverRecordings/recordingID") == [str(made.recording_id)]
    assert (listed(site), listed(site, TRASH)) == ([str(made.recording_id)], [])
    again = now(site, made)
    assert (again.password, again.details.description, again.trashed_at) == ("Secret12", "D", None)
    assert again.stream_rcid == made.stream_rcid


@pytest.mark.parametrize("said", [None, True, False])
def test_a_recording_is_found_whatever_is_said_of_its_kind(site: TestSite, said: bool | None) -> None:
    made = new_recording(site)
    delete(site, made, isServiceRecording=said).ok()
    assert now(site, made).state is State.TRASHED


def test_deleting_for_good(site: TestSite) -> None:
    made = new_recording(site, password="Secret12", document=details(description="D"))
    thrown = new_recording(site)
    delete(site, thrown).ok()
    for each in (made, thrown):
        delete(site, each, deletePermanently=True).ok()
        delete(site, each, deletePermanently=True).failed("000015")
        gone = now(site, each)
        assert (gone.state, gone.password, gone.document) == (State.GONE, None, "{}")
        assert gone.file_key == each.file_key
    assert (listed(site), listed(site, TRASH)) == ([], [])
    engine = site.server.application.engine
    waiting = site.server.run(recordings.to_remove(engine, site.site_id))
    assert {each.recording_id for each in waiting} == {made.recording_id, thrown.recording_id}
    assert site.server.run(recordings.used(engine, site.site_id)) == 0
    assert mails(site) == []


# ---- who may, and who is told ----------------------------------------------------------------------------------------


def test_the_owner_is_told_what_an_administrator_does(site: TestSite) -> None:
    first, second = new_recording(site, name="First", duration=754, size=7), new_recording(site, name="Second")
    own = new_recording(site, "admin")
    delete(site, first, "admin", isServiceRecording=True).ok()
    delete(site, second, "admin", deletePermanently=True).ok()
    delete(site, own, "admin").ok()
    host = site.users["host1"]
    trashed, deleted = sorted(mails(site), key=lambda each: each[2].name)
    assert (trashed[0], trashed[1]) == ("recording.trashed", host.email)
    assert trashed[2] == RecordingNotice(
        name="First",
        owner_id=host.user_id,
        recorded_at=first.created_at,
        seconds=754,
        size=7,
        actor="Admin Tester",
        trash_days=30,
    )
    assert (deleted[0], deleted[1], deleted[2].trash_days) == ("recording.deleted", host.email, 0)
    # It is in the owner's trash, not in the administrator's.
    assert listed(site, TRASH) == [str(first.recording_id)]
    assert listed(site, TRASH, "admin") == [str(own.recording_id)]


def test_the_owner_is_not_told_what_he_does_and_below_42_3_nobody_is(site: TestSite) -> None:
    delete(site, new_recording(site)).ok()
    delete(site, new_recording(site), deletePermanently=True).ok()
    site.set(level="42.2.0")
    for permanently in (False, True):
        delete(site, new_recording(site), "admin", deletePermanently=permanently).ok()
    assert mails(site) == []
    site.set(level="42.3.0")
    delete(site, new_recording(site), "admin").ok()
    assert [kind for kind, *_ in mails(site)] == ["recording.trashed"]


def test_nobody_else_may_delete(site: TestSite) -> None:
    made = new_recording(site)
    share(site, made, "host2")
    for more in ({}, {"deletePermanently": True}):
        delete(site, made, "host2", **more).failed("000015")
        delete(site, made, "attendee1", **more).failed("000001")
    site.set_user("admin", site_admin=False, ro_site_admin=True)
    delete(site, made, "admin").failed("000001")
    assert now(site, made).version == 1
    for number in ("7", "-1", "999999999"):
        site.client().call(DELETE, recordingID=number).failed("000015")
    site.client().call(DELETE).failed("999999")
    site.client().call(DELETE, recordingID="9999999999").failed("999999")


def test_what_a_site_of_another_has_is_not_there(site: TestSite) -> None:
    made, other = new_recording(site), site.server.new_site()
    for client in (other.client("host1"), other.client("admin")):
        client.call(DELETE, recordingID=made.recording_id).failed("000015")
        client.call(RECOVER, recordingID=made.recording_id).failed("000015")
        assert client.call(PURGE, recordingID=made.recording_id).ok().value("successfulRecordingsCount") == "0"
        client.call("ep.GetRecordingInfo", recordingID=made.recording_id).failed("000015")
    assert now(site, made).version == 1


def test_suspended_sites_keep_their_recordings(site: TestSite) -> None:
    made = new_recording(site)
    site.set(suspended=True)
    assert listed(site) == [str(made.recording_id)]
    delete(site, made).ok()
    site.client().call(RECOVER, recordingID=made.recording_id).ok()


# ---- the trash -------------------------------------------------------------------------------------------------------


def trashed(site: TestSite, host: str = "host1", **fields: Any) -> Recording:
    at = site.server.application.clock.now() - DAY
    return new_recording(site, host, state=State.TRASHED, trashed_at=at, trashed_by=1, **fields)


def test_recovering_names_what_came_back(site: TestSite) -> None:
    mine, second, ready = trashed(site), trashed(site), new_recording(site)
    other, gone = trashed(site, "host2"), new_recording(site, state=State.GONE)
    asked = [each.recording_id for each in (second, other, ready, gone, mine, mine)]
    answer = site.client().call(RECOVER, recordingID=[*asked, 4]).ok()
    expected = [str(second.recording_id), str(mine.recording_id)]
    assert answer.all("successfulRecoverRecordings/recordingID") == expected
    site.client().call(RECOVER, recordingID=asked).failed("000015")
    site.client("admin").call(RECOVER, recordingID=other.recording_id).failed("000015")
    assert (now(site, other).state, now(site, gone).state) == (State.TRASHED, State.GONE)
    site.client("host2").call(RECOVER, recordingID=other.recording_id).ok()


def test_purging_tells_how_many_and_what_failed(site: TestSite) -> None:
    mine, second, other, ready = trashed(site), trashed(site), trashed(site, "host2"), new_recording(site)
    answer = site.client().call(
        PURGE, recordingID=[mine.recording_id, other.recording_id, ready.recording_id, mine.recording_id]
    )
    assert answer.ok().type_name == "ep:delRecordingFromRecycleBinResponse"
    assert answer.value("successfulRecordingsCount") == "1"
    assert answer.all("failedRecordings/recordingID") == [str(other.recording_id), str(ready.recording_id)]
    assert answer.all("failedRecordings/reasonForFailure") == ["Sorry, no record found"] * 2
    states = [now(site, each).state for each in (mine, second, other, ready)]
    assert states == [State.GONE, State.TRASHED, State.TRASHED, State.READY]
    assert mails(site) == []


def test_emptying_the_trash(site: TestSite) -> None:
    for _ in range(130):
        trashed(site)
    other, ready = trashed(site, "host2"), new_recording(site)
    answer = site.client().call(PURGE, deleteAll=True).ok()
    assert (answer.value("successfulRecordingsCount"), answer.all("failedRecordings")) == ("130", [])
    assert listed(site, TRASH) == []
    assert site.client().call(PURGE, deleteAll=True).ok().value("successfulRecordingsCount") == "0"
    assert (now(site, other).state, now(site, ready).state) == (State.TRASHED, State.READY)
    used = site.server.run(recordings.used(site.server.application.engine, site.site_id))
    assert used == other.size + ready.size


@pytest.mark.parametrize("operation", [RECOVER, PURGE])
def test_from_one_to_twenty(shared_site: TestSite, operation: str) -> None:
    client = shared_site.client()
    client.call(operation).failed("999999")
    client.call(operation, recordingID=[*range(1, 22)]).failed("999999")
    client.call(operation, recordingID="x").failed("999999")
    some = [trashed(shared_site).recording_id for _ in range(20)]
    client.call(operation, recordingID=some).ok()
    client.call(PURGE, recordingID=5, deleteAll=False).ok()


def test_the_same_thing_many_times_at_once(site: TestSite) -> None:
    made = new_recording(site)

    def one(place: int) -> str | None:
        caller = "admin" if place % 2 else "host1"
        return delete(site, made, caller, deletePermanently=place % 3 == 0).code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(one, range(8)))
    assert set(codes) <= {None, "000015"}
    assert 1 <= codes.count(None) <= 2  # into the trash, and out of it for good
    assert now(site, made).state in (State.TRASHED, State.GONE)
    assert len(mails(site)) <= 2


# ---- to another owner ------------------------------------------------------------------------------------------------


def reassign(site: TestSite, recording: Recording, to: str, actor: Actor) -> None:
    async def work() -> None:
        application = site.server.application
        known = await application.sites.reload(site.site_id)
        owner = await users.by_web_ex_id(application.engine, site.site_id, to)
        before = await recordings.by_id(application.engine, site.site_id, recording.recording_id)
        assert known is not None
        assert owner is not None
        assert before is not None
        changes = Changes()
        args = (application.engine, changes, known.site, before, owner, actor, application.clock.now())
        await changing.reassign(*args)
        await application.engine.commit(changes)

    site.server.run(work())


def test_reassigning_tells_who_had_it(site: TestSite) -> None:
    made = new_recording(site, name="Review")
    share(site, made, "host2")
    operator = Actor(0, "The operator")
    reassign(site, made, "host1", operator)
    assert mails(site) == []
    reassign(site, made, "host2", operator)
    assert listed(site) == []
    assert listed(site, caller="host2") == [str(made.recording_id)]
    ((kind, to, notice),) = mails(site)
    assert (kind, to) == ("recording.reassigned", site.users["host1"].email)
    assert (notice.name, notice.actor, notice.new_owner) == ("Review", "The operator", "Host2 Tester")
    engine = site.server.application.engine
    by_owner = [
        site.server.run(recordings.used(engine, site.site_id, site.users[name].user_id)) for name in ("host1", "host2")
    ]
    assert by_owner == [0, made.size]
    reassign(site, made, "host1", Actor.of(site.users["host2"]))
    assert len(mails(site)) == 1
    site.set(level="42.2.0")
    reassign(site, made, "host2", operator)
    assert len(mails(site)) == 1


def test_nobody_is_given_more_than_there_is_room_for(site: TestSite) -> None:
    document = '{"my_web_ex": {"total_storage_size": 3}}'
    kept = msgspec.json.decode(site.users["host2"].document)
    kept["my_web_ex"] = msgspec.json.decode(document)["my_web_ex"]
    site.set_user("host2", document=msgspec.json.encode(kept).decode())
    first, second = (new_recording(site, size=2 * 1024 * 1024) for _ in range(2))
    reassign(site, first, "host2", Actor(0, "x"))
    with pytest.raises(NoRoom):
        reassign(site, second, "host2", Actor(0, "x"))
    assert now(site, second).owner_id == site.users["host1"].user_id
    change(site, first, state=State.GONE)
    reassign(site, second, "host2", Actor(0, "x"))
