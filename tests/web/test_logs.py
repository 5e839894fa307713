"""What a server writes into its log."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import structlog

from parley.web.logs import configure_logging


@pytest.fixture(autouse=True)
def _undo() -> Iterator[None]:
    yield
    structlog.reset_defaults()


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
