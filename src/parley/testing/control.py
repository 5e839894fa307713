"""The control API of `parley sandbox`: what `Site` does, as JSON over HTTP for suites in other languages.

It listens on a loopback address and wants its token with every request. It answers no page of a browser: the Host
has to be a loopback name (a name that was pointed at 127.0.0.1 is refused) and so has an Origin, if there is one.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec
import structlog

from parley.domain.site import SiteSettings
from parley.protocol.faults import Fault
from parley.services.new_site import SiteError
from parley.store.errors import StoreError
from parley.testing.site import PASSWORD, Site

if TYPE_CHECKING:
    from parley.testing.server import Server

_LARGEST_BODY: Final = 4_000_000
_IDLE_SECONDS: Final = 60.0
#: What is wrong with a request, as against with the server.
_WRONG: Final = (ValueError, LookupError, TypeError, AssertionError, RecursionError, Fault, SiteError, StoreError)
_log = structlog.get_logger("parley.sandbox")


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    """What a request may say; anything else is refused, so that a misspelt name shows."""


class NewSite(_Body):
    """A site that is wanted."""

    level: str = "42.6.0"
    settings: dict[str, Any] = {}


class SiteChange(_Body):
    """What is to change of a site; what is missing stays."""

    level: str | None = None
    active: bool | None = None
    suspended: bool | None = None
    settings: dict[str, Any] | None = None


class NewUser(_Body, rename="camel"):
    """An account that is wanted."""

    web_ex_id: str = msgspec.field(name="webExId")
    role: str = "host"
    password: str = PASSWORD
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    time_zone_id: int | None = None


class NewSession(_Body):
    """A session that is wanted; `start` as ISO 8601 with a zone or seconds since 1970, `elements` by group."""

    name: str = "Weekly review"
    kind: str = "meeting"
    start: datetime | float | None = None
    minutes: int = 30
    host: str = "host1"
    elements: dict[str, Any] = {}


class Held(_Body):
    """How a session takes place: e-mail addresses by name, and for how long."""

    people: dict[str, str] = {}
    minutes: int = 30


class Failure(_Body):
    """Calls that fail or are slow; see `Site.fail`. Without a code they are slow and nothing else."""

    operation: str
    code: str | None = None
    reason: str | None = None
    caller: str | None = None
    times: int | None = 1
    delay: float = 0.0
    after: bool = False


class Moment(_Body):
    """A moment, or a time from now on."""

    to: datetime | float | None = None
    seconds: float | None = None


class Nothing(_Body):
    """No body is wanted."""


class _Route(NamedTuple):
    method: str
    path: re.Pattern[str]
    body: type[_Body]
    answer: Callable[..., Any]


class NotFound(Exception):
    """There is nothing at an address."""


class Control:
    """What the control API answers; one for a server.

    Args:
        server: it is started and watched.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._sites: dict[str, Site] = {}
        site = r"/sites/(?P<name>[^/]+)"
        self._routes = [
            self._route("GET", "/", Nothing, self._overview),
            self._route("GET", "/clock", Nothing, self._time),
            self._route("PUT", "/clock", Moment, self._set_clock),
            self._route("DELETE", "/clock", Nothing, self._reset_clock),
            self._route("POST", "/sites", NewSite, self._new_site),
            self._route("GET", site, Nothing, lambda _, name: self._described(self._site(name))),
            self._route("PATCH", site, SiteChange, self._change_site),
            self._route("POST", f"{site}/users", NewUser, self._new_user),
            self._route("POST", f"{site}/sessions", NewSession, self._new_session),
            self._route("POST", rf"{site}/sessions/(?P<key>\d{{1,17}})/hold", Held, self._hold),
            self._route("POST", f"{site}/failures", Failure, self._fail),
            self._route("POST", f"{site}/advance", Moment, self._advance),
            self._route("POST", f"{site}/chores", Nothing, self._chores),
            self._route("POST", f"{site}/clear", Nothing, self._clear),
            self._route("GET", f"{site}/mails", Nothing, self._mails),
            self._route("GET", f"{site}/requests", Nothing, self._requests),
        ]

    @staticmethod
    def _route(method: str, path: str, body: type[_Body], answer: Callable[..., Any]) -> _Route:
        return _Route(method, re.compile(path), body, answer)

    def answer(self, method: str, path: str, body: bytes) -> Any:
        """The answer to a request, to be written as JSON.

        Raises:
            NotFound: there is nothing at the address, or not for the method.
            Exception: one of `_WRONG` for what cannot be done, with a text for people.
        """
        for route in self._routes:
            found = route.path.fullmatch(path) if route.method == method else None
            if found is not None:
                said = msgspec.json.decode(body or b"{}", type=route.body)
                return route.answer(said, **{name: unquote(text) for name, text in found.groupdict().items()})
        raise NotFound(f"there is nothing for {method} at {path[:200]}")

    def _site(self, name: str) -> Site:
        site = self._sites.get(name)
        if site is None:
            raise NotFound(f"there is no site {name[:80]!r}")
        return site

    # ---- sites -----------------------------------------------------------------------------------------------

    def _overview(self, _: Nothing) -> dict[str, Any]:
        return {"url": self._server.url, "now": self._server.clock.time.isoformat(), "sites": sorted(self._sites)}

    def _new_site(self, said: NewSite) -> dict[str, Any]:
        site = self._server.new_site(said.level, **_settings(said.settings))
        self._sites[site.name] = site
        return self._described(site)

    def _change_site(self, said: SiteChange, name: str) -> dict[str, Any]:
        site = self._site(name)
        if said.level is not None:
            site.set_level(said.level)
        columns = {each: getattr(said, each) for each in ("active", "suspended")}
        columns = {each: value for each, value in columns.items() if value is not None}
        if said.settings is not None:
            columns["settings"] = site.row().settings
            for each, value in _settings(said.settings).items():
                setattr(columns["settings"], each, value)
        if columns:
            site.set(**columns)
        return self._described(site)

    @staticmethod
    def _described(site: Site) -> dict[str, Any]:
        return {
            "name": site.name,
            "siteId": site.site_id,
            "level": site.level,
            "url": site.url,
            "apiUrl": site.api_url,
            "password": PASSWORD,
            "users": [{"webExId": each.web_ex_id, "email": each.email} for each in site.users.values()],
        }

    def _new_user(self, said: NewUser, name: str) -> dict[str, Any]:
        fields = {each: getattr(said, each) for each in ("email", "first_name", "last_name", "time_zone_id")}
        fields = {each: value for each, value in fields.items() if value is not None}
        user = self._site(name).add_user(said.web_ex_id, said.role, said.password, **fields)
        return {"webExId": user.web_ex_id, "email": user.email, "userId": user.user_id}

    # ---- sessions and time -----------------------------------------------------------------------------------

    def _new_session(self, said: NewSession, name: str) -> dict[str, Any]:
        start = datetime.fromtimestamp(said.start, UTC) if isinstance(said.start, int | float) else said.start
        site = self._site(name)
        key = site.schedule(
            said.name, kind=said.kind, start=start, minutes=said.minutes, host=said.host, **said.elements
        )
        return {"sessionKey": key}

    def _hold(self, said: Held, name: str, key: str) -> dict[str, Any]:
        self._site(name).hold(key, said.people, minutes=said.minutes)
        return self._time(Nothing())

    def _time(self, _: Nothing) -> dict[str, Any]:
        return {"now": self._server.clock.time.isoformat()}

    def _set_clock(self, said: Moment) -> dict[str, Any]:
        if said.to is not None:
            self._server.clock.set(said.to)
        self._server.clock.advance(said.seconds or 0)
        return self._time(Nothing())

    def _reset_clock(self, _: Nothing) -> dict[str, Any]:
        self._server.clock.reset()
        return self._time(Nothing())

    def _advance(self, said: Moment, name: str) -> dict[str, Any]:
        site = self._site(name)
        if said.to is not None:
            site.advance_to(said.to)
        if said.seconds is not None:
            site.advance(said.seconds)
        return self._time(Nothing())

    def _chores(self, _: Nothing, name: str) -> dict[str, Any]:
        self._site(name).run_chores()
        return self._time(Nothing())

    # ---- failures, mails, requests ---------------------------------------------------------------------------

    def _fail(self, said: Failure, name: str) -> dict[str, Any]:
        self._site(name).script(**msgspec.structs.asdict(said))
        return {}

    def _clear(self, _: Nothing, name: str) -> dict[str, Any]:
        self._site(name).clear()
        return {}

    def _mails(self, _: Nothing, name: str) -> list[dict[str, Any]]:
        return [each.as_dict() for each in self._site(name).mails]

    def _requests(self, _: Nothing, name: str) -> list[dict[str, Any]]:
        return [each.as_dict() for each in self._site(name).requests]


def _settings(said: dict[str, Any]) -> dict[str, Any]:
    """Settings of a site by name, as what they are.

    Raises:
        ValueError: there is no such setting, or a value cannot be one.
    """
    unknown = sorted(set(said) - set(SiteSettings.__struct_fields__))
    if unknown:
        raise ValueError(f"there is no setting {unknown[0][:80]!r}")
    whole = msgspec.convert(said, SiteSettings)
    return {name: getattr(whole, name) for name in said}


class ControlServer:
    """The control API on a port of its own of 127.0.0.1.

    Attributes:
        url: its address; `token` what requests have to bring as `Authorization: Bearer ...`.
    """

    def __init__(self, server: Server, *, port: int = 0, token: str | None = None) -> None:
        self.token = token or secrets.token_urlsafe(24)
        control, token_bytes = Control(server), self.token.encode()

        class Handler(_Handler):
            """Knows the control and the token."""

            def admitted(self, given: str) -> bool:
                """Whether this is the token."""
                return hmac.compare_digest(given.encode("utf-8", "replace"), token_bytes)

            def control(self) -> Control:
                """What answers."""
                return control

        self._http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def start(self) -> ControlServer:
        """Begin to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer no more."""
        self._http.shutdown()
        self._thread.join(10)
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    server_version = "parley-sandbox"
    sys_version = ""

    def admitted(self, given: str) -> bool:
        """Whether this is the token."""
        raise NotImplementedError

    def control(self) -> Control:
        """What answers."""
        raise NotImplementedError

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # named by the base class
        """Say nothing of requests."""

    def _answer(self) -> None:
        status, body = self._refusal() or self._done()
        raw = msgspec.json.encode(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  # named by the base class

    def _refusal(self) -> tuple[int, dict[str, str]] | None:
        """Why a request is not looked at; its connection ends then, as its body was not read."""
        length = self.headers.get("Content-Length", "0")
        origins = self.headers.get_all("Origin", [])
        hosts = self.headers.get_all("Host", [])
        kind, _, given = self.headers.get("Authorization", "").partition(" ")
        refusal: tuple[int, str] | None = None
        if len(hosts) != 1 or not is_loopback(hosts[0]):
            refusal = 403, "the Host of a request has to be a loopback name such as 127.0.0.1"
        elif not all(is_loopback(each.partition("://")[2]) for each in origins):
            refusal = 403, "pages of other origins have no business here"
        elif kind.lower() != "bearer" or not self.admitted(given.strip()):
            refusal = 401, "the token is missing or wrong: Authorization: Bearer ..."
        elif "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            refusal = 411, "a body needs its Content-Length"
        elif len(length) > len(str(_LARGEST_BODY)) or int(length) > _LARGEST_BODY:
            refusal = 413, f"a body has {_LARGEST_BODY} bytes at most"
        if refusal is None:
            return None
        self.close_connection = True
        return refusal[0], {"error": refusal[1]}

    def _done(self) -> tuple[int, Any]:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        try:
            return 200, self.control().answer(self.command, self.path.partition("?")[0], body)
        except NotFound as error:
            return 404, {"error": str(error)}
        except _WRONG as error:
            return 400, {"error": " ".join(str(error).split()) or type(error).__name__}
        except Exception as error:  # the suite shall see that it is not its own mistake
            _log.exception("sandbox_request_failed", path=self.path[:200])
            return 500, {"error": f"{type(error).__name__}: {error}"}


def is_loopback(host: str) -> bool:
    """Whether a host with or without a port is this machine and nothing but it: `127.0.0.1`, `localhost`, `[::1]`."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
