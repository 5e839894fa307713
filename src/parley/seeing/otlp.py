"""Traces by the SDK of OpenTelemetry, sent by OTLP over HTTP. Imported only where traces are switched on."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from parley import __version__

if TYPE_CHECKING:
    from parley.seeing.asked import Asked

_TRACES_PATH: Final = "/v1/traces"
#: The end of a server waits so long for a receiver; the exporter itself would go on trying.
_LAST_SECONDS: Final = 3.0
#: Beside the trace these headers of a front are not read.
_CARRIED: Final = (b"traceparent", b"tracestate")
#: What the SDK would note of an error by itself.
_QUIET: Final[dict[str, Any]] = {"record_exception": False, "set_status_on_exception": False}
_propagator: Final = TraceContextTextMapPropagator()
_provider: TracerProvider | None = None


def open_tracer(endpoint: str | None) -> Tracer:
    """A tracer that sends to an OTLP receiver.

    Args:
        endpoint: its address, without the path for traces; None: as the variables OTEL_EXPORTER_OTLP_... say.
    """
    global _provider
    # What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before.
    resource = Resource({"service.name": "parley", "service.version": __version__}).merge(_from_variables())
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + _TRACES_PATH) if endpoint else OTLPSpanExporter()
    _provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    _provider.add_span_processor(BatchSpanProcessor(exporter))
    return _provider.get_tracer("parley", __version__)


def _from_variables() -> Resource:
    found = Resource.create()
    if str(found.attributes.get("service.name", "")).startswith("unknown_service"):
        return Resource({name: value for name, value in found.attributes.items() if name != "service.name"})
    return found


def close_tracer() -> None:
    """Send what waits, for a bounded time; who does not answer then gets no more."""
    global _provider
    provider, _provider = _provider, None
    if provider is not None:
        ending = threading.Thread(target=provider.shutdown, name="parley-traces", daemon=True)
        ending.start()
        ending.join(_LAST_SECONDS)


@contextlib.contextmanager
def inner_span(tracer: Tracer, name: str, attributes: Mapping[str, str | int]) -> Iterator[None]:
    """A span below the current one."""
    with tracer.start_as_current_span(name, attributes=attributes, **_QUIET) as span, _classes_of_errors(span):
        yield


@contextlib.contextmanager
def server_span(
    tracer: Tracer, asked: Asked, scope: MutableMapping[str, Any], *, believe_front: bool
) -> Iterator[None]:
    """The span of a request, which goes on with the trace of a front that is believed."""
    above = None
    if believe_front:
        headers = {
            name.decode("ascii"): value.decode("latin-1") for name, value in scope["headers"] if name in _CARRIED
        }
        above = _propagator.extract(headers)
    method = str(scope.get("method", "GET"))
    attributes = {"http.request.method": method, "parley.request_id": asked.request_id}
    with tracer.start_as_current_span(method, above, SpanKind.SERVER, attributes, **_QUIET) as span:
        try:
            with _classes_of_errors(span):
                yield
        finally:
            _tell(span, asked, method)


@contextlib.contextmanager
def _classes_of_errors(span: Span) -> Iterator[None]:
    """Of an error a span says the class only: messages of errors have values in them."""
    try:
        yield
    except BaseException as error:
        _failed(span, type(error).__name__)
        raise


def _tell(span: Span, asked: Asked, method: str) -> None:
    span.update_name(asked.operation or f"{method} {asked.route or ''}".strip())
    known = {"http.route": asked.route, "parley.operation": asked.operation, "parley.site": asked.site}
    for name, value in known.items():
        if value is not None:
            span.set_attribute(name, value)
    if asked.code is not None:
        span.set_attribute("parley.code", asked.code)
        if asked.code in ("000029", "000035"):
            _failed(span, asked.code)


def _failed(span: Span, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))
