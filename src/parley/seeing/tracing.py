"""Spans of OpenTelemetry traces, for servers that are set to send them; others import nothing of it.

`tracer` is None unless traces were switched on; who makes spans often looks at it first. Spans name operations, tables
and kinds of mails, never values: what people send, and statements' values, are in none.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from parley.config import ConfigError

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from parley.seeing.asked import Asked

tracer: Tracer | None = None
"""Makes the spans; None: traces are off."""

_NEEDED: Final = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
_TABLE: Final = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE) ([a-z_]{1,60})\b")
#: The standard's variables that say where traces go; one of them, or the setting, switches them on.
_VARIABLES: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def is_wanted(setting: str | None, environment: Mapping[str, str]) -> bool:
    """Whether traces are to be sent, by the setting or the variables of the standard."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    if environment.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower() not in ("otlp", ""):
        return False
    return bool(setting) or any(environment.get(name, "").strip() for name in _VARIABLES)


def problem(setting: str | None, environment: Mapping[str, str]) -> str | None:
    """Why traces that are wanted cannot be sent, one line; imports nothing of what sends them."""
    if not is_wanted(setting, environment) or all(map(_is_there, _NEEDED)):
        return None
    return "traces are switched on, and what sends them is not installed: pip install 'parley[tracing]'"


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:  # of what it stands in
        return False


def start(setting: str | None, environment: Mapping[str, str]) -> None:
    """Begin to send traces, where they are wanted.

    Args:
        setting: address of an OTLP receiver, such as `http://127.0.0.1:4318`; None: the variables decide.

    Raises:
        ConfigError: what sends them is not installed.
    """
    global tracer
    if tracer is not None or not is_wanted(setting, environment):
        return
    if (missing := problem(setting, environment)) is not None:
        raise ConfigError(missing)
    from parley.seeing.otlp import open_tracer

    tracer = open_tracer(setting)


def stop() -> None:
    """Send what is left, and send no more."""
    global tracer
    if tracer is not None:
        from parley.seeing.otlp import close_tracer

        tracer = None
        close_tracer()


@contextlib.contextmanager
def span(name: str, **attributes: str | int) -> Iterator[None]:
    """A span around the block, where traces are on."""
    if tracer is None:
        yield
        return
    from parley.seeing.otlp import inner_span

    with inner_span(tracer, name, attributes):
        yield


@contextlib.contextmanager
def request(asked: Asked, scope: MutableMapping[str, Any], *, believe_front: bool) -> Iterator[None]:
    """The span of a whole request; it says at its end what became known of it."""
    if tracer is None:
        yield
        return
    from parley.seeing.otlp import server_span

    with server_span(tracer, asked, scope, believe_front=believe_front):
        yield


def statement(system: str, text: str) -> contextlib.AbstractContextManager[None]:
    """The span of one statement, by what it does and its tables.

    Args:
        system: kind of database.
        text: as it goes to the driver, with places for its values.
    """
    what, tables = named(text)
    return span(f"{what} {tables.partition(',')[0]}".strip(), **_database(system, what, tables))


def commit(system: str, texts: Sequence[str]) -> contextlib.AbstractContextManager[None]:
    """The span of a set of changes: the tables that are written, and how many statements there are."""
    tables = list(dict.fromkeys(named(text)[1].partition(",")[0] for text in texts))
    attributes = _database(system, "COMMIT", ",".join(tables[:20]))
    return span(f"COMMIT {', '.join(tables[:4])}".strip(), **attributes, **{"parley.statements": len(texts)})


def _database(system: str, what: str, tables: str) -> dict[str, str | int]:
    return {"db.system.name": system, "db.operation.name": what, "db.collection.name": tables}


@lru_cache(maxsize=2_000)
def named(text: str) -> tuple[str, str]:
    """What a statement does, and its tables, joined by commas."""
    tables = list(dict.fromkeys(_TABLE.findall(text)))
    return text.partition(" ")[0], ",".join(tables)
