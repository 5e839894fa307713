"""`/healthz` and `/readyz`: whether a process lives, and whether requests should come to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from parley.config import Config
from parley.store import Changes, migrations
from parley.store.query import Query
from parley.web.app import ParleyApp
from tests.server import Server

_PATHS = ("/healthz", "/health", "/readyz", "/ready")


class Asked:
    """An application without a server around it."""

    def __init__(self, app: ParleyApp) -> None:
        self.app = app
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")

    async def get(self, path: str) -> tuple[int, str]:
        answer = await self._http.get(path)
        return answer.status_code, answer.text.strip()

    async def close(self) -> None:
        await self._http.aclose()


@pytest.fixture
async def asked(database: str, tmp_path: Path) -> AsyncIterator[Asked]:
    url = database if "://" in database else f"sqlite:///{database}"
    app = ParleyApp(Config(data=str(tmp_path), database=url, mail_delivery=False))
    await app.start()
    asked = Asked(app)
    yield asked
    await asked.close()
    await app.stop()


def test_both_are_asked_by_two_names_and_kept_by_nobody(server: Server) -> None:
    for path in _PATHS:
        answer = httpx.get(server.url + path)
        assert (answer.status_code, answer.text) == (200, "ready\n" if "ready" in path else "ok\n")
        assert answer.headers["cache-control"] == "no-store"
        assert httpx.head(server.url + path).status_code == 200
        refused = httpx.post(server.url + path, content=b"x")
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


async def test_asking_loads_no_pages(asked: Asked) -> None:
    for path in _PATHS:
        assert (await asked.get(path))[0] == 200
    assert asked.app._pages is None


async def test_a_server_that_is_about_to_end_lives_and_is_not_ready(asked: Asked) -> None:
    asked.app.begin_draining()
    assert await asked.get("/readyz") == (503, "this server is about to end")
    assert await asked.get("/healthz") == (200, "ok")


@pytest.mark.parametrize(("revision", "status"), [("0009", 503), (migrations.HEAD, 200), ("9999", 200)])
async def test_ready_is_who_has_the_tables_it_needs(asked: Asked, revision: str, status: int) -> None:
    await write_revision(asked, revision)
    found, said = await asked.get("/readyz")
    assert found == status
    assert status == 200 or said == f"the database has revision 0009, not {migrations.HEAD}"
    await write_revision(asked, migrations.HEAD)


async def write_revision(asked: Asked, revision: str) -> None:
    changes = Changes()
    changes.add(Query(text(f"UPDATE alembic_version SET version_num = '{revision}'")))
    await asked.app.application.engine.commit(changes)


async def test_without_the_database_nobody_is_ready(asked: Asked) -> None:
    engine = asked.app.application.engine
    await engine.stop()
    assert await asked.get("/readyz") == (503, "the database does not answer")
    assert await asked.get("/healthz") == (200, "ok")
    await engine.start()
    assert await asked.get("/readyz") == (200, "ready")


async def test_a_database_that_hangs_is_not_waited_for(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("parley.store.meta.revision", hang)
    monkeypatch.setattr("parley.web.health._SECONDS", 0.01)
    assert await asked.get("/readyz") == (503, "the database does not answer")


async def test_a_database_without_tables_is_no_defect(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley.store.meta._REVISION", Query(text("SELECT version_num FROM nowhere")))
    assert await asked.get("/readyz") == (503, "the revision of the database cannot be read")
