"""Traces: sent to a real receiver over HTTP where they are switched on, and nothing of them loaded elsewhere."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.trace import TracerProvider

from parley.config import ConfigError
from parley.seeing import otlp, tracing
from tests.server import PASSWORD, Server, TestSite

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Receiver:
    """Takes spans as any collector does."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.raw: list[bytes] = []
        self.services: set[str] = set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                receiver.take(self.path, body)
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def take(self, path: str, body: bytes) -> None:
        assert path == "/v1/traces"
        self.raw.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.services |= {each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += scope.spans

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join(10)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


def attributes(span: Any) -> dict[str, Any]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def test_a_request_its_operation_statements_and_mail_are_spans(
    receiver: Receiver, sqlite_template: Path, tmp_path: Path
) -> None:
    (tmp_path / "parley.db").write_bytes(sqlite_template.read_bytes())
    server = Server(None, tmp_path, tracing=receiver.address, trust_proxy=True, mail_delivery=True).start()
    try:
        site: TestSite = server.new_site()
        client = site.client()
        body = (
            "<metaData><confName>Zq9Topic</confName></metaData>"
            "<schedule><startDate>01/15/2040 10:00:00</startDate></schedule>"
            "<participants><attendees><attendee><person><email>zq9@spans.example</email></person></attendee></attendees>"
            "</participants>"
        )
        client.http.post(
            client.url,
            content=client.document("meeting.CreateMeeting", body),
            headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "X-Request-Id": "front-0001"},
        )
        client.call("meeting.GetMeeting", meetingKey=1).failed("060001")
        httpx.get(f"{server.url}/{site.name}/console/sign-in?PW=Zq9Query", timeout=60)
        deadline = time.monotonic() + 60
        while not any(tmp_path.glob("mail/*/*.eml")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        server.stop()
    assert tracing.tracer is None
    by_id = {span.span_id: span for span in receiver.spans}
    roots = [span for span in receiver.spans if span.kind == 2]
    created = next(span for span in roots if span.name == "CreateMeeting")
    assert created.trace_id.hex() == TRACE
    assert attributes(created)["parley.request_id"] == "front-0001"
    assert attributes(created)["parley.site"] == site.name
    inner = [span for span in receiver.spans if span.trace_id == created.trace_id]
    (operation,) = [span for span in inner if span.name == "CreateMeeting" and span is not created]
    assert by_id[operation.parent_span_id] is created
    statements = [span for span in inner if "db.system.name" in attributes(span)]
    assert {span.parent_span_id for span in statements} == {operation.span_id}
    assert any(span.name.startswith("SELECT users") for span in statements)
    assert any(span.name.startswith("COMMIT ") and "sessions" in span.name for span in statements)
    failed = next(span for span in roots if span.name == "GetMeeting")
    assert attributes(failed)["parley.code"] == "060001"
    assert any(span.name == "GET /{site}/console/sign-in" for span in roots)
    mails = [span for span in receiver.spans if span.name == "mail"]
    assert attributes(mails[0])["parley.request_id"] == "front-0001"
    assert "parley" in receiver.services
    everything = b"".join(receiver.raw)
    for secret in (b"Zq9Topic", b"zq9@spans", b"Zq9Query", PASSWORD.encode()):
        assert secret not in everything


def test_a_span_tells_the_class_of_an_error_and_not_its_words(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "tracer", None)
    tracing.start(receiver.address, {})
    with pytest.raises(ValueError, match="Zq9"), tracing.span("broken"):
        raise ValueError("Zq9Words")
    tracing.stop()
    (span,) = receiver.spans
    assert attributes(span)["error.type"] == "ValueError"
    assert b"Zq9" not in b"".join(receiver.raw)


def test_the_variables_of_the_standard_count(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.address, "OTEL_SERVICE_NAME": "parley-of-a-test"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    tracing.start(None, environment)
    with tracing.span("one"):
        pass
    tracing.stop()
    assert [span.name for span in receiver.spans] == ["one"]
    assert "parley-of-a-test" in receiver.services


@pytest.mark.parametrize(
    ("setting", "environment", "wanted"),
    [
        (None, {}, False),
        (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        (None, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/v1/traces"}, True),
        ("http://127.0.0.1:1", {}, True),
        ("http://127.0.0.1:1", {"OTEL_SDK_DISABLED": "true"}, False),
        ("http://127.0.0.1:1", {"OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_what_switches_traces_on(setting: str | None, environment: dict[str, str], wanted: bool) -> None:
    assert tracing.is_wanted(setting, environment) is wanted


def test_without_the_extra_it_is_said_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"parley\[tracing\]"):
        tracing.start("http://127.0.0.1:4318", {})
    assert tracing.tracer is None


def test_a_receiver_that_is_not_there_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    tracing.start("http://127.0.0.1:9", {})
    with tracing.span("lost"):
        pass
    tracing.stop()
    assert tracing.tracer is None


def test_a_receiver_that_never_answers_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, ends = threading.Event(), threading.Event()

    def hang(_: TracerProvider) -> None:
        ends.wait(60)
        ended.set()

    monkeypatch.setattr(otlp, "_LAST_SECONDS", 0.05)
    monkeypatch.setattr(TracerProvider, "shutdown", hang)
    tracing.start("http://127.0.0.1:9", {})
    tracing.stop()
    assert not ended.is_set()
    ends.set()
    assert ended.wait(60)


def test_servers_without_traces_load_nothing_of_them() -> None:
    code = (
        "import sys, parley.cli.server, parley.web.pages, parley.mail.delivery;"
        "sys.exit(any(name.startswith(('opentelemetry', 'google.protobuf', 'requests')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def test_statements_are_named_by_what_they_do_and_their_tables() -> None:
    assert tracing.named("SELECT a.b FROM users AS a JOIN sites ON a.c = sites.c WHERE x = ?") == (
        "SELECT",
        "users,sites",
    )
    assert tracing.named("INSERT INTO outbox (site_id) VALUES (?)") == ("INSERT", "outbox")
    assert tracing.named("UPDATE sessions SET a = 1") == ("UPDATE", "sessions")
