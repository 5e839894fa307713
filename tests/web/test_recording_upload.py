"""A room is recorded over its socket, and pieces come by HTTP: what the recording page does, and attackers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from parley.domain.recording import State
from parley.recordings import finishing
from parley.recordings.arriving import MOST_PIECE, Arriving, path_of
from parley.recordings.storage import arriving_folder
from parley.rooms.limits import Bucket
from parley.rooms.tokens import Recorder, Signer
from parley.store import recordings
from parley.web import recording_upload
from tests.recordings.media import cut, needs_ffmpeg, sent_by_browser
from tests.server import TestSite
from tests.web.rooms import Guest, Party, hub
from tests.web.rooms import site as site  # the fixture
from tests.web.test_pages import address, invitation

pytestmark = needs_ffmpeg


@pytest.fixture
def party(site: TestSite) -> Iterator[Party]:
    party = Party(site)
    yield party
    party.close()


class Page:
    """The page of a host who records."""

    def __init__(self, party: Party, host: Guest | None = None) -> None:
        self.party = party
        self.host = host if host is not None else party.host()
        self.host.say("record", what="start")
        self.task = self.host.until("recorder")

    def send(self, number: int, data: bytes = b"piece", **more: Any) -> httpx.Response:
        values = {"part": self.task["part"], "token": self.task["token"], "id": self.task["id"], **more}
        key = more.get("key", self.party.key)
        where = address(self.party.site, f"room/{key}/recording/{values['id']}/{values['part']}/{number}")
        headers = {"Authorization": f"Bearer {values['token']}", **more.get("headers", {})}
        return httpx.post(where, content=data, headers=headers)

    def done(self) -> httpx.Response:
        where = address(self.party.site, f"room/{self.party.key}/{self.task['path']}/done")
        return httpx.post(where, headers={"Authorization": f"Bearer {self.task['token']}"})

    def stop(self) -> None:
        self.host.say("record", what="stop")
        self.host.until("recording", state="off")

    @property
    def folder(self) -> Arriving:
        root = arriving_folder(self.party.site.server.config)
        return Arriving(path_of(root, self.party.site.site_id, self.task["id"]))

    @property
    def row(self) -> Any:
        site = self.party.site
        return site.server.run(recordings.by_id(site.server.application.engine, site.site_id, self.task["id"]))


def test_from_the_button_to_the_row(party: Party) -> None:
    host, guest = party.host(), party.invited()
    assert guest.log[-1]["recording"] == {"type": "recording", "state": "off", "member": 0, "server": False}
    page = Page(party, host)
    assert guest.until("recording") == {"type": "recording", "state": "on", "member": host.id, "server": False}
    assert page.row.state is State.ARRIVING
    assert page.row.conf_id is not None
    late = party.invited("Blaise")
    assert late.log[-1]["recording"]["state"] == "on"
    for number, piece in enumerate(cut(sent_by_browser(2), 5)):
        answer = page.send(number, piece)
        assert (answer.status_code, answer.json()) == (200, {"next": number + 1})
    host.say("chapter", name=" The\nfigures ")
    assert host.until("marked")["name"] == "The figures"
    host.say("record", what="pause")
    assert guest.until("recording")["state"] == "paused"
    host.say("record", what="resume")
    assert guest.until("recording")["state"] == "on"
    page.stop()
    assert guest.until("recording")["state"] == "off"
    assert page.done().status_code == 200
    assert page.send(5).status_code == 410
    site = party.site
    assert [note for _, note in site.server.run(finishing.finish_all(site.server.application))] == [None]
    row = page.row
    assert (row.state, row.session_key, row.owner_id) == (State.READY, int(party.key), site.users["host1"].user_id)
    assert row.details.author == "Grace"
    assert [each.name for each in row.details.chapters] == ["The figures"]


def test_who_may_not(party: Party) -> None:
    host, guest = party.host(), party.invited()
    for what in ("start", "stop", "pause", "again"):
        guest.say("record", what=what)
        assert guest.until("refused")["code"] == "record"
    guest.say("chapter", name="x")
    assert guest.until("refused")["text"] == "You cannot record this session."
    host.say("record", what="stop")
    assert host.until("refused")["text"] == "The session is not recorded at the moment."
    page = Page(party, host)
    host.say("record", what="start")
    assert host.until("refused")["text"] == "The session is recorded already."
    assert all(each["type"] != "recorder" for each in guest.sync())
    page.stop()


@pytest.mark.parametrize(
    ("options", "host_may", "guest_may"),
    [
        ({}, True, False),
        ({"meetingRecord": "false"}, False, False),
        ({"supportE2E": "true"}, False, False),
        ({"attendeeRecordMeeting": "true"}, True, True),
    ],
)
def test_what_the_session_says_holds(site: TestSite, options: dict[str, str], host_may: bool, guest_may: bool) -> None:
    party = Party(site, enableOptions=options)
    try:
        for guest, may in ((party.host(), host_may), (party.invited(), guest_may)):
            assert guest.log[-1]["rights"]["record"] is may
            guest.say("record", what="start")
            first = next(guest.until(each) for each in (["recorder"] if may else ["refused"]))
            assert first["type"] == ("recorder" if may else "refused")
            if may:
                guest.say("record", what="stop")
                guest.until("recording", state="off")
    finally:
        party.close()


def test_it_begins_by_itself_where_the_session_says_so(site: TestSite) -> None:
    party = Party(site, enableOptions={"autoRecord": "true"})
    try:
        before = httpx.get(invitation(site, party.key), follow_redirects=True)
        assert before.status_code == 200
        guest = party.guest()
        assert "This session is recorded" in guest.open(invitation(site, party.key)).text
        host = party.host()
        task = host.until("recorder")
        assert task["next"] == 0
        # Whoever ended it has decided; it does not begin again.
        host.say("record", what="stop")
        host.until("recording", state="off")
        again = party.invited("Blaise")
        assert again.log[-1]["recording"]["state"] == "off"
    finally:
        party.close()


def test_it_ends_with_the_session(party: Party) -> None:
    page = Page(party)
    page.send(0, sent_by_browser(1))
    page.host.say("end")
    page.host.closed()
    for _ in itertools.count():
        about = page.folder.about()
        assert about is not None
        if about.ended_at is not None:
            break
    assert page.send(1).status_code == 200  # the last piece
    assert page.done().status_code == 200


def test_a_page_that_comes_back_goes_on(party: Party) -> None:
    page = Page(party)
    for number in range(3):
        page.send(number)
    page.host.drop()
    again = party.guest()
    again.connect(page.host.token)
    assert again.until("welcome")["recording"]["state"] == "on"
    task = again.until("recorder")
    assert (task["id"], task["part"], task["next"]) == (page.task["id"], 0, 3)
    # A page that does not know what came before begins a part of its own.
    again.say("record", what="again")
    task = again.until("recorder")
    assert (task["part"], task["next"]) == (1, 0)
    assert page.send(0, part=1).status_code == 200
    assert page.send(3).status_code == 200  # what still waited


# ---- attackers -----------------------------------------------------------------------------------------------------


def test_nobody_else_sends_pieces(party: Party, site: TestSite) -> None:
    page, other = Page(party), Party(site)
    try:
        theirs = Page(other)
        assert page.send(0, token="x").status_code == 403
        assert page.send(0, token="AAAA" + page.task["token"][4:]).status_code == 403
        assert page.send(0, token=page.host.token).status_code == 403  # of his place in the room
        assert page.send(0, token=theirs.task["token"]).status_code == 403
        assert page.send(0, id=theirs.task["id"]).status_code == 403
        assert page.send(0, key=other.key).status_code == 403
        assert page.send(0, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        where = page.send(0, headers={"Authorization": f"Basic {page.task['token']}"})
        assert where.status_code == 403
        signer: Signer = hub(site).signer
        values = {"site_id": site.site_id, "session_key": int(party.key), "recording_id": page.task["id"]}
        now = site.server.clock.now()
        for stay_id, until, status in ((1, now + 60, 403), (1, now - 60, 403)):
            token = signer.sign(Recorder(**values, stay_id=stay_id, until=until))
            assert page.send(0, token=token).status_code == status
        gone = signer.sign(Recorder(**{**values, "recording_id": 5}, stay_id=1, until=now + 60))
        assert page.send(0, token=gone, id=5).status_code == 410
        assert page.folder.pieces() == theirs.folder.pieces() == []
    finally:
        other.close()


def test_pieces_out_of_order_too_large_and_too_many(party: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(party)
    assert page.send(0).status_code == 200
    assert page.send(0, b"other").status_code == 200  # again: the first one stays
    assert page.folder.pieces()[0][2].read_bytes() == b"piece"
    assert (page.send(5).status_code, page.send(5).json()) == (409, {"next": 1})
    assert page.send(0, part=1).status_code == 404
    assert page.send(999_999_999_999).status_code == 409
    assert page.send(1, b"").status_code == 400
    assert page.send(1, bytes(MOST_PIECE + 1)).status_code == 413
    monkeypatch.setattr(recording_upload, "_FIRST_BYTES", 100)
    monkeypatch.setattr(recording_upload, "_BYTES", 0)
    assert page.send(1, bytes(200)).status_code == 413
    monkeypatch.undo()
    monkeypatch.setattr(recording_upload, "_LEFT", 1 << 62)
    assert page.send(1).status_code == 507
    monkeypatch.undo()
    assert page.done().status_code == 202  # it has not ended
    assert page.send(1).status_code == 200
    monkeypatch.setattr(Bucket, "take", lambda bucket, now: False)
    assert page.send(2).status_code == 429


def test_after_the_end(party: Party, site: TestSite) -> None:
    page = Page(party)
    page.send(0)
    page.stop()
    assert page.send(1).status_code == 200
    site.server.clock.ahead += 60
    assert page.send(2).status_code == 410
    site.server.run(finishing.finish_all(site.server.application))
    assert not page.folder.folder.exists()
    assert page.send(2).status_code == 410
    assert page.done().status_code == 410


def test_no_room_left(party: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    host = party.host()
    monkeypatch.setattr(finishing, "RESERVE_BYTES", 1 << 62)
    host.say("record", what="start")
    assert "no room left" in host.until("refused")["text"]
    monkeypatch.undo()
    monkeypatch.setattr(finishing, "LEAST_QUOTA", 1 << 50)
    host.say("record", what="start")
    assert "no room left" in host.until("refused")["text"]
    monkeypatch.undo()
    Page(party, host).stop()
