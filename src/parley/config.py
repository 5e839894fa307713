"""Settings of a server process.

Order, first found wins: options of the command line, environment variables `PARLEY_*`, files that variables
`PARLEY_*_FILE` name (each holds one value, as secrets of containers and services come), the TOML file named by
`--config` or `PARLEY_CONFIG` (else `parley.toml` in the data folder), the defaults below.

docs/configuration.md is written from the docstring of `Config` and the types of its fields (scripts/write_docs.py).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta


class ConfigError(Exception):
    """A setting that cannot be used; the message is one line for the person at the terminal."""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings, with their defaults.

    Attributes:
        data: folder of the database file, uploads and mails; made when missing, readable by its owner only.
        database: `postgresql://...`; None: the file `parley.db` in the data folder.
        host: address to listen on.
        port: port to listen on; 0: any free one.
        workers: processes that answer requests.
        drain_seconds: how long the server still serves what comes after it was told to end (SIGTERM), while `/readyz`
            says 503: longer than whoever is in front of it takes to notice; 0: nobody is.
        public_url: how people and programs reach this server, without a final slash; `{site}` stands for the name
            of a site where every site has a host name of its own. None: the address that is listened on.
        default_site: name of the site that requests are for when they name none and the host name is no site's.
        demo: create and serve the demo site, on loopback addresses only.
        max_request_bytes: largest XML document that is read.
        max_body_seconds: time for a request's body to arrive.
        pool_size: connections to PostgreSQL, for each process.
        database_replicas: read replicas of the PostgreSQL server, `postgresql://...`, separated by commas; lists and
            histories are read there. `pool_size` counts for each of them too.
        replica_wait_seconds: how long a list waits for a read replica to have all that the database had when it was
            asked for; one that is further behind is left alone until it has caught up.
        trust_proxy: believe X-Forwarded-For and X-Forwarded-Proto of a proxy in front.
        log_level: debug, info, warning or error.
        log_requests: requests that the log has a line for: all, failed or none.
        metrics_from: who may read `/metrics`: anyone, local (loopback and private addresses) or nobody.
        metrics_token: whoever sends it as `Authorization: Bearer ...` may read `/metrics`, and then nobody without it.
        tracing: address of an OTLP receiver that gets traces of OpenTelemetry, such as `http://127.0.0.1:4318`; None:
            the variables OTEL_... decide.
        inspector: sites may keep their last requests, without passwords, for their administrators to look at in the
            console; each site switches it on for itself.
        smtp: the mail server, `smtp://user:password@host:587`; None: mails are kept as files in the data folder.
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
            this server, `ws://...` is the WebSocket of one that runs elsewhere, `off` is none.
        janus_secret: `api_secret` of a Janus elsewhere.
        janus_admin_key: `admin_key` of the VideoRoom plugin of a Janus elsewhere.
        janus_records: a Janus elsewhere has the data folder of this server under the same path and may write to it, so
            that rooms on it can be recorded; one on the same machine (a loopback address) is taken to have it.
        janus_ports: UDP ports that a Janus of this server receives media on, such as `20000-20999`.
        janus_interface: interfaces or addresses that it uses, separated by commas; None: all but loopback.
        janus_public_ip: the address that browsers reach it under, where that is not one of the machine's own.
        janus_ice_lite: it has a public address of its own and need not look for a way to browsers.
        janus_from: rooms of so many people move to it; 1: all rooms are there from the beginning.
        janus_video: people of a room on Janus who send pictures and sound.
        janus_audio: people of a room on Janus who send at least sound.
        janus_watching: people of a room on Janus who only receive.
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
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8080
    workers: Annotated[int, Meta(ge=1, le=256)] = 1
    drain_seconds: Annotated[float, Meta(ge=0, le=600)] = 0.0
    public_url: str | None = None
    default_site: str | None = None
    demo: bool = False
    max_request_bytes: int = 4_000_000
    max_body_seconds: float = 60.0
    pool_size: Annotated[int, Meta(ge=1, le=1_000)] = 8
    database_replicas: str | None = None
    replica_wait_seconds: Annotated[float, Meta(ge=0, le=10)] = 0.1
    trust_proxy: bool = False
    log_level: str = "info"
    log_requests: Literal["all", "failed", "none"] = "all"
    metrics_from: Literal["anyone", "local", "nobody"] = "anyone"
    metrics_token: Annotated[str, Meta(min_length=8, pattern=r"^[!-~]+$")] | None = None
    tracing: Annotated[str, Meta(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")] | None = None
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
    janus_records: bool = False
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
            name: value for name in cls.__struct_fields__ if (value := _in_environment(environment, name)) is not None
        }
        values.update(_from_file(file or environment.get("PARLEY_CONFIG"), given, in_environment))
        values.update(in_environment)
        values.update(given)
        try:
            found = msgspec.convert(values, cls, strict=False)
        except msgspec.ValidationError as error:
            raise ConfigError(f"setting not understood: {_problem(error)}") from None
        for value, form, problem in (
            (found.database, _DATABASE, _NO_DATABASE),
            (found.public_url, _PUBLIC, _NOT_PUBLIC),
        ):
            if value and not form.match(value):
                raise ConfigError(problem)
        return found

    @property
    def database_url(self) -> str:
        """Where the data lives: the PostgreSQL URL, or `sqlite:///` and the path of the file."""
        return self.database or f"sqlite:///{Path(self.data).absolute() / 'parley.db'}"

    @property
    def replica_urls(self) -> tuple[str, ...]:
        """The addresses of the read replicas.

        Raises:
            ConfigError: one is no address of PostgreSQL, or the database is none.
        """
        found = tuple(each for each in _REPLICA_ENDS.split((self.database_replicas or "").strip(" ,")) if each)
        if found and not _POSTGRES.match(self.database_url):
            raise ConfigError("database_replicas is for a PostgreSQL database")
        if not all(map(_POSTGRES.match, found)):
            raise ConfigError("database_replicas has addresses that do not begin with postgresql://")
        return found

    @property
    def base_url(self) -> str:
        """The public address without a final slash; may hold `{site}`."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


_SECRETS: Final = frozenset({"metrics_token", "turn_secret", "janus_secret", "janus_admin_key"})


#: What is wrong is told without the address, which may hold a password.
_DATABASE: Final = re.compile(r"postgres(ql)?(\+\w+)?://|sqlite(\+\w+)?:///.")
_NO_DATABASE: Final = "database: this is no database address: postgresql://USER@HOST/NAME and sqlite:///FILE are"
_PUBLIC: Final = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?$")
_NOT_PUBLIC: Final = "public_url: this is no address of the web: https://meet.example.org is"
#: An address may have commas of its own, between the hosts that it may be at.
_POSTGRES: Final = re.compile(r"postgres(ql)?(\+\w+)?://")
_REPLICA_ENDS: Final = re.compile(r"[\s,]+(?=postgres(?:ql)?(?:\+\w+)?://)")
#: PostgreSQL's addresses may have it behind the question mark.
_IN_QUERY: Final = re.compile(r"([?&](?:ssl)?password=)[^&#]*", re.IGNORECASE)


def _problem(error: msgspec.ValidationError) -> str:
    """What is wrong with a setting, behind its name."""
    problem, place, name = str(error).rpartition(" - at `$.")
    return f"{name.rstrip('`')}: {problem}" if place else name


def _shown(name: str, value: Any) -> Any:
    """A setting without what is secret in it."""
    if name == "database_replicas" and value:
        return ",".join(str(_without_password(each)) for each in _REPLICA_ENDS.split(value))
    return "***" if name in _SECRETS and value else _without_password(value)


def _without_password(value: Any) -> Any:
    """An address with its password as stars; any other value as it is."""
    if not isinstance(value, str) or "://" not in value:
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return "***"
    if "@" not in parts.netloc and ":" in parts.netloc and "@" in value:
        return "***"  # a password with characters that end the host's part of an address
    shown = value.replace(f":{parts.password}@", ":***@") if parts.password else value
    return _IN_QUERY.sub(r"\1***", shown)


def _in_environment(environment: Mapping[str, str], name: str) -> str | None:
    """What the variable of a setting says, or the file that its variable `..._FILE` names; None: neither is set."""
    variable = f"PARLEY_{name.upper()}"
    if value := environment.get(variable):
        return value
    path = environment.get(f"{variable}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise ConfigError(f"cannot read the file {path} that {variable}_FILE names: {error.strerror}") from None
    except UnicodeError:
        raise ConfigError(f"the file {path} that {variable}_FILE names is not text in UTF-8") from None


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
