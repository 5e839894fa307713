"""Logging: lines for people on a terminal, JSON for whatever collects them otherwise; all on standard error.

Every line that is written while a request is answered has its id. No line has a password, a ticket, a form, a document
or the query of an address: the places that log hand over names and numbers only, errors are shown without the values
of variables, and what libraries say below a warning is not written. Nothing that was sent can end a line or move the
cursor: JSON escapes it, and lines for people are without control characters.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
import unicodedata
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import structlog
from structlog.typing import Processor

from parley.seeing import asked as asking
from parley.seeing.asked import Asked
from parley.seeing.figures import here

_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
#: Longest text of a value; a name that somebody sent is not to fill the disk.
_LONGEST: Final = 2_000
_LONGEST_NAME: Final = 128
#: Names of values that are never written, wherever they come from.
_SECRET: Final = re.compile(
    r"pass(word|wd|phrase|code)?$|secret|ticket|token|csrf|authorization|cookie|pin$|hostkey", re.IGNORECASE
)


class RequestLine(Protocol):
    """Writes the line of one request."""

    def __call__(self, asked: Asked, *, method: str, status: int, seconds: float, size: int, client: str) -> None:
        """Write it.

        Args:
            status: of HTTP; 0: it ended without an answer.
            size: bytes of the answer's body.
            client: address.
        """


request_line: RequestLine | None = None
"""Writes the lines of requests; None before `configure_logging`, and where the level leaves them out."""


def configure_logging(level: str) -> None:
    """Set up structlog and the standard library's logging for this process.

    Args:
        level: debug, info, warning or error.

    Raises:
        ValueError: another level.
    """
    global request_line
    number = _LEVELS.get(level.lower())
    if number is None:
        raise ValueError(f"log level {level!r} is not known: debug, info, warning and error are")
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_request,
        _without_secrets,
    ]
    ending, stream = _ending(), _Steady()
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(stream),  # type: ignore[arg-type]  # has what is used of a file
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(allow=[])],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # What libraries say below a warning has addresses with their queries, and heads of requests.
    root.setLevel(max(number, logging.WARNING))
    logging.getLogger("uvicorn").setLevel(max(number, logging.WARNING))
    request_line = None if number > logging.INFO else _for_people if sys.stderr.isatty() else _as_json


class _Steady:
    """Standard error as it is at the moment; a disk that is full, or a reader that is gone, stops no work."""

    def write(self, text: str) -> int:
        """Write a text."""
        with contextlib.suppress(OSError, ValueError):
            return sys.stderr.write(text)
        return 0

    def flush(self) -> None:
        """Hand on what was written."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


_stream: Final = _Steady()


def _ending() -> list[Processor]:
    if sys.stderr.isatty():
        return [
            _without_control,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    # Without the frames' local variables: passwords and tickets are among them.
    frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [structlog.processors.ExceptionRenderer(frames), _short_errors, structlog.processors.JSONRenderer()]


# ---- what goes through every line --------------------------------------------------------------------------------


def _with_request(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the id of the request that the line is written for, and what is known of it."""
    here.count("parley_log_lines", str(entry.get("level", "info")))
    asked = asking.current()
    if asked is not None:
        entry.setdefault("request_id", asked.request_id)
        for name in ("operation", "site", "caller"):
            value = getattr(asked, name)
            if value is not None and entry.get(name) is None:
                entry[name] = value
    return entry


def _without_secrets(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in entry.items():
        if name in ("event", "level", "timestamp", "exc_info") or value is None:
            continue
        if _SECRET.search(name) and not isinstance(value, bool):
            entry[name] = "***"
        elif isinstance(value, str) and len(value) > _LONGEST:
            entry[name] = f"{value[:_LONGEST]}…"
    return entry


def _short_errors(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of an error's message the first line: what follows with databases is the row, values and all."""
    shown = entry.get("exception")
    if isinstance(shown, list):
        for each in shown:
            if isinstance(each, dict) and isinstance(each.get("exc_value"), str):
                each["exc_value"] = (each["exc_value"].splitlines() or [""])[0][:_LONGEST]
    return entry


def _without_control(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in entry.items():
        if isinstance(value, str):
            entry[name] = plain(value)
    return entry


def plain(text: str) -> str:
    """A text that shows as one line: control characters, and those that turn the direction, as question marks."""
    if text.isprintable():
        return text
    return "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs") else "?" for c in text)


# ---- lines of requests -------------------------------------------------------------------------------------------


def _as_json(asked: Asked, *, method: str, status: int, seconds: float, size: int, client: str) -> None:
    """One JSON object, built without structlog: there is one for every request."""
    here.count("parley_log_lines", "info")
    entry: dict[str, Any] = {
        "event": "request",
        "level": "info",
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "request_id": asked.request_id,
        "client": client,
        "method": method,
        "route": asked.route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "bytes_in": asked.bytes_in,
        "bytes_out": size,
    }
    for name in ("operation", "site", "caller", "code"):
        value = getattr(asked, name)
        if value is not None:
            entry[name] = value[:_LONGEST_NAME]
    _stream.write(f"{json.dumps(entry)}\n")


def _for_people(asked: Asked, *, method: str, status: int, seconds: float, size: int, client: str) -> None:
    """A line such as `12:00:01 CreateMeeting  demo/host1  ok  4.1 ms  1,234 B  2f06…`."""
    here.count("parley_log_lines", "info")
    what = asked.operation or f"{method} {asked.route or '(no such page)'}"
    who = "/".join(each for each in (asked.site, asked.caller) if each) or client
    outcome = asked.code or ("ok" if asked.operation else str(status))
    moment = datetime.now(UTC).strftime("%H:%M:%S")
    line = f"{moment} {what:<28} {who[:_LONGEST_NAME]:<24} {outcome:<6} {seconds * 1000:8.1f} ms {size:>9,} B"
    _stream.write(f"{plain(line)}  {asked.request_id}\n")
