"""What arrived of a recording is there, whole and in order, whatever happens in between."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.recordings.arriving import (
    MOST_PIECE,
    SILENCE,
    About,
    Arriving,
    Mark,
    Part,
    Refusal,
    all_arriving,
    going_on,
    path_of,
)


def about(recording_id: int = 7, **more: Any) -> About:
    values: dict[str, Any] = {"site_id": 1, "recording_id": recording_id, "session_key": 2, "conf_id": 3, "owner_id": 4}
    values |= {"creator_id": 4, "name": "Round", "service": "MeetingCenter", "host_email": "h@example.org"}
    values |= {"time_zone_id": 4, "tracking_codes": (), "stay_id": 5, "recorded_by": "Grace", "started_at": 1_000}
    return About(**{**values, "counted_at": 1_000, "parts": (Part("browser", 1_000),), **more})


def begun(root: Path, **more: Any) -> Arriving:
    facts = about(**more)
    found = Arriving(path_of(root, facts.site_id, facts.recording_id))
    found.create(facts)
    return found


def test_pieces_come_in_order_and_once(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    assert folder.next_piece(0) == 0
    assert folder.put(0, 0, b"a")
    assert folder.put(0, 1, b"b")
    assert not folder.put(0, 1, b"something else")
    with pytest.raises(Refusal) as refused:
        folder.put(0, 3, b"d")
    assert (refused.value.reason, refused.value.next_piece) == ("order", 2)
    assert folder.put(2, 0, b"other part")
    assert [(part, number, path.read_bytes()) for part, number, path in folder.pieces()] == [
        (0, 0, b"a"),
        (0, 1, b"b"),
        (2, 0, b"other part"),
    ]


@pytest.mark.parametrize(("part", "number", "size"), [(-1, 0, 1), (0, -1, 1), (1000, 0, 1), (0, 1_000_000, 1)])
def test_numbers_out_of_bounds(tmp_path: Path, part: int, number: int, size: int) -> None:
    folder = begun(tmp_path)
    with pytest.raises(Refusal):
        folder.put(part, number, bytes(size))
    with pytest.raises(Refusal, match="size"):
        folder.put(0, 0, bytes(MOST_PIECE + 1))
    assert folder.pieces() == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("go"), st.integers(1, 5_000)),
            st.tuples(st.just("pause"), st.integers(1, 5_000)),
        ),
        max_size=12,
    )
)
def test_only_what_is_recorded_counts(steps: list[tuple[str, int]]) -> None:
    now, expected, state = 1_000, 0, about()
    for kind, passed in steps:
        now += passed
        expected += 0 if state.paused else passed
        assert state.length(now) == expected
        state = state.counted(now, paused=kind == "pause")
    assert state.length(now) == expected


def test_parts_end_once() -> None:
    first = about().parted(5_000)
    assert [each.ended_at for each in first.parts] == [5_000]
    assert first.parted(6_000) == first
    assert about(parts=()).parted(5_000).parts == ()


def test_what_goes_on_is_found(tmp_path: Path) -> None:
    assert going_on(tmp_path, 1, 2) is None
    folder = begun(tmp_path)
    found = going_on(tmp_path, 1, 2)
    assert found is not None
    assert found.folder == folder.folder
    assert going_on(tmp_path, 1, 3) is None
    assert going_on(tmp_path, 11, 2) is None
    past = time.time() - SILENCE - 5
    for path in (folder.folder / "alive", folder.folder):
        os.utime(path, (past, past))
    assert going_on(tmp_path, 1, 2) is None
    folder.touch()
    assert going_on(tmp_path, 1, 2) is not None
    folder.write(about(ended_at=9_000))
    assert going_on(tmp_path, 1, 2) is None


def test_one_process_has_a_folder(tmp_path: Path) -> None:
    folder, other = begun(tmp_path), Arriving(path_of(tmp_path, 1, 7))
    with folder.claimed() as mine:
        assert mine
        with other.claimed() as theirs:
            assert not theirs
        folder.remove()
    with other.claimed() as theirs:
        assert not theirs


def test_a_claim_ends_with_its_process(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    child = os.fork()
    if child == 0:
        with folder.claimed():
            os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    with folder.claimed() as mine:
        assert mine


def test_what_is_no_recording_is_left_alone(tmp_path: Path) -> None:
    begun(tmp_path)
    begun(tmp_path, recording_id=8)
    (tmp_path / "1-9").mkdir()
    (tmp_path / "upload-x").mkdir()
    found = [each.about() for each in all_arriving(tmp_path)]
    assert sorted(each.recording_id for each in found if each is not None) == [7, 8]
    assert found.count(None) == 1
    (tmp_path / "1-8" / "about.json").write_bytes(b"{half")
    assert Arriving(tmp_path / "1-8").about() is None


def test_marks_and_everything_else_come_back(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    facts = about(marks=(Mark(5, "Äpfel & <Birnen>"),), tracking_codes=("a", None), note="why", tries=2)
    folder.write(facts)
    assert folder.about() == facts
    assert sorted(path.name for path in folder.folder.iterdir()) == ["about.json", "alive"]
