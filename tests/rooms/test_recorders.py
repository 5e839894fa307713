"""Who records a room: its media server, or the browser of whoever began it."""

from __future__ import annotations

import pytest

from parley.config import Config
from parley.rooms.recorders import has_our_files


@pytest.mark.parametrize(
    ("janus", "records", "expected"),
    [
        ("ws://127.0.0.1:8188", False, True),
        ("ws://[::1]:8188/x", False, True),
        ("ws://janus:8188", False, False),
        ("ws://janus:8188", True, True),
        ("wss://127.0.0.1.example.org", False, False),
        (None, False, False),
    ],
)
def test_a_media_server_records_where_it_has_the_data_folder(janus: str | None, records: bool, expected: bool) -> None:
    assert has_our_files(Config(janus=janus, janus_records=records)) is expected
