"""The figures in the text form of Prometheus, by the table of `metric_families`. Imported when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from parley.seeing.figures import BOUNDS, Figures, Series
from parley.web.metric_families import FAMILIES, Family

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from parley.web.metrics import Reading, RequestCounts
    from parley.web.shared_figures import Snapshot


def export(counts: RequestCounts, version: str, beside: Iterable[Reading] = ()) -> tuple[bytes, str]:
    """The figures of all processes, and their content type. Reads files, so not for the event loop.

    Args:
        beside: what is the same whichever process is asked: queues, the disk.
    """
    figures = _all(counts.total())
    figures.put("parley_build", version, 1)
    for family, labels, value in beside:
        figures.put(family, labels, value)

    class Collector:
        def collect(self) -> Iterator[Metric]:
            for name, family in FAMILIES.items():
                if not (figures.values.get(name) or figures.times.get(name)):
                    continue  # nothing was counted yet
                yield from _told(name, family, figures)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector())
    return generate_latest(registry), CONTENT_TYPE_LATEST


def _all(total: Snapshot) -> Figures:
    """The figures of a snapshot, those with fields of their own among the others."""
    figures = total.others
    for name, outcomes in total.operations.items():
        for outcome, series in outcomes.items():
            figures.put("parley_requests", f"{name}|{outcome}", series.count)
            figures.series("parley_request_duration_seconds", name).add(series)
    for code, count in total.faults.items():
        figures.put("parley_faults", code, count)
    for group, calls in total.rates.items():
        for outcome, count in calls.items():
            figures.put("parley_rate_limited_calls", f"{group}|{outcome}", count)
    for outcome, count in total.mails.items():
        figures.put("parley_mails", outcome, count)
    return figures


def _told(name: str, family: Family, figures: Figures) -> Iterator[Metric]:
    labels = list(family.labels)
    if family.kind == "histogram":
        histogram = HistogramMetricFamily(name, family.help, labels=labels)
        for key, series in sorted(figures.times.get(name, {}).items()):
            histogram.add_metric(_values(key, labels), _buckets(series), series.seconds)
        yield histogram
        return
    kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = kind(name, family.help, labels=labels)
    for key, value in sorted(figures.values.get(name, {}).items()):
        metric.add_metric(_values(key, labels), value)
    yield metric


def _values(key: str, labels: list[str]) -> list[str]:
    return key.split("|") if labels else []


def _buckets(series: Series) -> list[tuple[str, float]]:
    buckets: list[tuple[str, float]] = []
    sum_so_far = 0
    for bound, count in zip([*map(str, BOUNDS), "+Inf"], series.classes, strict=True):
        sum_so_far += count
        buckets.append((bound, sum_so_far))
    return buckets
