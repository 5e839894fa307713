"""The schemas over HTTP."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import httpx
import pytest
from lxml import etree

from parley.protocol.versions import CHANGES, LEVELS
from parley.protocol.xsd import schema_files
from tests.server import Server

COMMON = "com/webex/schemas/2002/06/common/common.xsd"
LEVEL_NAMES = [level.text for level in LEVELS]


def test_index_says_what_each_level_changed(sqlite_server: Server) -> None:
    page = httpx.get(f"{sqlite_server.url}/schemas/")
    assert page.status_code == 200
    for level in LEVEL_NAMES:
        assert f'href="/schemas/{level}.zip"' in page.text
        assert f'href="/schemas/{level}/"' in page.text
    for change in CHANGES:
        assert change.summary in page.text.replace("&#39;", "'")


@pytest.mark.parametrize("level", LEVEL_NAMES)
def test_archive_holds_a_schema_that_loads(sqlite_server: Server, level: str, tmp_path: Path) -> None:
    answer = httpx.get(f"{sqlite_server.url}/schemas/{level}.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert f"{level}.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path)
    assert etree.XMLSchema(etree.parse(tmp_path / "all.xsd")) is not None


def test_files_are_those_of_the_level(sqlite_server: Server) -> None:
    for level in (LEVELS[0], LEVELS[-1]):
        listing = httpx.get(f"{sqlite_server.url}/schemas/{level}/").text
        for path, text in schema_files(level).items():
            assert f'href="/schemas/{level}/{path}"' in listing
            answer = httpx.get(f"{sqlite_server.url}/schemas/{level}/{path}")
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("application/xml")
            assert answer.text == text


def test_unchanged_files_are_not_sent_again(sqlite_server: Server) -> None:
    address = f"{sqlite_server.url}/schemas/42.6.0/{COMMON}"
    tag = httpx.get(address).headers["etag"]
    again = httpx.get(address, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("path", ["41.0.0/", "42.7.0.zip", "42.6/", "42.6.0/nothing.xsd", f"../{COMMON}", "x.zip"])
def test_what_there_is_not(sqlite_server: Server, path: str) -> None:
    assert httpx.get(f"{sqlite_server.url}/schemas/{path}").status_code == 404
