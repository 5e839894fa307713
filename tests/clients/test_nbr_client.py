"""An archive tool that loads by the web services: month by month, deleted there, found in the trash, and purged."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from parley.domain.recording import State
from tests.clients.archive_tool import ArchiveTool
from tests.clients.nbr_client import NbrClient
from tests.clients.programs import signed_in
from tests.clients.test_archive_tool import stored
from tests.server import PASSWORD, TestSite
from tests.services.recordings import now


def test_recordings_are_taken_away(site: TestSite, tmp_path: Path) -> None:
    contents = {f"Lecture {place}": secrets.token_bytes(50_000 + place) for place in range(6)}
    made = [
        stored(site, tmp_path, content, 25 * place + 1, name=name)
        for place, (name, content) in enumerate(contents.items())
    ]
    last = datetime.now(UTC) + timedelta(minutes=5)
    with signed_in(site, "host1") as program, NbrClient(site.server.url, bare=True) as script:
        tool, ticket = ArchiveTool(program), script.ticket(site.site_id, "host1", PASSWORD)
        rows = [row for month in tool.months(last - timedelta(days=160), last) for row in month]
        assert len(rows) == len(made)
        who = ("siteId", site.site_id), ("userName", "host1"), ("password", PASSWORD)
        assert sorted(script.leaves("getNBRRecordIdList", *who)) == sorted(row.number for row in rows)
        for row in rows:
            number = int(row.number)
            assert tool.load(row) == contents[row.name]
            loaded = script.load_by_boundary(site.site_id, number, ticket)
            assert loaded.content == script.load_by_blank_lines(site.site_id, number, ticket).content
            assert loaded.content == contents[row.name]
            assert loaded.name == f"{row.name}.mp4"
            of = ("siteId", site.site_id), ("confId", 0), ("recordId", number), ("ticket", ticket)
            assert script.call("deleteNBRStorageFile", *of) == "true"
        assert script.leaves("getNBRRecordIdList", *who) == []
        thrown = [each for row in rows for each in tool.in_trash(row.name)]
        assert [each.number for each in thrown] == [row.number for row in rows]
        assert tool.purge(thrown) == len(rows)
    assert {now(site, each).state for each in made} == {State.GONE}
