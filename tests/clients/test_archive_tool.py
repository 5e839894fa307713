"""An archive tool takes the recordings of half a year away, and nothing of them is left."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from parley.domain.recording import Recording, State
from parley.recordings.storage import new_key
from tests.clients.archive_tool import STEP, ArchiveTool
from tests.clients.dialects import all_dialects
from tests.clients.meeting_program import Refused
from tests.clients.programs import signed_in
from tests.server import TestSite
from tests.services.recordings import DAY, new_recording, now

DIALECTS = all_dialects()
MEGABYTE = 1024 * 1024


def stored(site: TestSite, folder: Path, content: bytes, days: int, **fields: Any) -> Recording:
    """A recording of so many days ago, with its file."""
    application = site.server.application
    key, path = new_key(site.site_id, "mp4"), folder / secrets.token_hex(8)
    path.write_bytes(content)
    site.server.run(application.storage.put(key, path))
    created = application.clock.now() - days * DAY - 3600
    return new_recording(site, file_key=key, size=len(content), created_at=created, **fields)


@pytest.mark.parametrize("dialect", ["tidy", "everything is qualified", "form with credentials", "capital letters"])
def test_recordings_are_loaded_deleted_and_purged(site: TestSite, tmp_path: Path, dialect: str) -> None:
    contents = {f"Lecture {place}": secrets.token_bytes(30_000 + place) for place in range(9)}
    made = [
        stored(site, tmp_path, content, 20 * place + 1, name=name, password="Secret12" if place % 4 == 0 else None)
        for place, (name, content) in enumerate(contents.items())
    ]
    new_recording(site, "host2", name="Somebody else's")
    last = datetime.now(UTC) + timedelta(minutes=5)
    first = last - timedelta(days=190)
    with signed_in(site, "host1", DIALECTS[dialect]) as program:
        tool = ArchiveTool(program)
        with pytest.raises(Refused) as refused:
            tool._between(first, last)
        assert refused.value.code == "000018"
        months = list(tool.months(first, last))
        assert len(months) == -(-timedelta(days=190) // STEP)
        rows = [row for month in months for row in month]
        assert [row.name for row in rows] == [each.name for each in reversed(made)]

        for row in rows:
            content = tool.load(row)
            assert content == contents[row.name]
            assert abs(row.size - len(content) / MEGABYTE) < 0.001
            tool.delete(row)
        assert [month for month in tool.months(first, last) if month] == []

        thrown = [each for row in rows for each in tool.in_trash(row.name)]
        assert [each.number for each in thrown] == [row.number for row in rows]
        assert tool.purge(thrown) == len(rows)
        assert tool.in_trash("Lecture 1") == []
    assert {now(site, each).state for each in made} == {State.GONE}
