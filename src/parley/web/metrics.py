"""Counts of what the XML endpoint answered, and their export for Prometheus.

Counting is done in plain dictionaries: it costs well under a microsecond a request, where a labelled counter and a
histogram of prometheus-client cost several. The library is only imported when somebody asks for the figures.

With several worker processes any of them may be asked. Each writes its counts to a file of a folder that they share
every few seconds; whoever is asked adds the files of the others to its own counts.
"""

from __future__ import annotations

import asyncio
import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from parley.services.registry import find
from parley.store import outbox, sites
from parley.web.xml_endpoint import Receive, Scope, Send, XmlEndpoint

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from parley.services.application import Application

#: Upper bounds of the duration classes, in seconds.
BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
#: Names the folder that the worker processes of one server share.
FOLDER_VARIABLE: Final = "PARLEY_METRICS_FOLDER"
UNKNOWN: Final = "unknown"

_SHARE_SECONDS: Final = 2.0
_MAX_LABELS: Final = 2000
_QUEUE_SECONDS: Final = 5
_END_OF_HEAD: Final = b"</serv:header>"
#: The whole head of the answer to one request that succeeded, in two parts; see protocol.answer.
_BEFORE: Final = b"<serv:header><serv:response><serv:result>"
_SUCCESS: Final = b"SUCCESS</serv:result>"
_AFTER: Final = b"SUCCESS</serv:result><serv:gsbStatus>PRIMARY</serv:gsbStatus></serv:response></serv:header>"
_CODE: Final = re.compile(rb"<serv:exceptionID>(\d{6})<")
_ANY_TYPE: Final = re.compile(
    rb"""bodyContent(?:[^<>]|%20){0,300}?type\s{0,9}(?:=|%3D)\s{0,9}(?:"|'|%22|%27)([^"'%<>]{1,120})""", re.IGNORECASE
)


class Series(msgspec.Struct):
    """How often something was answered, and how long that took: the last class is for whatever took longer."""

    seconds: float = 0.0
    classes: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    @property
    def count(self) -> int:
        """How often."""
        return sum(self.classes)

    def add(self, other: Series) -> None:
        """Add what another process counted."""
        self.seconds += other.seconds
        self.classes = [mine + theirs for mine, theirs in zip(self.classes, other.classes, strict=True)]


class Snapshot(msgspec.Struct):
    """The counts of a process: operations by name and outcome, faults by code, calls by group of limits, and mails."""

    operations: dict[str, dict[str, Series]] = {}
    faults: dict[str, int] = {}
    rates: dict[str, dict[str, int]] = {}
    mails: dict[str, int] = {}

    def add(self, other: Snapshot) -> None:
        """Add what another process counted."""
        for name, outcomes in other.operations.items():
            mine = self.operations.setdefault(name, {})
            for outcome, series in outcomes.items():
                mine.setdefault(outcome, Series()).add(series)
        for code, count in other.faults.items():
            self.faults[code] = self.faults.get(code, 0) + count
        for outcome, count in other.mails.items():
            self.mails[outcome] = self.mails.get(outcome, 0) + count
        for group, calls in other.rates.items():
            counts = self.rates.setdefault(group, {})
            for outcome, count in calls.items():
                counts[outcome] = counts.get(outcome, 0) + count


_read_snapshot: Final = msgspec.json.Decoder(Snapshot)


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
        self._file = folder / f"{os.getpid()}.json" if folder else None
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
        """What this process counted."""
        operations: dict[str, dict[str, Series]] = {}
        for (name, outcome), series in self._series.items():
            operations.setdefault(name, {})[outcome] = msgspec.structs.replace(series, classes=list(series.classes))
        rates = {group: dict(outcomes) for group, outcomes in self.rates.items()}
        return Snapshot(operations, dict(self._faults), rates, self.mails())

    def total(self) -> Snapshot:
        """What all processes of the server counted, others as of a few seconds ago; reads files."""
        total = self.snapshot()
        if self._file is not None:
            for path in self._file.parent.glob("*.json"):
                if path != self._file:
                    total.add(_read_snapshot.decode(path.read_bytes()))
        return total

    def share(self) -> None:
        """Leave the counts for the other processes; writes a file."""
        if self._file is not None:
            part = self._file.with_suffix(".part")
            part.write_bytes(msgspec.json.encode(self.snapshot()))
            part.replace(self._file)

    async def keep_sharing(self) -> None:
        """Share the counts every few seconds, until cancelled."""
        while self._file is not None:
            await asyncio.sleep(_SHARE_SECONDS)
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

        async def noting_receive() -> Any:
            nonlocal first
            message = await receive()
            first = first or message.get("body", b"")
            return message

        def noting_send(message: Any) -> Any:
            if "body" in message:
                self._note(first or scope["query_string"], message["body"], perf_counter() - begun)
            return send(message)

        await XmlEndpoint.__call__(self, scope, noting_receive, noting_send)


class Queue(NamedTuple):
    """Mails of all sites that are due and not delivered yet, and for how many seconds the oldest one is due."""

    mails: int = 0
    oldest: int = 0


class QueueGauge:
    """Looks how many mails wait, at most once in a few seconds however often somebody asks."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._read_at = 0
        self._queue = Queue()

    async def read(self) -> Queue:
        """The mails of all sites that are switched on; as of a few seconds ago at worst."""
        engine, now = self._application.engine, self._application.clock.now()
        if abs(now - self._read_at) >= _QUEUE_SECONDS:
            found = [await outbox.queued(engine, site_id, now) for site_id in await sites.active_ids(engine)]
            oldest = min((due for _, due in found if due is not None), default=now)
            self._queue, self._read_at = Queue(sum(count for count, _ in found), now - oldest), now
        return self._queue


def export(counts: RequestCounts, version: str, queue: Queue | None = None) -> tuple[bytes, str]:
    """The figures in the text form of Prometheus, and its content type. Reads files, so not for the event loop.

    Args:
        queue: the mails that wait; None: not known.
    """
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_LATEST

    total = counts.total()

    class Collector:
        def collect(self) -> Iterator[Metric]:
            yield from _families(total, version)
            yield from _mail_families(total, queue)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector())
    ProcessCollector(registry=registry)
    return generate_latest(registry), CONTENT_TYPE_LATEST


def _families(total: Snapshot, version: str) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    build = GaugeMetricFamily("parley_build", "The release that runs", labels=["version"])
    build.add_metric([version], 1)
    yield build
    requests = CounterMetricFamily("parley_requests", "Operations answered", labels=["operation", "outcome"])
    durations = HistogramMetricFamily(
        "parley_request_duration_seconds", "Time from the request's head to its answer", labels=["operation"]
    )
    for name, outcomes in sorted(total.operations.items()):
        both = Series()
        for outcome, series in sorted(outcomes.items()):
            requests.add_metric([name, outcome], series.count)
            both.add(series)
        durations.add_metric([name], _buckets(both), both.seconds)
    yield requests
    yield durations
    faults = CounterMetricFamily("parley_faults", "Failures by exceptionID", labels=["code"])
    for code, count in sorted(total.faults.items()):
        faults.add_metric([code], count)
    yield faults
    if total.rates:
        rates = CounterMetricFamily(
            "parley_rate_limited_calls",
            "Calls on sites that measure or enforce rate limits, within the limit or over it",
            labels=["group", "outcome"],
        )
        for group, calls in sorted(total.rates.items()):
            for outcome, count in sorted(calls.items()):
                rates.add_metric([group, outcome], count)
        yield rates


def _mail_families(total: Snapshot, queue: Queue | None) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    mails = CounterMetricFamily("parley_mails", "What became of mails that this server took", labels=["outcome"])
    for outcome, count in sorted(total.mails.items()):
        mails.add_metric([outcome], count)
    yield mails
    if queue is not None:
        yield GaugeMetricFamily("parley_mails_queued", "Mails that are due and not delivered yet", queue.mails)
        yield GaugeMetricFamily(
            "parley_mail_oldest_seconds", "For how long the oldest of the queued mails is due", queue.oldest
        )


def _buckets(series: Series) -> list[tuple[str, float]]:
    buckets: list[tuple[str, float]] = []
    sum_so_far = 0
    for bound, count in zip([*map(str, BOUNDS), "+Inf"], series.classes, strict=True):
        sum_so_far += count
        buckets.append((bound, sum_so_far))
    return buckets
