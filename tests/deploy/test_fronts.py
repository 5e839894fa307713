"""nginx and Caddy with the settings of deploy/, in front of two servers: all that Parley needs of a front passes."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin

from parley import testing
from parley.services.demo import PASSWORD, SITE_NAME
from tests.deploy.fronts import (
    BEHIND,
    DEPLOY,
    PORT,
    caddy_environment,
    front,
    make_certificate,
    nginx_settings,
    own_address,
)
from tests.processes import ServerProcess

KINDS = [pytest.param("nginx", marks=pytest.mark.nginx), pytest.param("caddy", marks=pytest.mark.caddy)]
_PATIENCE = 60
_LARGE = 24_000_000
#: How the file of a recording begins.
_BEGINS = b"\0\0\0\x18ftypisom\0\0\0\0isommp42"
_TUS = {"Tus-Resumable": "1.0.0"}
_BYTES = {"Content-Type": "application/offset+octet-stream"}


def wait_for(wanted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@dataclass
class Stand:
    """A front and the servers behind it."""

    url: str
    behind: str
    trust: ssl.SSLContext
    http: httpx.Client
    start: Callable[[int], ServerProcess]
    servers: list[ServerProcess]

    def client(self, web_ex_id: str = "host1") -> testing.Client:
        client = testing.Client(self.url, SITE_NAME, web_ex_id=web_ex_id, password=PASSWORD)
        client.http = self.http
        return client

    def sign_in(self) -> str:
        """Sign host1 in; gives the value that proves forms."""
        self.http.cookies.clear()
        answer = self.http.post(f"{self.url}/{SITE_NAME}/p.php", data={"AT": "LI", "WID": "host1", "PW": PASSWORD})
        found = re.search(r"CSRF(?:=|\\x3d)([0-9a-f-]{36})", answer.text)
        assert found is not None, answer.text
        return found[1]


@pytest.fixture(scope="module", params=KINDS)
def stand(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp(request.param)
    address = own_address()
    url = f"https://{address}:{PORT}"
    data = folder / "data"
    data.mkdir()

    def start(number: int) -> ServerProcess:
        return ServerProcess(data, port=BEHIND[number], host=address, demo=True, trust_proxy=True, public_url=url)

    with ExitStack() as opened:
        servers = [start(0), start(1)]
        opened.callback(lambda: [each.stop() for each in servers if each.is_running])
        trust = opened.enter_context(front(request.param, folder, address))
        http = opened.enter_context(httpx.Client(verify=trust, timeout=60, follow_redirects=True, trust_env=False))
        wait_for(lambda: http.get(f"{url}/{SITE_NAME}/").status_code == 200)
        yield Stand(url, f"http://{address}:{BEHIND[0]}", trust, http, start, servers)


def test_programs_and_links(stand: Stand) -> None:
    assert stand.client().call("user.GetUser", webExId="host1").ok().value("webExId") == "host1"
    key = scheduled(stand)
    link = stand.client().call("meeting.GethosturlMeeting", sessionKey=key).ok().value("hostMeetingURL") or ""
    assert link.startswith(f"{stand.url}/{SITE_NAME}/")
    assert stand.http.get(link).status_code == 200


def test_signing_in_gives_cookies_for_tls_only(stand: Stand) -> None:
    stand.http.cookies.clear()
    answer = stand.http.get(f"{stand.url}/{SITE_NAME}/console/sign-in")
    found = re.search(r'name="CSRF" value="([^"]+)"', answer.text)
    form = {"NAME": "host1", "PASSWORD": PASSWORD, **({"CSRF": found[1]} if found else {})}
    address = f"{stand.url}/{SITE_NAME}/console/sign-in"
    # A form of this origin, and one of another: the front hands on which host was asked for.
    foreign = stand.http.post(address, data=form, headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403
    signed = stand.http.post(address, data=form, headers={"Origin": stand.url}, follow_redirects=False)
    assert signed.status_code == 303, signed.text
    cookies = signed.headers.get_list("set-cookie")
    assert cookies
    assert all("secure" in each.lower() for each in cookies)
    assert all("httponly" in each.lower() for each in cookies)


def test_what_clients_say_of_themselves_is_not_believed(stand: Stand) -> None:
    """The address that the server logs is that of the connection to the front."""
    stand.http.get(f"{stand.url}/{SITE_NAME}/", headers={"X-Forwarded-For": "203.0.113.7", "X-Request-Id": "spoof"})
    logs = "".join(each.log.read_text() for each in stand.servers)
    assert "203.0.113.7" not in logs


def scheduled(stand: Stand) -> str:
    start = (datetime.now(UTC) + timedelta(hours=1)).strftime("%m/%d/%Y %H:%M:%S")
    values = {"metaData": {"confName": "Front"}, "schedule": {"startDate": start, "duration": 45, "timeZoneID": 20}}
    return stand.client().call("meeting.CreateMeeting", values).ok().value("meetingkey") or ""


async def test_the_socket_of_a_room(stand: Stand) -> None:
    key = scheduled(stand)
    link = stand.client().call("meeting.GethosturlMeeting", sessionKey=key).ok().value("hostMeetingURL") or ""
    page = stand.http.get(link).text
    action = page.partition('action="')[2].partition('"')[0]
    value = page.partition('name="PASS" value="')[2].partition('"')[0]
    assert f"/room/{key}" in action, page
    stand.http.post(stand.url + action, data={"PASS": value})
    entry = stand.http.post(f"{stand.url}/{SITE_NAME}/room/{key}/entry", json={"name": "Grace"})
    assert entry.status_code == 200, entry.text
    socket = f"{stand.url.replace('https', 'wss')}/{SITE_NAME}/room/{key}/socket"
    # The library's other client reads a connection in one thread and writes in another, both of the same TLS session at
    # once, which OpenSSL does not allow: now and then the request was never sent, and the front gave up waiting for it.
    async with (
        asyncio.timeout(_PATIENCE),
        connect(socket, ssl=stand.trust, compression=None, origin=Origin(stand.url), proxy=None) as room,
    ):
        await room.send(json.dumps({"type": "enter", "token": entry.json()["token"]}))
        assert json.loads(await room.recv())["type"] == "welcome"
        await room.send(json.dumps({"type": "ping"}))
        while json.loads(await room.recv())["type"] != "pong":
            pass


def test_a_large_recording_arrives_while_it_is_sent(stand: Stand) -> None:
    headers = {**_TUS, "CSRF": stand.sign_in()}
    name = base64.b64encode(b"large.mp4").decode()
    begun = stand.http.post(
        f"{stand.url}/{SITE_NAME}/recordings/upload",
        headers={**headers, "Upload-Length": str(2 * _LARGE), "Upload-Metadata": f"filename {name}"},
    )
    assert begun.status_code == 201, begun.text
    address = begun.headers["location"]
    assert address.startswith(stand.url)

    def offset() -> int:
        return int(stand.http.head(address, headers=headers).headers.get("upload-offset", "0"))

    said = threading.Event()
    arrived: list[int] = []

    def body() -> Iterator[bytes]:
        yield _BEGINS + bytes(1_000_000 - len(_BEGINS))
        for _ in range(_LARGE // 1_000_000 - 1):
            yield bytes(1_000_000)
        # A front that kept the body until it is whole would never let this come true.
        assert said.wait(_PATIENCE)
        yield bytes(1_000)

    def look() -> None:
        log = [each.log.parent / "recordings" / "arriving" for each in stand.servers]
        wait_for(lambda: any(path.stat().st_size for folder in log for path in folder.rglob("*") if path.is_file()))
        arrived.append(1)
        said.set()

    looking = threading.Thread(target=look)
    looking.start()
    try:
        sent = stand.http.patch(address, content=body(), headers={**headers, **_BYTES, "Upload-Offset": "0"})
    finally:
        looking.join()
    assert arrived == [1]
    assert sent.status_code == 204, sent.text
    assert offset() == _LARGE + 1_000
    assert stand.http.request("DELETE", address, headers=headers).status_code == 204


def test_documents_that_are_too_large_are_refused_in_the_form_of_the_api(stand: Stand) -> None:
    answer = stand.client().send(stand.client().document("user.GetUser", f"<webExId>{'x' * 4_500_000}</webExId>"))
    assert answer.result == "FAILURE"


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz", "/health", "/ready"])
def test_what_is_for_the_inside_is_closed(stand: Stand, path: str) -> None:
    assert stand.http.get(stand.url + path).status_code == 404
    assert httpx.get(stand.behind + path, trust_env=False).status_code == 200


def test_servers_are_replaced_one_after_the_other(stand: Stand) -> None:
    """Last, since it starts the servers anew: nobody notices that one of them is away."""
    for number in (0, 1):
        stand.servers[number].stop()
        for _ in range(8):
            assert stand.http.get(f"{stand.url}/{SITE_NAME}/").status_code == 200
        stand.servers[number] = stand.start(number)
        for _ in range(4):
            assert stand.client().call("user.GetUser", webExId="host1").result == "SUCCESS"


class _Unready(BaseHTTPRequestHandler):
    """A server whose database is away: it says so to whoever asks whether it is ready, and to programs."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(503, b"the database does not answer\n")

    def do_POST(self) -> None:
        self._answer(200, b"000035 " + self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the base class's
        pass


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_database_programs_hear_it_from_the_server(kind: str, tmp_path: Path) -> None:
    with ExitStack() as opened:
        address = own_address()
        server = opened.enter_context(ThreadingHTTPServer((address, BEHIND[0]), _Unready))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        opened.callback(server.shutdown)
        trust = opened.enter_context(front(kind, tmp_path, address, BEHIND[:1]))
        with httpx.Client(verify=trust, timeout=60, trust_env=False) as http:
            for _ in range(2):
                answer = http.post(f"https://{address}:{PORT}/WBXService/XMLService", content=b"<message/>")
                assert (answer.status_code, answer.text) == (200, "000035 <message/>")


@pytest.mark.nginx
def test_the_settings_of_nginx_are_valid(tmp_path: Path) -> None:
    address = own_address()
    settings = nginx_settings(tmp_path, address, BEHIND, make_certificate(tmp_path, address))
    done = subprocess.run(
        ["nginx", "-t", "-c", str(settings)], capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


@pytest.mark.caddy
@pytest.mark.parametrize("acme", ["", "email admin@example.org"])
def test_the_settings_of_caddy_are_valid_and_in_its_form(tmp_path: Path, acme: str) -> None:
    address = own_address()
    certificate = make_certificate(tmp_path, address)
    environment = caddy_environment(tmp_path, address, BEHIND, certificate) | {"PARLEY_ACME": acme}

    def caddy(*command: str) -> str:
        done = subprocess.run(
            ["caddy", *command, str(DEPLOY / "Caddyfile")],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            env=environment,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    caddy("validate", "--adapter", "caddyfile", "--config")
    assert caddy("fmt") == (DEPLOY / "Caddyfile").read_text("utf-8")


def test_fronts_let_go_of_connections_before_servers_do() -> None:
    """A server that ends closes those that are idle after drain_seconds, which a front must not be about to use."""
    unit = (DEPLOY / "systemd" / "parley@.service").read_text("utf-8")
    compose = (DEPLOY / "compose.yaml").read_text("utf-8")
    drains = [int(found) for found in re.findall(r'PARLEY_DRAIN_SECONDS(?:=|: ")(\d+)', unit + compose)]
    nginx = re.findall(r"^    keepalive_timeout (\d+)s;", (DEPLOY / "nginx" / "parley.conf").read_text("utf-8"), re.M)
    caddy = re.findall(r"^\t+keepalive (\d+)s$", (DEPLOY / "Caddyfile").read_text("utf-8"), re.M)
    assert (len(drains), len(nginx), len(caddy)) == (2, 1, 1)
    assert max(int(each) for each in nginx + caddy) < min(drains)
