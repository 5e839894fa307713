"""Tables that wait sealed in a folder: only the ticket opens them, for their owner, for half an hour."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from parley.services.staged_tables import SECONDS, Staged, sweep


def test_what_is_put_comes_back_by_the_ticket(tmp_path: Path) -> None:
    staged = Staged(tmp_path / "imports", "1/2")
    staged.put("rows", b"secret " * 100)
    staged.put("rows", b"other")
    staged.put("lines", b"")
    again = Staged(tmp_path / "imports", "1/2", staged.ticket)
    assert (again.get("rows"), again.get("lines"), again.get("none")) == (b"other", b"", None)
    assert len(list((tmp_path / "imports").iterdir())) == 2
    again.drop("rows")
    again.drop("rows")
    assert staged.get("rows") is None


def test_one_alone_takes_a_part(tmp_path: Path) -> None:
    staged = Staged(tmp_path, "1/2")
    staged.put("rows", b"secret")
    assert Staged(tmp_path, "1/3", "00" * 32).take("rows") is None
    again = Staged(tmp_path, "1/2", staged.ticket)
    assert [each.take("rows") for each in (again, staged)] == [b"secret", None]
    assert list(tmp_path.iterdir()) == []


def test_nobody_else_opens_it(tmp_path: Path) -> None:
    staged = Staged(tmp_path, "1/2")
    staged.put("rows", b"secret")
    for owner, ticket in (
        ("1/3", staged.ticket),
        ("2/2", staged.ticket),
        ("1/2", ""),
        ("1/2", "x" * 64),
        ("1/2", "é" * 64),
        ("1/2", "00" * 32),
        ("1/2", staged.ticket[:-2]),
        ("1/2", f"{staged.ticket} "),
    ):
        assert Staged(tmp_path, owner, ticket).get("rows") is None, (owner, ticket[:4])
    (path,) = tmp_path.iterdir()
    assert staged.ticket not in path.name
    assert b"secret" not in path.read_bytes()
    path.rename(path.with_name(path.name.replace("-rows", "-lines")))  # one part is not taken for another
    assert staged.get("lines") is None


@pytest.mark.parametrize("damage", [b"", b"x", b"y" * 100])
def test_what_was_damaged_is_not_there(tmp_path: Path, damage: bytes) -> None:
    staged = Staged(tmp_path, "1/2")
    staged.put("rows", b"secret")
    next(tmp_path.iterdir()).write_bytes(damage)
    assert staged.get("rows") is None


def test_what_is_old_is_swept_away(tmp_path: Path) -> None:
    sweep(tmp_path / "none")
    old, fresh = Staged(tmp_path, "1/2"), Staged(tmp_path, "1/2")
    old.put("rows", b"old")
    (path,) = tmp_path.iterdir()
    os.utime(path, (time.time() - SECONDS - 1,) * 2)
    fresh.put("rows", b"fresh")
    assert old.get("rows") is None
    sweep(tmp_path)
    assert not path.exists()
    assert fresh.get("rows") == b"fresh"
