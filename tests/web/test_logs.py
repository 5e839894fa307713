"""What a server writes into its log."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from parley.protocol.declare import Record
from parley.seeing.asked import Asked
from parley.services import dispatcher
from parley.services.context import Context
from parley.services.registry import find
from parley.web import logs
from parley.web.logs import configure_logging, plain
from tests.server import Server


@pytest.fixture(autouse=True)
def _undo() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    logs.request_line = None
    root.handlers[:] = handlers
    root.setLevel(level)


def _fail(password: str) -> None:
    raise RuntimeError(f"defect after {len(password)} characters")


def test_a_defect_is_logged_with_its_frames_but_without_their_values(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    try:
        _fail("Secret-Pass-1")
    except RuntimeError:
        structlog.get_logger("test").exception("operation failed", reference="abc")
    written = capsys.readouterr().err
    entry = json.loads(written.splitlines()[-1])
    assert entry["reference"] == "abc"
    assert entry["exception"][0]["frames"][-1]["name"] == "_fail"
    assert "Secret-Pass-1" not in written


def test_a_defect_can_be_found_by_what_its_answer_says(
    sqlite_server: Server, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = sqlite_server.new_site()
    operation = find("meetingtype.LstMeetingType")
    assert operation is not None
    configure_logging("info")
    structlog.configure(cache_logger_on_first_use=False)  # those of later tests are to be as they were

    async def broken(_context: Context, _request: Any) -> Record:
        raise RuntimeError("first line\nDETAIL: Failing row contains (Secret-Pass-1)")

    replaced = dataclasses.replace(operation, run=broken)
    monkeypatch.setattr(dispatcher, "find", lambda _: replaced)
    client = site.client()
    response = client.http.post(client.url, content=client.document("meetingtype.LstMeetingType", ""))
    reference = re.search(r"reference ([0-9a-f]+)", response.text)
    assert reference is not None
    written = capfd.readouterr().err
    entries = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    (defect,) = [entry for entry in entries if entry["event"] == "operation failed"]
    assert defect["request_id"] == response.headers["X-Request-Id"]
    assert defect["reference"] == reference[1]
    assert (defect["operation"], defect["site"], defect["caller"]) == ("LstMeetingType", site.name, "host1")
    assert defect["exception"][0]["exc_value"] == "first line"
    assert "Secret-Pass-1" not in written


def test_values_with_the_names_of_secrets_are_stars(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    log = structlog.get_logger("test")
    log.info("x", password="Zq9", session_ticket="Zq9", csrf="Zq9", api_token="Zq9", Authorization="Zq9", note="fine")
    written = capsys.readouterr().err
    assert "Zq9" not in written
    assert json.loads(written.splitlines()[-1])["note"] == "fine"


def test_lines_for_people_move_no_cursor_and_stay_lines() -> None:
    assert plain("a\x1b[2J\nb\u2028c\u202ed\x85é") == "a?[2J?b?c?d?é"


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    configure_logging("info")
    with open("/dev/full", "w", buffering=1) as full:
        monkeypatch.setattr("sys.stderr", full)
        structlog.get_logger("test").warning("lost")
        logging.getLogger("test").error("lost")
        assert logs.request_line is not None
        logs.request_line(Asked("0123456789ab-1"), method="GET", status=200, seconds=0.1, size=1, client="x")
        monkeypatch.undo()
        with contextlib.suppress(OSError):
            full.close()


def test_what_libraries_tell_below_a_warning_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("debug")
    logging.getLogger("httpx").info("GET https://x/?token=Zq9")
    logging.getLogger("httpcore").debug("authorization: Zq9")
    assert "Zq9" not in capsys.readouterr().err
