"""The stores that tests of files run on: a folder, and a bucket on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parley.config import Config
from parley.recordings.storage import Storage, open_storage
from tests.recordings.stores import S3Server, s3_server


@pytest.fixture(scope="package")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A server that speaks S3."""
    with s3_server(tmp_path_factory.mktemp("s3")) as started:
        yield started


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """An empty store of each kind."""
    if request.param == "folder":
        return open_storage(Config(data=str(tmp_path / "data")))
    bucket: S3Server = request.getfixturevalue("bucket")
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    return open_storage(Config(data=str(tmp_path / "data"), recordings=bucket.address(tmp_path.name)))
