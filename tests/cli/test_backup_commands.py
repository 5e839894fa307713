"""`parley backup` and `parley restore`, beside a running server."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_commands import data, parley
from tests.cli.test_site_commands import where_of
from tests.server import TestSite
from tests.services.meetings import create


def test_a_server_moves_to_another_folder(site: TestSite, tmp_path: Path) -> None:
    create(site.client(), "Moved")
    file, new = tmp_path / "all.tar", data(tmp_path / "new")
    printed = parley("backup", str(file), *where_of(site.server))
    assert f"{file} holds " in printed
    assert " rows of " in printed
    assert printed.partition(" holds ")[2] == parley("restore", str(file), "--check").partition(" is whole: ")[2]
    assert "restored " in parley("restore", str(file), *new)
    assert [path for path in (tmp_path / "new").rglob("*") if path.stat().st_mode & 0o077] == []
    assert site.name in parley("site", "list", *new)


def test_what_cannot_be_done_is_said_in_one_line(site: TestSite, tmp_path: Path) -> None:
    file = tmp_path / "all.tar"
    assert "No such file" in parley("restore", str(file), *data(tmp_path), code=1)
    parley("site", "create", "acme", *data(tmp_path))
    parley("backup", str(file), *data(tmp_path))
    assert parley("backup", str(file), *data(tmp_path), code=1) == f"parley: {file} is there already\n"
    refused = parley("restore", str(file), *data(tmp_path), code=1)
    assert refused == "parley: the database is not empty: a copy is put into a new one only\n"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])  # the end of it is only filling
    assert "damaged" in parley("restore", "--check", str(file), code=1)
    assert "there is no database" in parley("backup", str(tmp_path / "none.tar"), *data(tmp_path / "none"), code=1)
