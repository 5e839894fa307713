"""Addresses of sessions are told of their start and of who comes, where the site allows it and nowhere else."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from parley.domain.history import Part
from parley.domain.notices import target_of
from parley.domain.site import NoticeSettings
from parley.domain.timezones import GMT, api_date
from parley.services import notice_sending
from parley.services.errands import GIVE_UP_SECONDS, Errands
from parley.services.notice_sending import NotDelivered
from parley.store import Changes, Conflict, errands
from parley.store.errands import Errand
from tests.cli.test_commands import parley
from tests.cli.test_site_commands import where_of
from tests.client import Client
from tests.server import Server, TestSite
from tests.services.identity_providers import IdentityProvider
from tests.services.sales_sites import with_sales
from tests.services.stages import DAY, Guest, Stage, host
from tests.services.trainings import create_training


class Receiver:
    """A web server that notes what it is told. `answers` are the statuses of the next answers, 200 without any."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, str]]] = []
        self.answers: list[int] = []
        self.headers: list[dict[str, str]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.told.append((self.path, dict(parse_qsl(body.decode(), strict_parsing=True))))
                receiver.headers.append(dict(self.headers.items()))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("Location", f"{receiver.url}/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing is written."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.authority}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    started = Receiver()
    yield started
    started.stop()


@pytest.fixture
def stage(site: TestSite) -> Stage:
    return Stage(site)


def allow(stage: Stage, *hosts: str, private: bool = True) -> None:
    async def settings() -> Any:
        return (await stage.known()).settings

    noted = NoticeSettings(hosts=hosts, private_addresses=private)
    stage.site.set(settings=msgspec.structs.replace(stage.run(settings()), notices=noted))


def do_due(stage: Stage) -> int:
    return stage.run(Errands(stage.application).do_due(stage.site.site_id))


def changed(client: Client, key: int, **groups: Any) -> None:
    client.call("meeting.SetMeeting", {"meetingkey": key, **groups}).ok()


def waiting(stage: Stage, key: int) -> list[Errand]:
    return stage.run(errands.of_session(stage.application.engine, stage.site.site_id, key))


def test_whoever_comes_in_is_told(stage: Stage, receiver: Receiver) -> None:
    allow(stage, receiver.authority)
    key = stage.meeting("Größe & <Co>", schedule={"joinNotifyURL": f"{receiver.url}/came?team=7"})
    conf_id = stage.hold(
        key,
        host(0, 600),
        Guest("Ann & Söhne <x>", 60, 300, email="Ann@X.example"),
        Guest("Recorder", 70, 100, Part.OTHER),
    )
    assert do_due(stage) == 2
    assert waiting(stage, key) == []
    assert {path for path, _ in receiver.told} == {"/came?team=7"}
    fields = sorted((each for _, each in receiver.told), key=lambda each: each["joinTime"])
    assert [each["participantType"] for each in fields] == ["HOST", "ATTENDEE"]
    ann = fields[1]
    assert len(ann.pop("noticeID")) > 5
    assert ann == {
        "event": "joined",
        "siteName": stage.site.name,
        "serviceType": "MeetingCenter",
        "sessionKey": str(key),
        "confID": str(conf_id),
        "confName": "Größe & <Co>",
        "hostWebExID": "host1",
        "joinTime": api_date(stage.start + 60, GMT),
        "participantType": "ATTENDEE",
        "attendeeName": "Ann & Söhne <x>",
        "attendeeEmail": "ann@x.example",
    }
    assert receiver.headers[0]["Content-Type"] == "application/x-www-form-urlencoded"
    assert do_due(stage) == 0


@pytest.mark.parametrize("make", ["event", "sales", "training"])
def test_other_services_tell_too(stage: Stage, receiver: Receiver, make: str) -> None:
    allow(stage, receiver.authority)
    if make == "sales":
        with_sales(stage.site)
    schedule = {"joinNotifyURL": f"{receiver.url}/"}
    if make == "training":
        key = int(create_training(stage.site.client(), schedule=schedule))
    else:
        key = getattr(stage, make)(schedule=schedule)
    stage.hold(key, host())
    assert do_due(stage) == 1
    assert receiver.told[0][1]["sessionKey"] == str(key)


def test_the_start_is_told_ahead_of_each_session_of_a_series(stage: Stage, receiver: Receiver) -> None:
    clock = stage.site.server.clock
    allow(stage, receiver.authority)
    start = stage.application.clock.now() // 60 * 60 + DAY
    key = stage.meeting(
        schedule={
            "startDate": api_date(start, GMT),
            "timeZoneID": GMT,
            "extURL": f"{receiver.url}/soon",
            "extNotifyTime": 10,
        },
        repeat={"repeatType": "DAILY", "interval": 1, "afterMeetingNumber": 2},
    )
    [row] = waiting(stage, key)
    assert row.due_at == start - 600
    assert do_due(stage) == 0
    for number in (0, 1):
        clock.ahead += row.due_at - stage.application.clock.now()
        assert do_due(stage) == 1
        path, fields = receiver.told[-1]
        assert path == "/soon"
        assert (fields["event"], fields["startTime"]) == ("starting", api_date(start + number * DAY, GMT))
        rows = waiting(stage, key)
        assert [each.due_at for each in rows] == [start + DAY - 600] * (1 - number)
        row = rows[0] if rows else row
    assert len(receiver.told) == 2


def test_a_start_that_is_moved_or_cancelled_is_not_told(stage: Stage, receiver: Receiver) -> None:
    clock, client = stage.site.server.clock, stage.site.client()
    allow(stage, receiver.authority)
    start = stage.application.clock.now() // 60 * 60 + 7200
    schedule = {"startDate": api_date(start, GMT), "timeZoneID": GMT, "extURL": f"{receiver.url}/soon"}
    moved, gone, silent = (stage.meeting(each, schedule=schedule) for each in ("Moved", "Gone", "Silent"))
    changed(client, moved, schedule={"startDate": api_date(start + 3600, GMT)})
    client.call("ep.DelSession", sessionKey=gone).ok()
    changed(client, silent, schedule={"extURL": ""})
    assert [len(waiting(stage, key)) for key in (moved, gone, silent)] == [1, 1, 0]
    clock.ahead = start - stage.application.clock.now() + 60
    do_due(stage)
    assert receiver.told == []
    assert [len(waiting(stage, key)) for key in (moved, gone)] == [1, 0]
    clock.ahead += 3600
    do_due(stage)
    assert [fields["sessionKey"] for _, fields in receiver.told] == [str(moved)]
    assert receiver.told[0][1]["startTime"] == api_date(start + 3600, GMT)


def test_what_does_not_arrive_is_tried_again_and_given_up_in_the_end(stage: Stage, receiver: Receiver) -> None:
    clock = stage.site.server.clock
    allow(stage, receiver.authority)
    key = stage.meeting(schedule={"joinNotifyURL": receiver.url})
    now = stage.application.clock.now()
    stage.hold(key, host(), start=now)
    receiver.answers = [503, 429, 500]
    pauses = []
    for _ in range(3):
        assert do_due(stage) == 1
        [row] = waiting(stage, key)
        pauses.append(row.due_at - stage.application.clock.now())
        assert do_due(stage) == 0
        clock.ahead += pauses[-1] + 1
    assert [each // 15 for each in pauses] == [1, 2, 4]
    assert do_due(stage) == 1
    assert waiting(stage, key) == []
    assert len({fields["noticeID"] for _, fields in receiver.told}) == 1
    assert len(receiver.told) == 4
    # Nothing takes it for an hour: it is given up.
    stage.hold(key, host(), start=stage.application.clock.now())
    receiver.answers = [500] * 100
    tries = 0
    while waiting(stage, key):
        tries += do_due(stage)
        clock.ahead += 300
    assert 6 < tries < 15
    assert clock.ahead > GIVE_UP_SECONDS


@pytest.mark.parametrize("status", [301, 302, 307, 404, 410])
def test_redirects_and_refusals_end_it(stage: Stage, receiver: Receiver, status: int) -> None:
    allow(stage, receiver.authority)
    key = stage.meeting(schedule={"joinNotifyURL": f"{receiver.url}/first"})
    stage.hold(key, host())
    receiver.answers = [status]
    assert do_due(stage) == 1
    assert waiting(stage, key) == []
    assert [path for path, _ in receiver.told] == ["/first"]


def test_only_hosts_that_the_site_lists_are_told(stage: Stage, receiver: Receiver) -> None:
    key = stage.meeting(schedule={"joinNotifyURL": receiver.url})
    stage.hold(key, host())
    assert waiting(stage, key) == []
    allow(stage, "127.0.0.1", "portal.example.org")
    stage.hold(key, host(), start=stage.start + 600)
    assert do_due(stage) == 0
    # What is forbidden meanwhile is not sent any more.
    allow(stage, receiver.authority)
    stage.hold(key, host(), start=stage.start + 900)
    allow(stage)
    assert do_due(stage) == 1
    assert waiting(stage, key) == []
    assert receiver.told == []


def test_private_addresses_are_told_only_where_that_is_said(stage: Stage, receiver: Receiver) -> None:
    port = receiver.authority.partition(":")[2]
    allow(stage, receiver.authority, f"localhost:{port}", private=False)
    for number, name in enumerate(("127.0.0.1", "localhost")):
        key = stage.meeting(schedule={"joinNotifyURL": f"http://{name}:{port}/"})
        stage.hold(key, host(), start=stage.start + number)
        assert do_due(stage) == 1
        assert waiting(stage, key) == []
    assert receiver.told == []


async def test_a_receiver_that_says_nothing_holds_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice_sending, "DEADLINE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = target_of(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        assert target is not None
        with pytest.raises(NotDelivered, match="too long") as caught:
            await notice_sending.post(target, b"a=b", private=True)
    assert caught.value.permanent is False


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 2000 x\r\n", b"x" * 10_000, b"\xff\n"])
async def test_what_is_no_http_is_tried_again(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as strange:

        def serve() -> None:
            connection, _ = strange.accept()
            connection.recv(4096)
            connection.sendall(answer)
            connection.close()

        threading.Thread(target=serve, daemon=True).start()
        target = target_of(f"http://127.0.0.1:{strange.getsockname()[1]}/")
        assert target is not None
        with pytest.raises(NotDelivered) as caught:
            await notice_sending.post(target, b"a=b", private=True)
    assert caught.value.permanent is False


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    provider, file = IdentityProvider(), tmp_path / "server.pem"
    key = provider.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_text(provider.certificate + key.decode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    plain = socket.create_server(("127.0.0.1", 0))
    with plain, context.wrap_socket(plain, server_side=True) as secure:

        def serve() -> None:
            try:
                secure.accept()
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        target = target_of(f"https://127.0.0.1:{secure.getsockname()[1]}/")
        assert target is not None
        with pytest.raises(NotDelivered, match="SSLCertVerificationError"):
            await notice_sending.post(target, b"a=b", private=True)


def test_a_running_server_tells_by_itself_also_what_was_left_by_another(
    sqlite_template: Path, tmp_path: Path, receiver: Receiver
) -> None:
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    first = Server(None, tmp_path).start()
    try:
        stage = Stage(first.new_site())
        allow(stage, receiver.authority)
        stage.hold(stage.meeting(schedule={"joinNotifyURL": receiver.url}), host())
    finally:
        first.stop()
    assert receiver.told == []
    second = Server(None, tmp_path, errand_seconds=1).start()
    try:
        for _ in range(200):
            if receiver.told:
                break
            threading.Event().wait(0.05)
        assert [fields["event"] for _, fields in receiver.told] == ["joined"]
    finally:
        second.stop()


def test_an_address_that_does_not_answer_holds_up_no_other_site(
    server: Server, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_sending, "DEADLINE", 5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hung = f"127.0.0.1:{silent.getsockname()[1]}"
        first, second = Stage(server.new_site()), Stage(server.new_site())
        for stage, authority in ((first, hung), (second, receiver.authority)):
            allow(stage, authority)
            key = stage.meeting(schedule={"joinNotifyURL": f"http://{authority}/"})
            stage.hold(key, *[Guest(f"P{number}", number) for number in range(6)])

        async def work() -> list[int]:
            doing = Errands(server.application)
            slow = asyncio.create_task(doing.do_due(first.site.site_id))
            done = await doing.do_due(second.site.site_id)
            still = len(await errands.due(server.application.engine, first.site.site_id, 1 << 40))
            waits = not slow.done()
            slow.cancel()
            await asyncio.gather(slow, return_exceptions=True)
            return [done, still, int(waits)]

        assert server.run(work()) == [6, 6, 1]
    assert len(receiver.told) == 6


def test_what_a_killed_process_had_is_sent_by_the_next(stage: Stage, receiver: Receiver) -> None:
    clock = stage.site.server.clock
    allow(stage, receiver.authority)
    key = stage.meeting(schedule={"joinNotifyURL": receiver.url})
    stage.hold(key, host(), start=stage.application.clock.now())
    [row] = waiting(stage, key)

    async def taken() -> None:
        changes, now = Changes(), stage.application.clock.now()
        errands.take(changes, row, now, now + 60)
        await stage.application.engine.commit(changes)
        again = Changes()
        errands.take(again, row, now, now + 60)
        with pytest.raises(Conflict):
            await stage.application.engine.commit(again)

    stage.run(taken())
    assert do_due(stage) == 0
    clock.ahead += 61
    assert do_due(stage) == 1
    assert len(receiver.told) == 1


def test_the_hosts_are_set_at_the_terminal(sqlite_server: Server) -> None:
    site, where = sqlite_server.new_site(), where_of(sqlite_server)
    parley("site", "set", site.name, 'notices.hosts=["portal.example.org:8443"]', *where)
    assert "portal.example.org:8443" in parley("site", "show", site.name, *where)
    told = parley("site", "set", site.name, 'notices.hosts=["https://portal.example.org"]', *where, code=2)
    assert "notices.hosts must be names of hosts" in told
