"""The server as others reach it: TLS, the web server in front, and what it lets through."""

from __future__ import annotations

import asyncio
import base64
import secrets
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from parley.checkup.database import CLOSE
from parley.checkup.findings import Area, Report, Setup, reason
from parley.checkup.names import PROBE
from parley.seeing.asked import HEADER
from parley.store.checkup import facts

_SOON: Final = 21 * 86_400
_XML: Final = "/WBXService/XMLService"
#: An HSTS shorter than a month protects hardly anybody.
_SHORT: Final = 30 * 86_400
_MOST_ANSWER: Final = 1_000_000
_START: Final = "start the server and the web server in front of it, or mend public_url"


class _Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def _address(setup: Setup) -> SplitResult | None:
    public = setup.config.public_url
    return urlsplit(public.replace("{site}", PROBE).rstrip("/")) if public else None


async def certificate(setup: Setup, report: Report) -> None:
    """Whether browsers accept the certificate, and for how long."""
    address = _address(setup)
    if address is None or address.scheme != "https" or not address.hostname:
        return
    try:
        _, writer = await asyncio.open_connection(
            address.hostname, address.port or 443, ssl=ssl.create_default_context(), server_hostname=address.hostname
        )
    except ssl.SSLCertVerificationError as error:
        report.fail("certificate", f"it is not accepted: {error.verify_message}", _mend_certificate(error))
        return
    except (OSError, ssl.SSLError) as error:
        report.fail("certificate", f"no TLS at {address.netloc}: {reason(error)}", _START)
        return
    shown = writer.get_extra_info("peercert") or {}
    writer.close()
    left = ssl.cert_time_to_seconds(str(shown["notAfter"])) - time.time() if shown.get("notAfter") else 0
    told = f"good for {left / 86_400:.0f} more days"
    if left < _SOON:
        report.warn("certificate", told, "see why it is not renewed (certbot renew --dry-run, Caddy's log)")
    else:
        report.ok("certificate", told)


def _mend_certificate(error: ssl.SSLCertVerificationError) -> str:
    said = error.verify_message.lower()
    if "expired" in said:
        return "renew it, and load it into the web server"
    if "mismatch" in said or "not valid for" in said:
        return "get one for the host of public_url; with {site} in it one for all sites (*.example.org)"
    if "self-signed" in said or "self signed" in said:
        return "get one of an authority that browsers trust, such as Let's Encrypt"
    return "let the web server send the intermediate certificates too (fullchain.pem)"


async def pages(setup: Setup, report: Report) -> None:
    """Whether it is this server that answers, at the right time, and what browsers are told."""
    address = _address(setup)
    if address is None:
        report.ok("public_url", "none is set, so nothing in front is looked at")
        return
    sent = f"doctor-{secrets.token_hex(8)}"
    try:
        answer = await _ask(address, "GET", _XML, {"X-Request-Id": sent})
    except (OSError, ValueError, asyncio.IncompleteReadError) as error:
        report.fail("reachable", f"{address.netloc}: {reason(error)}", _START)
        return
    name = HEADER.decode()
    if answer.status != 200 or name not in answer.headers:
        told = f"{_XML} is answered with {answer.status}, and not by Parley"
        report.fail("reachable", told, "let the web server hand all paths on to Parley, and start Parley")
        return
    report.ok("reachable", f"Parley answers at {address.scheme}://{address.netloc.replace(PROBE, '*')}")
    if setup.config.trust_proxy and answer.headers[name] != sent:
        report.warn(
            "X-Request-Id",
            "the server does not see what the front sends",
            "let the front hand on X-Request-Id, X-Forwarded-For and X-Forwarded-Proto, and set trust_proxy",
        )
    _tell_clock(answer, report)
    if address.scheme == "https":
        _tell_hsts(answer, report)


def _tell_clock(answer: _Answer, report: Report) -> None:
    try:
        ahead = parsedate_to_datetime(answer.headers.get("date", "")).timestamp() - time.time()
    except (TypeError, ValueError):
        return
    if abs(ahead) > CLOSE + 1:  # the header tells whole seconds
        told = f"the front's is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
        report.warn("clock", told, "let both machines keep time by NTP")
    else:
        report.ok("clock", "agrees with the front's")


def _tell_hsts(answer: _Answer, report: Report) -> None:
    parts = [part.strip().lower() for part in answer.headers.get("strict-transport-security", "").split(";")]
    age = next((part[8:].strip('"') for part in parts if part.startswith("max-age=")), "")
    mend = "let the front send Strict-Transport-Security: max-age=31536000"
    if not age.isdecimal():
        report.warn("HSTS", "browsers are not told to come by TLS only", mend)
    elif int(age) < _SHORT:
        report.warn("HSTS", f"browsers remember to come by TLS for {int(age)} s only", mend)
    else:
        report.ok("HSTS", "browsers come by TLS only")


async def api(setup: Setup, report: Report) -> None:
    """Whether the API is reached, with documents as long as the settings allow."""
    address = _address(setup)
    if address is None:
        return
    largest = setup.config.max_request_bytes
    for name, size in (("API", 0), ("long requests", largest - 1_000)):
        body = b"<message>" + b" " * size + b"</message>"
        try:
            answer = await _ask(address, "POST", _XML, {"Content-Type": "text/xml"}, body)
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            report.fail(name, f"{_XML}: {reason(error)}", _START)
            return
        if b"serv:message" in answer.body:
            told = f"{_XML} answers" if not size else f"documents of {largest / 1e6:g} MB come through"
            report.ok(name, told)
        elif answer.status == 413:
            mend = f"client_max_body_size {largest // 1_000_000 + 1}m in nginx, request_body max_size in Caddy"
            report.fail(name, f"the front refuses documents of {largest / 1e6:g} MB, which the settings allow", mend)
        else:
            report.fail(name, f"{_XML} is answered with {answer.status}", "let the front hand the path on to Parley")
            return


async def sockets(setup: Setup, report: Report) -> None:
    """Whether the sockets of rooms come through, with the host that browsers ask for."""
    address = _address(setup)
    if address is None:
        return
    try:
        names = (await facts(setup.config.database_url, setup.seconds / 2)).sites
    except Exception:  # the database's own checks tell
        names = ()
    if not names:
        report.ok("sockets", "not looked at: there is no site yet")
        return
    host = address.netloc.rpartition("@")[2]
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(secrets.token_bytes(16)).decode(),
        "Origin": f"{address.scheme}://{host}",
    }
    try:
        answer = await _ask(address, "GET", f"/{names[0]}/room/1/socket", headers)
    except (OSError, ValueError, asyncio.IncompleteReadError) as error:
        report.fail("sockets", f"{reason(error)}", "let the front hand on WebSockets")
        return
    if answer.status == 101:
        report.ok("sockets", "WebSockets come through")
    elif answer.status == 403:
        report.fail(
            "sockets",
            "the server sees another host than browsers ask for, so it takes its own pages for foreign ones",
            "let the front hand on the header Host: proxy_set_header Host $http_host in nginx",
        )
    else:
        report.fail(
            "sockets",
            f"a WebSocket is answered with {answer.status}, so rooms cannot be entered",
            "hand on Upgrade and Connection, by HTTP/1.1: see docs/integrations.md, TLS in front",
        )


async def _ask(address: SplitResult, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> _Answer:
    """One request, by hand: the head of an answer to a WebSocket is wanted too. The certificate has its own check.

    Raises:
        OSError, ValueError, asyncio.IncompleteReadError: there is no answer, or none of HTTP.
    """
    context: ssl.SSLContext | None = None
    if address.scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    port = address.port or (443 if context else 80)
    reader, writer = await asyncio.open_connection(address.hostname, port, ssl=context, limit=_MOST_ANSWER)
    try:
        fields = {"Host": address.netloc.rpartition("@")[2], "Connection": "close", **headers}
        if method == "POST":
            fields["Content-Length"] = str(len(body))
        lines = [f"{method} {address.path}{path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        sending = asyncio.create_task(_send(writer, body))
        try:
            status, found = _head((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
            answer = b"" if status == 101 else await reader.read(_MOST_ANSWER)
        finally:
            sending.cancel()
        return _Answer(status, found, answer)
    finally:
        writer.close()


async def _send(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(body)
    try:
        await writer.drain()
    except OSError:
        return  # the front refused it before it had all; its answer says so


def _head(text: str) -> tuple[int, dict[str, str]]:
    first, *rest = text.split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdecimal():
        raise ValueError("no answer of HTTP")
    fields = (line.partition(":") for line in rest if ":" in line)
    return int(words[1]), {name.strip().lower(): value.strip() for name, _, value in fields}


AREA: Final = Area("front", (certificate, pages, api, sockets))
