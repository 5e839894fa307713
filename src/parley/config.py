"""Settings of a server process.

Order, first found wins: options of the command line, environment variables `PARLEY_*`, the TOML file named by
`--config` or `PARLEY_CONFIG` (else `parley.toml` in the data folder), the defaults below.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta


class ConfigError(Exception):
    """A setting that cannot be used; the message is one line for the person at the terminal."""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings, with their defaults.

    Attributes:
        data: folder for the database file, uploads and mails.
        database: `postgresql://...`, or None for the file `parley.db` in the data folder.
        host, port: where to listen.
        workers: processes that answer requests.
        public_url: how people and programs reach this server, without a final slash; `{site}` stands for the name
            of a site where every site has a host name of its own. None: the address that is listened on.
        default_site: name of the site that requests are for when they name none and the host name is no site's.
        demo: create and serve the demo site, on loopback addresses only.
        max_request_bytes: largest XML document that is read.
        max_body_seconds: a request body has to arrive within this time.
        pool_size: connections to PostgreSQL, per process.
        trust_proxy: believe X-Forwarded-For and X-Forwarded-Proto of a proxy in front.
        log_level: debug, info, warning or error.
        inspector: sites may keep their last requests, without passwords, for their administrators to look at in the
            console; each site switches it on for itself.
        smtp: the mail server, `smtp://user:password@host:587` (see `mail.transports.SmtpServer.parse`); None: mails are
            kept as files in the data folder.
        mail_sender: address that mails come from where a site has none of its own; None: one made of the public
            address.
        mail_per_minute: mails that this server sends in a minute at most, its workers together; 0 is without limit.
        mail_give_up_hours: a mail that was not taken for so long is tried no more.
        ice_servers: STUN and TURN servers that browsers in rooms may use, separated by commas, such as
            `stun:turn.example.org:3478,turn:turn.example.org:3478`.
        room_address: address of this machine, `10.0.0.5` or with ports `10.0.0.5:7100-7110`, where the servers of other
            machines on the same database reach the rooms of this one; None: all servers are on this machine.
        turn_secret: the secret that the TURN servers share with this one (coturn's static-auth-secret).
        janus: the media server of rooms that are too large for the browsers alone: `start` runs one as a process of
            this server, `ws://...` is the WebSocket of one that runs elsewhere, `off` or None: there is none.
        janus_secret, janus_admin_key: api_secret of a Janus elsewhere, and admin_key of its VideoRoom plugin.
        janus_ports: UDP ports that a Janus of this server receives media on, such as `20000-20999`.
        janus_interface: interfaces or addresses that it uses, separated by commas; None: all but loopback.
        janus_public_ip: the address that browsers reach it under, where that is not one of the machine's own.
        janus_ice_lite: it has a public address of its own and need not look for a way to browsers.
        janus_from: rooms of so many people move to it; 1: all rooms are there from the beginning.
        janus_video, janus_audio, janus_watching: how many people of a room on Janus send pictures and sound, send at
            least sound, and only receive.
        mail_delivery: whether the server delivers mails itself; else `parley mail deliver` does.
        presence_check_seconds: how often the server looks for people whose connection broke off without a word; 0: it
            leaves that to other servers on the same database.
        errand_seconds: how often the server looks for what is to be done by itself: notices, sessions that go after
            their end, histories that are too old; 0: it leaves that to other servers on the same database.
        recording_check_seconds: how often the server looks for recordings that have ended, to make files of them; 0: it
            leaves that to other servers with the same data folder.
        recordings: where the files of recordings lie: a folder, or
            `s3://BUCKET/PREFIX?endpoint=https://...&region=...` with credentials in the variables AWS_...; None: the
            folder `recordings` in the data folder.
        max_recording_megabytes: largest file that is taken in as a recording.
        recordings_tidy: whether the server empties the trash of recordings and looks after their files; else
            `parley recording check` does.
    """

    data: str = "data"
    database: str | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    public_url: str | None = None
    default_site: str | None = None
    demo: bool = False
    max_request_bytes: int = 4_000_000
    max_body_seconds: float = 60.0
    pool_size: int = 8
    trust_proxy: bool = False
    log_level: str = "info"
    inspector: bool = False
    smtp: str | None = None
    mail_sender: str | None = None
    mail_per_minute: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    mail_give_up_hours: Annotated[int, Meta(ge=1, le=720)] = 48
    mail_delivery: bool = True
    ice_servers: Annotated[str, Meta(pattern=r"^[\s,]*((stuns?|turns?):[^\s,]+[\s,]*)*$")] | None = None
    room_address: Annotated[str, Meta(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+)(:\d{1,5}(-\d{1,5})?)?$")] | None = (
        None
    )
    turn_secret: str | None = None
    presence_check_seconds: Annotated[int, Meta(ge=0, le=3600)] = 15
    errand_seconds: Annotated[int, Meta(ge=0, le=3600)] = 2
    janus: Annotated[str, Meta(pattern=r"^(start|off|wss?://[^\s/]+(/\S*)?)$")] | None = None
    janus_secret: str | None = None
    janus_admin_key: str | None = None
    janus_ports: Annotated[str, Meta(pattern=r"^[0-9]{4,5}-[0-9]{4,5}$")] = "20000-20999"
    janus_interface: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:,@-]+$")] | None = None
    janus_public_ip: Annotated[str, Meta(pattern=r"^[0-9A-Fa-f.:,/]+$")] | None = None
    janus_ice_lite: bool = False
    janus_from: Annotated[int, Meta(ge=1, le=5)] = 5
    janus_video: Annotated[int, Meta(ge=1, le=12)] = 9
    janus_audio: Annotated[int, Meta(ge=1, le=30)] = 25
    janus_watching: Annotated[int, Meta(ge=0, le=1000)] = 500
    recording_check_seconds: Annotated[int, Meta(ge=0, le=3600)] = 3
    recordings: str | None = None
    max_recording_megabytes: Annotated[int, Meta(ge=1, le=1_000_000)] = 20_000
    recordings_tidy: bool = True

    def __repr__(self) -> str:
        """The settings without the passwords of the addresses among them."""
        shown = ((name, getattr(self, name)) for name in self.__struct_fields__)
        values = (f"{name}={_shown(name, value)!r}" for name, value in shown)
        return f"Config({', '.join(values)})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same for rich."""
        return [(name, _shown(name, getattr(self, name))) for name in self.__struct_fields__]

    @classmethod
    def load(
        cls, options: Mapping[str, Any], environment: Mapping[str, str] = os.environ, file: str | None = None
    ) -> Self:
        """Bring options (None = not given), environment and TOML file together.

        Raises:
            ConfigError: unknown setting, wrong type, unreadable file.
        """
        values: dict[str, Any] = {}
        given = {name: value for name, value in options.items() if value is not None}
        in_environment = {
            name: environment[f"PARLEY_{name.upper()}"]
            for name in cls.__struct_fields__
            if environment.get(f"PARLEY_{name.upper()}")
        }
        values.update(_from_file(file or environment.get("PARLEY_CONFIG"), given, in_environment))
        values.update(in_environment)
        values.update(given)
        try:
            return msgspec.convert(values, cls, strict=False)
        except msgspec.ValidationError as error:
            raise ConfigError(f"setting not understood: {error}") from None

    @property
    def database_url(self) -> str:
        """Where the data lives: the PostgreSQL URL, or `sqlite:///` and the path of the file."""
        return self.database or f"sqlite:///{Path(self.data).absolute() / 'parley.db'}"

    @property
    def base_url(self) -> str:
        """The public address without a final slash; may hold `{site}`."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


_SECRETS: Final = frozenset({"turn_secret", "janus_secret", "janus_admin_key"})


def _shown(name: str, value: Any) -> Any:
    """A setting without what is secret in it."""
    return "***" if name in _SECRETS and value else _without_password(value)


def _without_password(value: Any) -> Any:
    """An address with its password as stars; any other value as it is."""
    if not isinstance(value, str) or "://" not in value:
        return value
    try:
        password = urlsplit(value).password
    except ValueError:
        return "***"
    return value.replace(f":{password}@", ":***@") if password else value


def _from_file(name: str | None, given: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    if name is None:
        folder = given.get("data") or environment.get("data") or "data"
        path = Path(folder) / "parley.toml"
        if not path.is_file():
            return {}
    else:
        path = Path(name)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the settings file {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise ConfigError(f"the settings file {path} is not valid TOML: {error}") from None
