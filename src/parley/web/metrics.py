"""Counts of what the server answered, summed over its worker processes.

Counting is done in plain dictionaries: it costs well under a microsecond a request, where a labelled counter and a
histogram of prometheus-client cost several. The library is only imported when somebody asks for the figures
(`exposition`).

With several worker processes any of them may be asked, and tells of all (`shared_figures`).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from parley.seeing import asked as asking
from parley.seeing.figures import BOUNDS, Figures, Series, here
from parley.services.registry import find
from parley.web.process_figures import process_figures
from parley.web.shared_figures import SharedFigures, Snapshot
from parley.web.xml_endpoint import Receive, Scope, Send, XmlEndpoint

if TYPE_CHECKING:
    from parley.services.application import Application

#: Names the folder that the worker processes of one server share.
FOLDER_VARIABLE: Final = "PARLEY_METRICS_FOLDER"
UNKNOWN: Final = "unknown"

_SHARE_SECONDS: Final = 2.0
_MAX_LABELS: Final = 2000
_END_OF_HEAD: Final = b"</serv:header>"
#: The whole head of the answer to one request that succeeded, in two parts; see protocol.answer.
_BEFORE: Final = b"<serv:header><serv:response><serv:result>"
_SUCCESS: Final = b"SUCCESS</serv:result>"
_AFTER: Final = b"SUCCESS</serv:result><serv:gsbStatus>PRIMARY</serv:gsbStatus></serv:response></serv:header>"
_CODE: Final = re.compile(rb"<serv:exceptionID>(\d{6})<")
_ANY_TYPE: Final = re.compile(
    rb"""bodyContent(?:[^<>]|%20){0,300}?type\s{0,9}(?:=|%3D)\s{0,9}(?:"|'|%22|%27)([^"'%<>]{1,120})""", re.IGNORECASE
)


#: Values at a moment: name of the family, values of its labels, the value.
Reading = tuple[str, str, float]


class RequestCounts:
    """Counts the answers of this process.

    Args:
        folder: where the worker processes of a server leave their counts for each other; None: this is the only one.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._labels: dict[bytes, str] = {}
        self._successes: dict[bytes, Series] = {}
        self._series: dict[tuple[str, str], Series] = {}
        self._faults: dict[str, int] = {}
        self._shared = SharedFigures(folder) if folder else None
        self._sharing = threading.Lock()
        self._running = 0
        self.sources: list[Callable[[], Iterable[Reading]]] = []
        """Tell figures of parts of the server when somebody asks."""
        self.rates: Mapping[str, Mapping[str, int]] = {}
        """Calls that sites have counted against their limits, by group and whether they were within the limit."""
        self.mails: Callable[[], dict[str, int]] = dict
        """Tells what this process did with mails, by outcome."""

    def note(self, document: bytes, answer: bytes, seconds: float) -> None:
        """Count one answer.

        Args:
            document: the request, or the first part of it.
            answer: the whole answer.
            seconds: how long it took.
        """
        place = answer.find(_SUCCESS)
        if answer.startswith(_AFTER, place) and answer.startswith(_BEFORE, place - len(_BEFORE)):
            at = document.find(b'type="', document.find(b"bodyContent")) + 6
            series = self._successes.get(document[at : document.find(b'"', at, at + 120)])
            if series is None:
                series = self._series_of_success(document, at)
            series.seconds += seconds
            series.classes[bisect_left(BOUNDS, seconds)] += 1
        else:
            self._note_slowly(document, answer[: answer.find(_END_OF_HEAD)], seconds)

    def _series_of_success(self, document: bytes, at: int) -> Series:
        """Find the series by any form of the operation's name, and keep it for the usual form, which begins at `at`."""
        found = _ANY_TYPE.search(document)
        label = self._known(found[1]) if found else UNKNOWN
        series = self._series_of(label, "success")
        if found and label != UNKNOWN and found.start(1) == at and len(self._successes) < _MAX_LABELS:
            self._successes[found[1]] = series
        return series

    def _note_slowly(self, document: bytes, head: bytes, seconds: float) -> None:
        """Count failures, and messages with several requests; their time is shared out evenly."""
        results = head.split(b"<serv:result>")[1:]
        names = [self._known(found) for found in _ANY_TYPE.findall(document)[: len(results)]]
        names += [UNKNOWN] * (len(results) - len(names))
        for name, result in zip(names, results, strict=True):
            series = self._series_of(name, "success" if result.startswith(b"SUCCESS") else "failure")
            share = seconds / len(results)
            series.seconds += share
            series.classes[bisect_left(BOUNDS, share)] += 1
            code = _CODE.search(result)
            if code:
                text = code[1].decode("ascii")
                self._faults[text] = self._faults.get(text, 0) + 1

    def _series_of(self, operation: str, outcome: str) -> Series:
        series = self._series.get((operation, outcome))
        if series is None:
            series = self._series[operation, outcome] = Series()
        return series

    def _known(self, raw: bytes) -> str:
        """The name of the operation that an xsi:type names; anything that is none shares one label."""
        label = self._labels.get(raw)
        if label is None:
            operation = find(raw.decode("utf-8", "replace"))
            label = operation.name if operation else UNKNOWN
            if operation and len(self._labels) < _MAX_LABELS:
                self._labels[raw] = label
        return label

    def snapshot(self) -> Snapshot:
        """What this process counted; in any thread, while another one counts on."""
        operations: dict[str, dict[str, Series]] = {}
        for (name, outcome), series in dict(self._series).items():
            operations.setdefault(name, {})[outcome] = msgspec.structs.replace(series, classes=list(series.classes))
        rates = {group: dict(outcomes) for group, outcomes in dict(self.rates).items()}
        return Snapshot(operations, dict(self._faults), rates, self.mails(), self._others())

    def _others(self) -> Figures:
        others = here.copy()
        others.put("parley_requests_running", "", self._running)
        for source in (*self.sources, process_figures):
            for family, labels, value in source():
                others.put(family, labels, value)
        return others

    def total(self) -> Snapshot:
        """What all processes of the server counted, others as of a few seconds ago; reads and writes files."""
        if self._shared is None:
            return self.snapshot()
        with contextlib.suppress(OSError):  # on a full disk the figures as they were last are better than none
            self.share()
            self._shared.gather()
        return self._shared.total()

    def share(self) -> None:
        """Leave the counts for the other processes; writes a file."""
        if self._shared is not None:
            with self._sharing:  # or an older state could be written last
                self._shared.leave(self.snapshot())

    def begin(self) -> None:
        """A request began."""
        self._running += 1

    def page(self, part: str, status: int, seconds: float) -> None:
        """A request ended that was not for the XML endpoint.

        Args:
            part: of the server, one of a few.
            status: of HTTP.
        """
        here.count("parley_http_requests", f"{part}|{status // 100}xx")
        here.series("parley_http_seconds", part).note(seconds)

    def end(self) -> None:
        """A request ended."""
        self._running -= 1

    async def keep_sharing(self) -> None:
        """Share the counts every few seconds, until cancelled; first take over those of processes that have ended."""
        if self._shared is not None:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._shared.gather)
        while self._shared is not None:
            await asyncio.sleep(_SHARE_SECONDS)
            with contextlib.suppress(OSError):  # a full disk must not end it
                await asyncio.to_thread(self.share)


class MeteredEndpoint(XmlEndpoint):
    """The XML endpoint with a count of what it answers."""

    def __init__(self, application: Application, counts: RequestCounts) -> None:
        super().__init__(application)
        self._note = counts.note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun = perf_counter()
        first = b""
        asked = asking.current()

        async def noting_receive() -> Any:
            nonlocal first
            message = await receive()
            body = message.get("body", b"")
            first = first or body
            if asked is not None:
                asked.bytes_in += len(body)
            return message

        def noting_send(message: Any) -> Any:
            if "body" in message:
                self._note(first or scope["query_string"], message["body"], perf_counter() - begun)
            return send(message)

        await XmlEndpoint.__call__(self, scope, noting_receive, noting_send)
